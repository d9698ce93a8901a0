//! How good the answers are: questions as people ask them, with what would help each asker.
//!
//! The questions of `tests/relevance/*.json` are asked of an index of the sample listings, on a day that stays the
//! same, so the figures only change with the search. They are split by a hash of their words: two thirds are for
//! working on the search and are held to `tests/relevance/baseline.json`; the last third is looked at only to tell how
//! well that went. Those of `for-work.json` came later, by other writers, and are all for working on; and those of
//! `other-town.json` are asked of the listings of a town for which nothing else was written.
//!
//! ```sh
//! cargo test --test api relevance -- --nocapture              # the figures, and what changed against the baseline
//! WEGWIJZER_RELEVANCE=questions cargo test --test api relevance -- --nocapture    # and each question
//! WEGWIJZER_RELEVANCE=keep cargo test --test api relevance    # makes them the baseline
//! WEGWIJZER_RELEVANCE=final cargo test --test api relevance -- --nocapture        # the last third
//! ```

mod measures;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use wegwijzer::areas::AreaIndex;
use wegwijzer::domain::{
    ChangeNumber, ItemNumber, OfferingDraft, OfferingId, Place, StoredOffering, Version, Vocabulary,
};
use wegwijzer::exchange::{self, Format, Input};
use wegwijzer::search::{Entry, IndexWriter, Lessons, SearchQuery, Snapshot, Watermark};

use measures::Measures;

/// A drop of a measure over all questions that is no accident of the questions.
const NOISE: f64 = 0.005;
/// The same for one class, which has few questions.
const NOISE_OF_A_CLASS: f64 = 0.02;

/// A question, and how much each listing would help who asks it.
#[derive(Deserialize)]
struct Question {
    id: String,
    class: String,
    q: String,
    /// By the listing's external id: 3 exactly what is needed, 2 fits well, 1 is of some use.
    relevant: BTreeMap<String, u8>,
    /// Whether it is for working on, whatever its hash.
    #[serde(skip)]
    is_for_work: bool,
}

impl Question {
    /// Whether it belongs to the last third.
    fn is_final(&self) -> bool {
        !self.is_for_work && Sha256::digest(self.q.as_bytes())[0] % 3 == 2
    }
}

/// The measures of all questions and of each class.
#[derive(Default, Serialize, Deserialize)]
struct Figures {
    all: Measures,
    classes: BTreeMap<String, Measures>,
}

#[test]
fn the_answers_are_as_good_as_they_were() {
    let wanted = std::env::var("WEGWIJZER_RELEVANCE").unwrap_or_default();
    let (sample, other_town) = (SampleIndex::new().learned(), SampleIndex::of_other_town().learned());
    let questions = questions().into_iter().map(|question| (&sample, question));
    let others = questions_of_other_town().into_iter().map(|question| (&other_town, question));
    let mut figures = Figures::default();
    for (index, question) in questions.chain(others).filter(|(_, one)| one.is_final() == (wanted == "final")) {
        let found = index.find(&question.q);
        let measures = Measures::of(&found, &question.relevant);
        if wanted == "questions" {
            let graded = |id: &String| format!("{}:{id}", question.relevant.get(id).copied().unwrap_or(0));
            println!("    {}", found.iter().map(graded).collect::<Vec<_>>().join(" "));
        }
        if wanted == "questions" {
            println!("{} {:10} {:.2} {}", question.id, question.class, measures.ndcg, question.q);
        }
        figures.all.add(&measures);
        figures.classes.entry(question.class.clone()).or_default().add(&measures);
    }
    let figures = Figures {
        all: figures.all.mean(),
        classes: figures.classes.into_iter().map(|(class, sum)| (class, sum.mean())).collect(),
    };
    let baseline = folder("relevance/baseline.json");
    if wanted == "keep" {
        let text = serde_json::to_string_pretty(&figures).expect("JSON");
        std::fs::write(&baseline, text + "\n").expect("the baseline is written");
    }
    let before: Figures = serde_json::from_slice(&std::fs::read(&baseline).expect("a baseline")).expect("a baseline");
    let is_final = wanted == "final";
    let line = |name: &str, now: &Measures, before: Option<&Measures>| match before.filter(|_| !is_final) {
        Some(before) => println!("{name:12} {now}  {:+.3}", now.ndcg - before.ndcg),
        None => println!("{name:12} {now}"),
    };
    println!("{:12} {}", "", Measures::HEADINGS);
    line("all", &figures.all, Some(&before.all));
    for (class, now) in &figures.classes {
        line(class, now, before.classes.get(class));
    }
    if !is_final {
        let drop = before.all.ndcg - figures.all.ndcg;
        assert!(drop <= NOISE, "NDCG@10 fell by {drop:.3}: tests/relevance tells where");
        for (class, now) in &figures.classes {
            let drop = before.classes.get(class).map_or(0.0, |before| before.ndcg - now.ndcg);
            assert!(drop <= NOISE_OF_A_CLASS, "NDCG@10 of '{class}' fell by {drop:.3}");
        }
    }
}

/// Every question asks for something that is there, once.
#[test]
fn the_questions_are_sound() {
    let (sample, other_town) = (SampleIndex::new(), SampleIndex::of_other_town());
    let questions = questions().into_iter().map(|question| (&sample, question));
    let others = questions_of_other_town().into_iter().map(|question| (&other_town, question));
    let mut seen = std::collections::HashSet::new();
    for (index, question) in questions.chain(others) {
        assert!(seen.insert(question.q.clone()) && seen.insert(question.id.clone()), "'{}' comes twice", question.q);
        assert!(question.relevant.values().any(|grade| *grade >= 2), "nothing fits '{}'", question.q);
        for (id, grade) in &question.relevant {
            assert!(index.external_ids.contains(id), "'{}' names {id}, which is not public", question.q);
            assert!((1..=3).contains(grade), "'{}' has a grade of {grade}", question.q);
        }
    }
    assert!(seen.len() >= 300, "at least 150 questions");
}

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(path)
}

fn json<T: DeserializeOwned>(path: &str) -> T {
    serde_json::from_slice(&std::fs::read(folder(path)).expect(path)).expect(path)
}

fn questions() -> Vec<Question> {
    let mut all: Vec<Question> = json("relevance/residents.json");
    all.extend(json::<Vec<Question>>("relevance/professionals.json"));
    let for_work = json::<Vec<Question>>("relevance/for-work.json").into_iter();
    all.extend(for_work.map(|question| Question { is_for_work: true, ..question }));
    all
}

/// The questions to the other town, which are a class of their own.
fn questions_of_other_town() -> Vec<Question> {
    let all = json::<Vec<Question>>("relevance/other-town.json").into_iter();
    all.map(|question| Question { is_for_work: true, class: "other town".to_owned(), ..question }).collect()
}

/// Listings in an index of their own.
struct SampleIndex {
    writer: IndexWriter,
    snapshot: Arc<Snapshot>,
    vocabulary: Arc<Vocabulary>,
    external_ids: Vec<String>,
    /// By the id of an offering its place among the external ids.
    by_id: BTreeMap<String, usize>,
    _folder: tempfile::TempDir,
}

impl SampleIndex {
    /// Those of the demonstration.
    fn new() -> Self {
        let files = ["czaar-peterbuurt", "de-kleine-wereld", "g-buurt-noord", "reimerswaalbuurt"];
        Self::of(files.iter().flat_map(|file| json::<Vec<Value>>(&format!("../data/listings/{file}.json"))), "GM0363")
    }

    fn of_other_town() -> Self {
        Self::of(json::<Vec<Value>>("relevance/other-town-listings.json"), "GM0307")
    }

    /// With what is learned of how people ask, which takes a while.
    fn learned(mut self) -> Self {
        self.writer.learn(&Lessons::default()).expect("it is learned");
        self.snapshot = self.writer.snapshot().expect("a snapshot");
        self
    }

    fn of(drafts: impl IntoIterator<Item = Value>, municipality: &str) -> Self {
        let vocabulary = Arc::new(wegwijzer::vocabulary::load(None).expect("the vocabulary"));
        let files = tempfile::tempdir().expect("a folder");
        let mut writer = IndexWriter::create(files.path(), vocabulary.clone()).expect("an index");
        let areas = std::fs::File::open(folder("../data/areas/demo-areas.geojson")).expect("the sample areas");
        let areas = exchange::areas::read(Input::new(areas, None).expect("it opens"), Format::GeoJson, None);
        let areas: Vec<_> = areas.expect("areas").map(|row| row.expect("a sound area").patch).collect();
        for patch in areas.clone() {
            let area = patch.merge(None).expect("it has a name").expect("it is new");
            writer.apply(Entry::Area(Box::new(area))).expect("it is taken in");
        }
        let areas = AreaIndex::new(areas.into_iter().filter_map(|patch| Some((patch.code, patch.outline?))));
        let (mut external_ids, mut by_id) = (Vec::new(), BTreeMap::new());
        for draft in drafts {
            let mut offering = OfferingDraft(draft).check(&vocabulary).expect("a sound listing");
            for session in &mut offering.sessions {
                if let Some(Place::Physical(location)) = &mut session.place {
                    location.area = location.position.map(|at| areas.locate(at)).unwrap_or_default();
                }
            }
            let source = offering.source.clone().expect("a source");
            let stored = StoredOffering {
                id: OfferingId::new(),
                number: ItemNumber(external_ids.len() as i64 + 1),
                municipality: municipality.parse().expect("a code"),
                version: Version(1),
                changed_at: DateTime::UNIX_EPOCH,
                deleted_at: None,
                offering,
            };
            if let Some(public) = stored.public(&vocabulary) {
                by_id.insert(public.id.to_string(), external_ids.len());
                external_ids.push(source.external_id.expect("an external id"));
                writer.apply(Entry::Offering(Box::new(public))).expect("it is taken in");
            }
        }
        let mark = Watermark { change: ChangeNumber(1), changed_at: None, as_of: DateTime::UNIX_EPOCH };
        writer.commit(mark).expect("it is written");
        let snapshot = writer.snapshot().expect("a snapshot");
        Self { writer, snapshot, vocabulary, external_ids, by_id, _folder: files }
    }

    /// The external ids of the first ten hits.
    fn find(&self, words: &str) -> Vec<String> {
        let params = [("q".to_owned(), words.to_owned()), ("pageSize".to_owned(), "10".to_owned())];
        let query =
            SearchQuery::from_params(&params, &self.vocabulary, |_| unreachable!("no place is named")).expect(words);
        let today = NaiveDate::from_ymd_opt(2026, 11, 24).expect("a date");
        let page = self.snapshot.find(&query, today.into()).expect(words);
        let ids = page.hits.iter().map(|hit| {
            let card: Value = serde_json::from_str(hit.offering.get()).expect("a card");
            self.external_ids[self.by_id[card["id"].as_str().expect("an id")]].clone()
        });
        ids.collect()
    }
}
