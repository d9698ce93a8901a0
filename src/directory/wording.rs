//! Taking in the own words of municipalities.

use crate::domain::Wording;
use crate::store::{Actor, Store, StoreError};

/// Takes in own words in place of those that their municipalities had; tells how many have others now. A dry run tells
/// how many would have.
pub fn save_wordings(store: &Store, wordings: &[Wording], source: &str, dry_run: bool) -> Result<u64, StoreError> {
    let actor = Actor { name: format!("import:{source}"), reason: None };
    match dry_run {
        true => store.rehearse_wordings(wordings, &actor),
        false => store.save_wordings(wordings, &actor),
    }
}
