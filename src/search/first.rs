//! The first of what a search without words finds, in each order with as few looks as it allows.

use crate::domain::{BoundingBox, Distance};

use super::find::Search;
use super::order::Candidate;
use super::pass::Pass;
use super::query::Sort;
use super::ruler::TOLERANCE;
use super::tally::{Counting, Tally};
use super::told::Told;

impl Search<'_> {
    /// The first of what is in the asked place, and all counts.
    pub(super) fn in_the_place(&self) -> (Vec<Candidate>, Tally) {
        let told = self.snapshot.columns.iter().enumerate();
        let told: Vec<_> = told.map(|(at, columns)| Told::new(self, at, self.in_place(columns), false)).collect();
        let first = |counting: Option<&Counting>, shows_hits| {
            let mut pass = Pass::new(self, counting);
            for (at, told) in told.iter().enumerate() {
                pass.begin_segment(at);
                pass.take_all(told, shows_hits);
                pass.end_segment();
            }
            pass.finish()
        };
        let counting = self.counting(&self.query.facets);
        // Where a few of the documents tell the first, the others are only counted.
        match self.query.sort {
            Sort::Name => {
                let tally = first(Some(&counting), false).1;
                let scored: Vec<_> = told.iter().map(Told::scored).collect();
                (self.first_by_name(|at, document| scored[at].has(document)), tally)
            }
            Sort::Distance => {
                let tally = first(Some(&counting), false).1;
                (self.nearest(|| first(None, true).0), tally)
            }
            Sort::Relevance | Sort::Assured | Sort::Soonest => first(Some(&counting), true),
        }
    }

    pub(super) fn first_of_all(&self) -> Vec<Candidate> {
        let mut pass = Pass::new(self, None);
        self.visit_all(&mut pass, &[]);
        pass.finish().0
    }

    /// Reads the names of the documents of a segment that may be hits in order until there are enough: few, when many
    /// offerings fit.
    pub(super) fn first_by_name(&self, may_be_hit: impl Fn(usize, u32) -> bool) -> Vec<Candidate> {
        let mut all = Vec::new();
        for (at, columns) in self.snapshot.columns.iter().enumerate() {
            let mut pass = Pass::new(self, None);
            pass.begin_segment(at);
            for document in columns.by_name.iter().filter(|document| may_be_hit(at, **document)) {
                pass.visit_alive(*document);
                if pass.known >= self.depth() {
                    break;
                }
            }
            pass.end_segment();
            all.extend(pass.finish().0);
        }
        all
    }

    /// Looks around the position, wider and wider, until there are enough that nothing further away can come before;
    /// looks at all where that would be too far.
    pub(super) fn nearest(&self, all: impl Fn() -> Vec<Candidate>) -> Vec<Candidate> {
        /// The first look, in metres.
        const FIRST_RADIUS: f64 = 250.0;
        const WIDER: f64 = 1.5;
        let Some(near) = self.query.place.near else { return all() };
        let furthest = near.radius.map_or(super::MAX_RADIUS, |radius| radius.metres() * WIDER);
        let grids = || self.snapshot.columns.iter().map(|columns| &columns.grid);
        let everything: usize = grids().map(|grid| grid.len()).sum();
        // Of a box about three quarters are in the circle.
        let mut enough = self.depth() * 3 / 2;
        let mut metres = FIRST_RADIUS;
        loop {
            let Some(radius) = Distance::from_metres(metres) else { return all() };
            let bounds = BoundingBox::around(near.position, radius);
            let inside: usize = grids().map(|grid| grid.count(&bounds)).sum();
            // A look at a good part of all squares costs more than a look at all documents in their order.
            if inside > everything / 4 || metres > furthest {
                return all();
            }
            if inside >= enough {
                let mut pass = Pass::new(self, None);
                pass.near_enough = metres * (1.0 - 2.0 * TOLERANCE);
                let is_near = |at| {
                    let quick = self.place.distance_of(at);
                    quick.is_some_and(|quick| quick <= metres * (1.0 + 2.0 * TOLERANCE))
                };
                for (at, columns) in self.snapshot.columns.iter().enumerate() {
                    let squares = columns.grid.squares(&bounds);
                    pass.visit_each(at, squares.flat_map(|square| square.documents_where(is_near)));
                }
                if pass.known >= self.depth() {
                    return pass.finish().0;
                }
                // As many as would do if the next ones fitted as often.
                enough = (inside * self.depth() * 5 / 4 / pass.known.max(1)).max(inside + inside / 2);
            }
            metres *= WIDER;
        }
    }
}
