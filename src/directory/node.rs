//! The state of one node: the snapshot it answers from, or how far the making of one is.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

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
    stopped: AtomicBool,
    damaged: AtomicBool,
}

/// How far the making of an index is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Building {
    /// How many offerings and areas are in it.
    pub done: u64,
    /// How many there will be; 0 while the database was not reached yet.
    pub of: u64,
}

impl fmt::Display for Building {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.of {
            0 => f.write_str("the database was not reached yet"),
            of => write!(f, "{} of {of}", self.done),
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
        Building { done: self.built.load(Ordering::Relaxed), of: self.to_build.load(Ordering::Relaxed) }
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

    pub(super) fn progress(&self, done: u64, of: u64) {
        self.built.store(done, Ordering::Relaxed);
        self.to_build.store(of, Ordering::Relaxed);
    }
}
