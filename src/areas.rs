//! The outlines of areas in an R-tree: which municipality, district and neighbourhood a position lies in.
//!
//! [`outline`] checks outlines on their way in, [`AreaPatch`] is what one row of a file tells about an area. Reading
//! such files is the work of `crate::exchange`, keeping areas that of the store.

pub mod outline;
mod patch;

use geo::{BoundingRect, Intersects, MultiPolygon, Point};
use rstar::{AABB, RTree, RTreeObject};

use crate::domain::area::shape;
use crate::domain::{AreaCode, AreaKind, Position};

pub use outline::InvalidOutline;
pub use patch::{AreaPatch, UnnamedArea};

/// Every area with an outline, ready to be asked which ones hold a position.
pub struct AreaIndex {
    tree: RTree<Outlined>,
}

struct Outlined {
    code: AreaCode,
    outline: MultiPolygon,
    envelope: AABB<[f64; 2]>,
}

impl RTreeObject for Outlined {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        self.envelope
    }
}

impl AreaIndex {
    /// Builds the index of outlines that [`outline::check`] let in; what has no extent is left out.
    ///
    /// All are loaded into the tree at once (rstar's overlap-minimising bulk load), which makes it both quick to build
    /// and quick to ask.
    pub fn new(areas: impl IntoIterator<Item = (AreaCode, geojson::Geometry)>) -> Self {
        let outlined = areas.into_iter().filter_map(|(code, geometry)| {
            let outline = shape(&geometry)?;
            let bounds = outline.bounding_rect()?;
            let envelope = AABB::from_corners(bounds.min().into(), bounds.max().into());
            Some(Outlined { code, outline, envelope })
        });
        Self { tree: RTree::bulk_load(outlined.collect()) }
    }

    /// The areas that a position lies in: municipality, district, neighbourhood, as far as they are known.
    ///
    /// The smallest area decides, and its code tells the wider ones, so that the answer never contradicts itself
    /// where outlines of two levels were simplified differently. A border belongs to the areas on both sides of it;
    /// of these the one with the smallest code is taken, so there is at most one of each level.
    pub fn locate(&self, at: Position) -> Vec<AreaCode> {
        let point = Point::from(at);
        let around = AABB::from_point([point.x(), point.y()]);
        let mut found: Option<&AreaCode> = None;
        for area in self.tree.locate_in_envelope_intersecting(&around) {
            let better = found.is_none_or(|best| rank(&area.code) < rank(best));
            if better && area.outline.intersects(&point) {
                found = Some(&area.code);
            }
        }
        let mut codes = found.map(AreaCode::with_parents).unwrap_or_default();
        codes.reverse();
        codes
    }

    /// How many areas have an outline.
    pub fn len(&self) -> usize {
        self.tree.size()
    }

    /// Whether no area has an outline.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The smaller level first, then the smaller code.
fn rank(code: &AreaCode) -> (std::cmp::Reverse<AreaKind>, &AreaCode) {
    (std::cmp::Reverse(code.kind()), code)
}

#[cfg(test)]
mod tests;
