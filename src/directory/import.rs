//! Taking in what a source says: name each listing, place it among the areas, and write in batches.

use std::collections::{HashMap, HashSet};

use sha2::{Digest, Sha256};

use crate::areas::AreaIndex;
use crate::domain::public::DERIVED_ID;
use crate::domain::{AreaCode, MunicipalityCode, Offering, Place, Source, Tally, Violation, text};
use crate::store::{Actor, Extent, OfferingWrite, Outcome, SourceRun, Store, StoreError};

/// How many offerings one transaction takes: an acknowledged batch is on disk, and a batch is lost whole.
pub const BATCH: usize = 500;

/// What holds for all rows of an import.
#[derive(Clone, Debug)]
pub struct ImportOptions {
    /// Who keeps the offerings whose rows do not say.
    pub municipality: Option<MunicipalityCode>,
    /// What the source is called, for rows that do not say.
    pub source: String,
    /// Compare only: nothing is written.
    pub dry_run: bool,
}

/// One import from its first row to its last.
pub struct Importer {
    store: Store,
    areas: AreaIndex,
    options: ImportOptions,
    actor: Actor,
    run: SourceRun,
    batch: Vec<OfferingWrite>,
    seen: HashMap<(MunicipalityCode, String, String), u64>,
    is_whole: bool,
    tally: Tally,
}

impl Importer {
    /// Begins an import; `areas` tells in which areas positions lie.
    pub fn new(store: Store, areas: AreaIndex, options: ImportOptions) -> Self {
        let actor = Actor { name: format!("import:{}", options.source), reason: None };
        Self {
            store,
            areas,
            options,
            actor,
            run: SourceRun::default(),
            batch: Vec::with_capacity(BATCH),
            seen: HashMap::new(),
            is_whole: false,
            tally: Tally::default(),
        }
    }

    /// Takes in the offering of one row, or tells why it cannot come in. The outer error is the database's.
    ///
    /// # Errors
    /// [`StoreError`] when a full batch could not be written; what [`Self::tally`] counts is written.
    pub fn add(
        &mut self,
        row: u64,
        offering: Offering,
        municipality: Option<&str>,
    ) -> Result<Result<(), Violation>, StoreError> {
        match self.prepare(row, offering, municipality) {
            Ok(write) => {
                self.batch.push(write);
                if self.batch.len() >= BATCH {
                    self.flush()?;
                }
                Ok(Ok(()))
            }
            Err(violation) => Ok(Err(violation)),
        }
    }

    /// Writes what is left, and tells how many offerings were what.
    pub fn finish(&mut self) -> Result<Tally, StoreError> {
        self.flush()?;
        Ok(self.tally)
    }

    /// How many offerings are written so far.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// Takes away what this source said before and did not say in this import; only for a file that is the whole
    /// source. Tells how many.
    pub fn withdraw_others(&mut self) -> Result<usize, StoreError> {
        self.flush()?;
        self.is_whole = true;
        let mut named: HashMap<(MunicipalityCode, String), HashSet<String>> = HashMap::new();
        for (tenant, source, external_id) in self.seen.keys() {
            named.entry((tenant.clone(), source.clone())).or_default().insert(external_id.clone());
        }
        let mut gone = 0;
        for ((tenant, source), ids) in &named {
            gone += match self.options.dry_run {
                true => self.store.others(tenant, source, ids)?.len(),
                false => self.store.withdraw_others(tenant, source, ids, &self.actor)?,
            };
        }
        Ok(gone)
    }

    /// Takes back what this source said of organizations before and did not say in this import. Tells how many of
    /// them are shown otherwise because of it.
    ///
    /// Only when every row came in: one that was refused may have said it. After [`Self::withdraw_others`], if at all.
    pub fn take_back_unsaid(&mut self) -> Result<usize, StoreError> {
        self.flush()?;
        match self.options.dry_run {
            true => self.count_unsaid(),
            false => self.extent(|extent| self.store.take_back_unsaid(&self.run, extent, &self.actor)),
        }
    }

    /// How many organizations [`Self::take_back_unsaid`] would change.
    pub fn count_unsaid(&self) -> Result<usize, StoreError> {
        self.extent(|extent| self.store.count_unsaid(&self.run, extent))
    }

    /// How many organizations keep what this import did not say because a listing that it did not read names them too.
    /// After [`Self::take_back_unsaid`], which told `taken_back`.
    pub fn count_kept(&self, taken_back: usize) -> Result<usize, StoreError> {
        let unsaid = self.store.count_unsaid(&self.run, &Extent::Listings(&|_, _, _| true))?;
        // What a rehearsal takes back is still there.
        Ok(if self.options.dry_run { unsaid.saturating_sub(taken_back) } else { unsaid })
    }

    fn extent<T>(&self, then: impl FnOnce(&Extent<'_>) -> T) -> T {
        let is_read = |tenant: &MunicipalityCode, source: &str, external_id: &str| {
            self.seen.contains_key(&(tenant.clone(), source.to_owned(), external_id.to_owned()))
        };
        then(&if self.is_whole { Extent::Whole } else { Extent::Listings(&is_read) })
    }

    fn prepare(&mut self, row: u64, mut offering: Offering, named: Option<&str>) -> Result<OfferingWrite, Violation> {
        let fault = |pointer: &str, detail: String| Violation { pointer: pointer.into(), detail };
        let municipality = match named {
            Some(code) => code
                .parse()
                .map_err(|e: crate::domain::ids::InvalidMunicipality| fault("/municipality", e.to_string()))?,
            None => self.options.municipality.clone().ok_or_else(|| {
                let remedy = "give it in the row, or for all rows with --municipality GM0363";
                fault("/municipality", format!("this row names no municipality: {remedy}"))
            })?,
        };
        // A date that is still to come would keep a listing fresh for ever.
        let sessions = offering.sessions.iter().map(|session| &session.terms);
        let terms = std::iter::once(&offering.terms).chain(sessions);
        if let Some(assured) = terms.filter_map(|terms| terms.assured.as_ref()).find(|a| a.date > super::today()) {
            let detail = format!("{} is still to come: give the day on which somebody checked it", assured.date);
            return Err(fault("/assured/date", detail));
        }
        self.name_source(&mut offering);
        self.place(&mut offering);
        if let Some(Source { name, external_id: Some(id), .. }) = &offering.source {
            let key = (municipality.clone(), name.clone(), id.clone());
            if let Some(first) = self.seen.get(&key) {
                let what = match id.starts_with(DERIVED_ID) {
                    true => "the same name, organization and address",
                    false => id,
                };
                let remedy = "keep one of them, or give them different external ids";
                return Err(fault("/source/externalId", format!("row {first} is about {what} too: {remedy}")));
            }
            self.seen.insert(key, row);
        }
        Ok(OfferingWrite { municipality, offering })
    }

    /// Fills in what the source is called, and an id by which the next import finds the same listing again.
    fn name_source(&self, offering: &mut Offering) {
        let id = derived_id(offering);
        let source = offering.source.get_or_insert_with(|| Source {
            name: self.options.source.clone(),
            external_id: None,
            url: None,
            licence: None,
        });
        source.external_id.get_or_insert(id);
    }

    /// Completes the area codes that were given with the areas around them, or finds them from the position.
    fn place(&self, offering: &mut Offering) {
        for session in &mut offering.sessions {
            let Some(Place::Physical(location)) = &mut session.place else { continue };
            if location.area.is_empty() {
                location.area = location.position.map(|at| self.areas.locate(at)).unwrap_or_default();
                location.area_found = !location.area.is_empty();
            } else {
                let mut codes: Vec<AreaCode> = location.area.iter().flat_map(AreaCode::with_parents).collect();
                codes.sort_by_key(|code| (code.kind(), code.clone()));
                codes.dedup();
                location.area = codes;
            }
        }
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let outcomes = if self.options.dry_run {
            self.store.rehearse(&self.batch, &mut self.run)?
        } else {
            self.store.upsert(&self.batch, &mut self.run, &self.actor)?
        };
        self.batch.clear();
        for outcome in outcomes {
            match outcome {
                Outcome::New => self.tally.new += 1,
                Outcome::Changed => self.tally.changed += 1,
                Outcome::Same => self.tally.same += 1,
            }
        }
        Ok(())
    }
}

/// An id for a listing whose source gives none: its name, who offers it, and where, so that a flyer that is typed in
/// twice is one listing.
fn derived_id(offering: &Offering) -> String {
    let organization = offering.organization.first().map(|i| i.organization.name.as_str()).unwrap_or_default();
    let place = offering.sessions.iter().find_map(|session| session.place.as_ref()?.location());
    let street = place.and_then(|place| place.address.as_ref()).map(|a| {
        let postcode = a.postcode.as_ref().map(|postcode| postcode.as_str());
        let parts = [a.street.as_deref(), a.house_number.as_deref(), postcode, a.city.as_deref()];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    });
    let room = place.and_then(|place| place.name.as_deref()).unwrap_or_default();
    let said = [&offering.name, organization, room, street.as_deref().unwrap_or_default()].map(text::fold).join("|");
    let digest = Sha256::digest(said);
    format!("{DERIVED_ID}{}", digest.iter().take(10).map(|byte| format!("{byte:02x}")).collect::<String>())
}
