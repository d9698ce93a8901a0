//! Finding offerings over HTTP. The exactness of filters, counts and orders is held by the property tests of `search`.

use serde_json::{Value, json};

use crate::harness::app::TestApp;
use crate::harness::{offering, with};

fn at(name: &str, lat: f64, lon: f64) -> Value {
    let place = json!({ "type": "physical", "position": { "latitude": lat, "longitude": lon } });
    with(offering(name), json!({ "sessions": [{ "place": place }] }))
}

#[test]
fn the_nearest_comes_first_when_a_position_is_given() {
    let app = TestApp::with([
        at("Verre soep", 52.40, 4.95),
        at("Soep op de hoek", 52.37, 4.93),
        at("Bibliotheek", 52.37, 4.92),
    ]);
    let answer = app.get("/v1/offerings?q=soep&near=52.37,4.92&sort=distance");
    assert_eq!(answer.names(), ["Soep op de hoek", "Verre soep"]);
    assert_eq!(answer.ok()["hits"][0]["distance"], 681);
}

#[test]
fn filters_hold_for_one_session_and_the_hit_shows_it() {
    let sessions = json!([
        { "label": "ver", "place": { "type": "physical", "position": { "latitude": 53.2, "longitude": 6.5 } }, "language": ["tr"] },
        { "label": "dichtbij", "place": { "type": "physical", "position": { "latitude": 52.37, "longitude": 4.92 } }, "language": ["nl"] },
    ]);
    let app = TestApp::with([with(offering("Taalcafé"), json!({ "sessions": sessions }))]);
    let near = "near=52.37,4.92&radius=500";
    assert_eq!(app.get(&format!("/v1/offerings?{near}&language=tr")).ok()["total"], 0);
    let page = app.get(&format!("/v1/offerings?{near}&language=nl")).ok();
    assert_eq!((&page["total"], &page["hits"][0]["session"]["label"]), (&1.into(), &"dichtbij".into()));
}

#[test]
fn unknown_is_not_free_is_counted_and_can_be_let_in_last() {
    let app = TestApp::with([
        offering("Aan de weet"),
        with(offering("Betaald"), json!({ "cost": { "category": "paid" } })),
        with(offering("Zonder kosten"), json!({ "cost": { "category": "free" } })),
    ]);
    let page = app.get("/v1/offerings?cost=free&facets=cost").ok();
    assert_eq!(page["total"], 1);
    assert_eq!(page["facets"]["cost"]["unknown"], 1);
    let answer = app.get("/v1/offerings?cost=free&includeUnknown=cost&sort=name");
    assert_eq!(answer.names(), ["Zonder kosten", "Aan de weet"]);
    assert_eq!(answer.ok()["hits"][1]["unknown"], json!(["cost"]));
}

#[test]
fn hidden_addresses_cannot_be_found_by_searching() {
    let secret = |visibility: &str| {
        json!({ "sessions": [{ "place": {
            "type": "physical", "name": "Het geheime huis", "visibility": visibility, "area": ["BU0363AK05"],
            "address": { "street": "Verborgenkade", "houseNumber": "77", "postcode": "1018NW", "city": "Amsterdam" },
            "position": { "latitude": 52.36987, "longitude": 4.92961 } } }] })
    };
    let nameless = |name: &str, visibility: &str| with(json!({ "name": name }), secret(visibility));
    let app = TestApp::with([
        nameless("Opvang", "secret"),
        nameless("Huiskamer", "neighbourhood"),
        nameless("Atelier", "street"),
    ]);
    assert_eq!(app.get("/v1/offerings?near=52.36987,4.92961&radius=5").ok()["total"], 0);
    assert_eq!(app.get("/v1/offerings?area=BU0363AK05&sort=name").names(), ["Atelier", "Huiskamer"]);
    assert_eq!(app.get("/v1/offerings?area=GM0363").ok()["total"], 3);
    let everything = app.get("/v1/offerings?near=52.36987,4.92961").text;
    for told in ["\"77\"", "52.36987", "1018NW"] {
        assert!(!everything.contains(told), "{told} is told");
    }
    assert_eq!(everything.matches("Verborgenkade").count(), 1, "only the one that shows its street");
    // An id that was made of the address would tell it to who tries all addresses.
    let told: Vec<_> = app.store.offerings_after(wegwijzer::domain::ItemNumber(0), 10).expect("read");
    for stored in told {
        let shown = app.get(&format!("/v1/offerings/{}", stored.id));
        assert!(!shown.text.contains("derived-"), "{}", shown.text);
    }
}

#[test]
fn an_offering_is_read_whole_in_the_asked_language_without_its_maintainer() {
    let app = TestApp::with([with(
        offering("Rouwcafé"),
        json!({
            "summary": "Praten over verlies.", "theme": ["grief"],
            "translations": [{ "language": "en", "origin": "human", "name": "Grief café", "summary": "Talk about loss." }],
            "maintainer": { "role": "Coördinator", "email": "intern@buurt.example" },
        }),
    )]);
    let hit = app.get("/v1/offerings?q=rouwcafe").ok()["hits"][0]["offering"].clone();
    let answer = app.get(&format!("/v1/offerings/{}", hit["id"].as_str().expect("an id")));
    let whole = answer.ok();
    assert_eq!(whole["name"], "Rouwcafé");
    assert!(whole["positiveHealth"].as_array().is_some_and(|list| !list.is_empty()), "follows from the theme");
    assert!(!answer.text.contains("intern@buurt.example"));
    let english = app.get(&format!("/v1/offerings/{}?lang=en", hit["id"].as_str().expect("an id"))).ok();
    assert_eq!((&english["name"], &english["textLanguage"]), (&"Grief café".into(), &"en".into()));
    assert_eq!(app.get("/v1/offerings?q=bereavement").names(), ["Rouwcafé"], "concepts are found in English too");
}

#[test]
fn drafts_are_not_shown_and_what_was_withdrawn_is_gone() {
    let app = TestApp::with([
        with(offering("Concept"), json!({ "status": { "state": "draft" } })),
        with(offering("Oud"), json!({ "status": { "state": "archived" } })),
        offering("Nu"),
    ]);
    assert_eq!(app.get("/v1/offerings").names(), ["Nu"]);
    let ids: Vec<_> = app.store.offerings_after(wegwijzer::domain::ItemNumber(0), 10).expect("read");
    app.get(&format!("/v1/offerings/{}", ids[0].id)).problem(404);
    let actor = wegwijzer::store::Actor { name: "test".into(), reason: None };
    let tenant = "GM0363".parse().expect("a code");
    app.store.withdraw_others(&tenant, "test", &["Oud".to_owned()].into(), &actor).expect("withdrawn");
    app.settle();
    app.get(&format!("/v1/offerings/{}", ids[0].id)).problem(404);
    app.get(&format!("/v1/offerings/{}", ids[2].id)).problem(410);
    assert_eq!(app.get("/v1/offerings").ok()["total"], 0);
}

#[test]
fn a_gp_finds_three_fitting_offerings_in_the_demo() {
    let app = TestApp::shared_demo();
    let page =
        app.get("/v1/offerings?q=lotgenoten%20rouw&near=52.3696,4.9294&radius=1500&facets=theme,cost,language").ok();
    assert!(page["total"].as_u64().is_some_and(|total| total >= 3), "{page:#}");
    for hit in page["hits"].as_array().expect("hits") {
        assert!(hit["distance"].as_f64().is_some_and(|metres| metres <= 1500.0));
    }
    let themes = page["facets"]["theme"]["values"].as_array().expect("values");
    let grief = themes.iter().find(|value| value["id"] == "grief").expect("grief");
    assert_eq!(grief["label"], "Rouw en verlies");
    for facet in ["theme", "cost", "language"] {
        assert!(page["facets"][facet]["unknown"].is_u64(), "{facet}");
    }
    let area = app.get("/v1/areas/BU0363AK05").ok();
    assert_eq!(area["outline"]["type"], "Polygon");
    assert!(area["frontDoors"].as_array().is_some_and(|doors| doors.len() >= 2));
    assert!(
        app.get("/v1/areas?q=reimerswaalbuurt").ok()["total"].as_u64().is_some_and(|total| total >= 1),
        "by its alias"
    );
    assert!(app.get("/v1/offerings?area=BU0363TE03").ok()["total"].as_u64().is_some_and(|total| total >= 20));
    let organizations = app.get("/v1/organizations?pageSize=100").ok();
    let first = organizations["items"][0]["id"].as_str().expect("an id").to_owned();
    assert!(
        app.get(&format!("/v1/organizations/{first}")).ok()["offerings"]
            .as_array()
            .is_some_and(|list| !list.is_empty())
    );
}
