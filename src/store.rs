//! The system of record, the only place that knows SQL: SQLite or PostgreSQL, chosen by the address.
//!
//! A write is one transaction: the rows at the versions they were made from, their revisions, and numbered changes.
//! The follower reads the changes in order and asks for what they name; nothing here knows of an index.

mod areas;
mod changes;
mod connection;
mod documents;
mod history;
mod locations;
mod matching;
mod numbers;
mod offerings;
mod organizations;
mod rows;
mod schema;
mod statements;
mod unsaid;
mod withdraw;
mod write;

use diesel::r2d2::{ManageConnection, Pool, PooledConnection};

pub use areas::Areas;
pub use connection::{DatabaseUrl, InvalidDatabaseUrl};
pub use locations::RelocatedLocations;
pub use organizations::SourceRun;
pub use unsaid::Extent;
pub use write::{Actor, OfferingWrite, Outcome};

use connection::{AnyConnection, Manager};

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No connection could be had.
    #[error("the database cannot be reached")]
    Unreachable(#[from] diesel::r2d2::PoolError),
    /// A connection could not be opened.
    #[error("the database cannot be opened")]
    Connection(#[from] diesel::ConnectionError),
    /// The database refused a statement.
    #[error("the database refused a statement")]
    Database(#[from] diesel::result::Error),
    /// The tables could not be made.
    #[error("the tables cannot be brought to their newest form: {0}")]
    Migration(Box<dyn std::error::Error + Send + Sync>),
    /// Somebody else wrote it in between.
    #[error("{0} was changed by somebody else in between")]
    Stale(String),
    /// A row does not hold what this program writes there.
    #[error("the stored content of {what} cannot be read")]
    Content {
        /// Which row.
        what: String,
        /// Why.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl StoreError {
    /// Whether the same work may well succeed when it is done once more.
    fn is_passing(&self) -> bool {
        use diesel::result::DatabaseErrorKind::{SerializationFailure, UniqueViolation};
        match self {
            Self::Stale(_) => true,
            Self::Database(diesel::result::Error::DatabaseError(kind, info)) => {
                // diesel has no kind for a deadlock and does not tell the SQLSTATE; most languages that PostgreSQL
                // speaks use the English word.
                let is_deadlock = || info.message().to_lowercase().contains("deadlock");
                matches!(kind, UniqueViolation | SerializationFailure) || is_deadlock()
            }
            _ => false,
        }
    }
}

/// The database, with a pool of connections; cheap to clone.
#[derive(Clone)]
pub struct Store {
    url: DatabaseUrl,
    pool: Pool<Manager>,
}

impl Store {
    /// Prepares the store without opening a connection yet.
    pub fn new(url: &DatabaseUrl) -> Self {
        Self { url: url.clone(), pool: connection::pool(url) }
    }

    /// Brings the tables to their newest form; tells the steps taken.
    pub fn migrate(&self) -> Result<Vec<String>, StoreError> {
        connection::migrate(&mut *self.connection()?)
    }

    fn connection(&self) -> Result<PooledConnection<Manager>, StoreError> {
        // The pool only tells that it waited in vain; one more try tells why.
        self.pool.get().map_err(|waited| Manager(self.url.clone()).connect().err().unwrap_or_else(|| waited.into()))
    }

    /// Does work in one write transaction, again when another writer came between.
    ///
    /// Of the writers that meet at one row each round lets one through, so that many of them need many rounds.
    fn write<T>(&self, mut work: impl FnMut(&mut AnyConnection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        const TRIES: u64 = 60;
        let mut conn = self.connection()?;
        for at in 1..TRIES {
            match connection::transaction(&mut conn, &mut work) {
                Err(error) if error.is_passing() => {
                    tracing::debug!(error = %error, "a write is tried again");
                    std::thread::sleep(std::time::Duration::from_millis(at.min(20)));
                }
                done => return done,
            }
        }
        connection::transaction(&mut conn, work)
    }

    /// Does work as [`Self::write`] does and stores nothing of it.
    fn undone<T>(&self, mut work: impl FnMut(&mut AnyConnection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut done = None;
        let undone = self.write(|conn| {
            done = Some(work(conn)?);
            Err::<(), _>(diesel::result::Error::RollbackTransaction.into())
        });
        match (done, undone) {
            (Some(done), Err(StoreError::Database(diesel::result::Error::RollbackTransaction))) => Ok(done),
            (_, undone) => Err(undone.err().unwrap_or_else(|| diesel::result::Error::RollbackTransaction.into())),
        }
    }
}

/// Now, in UTC, cut to the microseconds that both databases keep.
fn now() -> chrono::NaiveDateTime {
    use chrono::SubsecRound;
    chrono::Utc::now().naive_utc().trunc_subsecs(6)
}
