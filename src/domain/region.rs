//! A region that somebody draws: GeoJSON polygons, checked, and quick to ask whether they hold a position.

use geo::kernels::RobustKernel;
use geo::line_intersection::{LineIntersection, line_intersection};
use geo::{Area, Coord, Kernel, Line, MultiPolygon, Orientation};
use geojson::{GeoJson, Geometry};
use rstar::{AABB, RTree, RTreeObject};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::area::{point_inside, shape};
use super::place::{BoundingBox, Position};

/// The most points of a region. A neighbourhood has some dozens; who needs more asks by area code.
pub const MOST_POINTS: usize = 2_000;

/// How many edges a position may be compared with, on average: those of a star of a hundred rays.
const MOST_EDGES_A_BAND: usize = 100;

/// Polygons with their holes, borders included. Edges are straight in longitude and latitude, as GeoJSON has them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Geometry")]
pub struct Region {
    geometry: Geometry,
    edges: Vec<Edge>,
    polygons: usize,
    bounds: BoundingBox,
    inside: Position,
    /// For each band of latitude, from the south, the edges that reach into it.
    bands: Vec<Vec<u32>>,
}

impl TryFrom<Value> for Region {
    type Error = InvalidRegion;

    fn try_from(value: Value) -> Result<Self, InvalidRegion> {
        Self::from_geojson(&value)
    }
}

impl From<Region> for Geometry {
    fn from(region: Region) -> Self {
        region.geometry
    }
}

/// Two regions are equal when they were drawn alike.
impl PartialEq for Region {
    fn eq(&self, other: &Self) -> bool {
        self.edges == other.edges
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Edge {
    from: Coord,
    to: Coord,
    /// Which polygon it is of.
    polygon: usize,
}

/// Why something is no region.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum InvalidRegion {
    /// It is no GeoJSON.
    #[error("this is no GeoJSON ({0}): give a Polygon, a MultiPolygon, or a Feature with one of them")]
    Form(String),
    /// It is a point, a line or a mixture.
    #[error("give a Polygon, a MultiPolygon, or a Feature with one of them, not a {0}")]
    NotAnArea(String),
    /// A position is not on earth.
    #[error("'{0}' is not a position: give longitude and latitude in degrees (WGS 84), as [4.9294,52.3696]")]
    Position(String),
    /// Latitude stands first.
    #[error("'{0}' lies in the Netherlands only when swapped: GeoJSON has longitude first, as [4.9294,52.3696]")]
    Swapped(String),
    /// A ring does not end where it begins, or is a line.
    #[error("a ring has at least four positions, and its last is its first; one begins at {0} and does not")]
    Open(String),
    /// It encloses nothing.
    #[error("the region encloses no area")]
    NoArea,
    /// It lies over the date line.
    #[error("the region is more than 180 degrees wide: give one on each side of the date line")]
    DateLine,
    /// It has too many points.
    #[error("the region has {0} points; at most {MOST_POINTS} are allowed: simplify it, or give area codes")]
    TooManyPoints(usize),
    /// Its border goes to and fro over its whole height.
    #[error("the border goes up and down too often: simplify it, or give area codes")]
    Jagged,
    /// Its border crosses itself.
    #[error("the border crosses itself near {0}")]
    Crosses(String),
}

impl Region {
    /// Reads a Polygon, a MultiPolygon, or a Feature with one of them.
    pub fn from_geojson(value: &Value) -> Result<Self, InvalidRegion> {
        let form = |e: serde_json::Error| InvalidRegion::Form(e.to_string().chars().take(120).collect());
        let geometry = match serde_json::from_value(value.clone()).map_err(form)? {
            GeoJson::Geometry(geometry) => geometry,
            GeoJson::Feature(feature) => {
                feature.geometry.ok_or_else(|| InvalidRegion::NotAnArea("Feature without a geometry".into()))?
            }
            GeoJson::FeatureCollection(_) => return Err(InvalidRegion::NotAnArea("FeatureCollection".into())),
        };
        check_positions(&geometry)?;
        let shape = shape(&geometry).ok_or_else(|| InvalidRegion::NotAnArea(geometry.value.type_name().into()))?;
        Self::from_shape(&shape)
    }

    /// The region of polygons whose positions were checked.
    pub fn from_shape(shape: &MultiPolygon) -> Result<Self, InvalidRegion> {
        let geometry = plain(shape).ok_or(InvalidRegion::NoArea)?;
        let mut edges = Vec::new();
        for (polygon, own) in shape.iter().enumerate() {
            for ring in std::iter::once(own.exterior()).chain(own.interiors()) {
                let points = &ring.0;
                // `geo` closes rings by itself; whether one was closed was checked before.
                edges.extend(points.windows(2).map(|ends| Edge { from: ends[0], to: ends[1], polygon }));
            }
        }
        if shape.unsigned_area() == 0.0 {
            return Err(InvalidRegion::NoArea);
        }
        let over = |of: fn(Coord) -> f64| {
            let all = || edges.iter().map(|edge| of(edge.from));
            (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max))
        };
        let ((west, east), (south, north)) = (over(|at| at.x), over(|at| at.y));
        if east - west > 180.0 {
            return Err(InvalidRegion::DateLine);
        }
        if let Some(at) = crossing(&edges) {
            return Err(InvalidRegion::Crosses(told(at.x, at.y)));
        }
        let corner = |lat, lon| Position::new(lat, lon).map_err(|_| InvalidRegion::Position(told(lon, lat)));
        let bounds = BoundingBox::new(corner(south, west)?, corner(north, east)?).ok_or(InvalidRegion::NoArea)?;
        let inside = point_inside(&geometry).ok_or(InvalidRegion::NoArea)?;
        let bands = vec![Vec::new(); edges.len().div_ceil(4)];
        let mut region = Self { geometry, edges, polygons: shape.0.len(), bounds, inside, bands };
        for (at, edge) in (0..).zip(region.edges.clone()) {
            let (low, high) = (edge.from.y.min(edge.to.y), edge.from.y.max(edge.to.y));
            for band in region.band(low)..=region.band(high) {
                region.bands[band].push(at);
            }
        }
        // Each position looks at the edges of one band.
        let looked_at: usize = region.bands.iter().map(Vec::len).sum();
        if looked_at > MOST_EDGES_A_BAND * (region.bands.len() + MOST_EDGES_A_BAND) {
            return Err(InvalidRegion::Jagged);
        }
        Ok(region)
    }

    /// Its polygons.
    pub fn shape(&self) -> MultiPolygon {
        // It was made of such.
        shape(&self.geometry).unwrap_or_else(|| MultiPolygon(Vec::new()))
    }

    /// How many points its border has.
    pub fn points(&self) -> usize {
        self.edges.len()
    }

    /// A position in it, near its middle.
    pub fn inside(&self) -> Position {
        self.inside
    }

    /// The box around it.
    pub fn bounds(&self) -> &BoundingBox {
        &self.bounds
    }

    /// Whether a position lies in it, borders included.
    pub fn contains(&self, at: Position) -> bool {
        if !self.bounds.contains(at) {
            return false;
        }
        // A ray to the east crosses the border of what holds its beginning an odd number of times.
        let point = Coord { x: at.lon(), y: at.lat() };
        let mut inside = vec![false; self.polygons];
        for edge in self.bands[self.band(point.y)].iter().map(|edge| self.edges[*edge as usize]) {
            let side = side_of(&edge, point);
            let (west, east) = (edge.from.x.min(edge.to.x), edge.from.x.max(edge.to.x));
            let (south, north) = (edge.from.y.min(edge.to.y), edge.from.y.max(edge.to.y));
            if side == 0.0 && (west..=east).contains(&point.x) && (south..=north).contains(&point.y) {
                return true;
            }
            let crosses = (edge.from.y > point.y) != (edge.to.y > point.y);
            if crosses && (side > 0.0) == (edge.to.y > edge.from.y) {
                inside[edge.polygon] = !inside[edge.polygon];
            }
        }
        inside.contains(&true)
    }

    /// Whether all of a box lies in it for certain; it may be that this is so and not told.
    pub fn holds(&self, south_west: Position, north_east: Position) -> bool {
        let (first, last) = (self.band(south_west.lat()), self.band(north_east.lat()));
        let meets = |edge: &Edge| {
            edge.from.x.min(edge.to.x) <= north_east.lon()
                && edge.from.x.max(edge.to.x) >= south_west.lon()
                && edge.from.y.min(edge.to.y) <= north_east.lat()
                && edge.from.y.max(edge.to.y) >= south_west.lat()
        };
        let near = self.bands[first..=last].iter().flatten().map(|edge| &self.edges[*edge as usize]);
        self.contains(south_west) && self.contains(north_east) && !near.into_iter().any(meets)
    }

    fn band(&self, latitude: f64) -> usize {
        let (south, north) = (self.bounds.south_west().lat(), self.bounds.north_east().lat());
        let share = (latitude - south) / (north - south);
        // Beyond the bounds, and where they have no height, the nearest band.
        ((share * self.bands.len() as f64).max(0.0) as usize).min(self.bands.len() - 1)
    }
}

/// Polygons as GeoJSON: longitude and latitude, and nothing that somebody else put beside them.
fn plain(shape: &MultiPolygon) -> Option<Geometry> {
    let ring = |ring: &geo::LineString| ring.0.iter().map(|at| [at.x, at.y]).collect::<Vec<_>>();
    let polygon = |polygon: &geo::Polygon| {
        std::iter::once(polygon.exterior()).chain(polygon.interiors()).map(ring).collect::<Vec<_>>()
    };
    let polygons: Vec<_> = shape.iter().map(polygon).collect();
    let geometry = match polygons.as_slice() {
        [one] => serde_json::json!({ "type": "Polygon", "coordinates": one }),
        all => serde_json::json!({ "type": "MultiPolygon", "coordinates": all }),
    };
    serde_json::from_value(geometry).ok()
}

/// On which side of an edge a point lies: above 0 to its left, 0 on its line.
fn side_of(edge: &Edge, point: Coord) -> f64 {
    match RobustKernel::orient2d(edge.from, edge.to, point) {
        Orientation::CounterClockwise => 1.0,
        Orientation::Clockwise => -1.0,
        Orientation::Collinear => 0.0,
    }
}

fn told(lon: f64, lat: f64) -> String {
    format!("{lon},{lat}")
}

/// Checks the positions and the rings before anything is computed with them.
fn check_positions(geometry: &Geometry) -> Result<(), InvalidRegion> {
    use geojson::GeometryValue::{MultiPolygon, Polygon};
    let rings: Vec<&Vec<geojson::Position>> = match &geometry.value {
        Polygon { coordinates } => coordinates.iter().collect(),
        MultiPolygon { coordinates } => coordinates.iter().flatten().collect(),
        other => return Err(InvalidRegion::NotAnArea(other.type_name().into())),
    };
    let points: usize = rings.iter().map(|ring| ring.len()).sum();
    if points > MOST_POINTS {
        return Err(InvalidRegion::TooManyPoints(points));
    }
    for ring in rings {
        for position in ring.iter() {
            let given = || position.as_slice().iter().map(f64::to_string).collect::<Vec<_>>().join(",");
            let &[lon, lat, ..] = position.as_slice() else { return Err(InvalidRegion::Position(given())) };
            let at = Position::new(lat, lon).map_err(|_| InvalidRegion::Position(given()))?;
            let is_swapped = Position::new(lon, lat).is_ok_and(Position::is_near_the_netherlands);
            if is_swapped && !at.is_near_the_netherlands() {
                return Err(InvalidRegion::Swapped(given()));
            }
        }
        if ring.len() < 4 || ring.first() != ring.last() {
            let first = ring.first().map_or(String::new(), |first| told(first[0], first[1]));
            return Err(InvalidRegion::Open(first));
        }
    }
    Ok(())
}

/// An edge in a tree of edges.
struct Placed {
    at: usize,
    edge: Edge,
}

impl RTreeObject for Placed {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners(self.edge.from.into(), self.edge.to.into())
    }
}

/// A point where two edges cross, or run over each other; that they touch in a point is no crossing.
fn crossing(edges: &[Edge]) -> Option<Coord> {
    let tree = RTree::bulk_load(edges.iter().enumerate().map(|(at, edge)| Placed { at, edge: *edge }).collect());
    for (at, edge) in edges.iter().enumerate() {
        let around = Placed { at, edge: *edge }.envelope();
        for other in tree
            .locate_in_envelope_intersecting(&around)
            .filter(|other| other.at > at && other.edge.polygon == edge.polygon)
        {
            let lines = (Line::new(edge.from, edge.to), Line::new(other.edge.from, other.edge.to));
            match line_intersection(lines.0, lines.1) {
                Some(LineIntersection::SinglePoint { intersection, is_proper: true }) => return Some(intersection),
                Some(LineIntersection::Collinear { intersection }) if intersection.start != intersection.end => {
                    return Some(intersection.start);
                }
                _ => {}
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::Intersects;
    use proptest::prelude::*;
    use serde_json::json;

    fn region(coordinates: Value) -> Result<Region, InvalidRegion> {
        Region::from_geojson(&json!({ "type": "Polygon", "coordinates": coordinates }))
    }

    fn at(lat: f64, lon: f64) -> Position {
        Position::new(lat, lon).expect("on earth")
    }

    #[test]
    fn what_is_no_region_is_refused_with_the_reason() {
        let square = json!([[[4.9, 52.3], [5.0, 52.3], [5.0, 52.4], [4.9, 52.4], [4.9, 52.3]]]);
        assert!(region(square.clone()).is_ok());
        let feature = json!({ "type": "Feature", "properties": null, "geometry": { "type": "MultiPolygon", "coordinates": [square] } });
        assert!(Region::from_geojson(&feature).is_ok());
        use InvalidRegion::{Crosses, DateLine, NoArea, NotAnArea, Open, Position, Swapped, TooManyPoints};
        let refused = |coordinates: Value| region(coordinates).expect_err("it is refused");
        assert!(matches!(refused(json!([[[52.3, 4.9], [52.3, 5.0], [52.4, 5.0], [52.3, 4.9]]])), Swapped(_)));
        assert!(matches!(refused(json!([[[4.9, 52.3], [5.0, 52.3], [5.0, 52.4], [4.9, 52.4]]])), Open(_)));
        assert!(matches!(refused(json!([[[4.9, 52.3], [4.9, 52.3]]])), Open(_)));
        assert!(matches!(refused(json!([[[4.9, 52.3], [5.0, 52.3], [4.9, 52.3], [4.9, 52.3]]])), NoArea));
        assert!(matches!(
            refused(json!([[[4.9, 52.3], [5.0, 52.4], [5.0, 52.3], [4.9, 52.41], [4.9, 52.3]]])),
            Crosses(_)
        ));
        assert!(matches!(refused(json!([[[-179.0, 1.0], [179.0, 1.0], [179.0, 2.0], [-179.0, 1.0]]])), DateLine));
        assert!(matches!(refused(json!([[[4.9, 92.0], [5.0, 52.3], [5.0, 52.4], [4.9, 92.0]]])), Position(_)));
        assert!(matches!(
            refused(json!([[[4.9], [5.0, 52.3], [5.0, 52.4], [4.9]]])),
            Position(_) | InvalidRegion::Form(_)
        ));
        let many: Vec<_> = (0..20_000).map(|n| json!([4.0 + f64::from(n) * 1e-5, 52.0])).collect();
        assert_eq!(refused(json!([many])), TooManyPoints(20_000));
        let point = json!({ "type": "Point", "coordinates": [4.9, 52.3] });
        assert!(matches!(Region::from_geojson(&point), Err(NotAnArea(_))));
        for wrong in [json!(null), json!({}), json!("Polygon"), json!({ "type": "Polygon" }), json!([1, 2])] {
            assert!(Region::from_geojson(&wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn holes_are_out_and_borders_in() {
        let ring = |from: f64, to: f64| {
            json!([
                [4.0 + from, 52.0 + from],
                [4.0 + to, 52.0 + from],
                [4.0 + to, 52.0 + to],
                [4.0 + from, 52.0 + to],
                [4.0 + from, 52.0 + from]
            ])
        };
        let region = region(json!([ring(0.0, 1.0), ring(0.25, 0.5)])).expect("a square with a hole");
        assert!(region.contains(at(52.1, 4.1)) && region.contains(at(52.0, 4.5)) && region.contains(at(52.3, 4.25)));
        assert!(!region.contains(at(52.3, 4.3)) && !region.contains(at(51.9, 4.5)));
        assert!(region.holds(at(52.6, 4.6), at(52.7, 4.7)) && !region.holds(at(52.2, 4.2), at(52.6, 4.6)));
    }

    #[test]
    fn neighbourhoods_that_adjoin_are_one_region() {
        let square =
            |west: f64| json!([[[west, 52.3], [west + 0.1, 52.3], [west + 0.1, 52.4], [west, 52.4], [west, 52.3]]]);
        let both = json!({ "type": "MultiPolygon", "coordinates": [square(4.9), square(5.0)] });
        let region = Region::from_geojson(&both).expect("two squares");
        assert!(
            region.contains(at(52.35, 4.95)) && region.contains(at(52.35, 5.05)) && region.contains(at(52.35, 5.0))
        );
    }

    proptest! {
        /// A star around a point has no crossings, whatever its rays are.
        #[test]
        fn it_holds_what_the_library_says(
            rays in prop::collection::vec(0.1f64..1.0, 3..60),
            points in prop::collection::vec((51.0f64..53.5, 3.5f64..6.5), 50),
            width in 0.001f64..0.3,
        ) {
            let count = rays.len() as f64;
            let mut ring: Vec<_> = rays.iter().enumerate().map(|(n, ray)| {
                let angle = n as f64 / count * std::f64::consts::TAU;
                [5.0 + ray * angle.cos(), 52.3 + ray * angle.sin()]
            }).collect();
            ring.push(ring[0]);
            let geometry: Geometry = serde_json::from_value(json!({ "type": "Polygon", "coordinates": [ring] })).expect("a polygon");
            let region = Region::from_geojson(&serde_json::to_value(&geometry).expect("JSON")).expect("a star");
            let outline = shape(&geometry).expect("a shape");
            for (lat, lon) in points {
                let here = at(lat, lon);
                prop_assert_eq!(region.contains(here), outline.intersects(&geo::Point::from(here)));
                let north_east = at(lat + width, lon + width);
                if region.holds(here, north_east) {
                    let inside = geo::Rect::new(geo::Point::from(here), geo::Point::from(north_east)).to_polygon();
                    prop_assert!(geo::Contains::contains(&outline, &inside));
                }
            }
            for corner in ring {
                prop_assert!(region.contains(at(corner[1], corner[0])), "borders are in");
            }
        }

        #[test]
        fn no_json_makes_it_panic(numbers in prop::collection::vec(prop::option::weighted(0.95, -1e3f64..1e3), 0..40)) {
            let positions: Vec<_> = numbers.chunks(2).collect();
            let _ = Region::from_geojson(&json!({ "type": "Polygon", "coordinates": [positions] }));
        }
    }
}
