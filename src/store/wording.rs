//! The own words of municipalities.

use diesel::prelude::*;

use super::changes::{BATCH, Contents, Entry, log, versions};
use super::connection::{AnyConnection, per_backend};
use super::rows::{WordingRow, from_json, to_json};
use super::schema::wording;
use super::{Actor, Store, StoreError, now};
use crate::domain::{ChangeKind, EntityKind, MunicipalityCode, Wording};

impl Store {
    /// The own words of all municipalities that have any, by code.
    pub fn wordings(&self) -> Result<Vec<Wording>, StoreError> {
        read(wording::table.order(wording::municipality).load(&mut *self.connection()?)?)
    }

    /// The own words of some municipalities.
    pub fn wordings_of(&self, codes: &[MunicipalityCode]) -> Result<Vec<Wording>, StoreError> {
        let codes: Vec<&str> = codes.iter().map(MunicipalityCode::as_str).collect();
        let conn = &mut *self.connection()?;
        let mut found = Vec::new();
        for some in codes.chunks(BATCH) {
            let rows = wording::table.filter(wording::municipality.eq_any(some)).order(wording::municipality);
            found.extend(read(rows.load(conn)?)?);
        }
        Ok(found)
    }

    /// Stores the own words of municipalities in place of those that they had; one that says nothing takes them away.
    /// Tells how many were otherwise before.
    pub fn save_wordings(&self, wordings: &[Wording], actor: &Actor) -> Result<u64, StoreError> {
        self.write(|conn| save(conn, wordings, actor))
    }

    /// Tells what [`Self::save_wordings`] would do, and writes nothing.
    pub fn rehearse_wordings(&self, wordings: &[Wording], actor: &Actor) -> Result<u64, StoreError> {
        self.undone(|conn| save(conn, wordings, actor))
    }
}

fn save(conn: &mut AnyConnection, wordings: &[Wording], actor: &Actor) -> Result<u64, StoreError> {
    let mut count = 0;
    for wording in wordings {
        let content = Some(wording).filter(|wording| !wording.is_empty());
        count += u64::from(put(conn, wording.municipality.as_str(), content, actor)?);
    }
    Ok(count)
}

/// Makes the own words of a municipality what is asked; tells whether there was a difference.
pub(super) fn put(
    conn: &mut AnyConnection,
    municipality: &str,
    asked: Option<&Wording>,
    actor: &Actor,
) -> Result<bool, StoreError> {
    take_turns(conn)?;
    let rows: Vec<WordingRow> = wording::table.filter(wording::municipality.eq(municipality)).load(conn)?;
    let known = rows.into_iter().next().map(|row| row.content);
    let content = asked.map(|wording| to_json("wording", wording)).transpose()?;
    if known == content {
        return Ok(false);
    }
    diesel::delete(wording::table.filter(wording::municipality.eq(municipality))).execute(conn)?;
    if let Some(content) = &content {
        let row = WordingRow { municipality: municipality.into(), content: content.clone(), changed_at: now() };
        per_backend!(conn, c => diesel::insert_into(wording::table).values(&row).execute(c)?);
    }
    let kind = if content.is_some() { ChangeKind::Written } else { ChangeKind::Deleted };
    let version = versions(conn, EntityKind::Wording, &[municipality])?.remove(municipality).unwrap_or(0) + 1;
    let revision = Some(Contents { version, before: known, after: content });
    log(conn, vec![Entry { entity: EntityKind::Wording, entity_id: municipality.into(), kind, revision }], actor)?;
    Ok(true)
}

/// Lets one transaction at a time write own words, until it ends: what it writes is made from what it read.
fn take_turns(conn: &mut AnyConnection) -> Result<(), StoreError> {
    if let AnyConnection::Postgres(c) = conn {
        diesel::sql_query("SELECT pg_advisory_xact_lock(7346004)").execute(c)?;
    }
    Ok(())
}

fn read(rows: Vec<WordingRow>) -> Result<Vec<Wording>, StoreError> {
    rows.iter().map(|row| from_json("wording", &row.content)).collect()
}
