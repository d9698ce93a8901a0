//! Reads a [`SearchQuery`] from the parameters of an address and finds every fault at once.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::str::FromStr;

use chrono::NaiveDate;

use crate::domain::reader::{nearest_name, parse_date, unknown_concept};
use crate::domain::schedule::{WEEK, weekday_name};
use crate::domain::{ConceptId, DayPart, Distance, Position, Scheme, Vocabulary};

use super::analysis::words;
use super::places::NamedPlace;
use super::query::{Facet, Filters, Gender, MAX_DEPTH, Near, Person, PlaceFilter, SearchQuery, Sort, Unknowable, When};
use super::understand::Reads;

/// The most characters of a question: people dictate what troubles them, and professionals paste a note.
const MAX_QUESTION: usize = 500;
/// The most characters of a name or a position.
pub const MAX_TEXT: usize = 200;
/// The most values of one filter.
pub const MAX_VALUES: usize = 20;
/// The most hits of one page.
pub const MAX_PAGE_SIZE: usize = 100;
/// The largest radius, in metres: the whole country lies within it.
pub const MAX_RADIUS: f64 = 200_000.0;
/// The oldest age.
pub const MAX_AGE: usize = 120;

/// The parameters beside the names of the schemes.
pub const PARAMETERS: [&str; 27] = [
    "q",
    "understand",
    "not",
    "near",
    "radius",
    "bbox",
    "area",
    "age",
    "gender",
    "maxPrice",
    "cityPass",
    "weekday",
    "partOfDay",
    "when",
    "date",
    "online",
    "organization",
    "municipality",
    "assuredSince",
    "includeUnknown",
    "only",
    "explain",
    "sort",
    "facets",
    "lang",
    "page",
    "pageSize",
];

/// A fault in one parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamFault {
    /// The parameter's name, as sent.
    pub parameter: String,
    /// What is wrong, and what would be right.
    pub detail: String,
}

impl SearchQuery {
    /// Reads the parameters as sent, decoded, in any order; a repeated one has several values. The function finds the
    /// place that `near` names, or tells what is wrong with it.
    pub fn from_params(
        pairs: &[(String, String)],
        vocabulary: &Vocabulary,
        place: impl Fn(&str) -> Result<NamedPlace, String>,
    ) -> Result<Self, Vec<ParamFault>> {
        let mut params = Params { pairs, faults: Vec::new(), place: &place };
        params.refuse_unknown_names();
        let query = params.query(vocabulary);
        if params.faults.is_empty() { Ok(query) } else { Err(params.faults) }
    }
}

/// What was sent, and the faults found in it so far.
struct Params<'p> {
    pairs: &'p [(String, String)],
    faults: Vec<ParamFault>,
    /// Finds the place that a text names.
    place: &'p dyn Fn(&str) -> Result<NamedPlace, String>,
}

impl Params<'_> {
    fn query(&mut self, vocabulary: &Vocabulary) -> SearchQuery {
        let text = self.text();
        let place = self.place();
        let filters = self.filters(vocabulary);
        let has_words = text.as_deref().is_some_and(|text| !words(text).is_empty());
        let sort = self.sort(has_words, &place);
        let (page, page_size) = self.paging();
        SearchQuery {
            text: text.filter(|_| has_words),
            understand: self.flag("understand").unwrap_or(true),
            off: self.lists("not", Reads::all(), Reads::name).into_iter().collect(),
            place,
            filters,
            facets: self.list("facets", Facet::all(), Facet::name),
            explain: self.flag("explain").unwrap_or(false),
            sort,
            language: self.parsed("lang").unwrap_or_else(|| SearchQuery::default().language),
            page,
            page_size,
        }
    }

    fn refuse_unknown_names(&mut self) {
        let known = || PARAMETERS.into_iter().chain(Scheme::ALL.map(Scheme::name));
        let unknown: BTreeSet<&str> =
            self.pairs.iter().map(|(name, _)| name.as_str()).filter(|name| !known().any(|k| k == *name)).collect();
        for name in unknown {
            let hint = match nearest_name(name, known()) {
                Some(nearest) => format!("did you mean '{nearest}'?"),
                None => "see the description of this address for those there are".to_owned(),
            };
            self.fault(&brief(name), format!("there is no parameter '{}'; {hint}", brief(name)));
        }
    }

    fn text(&mut self) -> Option<String> {
        let text = self.pairs.iter().filter(|(name, _)| name == "q").map(|(_, value)| value).next().cloned();
        if self.pairs.iter().filter(|(name, _)| name == "q").count() > 1 {
            self.fault("q", "this may be given once".to_owned());
        }
        let length = text.as_deref().map_or(0, |text| text.chars().count());
        if length > MAX_QUESTION {
            self.fault("q", format!("this has {length} characters; at most {MAX_QUESTION} are allowed"));
        }
        text
    }

    fn place(&mut self) -> PlaceFilter {
        let (position, named) = self.near();
        let radius = self.single("radius").and_then(|given| {
            let metres = given.parse::<f64>().ok().filter(|metres| *metres > 0.0 && *metres <= MAX_RADIUS);
            let distance = metres.and_then(Distance::from_metres);
            if distance.is_none() {
                let detail = format!("'{}' is not a distance in metres above 0 and up to {MAX_RADIUS}", brief(given));
                self.fault("radius", detail);
            }
            distance
        });
        if self.is_given("radius") && !self.is_given("near") {
            self.fault("radius", "a radius needs near, the position it is drawn around".to_owned());
        }
        let near = position.map(|position| Near { position, radius });
        PlaceFilter { near, named, bbox: self.parsed("bbox"), within: None, areas: self.several("area") }
    }

    /// The position that `near` gives, and the place when it names one.
    fn near(&mut self) -> (Option<Position>, Option<NamedPlace>) {
        let Some(given) = self.single("near") else { return (None, None) };
        let is_position = given.contains(',') && !given.contains(char::is_alphabetic);
        if is_position || given.chars().count() > MAX_TEXT {
            return (self.parsed("near"), None);
        }
        match (self.place)(given) {
            Ok(named) => (Some(named.position), Some(named)),
            Err(detail) => {
                self.fault("near", detail);
                (None, None)
            }
        }
    }

    fn filters(&mut self, vocabulary: &Vocabulary) -> Filters {
        let mut filters = Filters::default();
        for scheme in Scheme::ALL {
            let mut concepts = BTreeSet::new();
            for value in self.values(scheme.name()) {
                match vocabulary.concept(scheme, value) {
                    Some(concept) => {
                        concepts.insert(ConceptId::from(concept.id.as_str()));
                    }
                    None => self.fault(scheme.name(), unknown_concept(vocabulary, scheme, value)),
                }
            }
            if !concepts.is_empty() {
                filters.concepts.insert(scheme, concepts);
            }
        }
        filters.age = self.number("age", 0..=MAX_AGE).and_then(|age| u8::try_from(age).ok());
        filters.gender = self.one_of("gender", Gender::ALL, Gender::name);
        filters.max_price = self.parsed("maxPrice");
        filters.city_pass = self.parsed("cityPass");
        filters.weekdays = self.all_of("weekday", WEEK, weekday_name);
        filters.day_parts = self.all_of("partOfDay", DayPart::ALL, DayPart::as_str);
        filters.when = self.when();
        filters.online = self.flag("online");
        filters.organization = self.single("organization").and_then(|given| {
            let id = given.parse().ok();
            if id.is_none() {
                self.fault("organization", format!("'{}' is not the id of an organization (a UUID)", brief(given)));
            }
            id
        });
        filters.municipalities = self.several("municipality");
        filters.assured_since = self.date("assuredSince");
        filters.include_unknown =
            self.lists("includeUnknown", Unknowable::all(), Unknowable::name).into_iter().collect();
        filters.only = self.lists("only", Person::ALL, Person::name).into_iter().collect();
        for name in filters.only.iter().map(|person| person.name()) {
            if !self.is_given(name) {
                self.fault(
                    "only",
                    format!("{name} needs the parameter {name}, which it narrows: give both, or neither"),
                );
            }
        }
        filters
    }

    fn when(&mut self) -> Option<When> {
        let when = self.one_of("when", When::NAMED, When::name);
        let date = self.date("date").map(When::Date);
        if self.is_given("when") && self.is_given("date") {
            self.fault("date", "a date and when ask for two times; give one of them".to_owned());
        }
        date.or(when)
    }

    fn sort(&mut self, has_words: bool, place: &PlaceFilter) -> Sort {
        let default = match place.near {
            _ if has_words => Sort::Relevance,
            Some(_) => Sort::Distance,
            None => Sort::Name,
        };
        let sort = self.one_of("sort", Sort::ALL, Sort::name).unwrap_or(default);
        if sort == Sort::Distance && !self.is_given("near") {
            self.fault("sort", "distance needs near, the position it is measured from".to_owned());
        }
        sort
    }

    fn paging(&mut self) -> (usize, usize) {
        let page = self.number("page", 1..=MAX_DEPTH).unwrap_or(1);
        let page_size = self.number("pageSize", 1..=MAX_PAGE_SIZE).unwrap_or(20);
        if page * page_size > MAX_DEPTH {
            let detail = format!("page times pageSize is at most {MAX_DEPTH}; who needs more reads the export");
            self.fault("page", detail);
        }
        (page, page_size)
    }

    fn fault(&mut self, parameter: &str, detail: String) {
        self.faults.push(ParamFault { parameter: parameter.to_owned(), detail });
    }

    fn is_given(&self, name: &str) -> bool {
        self.pairs.iter().any(|(given, _)| given == name)
    }
}

/// How one parameter is read.
impl<'p> Params<'p> {
    /// The values of a repeatable parameter, trimmed, each once.
    fn values(&mut self, name: &str) -> Vec<&'p str> {
        let mut values = Vec::new();
        for (_, value) in self.pairs.iter().filter(|(given, _)| given == name) {
            let value = value.trim();
            if value.is_empty() {
                self.fault(name, "this is empty; give a value, or leave the parameter out".to_owned());
            } else if !values.contains(&value) {
                values.push(value);
            }
        }
        self.bounded(name, values)
    }

    /// The values of a parameter that may be repeated, and may hold several with commas between them.
    fn comma_values(&mut self, name: &str) -> Vec<&'p str> {
        let mut values = Vec::new();
        for value in self.values(name).into_iter().flat_map(|value| value.split(',')).map(str::trim) {
            if value.is_empty() {
                self.fault(name, "there is nothing between two commas".to_owned());
            } else if !values.contains(&value) {
                values.push(value);
            }
        }
        self.bounded(name, values)
    }

    fn bounded(&mut self, name: &str, mut values: Vec<&'p str>) -> Vec<&'p str> {
        if values.len() > MAX_VALUES {
            self.fault(name, format!("this has {} values; at most {MAX_VALUES} are allowed", values.len()));
            values.clear();
        }
        values
    }

    fn single(&mut self, name: &str) -> Option<&'p str> {
        if self.pairs.iter().filter(|(given, _)| given == name).count() > 1 {
            self.fault(name, "this may be given once".to_owned());
            return None;
        }
        self.values(name).pop()
    }

    fn parsed<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<T> {
        let given = self.single(name)?;
        given.parse().map_err(|error: T::Err| self.fault(name, error.to_string())).ok()
    }

    fn several<T: FromStr<Err: Display>>(&mut self, name: &str) -> Vec<T> {
        let values = self.values(name);
        values
            .into_iter()
            .filter_map(|value| value.parse().map_err(|error: T::Err| self.fault(name, error.to_string())).ok())
            .collect()
    }

    fn number(&mut self, name: &str, within: std::ops::RangeInclusive<usize>) -> Option<usize> {
        let given = self.single(name)?;
        let number = given.parse().ok().filter(|number| within.contains(number));
        if number.is_none() {
            let detail =
                format!("'{}' is not a whole number from {} to {}", brief(given), within.start(), within.end());
            self.fault(name, detail);
        }
        number
    }

    fn date(&mut self, name: &str) -> Option<NaiveDate> {
        let given = self.single(name)?;
        parse_date(given).map_err(|detail| self.fault(name, detail)).ok()
    }

    fn flag(&mut self, name: &str) -> Option<bool> {
        let given = self.single(name)?;
        given.parse().map_err(|_| self.fault(name, format!("'{}' is neither true nor false", brief(given)))).ok()
    }

    fn one_of<T: Copy, const N: usize>(&mut self, name: &str, all: [T; N], of: fn(T) -> &'static str) -> Option<T> {
        let given = self.single(name)?;
        self.named(name, &[given], all, of).pop()
    }

    fn all_of<T: Copy, const N: usize>(&mut self, name: &str, all: [T; N], of: fn(T) -> &'static str) -> Vec<T> {
        let values = self.values(name);
        self.named(name, &values, all, of)
    }

    fn list<T: Copy>(&mut self, name: &str, all: impl IntoIterator<Item = T>, of: fn(T) -> &'static str) -> Vec<T> {
        if self.single(name).is_none() {
            return Vec::new();
        }
        self.lists(name, all, of)
    }

    fn lists<T: Copy>(&mut self, name: &str, all: impl IntoIterator<Item = T>, of: fn(T) -> &'static str) -> Vec<T> {
        let values = self.comma_values(name);
        self.named(name, &values, all, of)
    }

    fn named<T: Copy>(
        &mut self,
        name: &str,
        values: &[&str],
        all: impl IntoIterator<Item = T>,
        of: fn(T) -> &'static str,
    ) -> Vec<T> {
        let all: Vec<T> = all.into_iter().collect();
        let mut found = Vec::new();
        for value in values {
            match all.iter().find(|one| of(**one) == *value) {
                Some(one) => found.push(*one),
                None => {
                    let names: Vec<_> = all.iter().map(|one| of(*one)).collect();
                    self.fault(name, format!("'{}' is not one of {}", brief(value), names.join(", ")));
                }
            }
        }
        found
    }
}

fn brief(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::tests::world::vocabulary;

    fn read(address: &str) -> Result<SearchQuery, Vec<ParamFault>> {
        let pairs: Vec<_> = url::form_urlencoded::parse(address.as_bytes()).into_owned().collect();
        SearchQuery::from_params(&pairs, &vocabulary(), |text| Err(format!("{text} is not known")))
    }

    #[test]
    fn every_parameter_is_read() {
        let query = read(
            "q=rouw&near=52.3,4.9&radius=1500&bbox=4.8,52.2,5,52.5&area=GM0363&area=BU0363AK05&theme=grief&theme=money\
             &cost=free&age=17&gender=female&maxPrice=2,50&cityPass=GM0363&weekday=monday&weekday=friday\
             &partOfDay=evening&online=false&organization=01890000-0000-7000-8000-000000000000&municipality=NL\
             &assuredSince=2026-01-02&includeUnknown=cost,maxPrice&includeUnknown=theme&only=age,gender&explain=true\
             &sort=distance&facets=theme,weekday,providerType&lang=en&page=3&pageSize=50&when=weekend",
        )
        .expect("no faults");
        assert_eq!(query.filters.concepts.len(), 2);
        assert_eq!(query.filters.concepts[&Scheme::Theme].len(), 2);
        assert_eq!(query.filters.include_unknown.len(), 3);
        assert_eq!(query.filters.only.len(), 2);
        assert_eq!(query.facets, [Facet::Scheme(Scheme::Theme), Facet::Weekday, Facet::Scheme(Scheme::ProviderType)]);
        assert_eq!((query.sort, query.page, query.page_size), (Sort::Distance, 3, 50));
        assert_eq!(query.filters.weekdays.len(), 2);
        assert_eq!(query.filters.when, Some(When::Weekend));
        assert_eq!(query.place.radius().map(Distance::metres), Some(1500.0));
        let q = |address: &str| read(address).map(|query| (query.text, query.sort)).expect(address);
        assert_eq!(q("q="), (None, Sort::Name));
        assert_eq!(q("q=%28%28&near=52,5"), (None, Sort::Distance));
        assert_eq!(q("q=rouw&near=52,5"), (Some("rouw".into()), Sort::Relevance));
    }

    #[test]
    fn every_fault_is_told_at_once_and_names_what_would_be_right() {
        let faults = read(
            "themes=x&theme=rouwen&radius=0&near=91,0&bbox=1&area=XX&age=121&gender=x&maxPrice=gratis\
             &cityPass=Amsterdam&weekday=maandag&partOfDay=noon&online=ja&organization=x&municipality=x\
             &assuredSince=1-1-2026&includeUnknown=colour&only=price&explain=1&sort=best&facets=theme,,x&lang=n\
             &page=0&pageSize=101&when=soon&date=2026-02-30&format=geojson&cost=",
        )
        .expect_err("all is wrong");
        let of = |name: &str| faults.iter().filter(|fault| fault.parameter == name).count();
        for name in "themes theme radius near bbox area age gender maxPrice cityPass weekday partOfDay online \
            organization municipality assuredSince includeUnknown only explain sort facets lang page pageSize when \
            date format cost"
            .split_whitespace()
        {
            assert!(of(name) >= 1, "{name}: {faults:?}");
        }
        let detail = |name: &str| &faults.iter().find(|fault| fault.parameter == name).expect(name).detail;
        assert!(detail("themes").contains("'theme'"));
        assert!(detail("theme").contains("'grief'"));
    }

    #[test]
    fn limits_are_kept() {
        for (address, parameter) in [
            ("radius=100".to_owned(), "radius"),
            ("sort=distance".to_owned(), "sort"),
            ("when=today&date=2026-12-25".to_owned(), "date"),
            ("only=targetGroup".to_owned(), "only"),
            ("only=age,gender&age=81".to_owned(), "only"),
            ("only=gender&targetGroup=everyone".to_owned(), "only"),
            ("near=52,5&radius=200001".to_owned(), "radius"),
            ("near=52,5&radius=inf".to_owned(), "radius"),
            ("near=52,5&near=52,5".to_owned(), "near"),
            ("q=a&q=b".to_owned(), "q"),
            ("facets=theme&facets=cost".to_owned(), "facets"),
            (format!("q={}", "a".repeat(501)), "q"),
            ((0..21).map(|n| format!("municipality=GM{n:04}&")).collect(), "municipality"),
            ("page=101&pageSize=100".to_owned(), "page"),
        ] {
            let faults = read(&address).expect_err(&address);
            assert_eq!(faults.len(), 1, "{address}: {faults:?}");
            assert_eq!(faults[0].parameter, parameter, "{address}");
        }
        assert!(read("page=100&pageSize=100").is_ok());
        assert!(read(&format!("q={}", "é".repeat(500))).is_ok());
    }
}
