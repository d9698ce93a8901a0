//! JSON and NDJSON.

use std::io::Read;

use super::*;

fn names(format: Format, text: &str) -> Vec<String> {
    let name = |row: Result<(u64, String), Vec<String>>| match row {
        Ok((row, name)) => format!("{row} {name}"),
        Err(problems) => problems.join("; "),
    };
    seen(format, text).into_iter().map(name).collect()
}

#[test]
fn a_list_may_stand_alone_or_in_an_object_and_an_object_alone() {
    for text in [
        r#"[{"name":"Thee"},{"name":"Koffie"}]"#,
        "\u{feff} [ {\"name\" : \"Thee\"} ,\n {\"name\":\"Koffie\"}\n] \n",
        r#"{"offerings":[{"name":"Thee"},{"name":"Koffie"}]}"#,
        r#"{"version":"1","meta":{"a":[1,"]"]},"offerings":[{"name":"Thee"},{"name":"Koffie"}],"total":2,"x":[{}]}"#,
    ] {
        assert_eq!(names(Format::Json, text), ["1 Thee", "2 Koffie"], "{text}");
    }
    assert_eq!(names(Format::Json, r#"{ "name": "Thee", "theme": ["grief"] }"#), ["1 Thee"]);
    for empty in ["[]", " [ ] ", r#"{"offerings":[]}"#] {
        assert!(names(Format::Json, empty).is_empty(), "{empty}");
    }
    assert_eq!(names(Format::Ndjson, "{\"name\":\"Thee\"}\r\n\n{\"name\":\"Koffie\"}"), ["1 Thee", "3 Koffie"]);
}

#[test]
fn what_is_no_whole_document_ends_with_a_clear_line() {
    for (text, expected) in [
        ("", &["row 1, the file is empty (line 1)"][..]),
        ("  \n", &["row 1, the file is empty (line 2)"]),
        ("name,summary\n", &["row 1, this is neither a list nor an object of JSON (line 1)"]),
        (r#"[{"name":"Thee"}"#, &["1 Thee", "row 1, the file ends within the list: it is not whole (line 1)"]),
        ("[{\"name\":\"Thee\"},\n{\"name\":\"Kof", &["1 Thee", "row 2, the element that begins at line 2 never ends"]),
        (r#"[{"name":"Thee"},]"#, &["1 Thee", "row 2, here should be an element of the list (line 1)"]),
        (r#"[{"name":"Thee"} {"name":"Koffie"}]"#, &["1 Thee", "row 1, here should be a comma"]),
        (r#"[{"name":"Thee"}] x"#, &["1 Thee", "row 1, something comes after the end"]),
        (r#"{"offerings":[{"name":"Thee"}]"#, &["1 Thee", "row 1, the file ends within the object around the list"]),
        (
            "[{\"name\":\"Thee\"},\n{\"name\":\n\"Koffie\" \"x\"},{\"name\":\"Melk\"}]",
            &["1 Thee", "row 2, this is not valid JSON: expected `,` or `}` (line 3, column 10); what comes"],
        ),
        ("{\"name\":\n \"Thee\",\n \"theme\" 1}", &["row 1, this is not valid JSON: expected `:` (line 3"]),
        (r#"[1, {"name":"Thee"}]"#, &["row 1, this must be an object, not a number", "2 Thee"]),
    ] {
        let found = names(Format::Json, text);
        let fits = found.len() == expected.len()
            && found.iter().zip(expected).all(|(found, expected)| found.starts_with(expected));
        assert!(fits, "{text}: {found:#?}");
    }
}

#[test]
fn a_broken_line_refuses_that_line_alone() {
    let found = names(Format::Ndjson, "{\"name\":\"Thee\"}\n{\"name\":\n{\"naam\":\"Melk\"}\n{\"name\":\"Koffie\"}\n");
    assert_eq!(found.len(), 4);
    assert_eq!((found[0].as_str(), found[3].as_str()), ("1 Thee", "4 Koffie"));
    assert!(found[1].starts_with("row 2, this is not valid JSON"), "{found:?}");
    assert!(found[2].contains("row 3, /naam: 'naam' is not a key of this form; did you mean 'name'?"), "{found:?}");
}

#[test]
fn a_fault_names_the_pointer_and_the_value() {
    let options = ReadOptions { format: Format::Ndjson, vocabulary: vocabulary(), mapping: None, source: None };
    let text = r#"{"name":"Thee","municipality":"GM0363","cost":{"category":"duur"}}"#;
    let row = read(input(text), options).expect("usable").next().expect("a row").expect("a draft");
    assert_eq!(row.municipality.as_deref(), Some("GM0363"));
    let refused = row.check(vocabulary()).expect_err("an unknown concept");
    let Problem { row, column, value, .. } = &refused.problems[0];
    assert_eq!((row, column.as_deref(), value.as_deref()), (&Some(1), Some("/cost/category"), Some("duur")));
    assert_eq!(refused.raw.as_deref(), Some(text));
}

#[test]
fn the_source_is_named_where_a_row_names_none() {
    let options = ReadOptions { format: Format::Ndjson, vocabulary: vocabulary(), mapping: None, source: Some("stad") };
    let text =
        [r#"{"name":"a"}"#, r#"{"name":"b","source":{"externalId":"1"}}"#, r#"{"name":"c","source":{"name":"x"}}"#]
            .join("\n");
    let rows = read(input(text), options).expect("usable");
    let sources: Vec<_> = rows.map(|row| row.expect("a draft").draft["source"]["name"].clone()).collect();
    assert_eq!(sources, ["stad", "stad", "x"]);
}

#[test]
fn a_line_without_end_is_one_refused_row() {
    let long = std::io::repeat(b'x').take(60_000_000);
    for (format, before, after) in [
        (Format::Ndjson, "{\"name\":\"Thee\"}\n", "\n{\"name\":\"Koffie\"}\n"),
        (Format::Json, "[{\"name\":\"Thee\"},{\"name\":\"", "\"},{\"name\":\"Koffie\"}]"),
        (Format::Csv, "name\nThee\n", "\nKoffie\n"),
    ] {
        let options = ReadOptions { format, vocabulary: vocabulary(), mapping: None, source: None };
        let bytes = before.as_bytes().chain(std::io::repeat(b'x').take(long.limit())).chain(after.as_bytes());
        let rows: Vec<_> = read(Input::new(bytes, None).expect("opens"), options).expect("usable").collect();
        let [Ok(_), Err(refused), Ok(_)] = &rows[..] else { panic!("{format:?}: {} rows", rows.len()) };
        assert!(refused.raw.is_none() && refused.problems[0].problem.starts_with("this is longer than 1 MB"));
    }
}

#[test]
fn packed_files_are_read_and_counted() {
    use std::io::Write;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all("\u{feff}{\"name\":\"Thee\"}\n".as_bytes()).expect("memory");
    let packed = packed.finish().expect("memory");
    let size = packed.len() as u64;
    let options = |format| ReadOptions { format, vocabulary: vocabulary(), mapping: None, source: None };
    let whole = Input::new(Cursor::new(packed.clone()), Some(size)).expect("opens");
    let mut rows = read(whole, options(Format::Ndjson)).expect("usable");
    assert!(rows.next().expect("a row").is_ok() && rows.next().is_none());
    assert_eq!((rows.progress().position(), rows.progress().size()), (size, Some(size)));

    let cut = Input::new(Cursor::new(packed[..packed.len() - 9].to_vec()), None).expect("opens");
    let last = read(cut, options(Format::Ndjson)).expect("usable").last().expect("a row");
    let problem = last.expect_err("it is cut off").problems[0].to_string();
    assert!(problem.starts_with("the file cannot be read any further"), "{problem}");
}
