//! The real service on a free port, with what a test gave it, and a plain client.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use wegwijzer::app::{Service, runtime};
use wegwijzer::config::{Config, LogFormat};
use wegwijzer::directory::{AreaImporter, ImportOptions, Importer, Node, area_index};
use wegwijzer::domain::OfferingDraft;
use wegwijzer::exchange::{self, Format, Input};
use wegwijzer::store::{DatabaseUrl, Store};

use super::{TestDatabase, vocabulary, wait_until};

/// A running service.
pub struct TestApp {
    /// Where it is served.
    pub address: SocketAddr,
    /// Its system of record.
    pub store: Store,
    /// The state of its node.
    pub node: Arc<Node>,
    data: PathBuf,
    server: Option<(actix_web::dev::ServerHandle, std::thread::JoinHandle<()>)>,
    client: reqwest::blocking::Client,
    _folder: Option<TempDir>,
    _database: Option<TestDatabase>,
}

impl TestApp {
    /// A service on SQLite with these offerings.
    pub fn with(drafts: impl IntoIterator<Item = Value>) -> Self {
        let database = TestDatabase::sqlite();
        let mut app = Self::on(&database.url);
        app._database = Some(database);
        app.import(drafts);
        app
    }

    /// The demo for tests that only read it: one for all of them.
    pub fn shared_demo() -> &'static Self {
        static DEMO: OnceLock<TestApp> = OnceLock::new();
        // What is never dropped leaves its folder behind; so it has the same one each time.
        DEMO.get_or_init(|| Self::demo_in(&empty_folder("demo")))
    }

    /// A service on SQLite with the sample listings, areas and front doors, as the demo loads them.
    pub fn demo() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut app = Self::demo_in(folder.path());
        app._folder = Some(folder);
        app
    }

    /// The demo as it starts again in a copy of the folder of another, since it takes seconds to learn how people ask.
    fn demo_in(folder: &Path) -> Self {
        static LEARNED: OnceLock<PathBuf> = OnceLock::new();
        copy(LEARNED.get_or_init(Self::learned_demo), folder);
        let app = Self::start_with(&demo_database(folder), folder, None, true);
        app.settle();
        app
    }

    /// A folder in which the demo was loaded and has learned.
    fn learned_demo() -> PathBuf {
        let folder = empty_folder("learned-demo");
        let loaded = std::process::Command::new(env!("CARGO_BIN_EXE_wegwijzer"))
            .args(["demo", "--load-only", "--data"])
            .arg(&folder)
            .output()
            .expect("the binary runs");
        assert!(loaded.status.success(), "{}", String::from_utf8_lossy(&loaded.stderr));
        Self::start_with(&demo_database(&folder), &folder, None, true).settle();
        folder
    }

    /// The demo with more told of its areas.
    pub fn demo_with_areas(collection: &Value) -> Self {
        let app = Self::demo();
        app.import_areas(&collection.to_string());
        app
    }

    /// A service on SQLite with the sample areas and these offerings.
    pub fn demo_areas_with(drafts: impl IntoIterator<Item = Value>) -> Self {
        let app = Self::with([]);
        app.import_areas(include_str!("../../../data/areas/demo-areas.geojson"));
        app.import(drafts);
        app
    }

    /// A service on a database, with an index folder of its own.
    pub fn on(url: &DatabaseUrl) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut app = Self::start(url, folder.path());
        app._folder = Some(folder);
        app
    }

    /// A service on a database and a data folder, which another may have used before. It learns nothing of how people
    /// ask, which takes seconds; the demo does.
    pub fn start(url: &DatabaseUrl, data: &Path) -> Self {
        Self::start_with(url, data, None, false)
    }

    /// The demo with a service for street addresses.
    pub fn demo_with_addresses(service: &str) -> Self {
        let mut demo = Self::demo();
        demo.stop();
        let mut app = Self::start_with(&demo_database(demo.data()), demo.data(), service.parse().ok(), false);
        app._folder = demo._folder.take();
        app.settle();
        app
    }

    fn start_with(url: &DatabaseUrl, data: &Path, address_service: Option<url::Url>, learned_concepts: bool) -> Self {
        wegwijzer::addresses::prepare_encryption();
        let config = Config {
            listen: "127.0.0.1:0".parse().expect("an address"),
            database: url.clone(),
            data: data.into(),
            vocabulary: None,
            crisis_words: None,
            word_list: None,
            barriers: None,
            address_service,
            log_format: LogFormat::Text,
            poll: Duration::from_millis(20),
            max_searches: 64,
            learned_concepts,
        };
        let (tell, told) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            runtime().block_on(async {
                let service = Service::start(&config).expect("the service starts");
                tell.send((service.address, service.store.clone(), service.node.clone(), service.handle()))
                    .expect("heard");
                service.run().await.expect("the service runs");
            });
        });
        let (address, store, node, handle) = told.recv().expect("the service starts");
        let client = reqwest::blocking::Client::builder().timeout(Duration::from_secs(120)).build().expect("a client");
        let server = Some((handle, thread));
        Self { address, store, node, data: data.into(), server, client, _folder: None, _database: None }
    }

    /// The folder of its index.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Takes in offerings of Amsterdam, and waits until searches find them.
    pub fn import(&self, drafts: impl IntoIterator<Item = Value>) {
        let options = ImportOptions { municipality: "GM0363".parse().ok(), source: "test".into(), dry_run: false };
        let mut importer = Importer::new(self.store.clone(), area_index(&self.store).expect("areas"), options);
        let vocabulary = vocabulary();
        for (row, draft) in (1..).zip(drafts) {
            let offering = OfferingDraft(draft).check(&vocabulary).expect("a right draft");
            importer.add(row, offering, None).expect("written").expect("let in");
        }
        importer.finish().expect("written");
        self.settle();
    }

    /// Takes in areas, and waits until searches know them.
    pub fn import_areas(&self, collection: &str) {
        let input = Input::new(std::io::Cursor::new(collection.to_owned()), None).expect("it opens");
        let rows = exchange::areas::read(input, Format::GeoJson, None).expect("areas");
        let mut importer = AreaImporter::new(self.store.clone(), "test", false);
        for row in rows {
            importer.add(row.expect("a sound area").patch).expect("taken in");
        }
        assert!(importer.flush().expect("written").is_empty(), "each area is known by name");
        importer.relocate().expect("found again");
        self.settle();
    }

    /// Waits until the index holds the last change.
    pub fn settle(&self) {
        let last = self.store.last_change().expect("a number");
        wait_until(&format!("the index reaches change {last}"), || {
            self.node.snapshot().is_ok_and(|snapshot| snapshot.watermark().change >= last)
        });
    }

    /// Asks for a path.
    pub fn get(&self, path: &str) -> Answer {
        self.send(reqwest::Method::GET, path)
    }

    /// Asks for a path, and does not follow where the answer leads.
    pub fn get_once(&self, path: &str) -> Answer {
        let client = reqwest::blocking::Client::builder().redirect(reqwest::redirect::Policy::none());
        let client = client.timeout(Duration::from_secs(120)).build().expect("a client");
        self.answer(client.get(format!("http://{}{path}", self.address)), path)
    }

    /// Sends a request without a body.
    pub fn send(&self, method: reqwest::Method, path: &str) -> Answer {
        self.send_with(method, path, &[])
    }

    /// Sends JSON to a path.
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_text(path, body.to_string())
    }

    /// Sends a body that is said to be JSON.
    pub fn post_text(&self, path: &str, body: String) -> Answer {
        let request = self.client.post(format!("http://{}{path}", self.address));
        self.answer(request.header("content-type", "application/json").body(body), path)
    }

    /// Sends a request with headers.
    pub fn send_with(&self, method: reqwest::Method, path: &str, headers: &[(&str, &str)]) -> Answer {
        let request = self.client.request(method, format!("http://{}{path}", self.address));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        self.answer(request, path)
    }

    fn answer(&self, request: reqwest::blocking::RequestBuilder, path: &str) -> Answer {
        let sent = request.send().expect("an answer");
        let (status, headers) = (sent.status().as_u16(), sent.headers().clone());
        Answer { status, headers, text: sent.text().expect("text"), asked: path.into() }
    }

    /// Stops the service and waits for its end.
    pub fn stop(&mut self) {
        if let Some((handle, thread)) = self.server.take() {
            self.node.stop();
            drop(handle.stop(false));
            thread.join().expect("the service ends");
        }
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.stop();
        }
    }
}

fn demo_database(folder: &Path) -> DatabaseUrl {
    DatabaseUrl::Sqlite(folder.join("wegwijzer.db"))
}

/// A folder for tests with a name, without what an earlier run left in it.
fn empty_folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// Copies what a folder holds into another.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let copied = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &copied);
        } else {
            std::fs::copy(entry.path(), copied).expect("copied");
        }
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: reqwest::header::HeaderMap,
    /// The body.
    pub text: String,
    asked: String,
}

impl Answer {
    /// The body as JSON, of an answer that is right.
    pub fn ok(&self) -> Value {
        self.right();
        self.json()
    }

    /// That it is right, whatever its form.
    pub fn right(&self) {
        assert_eq!(self.status, 200, "{} answered {}", self.asked, self.text);
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|e| panic!("{} answered no JSON ({e}): {}", self.asked, self.text))
    }

    /// The body as a problem of this status.
    pub fn problem(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{} answered {}", self.asked, self.text);
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.asked);
        let problem = self.json();
        for key in ["type", "title", "status", "detail"] {
            assert!(problem.get(key).is_some(), "{} has no {key}: {problem}", self.asked);
        }
        assert_eq!(problem["status"], status);
        problem
    }

    /// A header's value, empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The names of the hits, in order.
    pub fn names(&self) -> Vec<String> {
        let page = self.ok();
        let hits = page["hits"].as_array().expect("hits");
        hits.iter().map(|hit| hit["offering"]["name"].as_str().expect("a name").to_owned()).collect()
    }
}
