//! The change log's entries: what changed, in order.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ids::{ChangeNumber, Version};

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
    /// The own words of a municipality, by its code.
    Wording,
    /// The postcodes with the same digits, by these.
    Postcode,
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
            Self::Wording => "wording",
            Self::Postcode => "postcode",
            Self::Index => "index",
        }
    }

    /// Reads the name in the store.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Offering, Self::Organization, Self::Location, Self::Area, Self::Wording, Self::Postcode, Self::Index]
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

/// What a change did to the content: who, why, and what was there before and after.
#[derive(Clone, Debug, PartialEq)]
pub struct Revision {
    /// The change.
    pub change: Change,
    /// How often it was written by then, this time included.
    pub version: Version,
    /// What was there before, as an object of JSON; nothing when it was not there. Of an area only the fields that
    /// changed, `null` where there was nothing.
    pub before: Option<Value>,
    /// What was there after; nothing when it was withdrawn, and on the first write of an area.
    pub after: Option<Value>,
    /// Who: a role or a source.
    pub actor: String,
    /// Why, if it was said.
    pub reason: Option<String>,
}

/// What a change did, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// It was not there before, and never had been.
    Made,
    /// It had been withdrawn.
    BroughtBack,
    /// It was there and is otherwise.
    Changed,
    /// It is not there any more.
    Withdrawn,
}

impl Revision {
    /// What the change did.
    pub fn deed(&self) -> Deed {
        let named = self.before.as_ref().filter(|before| before.get("name") != Some(&Value::Null));
        match (self.change.kind, named, self.version) {
            (ChangeKind::Deleted, ..) => Deed::Withdrawn,
            (ChangeKind::Written, Some(_), _) => Deed::Changed,
            (ChangeKind::Written, None, Version(1)) => Deed::Made,
            (ChangeKind::Written, None, _) => Deed::BroughtBack,
        }
    }

    /// JSON pointers to the fields that were changed, those of the top level alone; none when all of it came or went.
    pub fn changed_fields(&self) -> Vec<String> {
        if self.deed() != Deed::Changed {
            return Vec::new();
        }
        let nothing = Map::new();
        let fields = |content: &Option<Value>| content.as_ref().and_then(Value::as_object).unwrap_or(&nothing).clone();
        let (before, after) = (fields(&self.before), fields(&self.after));
        let mut names: Vec<&String> =
            before.keys().chain(after.keys()).filter(|field| before.get(*field) != after.get(*field)).collect();
        names.sort();
        names.dedup();
        names.into_iter().map(|name| format!("/{}", name.replace('~', "~0").replace('/', "~1"))).collect()
    }
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
