//! Learns from the phrases of the vocabulary which concepts a question is likely about.
//!
//! One logistic regression for each concept, over the words of a text, each two that stand side by side, and the runs of
//! 2 to 5 letters within them, hashed into a table (Weinberger et al., "Feature hashing for large scale multitask
//! learning", 2009). It reads misspelt words and other languages by the parts that they share with words it knows.
//! Training follows AdaGrad (Duchi, Hazan, Singer, 2011) in an order that is always the same, so that the same vocabulary
//! always gives the same weights.

use std::ops::Range;
use std::panic::resume_unwind;

use crate::search::analysis::{Word, says_something, words};

/// How many rows the table has.
const ROWS: usize = 1 << 18;
/// How often training goes through all examples.
const EPOCHS: usize = 4;
/// How far the first step goes; the last goes nowhere, so that it does not matter which example comes last.
const RATE: f32 = 2.0;
/// And one of the likelihood of each output whatever the text.
const BIAS_RATE: f32 = 0.01;
/// What is that unlikely already, and is not so, teaches nothing.
const TAUGHT: f32 = 0.01;

/// A text with what it is about.
pub(super) struct Example {
    pub text: String,
    /// How much it counts.
    pub weight: f32,
    /// The outputs that it is about.
    pub is: Vec<usize>,
    /// How much the outputs count that it is not about.
    pub is_not: Vec<f32>,
}

/// Tells which outputs a text is likely about.
pub(super) struct Classifier {
    outputs: usize,
    /// One row a feature, in steps of `scale`.
    weights: Vec<i8>,
    scale: f32,
    bias: Vec<f32>,
    /// How rare the feature of each row is among the examples (inverse document frequency); zero for what was never seen.
    rarity: Vec<f32>,
}

/// What is learned of some of the outputs, one row a feature.
struct Part {
    outputs: Range<usize>,
    weights: Vec<f32>,
    bias: Vec<f32>,
}

impl Classifier {
    /// Learns from examples. Each group of outputs is learned in a thread of its own, with steps of its own.
    pub fn train(groups: &[usize], examples: &[Example]) -> Self {
        let counted: Vec<Vec<(u32, f32)>> = examples.iter().map(|example| features(&example.text)).collect();
        let mut rarity = vec![0f32; ROWS];
        counted.iter().flatten().for_each(|(row, _)| rarity[*row as usize] += 1.0);
        let all = examples.len() as f32;
        rarity.iter_mut().filter(|count| **count > 0.0).for_each(|count| *count = (1.0 + all / *count).ln());
        // While it learns the rows stand by how often they are seen: those that are seen again and again lie together, and
        // stay in the processor's cache.
        let mut seen: Vec<u32> = (0..ROWS as u32).filter(|row| rarity[*row as usize] > 0.0).collect();
        seen.sort_by(|a, b| rarity[*a as usize].total_cmp(&rarity[*b as usize]));
        let mut places = vec![0; ROWS];
        (0..).zip(&seen).for_each(|(place, row)| places[*row as usize] = place);
        let placed = |counted| {
            let features = weighted(counted, &rarity).into_iter();
            features.map(|(row, value)| (places[row as usize], value)).collect()
        };
        let features: Vec<Vec<(u32, f32)>> = counted.into_iter().map(placed).collect();
        let ranges = groups.iter().scan(0, |next, size| {
            let start = std::mem::replace(next, *next + size);
            Some(start..*next)
        });
        let ranges: Vec<Range<usize>> = ranges.collect();
        let (features, rows) = (features.as_slice(), seen.len());
        let parts: Vec<Part> = std::thread::scope(|scope| {
            let learning: Vec<_> = ranges
                .into_iter()
                .map(|range| scope.spawn(move || Part::learn(range, rows, examples, features)))
                .collect();
            // A panic goes on in who learns, as if it had happened there.
            learning.into_iter().map(|part| part.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
        });
        let outputs = groups.iter().sum();
        let largest = parts.iter().flat_map(|part| &part.weights);
        let scale = largest.fold(f32::MIN_POSITIVE, |largest, weight| weight.abs().max(largest)) / 127.0;
        let mut weights = vec![0i8; ROWS * outputs];
        for part in &parts {
            let own = part.weights.chunks_exact(part.outputs.len().max(1));
            for (row, own) in seen.iter().zip(own) {
                let steps = own.iter().map(|weight| (weight / scale).round() as i8);
                let row = &mut weights[*row as usize * outputs..][..outputs];
                row[part.outputs.clone()].iter_mut().zip(steps).for_each(|(weight, step)| *weight = step);
            }
        }
        let bias = parts.into_iter().flat_map(|part| part.bias).collect();
        Self { outputs, weights, scale, bias, rarity }
    }

    /// Whether anything of a text was seen in an example.
    pub fn knows(&self, text: &str) -> bool {
        features(text).iter().any(|(row, _)| self.rarity[*row as usize] > 0.0)
    }

    /// The probability of each output.
    pub fn read(&self, text: &str) -> Vec<f32> {
        let mut sums = vec![0f32; self.outputs];
        for (row, value) in weighted(features(text), &self.rarity) {
            let row = &self.weights[row as usize * self.outputs..][..self.outputs];
            sums.iter_mut().zip(row).for_each(|(sum, weight)| *sum += value * f32::from(*weight));
        }
        sums.iter().zip(&self.bias).map(|(sum, bias)| 1.0 / (1.0 + (-(sum * self.scale + bias)).exp())).collect()
    }
}

impl Part {
    /// Learns a range of the outputs from examples with the features of each, which are less than `rows`.
    fn learn(range: Range<usize>, rows: usize, examples: &[Example], features: &[Vec<(u32, f32)>]) -> Self {
        let outputs = range.len();
        let mut weights = vec![0f32; rows * outputs];
        let mut squares = vec![1e-6f32; rows];
        let mut bias = vec![-3f32; outputs];
        let mut order: Vec<usize> = (0..examples.len()).collect();
        let mut random = fastrand::Rng::with_seed(1);
        let mut sums = vec![0f32; outputs];
        // The outputs that an example teaches something of, with how wrong they are: few of all.
        let mut wrong: Vec<(usize, f32)> = Vec::with_capacity(outputs);
        for epoch in 0..EPOCHS {
            random.shuffle(&mut order);
            for (done, at) in order.iter().enumerate() {
                let rate = RATE * (1.0 - (epoch as f32 + done as f32 / order.len() as f32) / EPOCHS as f32);
                let (example, features) = (&examples[*at], &features[*at]);
                sums.copy_from_slice(&bias);
                for (row, value) in features {
                    let row = &weights[*row as usize * outputs..][..outputs];
                    sums.iter_mut().zip(row).for_each(|(sum, weight)| *sum += value * weight);
                }
                wrong.clear();
                for (at, sum) in sums.iter().enumerate() {
                    let likely = 1.0 / (1.0 + (-*sum).exp());
                    let output = range.start + at;
                    if example.is.contains(&output) {
                        wrong.push((at, (1.0 - likely) * example.weight));
                    } else if likely >= TAUGHT {
                        wrong.push((at, -likely * example.is_not[output] * example.weight));
                    }
                }
                if wrong.is_empty() {
                    continue;
                }
                let length: f32 = wrong.iter().map(|(_, wrong)| wrong * wrong).sum();
                for (row, value) in features {
                    let square = &mut squares[*row as usize];
                    *square += length * value * value;
                    let step = rate * value / square.sqrt();
                    let row = &mut weights[*row as usize * outputs..][..outputs];
                    wrong.iter().for_each(|(at, wrong)| row[*at] += step * wrong);
                }
                wrong.iter().for_each(|(at, wrong)| bias[*at] += BIAS_RATE * rate * wrong);
            }
        }
        Self { outputs: range, weights, bias }
    }
}

/// The words of a text that turn its meaning around: they count as others do, though they are stop words.
const NOT: [&str; 5] = ["geen", "niet", "zonder", "no", "not"];

/// The rows of a text, each with how often it is there: of its words and the runs of letters in them, and of each two
/// words side by side. Words that say little ("er", "meer") have no runs, but count whole: "hij is er niet meer".
fn features(text: &str) -> Vec<(u32, f32)> {
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

/// Weighs features by their rarity, so that the squares of the weights make 1.
fn weighted(mut counted: Vec<(u32, f32)>, rarity: &[f32]) -> Vec<(u32, f32)> {
    counted.retain(|(row, _)| rarity[*row as usize] > 0.0);
    counted.iter_mut().for_each(|(row, count)| *count = count.sqrt() * rarity[*row as usize]);
    let length = counted.iter().map(|(_, count)| count * count).sum::<f32>().sqrt().max(1e-6);
    counted.iter_mut().for_each(|(_, count)| *count /= length);
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
