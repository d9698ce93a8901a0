//! What the service does, one file a deed: find, import, restore, follow.
//!
//! Reads are answered by this node's index alone ([`Directory`]); writes go to the store ([`Importer`]); the
//! [`follower`] carries them over.

mod areas;
pub mod follower;
mod history;
mod import;
mod node;
mod postcodes;
mod wording;

use std::cell::RefCell;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

pub use areas::{AreaImporter, area_index, save_front_doors};
pub use history::{RestoreError, Restored, restore};
pub use import::{ImportOptions, Importer};
pub use node::{Building, Node, Wait};
pub use postcodes::PostcodeImporter;
pub use wording::save_wordings;

use crate::domain::crisis::CrisisWords;
use crate::domain::{Area, AreaCode, LanguageTag, LocationId, Now, OfferingId, OrganizationId, Position, Vocabulary};
use crate::search::{
    AreaFilter, AreaPage, CalendarEntry, Completions, CoverageQuery, CoverageReport, LocationEntry, Lookup, NamedPlace,
    OfferingDates, OrganizationEntry, Page, ParamFault, SearchError, SearchPage, SearchQuery, Snapshot,
};

/// Why a read was not answered.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is no whole index yet.
    #[error("there is no index to answer from: {0}")]
    Building(Building),
    /// The index failed.
    #[error("the index cannot answer")]
    Index(#[from] SearchError),
}

/// What the public may ask; cheap to clone.
#[derive(Clone)]
pub struct Directory {
    vocabulary: Arc<Vocabulary>,
    crisis: Arc<CrisisWords>,
    node: Arc<Node>,
}

impl Directory {
    /// Answers from the index of a node.
    pub fn new(vocabulary: Arc<Vocabulary>, crisis: Arc<CrisisWords>, node: Arc<Node>) -> Self {
        Self { vocabulary, crisis, node }
    }

    /// The vocabulary that offerings are described with.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// The state of this node.
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// The time of the data that is shown: when the database was last seen to hold nothing newer.
    pub fn data_as_of(&self) -> Option<DateTime<Utc>> {
        self.node.as_of()
    }

    fn snapshot(&self) -> Result<Arc<Snapshot>, ReadError> {
        self.node.snapshot().map_err(ReadError::Building)
    }

    /// Reads from the present snapshot. A read that fails tells the follower, which makes the index anew.
    fn read<T>(&self, read: impl FnOnce(&Snapshot) -> Result<T, SearchError>) -> Result<T, ReadError> {
        let snapshot = self.snapshot()?;
        read(&snapshot).inspect_err(|_| self.node.tell_damage()).map_err(ReadError::Index)
    }

    /// Reads a search as it was sent: the query, or everything that is wrong with it.
    pub fn query(&self, pairs: &[(String, String)]) -> Result<Result<SearchQuery, Vec<ParamFault>>, ReadError> {
        let failed = RefCell::new(None);
        let place = |text: &str| {
            self.place(text).unwrap_or_else(|error| {
                *failed.borrow_mut() = Some(error);
                Err(String::new())
            })
        };
        let mut query = SearchQuery::from_params(pairs, &self.vocabulary, place);
        if let Some(error) = failed.into_inner() {
            return Err(error);
        }
        if let Ok(query) = &mut query {
            for code in &mut query.place.areas {
                *code = self.present_code(code)?.unwrap_or_else(|| code.clone());
            }
        }
        Ok(query)
    }

    /// The place that a text names: a name, an alias, a code or a postcode; or what is wrong with it.
    pub fn place(&self, text: &str) -> Result<Result<NamedPlace, String>, ReadError> {
        Ok(self.read(|snapshot| snapshot.place(text))?.map_err(|fault| fault.told(text)))
    }

    /// The code that an area has now, of one that is known or was renamed.
    pub fn present_code(&self, code: &AreaCode) -> Result<Option<AreaCode>, ReadError> {
        self.read(|snapshot| Ok(snapshot.present_code(code)))
    }

    /// The places that are called so, or whose names begin so; at most so many.
    pub fn places(&self, text: &str, most: usize) -> Result<Vec<NamedPlace>, ReadError> {
        self.read(|snapshot| snapshot.places(text, most))
    }

    /// Finds offerings, and whom to call for who asks in need.
    pub fn find(&self, query: &SearchQuery) -> Result<SearchPage, ReadError> {
        let mut page = self.read(|snapshot| snapshot.find(query, now()))?;
        page.crisis = query.text.as_deref().and_then(|text| self.crisis.help(text, &query.language));
        page.data_as_of = self.node.as_of().unwrap_or(page.data_as_of);
        Ok(page)
    }

    /// Completes what somebody types, with names in a language.
    pub fn complete(&self, typed: &str, language: &LanguageTag) -> Result<Completions, ReadError> {
        self.read(|snapshot| snapshot.complete(typed, language, today()))
    }

    /// Reads one offering, with its texts in a language when they are translated.
    pub fn offering(&self, id: OfferingId, language: Option<&LanguageTag>) -> Result<Lookup, ReadError> {
        self.read(|snapshot| snapshot.offering(id, language, today()))
    }

    /// The dates on which an offering is, from one to another, both included.
    pub fn dates(
        &self,
        id: OfferingId,
        language: Option<&LanguageTag>,
        (from, to): (NaiveDate, NaiveDate),
    ) -> Result<Option<OfferingDates>, ReadError> {
        self.read(|snapshot| snapshot.dates(id, language, from, to, today()))
    }

    /// What an offering has in the half year ahead, for a calendar.
    pub fn calendar_of(
        &self,
        id: OfferingId,
        language: Option<&LanguageTag>,
    ) -> Result<Option<Vec<CalendarEntry>>, ReadError> {
        self.read(|snapshot| snapshot.calendar_of(id, language, today()))
    }

    /// What a search finds in the weeks ahead, for a calendar.
    pub fn calendar(&self, query: &SearchQuery) -> Result<Vec<CalendarEntry>, ReadError> {
        self.read(|snapshot| snapshot.calendar(query, now()))
    }

    /// What residents of areas find near them, need by need.
    pub fn coverage(&self, query: &CoverageQuery) -> Result<CoverageReport, ReadError> {
        self.read(|snapshot| snapshot.coverage(query, now()))
    }

    /// Lists areas by code, without their outlines.
    pub fn areas(&self, filter: &AreaFilter, page: usize, page_size: usize) -> Result<Page<Area>, ReadError> {
        self.read(|snapshot| snapshot.areas(filter, page, page_size))
    }

    /// The areas that a position lies in, the widest first.
    pub fn areas_at(&self, at: Position) -> Result<Vec<AreaCode>, ReadError> {
        self.read(|snapshot| snapshot.areas_at(at))
    }

    /// Reads one area, with all that somebody who lives there wants to know.
    pub fn area(&self, code: &AreaCode, language: &LanguageTag) -> Result<Option<AreaPage>, ReadError> {
        self.read(|snapshot| snapshot.area_page(code, language, now()))
    }

    /// Lists the organizations of the public offerings, by age.
    pub fn organizations(&self, page: usize, page_size: usize) -> Result<Page<OrganizationEntry>, ReadError> {
        self.read(|snapshot| snapshot.organizations(page, page_size))
    }

    /// Reads one organization with its public offerings.
    pub fn organization(&self, id: OrganizationId) -> Result<Option<OrganizationEntry>, ReadError> {
        self.read(|snapshot| snapshot.organization(id))
    }

    /// Lists the locations of the public offerings, by age.
    pub fn locations(&self, page: usize, page_size: usize) -> Result<Page<LocationEntry>, ReadError> {
        self.read(|snapshot| snapshot.locations(page, page_size))
    }

    /// Reads one location with its public offerings.
    pub fn location(&self, id: LocationId) -> Result<Option<LocationEntry>, ReadError> {
        self.read(|snapshot| snapshot.location(id))
    }
}

/// The moment at which somebody looks something up.
pub fn now() -> Now {
    Now::from(Utc::now())
}

/// The date on which residents of the Netherlands look something up.
pub fn today() -> NaiveDate {
    now().today()
}
