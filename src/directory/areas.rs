//! Taking in areas and front doors, and looking again where locations lie when outlines change.

use std::collections::HashMap;

use crate::areas::{AreaIndex, AreaPatch, UnnamedArea};
use crate::domain::{Area, AreaCode, FrontDoor, Tally};
use crate::store::{Actor, RelocatedLocations, Store, StoreError};

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
        let codes: Vec<AreaCode> = self.batch.iter().map(|patch| patch.code.clone()).collect();
        let mut known: HashMap<AreaCode, Area> =
            self.store.areas(&codes)?.into_iter().map(|area| (area.code.clone(), area)).collect();
        let mut changed: HashMap<AreaCode, Area> = HashMap::new();
        let mut unnamed = Vec::new();
        for patch in self.batch.drain(..) {
            let code = patch.code.clone();
            let before = known.get(&code).cloned();
            let was_known = before.is_some();
            match patch.merge(before) {
                Ok(Some(area)) => {
                    if was_known {
                        self.tally.changed += 1;
                    } else {
                        self.tally.new += 1;
                    }
                    known.insert(code.clone(), area.clone());
                    changed.insert(code, area);
                }
                Ok(None) => self.tally.same += 1,
                Err(fault) => unnamed.push(fault),
            }
        }
        if !self.dry_run {
            let changed: Vec<Area> = changed.into_values().collect();
            self.store.save_areas(&changed, &self.actor)?;
        }
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
