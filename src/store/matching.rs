//! When two sayings are about the same thing, and when they say the same.

use sha2::{Digest, Sha256};

use super::StoreError;
use super::offerings::session_content;
use super::rows::to_json;
use crate::domain::{Location, Offering, Organization, Place, Session, SessionId, text};

/// Whether the same is said. Who the organizations are counts here, what they are like is theirs.
pub(super) fn same(stored: &Offering, said: &Offering) -> bool {
    let organizations =
        |of: &Offering| -> Vec<_> { of.organization.iter().map(|i| (i.role, i.organization.id)).collect() };
    let rest = |of: &Offering| {
        let mut content = of.without_ids();
        content.organization.clear();
        for session in &mut content.sessions {
            if let Some(Place::Physical(place)) = &mut session.place {
                forget_found_areas(place);
            }
        }
        content
    };
    organizations(stored) == organizations(said) && rest(stored) == rest(said)
}

/// The ids that the sessions keep: of the equal one before, else of one with the same label, else a new one.
pub(super) fn kept_ids(before: &[Session], now: &[Session]) -> Vec<SessionId> {
    let plain = |session: &Session| session_content(session).ok();
    let mut left: Vec<&Session> = before.iter().collect();
    let mut ids: Vec<Option<SessionId>> = vec![None; now.len()];
    type Alike<'a> = &'a dyn Fn(&Session, &Session) -> bool;
    let tests: [Alike<'_>; 2] = [&|a, b| plain(a) == plain(b) && a.place == b.place, &|a, b| a.label == b.label];
    for matches in tests {
        for (id, session) in ids.iter_mut().zip(now).filter(|(id, _)| id.is_none()) {
            if let Some(at) = left.iter().position(|old| matches(old, session)) {
                *id = left.remove(at).id;
            }
        }
    }
    ids.into_iter().map(Option::unwrap_or_default).collect()
}

/// A location's key: a digest of all that is said of it, but for areas that were found and may be found otherwise.
pub(super) fn location_key(place: &Location) -> Result<String, StoreError> {
    let mut said = Location { id: None, ..place.clone() };
    forget_found_areas(&mut said);
    let digest = Sha256::digest(to_json("location", &said)?);
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Leaves of a location what was said of it: areas that were found from the position may be found otherwise tomorrow.
pub(super) fn forget_found_areas(place: &mut Location) {
    if std::mem::take(&mut place.area_found) {
        place.area.clear();
    }
}

/// An organization's key: its name, whatever the case. "C++" and "C#" are two clubs, so signs count.
pub(super) fn organization_key(organization: &Organization) -> String {
    text::clean_line(&organization.name).to_lowercase()
}
