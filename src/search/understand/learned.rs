//! The concepts that questions are likely about, as learned from the vocabulary and from listings.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::Meant;
use super::classifier::Classifier;
use super::features::features;
use super::lesson::{Lesson, SCHEMES};
use super::needs::{LikelyNeed, LikelyWord, Needs};
use crate::domain::{ConceptRef, Offering, Scheme};

/// The probability from which a concept counts: a soft boost may be wrong, and the surer ones weigh more.
const LIKELY: f32 = 0.04;
/// The probability from which a text is taken to be in a language.
const SURE: f32 = 0.5;
/// The most concepts of a scheme.
const MOST_OF_SCHEME: usize = 4;

/// What was learned.
#[derive(Serialize, Deserialize)]
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
    /// Learns a lesson, and from some offerings beside it.
    pub fn new<'o>(lesson: Lesson, offerings: impl Iterator<Item = &'o Offering>) -> Self {
        let layout = lesson.layout;
        let theme = |concept: &ConceptRef| {
            lesson.output(concept.scheme, concept.id.as_str()).filter(|_| concept.scheme == Scheme::Theme)
        };
        let needs = Needs::new(lesson.needs, theme);
        let (languages, dutch) = (layout.range(Scheme::Language), layout.place(Scheme::Language, "nl"));
        let (places, examples) = lesson.with(offerings);
        let sizes = SCHEMES.map(|scheme| layout.range(scheme).len());
        Self { classifier: Classifier::train(&sizes, &examples), places, sizes, languages, dutch, needs }
    }

    /// Reads a text.
    pub fn read(&self, text: &str) -> Likely<'_> {
        let counted = features(text);
        Likely { learned: self, each: self.classifier.read(&counted), counted }
    }
}

/// What a text is likely about.
pub(in crate::search) struct Likely<'l> {
    learned: &'l Learned,
    /// The features of the text.
    counted: Vec<(u32, f32)>,
    /// The probability of each output.
    each: Vec<f32>,
}

impl<'l> Likely<'l> {
    /// What it likely tells that somebody needs in particular, with the words of offerings for it.
    pub fn needs(&self) -> (Vec<LikelyNeed>, Vec<LikelyWord>) {
        let needs = &self.learned.needs;
        let likely = needs.read(&self.counted, &self.each);
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
            let surest = |a: &Meant, b: &Meant| b.strength.total_cmp(&a.strength).then(a.place.cmp(&b.place));
            if of_scheme.len() > MOST_OF_SCHEME {
                of_scheme.select_nth_unstable_by(MOST_OF_SCHEME, surest);
                of_scheme.truncate(MOST_OF_SCHEME);
            }
            of_scheme.sort_unstable_by(surest);
            if scheme == Scheme::Language {
                let written = of_scheme.into_iter().next().filter(|meant| meant.strength >= SURE);
                found.extend(written.filter(|meant| Some(meant.place) != *dutch));
            } else {
                let trusted: Vec<Meant> =
                    of_scheme.into_iter().map(|meant| Meant { strength: meant.strength * trust, ..meant }).collect();
                unlikely.extend(trusted.first().cloned());
                found.extend(trusted.into_iter().filter(|meant| meant.strength >= LIKELY));
            }
            start += size;
        }
        // Better an unsure answer than none: of a text that is about nothing likely the best guesses count.
        if found.iter().all(|meant| languages.contains(&meant.place)) && classifier.knows(&self.counted) {
            found.extend(unlikely);
        }
        found
    }
}
