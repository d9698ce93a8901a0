//! What the sets of a segment tell for certain, without a look at any session: of offerings whose sessions differ in time
//! and place alone, as most do, the sets know all that most searches ask. A look waits for memory; what need not be
//! looked at is most of what is counted.

use super::columns::Columns;
use super::find::Search;
use super::sieve::{Documents, all_of, passing, passing_all, passing_all_but};
use super::tally::{Counting, Tally};
use super::window::Window;
use crate::domain::Scheme;

/// The documents of a segment by what is certain of them if they have the words.
pub(super) struct Told {
    /// Those that are hits.
    pub hits: Documents,
    /// For each counted facet with a filter of its own, those that fail this filter alone.
    fails_only: Vec<(Scheme, Documents)>,
    /// Those that fit everything but perhaps the place and are elsewhere, one set a way, when a place is asked for.
    elsewhere: Option<[Documents; 4]>,
    /// Those that must be looked at.
    pub doubtful: Documents,
    /// Of the doubtful those that may be hits.
    may_be_hits: Documents,
}

/// The documents with a session in the asked place.
pub(super) struct InPlace {
    pub documents: Documents,
    /// Those that may be there or not.
    pub doubtful: Documents,
}

impl Told {
    /// Makes the sets of a segment; those of what is elsewhere only when that is to be counted.
    pub fn new(search: &Search<'_>, segment: usize, in_place: Option<InPlace>, counts_elsewhere: bool) -> Self {
        let columns = &search.snapshot.columns[segment];
        let sets = &columns.sets;
        let tests = search.filter.tests(search.view(segment), &search.query.facets);
        let alive = search.alive[segment].as_deref().unwrap_or(&sets.offerings);
        let mut plain = match search.filter.is_told_by_sets(&search.query.facets) {
            false => sets.none(),
            // Time and place must meet in one session.
            true if search.filter.asks_for_times() && in_place.is_some() => sets.single.clone(),
            true => sets.alike.clone(),
        };
        plain.keep(alive);
        in_place.iter().for_each(|place| plain.leave_out(&place.doubtful));
        let in_place = in_place.map(|place| place.documents);

        let within = |documents: Option<Documents>, place: &Option<Documents>| {
            all_of([Some(plain.clone()), documents, place.clone()]).unwrap_or_default()
        };
        let fails_only = tests.iter().enumerate().filter_map(|(at, (facet, passes))| {
            let mut found = within(passing_all_but(&tests, Some(at)), &in_place);
            found.leave_out(passes);
            Some(((*facet)?, found))
        });
        let fails_only = fails_only.collect();
        let ways = in_place
            .as_ref()
            .filter(|_| counts_elsewhere)
            .map(|_| sets.elsewhere(Tally::ways_elsewhere(&search.query.place)));
        let elsewhere = ways.map(|ways| {
            // Where every session fits, the sets tell what is elsewhere of all offerings.
            let all = search.filter.lets_all_pass().then(|| alive.clone());
            let fits = all.unwrap_or_else(|| within(passing_all(&tests), &None));
            ways.map(|way| {
                let mut found = fits.clone();
                found.keep(way);
                found
            })
        });
        let place = in_place.as_ref().map(|in_place| {
            let mut found = in_place.clone();
            if !search.filter.lets_all_pass() {
                ways.iter().flatten().for_each(|way| found.join(way));
            }
            found
        });
        let mut doubtful = all_of([Some(alive.clone()), passing(&tests), place]).unwrap_or_default();
        doubtful.leave_out(&plain);
        let may_be_hits = all_of([Some(doubtful.clone()), passing_all(&tests), in_place.clone()]).unwrap_or_default();
        Self { hits: within(passing_all(&tests), &in_place), fails_only, elsewhere, doubtful, may_be_hits }
    }

    /// All that count for anything.
    pub fn all(&self) -> Documents {
        let mut all = self.hits.clone();
        let elsewhere = self.elsewhere.iter().flatten();
        let others = self.fails_only.iter().map(|(_, documents)| documents).chain(elsewhere);
        others.chain([&self.doubtful]).for_each(|documents| all.join(documents));
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
    pub fn scored(&self) -> Documents {
        let mut scored = self.hits.clone();
        scored.join(&self.may_be_hits);
        scored
    }

    /// Counts the documents of a window with the words, but for the doubtful.
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
