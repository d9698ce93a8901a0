//! Connections: which database, how one opens, and how a transaction begins.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::migration::MigrationVersion;
use diesel::r2d2::{ManageConnection, Pool};
use diesel::{Connection, PgConnection, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::StoreError;

const SQLITE_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// A connection to either database. Never call its `establish`: SQLite would take any text for a file name.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    /// PostgreSQL.
    Postgres(PgConnection),
    /// SQLite.
    Sqlite(SqliteConnection),
}

/// Does the same with the concrete connection, for what diesel cannot say for both at once.
macro_rules! per_backend {
    ($conn:expr, $c:ident => $body:expr) => {
        match $conn {
            $crate::store::connection::AnyConnection::Postgres($c) => $body,
            $crate::store::connection::AnyConnection::Sqlite($c) => $body,
        }
    };
}
pub(super) use per_backend;

/// Which database: `sqlite:PATH` or `postgres://…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file.
    Sqlite(PathBuf),
    /// A server.
    Postgres(String),
}

impl DatabaseUrl {
    /// Whether it is a server, which may be away for a while.
    pub fn is_remote(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// The address without a password, for people and logs.
    pub fn shown(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite:{}", path.display()),
            Self::Postgres(url) => match url::Url::parse(url) {
                Ok(mut parsed) => {
                    // The query may hold a password too; and an address without a host has none to hide.
                    parsed.set_query(None);
                    let hidden = parsed.password().is_none() || parsed.set_password(Some("…")).is_ok();
                    if hidden { parsed.to_string() } else { "postgres://…".into() }
                }
                // Several hosts, as libpq allows them.
                Err(_) => "postgres://…".into(),
            },
        }
    }
}

impl FromStr for DatabaseUrl {
    type Err = InvalidDatabaseUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(path.trim_start_matches("//").into())),
            Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") => Ok(Self::Postgres(text.into())),
            _ => Err(InvalidDatabaseUrl),
        }
    }
}

/// Text that names no database. It is not repeated: it may hold a password.
#[derive(Debug, thiserror::Error)]
#[error("this is not a database: give sqlite:PATH or postgres://user@host/name")]
pub struct InvalidDatabaseUrl;

/// Opens connections for the pool.
#[derive(Debug)]
pub struct Manager(pub DatabaseUrl);

impl ManageConnection for Manager {
    type Connection = AnyConnection;
    type Error = StoreError;

    fn connect(&self) -> Result<AnyConnection, StoreError> {
        match &self.0 {
            DatabaseUrl::Postgres(url) => Ok(AnyConnection::Postgres(PgConnection::establish(url)?)),
            DatabaseUrl::Sqlite(path) => {
                let mut conn = SqliteConnection::establish(&path.to_string_lossy())?;
                // An acknowledged write is on disk (FULL); readers do not wait for the writer (WAL).
                conn.batch_execute(
                    "PRAGMA busy_timeout = 15000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                     PRAGMA foreign_keys = ON;",
                )?;
                Ok(AnyConnection::Sqlite(conn))
            }
        }
    }

    fn is_valid(&self, conn: &mut AnyConnection) -> Result<(), StoreError> {
        match conn {
            AnyConnection::Postgres(c) => Ok(c.batch_execute("SELECT 1")?),
            AnyConnection::Sqlite(_) => Ok(()),
        }
    }

    fn has_broken(&self, conn: &mut AnyConnection) -> bool {
        std::thread::panicking() || per_backend!(conn, c => AnsiTransactionManager::is_broken_transaction_manager(c))
    }
}

/// Makes the pool without opening a connection, so that a node can start while its database is away.
pub fn pool(url: &DatabaseUrl) -> Pool<Manager> {
    Pool::builder()
        .max_size(8)
        .min_idle(Some(0))
        .connection_timeout(Duration::from_secs(5))
        .error_handler(Box::new(QuietErrors))
        .build_unchecked(Manager(url.clone()))
}

/// A database that is away is told by who asked for it, once, not by the pool on each try.
#[derive(Debug)]
struct QuietErrors;

impl diesel::r2d2::HandleError<StoreError> for QuietErrors {
    fn handle_error(&self, error: StoreError) {
        tracing::debug!(error = %error, "no connection to the database");
    }
}

/// Brings the tables to the newest form; tells the names of the steps taken.
pub fn migrate(conn: &mut AnyConnection) -> Result<Vec<String>, StoreError> {
    let names = |versions: Vec<MigrationVersion<'_>>| versions.iter().map(ToString::to_string).collect();
    match conn {
        AnyConnection::Sqlite(c) => {
            c.run_pending_migrations(SQLITE_MIGRATIONS).map(names).map_err(StoreError::Migration)
        }
        AnyConnection::Postgres(c) => {
            // Two nodes that start together take turns.
            c.batch_execute("SELECT pg_advisory_lock(7346001)")?;
            let done = c.run_pending_migrations(POSTGRES_MIGRATIONS).map(names).map_err(StoreError::Migration);
            c.batch_execute("SELECT pg_advisory_unlock(7346001)")?;
            done
        }
    }
}

/// Runs a function in one write transaction: all of it is stored, or nothing.
///
/// SQLite takes its write lock at once (a transaction that reads first and writes later would fail as "locked");
/// PostgreSQL runs READ COMMITTED, and writers compare versions.
pub fn transaction<T>(
    conn: &mut AnyConnection,
    work: impl FnOnce(&mut AnyConnection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    type Manager = <AnyConnection as Connection>::TransactionManager;
    match conn {
        AnyConnection::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE")?,
        AnyConnection::Postgres(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN")?,
    }
    match work(conn) {
        Ok(value) => {
            Manager::commit_transaction(conn)?;
            Ok(value)
        }
        Err(error) => {
            // The first error is what happened; a connection that cannot roll back is thrown away by the pool.
            let _ = Manager::rollback_transaction(conn);
            Err(error)
        }
    }
}
