//! The index and the search: everything that a public read needs, without the database.
//!
//! [`IndexWriter`] takes [`Entry`]s in and gives [`Snapshot`]s out. A snapshot never changes and answers everything:
//! [`Snapshot::find`] for a [`SearchQuery`], single offerings, areas, organizations and locations.
//!
//! **How a search runs.** What the words of a question mean is read first (`understand`), and what was said outright
//! narrows the query (`ask`). Words and concepts (`matching`), the grid or the areas name the documents that may be
//! hits (`find`). Of most of them sets of bits tell whether they are, and for what they count (`sieve`, `told`); for the
//! others the facts of their sessions (`facts`, kept in `columns`) decide whether all filters hold for one of them
//! (`filter`). In the same pass the facets are counted (`pass`, `tally`) and the first hits kept (`order`). The page's
//! hits are then cut out of the stored documents (`card`, `answer`). Every number that decides the order stands in
//! `weights`.
//!
//! Only this module knows tantivy. Nothing that a visitor types reaches tantivy's query parser: words become tokens,
//! and tokens a query that is built here (`matching`).

use std::error::Error;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::{
    Area, AreaCode, ChangeNumber, MunicipalityCode, OfferingId, Postcode, PostcodeArea, PublicOffering, Wording,
};

mod agenda;
pub mod analysis;
mod answer;
mod area_page;
mod ask;
mod card;
mod columns;
mod complete;
mod compounds;
mod coverage;
mod dates;
mod facts;
mod fields;
mod filter;
mod find;
mod fingerprint;
mod first;
mod front_doors;
mod grid;
mod highlight;
mod interpretation;
mod languages;
mod layout;
mod listing;
mod matching;
mod neighbours;
mod order;
mod packed;
mod page;
mod params;
mod pass;
mod place;
mod places;
mod query;
mod relax;
mod ruler;
mod scores;
mod sieve;
mod snapshot;
mod suits;
mod tally;
mod told;
mod understand;
mod weights;
mod window;
mod writer;

#[cfg(test)]
mod tests;

pub use area_page::{AreaName, AreaPage};
pub use card::{Card, CardOrganization};
pub use complete::{Completion, CompletionGroup, CompletionKind, Completions};
pub use coverage::{CoverageQuery, CoverageReport, MOST_LINES};
pub use dates::{CalendarEntry, OfferingDates};
pub use fingerprint::fingerprint;
pub use listing::{LocationEntry, OfferingName, OrganizationEntry, Page};
pub use page::{
    ConceptPart, Elsewhere, Explanation, FacetCounts, FacetValue, Highlights, Hit, Interpretation, Nearby, Read,
    ReadValue, Relaxation, Repaired, SearchPage, Use,
};
pub use params::{MAX_PAGE_SIZE, MAX_RADIUS, MAX_TEXT, MAX_VALUES, PARAMETERS, ParamFault};
pub use places::{NamedPlace, NoPlace, PlaceKind};
pub use query::{
    AreaFilter, Facet, Filters, Gender, MAX_DEPTH, Near, Person, PlaceFilter, SearchQuery, Sort, Unknowable, When,
};
pub use snapshot::{Lookup, Snapshot};
pub use understand::Reads;
pub use writer::{IndexWriter, Lessons};

/// How far an index has come: it rides in each commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Watermark {
    /// The last change of the change log that the index holds.
    pub change: ChangeNumber,
    /// When that change was made; nothing before the first. The same number in another database, or in a copy that
    /// was put back, was made at another moment.
    pub changed_at: Option<DateTime<Utc>>,
    /// The moment whose data this is.
    pub as_of: DateTime<Utc>,
}

/// What the index is told of one thing; it replaces what it knew of it.
#[derive(Clone, Debug)]
pub enum Entry {
    /// An offering that the public may see.
    Offering(Box<PublicOffering>),
    /// An offering that the public could see once and that was deleted: it is said to be gone.
    Withdrawn(OfferingId),
    /// An offering that the public may not see, a draft or an archived one: it is unknown.
    Hidden(OfferingId),
    /// An area.
    Area(Box<Area>),
    /// An area that is no more.
    AreaRemoved(AreaCode),
    /// The own words of a municipality.
    Wording(Wording),
    /// A municipality that has no own words any more.
    WordingRemoved(MunicipalityCode),
    /// The postcodes with the same digits.
    Postcodes(Box<PostcodeArea>),
    /// Digits with which no postcode is known any more.
    PostcodesRemoved(Postcode),
}

/// Why the index could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// Another edition of the service, or of the vocabulary, made it.
    #[error("the index was made by another edition of this service or its vocabulary")]
    OtherFingerprint,
    /// It was never committed, so there is nothing to rely on.
    #[error("the index was never finished")]
    Unfinished,
    /// What stands in its files is not what was written.
    #[error("the index is damaged")]
    Damaged,
    /// Another process, or another writer of this one, is writing it.
    #[error("the index is being written by somebody else")]
    Locked,
    /// The vocabulary has more concepts than the rows of the index have room for.
    #[error("the vocabulary makes {facts} facts, and the index has room for {room}: widen layout::WORDS")]
    VocabularyTooLarge {
        /// How many facts the vocabulary makes.
        facts: usize,
        /// How many there is room for.
        room: usize,
    },
    /// The library that keeps the index failed.
    #[error("the index could not be read or written")]
    Index(#[source] Box<dyn Error + Send + Sync>),
    /// A file could not be read or written.
    #[error("a file of the index could not be read or written")]
    File(#[from] std::io::Error),
    /// A record could not be written as JSON, or what is stored is no JSON.
    #[error("a record of the index is not of its form")]
    Form(#[from] serde_json::Error),
}

impl SearchError {
    /// Whether the index must be made anew, rather than tried again.
    pub fn needs_rebuild(&self) -> bool {
        match self {
            Self::OtherFingerprint | Self::Unfinished | Self::Damaged | Self::Form(_) => true,
            Self::Locked | Self::VocabularyTooLarge { .. } | Self::Index(_) | Self::File(_) => false,
        }
    }
}

impl From<tantivy::TantivyError> for SearchError {
    fn from(error: tantivy::TantivyError) -> Self {
        use tantivy::TantivyError as Fault;
        match error {
            Fault::LockFailure(..) => Self::Locked,
            Fault::DataCorruption(_)
            | Fault::IncompatibleIndex(_)
            | Fault::DeserializeError(_)
            | Fault::SchemaError(_)
            | Fault::OpenDirectoryError(_)
            | Fault::OpenReadError(_) => Self::Damaged,
            other => Self::Index(Box::new(other)),
        }
    }
}
