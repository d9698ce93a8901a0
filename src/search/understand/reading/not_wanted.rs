//! What a question says is not wanted.

use super::super::cues::{Cue, Cued};
use super::super::phrases::Match;
use super::super::tokens::{Token, WordSet};
use super::Reading;
use crate::domain::Scheme;

impl Reading<'_> {
    /// The words of what is not wanted, one bit each.
    pub(super) fn not_wanted(&self, cues: &[Cued], matches: &[Match]) -> WordSet {
        let mut turned = 0;
        for cued in cues {
            let after = (WordSet::BITS - cued.tokens.leading_zeros()) as usize;
            let ends = |token: &Token| token.begins_clause || TURNS_BACK.contains(&token.folded.as_str());
            let rest = || (after..self.tokens.len()).take_while(|at| !ends(&self.tokens[*at]));
            let Some(next) = rest().find(|at| self.tokens[*at].is_content) else { continue };
            let filters = cues.iter().filter(|one| self.is_filter(&one.cue));
            let (denied, others): (Vec<_>, Vec<_>) = filters.partition(|one| one.tokens >> next & 1 == 1);
            match cued.cue {
                // Who does not want to be alone wants company in what follows; "geen eenzame mensen" is another matter.
                Cue::StrongNot if self.tokens[after - 1].folded != "geen" && self.is_state(matches, next) => {}
                Cue::StrongNot => {
                    rest().for_each(|at| turned |= 1 << at);
                    // "Wil niet alleen eten op zondag" tells when, "wil niet op zondag" when not.
                    others.iter().for_each(|other| turned &= !other.tokens);
                }
                Cue::WeakNot => {
                    let with_next = || matches.iter().filter(|one| one.tokens >> next & 1 == 1);
                    // "Geen geld" is a need of its own, and "mijn naam niet zeggen" a wish.
                    let is_part = with_next().any(|one| one.says_not || one.tokens & cued.tokens != 0);
                    let mut concepts = with_next().flat_map(|one| &one.concepts).peekable();
                    let word = &self.tokens[after - 1].folded;
                    if let Some(denied) = denied.first() {
                        // Where there is nothing on Sunday, something is wanted then.
                        turned |= if NOTHING.contains(&word.as_str()) { 0 } else { denied.tokens };
                    } else if !is_part && concepts.peek().is_some() {
                        let is_refused =
                            self.refuses(cued) && concepts.clone().any(|(place, _)| self.is_way_to_join(*place));
                        if is_refused || concepts.all(|(place, _)| self.is_form(*place)) {
                            turned |= 1 << next;
                        }
                    }
                }
                _ => {}
            }
        }
        turned
    }

    /// Whether a cue may narrow the search: a time, or what it costs.
    fn is_filter(&self, cue: &Cue) -> bool {
        match cue {
            Cue::Time(_) => true,
            Cue::Concepts(places) => places.iter().any(|place| self.scheme_of(*place) == Some(Scheme::Cost)),
            _ => false,
        }
    }

    /// Whether a word tells a state that nobody wants to be in: who says so asks for help with it.
    fn is_state(&self, matches: &[Match], at: usize) -> bool {
        let concept = |(place, _): &(usize, _)| self.understanding.layout.concept(*place);
        let is_state = |scheme: Scheme, id: &str| scheme == Scheme::Theme && STATES.contains(&id);
        let concepts = matches.iter().filter(|one| one.tokens >> at & 1 == 1).flat_map(|one| &one.concepts);
        concepts.filter_map(concept).any(|(scheme, id)| is_state(*scheme, id.as_str()))
    }

    /// Whether a "not" refuses a thing, and does not tell that somebody lacks it: "ik ken geen lotgenoten" asks for them.
    fn refuses(&self, not: &Cued) -> bool {
        let first = not.tokens.trailing_zeros() as usize;
        let is_one_of = |at: usize, words: &[&str]| words.contains(&self.tokens[at].folded.as_str());
        is_one_of(first, &NO) && !(first.saturating_sub(2)..first).any(|at| is_one_of(at, &HAS))
    }

    /// Whether a concept is a way to take part, of which somebody may want another; what is provided is rather missed.
    fn is_way_to_join(&self, place: usize) -> bool {
        let concept = self.understanding.layout.concept(place);
        concept.is_some_and(|(scheme, id)| *scheme == Scheme::Kind && !PROVIDED.contains(&id.as_str()))
    }

    /// Whether a concept is a form of an offering, rather than a need.
    fn is_form(&self, place: usize) -> bool {
        let scheme = self.understanding.layout.concept(place).map(|(scheme, _)| *scheme);
        matches!(scheme, Some(Scheme::Kind | Scheme::Cost | Scheme::Access | Scheme::Accessibility))
    }
}

/// "Geen cursus" refuses one; after one of these words it is what is not there.
const NO: [&str; 2] = ["geen", "no"];
const HAS: [&str; 16] = [
    "heb", "hebt", "heeft", "hebben", "had", "ken", "kent", "kennen", "is", "zijn", "vind", "vindt", "krijg", "krijgt",
    "have", "has",
];

/// The kinds that are provided, rather than a way to take part.
const PROVIDED: [&str; 4] = ["buddy", "day_activity", "practical_service", "respite"];

/// The themes that are a state to be in.
const STATES: [&str; 3] = ["loneliness", "stress", "low_mood_and_anxiety"];

/// Words after which what is wanted follows again.
const TURNS_BACK: [&str; 4] = ["maar", "but", "wel", "doch"];

/// Words for "nothing", which deny no time and no price.
const NOTHING: [&str; 4] = ["niets", "niks", "nothing", "none"];
