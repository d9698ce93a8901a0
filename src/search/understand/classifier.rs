//! Learns from the phrases of the vocabulary which concepts a question is likely about.
//!
//! One logistic regression for each concept, over the [`super::features`] of a text. Training follows AdaGrad (Duchi,
//! Hazan, Singer, 2011) in an order that is always the same, so that the same vocabulary always gives the same weights.

use std::ops::Range;
use std::panic::resume_unwind;

use serde::{Deserialize, Serialize};

use super::features::{ROWS, Rarity, features};
use super::lesson::SCHEMES;

/// How often training goes through all examples.
const EPOCHS: usize = 4;
/// How far the first step goes; the last goes nowhere, so that it does not matter which example comes last.
const RATE: f32 = 2.0;
/// And one of the likelihood of each output whatever the text.
const BIAS_RATE: f32 = 0.01;
/// What is that unlikely already, and is not so, teaches nothing.
const TAUGHT: f32 = 0.01;

/// How many groups of outputs there are: the schemes.
const GROUPS: usize = SCHEMES.len();

/// A text with what it is about.
pub(super) struct Example {
    pub text: String,
    /// How much it counts.
    pub weight: f32,
    /// The outputs that it is about.
    pub is: Vec<usize>,
    /// How much the outputs of each group count that it is not about.
    pub is_not: [f32; GROUPS],
}

/// Tells which outputs a text is likely about.
#[derive(Serialize, Deserialize)]
pub(super) struct Classifier {
    outputs: usize,
    /// One row a feature, in steps of `scale`.
    weights: Vec<i8>,
    scale: f32,
    bias: Vec<f32>,
    rarity: Rarity,
}

/// What is learned of some of the outputs, one row a feature.
struct Part {
    outputs: Range<usize>,
    weights: Vec<f32>,
    bias: Vec<f32>,
}

impl Classifier {
    /// Learns from examples. Each group of outputs is learned in a thread of its own, with steps of its own.
    pub fn train(groups: &[usize; GROUPS], examples: &[Example]) -> Self {
        let counted: Vec<Vec<(u32, f32)>> = examples.iter().map(|example| features(&example.text)).collect();
        let rarity = Rarity::of(&counted);
        // While it learns the rows stand by how often they are seen: those that are seen again and again lie together, and
        // stay in the processor's cache.
        let mut seen: Vec<u32> = (0..ROWS as u32).filter(|row| rarity.knows(*row)).collect();
        seen.sort_by(|a, b| rarity.of_row(*a).total_cmp(&rarity.of_row(*b)));
        let mut places = vec![0; ROWS];
        (0..).zip(&seen).for_each(|(place, row)| places[*row as usize] = place);
        let placed = |counted| {
            let features = rarity.weighted(counted).into_iter();
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
                .enumerate()
                .map(|group| scope.spawn(move || Part::learn(group, rows, examples, features)))
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

    /// Whether any feature of a text was seen in an example.
    pub fn knows(&self, counted: &[(u32, f32)]) -> bool {
        counted.iter().any(|(row, _)| self.rarity.knows(*row))
    }

    /// The probability of each output for a text with these features.
    pub fn read(&self, counted: &[(u32, f32)]) -> Vec<f32> {
        let mut sums = vec![0f32; self.outputs];
        for (row, value) in self.rarity.weighted(counted.to_vec()) {
            let row = &self.weights[row as usize * self.outputs..][..self.outputs];
            sums.iter_mut().zip(row).for_each(|(sum, weight)| *sum += value * f32::from(*weight));
        }
        sums.iter().zip(&self.bias).map(|(sum, bias)| 1.0 / (1.0 + (-(sum * self.scale + bias)).exp())).collect()
    }
}

impl Part {
    /// Learns a group of outputs from examples with the features of each, which are less than `rows`.
    fn learn(
        (group, range): (usize, Range<usize>),
        rows: usize,
        examples: &[Example],
        features: &[Vec<(u32, f32)>],
    ) -> Self {
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
                        wrong.push((at, -likely * example.is_not[group] * example.weight));
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
