//! Taking in where postcodes are.

use std::collections::BTreeMap;

use crate::domain::{Postcode, PostcodeArea, Tally};
use crate::store::{Actor, Store, StoreError};

/// How many digits one transaction takes.
const BATCH: usize = 500;

/// One import of postcodes from its first row to its last.
pub struct PostcodeImporter {
    store: Store,
    actor: Actor,
    told: BTreeMap<Postcode, PostcodeArea>,
}

impl PostcodeImporter {
    /// Begins an import.
    pub fn new(store: Store, source: &str) -> Self {
        let actor = Actor { name: format!("import:{source}"), reason: None };
        Self { store, actor, told: BTreeMap::new() }
    }

    /// Takes in what one row tells.
    pub fn add(&mut self, told: PostcodeArea) {
        match self.told.get_mut(&told.digits) {
            Some(known) => known.add(&told),
            None => drop(self.told.insert(told.digits.clone(), told)),
        }
    }

    /// Adds all of it to what is known; a dry run tells what that would do. Counts are of digits.
    pub fn finish(self, dry_run: bool) -> Result<Tally, StoreError> {
        let told: Vec<PostcodeArea> = self.told.into_values().collect();
        let mut tally = Tally::default();
        for some in told.chunks(BATCH) {
            let of_some = match dry_run {
                true => self.store.rehearse_postcodes(some, &self.actor)?,
                false => self.store.add_postcodes(some, &self.actor)?,
            };
            tally.new += of_some.new;
            tally.changed += of_some.changed;
            tally.same += of_some.same;
        }
        Ok(tally)
    }
}
