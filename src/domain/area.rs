//! Areas of the CBS division: municipality (gemeente), district (wijk) and neighbourhood (buurt), and their front doors.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use geo::{Coord, InteriorPoint, LineString, MultiPolygon, Polygon};
use geojson::{Geometry, GeometryValue};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::contact::{Email, Phone, WebUrl};
use super::place::{Address, Position};
use super::vocabulary::ConceptId;

/// The level of an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AreaKind {
    /// A municipality.
    Gemeente,
    /// A district of a municipality.
    Wijk,
    /// A neighbourhood of a district.
    Buurt,
}

impl AreaKind {
    /// The name, as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gemeente => "gemeente",
            Self::Wijk => "wijk",
            Self::Buurt => "buurt",
        }
    }
}

impl FromStr for AreaKind {
    type Err = InvalidAreaKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Gemeente, Self::Wijk, Self::Buurt]
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| InvalidAreaKind(text.chars().take(40).collect()))
    }
}

/// Text that is no kind of area.
#[derive(Debug, thiserror::Error)]
#[error("'{0}' is not a kind of area: give gemeente, wijk or buurt")]
pub struct InvalidAreaKind(String);

/// The code of an area as Statistics Netherlands (CBS) gives it: `GM0363`, `WK0363AK`, `BU0363AK05`.
///
/// ```
/// # use wegwijzer::domain::AreaCode;
/// let code: AreaCode = "BU0363AK05".parse()?;
/// assert_eq!(code.parent().map(|wijk| wijk.to_string()).as_deref(), Some("WK0363AK"));
/// assert_eq!(code.municipality().as_str(), "GM0363");
/// # Ok::<(), wegwijzer::domain::area::InvalidAreaCode>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, example = "BU0363AK05", pattern = "^(GM[0-9]{4}|WK[0-9]{4}[0-9A-Z]{2}|BU[0-9]{4}[0-9A-Z]{4})$")]
pub struct AreaCode(String);

impl AreaCode {
    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The level, told by the first two letters.
    pub fn kind(&self) -> AreaKind {
        match &self.0[..2] {
            "GM" => AreaKind::Gemeente,
            "WK" => AreaKind::Wijk,
            _ => AreaKind::Buurt,
        }
    }

    /// The area that this one is part of; the code tells it.
    pub fn parent(&self) -> Option<Self> {
        match self.kind() {
            AreaKind::Gemeente => None,
            AreaKind::Wijk => Some(self.municipality()),
            AreaKind::Buurt => Some(Self(format!("WK{}", &self.0[2..8]))),
        }
    }

    /// The municipality that this is or lies in.
    pub fn municipality(&self) -> Self {
        Self(format!("GM{}", &self.0[2..6]))
    }

    /// This area and those it is part of, the smallest first.
    pub fn with_parents(&self) -> Vec<Self> {
        std::iter::successors(Some(self.clone()), Self::parent).collect()
    }

    /// Whether the other is this area or a part of it.
    pub fn includes(&self, other: &Self) -> bool {
        other.0[2..].starts_with(&self.0[2..])
    }
}

impl FromStr for AreaCode {
    type Err = InvalidAreaCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = text.as_bytes();
        let tail = match (bytes.get(..2), bytes.len()) {
            (Some(b"GM"), 6) | (Some(b"WK"), 8) | (Some(b"BU"), 10) => &bytes[2..],
            _ => return Err(InvalidAreaCode(text.chars().take(40).collect())),
        };
        let well_formed = tail[..4].iter().all(u8::is_ascii_digit)
            && tail[4..].iter().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
        if well_formed { Ok(Self(text.into())) } else { Err(InvalidAreaCode(text.into())) }
    }
}

impl TryFrom<String> for AreaCode {
    type Error = InvalidAreaCode;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<AreaCode> for String {
    fn from(code: AreaCode) -> Self {
        code.0
    }
}

impl fmt::Display for AreaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Text that is no area code.
#[derive(Debug, thiserror::Error)]
#[error("'{0}' is not an area code: give one of CBS, as GM0363, WK0363AK or BU0363AK05")]
pub struct InvalidAreaCode(String);

/// An area with what is known of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Area {
    /// Its code.
    pub code: AreaCode,
    /// Its official name.
    pub name: String,
    /// Other names that people use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// The year of the division that the outline is from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<i32>,
    /// Figures as the source names them, as `inwoners`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = Object)]
    pub statistics: BTreeMap<String, serde_json::Value>,
    /// The outline: a GeoJSON Polygon or MultiPolygon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object)]
    pub outline: Option<geojson::Geometry>,
    /// Where questions go first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub front_doors: Vec<FrontDoor>,
}

impl Area {
    /// How many people live there, where the statistics tell (`inwoners`, as CBS calls it).
    pub fn residents(&self) -> Option<u64> {
        self.figure("inwoners").filter(|people| *people >= 0.0).map(|people| people as u64)
    }

    /// Whether it is a part of a town, where the statistics tell: by the five degrees of urbanity of CBS
    /// (`stedelijkheid`: 1 to 3 are 1,000 addresses a square kilometre and more), or by 2,000 people a square kilometre
    /// (`inwoners`, `km2`), about as many.
    pub fn is_urban(&self) -> Option<bool> {
        let degree = self.figure("stedelijkheid").filter(|degree| (1.0..=5.0).contains(degree));
        let density = || Some(self.figure("inwoners")? / self.figure("km2").filter(|km2| *km2 > 0.0)?);
        degree.map(|degree| degree <= 3.0).or_else(|| density().map(|density| density >= 2_000.0))
    }

    fn figure(&self, name: &str) -> Option<f64> {
        let told = self.statistics.get(name)?;
        told.as_f64().or_else(|| told.as_str()?.parse().ok())
    }
}

/// Where an area's questions go first: a role with a phone, never a person's name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FrontDoor {
    /// The area it is for.
    pub area: AreaCode,
    /// The role, as "Welzijnscoach" or "Buurtteam".
    pub role: String,
    /// One sentence that tells what one can ask there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The themes of the questions it is for; all questions when there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub theme: Vec<ConceptId>,
    /// Its telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// Its e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// Its pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website: Option<WebUrl>,
    /// When somebody answers, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<String>,
    /// Where one can walk in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// Where that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// Who may refer somebody here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub who_may_refer: Vec<Referrer>,
    /// How to refer, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub how_to_refer: Option<String>,
    /// Whether the referrer hears what came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feedback: Option<bool>,
    /// How many weeks one waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_weeks: Option<u16>,
}

/// Who may refer somebody to a front door.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Referrer {
    /// The resident.
    #[serde(rename = "self")]
    Oneself,
    /// A general practitioner.
    Gp,
    /// A district team.
    DistrictTeam,
    /// Anybody else.
    Other,
}

/// The outline as `geo` computes with it; nothing when it is no Polygon or MultiPolygon.
pub fn shape(geometry: &Geometry) -> Option<MultiPolygon> {
    match &geometry.value {
        GeometryValue::Polygon { coordinates } => Some(MultiPolygon(vec![polygon(coordinates)?])),
        GeometryValue::MultiPolygon { coordinates } => {
            coordinates.iter().map(|rings| polygon(rings)).collect::<Option<_>>().map(MultiPolygon)
        }
        _ => None,
    }
}

/// A position inside an outline, away from its border.
pub fn point_inside(outline: &Geometry) -> Option<Position> {
    let point = shape(outline)?.interior_point()?;
    Position::new(point.y(), point.x()).ok()
}

fn polygon(rings: &[Vec<geojson::Position>]) -> Option<Polygon> {
    // The crate's own conversion panics on a position of one number; outlines from a damaged store must not.
    let line = |ring: &Vec<geojson::Position>| {
        let coords = ring.iter().map(|position| match *position.as_slice() {
            [x, y, ..] => Some(Coord { x, y }),
            _ => None,
        });
        coords.collect::<Option<Vec<_>>>().map(LineString)
    };
    let (exterior, interiors) = rings.split_first()?;
    Some(Polygon::new(line(exterior)?, interiors.iter().map(line).collect::<Option<_>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_statistics_office() {
        for right in ["GM0363", "WK0363AK", "WK001400", "BU0363AK05", "BU00140000"] {
            assert!(right.parse::<AreaCode>().is_ok(), "{right}");
        }
        for wrong in ["", "GM363", "gm0363", "GM0363A", "WK0363", "BU0363AK0", "BU0363ak05", "PV0027", "BUÀ36305"] {
            assert!(wrong.parse::<AreaCode>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_area_includes_its_parts() {
        let code = |text: &str| text.parse::<AreaCode>().expect(text);
        assert!(code("GM0363").includes(&code("BU0363AK05")));
        assert!(code("WK0363AK").includes(&code("BU0363AK05")));
        assert!(code("BU0363AK05").includes(&code("BU0363AK05")));
        assert!(!code("BU0363AK05").includes(&code("WK0363AK")));
        assert!(!code("GM0364").includes(&code("BU0363AK05")));
    }
}
