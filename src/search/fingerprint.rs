//! Tells whether an index was made as this edition of the service makes it.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::domain::Vocabulary;

use super::analysis::{self, words};
use super::fields::{self, Fields};
use super::languages::{language, stem};
use super::layout::WORDS;

/// A hash of everything that decides what an index holds: its fields, the editions of documents and analysis, the
/// library, the vocabulary, and what the stemmers make of each of its words (their crate does not tell its version).
pub fn fingerprint(vocabulary: &Vocabulary) -> String {
    let mut hash = Sha256::new();
    // The schema is a list of names and options; it cannot fail to be JSON, and if it did, that is a difference too.
    hash.update(serde_json::to_string(&Fields::new().schema).unwrap_or_default());
    hash.update(format!("{} {} {WORDS} {}", fields::VERSION, analysis::VERSION, tantivy::version_string()));
    hash.update(vocabulary.version());
    for scheme in vocabulary.schemes() {
        // The labels are in sorted maps, so that the same vocabulary is always the same text.
        hash.update(format!("{scheme:?}"));
        for concept in &scheme.concepts {
            let others = concept.alt_label.iter().flat_map(|(key, texts)| texts.iter().map(move |text| (key, text)));
            for (key, text) in concept.pref_label.iter().chain(others) {
                words(text).iter().for_each(|word| hash.update(stem(language(key), &word.folded)));
            }
        }
    }
    hash.finalize().iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
