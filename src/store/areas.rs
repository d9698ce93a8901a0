//! Areas, front doors, and where locations lie among them.

use std::collections::HashMap;

use diesel::prelude::*;

use super::changes::{BATCH, Entry, log};
use super::connection::{AnyConnection, per_backend};
use super::offerings::read_location;
use super::rows::{AreaRow, FrontDoorRow, LocationRow, from_json, to_json};
use super::schema::{area, front_door, location, session};
use super::{Actor, Store, StoreError, now};
use crate::domain::{Area, AreaCode, ChangeKind, EntityKind, FrontDoor, Location, Position};

/// What looking again where locations lie did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RelocatedLocations {
    /// How many locations lie in other areas than before.
    pub locations: usize,
    /// How many offerings are shown anew because of it.
    pub offerings: usize,
}

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

    /// Looks again in which areas the locations lie whose source does not tell it, as after new outlines.
    pub fn relocate(
        &self,
        locate: impl Fn(Position) -> Vec<AreaCode>,
        actor: &Actor,
    ) -> Result<RelocatedLocations, StoreError> {
        let mut done = RelocatedLocations::default();
        let mut after = String::new();
        loop {
            let rows: Vec<LocationRow> = location::table
                .filter(location::id.gt(&after))
                .filter(location::latitude.is_not_null())
                .order(location::id)
                .limit(500)
                .load(&mut *self.connection()?)?;
            let Some(last) = rows.last() else { return Ok(done) };
            after.clone_from(&last.id);
            let mut moved = Vec::new();
            for row in &rows {
                let known = read_location(row)?;
                // What the source said of its area stands; where it said nothing, nothing was found before or it was found.
                let ours = known.area_found || known.area.is_empty();
                let Some(position) = known.position.filter(|_| ours) else { continue };
                let found = locate(position);
                if found != known.area {
                    let area_found = !found.is_empty();
                    let now = Location { id: None, area: found, area_found, ..known };
                    moved.push((row.id.clone(), row.content.clone(), now));
                }
            }
            let offerings = self.write(|conn| move_locations(conn, &moved, actor))?;
            done.locations += moved.len();
            done.offerings += offerings;
        }
    }
}

/// Writes where locations lie, but for those that somebody else moved in between.
fn move_locations(
    conn: &mut AnyConnection,
    moved: &[(String, String, Location)],
    actor: &Actor,
) -> Result<usize, StoreError> {
    for (id, before, known) in moved {
        diesel::update(location::table.filter(location::id.eq(id)).filter(location::content.eq(before)))
            .set((
                location::content.eq(to_json("location", known)?),
                location::area_found.eq(known.area_found),
                location::changed_at.eq(now()),
            ))
            .execute(conn)?;
    }
    let ids: Vec<&str> = moved.iter().map(|(id, ..)| id.as_str()).collect();
    let shown: Vec<String> =
        session::table.filter(session::location_id.eq_any(ids)).select(session::offering_id).distinct().load(conn)?;
    let entries = shown.iter().map(|id| Entry::plain(EntityKind::Offering, id, ChangeKind::Written)).collect();
    log(conn, entries, actor)?;
    Ok(shown.len())
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
