//! Files of areas and of front doors.

use std::collections::BTreeMap;

use serde_json::json;

use super::*;
use crate::areas::AreaIndex;
use crate::domain::{Area, AreaCode};

fn told(format: Format, text: &str) -> Vec<Result<areas::AreaRow, String>> {
    let rows = areas::read(input(text), format, Some(2025)).expect("usable");
    rows.map(|row| row.map_err(|refused| refused.problems[0].to_string())).collect()
}

fn outlined(id: &str, properties: Value) -> String {
    let ring = json!([[[4.0, 52.0], [5.0, 52.0], [5.0, 53.0], [4.0, 52.0]]]);
    let geometry = json!({ "type": "Polygon", "coordinates": ring });
    json!({ "type": "Feature", "id": id, "properties": properties, "geometry": geometry }).to_string()
}

#[test]
fn codes_names_and_figures_are_found_as_sources_name_them() {
    for (id, properties, code, name) in [
        ("BU0363AK05", json!({ "naam": "Czaar Peter", "code": "AK05" }), "BU0363AK05", "Czaar Peter"),
        (
            "1",
            json!({ "BU_CODE": "BU0363AK05", "BU_NAAM": "Czaar Peter", "GM_CODE": "GM0363" }),
            "BU0363AK05",
            "Czaar Peter",
        ),
        ("1", json!({ "statcode": "GM0363", "statnaam": "Amsterdam", "jaarcode": 2025 }), "GM0363", "Amsterdam"),
        (
            "x",
            json!({ "wijkcode": "WK0363AK", "wijknaam": "Eilanden", "GM_CODE": "GM0363", "GM_NAAM": "Amsterdam" }),
            "WK0363AK",
            "Eilanden",
        ),
    ] {
        let rows = told(Format::GeoJson, &outlined(id, properties));
        let [Ok(row)] = &rows[..] else { panic!("{rows:?}") };
        assert_eq!((row.patch.code.as_str(), row.patch.name.as_deref()), (code, Some(name)));
        assert!(row.patch.outline.is_some() && row.patch.year == Some(2025));
        assert!(!row.patch.statistics.values().any(|value| value == "GM0363"));
    }
    let rows = told(
        Format::Csv,
        "buurtcode;buurtnaam;gemeentecode;gemeentenaam;inwoners;km2;stedelijkheid;pc4_meest_voorkomend;jaar\n\
         BU0363AK05;Czaar Peter;GM0363;Amsterdam;4745;0,382;-99997;0012;2024\n",
    );
    let [Ok(row)] = &rows[..] else { panic!("{rows:?}") };
    let expected = [("inwoners", json!(4745)), ("km2", json!(0.382)), ("pc4_meest_voorkomend", json!("0012"))];
    assert_eq!(row.patch.statistics, BTreeMap::from(expected.map(|(key, value)| (key.to_owned(), value))));
    assert_eq!(row.patch.year, Some(2024));
}

#[test]
fn a_file_may_hold_areas_of_every_level() {
    let areas = ["BU0363AK05", "WK0363AK", "GM0363"].map(|code| outlined("", json!({ "code": code, "name": code })));
    let rows = told(Format::GeoJson, &format!("[{}]", areas.join(",")));
    let codes: Vec<_> = rows.into_iter().map(|row| row.map(|row| row.patch.code.to_string())).collect();
    assert_eq!(codes, ["BU0363AK05", "WK0363AK", "GM0363"].map(|code| Ok(code.to_owned())));

    let no_code = areas::read(input("{\"type\":\n\"FeatureCollection\"}"), Format::Csv, None).err();
    assert!(no_code.is_some_and(|error| error.to_string().contains("no code of CBS")));
}

#[test]
fn faults_of_areas_are_told() {
    let twice =
        format!("[{},{}]", outlined("GM0363", json!({ "naam": "a" })), outlined("GM0363", json!({ "naam": "a" })));
    let line = r#"{"type":"Feature","id":"GM0363","properties":{},"geometry":{"type":"Point","coordinates":[4,52]}}"#;
    for (format, text, expected) in [
        (Format::GeoJson, outlined("A", json!({ "code": "A" })).as_str(), "row 1, code: no code of CBS is found here"),
        (Format::GeoJson, line, "row 1, geometry: an outline is a Polygon or a MultiPolygon, not a Point"),
        (Format::GeoJson, &outlined("GM0363", json!({ "jaar": "nu" })), "row 1, jaar: a year is given as 2025"),
        (Format::GeoJson, &twice, "row 2, row 1 tells something else about GM0363"),
        (
            Format::GeoJson,
            &outlined("1", json!({ "pc4": 1011, "gemeentecode": "GM0363" })),
            "'pc4': this is a file of postcodes",
        ),
        (
            Format::Csv,
            "buurtcode,wijkcode,inwoners\nBU0363AK05,WK0363AK,1\n,WK0363AK,2\n",
            "row 3, buurtcode: no code of CBS is found here",
        ),
        (Format::Csv, "code,inwoners\nGM0363\n", "row 2, this row has 1 cells and the header 2"),
    ] {
        let rows = told(format, text);
        let Some(Err(problem)) = rows.last() else { panic!("{text}: {rows:?}") };
        assert!(problem.starts_with(expected), "{problem}");
    }
}

#[test]
fn all_areas_of_the_country_load_and_alias_files_add_to_them() {
    let files = [
        ("gemeenten.geojson.gz", 342, 0),
        ("wijken.geojson.gz", 3393, 0),
        ("buurten.geojson.gz", 14568, 0),
        ("buurten.csv", 14568, 0),
        ("gemeenten.csv", 342, 0),
        ("amsterdam-buurten.geojson", 518, 0),
        ("amsterdam-buurt-aliassen.csv", 4, 0),
        // Districts have no code of CBS, and postcodes are no areas.
        ("amsterdam-stadsdelen.geojson", 0, 9),
        ("pc4.geojson.gz", 0, 1),
        ("pc4.csv", 0, 1),
        ("amsterdam-pc6-voorzieningen.csv", 0, 1),
    ];
    let mut known: BTreeMap<AreaCode, Area> = BTreeMap::new();
    for (name, right, wrong) in files {
        let Some(path) = beside(name) else { return };
        let begun = std::time::Instant::now();
        let format = Format::of_path(&path).expect("a known form");
        let (mut patches, mut refused) = (Vec::new(), Vec::new());
        for row in areas::read(Input::open(&path).expect("opens"), format, None).expect("usable") {
            match row {
                Ok(row) => patches.push(row.patch),
                Err(row) => refused.push(row.problems),
            }
        }
        println!("{name}: {} areas in {:?}", patches.len(), begun.elapsed());
        assert_eq!((patches.len(), refused.len()), (right, wrong), "{name}: {:?}", refused.first());
        for patch in patches {
            let before = known.remove(&patch.code);
            let code = patch.code.clone();
            let merged = patch.clone().merge(before.clone()).unwrap_or_else(|error| panic!("{name}: {error}"));
            let area = merged.or(before).expect("new or known");
            assert_eq!(patch.merge(Some(area.clone())), Ok(None), "{name}: {code} changes twice");
            known.insert(code, area);
        }
    }
    let reimerswaal = &known[&"BU0363FJ01".parse::<AreaCode>().expect("a code")];
    assert!(reimerswaal.aliases.contains(&"Reimerswaalbuurt".to_owned()), "{:?}", reimerswaal.aliases);
    assert!(reimerswaal.statistics.contains_key("inwoners") && reimerswaal.outline.is_some());

    let begun = std::time::Instant::now();
    let index = AreaIndex::new(known.into_values().filter_map(|area| Some((area.code, area.outline?))));
    println!("{} outlines in an index in {:?}", index.len(), begun.elapsed());
    let dam = crate::domain::Position::new(52.3731, 4.8932).expect("on earth");
    let begun = std::time::Instant::now();
    for _ in 0..10_000 {
        assert_eq!(index.locate(dam).len(), 3);
    }
    println!("one position located in {:?}", begun.elapsed() / 10_000);
}

#[test]
fn front_doors_come_from_json() {
    let right = r#"{"area":"BU0363AK05","role":"Buurtteam\u0000","phone":"020 000 00 06","whoMayRefer":["self"]}"#;
    for (format, text) in [
        (Format::Json, format!("[{right}]")),
        (Format::Json, format!(r#"{{"frontDoors":[{right}]}}"#)),
        (Format::Ndjson, right.to_owned()),
    ] {
        let rows: Vec<_> = front_doors::read(input(text), format, vocabulary()).expect("usable").collect();
        let [Ok(row)] = &rows[..] else { panic!("{rows:?}") };
        assert_eq!(row.front_door.role, "Buurtteam");
    }
    for (text, expected) in [
        (r#"{"area":"A","role":"x"}"#, "'A' is not an area code"),
        (r#"{"area":"GM0363","role":" "}"#, "/role: this is required"),
        (r#"{"area":"GM0363","rol":"x"}"#, "unknown field `rol`"),
        (
            r#"{"area":"GM0363","role":"x","theme":["rouwen"]}"#,
            "/theme/0: 'rouwen' is not a concept of the scheme theme",
        ),
        (r#"{"area":"GM0363","role":"x","whoMayRefer":["aunt"]}"#, "unknown variant `aunt`"),
    ] {
        let row = front_doors::read(input(text), Format::Ndjson, vocabulary()).expect("usable").next().expect("a row");
        let told = row.expect_err(expected).problems[0].to_string();
        assert!(told.contains(expected), "{told}");
    }
}
