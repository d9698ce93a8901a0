//! What things are called: ids, numbers and codes, each its own type so that none is taken for another.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

macro_rules! uuid_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Makes a new id (UUID version 7, RFC 9562), so that later ids sort after earlier ones.
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::try_parse(text).map(Self)
            }
        }
    )+};
}

uuid_ids! {
    /// Names an offering for as long as it exists, and after.
    OfferingId,
    /// Names one session of an offering.
    SessionId,
    /// Names an organization.
    OrganizationId,
    /// Names a location.
    LocationId,
}

/// The number of times something was written; the first write makes version 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct Version(pub i64);

/// The place of a change in the change log: 1, 2, 3… without holes, in the order in which they became visible.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct ChangeNumber(pub i64);

/// The short public number of an offering, for lists and print; never given out twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct ItemNumber(pub i64);

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for ChangeNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for ItemNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The tenant that keeps a listing: the CBS code of a municipality, or `NL` for nationwide offerings.
///
/// ```
/// # use wegwijzer::domain::MunicipalityCode;
/// assert!("GM0363".parse::<MunicipalityCode>().is_ok());
/// assert!("NL".parse::<MunicipalityCode>().is_ok());
/// assert!("Amsterdam".parse::<MunicipalityCode>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, example = "GM0363", pattern = "^(GM[0-9]{4}|NL)$")]
pub struct MunicipalityCode(String);

impl MunicipalityCode {
    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for MunicipalityCode {
    type Err = InvalidMunicipality;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits =
            text.strip_prefix("GM").is_some_and(|rest| rest.len() == 4 && rest.bytes().all(|b| b.is_ascii_digit()));
        if digits || text == "NL" { Ok(Self(text.into())) } else { Err(InvalidMunicipality(text.into())) }
    }
}

impl TryFrom<String> for MunicipalityCode {
    type Error = InvalidMunicipality;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<MunicipalityCode> for String {
    fn from(code: MunicipalityCode) -> Self {
        code.0
    }
}

impl fmt::Display for MunicipalityCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Text that is no municipality code.
#[derive(Debug, thiserror::Error)]
#[error("'{0}' is not a municipality: give its CBS code (GM and four digits, as GM0363), or NL for nationwide")]
pub struct InvalidMunicipality(String);
