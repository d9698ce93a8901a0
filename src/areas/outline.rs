//! What an outline must be: a Polygon or MultiPolygon with an area, in WGS 84 degrees, longitude first.

use geo::Area;
use geojson::{Geometry, GeometryValue};

use crate::domain::Position;
use crate::domain::area::shape;

/// Why an outline is refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum InvalidOutline {
    /// It is a point, a line or a mixture.
    #[error("an outline is a Polygon or a MultiPolygon, not a {0}")]
    NotAnArea(&'static str),
    /// There is no ring in it.
    #[error("the outline is empty")]
    Empty,
    /// A position is not on earth.
    #[error("'{0}' is not a position: give longitude and latitude in degrees, as [4.9294,52.3696]")]
    Position(String),
    /// The positions are metres of the Dutch grid.
    #[error("'{0}' looks like RD coordinates (EPSG:28992): convert the file to WGS 84 (EPSG:4326) first")]
    Metres(String),
    /// Latitude stands first.
    #[error("'{0}' lies in the Netherlands only when swapped: GeoJSON has longitude first, as [4.9294,52.3696]")]
    Swapped(String),
    /// A ring is a point or a line.
    #[error("a ring of the outline has {0} different points; at least 3 are needed")]
    RingTooShort(usize),
    /// All rings together enclose nothing.
    #[error("the outline encloses no area")]
    NoArea,
}

/// Checks an outline and closes rings that are open; positions and their order stay as they are.
pub fn check(mut geometry: Geometry) -> Result<Geometry, InvalidOutline> {
    match &mut geometry.value {
        GeometryValue::Polygon { coordinates } => check_polygon(coordinates)?,
        GeometryValue::MultiPolygon { coordinates } => {
            if coordinates.is_empty() {
                return Err(InvalidOutline::Empty);
            }
            for polygon in coordinates {
                check_polygon(polygon)?;
            }
        }
        other => return Err(InvalidOutline::NotAnArea(other.type_name())),
    }
    match shape(&geometry) {
        Some(shape) if shape.unsigned_area() > 0.0 => Ok(geometry),
        _ => Err(InvalidOutline::NoArea),
    }
}

fn check_polygon(rings: &mut [Vec<geojson::Position>]) -> Result<(), InvalidOutline> {
    if rings.is_empty() {
        return Err(InvalidOutline::Empty);
    }
    for ring in rings {
        for position in &*ring {
            check_position(position.as_slice())?;
        }
        if let Some(first) = ring.first().filter(|first| ring.last() != Some(first)).cloned() {
            ring.push(first);
        }
        let mut different: Vec<_> =
            ring.iter().map(|position| (position[0].to_bits(), position[1].to_bits())).collect();
        different.sort_unstable();
        different.dedup();
        if different.len() < 3 {
            return Err(InvalidOutline::RingTooShort(different.len()));
        }
    }
    Ok(())
}

fn check_position(numbers: &[f64]) -> Result<(), InvalidOutline> {
    let given = || numbers.iter().map(f64::to_string).collect::<Vec<_>>().join(",");
    let &[lon, lat, ..] = numbers else { return Err(InvalidOutline::Position(given())) };
    let Ok(at) = Position::new(lat, lon) else {
        // The extent of the Dutch grid in metres, generously.
        let metres = (0.0..300_000.0).contains(&lon) && (280_000.0..650_000.0).contains(&lat);
        return Err(if metres { InvalidOutline::Metres(given()) } else { InvalidOutline::Position(given()) });
    };
    let swapped = Position::new(lon, lat).is_ok_and(Position::is_near_the_netherlands);
    if swapped && !at.is_near_the_netherlands() {
        return Err(InvalidOutline::Swapped(given()));
    }
    Ok(())
}
