//! Whatever is typed has a sane answer: no panic, and as many hits as are counted.
//!
//! ```sh
//! cargo install cargo-fuzz     # the first run learns, which takes a while with sanitizers
//! cargo +nightly fuzz run question -- -max_len=1000 -max_total_time=600 -timeout=120
//! ```

#![no_main]

use std::sync::{Arc, LazyLock};

use chrono::{DateTime, NaiveDate};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use wegwijzer::domain::crisis::CrisisWords;
use wegwijzer::domain::{
    ChangeNumber, ItemNumber, LanguageTag, OfferingDraft, OfferingId, StoredOffering, Version, Vocabulary,
};
use wegwijzer::search::{Entry, IndexWriter, Lessons, SearchQuery, Snapshot, Watermark};

const LISTINGS: &str = include_str!("../../data/listings/czaar-peterbuurt.json");

/// The sample listings of one neighbourhood, ready to be asked.
struct Asked {
    vocabulary: Arc<Vocabulary>,
    crisis: CrisisWords,
    snapshot: Arc<Snapshot>,
    _folder: tempfile::TempDir,
}

static ASKED: LazyLock<Asked> = LazyLock::new(|| {
    let vocabulary = Arc::new(wegwijzer::vocabulary::load(None).expect("the vocabulary"));
    let crisis = wegwijzer::crisis::load(None).expect("the crisis words");
    let folder = tempfile::tempdir().expect("a folder");
    let mut writer = IndexWriter::create(folder.path(), Arc::clone(&vocabulary)).expect("an index");
    let drafts: Vec<Value> = serde_json::from_str(LISTINGS).expect("the sample listings");
    for (number, draft) in (1..).zip(drafts) {
        let stored = StoredOffering {
            id: OfferingId::new(),
            number: ItemNumber(number),
            municipality: "GM0363".parse().expect("a code"),
            version: Version(1),
            changed_at: DateTime::UNIX_EPOCH,
            deleted_at: None,
            offering: OfferingDraft(draft).check(&vocabulary).expect("a sound listing"),
        };
        if let Some(public) = stored.public(&vocabulary) {
            writer.apply(Entry::Offering(Box::new(public))).expect("it is taken in");
        }
    }
    let mark = Watermark { change: ChangeNumber(1), changed_at: None, as_of: DateTime::UNIX_EPOCH };
    writer.commit(mark).expect("it is written");
    writer.learn(&Lessons::default()).expect("it is learned");
    let snapshot = writer.snapshot().expect("a snapshot");
    Asked { vocabulary, crisis, snapshot, _folder: folder }
});

fuzz_target!(|typed: &str| {
    let Asked { vocabulary, crisis, snapshot, .. } = &*ASKED;
    let today = NaiveDate::from_ymd_opt(2026, 11, 28).expect("a date");
    let params = [("q", typed), ("explain", "true"), ("facets", "theme"), ("near", "52.37,4.93")];
    let params = params.map(|(name, value)| (name.to_owned(), value.to_owned()));
    // What is no question is refused with a reason.
    let no_place = |_: &str| Err("no place is named".to_owned());
    let Ok(query) = SearchQuery::from_params(&params, vocabulary, no_place) else { return };
    let page = snapshot.find(&query, today).expect("an answer");
    assert_eq!(page.hits.len() as u64, page.total.min(page.page_size as u64));
    snapshot.complete(typed, &LanguageTag::dutch(), today).expect("completions");
    let _ = crisis.help(typed, &LanguageTag::dutch());
});
