//! Whom the words of a question tell of: who asks, or a relative.

use super::super::for_whom::{WHOSE, gender};
use super::super::tokens::WordSet;
use super::super::{Meant, Reads};
use super::Reading;
use crate::domain::{Concept, Scheme};
use crate::search::weights::phrase;

/// What a relative does not tell of who asks: who cares for "mijn vrouw" is no woman, and "mijn moeder" seeks no help with
/// bringing up children.
const OF_ASKER: [(Scheme, &str); 5] = [
    (Scheme::TargetGroup, "women"),
    (Scheme::TargetGroup, "men"),
    (Scheme::TargetGroup, "parents"),
    (Scheme::TargetGroup, "single_parents"),
    (Scheme::Theme, "parenting"),
];

/// How people name a parent.
const PARENTS: [&str; 10] = ["moeder", "vader", "mama", "papa", "ma", "pa", "ouders", "mother", "father", "parents"];

impl Reading<'_> {
    /// Whether a word tells whose relative somebody is: "mijn man"; in "wij zijn vrouwen" it does not.
    pub(super) fn is_somebodys(&self, word: WordSet) -> bool {
        let at = word.trailing_zeros() as usize;
        let Some(before) = at.checked_sub(1).map(|before| self.tokens[before].folded.as_str()) else { return false };
        let may_be_verb = before == "zijn" && self.tokens[at].folded.ends_with("en");
        WHOSE.contains(&before) && !may_be_verb
    }

    /// Whether a parent of somebody is among words: "mijn moeder is vaak alleen" tells of no single parent.
    pub(super) fn is_about_parent(&self, words: WordSet) -> bool {
        let is_parent = |at: &usize| PARENTS.contains(&self.tokens[*at].folded.as_str());
        let said = (0..self.tokens.len()).filter(|at| words >> at & 1 == 1);
        said.filter(is_parent).any(|at| self.is_somebodys(1 << at))
    }

    /// Whether a concept tells of who asks alone.
    pub(super) fn is_of_asker(&self, place: usize) -> bool {
        let layout = &self.understanding.layout;
        OF_ASKER.iter().any(|(scheme, id)| layout.place(*scheme, id) == Some(place))
    }

    pub(super) fn add_gender(&mut self, text: &str) {
        if let Some((gender, said)) = gender(text, &self.tokens).filter(|_| !self.is_off(Reads::Gender)) {
            self.for_whom.gender = Some(gender);
            self.for_whom.gender_said = said;
        }
    }

    /// Adds that what is only for people of other ages than are said is not wanted.
    pub(super) fn add_other_ages(&mut self) {
        let understanding = self.understanding;
        let groups = &understanding.vocabulary.scheme(Scheme::TargetGroup).concepts;
        let stated = groups.iter().filter(|group| group.age_min.is_some() || group.age_max.is_some());
        let ages = |group: &Concept| (group.age_min.unwrap_or(0), group.age_max.unwrap_or(u8::MAX));
        let placed = stated.filter_map(|group| {
            Some((understanding.layout.place(Scheme::TargetGroup, group.id.as_str())?, ages(group)))
        });
        let placed: Vec<(usize, (u8, u8))> = placed.collect();
        let said = |place: usize| {
            let known = self.concepts.iter().find(|meant| meant.place == place);
            known.filter(|meant| meant.tokens != 0 && meant.strength > phrase::STANDS)
        };
        let said: Vec<_> = placed.iter().filter_map(|(place, ages)| Some((said(*place)?.tokens, *ages))).collect();
        let tokens = said.iter().fold(0, |all, (tokens, _)| all | tokens);
        for (place, (from, to)) in placed {
            if tokens != 0 && said.iter().all(|(_, (young, old))| to < *young || *old < from) {
                self.add(Meant { place, strength: -phrase::TURNED, tokens });
            }
        }
    }
}
