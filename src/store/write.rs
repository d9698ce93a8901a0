//! Writing offerings: what a source says of them, compared with what is there.

use std::collections::{BTreeMap, HashMap, HashSet};

use diesel::prelude::*;

use super::changes::{BATCH, Contents, Entry, log};
use super::connection::{AnyConnection, per_backend};
use super::locations::Locations;
use super::matching::{kept_ids, location_key, organization_key, same};
use super::numbers::{new_numbers, no_numbers};
use super::offerings::{load, own_content, session_content};
use super::organizations::{self, Heard, OrganizationKey, Rows, SourceRun};
use super::rows::{InvolvementRow, OfferingRow, SessionRow, to_json};
use super::schema::{municipality, offering, offering_organization, session};
use super::{Store, StoreError, now};
use crate::domain::{
    ChangeKind, EntityKind, MunicipalityCode, Offering, OfferingId, Organization, Place, Session, StoredOffering,
};

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
        let (outcomes, heard) = self.write(|conn| {
            let mut batch = Batch::default();
            let prepared = batch.prepare(conn, writes, run, new_numbers)?;
            batch.store(conn, actor)?;
            Ok(prepared)
        })?;
        run.named.extend(heard.named);
        Ok(outcomes)
    }

    /// Tells what [`Self::upsert`] would do, and writes nothing.
    pub fn rehearse(&self, writes: &[OfferingWrite], run: &mut SourceRun) -> Result<Vec<Outcome>, StoreError> {
        let (outcomes, heard) = self.undone(|conn| Batch::default().prepare(conn, writes, run, no_numbers))?;
        run.named.extend(heard.named);
        run.rehearsed.extend(heard.known);
        Ok(outcomes)
    }
}

/// The rows of one transaction, collected before they are stored.
#[derive(Default)]
pub(super) struct Batch {
    organizations: Rows,
    locations: Locations,
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
        run: &SourceRun,
        draw: impl Fn(&mut AnyConnection, usize) -> Result<Vec<i64>, StoreError>,
    ) -> Result<(Vec<Outcome>, Heard), StoreError> {
        let mut by_tenant: BTreeMap<&MunicipalityCode, Vec<&Offering>> = BTreeMap::new();
        for write in writes {
            by_tenant.entry(&write.municipality).or_default().push(&write.offering);
        }
        let mut heard = Heard::default();
        for (tenant, offerings) in &by_tenant {
            ensure_municipality(conn, tenant)?;
            heard.hear(conn, tenant, offerings, run, &mut self.organizations)?;
            self.locations.find(conn, tenant, offerings)?;
        }
        let shown: HashMap<OrganizationKey, Organization> =
            heard.known.iter().map(|(key, known)| (key.clone(), known.shown())).collect();
        let existing = existing(conn, writes)?;
        let fresh = writes.iter().filter(|write| !existing.contains_key(&key_of(write))).count();
        let mut numbers = draw(conn, fresh)?.into_iter();
        let retold: HashSet<String> = self.organizations.entries.iter().map(|entry| entry.entity_id.clone()).collect();

        let outcomes = writes
            .iter()
            .map(|write| {
                let mut said = write.offering.clone();
                self.link(&write.municipality, &mut said, &shown)?;
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
            .collect::<Result<_, StoreError>>()?;
        Ok((outcomes, heard))
    }

    /// Collects what makes a stored offering this one; tells whether there is a difference.
    ///
    /// What its organizations are like stays as it is: that is theirs.
    pub fn rewrite(
        &mut self,
        conn: &mut AnyConnection,
        stored: &StoredOffering,
        mut said: Offering,
    ) -> Result<bool, StoreError> {
        let tenant = &stored.municipality;
        let keys: Vec<String> = said.organization.iter().map(|i| organization_key(&i.organization)).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let known = organizations::load(conn, tenant, &keys)?;
        let shown = known.into_iter().map(|(key, known)| ((tenant.clone(), key), known.shown())).collect();
        self.locations.find(conn, tenant, &[&said])?;
        self.link(tenant, &mut said, &shown)?;
        if stored.deleted_at.is_none() && same(&stored.offering, &said) {
            return Ok(false);
        }
        self.change(stored, said)?;
        Ok(true)
    }

    /// Puts what is known of the organizations and locations in the place of what is said of them.
    fn link(
        &self,
        tenant: &MunicipalityCode,
        said: &mut Offering,
        shown: &HashMap<OrganizationKey, Organization>,
    ) -> Result<(), StoreError> {
        for involvement in &mut said.organization {
            if let Some(shown) = shown.get(&(tenant.clone(), organization_key(&involvement.organization))) {
                involvement.organization = shown.clone();
            }
        }
        for session in &mut said.sessions {
            if let Some(Place::Physical(place)) = &mut session.place {
                place.id = self.locations.ids.get(&(tenant.clone(), location_key(place)?)).copied();
            }
        }
        Ok(())
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
        // What is withdrawn is not there: putting back what was before its return withdraws it again.
        let before = Some(&stored.offering).filter(|_| stored.deleted_at.is_none());
        self.revise(stored.id, version, before, &said)
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

    /// Stores all rows, and last of all numbers the changes.
    pub fn store(mut self, conn: &mut AnyConnection, actor: &Actor) -> Result<(), StoreError> {
        macro_rules! insert {
            ($table:path, $rows:expr) => {
                for some in $rows.chunks(BATCH) {
                    per_backend!(conn, c => diesel::insert_into($table).values(some).execute(c)?);
                }
            };
        }
        self.organizations.store(conn)?;
        self.locations.store(conn)?;
        insert!(offering::table, self.offerings);
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
        let mut entries = self.organizations.entries;
        entries.append(&mut self.entries);
        log(conn, entries, actor)
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
