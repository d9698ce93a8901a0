//! Areas, front doors, and where locations lie among them.

use std::collections::HashMap;

use diesel::prelude::*;

use super::changes::{BATCH, Entry, log};
use super::connection::{AnyConnection, per_backend};
use super::rows::{AreaRow, FrontDoorRow, from_json, to_json};
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
        self.write(|conn| {
            let codes: Vec<AreaCode> = areas.iter().map(|area| area.code.clone()).collect();
            let known: HashMap<AreaCode, Area> = load(conn, &codes)?
                .into_iter()
                .map(|area| (area.code.clone(), Area { front_doors: Vec::new(), ..area }))
                .collect();
            let plain = areas.iter().map(|area| Area { front_doors: Vec::new(), ..area.clone() });
            let changed: Vec<Area> = plain.filter(|area| known.get(&area.code) != Some(area)).collect();
            let rows: Vec<AreaRow> = changed.iter().map(area_row).collect::<Result<_, _>>()?;
            for some in rows.chunks(BATCH) {
                let codes: Vec<&str> = some.iter().map(|row| row.code.as_str()).collect();
                diesel::delete(area::table.filter(area::code.eq_any(codes))).execute(conn)?;
                per_backend!(conn, c => diesel::insert_into(area::table).values(some).execute(c)?);
            }
            let entries =
                rows.iter().map(|row| Entry::plain(EntityKind::Area, &row.code, ChangeKind::Written)).collect();
            log(conn, entries, actor)?;
            Ok(rows.len())
        })
    }

    /// Stores front doors, in place of those that their areas had; tells how many areas have others now.
    pub fn save_front_doors(&self, doors: &[FrontDoor], actor: &Actor) -> Result<usize, StoreError> {
        let mut by_area: HashMap<&AreaCode, Vec<&FrontDoor>> = HashMap::new();
        for door in doors {
            by_area.entry(&door.area).or_default().push(door);
        }
        self.write(|conn| {
            let mut entries = Vec::new();
            for (code, doors) in &by_area {
                let rows: Vec<FrontDoorRow> = (0..)
                    .zip(doors)
                    .map(|(position, door)| {
                        Ok(FrontDoorRow {
                            area_code: code.to_string(),
                            position,
                            content: to_json("front door", door)?,
                        })
                    })
                    .collect::<Result<_, StoreError>>()?;
                let before: Vec<String> = front_door::table
                    .filter(front_door::area_code.eq(code.as_str()))
                    .order(front_door::position)
                    .select(front_door::content)
                    .load(conn)?;
                if before.iter().eq(rows.iter().map(|row| &row.content)) {
                    continue;
                }
                diesel::delete(front_door::table.filter(front_door::area_code.eq(code.as_str()))).execute(conn)?;
                per_backend!(conn, c => diesel::insert_into(front_door::table).values(&rows).execute(c)?);
                entries.push(Entry::plain(EntityKind::Area, code.as_str(), ChangeKind::Written));
            }
            let count = entries.len();
            log(conn, entries, actor)?;
            Ok(count)
        })
    }
}

fn load(conn: &mut AnyConnection, codes: &[AreaCode]) -> Result<Vec<Area>, StoreError> {
    let codes: Vec<&str> = codes.iter().map(AreaCode::as_str).collect();
    let mut areas = Vec::with_capacity(codes.len());
    for some in codes.chunks(BATCH) {
        let rows: Vec<AreaRow> = area::table.filter(area::code.eq_any(some)).order(area::code).load(conn)?;
        let doors: Vec<FrontDoorRow> = front_door::table
            .filter(front_door::area_code.eq_any(some))
            .order((front_door::area_code, front_door::position))
            .load(conn)?;
        let mut by_area: HashMap<String, Vec<FrontDoor>> = HashMap::new();
        for row in doors {
            by_area.entry(row.area_code).or_default().push(from_json("front door", &row.content)?);
        }
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
