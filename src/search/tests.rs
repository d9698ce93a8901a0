//! The search held against a plain scan, and what it promises told one by one.

mod asked;
mod known;
mod promises;
mod scan;
pub(super) mod world;

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::domain::{Distance, ItemNumber, PublicOffering, Session};
use asked::{Asked, scan};
use known::Known;
use world::*;

/// An index in a folder of its own.
struct TestIndex {
    writer: IndexWriter,
    folder: TempDir,
    commits: i64,
}

impl TestIndex {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let writer = IndexWriter::create(folder.path(), vocabulary()).expect("an index");
        Self { writer, folder, commits: 0 }
    }

    fn with(offerings: &[PublicOffering]) -> Self {
        let mut index = Self::new();
        index.commit(offerings.iter().map(|offering| Entry::Offering(Box::new(offering.clone()))));
        index
    }

    fn commit(&mut self, entries: impl IntoIterator<Item = Entry>) {
        for entry in entries {
            self.writer.apply(entry).expect("it is taken in");
        }
        self.commits += 1;
        self.writer.commit(mark(self.commits)).expect("it is written");
    }

    fn snapshot(&self) -> Arc<Snapshot> {
        self.writer.snapshot().expect("a snapshot")
    }
}

fn mark(change: i64) -> Watermark {
    Watermark { change: ChangeNumber(change), changed_at: None, as_of: moment() }
}

/// What a test looks at in a hit.
#[derive(Debug, PartialEq)]
struct Seen {
    number: i64,
    distance: Option<u64>,
    unknown: Vec<&'static str>,
    matched: Vec<&'static str>,
    session: serde_json::Value,
}

fn seen(page: &SearchPage) -> Vec<Seen> {
    let hits = page.hits.iter().map(|hit| {
        let card: Card = serde_json::from_str(hit.offering.get()).expect("a card");
        let mut unknown = hit.unknown.clone();
        unknown.sort_unstable();
        let session = serde_json::from_str(hit.session.get()).expect("a session");
        Seen { number: card.number.0, distance: hit.distance, unknown, matched: hit.matched.clone(), session }
    });
    hits.collect()
}

/// Every hit of a query, page by page.
fn all_pages(snapshot: &Snapshot, query: &SearchQuery) -> Vec<Seen> {
    let mut hits = Vec::new();
    for page in 1.. {
        let found = snapshot.find(&SearchQuery { page, ..query.clone() }, now()).expect("a page");
        hits.extend(seen(&found));
        if page * query.page_size >= found.total as usize {
            return hits;
        }
    }
    hits
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]
    #[test]
    fn the_search_finds_what_a_plain_scan_finds(
        world in any_world(),
        old in any_world(),
        parts in 1usize..4,
        queries in prop::collection::vec(any_query(), 30),
    ) {
        // The index is written in parts, over an older state of the same offerings.
        let mut index = TestIndex::with(&old);
        for part in world.chunks(world.len().div_ceil(parts)) {
            index.commit(part.iter().map(|offering| Entry::Offering(Box::new(offering.clone()))));
        }
        let gone = old.iter().skip(world.len()).map(|offering| Entry::Hidden(offering.id));
        index.commit(gone.chain(known_areas().map(|area| Entry::Area(Box::new(area)))));
        let snapshot = index.snapshot();
        prop_assert_eq!(snapshot.offering_count(), world.len() as u64);
        let vocabulary = vocabulary();
        let compounds = compounds::Compounds::new(&vocabulary);
        let known: Vec<_> =
            world.iter().map(|offering| Known::new(&vocabulary, &compounds, offering, today())).collect();
        for query in &queries {
            let asked = Asked::of(&snapshot.understood(query, now()), &snapshot.layout);
            let expected = scan(&vocabulary, &known, query, &asked);
            let page = snapshot.find(query, now()).expect("a page");
            prop_assert_eq!(page.total, expected.hits.len() as u64, "total of {:?}", query);
            let mut found = all_pages(&snapshot, query);
            if query.sort == Sort::Relevance {
                let is_let_in: Vec<_> = found.iter().map(|hit| !hit.unknown.is_empty()).collect();
                prop_assert!(is_let_in.is_sorted(), "what is let in comes last");
                found.sort_by_key(|hit| (!hit.unknown.is_empty(), hit.number));
            }
            let wanted: Vec<_> = expected.hits.iter().map(|hit| {
                let offering = &world[hit.number as usize - 1].offering;
                let session = offering.effective_sessions()[hit.session].clone();
                Seen {
                    number: hit.number,
                    distance: hit.distance.map(|metres| metres.round() as u64),
                    unknown: hit.unknown.clone(),
                    matched: hit.matched.clone(),
                    session: serde_json::to_value(Session { service_region: None, ..session }).expect("JSON"),
                }
            }).collect();
            let first = found.iter().zip(&wanted).position(|(found, wanted)| found != wanted).unwrap_or(0);
            prop_assert!(found == wanted, "at {first} {:?}, not {:?}: {query:?}", found.get(first), wanted.get(first));
            let facets: BTreeMap<_, _> = page.facets.iter().map(|(name, counts)| {
                let values = counts.values.iter().map(|value| (value.id.clone(), value.count));
                (*name, (values.collect(), counts.unknown))
            }).collect();
            prop_assert_eq!(facets, expected.facets, "facets of {:?}", query);
            let elsewhere =
                page.elsewhere.map(|there| [there.online, there.at_home, there.nationwide, there.unknown_place]);
            prop_assert_eq!(elsewhere, expected.elsewhere, "elsewhere of {:?}", query);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, max_shrink_iters: 100, ..ProptestConfig::default() })]
    #[test]
    fn a_page_has_the_first_of_all_hits_though_few_are_kept(
        world in any_world(),
        copies in 20..50i64,
        mut queries in prop::collection::vec(prop_oneof![any_query(), a_broad_query()], 40),
    ) {
        // Copies have the same score, and the lower number comes first, wherever it stands in the index.
        let (mut index, mut entries) = (TestIndex::new(), Vec::new());
        for copy in 0..copies {
            let numbered = world.iter().map(|offering| {
                let number = offering.number.0 + (copies - copy) * world.len() as i64;
                PublicOffering { id: offering_id(number), number: ItemNumber(number), ..offering.clone() }
            });
            entries.extend(numbered.map(|offering| Entry::Offering(Box::new(offering))));
            if copy % 16 == 0 {
                index.commit(entries.drain(..));
            }
        }
        index.commit(entries);
        index.commit(known_areas().map(|area| Entry::Area(Box::new(area))));
        let snapshot = index.snapshot();
        for query in &mut queries {
            // How far away it is looked depends on how many a page has.
            if let Some(near) = &mut query.place.near {
                near.radius = near.radius.or(Distance::from_metres(200_000.0));
            }
            let numbers = |page_size| {
                let page = snapshot.find(&SearchQuery { page_size, ..query.clone() }, now()).expect("a page");
                seen(&page).into_iter().map(|hit| hit.number).collect::<Vec<_>>()
            };
            let all = numbers(2000);
            for few in [7, 40, 90] {
                prop_assert_eq!(numbers(few), &all[..all.len().min(few)], "{} of {:?}", few, query);
            }
        }
    }
}
