//! Where areas are, and which lie beside each other.

use geo::{BoundingRect, Distance as _, Euclidean, MapCoords, MultiPolygon};

use crate::domain::area::{point_inside, shape};
use crate::domain::{Area, AreaCode, Position};

use super::SearchError;
use super::snapshot::Snapshot;

/// Outlines that are simplified one by one leave gaps: areas up to so many metres apart are neighbours.
const GAP: f64 = 50.0;
/// Metres in a degree of latitude.
const METRES: f64 = 111_320.0;

/// West, south, east and north of an outline, in degrees.
type Bounds = [f64; 4];

/// Where an area is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Extent {
    pub bounds: Bounds,
    /// A point within its outline.
    pub inside: Position,
}

impl Extent {
    /// The extent of an area with an outline.
    pub fn of(area: &Area) -> Option<Self> {
        let outline = area.outline.as_ref()?;
        let rect = shape(outline)?.bounding_rect()?;
        let bounds = [rect.min().x, rect.min().y, rect.max().x, rect.max().y];
        Some(Self { bounds, inside: point_inside(outline)? })
    }
}

impl Snapshot {
    /// The areas of the same level that lie beside an area, by code; none where outlines are not known.
    pub(super) fn neighbours(&self, of: &AreaCode) -> Result<Vec<AreaCode>, SearchError> {
        let Some(own) = self.area(of)? else { return Ok(Vec::new()) };
        let Some(around) = Extent::of(&own) else { return Ok(Vec::new()) };
        // One scale for all, or what lies beside each other would be drawn apart.
        let scale = around.inside.lat().to_radians().cos();
        let Some(outline) = flat(&own, scale) else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for (segment, columns) in self.columns.iter().enumerate() {
            for (document, area) in &columns.areas {
                let may_touch = area.extent.is_some_and(|extent| overlap(&around.bounds, &extent.bounds));
                if !may_touch || area.code == *of || area.code.kind() != of.kind() || !self.is_alive(segment, *document)
                {
                    continue;
                }
                let other = self.area(&area.code)?.as_ref().and_then(|other| flat(other, scale));
                if other.is_some_and(|other| Euclidean.distance(&outline, &other) <= GAP) {
                    found.push(area.code.clone());
                }
            }
        }
        found.sort();
        Ok(found)
    }
}

/// Whether two rectangles touch, or nearly do.
fn overlap(a: &Bounds, b: &Bounds) -> bool {
    // At 60 degrees north a degree of longitude is half as long.
    let (x, y) = (2.0 * GAP / METRES, GAP / METRES);
    a[0] <= b[2] + x && b[0] <= a[2] + x && a[1] <= b[3] + y && b[1] <= a[3] + y
}

/// An outline in metres on a plane, right enough to tell what lies beside it; `scale` is the cosine of a latitude nearby.
fn flat(area: &Area, scale: f64) -> Option<MultiPolygon> {
    let outline = area.outline.as_ref().and_then(shape)?;
    Some(outline.map_coords(|at| geo::Coord { x: at.x * METRES * scale, y: at.y * METRES }))
}
