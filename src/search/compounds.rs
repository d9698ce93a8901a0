//! Takes compound words apart: "koffieochtend" is found by "koffie" and by "ochtend".
//!
//! A part is a word of the vocabulary, in a question also one of the listings or of an operator's word list, at least
//! three letters long; between parts may
//! stand one of the links of Dutch (s, en, e, n). Of several ways the one with the fewest parts counts, and of these the
//! one with the longest last part, which says what the thing is.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};

use crate::domain::Vocabulary;

use super::analysis::{dutch_stem, says_something, words};

/// A shorter word is no compound.
const SHORTEST: usize = 7;
const SHORTEST_PART: usize = 3;
/// The most parts.
const MOST_PARTS: usize = 3;
const LINKS: [&str; 3] = ["en", "e", "n"];

/// The words of which compounds are made.
#[derive(Debug)]
pub(super) struct Compounds {
    words: HashSet<String>,
    /// The stems of the parts of words that stood in listings, which are the same few again and again.
    known: RwLock<HashMap<String, Arc<[String]>>>,
}

/// How many words of listings are kept with their parts.
const KEPT: usize = 200_000;

impl Compounds {
    /// The Dutch words of a vocabulary, and their stems.
    pub fn new(vocabulary: &Vocabulary) -> Self {
        let mut known = HashSet::new();
        for concept in vocabulary.schemes().iter().flat_map(|list| &list.concepts) {
            let one = concept.pref_label.get("nl").into_iter().chain(concept.short_label.get("nl"));
            let labels = one.chain(concept.alt_label.get("nl").into_iter().flatten()).map(|text| (text, SHORTEST_PART));
            // Of what people say only longer words are taken: "lig" and "zat" are parts of too much.
            let said = concept.everyday.get("nl").into_iter().flatten().map(|text| (text, SHORTEST_PART + 1));
            for (word, shortest) in labels
                .chain(said)
                .flat_map(|(text, least)| words(text).into_iter().map(move |word| (word.folded, least)))
            {
                if word.bytes().all(|byte| byte.is_ascii_lowercase()) && word.len() >= shortest && says_something(&word)
                {
                    let stem = dutch_stem(&word);
                    if stem.len() > SHORTEST_PART {
                        known.insert(stem);
                    }
                    known.insert(word);
                }
            }
        }
        Self { words: known, known: RwLock::default() }
    }

    /// The Dutch stems of the parts of a compound in a listing; none when it is no compound.
    pub fn stems(&self, word: &str) -> Arc<[String]> {
        if let Some(stems) = self.known.read().unwrap_or_else(PoisonError::into_inner).get(word) {
            return Arc::clone(stems);
        }
        let stems: Arc<[String]> = self.split(word, &|_| false).into_iter().map(dutch_stem).collect();
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() < KEPT {
            known.insert(word.to_owned(), Arc::clone(&stems));
        }
        stems
    }

    /// The parts of a folded compound; none when it is no compound. `is_word` may know more words.
    pub fn split<'w>(&self, word: &'w str, is_word: &dyn Fn(&str) -> bool) -> Vec<&'w str> {
        if word.len() < SHORTEST || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return Vec::new();
        }
        (2..=MOST_PARTS).find_map(|most| self.parts(word, most, is_word)).unwrap_or_default()
    }

    fn parts<'w>(&self, word: &'w str, most: usize, is_word: &dyn Fn(&str) -> bool) -> Option<Vec<&'w str>> {
        for at in SHORTEST_PART..=word.len().saturating_sub(SHORTEST_PART) {
            let (first, rest) = word.split_at(at);
            let Some(first) = self.without_link(first, is_word) else { continue };
            if self.knows(rest, is_word) {
                return Some(vec![first, rest]);
            }
            if most > 2
                && let Some(others) = self.parts(rest, most - 1, is_word)
            {
                return Some(std::iter::once(first).chain(others).collect());
            }
        }
        None
    }

    /// A first part without its link.
    fn without_link<'w>(&self, part: &'w str, is_word: &dyn Fn(&str) -> bool) -> Option<&'w str> {
        // "Gezins" stands in phrases too, and says what "gezin" says.
        let of = part.strip_suffix('s').into_iter().chain([part]);
        let mut all = of.chain(LINKS.iter().filter_map(|link| part.strip_suffix(link)));
        all.find(|part| self.knows(part, is_word))
    }

    fn knows(&self, part: &str, is_word: &dyn Fn(&str) -> bool) -> bool {
        let known = |part: &str| self.words.contains(part) || is_word(part);
        part.len() >= SHORTEST_PART
            && says_something(part)
            && (known(part) || part.len() > SHORTEST_PART + 1 && self.words.contains(&dutch_stem(part)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::tests::world::vocabulary;

    #[test]
    fn compounds_come_apart_and_other_words_stay_whole() {
        let compounds = Compounds::new(&vocabulary());
        let split = |word| compounds.split(word, &|_| false).join("+");
        for (word, parts) in [
            ("koffieochtend", "koffie+ochtend"),
            ("lotgenotencontact", "lotgenoten+contact"),
            ("gezinsondersteuning", "gezin+ondersteuning"),
            ("buurtkamer", "buurt+kamer"),
            ("vrouwengroep", "vrouwen+groep"),
        ] {
            assert_eq!(split(word), parts, "{word}");
        }
        assert_eq!(compounds.split("zanggroepje", &|word| word == "zang").join("+"), "zang+groepje");
        for word in ["wandelen", "eenzaam", "gezellig", "voorlezen", "vrijwilliger", "nederlands", "samen", ""] {
            assert_eq!(split(word), "", "{word}");
        }
    }
}
