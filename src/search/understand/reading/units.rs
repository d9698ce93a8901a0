//! What a question asks for, one by one.

use std::collections::BTreeSet;

use super::super::tokens::{Token, WordSet};
use super::super::{Reads, Unit};
use super::Reading;
use crate::search::analysis::QueryWord;
use crate::search::languages::{DUTCH, ENGLISH, has_stems, is_content, is_latin, languages_of, stem};

/// The most units of a question.
const MOST_UNITS: usize = 12;
const TOGETHER: [&str; 2] = ["samen", "together"];

impl Reading<'_> {
    /// What is asked for, and the words that say nothing of it.
    pub(super) fn units(&self) -> (Vec<Unit>, WordSet) {
        let others: Vec<u8> = self.languages.iter().copied().filter(|language| *language > ENGLISH).collect();
        let says =
            |token: &Token| token.is_content && others.iter().all(|language| is_content(*language, &token.folded));
        let content = self.mask(says);
        let mut units: Vec<(u32, Unit)> = Vec::new();
        let mut covered = self.taken | self.turned;
        for (group, places) in &self.groups {
            covered |= group;
            units.push((group.trailing_zeros(), Unit { concepts: places.clone(), ..self.unit(group & content) }));
        }
        let all = self.mask(|_| true);
        let nothing = content & !covered == 0 && units.is_empty();
        let mut left = if nothing && self.taken & content == 0 { all } else { content & !covered };
        // Who does something together asks for what it is.
        let is_together = |token: &Token| token.part_of.is_none() && TOGETHER.contains(&token.folded.as_str());
        let together = self.mask(is_together) & left;
        let together = if left == together && units.is_empty() { 0 } else { together };
        left &= !together;
        for at in 0..self.tokens.len() {
            if left >> at & 1 == 0 {
                continue;
            }
            // The parts of a compound stay together.
            let same = |other: &Token| other.start == self.tokens[at].start;
            let mask = self.mask(same) & left;
            left &= !mask;
            if self.tokens[..at].iter().all(|other| other.folded != self.tokens[at].folded) {
                units.push((at as u32, self.unit(mask)));
            }
        }
        // Of a long story the end asks.
        units.sort_by_key(|(at, unit)| (!unit.is_core(), std::cmp::Reverse(*at)));
        units.truncate(MOST_UNITS);
        units.sort_by_key(|(at, _)| *at);
        (units.into_iter().map(|(_, unit)| unit).collect(), all & !content & !covered | self.unused | together)
    }

    /// The unit of some words.
    fn unit(&self, mask: WordSet) -> Unit {
        let tokens = || (0..self.tokens.len()).filter(|at| mask >> at & 1 == 1).map(|at| &self.tokens[at]);
        let others: BTreeSet<&String> = tokens().filter_map(|token| token.part_of.as_ref()).collect();
        let is_spoken = |token: &Token| self.understanding.phrases.is_spoken(&token.folded, &[DUTCH, ENGLISH]);
        Unit {
            words: tokens().map(|token| self.word(&token.folded)).collect(),
            others: others.into_iter().map(|whole| self.word(whole)).collect(),
            is_name: !tokens().any(is_spoken),
            ..Unit::default()
        }
    }

    /// A word in all forms in which it may be found: in Dutch and English, and in the other languages of the question.
    fn word(&self, folded: &str) -> QueryWord {
        let may_be_in = |language: &u8| {
            let is_open = self.is_unheard || !is_latin(folded);
            *language > ENGLISH && has_stems(*language) && (is_open || self.languages.contains(language))
        };
        let others = languages_of(folded).filter(may_be_in).map(|language| (language, stem(language, folded)));
        let word = QueryWord::new(folded.to_owned());
        let related = match self.is_off(Reads::Related) || (self.context.is_common)(&word.dutch) {
            true => Vec::new(),
            false => self.understanding.families.related(folded, &word.dutch),
        };
        QueryWord { others: others.collect(), related, ..word }
    }
}
