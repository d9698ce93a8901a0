//! Regions, maps, neighbourhoods, and what each of them lacks.

use chrono::Days;
use serde_json::{Value, json};
use wegwijzer::directory::today;
use wegwijzer::domain::Scheme;

use crate::harness::app::TestApp;
use crate::harness::{offering, polygon, vocabulary, with};

fn numbers(page: &Value) -> Vec<u64> {
    let hits = page["hits"].as_array().expect("hits");
    let mut numbers: Vec<_> = hits.iter().map(|hit| hit["offering"]["number"].as_u64().expect("a number")).collect();
    numbers.sort_unstable();
    numbers
}

#[test]
fn a_region_finds_what_lies_in_it() {
    let app = TestApp::shared_demo();
    let search = |body: &Value| app.post("/v1/offerings/_search", body);
    let bounds = (4.915, 52.362, 4.936, 52.376);
    let square = polygon(bounds.0, bounds.1, bounds.2, bounds.3);
    let in_box = format!("bbox={},{},{},{}", bounds.0, bounds.1, bounds.2, bounds.3);
    let by_box = app.get(&format!("/v1/offerings?pageSize=100&cost=free&{in_box}")).ok();
    let by_region = search(&json!({ "pageSize": 100, "cost": ["free"], "within": square })).ok();
    assert!(by_box["total"].as_u64() > Some(10));
    assert_eq!(numbers(&by_region), numbers(&by_box));
    assert_eq!(by_region["elsewhere"], by_box["elsewhere"]);
    let feature = json!({ "type": "Feature", "properties": {}, "geometry": square });
    assert_eq!(numbers(&search(&json!({ "pageSize": 100, "cost": "free", "within": feature })).ok()), numbers(&by_box));
    // With words, a hole, and a filter that may be repeated.
    let hole = json!({ "type": "Polygon", "coordinates": [square["coordinates"][0], polygon(4.92, 52.365, 4.93, 52.372)["coordinates"][0]] });
    let fewer = search(&json!({ "q": "koffie", "within": hole, "theme": ["meeting_people", "loneliness"] })).ok();
    let more = search(&json!({ "q": "koffie", "within": square, "theme": ["meeting_people", "loneliness"] })).ok();
    assert!(fewer["total"].as_u64() < more["total"].as_u64(), "{fewer}");
    let nowhere = search(&json!({ "within": polygon(5.5, 52.0, 5.6, 52.1) })).ok();
    assert!(
        nowhere["relaxations"].as_array().expect("others").iter().any(|other| other["remove"] == json!(["within"]))
    );

    let crossed = json!({ "type": "Polygon", "coordinates": [[[4.9, 52.3], [5.0, 52.4], [5.0, 52.3], [4.9, 52.41], [4.9, 52.3]]] });
    let many: Vec<_> = (0..20_000).map(|n| json!([4.0 + f64::from(n) * 1e-5, 52.0])).collect();
    for (wrong, pointer) in [
        (json!({ "within": crossed }), "/within"),
        (json!({ "within": { "type": "Polygon", "coordinates": [many] } }), "/within"),
        (json!({ "within": { "type": "Point", "coordinates": [4.9, 52.3] } }), "/within"),
        (json!({ "within": null }), "/within"),
        (json!({ "theme": "rouwen" }), "/theme"),
        (json!({ "theme": { "id": "grief" } }), "/theme"),
        (json!({ "thema": "grief" }), "/thema"),
        (json!(["grief"]), "/"),
    ] {
        assert_eq!(search(&wrong).problem(400)["errors"][0]["pointer"], pointer);
    }
    for wrong in ["", "{", "NaN", "{\"within\":{\"type\":\"Polygon\",\"coordinates\":[[[NaN,1]]]}}"] {
        app.post_text("/v1/offerings/_search", wrong.to_owned()).problem(400);
    }
    app.post_text("/v1/offerings/_search", format!("\"{}\"", "a".repeat(2 << 20))).problem(413);
    // A body that never ends coming is no longer waited for.
    let mut slow = std::net::TcpStream::connect(app.address).expect("connected");
    let head = "POST /v1/offerings/_search HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{";
    std::io::Write::write_all(&mut slow, head.as_bytes()).expect("written");
    slow.set_read_timeout(Some(std::time::Duration::from_secs(60))).expect("set");
    let mut told = [0; 12];
    std::io::Read::read_exact(&mut slow, &mut told).expect("an answer");
    assert_eq!(String::from_utf8_lossy(&told), "HTTP/1.1 408");
    for method in [reqwest::Method::GET, reqwest::Method::PUT] {
        let refused = app.send(method, "/v1/offerings/_search");
        assert_eq!((refused.status, refused.header("allow")), (405, "POST, OPTIONS"));
    }
    let allowed = app.send(reqwest::Method::OPTIONS, "/v1/offerings/_search");
    assert_eq!((allowed.status, allowed.header("access-control-allow-methods")), (204, "POST"));
}

#[test]
fn searches_and_areas_are_maps_too() {
    let app = TestApp::shared_demo();
    let crs = "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>";
    let asked = "/v1/offerings?near=52.3696,4.9294&radius=500&theme=grief";
    let page = app.get(asked).ok();
    let by_format = app.get(&format!("{asked}&format=geojson"));
    let by_header = app.send_with(reqwest::Method::GET, asked, &[("accept", "application/geo+json")]);
    for answer in [&by_format, &by_header] {
        assert_eq!(answer.header("content-type"), "application/geo+json");
        assert_eq!(answer.header("content-crs"), crs);
        let map: geojson::FeatureCollection = serde_json::from_value(answer.ok()).expect("GeoJSON");
        let hits = page["hits"].as_array().expect("hits");
        assert_eq!(map.features.len(), hits.len());
        for (feature, hit) in map.features.iter().zip(hits) {
            let position = &hit["session"]["place"]["position"];
            let geometry = serde_json::to_value(feature.geometry.as_ref().expect("a point")).expect("JSON");
            assert_eq!(geometry["coordinates"], json!([position["longitude"], position["latitude"]]));
            let properties = feature.properties.as_ref().expect("properties");
            assert_eq!(properties["offering"]["name"], hit["offering"]["name"]);
        }
    }
    let area = app.get("/v1/areas/BU0363AK05?format=geojson");
    assert_eq!(area.header("content-crs"), crs);
    for path in ["/v1/areas/BU0363AK05", "/v1/offerings?pageSize=1"] {
        let answer = app.send_with(reqwest::Method::GET, path, &[("accept", "application/geo+json;q=0")]);
        assert_eq!(answer.header("content-type"), "application/json", "{path}");
        let vary = answer.headers.get_all("vary").iter().any(|value| value == "accept");
        assert!(vary, "a cache is told what decides the form of {path}");
    }
    let feature: geojson::Feature = serde_json::from_value(area.ok()).expect("a feature");
    assert!(feature.geometry.is_some());
    for wrong in ["format=gml", "crs=EPSG:28992", "bbox-crs=http://www.opengis.net/def/crs/EPSG/0/28992"] {
        app.get(&format!("{asked}&{wrong}")).problem(400);
    }
    app.get(&format!("{asked}&crs=http://www.opengis.net/def/crs/OGC/1.3/CRS84")).ok();
}

#[test]
fn a_neighbourhood_tells_what_is_there_and_where_to_ask() {
    let app = TestApp::shared_demo();
    let area = app.get("/v1/areas/BU0363AK05").ok();
    assert_eq!(area["parents"][0]["code"], "WK0363AK");
    assert_eq!(area["parents"][1], json!({ "code": "GM0363", "kind": "gemeente", "name": "Amsterdam" }));
    let themes = area["themes"].as_array().expect("themes");
    assert_eq!(themes.len(), 44, "those that nothing is about too");
    let grief = themes.iter().find(|theme| theme["id"] == "grief").expect("grief");
    assert_eq!(grief["count"], app.get("/v1/offerings?area=BU0363AK05&theme=grief").ok()["total"]);
    assert!(themes.iter().any(|theme| theme["count"] == 0));
    assert_eq!(area["offeringCount"], app.get("/v1/offerings?area=BU0363AK05").ok()["total"]);
    assert!(area["frontDoors"].as_array().expect("doors").iter().all(|door| door["area"] == "BU0363AK05"));
    let week = app.get("/v1/offerings?area=BU0363AK05&when=week&sort=soonest&pageSize=10").ok();
    assert_eq!(area["thisWeek"], week["hits"]);
    for hit in area["meetingPlaces"].as_array().expect("places") {
        assert!(hit["offering"]["kind"].as_array().expect("kinds").contains(&json!("meeting_place")));
    }
    let english = app.get("/v1/areas/BU0363AK05?lang=en").ok();
    assert_eq!(english["themes"][0]["label"], "Money and making ends meet");
    let around = |near: &str| -> Vec<String> {
        let list = app.get(&format!("/v1/areas?near={near}")).ok();
        list["items"]
            .as_array()
            .expect("items")
            .iter()
            .map(|area| area["code"].as_str().expect("a code").into())
            .collect()
    };
    assert_eq!(around("52.3696,4.9294"), ["BU0363AK05", "GM0363", "WK0363AK"]);
    assert_eq!(around("Czaar%20Peterbuurt"), ["BU0363AK05", "GM0363", "WK0363AK"]);
    assert_eq!(around("0,0"), [""; 0]);
    app.get("/v1/areas?near=nergenshuizen").problem(400);
}

#[test]
fn what_lies_behind_water_is_not_near() {
    let app = TestApp::shared_demo();
    let hits = |near: &str| {
        let page = app.get(&format!("/v1/offerings?near={near}&radius=8000&sort=distance&pageSize=100")).ok();
        page["hits"].as_array().expect("hits").clone()
    };
    let mut seen = (0, 0);
    for hit in hits("52.3696,4.9294") {
        let position = &hit["session"]["place"]["position"];
        let is_in_noord = position["latitude"].as_f64() > Some(52.385);
        assert_eq!(hit["barrier"], if is_in_noord { json!("water") } else { Value::Null }, "{hit}");
        assert!(!is_in_noord || hit["walkingMinutes"].is_null() && hit["distance"].is_u64());
        *(if is_in_noord { &mut seen.0 } else { &mut seen.1 }) += 1;
    }
    assert!(seen.0 > 5 && seen.1 > 5, "{seen:?}");
    // For who is in Noord it is the other way round.
    assert!(hits("52.4003,4.943")[0]["barrier"].is_null());
}

#[test]
fn a_code_of_an_earlier_year_leads_to_the_present_one() {
    let app = TestApp::demo_with_areas(&json!({ "type": "FeatureCollection", "features": [{
        "type": "Feature",
        "properties": { "code": "BU0363AK05", "aliases": ["BU03630801"] },
        "geometry": null,
    }] }));
    let old = app.get_once("/v1/areas/BU03630801");
    assert_eq!((old.status, old.header("location")), (308, "/v1/areas/BU0363AK05"));
    let in_english = app.get_once("/v1/areas/BU03630801?lang=en");
    assert_eq!(in_english.header("location"), "/v1/areas/BU0363AK05?lang=en");
    app.get("/v1/areas/BU03630899").problem(404);
    let total = |area: &str| app.get(&format!("/v1/offerings?area={area}")).ok()["total"].clone();
    assert_eq!(total("BU03630801"), total("BU0363AK05"));
    assert_eq!(app.get("/v1/offerings?near=BU03630801").ok()["near"]["code"], "BU0363AK05");
}

/// What a policy officer would count by hand.
fn counted() -> TestApp {
    let day = |days: u64| today() - Days::new(days);
    let there = |latitude: f64, longitude: f64| json!({ "type": "physical", "position": { "latitude": latitude, "longitude": longitude } });
    // The point in the neighbourhood lies at about 52.37, 4.928; a kilometre is 0.009 degrees of latitude.
    let near = there(52.37, 4.929);
    let listing = |name: &str, place: &Value, more: Value| {
        let base = json!({
            "theme": ["grief"],
            "assured": { "date": day(10) },
            "sessions": [{ "place": place, "schedules": [{ "rule": "FREQ=WEEKLY;BYDAY=TU", "startsAt": "10:00" }] }],
        });
        with(with(offering(name), base), more)
    };
    let free = json!({ "cost": { "category": "free" } });
    let walk_in = json!({ "access": { "joining": ["walk_in"] } });
    TestApp::demo_areas_with([
        listing("Gratis", &near, free.clone()),
        listing("Inloop", &near, with(walk_in.clone(), json!({ "language": ["nl", "tr"] }))),
        listing("Derde", &near, json!({})),
        listing("Oud", &near, json!({ "assured": { "date": day(200) } })),
        listing("Ver", &there(52.39, 4.93), with(free.clone(), walk_in.clone())),
        listing("Schuld", &near, json!({ "theme": ["debts"] })),
    ])
}

#[test]
fn the_coverage_report_counts_what_one_would_count_by_hand() {
    let app = counted();
    let report = app.get("/v1/reports/coverage?area=BU0363AK05").ok();
    assert!(report["caution"].as_str().expect("a caution").contains("staat niet in deze wegwijzer"));
    let area = &report["areas"][0];
    assert_eq!((&area["code"], &area["walkingDistance"]), (&json!("BU0363AK05"), &json!(1200)));
    let lines = area["lines"].as_array().expect("lines");
    assert_eq!(lines.len(), 44);
    let of = |theme: &str| lines.iter().find(|line| line["theme"] == theme).expect(theme);
    let grief = of("grief");
    assert_eq!(grief["verdict"], "covered");
    assert_eq!(
        [&grief["offerings"], &grief["assured"], &grief["free"], &grief["withoutWaiting"], &grief["eveningOrWeekend"]],
        [&json!(4), &json!(3), &json!(1), &json!(1), &json!(0)]
    );
    assert_eq!(grief["languages"], json!({ "nl": 1, "tr": 1 }));
    let items = grief["items"].as_array().expect("items");
    let mut names: Vec<_> = items.iter().map(|item| item["name"].as_str().expect("a name")).collect();
    names.sort_unstable();
    assert_eq!(names, ["Derde", "Gratis", "Inloop", "Oud"], "what is 2.2 km away is not near");
    let debts = of("debts");
    assert_eq!((&debts["verdict"], &debts["lacks"]), (&json!("thin"), &json!(["assured", "free", "withoutWaiting"])));
    assert_eq!(of("loneliness")["verdict"], "missing");
    assert_eq!(area["verdicts"], json!({ "covered": 1, "thin": 2, "missing": 41 }), "debts are about money too");

    let turkish = app.get("/v1/reports/coverage?area=BU0363AK05&theme=grief&theme=debts&language=tr").ok();
    let lines = turkish["areas"][0]["lines"].as_array().expect("lines");
    let debts = lines.iter().find(|line| line["theme"] == "debts").expect("debts");
    assert_eq!((&debts["verdict"], &debts["offerings"]), (&json!("thin"), &json!(0)));
    assert_eq!(debts["lacks"][0], "languageOrGroup");
    // A municipality is told by its neighbourhoods, and two areas can be compared.
    let codes = |query: &str| -> Vec<String> {
        let report = app.get(&format!("/v1/reports/coverage?theme=grief&{query}")).ok();
        report["areas"]
            .as_array()
            .expect("areas")
            .iter()
            .map(|area| area["code"].as_str().expect("a code").into())
            .collect()
    };
    assert_eq!(codes("area=GM0363"), ["BU0363AK05", "BU0363FJ01", "BU0363NH02", "BU0363TE03"]);
    assert_eq!(codes("area=BU0363TE03&area=BU0363FJ01"), ["BU0363FJ01", "BU0363TE03"]);

    let csv = app.get("/v1/reports/coverage?area=GM0363&format=csv");
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(csv.text.lines().count(), 1 + 4 * 44);
    let map = app.get("/v1/reports/coverage?area=GM0363&format=geojson");
    let map: geojson::FeatureCollection = serde_json::from_value(map.ok()).expect("GeoJSON");
    let properties = map.features[0].properties.as_ref().expect("properties");
    assert_eq!((map.features.len(), &properties["covered"]), (4, &json!(["grief"])));
    assert_eq!(app.get("/v1/reports/coverage?area=GM9999").ok()["withoutOutline"], json!(["GM9999"]));
    let all_groups: Vec<_> =
        vocabulary().scheme(Scheme::TargetGroup).concepts.iter().map(|group| group.id.to_string()).collect();
    let groups = all_groups.iter().map(|group| format!("&targetGroup={group}")).collect::<String>();
    let languages = vocabulary()
        .scheme(Scheme::Language)
        .concepts
        .iter()
        .map(|one| format!("&language={}", one.id))
        .collect::<String>();
    let fault = app.get(&format!("/v1/reports/coverage?area=GM0363{groups}{languages}")).problem(400);
    assert!(fault["errors"][0]["detail"].as_str().expect("a detail").contains("ask in parts"));
    for wrong in ["", "area=x", "area=GM0363&theme=rouwen", "area=GM0363&format=xlsx", "area=GM0363&sphere=personal"] {
        app.get(&format!("/v1/reports/coverage?{wrong}")).problem(400);
    }
}
