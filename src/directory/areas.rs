//! Taking in areas and front doors, and looking again where locations lie when outlines change.

use std::collections::HashMap;

use crate::areas::{AreaIndex, AreaPatch, UnnamedArea};
use crate::domain::{Area, AreaCode, FrontDoor, Tally};
use crate::store::{Actor, Areas, RelocatedLocations, Store, StoreError};

/// How many areas one transaction takes.
const BATCH: usize = 500;

/// One import of areas from its first row to its last.
pub struct AreaImporter {
    store: Store,
    actor: Actor,
    dry_run: bool,
    batch: Vec<AreaPatch>,
    tally: Tally,
}

impl AreaImporter {
    /// Begins an import.
    pub fn new(store: Store, source: &str, dry_run: bool) -> Self {
        let actor = Actor { name: format!("import:{source}"), reason: None };
        Self { store, actor, dry_run, batch: Vec::with_capacity(BATCH), tally: Tally::default() }
    }

    /// Takes in what one row tells. When a batch is full it is written, and what names no known area comes back.
    pub fn add(&mut self, patch: AreaPatch) -> Result<Option<Vec<UnnamedArea>>, StoreError> {
        self.batch.push(patch);
        if self.batch.len() < BATCH { Ok(None) } else { self.flush().map(Some) }
    }

    /// Writes what is left; what names no known area comes back.
    pub fn flush(&mut self) -> Result<Vec<UnnamedArea>, StoreError> {
        let batch = std::mem::take(&mut self.batch);
        let codes: Vec<AreaCode> = batch.iter().map(|patch| patch.code.clone()).collect();
        let (tally, unnamed) = if self.dry_run {
            let known = self.store.areas(&codes)?.into_iter().map(|area| (area.code.clone(), area)).collect();
            merge(&batch, &known).1
        } else {
            // Read and written in one transaction, so that two imports at once lose none of each other's figures.
            self.store.change_areas(&codes, &self.actor, |known| merge(&batch, known))?
        };
        self.tally.new += tally.new;
        self.tally.changed += tally.changed;
        self.tally.same += tally.same;
        Ok(unnamed)
    }

    /// What came of the rows so far.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// Looks again where the locations lie whose source does not tell it.
    pub fn relocate(&self) -> Result<RelocatedLocations, StoreError> {
        let areas = area_index(&self.store)?;
        self.store.relocate(|at| areas.locate(at), &self.actor)
    }
}

/// Adds what rows tell to what is known: the areas that are otherwise then, and what came of the rows.
fn merge(batch: &[AreaPatch], known: &Areas) -> (Vec<Area>, (Tally, Vec<UnnamedArea>)) {
    let mut changed: Areas = HashMap::new();
    let (mut tally, mut unnamed) = (Tally::default(), Vec::new());
    for patch in batch {
        let before = changed.get(&patch.code).or_else(|| known.get(&patch.code)).cloned();
        let told = if before.is_some() { &mut tally.changed } else { &mut tally.new };
        match patch.clone().merge(before) {
            Ok(Some(area)) => {
                *told += 1;
                changed.insert(area.code.clone(), area);
            }
            Ok(None) => tally.same += 1,
            Err(fault) => unnamed.push(fault),
        }
    }
    (changed.into_values().collect(), (tally, unnamed))
}

/// Takes in front doors in place of those their areas had; tells how many areas have others now.
pub fn save_front_doors(store: &Store, doors: &[FrontDoor], source: &str) -> Result<usize, StoreError> {
    store.save_front_doors(doors, &Actor { name: format!("import:{source}"), reason: None })
}

/// The outlines that the store knows, ready to place positions among them.
pub fn area_index(store: &Store) -> Result<AreaIndex, StoreError> {
    let mut outlines = Vec::new();
    for some in store.area_codes()?.chunks(1000) {
        outlines.extend(store.areas(some)?.into_iter().filter_map(|area| Some((area.code, area.outline?))));
    }
    Ok(AreaIndex::new(outlines))
}
