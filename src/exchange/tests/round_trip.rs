//! What is written can be read back, and nothing that is read makes a reader fall over.

use std::io::Write;
use std::sync::{Arc, Mutex};

use chrono::DateTime;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Map, json};

use super::*;
use crate::domain::{ItemNumber, LanguageTag, Offering, OfferingDraft, OfferingId, Scheme, StoredOffering, Version};

type Values = BoxedStrategy<Value>;

/// An object whose keys are there or not, each by its own chance.
fn object(keys: Vec<(&'static str, f64, Values)>) -> Values {
    let part = |(key, chance, value): (&'static str, f64, Values)| {
        let there = if chance < 1.0 { prop::bool::weighted(chance).boxed() } else { Just(true).boxed() };
        (there, value).prop_map(move |(there, value)| there.then(|| (key.to_owned(), value)))
    };
    let parts: Vec<_> = keys.into_iter().map(part).collect();
    parts.prop_map(|parts| Value::Object(parts.into_iter().flatten().collect::<Map<_, _>>())).boxed()
}

fn list(item: Values, most: usize) -> Values {
    prop::collection::vec(item, 1..=most).prop_map(Value::Array).boxed()
}

/// Text with all that has a meaning in CSV.
fn text() -> Values {
    let odd = "['=+@;,\"a-zé -]{0,12}[a-z]['\"\n;,.a-z]{0,6}";
    prop_oneof![6 => "[A-Z][a-z]{2,9} [a-z]{1,9}", 3 => odd, 1 => "[a-z]{1,5}[|\\\\]{1,3}[a-z]{0,5}"]
        .prop_map(Value::from)
        .boxed()
}

fn one_of(names: &'static [&'static str]) -> Values {
    select(names).prop_map(Value::from).boxed()
}

fn concept_ids(scheme: Scheme) -> Vec<String> {
    vocabulary().scheme(scheme).concepts.iter().map(|concept| concept.id.to_string()).collect()
}

fn concept(scheme: Scheme) -> Values {
    select(concept_ids(scheme)).prop_map(Value::from).boxed()
}

fn concepts(scheme: Scheme, least: usize) -> Values {
    subsequence(concept_ids(scheme), least..=3).prop_map(Value::from).boxed()
}

fn flag() -> Values {
    any::<bool>().prop_map(Value::from).boxed()
}

fn date() -> Values {
    (2020..2030, 1..=12, 1..=28).prop_map(|(y, m, d)| format!("{y}-{m:02}-{d:02}").into()).boxed()
}

fn euros() -> Values {
    (0..5000u32).prop_map(|cents| json!(f64::from(cents) / 100.0)).boxed()
}

fn contact() -> Values {
    let value = prop_oneof![
        5 => (select(vec!["phone", "whatsapp", "sms"]), "\\+31 20 [0-9]{3} [0-9]{2}"),
        2 => (Just("email"), "[a-z]{1,8}@[a-z]{1,8}\\.example"),
        1 => (Just("form"), "https://[a-z]{1,8}\\.example/[a-z]{0,4}"),
    ];
    let channel =
        (value, prop::option::weighted(0.1, text()), prop::option::weighted(0.1, concepts(Scheme::Language, 1)));
    let channel = channel.prop_map(|((kind, value), hours, language)| {
        let mut channel = json!({ "type": kind, "value": value });
        channel["hours"] = hours.unwrap_or_default();
        channel["language"] = language.unwrap_or_default();
        channel
    });
    object(vec![("role", 1.0, text()), ("channels", 1.0, list(channel.boxed(), 2)), ("sayThis", 0.3, text())])
}

fn terms() -> Vec<(&'static str, f64, Values)> {
    let age = (0..60u8, 60..=120u8).prop_map(|(from, to)| json!({ "from": from, "to": to })).boxed();
    let prices = object(vec![
        ("amount", 1.0, euros()),
        ("per", 1.0, one_of(&["visit", "month", "quarter", "year", "course"])),
        ("for", 0.4, text()),
    ]);
    let extras =
        object(vec![("what", 1.0, one_of(&["material", "clothes", "deposit", "other"])), ("note", 0.5, text())]);
    let passes = object(vec![
        ("municipality", 1.0, one_of(&["GM0363", "NL"])),
        ("effect", 1.0, one_of(&["free", "discount"])),
        ("amount", 0.3, euros()),
    ]);
    let cost = object(vec![
        ("category", 0.7, concept(Scheme::Cost)),
        ("prices", 0.4, list(prices, 2)),
        ("extras", 0.2, list(extras, 2)),
        ("passes", 0.2, list(passes, 2)),
    ]);
    let access = object(vec![
        ("joining", 0.5, subsequence(vec!["walk_in", "registration", "intake"], 1..=3).prop_map(Value::from).boxed()),
        ("referral", 0.3, one_of(&["not_needed", "possible", "needed"])),
        ("municipalDecision", 0.2, flag()),
        ("identification", 0.2, one_of(&["none", "first_name", "insurance"]).prop_map(|one| json!([one])).boxed()),
        ("anonymous", 0.2, flag()),
        ("transport", 0.2, text()),
    ]);
    let capacity = object(vec![
        ("state", 1.0, one_of(&["open", "waiting", "full"])),
        ("weeks", 0.4, (0..50u8).prop_map(Value::from).boxed()),
        ("asOf", 0.5, date()),
    ]);
    vec![
        ("age", 0.3, age),
        ("genderSetting", 0.2, concept(Scheme::GenderSetting)),
        ("language", 0.3, concepts(Scheme::Language, 0)),
        ("dutchLevel", 0.2, one_of(&["none", "a1", "b2"])),
        ("accessibility", 0.3, concepts(Scheme::Accessibility, 0)),
        ("cost", 0.3, cost),
        ("access", 0.3, access),
        ("capacity", 0.2, capacity),
        ("contact", 0.4, list(contact(), 1)),
        ("assured", 0.3, object(vec![("date", 1.0, date()), ("by", 0.5, text())])),
    ]
}

fn session() -> Values {
    let address = object(vec![
        ("street", 0.8, text()),
        ("houseNumber", 0.8, "[0-9]{1,3}[a-z]?".prop_map(Value::from).boxed()),
        ("postcode", 0.8, "[1-9][0-9]{3}[A-Z]{2}".prop_map(Value::from).boxed()),
        ("city", 1.0, text()),
    ]);
    let position =
        (51.0..53.0f64, -69.0..7.0f64).prop_map(|(lat, lon)| json!({ "latitude": lat, "longitude": lon })).boxed();
    let physical = object(vec![
        ("type", 1.0, one_of(&["physical"])),
        ("name", 0.5, text()),
        ("address", 0.8, address),
        ("position", 0.7, position),
        ("accessibility", 0.1, concepts(Scheme::Accessibility, 0)),
        ("visibility", 0.3, one_of(&["full", "street", "secret"])),
        ("area", 0.3, one_of(&["BU0363AK05", "GM0363"]).prop_map(|code| json!([code])).boxed()),
    ]);
    let place = prop_oneof![
        6 => physical,
        1 => Just(json!({ "type": "virtual", "url": "https://praat.example/" })).boxed(),
        1 => one_of(&["home", "nationwide", "virtual"]).prop_map(|kind| json!({ "type": kind })).boxed(),
    ];
    let schedule = object(vec![
        ("rule", 0.8, one_of(&["FREQ=WEEKLY;BYDAY=TU,TH", "FREQ=MONTHLY;BYDAY=1SA", "FREQ=DAILY"])),
        ("from", 1.0, date()),
        ("startsAt", 1.0, one_of(&["09:30", "20:00"])),
        ("endsAt", 0.7, one_of(&["10:30", "02:00"])),
        ("timeZone", 0.05, one_of(&["America/Curacao"])),
        (
            "holidays",
            0.2,
            object(vec![("public", 1.0, one_of(&["open", "closed"])), ("schoolRegion", 0.5, one_of(&["north"]))]),
        ),
    ]);
    let exception =
        object(vec![("date", 1.0, date()), ("change", 1.0, one_of(&["cancelled", "extra"])), ("reason", 0.5, text())]);
    let mut keys = vec![
        ("label", 0.5, text()),
        ("place", 0.9, place.boxed()),
        ("serviceArea", 0.1, Just(json!(["GM0363", "WK0363AK"])).boxed()),
        ("serviceRegion", 0.1, Just(square()).boxed()),
        ("schedules", 0.6, prop_oneof![4 => list(schedule.clone(), 1), 1 => list(schedule, 2)].boxed()),
        ("exceptions", 0.05, list(exception, 2)),
        (
            "enrolment",
            0.1,
            object(vec![
                ("opens", 1.0, date()),
                ("lessons", 0.5, (1..20u8).prop_map(Value::from).boxed()),
                ("trial", 0.5, flag()),
            ]),
        ),
    ];
    keys.extend(terms().into_iter().map(|(key, chance, value)| (key, chance / 4.0, value)));
    object(keys)
}

/// Drafts of the whole form that pass the check.
fn draft() -> Values {
    let organization = object(vec![
        ("role", 1.0, one_of(&["lead", "partner", "venue", "funder"])),
        ("name", 1.0, text()),
        ("providerType", 0.5, concept(Scheme::ProviderType)),
        ("kvk", 0.3, "[0-9]{8}".prop_map(Value::from).boxed()),
        ("website", 0.3, one_of(&["https://dewerf.example/"])),
        ("phone", 0.3, "\\+31 [0-9]{3} [0-9]{3}".prop_map(Value::from).boxed()),
    ]);
    let translations = subsequence(vec!["en", "ar-Latn", "tr"], 0..=2).prop_flat_map(|languages| {
        let one = |language: &'static str| {
            object(vec![
                ("language", 1.0, one_of(select_one(language))),
                ("origin", 1.0, one_of(&["human", "human", "machine", "reviewed"])),
                ("name", 1.0, text()),
                ("description", 0.3, text()),
            ])
        };
        languages.into_iter().map(one).collect::<Vec<_>>().prop_map(Value::Array)
    });
    let mut keys = vec![
        ("name", 1.0, text()),
        ("summary", 0.7, text()),
        ("description", 0.5, text()),
        ("textLanguage", 0.1, one_of(&["en", "nl"])),
        ("translations", 0.4, translations.boxed()),
        ("sphere", 0.5, concepts(Scheme::Sphere, 1)),
        ("formality", 0.5, concept(Scheme::Formality)),
        ("kind", 0.5, concepts(Scheme::Kind, 1)),
        ("continuum", 0.5, concept(Scheme::Continuum)),
        ("theme", 0.7, concepts(Scheme::Theme, 1)),
        ("positiveHealth", 0.1, concepts(Scheme::PositiveHealth, 0)),
        ("targetGroup", 0.5, concepts(Scheme::TargetGroup, 1)),
        ("community", 0.2, concepts(Scheme::Community, 1)),
        ("organization", 0.6, list(organization, 2)),
        ("maintainer", 0.2, object(vec![("role", 1.0, text()), ("email", 0.5, one_of(&["a@b.example"]))])),
        (
            "status",
            0.3,
            object(vec![
                ("state", 1.0, one_of(&["draft", "published", "archived"])),
                ("from", 0.3, date()),
                ("reason", 0.3, text()),
            ]),
        ),
        (
            "source",
            0.6,
            object(vec![
                ("name", 1.0, text()),
                ("externalId", 0.7, "[a-z0-9-]{1,9}".prop_map(Value::from).boxed()),
                ("licence", 0.3, text()),
            ]),
        ),
        ("images", 0.05, list(object(vec![("file", 1.0, text()), ("alt", 1.0, text())]), 1)),
        ("sessions", 0.8, list(session(), 3)),
    ];
    keys.extend(terms());
    object(keys)
}

fn select_one(language: &'static str) -> &'static [&'static str] {
    match language {
        "en" => &["en"],
        "tr" => &["tr"],
        _ => &["ar-Latn"],
    }
}

/// Many offerings, the same ones each time.
fn offerings(count: usize) -> Vec<Offering> {
    let (mut runner, drafts) = (TestRunner::deterministic(), draft());
    let mut make = || {
        let draft = drafts.new_tree(&mut runner).expect("no filter").current();
        OfferingDraft(draft.clone()).check(vocabulary()).unwrap_or_else(|faults| panic!("{faults:?}: {draft:#}"))
    };
    (0..count).map(|_| make()).collect()
}

fn stored(offering: &Offering) -> StoredOffering {
    StoredOffering {
        id: OfferingId::new(),
        number: ItemNumber(7),
        municipality: "GM0363".parse().expect("a code"),
        version: Version(3),
        changed_at: DateTime::from_timestamp_micros(1_790_000_000_123_456).expect("a moment"),
        deleted_at: None,
        offering: offering.clone(),
    }
}

/// Bytes that a test can still see when the writer has them.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("one thread").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn export(format: Format, offerings: &[Offering]) -> (Vec<u8>, Written) {
    let languages: Vec<LanguageTag> = ["en", "ar-Latn", "tr"].iter().map(|tag| tag.parse().expect("a tag")).collect();
    let out = Shared::default();
    let mut writer = OfferingWriter::new(format, out.clone(), vocabulary(), &languages).expect("memory");
    for offering in offerings {
        writer.write(&stored(offering)).expect("memory");
    }
    let written = writer.finish().expect("memory");
    let bytes = out.0.lock().expect("one thread").clone();
    (bytes, written)
}

fn read_back(format: Format, bytes: Vec<u8>) -> Vec<Offering> {
    let options = ReadOptions { format, vocabulary: vocabulary(), mapping: None, source: None };
    let rows = read(input(bytes), options).expect("usable");
    rows.map(|row| {
        let row = row.unwrap_or_else(|refused| panic!("{refused:?}"));
        assert_eq!(row.municipality.as_deref(), Some("GM0363"));
        row.check(vocabulary()).unwrap_or_else(|refused| panic!("{refused:?}"))
    })
    .collect()
}

#[test]
fn json_and_ndjson_are_read_back_as_they_were() {
    let offerings = offerings(250);
    for format in [Format::Ndjson, Format::Json] {
        let (bytes, written) = export(format, &offerings);
        assert_eq!(written, Written { offerings: 250, ..Written::default() });
        for (back, offering) in read_back(format, bytes).iter().zip(&offerings) {
            assert_eq!(back, offering, "{format:?}");
        }
    }
    let (line, _) = export(Format::Ndjson, &offerings[..1]);
    let line: Value = serde_json::from_slice(&line).expect("JSON");
    assert_eq!((&line["number"], &line["version"], &line["municipality"]), (&7.into(), &3.into(), &"GM0363".into()));
    assert_eq!(line["changedAt"], "2026-09-21T14:13:20.123456Z");
    assert!(line["id"].is_string());
}

#[test]
fn csv_is_read_back_as_it_was_or_said_to_be_incomplete() {
    let mut complete = 0;
    let offerings = offerings(400);
    for offering in &offerings {
        let (bytes, written) = export(Format::Csv, std::slice::from_ref(offering));
        let text = String::from_utf8_lossy(&bytes).into_owned();
        // What is incomplete is sound nevertheless.
        let back = read_back(Format::Csv, bytes);
        assert_eq!(back.len(), 1, "{text}");
        if written.incomplete == 0 {
            complete += 1;
            assert_eq!(&back[0], offering, "{text}");
        }
    }
    assert!(complete > 150, "only {complete} of 400 were complete");
    // And all in one file, where rows of one offering must not be taken for those of the next.
    let whole: Vec<_> = offerings
        .into_iter()
        .filter(|offering| export(Format::Csv, std::slice::from_ref(offering)).1.incomplete == 0)
        .collect();
    assert!(read_back(Format::Csv, export(Format::Csv, &whole).0) == whole);
}

#[test]
fn areas_that_were_found_are_not_written_for_they_are_found_again() {
    let draft = json!({ "name": "a", "sessions": [{ "place": { "type": "physical", "area": ["GM0363"] } }] });
    let mut offering = OfferingDraft(draft).check(vocabulary()).expect("sound");
    let text = |offering: &Offering| String::from_utf8(export(Format::Ndjson, std::slice::from_ref(offering)).0);
    assert!(text(&offering).expect("UTF-8").contains("\"area\":[\"GM0363\"]"));
    if let Some(crate::domain::Place::Physical(location)) = &mut offering.sessions[0].place {
        location.area_found = true;
    }
    assert!(!text(&offering).expect("UTF-8").contains("area"));
}

#[test]
fn geojson_shows_each_session_with_a_position_as_the_public_sees_it() {
    let physical = |visibility: &str| {
        json!({ "place": { "type": "physical", "visibility": visibility,
        "position": { "latitude": 52.36987, "longitude": 4.92961 } } })
    };
    let draft = json!({ "name": "Thee", "theme": ["grief"], "maintainer": { "role": "geheim" },
        "sessions": [physical("full"), physical("street"), physical("secret"), { "place": { "type": "home" } }] });
    let hidden = json!({ "name": "Later", "status": { "state": "draft" }, "sessions": [physical("full")] });
    let online = json!({ "name": "Bellen", "sessions": [{ "place": { "type": "virtual" } }] });
    let secret = json!({ "name": "Schuilen", "sessions": [physical("secret")] });
    let nowhere = json!({ "name": "Ergens" });
    let offerings =
        [draft, hidden, online, secret, nowhere].map(|draft| OfferingDraft(draft).check(vocabulary()).expect("sound"));
    let (bytes, written) = export(Format::GeoJson, &offerings);
    let text = String::from_utf8(bytes).expect("UTF-8");
    let collection: ::geojson::FeatureCollection = text.parse().expect("GeoJSON");
    let expected = Written { offerings: 1, incomplete: 1, without_position: 3, not_public: 1 };
    assert_eq!((collection.features.len(), written), (2, expected));
    assert_eq!(collection.features[0].property("theme"), Some(&json!(["grief"])));
    let positions = collection.features.iter().map(|feature| feature.geometry.as_ref().map(|g| g.value.clone()));
    let expected = [[4.92961, 52.36987], [4.93, 52.37]].map(|at| Some(::geojson::GeometryValue::new_point(at)));
    assert!(positions.eq(expected));
    assert!(!text.contains("geheim"));
    let (none, _) = export(Format::GeoJson, &[]);
    assert!(String::from_utf8(none).is_ok_and(|text| text.parse::<::geojson::FeatureCollection>().is_ok()));
}

/// Every row of a text ends as one draft or one refusal, and each keeps its text.
fn raws(format: Format, bytes: Vec<u8>) -> Vec<String> {
    let options = ReadOptions { format, vocabulary: vocabulary(), mapping: None, source: None };
    let Ok(rows) = Input::new(Cursor::new(bytes), None).and_then(|input| read(input, options)) else {
        return Vec::new();
    };
    rows.map(|row| match row {
        Ok(row) => {
            let _ = row.check(vocabulary());
            row.raw
        }
        Err(refused) => {
            assert!(!refused.problems.is_empty());
            refused.raw.unwrap_or_default()
        }
    })
    .collect()
}

/// Bytes in which the signs of the formats come often.
fn odd_bytes() -> impl Strategy<Value = Vec<u8>> {
    let sign = select(b"{}[]\",:;\\\n\r e1".to_vec());
    prop::collection::vec(prop_oneof![4 => sign, 1 => any::<u8>()], 0..200)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in odd_bytes()) {
        for format in [Format::Csv, Format::Json, Format::Ndjson] {
            raws(format, bytes.clone());
            raws(format, [b"name,summary\n".as_slice(), &bytes].concat());
            raws(format, [b"[{\"name\":\"a\"},".as_slice(), &bytes].concat());
        }
        for format in [Format::Csv, Format::GeoJson] {
            if let Ok(input) = Input::new(Cursor::new([b"code,naam\n".as_slice(), &bytes].concat()), None)
                && let Ok(rows) = areas::read(input, format, None)
            {
                rows.for_each(drop);
            }
        }
    }

    #[test]
    fn every_line_of_ndjson_is_a_row(
        lines in prop::collection::vec(prop_oneof!["[{}\"a:, é]{0,8}", r#"\{"name":"[a-z]{1,3}"\}"#], 0..12),
    ) {
        let expected: Vec<_> = lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty()).collect();
        prop_assert_eq!(raws(Format::Ndjson, lines.join("\n").into_bytes()), expected);
    }

    #[test]
    fn every_line_of_csv_is_in_a_row(
        lines in prop::collection::vec(
            prop_oneof!["(x|y|z|),[a-zé']{0,4},[a-z;]{0,5}", "[a-z,]{1,6}", "\"[a-z\n]{0,3}\"\"\",b,c"],
            0..12,
        ),
    ) {
        let text = format!("external_id,name,summary\n{}", lines.join("\n"));
        let blank = |line: &&str| line.chars().all(|c| c == ',' || c == '"' || c.is_whitespace());
        // Rows of one offering come together, with line ends between them.
        let found = raws(Format::Csv, text.clone().into_bytes()).join("\n");
        let lines = |text: &str| text.lines().filter(|line| !blank(line)).map(str::to_owned).collect::<Vec<_>>();
        prop_assert_eq!(lines(&found), lines(&text).split_off(1));
    }
}

fn square() -> Value {
    json!({ "type": "Polygon", "coordinates": [[[4.9, 52.3], [5.0, 52.3], [5.0, 52.4], [4.9, 52.4], [4.9, 52.3]]] })
}
