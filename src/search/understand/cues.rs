//! What of a question is no phrase of a concept: times, costs, ways to take part, ages, shorthand, politeness and "not".

use std::collections::{HashMap, HashSet};

use chrono::{Days, NaiveDate};

use super::clock::{FROM, from_hour, is_hour};
use super::for_whom::{age, is_woman};
use super::tokens::{Token, WordSet};
use super::told_times::{is_told, is_until, tells_how_long, tells_of_work};
use crate::domain::lexicon::{ConceptRef, KeyedWords};
use crate::domain::vocabulary::LabelLists;
use crate::domain::{DayPart, Scheme, Vocabulary};
use crate::search::analysis::words;
use crate::search::languages::{DUTCH, language};
use crate::search::layout::Layout;
use crate::search::query::When;

/// Days of the week and parts of the day, one bit each; none stands for any. And when, seen from the question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Times {
    pub days: u8,
    pub parts: u8,
    pub when: Option<When>,
}

impl Times {
    /// Whether it tells a part of the day and nothing else.
    pub fn is_part(self) -> bool {
        self.days == 0 && self.when.is_none()
    }

    /// Whether it tells the night and nothing else.
    pub fn is_night(self) -> bool {
        self.is_part() && self.parts == 1 << DayPart::Night as u8
    }
}

/// What words say.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cue {
    /// Nothing of what is sought.
    Nothing,
    /// When.
    Time(Times),
    /// Concepts: what it costs, how to take part, what a shorthand means.
    Concepts(Vec<usize>),
    /// How old somebody is.
    Age(u8),
    /// That it must be near: within so many metres, if that is said.
    Near(Option<u32>),
    /// That what follows is not wanted.
    StrongNot,
    /// That something is not so; most often a part of the need.
    WeakNot,
}

/// A cue with the words that give it, one bit each.
#[derive(Clone, Debug)]
pub(super) struct Cued {
    pub cue: Cue,
    pub tokens: WordSet,
}

/// All cues of the vocabulary.
pub(super) struct Cues {
    /// By its first word each sequence, the longest first.
    by_word: HashMap<String, Vec<Sequence>>,
    /// Every word of these.
    words: HashSet<String>,
    /// The words of parts of the day in which a day may end: "ochtend" in "maandagochtend".
    parts: Vec<(u8, String, u8)>,
}

struct Sequence {
    language: u8,
    words: Vec<String>,
    meaning: Meaning,
    /// Whether it is an ordinary word too.
    is_weak: bool,
}

#[derive(Clone, Debug)]
enum Meaning {
    Cue(Cue),
    /// A time by its key, which depends on the day of the question.
    Time(String),
    /// Somebody comes to your home, if the words around say so.
    AtHome,
    /// A short shorthand that is a word too: only beside another one, an age, or in capitals.
    WeakShorthand(Vec<usize>),
}

/// How far people walk and cycle to something, in metres, by the notes of the vocabulary.
const WALK: u32 = 1_000;
const RIDE: u32 = 4_000;

/// Abbreviations that are words or names too.
const WEAK_SHORTHAND: [&str; 14] =
    ["ha", "id", "ms", "add", "bw", "mo", "ind", "vt", "cm", "zn", "cl", "ww", "pw", "pt"];

impl Cues {
    pub fn new(vocabulary: &Vocabulary, layout: &Layout) -> Self {
        let lexicon = vocabulary.lexicon();
        let mut made = Self { by_word: HashMap::new(), words: HashSet::new(), parts: Vec::new() };
        let concepts = |refs: &[ConceptRef]| -> Vec<usize> {
            refs.iter().filter_map(|concept| layout.place(concept.scheme, concept.id.as_str())).collect()
        };
        let concept = |scheme, id: &str| Meaning::Cue(Cue::Concepts(layout.place(scheme, id).into_iter().collect()));
        for (key, phrases) in &lexicon.negators.not_negation {
            for (text, meant) in phrases {
                made.add(
                    language(key),
                    text,
                    Meaning::Cue(Cue::Concepts(concepts(std::slice::from_ref(meant)))),
                    false,
                );
            }
        }
        let weak = &lexicon.time_words.weak_words;
        for (lang, key, text) in keyed(&lexicon.time_words.words) {
            let is_weak = weak.get(lang).is_some_and(|words| words.contains(text));
            made.add(language(lang), text, Meaning::Time(key.clone()), is_weak);
            if let Some(part) = times(key, NaiveDate::MIN).filter(|times| times.is_part() && !text.contains(' ')) {
                made.parts.push((language(lang), text.clone(), part.parts));
            }
        }
        for (lang, key, text) in keyed(&lexicon.cost_words.words) {
            let meaning = match key.as_str() {
                "price_question" => Meaning::Cue(Cue::Nothing),
                "small_amount" => {
                    let cheap = ["small_amount", "free", "free_with_city_pass", "voluntary_contribution"];
                    let places = cheap.iter().filter_map(|id| layout.place(Scheme::Cost, id));
                    Meaning::Cue(Cue::Concepts(places.collect()))
                }
                id => concept(Scheme::Cost, id),
            };
            // In a subordinate clause the verb comes last: "iets dat niets kost", "het mag niets kosten".
            if let Some(what) = text.strip_prefix("kost ") {
                made.add(language(lang), &format!("{what} kost"), meaning.clone(), false);
                made.add(language(lang), &format!("{what} kosten"), meaning.clone(), false);
            }
            made.add(language(lang), text, meaning, false);
        }
        for (lang, key, text) in keyed(&lexicon.place_words.words) {
            let meaning = match key.as_str() {
                "at_home" => Meaning::AtHome,
                "online" => concept(Scheme::Accessibility, "online_option"),
                "by_phone" => concept(Scheme::Kind, "helpline"),
                "public_transport" => concept(Scheme::Accessibility, "public_transport"),
                "near_me" => Meaning::Cue(Cue::Near(None)),
                "walking_distance" => Meaning::Cue(Cue::Near(Some(WALK))),
                "cycling_distance" => Meaning::Cue(Cue::Near(Some(RIDE))),
                "whole_city" => Meaning::Cue(Cue::Nothing),
                _ => continue,
            };
            made.add(language(lang), text, meaning, false);
        }
        for one in &lexicon.abbreviations {
            let meant = concepts(&one.concepts);
            let short = one.short.to_lowercase();
            let meaning = match () {
                () if WEAK_SHORTHAND.contains(&short.as_str()) => Meaning::WeakShorthand(meant),
                () if meant.is_empty() => Meaning::Cue(Cue::Nothing),
                () => Meaning::Cue(Cue::Concepts(meant)),
            };
            made.add(DUTCH, &short, meaning.clone(), false);
            if short.contains(['-', '.']) {
                made.add(DUTCH, &short.replace(['-', '.'], ""), meaning, false);
            }
        }
        for (lang, text) in listed(&lexicon.intensity) {
            made.add(language(lang), text, Meaning::Cue(Cue::Nothing), false);
        }
        for (lang, words) in &lexicon.negators.words {
            words.strong.iter().for_each(|text| made.add(language(lang), text, Meaning::Cue(Cue::StrongNot), false));
            words.weak.iter().for_each(|text| made.add(language(lang), text, Meaning::Cue(Cue::WeakNot), false));
        }
        made.by_word.values_mut().for_each(|all| all.sort_by_key(|one| std::cmp::Reverse(one.words.len())));
        made
    }

    fn add(&mut self, language: u8, text: &str, meaning: Meaning, is_weak: bool) {
        let words: Vec<String> = words(text).into_iter().map(|word| word.folded).collect();
        let Some(first) = words.first().cloned() else { return };
        self.words.extend(words.iter().cloned());
        let same = self.by_word.entry(first).or_default();
        // What was added first says more: "zonder afspraak" is a fact before "zonder" is a "not".
        if !same.iter().any(|known| known.language == language && known.words == words) {
            same.push(Sequence { language, words, meaning, is_weak });
        }
    }

    /// Whether a word stands in some cue.
    pub fn knows(&self, folded: &str) -> bool {
        self.words.contains(folded)
    }

    /// The cues of a question, in order, none over another. `languages` are those the question may be in.
    pub fn find(&self, text: &str, tokens: &[Token], languages: &[u8], today: NaiveDate) -> Vec<Cued> {
        let mut found: Vec<Cued> = Vec::new();
        let mut weak: Vec<(Cued, usize)> = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            let (length, cue, is_weak) = match is_woman(text, tokens, at) {
                true => (1, Some(Cue::Nothing), false),
                false => {
                    let hour =
                        || self.hour_at(tokens, at, languages, today).map(|(length, cue)| (length, Some(cue), false));
                    self.sequence_at(tokens, at, languages, today).or_else(hour).unwrap_or_default()
                }
            };
            let Some(cue) = cue else {
                if let Some(age) = age(text, tokens, at) {
                    found.push(Cued { cue: Cue::Age(age), tokens: 1 << at });
                }
                at += 1;
                continue;
            };
            let cued = Cued { cue, tokens: ((1 << length) - 1) << at };
            if is_weak {
                weak.push((cued, at))
            } else {
                found.push(cued)
            }
            at += length;
        }
        let is_number = |at: usize| tokens.get(at).is_some_and(|token| token.folded.parse::<u16>().is_ok());
        // "Zo na zessen" is no Sunday.
        let is_outright = |one: &&Cued| {
            matches!(one.cue, Cue::Time(_)) && !FROM.contains(&&*tokens[one.tokens.trailing_zeros() as usize].folded)
        };
        let times: WordSet = found.iter().filter(is_outright).map(|one| one.tokens).sum();
        let firm: WordSet = found.iter().filter(|one| matches!(one.cue, Cue::Age(_))).map(|one| one.tokens).sum();
        let dashed = |at: usize| {
            let between = |a: usize, b: usize| {
                let ends = tokens.get(a).zip(tokens.get(b)).map(|(a, b)| (a.end, b.start));
                ends.and_then(|(end, start)| text.get(end..start)).is_some_and(|gap| gap.contains(['-', '–', '/']))
            };
            at > 0 && between(at - 1, at) || between(at, at + 1)
        };
        for (cued, at) in weak {
            let beside = |mask: WordSet| mask & (cued.tokens << 1 | cued.tokens >> 1) != 0;
            let counts = match cued.cue {
                Cue::Time(_) => beside(times) || dashed(at) || is_number(at + 1) || at > 0 && is_number(at - 1),
                _ => tokens[at].is_shouted || beside(firm),
            };
            if counts {
                found.push(cued);
            }
        }
        found.sort_by_key(|one| one.tokens.trailing_zeros());
        found
    }

    /// The longest cue of the vocabulary that begins at a word: how many words it has, what it says, and whether it is weak.
    fn sequence_at(
        &self,
        tokens: &[Token],
        at: usize,
        languages: &[u8],
        today: NaiveDate,
    ) -> Option<(usize, Option<Cue>, bool)> {
        let of_word = self.by_word.get(&tokens[at].folded).map(Vec::as_slice).unwrap_or_default();
        let stands = |one: &&Sequence| {
            languages.contains(&one.language)
                && one.words.iter().zip(&tokens[at..]).filter(|(word, token)| **word == token.folded).count()
                    == one.words.len()
        };
        for one in of_word.iter().filter(stands) {
            let length = one.words.len();
            let cue = match &one.meaning {
                Meaning::Cue(cue) => cue.clone(),
                Meaning::Time(key) => match times(key, today) {
                    // An afternoon of games is named after them, whenever it is.
                    Some(_) if tokens[at].part_of.is_some() => return None,
                    // Who lies awake the whole night tells how long it lasts, and not when to go somewhere.
                    Some(times) if times.is_part() && tells_how_long(tokens, at) => Cue::Nothing,
                    Some(times) if times.is_part() && tells_of_work(tokens, at, at + length) => Cue::Nothing,
                    Some(times) if times.days != 0 && is_until(tokens, at, |word| self.is_day(word)) => Cue::Nothing,
                    Some(_) if is_told(tokens, at..at + length) => Cue::Nothing,
                    Some(mut times) => {
                        if !times.is_part() {
                            times.parts |= self.part_within(one.language, &tokens[at].folded);
                        }
                        Cue::Time(times)
                    }
                    None => Cue::Nothing,
                },
                Meaning::AtHome => {
                    let around = &tokens[at.saturating_sub(3)..(at + length + 2).min(tokens.len())];
                    let comes = around
                        .iter()
                        .any(|token| ["komt", "huis", "bij", "langs", "comes"].contains(&token.folded.as_str()));
                    if !comes {
                        continue;
                    }
                    // Said by a label of the vocabulary too, which has the concept.
                    return None;
                }
                Meaning::WeakShorthand(places) if places.is_empty() => return Some((length, Some(Cue::Nothing), true)),
                Meaning::WeakShorthand(places) => return Some((length, Some(Cue::Concepts(places.clone())), true)),
            };
            return Some((length, Some(cue), one.is_weak));
        }
        None
    }

    /// What an hour of the clock says that is told from a word on, with the number of its words.
    fn hour_at(&self, tokens: &[Token], at: usize, languages: &[u8], today: NaiveDate) -> Option<(usize, Cue)> {
        let Some((length, parts)) = from_hour(tokens, at) else {
            return is_hour(tokens, at).then_some((2, Cue::Nothing));
        };
        let next = at + length;
        // "Na 7 uur 's avonds" says itself which part it is.
        let says_part = tokens.get(next).is_some_and(|one| !one.begins_clause)
            && self
                .sequence_at(tokens, next, languages, today)
                .is_some_and(|(_, cue, _)| matches!(cue, Some(Cue::Time(times)) if times.is_part()));
        let is_wanted = !says_part && !is_told(tokens, at..next) && !tells_of_work(tokens, at, next);
        Some((length, if is_wanted { Cue::Time(Times { parts, ..Times::default() }) } else { Cue::Nothing }))
    }

    /// Whether a word is a day of the week.
    fn is_day(&self, folded: &str) -> bool {
        let of_word = self.by_word.get(folded).map(Vec::as_slice).unwrap_or_default();
        let days = |key: &String| times(key, NaiveDate::MIN).is_some_and(|times| times.days != 0);
        of_word.iter().any(|one| matches!(&one.meaning, Meaning::Time(key) if days(key)))
    }

    /// The part of the day in which a word of a day ends.
    fn part_within(&self, language: u8, folded: &str) -> u8 {
        let ends = |(of, word, _): &&(u8, String, u8)| {
            *of == language && folded.len() > word.len() && folded.ends_with(word.as_str())
        };
        self.parts.iter().filter(ends).map(|(_, _, part)| *part).fold(0, |all, part| all | part)
    }
}

/// Each word with its language and key.
fn keyed(words: &KeyedWords) -> impl Iterator<Item = (&String, &String, &String)> {
    words.iter().flat_map(|(language, keys)| {
        keys.iter().flat_map(move |(key, texts)| texts.iter().map(move |text| (language, key, text)))
    })
}

fn listed(lists: &LabelLists) -> impl Iterator<Item = (&String, &String)> {
    lists.iter().flat_map(|(language, texts)| texts.iter().map(move |text| (language, text)))
}

/// The days and parts of a key of the vocabulary, on the day of the question; nothing for what no index holds, as
/// school holidays.
fn times(key: &str, today: NaiveDate) -> Option<Times> {
    const WORKING_DAYS: u8 = 0b001_1111;
    const WEEKEND: u8 = 0b110_0000;
    let part = |parts: &[DayPart]| parts.iter().fold(0u8, |all, part| all | 1 << *part as u8);
    use DayPart::{Afternoon, Evening, Morning, Night};
    let (days, parts) = match key {
        "mon" => (1, 0),
        "tue" => (1 << 1, 0),
        "wed" => (1 << 2, 0),
        "thu" => (1 << 3, 0),
        "fri" => (1 << 4, 0),
        "sat" => (1 << 5, 0),
        "sun" => (1 << 6, 0),
        "weekdays" => (WORKING_DAYS, 0),
        "weekend" => (WEEKEND, 0),
        "morning" => (0, part(&[Morning])),
        "afternoon" | "lunchtime" | "after_school" => (0, part(&[Afternoon])),
        "evening" | "after_work" => (0, part(&[Evening])),
        "night" => (0, part(&[Night])),
        "daytime" => (0, part(&[Morning, Afternoon])),
        "dinnertime" => (0, part(&[Afternoon, Evening])),
        "this_morning" => (0, part(&[Morning])),
        "this_afternoon" => (0, part(&[Afternoon])),
        "tonight" => (0, part(&[Evening])),
        "now" | "today" | "tomorrow" | "day_after_tomorrow" | "this_weekend" | "this_week" => (0, 0),
        _ => return None,
    };
    let when = match key {
        "now" => Some(When::Now),
        "today" | "this_morning" | "this_afternoon" | "tonight" => Some(When::Today),
        "tomorrow" => Some(When::Tomorrow),
        "day_after_tomorrow" => today.checked_add_days(Days::new(2)).map(When::Date),
        "this_weekend" => Some(When::Weekend),
        "this_week" => Some(When::Week),
        _ => None,
    };
    Some(Times { days, parts, when })
}
