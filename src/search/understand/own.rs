//! The own words of municipalities, and whose of them count in a search.

use std::collections::{HashMap, HashSet};

use crate::domain::text::fold;
use crate::domain::{AreaCode, ConceptRef, Meaning, MunicipalityCode, Wording};

/// The municipalities in which a search looks; all when it names none.
#[derive(Clone, Debug, Default)]
pub struct Within(Vec<String>);

impl Within {
    /// The municipalities of some areas, else those that are named.
    pub fn of(areas: &[AreaCode], named: &[MunicipalityCode]) -> Self {
        match areas {
            [] => Self(named.iter().map(MunicipalityCode::to_string).collect()),
            areas => Self(areas.iter().map(|area| area.municipality().to_string()).collect()),
        }
    }

    /// Whether the own words of a municipality count. What is nationwide counts everywhere.
    pub fn speaks(&self, municipality: &MunicipalityCode) -> bool {
        let code = municipality.as_str();
        code == "NL" || self.0.is_empty() || self.0.iter().any(|one| one == code)
    }
}

/// The own words that are no phrases of concepts.
#[derive(Default)]
pub(super) struct OwnWords {
    /// By its folded form each word that tells nothing, with whose it is.
    stop_words: HashMap<String, Vec<MunicipalityCode>>,
    /// By its folded form each word that stands for others, with whose it is and the folded others.
    instead: HashMap<String, Vec<(MunicipalityCode, Vec<String>)>>,
    /// The folded words of all synonyms, with whose they are.
    words: HashMap<String, Vec<MunicipalityCode>>,
    /// The folded words of each synonym that means concepts, with the first of these.
    names: Vec<(String, ConceptRef)>,
}

impl OwnWords {
    pub fn new(wordings: &[Wording]) -> Self {
        let mut own = Self::default();
        for wording in wordings {
            let whose = &wording.municipality;
            for word in &wording.stop_words {
                own.stop_words.entry(fold(word)).or_default().push(whose.clone());
            }
            for synonym in &wording.synonyms {
                let folded = fold(&synonym.words);
                for word in folded.split(' ') {
                    own.words.entry(word.to_owned()).or_default().push(whose.clone());
                }
                match &synonym.means {
                    Meaning::Text(text) => {
                        let words = fold(text).split(' ').map(str::to_owned).collect();
                        own.instead.entry(folded).or_default().push((whose.clone(), words));
                    }
                    Meaning::Concepts(concepts) => {
                        own.names.extend(concepts.first().map(|first| (folded, first.clone())));
                    }
                }
            }
        }
        own
    }

    /// Whether a folded word tells nothing of what is sought.
    pub fn is_stop_word(&self, folded: &str, within: &Within) -> bool {
        self.stop_words.get(folded).is_some_and(|whose| whose.iter().any(|one| within.speaks(one)))
    }

    /// Whether a folded word stands in a synonym.
    pub fn knows(&self, folded: &str, within: &Within) -> bool {
        self.words.get(folded).is_some_and(|whose| whose.iter().any(|one| within.speaks(one)))
    }

    /// The words for which a folded word stands, if it does.
    pub fn instead(&self, folded: &str, within: &Within) -> Option<&[String]> {
        let all = self.instead.get(folded)?;
        all.iter().find(|(whose, _)| within.speaks(whose)).map(|(_, words)| words.as_slice())
    }

    /// The concepts that own words with such a beginning mean, each once.
    pub fn concepts_from<'o>(&'o self, prefix: &'o str) -> impl Iterator<Item = &'o ConceptRef> {
        let mut seen = HashSet::new();
        let begin = self.names.iter().filter(move |(words, _)| words.starts_with(prefix));
        begin.map(|(_, concept)| concept).filter(move |concept| seen.insert(*concept))
    }
}
