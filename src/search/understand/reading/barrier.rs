//! What a question says of not speaking Dutch, beside what it asks for.

use super::super::cues::{Cue, Cued};
use super::super::tokens::{Token, part};
use super::{LEARNS, Reading};

/// How many words must say something beside it, for it to be no wish to learn the language.
const ASKS_FOR_ELSE: u32 = 3;

impl Reading<'_> {
    /// Notes the words that tell that somebody hardly speaks Dutch, where others say what is sought: "my wife died, I don't
    /// speak Dutch" asks for no lessons. Who asks so in another language is shown what is spoken in it anyway.
    pub(super) fn note_barrier(&mut self, cues: &[Cued]) {
        let learns = |token: &Token| {
            let begins = |word: &&str| token.folded.starts_with(word);
            token.folded == "les" || LEARNS.iter().chain(&LEARNS_ELSEWHERE).any(begins)
        };
        if self.tokens.iter().any(learns) {
            return;
        }
        let not = cues.iter().filter(|one| matches!(one.cue, Cue::WeakNot | Cue::StrongNot));
        let not = not.fold(0, |all, one| all | one.tokens);
        let is_one_of = |at: usize, words: &[&str]| words.contains(&self.tokens[at].folded.as_str());
        let begins = |at: usize, words: &[&str]| words.iter().any(|word| self.tokens[at].folded.starts_with(word));
        let hardly = |at: usize| not >> at & 1 == 1 || is_one_of(at, &HARDLY) || begins(at, &KNOWS_NOT);
        let wants = |at: usize| is_one_of(at, &WANTS);
        let dutch = (0..self.tokens.len()).filter(|at| begins(*at, &DUTCH_NAMES));
        let parts = dutch.map(|at| part(&self.tokens, at));
        let parts = parts.filter(|part| part.clone().any(hardly) && !part.clone().any(wants));
        let barrier = parts.flatten().fold(0, |all, at| all | 1 << at);
        let asks = self.mask(|token| token.is_content) & !barrier;
        if asks.count_ones() >= ASKS_FOR_ELSE {
            self.barrier = barrier;
        }
    }
}

/// How the name of Dutch begins in the languages of the vocabulary, folded.
const DUTCH_NAMES: [&str; 14] = [
    "nederlands",
    "dutch",
    "hollanda",
    "niederland",
    "neerland",
    "holandes",
    "olandez",
    "holender",
    "niderland",
    "нідерланд",
    "голланд",
    "нидерланд",
    "الهولندي",
    "هولندي",
];
/// Words that say that it is spoken badly or not at all. Some are words for "not", which the vocabulary reads as a part of
/// "geen nederlands spreken".
const HARDLY: [&str; 18] = [
    "slecht",
    "slechte",
    "weinig",
    "nauwelijks",
    "amper",
    "geen",
    "niet",
    "bad",
    "poor",
    "hardly",
    "little",
    "not",
    "schlecht",
    "kaum",
    "kein",
    "wenig",
    "poco",
    "pas",
];
/// How verbs begin that say so.
const KNOWS_NOT: [&str; 3] = ["bilmi", "konusam", "konusmu"];
/// Who says so of Dutch wants to speak it.
const WANTS: [&str; 9] = ["wil", "willen", "graag", "want", "mochte", "beter", "better", "wants", "like"];
/// How words begin that say that somebody learns, beside those of Dutch and English.
const LEARNS_ELSEWHERE: [&str; 12] =
    ["school", "verbeter", "improv", "lern", "apprend", "aprend", "ogren", "uczy", "nauc", "вчи", "учи", "تعلم"];
