//! How people say what is no concept of its own, or say a concept in another way: times, costs and places, "not",
//! politeness, and the shorthand of professionals. It is part of the vocabulary's file; languages are its keys.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::vocabulary::{ConceptId, LabelLists, Labels, Scheme, Vocabulary};

/// A concept with its scheme, as `theme:grief` in the file.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ConceptRef {
    /// The scheme.
    pub scheme: Scheme,
    /// The concept.
    pub id: ConceptId,
}

/// What is no `scheme:concept`.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("a concept is written as its scheme, a colon and its id, as theme:grief")]
pub struct InvalidConceptRef;

impl FromStr for ConceptRef {
    type Err = InvalidConceptRef;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (scheme, id) = text.split_once(':').ok_or(InvalidConceptRef)?;
        let scheme = Scheme::ALL.into_iter().find(|known| known.id() == scheme).ok_or(InvalidConceptRef)?;
        Ok(Self { scheme, id: ConceptId::from(id) })
    }
}

impl fmt::Display for ConceptRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.scheme.id(), self.id)
    }
}

impl From<ConceptRef> for String {
    fn from(concept: ConceptRef) -> Self {
        concept.to_string()
    }
}

impl TryFrom<String> for ConceptRef {
    type Error = InvalidConceptRef;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// For each language the words of each key.
pub type KeyedWords = BTreeMap<String, BTreeMap<String, Vec<String>>>;

/// Everything that stands beside the schemes.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Lexicon {
    /// Labels that are everyday words with other senses too: they tell little.
    pub ambiguous_labels: LabelLists,
    /// The shorthand of professionals.
    pub abbreviations: Vec<Abbreviation>,
    /// How people say "not".
    pub negators: Negators,
    /// Words that say nothing of what is sought: please, very, I am looking for.
    pub intensity: LabelLists,
    /// Words of time.
    pub time_words: TimeWords,
    /// Words of cost; the keys are concepts of `cost`, or `price_question`.
    pub cost_words: Words,
    /// Words of place and of the way to take part.
    pub place_words: Words,
    /// The codes of complaints by which a GP comes to themes (ICPC-1).
    pub icpc_index: Vec<IcpcCode>,
    /// Words that find each other.
    pub families: Vec<Family>,
    /// What people need in particular, finer than themes.
    pub needs: Vec<Need>,
    /// Phrases that say for whom something is, where, when, at what cost or in which language, and nothing of what is
    /// sought.
    pub nothing_else: LabelLists,
}

/// Words of which somebody who asks with one is content with another.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Family {
    /// Dutch words that mean nearly the same.
    pub same: Vec<String>,
    /// Dutch words for kinds of it.
    pub kinds: Vec<String>,
    /// Words with which it is asked for, and that stand in no listing: jargon, and other languages.
    pub asked: Vec<String>,
}

/// Something that people need in particular, and how they tell it without its words.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Need {
    /// Its id, as `falling_balance`.
    pub id: ConceptId,
    /// Its name in Dutch.
    pub label: String,
    /// Dutch words of offerings that are for it, the most telling first.
    pub words: Vec<String>,
    /// The themes and target groups that it belongs to; one that an edition of the vocabulary does not have tells nothing.
    pub concepts: Vec<ConceptRef>,
    /// How people ask.
    pub asked: LabelLists,
}

/// A list of words by language and key.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Words {
    /// The words.
    pub words: KeyedWords,
}

/// Words of time.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TimeWords {
    /// The words by language and key: `mon`, `evening`, `today`.
    pub words: KeyedWords,
    /// Those that are ordinary words too, and mean a time only beside another one.
    pub weak_words: LabelLists,
}

/// A shorthand.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Abbreviation {
    /// As it is written, as `lvb`.
    pub short: String,
    /// What it stands for.
    pub long: Labels,
    /// What it means; nothing of a person, a role or a connecting word.
    #[serde(default)]
    pub concepts: Vec<ConceptRef>,
}

/// How people say "not".
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Negators {
    /// The words that turn what follows around.
    pub words: BTreeMap<String, NegatorWords>,
    /// Phrases with such a word that mean a concept, as "zonder afspraak".
    pub not_negation: BTreeMap<String, BTreeMap<String, ConceptRef>>,
}

/// The words of one language that say "not".
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NegatorWords {
    /// Those that turn around whatever follows, as "liever niet".
    pub strong: Vec<String>,
    /// Those that most often are part of the need itself, as "geen".
    pub weak: Vec<String>,
}

/// A code of complaints.
#[derive(Clone, Debug, Deserialize)]
pub struct IcpcCode {
    /// The code, as `P03`.
    pub code: String,
    /// What it stands for.
    pub label: Labels,
    /// The themes it leads to.
    pub themes: Vec<ConceptId>,
}

impl Lexicon {
    /// Every reference to a concept that is not there.
    pub fn faults(&self, vocabulary: &Vocabulary) -> Vec<String> {
        let abbreviations = self.abbreviations.iter().flat_map(|one| one.concepts.iter().map(|c| (&one.short, c)));
        let fixed = self.negators.not_negation.values().flatten();
        let themes = self.icpc_index.iter().flat_map(|one| one.themes.iter().map(|theme| (&one.code, theme)));
        let concepts = abbreviations.chain(fixed).map(|(word, concept)| (word, concept.scheme, &concept.id));
        concepts
            .chain(themes.map(|(code, theme)| (code, Scheme::Theme, theme)))
            .filter(|(_, scheme, id)| vocabulary.concept(*scheme, id.as_str()).is_none())
            .map(|(word, scheme, id)| format!("'{word}' means {}:{id}, which is not there", scheme.id()))
            .collect()
    }
}
