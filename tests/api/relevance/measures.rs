//! How good a list of ten is, by graded judgments.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// How many hits are looked at.
const DEPTH: usize = 10;

/// The measures of one question; of several their sum, and then their mean.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Measures {
    /// How many questions.
    pub questions: usize,
    /// Normalised discounted cumulative gain at 10 (Järvelin and Kekäläinen, 2002), with a gain of 2^grade - 1.
    pub ndcg: f64,
    /// Of what fits well or better, as far as ten can hold it, the share that is among the ten.
    pub recall: f64,
    /// One divided by the place of the first that fits well.
    pub reciprocal_rank: f64,
    /// The share of questions without any hit.
    pub blank: f64,
}

impl Measures {
    /// What stands above the figures.
    pub const HEADINGS: &str = "   n  NDCG@10  recall@10  MRR    blank  change";

    /// The measures of what was found, the best first.
    pub fn of(found: &[String], grades: &BTreeMap<String, u8>) -> Self {
        let grade = |id: &String| grades.get(id).copied().unwrap_or(0);
        let found: Vec<u8> = found.iter().take(DEPTH).map(grade).collect();
        let mut ideal: Vec<u8> = grades.values().copied().collect();
        ideal.sort_unstable_by(|a, b| b.cmp(a));
        let fits = |grade: &&u8| **grade >= 2;
        let there = ideal.iter().filter(fits).count().clamp(1, DEPTH);
        Self {
            questions: 1,
            ndcg: gain(&found) / gain(&ideal).max(f64::MIN_POSITIVE),
            recall: found.iter().filter(fits).count().min(there) as f64 / there as f64,
            reciprocal_rank: found.iter().position(|grade| *grade >= 2).map_or(0.0, |at| 1.0 / (at + 1) as f64),
            blank: f64::from(u8::from(found.is_empty())),
        }
    }

    /// Adds those of another question.
    pub fn add(&mut self, other: &Self) {
        self.questions += other.questions;
        self.ndcg += other.ndcg;
        self.recall += other.recall;
        self.reciprocal_rank += other.reciprocal_rank;
        self.blank += other.blank;
    }

    /// The mean, to three decimals.
    pub fn mean(&self) -> Self {
        let mean = |sum: f64| (sum / self.questions.max(1) as f64 * 1e3).round() / 1e3;
        Self {
            questions: self.questions,
            ndcg: mean(self.ndcg),
            recall: mean(self.recall),
            reciprocal_rank: mean(self.reciprocal_rank),
            blank: mean(self.blank),
        }
    }
}

impl fmt::Display for Measures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { questions, ndcg, recall, reciprocal_rank, blank } = self;
        write!(f, "{questions:4}  {ndcg:.3}    {recall:.3}      {reciprocal_rank:.3}  {blank:.3}")
    }
}

fn gain(grades: &[u8]) -> f64 {
    let each = grades.iter().take(DEPTH).enumerate();
    each.map(|(at, grade)| (f64::from(*grade).exp2() - 1.0) / (at as f64 + 2.0).log2()).sum()
}

#[test]
fn a_perfect_list_has_one_and_an_empty_one_nothing() {
    let grades: BTreeMap<String, u8> = [("a", 3), ("b", 2), ("c", 1)].map(|(id, grade)| (id.to_owned(), grade)).into();
    let list = |ids: &[&str]| Measures::of(&ids.iter().map(ToString::to_string).collect::<Vec<_>>(), &grades);
    let best = list(&["a", "b", "c"]);
    assert!((best.ndcg - 1.0).abs() < 1e-12 && best.recall == 1.0 && best.reciprocal_rank == 1.0);
    let none = list(&[]);
    assert_eq!((none.ndcg, none.recall, none.reciprocal_rank, none.blank), (0.0, 0.0, 0.0, 1.0));
    // By hand: gains 1 and 7 at the second and third place, of 7, 3 and 1 at the first three.
    let worse = list(&["x", "c", "a"]);
    let (second, third) = (3f64.log2(), 2.0);
    assert!((worse.ndcg - (1.0 / second + 7.0 / third) / (7.0 + 3.0 / second + 1.0 / third)).abs() < 1e-12);
    assert_eq!((worse.recall, worse.reciprocal_rank), (0.5, 1.0 / 3.0));
}
