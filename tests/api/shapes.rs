//! A thousand circles, boxes and regions, held against a plain count of every place.

use fastrand::Rng;
use geo::{Geodesic, Intersects, LineString, Point, Polygon, line_measures::Distance};
use serde_json::{Value, json};

use crate::harness::app::TestApp;
use crate::harness::{offering, shared, with};

/// How many shapes of each kind are asked for: a thousand in all.
const EACH: usize = 334;

/// How many places are made up; `WEGWIJZER_TEST_PLACES` asks for another number.
fn made_up() -> usize {
    std::env::var("WEGWIJZER_TEST_PLACES").ok().and_then(|number| number.parse().ok()).unwrap_or(5_000)
}

#[test]
fn the_802_places_of_amsterdam_are_in_the_shapes_that_a_plain_count_says() {
    let Some(file) = shared("geo/amsterdam-voorzieningen.geojson") else { return };
    let features: Value = serde_json::from_slice(&std::fs::read(file).expect("read")).expect("JSON");
    let places = features["features"].as_array().expect("features").iter().map(|feature| {
        let at = &feature["geometry"]["coordinates"];
        Point::new(at[0].as_f64().expect("longitude"), at[1].as_f64().expect("latitude"))
    });
    let places: Vec<_> = places.collect();
    assert_eq!(places.len(), 802);
    compare(&places, 802);
}

#[test]
fn made_up_places_are_in_the_shapes_that_a_plain_count_says() {
    let mut random = Rng::with_seed(4);
    let places = (0..made_up()).map(|_| {
        // Towns, the land between them, and some that share a building.
        let town = [(4.89, 52.37), (4.48, 51.92), (6.57, 53.22), (5.69, 50.85)][random.usize(..4)];
        let wide = if random.u8(..10) == 0 { 1.0 } else { 0.04 };
        let near = |middle: f64, random: &mut Rng| middle + (random.f64() + random.f64() - 1.0) * wide;
        let (x, y) = (near(town.0, &mut random), near(town.1, &mut random));
        let digits = if random.bool() { 1e3 } else { 1e6 };
        Point::new((x * digits).round() / digits, (y * digits).round() / digits)
    });
    compare(&places.collect::<Vec<_>>(), 4);
}

fn compare(places: &[Point], seed: u64) {
    let drafts = places.iter().enumerate().map(|(number, at)| {
        let place = json!({ "type": "physical", "position": { "latitude": at.y(), "longitude": at.x() } });
        with(offering(&number.to_string()), json!({ "sessions": [{ "place": place }] }))
    });
    let app = TestApp::with(drafts);
    let mut random = Rng::with_seed(seed);
    let mut hits = 0;
    for number in 0..EACH {
        let centre = places[random.usize(..places.len())];
        // From a street to a province, and sometimes nothing at all.
        let metres = (50.0 * 1_000f64.powf(random.f64())).round();
        let degrees = metres / 80_000.0;
        let off = |random: &mut Rng| (random.f64() - 0.5) * degrees;
        let centre = Point::new(round(centre.x() + off(&mut random)), round(centre.y() + off(&mut random)));

        let near = format!("near={},{}&radius={metres}&sort=distance", centre.y(), centre.x());
        let found = app.get(&format!("/v1/offerings?{near}&pageSize=100")).ok();
        // A degree of latitude is at least 110,574 metres.
        let may_be_near = |at: &Point| (at.y() - centre.y()).abs() <= metres / 110_000.0;
        let in_circle = |at: &Point| may_be_near(at) && Geodesic.distance(*at, centre) <= metres;
        hits += same(&found, places, in_circle, &near);
        let distances: Vec<_> = found["hits"].as_array().expect("hits").iter().map(|hit| &hit["distance"]).collect();
        assert!(distances.is_sorted_by_key(|metres| metres.as_u64()), "the nearest first: {near}");

        let (west, south) = (centre.x() - random.f64() * degrees, centre.y() - random.f64() * degrees);
        let (east, north) = (centre.x() + random.f64() * degrees, centre.y() + random.f64() * degrees);
        let bbox = format!("bbox={west},{south},{east},{north}");
        let found = app.get(&format!("/v1/offerings?{bbox}&pageSize=100")).ok();
        let in_box = |at: &Point| (west..=east).contains(&at.x()) && (south..=north).contains(&at.y());
        hits += same(&found, places, in_box, &bbox);

        let rays = random.usize(3..40);
        let mut ring: Vec<_> = (0..rays)
            .map(|ray| {
                let (angle, length) = (ray as f64 / rays as f64 * std::f64::consts::TAU, random.f64() + 0.05);
                (centre.x() + degrees * length * angle.cos(), centre.y() + degrees * length * angle.sin())
            })
            .collect();
        ring.push(ring[0]);
        let within = json!({ "type": "Polygon", "coordinates": [ring] });
        let found = app.post("/v1/offerings/_search", &json!({ "within": within, "pageSize": 100 })).ok();
        let region = Polygon::new(LineString::from(ring), Vec::new());
        hits += same(&found, places, |at| region.intersects(at), &format!("region {number}"));
    }
    assert!(hits > 10 * EACH, "the shapes hold something: {hits}");
}

/// As people copy it from a map.
fn round(degrees: f64) -> f64 {
    (degrees * 1e5).round() / 1e5
}

/// Compares a page with the places that a test lets pass, and says how many these are.
fn same(page: &Value, places: &[Point], test: impl Fn(&Point) -> bool, what: &str) -> usize {
    let inside: Vec<_> = places.iter().enumerate().filter(|(_, at)| test(at)).map(|(number, _)| number).collect();
    assert_eq!(page["total"], inside.len(), "{what}");
    if inside.len() <= 100 {
        let name = |hit: &Value| hit["offering"]["name"].as_str().and_then(|name| name.parse::<usize>().ok());
        let mut found: Vec<_> =
            page["hits"].as_array().expect("hits").iter().map(|hit| name(hit).expect("a number")).collect();
        found.sort_unstable();
        assert_eq!(found, inside, "{what}");
    }
    inside.len()
}
