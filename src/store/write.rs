//! Writing offerings: what a source says of them, compared with what is there.

use std::collections::{HashMap, HashSet};

use super::changes::{BATCH, Contents, Entry, log};
use super::connection::{AnyConnection, per_backend};
use super::matching::{kept_ids, location_key, organization_key, same};
use super::offerings::{load, own_content, read_organization, session_content};
use super::organizations::{nameless, organization_row, settle};
use super::rows::{InvolvementRow, LocationRow, OfferingRow, OrganizationRow, SessionRow, from_text, to_json};
use super::schema::{location, municipality, offering, offering_organization, organization, session};
use super::{Store, StoreError, now};
use crate::domain::{
    ChangeKind, EntityKind, Involvement, Location, LocationId, MunicipalityCode, Offering, OfferingId, Organization,
    OrganizationId, Place, Session, StoredOffering,
};
use diesel::prelude::*;

/// Who writes, and why: kept with every revision.
#[derive(Clone, Debug)]
pub struct Actor {
    /// A role or a source, as `import:amsterdam`; never a person's name.
    pub name: String,
    /// Why, if it was said.
    pub reason: Option<String>,
}

/// An offering as a source says it is. Its source names it: `source.name` with `source.external_id`.
#[derive(Clone, Debug)]
pub struct OfferingWrite {
    /// Who keeps it.
    pub municipality: MunicipalityCode,
    /// What is said of it.
    pub offering: Offering,
}

/// What a write did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was not there before.
    New,
    /// It was there and is otherwise now.
    Changed,
    /// It was there and is the same.
    Same,
}

/// What is remembered from row to row while one source is read.
///
/// Many rows name the same organization. The first row of a run that says something of it decides; a file that
/// contradicts itself therefore ends the same each time it is read, and changes nothing the second time.
#[derive(Clone, Debug, Default)]
pub struct SourceRun {
    decided: HashMap<(MunicipalityCode, String), HashSet<&'static str>>,
}

impl Store {
    /// Writes what a source says of some offerings, in one transaction, and tells for each what it did.
    ///
    /// No two of them may have the same municipality, source and external id.
    ///
    /// # Errors
    /// [`StoreError::Unreachable`] without a database; nothing is written then.
    pub fn upsert(
        &self,
        writes: &[OfferingWrite],
        run: &mut SourceRun,
        actor: &Actor,
    ) -> Result<Vec<Outcome>, StoreError> {
        let (outcomes, after) = self.write(|conn| {
            // A transaction that is tried again begins with what was known before it.
            let mut run = run.clone();
            let mut batch = Batch::default();
            let outcomes = batch.prepare(conn, writes, &mut run, new_numbers)?;
            batch.store(conn, actor)?;
            Ok((outcomes, run))
        })?;
        *run = after;
        Ok(outcomes)
    }

    /// Tells what [`Self::upsert`] would do, and writes nothing.
    pub fn rehearse(&self, writes: &[OfferingWrite], run: &mut SourceRun) -> Result<Vec<Outcome>, StoreError> {
        let mut rehearsed = None;
        let undone = self.write(|conn| {
            let mut run = run.clone();
            rehearsed = Some((Batch::default().prepare(conn, writes, &mut run, no_numbers)?, run));
            Err::<(), _>(diesel::result::Error::RollbackTransaction.into())
        });
        match (rehearsed, undone) {
            (Some((outcomes, after)), Err(StoreError::Database(diesel::result::Error::RollbackTransaction))) => {
                *run = after;
                Ok(outcomes)
            }
            (_, undone) => undone.map(|()| Vec::new()),
        }
    }

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

fn withdraw(conn: &mut AnyConnection, ids: &[String], actor: &Actor) -> Result<usize, StoreError> {
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

/// The rows of one transaction, collected before they are stored.
#[derive(Default)]
struct Batch {
    organizations: Vec<OrganizationRow>,
    changed_organizations: Vec<OrganizationRow>,
    locations: Vec<LocationRow>,
    offerings: Vec<OfferingRow>,
    changed_offerings: Vec<OfferingRow>,
    involvements: Vec<InvolvementRow>,
    sessions: Vec<SessionRow>,
    entries: Vec<Entry>,
}

impl Batch {
    /// Compares what is said with what is there, and collects the rows that make the difference.
    fn prepare(
        &mut self,
        conn: &mut AnyConnection,
        writes: &[OfferingWrite],
        run: &mut SourceRun,
        draw: impl Fn(&mut AnyConnection, usize) -> Result<Vec<i64>, StoreError>,
    ) -> Result<Vec<Outcome>, StoreError> {
        let mut by_tenant: HashMap<&MunicipalityCode, Vec<&Offering>> = HashMap::new();
        for write in writes {
            by_tenant.entry(&write.municipality).or_default().push(&write.offering);
        }
        let mut organizations = HashMap::new();
        let mut locations = HashMap::new();
        for (tenant, offerings) in &by_tenant {
            ensure_municipality(conn, tenant)?;
            organizations.extend(self.settle_organizations(conn, tenant, offerings, run)?);
            locations.extend(self.settle_locations(conn, tenant, offerings)?);
        }
        let existing = existing(conn, writes)?;
        let fresh = writes.iter().filter(|write| !existing.contains_key(&key_of(write))).count();
        let mut numbers = draw(conn, fresh)?.into_iter();
        let retold: HashSet<String> = self.changed_organizations.iter().map(|row| row.id.clone()).collect();

        writes
            .iter()
            .map(|write| {
                let mut said = write.offering.clone();
                for involvement in &mut said.organization {
                    let key = (write.municipality.clone(), organization_key(&involvement.organization));
                    if let Some(settled) = organizations.get(&key) {
                        involvement.organization = settled.clone();
                    }
                }
                for session in &mut said.sessions {
                    if let Some(Place::Physical(place)) = &mut session.place {
                        place.id = locations.get(&(write.municipality.clone(), location_key(place)?)).copied();
                    }
                }
                match existing.get(&key_of(write)) {
                    Some(stored) if stored.deleted_at.is_none() && same(&stored.offering, &said) => {
                        // The public sees something else, though the change is the organization's.
                        let mut organizations = said.organization.iter().filter_map(|i| i.organization.id);
                        let is_retold = organizations.any(|id| retold.contains(&id.to_string()));
                        Ok(if is_retold { Outcome::Changed } else { Outcome::Same })
                    }
                    Some(stored) => self.change(stored, said).map(|()| Outcome::Changed),
                    None => {
                        // As many numbers were drawn as there are new ones.
                        let number = numbers.next().ok_or_else(|| StoreError::Stale("the row of numbers".into()))?;
                        self.add(&write.municipality, number, said).map(|()| Outcome::New)
                    }
                }
            })
            .collect()
    }

    fn add(&mut self, tenant: &MunicipalityCode, number: i64, said: Offering) -> Result<(), StoreError> {
        let (id, at) = (OfferingId::new(), now());
        self.offerings.push(OfferingRow {
            id: id.to_string(),
            number,
            municipality: tenant.to_string(),
            source_name: said.source.as_ref().map(|source| source.name.clone()),
            external_id: said.source.as_ref().and_then(|source| source.external_id.clone()),
            name: said.name.clone(),
            state: said.status.state.as_str().into(),
            version: 1,
            content: own_content(&said)?,
            created_at: at,
            changed_at: at,
            deleted_at: None,
        });
        self.parts(id, &said, &[])?;
        self.revise(id, 1, None, &said)
    }

    fn change(&mut self, stored: &StoredOffering, said: Offering) -> Result<(), StoreError> {
        let version = stored.version.0 + 1;
        self.changed_offerings.push(OfferingRow {
            id: stored.id.to_string(),
            number: stored.number.0,
            municipality: stored.municipality.to_string(),
            source_name: said.source.as_ref().map(|source| source.name.clone()),
            external_id: said.source.as_ref().and_then(|source| source.external_id.clone()),
            name: said.name.clone(),
            state: said.status.state.as_str().into(),
            version,
            content: own_content(&said)?,
            created_at: stored.changed_at.naive_utc(),
            changed_at: now(),
            deleted_at: None,
        });
        self.parts(stored.id, &said, &stored.offering.sessions)?;
        self.revise(stored.id, version, Some(&stored.offering), &said)
    }

    fn parts(&mut self, id: OfferingId, said: &Offering, before: &[Session]) -> Result<(), StoreError> {
        for (position, involvement) in (0..).zip(&said.organization) {
            let Some(organization) = involvement.organization.id else { continue };
            self.involvements.push(InvolvementRow {
                offering_id: id.to_string(),
                position,
                organization_id: organization.to_string(),
                role: to_json("role", &involvement.role)?.trim_matches('"').into(),
            });
        }
        let ids = kept_ids(before, &said.sessions);
        for ((position, session), session_id) in (0..).zip(&said.sessions).zip(ids) {
            let location_id = session.place.as_ref().and_then(Place::location).and_then(|place| place.id);
            self.sessions.push(SessionRow {
                id: session_id.to_string(),
                offering_id: id.to_string(),
                position,
                location_id: location_id.map(|id| id.to_string()),
                content: session_content(session)?,
            });
        }
        Ok(())
    }

    fn revise(
        &mut self,
        id: OfferingId,
        version: i64,
        before: Option<&Offering>,
        after: &Offering,
    ) -> Result<(), StoreError> {
        let before = before.map(|before| to_json("revision", &before.without_ids())).transpose()?;
        let after = Some(to_json("revision", &after.without_ids())?);
        self.entries.push(Entry {
            entity: EntityKind::Offering,
            entity_id: id.to_string(),
            kind: ChangeKind::Written,
            revision: Some(Contents { version, before, after }),
        });
        Ok(())
    }

    /// Finds or makes the organizations that the offerings name, by their folded names.
    fn settle_organizations(
        &mut self,
        conn: &mut AnyConnection,
        tenant: &MunicipalityCode,
        offerings: &[&Offering],
        run: &mut SourceRun,
    ) -> Result<HashMap<(MunicipalityCode, String), Organization>, StoreError> {
        let named: Vec<(String, &Organization)> = offerings
            .iter()
            .flat_map(|offering| &offering.organization)
            .map(|involvement: &Involvement| (organization_key(&involvement.organization), &involvement.organization))
            .collect();
        let keys: HashSet<&str> = named.iter().map(|(key, _)| key.as_str()).collect();
        let keys: Vec<&str> = keys.into_iter().collect();
        let mut rows: Vec<OrganizationRow> = Vec::new();
        for some in keys.chunks(BATCH) {
            let query = organization::table
                .filter(organization::municipality.eq(tenant.as_str()))
                .filter(organization::match_key.eq_any(some));
            rows.extend(query.load::<OrganizationRow>(conn)?);
        }
        let mut known = HashMap::new();
        let mut before_rows = HashMap::new();
        for row in rows {
            known.insert(row.match_key.clone(), (read_organization(&row)?, row.version, false));
            before_rows.insert(row.match_key, row.content);
        }
        for (key, said) in named {
            let decided = run.decided.entry((tenant.clone(), key.clone())).or_default();
            let (settled, version, touched) = known.entry(key).or_insert_with(|| {
                let made = Organization { id: Some(OrganizationId::new()), ..nameless(said) };
                (made, 0, true)
            });
            let before = settled.clone();
            settle(settled, said, decided);
            *touched |= *version > 0 && before != *settled;
        }
        let mut settled = HashMap::new();
        let mut known: Vec<_> = known.into_iter().collect();
        // Writers that touch the same rows in the same order do not wait for each other in a circle.
        known.sort_by(|a, b| a.0.cmp(&b.0));
        for (key, (organization, version, touched)) in known {
            if touched {
                let row = organization_row(tenant, &key, &organization, version + 1)?;
                if version == 0 {
                    self.organizations.push(row);
                } else {
                    self.entries.push(Entry {
                        entity: EntityKind::Organization,
                        entity_id: row.id.clone(),
                        kind: ChangeKind::Written,
                        revision: Some(Contents {
                            version: row.version,
                            before: before_rows.remove(&key),
                            after: Some(row.content.clone()),
                        }),
                    });
                    self.changed_organizations.push(row);
                }
            }
            settled.insert((tenant.clone(), key), organization);
        }
        Ok(settled)
    }

    /// Finds or makes the locations that the sessions name. A location is what is said of it: two sessions that say
    /// the same share one.
    fn settle_locations(
        &mut self,
        conn: &mut AnyConnection,
        tenant: &MunicipalityCode,
        offerings: &[&Offering],
    ) -> Result<HashMap<(MunicipalityCode, String), LocationId>, StoreError> {
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
        let mut ids = HashMap::new();
        for (key, id) in known {
            said.remove(&key);
            ids.insert((tenant.clone(), key), from_text(&id)?);
        }
        for (key, place) in said {
            let id = LocationId::new();
            self.locations.push(LocationRow {
                id: id.to_string(),
                municipality: tenant.to_string(),
                match_key: key.clone(),
                latitude: place.position.map(|at| at.lat()),
                longitude: place.position.map(|at| at.lon()),
                area_found: place.area_found,
                content: to_json("location", &Location { id: None, ..place.clone() })?,
                changed_at: now(),
            });
            ids.insert((tenant.clone(), key), id);
        }
        Ok(ids)
    }

    /// Stores all rows, and last of all numbers the changes.
    fn store(self, conn: &mut AnyConnection, actor: &Actor) -> Result<(), StoreError> {
        macro_rules! insert {
            ($table:path, $rows:expr) => {
                for some in $rows.chunks(BATCH) {
                    per_backend!(conn, c => diesel::insert_into($table).values(some).execute(c)?);
                }
            };
        }
        insert!(organization::table, self.organizations);
        insert!(location::table, self.locations);
        insert!(offering::table, self.offerings);
        for row in &self.changed_organizations {
            let touched = diesel::update(organization::table)
                .filter(organization::id.eq(&row.id))
                .filter(organization::version.eq(row.version - 1))
                .set((
                    organization::name.eq(&row.name),
                    organization::version.eq(row.version),
                    organization::content.eq(&row.content),
                    organization::changed_at.eq(row.changed_at),
                ))
                .execute(conn)?;
            if touched == 0 {
                return Err(StoreError::Stale(row.name.clone()));
            }
        }
        for row in &self.changed_offerings {
            let touched = diesel::update(offering::table)
                .filter(offering::id.eq(&row.id))
                .filter(offering::version.eq(row.version - 1))
                .set((
                    offering::name.eq(&row.name),
                    offering::state.eq(&row.state),
                    offering::version.eq(row.version),
                    offering::content.eq(&row.content),
                    offering::changed_at.eq(row.changed_at),
                    offering::deleted_at.eq(row.deleted_at),
                ))
                .execute(conn)?;
            if touched == 0 {
                return Err(StoreError::Stale(row.name.clone()));
            }
        }
        let rewritten: Vec<&str> = self.changed_offerings.iter().map(|row| row.id.as_str()).collect();
        diesel::delete(session::table.filter(session::offering_id.eq_any(&rewritten))).execute(conn)?;
        diesel::delete(offering_organization::table.filter(offering_organization::offering_id.eq_any(&rewritten)))
            .execute(conn)?;
        insert!(offering_organization::table, self.involvements);
        insert!(session::table, self.sessions);
        log(conn, self.entries, actor)
    }
}

type SourceKey<'a> = (&'a str, Option<&'a str>, Option<&'a str>);

fn key_of(write: &OfferingWrite) -> SourceKey<'_> {
    let source = write.offering.source.as_ref();
    let external_id = source.and_then(|source| source.external_id.as_deref());
    (write.municipality.as_str(), source.map(|source| source.name.as_str()), external_id)
}

/// The offerings that are there already, by what their sources call them.
fn existing<'w>(
    conn: &mut AnyConnection,
    writes: &'w [OfferingWrite],
) -> Result<HashMap<SourceKey<'w>, StoredOffering>, StoreError> {
    let mut by_source: HashMap<(&str, &str), Vec<SourceKey<'w>>> = HashMap::new();
    for write in writes {
        let key = key_of(write);
        if let (tenant, Some(source), Some(_)) = key {
            by_source.entry((tenant, source)).or_default().push(key);
        }
    }
    let mut found = HashMap::new();
    for ((tenant, source), keys) in by_source {
        let external_ids = keys.iter().filter_map(|key| key.2);
        let rows: Vec<(Option<String>, String)> = offering::table
            .filter(offering::municipality.eq(tenant))
            .filter(offering::source_name.eq(source))
            .filter(offering::external_id.eq_any(external_ids))
            .select((offering::external_id, offering::id))
            .load(conn)?;
        let ids: Vec<String> = rows.iter().map(|(_, id)| id.clone()).collect();
        let mut stored: HashMap<String, StoredOffering> =
            load(conn, &ids)?.into_iter().map(|stored| (stored.id.to_string(), stored)).collect();
        let by_external: HashMap<Option<String>, String> = rows.into_iter().collect();
        for key in keys {
            let id = by_external.get(&key.2.map(str::to_owned));
            if let Some(one) = id.and_then(|id| stored.remove(id)) {
                found.insert(key, one);
            }
        }
    }
    Ok(found)
}

fn ensure_municipality(conn: &mut AnyConnection, tenant: &MunicipalityCode) -> Result<(), StoreError> {
    let there: i64 = municipality::table.filter(municipality::code.eq(tenant.as_str())).count().get_result(conn)?;
    if there == 0 {
        diesel::insert_into(municipality::table)
            .values((
                municipality::code.eq(tenant.as_str()),
                municipality::name.eq(tenant.as_str()),
                municipality::created_at.eq(now()),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// Stands in for numbers where nothing is stored, so that a rehearsal uses none up.
fn no_numbers(_: &mut AnyConnection, count: usize) -> Result<Vec<i64>, StoreError> {
    Ok((1..=count as i64).collect())
}

/// Draws public numbers that were never given out.
fn new_numbers(conn: &mut AnyConnection, count: usize) -> Result<Vec<i64>, StoreError> {
    #[derive(diesel::QueryableByName)]
    struct Number {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        number: i64,
    }
    match conn {
        AnyConnection::Postgres(c) => {
            let drawn: Vec<Number> =
                diesel::sql_query("SELECT nextval('offering_number') AS number FROM generate_series(1, $1)")
                    .bind::<diesel::sql_types::BigInt, _>(count as i64)
                    .load(c)?;
            Ok(drawn.into_iter().map(|drawn| drawn.number).collect())
        }
        // Rows are never taken out, and this transaction is the only writer.
        AnyConnection::Sqlite(c) => {
            let last: Option<i64> = offering::table.select(diesel::dsl::max(offering::number)).first(c)?;
            let first = last.unwrap_or(0) + 1;
            Ok((first..first + count as i64).collect())
        }
    }
}
