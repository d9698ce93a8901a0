//! Where something is: positions, boxes, addresses and locations.

use std::fmt;
use std::str::FromStr;

use geo::Distance as _;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::area::AreaCode;
use super::ids::LocationId;
use super::postcode::Postcode;
use super::vocabulary::ConceptId;

/// A point on the earth, in WGS 84 degrees, latitude first.
///
/// Both numbers are within range, so code that holds a `Position` never checks it again.
///
/// ```
/// # use wegwijzer::domain::Position;
/// assert_eq!("52.3696,4.9294".parse::<Position>()?.lat(), 52.3696);
/// assert!("91,0".parse::<Position>().is_err());
/// # Ok::<(), wegwijzer::domain::InvalidPosition>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "Unchecked")]
pub struct Position {
    /// Degrees north.
    #[schema(minimum = -90, maximum = 90, example = 52.3696)]
    latitude: f64,
    /// Degrees east.
    #[schema(minimum = -180, maximum = 180, example = 4.9294)]
    longitude: f64,
}

#[derive(Deserialize)]
struct Unchecked {
    latitude: f64,
    longitude: f64,
}

impl Position {
    /// Makes a position of degrees north and east, or says that it is not on earth.
    pub fn new(latitude: f64, longitude: f64) -> Result<Self, InvalidPosition> {
        // A comparison with NaN is false, so NaN is refused here too.
        let on_earth = latitude.abs() <= 90.0 && longitude.abs() <= 180.0;
        if on_earth {
            Ok(Self { latitude, longitude })
        } else {
            Err(InvalidPosition(format!("{latitude},{longitude}")))
        }
    }

    /// The position of metres of the Dutch grid (Rijksdriehoeksstelsel, EPSG:28992), right to about a quarter of a
    /// metre; nothing when they lie outside of it.
    ///
    /// ```
    /// # use wegwijzer::domain::Position;
    /// // The tower in Amersfoort that the grid is measured from.
    /// let tower = Position::from_rd(155_000.0, 463_000.0).expect("in the grid");
    /// assert!((tower.lat() - 52.155_174).abs() < 5e-6 && (tower.lon() - 5.387_206).abs() < 5e-6, "{tower}");
    /// assert!(Position::from_rd(52.37, 4.89).is_none());
    /// ```
    pub fn from_rd(x: f64, y: f64) -> Option<Self> {
        // Parameters of EPSG; rotations in seconds of arc.
        const RD: &str = "+proj=sterea +lat_0=52.15616055555555 +lon_0=5.38763888888889 +k=0.9999079 +x_0=155000 \
            +y_0=463000 +ellps=bessel +units=m +no_defs +towgs84=565.4171,50.3319,465.5524,-0.398957388243134,\
            0.343987817378283,-1.87740163998045,4.0725";
        if !Self::is_rd(x, y) {
            return None;
        }
        let from = proj4rs::Proj::from_proj_string(RD).ok()?;
        let to = proj4rs::Proj::from_proj_string("+proj=longlat +datum=WGS84 +no_defs").ok()?;
        let mut point = (x, y, 0.0);
        proj4rs::transform::transform(&from, &to, &mut point).ok()?;
        // Seven decimals are a centimetre.
        let degrees = |radians: f64| (radians.to_degrees() * 1e7).round() / 1e7;
        Self::new(degrees(point.1), degrees(point.0)).ok()
    }

    /// Whether numbers look like metres of the Dutch grid.
    pub fn is_rd(x: f64, y: f64) -> bool {
        (0.0..=300_000.0).contains(&x) && (280_000.0..=650_000.0).contains(&y)
    }

    /// Degrees north.
    pub fn lat(self) -> f64 {
        self.latitude
    }

    /// Degrees east.
    pub fn lon(self) -> f64 {
        self.longitude
    }

    /// The shortest way over the ellipsoid WGS 84 (Karney 2013).
    pub fn distance_to(self, other: Self) -> Distance {
        Distance(geo::Geodesic.distance(geo::Point::from(self), geo::Point::from(other)))
    }

    /// The same place told less exactly: three decimals, about 100 metres.
    pub fn rounded(self) -> Self {
        let round = |degrees: f64| (degrees * 1000.0).round() / 1000.0;
        Self { latitude: round(self.latitude), longitude: round(self.longitude) }
    }

    /// Whether this lies in the European Netherlands, roughly: what a swapped or mistyped position does not.
    pub fn is_near_the_netherlands(self) -> bool {
        (50.5..=53.8).contains(&self.latitude) && (3.0..=7.4).contains(&self.longitude)
    }
}

impl TryFrom<Unchecked> for Position {
    type Error = InvalidPosition;

    fn try_from(given: Unchecked) -> Result<Self, Self::Error> {
        Self::new(given.latitude, given.longitude)
    }
}

impl FromStr for Position {
    type Err = InvalidPosition;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fault = || InvalidPosition(text.chars().take(60).collect());
        let (lat, lon) = text.split_once(',').ok_or_else(fault)?;
        let degrees = |part: &str| part.trim().parse::<f64>().map_err(|_| fault());
        Self::new(degrees(lat)?, degrees(lon)?).map_err(|_| fault())
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{}", self.latitude, self.longitude)
    }
}

/// The one place where latitude-first becomes the `x, y` of the `geo` crate.
impl From<Position> for geo::Point {
    fn from(at: Position) -> Self {
        geo::Point::new(at.longitude, at.latitude)
    }
}

/// Text or numbers that are no position.
#[derive(Debug, thiserror::Error)]
#[error("'{0}' is not a position: give latitude and longitude in degrees, as 52.3696,4.9294")]
pub struct InvalidPosition(String);

/// How much longer the way over streets is than the straight line: about 1.2 to 1.4 where people live close together.
const DETOUR: f64 = 1.3;
/// 4.5 km an hour: an easy pace, which somebody of seventy keeps up too.
const METRES_A_MINUTE: f64 = 75.0;
/// Who would walk longer takes something else.
const LONGEST_WALK: u32 = 60;

/// A length in metres, finite and not negative.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, ToSchema)]
#[serde(transparent)]
pub struct Distance(f64);

impl Distance {
    /// So many metres; nothing when the number is negative or not finite.
    pub fn from_metres(metres: f64) -> Option<Self> {
        (metres.is_finite() && metres >= 0.0).then_some(Self(metres))
    }

    /// How many minutes it takes to walk to what is so far away in a straight line, rounded up; nothing when it is
    /// further than people walk to an activity.
    ///
    /// Streets make the way 1.3 times as long, and people walk 75 metres a minute.
    ///
    /// ```
    /// # use wegwijzer::domain::Distance;
    /// let minutes = |metres| Distance::from_metres(metres).and_then(Distance::walking_minutes);
    /// assert_eq!((minutes(0.0), minutes(320.0), minutes(1000.0), minutes(20_000.0)), (Some(0), Some(6), Some(18), None));
    /// ```
    pub fn walking_minutes(self) -> Option<u32> {
        let minutes = (self.0 * DETOUR / METRES_A_MINUTE).ceil();
        (minutes <= f64::from(LONGEST_WALK)).then_some(minutes as u32)
    }

    /// The length in metres.
    pub fn metres(self) -> f64 {
        self.0
    }
}

/// A box between two meridians and two parallels, in the order of RFC 7946: `minLon,minLat,maxLon,maxLat`.
///
/// A box over the date line is refused: no municipality of this service lies there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BoundingBox {
    south_west: Position,
    north_east: Position,
}

impl BoundingBox {
    /// The box between two corners; nothing when they are not south-west and north-east.
    pub fn new(south_west: Position, north_east: Position) -> Option<Self> {
        let ordered = south_west.lat() <= north_east.lat() && south_west.lon() <= north_east.lon();
        ordered.then_some(Self { south_west, north_east })
    }

    /// The box that holds every point within a distance, a little larger than needed.
    pub fn around(centre: Position, radius: Distance) -> Self {
        // A degree of latitude is at least 110,574 m (at the equator, WGS 84).
        let north = radius.metres() / 110_500.0;
        let parallel = (centre.lat().abs() + north).min(89.9).to_radians().cos();
        let east = radius.metres() / (111_300.0 * parallel);
        let corner =
            |lat: f64, lon: f64| Position { latitude: lat.clamp(-90.0, 90.0), longitude: lon.clamp(-180.0, 180.0) };
        Self {
            south_west: corner(centre.lat() - north, centre.lon() - east),
            north_east: corner(centre.lat() + north, centre.lon() + east),
        }
    }

    /// Whether a position lies in it, borders included.
    pub fn contains(&self, at: Position) -> bool {
        (self.south_west.lat()..=self.north_east.lat()).contains(&at.lat())
            && (self.south_west.lon()..=self.north_east.lon()).contains(&at.lon())
    }

    /// Its middle, in degrees.
    pub fn middle(&self) -> Position {
        let half = |a: f64, b: f64| (a + b) / 2.0;
        Position {
            latitude: half(self.south_west.lat(), self.north_east.lat()),
            longitude: half(self.south_west.lon(), self.north_east.lon()),
        }
    }

    /// The corner with the lowest numbers.
    pub fn south_west(&self) -> Position {
        self.south_west
    }

    /// The corner with the highest numbers.
    pub fn north_east(&self) -> Position {
        self.north_east
    }
}

impl FromStr for BoundingBox {
    type Err = InvalidBoundingBox;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fault = || InvalidBoundingBox(text.chars().take(80).collect());
        let numbers: Vec<f64> =
            text.split(',').map(|part| part.trim().parse()).collect::<Result<_, _>>().map_err(|_| fault())?;
        let [west, south, east, north] = numbers[..] else { return Err(fault()) };
        let south_west = Position::new(south, west).map_err(|_| fault())?;
        let north_east = Position::new(north, east).map_err(|_| fault())?;
        Self::new(south_west, north_east).ok_or_else(fault)
    }
}

/// Text that is no box.
#[derive(Debug, thiserror::Error)]
#[error("'{0}' is not a box: give minLon,minLat,maxLon,maxLat in degrees, as 4.90,52.36,4.95,52.38")]
pub struct InvalidBoundingBox(String);

/// A street address; what is left out is unknown.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Address {
    /// The street.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub street: Option<String>,
    /// The house number with its additions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub house_number: Option<String>,
    /// The postcode, as `1018NW`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postcode: Option<Postcode>,
    /// The town.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// The id of the address in the national register (BAG nummeraanduiding, 16 digits).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bag_id: Option<String>,
}

/// What the public sees of an address; the default is everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Everything.
    #[default]
    Full,
    /// No house number, and the position rounded to about 100 metres.
    Street,
    /// Only the area.
    Neighbourhood,
    /// Only the municipality.
    Secret,
}

/// A place where people come together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    /// Its id, given when it is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<LocationId>,
    /// What it is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// What makes the building usable (concepts of `accessibility`); left out when unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accessibility: Option<Vec<ConceptId>>,
    /// What the public sees of it.
    #[serde(default)]
    pub visibility: Visibility,
    /// The areas it lies in: the source's own codes, or those found from the position.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub area: Vec<AreaCode>,
    /// Whether the area codes were found from the position, so that new outlines may change them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schema(ignore)]
    pub area_found: bool,
}

impl Location {
    /// What the public may see of it.
    ///
    /// What is hidden is gone, not marked: from a rounded position no house can be found, however many distances
    /// somebody asks for.
    pub fn public(&self) -> Self {
        let mut seen = self.clone();
        seen.area_found = false;
        match self.visibility {
            Visibility::Full => {}
            Visibility::Street => {
                seen.position = self.position.map(Position::rounded);
                if let Some(address) = &mut seen.address {
                    address.house_number = None;
                    address.bag_id = None;
                    // Six characters of a postcode name about twenty doors.
                    address.postcode = address.postcode.take().map(|postcode| postcode.digits());
                }
            }
            Visibility::Neighbourhood | Visibility::Secret => {
                seen.name = None;
                seen.position = None;
                seen.address =
                    self.address.as_ref().map(|address| Address { city: address.city.clone(), ..Address::default() });
                if self.visibility == Visibility::Secret {
                    // A municipality may hold dozens of villages.
                    seen.address = None;
                    let mut municipalities: Vec<_> = self.area.iter().map(AreaCode::municipality).collect();
                    municipalities.dedup();
                    seen.area = municipalities;
                }
            }
        }
        seen
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_position_is_on_earth() {
        for wrong in ["", "52", "52,4,1", "91,0", "0,181", "NaN,4", "inf,4", "52;4", "noord,west"] {
            assert!(wrong.parse::<Position>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_box_goes_from_south_west_to_north_east() {
        assert!("4.90,52.36,4.95,52.38".parse::<BoundingBox>().is_ok());
        for wrong in ["4.95,52.36,4.90,52.38", "52.36,4.90,52.38,4.95,1", "a,b,c,d", "4,NaN,5,52", "170,10,-170,20"] {
            assert!(wrong.parse::<BoundingBox>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_hidden_address_is_not_in_what_the_public_sees() {
        let location = Location {
            name: Some("Het huis".into()),
            address: Some(Address {
                street: Some("Kade".into()),
                house_number: Some("7".into()),
                postcode: "1018NW".parse().ok(),
                city: Some("Amsterdam".into()),
                bag_id: None,
            }),
            position: Position::new(52.36987, 4.92961).ok(),
            area: ["GM0363", "WK0363AK", "BU0363AK05"].iter().filter_map(|code| code.parse().ok()).collect(),
            ..Location::default()
        };
        let seen = |visibility| {
            let public = Location { visibility, ..location.clone() }.public();
            serde_json::to_string(&public).expect("a location is JSON")
        };
        assert!(seen(Visibility::Full).contains("52.36987"));
        let street = seen(Visibility::Street);
        assert!(
            street.contains("Kade")
                && street.contains("52.37,")
                && !street.contains("\"7\"")
                && !street.contains("1018NW")
        );
        let neighbourhood = seen(Visibility::Neighbourhood);
        assert!(
            neighbourhood.contains("BU0363AK05") && !neighbourhood.contains("Kade") && !neighbourhood.contains("52.")
        );
        let secret = seen(Visibility::Secret);
        assert!(secret.contains("GM0363") && !secret.contains("BU0363AK05") && !secret.contains("huis"));
        assert!(!secret.contains("Amsterdam"));
    }

    proptest! {
        #[test]
        fn the_box_around_a_place_holds_all_that_is_near(
            lat in 50.0..54.0f64, lon in 3.0..7.5f64, north in -0.3..0.3f64, east in -0.3..0.3f64, radius in 1.0..30_000.0f64,
        ) {
            let centre = Position::new(lat, lon)?;
            let other = Position::new(lat + north, lon + east)?;
            let radius = Distance::from_metres(radius).expect("finite");
            if centre.distance_to(other) <= radius {
                prop_assert!(BoundingBox::around(centre, radius).contains(other));
            }
        }

        #[test]
        fn no_text_makes_the_parsers_panic(text in "\\PC{0,30}") {
            let _ = text.parse::<Position>();
            let _ = text.parse::<BoundingBox>();
            let _ = text.parse::<Postcode>();
        }
    }
}
