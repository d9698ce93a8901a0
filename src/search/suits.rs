//! What suits who asks, beside being a hit. What does not gives way to its equals: what is made for a group that the
//! question does not name, or only in languages that it is not in; what people of the said age and gender cannot take
//! part in; what does not fit that of the question that was set aside, since too little does; and, of who asks what is on at
//! a time or where to go then, what has no place to go to.

use std::ops::Range;

use super::SearchError;
use super::columns::{Columns, View};
use super::facts::flag;
use super::filter::{EVERY, Filter};
use super::layout::Bits;
use super::place::PlaceTest;
use super::query::{Filters, SearchQuery};
use super::snapshot::Snapshot;
use super::understand::{Meant, Understood};
use super::weights;
use crate::domain::{Now, Scheme};

/// What is looked at to tell whether an offering suits.
pub(super) struct Suits {
    /// The groups and the languages that the question names; nothing without words.
    named: Option<[Vec<usize>; 2]>,
    /// Whether people of the said age and gender may come to a session: one for each age; nothing when neither is said.
    person: Vec<Filter>,
    /// What was set aside, each with its place.
    aside: Vec<(Filter, PlaceTest)>,
    /// Whether who asks wants somewhere to go: "wat is er zaterdag te doen" is no call to a line that is open every day.
    goes_out: bool,
}

/// How well an offering suits who asks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Suiting {
    /// Whether it is made for others than the question names.
    pub is_for_others: bool,
    /// Whether people of the said age and gender cannot take part.
    pub leaves_out: bool,
    /// How much of what was set aside does not fit.
    pub misses: u8,
    /// Whether who asks wants somewhere to go, and it has no place.
    pub has_no_place: bool,
}

impl Suiting {
    /// What is left of its score, from 0 to 1.
    pub fn factor(self) -> f32 {
        let one = |holds: bool, factor: f32| if holds { factor } else { 1.0 };
        one(self.is_for_others, weights::FOR_OTHERS)
            * one(self.leaves_out, weights::LEFT_OUT)
            * one(self.has_no_place, weights::NO_PLACE)
            * weights::SET_ASIDE.powi(i32::from(self.misses))
    }
}

impl Suits {
    pub fn new(snapshot: &Snapshot, query: &SearchQuery, asked: &Understood, now: Now) -> Self {
        let layout = &snapshot.layout;
        // What somebody chose is not read over.
        let gender = asked.for_whom.gender.filter(|_| query.filters.gender.is_none());
        let ages = if query.filters.age.is_none() { asked.for_whom.ages.as_slice() } else { &[] };
        let filter = |age| Filter::new(layout, &Filters { age, gender, ..Filters::default() }, now.today());
        let person = match (ages.is_empty(), gender) {
            (true, None) => Vec::new(),
            (true, Some(_)) => vec![filter(None)],
            (false, _) => ages.iter().map(|age| filter(Some(*age))).collect(),
        };
        let named = (!asked.units.is_empty()).then(|| {
            let named = named(snapshot, query, asked);
            let within = |range: Range<usize>| named.iter().filter(|fact| range.contains(fact)).collect();
            [within(layout.made_for_any()), within(layout.range(Scheme::Language))]
        });
        let Filters { weekdays, day_parts, when, .. } = &query.filters;
        let asks_when = !weekdays.is_empty() || !day_parts.is_empty() || when.is_some();
        let goes_out = asks_when && (asked.wants_out || says_only_for_whom(snapshot, asked));
        Self { named, person, aside: Vec::new(), goes_out }
    }

    /// Lets what does not fit a query give way; it is the query with something in it that was set aside.
    pub fn prefer(&mut self, snapshot: &Snapshot, query: &SearchQuery, now: Now) -> Result<(), SearchError> {
        let filter = Filter::new(&snapshot.layout, &query.filters, now.today());
        self.aside.push((filter, PlaceTest::new(snapshot, &query.place)?));
        Ok(())
    }

    /// Whether a document is made for others than the question names.
    pub fn is_for_others(&self, columns: &Columns, document: u32) -> bool {
        let sets = &columns.sets;
        let has = |fact: &usize| sets.with(*fact).has(document);
        self.named.as_ref().is_some_and(|[groups, languages]| {
            sets.for_some.has(document) && !groups.iter().any(has)
                || sets.not_in_dutch.has(document) && !languages.iter().any(has)
        })
    }

    /// How well a document suits.
    pub fn of(&self, view: View<'_>, document: u32) -> Suiting {
        let any = |fits: &dyn Fn(usize) -> bool| view.columns.sessions_of(document).any(fits);
        let passes = |filter: &Filter, at: usize| filter.facets(view, at, &filter.bits(&view.sessions[at])) == EVERY;
        let may_come = |at: usize| self.person.iter().any(|filter| passes(filter, at));
        let fits = |(filter, place): &&(Filter, PlaceTest)| {
            any(&|at| passes(filter, at) && place.distance(view.columns, at).is_some())
        };
        let misses = self.aside.iter().filter(|aside| !fits(aside)).count() as u8;
        let is_for_others = self.is_for_others(view.columns, document);
        let has_place = |at: usize| view.sessions[at].flags & flag::NOWHERE == 0;
        let has_no_place = self.goes_out && !any(&has_place);
        Suiting { is_for_others, leaves_out: !self.person.is_empty() && !any(&may_come), misses, has_no_place }
    }
}

/// Whether words say for whom something must be, if anything, and nothing of what it must be.
fn says_only_for_whom(snapshot: &Snapshot, asked: &Understood) -> bool {
    let tells_whom = |place: &usize| {
        let scheme = snapshot.layout.concept(*place).map(|(scheme, _)| *scheme);
        matches!(scheme, Some(Scheme::TargetGroup | Scheme::GenderSetting | Scheme::Community | Scheme::Language))
    };
    let mut said = asked.units.iter().filter(|unit| !unit.is_learned);
    said.all(|unit| !unit.concepts.is_empty() && unit.concepts.iter().all(tells_whom))
}

/// All that words and filters say of who asks, with what follows from it.
fn named(snapshot: &Snapshot, query: &SearchQuery, asked: &Understood) -> Bits {
    let layout = &snapshot.layout;
    let mut named = Bits::default();
    let mut add = |scheme: Scheme, id: &str| named.add(&layout.means(scheme, id));
    let is_named = |meant: &&Meant| meant.strength > if meant.tokens == 0 { weights::NAMED } else { 0.0 };
    for meant in asked.concepts.iter().filter(is_named) {
        if let Some((scheme, id)) = layout.concept(meant.place) {
            add(*scheme, id.as_str());
        }
    }
    for (scheme, concepts) in &query.filters.concepts {
        concepts.iter().for_each(|id| add(*scheme, id.as_str()));
    }
    for group in &snapshot.vocabulary.scheme(Scheme::TargetGroup).concepts {
        if query.filters.age.is_some_and(|age| group.is_for_age(age)) {
            add(Scheme::TargetGroup, group.id.as_str());
        }
    }
    query.filters.gender.into_iter().for_each(|gender| add(Scheme::GenderSetting, gender.own_setting()));
    named
}
