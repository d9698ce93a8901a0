//! What is one JSON text with a code of its own: the own words of municipalities, and postcodes.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde::de::DeserializeOwned;

use super::changes::{BATCH, Contents, Entry, log, versions};
use super::connection::{AnyConnection, per_backend};
use super::rows::{DocumentRow, from_json, to_json};
use super::schema::document;
use super::{Actor, Store, StoreError, now};
use crate::domain::{ChangeKind, EntityKind, MunicipalityCode, Postcode, PostcodeArea, Tally, Wording};

impl Store {
    /// The own words of all municipalities that have any, by code.
    pub fn wordings(&self) -> Result<Vec<Wording>, StoreError> {
        let rows = document::table.filter(document::entity.eq(EntityKind::Wording.as_str())).order(document::id);
        read(rows.load(&mut *self.connection()?)?)
    }

    /// The own words of some municipalities.
    pub fn wordings_of(&self, codes: &[MunicipalityCode]) -> Result<Vec<Wording>, StoreError> {
        let codes: Vec<&str> = codes.iter().map(MunicipalityCode::as_str).collect();
        load(&mut *self.connection()?, EntityKind::Wording, &codes)
    }

    /// Stores the own words of municipalities in place of those that they had; one that says nothing takes them away.
    /// Tells how many were otherwise before.
    pub fn save_wordings(&self, wordings: &[Wording], actor: &Actor) -> Result<u64, StoreError> {
        self.write(|conn| save_wordings(conn, wordings, actor))
    }

    /// Tells what [`Self::save_wordings`] would do, and writes nothing.
    pub fn rehearse_wordings(&self, wordings: &[Wording], actor: &Actor) -> Result<u64, StoreError> {
        self.undone(|conn| save_wordings(conn, wordings, actor))
    }

    /// The digits of all postcodes, in order.
    pub fn postcode_digits(&self) -> Result<Vec<Postcode>, StoreError> {
        let ids: Vec<String> = document::table
            .filter(document::entity.eq(EntityKind::Postcode.as_str()))
            .select(document::id)
            .order(document::id)
            .load(&mut *self.connection()?)?;
        ids.iter().map(|id| super::rows::from_text(id)).collect()
    }

    /// The postcodes with some digits.
    pub fn postcodes(&self, digits: &[Postcode]) -> Result<Vec<PostcodeArea>, StoreError> {
        let digits: Vec<&str> = digits.iter().map(Postcode::as_str).collect();
        load(&mut *self.connection()?, EntityKind::Postcode, &digits)
    }

    /// Adds what is told of postcodes to what is known; tells how many digits were new, otherwise, or just so.
    pub fn add_postcodes(&self, told: &[PostcodeArea], actor: &Actor) -> Result<Tally, StoreError> {
        self.write(|conn| add_postcodes(conn, told, actor))
    }

    /// Tells what [`Self::add_postcodes`] would do, and writes nothing.
    pub fn rehearse_postcodes(&self, told: &[PostcodeArea], actor: &Actor) -> Result<Tally, StoreError> {
        self.undone(|conn| add_postcodes(conn, told, actor))
    }
}

fn save_wordings(conn: &mut AnyConnection, wordings: &[Wording], actor: &Actor) -> Result<u64, StoreError> {
    let content = |wording: &Wording| {
        let said = Some(wording).filter(|wording| !wording.is_empty());
        said.map(|wording| to_json("wording", wording)).transpose()
    };
    let asked = wordings.iter().map(|wording| Ok((wording.municipality.to_string(), content(wording)?)));
    put(conn, EntityKind::Wording, asked.collect::<Result<_, StoreError>>()?, actor)
}

fn add_postcodes(conn: &mut AnyConnection, told: &[PostcodeArea], actor: &Actor) -> Result<Tally, StoreError> {
    take_turns(conn)?;
    let digits: Vec<&str> = told.iter().map(|area| area.digits.as_str()).collect();
    let known: Vec<PostcodeArea> = load(conn, EntityKind::Postcode, &digits)?;
    let mut merged: BTreeMap<String, PostcodeArea> =
        known.into_iter().map(|area| (area.digits.as_str().to_owned(), area)).collect();
    let before = merged.clone();
    for area in told {
        match merged.get_mut(area.digits.as_str()) {
            Some(known) => known.add(area),
            None => drop(merged.insert(area.digits.as_str().to_owned(), area.clone())),
        }
    }
    let new = merged.len() - before.len();
    let asked = merged.iter().map(|(id, area)| Ok((id.clone(), Some(to_json("postcode", area)?))));
    let written = put(conn, EntityKind::Postcode, asked.collect::<Result<_, StoreError>>()?, actor)?;
    let (new, all) = (new as u64, merged.len() as u64);
    Ok(Tally { new, changed: written - new, same: all - written })
}

/// Makes documents what is asked, those without content gone; tells how many were otherwise before.
pub(super) fn put(
    conn: &mut AnyConnection,
    entity: EntityKind,
    asked: BTreeMap<String, Option<String>>,
    actor: &Actor,
) -> Result<u64, StoreError> {
    take_turns(conn)?;
    let ids: Vec<&str> = asked.keys().map(String::as_str).collect();
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    for some in ids.chunks(BATCH) {
        let rows: Vec<DocumentRow> = document::table
            .filter(document::entity.eq(entity.as_str()))
            .filter(document::id.eq_any(some))
            .load(conn)?;
        known.extend(rows.into_iter().map(|row| (row.id, row.content)));
    }
    let versions = versions(conn, entity, &ids)?;
    let (mut rows, mut entries) = (Vec::new(), Vec::new());
    for (id, content) in asked {
        let before = known.remove(&id);
        if before == content {
            continue;
        }
        let kind = if content.is_some() { ChangeKind::Written } else { ChangeKind::Deleted };
        let version = versions.get(&id).copied().unwrap_or(0) + 1;
        let revision = Some(Contents { version, before, after: content.clone() });
        entries.push(Entry { entity, entity_id: id.clone(), kind, revision });
        rows.push((id, content));
    }
    for some in rows.chunks(BATCH) {
        let ids: Vec<&str> = some.iter().map(|(id, _)| id.as_str()).collect();
        let old = document::table.filter(document::entity.eq(entity.as_str())).filter(document::id.eq_any(ids));
        diesel::delete(old).execute(conn)?;
        let new = some.iter().filter_map(|(id, content)| {
            let (entity, content) = (entity.as_str().to_owned(), content.clone()?);
            Some(DocumentRow { entity, id: id.clone(), content, changed_at: now() })
        });
        let new: Vec<DocumentRow> = new.collect();
        if !new.is_empty() {
            per_backend!(conn, c => diesel::insert_into(document::table).values(&new).execute(c)?);
        }
    }
    let count = entries.len() as u64;
    log(conn, entries, actor)?;
    Ok(count)
}

/// Whether there is such a document.
pub(super) fn is_there(conn: &mut AnyConnection, entity: EntityKind, id: &str) -> Result<i64, StoreError> {
    Ok(document::table.find((entity.as_str(), id)).count().get_result(conn)?)
}

/// Lets one transaction at a time write documents, until it ends: what it writes is made from what it read.
fn take_turns(conn: &mut AnyConnection) -> Result<(), StoreError> {
    if let AnyConnection::Postgres(c) = conn {
        diesel::sql_query("SELECT pg_advisory_xact_lock(7346004)").execute(c)?;
    }
    Ok(())
}

fn load<T: DeserializeOwned>(conn: &mut AnyConnection, entity: EntityKind, ids: &[&str]) -> Result<Vec<T>, StoreError> {
    let mut found = Vec::new();
    for some in ids.chunks(BATCH) {
        let rows = document::table.filter(document::entity.eq(entity.as_str())).filter(document::id.eq_any(some));
        found.extend(read(rows.order(document::id).load(conn)?)?);
    }
    Ok(found)
}

fn read<T: DeserializeOwned>(rows: Vec<DocumentRow>) -> Result<Vec<T>, StoreError> {
    rows.iter().map(|row| from_json(&row.entity, &row.content)).collect()
}
