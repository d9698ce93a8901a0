//! What one cannot walk through: water, motorways, railways. As the crow flies is not near when one lies between.

use geo::{Coord, Intersects, Line};
use geojson::{FeatureCollection, GeometryValue};
use rstar::{AABB, RTree, RTreeObject};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::place::Position;

/// The barriers of some municipalities.
#[derive(Debug, Default)]
pub struct Barriers {
    tree: RTree<Segment>,
}

/// What a barrier is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum BarrierKind {
    /// A river, a canal or a lake without a bridge nearby.
    Water,
    /// A motorway.
    Motorway,
    /// A railway.
    Railway,
}

#[derive(Clone, Copy, Debug)]
struct Segment {
    line: Line,
    kind: BarrierKind,
}

impl RTreeObject for Segment {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners(self.line.start.into(), self.line.end.into())
    }
}

/// Why a file tells no barriers.
#[derive(Debug, thiserror::Error)]
pub enum InvalidBarriers {
    /// It is no collection of features.
    #[error("the barriers are no GeoJSON FeatureCollection: {0}")]
    Form(#[from] serde_json::Error),
    /// A feature does not say what it is.
    #[error("feature {0} has no property kind of water, motorway or railway")]
    Kind(usize),
    /// A feature is no line, or one of its positions is not on earth.
    #[error("feature {0} is no LineString or MultiLineString of positions in WGS 84, longitude first")]
    Line(usize),
}

impl Barriers {
    /// Reads a FeatureCollection of lines, each with the property `kind`.
    pub fn from_geojson(text: &str) -> Result<Self, InvalidBarriers> {
        let collection: FeatureCollection = serde_json::from_str(text)?;
        let mut segments = Vec::new();
        for (at, feature) in (1..).zip(collection.features) {
            let kind = feature.property("kind").cloned().ok_or(InvalidBarriers::Kind(at))?;
            let kind = serde_json::from_value(kind).map_err(|_| InvalidBarriers::Kind(at))?;
            let lines = match feature.geometry.map(|geometry| geometry.value) {
                Some(GeometryValue::LineString { coordinates }) => vec![coordinates],
                Some(GeometryValue::MultiLineString { coordinates }) => coordinates,
                _ => return Err(InvalidBarriers::Line(at)),
            };
            for line in lines {
                let point = |position: &geojson::Position| match *position.as_slice() {
                    [lon, lat, ..] => Position::new(lat, lon).ok().map(|_| Coord { x: lon, y: lat }),
                    _ => None,
                };
                let points: Option<Vec<Coord>> = line.iter().map(point).collect();
                let points = points.filter(|points| points.len() > 1).ok_or(InvalidBarriers::Line(at))?;
                segments.extend(points.windows(2).map(|ends| Segment { line: Line::new(ends[0], ends[1]), kind }));
            }
        }
        Ok(Self { tree: RTree::bulk_load(segments) })
    }

    /// What lies between two positions, if anything does; of several the first of the list of kinds.
    pub fn between(&self, from: Position, to: Position) -> Option<BarrierKind> {
        let way = Line::new(geo::Point::from(from).0, geo::Point::from(to).0);
        let around = AABB::from_corners(way.start.into(), way.end.into());
        let crossed = self.tree.locate_in_envelope_intersecting(&around).filter(|own| own.line.intersects(&way));
        crossed.map(|own| own.kind).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ij_lies_between_the_city_and_noord() {
        let barriers =
            Barriers::from_geojson(include_str!("../../data/areas/demo-barriers.geojson")).expect("barriers");
        let at = |lat, lon| Position::new(lat, lon).expect("on earth");
        let (czaar_peter, noord, reimerswaal) = (at(52.3696, 4.9294), at(52.389, 4.94), at(52.362, 4.792));
        assert_eq!(barriers.between(czaar_peter, noord), Some(BarrierKind::Water));
        assert_eq!(barriers.between(czaar_peter, reimerswaal), None);
        assert_eq!(Barriers::default().between(czaar_peter, noord), None);
        for wrong in [
            "{}",
            r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":null}]}"#,
            r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"kind":"water"},"geometry":{"type":"LineString","coordinates":[[200,1],[4,52]]}}]}"#,
        ] {
            assert!(Barriers::from_geojson(wrong).is_err(), "{wrong}");
        }
    }
}
