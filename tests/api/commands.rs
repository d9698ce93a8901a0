//! The command line, run as people run it.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use wegwijzer::domain::ItemNumber;
use wegwijzer::store::{DatabaseUrl, Store};

use crate::harness::app::TestApp;
use crate::harness::{TestDatabase, offering, shared, with};

fn wegwijzer(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wegwijzer"));
    command.current_dir(folder).env("RUST_LOG", "error").args(args).output().expect("the binary runs")
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn ndjson(path: &Path, drafts: impl IntoIterator<Item = Value>) {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path).expect("a file"));
    for draft in drafts {
        writeln!(file, "{draft}").expect("written");
    }
}

#[test]
fn the_example_of_the_template_comes_in_whole_and_twice_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(wegwijzer(folder.path(), &["import", "--template"]).status.code(), Some(0));
    let import = ["import", "wegwijzer-example.csv", "--municipality", "GM0363"];
    let first = wegwijzer(folder.path(), &import);
    assert_eq!(first.status.code(), Some(0), "{}", said(&first));
    assert!(said(&first).contains(" 0 changed, 0 the same, 0 refused"), "{}", said(&first));
    let second = wegwijzer(folder.path(), &import);
    assert!(said(&second).starts_with("0 new, 0 changed"), "{}", said(&second));
}

#[test]
fn refused_rows_are_told_with_their_remedy_kept_and_come_in_once_mended() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("rows.ndjson");
    let wrong = with(offering("Rouwgroep"), json!({ "theme": ["rouwen"] }));
    let swapped = with(
        offering("Omgewisseld"),
        json!({ "sessions": [{ "place": { "type": "physical", "position": { "latitude": 4.93, "longitude": 52.37 } } }] }),
    );
    ndjson(&file, [offering("Goed"), wrong, swapped]);
    std::fs::OpenOptions::new().append(true).open(&file).expect("open").write_all(b"{ geen json\n").expect("written");
    let import = ["import", "rows.ndjson", "--municipality", "GM0363", "--report", "report.csv"];

    let dry = wegwijzer(folder.path(), &[&import[..], &["--dry-run"]].concat());
    assert_eq!(dry.status.code(), Some(1), "{}", said(&dry));
    assert!(said(&dry).contains("1 new, 0 changed, 0 the same, 3 refused"), "{}", said(&dry));
    let real = wegwijzer(folder.path(), &import);
    assert!(
        said(&real).contains("1 new, 0 changed, 0 the same, 3 refused"),
        "a dry run writes nothing: {}",
        said(&real)
    );

    let report = std::fs::read_to_string(folder.path().join("report.csv")).expect("the report");
    assert!(report.contains("'grief'") && report.contains("swapped") && report.contains("/theme/0"), "{report}");
    let refused = std::fs::read_to_string(folder.path().join("report.refused.ndjson")).expect("the refused rows");
    assert_eq!(refused.lines().count(), 3);
    let mended: String = refused.lines().take(1).map(|line| line.replace("rouwen", "grief") + "\n").collect();
    std::fs::write(folder.path().join("mended.ndjson"), mended).expect("written");
    let again = wegwijzer(folder.path(), &["import", "mended.ndjson", "--municipality", "GM0363"]);
    assert!(said(&again).starts_with("1 new"), "{}", said(&again));
    assert!(!folder.path().join("mended.report.csv").exists(), "nothing to tell");

    let unasked = wegwijzer(folder.path(), &["import", "rows.ndjson", "--municipality", "GM0363"]);
    assert!(said(&unasked).contains("rows.report.refused.ndjson --source 'rows'"), "{}", said(&unasked));
    assert!(folder.path().join("rows.report.refused.ndjson").exists(), "no row is lost for want of a flag");
}

#[test]
fn what_a_whole_source_no_longer_names_is_withdrawn() {
    let folder = tempfile::tempdir().expect("a folder");
    let import = ["import", "rows.ndjson", "--municipality", "GM0363", "--complete"];
    ndjson(&folder.path().join("rows.ndjson"), [offering("Blijft"), offering("Gaat")]);
    wegwijzer(folder.path(), &import);
    ndjson(&folder.path().join("rows.ndjson"), [offering("Blijft")]);
    let rehearsed = wegwijzer(folder.path(), &[&import[..], &["--dry-run"]].concat());
    assert!(said(&rehearsed).contains("1 would be withdrawn"), "{}", said(&rehearsed));
    let second = wegwijzer(folder.path(), &import);
    assert!(said(&second).contains("1 withdrawn"), "{}", said(&second));
}

#[test]
fn what_a_file_no_longer_says_of_an_organization_is_taken_back_unless_a_row_was_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let import = ["import", "rows.ndjson", "--municipality", "GM0363"];
    let rehearsal = [&import[..], &["--dry-run"]].concat();
    let of_werf = |name: &str, said: Value| {
        with(offering(name), json!({ "organization": [with(json!({ "role": "lead", "name": "De Werf" }), said)] }))
    };
    let file = folder.path().join("rows.ndjson");
    ndjson(&file, [of_werf("Een", json!({ "phone": "020 000 00 01" })), of_werf("Twee", json!({}))]);
    assert!(said(&wegwijzer(folder.path(), &import)).starts_with("2 new"));

    ndjson(&file, [of_werf("Twee", json!({}))]);
    for args in [&rehearsal[..], &import] {
        let part = wegwijzer(folder.path(), args);
        assert!(said(&part).contains("(--complete withdraws those): 1."), "{}", said(&part));
    }

    ndjson(&file, [of_werf("Een", json!({})), of_werf("Twee", json!({})), of_werf("Drie", json!({ "kvk": "1" }))]);
    let refused = wegwijzer(folder.path(), &import);
    assert!(said(&refused).contains("a refused row may say it: 1."), "{}", said(&refused));
    ndjson(&file, [of_werf("Een", json!({})), of_werf("Twee", json!({}))]);
    let rehearsed = wegwijzer(folder.path(), &rehearsal);
    assert!(said(&rehearsed).contains("would lose what the source no longer says of them: 1."), "{}", said(&rehearsed));
    let done = wegwijzer(folder.path(), &import);
    assert!(said(&done).contains("that lose what the source no longer says of them: 1."), "{}", said(&done));
    let again = wegwijzer(folder.path(), &import);
    assert_eq!(said(&again), "0 new, 0 changed, 2 the same, 0 refused\n");
}

#[test]
fn history_tells_the_changes_and_restore_puts_back_what_was_before() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |args: &[&str]| wegwijzer(folder.path(), args);
    let import = ["import", "rows.ndjson", "--municipality", "GM0363", "--complete"];
    let file = folder.path().join("rows.ndjson");
    ndjson(&file, [offering("Blijft"), offering("Gaat")]);
    run(&import);
    ndjson(&file, [with(offering("Blijft"), json!({ "summary": "Anders." }))]);
    assert_eq!(run(&import).status.code(), Some(0));

    let told = run(&["history", "offering", "1"]);
    let lines: Vec<String> = said(&told).lines().map(str::to_owned).collect();
    assert!(lines[1].starts_with("change 3 ") && lines[1].ends_with("import:rows: changed /summary"), "{lines:?}");
    assert!(lines[2].starts_with("change 1 ") && lines[2].ends_with("version 1  import:rows: made"), "{lines:?}");

    let reason = ["restore", "3", "--reason", "bij vergissing"];
    let rehearsed = run(&[&reason[..], &["--dry-run"]].concat());
    assert!(said(&rehearsed).contains("changed /summary.\nNothing is written (--dry-run)."), "{}", said(&rehearsed));
    let done = run(&reason);
    assert!(said(&done).contains("is as it was before change 3: changed /summary."), "{}", said(&done));
    assert!(said(&done).contains("That is change 5, version 3."), "{}", said(&done));
    let again = run(&reason);
    assert!(said(&again).contains("already as it was before change 3"), "{}", said(&again));
    assert_eq!(again.status.code(), Some(0));

    assert!(said(&run(&["restore", "4"])).contains("brought back"), "what was withdrawn comes back");
    assert!(said(&run(&["history", "offering", "2"])).contains("change 4 "));
    let machine = run(&["history", "offering", "1", "--json"]);
    let machine: Value = serde_json::from_slice(&machine.stdout).expect("JSON");
    let newest = &machine["revisions"][0];
    assert_eq!(
        (&newest["change"], &newest["deed"], &newest["fields"]),
        (&json!(5), &json!("changed"), &json!(["/summary"]))
    );
    assert_eq!((&newest["reason"], &newest["before"]["summary"]), (&json!("bij vergissing"), &json!("Anders.")));

    let id = machine["id"].as_str().expect("an id").to_owned();
    assert_eq!(said(&run(&["history", "offering", &id])), said(&run(&["history", "offering", "1"])));
    for (args, what) in [
        (&["restore", "99"][..], "there is no change 99"),
        (&["history", "offering", "99"], "there is no offering 99"),
        (&["history", "offering", "soep"], "'soep' is not the number or id of an offering"),
        (&["history", "organization", &id], "there is no organization"),
        (&["history", "area", "GM0363"], "there is no area GM0363"),
        (&["history", "area", "Amsterdam"], "not an area code"),
    ] {
        let output = run(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", said(&output));
        assert!(said(&output).contains(what), "{args:?}: {}", said(&output));
    }
}

#[test]
fn an_export_comes_in_again_and_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(wegwijzer(folder.path(), &["demo", "--load-only", "--data", "wegwijzer-data"]).status.code(), Some(0));
    for file in ["all.ndjson", "all.json"] {
        let out = wegwijzer(folder.path(), &["export", file]);
        assert_eq!(out.status.code(), Some(0), "{}", said(&out));
        let back = wegwijzer(folder.path(), &["import", file]);
        assert!(said(&back).starts_with("0 new, 0 changed, 150 the same, 0 refused"), "{file}: {}", said(&back));
    }
    let geojson = wegwijzer(folder.path(), &["export", "all.geojson"]);
    assert_eq!(geojson.status.code(), Some(0), "{}", said(&geojson));
    let features: Value =
        serde_json::from_slice(&std::fs::read(folder.path().join("all.geojson")).expect("read")).expect("JSON");
    assert!(features["features"].as_array().is_some_and(|features| features.len() > 100));
    // Each of the 150 is accounted for.
    let numbers = |part: &str| {
        let told = said(&geojson);
        let line = told.lines().find(|line| line.contains(part)).unwrap_or_else(|| panic!("no '{part}' in {told}"));
        line.split(' ').next().and_then(|number| number.parse::<u64>().ok()).expect("a number")
    };
    assert_eq!(numbers("offerings are in") + numbers("on a map") + numbers("may not see them"), 150);
}

/// The examples below a command's help: the words of each that runs this program.
fn examples(command: &clap::Command) -> Vec<Vec<String>> {
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let lines = help.lines().filter_map(|line| line.strip_prefix("  wegwijzer "));
    let command = |line: &str| line.split("  ").next().unwrap_or_default().to_owned();
    let words = |line: String| line.split(['|', '>']).next().unwrap_or_default().to_owned();
    lines.map(command).map(words).map(|line| line.split_whitespace().map(str::to_owned).collect()).collect()
}

#[test]
fn every_command_teaches_by_examples_that_it_understands() {
    use clap::{CommandFactory, Parser};
    let program = wegwijzer::cli::Cli::command();
    for command in program.get_subcommands().chain([&program]) {
        let (name, examples) = (command.get_name(), examples(command));
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        assert!(help.lines().all(|line| line.chars().count() <= 100), "a line of this is broken in two: {help}");
        assert!(examples.len() >= if name == "openapi" { 1 } else { 2 }, "{name} has {} examples", examples.len());
        for words in examples {
            assert!(name == "wegwijzer" || name == "bench-data" || words[0] == name, "{name}: {words:?}");
            let read =
                wegwijzer::cli::Cli::try_parse_from(std::iter::once("wegwijzer".to_owned()).chain(words.clone()));
            if let Err(error) = read {
                assert_eq!(error.kind(), clap::error::ErrorKind::DisplayHelp, "{words:?}: {error}");
            }
        }
    }
}

#[test]
fn help_tells_the_defaults_that_hold_and_how_an_import_is_called() {
    let folder = tempfile::tempdir().expect("a folder");
    let help = |command: &str| said(&wegwijzer(folder.path(), &[command, "--help"]));
    let plain = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(plain(help("demo")).contains("for the demo ./wegwijzer-demo"), "{}", help("demo"));
    let import = help("import");
    assert!(import.contains("wegwijzer import [OPTIONS] areas FILE"), "{import}");
    assert!(!import.contains("[WHAT]") && !import.contains("<GM0363>"), "{import}");
    for command in
        ["serve", "demo", "import", "export", "reindex", "migrate", "history", "restore", "openapi", "bench-data"]
    {
        let help = help(command);
        assert!(help.contains("\nExamples:\n  wegwijzer "), "{help}");
        assert!(help.contains("--data <DIR>"), "{help}");
    }
}

#[test]
fn a_wrong_call_does_nothing_and_says_what_would_be_right() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("rows.txt"), "x").expect("written");
    for (args, told) in [
        (vec!["import", "rows.txt"], "--format"),
        (vec!["import", "nowhere.csv"], "nowhere.csv"),
        (vec!["import", "things", "rows.txt"], "front-doors"),
        (vec!["serve", "--database", "mysql://x"], "sqlite:PATH"),
        (vec!["import", "rows.txt", "--format", "csv", "--municipality", "Amsterdam"], "GM0363"),
    ] {
        let output = wegwijzer(folder.path(), &args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", said(&output));
        assert!(said(&output).contains(told), "{args:?}: {}", said(&output));
    }
}

/// `kill -9` in the middle of an import: what was acknowledged is there, and the index equals the database.
#[test]
fn an_import_that_is_killed_leaves_whole_batches_and_an_equal_index() {
    const ROWS: usize = 5000;
    for database in TestDatabase::each() {
        let folder = tempfile::tempdir().expect("a folder");
        ndjson(&folder.path().join("rows.ndjson"), (0..ROWS).map(|at| offering(&format!("Rij {at}"))));
        let url = match &database.url {
            DatabaseUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
            DatabaseUrl::Postgres(url) => url.clone(),
        };
        let import = ["import", "rows.ndjson", "--municipality", "GM0363", "--database", &url];
        let mut running = Command::new(env!("CARGO_BIN_EXE_wegwijzer"))
            .current_dir(folder.path())
            .args(import)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary runs");
        let store = database.store();
        let patience = Instant::now() + Duration::from_secs(60);
        while store.offering_count().expect("counted") < 1000 {
            assert!(Instant::now() < patience, "the import does not get on");
            std::thread::sleep(Duration::from_millis(2));
        }
        running.kill().expect("killed");
        running.wait().expect("ended");

        let count = store.offering_count().expect("counted") as usize;
        assert_eq!(count % 500, 0, "batches are whole");
        equal_index(&database, &store, count);
        let again = wegwijzer(folder.path(), &import);
        assert!(
            said(&again).starts_with(&format!("{} new, 0 changed, {count} the same", ROWS - count)),
            "{}",
            said(&again)
        );
        equal_index(&database, &store, ROWS);
    }
}

fn equal_index(database: &TestDatabase, store: &Store, count: usize) {
    let app = TestApp::on(&database.url);
    app.settle();
    assert_eq!(app.get("/v1/offerings?pageSize=1").ok()["total"], count);
    let last = store.offerings_after(ItemNumber(0), count as i64).expect("read").pop().expect("one");
    assert_eq!(app.get(&format!("/v1/offerings/{}", last.id)).ok()["name"], last.offering.name);
}

/// Real places through the mapping file, on both databases, found by their area and by distance.
#[test]
fn the_802_places_of_amsterdam_come_in_and_are_found_where_they_are() {
    let (Some(places), Some(outlines)) =
        (shared("geo/amsterdam-voorzieningen.geojson"), shared("geo/amsterdam-buurten.geojson"))
    else {
        return;
    };
    let features: Value = serde_json::from_slice(&std::fs::read(&places).expect("read")).expect("JSON");
    let features = features["features"].as_array().expect("features").clone();
    let mapping = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data/mappings/amsterdam-voorzieningen.toml");
    for database in TestDatabase::each() {
        let folder = tempfile::tempdir().expect("a folder");
        let url = match &database.url {
            DatabaseUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
            DatabaseUrl::Postgres(url) => url.clone(),
        };
        let areas = wegwijzer(folder.path(), &["import", "areas", &outlines.display().to_string(), "--database", &url]);
        assert!(said(&areas).starts_with("518 new"), "{}", said(&areas));
        let (places, mapping) = (places.display().to_string(), mapping.display().to_string());
        let import = ["import", &places, "--mapping", &mapping, "--database", &url];
        let first = wegwijzer(folder.path(), &import);
        assert!(said(&first).starts_with("802 new, 0 changed, 0 the same, 0 refused"), "{}", said(&first));
        assert!(said(&wegwijzer(folder.path(), &import)).starts_with("0 new, 0 changed, 802 the same"));

        let app = TestApp::on(&database.url);
        app.settle();
        let mut by_area = std::collections::BTreeMap::<&str, usize>::new();
        for feature in &features {
            *by_area.entry(feature["properties"]["buurtcode"].as_str().expect("a code")).or_default() += 1;
        }
        for (code, count) in by_area.iter().filter(|(code, _)| !code.is_empty()) {
            assert_eq!(app.get(&format!("/v1/offerings?area={code}&pageSize=1")).ok()["total"], *count, "{code}");
        }
        let position = |feature: &Value| {
            let at = &feature["geometry"]["coordinates"];
            wegwijzer::domain::Position::new(at[1].as_f64().expect("lat"), at[0].as_f64().expect("lon"))
                .expect("on earth")
        };
        for centre in features.iter().step_by(40) {
            let centre = position(centre);
            let near = features.iter().filter(|other| centre.distance_to(position(other)).metres() <= 1200.0).count();
            let page = app.get(&format!("/v1/offerings?near={centre}&radius=1200&pageSize=1")).ok();
            assert_eq!(page["total"], near, "around {centre}");
        }
    }
}
