//! What somebody searches for, checked and typed. [`SearchQuery::from_params`] makes it of what was sent.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{NaiveDate, Weekday};

use crate::domain::{
    AreaCode, AreaKind, BoundingBox, ConceptId, DayPart, Distance, Euros, LanguageTag, MunicipalityCode,
    OrganizationId, Position, Region, Scheme,
};

use super::places::NamedPlace;
use super::understand::Reads;

/// The most pages times hits a page that somebody may read; more goes through the export.
pub const MAX_DEPTH: usize = 10_000;

/// A checked search. All of its filters hold for one and the same session of each hit.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchQuery {
    /// Words; what they mean is read out of them.
    pub text: Option<String>,
    /// Whether anything is read out of the words but the words.
    pub understand: bool,
    /// What is not read out of them.
    pub off: BTreeSet<Reads>,
    /// Where.
    pub place: PlaceFilter,
    /// What else must hold.
    pub filters: Filters,
    /// The facets that are counted.
    pub facets: Vec<Facet>,
    /// Whether each hit tells why it stands where it stands.
    pub explain: bool,
    /// The order of the hits.
    pub sort: Sort,
    /// The language of labels and texts, where there is one.
    pub language: LanguageTag,
    /// Which page, from 1 on.
    pub page: usize,
    /// How many hits a page has, 1 to 100.
    pub page_size: usize,
}

impl Default for SearchQuery {
    /// Everything, by name, 20 a page, in Dutch.
    fn default() -> Self {
        Self {
            text: None,
            understand: true,
            off: BTreeSet::new(),
            place: PlaceFilter::default(),
            filters: Filters::default(),
            facets: Vec::new(),
            explain: false,
            sort: Sort::Name,
            language: LanguageTag::dutch(),
            page: 1,
            page_size: 20,
        }
    }
}

/// Where a session must be; all that is given must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlaceFilter {
    /// Near a position.
    pub near: Option<Near>,
    /// The place that the position was found by.
    pub named: Option<NamedPlace>,
    /// In a box.
    pub bbox: Option<BoundingBox>,
    /// In a region that somebody drew.
    pub within: Option<Arc<Region>>,
    /// In one of these areas, or for one of them.
    pub areas: Vec<AreaCode>,
}

impl PlaceFilter {
    /// The radius, when there is one.
    pub fn radius(&self) -> Option<Distance> {
        self.near.and_then(|near| near.radius)
    }

    /// Whether only what has a position can be in it.
    pub fn asks_position(&self) -> bool {
        self.radius().is_some() || self.bbox.is_some() || self.within.is_some()
    }

    /// Where who asks lives, as far as it tells: near it, or else in the middle of what was drawn, and within all that
    /// was. What comes to homes there is in it.
    pub fn home(&self) -> Option<Position> {
        let in_box = |at: &Position| self.bbox.is_none_or(|bounds| bounds.contains(*at));
        let is_inside = |at: &Position| in_box(at) && self.within.as_ref().is_none_or(|region| region.contains(*at));
        let near = self.near.filter(|_| self.asks_position()).map(|near| near.position);
        let drawn = self.within.as_ref().map(|region| region.inside());
        let all = [near, drawn, self.bbox.map(|bounds| bounds.middle())];
        let in_radius = |at: &Position| {
            self.near.is_none_or(|near| near.radius.is_none_or(|radius| near.position.distance_to(*at) <= radius))
        };
        all.into_iter().flatten().find(|at| is_inside(at) && in_radius(at))
    }

    /// Whether it leaves anything out; near without a radius only orders.
    pub fn narrows(&self) -> bool {
        self.asks_position() || !self.areas.is_empty()
    }
}

/// Near a position.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Near {
    /// The position.
    pub position: Position,
    /// How far away a session may be; any distance when left out.
    pub radius: Option<Distance>,
}

/// What must hold beside words and place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filters {
    /// For each scheme the concepts of which a session has one, or one narrower.
    pub concepts: BTreeMap<Scheme, BTreeSet<ConceptId>>,
    /// The age of who comes.
    pub age: Option<u8>,
    /// The gender of who comes.
    pub gender: Option<Gender>,
    /// The most that one visit may cost.
    pub max_price: Option<Euros>,
    /// The municipality whose pass somebody has.
    pub city_pass: Option<MunicipalityCode>,
    /// Days of the week.
    pub weekdays: Vec<Weekday>,
    /// Parts of the day.
    pub day_parts: Vec<DayPart>,
    /// When it must be on.
    pub when: Option<When>,
    /// Only online, or not online.
    pub online: Option<bool>,
    /// Who has a part in it.
    pub organization: Option<OrganizationId>,
    /// Who keeps the listing.
    pub municipalities: Vec<MunicipalityCode>,
    /// Somebody checked it on this day or later.
    pub assured_since: Option<NaiveDate>,
    /// What may be unknown.
    pub include_unknown: BTreeSet<Unknowable>,
    /// The filters about a person that ask for what is made for such a person.
    pub only: BTreeSet<Person>,
}

/// A time, seen from the moment of the search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// It is on, and one can come or call at once.
    Now,
    /// The rest of this day.
    Today,
    /// The next day.
    Tomorrow,
    /// The next Saturday and Sunday, or what is left of them.
    Weekend,
    /// This day and the six after it.
    Week,
    /// It begins on a date.
    Date(NaiveDate),
}

impl When {
    /// Those that have a name.
    pub const NAMED: [Self; 5] = [Self::Now, Self::Today, Self::Tomorrow, Self::Weekend, Self::Week];

    /// The name in addresses; a date has none.
    pub fn name(self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::Today => "today",
            Self::Tomorrow => "tomorrow",
            Self::Weekend => "weekend",
            Self::Week => "week",
            Self::Date(_) => "date",
        }
    }

    /// What one gives to ask for it.
    pub fn id(self) -> String {
        match self {
            Self::Date(date) => date.to_string(),
            named => named.name().to_owned(),
        }
    }

    /// The name on pages: in English for who asks for that, else in Dutch.
    pub fn label(self, language: &str) -> String {
        let dutch = match self {
            Self::Now => "nu",
            Self::Today => "vandaag",
            Self::Tomorrow => "morgen",
            Self::Weekend => "dit weekend",
            Self::Week => "de komende week",
            Self::Date(_) => return self.id(),
        };
        if language == "en" { self.id() } else { dutch.to_owned() }
    }

    /// The parameter that asks for it.
    pub fn parameter(self) -> &'static str {
        if matches!(self, Self::Date(_)) { "date" } else { "when" }
    }
}

/// Something that is counted by its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Facet {
    /// A scheme of the vocabulary.
    Scheme(Scheme),
    /// Days of the week.
    Weekday,
    /// Parts of the day.
    PartOfDay,
}

impl Facet {
    /// Every facet: the schemes in the vocabulary's order, then the times.
    pub fn all() -> impl Iterator<Item = Self> {
        Scheme::ALL.into_iter().map(Self::Scheme).chain([Self::Weekday, Self::PartOfDay])
    }

    /// The name in addresses and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Scheme(scheme) => scheme.name(),
            Self::Weekday => "weekday",
            Self::PartOfDay => "partOfDay",
        }
    }
}

/// What `includeUnknown` may let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unknowable {
    /// The values of a facet.
    Facet(Facet),
    /// The price of a visit.
    MaxPrice,
    /// When it was checked.
    AssuredSince,
    /// On which dates it is.
    When,
}

impl Unknowable {
    /// Everything that may be unknown.
    pub fn all() -> impl Iterator<Item = Self> {
        Facet::all().map(Self::Facet).chain([Self::MaxPrice, Self::AssuredSince, Self::When])
    }

    /// The name in addresses and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Facet(facet) => facet.name(),
            Self::MaxPrice => "maxPrice",
            Self::AssuredSince => "assuredSince",
            Self::When => "when",
        }
    }
}

/// A filter about a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Person {
    /// The group somebody belongs to.
    TargetGroup,
    /// Somebody's age.
    Age,
    /// Somebody's gender.
    Gender,
}

impl Person {
    /// Every filter about a person.
    pub const ALL: [Self; 3] = [Self::TargetGroup, Self::Age, Self::Gender];

    /// The name in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::TargetGroup => "targetGroup",
            Self::Age => "age",
            Self::Gender => "gender",
        }
    }
}

/// The gender of who comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gender {
    /// A woman.
    Female,
    /// A man.
    Male,
    /// Neither.
    Other,
}

impl Gender {
    /// Every value.
    pub const ALL: [Self; 3] = [Self::Female, Self::Male, Self::Other];

    /// The name in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Female => "female",
            Self::Male => "male",
            Self::Other => "other",
        }
    }

    /// Its name in Dutch or English.
    pub fn label(self, language: &str) -> &'static str {
        match (self, language) {
            (Self::Female, "en") => "woman",
            (Self::Female, _) => "vrouw",
            (Self::Male, _) => "man",
            (Self::Other, "en") => "neither man nor woman",
            (Self::Other, _) => "man noch vrouw",
        }
    }

    /// The concept of `gender_setting` that is made for this gender.
    pub fn own_setting(self) -> &'static str {
        match self {
            Self::Female => "women_only",
            Self::Male => "men_only",
            Self::Other => "mixed_gender",
        }
    }
}

/// The order of the hits; those with something unknown let in come last in each, and ties stand by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// The best match first.
    Relevance,
    /// The nearest first, those without a position last.
    Distance,
    /// By name.
    Name,
    /// The last checked first, those never checked last.
    Assured,
    /// What is on now or soonest first, what is not on within eight weeks last.
    Soonest,
}

impl Sort {
    /// Every order.
    pub const ALL: [Self; 5] = [Self::Relevance, Self::Distance, Self::Name, Self::Assured, Self::Soonest];

    /// The name in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Relevance => "relevance",
            Self::Distance => "distance",
            Self::Name => "name",
            Self::Assured => "assured",
            Self::Soonest => "soonest",
        }
    }
}

/// Which areas to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AreaFilter {
    /// Of this kind.
    pub kind: Option<AreaKind>,
    /// In this area, itself included.
    pub within: Option<AreaCode>,
    /// With these words, or words that begin so, in the name or in one alias.
    pub name: Option<String>,
    /// One of these.
    pub codes: Option<Vec<AreaCode>>,
}
