//! The own words of a municipality: what its residents call things, and words that tell nothing there.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ids::MunicipalityCode;
use super::lexicon::ConceptRef;
use super::reader::{ObjectReader, Reading, Violation};
use super::text::{LanguageTag, fold};
use super::vocabulary::Vocabulary;

/// The most words of a synonym, and of what it stands for.
const MOST_WORDS: usize = 8;
/// The most characters of a word: of what is typed no more are compared.
const MAX_WORD: usize = 40;
/// The most characters of these.
const MAX_WORDS: usize = 100;
/// The most concepts that a synonym means.
const MOST_CONCEPTS: usize = 8;

/// How people speak in one municipality. Those of `NL` are for every municipality.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Wording {
    /// The municipality.
    pub municipality: MunicipalityCode,
    /// Words that mean something there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub synonyms: Vec<Synonym>,
    /// Words that tell nothing of what is sought there, as they are typed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stop_words: Vec<String>,
}

/// Words with what they mean.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Synonym {
    /// As people type them.
    pub words: String,
    /// Their language.
    #[serde(default = "LanguageTag::dutch")]
    pub language: LanguageTag,
    /// What they mean.
    #[serde(flatten)]
    pub means: Meaning,
}

/// What a synonym means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Meaning {
    /// Concepts of the vocabulary.
    Concepts(Vec<ConceptRef>),
    /// Other words, which stand in listings.
    Text(String),
}

/// The own words of a municipality as somebody sent them: JSON that nobody has checked.
#[derive(Clone, Debug, PartialEq)]
pub struct WordingDraft(pub Value);

impl WordingDraft {
    /// Checks the draft: a wording, or every violation at once.
    pub fn check(&self, vocabulary: &Vocabulary) -> Result<Wording, Vec<Violation>> {
        let reading = Reading::new(vocabulary);
        let wording = ObjectReader::new(&reading, &self.0, String::new()).and_then(|o| {
            let municipality = o.required("municipality", o.parse("municipality"));
            let synonyms = o.objects("synonyms", read_synonym);
            let stop_words = o.values::<StopWord>("stopWords").into_iter().map(|word| word.0).collect();
            o.end();
            let wording = Wording { municipality: municipality?, synonyms, stop_words };
            wording.repeated().into_iter().for_each(|at| reading.fault(at, "these words stand here twice"));
            Some(wording)
        });
        reading.finish(wording)
    }
}

impl Wording {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.synonyms.is_empty() && self.stop_words.is_empty()
    }

    /// JSON pointers to the synonyms whose words another has before them.
    fn repeated(&self) -> Vec<String> {
        let mut seen = std::collections::HashSet::new();
        let all = self.synonyms.iter().enumerate();
        let repeated = all.filter(|(_, one)| !seen.insert((one.language.clone(), fold(&one.words))));
        repeated.map(|(at, _)| format!("/synonyms/{at}/words")).collect()
    }
}

fn read_synonym(o: &ObjectReader<'_>) -> Option<Synonym> {
    let words = o.required("words", o.parse_with("words", some_words));
    let language = o.parse("language").unwrap_or_else(LanguageTag::dutch);
    let concepts = o.concept_refs("concepts");
    let text = o.parse_with("text", some_words);
    let words = words?;
    let means = match (concepts.is_empty(), text) {
        (false, None) if concepts.len() > MOST_CONCEPTS => {
            o.fault("concepts", format!("this has {} items; at most {MOST_CONCEPTS} are allowed", concepts.len()));
            None
        }
        (false, None) => Some(Meaning::Concepts(concepts)),
        // Several words would have to be found side by side to be taken for others.
        (true, Some(_)) if fold(&words).contains(' ') => {
            o.fault("text", "only one word can stand for other words; say with concepts what several words mean");
            None
        }
        (true, Some(text)) => Some(Meaning::Text(text)),
        _ if o.has("concepts") != o.has("text") => None,
        _ => {
            o.fault("words", "say what these words mean: either concepts, as theme:grief, or text with other words");
            None
        }
    };
    Some(Synonym { words, language, means: means? })
}

/// Reads a few words in which there is something to compare.
fn some_words(text: &str) -> Result<String, String> {
    let count = fold(text).split(' ').filter(|word| !word.is_empty()).count();
    match count {
        0 => Err("there is no letter in this".into()),
        _ if count > MOST_WORDS => Err(format!("these are {count} words; at most {MOST_WORDS} are allowed")),
        _ if fold(text).split(' ').any(|word| word.chars().count() > MAX_WORD) => {
            Err(format!("a word of this is longer than the {MAX_WORD} characters that are compared"))
        }
        _ if text.chars().count() > MAX_WORDS => Err(format!("this is longer than {MAX_WORDS} characters")),
        _ => Ok(text.to_owned()),
    }
}

/// One word, while it is read.
struct StopWord(String);

impl std::str::FromStr for StopWord {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match some_words(text.trim())? {
            words if fold(&words).contains(' ') => Err(format!("'{words}' is more than one word")),
            word => Ok(Self(word)),
        }
    }
}
