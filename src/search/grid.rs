//! Which documents lie where: squares of about 280 metres, and the documents in each.

use crate::domain::BoundingBox;

/// The height of a square in degrees: about 280 metres.
const HEIGHT: f64 = 0.0025;
/// The width of a square in degrees: about 270 metres at 52 degrees north.
const WIDTH: f64 = 0.004;

/// The squares in which a segment has positions.
#[derive(Default)]
pub(super) struct Grid {
    /// Rows from south to north, and in each row from west to east.
    squares: Vec<Extent>,
    /// The document of each position, square by square.
    documents: Vec<u32>,
    /// The latitude and longitude of each.
    positions: Vec<[f64; 2]>,
}

/// A square, and which positions lie in it.
struct Extent {
    row: u32,
    column: u32,
    start: u32,
    end: u32,
}

/// What lies in a square.
pub(super) struct Square<'g> {
    row: u32,
    column: u32,
    /// A document comes as often as it has positions here.
    pub documents: &'g [u32],
    /// The latitude and longitude of each.
    pub positions: &'g [[f64; 2]],
}

impl Grid {
    /// Lays out the positions of documents.
    pub fn new(positions: impl Iterator<Item = (u32, [f64; 2])>) -> Self {
        let place = |(document, at): (u32, [f64; 2])| ((row(at[0]), column(at[1])), document, at);
        let mut all: Vec<_> = positions.map(place).collect();
        all.sort_unstable_by_key(|(square, document, _)| (*square, *document));
        let mut squares = Vec::new();
        let mut end = 0;
        for some in all.chunk_by(|(a, ..), (b, ..)| a == b) {
            let ((row, column), start) = (some[0].0, end);
            end += some.len() as u32;
            squares.push(Extent { row, column, start, end });
        }
        let documents = all.iter().map(|(_, document, _)| *document).collect();
        Self { squares, documents, positions: all.into_iter().map(|(_, _, at)| at).collect() }
    }

    /// What lies in each square that a box touches, row by row.
    pub fn squares(&self, bounds: &BoundingBox) -> impl Iterator<Item = Square<'_>> {
        let (south_west, north_east) = (bounds.south_west(), bounds.north_east());
        let (first, last) = (row(south_west.lat()), row(north_east.lat()));
        let columns = column(south_west.lon())..=column(north_east.lon());
        let rows = &self.squares[self.squares.partition_point(|square| square.row < first)..];
        // Few squares of a row have anything, so all of them are looked at.
        let rows = rows.iter().take_while(move |square| square.row <= last);
        rows.filter(move |square| columns.contains(&square.column)).map(|square| {
            let inside = square.start as usize..square.end as usize;
            Square {
                row: square.row,
                column: square.column,
                documents: &self.documents[inside.clone()],
                positions: &self.positions[inside],
            }
        })
    }

    /// How many positions lie in the squares that a box touches.
    pub fn count(&self, bounds: &BoundingBox) -> usize {
        self.squares(bounds).map(|square| square.documents.len()).sum()
    }

    /// How many positions there are.
    pub fn len(&self) -> usize {
        self.documents.len()
    }
}

impl<'g> Square<'g> {
    /// Its south-west and its north-east corner: the latitude and longitude of each.
    pub fn corners(&self) -> [[f64; 2]; 2] {
        let corner = |row, column| [f64::from(row) * HEIGHT - 90.0, f64::from(column) * WIDTH - 180.0];
        [corner(self.row, self.column), corner(self.row + 1, self.column + 1)]
    }

    /// The documents with a position here that passes a test.
    pub fn documents_where(self, test: impl Fn([f64; 2]) -> bool + 'g) -> impl Iterator<Item = u32> + 'g {
        let both = self.documents.iter().zip(self.positions);
        both.filter(move |(_, at)| test(**at)).map(|(document, _)| *document)
    }
}

fn row(latitude: f64) -> u32 {
    ((latitude + 90.0) / HEIGHT) as u32
}

fn column(longitude: f64) -> u32 {
    ((longitude + 180.0) / WIDTH) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Position;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_box_visits_all_that_lies_in_it(
            places in prop::collection::vec((-90.0..=90.0f64, -180.0..=180.0f64), 0..40),
            near in prop::collection::vec((52.3..52.4f64, 4.8..5.0f64), 0..40),
            (south, north) in (-90.0..=90.0f64, -90.0..=90.0f64),
            (west, east) in (-180.0..=180.0f64, -180.0..=180.0f64),
        ) {
            let places: Vec<_> =
                places.into_iter().chain(near).filter_map(|(lat, lon)| Position::new(lat, lon).ok()).collect();
            let grid = Grid::new((0..).zip(&places).map(|(document, at)| (document, [at.lat(), at.lon()])));
            let corners = |south: f64, west: f64, north: f64, east: f64| {
                BoundingBox::new(
                    Position::new(south.min(north), west.min(east)).ok()?,
                    Position::new(south.max(north), west.max(east)).ok()?,
                )
            };
            for bounds in [corners(south, west, north, east), corners(52.33, 4.85, 52.37, 4.93)].into_iter().flatten() {
                let mut seen = Vec::new();
                for square in grid.squares(&bounds) {
                    let [[south, west], [north, east]] = square.corners();
                    let is_inside = |[lat, lon]: [f64; 2]| {
                        // A corner is rounded.
                        (south - 1e-9..=north + 1e-9).contains(&lat) && (west - 1e-9..=east + 1e-9).contains(&lon)
                    };
                    prop_assert!(square.positions.iter().all(|at| is_inside(*at)));
                    seen.extend(square.documents);
                }
                for (document, at) in (0..).zip(&places) {
                    prop_assert!(!bounds.contains(*at) || seen.contains(&document), "{at} in {bounds:?}");
                }
            }
        }
    }
}
