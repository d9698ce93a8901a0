//! CSV.

use serde_json::json;

use super::*;

fn csv(bytes: impl Into<Vec<u8>>) -> Vec<Result<(u64, String), Vec<String>>> {
    seen(Format::Csv, bytes)
}

/// The drafts of a file without faults.
fn drafts(text: &str) -> Vec<Value> {
    let options = ReadOptions { format: Format::Csv, vocabulary: vocabulary(), mapping: None, source: Some("test") };
    read(input(text), options).expect("usable").map(|row| row.expect("a draft").draft).collect()
}

#[test]
fn the_example_comes_in_whole_and_the_template_is_its_header() {
    assert_eq!(example().lines().next(), template().lines().next());
    let rows = csv(example());
    let names: Vec<_> = rows.into_iter().map(|row| row.expect("no fault")).collect();
    let expected = [(2, "Koffie-uur in de buurtkamer"), (3, "Samen wandelen"), (5, "Luisterlijn in uw eigen taal")];
    assert_eq!(names, expected.map(|(row, name)| (row, name.to_owned())));
}

#[test]
fn a_row_becomes_the_form() {
    let [draft] = &drafts(&format!(
        "{}{}",
        "name;summary_en;theme;organization;organization_role;price;price_per;price_for;city_pass;city_pass_effect;\
         phone;whatsapp;contact_role;assured_date;anonymous;latitude;longitude;weekday;starts_at;external_id\n",
        "Koffie;Coffee;Rouw en verlies|meeting_people;De Werf|Het Dok;;2,50|1;keer|visit;|kinderen;GM0363;gratis;\
         020 000 00 01|020 000 00 02;020 000 00 03;Gastvrouw;24-11-2026;ja;52,37;4,93;di|donderdag;9.30;x-1\n",
    ))[..] else {
        panic!("one row")
    };
    let expected = json!({
        "name": "Koffie",
        "translations": [{ "language": "en", "origin": "human", "summary": "Coffee" }],
        "theme": ["grief", "meeting_people"],
        "organization": [{ "name": "De Werf", "role": "lead" }, { "name": "Het Dok", "role": "partner" }],
        "cost": {
            "prices": [{ "amount": 2.5, "per": "visit" }, { "amount": 1.0, "per": "visit", "for": "kinderen" }],
            "passes": [{ "municipality": "GM0363", "effect": "free" }],
        },
        "contact": [{ "role": "Gastvrouw", "channels": [
            { "type": "phone", "value": "020 000 00 01" },
            { "type": "phone", "value": "020 000 00 02" },
            { "type": "whatsapp", "value": "020 000 00 03" },
        ] }],
        "assured": { "date": "2026-11-24" },
        "access": { "anonymous": true },
        "sessions": [{
            "place": { "type": "physical", "position": { "latitude": 52.37, "longitude": 4.93 } },
            "schedules": [{ "rule": "FREQ=WEEKLY;BYDAY=TU,TH", "startsAt": "9.30" }],
        }],
        "source": { "externalId": "x-1", "name": "test" },
    });
    assert_eq!(draft, &expected);
}

#[test]
fn rows_of_one_offering_are_its_sessions() {
    let text = "external_id,name,theme,age_from,session_label,city\n\
                x,Zwemmen,exercise,18,ochtend,Amsterdam\n\
                x,,exercise,55,ouderen,Amsterdam\n\
                ,,,,avond,Diemen\n\
                y,Lezen,,,,\n\
                ,Wandelen,,,,\n";
    let drafts = drafts(text);
    let sessions: Vec<_> = drafts.iter().map(|draft| draft["sessions"].as_array().map_or(0, Vec::len)).collect();
    assert_eq!(sessions, [3, 0, 0]);
    assert_eq!((&drafts[0]["age"], &drafts[0]["sessions"][1]["age"]), (&json!({ "from": 18 }), &json!({ "from": 55 })));
    assert_eq!(drafts[0]["sessions"][2]["label"], "avond");
}

#[test]
fn every_fault_is_told_with_its_row_and_column() {
    let cases = [
        (
            "name,theme",
            "Koffie,rouwen",
            "row 2, theme: 'rouwen' is not a concept of the scheme theme; the nearest is 'grief'",
        ),
        ("name,summary", ",Zonder naam", "row 2, name: this is required"),
        ("name,price", "Koffie,gratis", "row 2, price: 'gratis' is not a number"),
        ("name,price", "Koffie,2", "row 2, price_per: this is required"),
        ("name,cost", "Koffie,duur", "row 2, cost: 'duur' is not a concept of the scheme cost"),
        ("name,anonymous", "Koffie,misschien", "row 2, anonymous: 'misschien' is neither yes nor no"),
        ("name,assured_date", "Koffie,31-02-2026", "row 2, assured_date: '2026-02-31' is not a date"),
        ("name,from,until", "Koffie,2026-02-01,2026-01-01", "row 2, until: the last date lies before the first"),
        ("name,latitude,longitude", "Koffie,4.93,52.37", "row 2, latitude: '4.93,52.37' lies outside the Netherlands"),
        ("name,latitude", "Koffie,52.37", "row 2, longitude: this is required"),
        ("name,postcode", "Koffie,1018 N", "row 2, postcode: '1018 N' is not a postcode"),
        ("name,phone", "Koffie,020 000 00 01", "row 2, contact_role: this is required"),
        ("name,phone", "Koffie,bel mij", "row 2, phone: 'bel mij' is not a telephone number"),
        ("name,weekday", "Koffie,dinsdaag", "row 2, weekday: 'dinsdaag' is not a weekday"),
        ("name,weekday,rule", "Koffie,dinsdag,FREQ=DAILY", "row 2, rule: give either weekday or rule, not both"),
        ("name,place", "Koffie,maan", "row 2, place: 'maan' is not one of physical"),
        ("name,age_from", "Koffie,achttien", "row 2, age_from: 'achttien' is not a whole number"),
        ("name,area", "Koffie,BU0363", "row 2, area: 'BU0363' is not an area code"),
        ("name,name_en", "Koffie,", ""),
        ("name,summary", "Koffie", "row 2, this row has 1 cells and the header 2"),
        ("name,summary", "Koffie,a,b", "row 2, this row has 3 cells and the header 2"),
        ("name,summary", "Koffie,\"a", "row 2, a quotation mark opens a cell that never ends"),
    ];
    for (header, row, expected) in cases {
        match &csv(format!("{header}\n{row}\n"))[..] {
            [Ok(_)] => assert_eq!(expected, "", "{row} came in"),
            [Err(problems)] => {
                assert!(
                    !expected.is_empty() && problems.iter().any(|p| p.starts_with(expected)),
                    "{row}: {problems:?}"
                );
            }
            rows => panic!("{row}: {rows:?}"),
        }
    }
}

#[test]
fn all_faults_of_a_row_are_told_at_once_and_none_twice() {
    let rows = csv("name,theme,price,anonymous\n,rouwen,gratis,ja\n");
    let [Err(problems)] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!(problems.len(), 3, "{problems:?}");
}

#[test]
fn sessions_that_contradict_their_offering_are_refused_together() {
    let rows = csv("external_id,name,city\nx,Zwemmen,Diemen\nx,Duiken,Weesp\ny,Lezen,Weesp\n");
    let [Err(problems), Ok((4, _))] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!(problems.len(), 1);
    assert!(problems[0].starts_with("row 3, name: row 2 is of the same offering and has 'Zwemmen'"), "{problems:?}");

    let many = format!("external_id,name\n{}y,Lezen\n", "x,Zwemmen\n".repeat(450));
    let rows = csv(many);
    assert_eq!((rows.len(), rows.iter().filter(|row| row.is_ok()).count()), (451, 1));
}

#[test]
fn a_header_with_faults_stops_the_file() {
    for (header, expected) in [
        ("", "the file is empty"),
        ("naam,summary\nKoffie,", "naam: this is not a column of this form; did you mean 'name'?"),
        ("summary\nKoffie", "name: this column is missing"),
        ("name,name\na,b", "name: this column stands there twice"),
        (
            "name,summary_nederlands\na,b",
            "summary_nederlands: this is not a column of this form; did you mean 'summary'?",
        ),
        ("name,,summary\na,b,c", "this is not a column"),
    ] {
        let told = unsuitable(Format::Csv, header);
        assert!(told.contains(expected), "{header}: {told}");
    }
}

#[test]
fn files_are_read_as_spreadsheets_save_them() {
    let name = || vec![Ok((2, "Café".to_owned()))];
    assert_eq!(csv("name,summary\nCafé,\n"), name());
    assert_eq!(csv("\u{feff}name;summary\r\nCafé;\r\n;\r\n;\r\n"), name());
    assert_eq!(csv("Name\tSummary\nCafé\t\n"), name());
    assert_eq!(csv("name,summary,,\n\"Café\",\"a, \"\"b\"\"\nc\",,"), name());
    assert_eq!(csv("name,phone,contact_role\nCafé,'+31 20 000 00 01,Gastvrouw\n"), name());
    // Rows are counted as a spreadsheet does: empty ones too, and cells of several lines as one.
    let rows = csv("name,summary\r\n\r\n\"Een\",\"a\r\nb\"\r\nTwee,\r\n");
    assert_eq!(rows, [Ok((3, "Een".to_owned())), Ok((4, "Twee".to_owned()))]);
}

#[test]
fn other_encodings_are_told_and_guessed() {
    let told = unsuitable(Format::Csv, b"\xff\xfen\0a\0m\0e\0".to_vec());
    assert!(told.contains("looks like UTF-16"), "{told}");
    let told = unsuitable(Format::Ndjson, b"{\0\"\0n\0".to_vec());
    assert!(told.contains("looks like UTF-16"), "{told}");

    let options = ReadOptions { format: Format::Csv, vocabulary: vocabulary(), mapping: None, source: None };
    let rows: Vec<_> = read(input(b"name\nCaf\xe9 \x80\nThee\n".to_vec()), options).expect("usable").collect();
    let [Err(refused), Ok(_)] = &rows[..] else { panic!("{rows:?}") };
    assert!(refused.problems[0].problem.contains("looks like Windows-1252 (\"Café €\")"), "{refused:?}");
    assert_eq!(refused.raw.as_deref(), Some("Café €"));
}

#[test]
fn an_endless_cell_costs_one_row_and_little_memory() {
    let mut text = String::from("name,summary\n");
    text += "Thee,\"";
    text += &"nooit dicht\n".repeat(MAX_ROW_BYTES / 10);
    text += "Koffie,\n";
    let rows = csv(text);
    let Some(Err(problems)) = rows.first() else { panic!("it came in") };
    assert!(problems[0].starts_with("row 2, this is longer than 1 MB"), "{problems:?}");
    assert!(problems[0].contains("never closed"));
    assert!(matches!(rows.last(), Some(Ok((_, name))) if name == "Koffie"));
}

#[test]
fn the_columns_are_described_as_they_are() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/import.md");
    let text = std::fs::read_to_string(path).expect("docs/import.md");
    let table = columns_markdown();
    assert!(text.contains(&table), "put this table into docs/import.md:\n{table}");
}
