//! Loads the controlled vocabulary from its file and checks it.
//!
//! The values are in [`crate::domain::vocabulary`]. The file is part of the binary; a municipality may point to
//! its own edition (`--vocabulary FILE`). The phrases of `data/phrases.json` and the needs of `data/needs.json`, from which
//! nodes learn how people ask, are added to either.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::domain::vocabulary::{LabelLists, Labels, SchemeConcepts};
use crate::domain::{Concept, ConceptRef, Family, Lexicon, Need, Scheme, Vocabulary};

/// The vocabulary that the binary carries.
const EMBEDDED: &str = include_str!("../data/vocabulary.json");

/// More ways in which people ask for its concepts.
const PHRASES: &str = include_str!("../data/phrases.json");

/// Words that find each other.
const FAMILIES: &str = include_str!("../data/families.json");

/// What people need in particular.
const NEEDS: &str = include_str!("../data/needs.json");

/// Why a vocabulary cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum VocabularyError {
    /// The file cannot be read.
    #[error("the vocabulary {path} cannot be read")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// The file is not of the form.
    #[error("the vocabulary is not of the form of data/vocabulary.json")]
    Form(#[from] serde_json::Error),
    /// The file contradicts itself.
    #[error("the vocabulary has {} faults: {}", .0.len(), .0.join("; "))]
    Faults(Vec<String>),
}

#[derive(Deserialize)]
struct VocabularyFile {
    version: String,
    schemes: Vec<SchemeFile>,
    #[serde(flatten)]
    lexicon: Lexicon,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SchemeFile {
    id: String,
    title: Labels,
    #[serde(default)]
    description: Labels,
    multi_valued: bool,
    expand_search: bool,
    concepts: Vec<Concept>,
}

/// Loads the vocabulary of a file, or the one that the binary carries.
pub fn load(path: Option<&Path>) -> Result<Vocabulary, VocabularyError> {
    match path {
        None => parse(EMBEDDED),
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|cause| VocabularyError::Unreadable { path: path.into(), cause })?;
            parse(&text)
        }
    }
}

#[derive(Deserialize)]
struct FamiliesFile {
    families: Vec<Family>,
}

#[derive(Deserialize)]
struct NeedsFile {
    needs: Vec<Need>,
}

#[derive(Deserialize)]
struct PhrasesFile {
    /// By the concepts that they are about, with spaces between, and [`NOTHING_ELSE`].
    asked: BTreeMap<String, LabelLists>,
}

/// Stands among the concepts of phrases that are about nothing else.
const NOTHING_ELSE: &str = "none";

impl PhrasesFile {
    /// The phrases of each concept.
    fn by_concept(&self) -> Result<BTreeMap<ConceptRef, LabelLists>, VocabularyError> {
        let mut found: BTreeMap<ConceptRef, LabelLists> = BTreeMap::new();
        for (concepts, lists) in &self.asked {
            for concept in concepts.split(' ').filter(|concept| *concept != NOTHING_ELSE) {
                let concept =
                    concept.parse().map_err(|e| VocabularyError::Faults(vec![format!("'{concept}': {e}")]))?;
                let own = found.entry(concept).or_default();
                for (language, texts) in lists {
                    own.entry(language.clone()).or_default().extend(texts.iter().cloned());
                }
            }
        }
        Ok(found)
    }

    /// The phrases that are about nothing but their concepts.
    fn nothing_else(&self) -> LabelLists {
        let mut found = LabelLists::new();
        let about_nothing_else = |concepts: &str| concepts.split(' ').any(|concept| concept == NOTHING_ELSE);
        for (_, lists) in self.asked.iter().filter(|(concepts, _)| about_nothing_else(concepts)) {
            for (language, texts) in lists {
                found.entry(language.clone()).or_default().extend(texts.iter().cloned());
            }
        }
        found
    }
}

fn parse(text: &str) -> Result<Vocabulary, VocabularyError> {
    let mut file: VocabularyFile = serde_json::from_str(text)?;
    file.lexicon.families.extend(serde_json::from_str::<FamiliesFile>(FAMILIES)?.families);
    let phrases: PhrasesFile = serde_json::from_str(PHRASES)?;
    file.lexicon.nothing_else = phrases.nothing_else();
    let mut phrases = phrases.by_concept()?;
    file.lexicon.needs = serde_json::from_str::<NeedsFile>(NEEDS)?.needs;
    // Who needs something in particular asks for what it is about too.
    for need in &file.lexicon.needs {
        for concept in &need.concepts {
            let own = phrases.entry(concept.clone()).or_default();
            for (language, texts) in &need.asked {
                own.entry(language.clone()).or_default().extend(texts.iter().cloned());
            }
        }
    }
    let mut with_phrases = |scheme, mut concept: Concept| {
        let asked = phrases.remove(&ConceptRef { scheme, id: concept.id.clone() });
        asked
            .into_iter()
            .flatten()
            .for_each(|(language, texts)| concept.asked.entry(language).or_default().extend(texts));
        concept
    };
    let mut unknown = Vec::new();
    let lists = file
        .schemes
        .into_iter()
        .filter_map(|list| match Scheme::ALL.into_iter().find(|scheme| scheme.id() == list.id) {
            Some(scheme) => Some(SchemeConcepts {
                scheme,
                title: list.title,
                description: list.description,
                multi_valued: list.multi_valued,
                expand_search: list.expand_search,
                concepts: list.concepts.into_iter().map(|concept| with_phrases(scheme, concept)).collect(),
            }),
            None => {
                unknown.push(format!("the scheme {} is not known", list.id));
                None
            }
        })
        .collect();
    if !unknown.is_empty() {
        return Err(VocabularyError::Faults(unknown));
    }
    Vocabulary::new(file.version, lists, file.lexicon).map_err(VocabularyError::Faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vocabulary_of_the_binary_is_sound() {
        let vocabulary = load(None).expect("the embedded vocabulary");
        assert_eq!(
            vocabulary.ancestors(Scheme::Theme, "debts").iter().map(|c| c.as_str()).collect::<Vec<_>>(),
            ["money"]
        );
        assert_eq!(vocabulary.nearest(Scheme::Theme, "rouwen").map(|c| c.as_str()), Some("grief"));
        assert_eq!(vocabulary.nearest(Scheme::Kind, "xyzxyz"), None);
    }

    #[test]
    fn every_phrase_belongs_to_a_concept() {
        let vocabulary = load(None).expect("the embedded vocabulary");
        let phrases: PhrasesFile = serde_json::from_str(PHRASES).expect("the phrases");
        let by_concept = phrases.by_concept().expect("concepts");
        for (concept, asked) in &by_concept {
            let known = vocabulary.concept(concept.scheme, concept.id.as_str()).expect("a concept");
            for (language, texts) in asked {
                assert!(known.asked[language].starts_with(texts), "{concept} in {language}");
            }
        }
        assert!(by_concept.len() > 80);
    }

    #[test]
    fn families_are_single_words_of_which_another_is_told() {
        let vocabulary = load(None).expect("the embedded vocabulary");
        let families = &vocabulary.lexicon().families;
        assert!(families.len() > 500);
        for family in families {
            let mut seen = std::collections::HashSet::new();
            for word in family.same.iter().chain(&family.kinds).chain(&family.asked) {
                let is_one = !crate::domain::text::fold(word).contains(' ') && *word == word.to_lowercase();
                assert!(is_one && seen.insert(word), "'{word}' of {:?}", family.same);
            }
            assert!(!family.same.is_empty() && seen.len() > 1, "{:?}", family.same);
        }
    }

    #[test]
    fn needs_have_single_words_and_phrases_of_which_most_are_told_without_them() {
        let vocabulary = load(None).expect("the embedded vocabulary");
        let needs = &vocabulary.lexicon().needs;
        assert!(needs.len() > 500);
        let mut ids = std::collections::HashSet::new();
        for need in needs {
            assert!(ids.insert(&need.id) && !need.label.is_empty() && need.words.len() >= 3, "{}", need.id);
            assert!(need.concepts.iter().any(|concept| concept.scheme == Scheme::Theme), "{}", need.id);
            let is_one = |word: &String| !word.contains(' ') && *word == word.to_lowercase();
            assert!(need.words.iter().all(is_one), "{:?} of {}", need.words, need.id);
            let told = &need.asked["nl"];
            let holds = |text: &&String| text.split(' ').any(|word| need.words.iter().any(|own| own == word));
            assert!(told.len() >= 10 && told.iter().filter(holds).count() * 2 < told.len(), "{}", need.id);
        }
    }

    #[test]
    fn the_nearest_concept_is_the_one_that_comparing_every_label_finds() {
        let vocabulary = load(None).expect("the embedded vocabulary");
        let plain = |scheme, given: &str| {
            let likeness = |concept: &Concept| {
                let labels = concept.pref_label.values().chain(concept.short_label.values());
                let labels = labels.chain(concept.alt_label.values().flatten()).map(String::as_str);
                let names = labels.chain([concept.id.as_str()]);
                names.map(|name| strsim::jaro_winkler(given, &name.to_lowercase())).fold(0.0, f64::max)
            };
            let liked = vocabulary.scheme(scheme).concepts.iter().map(|concept| (likeness(concept), &concept.id));
            liked.filter(|(likeness, _)| *likeness > 0.75).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, id)| id.clone())
        };
        let words = ["", "x", "rouwen", "geldproblemen", "eenzaam", "zzz", "walking group", "ouderen (65+)", "ééé"];
        let labels = vocabulary.schemes().iter().flat_map(|list| list.concepts.iter().map(|c| &c.pref_label["nl"]));
        let damaged = labels.step_by(7).map(|label| label.to_lowercase().replacen('e', "", 1));
        for given in words.map(str::to_owned).into_iter().chain(damaged) {
            for scheme in [Scheme::Theme, Scheme::Kind, Scheme::Language] {
                let found = vocabulary.nearest(scheme, &given).cloned();
                assert_eq!(found, plain(scheme, &given), "'{given}' in {}", scheme.id());
            }
        }
    }

    #[test]
    fn a_vocabulary_that_contradicts_itself_is_refused_with_every_fault() {
        let broken = EMBEDDED.replacen("\"broader\": [\"money\"]", "\"broader\": [\"cash\"]", 1).replacen(
            "\"id\": \"grief\"",
            "\"id\": \"Grief\"",
            1,
        );
        let broken = if broken == EMBEDDED { EMBEDDED.replace("\"money\"", "\"cash\"") } else { broken };
        let Err(VocabularyError::Faults(faults)) = parse(&broken) else { panic!("it was accepted") };
        assert!(!faults.is_empty());
    }
}
