//! Learns from the phrases of the vocabulary which concepts a question is likely about.
//!
//! One logistic regression for each concept, over the words of a text and the runs of 2 to 5 letters within them, hashed
//! into a table (Weinberger et al., "Feature hashing for large scale multitask learning", 2009). It reads misspelt words
//! and other languages by the parts that they share with words it knows. Training follows AdaGrad (Duchi, Hazan,
//! Singer, 2011) in an order that is always the same, so that the same vocabulary always gives the same weights.

use crate::search::analysis::{Word, says_something, words};

/// How many rows the table has.
const ROWS: usize = 1 << 17;
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

impl Classifier {
    /// Learns from examples.
    pub fn train(outputs: usize, examples: &[Example]) -> Self {
        let mut weights = vec![0f32; ROWS * outputs];
        let mut squares = vec![1e-6f32; ROWS];
        let mut bias = vec![-3f32; outputs];
        let counted: Vec<Vec<(u32, f32)>> = examples.iter().map(|example| features(&example.text)).collect();
        let mut rarity = vec![0f32; ROWS];
        counted.iter().flatten().for_each(|(row, _)| rarity[*row as usize] += 1.0);
        let all = examples.len() as f32;
        rarity.iter_mut().filter(|count| **count > 0.0).for_each(|count| *count = (1.0 + all / *count).ln());
        let features: Vec<Vec<(u32, f32)>> = counted.into_iter().map(|counted| weighted(counted, &rarity)).collect();
        let mut order: Vec<usize> = (0..examples.len()).collect();
        let mut random = fastrand::Rng::with_seed(1);
        let mut sums = vec![0f32; outputs];
        // The outputs that an example teaches something of, with how wrong they are: few of all.
        let mut wrong: Vec<(usize, f32)> = Vec::with_capacity(outputs);
        for epoch in 0..EPOCHS {
            random.shuffle(&mut order);
            for (done, at) in order.iter().enumerate() {
                let rate = RATE * (1.0 - (epoch as f32 + done as f32 / all) / EPOCHS as f32);
                let (example, features) = (&examples[*at], &features[*at]);
                sums.copy_from_slice(&bias);
                for (row, value) in features {
                    let row = &weights[*row as usize * outputs..][..outputs];
                    sums.iter_mut().zip(row).for_each(|(sum, weight)| *sum += value * weight);
                }
                wrong.clear();
                for (output, sum) in sums.iter().enumerate() {
                    let likely = 1.0 / (1.0 + (-*sum).exp());
                    if example.is.contains(&output) {
                        wrong.push((output, (1.0 - likely) * example.weight));
                    } else if likely >= TAUGHT {
                        wrong.push((output, -likely * example.is_not[output] * example.weight));
                    }
                }
                let length: f32 = wrong.iter().map(|(_, wrong)| wrong * wrong).sum();
                for (row, value) in features {
                    let square = &mut squares[*row as usize];
                    *square += length * value * value;
                    let step = rate * value / square.sqrt();
                    let row = &mut weights[*row as usize * outputs..][..outputs];
                    wrong.iter().for_each(|(output, wrong)| row[*output] += step * wrong);
                }
                wrong.iter().for_each(|(output, wrong)| bias[*output] += BIAS_RATE * rate * wrong);
            }
        }
        let largest = weights.iter().fold(f32::MIN_POSITIVE, |largest, weight| weight.abs().max(largest));
        let scale = largest / 127.0;
        let weights = weights.into_iter().map(|weight| (weight / scale).round() as i8).collect();
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

/// The words of a text that turn its meaning around: they count, though they are stop words.
const NOT: [&str; 5] = ["geen", "niet", "zonder", "no", "not"];

/// The rows of a text's words and of the runs of letters in them, each with how often it is there. Words that say
/// nothing are left out, unless there are no others.
fn features(text: &str) -> Vec<(u32, f32)> {
    let mut rows: Vec<u32> = Vec::new();
    let mut letters: Vec<char> = Vec::new();
    let all = words(text);
    let says = |word: &Word| says_something(&word.folded) || NOT.contains(&word.folded.as_str());
    let any = all.iter().any(says);
    for word in all.iter().filter(|word| !any || says(word)) {
        letters.clear();
        letters.push(' ');
        letters.extend(word.folded.chars());
        letters.push(' ');
        rows.push(hash(&letters, 1));
        for length in 2..=5 {
            rows.extend(letters.windows(length).map(|run| hash(run, 0)));
        }
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

/// FNV-1a, folded to the number of rows.
fn hash(letters: &[char], seed: u64) -> u32 {
    let mut hash = 0xcbf2_9ce4_8422_2325 ^ seed;
    for letter in letters {
        hash = (hash ^ u64::from(u32::from(*letter))).wrapping_mul(0x0000_0100_0000_01b3);
    }
    ((hash ^ hash >> 32) % ROWS as u64) as u32
}
