//! Postcodes, and where they are: those with the same four digits (PC4) together.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::area::AreaCode;
use super::place::Position;

/// A Dutch postcode: four digits, the first not 0, and two capitals (PC6), or the digits alone (PC4).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, example = "1018NW")]
pub struct Postcode(String);

impl Postcode {
    /// The postcode as text, without a space.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its digits alone (PC4).
    pub fn digits(&self) -> Self {
        Self(self.0[..4].to_owned())
    }

    /// The whole postcode that stands in a text, as in an address.
    pub fn within(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let apart = words.windows(2).map(|pair| pair.concat());
        let found =
            words.iter().map(|word| (*word).to_owned()).chain(apart).filter_map(|word| word.parse::<Self>().ok());
        found.into_iter().find(|postcode| postcode.letters().is_some())
    }

    /// Its letters, when it has them.
    pub fn letters(&self) -> Option<&str> {
        Some(&self.0[4..]).filter(|letters| !letters.is_empty())
    }
}

impl FromStr for Postcode {
    type Err = InvalidPostcode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let tight: String = text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect();
        let bytes = tight.as_bytes();
        let digits = bytes.len() >= 4 && bytes[..4].iter().all(u8::is_ascii_digit) && bytes[0] != b'0';
        let letters = bytes.len() == 4 || (bytes.len() == 6 && bytes[4..].iter().all(u8::is_ascii_uppercase));
        if digits && letters { Ok(Self(tight)) } else { Err(InvalidPostcode(text.chars().take(20).collect())) }
    }
}

impl TryFrom<String> for Postcode {
    type Error = InvalidPostcode;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Postcode> for String {
    fn from(postcode: Postcode) -> Self {
        postcode.0
    }
}

/// Text that is no postcode.
#[derive(Debug, thiserror::Error)]
#[error("'{0}' is not a postcode: give four digits and two letters, as 1018NW")]
pub struct InvalidPostcode(String);

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
