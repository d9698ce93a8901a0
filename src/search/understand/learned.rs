//! The concepts that questions are likely about, as learned from the vocabulary and from listings.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Meant;
use super::classifier::{Classifier, Example};
use super::needs::{LikelyNeed, LikelyWord, Needs};
use crate::domain::vocabulary::LabelLists;
use crate::domain::{Concept, ConceptRef, Offering, Scheme, Vocabulary};
use crate::search::filter::EVERYONE;
use crate::search::layout::Layout;

/// The schemes whose concepts are learned. Of languages it is learned in which one a text is written.
const SCHEMES: [Scheme; 4] = [Scheme::Theme, Scheme::Kind, Scheme::TargetGroup, Scheme::Language];
/// The probability from which a concept counts: a soft boost may be wrong, and the surer ones weigh more.
const LIKELY: f32 = 0.04;
/// The probability from which a text is taken to be in a language.
const SURE: f32 = 0.5;
/// How much it tells that somebody who asks in a language wants to be spoken to in it.
const ASKED_IN: f32 = 0.3;
/// The most concepts of a scheme.
const MOST_OF_SCHEME: usize = 4;
/// How much an example counts: a phrase was written for its concept, a sentence of a listing tells many things.
mod weight {
    pub const PHRASE: f32 = 1.0;
    pub const NAME: f32 = 0.7;
    pub const SENTENCE: f32 = 0.5;
    pub const DEFINITION: f32 = 0.5;
}
/// How much a phrase of one scheme tells against the concepts of the others: next to nothing, since it may mean them too.
const OF_OTHER_SCHEME: f32 = 0.01;

/// What was learned.
pub(in crate::search) struct Learned {
    classifier: Classifier,
    /// The place in the layout of each output.
    places: Vec<usize>,
    sizes: [usize; 4],
    /// The places of languages, and that of Dutch, in which most questions are.
    languages: Range<usize>,
    dutch: Option<usize>,
    needs: Needs,
}

impl Learned {
    /// Learns from a vocabulary and from some offerings.
    pub fn new<'o>(vocabulary: &Vocabulary, layout: &Layout, offerings: impl Iterator<Item = &'o Offering>) -> Self {
        let sizes = SCHEMES.map(|scheme| layout.range(scheme).len());
        let places: Vec<usize> = SCHEMES.iter().flat_map(|scheme| layout.range(*scheme)).collect();
        let mut lesson = Lesson { layout, places: &places, examples: BTreeMap::new() };
        lesson.add_vocabulary(vocabulary);
        let mut examples: Vec<Example> = std::mem::take(&mut lesson.examples).into_values().collect();
        offerings.for_each(|offering| lesson.add_offering(offering, &mut examples));
        let (languages, dutch) = (layout.range(Scheme::Language), layout.place(Scheme::Language, "nl"));
        let theme = |concept: &ConceptRef| {
            lesson.output(concept.scheme, concept.id.as_str()).filter(|_| concept.scheme == Scheme::Theme)
        };
        let needs = Needs::new(&vocabulary.lexicon().needs, theme);
        Self { classifier: Classifier::train(&sizes, &examples), places, sizes, languages, dutch, needs }
    }

    /// Reads a text.
    pub fn read<'l>(&'l self, text: &'l str) -> Likely<'l> {
        Likely { learned: self, text, each: self.classifier.read(text) }
    }
}

/// What a text is likely about.
pub(in crate::search) struct Likely<'l> {
    learned: &'l Learned,
    text: &'l str,
    /// The probability of each output.
    each: Vec<f32>,
}

impl<'l> Likely<'l> {
    /// What it likely tells that somebody needs in particular, with the words of offerings for it.
    pub fn needs(&self) -> (Vec<LikelyNeed>, Vec<LikelyWord>) {
        let needs = &self.learned.needs;
        let likely = needs.read(self.text, &self.each);
        let words = needs.words(&likely);
        (likely, words)
    }

    /// The probability of a concept, when it is one of those that are learned.
    pub fn of(&self, place: usize) -> Option<f32> {
        let output = self.learned.places.iter().position(|known| *known == place)?;
        Some(self.each[output])
    }

    /// The concepts that it is likely about, the surest of each scheme first, and the language that it is written in
    /// when that is not Dutch; `trust` is the part of its probability that counts of a concept.
    pub fn concepts(&self, trust: f32) -> Vec<Meant> {
        let Learned { classifier, places, sizes, languages, dutch, .. } = self.learned;
        let (mut found, mut unlikely) = (Vec::new(), Vec::new());
        let mut start = 0;
        for (scheme, size) in SCHEMES.into_iter().zip(*sizes) {
            let of_scheme = places[start..start + size].iter().zip(&self.each[start..start + size]);
            let meant = |(place, strength): (&usize, &f32)| Meant { place: *place, strength: *strength, tokens: 0 };
            let mut of_scheme: Vec<Meant> = of_scheme.map(meant).collect();
            of_scheme.sort_by(|a, b| b.strength.total_cmp(&a.strength).then(a.place.cmp(&b.place)));
            if scheme == Scheme::Language {
                let written = of_scheme.into_iter().next().filter(|meant| meant.strength >= SURE);
                found.extend(
                    written
                        .filter(|meant| Some(meant.place) != *dutch)
                        .map(|meant| Meant { strength: meant.strength * ASKED_IN, ..meant }),
                );
            } else {
                let mut trusted: Vec<Meant> =
                    of_scheme.into_iter().map(|meant| Meant { strength: meant.strength * trust, ..meant }).collect();
                trusted.truncate(MOST_OF_SCHEME);
                unlikely.extend(trusted.first().cloned());
                found.extend(trusted.into_iter().filter(|meant| meant.strength >= LIKELY));
            }
            start += size;
        }
        // Better an unsure answer than none: of a text that is about nothing likely the best guesses count.
        if found.iter().all(|meant| languages.contains(&meant.place)) && classifier.knows(self.text) {
            found.extend(unlikely);
        }
        found
    }
}

struct Lesson<'l> {
    layout: &'l Layout,
    places: &'l [usize],
    /// By their text.
    examples: BTreeMap<String, Example>,
}

impl Lesson<'_> {
    fn output(&self, scheme: Scheme, id: &str) -> Option<usize> {
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
        let languages = self.layout.range(Scheme::Language);
        let Some(example) = self.examples.get_mut(text) else { return };
        for (place, is_not) in self.places.iter().zip(&mut example.is_not) {
            if !languages.contains(place) {
                *is_not = 1.0;
            }
        }
    }

    fn add(&mut self, text: &str, weight: f32, scheme: Scheme, id: &str) {
        let Some(output) = self.output(scheme, id) else { return };
        let outputs = self.places.len();
        let example = self.examples.entry(text.to_owned()).or_insert_with(|| Example {
            text: text.to_owned(),
            weight,
            is: Vec::new(),
            is_not: vec![OF_OTHER_SCHEME; outputs],
        });
        example.is.push(output);
        let of_scheme = self.layout.range(scheme);
        for (place, is_not) in self.places.iter().zip(&mut example.is_not) {
            if of_scheme.contains(place) {
                *is_not = 1.0;
            }
        }
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
            let is_not = vec![1.0; self.places.len()];
            examples.push(Example { text: text.to_owned(), weight, is: is.clone(), is_not });
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
