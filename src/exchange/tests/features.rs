//! GeoJSON by a mapping.

use serde_json::json;

use super::*;

const MAPPING: &str = r#"
source = "stad"
municipality = "GM0363"
[constants]
formality = "informal"
organization = [{ role = "venue" }]
[properties]
"/name" = "naam"
"/organization/0/name" = "beheerder"
"/age/from" = { property = "leeftijd", as = "whole" }
[texts]
"/summary" = ["{soort} aan de {straat}", "{soort}"]
[[tables]]
property = "soort"
values.Kamer = { kind = ["meeting_place"], formality = "mixed" }
values.Veld = { theme = ["exercise"] }
"#;

fn feature(properties: Value, geometry: Value) -> String {
    json!({ "type": "Feature", "id": "f1", "properties": properties, "geometry": geometry }).to_string()
}

fn rows(mapping: &str, features: &[String]) -> Vec<Result<SourceRow, RefusedRow>> {
    let mapping = Mapping::parse(mapping, vocabulary()).expect("a sound mapping");
    let text = format!(r#"{{"type":"FeatureCollection","crs":[1],"features":[{}]}}"#, features.join(","));
    let options =
        ReadOptions { format: Format::GeoJson, vocabulary: vocabulary(), mapping: Some(&mapping), source: None };
    read(input(text), options).expect("usable").collect()
}

#[test]
fn a_feature_becomes_a_draft_by_its_mapping() {
    let properties =
        json!({ "naam": "Het Dok", "beheerder": "De Werf", "soort": "Kamer", "leeftijd": "18", "straat": null });
    let rows = rows(MAPPING, &[feature(properties, json!({ "type": "Point", "coordinates": [4.93, 52.37] }))]);
    let [Ok(row)] = &rows[..] else { panic!("{rows:?}") };
    let expected = json!({
        "name": "Het Dok",
        "summary": "Kamer",
        "formality": "mixed",
        "kind": ["meeting_place"],
        "organization": [{ "role": "venue", "name": "De Werf" }],
        "age": { "from": 18 },
        "source": { "name": "stad", "externalId": "f1" },
        "sessions": [{ "place": { "type": "physical", "position": { "latitude": 52.37, "longitude": 4.93 } } }],
    });
    assert_eq!((&row.draft, row.municipality.as_deref()), (&expected, Some("GM0363")));
}

#[test]
fn an_outline_gives_a_point_inside_it() {
    // Shaped as an L: the middle of the box around it is outside.
    let ring =
        json!([[[4.0, 52.0], [5.0, 52.0], [5.0, 52.125], [4.125, 52.125], [4.125, 53.0], [4.0, 53.0], [4.0, 52.0]]]);
    let outline = json!({ "type": "Polygon", "coordinates": ring });
    let rows = rows(MAPPING, &[feature(json!({ "naam": "Park", "beheerder": "x", "soort": "Veld" }), outline.clone())]);
    let [Ok(row)] = &rows[..] else { panic!("{rows:?}") };
    let offering = row.check(vocabulary()).expect("sound");
    let at = offering.sessions[0].place.as_ref().and_then(|place| place.location()?.position).expect("a position");
    let outline = serde_json::from_value(outline).expect("a geometry");
    let index = crate::areas::AreaIndex::new([("GM0001".parse().expect("a code"), outline)]);
    assert_eq!(index.locate(at).len(), 1);
}

#[test]
fn faults_of_features_are_told_by_property() {
    let point = json!({ "type": "Point", "coordinates": [52.37, 4.93] });
    for (properties, geometry, column, problem) in [
        (json!({ "soort": "Kamer", "beheerder": "x" }), Value::Null, "/name", "this is required"),
        (json!({ "naam": "a", "beheerder": "x", "soort": "Schip" }), Value::Null, "soort", "the mapping does not know"),
        (
            json!({ "naam": "a", "beheerder": "x", "soort": "Veld", "leeftijd": "oud" }),
            Value::Null,
            "leeftijd",
            "'oud' is not a whole",
        ),
        (json!({ "naam": {}, "beheerder": "x", "soort": "Veld" }), Value::Null, "naam", "this must be text"),
        (json!({ "naam": "a", "beheerder": "x", "soort": "Veld" }), point, "geometry", "but swapped it does not"),
        (
            json!({ "naam": "a", "beheerder": "x", "soort": "Veld" }),
            json!({ "type": "Point", "coordinates": [4] }),
            "",
            "A position must contain two or more",
        ),
        (
            json!({ "naam": "a", "beheerder": "x", "soort": "Veld" }),
            json!({ "type": "LineString", "coordinates": [] }),
            "geometry",
            "not a LineString",
        ),
    ] {
        let row = rows(MAPPING, &[feature(properties, geometry)]).remove(0);
        let refused = row.and_then(|row| row.check(vocabulary())).expect_err(problem);
        let fits = refused
            .problems
            .iter()
            .any(|p| p.column.as_deref().unwrap_or_default() == column && p.problem.contains(problem));
        assert!(fits, "{column} {problem}: {:?}", refused.problems);
    }
}

#[test]
fn a_mapping_is_checked_whole_when_it_is_loaded() {
    for (from, to, expected) in [
        ("source = \"stad\"", "bron = \"stad\"", "unknown field `bron`"),
        (
            "municipality = \"GM0363\"",
            "municipality = \"Amsterdam\"",
            "municipality: 'Amsterdam' is not a municipality",
        ),
        (
            "\"informal\"",
            "\"informel\"",
            "/formality: 'informel' is not a concept of the scheme formality; the nearest is 'informal'",
        ),
        ("\"meeting_place\"", "\"meetingplace\"", "soort 'Kamer': /kind/0: 'meetingplace' is not a concept"),
        ("\"/name\"", "\"/naam\"", "/naam: 'naam' is not a key of this form; did you mean 'name'?"),
        ("\"/organization/0/name\"", "\"/organization/0/names\"", "/organization/0/names: 'names' is not a key"),
        ("\"/age/from\"", "\"age.from\"", "'age.from' is not a JSON pointer"),
        ("{ role = \"venue\" }", "{ rol = \"venue\" }", "/organization/0/role: this is required"),
        ("{straat}\"", "{straat\"", "a brace is opened and not closed"),
        ("[[tables]]", "[[tables", "not of the form"),
    ] {
        let text = MAPPING.replacen(from, to, 1);
        assert_ne!(text, MAPPING, "{from}");
        let told = Mapping::parse(&text, vocabulary()).expect_err(expected).to_string();
        assert!(told.contains(expected), "{told}");
    }
}

#[test]
fn the_mapping_in_the_documentation_is_sound() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/import.md");
    let text = std::fs::read_to_string(path).expect("docs/import.md");
    let example = text.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    Mapping::parse(example, vocabulary()).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn every_mapping_of_the_repository_is_sound() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/mappings");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("data/mappings") {
        let path = entry.expect("an entry").path();
        Mapping::load(&path, vocabulary()).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        count += 1;
    }
    assert!(count > 0);
}

#[test]
fn all_places_of_amsterdam_come_in_and_lie_in_their_neighbourhood() {
    let (Some(places), Some(outlines)) =
        (beside("amsterdam-voorzieningen.geojson"), beside("amsterdam-buurten.geojson"))
    else {
        return;
    };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/mappings/amsterdam-voorzieningen.toml");
    let mapping = Mapping::load(&path, vocabulary()).expect("sound");
    let areas = areas::read(Input::open(&outlines).expect("opens"), Format::GeoJson, None).expect("usable");
    let patches: Vec<_> = areas.map(|row| row.expect("an area").patch).collect();
    let index = crate::areas::AreaIndex::new(patches.into_iter().map(|p| (p.code, p.outline.expect("an outline"))));

    let options =
        ReadOptions { format: Format::GeoJson, vocabulary: vocabulary(), mapping: Some(&mapping), source: None };
    let rows = read(Input::open(&places).expect("opens"), options).expect("usable");
    let (mut count, mut elsewhere) = (0, Vec::new());
    for row in rows {
        let offering = row.and_then(|row| row.check(vocabulary())).unwrap_or_else(|refused| panic!("{refused:?}"));
        let location = offering.sessions[0].place.as_ref().and_then(|place| place.location()).expect("a location");
        let found = index.locate(location.position.expect("a position"));
        if found.last() != location.area.first() {
            elsewhere.push(format!("{}: {:?} {found:?}", offering.name, location.area));
        }
        assert!(offering.source.is_some_and(|source| source.external_id.is_some()));
        assert!(!offering.organization.is_empty() && offering.summary.is_some());
        count += 1;
    }
    assert_eq!(count, 802);
    assert!(elsewhere.is_empty(), "{elsewhere:#?}");
}
