//! Distances from one position: quickly and nearly, with a known bound, and exactly where that decides.

use crate::domain::{Distance, Position};

/// Measures from one position.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ruler {
    origin: Position,
    /// Cosine and sine of the origin's latitude.
    cosine: f64,
    sine: f64,
}

/// By how much of itself a quick distance may be wrong. A test compares it with the exact one.
pub(super) const TOLERANCE: f64 = 0.002;

/// The same for what is not further away than [`NEAR`] metres: where a radius ends, few must be measured exactly.
const NEAR_TOLERANCE: f64 = 0.000_15;
const NEAR: f64 = 80_000.0;

/// By how much of itself a quick distance of about so many metres may be wrong.
fn tolerance(metres: f64) -> f64 {
    if metres <= NEAR { NEAR_TOLERANCE } else { TOLERANCE }
}

/// Beyond these degrees from the origin, and beyond this latitude, quick distances are not near enough.
const FAR_NORTH_SOUTH: f64 = 2.5;
const FAR_EAST_WEST: f64 = 4.5;
const POLAR: f64 = 62.0;

impl Ruler {
    pub fn new(origin: Position) -> Self {
        let (sine, cosine) = origin.lat().to_radians().sin_cos();
        Self { origin, cosine, sine }
    }

    /// The distance in metres, right within [`TOLERANCE`], and within a tenth of that when it is near.
    ///
    /// Source of the formula: 47 CFR 73.208(c) of the FCC, for distances up to 475 km: metres a degree of latitude and
    /// of longitude at the middle latitude, as series in multiples of it.
    pub fn quick(&self, latitude: f64, longitude: f64) -> f64 {
        let (north, east) = (latitude - self.origin.lat(), longitude - self.origin.lon());
        if north.abs() > FAR_NORTH_SOUTH || east.abs() > FAR_EAST_WEST || self.origin.lat().abs() > POLAR {
            return self.exact(latitude, longitude);
        }
        // The cosine of the middle latitude, by its series around the origin's: a tenth of the time of a cosine.
        let half = (north / 2.0).to_radians();
        let cosine = self.cosine * (1.0 - half * half / 2.0) - self.sine * half;
        let squared = cosine * cosine;
        let cosine_2 = 2.0 * squared - 1.0;
        let cosine_3 = cosine * (4.0 * squared - 3.0);
        let metres_north = north * (111_132.09 - 566.05 * cosine_2);
        let metres_east = east * (111_415.13 * cosine - 94.55 * cosine_3);
        (metres_north * metres_north + metres_east * metres_east).sqrt()
    }

    /// The geodesic distance in metres.
    pub fn exact(&self, latitude: f64, longitude: f64) -> f64 {
        // Positions of sessions were checked when they came in.
        Position::new(latitude, longitude).map_or(f64::INFINITY, |at| self.origin.distance_to(at).metres())
    }

    /// Whether a position, whose quick distance is given, lies within a distance: exactly.
    pub fn is_within(&self, quick: f64, radius: Distance, latitude: f64, longitude: f64) -> bool {
        let slack = radius.metres() * 2.0 * tolerance(quick.max(radius.metres()));
        match quick - radius.metres() {
            beyond if beyond > slack => false,
            beyond if beyond < -slack => true,
            _ => self.exact(latitude, longitude) <= radius.metres(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn quick_distances_are_right_within_the_tolerance(
            lat in -89.0..89.0f64, lon in -179.0..179.0f64, north in -3.0..3.0f64, east in -5.0..5.0f64,
            scale in prop::sample::select(vec![1.0, 0.1, 0.001, 0.000_01]),
        ) {
            let origin = Position::new(lat, lon)?;
            let (latitude, longitude) = ((lat + north * scale).clamp(-90.0, 90.0), (lon + east * scale).clamp(-180.0, 180.0));
            let ruler = Ruler::new(origin);
            let (quick, exact) = (ruler.quick(latitude, longitude), ruler.exact(latitude, longitude));
            // Far below a millimetre both only round.
            prop_assert!((quick - exact).abs() <= exact * tolerance(quick) + 1e-6, "{quick} is not about {exact}");
            for factor in [0.5, 0.999, 0.9999, 1.0, 1.0001, 1.001, 2.0] {
                if let Some(radius) = Distance::from_metres(exact * factor) {
                    prop_assert_eq!(ruler.is_within(quick, radius, latitude, longitude), exact <= radius.metres());
                }
            }
        }
    }
}
