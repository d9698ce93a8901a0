//! What taking part costs.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ids::MunicipalityCode;
use super::vocabulary::ConceptId;

/// An amount of money in euros, kept in whole cents, at most 100,000 euros.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "f64", into = "f64")]
#[schema(value_type = f64, example = 1.5, minimum = 0)]
pub struct Euros(u32);

impl Euros {
    const MAX_CENTS: f64 = 10_000_000.0;

    /// The amount of so many cents.
    pub fn from_cents(cents: u32) -> Self {
        Self(cents)
    }

    /// The amount in cents.
    pub fn cents(self) -> u32 {
        self.0
    }
}

impl TryFrom<f64> for Euros {
    type Error = InvalidEuros;

    fn try_from(euros: f64) -> Result<Self, Self::Error> {
        let cents = (euros * 100.0).round();
        // Half a cent is no amount, but 1.15 * 100 is 114.99999999999999.
        if (0.0..=Self::MAX_CENTS).contains(&cents) && (euros * 100.0 - cents).abs() < 1e-6 {
            Ok(Self(cents as u32))
        } else {
            Err(InvalidEuros(euros.to_string()))
        }
    }
}

impl From<Euros> for f64 {
    fn from(amount: Euros) -> Self {
        f64::from(amount.0) / 100.0
    }
}

impl FromStr for Euros {
    type Err = InvalidEuros;

    /// Reads `2`, `2.50`, `2,50` and `€ 2,50`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = text.trim().trim_start_matches('€').trim().replace(',', ".");
        let number = plain.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let euros: f64 = plain.parse().map_err(|_| InvalidEuros(text.into()))?;
        if number {
            Self::try_from(euros).map_err(|_| InvalidEuros(text.into()))
        } else {
            Err(InvalidEuros(text.into()))
        }
    }
}

impl fmt::Display for Euros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

/// Text or a number that is no amount of money.
#[derive(Debug, thiserror::Error)]
#[error("'{0}' is not an amount in euros: give 0 to 100000 with at most two decimals, as 2.50")]
pub struct InvalidEuros(String);

/// What an offering costs; what is left out is unknown, and unknown is not free.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Cost {
    /// A concept of the scheme `cost`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<ConceptId>,
    /// The amounts, each for somebody and a time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prices: Vec<Price>,
    /// What comes on top.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extras: Vec<ExtraCost>,
    /// The passes of municipalities that make it cheaper.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passes: Vec<CityPass>,
}

/// One amount.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Price {
    /// How much, in euros.
    pub amount: Euros,
    /// What the amount pays for.
    pub per: PriceUnit,
    /// Who pays it, in words, as "kinderen".
    #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
}

/// What an amount pays for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum PriceUnit {
    /// One visit.
    Visit,
    /// A month.
    Month,
    /// Three months.
    Quarter,
    /// A year.
    Year,
    /// A whole course.
    Course,
}

/// A cost beside the price.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExtraCost {
    /// What for.
    pub what: ExtraKind,
    /// How much, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Euros>,
    /// More about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What an extra cost is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ExtraKind {
    /// Things to work with.
    Material,
    /// Clothes or shoes.
    Clothes,
    /// Money that comes back.
    Deposit,
    /// Anything else; the note tells.
    Other,
}

/// What the pass of a municipality does to the price.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CityPass {
    /// Whose pass it is.
    pub municipality: MunicipalityCode,
    /// What it does.
    pub effect: PassEffect,
    /// What is left to pay per visit, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Euros>,
}

/// The effect of a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum PassEffect {
    /// Nothing to pay.
    Free,
    /// Less to pay.
    Discount,
}

impl Cost {
    /// The price of one visit, when it is known: the lowest of the ways to pay, for those who pay most.
    ///
    /// Where children come in for nothing and adults pay 3 euros, nobody who asks for "at most nothing" is served by it.
    /// Free and a voluntary contribution are nothing. An amount for a month, quarter or year is divided by the
    /// visits in that time, `visits_per_year`; one for a course by its `lessons`. Without these it is unknown.
    pub fn per_visit(&self, visits_per_year: Option<f64>, lessons: Option<u16>) -> Option<Euros> {
        if self.category.as_ref().is_some_and(|c| matches!(c.as_str(), "free" | "voluntary_contribution")) {
            return Some(Euros::default());
        }
        let yearly = visits_per_year.filter(|visits| *visits >= 1.0);
        let visit = |price: &Price| {
            let visits = match price.per {
                PriceUnit::Visit => Some(1.0),
                PriceUnit::Month => yearly.map(|visits| visits / 12.0),
                PriceUnit::Quarter => yearly.map(|visits| visits / 4.0),
                PriceUnit::Year => yearly,
                PriceUnit::Course => lessons.filter(|n| *n > 0).map(f64::from),
            };
            // Less than one visit in the time that is paid for: the amount is for one visit.
            visits.map(|visits| Euros((f64::from(price.amount.cents()) / visits.max(1.0)).round() as u32))
        };
        let mut by_audience: BTreeMap<Option<&str>, Euros> = BTreeMap::new();
        for (price, amount) in self.prices.iter().filter_map(|price| Some((price, visit(price)?))) {
            let lowest = by_audience.entry(price.audience.as_deref()).or_insert(amount);
            *lowest = amount.min(*lowest);
        }
        by_audience.into_values().max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        for (given, cents) in [("2", 200), ("2.50", 250), ("2,5", 250), ("€ 1,15", 115), ("0", 0)] {
            assert_eq!(given.parse::<Euros>().ok().map(Euros::cents), Some(cents), "{given}");
        }
        for wrong in ["", "gratis", "-1", "1.005", "1e3", "NaN", "inf", "200000"] {
            assert!(wrong.parse::<Euros>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn prices_are_compared_per_visit() {
        let cost = |per, euros: f64| Cost {
            prices: vec![Price { amount: Euros::try_from(euros).expect("an amount"), per, audience: None }],
            ..Cost::default()
        };
        let cases = [
            (cost(PriceUnit::Visit, 2.5), None, None, Some(250)),
            (cost(PriceUnit::Month, 26.0), Some(52.0), None, Some(600)),
            (cost(PriceUnit::Year, 26.0), Some(52.0), None, Some(50)),
            (cost(PriceUnit::Course, 60.0), None, Some(6), Some(1000)),
            (cost(PriceUnit::Month, 26.0), None, None, None),
            (Cost::default(), None, None, None),
        ];
        for (cost, visits, lessons, cents) in cases {
            assert_eq!(cost.per_visit(visits, lessons).map(Euros::cents), cents, "{cost:?}");
        }
    }
}
