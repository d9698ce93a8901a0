//! The languages of texts, vocabulary and questions: their scripts, stems and stop words.
//!
//! A language is its place in one list, in which Dutch and English come first and the last stands for all others.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use frostem::{Algorithm, Stemmer};
use tantivy::tokenizer::{Language, RawTokenizer, StopWordFilter, TextAnalyzer};

use super::analysis::{dutch_stem, english_stem, says_something};

/// The places of Dutch and English.
pub(super) const DUTCH: u8 = 0;
pub(super) const ENGLISH: u8 = 1;

/// How the words of a language are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stem {
    Dutch,
    English,
    Snowball(Algorithm),
    /// The first so many letters: for languages with many endings and no stemmer that knows their folded letters. Five
    /// do well in Turkish (Can and others, "Information retrieval on Turkish texts", 2008).
    Cut(usize),
    /// As they are.
    Whole,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Script {
    Latin,
    Arabic,
    Cyrillic,
    Other,
}

/// A language of the vocabulary: its key there, its script, its stems, and its list of stop words.
struct Spoken {
    key: &'static str,
    script: Script,
    stem: Stem,
    stop_words: Option<Language>,
}

const fn spoken(key: &'static str, script: Script, stem: Stem, stop_words: Option<Language>) -> Spoken {
    Spoken { key, script, stem, stop_words }
}

/// The languages that are compared by more than whole words. Dutch and English come first.
static LANGUAGES: [Spoken; 16] = [
    spoken("nl", Script::Latin, Stem::Dutch, Some(Language::Dutch)),
    spoken("en", Script::Latin, Stem::English, Some(Language::English)),
    spoken("de", Script::Latin, Stem::Snowball(Algorithm::German), Some(Language::German)),
    spoken("fr", Script::Latin, Stem::Snowball(Algorithm::French), Some(Language::French)),
    spoken("es", Script::Latin, Stem::Snowball(Algorithm::Spanish), Some(Language::Spanish)),
    spoken("pt", Script::Latin, Stem::Snowball(Algorithm::Portuguese), Some(Language::Portuguese)),
    spoken("ro", Script::Latin, Stem::Snowball(Algorithm::Romanian), None),
    spoken("pl", Script::Latin, Stem::Snowball(Algorithm::Polish), None),
    spoken("tr", Script::Latin, Stem::Cut(5), None),
    spoken("ru", Script::Cyrillic, Stem::Snowball(Algorithm::Russian), Some(Language::Russian)),
    spoken("uk", Script::Cyrillic, Stem::Cut(5), None),
    spoken("bg", Script::Cyrillic, Stem::Cut(5), None),
    spoken("ar", Script::Arabic, Stem::Snowball(Algorithm::Arabic), None),
    spoken("fa", Script::Arabic, Stem::Whole, None),
    spoken("ti", Script::Other, Stem::Whole, None),
    spoken("", Script::Latin, Stem::Whole, None),
];

/// The places of all languages.
pub(super) const ALL: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// The place of a language among those that are compared; languages that are not there share the last.
pub(super) fn language(key: &str) -> u8 {
    let at = LANGUAGES.iter().position(|spoken| spoken.key == key);
    at.unwrap_or(LANGUAGES.len() - 1) as u8
}

/// The form of a folded word by which it is compared in a language.
pub(super) fn stem(language: u8, folded: &str) -> String {
    match LANGUAGES[usize::from(language).min(LANGUAGES.len() - 1)].stem {
        Stem::Dutch => dutch_stem(folded),
        Stem::English => english_stem(folded),
        Stem::Snowball(algorithm) => Stemmer::new(algorithm).stem(folded).into_owned(),
        Stem::Cut(letters) => folded.chars().take(letters).collect(),
        Stem::Whole => folded.to_owned(),
    }
}

/// Whether words of a language are also compared by more than whole words.
pub(super) fn has_stems(language: u8) -> bool {
    LANGUAGES.get(usize::from(language)).is_some_and(|spoken| spoken.stem != Stem::Whole)
}

/// Whether a folded word is written in Latin letters.
pub(super) fn is_latin(folded: &str) -> bool {
    script(folded) == Script::Latin
}

/// The languages in whose script a folded word is written.
pub(super) fn languages_of(folded: &str) -> impl Iterator<Item = u8> {
    let script = script(folded);
    let all = (0..).zip(&LANGUAGES);
    all.filter(move |(at, spoken)| spoken.script == script || usize::from(*at) == LANGUAGES.len() - 1).map(|(at, _)| at)
}

fn script(folded: &str) -> Script {
    match folded.chars().find(|c| c.is_alphabetic()).map(u32::from) {
        Some(0x0400..=0x052f) => Script::Cyrillic,
        Some(0x0600..=0x077f | 0xfb50..=0xfdff | 0xfe70..=0xfeff) => Script::Arabic,
        Some(0..=0x024f) | None => Script::Latin,
        Some(_) => Script::Other,
    }
}

/// Whether a folded word of a phrase in a language says something.
pub(super) fn is_content(language: u8, folded: &str) -> bool {
    static LISTS: LazyLock<HashMap<u8, TextAnalyzer>> = LazyLock::new(|| {
        let lists = (0..).zip(&LANGUAGES).filter_map(|(at, spoken)| {
            let filter = StopWordFilter::new(spoken.stop_words?)?;
            Some((at, TextAnalyzer::builder(RawTokenizer::default()).filter(filter).build()))
        });
        lists.collect()
    });
    static PRONOUNS: LazyLock<HashSet<&str>> = LazyLock::new(|| PERSONAL_PRONOUNS.split_whitespace().collect());
    match language {
        DUTCH | ENGLISH => says_something(folded),
        other => {
            !PRONOUNS.contains(folded)
                && LISTS.get(&other).is_none_or(|list| list.clone().token_stream(folded).advance())
        }
    }
}

/// "I", "my" and the like in languages without a list of stop words.
const PERSONAL_PRONOUNS: &str = "ja mnie mi moj moja moje sie jest eu mea meu mele imi ma sunt ben benim bana bir \
    ve icin bu я мене мені мій моя моє мої мне мой меня я і й та в у на з із انا لي في من على عن هو هي و mi mijn mo \
    na fi min ana f li l";
