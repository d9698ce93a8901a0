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

use chrono::{DateTime, Days, NaiveDate, Utc};

pub use areas::{AreaImporter, area_index, save_front_doors};
pub use history::{RestoreError, Restored, restore};
pub use import::{ImportOptions, Importer};
pub use node::{Building, Node, Wait};
pub use postcodes::PostcodeImporter;
pub use wording::save_wordings;

use crate::addresses::{AddressError, AddressService, FoundAddress};
use crate::domain::crisis::CrisisWords;
use crate::domain::{
    Area, AreaCode, Barriers, LanguageTag, LocationId, Now, Offering, OfferingId, OrganizationId, Place, Position,
    Postcode, Visibility, Vocabulary,
};
use crate::search::{
    AreaFilter, AreaPage, CalendarEntry, Completions, CoverageQuery, CoverageReport, Filters, LocationEntry, Lookup,
    NamedPlace, NoPlace, OfferingDates, OrganizationEntry, Page, ParamFault, PlaceKind, SearchError, SearchPage,
    SearchQuery, Snapshot, When,
};

/// How far ahead one may ask what is on: each day further is more to compute, and less true.
const FARTHEST_DAYS: u64 = 732;

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
    addresses: Option<Arc<dyn AddressService>>,
    barriers: Arc<Barriers>,
}

impl Directory {
    /// Answers from the index of a node.
    pub fn new(vocabulary: Arc<Vocabulary>, crisis: Arc<CrisisWords>, node: Arc<Node>) -> Self {
        Self { vocabulary, crisis, node, addresses: None, barriers: Arc::default() }
    }

    /// The same, with a service that finds street addresses.
    pub fn with_addresses(self, addresses: Option<Arc<dyn AddressService>>) -> Self {
        Self { addresses, ..self }
    }

    /// The same, with what one cannot walk through.
    pub fn with_barriers(self, barriers: Barriers) -> Self {
        Self { barriers: Arc::new(barriers), ..self }
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
        if let Ok(SearchQuery { filters: Filters { when: Some(When::Date(date)), .. }, .. }) = &query
            && *date > today().checked_add_days(Days::new(FARTHEST_DAYS)).unwrap_or(*date)
        {
            let detail = format!("'{date}' is too far away: at most two years from today are known");
            return Ok(Err(vec![ParamFault { parameter: "date".to_owned(), detail }]));
        }
        if let Ok(query) = &mut query {
            for code in &mut query.place.areas {
                *code = self.present_code(code)?.unwrap_or_else(|| code.clone());
            }
        }
        Ok(query)
    }

    /// The place that a text names: a name, an alias, a code, a postcode, or a street address where there is a service
    /// for these; or what is wrong with it. When that service fails, the postcode in an address will do.
    pub fn place(&self, text: &str) -> Result<Result<NamedPlace, String>, ReadError> {
        let fault = match self.read(|snapshot| snapshot.place(text))? {
            Err(fault @ NoPlace::Unknown(_)) if text.contains(|c: char| c.is_ascii_digit()) => fault,
            found => return Ok(found.map_err(|fault| fault.told(text))),
        };
        let is_code = text.trim().parse::<AreaCode>().is_ok() || text.trim().parse::<Postcode>().is_ok();
        let service = self.addresses.as_deref().filter(|_| !is_code);
        let mut told = fault.told(text);
        match service.map(|service| service.find(text)) {
            Some(Ok(Some(address))) => return Ok(Ok(named(address))),
            Some(Err(error)) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "a street address was not looked up");
                told += "; addresses cannot be looked up now, and a postcode can";
            }
            Some(Ok(None)) | None => {}
        }
        match Postcode::within(text) {
            Some(postcode) => Ok(self.read(|snapshot| snapshot.place(postcode.as_str()))?.map_err(|_| told)),
            None => Ok(Err(told)),
        }
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
        if let Some(near) = query.place.near {
            let nearby =
                page.nearby.iter_mut().flat_map(|nearby| nearby.meeting_place.iter_mut().chain(&mut nearby.walk_in));
            let hits = page.hits.iter_mut().chain(nearby);
            hits.for_each(|hit| hit.look_for_barriers(near.position, &self.barriers));
        }
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

    /// What residents of areas find near them, need by need; nothing when that is too much for one report.
    pub fn coverage(&self, query: &CoverageQuery) -> Result<Option<CoverageReport>, ReadError> {
        self.read(|snapshot| snapshot.coverage(query, &self.barriers, now()))
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

/// Finds where the sessions are that have an address and no position; tells the addresses that the service does not know.
///
/// # Errors
/// The service does not answer. What was found before is filled in.
pub fn locate_addresses(offering: &mut Offering, service: &dyn AddressService) -> Result<Vec<usize>, AddressError> {
    let mut unknown = Vec::new();
    for (at, session) in offering.sessions.iter_mut().enumerate() {
        let Some(Place::Physical(location)) = &mut session.place else { continue };
        let Some(address) = location.address.as_mut().filter(|_| location.position.is_none()) else { continue };
        let postcode = address.postcode.as_ref().map(|postcode| postcode.as_str().to_owned());
        let parts = [address.street.clone(), address.house_number.clone(), postcode, address.city.clone()];
        // A secret address is nobody else's business.
        let is_secret = location.visibility == Visibility::Secret;
        if is_secret || address.street.is_none() || address.house_number.is_none() {
            continue;
        }
        let text = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        match service.find(&text)? {
            Some(found) => {
                address.bag_id = address.bag_id.take().or(found.bag_id);
                address.postcode = address.postcode.take().or(found.postcode);
                location.position = Some(found.position);
                if location.area.is_empty() {
                    // Outlines tell it better, once they are known.
                    (location.area, location.area_found) = (found.areas, true);
                }
            }
            None => unknown.push(at),
        }
    }
    Ok(unknown)
}

/// An address as a place.
fn named(address: FoundAddress) -> NamedPlace {
    let code = address.bag_id.or_else(|| address.postcode.map(String::from)).unwrap_or_default();
    let (name, municipality, position) = (address.label, address.municipality, address.position);
    NamedPlace { kind: PlaceKind::Address, code, name, municipality, position }
}

/// The moment at which somebody looks something up.
pub fn now() -> Now {
    Now::from(Utc::now())
}

/// The date on which residents of the Netherlands look something up.
pub fn today() -> NaiveDate {
    now().today()
}
