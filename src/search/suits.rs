//! What suits who asks, beside being a hit. What does not gives way to its equals: what is made for a group that the
//! question does not name, or only in languages that it is not in; what people of the said age and gender cannot take
//! part in; and what does not fit that of the question that was set aside, since too little does.

use super::SearchError;
use super::columns::{Columns, View};
use super::filter::{EVERY, EVERYONE, Filter};
use super::layout::{Bits, Layout};
use super::place::PlaceTest;
use super::query::{Filters, SearchQuery};
use super::sieve::Documents;
use super::snapshot::Snapshot;
use super::understand::{Meant, Understood};
use super::weights;
use crate::domain::{Now, Scheme};

/// What is looked at to tell whether an offering suits.
pub(super) struct Suits {
    /// The documents of each segment that are made for others than the question names; nothing without words.
    for_others: Vec<Documents>,
    /// Whether people of the said age and gender may come to a session: one for each age; nothing when neither is said.
    person: Vec<Filter>,
    /// What was set aside, each with its place.
    aside: Vec<(Filter, PlaceTest)>,
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
}

impl Suiting {
    /// What is left of its score, from 0 to 1.
    pub fn factor(self) -> f32 {
        let one = |holds: bool, factor: f32| if holds { factor } else { 1.0 };
        one(self.is_for_others, weights::FOR_OTHERS)
            * one(self.leaves_out, weights::LEFT_OUT)
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
        Self { for_others: made_for_others(snapshot, query, asked), person, aside: Vec::new() }
    }

    /// Lets what does not fit a query give way; it is the query with something in it that was set aside.
    pub fn prefer(&mut self, snapshot: &Snapshot, query: &SearchQuery, now: Now) -> Result<(), SearchError> {
        let filter = Filter::new(&snapshot.layout, &query.filters, now.today());
        self.aside.push((filter, PlaceTest::new(snapshot, &query.place)?));
        Ok(())
    }

    /// How well a document of a segment suits.
    pub fn of(&self, view: View<'_>, segment: usize, document: u32) -> Suiting {
        let is_for_others = self.for_others.get(segment).is_some_and(|documents| documents.has(document));
        let any = |fits: &dyn Fn(usize) -> bool| view.columns.sessions_of(document).any(fits);
        let passes = |filter: &Filter, at: usize| filter.facets(view, at, &filter.bits(&view.sessions[at])) == EVERY;
        let may_come = |at: usize| self.person.iter().any(|filter| passes(filter, at));
        let fits = |(filter, place): &&(Filter, PlaceTest)| {
            any(&|at| passes(filter, at) && place.distance(view.columns, at).is_some())
        };
        let misses = self.aside.iter().filter(|aside| !fits(aside)).count() as u8;
        Suiting { is_for_others, leaves_out: !self.person.is_empty() && !any(&may_come), misses }
    }
}

/// The languages that somebody who asks in Dutch is taken to speak.
const DUTCH: [&str; 2] = ["nl", "nl_easy"];

/// The offerings of each segment that are made for others than the question names; none of a search without words.
fn made_for_others(snapshot: &Snapshot, query: &SearchQuery, asked: &Understood) -> Vec<Documents> {
    if asked.units.is_empty() {
        return Vec::new();
    }
    let named = named(snapshot, query, asked);
    snapshot.columns.iter().map(|columns| without_named(columns, &snapshot.layout, &named)).collect()
}

/// The offerings that are for some groups or in some languages, but for none and in none that was named.
fn without_named(columns: &Columns, layout: &Layout, named: &Bits) -> Documents {
    let sets = &columns.sets;
    let stated_without = |scheme, suiting: &Bits| {
        let mut documents = sets.offerings.clone();
        documents.leave_out(sets.with(layout.unknown(scheme)));
        suiting.iter().for_each(|fact| documents.leave_out(sets.with(fact)));
        documents
    };
    let (mut groups, mut languages) = (Bits::default(), Bits::default());
    groups.add_within(named, &Bits::of(layout.made_for_any()));
    layout.place(Scheme::TargetGroup, EVERYONE).into_iter().for_each(|place| groups.set(place));
    languages.add_within(named, &Bits::of(layout.range(Scheme::Language)));
    let dutch = DUTCH.iter().filter_map(|id| layout.place(Scheme::Language, id));
    dutch.for_each(|place| languages.set(place));
    let mut others = stated_without(Scheme::TargetGroup, &groups);
    others.join(&stated_without(Scheme::Language, &languages));
    others
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
