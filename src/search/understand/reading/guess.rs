//! What is guessed of a question, beside what its words say.

use std::borrow::Cow;

use super::super::learned::Likely;
use super::super::tokens::Token;
use super::super::{Meant, Reads};
use super::Reading;
use crate::domain::Scheme;
use crate::search::front_doors::ANY_HELP;
use crate::search::weights::{self, LEARNED_BESIDE_SAID, LEARNED_IN_SENTENCE, phrase};

impl<'r> Reading<'r> {
    /// What a text is likely about, as learned; nothing where that is switched off, or nothing was learned.
    pub(super) fn likely(&self, text: &str) -> Option<Likely<'r>> {
        let learned = self.context.taught.and_then(|taught| taught.learned.as_ref());
        learned.filter(|_| !self.is_off(Reads::Likely)).map(|learned| learned.read(text))
    }

    /// Adds what is likely, and tells the places of what may be found by that alone.
    pub(super) fn add_likely(&mut self, likely: &Likely<'_>) -> Vec<usize> {
        let mut standing = Vec::new();
        for meant in likely.concepts(self.trust_in_learned()) {
            let known = self.concepts.iter().find(|known| known.place == meant.place).map(|known| known.strength);
            let is_wanted = known.is_none_or(|strength| strength >= 0.0);
            if self.scheme_of(meant.place).is_none() || !is_wanted {
                continue;
            }
            if known.is_none_or(|strength| strength <= phrase::STANDS) {
                standing.push(meant.place);
            }
            self.add(meant);
        }
        self.add_any_help();
        standing
    }

    /// Adds that those who help with anything may help, where a sentence tells what is wrong and no form of help.
    fn add_any_help(&mut self) {
        let is_said = |meant: &Meant| {
            meant.tokens != 0 && meant.strength > 0.0 && self.scheme_of(meant.place) == Some(Scheme::Kind)
        };
        if !self.is_sentence() || self.is_off(Reads::Scheme(Scheme::Kind)) || self.concepts.iter().any(is_said) {
            return;
        }
        let layout = &self.understanding.layout;
        let places: Vec<usize> = ANY_HELP.iter().filter_map(|id| layout.place(Scheme::Kind, id)).collect();
        places.into_iter().for_each(|place| self.add(Meant { place, strength: weights::ANY_HELP, tokens: 0 }));
    }

    /// Whether it has so many words that a single one may tell of something else than it says alone.
    pub(super) fn is_sentence(&self) -> bool {
        self.mask(|token| token.is_content).count_ones() >= phrase::SENTENCE
    }

    /// Whether at most one word says something: it tells itself what is needed.
    pub(super) fn is_one_word(&self) -> bool {
        let mut starts = self.tokens.iter().filter(|token| token.is_content).map(|token| token.start);
        // The parts of a compound begin where it does.
        let first = starts.next();
        starts.all(|start| Some(start) == first)
    }

    /// Lets the whole of a sentence decide how much counts of a concept that a single word says: "hij pakt mijn telefoon
    /// af" is not about telephones. Where little is left it is a word like others.
    pub(super) fn doubt_single_words(&mut self, likely: &Likely<'_>) {
        if !self.is_sentence() {
            return;
        }
        let mut concepts = std::mem::take(&mut self.concepts);
        for meant in &mut concepts {
            if meant.tokens != 0 && self.is_one_word_said(meant.tokens) && meant.strength > phrase::STANDS {
                meant.strength *= likely.of(meant.place).map_or(phrase::FACT_IN_SENTENCE, f32::sqrt);
            }
        }
        self.concepts = concepts;
        let is_said = |place: &usize| {
            self.concepts.iter().any(|meant| meant.place == *place && meant.strength > phrase::SAID_IN_SENTENCE)
        };
        for (_, places) in &mut self.groups {
            places.retain(is_said);
        }
        self.groups.retain(|(_, places)| !places.is_empty());
    }

    /// The question without what is not wanted, with words repaired, and own words as what they stand for.
    pub(super) fn wanted<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let (own, within) = (&self.understanding.own, self.context.within);
        let is_stop_word = |token: &Token| own.is_stop_word(&token.folded, within);
        let stands_for_other =
            |token: &Token| token.part_of.as_ref().is_some_and(|typed| own.instead(typed, within).is_some());
        let left_out = self.turned | self.barrier;
        let is_as_typed = left_out == 0 && self.repaired.is_empty();
        if is_as_typed && !self.tokens.iter().any(|token| is_stop_word(token) || stands_for_other(token)) {
            return Cow::Borrowed(text);
        }
        let all = self.tokens.iter().enumerate();
        let wanted = all.filter(|(at, token)| left_out >> at & 1 == 0 && !is_stop_word(token));
        Cow::Owned(wanted.map(|(_, token)| token.folded.as_str()).collect::<Vec<_>>().join(" "))
    }

    /// How much learned concepts count: the less, the more of the question phrases explain.
    fn trust_in_learned(&self) -> f32 {
        let content = self.mask(|token| token.is_content) & !self.taken & !self.turned;
        let explained = self.groups.iter().fold(0, |all, (group, _)| all | group);
        let open = (content & !explained).count_ones() as f32 / content.count_ones().max(1) as f32;
        let beside_said = if self.is_sentence() { LEARNED_IN_SENTENCE } else { LEARNED_BESIDE_SAID };
        beside_said + (1.0 - beside_said) * open
    }
}
