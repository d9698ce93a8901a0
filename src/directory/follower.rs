//! The only writer of this node's index: it reads the change log in order and applies what the changes name.
//!
//! Each commit of the index carries the number of the last change it holds, so a start knows where to go on. An index
//! that is missing, damaged or of another make is made anew in a folder of its own, which takes the old one's place
//! when it is whole; reads go on from the old one as long as there is one.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use chrono::Utc;

use super::{Node, Wait};
use crate::domain::{
    AreaCode, Change, ChangeKind, EntityKind, ItemNumber, MunicipalityCode, OfferingId, Postcode, StoredOffering,
    Vocabulary,
};
use crate::search::{Entry, IndexWriter, Lessons, SearchError, Snapshot, Watermark};
use crate::store::{Store, StoreError};

/// How many changes one commit of the index takes at most.
const CHANGES_A_COMMIT: i64 = 2000;
/// How many offerings or areas are read at once.
const ROWS_A_READ: i64 = 500;
/// How long the follower leaves an index alone that it made anew because reads failed: if they fail again, something
/// else is wrong than the index.
const BETWEEN_REPAIRS: Duration = Duration::from_secs(600);
/// How long the follower waits when the database is away.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why the follower could not go on.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// The node was asked to end.
    #[error("the node ends")]
    Stopped,
    /// Something that should not happen did.
    #[error("the follower panicked")]
    Panicked,
    /// The database is away or refused.
    #[error("the change log cannot be read")]
    Store(#[from] StoreError),
    /// The index is damaged, or the disk is full.
    #[error("the index cannot be written")]
    Index(#[from] SearchError),
    /// Another process has the index of this folder.
    #[error("another process is using the folder {}: stop it, or give --data another folder", .0.display())]
    FolderInUse(PathBuf),
    /// The folder of the index cannot be arranged.
    #[error("the folder of the index cannot be arranged")]
    Folder(#[from] std::io::Error),
}

impl FollowError {
    /// What must change before the follower can go on; nothing when it is to end.
    fn wait(&self) -> Option<Wait> {
        match self {
            Self::Stopped => None,
            Self::Store(_) => Some(Wait::Database),
            Self::FolderInUse(_) => Some(Wait::OtherProcess),
            Self::Panicked | Self::Index(_) | Self::Folder(_) => Some(Wait::Index),
        }
    }
}

/// What a follower follows, and where to.
pub struct Follower {
    /// The system of record.
    pub store: Store,
    /// What offerings are described with.
    pub vocabulary: Arc<Vocabulary>,
    /// The folder that holds the index's own folders.
    pub folder: PathBuf,
    /// What the node learns beside what its index holds.
    pub lessons: Lessons,
    /// Whom it tells of new snapshots.
    pub node: Arc<Node>,
    /// How often it looks for changes.
    pub poll: Duration,
}

impl Follower {
    /// Follows in a thread of its own until the node is stopped.
    pub fn start(self) -> std::io::Result<JoinHandle<()>> {
        std::thread::Builder::new().name("follower".into()).spawn(move || self.run())
    }

    fn run(self) {
        let mut index = None;
        let mut has_tables = false;
        let mut rebuilt = None;
        let mut complained = None;
        while !self.node.is_stopped() {
            // A follower that ends unseen would leave a node that shows old data for ever.
            let turn = catch_unwind(AssertUnwindSafe(|| self.turn(&mut index, &mut has_tables, &mut rebuilt)));
            match turn.unwrap_or(Err(FollowError::Panicked)) {
                Ok(more) => {
                    if complained.take().is_some() {
                        tracing::info!("the follower goes on");
                        self.node.wait_for(None);
                    }
                    if !more {
                        self.rest(self.poll);
                    }
                }
                Err(FollowError::Stopped) => return,
                Err(error) => {
                    let wait = error.wait();
                    self.node.wait_for(wait);
                    // Once for each reason, not every two seconds.
                    if complained != wait {
                        let error = &error as &dyn std::error::Error;
                        match self.node.snapshot() {
                            Ok(_) => tracing::warn!(error, "the follower waits; reads go on"),
                            Err(_) => tracing::warn!(error, "the follower waits; there is no index to answer from yet"),
                        }
                    }
                    complained = wait;
                    metrics::counter!("wegwijzer_follower_faults_total").increment(1);
                    if !matches!(error, FollowError::Store(_)) {
                        // Whatever is wrong with this index, another can be made.
                        index = None;
                    }
                    self.rest(PATIENCE);
                }
            }
        }
    }

    /// One turn: an index to work on, then some changes. Tells whether there may be more at once.
    fn turn(
        &self,
        index: &mut Option<IndexWriter>,
        has_tables: &mut bool,
        rebuilt: &mut Option<Instant>,
    ) -> Result<bool, FollowError> {
        if let Ok(snapshot) = self.node.snapshot() {
            // Nothing to do but on a new day.
            snapshot.look_ahead(super::today());
        }
        if index.is_none() {
            *index = self.open()?;
        }
        if !*has_tables {
            // A database may come up after its nodes.
            self.store.migrate()?;
            *has_tables = true;
        }
        if self.node.take_damage() && rebuilt.is_none_or(|at| at.elapsed() > BETWEEN_REPAIRS) {
            tracing::warn!("a read failed: the index is made anew");
            *index = None;
            *rebuilt = Some(Instant::now());
        }
        match index {
            Some(open) => self.step(open),
            None => {
                *index = Some(self.rebuild()?);
                Ok(true)
            }
        }
    }

    /// Shows a snapshot, with what is on in the weeks ahead.
    fn publish(&self, snapshot: Arc<Snapshot>) {
        snapshot.look_ahead(super::today());
        self.node.publish(snapshot);
    }

    fn rest(&self, how_long: Duration) {
        // In short naps, so that a node that is stopped does not wait.
        let until = Instant::now() + how_long;
        while !self.node.is_stopped() && Instant::now() < until {
            std::thread::park_timeout(Duration::from_millis(50).min(how_long));
        }
    }

    /// Opens the index that is there and shows it; nothing when there is none that can be used.
    fn open(&self) -> Result<Option<IndexWriter>, FollowError> {
        let Some(current) = current(&self.folder)? else { return Ok(None) };
        let opened = IndexWriter::open(&current, self.vocabulary.clone()).and_then(|mut index| {
            self.learn(&mut index)?;
            let snapshot = index.snapshot()?;
            Ok((index, snapshot))
        });
        match opened {
            Ok((index, snapshot)) => {
                let mark = snapshot.watermark();
                tracing::info!(change = mark.change.0, offerings = snapshot.offering_count(), "the index is open");
                self.publish(snapshot);
                Ok(Some(index))
            }
            // Making another index beside it would leave two processes that clear away each other's.
            Err(SearchError::Locked) => Err(FollowError::FolderInUse(self.folder.clone())),
            // The disk fails: another index would not help.
            Err(error) if !error.needs_rebuild() => Err(error.into()),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the index cannot be used and is made anew");
                Ok(None)
            }
        }
    }

    /// Takes from the listings how people ask for them, if there is something new to take.
    fn learn(&self, index: &mut IndexWriter) -> Result<(), SearchError> {
        let begun = Instant::now();
        if index.learn(&self.lessons)? {
            tracing::info!(milliseconds = begun.elapsed().as_millis() as u64, "it is known how people ask");
        }
        Ok(())
    }

    /// Applies the next changes; tells whether there were any.
    fn step(&self, index: &mut IndexWriter) -> Result<bool, FollowError> {
        let asked_at = Utc::now();
        let Some(mark) = index.watermark() else {
            *index = self.rebuild()?;
            return Ok(true);
        };
        if self.store.changed_at(mark.change)? != mark.changed_at {
            tracing::warn!("the index is that of another database, or of a later state of this one: it is made anew");
            *index = self.rebuild()?;
            return Ok(true);
        }
        let changes = self.store.changes_after(mark.change, CHANGES_A_COMMIT)?;
        let Some(last) = changes.last() else {
            self.node.seen_at(asked_at);
            return Ok(false);
        };
        if changes.iter().any(|change| change.entity == EntityKind::Index) {
            tracing::info!("somebody asked for a new index");
            *index = self.rebuild()?;
            return Ok(true);
        }
        self.apply(index, &changes)?;
        // With more to come this is the state of a moment in the past.
        let is_last = (changes.len() as i64) < CHANGES_A_COMMIT;
        let as_of = if is_last { asked_at } else { last.at.min(asked_at) };
        index.commit(Watermark { change: last.number, changed_at: Some(last.at), as_of })?;
        self.learn(index)?;
        self.publish(index.snapshot()?);
        metrics::gauge!("wegwijzer_index_change").set(last.number.0 as f64);
        tracing::debug!(changes = changes.len(), change = last.number.0, "changes are in the index");
        Ok(true)
    }

    fn apply(&self, index: &mut IndexWriter, changes: &[Change]) -> Result<(), FollowError> {
        let mut offerings: BTreeSet<OfferingId> = BTreeSet::new();
        let mut areas: Vec<AreaCode> = Vec::new();
        let mut wordings: BTreeSet<MunicipalityCode> = BTreeSet::new();
        let mut postcodes: BTreeSet<Postcode> = BTreeSet::new();
        for change in changes {
            let unreadable =
                |cause: String| StoreError::Content { what: format!("change {}", change.number), cause: cause.into() };
            match change.entity {
                EntityKind::Offering => {
                    offerings.insert(change.entity_id.parse().map_err(|e: uuid::Error| unreadable(e.to_string()))?);
                }
                EntityKind::Organization => offerings.extend(self.store.offerings_of(&change.entity_id)?),
                EntityKind::Location => offerings.extend(self.store.offerings_at(&change.entity_id)?),
                EntityKind::Area => {
                    let code: AreaCode = change
                        .entity_id
                        .parse()
                        .map_err(|e: crate::domain::area::InvalidAreaCode| unreadable(e.to_string()))?;
                    match change.kind {
                        ChangeKind::Written => areas.push(code),
                        ChangeKind::Deleted => index.apply(Entry::AreaRemoved(code))?,
                    }
                }
                EntityKind::Wording => {
                    let code: MunicipalityCode = change
                        .entity_id
                        .parse()
                        .map_err(|e: crate::domain::ids::InvalidMunicipality| unreadable(e.to_string()))?;
                    wordings.insert(code);
                }
                EntityKind::Postcode => {
                    let digits: Postcode = change
                        .entity_id
                        .parse()
                        .map_err(|e: crate::domain::postcode::InvalidPostcode| unreadable(e.to_string()))?;
                    postcodes.insert(digits);
                }
                EntityKind::Index => {}
            }
        }
        let offerings: Vec<OfferingId> = offerings.into_iter().collect();
        for some in offerings.chunks(ROWS_A_READ as usize) {
            for stored in self.readable(some)? {
                index.apply(self.entry(&stored))?;
            }
        }
        for some in areas.chunks(ROWS_A_READ as usize) {
            for area in self.store.areas(some)? {
                index.apply(Entry::Area(Box::new(area)))?;
            }
        }
        let wordings: Vec<MunicipalityCode> = wordings.into_iter().collect();
        for code in &wordings {
            index.apply(Entry::WordingRemoved(code.clone()))?;
        }
        for wording in self.store.wordings_of(&wordings)? {
            index.apply(Entry::Wording(wording))?;
        }
        let postcodes: Vec<Postcode> = postcodes.into_iter().collect();
        for some in postcodes.chunks(ROWS_A_READ as usize) {
            for digits in some {
                index.apply(Entry::PostcodesRemoved(digits.clone()))?;
            }
            for area in self.store.postcodes(some)? {
                index.apply(Entry::Postcodes(Box::new(area)))?;
            }
        }
        Ok(())
    }

    /// The offerings with these ids that can be read. One that cannot is told and left as it is in the index, so that
    /// a damaged row does not keep all that comes after it from the public.
    fn readable(&self, ids: &[OfferingId]) -> Result<Vec<StoredOffering>, StoreError> {
        match self.store.offerings(ids) {
            Err(StoreError::Content { .. }) => {}
            read => return read,
        }
        let mut readable = Vec::new();
        for id in ids {
            match self.store.offerings(&[*id]) {
                Ok(read) => readable.extend(read),
                Err(error @ StoreError::Content { .. }) => {
                    metrics::counter!("wegwijzer_unreadable_rows_total").increment(1);
                    tracing::error!(offering.id = %id, error = &error as &dyn std::error::Error, "a row cannot be read");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(readable)
    }

    /// What the index is to hold of an offering.
    fn entry(&self, stored: &StoredOffering) -> Entry {
        match stored.public(&self.vocabulary) {
            Some(public) => Entry::Offering(Box::new(public)),
            // What the public never saw is not gone, it is unknown.
            None if stored.deleted_at.is_some() && stored.offering.status.state.is_public() => {
                Entry::Withdrawn(stored.id)
            }
            None => Entry::Hidden(stored.id),
        }
    }

    /// Makes an index of all that the database holds, beside the present one, and puts it in its place.
    fn rebuild(&self) -> Result<IndexWriter, FollowError> {
        fs::create_dir_all(&self.folder)?;
        let name = format!("index-{}", uuid::Uuid::now_v7().simple());
        let folder = self.folder.join(&name);
        fs::create_dir(&folder)?;
        let built = self.build(&folder).and_then(|built| {
            put_in_place(&self.folder, &name)?;
            Ok(built)
        });
        let (index, snapshot) = built.inspect_err(|_| {
            // The fault is told by who asked; what is left of the folder is cleared by the next that succeeds.
            let _ = fs::remove_dir_all(&folder);
        })?;
        let change = snapshot.watermark().change.0;
        tracing::info!(change, offerings = snapshot.offering_count(), "a new index is in place");
        self.publish(snapshot);
        Ok(index)
    }

    /// Fills a new index in an empty folder.
    fn build(&self, folder: &Path) -> Result<(IndexWriter, Arc<Snapshot>), FollowError> {
        let asked_at = Utc::now();
        // What is written from here on has a higher number, and is applied once more after this.
        let last = self.store.last_change()?;
        let changed_at = self.store.changed_at(last)?;
        let codes = self.store.area_codes()?;
        let of = self.store.offering_count()? as u64 + codes.len() as u64;
        self.node.progress(0, of);
        let mut index = IndexWriter::create(folder, self.vocabulary.clone())?;
        for wording in self.store.wordings()? {
            index.apply(Entry::Wording(wording))?;
        }
        for some in self.store.postcode_digits()?.chunks(ROWS_A_READ as usize) {
            for area in self.store.postcodes(some)? {
                index.apply(Entry::Postcodes(Box::new(area)))?;
            }
        }
        let mut done = 0;
        for some in codes.chunks(ROWS_A_READ as usize) {
            for area in self.store.areas(some)? {
                index.apply(Entry::Area(Box::new(area)))?;
                done += 1;
            }
            self.node.progress(done, of);
        }
        let mut after = ItemNumber(0);
        loop {
            if self.node.is_stopped() {
                return Err(FollowError::Stopped);
            }
            let some = self.store.offering_ids_after(after, ROWS_A_READ)?;
            let Some((highest, _)) = some.last() else { break };
            after = *highest;
            let ids: Vec<OfferingId> = some.iter().map(|(_, id)| *id).collect();
            for stored in self.readable(&ids)? {
                index.apply(self.entry(&stored))?;
            }
            done += ids.len() as u64;
            self.node.progress(done, of.max(done));
        }
        index.commit(Watermark { change: last, changed_at, as_of: asked_at })?;
        index.compact()?;
        self.learn(&mut index)?;
        let snapshot = index.snapshot()?;
        Ok((index, snapshot))
    }
}

/// The file that names the index in use.
const CURRENT: &str = "current";

/// The folder of the index in use, if one is named and there.
fn current(folder: &Path) -> std::io::Result<Option<PathBuf>> {
    match fs::read_to_string(folder.join(CURRENT)) {
        Ok(name) => {
            let named = name.trim();
            // The file is ours, but a path in it would reach out of the folder.
            let plain = !named.is_empty() && named.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
            Ok(Some(folder.join(named)).filter(|path| plain && path.is_dir()))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Names another folder as the index in use, all at once, and clears away the others.
fn put_in_place(folder: &Path, name: &str) -> std::io::Result<()> {
    let written = folder.join("current.new");
    let mut file = fs::File::create(&written)?;
    file.write_all(name.as_bytes())?;
    file.sync_all()?;
    fs::rename(&written, folder.join(CURRENT))?;
    fs::File::open(folder)?.sync_all()?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let other = entry.file_name().to_string_lossy().starts_with("index-") && entry.file_name() != name;
        if other && let Err(error) = fs::remove_dir_all(entry.path()) {
            // Readers may hold its files open; the next rebuild clears it.
            tracing::debug!(error = %error, "an old index is left");
        }
    }
    Ok(())
}
