//! Where a session must be: near a position, in a box, in an area or for one.

use std::sync::Arc;

use crate::domain::{BoundingBox, Distance, Position, Region};

use super::SearchError;
use super::columns::{Columns, KeptArea};
use super::facts::AreaKey;
use super::query::PlaceFilter;
use super::ruler::{Ruler, TOLERANCE};
use super::snapshot::Snapshot;

/// What a place filter asks of a session.
pub(super) struct PlaceTest {
    near: Option<(Ruler, Option<Distance>)>,
    /// The box outside of which nothing fits: the asked one, or one around the radius.
    bounds: Option<BoundingBox>,
    /// South, west, north and east of the asked box and of the box around the radius: everywhere when neither is given.
    edges: [f64; 4],
    within: Option<Arc<Region>>,
    areas: Vec<AreaKey>,
    /// Where who asks lives, with the areas that hold it: what comes to homes there is found.
    home: Option<(Position, Vec<AreaKey>)>,
    /// The asked areas, to be held against the regions that sessions are for.
    kept_areas: Vec<Arc<KeptArea>>,
}

impl PlaceTest {
    pub fn new(snapshot: &Snapshot, place: &PlaceFilter) -> Result<Self, SearchError> {
        let around = place.near.and_then(|near| Some(BoundingBox::around(near.position, near.radius?)));
        let mut edges = [f64::NEG_INFINITY, f64::NEG_INFINITY, f64::INFINITY, f64::INFINITY];
        let within = place.within.as_deref().map(|region| *region.bounds());
        for bounds in [place.bbox, around, within].into_iter().flatten() {
            let (south_west, north_east) = (bounds.south_west(), bounds.north_east());
            edges = [
                edges[0].max(south_west.lat()),
                edges[1].max(south_west.lon()),
                edges[2].min(north_east.lat()),
                edges[3].min(north_east.lon()),
            ];
        }
        let home = place.home().filter(|_| snapshot.columns.iter().any(|columns| !columns.come_home.is_empty()));
        let with_areas = |at| Ok::<_, SearchError>((at, snapshot.areas_at(at)?.iter().map(AreaKey::new).collect()));
        let home = home.map(with_areas).transpose()?;
        let mut kept_areas = Vec::new();
        for area in place.areas.iter().filter(|_| snapshot.columns.iter().any(|columns| columns.has_service_regions()))
        {
            let address = snapshot.address(snapshot.fields.area_key(area))?;
            kept_areas.extend(address.map(|address| snapshot.kept_area(address)).transpose()?);
        }
        Ok(Self {
            near: place.near.map(|near| (Ruler::new(near.position), near.radius)),
            // The narrowest would do best; a region is drawn to be narrow.
            bounds: within.or(place.bbox).or(around),
            within: place.within.clone(),
            edges,
            areas: place.areas.iter().map(AreaKey::new).collect(),
            home,
            kept_areas,
        })
    }

    /// The quick distance of a session when it is in the asked place; infinite without a position, as of one that
    /// comes to one's home.
    pub fn distance(&self, columns: &Columns, at: usize) -> Option<f64> {
        if self.near.is_none() && self.bounds.is_none() && self.areas.is_empty() {
            return Some(f64::INFINITY);
        }
        let comes_home = || self.home.as_ref().is_some_and(|(home, areas)| columns.comes_to(at, *home, areas));
        let distance = self.distance_of(columns.positions[at]).or_else(|| comes_home().then_some(f64::INFINITY))?;
        let in_area = |area: &AreaKey| {
            columns.areas(at).iter().any(|own| area.includes(*own))
                || columns.service_areas(at).iter().any(|own| area.includes(*own) || own.includes(*area))
        };
        let is_for_them =
            || columns.service_region(at).is_some_and(|own| self.kept_areas.iter().any(|area| meets(area, own)));
        (self.areas.is_empty() || self.areas.iter().any(in_area) || is_for_them()).then_some(distance)
    }

    /// The quick distance of a position when radius and box hold it; infinite when it is NaN and neither is asked.
    pub fn distance_of(&self, [latitude, longitude]: [f64; 2]) -> Option<f64> {
        if !self.is_in_box([latitude, longitude]) {
            return None;
        }
        if let Some(region) = &self.within
            && !Position::new(latitude, longitude).is_ok_and(|at| region.contains(at))
        {
            return None;
        }
        let Some((ruler, radius)) = self.near.as_ref().filter(|_| !latitude.is_nan()) else {
            return Some(f64::INFINITY);
        };
        let distance = ruler.quick(latitude, longitude);
        let is_near = radius.is_none_or(|radius| ruler.is_within(distance, radius, latitude, longitude));
        is_near.then_some(distance)
    }

    /// Whether the box outside of which nothing fits holds a position; all do when there is none.
    fn is_in_box(&self, [latitude, longitude]: [f64; 2]) -> bool {
        // Comparisons with NaN are false.
        let [south, west, north, east] = self.edges;
        self.bounds.is_none() || south <= latitude && latitude <= north && west <= longitude && longitude <= east
    }

    /// Whether every position of a box is in the asked place. A circle bulges between its points, so the box is when
    /// its corners are; the tolerance of quick distances is wider than what the earth's curve takes from that.
    pub fn holds(&self, [south_west, north_east]: [[f64; 2]; 2]) -> bool {
        let position = |[latitude, longitude]: [f64; 2]| Position::new(latitude, longitude).ok();
        if let Some(region) = &self.within {
            match position(south_west).zip(position(north_east)) {
                Some((south_west, north_east)) if region.holds(south_west, north_east) => {}
                _ => return false,
            }
        }
        let corners = [south_west, north_east, [south_west[0], north_east[1]], [north_east[0], south_west[1]]];
        let is_near = |[latitude, longitude]: [f64; 2]| match self.near {
            Some((ruler, Some(radius))) => ruler.quick(latitude, longitude) < radius.metres() * (1.0 - 2.0 * TOLERANCE),
            _ => true,
        };
        corners.into_iter().all(|corner| self.is_in_box(corner) && is_near(corner))
    }

    /// The exact distance of a session, when there is something to measure.
    pub fn exact_distance(&self, columns: &Columns, at: usize) -> Option<f64> {
        let (ruler, _) = self.near.as_ref().filter(|_| columns.has_position(at))?;
        let [latitude, longitude] = columns.positions[at];
        Some(ruler.exact(latitude, longitude))
    }

    /// The box outside of which nothing fits.
    pub fn bounds(&self) -> Option<&BoundingBox> {
        self.bounds.as_ref()
    }

    /// The asked areas.
    pub fn areas(&self) -> &[AreaKey] {
        &self.areas
    }
}

/// Whether a position in an area lies in a region, or one in the region in the area.
fn meets(area: &KeptArea, region: &Region) -> bool {
    let inside = geo::Point::from(region.inside());
    area.inside.is_some_and(|inside| region.contains(inside))
        || area.outline.as_ref().is_some_and(|outline| geo::Intersects::intersects(outline, &inside))
}
