//! Reports and refused rows.

use std::fs;

use super::*;
use crate::domain::Tally;

/// Imports a text as far as this module can, with a report, and gives the report and the folder.
fn import(format: Format, text: &str, report: &str) -> (Report, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(format!("input.{}", format.as_str()));
    fs::write(&path, text).expect("written");
    let mapping = Mapping::parse("source = \"stad\"\n[properties]\n\"/name\" = \"naam\"", vocabulary()).expect("sound");
    let options = ReadOptions { format, vocabulary: vocabulary(), mapping: Some(&mapping), source: Some("test") };
    let rows = read(Input::open(&path).expect("opens"), options).expect("usable");
    let header = rows.header().map(str::to_owned);
    let mut reporter =
        Reporter::new(Some(&folder.path().join(report)), &path, format, header.as_deref()).expect("a report");
    let mut accepted = Tally::default();
    for row in rows {
        match row.and_then(|row| row.check(vocabulary())) {
            Ok(_) => accepted.new += 1,
            Err(refused) => reporter.refuse(&refused).expect("written"),
        }
    }
    (reporter.finish(accepted).expect("written"), folder)
}

fn text(path: Option<&PathBuf>) -> String {
    fs::read_to_string(path.expect("a file")).expect("readable")
}

#[test]
fn refused_rows_can_be_mended_and_offered_again() {
    let feature = |name: &str, id: u8| {
        format!(r#"{{"type":"Feature","id":{id},"properties":{{"{name}":"Thee"}},"geometry":null}}"#)
    };
    let cases = [
        (Format::Csv, "name;theme\nThee;\nMelk;rouwen\nKoffie;rouwen\n".to_owned(), "rouwen", "grief"),
        (
            Format::Ndjson,
            "{\"name\":\"Thee\"}\n{\"naam\":\"Melk\"}\n{\"naam\":1}\n".replace("1}", "\"x\"}"),
            "naam",
            "name",
        ),
        (Format::Json, "[{\"name\":\"Thee\"},{\n\"naam\":\n\"Melk\"},{\"naam\":\"x\"}]".to_owned(), "naam", "name"),
        (
            Format::GeoJson,
            format!(r#"{{"features":[{},{},{}]}}"#, feature("naam", 1), feature("name", 2), feature("name", 3)),
            "name",
            "naam",
        ),
    ];
    for (format, file, wrong, right) in cases {
        let (report, _folder) = import(format, &file, "report.csv");
        assert_eq!((report.new, report.refused), (1, 2), "{format:?}: {report}");
        let refused = report.refused_file.as_ref().expect("refused rows");
        let again = Format::of_path(refused).expect("a known form");
        let mended = text(Some(refused)).replace(wrong, right);
        let (report, _folder) = import(again, &mended, "report.csv");
        assert_eq!((report.new, report.refused, report.refused_file), (2, 0, None), "{format:?}: {mended}");
    }
}

#[test]
fn the_report_is_for_people_spreadsheets_and_programs() {
    let file = "name,theme\nThee,\n=1+1,\"=HYPERLINK(\"\"x\"\")\"\n";
    let (report, _folder) = import(Format::Csv, file, "report.csv");
    let expected = "\u{feff}row,column,value,problem\n3,theme,\"'=HYPERLINK(\"\"x\"\")\",";
    let written = text(report.report_file.as_ref());
    assert!(written.starts_with(expected), "{written}");
    assert!(
        report.to_string().starts_with("1 new, 0 changed, 0 the same, 1 refused\n  row 3, theme: '=HYPER"),
        "{report}"
    );

    let (report, _folder) = import(Format::Csv, file, "report.json");
    let written: Value = serde_json::from_str(&text(report.report_file.as_ref())).expect("JSON");
    assert_eq!(
        (&written["new"], &written["refused"], &written["problems"][0]["row"]),
        (&1.into(), &1.into(), &3.into())
    );
    assert!(report.refused_file.is_some_and(|path| path.ends_with("report.refused.csv")));
}

#[test]
fn a_hundred_problems_are_all_in_the_file_and_few_on_the_screen() {
    let file = format!("name,theme\n{}", "Thee,rouwen\n".repeat(100));
    let (report, _folder) = import(Format::Csv, &file, "report.csv");
    assert_eq!((report.refused, report.problem_count, report.first_problems.len()), (100, 100, 20));
    assert_eq!(text(report.report_file.as_ref()).lines().count(), 101);
    assert!(report.to_string().contains("and 80 more problems"));
}

#[test]
fn a_report_never_takes_the_place_of_what_is_imported() {
    let folder = tempfile::tempdir().expect("a folder");
    let input = folder.path().join("x.refused.csv");
    fs::write(&input, "name\n").expect("written");
    for report in ["x.refused.csv", "x.csv", "x.json"] {
        let told = Reporter::new(Some(&folder.path().join(report)), &input, Format::Csv, None);
        assert!(matches!(told, Err(ReportError::OverInput(_))), "{report}");
    }
    assert!(Reporter::new(None, &input, Format::Csv, None).is_ok());
}
