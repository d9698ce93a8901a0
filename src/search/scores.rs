//! How well the documents of a window match: the sum over the words of the question, each by the best of its forms, and
//! over its concepts.

use super::matching::{List, Lists};
use super::sieve::Documents;
use super::window::{SIZE, Window};

/// More than adding up may be wrong by.
const ROUNDING: f32 = 1e-3;

/// What was found in one window.
pub(super) struct Matched<'w, 's> {
    /// The documents with enough units.
    pub documents: Window,
    /// Those of them that may be shown.
    pub scored: Window,
    /// The units of the question, and what its concepts add.
    pub units: &'w [Lists<'s>],
    pub boosts: &'w [(&'s Documents, f32)],
    pub scores: &'w mut Scores,
}

/// The scores of a window's documents; kept from window to window for its room.
pub(super) struct Scores {
    /// The sum over the words and concepts so far.
    sums: Box<[f32; SIZE]>,
    /// The best form of the present word; zero between words.
    best: Box<[f32; SIZE]>,
}

impl Matched<'_, '_> {
    /// Scores what may be shown, and gives those documents that have at least some score or are among others, and perhaps
    /// more. The score of others is less than that, or was not summed up.
    pub fn promising(&mut self, least: f32, or: Option<&Documents>) -> Window {
        let mut promising = self.scored;
        self.scores.sums.fill(0.0);
        if promising.is_empty() {
            return promising;
        }
        let others = or.map(|others| self.scored.within(others));
        let mut most = self.scores.add_words(self.units, &promising);
        most += self.boosts.iter().map(|(_, adds)| adds.max(0.0)).sum::<f32>();
        // What lacks a concept without which it cannot have so much need not be scored further.
        for (documents, adds) in self.boosts {
            if most - adds + ROUNDING < least {
                promising = promising.within(documents);
            }
        }
        others.iter().for_each(|others| promising.add(others));
        for (documents, adds) in self.boosts {
            promising.each_within(documents, |place| self.scores.sums[place] += adds);
        }
        // What is not wanted takes away, and no score is less than nothing.
        if self.boosts.iter().any(|(_, adds)| *adds < 0.0) {
            self.scores.sums.iter_mut().for_each(|sum| *sum = sum.max(0.0));
        }
        if promising.count() as usize > SIZE / 64 {
            // Of many documents few have it: the processor compares several scores at once.
            let has_any = |scores: &[f32]| scores.iter().fold(false, |any, score| any | (*score >= least));
            promising.keep_words(|places| has_any(&self.scores.sums[places]));
            others.iter().for_each(|others| promising.add(others));
        }
        promising
    }

    /// The document at a place of the window, with its score.
    pub fn at(&self, place: usize) -> (u32, f32) {
        (self.documents.document(place), self.scores.sums[place])
    }
}

impl Scores {
    pub fn new() -> Self {
        Self { sums: Box::new([0.0; SIZE]), best: Box::new([0.0; SIZE]) }
    }

    /// Adds what the words of some documents of a window add to their scores, which are 0. Gives the most that any may have.
    fn add_words(&mut self, units: &[Lists<'_>], scored: &Window) -> f32 {
        let mut most = 0.0;
        let words = units.iter().flat_map(Lists::each_word);
        let mut words = words.filter(|lists| lists.iter().any(|list| !list.read.is_empty()));
        if let Some(first) = words.next() {
            most += best_of(first, scored, &mut self.sums);
        }
        for word in words {
            most += best_of(word, scored, &mut self.best);
            let (sums, best) = (&mut self.sums, &mut self.best);
            let mut add = |place: usize| sums[place] += std::mem::take(&mut best[place]);
            // Of most words fewer documents have a form than are scored.
            let read = word.iter().flat_map(|list| &list.read);
            if word.iter().map(|list| list.read.len()).sum::<usize>() < scored.count() as usize {
                read.for_each(|(place, _)| add(usize::from(*place)));
            } else {
                scored.each(add);
            }
        }
        most
    }
}

/// Raises the scores of some documents to that of a word, by the best of its forms. Gives the highest.
fn best_of(lists: &[List], scored: &Window, best: &mut [f32; SIZE]) -> f32 {
    let mut most = 0f32;
    for list in lists {
        for (place, times) in &list.read {
            let place = usize::from(*place);
            if scored.has(place) {
                let score = list.score(scored, place, *times);
                best[place] = best[place].max(score);
                most = most.max(score);
            }
        }
    }
    most
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn set(documents: &[u32]) -> Documents {
        let mut set = Documents::none(SIZE);
        documents.iter().for_each(|document| set.insert(*document));
        set
    }

    proptest! {
        #[test]
        fn what_is_left_out_has_less_and_what_is_given_its_whole_score(
            scored in prop::collection::vec(0u32..300, 0..200),
            concepts in prop::collection::vec((prop::collection::vec(0u32..300, 0..200), -2f32..9.0), 0..12),
            least in 0f32..20.0,
            others in prop::option::of(prop::collection::vec(0u32..300, 0..3)),
        ) {
            let (scored, others) = (set(&scored), others.map(|others| set(&others)));
            let boosts: Vec<_> = concepts.iter().map(|(documents, adds)| (set(documents), *adds)).collect();
            let boosts: Vec<_> = boosts.iter().map(|(documents, adds)| (documents, *adds)).collect();
            let window = Window::of(0, &scored);
            let mut scores = Scores::new();
            let mut matched =
                Matched { documents: window, scored: window, units: &[], boosts: &boosts, scores: &mut scores };
            let promising = matched.promising(least, others.as_ref());
            for document in scored.iter() {
                let own = boosts.iter().filter(|(documents, _)| documents.has(document)).map(|(_, adds)| adds);
                let whole = own.sum::<f32>().max(0.0);
                if promising.has(document as usize) {
                    prop_assert_eq!(matched.at(document as usize), (document, whole));
                } else {
                    prop_assert!(whole < least && !others.as_ref().is_some_and(|others| others.has(document)));
                }
            }
        }
    }
}
