//! What is learned of how people ask: the phrases of the vocabulary and of what stands beside it, each with its concepts,
//! and what listings say of themselves.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::classifier::Example;
use super::features::features;
use crate::domain::vocabulary::LabelLists;
use crate::domain::{Concept, Need, Offering, Scheme, Vocabulary};
use crate::search::filter::EVERYONE;
use crate::search::layout::Layout;

/// The schemes whose concepts are learned. Of languages it is learned in which one a text is written.
pub(super) const SCHEMES: [Scheme; 4] = [Scheme::Theme, Scheme::Kind, Scheme::TargetGroup, Scheme::Language];
/// The edition of learning and of the form of what was learned: what is kept of another is learned again. Of the features
/// of texts an example tells.
const EDITION: u32 = 2;

/// How much an example counts: a phrase was written for its concept, a sentence of a listing tells many things.
mod weight {
    pub const PHRASE: f32 = 1.0;
    pub const NAME: f32 = 0.7;
    pub const SENTENCE: f32 = 0.5;
    pub const DEFINITION: f32 = 0.5;
}
/// How much a phrase of one scheme tells against the concepts of the others: next to nothing, since it may mean them too.
const OF_OTHER_SCHEME: f32 = 0.01;

/// What of a vocabulary is learned.
pub(in crate::search) struct Lesson<'l> {
    pub(super) layout: &'l Layout,
    pub(super) needs: &'l [Need],
    /// The place in the layout of each output.
    places: Vec<usize>,
    /// By their text.
    examples: BTreeMap<String, Example>,
}

impl<'l> Lesson<'l> {
    /// The lesson of a vocabulary.
    pub fn new(vocabulary: &'l Vocabulary, layout: &'l Layout) -> Self {
        let places = SCHEMES.iter().flat_map(|scheme| layout.range(*scheme)).collect();
        let needs = &vocabulary.lexicon().needs;
        let mut lesson = Self { layout, needs, places, examples: BTreeMap::new() };
        lesson.add_vocabulary(vocabulary);
        lesson
    }

    /// A hash of all that it teaches: from the same lesson the same is learned, but for what listings add.
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        let features = features("samen een kopje koffie drinken");
        hash.update(format!("{EDITION} {} {:?} {features:?}", env!("CARGO_PKG_VERSION"), self.places));
        for Example { text, weight, is, is_not } in self.examples.values() {
            hash.update(format!("{text}\n{weight} {is:?} {is_not:?}\n"));
        }
        self.needs.iter().for_each(|need| hash.update(format!("{need:?}\n")));
        hash.finalize().into()
    }

    /// The places in the layout of what is learned, and the examples, those of some offerings last.
    pub(super) fn with<'o>(mut self, offerings: impl Iterator<Item = &'o Offering>) -> (Vec<usize>, Vec<Example>) {
        let mut examples = std::mem::take(&mut self.examples).into_values().collect();
        offerings.for_each(|offering| self.add_offering(offering, &mut examples));
        (self.places, examples)
    }

    /// The output that tells of a concept, when it is learned.
    pub(super) fn output(&self, scheme: Scheme, id: &str) -> Option<usize> {
        let place = self.layout.place(scheme, id).filter(|_| id != EVERYONE)?;
        self.places.iter().position(|known| *known == place)
    }

    fn add_vocabulary(&mut self, vocabulary: &Vocabulary) {
        for list in vocabulary.schemes() {
            let scheme = list.scheme;
            for concept in &list.concepts {
                for (language, text) in phrases(concept) {
                    if SCHEMES.contains(&scheme) && scheme != Scheme::Language {
                        self.add(text, weight::PHRASE, scheme, concept.id.as_str());
                    }
                    self.add(text, weight::PHRASE, Scheme::Language, written_in(language));
                }
                if SCHEMES.contains(&scheme) && scheme != Scheme::Language {
                    let definitions = concept.definition.values();
                    definitions.for_each(|text| self.add(text, weight::DEFINITION, scheme, concept.id.as_str()));
                }
            }
        }
        let lexicon = vocabulary.lexicon();
        for code in &lexicon.icpc_index {
            for (text, theme) in code.label.values().flat_map(|text| code.themes.iter().map(move |id| (text, id))) {
                self.add(text, weight::DEFINITION, Scheme::Theme, theme.as_str());
            }
        }
        for shorthand in &lexicon.abbreviations {
            for text in shorthand.long.values().chain([&shorthand.short]) {
                shorthand.concepts.iter().for_each(|meant| {
                    self.add(text, weight::DEFINITION, meant.scheme, meant.id.as_str());
                });
            }
        }
        for (language, text) in each(&lexicon.nothing_else) {
            self.add(text, weight::PHRASE, Scheme::Language, written_in(language));
            self.is_about_nothing_else(text);
        }
    }

    /// Lets an example tell against all concepts that it is not about.
    fn is_about_nothing_else(&mut self, text: &str) {
        let Some(example) = self.examples.get_mut(text) else { return };
        for (scheme, is_not) in SCHEMES.iter().zip(&mut example.is_not) {
            if *scheme != Scheme::Language {
                *is_not = 1.0;
            }
        }
    }

    fn add(&mut self, text: &str, weight: f32, scheme: Scheme, id: &str) {
        let Some(output) = self.output(scheme, id) else { return };
        let example = self.examples.entry(text.to_owned()).or_insert_with(|| Example {
            text: text.to_owned(),
            weight,
            is: Vec::new(),
            is_not: [OF_OTHER_SCHEME; SCHEMES.len()],
        });
        example.is.push(output);
        let of_scheme = SCHEMES.iter().zip(&mut example.is_not).filter(|(of, _)| **of == scheme);
        of_scheme.for_each(|(_, is_not)| *is_not = 1.0);
    }

    fn add_offering(&self, offering: &Offering, examples: &mut Vec<Example>) {
        let lists = [
            (Scheme::Theme, &offering.theme),
            (Scheme::Kind, &offering.kind),
            (Scheme::TargetGroup, &offering.target_group),
        ];
        let concepts = lists.iter().flat_map(|(scheme, list)| list.iter().map(|id| (*scheme, id)));
        let is: Vec<usize> = concepts.filter_map(|(scheme, id)| self.output(scheme, id.as_str())).collect();
        let mut add = |text: &str, weight| {
            examples.push(Example { text: text.to_owned(), weight, is: is.clone(), is_not: [1.0; SCHEMES.len()] });
        };
        add(&offering.name, weight::NAME);
        let texts = offering.summary.iter().chain(&offering.description);
        let translated = offering.translations.iter().flat_map(|one| one.summary.iter().chain(&one.description));
        for sentence in texts.chain(translated).flat_map(|text| text.split(SENTENCE_ENDS)) {
            if sentence.chars().count() >= SHORTEST_SENTENCE {
                add(sentence, weight::SENTENCE);
            }
        }
    }
}

const SENTENCE_ENDS: [char; 6] = ['.', '!', '?', ';', '\n', '؟'];
const SHORTEST_SENTENCE: usize = 4;

/// All phrases of a concept with the keys of their languages.
fn phrases(concept: &Concept) -> impl Iterator<Item = (&String, &String)> {
    let others = [&concept.alt_label, &concept.everyday, &concept.hidden_label, &concept.asked];
    let names = concept.pref_label.iter().chain(concept.short_label.iter());
    names.chain(others.into_iter().flat_map(each))
}

/// Each text with the key of its language.
fn each(lists: &LabelLists) -> impl Iterator<Item = (&String, &String)> {
    lists.iter().flat_map(|(language, texts)| texts.iter().map(move |text| (language, text)))
}

/// The language of a key that may name a script too, as `ar-Latn`.
fn written_in(key: &str) -> &str {
    key.split('-').next().unwrap_or(key)
}
