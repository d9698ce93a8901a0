//! What of a text is learned from: its words, each two that stand side by side, and the runs of 2 to 5 letters within them,
//! hashed into the rows of a table (Weinberger et al., "Feature hashing for large scale multitask learning", 2009).
//! Misspelt words and other languages are read by the parts that they share with words that are known.

use serde::{Deserialize, Serialize};

use crate::search::analysis::{Word, says_something, words};

/// How many rows a table has.
pub(super) const ROWS: usize = 1 << 18;

/// How rare the feature of each row is among some texts (inverse document frequency); zero for what was never seen.
#[derive(Serialize, Deserialize)]
pub(super) struct Rarity(Vec<f32>);

impl Rarity {
    /// That among texts with these features.
    pub fn of(texts: &[Vec<(u32, f32)>]) -> Self {
        let mut rarity = vec![0f32; ROWS];
        texts.iter().flatten().for_each(|(row, _)| rarity[*row as usize] += 1.0);
        let all = texts.len() as f32;
        rarity.iter_mut().filter(|count| **count > 0.0).for_each(|count| *count = (1.0 + all / *count).ln());
        Self(rarity)
    }

    /// Whether a feature was seen in any text.
    pub fn knows(&self, row: u32) -> bool {
        self.0[row as usize] > 0.0
    }

    /// How rare a feature is.
    pub fn of_row(&self, row: u32) -> f32 {
        self.0[row as usize]
    }

    /// Weighs features by their rarity, so that the squares of the weights make 1.
    pub fn weighted(&self, mut counted: Vec<(u32, f32)>) -> Vec<(u32, f32)> {
        counted.retain(|(row, _)| self.knows(*row));
        counted.iter_mut().for_each(|(row, count)| *count = count.sqrt() * self.of_row(*row));
        let length = counted.iter().map(|(_, count)| count * count).sum::<f32>().sqrt().max(1e-6);
        counted.iter_mut().for_each(|(_, count)| *count /= length);
        counted
    }
}

/// The words of a text that turn its meaning around: they count as others do, though they are stop words.
const NOT: [&str; 5] = ["geen", "niet", "zonder", "no", "not"];

/// The rows of a text, each with how often it is there: of its words and the runs of letters in them, and of each two
/// words side by side. Words that say little ("er", "meer") have no runs, but count whole: "hij is er niet meer".
pub(super) fn features(text: &str) -> Vec<(u32, f32)> {
    let mut rows: Vec<u32> = Vec::new();
    let mut letters: Vec<char> = Vec::new();
    let all = words(text);
    let says = |word: &Word| says_something(&word.folded) || NOT.contains(&word.folded.as_str());
    let any = all.iter().any(says);
    for word in &all {
        letters.clear();
        if any && !says(word) {
            letters.extend(word.folded.chars());
            rows.push(hash(&letters, kind::SMALL_WORD));
            continue;
        }
        letters.push(' ');
        letters.extend(word.folded.chars());
        letters.push(' ');
        rows.push(hash(&letters, kind::WORD));
        for length in 2..=5 {
            rows.extend(letters.windows(length).map(|run| hash(run, kind::LETTERS)));
        }
    }
    for pair in all.windows(2) {
        letters.clear();
        letters.extend(pair[0].folded.chars().chain([' ']).chain(pair[1].folded.chars()));
        rows.push(hash(&letters, kind::PAIR));
    }
    rows.sort_unstable();
    let mut counted: Vec<(u32, f32)> = Vec::new();
    for row in rows {
        match counted.last_mut().filter(|(last, _)| *last == row) {
            Some((_, count)) => *count += 1.0,
            None => counted.push((row, 1.0)),
        }
    }
    counted
}

/// What a row stands for.
mod kind {
    pub const LETTERS: u64 = 0;
    pub const WORD: u64 = 1;
    pub const PAIR: u64 = 2;
    pub const SMALL_WORD: u64 = 3;
}

/// FNV-1a, folded to the number of rows.
fn hash(letters: &[char], kind: u64) -> u32 {
    let mut hash = 0xcbf2_9ce4_8422_2325 ^ kind;
    for letter in letters {
        hash = (hash ^ u64::from(u32::from(*letter))).wrapping_mul(0x0000_0100_0000_01b3);
    }
    ((hash ^ hash >> 32) % ROWS as u64) as u32
}
