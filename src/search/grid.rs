//! Which documents lie where: squares of about 500 metres, and the documents in each.

use crate::domain::{BoundingBox, Position};

/// The height of a square in degrees: about 560 metres.
const HEIGHT: f64 = 0.005;
/// The width of a square in degrees: about 510 metres at 52 degrees north.
const WIDTH: f64 = 0.0075;

/// The squares in which a segment has positions.
#[derive(Default)]
pub(super) struct Grid {
    /// In the order of squares when finished: rows from south to north and in each row from west to east.
    entries: Vec<Entry>,
}

/// A session's position.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    square: u32,
    pub document: u32,
    pub latitude: f64,
    pub longitude: f64,
}

impl Grid {
    pub fn add(&mut self, at: Position, document: u32) {
        let square = square(row(at.lat()), column(at.lon()));
        self.entries.push(Entry { square, document, latitude: at.lat(), longitude: at.lon() });
    }

    pub fn finish(&mut self) {
        self.entries.sort_unstable_by_key(|entry| (entry.square, entry.document));
        self.entries.shrink_to_fit();
    }

    /// Calls with what lies in the squares that a box touches, row by row. A document may come more than once.
    pub fn visit(&self, bounds: &BoundingBox, mut visit: impl FnMut(&[Entry])) {
        let (south_west, north_east) = (bounds.south_west(), bounds.north_east());
        let (west, east) = (column(south_west.lon()), column(north_east.lon()));
        let (mut at, last) = (row(south_west.lat()), row(north_east.lat()));
        let mut rest = self.entries.as_slice();
        while at <= last && !rest.is_empty() {
            rest = &rest[rest.partition_point(|entry| entry.square < square(at, west))..];
            let end = rest.partition_point(|entry| entry.square <= square(at, east));
            visit(&rest[..end]);
            rest = &rest[end..];
            // Rows without any position are passed over at once.
            at = rest.first().map_or(at + 1, |entry| (entry.square >> 16).max(at + 1));
        }
    }

    /// Calls with the positions in the squares that a box touches, square by square, and the corners of each square: its
    /// south-west and its north-east.
    pub fn visit_squares(&self, bounds: &BoundingBox, mut visit: impl FnMut(&[Entry], [f64; 2], [f64; 2])) {
        self.visit(bounds, |entries| {
            for entries in entries.chunk_by(|a, b| a.square == b.square) {
                let (row, column) = (f64::from(entries[0].square >> 16), f64::from(entries[0].square & 0xffff));
                let corner = |row: f64, column: f64| [row * HEIGHT - 90.0, column * WIDTH - 180.0];
                visit(entries, corner(row, column), corner(row + 1.0, column + 1.0));
            }
        });
    }

    /// How many positions lie in the squares that a box touches.
    pub fn count(&self, bounds: &BoundingBox) -> usize {
        let mut count = 0;
        self.visit(bounds, |entries| count += entries.len());
        count
    }

    /// How many positions there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }
}

fn row(latitude: f64) -> u32 {
    ((latitude + 90.0) / HEIGHT) as u32
}

fn column(longitude: f64) -> u32 {
    ((longitude + 180.0) / WIDTH) as u32
}

/// Both numbers fit in 16 bits: 36,001 rows and 48,001 columns.
fn square(row: u32, column: u32) -> u32 {
    row << 16 | column
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_box_visits_all_that_lies_in_it(
            places in prop::collection::vec((-90.0..=90.0f64, -180.0..=180.0f64), 0..40),
            near in prop::collection::vec((52.3..52.4f64, 4.8..5.0f64), 0..40),
            (south, north) in (-90.0..=90.0f64, -90.0..=90.0f64),
            (west, east) in (-180.0..=180.0f64, -180.0..=180.0f64),
        ) {
            let mut grid = Grid::default();
            let places: Vec<_> =
                places.into_iter().chain(near).filter_map(|(lat, lon)| Position::new(lat, lon).ok()).collect();
            for (document, at) in (0..).zip(&places) {
                grid.add(*at, document);
            }
            grid.finish();
            let corners = |south: f64, west: f64, north: f64, east: f64| {
                BoundingBox::new(
                    Position::new(south.min(north), west.min(east)).ok()?,
                    Position::new(south.max(north), west.max(east)).ok()?,
                )
            };
            for bounds in [corners(south, west, north, east), corners(52.33, 4.85, 52.37, 4.93)].into_iter().flatten() {
                let mut seen = Vec::new();
                grid.visit(&bounds, |entries| seen.extend(entries.iter().map(|entry| entry.document)));
                for (document, at) in (0..).zip(&places) {
                    prop_assert!(!bounds.contains(*at) || seen.contains(&document), "{at} in {bounds:?}");
                }
            }
        }
    }
}
