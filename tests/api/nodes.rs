//! Nodes and their indexes: they follow the log, live without the database, and make themselves anew.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::harness::app::TestApp;
use crate::harness::postgres::Cluster;
use crate::harness::{TestDatabase, offering, wait_until, with};

fn soup() -> Value {
    let place = json!({ "type": "physical", "position": { "latitude": 52.37, "longitude": 4.92 } });
    with(offering("Soep"), json!({ "sessions": [{ "place": place }] }))
}

#[test]
fn public_reads_go_on_while_postgresql_is_stopped_and_after_a_restart() {
    let Some(cluster) = Cluster::dedicated() else { return };
    let url = cluster.fresh_database().parse().expect("an address");
    let data = tempfile::tempdir().expect("a folder");
    let mut app = TestApp::start(&url, data.path());
    app.import([soup()]);
    let id = app.get("/v1/offerings").ok()["hits"][0]["offering"]["id"].as_str().expect("an id").to_owned();
    let reads = |app: &TestApp| {
        assert_eq!(app.get("/v1/offerings?q=soep&near=52.37,4.92&radius=100&facets=theme").names(), ["Soep"]);
        assert_eq!(app.get(&format!("/v1/offerings/{id}")).ok()["name"], "Soep");
        assert_eq!(app.get("/v1/areas").status, 200);
        app.get("/v1/offerings").ok()["dataAsOf"].as_str().expect("a time").to_owned()
    };

    cluster.stop();
    let as_of = reads(&app);
    app.stop();
    let restarted = TestApp::start(&url, data.path());
    wait_until("the node becomes ready", || restarted.get("/health/ready").status == 200);
    assert!(reads(&restarted) <= as_of, "the data is no newer than it was");

    cluster.start();
    restarted.import([offering("Brood")]);
    assert_eq!(restarted.get("/v1/offerings?sort=name").names(), ["Brood", "Soep"]);
}

#[test]
fn any_number_of_nodes_follow_one_database() {
    let Some(database) = TestDatabase::postgres() else { return };
    let (one, two) = (TestApp::on(&database.url), TestApp::on(&database.url));
    one.import([soup()]);
    two.settle();
    assert_eq!(two.get("/v1/offerings").names(), ["Soep"]);
    two.import([offering("Brood")]);
    one.settle();
    assert_eq!(one.get("/v1/offerings?sort=name").names(), ["Brood", "Soep"]);
}

#[test]
fn without_an_index_and_a_database_the_answer_is_to_come_back() {
    let url = "postgres://nobody@127.0.0.1:1/nothing".parse().expect("an address");
    let app = TestApp::on(&url);
    for path in ["/v1/offerings", "/v1/areas", "/health/ready"] {
        let answer = app.get(path);
        answer.problem(503);
        assert!(!answer.header("retry-after").is_empty(), "{path}");
    }
    app.get("/health/live").ok();
    app.get("/v1/schemes").ok();
    comes_to_wait_for(&app, "the database is not reached");
}

/// Waits until a node that is not ready says so.
fn comes_to_wait_for(app: &TestApp, reason: &str) {
    wait_until(reason, || {
        let problem = app.get("/health/ready").problem(503);
        problem["detail"].as_str().is_some_and(|detail| detail.contains(reason))
    });
}

#[test]
fn a_second_process_on_one_folder_says_so_and_goes_on_when_the_first_ends() {
    let database = TestDatabase::sqlite();
    let data = tempfile::tempdir().expect("a folder");
    let mut first = TestApp::start(&database.url, data.path());
    first.import([soup()]);
    let second = TestApp::start(&database.url, data.path());
    comes_to_wait_for(&second, "another process is using the data folder");
    let told = second.get("/v1/offerings");
    assert!(told.problem(503)["detail"].as_str().is_some_and(|detail| detail.contains("--data")), "{}", told.text);
    assert!(!told.text.contains(&data.path().display().to_string()), "the public need not know the folder");
    assert_eq!(first.get("/v1/offerings").names(), ["Soep"]);
    first.stop();
    second.settle();
    assert_eq!(second.get("/v1/offerings").names(), ["Soep"]);
}

/// The folder of the index in use.
fn index_of(data: &Path) -> PathBuf {
    let folder = data.join("index");
    folder.join(std::fs::read_to_string(folder.join("current")).expect("an index is named"))
}

#[test]
fn an_index_that_is_lost_or_damaged_is_made_anew() {
    let database = TestDatabase::sqlite();
    let data = tempfile::tempdir().expect("a folder");
    let mut app = TestApp::start(&database.url, data.path());
    app.import([soup(), offering("Brood")]);
    app.stop();
    type Harm = fn(&Path);
    let harms: [(&str, Harm); 4] = [
        ("the whole folder is gone", |data| std::fs::remove_dir_all(data.join("index")).expect("removed")),
        ("the index in use is gone", |data| std::fs::remove_dir_all(index_of(data)).expect("removed")),
        ("its description is damaged", |data| std::fs::write(index_of(data).join("meta.json"), "{").expect("written")),
        ("the name leads elsewhere", |data| std::fs::write(data.join("index/current"), "../..").expect("written")),
    ];
    for (what, harm) in harms {
        harm(data.path());
        let mut again = TestApp::start(&database.url, data.path());
        again.settle();
        assert_eq!(again.get("/v1/offerings?sort=name").names(), ["Brood", "Soep"], "{what}");
        again.stop();
    }
}

#[test]
fn an_index_that_is_damaged_while_it_runs_is_made_anew() {
    use std::io::{Seek, SeekFrom, Write};
    let app = TestApp::with([soup(), offering("Brood")]);
    let before = index_of(app.data());
    for file in std::fs::read_dir(index_of(app.data())).expect("the index") {
        let path = file.expect("a file").path();
        if path.extension().is_some_and(|extension| extension == "store") {
            let mut store = std::fs::OpenOptions::new().write(true).open(path).expect("opens");
            store.seek(SeekFrom::Start(5)).expect("there");
            store.write_all(&[0xff; 60]).expect("damaged");
        }
    }
    // The folder is there a moment before readers see what is in it.
    wait_until("the damage is mended", || app.get("/v1/offerings").status == 200 && index_of(app.data()) != before);
    assert_eq!(app.get("/v1/offerings?sort=name").names(), ["Brood", "Soep"]);
}

#[test]
fn a_request_to_reindex_makes_a_new_index_while_reads_go_on() {
    let app = TestApp::with([soup()]);
    let before = index_of(app.data());
    app.store.request_reindex(&wegwijzer::store::Actor { name: "test".into(), reason: None }).expect("asked");
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while index_of(app.data()) == before {
        assert_eq!(app.get("/v1/offerings").names(), ["Soep"]);
        assert!(std::time::Instant::now() < patience, "no new index comes");
    }
    app.settle();
    assert_eq!(app.get("/v1/offerings").names(), ["Soep"]);
    app.import([offering("Brood")]);
    assert_eq!(app.get("/v1/offerings").ok()["total"], 2);
}

#[test]
fn an_index_of_another_database_is_made_anew_though_the_numbers_fit() {
    let data = tempfile::tempdir().expect("a folder");
    let (one, two) = (TestDatabase::sqlite(), TestDatabase::sqlite());
    let mut app = TestApp::start(&one.url, data.path());
    app.import([offering("Oud"), offering("Ouder")]);
    app.stop();
    TestApp::on(&two.url).import([offering("Nieuw"), offering("Nieuwer"), offering("Nieuwst")]);
    let app = TestApp::start(&two.url, data.path());
    app.settle();
    assert_eq!(app.get("/v1/offerings?sort=name").names(), ["Nieuw", "Nieuwer", "Nieuwst"]);
}

#[test]
fn a_row_that_cannot_be_read_keeps_nothing_else_from_the_public() {
    let database = TestDatabase::sqlite();
    let wegwijzer::store::DatabaseUrl::Sqlite(path) = &database.url else { panic!("SQLite") };
    let app = TestApp::on(&database.url);
    app.import([offering("Heel")]);
    database.damage(path);
    app.import([offering("Later")]);
    assert_eq!(app.get("/v1/offerings?q=later").names(), ["Later"]);
    let anew = TestApp::on(&database.url);
    anew.settle();
    assert_eq!(anew.get("/v1/offerings").names(), ["Later"]);
}
