//! What readers see: one commit of the index, which never changes.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use chrono::NaiveDate;
use lru::LruCache;
use serde_json::value::RawValue;
use tantivy::collector::DocSetCollector;
use tantivy::query::TermQuery;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, Searcher, Term};

use crate::domain::{Area, AreaCode, LanguageTag, OfferingId, Postcode, PostcodeArea, PublicOffering, Vocabulary};

use super::agenda::{On, Span};
use super::ask::Places;
use super::card::{StoredHit, translation};
use super::columns::Columns;
use super::facts::day_key;
use super::fields::{Fields, Stored};
use super::find::CountCache;
use super::layout::Layout;
use super::listing::Mentions;
use super::order::is_fresh;
use super::sieve::Documents;
use super::understand::{Dictionary, Taught, Understanding};
use super::{SearchError, Watermark};

/// One commit of the index. It is cheap to share between threads, and all public reads are answered by it.
pub struct Snapshot {
    pub(super) searcher: Searcher,
    /// The columns of each segment, in the searcher's order.
    pub(super) columns: Vec<Arc<Columns>>,
    /// The documents of each segment that were not replaced or deleted since; nothing when that is none.
    pub(super) alive: Vec<Option<Arc<Documents>>>,
    pub(super) fields: Fields,
    pub(super) vocabulary: Arc<Vocabulary>,
    pub(super) layout: Arc<Layout>,
    pub(super) understanding: Arc<Understanding>,
    pub(super) taught: Option<Arc<Taught>>,
    pub(super) places: Places,
    pub(super) counts: Mutex<CountCache>,
    on: Mutex<LruCache<Span, Arc<Vec<On>>>>,
    /// What holds on the day that was asked for last: today, until it is tomorrow.
    daily: Mutex<Option<(i32, Arc<Daily>)>>,
    pub(super) organizations: OnceLock<Mentions>,
    pub(super) locations: OnceLock<Mentions>,
    mark: Watermark,
    offerings: u64,
}

/// For how many times it is kept what is on: who asks what is on today asks within the same minute as others.
const KEPT_TIMES: NonZeroUsize = NonZeroUsize::MIN.saturating_add(7);

/// What holds on a day of the documents of each segment.
pub(super) struct Daily {
    /// Those that were not deleted and are found; nothing when all are.
    pub alive: Vec<Option<Arc<Documents>>>,
    /// Those that were checked lately enough.
    pub fresh: Vec<Documents>,
}

/// What is known of an id.
#[derive(Debug)]
pub enum Lookup {
    /// The record as JSON: a [`PublicOffering`].
    Found(Box<RawValue>),
    /// It was public once and was taken away.
    Gone,
    /// It was never public, or is so no more.
    Unknown,
}

impl Snapshot {
    pub(super) fn new(
        searcher: Searcher,
        columns: Vec<Arc<Columns>>,
        fields: Fields,
        vocabulary: Arc<Vocabulary>,
        layout: Arc<Layout>,
        (understanding, taught): (Arc<Understanding>, Option<Arc<Taught>>),
        mark: Watermark,
    ) -> Self {
        let alive = searcher.segment_readers().iter().map(|segment| Documents::alive(segment).map(Arc::new)).collect();
        let mut snapshot = Self {
            searcher,
            columns,
            alive,
            fields,
            vocabulary,
            layout,
            understanding,
            taught,
            places: Places::default(),
            counts: Mutex::default(),
            on: Mutex::new(LruCache::new(KEPT_TIMES)),
            daily: Mutex::default(),
            organizations: OnceLock::new(),
            locations: OnceLock::new(),
            mark,
            offerings: 0,
        };
        snapshot.offerings = snapshot.count_offerings();
        snapshot
    }

    /// Reads one offering. With a language its texts are in that language, where there is a translation.
    ///
    /// What is published from a later day on is not known yet; what is over is still read by who has its address.
    pub fn offering(
        &self,
        id: OfferingId,
        language: Option<&LanguageTag>,
        today: NaiveDate,
    ) -> Result<Lookup, SearchError> {
        let Some(address) = self.address(self.fields.offering_key(id))? else { return Ok(Lookup::Unknown) };
        let later = self.columns[address.segment_ord as usize].not_yet(day_key(today));
        if later.iter().any(|(_, document)| *document == address.doc_id) {
            return Ok(Lookup::Unknown);
        }
        let Some(full) = self.stored(address)?.full(&self.fields) else { return Ok(Lookup::Gone) };
        let full = match language.map(|language| in_language(&full, language)).transpose()? {
            Some(Some(translated)) => translated,
            _ => full,
        };
        Ok(Lookup::Found(RawValue::from_string(full)?))
    }

    /// Some of the offerings, evenly taken from all; at most so many.
    pub(super) fn some_offerings(&self, most: usize) -> Result<Vec<PublicOffering>, SearchError> {
        let mut all: Vec<(i64, DocAddress)> = Vec::new();
        for (segment, columns) in self.columns.iter().enumerate() {
            let alive = columns.by_name.iter().filter(|document| self.is_alive(segment, **document));
            let address = |document: &u32| DocAddress::new(segment as u32, *document);
            all.extend(alive.map(|document| (columns.offerings[*document as usize].number, address(document))));
        }
        // By number, so that how they lie in segments makes no difference.
        all.sort_unstable_by_key(|(number, _)| *number);
        let step = all.len().div_ceil(most).max(1);
        let read = |(_, address): &(i64, DocAddress)| {
            let full = self.stored(*address)?.full(&self.fields).ok_or(SearchError::Damaged)?;
            Ok(serde_json::from_str(&full)?)
        };
        all.iter().step_by(step).map(read).collect()
    }

    /// Adds the words of all offerings to a dictionary, each with the number of offerings in which it stands.
    pub(super) fn add_words(&self, dictionary: &mut Dictionary) -> Result<(), SearchError> {
        for segment in self.searcher.segment_readers() {
            let words = segment.inverted_index(self.fields.exact)?;
            let mut stream = words.terms().stream()?;
            while stream.advance() {
                if let Ok(word) = std::str::from_utf8(stream.key()) {
                    dictionary.add(word, stream.value().doc_freq);
                }
            }
        }
        Ok(())
    }

    /// Whether a folded word stands in an offering as it is written.
    pub(super) fn stands(&self, word: &str) -> bool {
        let term = Term::from_field_text(self.fields.exact, word);
        // Of an index that cannot be read nothing else is found either.
        self.searcher.doc_freq(&term).is_ok_and(|count| count > 0)
    }

    /// In how many offerings a Dutch stem stands, those among them that were replaced since.
    pub(super) fn with_stem(&self, stem: &str) -> u64 {
        self.searcher.doc_freq(&Term::from_field_text(self.fields.dutch, stem)).unwrap_or(0)
    }

    /// Reads one area.
    pub fn area(&self, code: &AreaCode) -> Result<Option<Area>, SearchError> {
        let address = self.address(self.fields.area_key(code))?;
        address.map(|address| self.area_of(address)).transpose()
    }

    /// Reads the area of a document.
    pub(super) fn area_of(&self, address: DocAddress) -> Result<Area, SearchError> {
        let full = self.stored(address)?.full(&self.fields).ok_or(SearchError::Damaged)?;
        Ok(serde_json::from_str(&full)?)
    }

    /// Reads where the postcodes with the same digits are.
    pub(super) fn postcodes(&self, digits: &Postcode) -> Result<Option<PostcodeArea>, SearchError> {
        let Some(address) = self.address(self.fields.postcode_key(digits))? else { return Ok(None) };
        let full = self.stored(address)?.full(&self.fields).ok_or(SearchError::Damaged)?;
        Ok(Some(serde_json::from_str(&full)?))
    }

    /// How far the index has come.
    pub fn watermark(&self) -> Watermark {
        self.mark
    }

    /// How many offerings the public may see.
    pub fn offering_count(&self) -> u64 {
        self.offerings
    }

    /// Whether a document was not replaced or deleted since its segment was written.
    pub(super) fn is_alive(&self, segment: usize, document: u32) -> bool {
        self.alive[segment].as_ref().is_none_or(|alive| alive.has(document))
    }

    /// What holds on a day.
    pub(super) fn daily(&self, today: i32) -> Arc<Daily> {
        let kept = || self.daily.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, daily)) = kept().as_ref().filter(|(day, _)| *day == today) {
            return Arc::clone(daily);
        }
        let alive = |(columns, alive): (&Arc<Columns>, &Option<Arc<Documents>>)| {
            let (later, over) = (columns.not_yet(today), columns.no_more(today));
            if later.is_empty() && over.is_empty() {
                return alive.clone();
            }
            let mut found = alive.as_deref().unwrap_or(&columns.sets.offerings).clone();
            later.iter().chain(over).for_each(|(_, document)| found.remove(*document));
            Some(Arc::new(found))
        };
        let fresh = |columns: &Arc<Columns>| {
            let assured = |document: &&u32| columns.offerings[**document as usize].assured;
            let fresh = columns.by_name.iter().filter(|document| is_fresh(assured(document), today));
            columns.sets.of(fresh.copied())
        };
        let daily = Arc::new(Daily {
            alive: self.columns.iter().zip(&self.alive).map(alive).collect(),
            fresh: self.columns.iter().map(fresh).collect(),
        });
        *kept() = Some((today, Arc::clone(&daily)));
        daily
    }

    /// What of each segment is on in a time.
    pub(super) fn on(&self, span: Span) -> Arc<Vec<On>> {
        let kept = || self.on.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(on) = kept().get(&span) {
            return Arc::clone(on);
        }
        let on: Arc<Vec<On>> = Arc::new(self.columns.iter().map(|columns| On::new(columns, &span)).collect());
        kept().put(span, Arc::clone(&on));
        on
    }

    /// Computes what holds on a day and what is on in the weeks from it on, which the first searches of that day would do
    /// else.
    pub fn look_ahead(&self, today: NaiveDate) {
        drop(self.daily(day_key(today)));
        self.columns.iter().for_each(|columns| drop(columns.ahead.from(columns, today)));
    }

    /// The only document with a term.
    pub(super) fn address(&self, key: Term) -> Result<Option<DocAddress>, SearchError> {
        Ok(self.addresses(key)?.into_iter().next())
    }

    /// The documents with a term, in no order.
    pub(super) fn addresses(&self, term: Term) -> Result<Vec<DocAddress>, SearchError> {
        let query = TermQuery::new(term, IndexRecordOption::Basic);
        Ok(self.searcher.search(&query, &DocSetCollector)?.into_iter().collect())
    }

    pub(super) fn stored(&self, address: DocAddress) -> Result<Stored, SearchError> {
        Ok(self.searcher.doc(address)?)
    }

    /// What a hit shows of an offering.
    pub(super) fn hit(&self, address: DocAddress) -> Result<Arc<StoredHit>, SearchError> {
        self.columns[address.segment_ord as usize].hits.get(address.doc_id, || {
            StoredHit::read(&self.stored(address)?.hit(&self.fields).ok_or(SearchError::Damaged)?)
        })
    }

    fn count_offerings(&self) -> u64 {
        let mut count = 0;
        for (segment, columns) in self.columns.iter().enumerate() {
            count += columns.by_name.iter().filter(|document| self.is_alive(segment, **document)).count() as u64;
        }
        count
    }
}

/// The record with its texts in a language; nothing when they are, or there is no translation.
pub(super) fn in_language(full: &str, language: &LanguageTag) -> Result<Option<String>, SearchError> {
    let mut public: PublicOffering = serde_json::from_str(full)?;
    let offering = &mut public.offering;
    let Some(found) = translation(&offering.text_language, &offering.translations, language).cloned() else {
        return Ok(None);
    };
    offering.name = found.name.unwrap_or_else(|| offering.name.clone());
    offering.summary = found.summary.or_else(|| offering.summary.take());
    offering.description = found.description.or_else(|| offering.description.take());
    offering.text_language = found.language;
    Ok(Some(serde_json::to_string(&public)?))
}
