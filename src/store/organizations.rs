//! Organizations: what the rows of a source say of them is heard, compared and stored.

use std::collections::HashMap;

use diesel::prelude::*;

use super::StoreError;
use super::changes::{BATCH, Entry};
use super::connection::{AnyConnection, per_backend};
use super::matching::organization_key;
use super::rows::{OrganizationRow, StatementRow, from_json, from_text};
use super::schema::{organization, organization_statement};
use super::statements::{Fields, Known, State, Statement};
use crate::domain::{MunicipalityCode, Offering, Organization};

/// Which organization a source names: the tenant, the source and the organization's key.
pub(super) type Naming = (MunicipalityCode, String, String);

/// An organization as its tenant finds it again.
pub(super) type OrganizationKey = (MunicipalityCode, String);

/// What one run of a source said of one organization.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said {
    /// The fields that a row has decided.
    pub fields: Fields,
    /// The fields that the source said before the run.
    pub before: Fields,
}

/// What is remembered from row to row while one source is read.
///
/// Many rows name the same organization. The first row of a run that says something of it decides; a file that
/// contradicts itself therefore ends the same each time it is read, and changes nothing the second time.
#[derive(Clone, Debug, Default)]
pub struct SourceRun {
    pub(super) named: HashMap<Naming, Said>,
    /// What a rehearsal would have stored, for the rows that come after.
    pub(super) rehearsed: HashMap<OrganizationKey, Known>,
}

/// The organizations of a tenant with these keys that are there, with what is said of them.
pub(super) fn load(
    conn: &mut AnyConnection,
    tenant: &MunicipalityCode,
    keys: &[&str],
) -> Result<HashMap<String, Known>, StoreError> {
    let mut rows: Vec<OrganizationRow> = Vec::new();
    for some in keys.chunks(BATCH) {
        let query = organization::table
            .filter(organization::municipality.eq(tenant.as_str()))
            .filter(organization::match_key.eq_any(some));
        rows.extend(query.load::<OrganizationRow>(conn)?);
    }
    Ok(known(conn, rows)?.into_iter().map(|(row, known)| (row.match_key, known)).collect())
}

/// The organization with this id, with its row and what is said of it.
pub(super) fn load_one(conn: &mut AnyConnection, id: &str) -> Result<Option<(OrganizationRow, Known)>, StoreError> {
    let rows: Vec<OrganizationRow> = organization::table.filter(organization::id.eq(id)).load(conn)?;
    Ok(known(conn, rows)?.pop())
}

/// Reads rows, with the statements of each.
fn known(conn: &mut AnyConnection, rows: Vec<OrganizationRow>) -> Result<Vec<(OrganizationRow, Known)>, StoreError> {
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let mut statements: HashMap<String, Vec<Statement>> = HashMap::new();
    for some in ids.chunks(BATCH) {
        let said: Vec<StatementRow> = organization_statement::table
            .filter(organization_statement::organization_id.eq_any(some))
            .order((organization_statement::organization_id, organization_statement::position))
            .load(conn)?;
        for row in said {
            statements.entry(row.organization_id).or_default().push(Statement {
                source: row.source_name,
                position: row.position,
                said: from_json("organization", &row.content)?,
                state: State::Stored,
            });
        }
    }
    rows.into_iter()
        .map(|row| {
            let known = Known {
                id: from_text(&row.id)?,
                version: row.version,
                said_version: row.said_version,
                shown: from_json("organization", &row.content)?,
                changed_at: row.changed_at,
                statements: statements.remove(&row.id).unwrap_or_default(),
            };
            Ok((row, known))
        })
        .collect()
}

/// What hearing the rows of a batch did to organizations: nothing of it is remembered before it is stored.
#[derive(Default)]
pub(super) struct Heard {
    pub named: HashMap<Naming, Said>,
    pub known: HashMap<OrganizationKey, Known>,
}

impl Heard {
    /// Takes down what the offerings of a tenant say of organizations, and collects what that changes.
    pub fn hear(
        &mut self,
        conn: &mut AnyConnection,
        tenant: &MunicipalityCode,
        offerings: &[&Offering],
        run: &SourceRun,
        rows: &mut Rows,
    ) -> Result<(), StoreError> {
        let named: Vec<(&str, String, &Organization)> = offerings
            .iter()
            .flat_map(|offering| offering.organization.iter().map(move |involvement| (offering, involvement)))
            .map(|(offering, involvement)| {
                let source = offering.source.as_ref().map(|source| source.name.as_str()).unwrap_or_default();
                (source, organization_key(&involvement.organization), &involvement.organization)
            })
            .collect();
        let mut keys: Vec<&str> = named.iter().map(|(_, key, _)| key.as_str()).collect();
        // Writers that touch the same rows in the same order do not wait for each other in a circle.
        keys.sort_unstable();
        keys.dedup();
        let mut known = load(conn, tenant, &keys)?;
        for (_, key, said) in &named {
            let of = known.entry(key.clone()).or_insert_with(|| Known::new(&said.name));
            if let Some(rehearsed) = run.rehearsed.get(&(tenant.clone(), key.clone())) {
                of.clone_from(rehearsed);
            }
        }
        for (source, key, said) in &named {
            let Some(of) = known.get_mut(key) else { continue };
            let naming = (tenant.clone(), (*source).to_owned(), key.clone());
            let before = run.named.get(&naming).copied();
            let told = self
                .named
                .entry(naming)
                .or_insert_with(|| before.unwrap_or_else(|| Said { fields: 0, before: of.fields_of(source) }));
            of.hear(source, said, &mut told.fields);
        }
        for key in keys {
            if let Some(mut of) = known.remove(key) {
                of.settle(tenant, key, rows)?;
                self.known.insert((tenant.clone(), key.to_owned()), of);
            }
        }
        Ok(())
    }
}

/// The rows of organizations that a transaction is to write.
#[derive(Default)]
pub(super) struct Rows {
    pub organizations: Vec<OrganizationRow>,
    /// With the versions that they were made from.
    pub changed: Vec<(OrganizationRow, (i64, i64))>,
    pub statements: Vec<StatementRow>,
    pub changed_statements: Vec<StatementRow>,
    pub gone_statements: Vec<StatementRow>,
    /// The changes of what is shown.
    pub entries: Vec<Entry>,
}

impl Rows {
    /// Stores them, but for the entries of the log.
    pub fn store(&self, conn: &mut AnyConnection) -> Result<(), StoreError> {
        for some in self.organizations.chunks(BATCH) {
            per_backend!(conn, c => diesel::insert_into(organization::table).values(some).execute(c)?);
        }
        for (row, (version, said_version)) in &self.changed {
            let touched = diesel::update(organization::table)
                .filter(organization::id.eq(&row.id))
                .filter(organization::version.eq(version))
                // What is shown follows from all statements, so nobody may have written another in between.
                .filter(organization::said_version.eq(said_version))
                .set((
                    organization::name.eq(&row.name),
                    organization::version.eq(row.version),
                    organization::said_version.eq(row.said_version),
                    organization::content.eq(&row.content),
                    organization::changed_at.eq(row.changed_at),
                ))
                .execute(conn)?;
            if touched == 0 {
                return Err(StoreError::Stale(row.name.clone()));
            }
        }
        for some in self.statements.chunks(BATCH) {
            per_backend!(conn, c => diesel::insert_into(organization_statement::table).values(some).execute(c)?);
        }
        for row in &self.changed_statements {
            diesel::update(organization_statement::table)
                .filter(organization_statement::organization_id.eq(&row.organization_id))
                .filter(organization_statement::source_name.eq(&row.source_name))
                .set((
                    organization_statement::content.eq(&row.content),
                    organization_statement::changed_at.eq(row.changed_at),
                ))
                .execute(conn)?;
        }
        for row in &self.gone_statements {
            diesel::delete(organization_statement::table)
                .filter(organization_statement::organization_id.eq(&row.organization_id))
                .filter(organization_statement::source_name.eq(&row.source_name))
                .execute(conn)?;
        }
        Ok(())
    }
}
