//! What the tests share: databases, a running service, and small builders.

pub mod app;
pub mod postgres;

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};
use tempfile::TempDir;
use wegwijzer::domain::Vocabulary;
use wegwijzer::store::{DatabaseUrl, Store};

/// The built-in vocabulary.
pub fn vocabulary() -> Arc<Vocabulary> {
    Arc::new(wegwijzer::vocabulary::load(None).expect("the built-in vocabulary"))
}

/// A database of its own for one test.
pub struct TestDatabase {
    /// Its address.
    pub url: DatabaseUrl,
    // Removed with the value.
    _folder: Option<TempDir>,
}

impl TestDatabase {
    /// An SQLite file in a temporary folder.
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self { url: DatabaseUrl::Sqlite(folder.path().join("wegwijzer.db")), _folder: Some(folder) }
    }

    /// A database on the shared PostgreSQL server; nothing where there is none.
    pub fn postgres() -> Option<Self> {
        let url = postgres::cluster()?.fresh_database();
        Some(Self { url: url.parse().expect("a PostgreSQL address"), _folder: None })
    }

    /// Every kind of database that is at hand.
    pub fn each() -> Vec<Self> {
        [Some(Self::sqlite()), Self::postgres()].into_iter().flatten().collect()
    }

    /// Damages the content of every offering of an SQLite file, as a failing disk would.
    pub fn damage(&self, path: &std::path::Path) {
        use diesel::connection::SimpleConnection;
        use diesel::{Connection, SqliteConnection};
        let mut conn = SqliteConnection::establish(&path.to_string_lossy()).expect("opens");
        conn.batch_execute("UPDATE offering SET content = '{ damaged'").expect("damaged");
    }

    /// The store on it, with its tables.
    pub fn store(&self) -> Store {
        let store = Store::new(&self.url);
        store.migrate().expect("the tables are made");
        store
    }
}

/// A draft with a name and an external id, to build on.
pub fn offering(name: &str) -> Value {
    json!({ "name": name, "source": { "name": "test", "externalId": name } })
}

/// Merges more keys into a draft.
pub fn with(mut draft: Value, more: Value) -> Value {
    let (Value::Object(into), Value::Object(from)) = (&mut draft, more) else { panic!("two objects") };
    into.extend(from);
    draft
}

/// A rectangle as GeoJSON.
pub fn polygon(west: f64, south: f64, east: f64, north: f64) -> Value {
    let ring = [[west, south], [east, south], [east, north], [west, north], [west, south]];
    json!({ "type": "Polygon", "coordinates": [ring] })
}

/// A folder beside the project that is there for some.
pub fn shared(path: &str) -> Option<PathBuf> {
    let found = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path);
    if found.exists() {
        return Some(found);
    }
    eprintln!("SKIPPED: ../shared/{path} is not here");
    None
}

/// Waits until something holds, looking again and again. The patience is for the slowest machine: nothing is told by
/// how long it took.
///
/// # Panics
/// After five minutes, saying what did not come.
pub fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(300);
    while !holds() {
        assert!(std::time::Instant::now() < patience, "{what}");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}
