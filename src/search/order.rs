//! In which order hits stand, and how the first of them are kept.

use super::columns::OfferingRow;
use super::facts::UNKNOWN_DAY;
use super::query::Sort;
use super::ruler::TOLERANCE;
use super::suits::Suiting;
use super::understand::{Meant, Unit};
use super::weights;
use crate::domain::Scheme;

/// What a concept of the question adds to the score of an offering that has it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Boost {
    /// The place of the concept in the layout.
    pub place: usize,
    /// What it adds.
    pub any: f32,
    /// What it adds besides when it is the first theme of the offering.
    pub main: f32,
}

impl Unit {
    /// How much its words count, in a question with other words that mean a concept or without.
    pub fn weight(&self, beside_core: bool) -> f32 {
        match () {
            () if self.is_name => weights::NAME_WORDS,
            () if self.is_core() || !beside_core => 1.0,
            () => weights::OTHER_WORDS,
        }
    }
}

impl Boost {
    /// What a concept adds that `having` of `all` offerings have: the rarer, the more (inverse document frequency, as
    /// BM25 has it).
    pub fn new(meant: &Meant, scheme: Scheme, having: u32, all: u32) -> Self {
        let (having, all) = (having as f32, all as f32);
        let rarity = (1.0 + (all - having + 0.5) / (having + 0.5)).ln();
        let sure = match meant.tokens {
            0 => weights::learned_of(scheme) * meant.strength.powf(weights::LEARNED_POWER),
            _ => weights::SAID * weights::of_scheme(scheme) * meant.strength,
        };
        let all = sure * rarity;
        let main = if scheme == Scheme::Theme { weights::FIRST_THEME } else { 0.0 };
        Self { place: meant.place, any: all * (1.0 - main), main: all * main }
    }
}

/// How well an offering matches, and of what that is made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Score {
    /// By its words (BM25); 1 without words.
    pub words: f32,
    /// 1, or less when it was not checked for long.
    pub freshness: f32,
    /// From 1 here to less far away; 1 when no position is given.
    pub nearness: f32,
    /// How well it suits who asks.
    pub suits: Suiting,
}

impl Score {
    fn new(words: f32, assured: i32, today: i32, distance: Option<f64>, suits: Suiting) -> Self {
        let nearness = distance.map_or(1.0, |metres| {
            1.0 - weights::NEARNESS + weights::NEARNESS * (1.0 / (1.0 + metres / weights::HALF_NEAR)) as f32
        });
        Self { words, freshness: freshness(is_fresh(assured, today)), nearness, suits }
    }

    /// The most that a score can be of what is so fresh, and made for whom the question names or not.
    pub fn at_most(words: f32, is_fresh: bool, is_for_others: bool) -> f32 {
        let suits = Suiting { is_for_others, leaves_out: false, misses: 0, has_no_place: false };
        words * freshness(is_fresh) * suits.factor()
    }

    pub fn total(&self) -> f32 {
        self.words * self.freshness * self.nearness * self.suits.factor()
    }
}

/// Whether what was checked on a day is taken to be true today.
pub(super) fn is_fresh(assured: i32, today: i32) -> bool {
    assured != UNKNOWN_DAY && assured >= today.saturating_sub(weights::FRESH_DAYS)
}

fn freshness(is_fresh: bool) -> f32 {
    if is_fresh { 1.0 } else { weights::STALE }
}

/// What orders a hit beside its number.
#[derive(Clone, Copy)]
pub(super) struct Ranking {
    pub sort: Sort,
    pub today: i32,
    pub has_origin: bool,
}

/// A hit before its page is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    /// Lower stands first; of two that are equal the lower number.
    pub key: u64,
    pub number: i64,
    pub segment: u32,
    pub document: u32,
    pub words: f32,
}

impl Candidate {
    /// Lowers the score of a candidate by relevance.
    fn lower(&mut self, factor: f32) {
        let score = f32::from_bits(!(self.key as u32)) * factor;
        self.key = self.key & !u64::from(u32::MAX) | u64::from(!score.to_bits());
    }
}

/// Lets one organization not fill the first pages: of the first candidates by relevance, in their order, each counts
/// the less, the more of the same organization stand before it.
pub(super) fn spread(candidates: &mut [Candidate], organization: impl Fn(&Candidate) -> Option<u128>) {
    let first = candidates.len().min(weights::SPREAD);
    let organizations: Vec<_> = candidates[..first].iter().map(organization).collect();
    for (at, (candidate, own)) in candidates.iter_mut().zip(&organizations).enumerate() {
        let times = organizations[..at].iter().filter(|other| own.is_some() && *other == own).count();
        candidate.lower(weights::SAME_ORGANIZATION.powi(times as i32));
    }
    candidates[..first].sort_unstable_by_key(|candidate| (candidate.key, candidate.number));
}

/// Set in the key of what is only let in because something of it is not known.
const LET_IN: u64 = 1 << 63;
/// Set in the key of what has another name than the words that were typed.
const OTHER_NAME: u64 = 1 << 62;

impl Ranking {
    /// The key of a hit. By name it holds within one segment; by distance it is as near as quick distances are.
    ///
    /// `typed` is the place of the name that was typed, among the names of the segment.
    pub fn key(&self, offering: &OfferingRow, found: &Found, matched: HowMatched, typed: Option<u32>) -> u64 {
        let key = match self.sort {
            Sort::Relevance => {
                let score = self.score(offering, found, matched).total();
                // Of positive floating point numbers the bits stand in the order of the numbers.
                let other = if typed == Some(offering.name_rank) { 0 } else { OTHER_NAME };
                u64::from(!score.to_bits()) | other
            }
            Sort::Distance => found.distance.to_bits(),
            Sort::Name => u64::from(offering.name_rank),
            // Of minutes since 1970 as of days the order stays when they are counted from the first.
            Sort::Soonest => (i64::from(found.soonest) - i64::from(i32::MIN)) as u64,
            Sort::Assured => (i64::from(i32::MAX) - i64::from(offering.assured)) as u64,
        };
        if found.is_let_in { key | LET_IN } else { key }
    }

    /// The score below which no hit comes before a key, unless its name is what was typed.
    fn least(&self, key: u64) -> f32 {
        match self.sort {
            Sort::Relevance if key & (LET_IN | OTHER_NAME) == OTHER_NAME => f32::from_bits(!(key as u32)),
            Sort::Relevance if key & LET_IN == 0 => f32::INFINITY,
            _ => 0.0,
        }
    }

    /// The score of a hit.
    pub fn score(&self, offering: &OfferingRow, found: &Found, HowMatched { words, suits }: HowMatched) -> Score {
        let distance = self.has_origin.then_some(found.distance);
        Score::new(words, offering.assured, self.today, distance, suits)
    }

    /// The last key that must be kept when all before this one are.
    fn slack(&self, key: u64) -> u64 {
        match self.sort {
            Sort::Distance => {
                let distance = f64::from_bits(key & !LET_IN) * (1.0 + 3.0 * TOLERANCE) + 1e-3;
                distance.to_bits() | key & LET_IN
            }
            _ => key,
        }
    }
}

/// How an offering matches the question.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct HowMatched {
    /// By its words and concepts.
    pub words: f32,
    /// How well it suits who asks.
    pub suits: Suiting,
}

/// What was found of an offering: the best of its sessions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Found {
    /// Whether no session fits by what is known.
    pub is_let_in: bool,
    /// The quick distance of the nearest; infinite without a position.
    pub distance: f64,
    /// The minute at which it is on first, when that is asked for.
    pub soonest: i32,
}

/// Keeps the first so many, and what may turn out to be one of them when measured exactly.
pub(super) struct First {
    ranking: Ranking,
    wanted: usize,
    kept: Vec<Candidate>,
    /// When so many are kept, the last are let go.
    full: usize,
    /// What comes after this key and number is not kept.
    last: (u64, i64),
    /// What has a lower score, and another name than was typed, is not kept.
    least: f32,
}

impl First {
    pub fn new(ranking: Ranking, wanted: usize) -> Self {
        Self {
            ranking,
            wanted,
            kept: Vec::new(),
            full: wanted + wanted / 2 + 32,
            last: (u64::MAX, i64::MAX),
            least: 0.0,
        }
    }

    pub fn add(&mut self, candidate: Candidate) {
        if (candidate.key, candidate.number) > self.last {
            return;
        }
        self.kept.push(candidate);
        if self.kept.len() >= self.full {
            self.let_go();
        }
    }

    fn let_go(&mut self) {
        if self.wanted == 0 || self.kept.len() <= self.wanted {
            return;
        }
        let place = |candidate: &Candidate| (candidate.key, candidate.number);
        let (_, last, _) = self.kept.select_nth_unstable_by_key(self.wanted - 1, place);
        let slack = self.ranking.slack(last.key);
        self.last = if slack == last.key { place(last) } else { (slack, i64::MAX) };
        self.least = self.ranking.least(self.last.0);
        let last = self.last;
        self.kept.retain(|candidate| place(candidate) <= last);
        self.full = self.kept.len() + self.kept.len() / 2 + 32;
    }

    /// The score below which no offering is kept that has this number or a higher one, unless its name is what was typed.
    pub fn least(&self, number: i64) -> f32 {
        // Of two with the same score the lower number stands first.
        if self.least > 0.0 && number > self.last.1 { self.least.next_up() } else { self.least }
    }

    /// What is kept, in no order.
    pub fn take(&mut self) -> Vec<Candidate> {
        self.let_go();
        (self.last, self.least) = ((u64::MAX, i64::MAX), 0.0);
        std::mem::take(&mut self.kept)
    }
}
