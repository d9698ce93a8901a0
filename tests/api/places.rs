//! Places by what people call them, as somewhere to measure from.

use serde_json::{Value, json};
use url::form_urlencoded::byte_serialize;
use wegwijzer::directory::{PostcodeImporter, restore};
use wegwijzer::domain::{Area, EntityKind};
use wegwijzer::exchange::{self, Format, Input};
use wegwijzer::store::Actor;

use crate::harness::app::{Answer, TestApp};
use crate::harness::{TestDatabase, offering, shared, vocabulary, with};

fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

fn near(app: &TestApp, place: &str) -> Answer {
    app.get(&format!("/v1/offerings?near={}&sort=distance", encoded(place)))
}

/// The codes of the places that are called so.
fn codes(app: &TestApp, name: &str) -> Vec<String> {
    let answer = app.get(&format!("/v1/places?q={}", encoded(name))).ok();
    let items = answer["items"].as_array().expect("items").clone();
    items.iter().map(|item| item["code"].as_str().expect("a code").to_owned()).collect()
}

#[test]
fn the_sample_neighbourhoods_are_found_under_every_name() {
    let app = TestApp::shared_demo();
    for (code, official, names) in [
        ("BU0363FJ01", "Reimerswaal", vec!["reimerswaal", "Reimerswaalbuurt", "REIMERSWAALBUURT, Amsterdam"]),
        ("BU0363AK05", "Czaar Peterbuurt", vec!["czaar peter", "Czaar-Peterbuurt", "amsterdam czaar peterbuurt"]),
        ("BU0363TE03", "G-buurt-Noord", vec!["g-buurt noord", "G buurt Noord", "BU0363TE03"]),
        ("BU0363NH02", "De Kleine Wereld", vec!["de kleine wereld"]),
    ] {
        for name in names {
            let page = near(app, name).ok();
            let found = &page["near"];
            assert_eq!((&found["code"], &found["name"]), (&json!(code), &json!(official)), "{name}");
            assert_eq!((&found["kind"], &found["municipality"]), (&json!("buurt"), &json!("Amsterdam")), "{name}");
            assert!(page["hits"][0]["distance"].as_u64() < Some(1000), "{name}: {}", page["hits"][0]);
            for hit in page["hits"].as_array().expect("hits") {
                // A metre of the straight line is 1.3 metres of street, at 75 metres a minute.
                let minutes = hit["distance"].as_f64().map(|metres| (metres * 1.3 / 75.0).ceil()).filter(|m| *m < 60.0);
                let told = hit["walkingMinutes"].as_f64().filter(|minutes| *minutes < 60.0);
                // The distance is rounded to metres, which may be one minute.
                assert!(minutes.zip(told).is_none_or(|(a, b)| (a - b).abs() <= 1.0), "{hit}");
                assert_eq!(minutes.is_some(), told.is_some(), "{hit}");
            }
            // What is measured from is told, and measures the same.
            let (lat, lon) = (&found["position"]["latitude"], &found["position"]["longitude"]);
            let there = near(app, &format!("{lat},{lon}")).ok();
            assert_eq!((&there["hits"], &there["near"]), (&page["hits"], &Value::Null), "{name}");
        }
    }
    assert_eq!(codes(app, "reimers"), ["BU0363FJ01"]);
    assert_eq!(codes(app, "amsterdam")[0], "GM0363");
    assert_eq!(codes(app, "noord")[0], "WK0363NH", "what is called just so comes first");
    assert_eq!(codes(app, "!!"), [""; 0]);
    app.get("/v1/places").problem(400);
    app.get(&format!("/v1/places?q={}", "a".repeat(201))).problem(400);
}

#[test]
fn a_postcode_is_a_place_on_both_databases_and_can_be_taken_back() {
    let told = |file: &str| {
        let input = Input::new(std::io::Cursor::new(file.to_owned()), None).expect("it opens");
        let rows = exchange::postcodes::read(input, Format::Csv).expect("a file of postcodes");
        rows.collect::<Result<Vec<_>, _>>().expect("sound rows")
    };
    for database in TestDatabase::each() {
        let app = TestApp::on(&database.url);
        app.import([offering("Soep")]);
        let import = |file: &str, dry_run: bool| {
            let mut importer = PostcodeImporter::new(database.store(), "test");
            told(file).into_iter().for_each(|area| importer.add(area));
            let tally = importer.finish(dry_run).expect("taken in");
            app.settle();
            (tally.new, tally.changed, tally.same)
        };
        let whole =
            "pc6,lat,lon,plaats\n1069AB,52.36,4.79,Amsterdam\n1069 ac,52.38,4.81,\n1018NW,52.37,4.93,Amsterdam\n";
        near(&app, "1069").problem(400);
        assert_eq!(import(whole, true), (2, 0, 0));
        near(&app, "1069").problem(400);
        assert_eq!(import(whole, false), (2, 0, 0));
        assert_eq!(import(whole, false), (0, 0, 2));
        let at = |text: &str| {
            let place = near(&app, text).ok()["near"].clone();
            let degrees = |name: &str| place["position"][name].as_f64().expect("degrees");
            let code = place["code"].as_str().expect("a code").to_owned();
            (code, (degrees("latitude") * 1e4).round() / 1e4, (degrees("longitude") * 1e4).round() / 1e4)
        };
        assert_eq!(at("1069AB"), ("1069AB".to_owned(), 52.36, 4.79));
        assert_eq!(at("1069 ac"), ("1069AC".to_owned(), 52.38, 4.81));
        // What is known of the digits is the middle of their postcodes, also for one that is not known.
        assert_eq!(at("1069"), ("1069".to_owned(), 52.37, 4.8));
        assert_eq!(at("1069ZZ"), ("1069".to_owned(), 52.37, 4.8));
        assert_eq!(import("postcode;breedtegraad;lengtegraad\n1069;52,365;4,795\n", false), (0, 1, 0));
        assert_eq!(at("1069"), ("1069".to_owned(), 52.365, 4.795));
        assert_eq!(at("1069AB").0, "1069AB");
        assert_eq!(codes(&app, "1018nw"), ["1018NW"]);

        let store = database.store();
        let actor = Actor { name: "test".into(), reason: None };
        let history = store.history(EntityKind::Postcode, "1069").expect("read").expect("is there");
        restore(&store, &vocabulary(), history[0].change.number, &actor, false).expect("restored");
        store.request_reindex(&actor).expect("asked");
        app.settle();
        assert_eq!(at("1069"), ("1069".to_owned(), 52.37, 4.8));
    }
}

#[test]
fn a_row_that_is_no_postcode_is_refused_with_the_reason() {
    let read = |file: &str| {
        let input = Input::new(std::io::Cursor::new(file.to_owned()), None).expect("it opens");
        exchange::postcodes::read(input, Format::Csv).map(Iterator::collect::<Vec<_>>)
    };
    let rows = read(
        "postcode,latitude,longitude,gemeentecode\n0069AB,52.3,4.7,\n1069,4.79,52.36,\n1069,x,4.7,\n1069,0,0,GM1\n\n",
    );
    let told: Vec<String> = rows
        .expect("a file of postcodes")
        .into_iter()
        .map(|row| row.expect_err("refused").problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
        .collect();
    let expected = [["row 2", "0069AB"], ["row 3", "WGS 84"], ["row 4", "number of degrees"], ["row 5", "GM1"]];
    assert_eq!(told.len(), expected.len());
    for (told, parts) in told.iter().zip(expected) {
        assert!(parts.iter().all(|part| told.contains(part)), "{parts:?} is not in {told}");
    }
    assert!(read("naam,lat,lon\n").is_err());
    assert!(read("").is_err());
}

#[test]
fn every_postcode_of_the_country_comes_in() {
    let Some(file) = shared("geo/pc4.csv") else { return };
    let rows = exchange::postcodes::read(Input::open(&file).expect("it opens"), Format::Csv).expect("postcodes");
    let app = TestApp::with([offering("Soep")]);
    let mut importer = PostcodeImporter::new(app.store.clone(), "cbs");
    rows.for_each(|row| importer.add(row.expect("a sound row")));
    assert_eq!(importer.finish(false).expect("taken in").new, 4067);
    app.settle();
    let place = near(&app, "9901").ok()["near"].clone();
    assert_eq!((&place["kind"], &place["name"]), (&json!("postcode"), &json!("Appingedam")));
}

#[test]
fn a_name_of_several_places_is_asked_back() {
    let database = TestDatabase::sqlite();
    let app = TestApp::on(&database.url);
    let square = |code: &str, name: &str, alias: &str, west: f64| -> Area {
        let ring = [[west, 52.0], [west + 0.1, 52.0], [west + 0.1, 52.1], [west, 52.1], [west, 52.0]];
        let outline = json!({ "type": "Polygon", "coordinates": [ring] });
        let aliases: Vec<&str> = Some(alias).filter(|alias| !alias.is_empty()).into_iter().collect();
        let area = json!({ "code": code, "name": name, "aliases": aliases, "outline": outline });
        serde_json::from_value(area).expect("an area")
    };
    let areas = [
        square("GM0193", "Zwolle", "", 6.0),
        square("GM0363", "Amsterdam", "", 4.8),
        square("WK019310", "Centrum", "", 6.0),
        square("BU01931001", "Centrum", "", 6.0),
        square("WK0363AA", "Burgwallen", "Centrum", 4.8),
        square("WK0363AB", "Grachtengordel", "Centrum", 4.9),
        square("WK0363ZZ", "Centrum-Oost", "", 5.0),
        square("BU0363ZZ01", "Verspreide huizen", "", 5.0),
        square("BU0363YY01", "Verspreide huizen", "", 5.1),
    ];
    let actor = Actor { name: "test".into(), reason: None };
    database.store().save_areas(&areas, &actor).expect("saved");
    let place = json!({ "type": "physical", "position": { "latitude": 52.05, "longitude": 6.05 } });
    app.import([with(offering("Soep"), json!({ "sessions": [{ "place": place }] }))]);

    let problem = near(&app, "centrum").problem(400);
    let fault = &problem["errors"][0];
    let detail = fault["detail"].as_str().expect("a detail");
    assert_eq!(fault["pointer"], "/near");
    for told in ["Centrum, Zwolle (WK019310)", "Burgwallen, Amsterdam (WK0363AA)", "after a comma"] {
        assert!(detail.contains(told), "{told} is not in: {detail}");
    }
    // With its municipality there is one: the widest of those within each other.
    let page = near(&app, "Centrum, Zwolle").ok();
    assert_eq!((&page["near"]["code"], &page["hits"][0]["distance"]), (&json!("WK019310"), &json!(0)));
    // The parts of a larger part of a town are one place, between them.
    let middle = near(&app, "Amsterdam Centrum").ok()["near"]["position"]["longitude"].as_f64().expect("a number");
    assert!((middle - 4.9).abs() < 1e-6, "{middle}");
    // Two of one municipality that are officially called so stay two.
    let problem = near(&app, "Verspreide huizen, Amsterdam").problem(400)["errors"].to_string();
    assert!(problem.contains("BU0363YY01") && problem.contains("BU0363ZZ01"), "{problem}");
    // What is called nearly so is told, and all faults together.
    let problem = app.get("/v1/offerings?near=centrum-o&radius=0").problem(400);
    let details = problem["errors"].to_string();
    assert!(details.contains("Centrum-Oost, Amsterdam (WK0363ZZ)") && details.contains("/radius"), "{details}");
    for nonsense in ["nergens", "''", "1,2,3", "999", &"a".repeat(300)] {
        near(&app, nonsense).problem(400);
    }
}
