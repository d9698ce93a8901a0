//! Words that may mean that somebody is in need now, and whom to call. `crate::crisis` loads them from a file.
//!
//! A match adds a calm line with numbers to the results; the results stay. It is help, never an alarm: nothing is
//! stored, counted or logged, not even that there was a match.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::text::{LanguageTag, fold};
use super::vocabulary::{Labels, in_language};

/// What the need may be, the most pressing first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CrisisKind {
    /// In danger now.
    DangerNow,
    /// Thinking of suicide.
    Suicide,
    /// Not safe at home.
    ViolenceAtHome,
    /// A child in need.
    Child,
}

/// A phone number that helps.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HelpLine {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub label: Labels,
    /// What a link dials; nothing where a municipality has its own and did not tell it.
    pub tel: Option<String>,
    /// How it is written.
    pub tel_display: Option<String>,
    /// Where one can chat.
    pub chat: Option<String>,
    /// When it is open.
    pub hours: Labels,
    /// What it costs.
    pub cost: Labels,
    /// For whom it is.
    pub audience: Labels,
    /// The languages that are certainly spoken.
    pub languages: Vec<String>,
    /// What it helps with.
    pub kinds: Vec<CrisisKind>,
    /// When somebody checked all this; nothing when nobody did yet.
    pub checked_on: Option<NaiveDate>,
}

/// The file of crisis words.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CrisisFile {
    /// The names of the kinds.
    pub kinds: BTreeMap<CrisisKind, Labels>,
    /// The numbers.
    pub numbers: Vec<HelpLine>,
    phrases: BTreeMap<String, Vec<PhraseEntry>>,
    /// Phrases that are no crisis.
    exclude: BTreeMap<String, Vec<String>>,
    /// Phrases near despair: no crisis either, and somebody should listen.
    pub near_despair: Option<BTreeMap<String, Vec<String>>>,
}

#[derive(Clone, Debug, Deserialize)]
struct PhraseEntry {
    text: String,
    kind: CrisisKind,
    #[serde(rename = "match")]
    matching: MatchKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum MatchKind {
    /// These words side by side.
    Phrase,
    /// A word that begins so.
    Stem,
}

/// Crisis words, ready to be looked for.
#[derive(Debug)]
pub struct CrisisWords {
    kinds: BTreeMap<CrisisKind, Labels>,
    numbers: Vec<HelpLine>,
    phrases: ByLetter<(Vec<String>, CrisisKind, MatchKind)>,
    exclude: Vec<Vec<String>>,
    near_despair: ByLetter<Vec<String>>,
}

/// Phrases by the letter that the first word begins with: of a question few need be compared.
type ByLetter<T> = HashMap<char, Vec<T>>;

fn by_letter<T>(phrases: impl Iterator<Item = T>, words: impl Fn(&T) -> &[String]) -> ByLetter<T> {
    let mut all = ByLetter::new();
    for phrase in phrases {
        let letter = words(&phrase).first().and_then(|word| word.chars().next());
        if let Some(letter) = letter {
            all.entry(letter).or_default().push(phrase);
        }
    }
    all
}

/// The phrases that may begin with a word, or with what is left of it without what may be joined to its beginning.
fn beginning_with<'p, T>(phrases: &'p ByLetter<T>, word: &str) -> impl Iterator<Item = &'p T> {
    let letters: BTreeSet<char> = without_joined(word).filter_map(|rest| rest.chars().next()).collect();
    letters.into_iter().filter_map(|letter| phrases.get(&letter)).flatten()
}

/// A line of help beside the results of a search.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Crisis {
    /// What the need may be, the most pressing first; none when somebody only needs to be listened to.
    pub kinds: Vec<CrisisName>,
    /// What to say.
    pub text: String,
    /// Whom to call, in this order.
    pub numbers: Vec<CrisisNumber>,
}

/// What a need may be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CrisisName {
    /// Its id.
    pub id: CrisisKind,
    /// Its name in the asked language.
    pub label: String,
}

/// A phone number that helps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CrisisNumber {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub label: String,
    /// What a link dials.
    pub tel: String,
    /// How it is written.
    pub tel_display: String,
    /// Where one can chat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat: Option<String>,
    /// When it is open.
    pub hours: String,
    /// What it costs.
    pub cost: String,
    /// For whom it is.
    pub audience: String,
    /// The languages that are certainly spoken.
    pub languages: Vec<String>,
    /// When somebody checked all this; nothing when nobody did yet.
    pub checked_on: Option<NaiveDate>,
}

/// The number of the emergency services.
const EMERGENCY: &str = "emergency";
/// The number of those who listen.
const LISTENING: &str = "listening_line";

impl CrisisWords {
    /// Makes the words of a file ready.
    pub fn new(file: CrisisFile) -> Self {
        let words = |text: &str| fold(text).split(' ').map(str::to_owned).collect::<Vec<_>>();
        let phrases = file.phrases.values().flatten().map(|entry| (words(&entry.text), entry.kind, entry.matching));
        let exclude = file.exclude.values().flatten().map(|text| words(text));
        let near_despair = file.near_despair.iter().flat_map(BTreeMap::values).flatten().map(|text| words(text));
        Self {
            phrases: by_letter(phrases, |(words, ..)| words),
            exclude: exclude.collect(),
            near_despair: by_letter(near_despair, Vec::as_slice),
            kinds: file.kinds,
            numbers: file.numbers,
        }
    }

    /// What the need of somebody who writes this may be, the most pressing first. All languages are looked for at once.
    pub fn find(&self, text: &str) -> Vec<CrisisKind> {
        let folded = fold(text);
        let words: Vec<&str> = folded.split(' ').collect();
        let mut found: Vec<(usize, usize, CrisisKind)> = Vec::new();
        for start in 0..words.len() {
            for (phrase, kind, matching) in beginning_with(&self.phrases, words[start]) {
                let stands = match matching {
                    MatchKind::Phrase => begins_with(&words[start..], phrase),
                    MatchKind::Stem => begins_so(&words[start..], phrase, true),
                };
                if stands {
                    found.push((start, start + phrase.len(), *kind));
                }
            }
        }
        if found.is_empty() {
            return Vec::new();
        }
        for phrase in &self.exclude {
            let starts = (0..words.len()).filter(|start| begins_so(&words[*start..], phrase, false));
            for start in starts {
                found.retain(|(from, to, _)| *from < start || *to > start + phrase.len());
            }
        }
        let mut kinds: Vec<CrisisKind> = found.into_iter().map(|(_, _, kind)| kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    /// Whether somebody who writes this is near despair.
    fn is_near_despair(&self, text: &str) -> bool {
        let folded = fold(text);
        let words: Vec<&str> = folded.split(' ').collect();
        let mut starts = 0..words.len();
        starts.any(|start| {
            beginning_with(&self.near_despair, words[start]).any(|phrase| begins_with(&words[start..], phrase))
        })
    }

    /// The line of help for a question; nothing when it has no crisis words and is not near despair.
    pub fn help(&self, text: &str, language: &LanguageTag) -> Option<Crisis> {
        let kinds = self.find(text);
        if kinds.is_empty() && !self.is_near_despair(text) {
            return None;
        }
        let language = language.language();
        let say = |labels: &Labels| in_language(labels, language).unwrap_or_default().to_owned();
        let mut lines: Vec<&HelpLine> = Vec::new();
        if kinds.is_empty() {
            lines.extend(self.numbers.iter().find(|line| line.id == LISTENING));
        }
        for kind in &kinds {
            for line in self.lines(*kind) {
                if !lines.iter().any(|known| known.id == line.id) {
                    lines.push(line);
                }
            }
        }
        let numbers = lines.into_iter().filter_map(|line| {
            Some(CrisisNumber {
                id: line.id.clone(),
                label: say(&line.label),
                tel: line.tel.clone()?,
                tel_display: line.tel_display.clone().or_else(|| line.tel.clone())?,
                chat: line.chat.clone(),
                hours: say(&line.hours),
                cost: say(&line.cost),
                audience: say(&line.audience),
                languages: line.languages.clone(),
                checked_on: line.checked_on,
            })
        });
        let name = |id: &CrisisKind| CrisisName { id: *id, label: self.kinds.get(id).map(say).unwrap_or_default() };
        let text = match (language, kinds.as_slice()) {
            ("en", []) => "Is it all too much? Somebody will listen to you.",
            (_, []) => "Is het u te veel? U kunt altijd met iemand praten.",
            ("en", _) => "Are you having a very hard time? You can talk to somebody now.",
            (_, [CrisisKind::Child]) => "Heb je het nu heel moeilijk? Je kunt nu met iemand praten.",
            _ => "Heeft u het nu heel moeilijk? U kunt nu met iemand praten.",
        };
        let numbers: Vec<CrisisNumber> = numbers.collect();
        // An edition without a number of somebody who listens says nothing.
        let is_empty = kinds.is_empty() && numbers.is_empty();
        (!is_empty).then(|| Crisis { kinds: kinds.iter().map(name).collect(), text: text.to_owned(), numbers })
    }

    /// The numbers for a kind: the emergency services first for danger, second for suicide, and else last.
    fn lines(&self, kind: CrisisKind) -> Vec<&HelpLine> {
        let all = self.numbers.iter().filter(|line| line.kinds.contains(&kind));
        let (emergency, mut lines): (Vec<_>, Vec<_>) = all.partition(|line| line.id == EMERGENCY);
        let at = match kind {
            CrisisKind::DangerNow => 0,
            CrisisKind::Suicide => lines.len().min(1),
            CrisisKind::ViolenceAtHome | CrisisKind::Child => lines.len(),
        };
        lines.splice(at..at, emergency);
        lines
    }
}

/// Whether words begin with those of a phrase.
fn begins_with(words: &[&str], phrase: &[String]) -> bool {
    words.len() >= phrase.len() && phrase.iter().zip(words).all(|(a, b)| a == b)
}

/// Whether words begin with those of a phrase, the last of which may go on. In Arabic and Persian the article and
/// joined words may stand before the first.
fn begins_so(words: &[&str], phrase: &[String], may_be_joined: bool) -> bool {
    let Some((last, first)) = phrase.split_last().filter(|_| words.len() >= phrase.len()) else { return false };
    let goes_on = |word: &str| word.starts_with(last.as_str());
    let word = words[first.len()];
    first.iter().zip(words).all(|(a, b)| a == b)
        && (goes_on(word) || may_be_joined && first.is_empty() && without_joined(word).any(goes_on))
}

/// An Arabic word without what may be joined to its beginning: wa, fa, bi, li, and the article.
fn without_joined(word: &str) -> impl Iterator<Item = &str> {
    let without_particle = ["و", "ف", "ب", "ل"].into_iter().filter_map(|joined| word.strip_prefix(joined));
    let all = std::iter::once(word).chain(without_particle);
    all.flat_map(|rest| [Some(rest), rest.strip_prefix("ال"), rest.strip_prefix("ل")]).flatten()
}
