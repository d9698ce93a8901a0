//! One question, while it is read.

use std::collections::BTreeSet;

use super::cues::{Cue, Cued, Times};
use super::for_whom::{ForWhom, is_of_relative};
use super::phrases::{Match, Source};
use super::tokens::{Token, WordSet, before, tokens};
use super::told_times::asks_for_night;
use super::{Context, Meant, Narrowed, Narrowing, Reads, Understanding, Understood, Unit};
use crate::domain::{Distance, Scheme};
use crate::search::filter::EVERYONE;
use crate::search::languages::{ALL, DUTCH, ENGLISH};
use crate::search::weights::phrase;

mod barrier;
mod guess;
mod narrowings;
mod not_wanted;
mod units;
mod whose;

/// How surely a phrase means its concept.
fn strength(source: Source) -> f32 {
    match source {
        Source::Label => phrase::LABEL,
        Source::Everyday => phrase::EVERYDAY,
        Source::Hidden => phrase::HIDDEN,
        Source::Ambiguous => phrase::AMBIGUOUS,
    }
}

/// A question that is being read.
pub(super) struct Reading<'r> {
    understanding: &'r Understanding,
    context: &'r Context<'r>,
    tokens: Vec<Token>,
    /// The languages it may be in.
    languages: Vec<u8>,
    /// Whether no phrase of any language has one of its words.
    is_unheard: bool,
    concepts: Vec<Meant>,
    /// Words that belong together, one bit each, with the concepts that they mean.
    groups: Vec<(WordSet, Vec<usize>)>,
    /// The words that are no units of their own.
    taken: WordSet,
    /// The words that say nothing of what is sought.
    unused: WordSet,
    /// The words of what is not wanted.
    turned: WordSet,
    /// The words that tell that somebody hardly speaks Dutch.
    barrier: WordSet,
    times: Times,
    times_said: WordSet,
    /// Whether two times were said that do not go together, as today and tomorrow.
    two_times: bool,
    costs: Vec<usize>,
    costs_said: WordSet,
    /// The languages that must be spoken, and the words that say so.
    spoken: (Vec<usize>, WordSet),
    for_whom: ForWhom,
    narrowings: Vec<Narrowed>,
    repaired: Vec<(String, String)>,
    did_you_mean: Option<String>,
}

impl<'r> Reading<'r> {
    /// Reads the words of a question.
    pub fn of(understanding: &'r Understanding, text: &str, context: &'r Context<'r>) -> Self {
        let mut tokens = tokens(text);
        understanding.leave_out_stop_words(&mut tokens, context.within);
        let languages = understanding.phrases.languages(&tokens);
        let (repaired, did_you_mean) = understanding.repair(text, &mut tokens, &languages, context);
        let mut tokens = understanding.with_parts(tokens, context);
        understanding.leave_out_stop_words(&mut tokens, context.within);
        let languages = understanding.phrases.languages(&tokens);
        let is_unheard = !tokens.iter().any(|token| understanding.phrases.is_spoken(&token.folded, &ALL));
        let cues = understanding.cues.find(text, &tokens, &languages, context.today);
        let matches = understanding.phrases.find(&tokens, context.within);
        let mut reading = Self {
            understanding,
            context,
            tokens,
            languages,
            is_unheard,
            concepts: Vec::new(),
            groups: Vec::new(),
            taken: 0,
            unused: 0,
            turned: 0,
            barrier: 0,
            times: Times::default(),
            times_said: 0,
            two_times: false,
            costs: Vec::new(),
            costs_said: 0,
            spoken: Default::default(),
            for_whom: ForWhom::default(),
            narrowings: Vec::new(),
            repaired,
            did_you_mean,
        };
        reading.turned = reading.not_wanted(&cues, &matches);
        reading.add_places();
        reading.note_barrier(&cues);
        reading.add_phrases(matches, &cues);
        reading.taken |= reading.barrier;
        cues.iter().for_each(|cued| reading.add_cue(cued));
        reading.add_gender(text);
        reading
    }

    fn is_off(&self, reads: Reads) -> bool {
        self.context.off.contains(&reads)
    }

    /// A concept with its scheme, unless the scheme is switched off.
    fn scheme_of(&self, place: usize) -> Option<Scheme> {
        let (scheme, _) = self.understanding.layout.concept(place)?;
        Some(*scheme).filter(|scheme| !self.is_off(Reads::Scheme(*scheme)))
    }

    fn is_way_to_sign_up(&self, place: usize) -> bool {
        self.understanding.layout.place(Scheme::Access, "registration") == Some(place)
    }

    /// Whether it is the group of everyone, which says nothing of whom something is for.
    fn is_everyone(&self, place: usize) -> bool {
        self.understanding.layout.place(Scheme::TargetGroup, EVERYONE) == Some(place)
    }

    fn add_places(&mut self) {
        if self.is_off(Reads::Area) {
            return;
        }
        let ordinary = |word: &str| self.understanding.phrases.is_spoken(word, &[DUTCH, ENGLISH]);
        let places = self.context.places.find(&self.tokens, ordinary);
        let (mut areas, mut said) = (Vec::new(), 0);
        for place in places {
            areas.extend(place.areas);
            said |= place.tokens;
        }
        if !areas.is_empty() {
            self.narrowings.push(Narrowed { to: Narrowing::Areas(areas), tokens: said });
            self.taken |= said;
        }
    }

    fn add_phrases(&mut self, matches: Vec<Match>, cues: &[Cued]) {
        let is_not = |one: &&Cued| !matches!(one.cue, Cue::WeakNot | Cue::StrongNot);
        let not = cues.iter().filter(|one| !is_not(one)).fold(0, |all, one| all | one.tokens);
        let places = self.taken;
        let cued = cues.iter().filter(is_not).fold(places, |all, one| all | one.tokens);
        let content = self.mask(|token| token.is_content);
        for one in matches {
            let is_single = self.is_one_word_said(one.tokens);
            let says_nothing =
                is_single && one.tokens & content == 0 && content != 0 && self.languages.contains(&DUTCH);
            let is_foreign = is_single && !self.languages.contains(&one.language);
            // What was read as a time is no phrase too, and no phrase has a word of a place; "is" means nothing, though
            // it does in Turkish; and of another language than the question's only whole words count. What is said with
            // "not" is hardly said without.
            let is_left_out = one.tokens & (places | self.barrier) != 0;
            if one.tokens & !cued == 0 || is_left_out || says_nothing || is_foreign && !one.is_exact {
                continue;
            }
            let first = &self.tokens[one.tokens.trailing_zeros() as usize].folded;
            let is_spoken_otherwise = is_foreign && self.understanding.phrases.is_spoken(first, &self.languages);
            // A word of the question's own language means in a sentence what it does there: "uur" is no Somali.
            if is_spoken_otherwise && self.is_sentence() {
                continue;
            }
            let is_other_way = one.says_not && not == 0;
            let is_doubtful = is_other_way || one.has_other_preposition || is_spoken_otherwise;
            let is_relative = is_single && self.is_somebodys(one.tokens) || self.is_about_parent(one.tokens);
            let mut standing = Vec::new();
            for (place, source) in &one.concepts {
                let is_of_asker = is_relative && self.is_of_asker(*place);
                if self.scheme_of(*place).is_none() || self.is_everyone(*place) || is_of_asker {
                    continue;
                }
                // "Aanmelden" asks how to join, rather than for what one must sign up for.
                let is_act = is_single && one.tokens & self.turned == 0 && self.is_way_to_sign_up(*place);
                let mut strength = strength(if is_doubtful || is_act { Source::Ambiguous } else { *source });
                if !one.is_exact {
                    strength *= phrase::OTHER_FORM;
                }
                // What says "not" itself is meant so: "wil geen formulier en liever ook mijn naam niet zeggen".
                if one.tokens & self.turned != 0 && !one.says_not {
                    // Half of it is wanted, so it is not said.
                    if one.tokens & !self.turned != 0 {
                        continue;
                    }
                    strength *= -phrase::TURNED;
                }
                if strength > phrase::STANDS && self.understanding.may_stand_for_words(*place) {
                    standing.push(*place);
                }
                if strength > phrase::STANDS
                    && self.scheme_of(*place) == Some(Scheme::Language)
                    && self.understanding.may_stand_for_words(*place)
                    && self.is_said_to_be_spoken(one.tokens, not)
                {
                    self.spoken.0.push(*place);
                    self.spoken.1 |= one.tokens;
                }
                self.add(Meant { place: *place, strength, tokens: one.tokens });
            }
            self.join(one.tokens, standing);
        }
    }

    /// Whether words are one and the same, however often it is said.
    fn is_one_word_said(&self, words: WordSet) -> bool {
        let mut said = self.tokens.iter().enumerate().filter(|(at, _)| words >> at & 1 == 1);
        let first = said.next().map(|(_, token)| &token.folded);
        said.all(|(_, token)| Some(&token.folded) == first)
    }

    /// Whether the words around a language say that it must be spoken; not who does not speak it, or wants to learn it.
    fn is_said_to_be_spoken(&self, language: WordSet, not: WordSet) -> bool {
        let learns = |token: &Token| token.folded == "les" || LEARNS.iter().any(|word| token.folded.starts_with(word));
        let first = language.trailing_zeros() as usize;
        let last = (WordSet::BITS - 1 - language.leading_zeros()) as usize;
        let around = first.saturating_sub(2)..(last + 2).min(self.tokens.len());
        let speaks = |at: usize| SPEAKS.iter().any(|word| self.tokens[at].folded.starts_with(word));
        let before = |back: usize, words: &[&str]| {
            first.checked_sub(back).is_some_and(|at| words.contains(&self.tokens[at].folded.as_str()))
        };
        let is_in = before(1, &["het"]) && before(2, &["in"]) || before(1, &["in"]);
        !self.tokens.iter().any(learns)
            && !around.clone().any(|at| not >> at & 1 == 1)
            && (is_in || around.clone().any(speaks))
    }

    /// Adds what a cue says; what is switched off leaves its words as they are.
    fn add_cue(&mut self, cued: &Cued) {
        if cued.tokens & self.barrier != 0 {
            return;
        }
        match &cued.cue {
            Cue::Nothing => self.unused |= cued.tokens,
            Cue::Near(_) if self.is_off(Reads::Near) => return,
            Cue::Near(metres) => {
                let within = metres.and_then(|metres| Distance::from_metres(f64::from(metres)));
                self.narrowings.push(Narrowed { to: Narrowing::Near(within), tokens: cued.tokens });
            }
            Cue::StrongNot | Cue::WeakNot => {}
            // When somebody cannot come does not tell when they can.
            Cue::Time(_) if cued.tokens & self.turned != 0 => {}
            // And who does not sleep tells of the night, and need not go somewhere then.
            Cue::Time(times)
                if times.is_night()
                    && self.says_sleep()
                    && !asks_for_night(&self.tokens)
                    && !self.is_off(Reads::PartOfDay) => {}
            Cue::Time(times) => {
                // The morning of a coffee morning is no time; a Wednesday afternoon is one, whatever is said with it.
                if times.is_part()
                    && self.groups.iter().any(|(group, _)| group & cued.tokens == cued.tokens && *group != cued.tokens)
                {
                    return;
                }
                let days = if self.is_off(Reads::Weekday) { 0 } else { times.days };
                let parts = if self.is_off(Reads::PartOfDay) { 0 } else { times.parts };
                let when = times.when.filter(|_| !self.is_off(Reads::When));
                if days == 0 && parts == 0 && when.is_none() {
                    return;
                }
                self.times.days |= days;
                self.times.parts |= parts;
                self.times.when = self.times.when.or(when);
                self.two_times |= self.times.when != when && when.is_some();
                self.times_said |= cued.tokens;
            }
            Cue::Age(_) if self.is_off(Reads::Age) => return,
            Cue::Age(years) => {
                if !is_of_relative(&self.tokens, cued.tokens.trailing_zeros() as usize) {
                    self.for_whom.ages.push(*years);
                    self.for_whom.ages_said |= cued.tokens;
                }
                let understanding = self.understanding;
                for concept in &understanding.vocabulary.scheme(Scheme::TargetGroup).concepts {
                    let place = understanding.layout.place(Scheme::TargetGroup, concept.id.as_str());
                    if let Some(place) = place.filter(|_| concept.is_for_age(*years)) {
                        self.add(Meant { place, strength: phrase::AGE, tokens: cued.tokens });
                    }
                }
            }
            Cue::Concepts(places) => {
                let places: Vec<usize> = places.iter().copied().filter(|p| self.scheme_of(*p).is_some()).collect();
                if places.is_empty() {
                    return;
                }
                let is_turned = cued.tokens & self.turned != 0;
                let strength = if is_turned { -phrase::TURNED } else { 1.0 };
                for place in &places {
                    let is_cost = self.scheme_of(*place) == Some(Scheme::Cost) && !is_turned;
                    if is_cost && !self.costs.contains(place) {
                        self.costs.push(*place);
                        self.costs_said |= cued.tokens;
                    }
                    self.add(Meant { place: *place, strength, tokens: cued.tokens });
                }
                let may_stand = |place: &usize| !is_turned && self.understanding.may_stand_for_words(*place);
                let standing = places.into_iter().filter(may_stand).collect();
                self.join(cued.tokens, standing);
            }
        }
        self.taken |= cued.tokens;
    }

    /// Adds what is meant. Of a concept that is meant twice the surer reading counts; one that is not wanted stays so,
    /// unless other words say it: "bewegen, geen sportschool".
    fn add(&mut self, meant: Meant) {
        let Some(known) = self.concepts.iter_mut().find(|known| known.place == meant.place) else {
            self.concepts.push(meant);
            return;
        };
        let is_said = |one: &Meant| one.tokens != 0 && one.strength > 0.0;
        let is_apart = known.tokens & meant.tokens == 0;
        let was_turned = known.strength < 0.0;
        let counts = match (was_turned, meant.strength < 0.0) {
            (true, true) => false,
            (true, false) => is_said(&meant) && is_apart,
            (false, true) => !(is_said(known) && is_apart),
            (false, false) => meant.strength > known.strength,
        };
        if counts {
            let said_before = if was_turned { 0 } else { known.tokens };
            *known = Meant { tokens: said_before | meant.tokens, ..meant };
        }
    }

    /// Joins words to the groups with which they share a word.
    fn join(&mut self, tokens: WordSet, places: Vec<usize>) {
        if places.is_empty() {
            return;
        }
        let (mut tokens, mut places) = (tokens, BTreeSet::from_iter(places));
        self.groups.retain(|(group, own)| {
            let shares = group & tokens != 0;
            if shares {
                tokens |= group;
                places.extend(own);
            }
            !shares
        });
        self.groups.push((tokens, places.into_iter().collect()));
    }

    fn mask(&self, test: impl Fn(&Token) -> bool) -> WordSet {
        (0..self.tokens.len()).filter(|at| test(&self.tokens[*at])).fold(0, |all, at| all | 1 << at)
    }

    /// Whether words say that it is about sleep.
    fn says_sleep(&self) -> bool {
        let sleep = self.understanding.layout.place(Scheme::Theme, "sleep");
        self.concepts.iter().any(|meant| Some(meant.place) == sleep && meant.tokens != 0 && meant.strength > 0.0)
    }

    /// Whether words that are wanted say that somebody wants to go somewhere.
    fn wants_out(&self) -> bool {
        let is_one_of = |word: &str, words: &[&str]| words.contains(&word);
        let said = |words: &'static [&'static str]| {
            let some = self.tokens.windows(words.len()).enumerate();
            some.filter(move |(_, some)| some.iter().map(|token| &*token.folded).eq(words.iter().copied()))
                .map(|(at, _)| at)
                .filter(|at| self.turned >> at & 1 == 0)
        };
        // Who is put out of the house does not want to go.
        let is_put = |at: usize| self.tokens[at..].iter().any(|token| is_one_of(&token.folded, &PUT));
        let is_thing = |at: usize| before(&self.tokens, at).take(NEAR_THING).any(|word| is_one_of(word, &THINGS));
        OUT.into_iter().any(|words| said(words).any(|at| !is_put(at)))
            || TO_DO.into_iter().any(|words| said(words).any(is_thing))
    }

    /// What the question means.
    pub fn finish(mut self, text: &str) -> Understood {
        let wanted = self.wanted(text);
        let likely = self.likely(&wanted);
        if let Some(likely) = &likely {
            self.doubt_single_words(likely);
        }
        let (mut units, unused) = self.units();
        let mut needs = Vec::new();
        // Who only says "gratis" or "zaterdag" wants all there is; nothing need be guessed.
        if let Some(likely) = likely.filter(|_| !units.is_empty()) {
            let standing = self.add_likely(&likely);
            if !standing.is_empty() {
                units.push(Unit { concepts: standing, is_learned: true, ..Unit::default() });
            }
            if !self.is_off(Reads::Need) && !self.is_one_word() {
                let (likely, words) = likely.needs();
                needs = likely;
                if !words.is_empty() {
                    units.push(Unit { likely: words, is_learned: true, ..Unit::default() });
                }
            }
        }
        self.add_other_ages();
        let wants_out = self.wants_out();
        let narrowings = self.narrowings(!units.is_empty());
        let typed = self.tokens.iter().map(|token| text[token.start..token.end].to_owned()).collect();
        let (for_whom, repaired, did_you_mean) = (self.for_whom, self.repaired, self.did_you_mean);
        Understood {
            units,
            concepts: self.concepts,
            needs,
            for_whom,
            wants_out,
            narrowings,
            typed,
            unused,
            repaired,
            did_you_mean,
        }
    }
}

/// Words in a row that say that somebody wants to go somewhere, or to do what is named soon before.
const OUT: [&[&str]; 8] = [
    &["onder", "de", "mensen"],
    &["het", "huis", "uit"],
    &["de", "deur", "uit"],
    &["er", "op", "uit"],
    &["erop", "uit"],
    &["eropuit"],
    &["go", "out"],
    &["out", "of", "the", "house"],
];
const PUT: [&str; 2] = ["gezet", "zetten"];
const TO_DO: [&[&str]; 2] = [&["te", "doen"], &["to", "do"]];
const THINGS: [&str; 5] = ["wat", "iets", "anything", "something", "things"];
const NEAR_THING: usize = 5;
/// How words begin that say that a language is spoken, and that somebody learns it.
const SPEAKS: [&str; 6] = ["spre", "praat", "praten", "talig", "speak", "spoken"];
const LEARNS: [&str; 9] = ["leer", "leren", "lessen", "taalles", "cursus", "oefen", "learn", "course", "practi"];
