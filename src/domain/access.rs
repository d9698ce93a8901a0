//! How people may take part, and whether there is room.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What somebody must do or have to take part; what is left out is unknown.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Access {
    /// How to join; more than one way may be open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub joining: Vec<Joining>,
    /// Whether somebody must refer you.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referral: Option<Referral>,
    /// Whether the municipality must decide first (Wmo).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub municipal_decision: Option<bool>,
    /// What is asked to know who you are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identification: Vec<Identification>,
    /// Whether you may stay anonymous.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anonymous: Option<bool>,
    /// Whether it is allowed beside a benefit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside_benefit: Option<bool>,
    /// Whether somebody comes along the first time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accompanied: Option<bool>,
    /// How people are fetched or brought, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transport: Option<String>,
}

/// A way to join.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Joining {
    /// Just come.
    WalkIn,
    /// Tell beforehand that you come.
    Registration,
    /// First a talk.
    Intake,
}

/// Whether somebody must refer you.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Referral {
    /// Nobody need refer you.
    NotNeeded,
    /// A professional may refer you.
    Possible,
    /// A professional must refer you.
    Needed,
}

/// What is asked to know who somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Identification {
    /// Nothing.
    None,
    /// A first name.
    FirstName,
    /// An identity document.
    Id,
    /// The citizen service number.
    Bsn,
    /// A health insurance card or number.
    Insurance,
}

/// Whether there is room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Capacity {
    /// Room, a waiting list, or none.
    pub state: CapacityState,
    /// How many weeks one waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weeks: Option<u16>,
    /// The day on which this was so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<NaiveDate>,
}

/// Whether there is room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CapacityState {
    /// There is room.
    Open,
    /// There is a waiting list.
    Waiting,
    /// There is no room.
    Full,
}

impl Capacity {
    /// How long a statement about room is believed: waiting lists move faster than listings.
    pub const FRESH_DAYS: u64 = 60;

    /// The last day on which this is believed; without a date it is not.
    pub fn fresh_until(&self) -> Option<NaiveDate> {
        self.as_of?.checked_add_days(chrono::Days::new(Self::FRESH_DAYS))
    }
}

impl Access {
    /// The concepts of the scheme `access` that these facts amount to.
    ///
    /// Only what is known is concluded: `no_bsn` from a stated list of papers without the number.
    pub fn concepts(&self) -> Vec<&'static str> {
        let mut concepts: Vec<_> = self
            .joining
            .iter()
            .map(|way| match way {
                Joining::WalkIn => "walk_in",
                Joining::Registration => "registration",
                Joining::Intake => "intake",
            })
            .collect();
        match self.referral {
            Some(Referral::NotNeeded) => concepts.push("no_referral"),
            // A professional may refer you, and you may come without.
            Some(Referral::Possible) => concepts.extend(["no_referral", "referral_possible"]),
            Some(Referral::Needed) => concepts.push("referral_needed"),
            None => {}
        }
        if self.municipal_decision == Some(true) {
            concepts.push("municipal_decision_needed");
        }
        if self.identification.contains(&Identification::Bsn) {
            concepts.push("bsn_needed");
        } else if !self.identification.is_empty() {
            concepts.push("no_bsn");
        }
        if self.identification.contains(&Identification::Id) {
            concepts.push("id_needed");
        }
        if self.anonymous == Some(true) {
            concepts.push("anonymous");
        }
        concepts
    }
}
