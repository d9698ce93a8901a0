//! What the sets of a segment tell for certain, without a look at any session: of offerings whose sessions differ in time
//! and place alone, as most do, the sets know all that most searches ask. A look waits for memory; what need not be
//! looked at is most of what is counted.

use std::borrow::Cow;

use super::columns::Columns;
use super::find::Search;
use super::sieve::{Documents, all_of, passing, passing_all, passing_others};
use super::tally::{Counting, Tally};
use super::window::Window;
use crate::domain::Scheme;

/// The documents of a segment by what is certain of them if they have the words.
pub(super) struct Told<'s> {
    /// Those that are hits.
    pub hits: Cow<'s, Documents>,
    /// For each counted facet with a filter of its own, those that fail this filter alone.
    fails_only: Vec<(Scheme, Documents)>,
    /// Those that are elsewhere, one set a way, when that is counted: of those found today all fit everything but
    /// perhaps the place.
    elsewhere: Option<[Cow<'s, Documents>; 4]>,
    /// Those that must be looked at; nothing when that is none.
    pub doubtful: Option<Documents>,
    /// Of the doubtful those that may be hits; nothing when that is all.
    may_be_hits: Option<Documents>,
    /// Those that are found today.
    alive: &'s Documents,
}

/// The documents with a session in the asked place.
pub(super) struct InPlace {
    pub documents: Documents,
    /// Those of them that may be there or not.
    pub doubtful: Documents,
}

impl<'s> Told<'s> {
    /// Makes the sets of a segment; those of what is elsewhere only when that is to be counted.
    pub fn new(search: &'s Search<'_>, segment: usize, in_place: Option<InPlace>, counts_elsewhere: bool) -> Self {
        let sets = &search.snapshot.columns[segment].sets;
        let (filter, facets) = (&search.filter, &search.query.facets);
        let alive = search.daily.alive[segment].as_deref().unwrap_or(&sets.offerings);
        let ways = in_place.as_ref().filter(|_| counts_elsewhere);
        let ways = ways.map(|_| sets.elsewhere(Tally::ways_elsewhere(&search.query.place)));
        if filter.lets_all_pass() && facets.is_empty() {
            return Self::where_nothing_is_asked(alive, in_place, ways);
        }
        let place = in_place.as_ref().map(|place| &place.documents);
        let tests = filter.tests(search.view(segment), facets);
        let (fitting, others) = (passing_all(&tests), passing_others(&tests));
        let may_count = passing(fitting.as_ref(), &others);

        // Those of which the sets know all that is asked.
        let mut plain = match filter.is_told_by_sets(facets) {
            false => Cow::Owned(sets.none()),
            // Time and place must meet in one session.
            true if filter.asks_for_times() && place.is_some() => Cow::Borrowed(&sets.single),
            true => Cow::Borrowed(&sets.alike),
        };
        if search.daily.alive[segment].is_some() {
            plain.to_mut().keep(alive);
        }
        in_place.iter().for_each(|place| plain.to_mut().leave_out(&place.doubtful));

        let fails_only = others.into_iter().map(|(scheme, others)| {
            let mut found = all_of([Some(plain.as_ref()), others.as_ref(), place]).unwrap_or_default();
            fitting.iter().for_each(|fitting| found.leave_out(fitting));
            (scheme, found)
        });
        let fails_only = fails_only.collect();
        let elsewhere = ways.map(|ways| {
            ways.map(|way| match filter.lets_all_pass() {
                // Where every session fits, the sets tell what is elsewhere of all offerings.
                true => Cow::Borrowed(way),
                false => Cow::Owned(all_of([Some(plain.as_ref()), fitting.as_ref(), Some(way)]).unwrap_or_default()),
            })
        });

        let mut somewhere = place.map(Cow::Borrowed);
        if let (Some(somewhere), Some(ways), false) = (&mut somewhere, ways, filter.lets_all_pass()) {
            ways.into_iter().for_each(|way| somewhere.to_mut().join(way));
        }
        let mut doubtful = all_of([Some(alive), may_count.as_ref(), somewhere.as_deref()]).unwrap_or_default();
        doubtful.leave_out(&plain);
        let that_fit = |documents: &Documents| all_of([Some(documents), fitting.as_ref(), place]).unwrap_or_default();
        let (hits, may_be_hits) = match (&fitting, place) {
            (None, None) => (plain, None),
            _ => (Cow::Owned(that_fit(&plain)), Some(that_fit(&doubtful))),
        };
        Self { hits, fails_only, elsewhere, doubtful: Some(doubtful), may_be_hits, alive }
    }

    /// Where every session fits and nothing is counted by its facts: whatever is in the place is a hit.
    fn where_nothing_is_asked(
        alive: &'s Documents,
        in_place: Option<InPlace>,
        ways: Option<[&'s Documents; 4]>,
    ) -> Self {
        let (hits, doubtful) = match in_place {
            None => (Cow::Borrowed(alive), None),
            Some(InPlace { documents: mut hits, mut doubtful }) => {
                hits.leave_out(&doubtful);
                hits.keep(alive);
                doubtful.keep(alive);
                (Cow::Owned(hits), Some(doubtful))
            }
        };
        let elsewhere = ways.map(|ways| ways.map(Cow::Borrowed));
        Self { hits, fails_only: Vec::new(), elsewhere, doubtful, may_be_hits: None, alive }
    }

    /// All that count for anything.
    pub fn all(&self) -> Cow<'_, Documents> {
        let mut all = Cow::Borrowed(self.hits.as_ref());
        self.fails_only.iter().for_each(|(_, documents)| all.to_mut().join(documents));
        self.doubtful.iter().for_each(|documents| all.to_mut().join(documents));
        if let Some(elsewhere) = &self.elsewhere {
            elsewhere.iter().for_each(|documents| all.to_mut().join(documents));
            all.to_mut().keep(self.alive);
        }
        all
    }

    /// Calls with all that count for anything, a window at a time.
    pub fn each_window(&self, mut visit: impl FnMut(&Window)) {
        let all = self.all();
        let mut next = all.next(0);
        while let Some(document) = next {
            let window = Window::of(document as usize / 64, &all);
            visit(&window);
            next = all.next((window.end() * 64) as u32);
        }
    }

    /// Those that may be hits.
    pub fn scored(&self) -> Cow<'_, Documents> {
        let mut scored = Cow::Borrowed(self.hits.as_ref());
        let may_be_hits = self.may_be_hits.as_ref().or(self.doubtful.as_ref());
        may_be_hits.into_iter().for_each(|documents| scored.to_mut().join(documents));
        scored
    }

    /// Counts the documents of a window of [`Self::all`], but for the doubtful.
    pub fn count(&self, columns: &Columns, counting: &Counting, ways: [usize; 4], matched: &Window, tally: &mut Tally) {
        tally.add_told(counting, None, columns, &matched.within(&self.hits));
        for (facet, documents) in &self.fails_only {
            tally.add_told(counting, Some(*facet), columns, &matched.within(documents));
        }
        for (way, documents) in ways.into_iter().zip(self.elsewhere.iter().flatten()) {
            tally.add_all_elsewhere(way, matched.count_of(documents));
        }
    }
}
