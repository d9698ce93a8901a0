//! The system of record: one behaviour on both databases.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use wegwijzer::domain::{
    Area, ChangeKind, ChangeNumber, EntityKind, ItemNumber, MunicipalityCode, Offering, OfferingDraft,
};
use wegwijzer::store::{Actor, OfferingWrite, Outcome, SourceRun, Store};

use crate::harness::{TestDatabase, offering, vocabulary, with};

fn actor() -> Actor {
    Actor { name: "test".into(), reason: None }
}

fn checked(draft: Value) -> Offering {
    OfferingDraft(draft).check(&vocabulary()).expect("a right draft")
}

fn write(draft: Value) -> OfferingWrite {
    OfferingWrite { municipality: "GM0363".parse::<MunicipalityCode>().expect("a code"), offering: checked(draft) }
}

fn upsert(store: &Store, drafts: &[Value]) -> Vec<Outcome> {
    let writes: Vec<_> = drafts.iter().cloned().map(write).collect();
    store.upsert(&writes, &mut SourceRun::default(), &actor()).expect("written")
}

fn full(name: &str) -> Value {
    with(
        offering(name),
        json!({
            "summary": "Samen eten.",
            "theme": ["meeting_people", "healthy_food"],
            "organization": [
                { "role": "lead", "name": "Buurtkamer De Werf", "phone": "020 000 00 01" },
                { "role": "venue", "name": "Kerk aan de Kade" },
            ],
            "cost": { "category": "small_amount", "prices": [{ "amount": 2.5, "per": "visit" }] },
            "sessions": [
                {
                    "label": "middag",
                    "place": { "type": "physical", "name": "De Werf", "position": { "latitude": 52.37, "longitude": 4.93 } },
                    "schedules": [{ "rule": "FREQ=WEEKLY;BYDAY=TU", "startsAt": "12:00", "endsAt": "14:00" }],
                },
                { "label": "online", "place": { "type": "virtual" } },
            ],
        }),
    )
}

#[test]
fn what_is_written_is_read_back_whole() {
    for database in TestDatabase::each() {
        let store = database.store();
        assert_eq!(upsert(&store, &[full("Soep")]), [Outcome::New]);

        let stored = store.offerings_after(ItemNumber(0), 10).expect("read");

        assert_eq!(stored.len(), 1);
        assert_eq!(stored[0].offering.without_ids(), checked(full("Soep")));
        assert_eq!((stored[0].number, stored[0].version.0), (ItemNumber(1), 1));
        assert!(stored[0].offering.sessions.iter().all(|session| session.id.is_some()));
    }
}

#[test]
fn the_same_again_changes_nothing_and_a_change_is_one_new_version() {
    for database in TestDatabase::each() {
        let store = database.store();
        upsert(&store, &[full("Soep"), full("Brood")]);
        let before = store.last_change().expect("a number");
        let sessions = store.offerings_after(ItemNumber(0), 1).expect("read")[0].offering.sessions.clone();

        assert_eq!(upsert(&store, &[full("Soep"), full("Brood")]), [Outcome::Same, Outcome::Same]);
        assert_eq!(store.last_change().expect("a number"), before);

        let changed = with(full("Soep"), json!({ "summary": "Samen soep eten." }));
        assert_eq!(upsert(&store, &[changed, full("Brood")]), [Outcome::Changed, Outcome::Same]);
        let changes = store.changes_after(before, 10).expect("changes");
        assert_eq!(changes.len(), 1);
        assert_eq!((changes[0].entity, changes[0].kind), (EntityKind::Offering, ChangeKind::Written));
        let stored = store.offerings_after(ItemNumber(0), 1).expect("read").remove(0);
        assert_eq!(stored.version.0, 2);
        assert_eq!(stored.offering.summary.as_deref(), Some("Samen soep eten."));
        assert_eq!(stored.offering.sessions, sessions, "sessions that stay keep their ids");
    }
}

#[test]
fn an_organization_that_changes_is_a_change_of_its_own_and_a_contradicting_file_settles() {
    for database in TestDatabase::each() {
        let store = database.store();
        let one = full("Soep");
        let mut two = full("Brood");
        two["organization"][0]["phone"] = json!("020 000 00 02");
        upsert(&store, &[one.clone(), two.clone()]);
        let before = store.last_change().expect("a number");

        assert_eq!(upsert(&store, &[one.clone(), two]), [Outcome::Same, Outcome::Same], "the first row decides");
        assert_eq!(store.last_change().expect("a number"), before);

        let mut other = one;
        other["organization"][0]["phone"] = json!("020 000 00 03");
        assert_eq!(upsert(&store, &[other]), [Outcome::Changed], "the public sees something else");
        let changes = store.changes_after(before, 10).expect("changes");
        assert_eq!(changes.iter().map(|c| c.entity).collect::<Vec<_>>(), [EntityKind::Organization]);
        assert_eq!(store.offerings_of(&changes[0].entity_id).expect("read").len(), 2);
    }
}

#[test]
fn what_a_source_no_longer_names_is_withdrawn_and_can_come_back() {
    for database in TestDatabase::each() {
        let store = database.store();
        upsert(&store, &[full("Soep"), full("Brood")]);
        let tenant: MunicipalityCode = "GM0363".parse().expect("a code");
        let named = HashSet::from(["Soep".to_owned()]);

        assert_eq!(store.withdraw_others(&tenant, "test", &named, &actor()).expect("done"), 1);
        let stored = store.offerings_after(ItemNumber(0), 10).expect("read");
        assert!(stored[0].deleted_at.is_none() && stored[1].deleted_at.is_some());
        let last = store.changes_after(ChangeNumber(2), 10).expect("changes");
        assert_eq!(last.iter().map(|c| c.kind).collect::<Vec<_>>(), [ChangeKind::Deleted]);

        assert_eq!(upsert(&store, &[full("Brood")]), [Outcome::Changed]);
        assert!(store.offerings_after(ItemNumber(1), 1).expect("read")[0].deleted_at.is_none());
    }
}

#[test]
fn a_rehearsal_tells_what_would_happen_and_writes_nothing() {
    for database in TestDatabase::each() {
        let store = database.store();
        let writes = [write(full("Soep"))];
        let outcomes = store.rehearse(&writes, &mut SourceRun::default()).expect("rehearsed");
        assert_eq!(outcomes, [Outcome::New]);
        assert_eq!(store.offering_count().expect("counted"), 0);
        upsert(&store, &[full("Soep")]);
        assert_eq!(store.offerings_after(ItemNumber(0), 1).expect("read")[0].number, ItemNumber(1), "none is used up");
    }
}

#[test]
fn new_outlines_move_locations_whose_source_tells_no_area() {
    for database in TestDatabase::each() {
        let store = database.store();
        let mut told = full("Verteld");
        told["sessions"][0]["place"]["area"] = json!(["BU0363AD05"]);
        upsert(&store, &[full("Soep"), told]);
        let before = store.last_change().expect("a number");
        let found = || vec!["GM0363".parse().expect("a code"), "BU0363AK05".parse().expect("a code")];

        let moved = store.relocate(|_| found(), &actor()).expect("moved");

        assert_eq!((moved.locations, moved.offerings), (1, 1));
        assert_eq!(store.changes_after(before, 10).expect("changes").len(), 1);
        let stored = store.offerings_after(ItemNumber(0), 1).expect("read").remove(0);
        let place = stored.offering.sessions[0].place.as_ref().and_then(|place| place.location()).expect("a place");
        assert_eq!(place.area, found());
        assert_eq!(
            upsert(&store, &[full("Soep")]),
            [Outcome::Same],
            "areas that were found are no change of the source"
        );
        assert_eq!(store.relocate(|_| found(), &actor()).expect("moved").locations, 0);
    }
}

#[test]
fn areas_are_kept_with_all_that_is_known_of_them() {
    for database in TestDatabase::each() {
        let store = database.store();
        let area: Area = serde_json::from_value(json!({
            "code": "BU0363AK05", "name": "Czaar Peterbuurt", "aliases": ["Czaar Peter"], "year": 2024,
            "statistics": { "inwoners": 4745 },
            "outline": { "type": "Polygon", "coordinates": [[[4.92, 52.36], [4.94, 52.36], [4.93, 52.38], [4.92, 52.36]]] },
        }))
        .expect("an area");

        assert_eq!(store.save_areas(std::slice::from_ref(&area), &actor()).expect("saved"), 1);
        assert_eq!(store.save_areas(std::slice::from_ref(&area), &actor()).expect("saved"), 0);
        assert_eq!(store.areas(std::slice::from_ref(&area.code)).expect("read"), [area]);
    }
}

/// Sixteen writers, and a follower that must see every number once, in order and without a hole.
#[test]
fn a_follower_misses_nothing_while_many_write_at_once() {
    const WRITERS: usize = 16;
    const EACH: usize = 12;
    for database in TestDatabase::each() {
        let store = database.store();
        let done = AtomicBool::new(false);
        let seen = std::thread::scope(|scope| {
            let follower = scope.spawn(|| {
                let mut seen: Vec<i64> = Vec::new();
                loop {
                    // Read before looking, so that what was written before the end is not missed.
                    let last_look = done.load(Ordering::SeqCst);
                    let after = ChangeNumber(seen.last().copied().unwrap_or(0));
                    let changes = store.changes_after(after, 7).expect("changes");
                    if changes.is_empty() && last_look {
                        return seen;
                    }
                    seen.extend(changes.iter().map(|change| change.number.0));
                }
            });
            let writers: Vec<_> = (0..WRITERS)
                .map(|writer| {
                    let store = store.clone();
                    scope.spawn(move || {
                        for at in 0..EACH {
                            // Some are this writer's own, one is everybody's, and all name one organization.
                            let mut shared = full("Van iedereen");
                            shared["summary"] = json!(format!("Van schrijver {writer}, keer {at}"));
                            upsert(&store, &[full(&format!("{writer}-{at}")), shared]);
                        }
                    })
                })
                .collect();
            let ended: Vec<_> = writers.into_iter().map(std::thread::ScopedJoinHandle::join).collect();
            // The follower ends even if a writer failed; the test then fails below.
            done.store(true, Ordering::SeqCst);
            let seen = follower.join().expect("the follower");
            ended.into_iter().for_each(|end| end.expect("a writer"));
            seen
        });
        assert_eq!(seen, (1..=seen.len() as i64).collect::<Vec<_>>());
        assert_eq!(seen.len() as i64, store.last_change().expect("a number").0);
        assert_eq!(store.offering_count().expect("counted") as usize, WRITERS * EACH + 1);
        let versions: i64 = store.offerings_after(ItemNumber(0), 1000).expect("read").iter().map(|o| o.version.0).sum();
        assert_eq!(versions as usize, 2 * WRITERS * EACH, "no write was lost");
    }
}
