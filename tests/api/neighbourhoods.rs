//! What residents of a neighbourhood find: who comes to their home, where to ask first, and what is lacking.

use chrono::Days;
use serde_json::{Value, json};
use wegwijzer::directory::today;
use wegwijzer::domain::{AreaCode, FrontDoor, OfferingDraft, Position, Scheme};
use wegwijzer::store::Actor;

use crate::harness::app::TestApp;
use crate::harness::{offering, polygon, vocabulary, with};

/// The report of the four sample neighbourhoods, counted again from what each listing says.
#[test]
fn the_coverage_of_the_sample_neighbourhoods_is_what_the_listings_say() {
    let app = TestApp::shared_demo();
    let mut listings = Vec::new();
    for page in 1.. {
        let found = app.get(&format!("/v1/offerings?pageSize=100&page={page}")).ok();
        let hits = found["hits"].as_array().expect("hits");
        let ids = hits.iter().map(|hit| hit["offering"]["id"].as_str().expect("an id"));
        listings.extend(ids.map(|id| app.get(&format!("/v1/offerings/{id}")).ok()));
        if hits.len() < 100 {
            break;
        }
    }
    let since = today().checked_sub_days(Days::new(183)).expect("a day").to_string();
    let report = app.get("/v1/reports/coverage?area=GM0363").ok();
    let areas = report["areas"].as_array().expect("areas");
    assert_eq!(areas.len(), 4);
    let vocabulary = vocabulary();
    let mut counted = 0;
    for area in areas {
        let code: AreaCode = area["code"].as_str().expect("a code").parse().expect("an area");
        let home: Position = serde_json::from_value(area["position"].clone()).expect("a position");
        let reach = area["walkingDistance"].as_f64().expect("metres");
        let is_here = |session: &Value| {
            let place = &session["place"];
            let codes = |key: &Value| -> Vec<AreaCode> { serde_json::from_value(key.clone()).unwrap_or_default() };
            let is_near = serde_json::from_value::<Position>(place["position"].clone())
                .is_ok_and(|at| at.distance_to(home).metres() <= reach);
            let comes = place["type"] == "home" && codes(&session["serviceArea"]).iter().any(|own| own.includes(&code));
            is_near || comes || codes(&place["area"]).contains(&code)
        };
        for line in area["lines"].as_array().expect("lines") {
            let theme = line["theme"].as_str().expect("a theme");
            let is_about = |listing: &&Value| {
                let own = listing["theme"].as_array().into_iter().flatten().filter_map(Value::as_str);
                own.clone().any(|own| own == theme)
                    || own.flat_map(|own| vocabulary.ancestors(Scheme::Theme, own)).any(|own| own.as_str() == theme)
            };
            let (mut offerings, mut assured, mut free) = (0, 0, 0);
            for listing in listings.iter().filter(is_about) {
                let sessions = listing["sessions"].as_array().into_iter().flatten();
                let here: Vec<_> = sessions.filter(|session| is_here(session)).collect();
                let said = |session: &Value, key: &str| match &session[key] {
                    Value::Null => listing[key].clone(),
                    own => own.clone(),
                };
                let is_assured = here.iter().any(|session| {
                    said(session, "assured")["date"].as_str().is_some_and(|date| date >= since.as_str())
                });
                let is_free = here.iter().any(|session| {
                    let cost = said(session, "cost");
                    let prices = cost["prices"].as_array().cloned().unwrap_or_default();
                    // Where only children come in for nothing it is not free. Who gives nothing where one gives what one wants pays nothing.
                    let is_free = cost["category"] == "free" || cost["category"] == "voluntary_contribution";
                    is_free || !prices.is_empty() && prices.iter().all(|price| price["amount"] == 0.0)
                });
                offerings += usize::from(!here.is_empty());
                assured += usize::from(is_assured);
                free += usize::from(is_assured && is_free);
            }
            let told = [&line["offerings"], &line["assured"], &line["free"]];
            assert_eq!(told, [&json!(offerings), &json!(assured), &json!(free)], "{theme} in {code}");
            counted += offerings;
        }
    }
    assert!(counted > 200, "{counted}");
}

#[test]
fn who_comes_to_your_home_is_found_from_where_you_live() {
    let helps = |name: &str, session: Value| {
        with(offering(name), json!({ "theme": ["practical_help"], "sessions": [session] }))
    };
    let home = json!({ "type": "home" });
    let app = TestApp::demo_areas_with([
        helps("in de buurt", json!({ "place": home, "serviceArea": ["BU0363AK05"] })),
        helps("in de stad", json!({ "place": home, "serviceArea": ["GM0363"] })),
        helps("elders", json!({ "place": home, "serviceArea": ["BU0363TE03"] })),
        helps("in een vak", json!({ "place": home, "serviceRegion": polygon(4.92, 52.36, 4.94, 52.38) })),
        helps("in een ander vak", json!({ "place": home, "serviceRegion": polygon(4.95, 52.36, 4.96, 52.38) })),
        helps("ergens", json!({ "place": home })),
    ]);
    let here = ["in de buurt", "in de stad", "in een vak"];
    let names = |path: &str| -> Vec<String> {
        let mut names = app.get(path).names();
        names.sort();
        names
    };
    for place in [
        "near=52.3696,4.9294&radius=500",
        "near=Czaar%20Peterbuurt&radius=500&q=praktische%20hulp%20thuis",
        "bbox=4.929,52.369,4.930,52.370",
        "area=BU0363AK05",
    ] {
        assert_eq!(names(&format!("/v1/offerings?{place}")), here, "{place}");
    }
    let page = app.get("/v1/offerings?near=52.3696,4.9294&radius=500").ok();
    assert_eq!(page["elsewhere"]["atHome"], 6, "all that comes to homes");
    assert!(page["hits"][0].get("distance").is_none());
    let within = json!({ "within": polygon(4.929, 52.369, 4.93, 52.37) });
    assert_eq!(app.post("/v1/offerings/_search", &within).ok()["total"], 3);
    assert_eq!(names("/v1/offerings?near=52.1,5.1&radius=500"), [""; 0], "another town");
    let report = app.get("/v1/reports/coverage?area=BU0363AK05&theme=practical_help").ok();
    assert_eq!(report["areas"][0]["lines"][0]["offerings"], 3);
}

#[test]
fn who_has_a_broad_need_is_told_where_to_ask_first() {
    let app = TestApp::shared_demo();
    let roles = |query: &str| -> Vec<String> {
        let page = app.get(&format!("/v1/offerings?{query}")).ok();
        let doors = page["frontDoors"].as_array().cloned().unwrap_or_default();
        doors.iter().map(|door| door["role"].as_str().expect("a role").to_owned()).collect()
    };
    let near = "near=Czaar%20Peterbuurt";
    assert_eq!(roles(&format!("q=schulden&{near}")), ["Buurtteam", "Welzijnscoach"]);
    assert_eq!(roles(&format!("q=mantelzorg&{near}")), ["Mantelzorgpunt", "Buurtteam", "Welzijnscoach"]);
    assert_eq!(
        roles("q=ik%20kan%20mijn%20rekeningen%20niet%20betalen&area=BU0363TE03"),
        ["Buurtteam", "Welzijnscoach"]
    );
    assert_eq!(roles("q=eenzaam%20in%20Reimerswaalbuurt"), ["Buurtteam", "Welzijnscoach"], "a place that is said");
    assert_eq!(roles("theme=informal_care&area=BU0363AK05").len(), 3);
    for other in [
        format!("q=wandelgroep&{near}"),
        format!("q=schulden&{near}&page=2"),
        "q=schulden".to_owned(),
        near.to_owned(),
        format!("theme=grief&kind=course&{near}"),
    ] {
        assert_eq!(roles(&other), [""; 0], "{other}");
    }
}

#[test]
fn a_region_of_the_most_points_is_kept_and_more_are_refused() {
    let ring = |points: usize| -> Value {
        let point = |at: usize| {
            let angle = at as f64 / (points - 1) as f64 * std::f64::consts::TAU;
            [4.93 + angle.cos() * 0.012_345_678_9, 52.37 + angle.sin() * 0.012_345_678_9]
        };
        let mut ring: Vec<_> = (0..points).map(point).collect();
        ring[points - 1] = ring[0];
        json!({ "type": "Polygon", "coordinates": [ring] })
    };
    let session = |points| json!({ "place": { "type": "home" }, "serviceRegion": ring(points) });
    let helps = |sessions: Value| with(offering("hulp"), json!({ "theme": ["practical_help"], "sessions": sessions }));
    let app = TestApp::with([helps(json!([session(1_000), session(1_000)]))]);
    let page = app.get("/v1/offerings?near=52.37,4.93&radius=100").ok();
    assert_eq!(page["total"], 1);
    assert!(page["hits"][0]["session"].get("serviceRegion").is_none(), "a page stays small");
    let id = page["hits"][0]["offering"]["id"].as_str().expect("an id");
    let whole = app.get(&format!("/v1/offerings/{id}")).ok();
    assert_eq!(whole["sessions"][0]["serviceRegion"], ring(1_000));
    let refused = OfferingDraft(helps(json!([session(1_500), session(1_500)]))).check(&vocabulary());
    assert_eq!(refused.expect_err("too many points")[0].pointer, "/sessions");
}

#[test]
fn a_front_door_for_one_theme_hides_no_larger_one() {
    let app = TestApp::demo();
    let door = |area: &str, role: &str, theme: Value| -> FrontDoor {
        serde_json::from_value(json!({ "area": area, "role": role, "theme": theme })).expect("a front door")
    };
    let doors = [door("BU0363AK05", "Geldpunt", json!(["money"])), door("GM0363", "Stadsloket", json!([]))];
    let actor = Actor { name: "test".into(), reason: None };
    app.store.save_front_doors(&doors, &actor).expect("saved");
    app.settle();
    let roles = |q: &str| -> Vec<String> {
        let page = app.get(&format!("/v1/offerings?q={q}&area=BU0363AK05")).ok();
        let doors = page["frontDoors"].as_array().cloned().unwrap_or_default();
        doors.iter().map(|door| door["role"].as_str().expect("a role").to_owned()).collect()
    };
    assert_eq!(roles("schulden"), ["Geldpunt"], "debts are about money");
    assert_eq!(roles("mantelzorg"), ["Stadsloket"]);
}
