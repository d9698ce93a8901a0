//! Finds the hits of a query, counts its facets, and makes the page.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::value::{RawValue, to_raw_value};
use tantivy::DocAddress;

use crate::domain::schedule::{WEEK, weekday_name};
use crate::domain::text::fold;
use crate::domain::{BoundingBox, DayPart, Distance, LanguageTag, Scheme};

use super::SearchError;
use super::analysis::{QueryWord, query_words};
use super::card::HitLines;
use super::columns::{Columns, OfferingRow};
use super::facts::{day_key, flag};
use super::filter::{EVERY, Filter, PlaceTest};
use super::highlight::highlight;
use super::matching;
use super::order::{Candidate, First, Found, Ranking};
use super::page::{Elsewhere, Explanation, FacetCounts, FacetValue, Highlights, Hit, SearchPage};
use super::query::{Facet, Filters, SearchQuery, Sort};
use super::ruler::TOLERANCE;
use super::snapshot::Snapshot;
use super::tally::{Counting, Sum, Tally};

/// The counts of searches without words and place, which are the same for everybody. Nothing of a resident is in it:
/// neither words nor positions.
#[derive(Default)]
pub(super) struct CountCache(Vec<(CountKey, Arc<Tally>)>);

type CountKey = (Filters, Vec<Facet>, NaiveDate);

/// How many counts are kept; the first that came is the first to go.
const CACHED_COUNTS: usize = 64;

impl Snapshot {
    /// Finds the hits of a query. `today` decides what is still believed, as a statement about room.
    pub fn find(&self, query: &SearchQuery, today: NaiveDate) -> Result<SearchPage, SearchError> {
        let words = query.text.as_deref().map(query_words).unwrap_or_default();
        let search = Search::new(self, query, &words, today);
        let (hits, tally) = search.run()?;
        let elsewhere = match query.place.narrows() {
            true if words.is_empty() => Some(search.counts(&[])?.elsewhere(&query.place)),
            true => Some(tally.elsewhere(&query.place)),
            false => None,
        };
        Ok(SearchPage {
            total: tally.total,
            page: query.page,
            page_size: query.page_size,
            hits: hits.into_iter().map(|(candidate, shown)| search.hit(&candidate, shown)).collect::<Result<_, _>>()?,
            facets: query
                .facets
                .iter()
                .map(|facet| (facet.name(), search.facet(&tally, *facet)))
                .collect::<BTreeMap<_, _>>(),
            elsewhere: elsewhere.map(|[online, at_home, nationwide, unknown_place]| Elsewhere {
                online,
                at_home,
                nationwide,
                unknown_place,
            }),
            data_as_of: self.watermark().as_of,
        })
    }
}

/// A query, made ready to run.
struct Search<'s> {
    snapshot: &'s Snapshot,
    query: &'s SearchQuery,
    words: &'s [QueryWord],
    today: NaiveDate,
    filter: Filter,
    place: PlaceTest,
    ranking: Ranking,
    /// What was typed, folded, when there are words: the name that comes first.
    typed: Option<String>,
}

/// The session of a hit that is shown.
struct Shown {
    session: usize,
    is_let_in: bool,
    /// Exact, in metres.
    distance: Option<f64>,
}

impl<'s> Search<'s> {
    fn new(snapshot: &'s Snapshot, query: &'s SearchQuery, words: &'s [QueryWord], today: NaiveDate) -> Self {
        let has_origin = query.place.near.is_some();
        Self {
            snapshot,
            query,
            words,
            today,
            filter: Filter::new(&snapshot.layout, &query.filters, today),
            place: PlaceTest::new(&query.place),
            ranking: Ranking { sort: query.sort, today: day_key(today), has_origin },
            typed: query.text.as_deref().filter(|_| !words.is_empty()).map(fold),
        }
    }

    /// The hits of the page, in order, and all counts.
    fn run(&self) -> Result<(Vec<(Candidate, Shown)>, Arc<Tally>), SearchError> {
        let has_place = self.query.place.narrows();
        let (candidates, tally) = if self.words.is_empty() && !has_place {
            let tally = self.counts(&self.query.facets)?;
            let candidates = match self.query.sort {
                Sort::Name => self.first_by_name(),
                Sort::Distance => self.nearest(),
                Sort::Relevance | Sort::Assured => self.first_of_all(),
            };
            (candidates, tally)
        } else {
            let counting = self.counting(&self.query.facets);
            let mut pass = Pass::new(self, Some(&counting));
            if !self.words.is_empty() {
                self.visit_words(&mut pass)?;
            } else if let Some(bounds) = self.place.bounds() {
                self.visit_box(&mut pass, bounds, |place, latitude, longitude| {
                    place.distance_of(latitude, longitude).is_some()
                });
            } else {
                self.visit_areas(&mut pass);
            }
            let (candidates, tally) = pass.finish();
            (candidates, Arc::new(tally))
        };
        Ok((self.in_order(candidates), tally))
    }

    /// How many hits the pages up to this one have.
    fn depth(&self) -> usize {
        self.query.page.saturating_mul(self.query.page_size)
    }

    fn counting(&self, facets: &[Facet]) -> Counting {
        Counting::new(&self.snapshot.layout, facets, &self.query.filters, &self.filter)
    }

    /// The counts of a search with these filters, whatever its words and place.
    fn counts(&self, facets: &[Facet]) -> Result<Arc<Tally>, SearchError> {
        let key: CountKey = (self.query.filters.clone(), facets.to_vec(), self.today);
        let cache = || self.snapshot.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, tally)) = cache().0.iter().find(|(known, _)| *known == key) {
            return Ok(Arc::clone(tally));
        }
        // Counted without the lock: two that come at once count twice, and nobody waits for somebody else's count.
        let everywhere = SearchQuery { filters: self.query.filters.clone(), ..SearchQuery::default() };
        let search = Search::new(self.snapshot, &everywhere, &[], self.today);
        let counting = search.counting(facets);
        let mut pass = Pass::new(&search, Some(&counting));
        pass.notes_elsewhere = true;
        search.visit_all(&mut pass);
        let tally = Arc::new(pass.finish().1);
        let mut cache = cache();
        if cache.0.len() >= CACHED_COUNTS {
            cache.0.remove(0);
        }
        cache.0.push((key, Arc::clone(&tally)));
        Ok(tally)
    }

    fn visit_words(&self, pass: &mut Pass<'_>) -> Result<(), SearchError> {
        pass.notes_elsewhere = self.query.place.narrows();
        let snapshot = self.snapshot;
        let weight = matching::weight(&snapshot.searcher, &snapshot.fields, self.words)?;
        for (at, segment) in snapshot.searcher.segment_readers().iter().enumerate() {
            let alive = segment.alive_bitset();
            pass.begin_segment(at);
            weight.for_each(segment, &mut |document, score| {
                if alive.is_none_or(|alive| alive.is_alive(document)) {
                    pass.visit(document, score);
                }
            })?;
            pass.end_segment();
        }
        Ok(())
    }

    fn visit_all(&self, pass: &mut Pass<'_>) {
        for (at, columns) in self.snapshot.columns.iter().enumerate() {
            pass.begin_segment(at);
            for document in 0..columns.offerings.len() as u32 {
                pass.visit_alive(document);
            }
            pass.end_segment();
        }
    }

    /// Visits the documents with a position in a box that passes a test.
    fn visit_box(&self, pass: &mut Pass<'_>, bounds: &BoundingBox, test: impl Fn(&PlaceTest, f64, f64) -> bool) {
        for (at, columns) in self.snapshot.columns.iter().enumerate() {
            let mut documents = Vec::new();
            columns.grid.visit(bounds, |entries| {
                let inside = entries.iter().filter(|entry| test(&self.place, entry.latitude, entry.longitude));
                documents.extend(inside.map(|entry| entry.document));
            });
            visit_each(pass, at, documents);
        }
    }

    fn visit_areas(&self, pass: &mut Pass<'_>) {
        for (at, columns) in self.snapshot.columns.iter().enumerate() {
            let mut documents = columns.with_service_areas.clone();
            for area in self.place.areas() {
                let start = columns.by_area.partition_point(|(own, _)| own < area);
                let inside = columns.by_area[start..].iter().take_while(|(own, _)| area.includes(*own));
                documents.extend(inside.map(|(_, document)| *document));
            }
            visit_each(pass, at, documents);
        }
    }

    fn first_of_all(&self) -> Vec<Candidate> {
        let mut pass = Pass::new(self, None);
        self.visit_all(&mut pass);
        pass.finish().0
    }

    /// Reads the names in order until there are enough: few, when many offerings fit.
    fn first_by_name(&self) -> Vec<Candidate> {
        let mut all = Vec::new();
        for (at, columns) in self.snapshot.columns.iter().enumerate() {
            let mut pass = Pass::new(self, None);
            pass.begin_segment(at);
            for document in &columns.by_name {
                pass.visit_alive(*document);
                if pass.known >= self.depth() {
                    break;
                }
            }
            all.extend(pass.finish().0);
        }
        all
    }

    /// Looks around the position, wider and wider, until there are enough that nothing further away can come before.
    fn nearest(&self) -> Vec<Candidate> {
        /// The first look, in metres.
        const FIRST_RADIUS: f64 = 250.0;
        const WIDER: f64 = 1.5;
        let Some(near) = self.query.place.near else { return self.first_of_all() };
        let grids = || self.snapshot.columns.iter().map(|columns| &columns.grid);
        let everything: usize = grids().map(|grid| grid.len()).sum();
        // Of a box about three quarters are in the circle.
        let mut enough = self.depth() * 3 / 2;
        let mut metres = FIRST_RADIUS;
        loop {
            let Some(radius) = Distance::from_metres(metres) else { return self.first_of_all() };
            let bounds = BoundingBox::around(near.position, radius);
            let inside: usize = grids().map(|grid| grid.count(&bounds)).sum();
            // A look at a good part of all squares costs more than a look at all documents in their order.
            if inside > everything / 4 || metres > super::MAX_RADIUS {
                return self.first_of_all();
            }
            if inside >= enough {
                let mut pass = Pass::new(self, None);
                pass.near_enough = metres * (1.0 - 2.0 * TOLERANCE);
                self.visit_box(&mut pass, &bounds, |place, latitude, longitude| {
                    place
                        .distance_of(latitude, longitude)
                        .is_some_and(|quick| quick <= metres * (1.0 + 2.0 * TOLERANCE))
                });
                if pass.known >= self.depth() {
                    return pass.finish().0;
                }
                // As many as would do if the next ones fitted as often.
                enough = (inside * self.depth() * 5 / 4 / pass.known.max(1)).max(inside + inside / 2);
            }
            metres *= WIDER;
        }
    }

    /// Puts what may be on the page into its order, exactly, and takes the page.
    fn in_order(&self, mut candidates: Vec<Candidate>) -> Vec<(Candidate, Shown)> {
        let name = |candidate: &Candidate| self.columns(candidate).name(candidate.document);
        let start = self.depth() - self.query.page_size.min(self.depth());
        match self.query.sort {
            Sort::Name => candidates.sort_by(|a, b| {
                let is_let_in = |candidate: &Candidate| candidate.key >> 63;
                is_let_in(a).cmp(&is_let_in(b)).then_with(|| name(a).cmp(name(b))).then(a.number.cmp(&b.number))
            }),
            Sort::Distance => {
                let mut measured: Vec<_> =
                    candidates.into_iter().map(|candidate| (candidate, self.shown(&candidate))).collect();
                measured.sort_by(|(a, first), (b, second)| {
                    let distance = |shown: &Shown| shown.distance.unwrap_or(f64::INFINITY);
                    let order = first.is_let_in.cmp(&second.is_let_in);
                    order.then(distance(first).total_cmp(&distance(second))).then(a.number.cmp(&b.number))
                });
                return measured.into_iter().skip(start).take(self.query.page_size).collect();
            }
            _ => candidates.sort_unstable_by_key(|candidate| (candidate.key, candidate.number)),
        }
        let page = candidates.into_iter().skip(start).take(self.query.page_size);
        page.map(|candidate| (candidate, self.shown(&candidate))).collect()
    }

    fn columns(&self, candidate: &Candidate) -> &'s Columns {
        &self.snapshot.columns[candidate.segment as usize]
    }

    /// The session to show: of those that fit by what is known the nearest, or the first when no position is given;
    /// of those that are let in only when there is no other.
    fn shown(&self, candidate: &Candidate) -> Shown {
        let columns = self.columns(candidate);
        let offering = &columns.offerings[candidate.document as usize];
        let mut best = Shown { session: offering.sessions().start, is_let_in: true, distance: None };
        let mut found = false;
        for at in offering.sessions() {
            let session = &columns.sessions[at];
            let bits = self.filter.bits(session);
            let fits = self.filter.facets(columns, at, &bits) == EVERY;
            if !fits || self.place.distance(columns, at).is_none() {
                continue;
            }
            let is_let_in = self.filter.is_let_in(columns, at, &bits);
            let distance = self.place.exact_distance(session);
            let order = |is_let_in, distance: Option<f64>| (is_let_in, distance.unwrap_or(f64::INFINITY));
            if !found || order(is_let_in, distance) < order(best.is_let_in, best.distance) {
                best = Shown { session: at, is_let_in, distance };
                found = true;
            }
        }
        best
    }

    fn hit(&self, candidate: &Candidate, shown: Shown) -> Result<Hit, SearchError> {
        let columns = self.columns(candidate);
        let offering = &columns.offerings[candidate.document as usize];
        let stored = self.snapshot.stored(DocAddress::new(candidate.segment, candidate.document))?;
        let text = stored.hit(&self.snapshot.fields).ok_or(SearchError::Damaged)?;
        let lines = HitLines::read(&text)?;
        let translated = lines.card_in(&self.query.language)?;
        let card = match &translated {
            Some(card) => to_raw_value(card)?,
            None => RawValue::from_string(lines.card.to_owned())?,
        };
        let highlights = if self.words.is_empty() { None } else { self.highlights(card.get())? };
        Ok(Hit {
            offering: card,
            session: RawValue::from_string(lines.session(shown.session - offering.sessions().start)?.to_owned())?,
            distance: shown.distance.map(|metres| metres.round() as u64),
            highlights,
            matched: self.filter.matched_of(&self.snapshot.layout, &columns.sessions[shown.session]),
            unknown: self.filter.unknown_of(columns, shown.session),
            explanation: self.query.explain.then(|| self.explanation(candidate, offering, columns)),
        })
    }

    fn highlights(&self, card: &str) -> Result<Option<Highlights>, SearchError> {
        #[derive(Deserialize)]
        struct Texts {
            name: String,
            summary: Option<String>,
        }
        let texts: Texts = serde_json::from_str(card)?;
        let name = highlight(&texts.name, self.words);
        let summary = texts.summary.and_then(|summary| highlight(&summary, self.words));
        Ok((name.is_some() || summary.is_some()).then_some(Highlights { name, summary }))
    }

    fn explanation(&self, candidate: &Candidate, offering: &OfferingRow, columns: &Columns) -> Explanation {
        let found = look(self, columns, offering, None).map_or(f64::INFINITY, |found| found.distance);
        let found = Found { is_let_in: false, distance: found };
        let score = self.ranking.score(offering, &found, candidate.words);
        Explanation {
            words: score.words,
            freshness: score.freshness,
            nearness: self.ranking.has_origin.then_some(score.nearness),
            score: score.total(),
            exact_name: self.typed.as_deref() == Some(columns.name(candidate.document)),
        }
    }

    fn facet(&self, tally: &Tally, facet: Facet) -> FacetCounts {
        let filters = &self.query.filters;
        let language = &self.query.language;
        let mut values = Vec::new();
        let mut add = |id: &str, label: String, count: u32, is_chosen: bool| {
            if count > 0 || is_chosen {
                values.push(FacetValue { id: id.to_owned(), label, count });
            }
        };
        let unknown = match facet {
            Facet::Scheme(scheme) => {
                let (counts, unknown) = tally.of_scheme(&self.snapshot.layout, filters, scheme);
                let chosen = filters.concepts.get(&scheme);
                for (concept, count) in self.snapshot.vocabulary.scheme(scheme).concepts.iter().zip(counts) {
                    let is_chosen = chosen.is_some_and(|chosen| chosen.contains(&concept.id));
                    if *count > 0 || is_chosen {
                        add(concept.id.as_str(), self.label(scheme, concept.id.as_str()), *count, is_chosen);
                    }
                }
                unknown
            }
            Facet::Weekday => {
                let (counts, unknown) = tally.of_weekdays();
                for (at, (day, count)) in WEEK.into_iter().zip(counts).enumerate() {
                    let label = time_label(&WEEKDAYS_NL, at, weekday_name(day), language);
                    add(weekday_name(day), label, *count, filters.weekdays.contains(&day));
                }
                unknown
            }
            Facet::PartOfDay => {
                let (counts, unknown) = tally.of_day_parts();
                for (at, (part, count)) in DayPart::ALL.into_iter().zip(counts).enumerate() {
                    let label = time_label(&DAY_PARTS_NL, at, part.as_str(), language);
                    add(part.as_str(), label, *count, filters.day_parts.contains(&part));
                }
                unknown
            }
        };
        FacetCounts { values, unknown }
    }

    /// The short name of a concept in the asked language, else in Dutch.
    fn label(&self, scheme: Scheme, id: &str) -> String {
        let concept = self.snapshot.vocabulary.concept(scheme, id);
        let label = [self.query.language.language(), "nl"].into_iter().find_map(|language| {
            let concept = concept?;
            concept.short_label.get(language).or_else(|| concept.pref_label.get(language))
        });
        label.map_or(id, String::as_str).to_owned()
    }
}

const WEEKDAYS_NL: [&str; 7] = ["maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"];
const DAY_PARTS_NL: [&str; 4] = ["ochtend", "middag", "avond", "nacht"];

/// The name of a time: in English for who asks for that, else in Dutch, like the labels of the vocabulary.
fn time_label(dutch: &[&str], at: usize, english: &str, language: &LanguageTag) -> String {
    if language.language() == "en" { english.to_owned() } else { dutch[at].to_owned() }
}

/// Visits documents once each, in their order.
fn visit_each(pass: &mut Pass<'_>, segment: usize, mut documents: Vec<u32>) {
    pass.begin_segment(segment);
    let all = pass.columns().offerings.len();
    if documents.len() > all / 64 {
        // For many documents a list of bits is quicker than sorting.
        let mut seen = vec![0u64; all.div_ceil(64)];
        for document in documents {
            seen[document as usize / 64] |= 1 << (document % 64);
        }
        for (at, word) in (0..).zip(&seen) {
            let mut left = *word;
            while left != 0 {
                pass.visit_alive(at * 64 + left.trailing_zeros());
                left &= left - 1;
            }
        }
    } else {
        documents.sort_unstable();
        documents.dedup();
        documents.into_iter().for_each(|document| pass.visit_alive(document));
    }
    pass.end_segment();
}

/// Looks at the sessions of an offering: is it a hit, and what does it count for?
#[inline]
fn look(
    search: &Search<'_>,
    columns: &Columns,
    offering: &OfferingRow,
    mut counting: Option<(&Counting, &mut Sum, bool)>,
) -> Option<Found> {
    let mut found: Option<Found> = None;
    let notes_elsewhere = matches!(counting, Some((_, _, true)));
    for at in offering.sessions() {
        let distance = search.place.distance(columns, at);
        let may_be_elsewhere = notes_elsewhere && columns.sessions[at].flags & flag::ELSEWHERE != 0;
        if distance.is_none() && !may_be_elsewhere {
            continue;
        }
        let bits = search.filter.bits(&columns.sessions[at]);
        let facets = search.filter.facets(columns, at, &bits);
        if facets == 0 {
            continue;
        }
        if let Some((_, sum, _)) = &mut counting
            && may_be_elsewhere
            && facets == EVERY
        {
            sum.add_elsewhere(columns, at);
        }
        let Some(distance) = distance else { continue };
        if let Some((counting, sum, _)) = &mut counting {
            counting.add(sum, facets, &bits, &columns.sessions[at]);
        }
        if facets == EVERY {
            let new = Found { is_let_in: search.filter.is_let_in(columns, at, &bits), distance };
            let order = |found: &Found| (found.is_let_in, found.distance);
            found = Some(found.filter(|old| order(old) <= order(&new)).unwrap_or(new));
        }
    }
    found
}

/// One pass over the documents that may be hits, segment by segment.
struct Pass<'p> {
    search: &'p Search<'p>,
    counting: Option<&'p Counting>,
    notes_elsewhere: bool,
    tally: Tally,
    segment: usize,
    /// The place of the typed name among the names of the segment.
    typed: Option<u32>,
    first: First,
    /// What is kept of the segments before, where keys hold within one segment only.
    before: Vec<Candidate>,
    /// How many hits fit by what is known, not further away than this.
    known: usize,
    near_enough: f64,
}

impl<'p> Pass<'p> {
    fn new(search: &'p Search<'p>, counting: Option<&'p Counting>) -> Self {
        Self {
            search,
            counting,
            notes_elsewhere: false,
            tally: Tally::new(&search.snapshot.layout),
            segment: 0,
            typed: None,
            first: First::new(search.ranking, search.depth()),
            before: Vec::new(),
            known: 0,
            near_enough: f64::INFINITY,
        }
    }

    fn columns(&self) -> &'p Columns {
        &self.search.snapshot.columns[self.segment]
    }

    fn begin_segment(&mut self, segment: usize) {
        self.segment = segment;
        self.typed = self.search.typed.as_deref().and_then(|name| self.columns().name_rank(name));
    }

    fn visit_alive(&mut self, document: u32) {
        if self.search.snapshot.is_alive(self.segment, document) {
            self.visit(document, 1.0);
        }
    }

    fn visit(&mut self, document: u32, words: f32) {
        let (search, columns) = (self.search, self.columns());
        let offering = &columns.offerings[document as usize];
        if !search.filter.admits(columns, document, offering) {
            return;
        }
        let found = match self.counting {
            Some(counting) => {
                let mut sum = Sum::default();
                let found = look(search, columns, offering, Some((counting, &mut sum, self.notes_elsewhere)));
                self.tally.add(counting, sum);
                found
            }
            None => look(search, columns, offering, None),
        };
        let Some(found) = found else { return };
        self.known += usize::from(!found.is_let_in && found.distance <= self.near_enough);
        let key = search.ranking.key(offering, &found, words, self.typed);
        let segment = self.segment as u32;
        self.first.add(Candidate { key, number: offering.number, segment, document, words });
    }

    fn end_segment(&mut self) {
        if self.search.query.sort == Sort::Name {
            self.before.extend(self.first.take());
        }
    }

    /// What may be on the page, in no order, and the counts.
    fn finish(mut self) -> (Vec<Candidate>, Tally) {
        self.before.extend(self.first.take());
        (self.before, self.tally)
    }
}
