//! What was changed, by whom and why; and putting back what was there before a change.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::changes::{log, read_change};
use super::connection::AnyConnection;
use super::locations::move_locations;
use super::offerings::load;
use super::organizations::{Rows, load_one};
use super::rows::{ChangeRow, LocationRow, RevisionRow, from_json, from_text, from_value, to_json};
use super::schema::{area, change, front_door, location, offering, organization, revision};
use super::withdraw::withdraw;
use super::write::Batch;
use super::{Actor, Store, StoreError};
use super::{areas, documents};
use crate::domain::{
    AreaCode, ChangeNumber, EntityKind, Location, Offering, Organization, PostcodeArea, Revision, Version, Wording,
};

impl Store {
    /// All that was done to something, the newest first; nothing when it never was.
    pub fn history(&self, entity: EntityKind, id: &str) -> Result<Option<Vec<Revision>>, StoreError> {
        let conn = &mut *self.connection()?;
        let rows: Vec<(RevisionRow, ChangeRow)> = revision::table
            .inner_join(change::table.on(change::number.eq(revision::change_number)))
            .filter(revision::entity.eq(entity.as_str()))
            .filter(revision::entity_id.eq(id))
            .order(revision::change_number.desc())
            .load(conn)?;
        if rows.is_empty() && !is_there(conn, entity, id)? {
            return Ok(None);
        }
        rows.into_iter().map(read_revision).collect::<Result<_, _>>().map(Some)
    }

    /// What a change did; nothing when there is no such change, or when it left no content to put back.
    pub fn revision(&self, number: ChangeNumber) -> Result<Option<Revision>, StoreError> {
        find(&mut *self.connection()?, number)
    }

    /// Puts back what was there before a change, as a new version, and tells what that did; nothing when it is so
    /// already, or when the change left nothing to put back.
    ///
    /// Before it was made it was not there: so it is withdrawn. An offering keeps the organizations as they are now.
    pub fn restore(&self, number: ChangeNumber, actor: &Actor) -> Result<Option<Revision>, StoreError> {
        self.write(|conn| restore(conn, number, actor))
    }

    /// Tells what [`Self::restore`] would do, and writes nothing.
    pub fn rehearse_restore(&self, number: ChangeNumber, actor: &Actor) -> Result<Option<Revision>, StoreError> {
        self.undone(|conn| restore(conn, number, actor))
    }
}

fn restore(conn: &mut AnyConnection, number: ChangeNumber, actor: &Actor) -> Result<Option<Revision>, StoreError> {
    let Some(wanted) = find(conn, number)? else { return Ok(None) };
    let (entity, id) = (wanted.change.entity, wanted.change.entity_id.clone());
    let is_done = match entity {
        EntityKind::Offering => restore_offering(conn, wanted, actor)?,
        EntityKind::Organization => restore_organization(conn, wanted, actor)?,
        EntityKind::Location => restore_location(conn, wanted, actor)?,
        EntityKind::Area => restore_area(conn, wanted, actor)?,
        EntityKind::Wording | EntityKind::Postcode => restore_document(conn, wanted, actor)?,
        EntityKind::Index => false,
    };
    if !is_done {
        return Ok(None);
    }
    let made: Option<i64> = revision::table
        .filter(revision::entity.eq(entity.as_str()))
        .filter(revision::entity_id.eq(&id))
        .select(diesel::dsl::max(revision::change_number))
        .first(conn)?;
    find(conn, ChangeNumber(made.unwrap_or_default()))
}

fn restore_offering(conn: &mut AnyConnection, wanted: Revision, actor: &Actor) -> Result<bool, StoreError> {
    let id = wanted.change.entity_id;
    let Some(before) = wanted.before else { return Ok(withdraw(conn, &[id], actor)? > 0) };
    let before: Offering = from_value("revision", before)?;
    let Some(stored) = load(conn, &[id])?.pop() else { return Ok(false) };
    let mut batch = Batch::default();
    let is_different = batch.rewrite(conn, &stored, before)?;
    batch.store(conn, actor)?;
    Ok(is_different)
}

fn restore_organization(conn: &mut AnyConnection, wanted: Revision, actor: &Actor) -> Result<bool, StoreError> {
    let (Some(before), Some((row, mut known))) = (wanted.before, load_one(conn, &wanted.change.entity_id)?) else {
        return Ok(false);
    };
    let before: Organization = from_value("revision", before)?;
    let mut rows = Rows::default();
    let is_different = known.show(before, &from_text(&row.municipality)?, &row.match_key, &mut rows)?;
    rows.store(conn)?;
    log(conn, rows.entries, actor)?;
    Ok(is_different)
}

fn restore_location(conn: &mut AnyConnection, wanted: Revision, actor: &Actor) -> Result<bool, StoreError> {
    let rows: Vec<LocationRow> = location::table.filter(location::id.eq(&wanted.change.entity_id)).load(conn)?;
    let (Some(before), Some(row)) = (wanted.before, rows.into_iter().next()) else { return Ok(false) };
    let before: Location = from_value("revision", before)?;
    if from_json::<Location>("location", &row.content)? == before {
        return Ok(false);
    }
    let name = row.id.clone();
    match move_locations(conn, &[(row, before)], actor)?.locations {
        0 => Err(StoreError::Stale(name)),
        _ => Ok(true),
    }
}

/// A revision of an area keeps what it changed, so what was there before is found going back from the present.
fn restore_area(conn: &mut AnyConnection, wanted: Revision, actor: &Actor) -> Result<bool, StoreError> {
    areas::take_turns(conn)?;
    let code: AreaCode = from_text(&wanted.change.entity_id)?;
    let mut fields = areas::state(conn, &code)?;
    let since: Vec<Option<String>> = revision::table
        .filter(revision::entity.eq(EntityKind::Area.as_str()))
        .filter(revision::entity_id.eq(code.as_str()))
        .filter(revision::change_number.ge(wanted.change.number.0))
        .order(revision::change_number.desc())
        .select(revision::before)
        .load(conn)?;
    for before in since {
        areas::undo(&mut fields, before.map(|before| from_json("revision", &before)).transpose()?);
    }
    areas::put(conn, &code, fields, actor)
}

fn restore_document(conn: &mut AnyConnection, wanted: Revision, actor: &Actor) -> Result<bool, StoreError> {
    let before = match wanted.before {
        // Through its type, so that it is the text that this edition writes.
        Some(before) if wanted.change.entity == EntityKind::Wording => {
            Some(to_json("wording", &from_value::<Wording>("revision", before)?)?)
        }
        Some(before) => Some(to_json("postcode", &from_value::<PostcodeArea>("revision", before)?)?),
        None => None,
    };
    let asked = BTreeMap::from([(wanted.change.entity_id, before)]);
    Ok(documents::put(conn, wanted.change.entity, asked, actor)? > 0)
}

fn find(conn: &mut AnyConnection, number: ChangeNumber) -> Result<Option<Revision>, StoreError> {
    let row: Option<(RevisionRow, ChangeRow)> = revision::table
        .inner_join(change::table.on(change::number.eq(revision::change_number)))
        .filter(revision::change_number.eq(number.0))
        .first(conn)
        .optional()?;
    row.map(read_revision).transpose()
}

fn read_revision((row, change): (RevisionRow, ChangeRow)) -> Result<Revision, StoreError> {
    let content = |text: Option<String>| text.map(|text| from_json("revision", &text)).transpose();
    Ok(Revision {
        change: read_change(change)?,
        version: Version(row.version),
        before: content(row.before)?,
        after: content(row.after)?,
        actor: row.actor,
        reason: row.reason,
    })
}

/// Whether there is such a thing, which may never have been changed.
fn is_there(conn: &mut AnyConnection, entity: EntityKind, id: &str) -> Result<bool, StoreError> {
    let count: i64 = match entity {
        EntityKind::Offering => offering::table.filter(offering::id.eq(id)).count().get_result(conn)?,
        EntityKind::Organization => organization::table.filter(organization::id.eq(id)).count().get_result(conn)?,
        EntityKind::Location => location::table.filter(location::id.eq(id)).count().get_result(conn)?,
        EntityKind::Area => {
            let doors: i64 = front_door::table.filter(front_door::area_code.eq(id)).count().get_result(conn)?;
            doors + area::table.filter(area::code.eq(id)).count().get_result::<i64>(conn)?
        }
        EntityKind::Wording | EntityKind::Postcode => documents::is_there(conn, entity, id)?,
        EntityKind::Index => 0,
    };
    Ok(count > 0)
}
