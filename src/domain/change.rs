//! The change log's entries: what changed, in order.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ids::ChangeNumber;

/// What kind of thing a change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntityKind {
    /// An offering with its sessions.
    Offering,
    /// An organization; the offerings it has a role in show it.
    Organization,
    /// A location; the offerings that have a session there show it.
    Location,
    /// An area, its outline or its front doors.
    Area,
    /// The index itself: a request to make it anew.
    Index,
}

impl EntityKind {
    /// The name in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Offering => "offering",
            Self::Organization => "organization",
            Self::Location => "location",
            Self::Area => "area",
            Self::Index => "index",
        }
    }

    /// Reads the name in the store.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Offering, Self::Organization, Self::Location, Self::Area, Self::Index]
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }
}

/// What happened to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It was made or written anew.
    Written,
    /// It was taken away.
    Deleted,
}

impl ChangeKind {
    /// The name in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::Deleted => "deleted",
        }
    }
}

/// One numbered entry of the change log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its place in the log.
    pub number: ChangeNumber,
    /// What kind of thing changed.
    pub entity: EntityKind,
    /// Which one: an id or a code.
    pub entity_id: String,
    /// What happened to it.
    pub kind: ChangeKind,
    /// When, cut to microseconds.
    pub at: DateTime<Utc>,
}

/// What came of the rows of a file that were let in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Not known before.
    pub new: u64,
    /// Known, and otherwise now.
    pub changed: u64,
    /// Known just so.
    pub same: u64,
}

impl Tally {
    /// All of them.
    pub fn total(self) -> u64 {
        self.new + self.changed + self.same
    }
}
