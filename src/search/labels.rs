//! The words of the vocabulary that lead a search to the offerings of its concepts.

use std::collections::HashMap;

use crate::domain::vocabulary::{LabelLists, Labels};
use crate::domain::{Scheme, Vocabulary};

use super::analysis::words;
use super::fields::{Analysis, Text, weight};
use super::layout::{Bits, Layout};

/// The words of each concept, analysed once.
pub(super) struct ConceptWords {
    words: Vec<LabelWord>,
    /// For each concept, by its place in the layout, its words with their weights.
    of_concept: Vec<Vec<(usize, usize)>>,
}

struct LabelWord {
    analysis: Analysis,
    folded: String,
    stem: Option<String>,
}

/// The languages whose labels are searched.
const LANGUAGES: [&str; 2] = ["nl", "en"];

impl ConceptWords {
    pub fn new(vocabulary: &Vocabulary, layout: &Layout) -> Self {
        let mut made = Self { words: Vec::new(), of_concept: Vec::new() };
        let mut known = HashMap::new();
        for place in 0.. {
            let Some((scheme, id)) = layout.concept(place) else { break };
            let mut weights: HashMap<usize, usize> = HashMap::new();
            let concept = vocabulary.concept(*scheme, id.as_str());
            // Dutch is spoken nearly everywhere: its name would lead who looks for Dutch lessons to everything.
            let tells = vocabulary.scheme(*scheme).expand_search && (*scheme, id.as_str()) != (Scheme::Language, "nl");
            for concept in concept.into_iter().filter(|_| tells) {
                for language in LANGUAGES {
                    let one = |labels: &'_ Labels| labels.get(language).cloned();
                    let many = |labels: &'_ LabelLists| labels.get(language).cloned().unwrap_or_default();
                    let names = one(&concept.pref_label).into_iter().chain(one(&concept.short_label));
                    let hidden = if language == "nl" { many(&concept.hidden_label) } else { Vec::new() };
                    let labels = names
                        .map(|label| (label, weight::LABEL))
                        .chain(many(&concept.alt_label).into_iter().map(|label| (label, weight::OTHER_LABEL)))
                        .chain(hidden.into_iter().map(|label| (label, weight::HIDDEN_LABEL)));
                    for (label, weight) in labels {
                        for word in words(&label) {
                            let at = made.intern(&mut known, Analysis::of(language), word.folded);
                            let heaviest = weights.entry(at).or_default();
                            *heaviest = weight.max(*heaviest);
                        }
                    }
                }
            }
            let mut weights: Vec<_> = weights.into_iter().collect();
            weights.sort_unstable();
            made.of_concept.push(weights);
        }
        made
    }

    fn intern(&mut self, known: &mut HashMap<(Analysis, String), usize>, analysis: Analysis, folded: String) -> usize {
        let next = self.words.len();
        let at = *known.entry((analysis, folded.clone())).or_insert(next);
        if at == next {
            self.words.push(LabelWord { analysis, stem: analysis.stem(&folded), folded });
        }
        at
    }

    /// Adds the words of an offering's concepts to its text, each once: many concepts with many names make an
    /// offering no longer text than one with few.
    pub fn add_to(&self, text: &mut Text, bits: &Bits) {
        let mut weights = vec![0; self.words.len()];
        for concept in bits.iter().filter_map(|place| self.of_concept.get(place)) {
            for (at, weight) in concept {
                weights[*at] = (*weight).max(weights[*at]);
            }
        }
        for (word, weight) in self.words.iter().zip(weights).filter(|(_, weight)| *weight > 0) {
            text.add_word(word.analysis, &word.folded, word.stem.as_deref(), weight);
        }
    }
}
