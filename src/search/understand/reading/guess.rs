//! What is guessed of a question, beside what its words say.

use std::borrow::Cow;

use super::super::learned::Likely;
use super::super::tokens::Token;
use super::super::{Meant, Reads};
use super::Reading;
use crate::domain::Scheme;
use crate::search::weights::{COMPANY, LEARNED_BESIDE_SAID, LEARNED_IN_SENTENCE, NO_SUBJECT, phrase};

/// The groups of those who want to play, where others want company.
const YOUNG: [&str; 2] = ["children", "young_people"];

impl<'r> Reading<'r> {
    /// What a text is likely about, as learned; nothing where that is switched off, or nothing was learned.
    pub(super) fn likely<'t>(&self, text: &'t str) -> Option<Likely<'t>>
    where
        'r: 't,
    {
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
        standing
    }

    /// Adds company to a question that tells for whom, when or where, and nothing of what: "vrijdagavond, jongen van 17".
    /// Tells the places that were added.
    pub(super) fn add_company(&mut self) -> Vec<usize> {
        let strongest = |reading: &Self, schemes: &[Scheme]| {
            let of_these = reading
                .concepts
                .iter()
                .filter(|meant| reading.scheme_of(meant.place).is_some_and(|scheme| schemes.contains(&scheme)));
            of_these.map(|meant| meant.strength).fold(0.0, f32::max)
        };
        let is_narrowed = self.times_said | self.costs_said | self.spoken.1 != 0 || !self.narrowings.is_empty();
        let has_subject = strongest(self, &[Scheme::Theme, Scheme::Kind]) > NO_SUBJECT;
        if has_subject || !is_narrowed && strongest(self, &[Scheme::TargetGroup]) <= NO_SUBJECT {
            return Vec::new();
        }
        let layout = &self.understanding.layout;
        let young = YOUNG.map(|id| layout.place(Scheme::TargetGroup, id));
        let is_young =
            self.concepts.iter().any(|meant| young.contains(&Some(meant.place)) && meant.strength > NO_SUBJECT);
        let company: &[(Scheme, &str)] = match is_young {
            true => &[(Scheme::Theme, "youth_leisure")],
            false => &[(Scheme::Theme, "meeting_people"), (Scheme::Kind, "meeting_place")],
        };
        let places = company.iter().filter_map(|(scheme, id)| layout.place(*scheme, id));
        let places: Vec<usize> = places.filter(|place| self.scheme_of(*place).is_some()).collect();
        places.iter().for_each(|place| self.add(Meant { place: *place, strength: COMPANY, tokens: 0 }));
        places
    }

    /// Whether it has so many words that a single one may tell of something else than it says alone.
    fn is_sentence(&self) -> bool {
        self.mask(|token| token.is_content).count_ones() >= phrase::SENTENCE
    }

    /// Lets the whole of a sentence decide how much counts of a concept that a single word says: "hij pakt mijn telefoon
    /// af" is not about telephones. Where little is left it is a word like others.
    pub(super) fn doubt_single_words(&mut self, likely: &Likely<'_>) {
        if !self.is_sentence() {
            return;
        }
        for meant in &mut self.concepts {
            let is_single = meant.tokens.count_ones() == 1 && meant.strength > phrase::STANDS;
            if let Some(probability) = likely.of(meant.place).filter(|_| is_single) {
                meant.strength *= probability.sqrt();
            }
        }
        let is_said = |place: &usize| {
            self.concepts.iter().any(|meant| meant.place == *place && meant.strength > phrase::SAID_IN_SENTENCE)
        };
        for (_, places) in &mut self.groups {
            places.retain(is_said);
        }
        self.groups.retain(|(_, places)| !places.is_empty());
    }

    /// The question without what is not wanted, and with own words as what they stand for.
    pub(super) fn wanted<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let (own, within) = (&self.understanding.own, self.context.within);
        let is_stop_word = |token: &Token| own.is_stop_word(&token.folded, within);
        let stands_for_other =
            |token: &Token| token.part_of.as_ref().is_some_and(|typed| own.instead(typed, within).is_some());
        if self.turned == 0 && !self.tokens.iter().any(|token| is_stop_word(token) || stands_for_other(token)) {
            return Cow::Borrowed(text);
        }
        let all = self.tokens.iter().enumerate();
        let wanted = all.filter(|(at, token)| self.turned >> at & 1 == 0 && !is_stop_word(token));
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
