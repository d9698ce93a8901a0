//! The state of one node: the snapshot it answers from, or how far the making of one is.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU8, AtomicU64, Ordering};

use arc_swap::ArcSwapOption;
use chrono::{DateTime, Utc};

use crate::search::Snapshot;

/// What readers and the follower share.
#[derive(Default)]
pub struct Node {
    snapshot: ArcSwapOption<Snapshot>,
    /// Microseconds since 1970 of the last time the database had nothing newer; 0 for never.
    as_of: AtomicI64,
    built: AtomicU64,
    to_build: AtomicU64,
    /// What the follower waits for: a [`Wait`] as a number, 0 for nothing.
    wait: AtomicU8,
    stopped: AtomicBool,
    damaged: AtomicBool,
}

/// How far the making of an index is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Building {
    /// How many offerings and areas are in it.
    pub done: u64,
    /// How many there will be; 0 before they were counted.
    pub of: u64,
    /// What keeps it from going on, if anything does.
    pub wait: Option<Wait>,
}

/// What keeps a follower from going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// The database is away or refuses.
    Database = 1,
    /// Another process works on the index of this folder.
    OtherProcess = 2,
    /// The index or its folder fails.
    Index = 3,
}

impl fmt::Display for Building {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.wait, self.of) {
            // Never the folder itself: this is told to anybody.
            (Some(Wait::OtherProcess), _) => f.write_str(
                "another process is using the data folder of this one; stop it, or give --data another folder",
            ),
            (Some(Wait::Database), _) => f.write_str("the database is not reached"),
            (Some(Wait::Index), _) => f.write_str("the index cannot be opened or made; the log tells why"),
            (None, 0) => f.write_str("the index is being opened"),
            (None, of) => write!(f, "the index is being made ({} of {of})", self.done),
        }
    }
}

impl Node {
    /// The newest whole snapshot, or how far the first one is.
    pub fn snapshot(&self) -> Result<Arc<Snapshot>, Building> {
        self.snapshot.load_full().ok_or_else(|| self.building())
    }

    /// How far the index that is being made is.
    pub fn building(&self) -> Building {
        let wait = match self.wait.load(Ordering::Relaxed) {
            1 => Some(Wait::Database),
            2 => Some(Wait::OtherProcess),
            3 => Some(Wait::Index),
            _ => None,
        };
        Building { done: self.built.load(Ordering::Relaxed), of: self.to_build.load(Ordering::Relaxed), wait }
    }

    /// The time of the data.
    pub fn as_of(&self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_micros(self.as_of.load(Ordering::Relaxed)).filter(|at| at.timestamp() > 0)
    }

    /// Asks the follower to end; it does so within one poll.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Whether the node was asked to end.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Tells the follower that a read failed, so that it makes the index anew.
    pub(super) fn tell_damage(&self) {
        self.damaged.store(true, Ordering::Relaxed);
    }

    /// Whether a read failed since this was last asked.
    pub(super) fn take_damage(&self) -> bool {
        self.damaged.swap(false, Ordering::Relaxed)
    }

    pub(super) fn publish(&self, snapshot: Arc<Snapshot>) {
        self.seen_at(snapshot.watermark().as_of);
        self.snapshot.store(Some(snapshot));
    }

    pub(super) fn seen_at(&self, at: DateTime<Utc>) {
        self.as_of.fetch_max(at.timestamp_micros(), Ordering::Relaxed);
    }

    /// Tells what the follower waits for, or that it goes on.
    pub(super) fn wait_for(&self, wait: Option<Wait>) {
        self.wait.store(wait.map_or(0, |wait| wait as u8), Ordering::Relaxed);
    }

    pub(super) fn progress(&self, done: u64, of: u64) {
        self.built.store(done, Ordering::Relaxed);
        self.to_build.store(of, Ordering::Relaxed);
    }
}
