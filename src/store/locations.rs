//! Locations: found by what is said of them, and moved among the areas when outlines change.

use std::collections::HashMap;

use diesel::prelude::*;

use super::changes::{BATCH, Contents, Entry, log};
use super::connection::{AnyConnection, per_backend};
use super::matching::location_key;
use super::rows::{LocationRow, from_json, from_text, to_json};
use super::schema::{location, session};
use super::{Actor, Store, StoreError, now};
use crate::domain::{
    AreaCode, ChangeKind, EntityKind, Location, LocationId, MunicipalityCode, Offering, OfferingId, Position,
};

/// What looking again where locations lie did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RelocatedLocations {
    /// How many locations lie in other areas than before.
    pub locations: usize,
    /// How many offerings are shown anew because of it.
    pub offerings: usize,
}

impl Store {
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
            for row in rows {
                let known = read_location(&row)?;
                // What the source said of its area stands; where it said nothing, nothing was found before or it was found.
                let ours = known.area_found || known.area.is_empty();
                let Some(position) = known.position.filter(|_| ours) else { continue };
                let found = locate(position);
                if found != known.area {
                    let area_found = !found.is_empty();
                    moved.push((row, Location { id: None, area: found, area_found, ..known }));
                }
            }
            let some = self.write(|conn| move_locations(conn, &moved, actor))?;
            done.locations += some.locations;
            done.offerings += some.offerings;
        }
    }

    /// The offerings with a session at a location.
    pub fn offerings_at(&self, location: &str) -> Result<Vec<OfferingId>, StoreError> {
        let ids: Vec<String> = session::table
            .filter(session::location_id.eq(location))
            .select(session::offering_id)
            .distinct()
            .load(&mut *self.connection()?)?;
        ids.iter().map(|id| from_text(id)).collect()
    }
}

/// Writes where locations lie, but for those that somebody else moved in between.
pub(super) fn move_locations(
    conn: &mut AnyConnection,
    moved: &[(LocationRow, Location)],
    actor: &Actor,
) -> Result<RelocatedLocations, StoreError> {
    let mut entries = Vec::new();
    for (row, known) in moved {
        let (version, content) = (row.version + 1, to_json("location", known)?);
        let touched = diesel::update(location::table)
            .filter(location::id.eq(&row.id))
            .filter(location::version.eq(row.version))
            .set((
                location::content.eq(&content),
                location::area_found.eq(known.area_found),
                location::version.eq(version),
                location::changed_at.eq(now()),
            ))
            .execute(conn)?;
        if touched > 0 {
            entries.push(Entry {
                entity: EntityKind::Location,
                entity_id: row.id.clone(),
                kind: ChangeKind::Written,
                revision: Some(Contents { version, before: Some(row.content.clone()), after: Some(content) }),
            });
        }
    }
    let ids: Vec<&str> = entries.iter().map(|entry| entry.entity_id.as_str()).collect();
    let offerings: Vec<String> =
        session::table.filter(session::location_id.eq_any(ids)).select(session::offering_id).distinct().load(conn)?;
    let done = RelocatedLocations { locations: entries.len(), offerings: offerings.len() };
    log(conn, entries, actor)?;
    Ok(done)
}

/// The locations that sessions name, by tenant and key, and the rows of those that are new.
#[derive(Default)]
pub(super) struct Locations {
    pub ids: HashMap<(MunicipalityCode, String), LocationId>,
    new: Vec<LocationRow>,
}

impl Locations {
    /// Finds or makes the locations that the sessions name. A location is what is said of it: two sessions that say
    /// the same share one.
    pub fn find(
        &mut self,
        conn: &mut AnyConnection,
        tenant: &MunicipalityCode,
        offerings: &[&Offering],
    ) -> Result<(), StoreError> {
        let places = offerings.iter().flat_map(|o| &o.sessions).filter_map(|s| s.place.as_ref()?.location());
        let mut said = HashMap::new();
        for place in places {
            said.entry(location_key(place)?).or_insert(place);
        }
        let keys: Vec<&String> = said.keys().collect();
        let mut known: Vec<(String, String)> = Vec::new();
        for some in keys.chunks(BATCH) {
            let query = location::table
                .filter(location::municipality.eq(tenant.as_str()))
                .filter(location::match_key.eq_any(some))
                .select((location::match_key, location::id));
            known.extend(query.load::<(String, String)>(conn)?);
        }
        for (key, id) in known {
            said.remove(&key);
            self.ids.insert((tenant.clone(), key), from_text(&id)?);
        }
        for (key, place) in said {
            let id = LocationId::new();
            self.new.push(LocationRow {
                id: id.to_string(),
                municipality: tenant.to_string(),
                match_key: key.clone(),
                latitude: place.position.map(|at| at.lat()),
                longitude: place.position.map(|at| at.lon()),
                area_found: place.area_found,
                version: 1,
                content: to_json("location", &Location { id: None, ..place.clone() })?,
                changed_at: now(),
            });
            self.ids.insert((tenant.clone(), key), id);
        }
        Ok(())
    }

    /// Stores the new ones.
    pub fn store(&self, conn: &mut AnyConnection) -> Result<(), StoreError> {
        for some in self.new.chunks(BATCH) {
            per_backend!(conn, c => diesel::insert_into(location::table).values(some).execute(c)?);
        }
        Ok(())
    }
}

pub(super) fn read_location(row: &LocationRow) -> Result<Location, StoreError> {
    let mut read: Location = from_json("location", &row.content)?;
    read.id = Some(from_text(&row.id)?);
    Ok(read)
}
