//! Reading offerings: rows of four tables put together again.

use std::collections::HashMap;

use diesel::prelude::*;

use super::changes::BATCH;
use super::connection::AnyConnection;
use super::locations::read_location;
use super::rows::{
    InvolvementRow, LocationRow, OfferingRow, OrganizationRow, SessionRow, from_json, from_text, to_json,
};
use super::schema::{location, offering, offering_organization, organization, session};
use super::{Store, StoreError};
use crate::domain::{
    Involvement, ItemNumber, Location, MunicipalityCode, Offering, OfferingId, Organization, OrganizationId, Place,
    Role, Session, SessionId, StoredOffering, Version,
};

impl Store {
    /// The offerings with these ids, deleted ones too; those that never were are left out.
    pub fn offerings(&self, ids: &[OfferingId]) -> Result<Vec<StoredOffering>, StoreError> {
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        load(&mut *self.connection()?, &ids)
    }

    /// The offerings in which an organization has a part.
    pub fn offerings_of(&self, organization: &str) -> Result<Vec<OfferingId>, StoreError> {
        let mut conn = self.connection()?;
        let ids: Vec<String> = offering_organization::table
            .filter(offering_organization::organization_id.eq(organization))
            .select(offering_organization::offering_id)
            .distinct()
            .load(&mut *conn)?;
        ids.iter().map(|id| from_text(id)).collect()
    }

    /// Offerings in the order of their numbers, after one, at most so many; deleted ones too.
    ///
    /// What a new index and an export are made from, page by page.
    pub fn offerings_after(&self, after: ItemNumber, limit: i64) -> Result<Vec<StoredOffering>, StoreError> {
        let mut conn = self.connection()?;
        let ids: Vec<String> = offering::table
            .filter(offering::number.gt(after.0))
            .order(offering::number)
            .limit(limit)
            .select(offering::id)
            .load(&mut *conn)?;
        let mut found = load(&mut conn, &ids)?;
        found.sort_by_key(|stored| stored.number);
        Ok(found)
    }

    /// The ids of offerings in the order of their numbers, after one, at most so many; of deleted ones too.
    pub fn offering_ids_after(
        &self,
        after: ItemNumber,
        limit: i64,
    ) -> Result<Vec<(ItemNumber, OfferingId)>, StoreError> {
        let rows: Vec<(i64, String)> = offering::table
            .filter(offering::number.gt(after.0))
            .order(offering::number)
            .limit(limit)
            .select((offering::number, offering::id))
            .load(&mut *self.connection()?)?;
        rows.into_iter().map(|(number, id)| Ok((ItemNumber(number), from_text(&id)?))).collect()
    }

    /// Whether there are offerings of any other source than this one.
    pub fn has_other_sources(&self, source: &str) -> Result<bool, StoreError> {
        let others: i64 = offering::table
            .filter(offering::source_name.is_null().or(offering::source_name.ne(source)))
            .count()
            .get_result(&mut *self.connection()?)?;
        Ok(others > 0)
    }

    /// How many offerings are kept, deleted ones too.
    pub fn offering_count(&self) -> Result<i64, StoreError> {
        Ok(offering::table.count().get_result(&mut *self.connection()?)?)
    }
}

/// Loads offerings with their sessions, organizations and locations, in no order.
pub(super) fn load(conn: &mut AnyConnection, ids: &[String]) -> Result<Vec<StoredOffering>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<OfferingRow> = offering::table.filter(offering::id.eq_any(ids)).load(conn)?;
    let session_rows: Vec<SessionRow> = session::table
        .filter(session::offering_id.eq_any(ids))
        .order((session::offering_id, session::position))
        .load(conn)?;
    let involvement_rows: Vec<InvolvementRow> = offering_organization::table
        .filter(offering_organization::offering_id.eq_any(ids))
        .order((offering_organization::offering_id, offering_organization::position))
        .load(conn)?;

    let mut location_ids: Vec<&str> = session_rows.iter().filter_map(|row| row.location_id.as_deref()).collect();
    location_ids.sort_unstable();
    location_ids.dedup();
    let mut location_rows: Vec<LocationRow> = Vec::new();
    for some in location_ids.chunks(BATCH) {
        location_rows.extend(location::table.filter(location::id.eq_any(some)).load::<LocationRow>(conn)?);
    }
    let locations: HashMap<String, Location> = location_rows
        .into_iter()
        .map(|row| Ok((row.id.clone(), read_location(&row)?)))
        .collect::<Result<_, StoreError>>()?;

    let mut organization_ids: Vec<&str> = involvement_rows.iter().map(|row| row.organization_id.as_str()).collect();
    organization_ids.sort_unstable();
    organization_ids.dedup();
    let mut organization_rows: Vec<OrganizationRow> = Vec::new();
    for some in organization_ids.chunks(BATCH) {
        organization_rows
            .extend(organization::table.filter(organization::id.eq_any(some)).load::<OrganizationRow>(conn)?);
    }
    let organizations: HashMap<String, Organization> = organization_rows
        .into_iter()
        .map(|row| Ok((row.id.clone(), read_organization(&row)?)))
        .collect::<Result<_, StoreError>>()?;

    let mut sessions: HashMap<String, Vec<Session>> = HashMap::new();
    for row in session_rows {
        let mut read: Session = from_json("session", &row.content)?;
        read.id = Some(from_text::<SessionId>(&row.id)?);
        if let Some(found) = row.location_id.and_then(|id| locations.get(&id)) {
            read.place = Some(Place::Physical(found.clone()));
        }
        sessions.entry(row.offering_id).or_default().push(read);
    }
    let mut involvements: HashMap<String, Vec<Involvement>> = HashMap::new();
    for row in involvement_rows {
        let role: Role = from_json("role", &format!("\"{}\"", row.role))?;
        if let Some(found) = organizations.get(&row.organization_id) {
            involvements.entry(row.offering_id).or_default().push(Involvement { role, organization: found.clone() });
        }
    }
    rows.into_iter()
        .map(|row| {
            let mut content: Offering = from_json("offering", &row.content)?;
            content.sessions = sessions.remove(&row.id).unwrap_or_default();
            content.organization = involvements.remove(&row.id).unwrap_or_default();
            Ok(StoredOffering {
                id: from_text(&row.id)?,
                number: ItemNumber(row.number),
                municipality: from_text::<MunicipalityCode>(&row.municipality)?,
                version: Version(row.version),
                changed_at: row.changed_at.and_utc(),
                deleted_at: row.deleted_at.map(|at| at.and_utc()),
                offering: content,
            })
        })
        .collect()
}

/// The offering's own content: what is not in rows of its own.
pub(super) fn own_content(offering: &Offering) -> Result<String, StoreError> {
    let own = Offering { sessions: Vec::new(), organization: Vec::new(), ..offering.clone() };
    to_json("offering", &own)
}

/// The session's own content: without its id and its location.
pub(super) fn session_content(given: &Session) -> Result<String, StoreError> {
    let place = given.place.clone().filter(|place| place.location().is_none());
    to_json("session", &Session { id: None, place, ..given.clone() })
}

fn read_organization(row: &OrganizationRow) -> Result<Organization, StoreError> {
    let mut read: Organization = from_json("organization", &row.content)?;
    read.id = Some(from_text::<OrganizationId>(&row.id)?);
    Ok(read)
}
