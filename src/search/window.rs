//! A window: some thousands of documents that follow each other in a segment, one bit each.

use std::ops::Range;

use super::sieve::Documents;

/// How many documents a window has: their scores fit in the processor's nearest cache.
pub(super) const SIZE: usize = 4096;
/// The words of 64 bits of a window.
const WORDS: usize = SIZE / 64;

/// Some of the documents of one window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    /// Which 64 documents of the segment come first.
    start: usize,
    bits: [u64; WORDS],
}

impl Window {
    /// No document of the window that begins at so many times 64 documents.
    pub fn none(start: usize) -> Self {
        Self { start, bits: [0; WORDS] }
    }

    /// Those of a set, in the window that begins at so many times 64 documents.
    pub fn of(start: usize, documents: &Documents) -> Self {
        Self { start, bits: [u64::MAX; WORDS] }.within(documents)
    }

    /// Which 64 documents of the segment come after it.
    pub fn end(&self) -> usize {
        self.start + WORDS
    }

    /// Which times 64 documents of the segment it has.
    pub fn places(&self) -> Range<usize> {
        self.start..self.end()
    }

    /// The document at a place of the window.
    pub fn document(&self, place: usize) -> u32 {
        (self.start * 64 + place) as u32
    }

    /// Whether the document at a place is among them.
    pub fn has(&self, place: usize) -> bool {
        self.bits[place / 64] >> (place % 64) & 1 == 1
    }

    /// Adds the document at a place.
    pub fn insert(&mut self, place: usize) {
        self.bits[place / 64] |= 1 << (place % 64);
    }

    pub fn is_empty(&self) -> bool {
        self.bits.iter().all(|word| *word == 0)
    }

    /// Those that are in a set too.
    pub fn within(&self, documents: &Documents) -> Self {
        let mut found = Self::none(self.start);
        let both = self.bits.iter().zip(documents.words_from(self.start));
        found.bits.iter_mut().zip(both).for_each(|(found, (own, other))| *found = own & other);
        found
    }

    /// Keeps those that are among others of the same window.
    pub fn keep(&mut self, others: &Self) {
        self.bits.iter_mut().zip(&others.bits).for_each(|(own, other)| *own &= other);
    }

    /// Adds those of a set.
    pub fn join(&mut self, documents: &Documents) {
        self.bits.iter_mut().zip(documents.words_from(self.start)).for_each(|(own, other)| *own |= other);
    }

    /// Adds others of the same window.
    pub fn add(&mut self, others: &Self) {
        self.bits.iter_mut().zip(&others.bits).for_each(|(own, other)| *own |= other);
    }

    /// How many they are.
    pub fn count(&self) -> u32 {
        self.bits.iter().map(|word| word.count_ones()).sum()
    }

    /// How many are in a set.
    pub fn count_of(&self, documents: &Documents) -> u32 {
        let both = self.bits.iter().zip(documents.words_from(self.start));
        both.map(|(own, other)| (own & other).count_ones()).sum()
    }

    /// The words of 64 documents that are not empty, with their place in a set: in a window they are few.
    pub fn words(&self) -> impl Iterator<Item = (usize, u64)> + '_ {
        let all = self.bits.iter().enumerate().map(|(at, word)| (self.start + at, *word));
        all.filter(|(_, word)| *word != 0)
    }

    /// Keeps those words of 64 documents of whose places a test says so.
    pub fn keep_words(&mut self, test: impl Fn(Range<usize>) -> bool) {
        for (at, word) in self.bits.iter_mut().enumerate() {
            if *word != 0 && !test(at * 64..(at + 1) * 64) {
                *word = 0;
            }
        }
    }

    /// Calls with the place of each, in order.
    pub fn each(&self, mut visit: impl FnMut(usize)) {
        self.bits.iter().enumerate().for_each(|(at, word)| each_bit(*word, |bit| visit(at * 64 + bit)));
    }

    /// Calls with the place of each that is in a set too, in order.
    pub fn each_within(&self, documents: &Documents, mut visit: impl FnMut(usize)) {
        let both = self.bits.iter().zip(documents.words_from(self.start)).enumerate();
        both.for_each(|(at, (own, other))| each_bit(own & other, |bit| visit(at * 64 + bit)));
    }
}

fn each_bit(mut word: u64, mut visit: impl FnMut(usize)) {
    while word != 0 {
        visit(word.trailing_zeros() as usize);
        word &= word - 1;
    }
}
