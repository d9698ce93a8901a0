//! One pass over the documents that may be hits: decides, counts, and keeps the first.

use super::agenda::NEVER;
use super::columns::View;
use super::facts::flag;
use super::filter::EVERY;
use super::find::Search;
use super::order::{Candidate, First, Found, HowMatched, Score};
use super::query::Sort;
use super::scores::Matched;
use super::sieve::Documents;
use super::tally::{Counting, Sum, Tally};
use super::told::Told;

/// How many documents are looked at together.
const AHEAD: usize = 32;

/// One pass over the documents that may be hits, segment by segment.
pub(super) struct Pass<'p> {
    search: &'p Search<'p>,
    counting: Option<&'p Counting>,
    /// Whether every document is a hit: nothing asks for its sessions.
    is_plain: bool,
    /// Whether what fits everything but the place is counted.
    notes_elsewhere: bool,
    /// Whether a document may be counted without a look.
    may_only_count: bool,
    tally: Tally,
    segment: usize,
    /// The place of the typed name among the names of the segment, and the documents that have it, if there are any.
    typed: Option<u32>,
    named: Option<Documents>,
    /// Documents that are yet to be looked at.
    waiting: Vec<Waiting>,
    first: First,
    /// What is kept of the segments before, where keys hold within one segment only.
    before: Vec<Candidate>,
    /// How many hits fit by what is known, not further away than this.
    pub known: usize,
    pub near_enough: f64,
}

/// A document that is yet to be looked at.
struct Waiting {
    document: u32,
    /// The score of its words.
    words: f32,
    /// Whether it was counted before.
    is_counted: bool,
}

impl<'p> Pass<'p> {
    pub fn new(search: &'p Search<'p>, counting: Option<&'p Counting>) -> Self {
        let asks_where = search.query.place.narrows() || search.query.place.near.is_some();
        let is_plain = !asks_where
            && search.query.sort != Sort::Soonest
            && search.filter.is_open()
            && counting.is_none_or(Counting::is_plain);
        Self {
            search,
            counting,
            is_plain,
            notes_elsewhere: false,
            may_only_count: is_plain && search.filter.lets_all_pass(),
            tally: Tally::new(&search.snapshot.layout),
            segment: 0,
            typed: None,
            named: None,
            waiting: Vec::with_capacity(AHEAD),
            first: First::new(search.ranking, search.kept()),
            before: Vec::new(),
            known: 0,
            near_enough: f64::INFINITY,
        }
    }

    fn columns(&self) -> View<'p> {
        self.search.view(self.segment)
    }

    /// Counts what fits everything but the place too; each document must be looked at for that.
    pub fn note_elsewhere(&mut self) {
        self.notes_elsewhere = true;
        self.may_only_count = false;
    }

    /// Begins with a segment; what is visited until its end is in it.
    pub fn begin_segment(&mut self, segment: usize) {
        self.segment = segment;
        let columns = self.columns();
        let named = self.search.typed.as_deref().map(|name| columns.named(name)).unwrap_or_default();
        self.typed = named.first().map(|document| columns.offerings[*document as usize].name_rank);
        self.named = (!named.is_empty()).then(|| columns.sets.of(named.iter().copied()));
    }

    /// Visits documents once each, in their order.
    pub fn visit_each(&mut self, segment: usize, documents: impl IntoIterator<Item = u32>) {
        self.begin_segment(segment);
        self.columns().sets.of(documents).iter().for_each(|document| self.visit_alive(document));
        self.end_segment();
    }

    /// Visits a document, unless it was deleted or is not found today.
    pub fn visit_alive(&mut self, document: u32) {
        if self.search.daily.alive[self.segment].as_ref().is_none_or(|alive| alive.has(document)) {
            self.visit(document, 1.0);
        }
    }

    /// Visits a document that was not deleted, with the score of its words.
    pub fn visit(&mut self, document: u32, words: f32) {
        if self.only_counts(document, words) {
            self.tally.total += 1;
            return;
        }
        self.look_later(Waiting { document, words, is_counted: false });
    }

    /// Takes in what was found in a window: counts what the sets tell, and visits what may be on the page and what is
    /// in doubt.
    pub fn take(&mut self, told: &Told<'_>, mut matched: Matched<'_, '_>) {
        let columns = self.columns();
        if let Some(counting) = self.counting {
            let ways = Tally::ways_elsewhere(&self.search.query.place);
            told.count(&columns, counting, ways, &matched.documents, &mut self.tally);
        }
        let places = matched.documents.places();
        let lowest = columns.lowest_numbers.iter().take(places.end).skip(places.start).min();
        let least = self.first.least(lowest.copied().unwrap_or(i64::MIN));
        let promising = matched.promising(least, self.named.as_ref());
        promising.each_within(&told.hits, |place| {
            let (document, words) = matched.at(place);
            // Most of what stands beside something promising is not: this is asked first.
            if (words >= least || self.is_named(document)) && self.may_be_shown(document, words) {
                self.look_later(Waiting { document, words, is_counted: true });
            }
        });
        if let Some(doubtful) = &told.doubtful {
            matched.documents.each_within(doubtful, |place| {
                let (document, words) = matched.at(place);
                self.visit(document, words);
            });
        }
    }

    /// Takes in the documents of a segment: counts what the sets tell, and visits what is in doubt, and those that are
    /// hits for certain where the order asks for them.
    pub fn take_all(&mut self, told: &Told<'_>, shows_hits: bool) {
        let columns = self.columns();
        if let Some(counting) = self.counting {
            let ways = Tally::ways_elsewhere(&self.search.query.place);
            told.each_window(|window| told.count(&columns, counting, ways, window, &mut self.tally));
        }
        if shows_hits {
            told.hits.iter().for_each(|document| {
                self.look_later(Waiting { document, words: 1.0, is_counted: true });
            });
        }
        told.doubtful.iter().flat_map(Documents::iter).for_each(|document| self.visit(document, 1.0));
    }

    /// Whether a document is a hit for certain and cannot be on the page: most matches of a common word are such, and
    /// nothing of them need be read.
    fn only_counts(&self, document: u32, words: f32) -> bool {
        self.may_only_count && !self.may_be_shown(document, words)
    }

    /// Whether a hit may be on the page, as far as sets tell.
    fn may_be_shown(&self, document: u32, words: f32) -> bool {
        let (search, columns) = (self.search, self.columns());
        let least = self.first.least(columns.lowest_numbers[document as usize / 64]);
        let at_most = || {
            let is_fresh = search.daily.fresh[self.segment].has(document);
            Score::at_most(words, is_fresh, search.suits.is_for_others(&columns, document))
        };
        words >= least && at_most() >= least || self.is_named(document)
    }

    /// Whether the name of a document is what was typed.
    fn is_named(&self, document: u32) -> bool {
        self.named.as_ref().is_some_and(|named| named.has(document))
    }

    fn look_later(&mut self, waiting: Waiting) {
        self.waiting.push(waiting);
        if self.waiting.len() == AHEAD {
            self.look_at_waiting();
        }
    }

    /// Looks at those that wait, after touching the facts of all of them: so the processor fetches these at once and
    /// not one after the other.
    fn look_at_waiting(&mut self) {
        let columns = self.columns();
        let mut waiting = std::mem::take(&mut self.waiting);
        let offerings = waiting.iter().map(|waiting| columns.offerings[waiting.document as usize].name_rank);
        std::hint::black_box(offerings.fold(0, |sum, rank| sum ^ rank));
        if !self.is_plain {
            let rows = waiting.iter().flat_map(|waiting| columns.sessions_of(waiting.document));
            let touch = |at: usize| u64::from(columns.sessions[at].flags) ^ columns.positions[at][0].to_bits();
            std::hint::black_box(rows.fold(0, |touched, at| touched ^ touch(at)));
        }
        waiting.drain(..).for_each(|waiting| self.look_at(waiting));
        self.waiting = waiting;
    }

    fn look_at(&mut self, Waiting { document, words, is_counted }: Waiting) {
        let (search, columns) = (self.search, self.columns());
        if !search.filter.admits(&columns, document) {
            return;
        }
        let found = match self.counting {
            _ if self.is_plain && !self.notes_elsewhere => {
                self.tally.total += u64::from(!is_counted);
                Some(Found { is_let_in: false, distance: f64::INFINITY, soonest: NEVER })
            }
            Some(counting) if !is_counted => {
                let mut sum = Sum::default();
                let found = look(search, columns, document, Some((counting, &mut sum, self.notes_elsewhere)));
                self.tally.add(counting, sum);
                found
            }
            _ => look(search, columns, document, None),
        };
        let Some(found) = found else { return };
        self.known += usize::from(!found.is_let_in && found.distance <= self.near_enough);
        let offering = &columns.offerings[document as usize];
        let suits = search.suits.of(columns, document);
        let key = search.ranking.key(offering, &found, HowMatched { words, suits }, self.typed);
        let segment = self.segment as u32;
        self.first.add(Candidate { key, number: offering.number, segment, document, words });
    }

    /// Ends a segment.
    pub fn end_segment(&mut self) {
        self.look_at_waiting();
        if self.search.query.sort == Sort::Name {
            self.before.extend(self.first.take());
        }
    }

    /// What may be on the page, in no order, and the counts.
    pub fn finish(mut self) -> (Vec<Candidate>, Tally) {
        self.before.extend(self.first.take());
        (self.before, self.tally)
    }
}

/// Looks at the sessions of an offering: is it a hit, and what does it count for?
#[inline]
pub(super) fn look(
    search: &Search<'_>,
    view: View<'_>,
    document: u32,
    mut counting: Option<(&Counting, &mut Sum, bool)>,
) -> Option<Found> {
    let columns = view.columns;
    let by_time = search.query.sort == Sort::Soonest;
    let mut found: Option<Found> = None;
    let notes_elsewhere = matches!(counting, Some((_, _, true)));
    for at in columns.sessions_of(document) {
        let distance = search.place.distance(columns, at);
        let may_be_elsewhere = notes_elsewhere && columns.sessions[at].flags & flag::ELSEWHERE != 0;
        if distance.is_none() && !may_be_elsewhere {
            continue;
        }
        let bits = search.filter.bits(&columns.sessions[at]);
        let facets = search.filter.facets(view, at, &bits);
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
            counting.add(sum, facets, &bits, || search.filter.slots(view, at));
        }
        if facets == EVERY {
            let soonest = view.on.map_or(NEVER, |on| on.soonest[at]);
            let new = Found { is_let_in: search.filter.is_let_in(view, at, &bits), distance, soonest };
            let order = |found: &Found| (found.is_let_in, if by_time { found.soonest } else { NEVER }, found.distance);
            found = Some(found.filter(|old| order(old) <= order(&new)).unwrap_or(new));
        }
    }
    found
}
