//! Taking offerings away: what a source no longer names, and what is withdrawn by hand.

use std::collections::HashSet;

use diesel::prelude::*;

use super::changes::{Contents, Entry, log};
use super::connection::AnyConnection;
use super::offerings::load;
use super::rows::to_json;
use super::schema::offering;
use super::{Actor, Store, StoreError, now};
use crate::domain::{ChangeKind, EntityKind, MunicipalityCode};

impl Store {
    /// Takes away the offerings of a source that it no longer names; tells how many.
    pub fn withdraw_others(
        &self,
        municipality: &MunicipalityCode,
        source: &str,
        named: &HashSet<String>,
        actor: &Actor,
    ) -> Result<usize, StoreError> {
        let gone = self.others(municipality, source, named)?;
        for some in gone.chunks(500) {
            self.write(|conn| withdraw(conn, some, actor))?;
        }
        Ok(gone.len())
    }

    /// The ids of the offerings of a source that it no longer names.
    pub fn others(
        &self,
        municipality: &MunicipalityCode,
        source: &str,
        named: &HashSet<String>,
    ) -> Result<Vec<String>, StoreError> {
        let rows: Vec<(String, Option<String>)> = offering::table
            .filter(offering::municipality.eq(municipality.as_str()))
            .filter(offering::source_name.eq(source))
            .filter(offering::deleted_at.is_null())
            .select((offering::id, offering::external_id))
            .load(&mut *self.connection()?)?;
        let gone = rows.into_iter().filter(|(_, external)| external.as_ref().is_none_or(|id| !named.contains(id)));
        Ok(gone.map(|(id, _)| id).collect())
    }
}

/// Takes away those of these offerings that are there; tells how many.
pub(super) fn withdraw(conn: &mut AnyConnection, ids: &[String], actor: &Actor) -> Result<usize, StoreError> {
    let mut entries = Vec::new();
    for stored in load(conn, ids)?.into_iter().filter(|stored| stored.deleted_at.is_none()) {
        let version = stored.version.0 + 1;
        let touched = diesel::update(offering::table)
            .filter(offering::id.eq(stored.id.to_string()))
            .filter(offering::version.eq(stored.version.0))
            .set((offering::version.eq(version), offering::changed_at.eq(now()), offering::deleted_at.eq(Some(now()))))
            .execute(conn)?;
        if touched == 0 {
            return Err(StoreError::Stale(stored.offering.name));
        }
        let before = Some(to_json("revision", &stored.offering.without_ids())?);
        entries.push(Entry {
            entity: EntityKind::Offering,
            entity_id: stored.id.to_string(),
            kind: ChangeKind::Deleted,
            revision: Some(Contents { version, before, after: None }),
        });
    }
    let count = entries.len();
    log(conn, entries, actor)?;
    Ok(count)
}
