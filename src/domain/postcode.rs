//! Where postcodes are: those with the same four digits (PC4) together.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::area::AreaCode;
use super::place::{Position, Postcode};

/// The postcodes with the same digits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PostcodeArea {
    /// The digits, as `1069`.
    pub digits: Postcode,
    /// The town.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub town: Option<String>,
    /// The municipality.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub municipality: Option<AreaCode>,
    /// Its middle, when a source tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// By the letters where each whole postcode (PC6) is.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parts: BTreeMap<String, Position>,
}

impl PostcodeArea {
    /// The digits alone.
    pub fn new(digits: Postcode) -> Self {
        Self { digits, town: None, municipality: None, position: None, parts: BTreeMap::new() }
    }

    /// Adds what another tells of the same digits; it is newer, so what it tells counts.
    pub fn add(&mut self, other: &Self) {
        self.town = other.town.clone().or(self.town.take());
        self.municipality = other.municipality.clone().or(self.municipality.take());
        self.position = other.position.or(self.position);
        self.parts.extend(other.parts.iter().map(|(letters, at)| (letters.clone(), *at)));
    }

    /// Its middle: as a source tells it, else the mean of its parts; nothing when neither is known.
    pub fn middle(&self) -> Option<Position> {
        let count = self.parts.len() as f64;
        let sum = |of: fn(Position) -> f64| self.parts.values().map(|at| of(*at)).sum::<f64>() / count;
        self.position.or_else(|| Position::new(sum(Position::lat), sum(Position::lon)).ok())
    }
}
