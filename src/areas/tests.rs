use std::collections::BTreeMap;

use geo::{Distance, Euclidean, HasDimensions};
use geojson::Geometry;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn geometry(kind: &str, coordinates: Value) -> Geometry {
    serde_json::from_value(json!({ "type": kind, "coordinates": coordinates })).expect("a geometry")
}

fn square(west: f64, south: f64, size: f64) -> Geometry {
    let (east, north) = (west + size, south + size);
    geometry("Polygon", json!([[[west, south], [east, south], [east, north], [west, north], [west, south]]]))
}

fn code(text: &str) -> AreaCode {
    text.parse().expect(text)
}

fn found(index: &AreaIndex, lat: f64, lon: f64) -> Vec<String> {
    index.locate(Position::new(lat, lon).expect("on earth")).into_iter().map(String::from).collect()
}

#[test]
fn a_position_lies_in_its_neighbourhood_and_in_what_that_is_part_of() {
    // Numbers that are exact in binary, so that the border is one line.
    let mut areas = [
        (code("GM0363"), square(4.0, 52.0, 1.0)),
        (code("WK0363AK"), square(4.125, 52.125, 0.5)),
        (code("BU0363AK05"), square(4.25, 52.25, 0.125)),
        (code("BU0363AK06"), square(4.375, 52.25, 0.125)),
    ];
    for _ in 0..2 {
        let index = AreaIndex::new(areas.iter().cloned());
        assert_eq!(index.len(), 4);
        assert_eq!(found(&index, 52.3, 4.3), ["GM0363", "WK0363AK", "BU0363AK05"]);
        assert_eq!(found(&index, 52.2, 4.2), ["GM0363", "WK0363AK"]);
        assert_eq!(found(&index, 52.9, 4.9), ["GM0363"]);
        assert!(found(&index, 53.5, 4.9).is_empty());
        // On the border of both the smaller code wins, whatever the order.
        assert_eq!(found(&index, 52.3, 4.375), ["GM0363", "WK0363AK", "BU0363AK05"]);
        areas.reverse();
    }
}

#[test]
fn an_outline_of_the_neighbourhood_alone_tells_the_wider_areas() {
    let index = AreaIndex::new([(code("BU0363AK05"), square(4.3, 52.3, 0.1))]);
    assert_eq!(found(&index, 52.35, 4.35), ["GM0363", "WK0363AK", "BU0363AK05"]);
}

#[test]
fn a_hole_is_outside() {
    let ring = |a: f64, b: f64| json!([[a, a], [b, a], [b, b], [a, b], [a, a]]);
    let index = AreaIndex::new([(code("GM0001"), geometry("Polygon", json!([ring(0.0, 9.0), ring(3.0, 6.0)])))]);
    assert_eq!(found(&index, 1.0, 1.0), ["GM0001"]);
    assert!(found(&index, 4.5, 4.5).is_empty());
}

#[test]
fn what_is_no_outline_is_told() {
    let cases = [
        (geometry("Point", json!([4.9, 52.3])), "not a Point"),
        (geometry("MultiPolygon", json!([])), "empty"),
        (geometry("Polygon", json!([])), "empty"),
        (geometry("Polygon", json!([[[4.9, 52.3], [5.0, 52.3], [4.9, 52.3]]])), "2 different points"),
        (geometry("Polygon", json!([[[4.9, 52.3], [5.0, 52.3], [5.1, 52.3], [4.9, 52.3]]])), "no area"),
        (geometry("Polygon", json!([[[52.3, 4.9], [52.3, 5.0], [52.4, 5.0], [52.3, 4.9]]])), "swapped"),
        (geometry("Polygon", json!([[[121000, 487000], [121900, 487000], [121900, 487900]]])), "EPSG:28992"),
        (geometry("Polygon", json!([[[4.9, 152.3], [5.0, 52.3], [5.0, 52.4]]])), "'4.9,152.3' is not a position"),
        (geometry("Polygon", json!([[[4.9], [5.0], [5.1]]])), "'4.9' is not a position"),
    ];
    for (outline, reason) in cases {
        let error = outline::check(outline.clone()).expect_err(reason).to_string();
        assert!(error.contains(reason), "{outline}: {error}");
        // What is not checked does not bring the index down.
        let _ = AreaIndex::new([(code("GM0001"), outline)]);
    }
}

#[test]
fn an_open_ring_is_closed() {
    let open = geometry("Polygon", json!([[[4.9, 52.3], [5.0, 52.3], [5.0, 52.4]]]));
    let closed = geometry("Polygon", json!([[[4.9, 52.3], [5.0, 52.3], [5.0, 52.4], [4.9, 52.3]]]));
    assert_eq!(outline::check(open), Ok(closed.clone()));
    assert_eq!(outline::check(closed.clone()), Ok(closed));
}

#[test]
fn a_patch_adds_to_what_is_known_and_changes_nothing_the_second_time() {
    let outlined = AreaPatch {
        code: code("BU0363FJ01"),
        name: Some("Reimerswaal".into()),
        aliases: Vec::new(),
        year: Some(2024),
        statistics: BTreeMap::from([("inwoners".into(), json!(2405))]),
        outline: Some(square(4.8, 52.3, 0.1)),
    };
    let alias = AreaPatch {
        name: None,
        aliases: vec!["Reimerswaalbuurt".into()],
        year: None,
        statistics: BTreeMap::from([("stadsdeel".into(), json!("Nieuw-West"))]),
        outline: None,
        ..outlined.clone()
    };
    assert_eq!(alias.clone().merge(None), Err(UnnamedArea(code("BU0363FJ01"))));

    let area = outlined.clone().merge(None).expect("it has a name").expect("it is new");
    assert_eq!(outlined.merge(Some(area.clone())), Ok(None));
    let both = alias.clone().merge(Some(area.clone())).expect("known").expect("changed");
    assert_eq!((both.aliases.as_slice(), both.outline.is_some()), (["Reimerswaalbuurt".to_owned()].as_slice(), true));
    assert_eq!(both.statistics.len(), 2);
    assert_eq!(alias.merge(Some(both)), Ok(None));
}

/// Polygons like real ones: a ring of points around a middle, not always convex.
fn star() -> impl Strategy<Value = Geometry> {
    (4.0..6.0f64, 51.0..53.0f64, prop::collection::vec(0.02..0.5f64, 3..12)).prop_map(|(lon, lat, radii)| {
        let count = radii.len() as f64;
        let point = |(at, radius): (usize, &f64)| {
            let angle = std::f64::consts::TAU * at as f64 / count;
            json!([lon + radius * angle.cos(), lat + radius * angle.sin()])
        };
        geometry("Polygon", json!([radii.iter().enumerate().map(point).collect::<Vec<_>>()]))
    })
}

proptest! {
    #[test]
    fn the_index_finds_what_looking_at_every_outline_finds(
        outlines in prop::collection::vec(star(), 0..40),
        points in prop::collection::vec((50.5..53.5f64, 3.5..6.5f64), 1..20),
    ) {
        let areas: Vec<_> = outlines
            .into_iter()
            .enumerate()
            .filter_map(|(at, outline)| {
                let level = match at % 3 {
                    0 => format!("GM{at:04}"),
                    1 => format!("WK{at:04}00"),
                    _ => format!("BU{at:04}0000"),
                };
                Some((code(&level), outline::check(outline).ok()?))
            })
            .collect();
        let index = AreaIndex::new(areas.iter().cloned());
        for (lat, lon) in points {
            let at = Position::new(lat, lon).expect("on earth");
            let point = Point::from(at);
            // Another way to be inside: no distance to the polygon.
            let holds = |outline: &Geometry| {
                let shape = shape(outline).expect("checked");
                !shape.is_empty() && Euclidean.distance(&point, &shape) == 0.0
            };
            let mut holding: Vec<_> =
                areas.iter().filter_map(|(code, outline)| holds(outline).then_some(code)).collect();
            holding.sort_by_key(|code| rank(code));
            let mut expected = holding.first().map(|code| code.with_parents()).unwrap_or_default();
            expected.reverse();
            prop_assert_eq!(index.locate(at), expected);
        }
    }
}
