//! Areas and their front doors.

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;
use serde_json::Value;

use super::changes::{BATCH, Contents, Entry, log, versions};
use super::connection::{AnyConnection, per_backend};
use super::rows::{AreaRow, FrontDoorRow, from_json, from_value, to_json};
use super::schema::{area, front_door};
use super::{Actor, Store, StoreError, now};
use crate::domain::{Area, AreaCode, ChangeKind, EntityKind, FrontDoor};

impl Store {
    /// The areas with these codes, with their front doors.
    pub fn areas(&self, codes: &[AreaCode]) -> Result<Vec<Area>, StoreError> {
        load(&mut *self.connection()?, codes)
    }

    /// The codes of all areas, in order.
    pub fn area_codes(&self) -> Result<Vec<AreaCode>, StoreError> {
        let codes: Vec<String> = area::table.select(area::code).order(area::code).load(&mut *self.connection()?)?;
        codes.iter().map(|code| super::rows::from_text(code)).collect()
    }

    /// Stores areas as they are to be, front doors aside; tells how many were otherwise before.
    pub fn save_areas(&self, areas: &[Area], actor: &Actor) -> Result<usize, StoreError> {
        let codes: Vec<AreaCode> = areas.iter().map(|area| area.code.clone()).collect();
        let is_news = |known: &Areas, area: &Area| {
            known.get(&area.code).is_none_or(|known| without_doors(known) != without_doors(area))
        };
        self.change_areas(&codes, actor, |known| {
            let changed: Vec<Area> = areas.iter().filter(|area| is_news(known, area)).cloned().collect();
            let count = changed.len();
            (changed, count)
        })
    }

    /// Stores what is made of the areas with these codes, front doors aside: the function is given those that are
    /// known, and gives back those that are to be otherwise and what it has to tell. It is called again when another
    /// writer came between.
    ///
    /// A revision keeps what is needed to put the area back: the fields that were otherwise before, the outline among
    /// them only when it changed, and of the new values all but the outline, which is in the row of the area or in its
    /// next revision. The first write keeps nothing, so that the outlines of a country are not stored twice.
    pub fn change_areas<T>(
        &self,
        codes: &[AreaCode],
        actor: &Actor,
        mut change: impl FnMut(&Areas) -> (Vec<Area>, T),
    ) -> Result<T, StoreError> {
        self.write(|conn| {
            take_turns(conn)?;
            let known: Areas = load(conn, codes)?.into_iter().map(|area| (area.code.clone(), area)).collect();
            let (changed, told) = change(&known);
            let changed_codes: Vec<&str> = changed.iter().map(|area| area.code.as_str()).collect();
            let versions = versions(conn, EntityKind::Area, &changed_codes)?;
            write_areas(conn, &changed)?;
            let entries = changed.iter().map(|area| {
                let code = area.code.as_str();
                let version = versions.get(code).copied().unwrap_or(0) + 1;
                let (before, after) = match known.get(&area.code) {
                    None => (None, None),
                    Some(known) => {
                        let before = fields(&without_doors(known))?;
                        let (before, after) = difference(&before, &fields(&without_doors(area))?);
                        (Some(to_json("revision", &before)?), Some(to_json("revision", &after)?))
                    }
                };
                Ok(revised(code, ChangeKind::Written, version, before, after))
            });
            let entries = entries.collect::<Result<_, StoreError>>()?;
            log(conn, entries, actor)?;
            Ok(told)
        })
    }

    /// Stores front doors, in place of those that their areas had; tells how many areas have others now.
    pub fn save_front_doors(&self, doors: &[FrontDoor], actor: &Actor) -> Result<usize, StoreError> {
        let mut by_area: BTreeMap<&str, Vec<&FrontDoor>> = BTreeMap::new();
        for door in doors {
            by_area.entry(door.area.as_str()).or_default().push(door);
        }
        self.write(|conn| {
            take_turns(conn)?;
            let codes: Vec<&str> = by_area.keys().copied().collect();
            let versions = versions(conn, EntityKind::Area, &codes)?;
            let mut entries = Vec::new();
            for (code, doors) in &by_area {
                let known = load_doors(conn, &[code])?.remove(*code).unwrap_or_default();
                if known.iter().eq(doors.iter().copied()) {
                    continue;
                }
                let doors: Vec<FrontDoor> = doors.iter().copied().cloned().collect();
                write_doors(conn, code, &doors)?;
                let (before, after) = difference(&door_fields(&known)?, &door_fields(&doors)?);
                let version = versions.get(*code).copied().unwrap_or(0) + 1;
                let (before, after) = (to_json("revision", &before)?, to_json("revision", &after)?);
                entries.push(revised(code, ChangeKind::Written, version, Some(before), Some(after)));
            }
            let count = entries.len();
            log(conn, entries, actor)?;
            Ok(count)
        })
    }
}

/// Areas by their codes.
pub type Areas = HashMap<AreaCode, Area>;

/// The fields of an area as they are in JSON; without a name there is no such area, though it may have front doors.
pub(super) type Fields = serde_json::Map<String, Value>;

const NAME: &str = "name";
const OUTLINE: &str = "outline";
const FRONT_DOORS: &str = "frontDoors";

/// All that is there of an area.
pub(super) fn state(conn: &mut AnyConnection, code: &AreaCode) -> Result<Fields, StoreError> {
    match load(conn, std::slice::from_ref(code))?.pop() {
        Some(area) => fields(&area),
        None => door_fields(&load_doors(conn, &[code.as_str()])?.remove(code.as_str()).unwrap_or_default()),
    }
}

/// What was there before a revision that ended in this; `before` is what the revision keeps.
pub(super) fn undo(fields: &mut Fields, before: Option<Value>) {
    match before {
        Some(Value::Object(before)) => {
            for (field, value) in before {
                match value {
                    Value::Null => fields.remove(&field),
                    value => fields.insert(field, value),
                };
            }
        }
        // The first write of the area itself; its front doors may have come before.
        _ => fields.retain(|field, _| field == FRONT_DOORS),
    }
}

/// Makes an area what is asked; tells whether there was a difference.
pub(super) fn put(conn: &mut AnyConnection, code: &AreaCode, asked: Fields, actor: &Actor) -> Result<bool, StoreError> {
    let known = state(conn, code)?;
    if known == asked {
        return Ok(false);
    }
    let (before, after) = difference(&known, &asked);
    let doors: Vec<FrontDoor> = match asked.get(FRONT_DOORS) {
        Some(doors) => from_value("front doors", doors.clone())?,
        None => Vec::new(),
    };
    write_doors(conn, code.as_str(), &doors)?;
    let kind = if asked.contains_key(NAME) { ChangeKind::Written } else { ChangeKind::Deleted };
    match kind {
        ChangeKind::Written => write_areas(conn, &[from_value("area", Value::Object(asked))?])?,
        ChangeKind::Deleted => {
            diesel::delete(area::table.filter(area::code.eq(code.as_str()))).execute(conn)?;
        }
    }
    let version = versions(conn, EntityKind::Area, &[code.as_str()])?.remove(code.as_str()).unwrap_or(0) + 1;
    let (before, after) = (to_json("revision", &before)?, to_json("revision", &after)?);
    log(conn, vec![revised(code.as_str(), kind, version, Some(before), Some(after))], actor)?;
    Ok(true)
}

/// Lets one transaction at a time write areas, until it ends: what it writes is made from what it read.
pub(super) fn take_turns(conn: &mut AnyConnection) -> Result<(), StoreError> {
    if let AnyConnection::Postgres(c) = conn {
        diesel::sql_query("SELECT pg_advisory_xact_lock(7346003)").execute(c)?;
    }
    Ok(())
}

/// The fields that differ, with their values before and after; `null` where there was or is none.
fn difference(before: &Fields, after: &Fields) -> (Fields, Fields) {
    let differing = before.keys().chain(after.keys()).filter(|field| before.get(*field) != after.get(*field));
    let mut changed = (Fields::new(), Fields::new());
    for field in differing {
        changed.0.insert(field.clone(), before.get(field).cloned().unwrap_or_default());
        let value = after.get(field).cloned().unwrap_or_default();
        if field != OUTLINE || value.is_null() {
            changed.1.insert(field.clone(), value);
        }
    }
    changed
}

fn revised(code: &str, kind: ChangeKind, version: i64, before: Option<String>, after: Option<String>) -> Entry {
    let revision = Some(Contents { version, before, after });
    Entry { entity: EntityKind::Area, entity_id: code.into(), kind, revision }
}

fn fields(area: &Area) -> Result<Fields, StoreError> {
    match serde_json::to_value(area) {
        Ok(Value::Object(fields)) => Ok(fields),
        other => Err(StoreError::Content { what: area.code.to_string(), cause: format!("{other:?}").into() }),
    }
}

fn door_fields(doors: &[FrontDoor]) -> Result<Fields, StoreError> {
    let mut fields = Fields::new();
    if !doors.is_empty() {
        let value = serde_json::to_value(doors);
        let value = value.map_err(|cause| StoreError::Content { what: "front doors".into(), cause: cause.into() })?;
        fields.insert(FRONT_DOORS.into(), value);
    }
    Ok(fields)
}

fn without_doors(area: &Area) -> Area {
    Area { front_doors: Vec::new(), ..area.clone() }
}

/// Writes the rows of areas, without their front doors.
fn write_areas(conn: &mut AnyConnection, areas: &[Area]) -> Result<(), StoreError> {
    let rows: Vec<AreaRow> = areas.iter().map(area_row).collect::<Result<_, _>>()?;
    for some in rows.chunks(BATCH) {
        let codes: Vec<&str> = some.iter().map(|row| row.code.as_str()).collect();
        diesel::delete(area::table.filter(area::code.eq_any(codes))).execute(conn)?;
        per_backend!(conn, c => diesel::insert_into(area::table).values(some).execute(c)?);
    }
    Ok(())
}

/// Writes front doors in place of those that an area had.
fn write_doors(conn: &mut AnyConnection, code: &str, doors: &[FrontDoor]) -> Result<(), StoreError> {
    let row = |(position, door): (i32, &FrontDoor)| {
        Ok(FrontDoorRow { area_code: code.into(), position, content: to_json("front door", door)? })
    };
    let rows: Vec<FrontDoorRow> = (0..).zip(doors).map(row).collect::<Result<_, StoreError>>()?;
    diesel::delete(front_door::table.filter(front_door::area_code.eq(code))).execute(conn)?;
    if !rows.is_empty() {
        per_backend!(conn, c => diesel::insert_into(front_door::table).values(&rows).execute(c)?);
    }
    Ok(())
}

fn load_doors(conn: &mut AnyConnection, codes: &[&str]) -> Result<HashMap<String, Vec<FrontDoor>>, StoreError> {
    let rows: Vec<FrontDoorRow> = front_door::table
        .filter(front_door::area_code.eq_any(codes))
        .order((front_door::area_code, front_door::position))
        .load(conn)?;
    let mut by_area: HashMap<String, Vec<FrontDoor>> = HashMap::new();
    for row in rows {
        by_area.entry(row.area_code).or_default().push(from_json("front door", &row.content)?);
    }
    Ok(by_area)
}

fn load(conn: &mut AnyConnection, codes: &[AreaCode]) -> Result<Vec<Area>, StoreError> {
    let codes: Vec<&str> = codes.iter().map(AreaCode::as_str).collect();
    let mut areas = Vec::with_capacity(codes.len());
    for some in codes.chunks(BATCH) {
        let rows: Vec<AreaRow> = area::table.filter(area::code.eq_any(some)).order(area::code).load(conn)?;
        let mut by_area = load_doors(conn, some)?;
        for row in rows {
            let mut read: Area = from_json("area", &row.content)?;
            read.outline = row.outline.map(|outline| from_json("outline", &outline)).transpose()?;
            read.front_doors = by_area.remove(&row.code).unwrap_or_default();
            areas.push(read);
        }
    }
    Ok(areas)
}

fn area_row(given: &Area) -> Result<AreaRow, StoreError> {
    let own = Area { outline: None, front_doors: Vec::new(), ..given.clone() };
    Ok(AreaRow {
        code: given.code.to_string(),
        kind: given.code.kind().as_str().into(),
        name: given.name.clone(),
        content: to_json("area", &own)?,
        outline: given.outline.as_ref().map(|outline| to_json("outline", outline)).transpose()?,
        changed_at: now(),
    })
}
