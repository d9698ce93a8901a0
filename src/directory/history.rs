//! Putting back what was there before a change: checked as anything that comes in, and written as a new version.

use serde_json::{Value, json};

use super::area_index;
use crate::areas::outline;
use crate::domain::{ChangeNumber, EntityKind, OfferingDraft, Revision, Violation, Vocabulary, WordingDraft};
use crate::store::{Actor, RelocatedLocations, Store, StoreError};

/// Why nothing was put back.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// There is no such change.
    #[error("there is no change {0}: `wegwijzer history` lists the changes of one thing")]
    UnknownChange(ChangeNumber),
    /// A change that has no content, as a request for a new index.
    #[error("change {0} changed no content, so there is nothing to put back")]
    NothingKept(ChangeNumber),
    /// The rules, or the vocabulary, have changed since.
    #[error("what was there before change {0} is not allowed any more:\n{faults}", faults = told(.1))]
    NotAllowed(ChangeNumber, Vec<Violation>),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn told(violations: &[Violation]) -> String {
    violations.iter().map(|v| format!("  {}: {}", v.pointer, v.detail)).collect::<Vec<_>>().join("\n")
}

/// What putting back did, or would do.
#[derive(Debug)]
pub struct Restored {
    /// The change before which it was so.
    pub wanted: Revision,
    /// The new change; nothing when it was so already.
    pub made: Option<Revision>,
    /// The locations that lie in other areas because of it.
    pub relocated: RelocatedLocations,
}

/// Puts back what was there before a change; a dry run tells what that would do, and writes nothing.
pub fn restore(
    store: &Store,
    vocabulary: &Vocabulary,
    number: ChangeNumber,
    actor: &Actor,
    dry_run: bool,
) -> Result<Restored, RestoreError> {
    let Some(wanted) = store.revision(number)? else {
        let is_known = store.changed_at(number)?.is_some();
        return Err(if is_known { RestoreError::NothingKept(number) } else { RestoreError::UnknownChange(number) });
    };
    if let Some(before) = &wanted.before {
        check(wanted.change.entity, before, vocabulary).map_err(|faults| RestoreError::NotAllowed(number, faults))?;
    }
    let made = match dry_run {
        true => store.rehearse_restore(number, actor)?,
        false => store.restore(number, actor)?,
    };
    let mut relocated = RelocatedLocations::default();
    if !dry_run && wanted.change.entity == EntityKind::Area {
        // Also when nothing is new: an earlier run may have ended before this.
        let areas = area_index(store)?;
        relocated = store.relocate(|at| areas.locate(at), actor)?;
    }
    Ok(Restored { wanted, made, relocated })
}

fn check(entity: EntityKind, before: &Value, vocabulary: &Vocabulary) -> Result<(), Vec<Violation>> {
    match entity {
        EntityKind::Offering => OfferingDraft(before.clone()).check(vocabulary).map(|_| ()),
        EntityKind::Organization => {
            // The rules of an organization are those of an offering's part.
            let mut part = before.clone();
            part["role"] = json!("lead");
            OfferingDraft(json!({ "name": "-", "organization": [part] })).check(vocabulary).map(|_| ())
        }
        EntityKind::Area => match before.get("outline").filter(|outline| !outline.is_null()) {
            Some(given) => {
                let fault = |detail: String| vec![Violation { pointer: "/outline".into(), detail }];
                let read = serde_json::from_value(given.clone()).map_err(|error| fault(error.to_string()))?;
                outline::check(read).map(|_| ()).map_err(|error| fault(error.to_string()))
            }
            None => Ok(()),
        },
        EntityKind::Wording => WordingDraft(before.clone()).check(vocabulary).map(|_| ()),
        EntityKind::Location | EntityKind::Postcode | EntityKind::Index => Ok(()),
    }
}
