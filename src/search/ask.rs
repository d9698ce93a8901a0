//! From a question to its answer: reads it, narrows and loosens the search by what was read, and makes the page.

use std::sync::OnceLock;

use crate::domain::{Distance, Now, Scheme};

use super::SearchError;
use super::find::{A_CHOICE, Outcome, Search};
use super::matching::MustHave;
use super::page::{Elsewhere, Hit, SearchPage};
use super::query::{Facet, Near, PlaceFilter, SearchQuery, Unknowable};
use super::snapshot::Snapshot;
use super::tally::Tally;
use super::understand::{Context, Meant, Narrowed, Narrowing, PlaceNames, Reads, Understood, Within};
use super::weights;

/// What is near in a town and around a village, in metres, where nobody says.
const NEAR_TOWN: f64 = 1_000.0;
const NEAR_VILLAGE: f64 = 5_000.0;
/// Who finds too little within so many metres gets all there is, the nearest first.
const WIDEST_NEAR: f64 = 40_000.0;
/// So many hits are enough for any page.
const ENOUGH_NEAR: u64 = 20;

impl Snapshot {
    /// Finds the hits of a query. `now` decides what is on, what is still believed, as a statement about room, and
    /// which day "tomorrow" is.
    pub fn find(&self, query: &SearchQuery, now: Now) -> Result<SearchPage, SearchError> {
        let asked = self.understood(query, now);
        let answer = |query: &SearchQuery, search: &Search<'_>, outcome, kept: &[&Narrowed]| {
            self.answer(query, search, outcome, kept)
        };
        // Near what was asked for, be it chosen or said.
        let said = asked.narrowings.iter().filter(|narrowed| narrowed.to.reads() == Reads::Area);
        let there = narrow(query, said.filter(|narrowed| is_free(query, &narrowed.to)));
        let front_doors = self.front_doors_first(&there, &asked)?;
        if let Some((page, radius)) = self.near_enough(query, &asked, now, enough_near(query), answer)? {
            return Ok(SearchPage { radius: Some(radius), front_doors, ..page });
        }
        let page = self.ask(query, &asked, now, |search, outcome, kept| answer(query, search, outcome, kept))?;
        let mut page = SearchPage { front_doors, ..page };
        if page.total < A_CHOICE {
            page.relaxations = self.relaxations(query, &asked, now, page.total)?;
            page.nearby = Some(self.nearby(&there, &asked, now)?);
        }
        Ok(page)
    }

    /// The answer to a search near a position that gives no radius, with the narrowest within which there are enough
    /// hits with all that is asked for; nothing when there is none, or another place is asked for.
    ///
    /// What was asked for goes before how near it is: less of it will only do where there is no more.
    pub(super) fn near_enough<T>(
        &self,
        query: &SearchQuery,
        asked: &Understood,
        now: Now,
        enough: u64,
        answer: impl Fn(&SearchQuery, &Search<'_>, Outcome, &[&Narrowed]) -> Result<T, SearchError>,
    ) -> Result<Option<(T, Distance)>, SearchError> {
        let says_words = asked.units.iter().any(|unit| !unit.is_learned);
        for radius in self.radii(query, asked) {
            let near = query.place.near.map(|near| Near { radius: Some(radius), ..near });
            let around = SearchQuery { place: PlaceFilter { near, ..query.place.clone() }, ..query.clone() };
            let narrowings = asked.narrowings.iter().filter(|narrowed| is_free(&around, &narrowed.to)).count();
            let found = self.ask(&around, asked, now, |search, outcome, kept| {
                let is_whole = outcome.must_have.is_none_or(|must_have| must_have == MustHave::AllSaid || !says_words);
                let fits = is_whole && kept.len() == narrowings && outcome.tally.total >= enough;
                fits.then(|| answer(&around, search, outcome, kept)).transpose()
            })?;
            if let Some(found) = found {
                return Ok(Some((found, radius)));
            }
        }
        Ok(None)
    }

    /// The radii to try for a search near a position that gives none, nor another place: from what is near there, a
    /// kilometre in a town and five around a village, wider and wider.
    fn radii(&self, query: &SearchQuery, asked: &Understood) -> Vec<Distance> {
        let says_where = |narrowed: &Narrowed| matches!(narrowed.to, Narrowing::Near(Some(_)) | Narrowing::Areas(_));
        let Some(near) = query.place.near.filter(|_| !query.place.narrows()) else { return Vec::new() };
        if asked.narrowings.iter().any(says_where) {
            return Vec::new();
        }
        let first = if self.is_urban(near.position) == Some(false) { NEAR_VILLAGE } else { NEAR_TOWN };
        let wider = std::iter::successors(Some(first), |metres| Some(metres * 2.0));
        wider.take_while(|metres| *metres <= WIDEST_NEAR).filter_map(Distance::from_metres).collect()
    }

    /// How many offerings a query finds, with a question that was read before.
    pub(super) fn total(&self, query: &SearchQuery, asked: &Understood, now: Now) -> Result<u64, SearchError> {
        self.ask(query, asked, now, |_, outcome, _| Ok(outcome.tally.total))
    }

    /// The hits of a query and nothing else.
    pub(super) fn hits(&self, query: &SearchQuery, asked: &Understood, now: Now) -> Result<Vec<Hit>, SearchError> {
        self.ask(query, asked, now, |search, outcome, _| search.hits(outcome.hits))
    }

    /// Runs a query, narrowed by what its question leaves out. What leaves no choice is set aside, and so is what leaves
    /// nothing of what the question is about: who asks for a language lesson in the north wants a lesson.
    pub(super) fn ask<T>(
        &self,
        query: &SearchQuery,
        asked: &Understood,
        now: Now,
        answer: impl FnOnce(&Search<'_>, Outcome, &[&Narrowed]) -> Result<T, SearchError>,
    ) -> Result<T, SearchError> {
        let narrowings: Vec<&Narrowed> =
            asked.narrowings.iter().filter(|narrowed| is_free(query, &narrowed.to)).collect();
        // The least trusted is set aside first.
        let mut choice = None;
        for at in 0..=narrowings.len() {
            let kept = &narrowings[at..];
            let narrowed = narrow(query, kept.iter().copied());
            let search = Search::new(self, &narrowed, asked, now)?.preferring(narrowings[..at].iter().copied())?;
            let outcome = search.run()?;
            let is_last = kept.is_empty();
            if outcome.tally.total < A_CHOICE && !is_last {
                continue;
            }
            let is_whole = outcome.must_have.is_none_or(|must_have| must_have == MustHave::AllSaid);
            if is_whole || is_last && choice.is_none() || self.has_subject(query, &narrowed, asked, now)? {
                return answer(&search, outcome, kept);
            }
            choice.get_or_insert(at);
        }
        // What it is about is nowhere.
        let (aside, kept) = narrowings.split_at(choice.unwrap_or(narrowings.len()));
        let narrowed = narrow(query, kept.iter().copied());
        let search = Search::new(self, &narrowed, asked, now)?.preferring(aside.iter().copied())?;
        let outcome = search.run()?;
        answer(&search, outcome, kept)
    }

    /// Whether anything within the filters and the place of a query, narrowed by its question, has one of the themes that
    /// the question is about: the surest, and those that are half as sure. So it is when the question is about none.
    fn has_subject(
        &self,
        query: &SearchQuery,
        narrowed: &SearchQuery,
        asked: &Understood,
        now: Now,
    ) -> Result<bool, SearchError> {
        let is_theme =
            |meant: &&Meant| self.layout.concept(meant.place).is_some_and(|(scheme, _)| *scheme == Scheme::Theme);
        let themes = || asked.concepts.iter().filter(is_theme);
        let surest = themes().max_by(|a, b| a.strength.total_cmp(&b.strength));
        let Some(surest) = surest.filter(|surest| surest.strength >= weights::SUBJECT) else { return Ok(true) };
        if narrowed.filters.concepts.contains_key(&Scheme::Theme) {
            return Ok(true);
        }
        let subject = themes().filter(|meant| meant.strength * 2.0 > surest.strength);
        let subject = subject.filter_map(|meant| self.layout.concept(meant.place)).map(|(_, id)| id.clone());
        let mut about = SearchQuery { text: None, facets: Vec::new(), ..narrowed.clone() };
        about.filters.concepts.insert(Scheme::Theme, subject.collect());
        if surest.tokens != 0 {
            // What is let in, since its times or price are not known, does not do for what was said outright.
            about.filters.include_unknown.clone_from(&query.filters.include_unknown);
        }
        let nothing = Understood::default();
        Ok(Search::new(self, &about, &nothing, now)?.total(None)? > 0)
    }

    /// What the words of a query mean.
    pub(super) fn understood(&self, query: &SearchQuery, now: Now) -> Understood {
        let Some(text) = &query.text else { return Understood::default() };
        if !query.understand {
            return Understood::of_words(text);
        }
        let (places, taught) = (self.place_names(), self.taught.as_deref());
        let (stands, is_common) =
            (|word: &str| self.stands(word), |stem: &str| self.with_stem(stem) >= weights::ENOUGH_WITH_WORD);
        let within = Within::of(&query.place.areas, &query.filters.municipalities);
        let off = &query.off;
        self.understanding.read(
            text,
            &Context {
                today: now.today(),
                places,
                taught,
                within: &within,
                stands: &stands,
                is_common: &is_common,
                off,
            },
        )
    }

    fn place_names(&self) -> &PlaceNames {
        self.places.get_or_init(|| {
            let mut names = PlaceNames::default();
            for (segment, columns) in self.columns.iter().enumerate() {
                let alive = columns.areas.iter().filter(|(document, _)| self.is_alive(segment, *document));
                for (name, area) in alive.flat_map(|(_, area)| area.names.iter().map(|name| (name, &area.code))) {
                    names.add(name, area);
                }
            }
            names
        })
    }

    fn answer(
        &self,
        query: &SearchQuery,
        search: &Search<'_>,
        outcome: Outcome,
        kept: &[&Narrowed],
    ) -> Result<SearchPage, SearchError> {
        let Outcome { hits, tally, must_have } = outcome;
        let asked = search.asked;
        let ways = Tally::ways_elsewhere(&search.query.place);
        let elsewhere = match search.query.place.narrows() {
            true if asked.units.is_empty() => Some(search.counts(&[])?.elsewhere(ways)),
            true => Some(tally.elsewhere(ways)),
            false => None,
        };
        let understood = match &query.text {
            Some(_) => {
                let left_out = |at: usize| -> Result<u64, SearchError> {
                    let others = kept.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, other)| *other);
                    let wider = narrow(query, others);
                    let wider = Search::new(self, &wider, asked, search.now)?;
                    Ok(wider.total(must_have)?.saturating_sub(tally.total))
                };
                let left_out = (0..kept.len()).map(left_out).collect::<Result<Vec<_>, _>>()?;
                let is_all = must_have.is_none_or(|must_have| must_have == MustHave::AllSaid);
                Some(self.interpretation(query, asked, kept, &left_out, is_all))
            }
            None => None,
        };
        Ok(SearchPage {
            total: tally.total,
            page: query.page,
            page_size: query.page_size,
            crisis: None,
            understood,
            near: query.place.named.clone(),
            radius: None,
            front_doors: Vec::new(),
            hits: search.hits(hits)?,
            facets: query.facets.iter().map(|facet| (facet.name(), search.facet(&tally, *facet))).collect(),
            elsewhere: elsewhere.map(|[online, at_home, nationwide, unknown_place]| Elsewhere {
                online,
                at_home,
                nationwide,
                unknown_place,
            }),
            relaxations: Vec::new(),
            nearby: None,
            data_as_of: self.watermark().as_of,
        })
    }
}

impl Search<'_> {
    /// Lets what does not fit that of the question that was set aside give way to its equals.
    fn preferring<'n>(mut self, aside: impl Iterator<Item = &'n Narrowed>) -> Result<Self, SearchError> {
        // What is on in some days is only known of the days that the query asks for.
        for narrowed in aside.filter(|narrowed| !matches!(narrowed.to, Narrowing::When(_))) {
            let mut with = narrow(self.query, [narrowed].into_iter());
            // Of what is not known it is not known whether it fits.
            with.filters.include_unknown.clone_from(&self.query.filters.include_unknown);
            self.suits.prefer(self.snapshot, &with, self.now)?;
        }
        Ok(self)
    }
}

/// How many hits are enough for a query not to look further away: a page of them.
pub(super) fn enough_near(query: &SearchQuery) -> u64 {
    ENOUGH_NEAR.max(query.page_size as u64)
}

/// Whether a query has no filter of its own where a reading would put one: what somebody chose counts.
fn is_free(query: &SearchQuery, narrowing: &Narrowing) -> bool {
    let reads = match narrowing {
        // Near alone leaves nothing out.
        Narrowing::Near(within) => {
            return within.is_some() && query.place.near.is_some_and(|near| near.radius.is_none());
        }
        other => other.reads(),
    };
    match reads {
        Reads::Weekday => query.filters.weekdays.is_empty(),
        Reads::When => query.filters.when.is_none(),
        Reads::PartOfDay => query.filters.day_parts.is_empty(),
        Reads::Area => !query.place.narrows(),
        Reads::Scheme(scheme) => !query.filters.concepts.contains_key(&scheme),
        Reads::Near | Reads::Age | Reads::Gender | Reads::Likely | Reads::Need | Reads::Related | Reads::Spelling => {
            false
        }
    }
}

/// A query with what was read as filters. What is not known of an offering is let in, and comes last.
fn narrow<'n>(query: &SearchQuery, narrowings: impl Iterator<Item = &'n Narrowed>) -> SearchQuery {
    let mut narrowed = query.clone();
    for Narrowed { to, .. } in narrowings {
        let filters = &mut narrowed.filters;
        let unknown = match to {
            Narrowing::Weekdays(days) => {
                filters.weekdays.clone_from(days);
                Unknowable::Facet(Facet::Weekday)
            }
            Narrowing::PartsOfDay(parts) => {
                filters.day_parts.clone_from(parts);
                Unknowable::Facet(Facet::PartOfDay)
            }
            Narrowing::When(when) => {
                filters.when = Some(*when);
                Unknowable::When
            }
            Narrowing::Concepts(scheme, ids) => {
                filters.concepts.insert(*scheme, ids.iter().cloned().collect());
                Unknowable::Facet(Facet::Scheme(*scheme))
            }
            Narrowing::Near(within) => {
                narrowed.place.near = narrowed.place.near.map(|near| Near { radius: *within, ..near });
                continue;
            }
            Narrowing::Areas(areas) => {
                narrowed.place.areas.clone_from(areas);
                continue;
            }
        };
        filters.include_unknown.insert(unknown);
    }
    narrowed
}

/// The names of areas, made when they are first asked for.
pub(super) type Places = OnceLock<PlaceNames>;
