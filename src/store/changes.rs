//! The change log and the revisions.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::connection::{AnyConnection, per_backend};
use super::rows::{ChangeRow, RevisionRow};
use super::schema::{change, revision};
use super::{Actor, Store, StoreError, now};
use crate::domain::{Change, ChangeKind, ChangeNumber, EntityKind};

/// What one change of a transaction is about, before it has its number.
pub(super) struct Entry {
    pub entity: EntityKind,
    pub entity_id: String,
    pub kind: ChangeKind,
    /// The content before and after, where there is content to restore.
    pub revision: Option<Contents>,
}

/// What a revision keeps.
pub(super) struct Contents {
    pub version: i64,
    pub before: Option<String>,
    pub after: Option<String>,
}

impl Entry {
    /// A change without a revision: what it names is told by its own rows.
    pub fn plain(entity: EntityKind, entity_id: impl Into<String>, kind: ChangeKind) -> Self {
        Self { entity, entity_id: entity_id.into(), kind, revision: None }
    }
}

/// Numbers the changes of a transaction and stores them with their revisions; the last thing that a write does.
///
/// Numbers become visible in order: on PostgreSQL a lock that lasts as long as the transaction is taken just before
/// the highest number is read, so that whoever numbers next sees these numbers committed. (A sequence would be drawn
/// before the commit, and a reader of "greater than n" could skip the slower of two transactions.)
pub(super) fn log(conn: &mut AnyConnection, entries: Vec<Entry>, actor: &Actor) -> Result<(), StoreError> {
    if entries.is_empty() {
        return Ok(());
    }
    if let AnyConnection::Postgres(c) = conn {
        diesel::sql_query("SELECT pg_advisory_xact_lock(7346002)").execute(c)?;
    }
    let last: Option<i64> = change::table.select(diesel::dsl::max(change::number)).first(conn)?;
    let at = now();
    let mut changes = Vec::with_capacity(entries.len());
    let mut revisions = Vec::new();
    for (number, entry) in (last.unwrap_or(0) + 1..).zip(entries) {
        if let Some(contents) = entry.revision {
            revisions.push(RevisionRow {
                change_number: number,
                entity: entry.entity.as_str().into(),
                entity_id: entry.entity_id.clone(),
                version: contents.version,
                before: contents.before,
                after: contents.after,
                actor: actor.name.clone(),
                reason: actor.reason.clone(),
                at,
            });
        }
        changes.push(ChangeRow {
            number,
            entity: entry.entity.as_str().into(),
            entity_id: entry.entity_id,
            kind: entry.kind.as_str().into(),
            at,
        });
    }
    for some in changes.chunks(BATCH) {
        per_backend!(conn, c => diesel::insert_into(change::table).values(some).execute(c)?);
    }
    for some in revisions.chunks(BATCH) {
        per_backend!(conn, c => diesel::insert_into(revision::table).values(some).execute(c)?);
    }
    Ok(())
}

/// The versions of things that are known by their revisions alone: how often each was written.
pub(super) fn versions(
    conn: &mut AnyConnection,
    entity: EntityKind,
    ids: &[&str],
) -> Result<HashMap<String, i64>, StoreError> {
    let mut versions = HashMap::new();
    for some in ids.chunks(BATCH) {
        let rows: Vec<(String, i64)> = revision::table
            .filter(revision::entity.eq(entity.as_str()))
            .filter(revision::entity_id.eq_any(some))
            .select((revision::entity_id, revision::version))
            .load(conn)?;
        for (id, version) in rows {
            let last = versions.entry(id).or_insert(version);
            *last = version.max(*last);
        }
    }
    Ok(versions)
}

/// How many rows one statement inserts: below the 32,766 parameters of SQLite for every table.
pub(super) const BATCH: usize = 1000;

impl Store {
    /// The changes after a number, in order, at most so many.
    pub fn changes_after(&self, after: ChangeNumber, limit: i64) -> Result<Vec<Change>, StoreError> {
        let mut conn = self.connection()?;
        let rows: Vec<ChangeRow> =
            change::table.filter(change::number.gt(after.0)).order(change::number).limit(limit).load(&mut *conn)?;
        rows.into_iter().map(read_change).collect()
    }

    /// The number of the last change; 0 before the first.
    pub fn last_change(&self) -> Result<ChangeNumber, StoreError> {
        let mut conn = self.connection()?;
        let last: Option<i64> = change::table.select(diesel::dsl::max(change::number)).first(&mut *conn)?;
        Ok(ChangeNumber(last.unwrap_or(0)))
    }

    /// When the change of a number was made; nothing when there is no such change.
    pub fn changed_at(&self, number: ChangeNumber) -> Result<Option<DateTime<Utc>>, StoreError> {
        let mut conn = self.connection()?;
        let at: Option<NaiveDateTime> = change::table.find(number.0).select(change::at).first(&mut *conn).optional()?;
        Ok(at.map(|at| at.and_utc()))
    }

    /// Asks every node, through the log, to make its index anew.
    pub fn request_reindex(&self, actor: &Actor) -> Result<(), StoreError> {
        self.write(|conn| log(conn, vec![Entry::plain(EntityKind::Index, "all", ChangeKind::Written)], actor))
    }
}

pub(super) fn read_change(row: ChangeRow) -> Result<Change, StoreError> {
    let unknown = |what: &str| StoreError::Content {
        what: format!("change {}", row.number),
        cause: format!("'{what}' is not known to this version of the program").into(),
    };
    Ok(Change {
        number: ChangeNumber(row.number),
        entity: EntityKind::from_name(&row.entity).ok_or_else(|| unknown(&row.entity))?,
        kind: match row.kind.as_str() {
            "written" => ChangeKind::Written,
            "deleted" => ChangeKind::Deleted,
            other => return Err(unknown(other)),
        },
        at: row.at.and_utc(),
        entity_id: row.entity_id,
    })
}
