//! Families of words: what somebody searches with another word than listings have.
//!
//! The families stand in the vocabulary's lexicon. A word finds the words of its families too, by their Dutch stems; they
//! count for a part of what they would if they had been asked for.

use std::collections::HashMap;

use crate::domain::Family;
use crate::domain::text::fold;
use crate::search::analysis::dutch_stem;

/// The most related words of a word that are looked for.
const MOST_RELATED: usize = 24;

/// How near a related word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kinship {
    /// It means nearly the same.
    Same,
    /// It is a kind of it, or what it is a kind of.
    Kind,
}

/// A word that is related to a word of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// As it is written.
    pub word: String,
    /// Its Dutch stem.
    pub stem: String,
    /// How near it is.
    pub kinship: Kinship,
}

/// All families, by their words.
pub(super) struct Families {
    /// The words of each family: those that mean nearly the same, then its kinds.
    families: Vec<(Vec<Kin>, Vec<Kin>)>,
    /// The families of each Dutch word, and of each stem of one, and whether it is a kind in it. A word that stands in
    /// a family itself is no other with its stem: "spelletjes" is not "spellen".
    by_word: HashMap<String, Vec<(u32, bool)>>,
    by_stem: HashMap<String, Vec<(u32, bool)>>,
    /// The families of each other word that is only asked.
    by_asked: HashMap<String, Vec<u32>>,
}

/// A Dutch word and its stem.
struct Kin {
    word: String,
    stem: String,
}

impl Families {
    pub fn new(families: &[Family]) -> Self {
        let mut made =
            Self { families: Vec::new(), by_word: HashMap::new(), by_stem: HashMap::new(), by_asked: HashMap::new() };
        let kin = |word: &String| Kin { word: word.clone(), stem: dutch_stem(&fold(word)) };
        for (at, family) in (0..).zip(families) {
            let (same, kinds): (Vec<_>, Vec<_>) =
                (family.same.iter().map(kin).collect(), family.kinds.iter().map(kin).collect());
            for (words, is_kind) in [(&same, false), (&kinds, true)] {
                for Kin { word, stem } in words {
                    made.by_word.entry(fold(word)).or_default().push((at, is_kind));
                    made.by_stem.entry(stem.clone()).or_default().push((at, is_kind));
                }
            }
            for word in &family.asked {
                made.by_asked.entry(fold(word)).or_default().push(at);
            }
            made.families.push((same, kinds));
        }
        made
    }

    /// Whether a folded word stands in a family.
    pub fn knows(&self, folded: &str) -> bool {
        self.by_asked.contains_key(folded) || self.by_stem.contains_key(&dutch_stem(folded))
    }

    /// The words that a folded word with this stem finds too, the nearest first.
    pub fn related(&self, folded: &str, own: &str) -> Vec<Related> {
        let asked = self.by_asked.get(folded).into_iter().flatten().map(|at| (*at, false));
        let dutch = self.by_word.get(folded).or_else(|| self.by_stem.get(own));
        let families = dutch.into_iter().flatten().copied().chain(asked);
        let mut found: Vec<Related> = Vec::new();
        for (at, is_kind) in families {
            let (same, kinds) = &self.families[at as usize];
            let same = same.iter().map(|kin| (kin, if is_kind { Kinship::Kind } else { Kinship::Same }));
            let kinds = kinds.iter().filter(|_| !is_kind).map(|kin| (kin, Kinship::Kind));
            for (Kin { word, stem }, kinship) in same.chain(kinds) {
                match found.iter_mut().find(|known| known.stem == *stem) {
                    _ if stem == own => {}
                    Some(known) => known.kinship = known.kinship.min(kinship),
                    None => found.push(Related { word: word.clone(), stem: stem.clone(), kinship }),
                }
            }
        }
        found.sort_by_key(|related| related.kinship);
        found.truncate(MOST_RELATED);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_finds_those_that_mean_the_same_its_kinds_and_what_it_is_a_kind_of() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect();
        let games = Family { same: words("spelletjes spelen"), kinds: words("kaarten dammen"), asked: words("oyun") };
        let families = Families::new(&[games]);
        let related = |word: &str| -> Vec<(String, Kinship)> {
            let found = families.related(word, &dutch_stem(word));
            found.into_iter().map(|related| (related.word, related.kinship)).collect()
        };
        let (same, kind) = (Kinship::Same, Kinship::Kind);
        let all = |words: &[(&str, Kinship)]| -> Vec<(String, Kinship)> {
            words.iter().map(|(word, kinship)| ((*word).to_owned(), *kinship)).collect()
        };
        assert_eq!(related("spelletjes"), all(&[("spelen", same), ("kaarten", kind), ("dammen", kind)]));
        assert_eq!(
            related("oyun"),
            all(&[("spelletjes", same), ("spelen", same), ("kaarten", kind), ("dammen", kind)])
        );
        assert_eq!(related("dammen"), all(&[("spelletjes", kind), ("spelen", kind)]), "and not kaarten");
        assert!(related("koffie").is_empty() && !families.knows("koffie") && families.knows("oyun"));
    }
}
