//! What is said of an organization, field by field.

use std::collections::HashSet;

use super::rows::{OrganizationRow, to_json};
use super::{StoreError, now};
use crate::domain::{MunicipalityCode, Organization};

pub(super) fn nameless(said: &Organization) -> Organization {
    Organization {
        id: None,
        name: said.name.clone(),
        provider_type: None,
        kvk: None,
        website: None,
        email: None,
        phone: None,
    }
}

/// Takes over what is said of an organization, field by field, where this run has not decided yet.
pub(super) fn settle(settled: &mut Organization, said: &Organization, decided: &mut HashSet<&'static str>) {
    fn field<T: Clone>(
        name: &'static str,
        settled: &mut Option<T>,
        said: &Option<T>,
        decided: &mut HashSet<&'static str>,
    ) {
        if said.is_some() && decided.insert(name) {
            settled.clone_from(said);
        }
    }
    if decided.insert("name") {
        settled.name.clone_from(&said.name);
    }
    field("providerType", &mut settled.provider_type, &said.provider_type, decided);
    field("kvk", &mut settled.kvk, &said.kvk, decided);
    field("website", &mut settled.website, &said.website, decided);
    field("email", &mut settled.email, &said.email, decided);
    field("phone", &mut settled.phone, &said.phone, decided);
}

pub(super) fn organization_row(
    tenant: &MunicipalityCode,
    key: &str,
    organization: &Organization,
    version: i64,
) -> Result<OrganizationRow, StoreError> {
    Ok(OrganizationRow {
        id: organization.id.unwrap_or_default().to_string(),
        municipality: tenant.to_string(),
        match_key: key.into(),
        name: organization.name.clone(),
        version,
        content: to_json("organization", &Organization { id: None, ..organization.clone() })?,
        changed_at: now(),
    })
}
