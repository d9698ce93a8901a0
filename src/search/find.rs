//! Finds the hits of a query, counts its facets, and makes the page.

use std::sync::{Arc, PoisonError};

use chrono::NaiveDate;

use crate::domain::Now;
use crate::domain::text::fold;

use super::SearchError;
use super::agenda::{NEVER, On, Span};
use super::columns::{Columns, View};
use super::facts::day_key;
use super::filter::{EVERY, Filter};
use super::matching::{Matching, MustHave};
use super::order::{Boost, Candidate, Ranking, spread};
use super::pass::Pass;
use super::place::PlaceTest;
use super::query::{Facet, Filters, SearchQuery, Sort};
use super::sieve::{passing, passing_all, passing_others};
use super::snapshot::{Daily, Snapshot};
use super::suits::Suits;
use super::tally::{Counting, Tally};
use super::told::{InPlace, Told};
use super::understand::{Meant, Understood, Unit};
use super::weights;

/// The counts of searches without words and place, which are the same for everybody. Nothing of a resident is in it:
/// neither words nor positions.
#[derive(Default)]
pub(super) struct CountCache(Vec<(CountKey, Arc<Tally>)>);

type CountKey = (Filters, Vec<Facet>, NaiveDate, Option<Span>);

/// So many hits are a choice. With fewer, what was read as a filter is set aside.
pub(super) const A_CHOICE: u64 = 3;
/// With fewer hits that have all of several things that are asked for, those are found too that have some of it; who asks
/// for one thing has a choice of that.
pub(super) const ENOUGH_WITH_ALL: u64 = 6;

/// How many counts are kept; the first that came is the first to go.
const CACHED_COUNTS: usize = 64;

/// A query, made ready to run.
pub(super) struct Search<'s> {
    pub snapshot: &'s Snapshot,
    pub query: &'s SearchQuery,
    /// What its words mean.
    pub asked: &'s Understood,
    pub now: Now,
    pub filter: Filter,
    pub place: PlaceTest,
    pub ranking: Ranking,
    /// The time that is asked for, and what of each segment is then on.
    pub span: Option<Span>,
    on: Option<Arc<Vec<On>>>,
    /// What holds today.
    pub daily: Arc<Daily>,
    /// What was typed, folded, when there are words: the name that comes first.
    pub typed: Option<String>,
    /// What suits who asks.
    pub suits: Suits,
}

/// The hits of a page in their order, and all counts.
pub(super) struct Outcome {
    pub hits: Vec<(Candidate, Shown)>,
    pub tally: Arc<Tally>,
    /// What a hit had to have of the question; nothing when there were no words.
    pub must_have: Option<MustHave>,
}

/// The session of a hit that is shown.
pub(super) struct Shown {
    /// Its place in the columns.
    pub session: usize,
    is_let_in: bool,
    /// Exact, in metres.
    pub distance: Option<f64>,
}

impl<'s> Search<'s> {
    pub fn new(
        snapshot: &'s Snapshot,
        query: &'s SearchQuery,
        asked: &'s Understood,
        now: Now,
    ) -> Result<Self, SearchError> {
        let today = now.today();
        let asks_when = query.filters.when.is_some() || query.sort == Sort::Soonest;
        let span = asks_when.then(|| Span::of(&query.filters, now));
        let has_origin = query.place.near.is_some();
        Ok(Self {
            snapshot,
            query,
            asked,
            now,
            filter: Filter::new(&snapshot.layout, &query.filters, today),
            place: PlaceTest::new(snapshot, &query.place)?,
            ranking: Ranking { sort: query.sort, today: day_key(today), has_origin },
            on: span.map(|span| snapshot.on(span)),
            span,
            daily: snapshot.daily(day_key(today)),
            typed: query.text.as_deref().filter(|_| !asked.units.is_empty()).map(fold),
            suits: Suits::new(snapshot, query, asked, now),
        })
    }

    pub fn run(&self) -> Result<Outcome, SearchError> {
        let has_place = self.query.place.narrows();
        if !self.asked.units.is_empty() {
            let ((candidates, tally), must_have) = self.with_enough_hits()?;
            return Ok(Outcome { hits: self.in_order(candidates), tally: Arc::new(tally), must_have: Some(must_have) });
        }
        let (candidates, tally) = if has_place {
            let (candidates, tally) = self.in_the_place();
            (candidates, Arc::new(tally))
        } else {
            let tally = self.counts(&self.query.facets)?;
            let candidates = match self.query.sort {
                Sort::Name => self.first_by_name(|_, _| true),
                Sort::Distance => self.nearest(|| self.first_of_all()),
                Sort::Relevance | Sort::Assured | Sort::Soonest => self.first_of_all(),
            };
            (candidates, tally)
        };
        Ok(Outcome { hits: self.in_order(candidates), tally, must_have: None })
    }

    /// How many hits there are when a hit must have so much of the question.
    pub fn total(&self, must_have: Option<MustHave>) -> Result<u64, SearchError> {
        match must_have {
            Some(must_have) => Ok(self.with(must_have, &self.counting(&[]), &[])?.1.total),
            None => Ok(self.run()?.tally.total),
        }
    }

    /// What each concept of the question adds to a score.
    pub fn boosts(&self) -> Vec<Boost> {
        let snapshot = self.snapshot;
        let all = snapshot.columns.iter().map(|columns| columns.by_name.len() as u32).sum();
        let boost = |meant: &Meant| {
            let having = snapshot.columns.iter().map(|columns| columns.sets.count_with(meant.place)).sum();
            let scheme = snapshot.layout.concept(meant.place)?.0;
            Some(Boost::new(meant, scheme, having, all))
        };
        self.asked.concepts.iter().filter_map(boost).collect()
    }

    /// How many hits the pages up to this one have.
    pub fn depth(&self) -> usize {
        self.query.page.saturating_mul(self.query.page_size)
    }

    /// How many of the first hits must be known: those of the pages, and those that are spread over organizations.
    pub fn kept(&self) -> usize {
        if self.spreads() { self.depth().max(weights::SPREAD) } else { self.depth() }
    }

    fn spreads(&self) -> bool {
        self.query.sort == Sort::Relevance && !self.asked.units.is_empty()
    }

    pub(super) fn counting(&self, facets: &[Facet]) -> Counting {
        Counting::new(&self.snapshot.layout, facets, &self.query.filters, &self.filter)
    }

    /// The counts of a search with these filters, whatever its words and place.
    pub fn counts(&self, facets: &[Facet]) -> Result<Arc<Tally>, SearchError> {
        let key: CountKey =
            (self.query.filters.clone(), facets.to_vec(), self.now.today(), self.query.filters.when.and(self.span));
        let cache = || self.snapshot.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, tally)) = cache().0.iter().find(|(known, _)| *known == key) {
            return Ok(Arc::clone(tally));
        }
        // Counted without the lock: two that come at once count twice, and nobody waits for somebody else's count.
        let everywhere = SearchQuery { filters: self.query.filters.clone(), ..SearchQuery::default() };
        let nothing = Understood::default();
        let search = Search::new(self.snapshot, &everywhere, &nothing, self.now)?;
        let counting = search.counting(facets);
        let mut pass = Pass::new(&search, Some(&counting));
        pass.note_elsewhere();
        search.visit_all(&mut pass, facets);
        let tally = Arc::new(pass.finish().1);
        let mut cache = cache();
        if cache.0.len() >= CACHED_COUNTS {
            cache.0.remove(0);
        }
        cache.0.push((key, Arc::clone(&tally)));
        Ok(tally)
    }

    /// The hits that have all that the question asks for; when these are few, those that have any of it.
    fn with_enough_hits(&self) -> Result<((Vec<Candidate>, Tally), MustHave), SearchError> {
        let (counting, boosts) = (self.counting(&self.query.facets), self.boosts());
        let said = || self.asked.units.iter().filter(|unit| !unit.is_learned);
        if said().next().is_some() {
            let found = self.with(MustHave::AllSaid, &counting, &boosts)?;
            let enough = if said().count() == 1 { A_CHOICE } else { ENOUGH_WITH_ALL };
            let is_all = self.asked.units.len() == 1 && !self.asked.units[0].has_related();
            if is_all || found.1.total >= enough {
                return Ok((found, MustHave::AllSaid));
            }
        }
        let any = if said().any(Unit::is_core) { MustHave::AnyCore } else { MustHave::Any };
        Ok((self.with(any, &counting, &boosts)?, any))
    }

    fn with(
        &self,
        must_have: MustHave,
        counting: &Counting,
        boosts: &[Boost],
    ) -> Result<(Vec<Candidate>, Tally), SearchError> {
        let mut pass = Pass::new(self, Some(counting));
        self.visit_units(&mut pass, boosts, must_have)?;
        Ok(pass.finish())
    }

    fn visit_units(&self, pass: &mut Pass<'_>, boosts: &[Boost], must_have: MustHave) -> Result<(), SearchError> {
        let snapshot = self.snapshot;
        if self.query.place.narrows() && !self.filter.lets_all_pass() {
            pass.note_elsewhere();
        }
        let mut matching = Matching::new(
            &snapshot.searcher,
            &snapshot.fields,
            &snapshot.columns,
            (&self.asked.units, boosts),
            must_have,
        )?;
        for (at, columns) in snapshot.columns.iter().enumerate() {
            let told = Told::new(self, at, self.in_place(columns), true);
            pass.begin_segment(at);
            matching.for_each(at, &told.all(), &told.scored(), |matched| pass.take(&told, matched));
            pass.end_segment();
        }
        Ok(())
    }

    /// The documents of a segment with a session in the asked place; nothing when no place is asked.
    pub(super) fn in_place(&self, columns: &Columns) -> Option<InPlace> {
        let Some(bounds) = self.place.bounds() else {
            let documents = columns.sets.of(self.documents_in_areas(columns)?);
            return Some(InPlace { documents, doubtful: columns.sets.of(columns.for_residents.iter().copied()) });
        };
        // Of what has the words little is left to measure, so squares on the edge are left in doubt.
        let measures = self.asked.units.is_empty();
        let (mut documents, mut doubtful) = (columns.sets.none(), columns.sets.none());
        let is_there = |at| self.place.distance_of(at).is_some();
        for square in columns.grid.squares(bounds) {
            if self.place.holds(square.corners()) {
                square.documents.iter().for_each(|document| documents.insert(*document));
            } else if measures {
                square.documents_where(is_there).for_each(|document| documents.insert(document));
            } else {
                square.documents.iter().for_each(|document| doubtful.insert(*document));
            }
        }
        for (document, session) in &columns.come_home {
            if self.place.distance(columns, *session).is_some() {
                doubtful.insert(*document);
            }
        }
        documents.join(&doubtful);
        if !self.place.areas().is_empty() {
            // Of a box and areas only the box was looked at.
            doubtful = documents.clone();
        }
        Some(InPlace { documents, doubtful })
    }

    pub(super) fn visit_all(&self, pass: &mut Pass<'_>, facets: &[Facet]) {
        for (at, columns) in self.snapshot.columns.iter().enumerate() {
            pass.begin_segment(at);
            let mut offerings = columns.sets.offerings.clone();
            let tests = self.filter.tests(self.view(at), facets);
            let may_count = passing(passing_all(&tests).as_ref(), &passing_others(&tests));
            may_count.iter().chain(self.daily.alive[at].as_deref()).for_each(|sieve| offerings.keep(sieve));
            offerings.iter().for_each(|document| pass.visit(document, 1.0));
            pass.end_segment();
        }
    }

    /// The documents of a segment in one of the asked areas, and those with a session that is for areas; nothing when
    /// no area is asked.
    fn documents_in_areas(&self, columns: &Columns) -> Option<Vec<u32>> {
        if self.place.areas().is_empty() {
            return None;
        }
        let mut documents = columns.for_residents.clone();
        for area in self.place.areas() {
            let start = columns.by_area.partition_point(|(own, _)| own < area);
            let inside = columns.by_area[start..].iter().take_while(|(own, _)| area.includes(*own));
            documents.extend(inside.map(|(_, document)| *document));
        }
        Some(documents)
    }

    /// Puts what may be on the page into its order, exactly, and takes the page.
    fn in_order(&self, mut candidates: Vec<Candidate>) -> Vec<(Candidate, Shown)> {
        let name = |candidate: &Candidate| self.view(candidate.segment as usize).columns.name(candidate.document);
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
        if self.spreads() {
            spread(&mut candidates, |candidate| {
                self.columns(candidate).organizations(candidate.document).first().copied()
            });
        }
        let page = candidates.into_iter().skip(start).take(self.query.page_size);
        page.map(|candidate| (candidate, self.shown(&candidate))).collect()
    }

    /// The columns that a candidate is in.
    pub fn columns(&self, candidate: &Candidate) -> View<'_> {
        self.view(candidate.segment as usize)
    }

    /// A segment as this search sees it.
    pub fn view(&self, segment: usize) -> View<'_> {
        View { columns: &self.snapshot.columns[segment], on: self.on.as_ref().map(|on| &on[segment]) }
    }

    /// Whether every filter holds for a session, and it is in the asked place.
    pub fn fits(&self, view: View<'_>, session: usize) -> bool {
        let bits = self.filter.bits(&view.sessions[session]);
        self.filter.facets(view, session, &bits) == EVERY && self.place.distance(&view, session).is_some()
    }

    /// The session to show: of those that fit by what is known the nearest, or the first when no position is given,
    /// and of equals one that is not over, and the soonest when a time is asked for; where the order is by time the
    /// soonest. Of those that are let in only when there is no other.
    fn shown(&self, candidate: &Candidate) -> Shown {
        let columns = self.columns(candidate);
        let sessions = columns.sessions_of(candidate.document);
        let today = day_key(self.now.today());
        let mut best = Shown { session: sessions.start, is_let_in: true, distance: None };
        let mut first = None;
        for at in sessions {
            if !self.fits(columns, at) {
                continue;
            }
            let bits = self.filter.bits(&columns.sessions[at]);
            let is_let_in = self.filter.is_let_in(columns, at, &bits);
            let distance = self.place.exact_distance(&columns, at);
            let is_over = columns.is_over(at, today);
            let soonest = columns.on.map_or(NEVER, |on| on.soonest[at]);
            let by_time = if self.query.sort == Sort::Soonest { soonest } else { NEVER };
            let order = (is_let_in, by_time, distance.unwrap_or(f64::INFINITY), is_over, soonest);
            if first.is_none_or(|first| order < first) {
                best = Shown { session: at, is_let_in, distance };
                first = Some(order);
            }
        }
        best
    }
}
