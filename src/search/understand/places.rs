//! The names of areas, and which of them stand in a question.

use std::collections::{HashMap, HashSet};

use super::tokens::{Token, WordSet};
use crate::domain::AreaCode;
use crate::search::analysis::words;

/// The areas of an index by their names.
#[derive(Default)]
pub struct PlaceNames {
    /// By its first word each name, the longest first, with the areas that have it.
    by_word: HashMap<String, Vec<Name>>,
    words: HashSet<String>,
}

/// The words of a name, and the areas that have it.
type Name = (Vec<String>, Vec<AreaCode>);

/// A place that is named in a question.
#[derive(Clone, Debug, PartialEq)]
pub struct PlaceNamed {
    pub areas: Vec<AreaCode>,
    pub tokens: WordSet,
}

/// The words before which a name is a place.
const BEFORE_PLACES: [&str; 14] = [
    "in", "bij", "te", "rond", "nabij", "omgeving", "wijk", "buurt", "near", "around", "uit", "dichtbij", "vlakbij",
    "om",
];

/// Words that may stand between: "in de Pijp".
const ARTICLES: [&str; 4] = ["de", "het", "t", "the"];

/// The last words of names of parts.
const DIRECTIONS: [&str; 5] = ["noord", "oost", "zuid", "west", "midden"];

impl PlaceNames {
    /// Adds a name of an area, as the words that it has in questions.
    pub fn add(&mut self, name: &str, area: &AreaCode) {
        let words: Vec<String> = words(name).into_iter().map(|word| word.folded).collect();
        let Some(first) = words.first().cloned() else { return };
        self.words.extend(words.iter().cloned());
        // The parts of a neighbourhood are called by its name too: "G-buurt" is its north and its east.
        if let [whole @ .., last] = words.as_slice()
            && whole.len() >= 2
            && DIRECTIONS.contains(&last.as_str())
        {
            self.add(&whole.join(" "), area);
        }
        let names = self.by_word.entry(first).or_default();
        match names.iter_mut().find(|(known, _)| *known == words) {
            Some((_, areas)) if areas.contains(area) => {}
            Some((_, areas)) => areas.push(area.clone()),
            None => {
                names.push((words, vec![area.clone()]));
                names.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
            }
        }
    }

    /// Whether a folded word stands in some name.
    pub(super) fn knows(&self, word: &str) -> bool {
        self.words.contains(word)
    }

    /// The places of a question. A name that is an ordinary word too is one only after a word like "in".
    pub(super) fn find(&self, tokens: &[Token], is_ordinary: impl Fn(&str) -> bool) -> Vec<PlaceNamed> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            let names = self.by_word.get(&tokens[at].folded).map(Vec::as_slice).unwrap_or_default();
            let stands = |(words, _): &&Name| {
                words.len() <= tokens.len() - at
                    && words.iter().zip(&tokens[at..]).all(|(word, token)| *word == token.folded)
            };
            let is_said = |words: &[String]| {
                let before = |back: usize, some: &[&str]| {
                    at.checked_sub(back).is_some_and(|at| some.contains(&tokens[at].folded.as_str()))
                };
                let after = before(1, &BEFORE_PLACES)
                    // "In de haven" and "om de hoek" are no places.
                    || words.len() > 1 && before(1, &ARTICLES) && before(2, &BEFORE_PLACES) && !before(2, &["om"]);
                after || words.iter().any(|word| !is_ordinary(word)) || words.len() == tokens.len()
            };
            match names.iter().find(stands).filter(|(words, _)| is_said(words)) {
                Some((words, areas)) => {
                    found.push(PlaceNamed { areas: areas.clone(), tokens: ((1 << words.len()) - 1) << at });
                    at += words.len();
                }
                None => at += 1,
            }
        }
        found
    }
}
