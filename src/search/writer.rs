//! Writes the index: one writer for each folder, owned by the follower.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use tantivy::collector::DocSetCollector;
use tantivy::index::SegmentId;
use tantivy::query::TermQuery;
use tantivy::schema::IndexRecordOption;
use tantivy::store::Compressor;
use tantivy::{Index, IndexReader, IndexSettings, ReloadPolicy, Searcher, TantivyDocument, Term};

use crate::domain::{Vocabulary, Wording};

use super::columns::Columns;
use super::compounds::Compounds;
use super::fields::{Fields, Stored, WORDING};
use super::layout::Layout;
use super::snapshot::Snapshot;
use super::understand::{Kept, Learned, Lesson, Taught, Understanding};
use super::{Entry, SearchError, Watermark, analysis, fingerprint};

/// How much is kept in memory before it becomes a segment, in bytes: about 20,000 offerings.
const ARENA: usize = 150_000_000;
/// A page needs 20 documents that lie scattered, so little is unpacked for each, in bytes.
const STORE_BLOCK: usize = 4_096;
/// How many unpacked blocks each segment keeps: few, since what is asked for often is kept as it is read.
const STORE_CACHE: usize = 50;

/// The most offerings that are learned from: more tell the same again.
const MOST_TAUGHT: usize = 2_000;
/// So many offerings more or less teach nothing new.
const ALIKE: u64 = 20;

/// Writes one index.
pub struct IndexWriter {
    folder: PathBuf,
    index: Index,
    writer: tantivy::IndexWriter,
    reader: IndexReader,
    fields: Fields,
    vocabulary: Arc<Vocabulary>,
    layout: Arc<Layout>,
    understanding: Arc<Understanding>,
    compounds: Arc<Compounds>,
    /// The own words that the understanding was made with.
    wordings: Vec<Wording>,
    taught: Option<Arc<Taught>>,
    /// How many offerings there were when it was taught.
    taught_by: u64,
    fingerprint: String,
    mark: Option<Watermark>,
    /// The columns of the segments of the last snapshot.
    columns: Mutex<HashMap<SegmentId, Arc<Columns>>>,
}

/// What a node is to learn beside what its index holds.
#[derive(Clone, Debug)]
pub struct Lessons {
    /// Whether it learns which concepts questions are likely about.
    pub concepts: bool,
    /// Dutch words, folded, that are no misspellings and of which compounds may be made.
    pub words: Arc<HashSet<String>>,
}

impl Default for Lessons {
    /// The concepts, and no more words than those of the vocabulary and the listings.
    fn default() -> Self {
        Self { concepts: true, words: Arc::default() }
    }
}

impl Lessons {
    /// The words of a list: one a line, in capitals or not, and what follows a slash or a blank left out, as in the
    /// lists of Debian's `wdutch` and `hunspell-nl`.
    pub fn words_of(list: &str) -> HashSet<String> {
        let words = list.lines().filter_map(|line| line.split(['/', ' ', '\t']).next());
        words.flat_map(analysis::words).map(|word| word.folded).collect()
    }
}

/// What rides in each commit.
#[derive(Serialize, Deserialize)]
struct Payload {
    fingerprint: String,
    #[serde(flatten)]
    mark: Watermark,
}

impl IndexWriter {
    /// Makes an empty index in a folder, which is made too when it is not there.
    pub fn create(folder: &Path, vocabulary: Arc<Vocabulary>) -> Result<Self, SearchError> {
        std::fs::create_dir_all(folder)?;
        let settings = IndexSettings {
            docstore_compression: Compressor::Lz4,
            docstore_blocksize: STORE_BLOCK,
            ..IndexSettings::default()
        };
        let index = Index::builder().schema(Fields::new().schema).settings(settings).create_in_dir(folder)?;
        let made_by = fingerprint(&vocabulary);
        Self::new(folder, index, vocabulary, made_by, None)
    }

    /// Opens the index of a folder, after comparing each file with its checksum.
    pub fn open(folder: &Path, vocabulary: Arc<Vocabulary>) -> Result<Self, SearchError> {
        let index = Index::open_in_dir(folder)?;
        let payload = index.load_metas()?.payload.ok_or(SearchError::Unfinished)?;
        let payload: Payload = serde_json::from_str(&payload).map_err(|_| SearchError::OtherFingerprint)?;
        let made_by = fingerprint(&vocabulary);
        if payload.fingerprint != made_by || index.schema() != Fields::new().schema {
            return Err(SearchError::OtherFingerprint);
        }
        if !index.validate_checksum()?.is_empty() {
            return Err(SearchError::Damaged);
        }
        let mut opened = Self::new(folder, index, vocabulary, made_by, Some(payload.mark))?;
        opened.take_wordings()?;
        Ok(opened)
    }

    fn new(
        folder: &Path,
        index: Index,
        vocabulary: Arc<Vocabulary>,
        fingerprint: String,
        mark: Option<Watermark>,
    ) -> Result<Self, SearchError> {
        let layout = Arc::new(Layout::new(&vocabulary)?);
        let compounds = Arc::new(Compounds::new(&vocabulary));
        let understanding =
            Understanding::new(Arc::clone(&vocabulary), Arc::clone(&layout), Arc::clone(&compounds), &[]);
        let writer = index.writer_with_num_threads(1, ARENA)?;
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .doc_store_cache_num_blocks(STORE_CACHE)
            .try_into()?;
        Ok(Self {
            folder: folder.to_owned(),
            index,
            writer,
            reader,
            fields: Fields::new(),
            vocabulary,
            layout,
            understanding: Arc::new(understanding),
            compounds,
            wordings: Vec::new(),
            taught: None,
            taught_by: 0,
            fingerprint,
            mark,
            columns: Mutex::default(),
        })
    }

    /// Takes in what is new of one thing. It is seen after the next commit.
    pub fn apply(&mut self, entry: Entry) -> Result<(), SearchError> {
        let (key, document) = match entry {
            Entry::Offering(public) => {
                let document = self.fields.offering(&public, &self.layout, &self.compounds)?;
                (self.fields.offering_key(public.id), Some(document))
            }
            Entry::Withdrawn(id) => (self.fields.offering_key(id), Some(self.fields.tombstone(id))),
            Entry::Hidden(id) => (self.fields.offering_key(id), None),
            Entry::Area(area) => (self.fields.area_key(&area.code), Some(self.fields.area(&area)?)),
            Entry::AreaRemoved(code) => (self.fields.area_key(&code), None),
            Entry::Wording(wording) => {
                (self.fields.wording_key(&wording.municipality), Some(self.fields.wording(&wording)?))
            }
            Entry::WordingRemoved(municipality) => (self.fields.wording_key(&municipality), None),
            Entry::Postcodes(area) => (self.fields.postcode_key(&area.digits), Some(self.fields.postcodes(&area)?)),
            Entry::PostcodesRemoved(digits) => (self.fields.postcode_key(&digits), None),
        };
        self.writer.delete_term(key);
        if let Some(document) = document {
            let document: TantivyDocument = document;
            self.writer.add_document(document)?;
        }
        Ok(())
    }

    /// Writes all that was taken in to the disk, together with how far the index has come.
    pub fn commit(&mut self, mark: Watermark) -> Result<(), SearchError> {
        let payload = serde_json::to_string(&Payload { fingerprint: self.fingerprint.clone(), mark })?;
        let mut commit = self.writer.prepare_commit()?;
        commit.set_payload(&payload);
        commit.commit()?;
        self.mark = Some(mark);
        self.take_wordings()
    }

    /// Joins all segments into one, which is the quickest to search: worth its time after a rebuild.
    pub fn compact(&mut self) -> Result<(), SearchError> {
        let segments = self.index.searchable_segment_ids()?;
        if segments.len() > 1 {
            self.writer.merge(&segments).wait()?;
        }
        Ok(())
    }

    /// What readers see of the last commit. Columns of segments that are still there are used again, so this costs
    /// what the new segments cost.
    pub fn snapshot(&self) -> Result<Arc<Snapshot>, SearchError> {
        let mark = self.mark.ok_or(SearchError::Unfinished)?;
        self.reader.reload()?;
        let searcher = self.reader.searcher();
        let mut known = self.columns.lock().unwrap_or_else(PoisonError::into_inner);
        let mut current = HashMap::new();
        let mut columns = Vec::new();
        for segment in searcher.segment_readers() {
            let read = match known.get(&segment.segment_id()) {
                Some(read) => Arc::clone(read),
                None => Arc::new(Columns::read(segment, &self.layout)?),
            };
            current.insert(segment.segment_id(), Arc::clone(&read));
            columns.push(read);
        }
        *known = current;
        drop(known);
        let (vocabulary, layout) = (Arc::clone(&self.vocabulary), Arc::clone(&self.layout));
        let understanding = (Arc::clone(&self.understanding), self.taught.clone());
        Ok(Arc::new(Snapshot::new(searcher, columns, self.fields.clone(), vocabulary, layout, understanding, mark)))
    }

    /// Takes in the own words of municipalities that were committed, when they are others than before.
    fn take_wordings(&mut self) -> Result<(), SearchError> {
        self.reader.reload()?;
        let wordings = wordings(&self.reader.searcher(), &self.fields)?;
        if wordings != self.wordings {
            let (vocabulary, layout) = (Arc::clone(&self.vocabulary), Arc::clone(&self.layout));
            let compounds = Arc::clone(&self.compounds);
            self.understanding = Arc::new(Understanding::new(vocabulary, layout, compounds, &wordings));
            self.wordings = wordings;
        }
        Ok(())
    }

    /// Takes from the committed offerings which words there are and, if it is to, how their concepts are spoken of: the
    /// first time there are any, and when there are many more or fewer than then. What was learned is kept in the folder of
    /// the index. Tells whether it did.
    pub fn learn(&mut self, lessons: &Lessons) -> Result<bool, SearchError> {
        let snapshot = self.snapshot()?;
        let offerings = snapshot.offering_count();
        if offerings == 0 || self.taught.is_some() && are_alike(self.taught_by, offerings) {
            return Ok(false);
        }
        let (learned, offerings) = if lessons.concepts {
            let Kept { learned, offerings } = self.learned(&snapshot)?;
            (Some(learned), offerings)
        } else {
            (None, offerings)
        };
        let mut dictionary = self.understanding.dictionary(&lessons.words);
        snapshot.add_words(&mut dictionary)?;
        (self.taught, self.taught_by) = (Some(Arc::new(Taught { learned, dictionary })), offerings);
        Ok(true)
    }

    /// How concepts are spoken of: as it is kept, or learned now and kept.
    fn learned(&self, snapshot: &Snapshot) -> Result<Kept, SearchError> {
        let lesson = Lesson::new(&self.vocabulary, &self.layout);
        let (fingerprint, offerings) = (lesson.fingerprint(), snapshot.offering_count());
        let kept = Kept::read(&self.folder, &fingerprint);
        if let Some(kept) = kept.filter(|kept| are_alike(kept.offerings, offerings)) {
            return Ok(kept);
        }
        tracing::info!("learning how people ask, which takes some seconds");
        let teach = snapshot.some_offerings(MOST_TAUGHT)?;
        let learned = Learned::new(lesson, teach.iter().map(|public| &public.offering));
        let kept = Kept { learned, offerings };
        if let Err(error) = kept.write(&self.folder, &fingerprint) {
            tracing::warn!(%error, "what was learned cannot be kept, and will be learned again after a restart");
        }
        Ok(kept)
    }

    /// How far the index has come; nothing before the first commit.
    pub fn watermark(&self) -> Option<Watermark> {
        self.mark
    }
}

/// Whether so many offerings teach about the same as so many others.
fn are_alike(taught_by: u64, offerings: u64) -> bool {
    offerings.abs_diff(taught_by) <= ALIKE.max(offerings / 2)
}

/// The own words of all municipalities that a commit holds, in the order of their codes.
fn wordings(searcher: &Searcher, fields: &Fields) -> Result<Vec<Wording>, SearchError> {
    let mut keys = BTreeSet::new();
    for segment in searcher.segment_readers() {
        let terms = segment.inverted_index(fields.key)?;
        let mut stream = terms.terms().range().ge(WORDING).into_stream()?;
        while stream.advance() && stream.key().starts_with(WORDING.as_bytes()) {
            keys.insert(String::from_utf8_lossy(stream.key()).into_owned());
        }
    }
    let mut found = Vec::new();
    for key in keys {
        let query = TermQuery::new(Term::from_field_text(fields.key, &key), IndexRecordOption::Basic);
        for address in searcher.search(&query, &DocSetCollector)? {
            let full = searcher.doc::<Stored>(address)?.full(fields).ok_or(SearchError::Damaged)?;
            found.push(serde_json::from_str(&full)?);
        }
    }
    Ok(found)
}
