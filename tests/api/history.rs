//! What was changed, and putting back what was before: one behaviour on both databases.

use std::collections::HashSet;

use serde_json::{Value, json};
use wegwijzer::directory::{RestoreError, Restored, restore};
use wegwijzer::domain::{
    Area, AreaCode, ChangeNumber, Deed, EntityKind, FrontDoor, ItemNumber, Location, MunicipalityCode, OfferingDraft,
    Revision, StoredOffering,
};
use wegwijzer::store::{Actor, OfferingWrite, SourceRun, Store};

use crate::harness::app::TestApp;
use crate::harness::{TestDatabase, offering, vocabulary, with};

fn actor() -> Actor {
    Actor { name: "test".into(), reason: Some("een proef".into()) }
}

fn upsert(store: &Store, draft: Value) {
    let offering = OfferingDraft(draft).check(&vocabulary()).expect("a right draft");
    let write = OfferingWrite { municipality: "GM0363".parse().expect("a code"), offering };
    store.upsert(&[write], &mut SourceRun::default(), &actor()).expect("written");
}

fn soup(summary: &str) -> Value {
    with(
        offering("Soep"),
        json!({
            "summary": summary,
            "theme": ["meeting_people"],
            "organization": [{ "role": "lead", "name": "De Werf", "phone": "020 000 00 01" }],
            "sessions": [{
                "place": { "type": "physical", "name": "De Werf", "position": { "latitude": 52.37, "longitude": 4.93 } },
            }],
        }),
    )
}

fn first(store: &Store) -> StoredOffering {
    store.offerings_after(ItemNumber(0), 1).expect("read").remove(0)
}

fn place(store: &Store) -> Location {
    let first = first(store);
    first.offering.sessions[0].place.as_ref().and_then(|place| place.location()).expect("a place").clone()
}

fn last(store: &Store) -> ChangeNumber {
    store.last_change().expect("a number")
}

fn history(store: &Store, entity: EntityKind, id: &str) -> Vec<Revision> {
    store.history(entity, id).expect("read").expect("is there")
}

/// Puts back, after a rehearsal that must tell the same and write nothing.
fn put_back(store: &Store, number: ChangeNumber) -> Restored {
    let before = last(store);
    let told = restore(store, &vocabulary(), number, &actor(), true).expect("rehearsed");
    assert_eq!(last(store), before, "a rehearsal writes nothing");
    let done = restore(store, &vocabulary(), number, &actor(), false).expect("restored");
    let seen = |restored: &Restored| restored.made.as_ref().map(|made| (made.deed(), made.changed_fields()));
    assert_eq!(seen(&told), seen(&done));
    done
}

#[test]
fn an_offering_becomes_again_what_it_was_and_back() {
    for database in TestDatabase::each() {
        let store = database.store();
        upsert(&store, soup("Samen eten."));
        let (one, made) = (first(&store), last(&store));
        upsert(&store, with(soup("Samen soep eten."), json!({ "theme": ["grief"] })));
        let (two, changed) = (first(&store), last(&store));

        let told = history(&store, EntityKind::Offering, &one.id.to_string());
        assert_eq!(
            told.iter().map(|r| (r.change.number, r.deed())).collect::<Vec<_>>(),
            [(changed, Deed::Changed), (made, Deed::Made)]
        );
        assert_eq!(told[0].changed_fields(), ["/summary", "/theme"]);
        assert_eq!((told[0].actor.as_str(), told[0].reason.as_deref()), ("test", Some("een proef")));

        let restored = put_back(&store, changed).made.expect("it was otherwise");
        assert_eq!((first(&store).offering, first(&store).version.0), (one.offering.clone(), 3));
        assert!(put_back(&store, changed).made.is_none(), "it is so already");
        put_back(&store, restored.change.number);
        assert_eq!(first(&store).offering, two.offering);

        assert_eq!(put_back(&store, made).made.expect("done").deed(), Deed::Withdrawn);
        assert!(first(&store).deleted_at.is_some(), "before it was made it was not there");
        assert!(put_back(&store, made).made.is_none());
    }
}

#[test]
fn a_withdrawn_offering_comes_back_with_its_number_and_sessions() {
    for database in TestDatabase::each() {
        let store = database.store();
        upsert(&store, soup("Samen eten."));
        let before = first(&store);
        let tenant: MunicipalityCode = "GM0363".parse().expect("a code");
        store.withdraw_others(&tenant, "test", &HashSet::new(), &actor()).expect("withdrawn");
        let withdrawn = last(&store);

        let back = put_back(&store, withdrawn).made.expect("it was gone");
        assert_eq!(back.deed(), Deed::BroughtBack);
        let now = first(&store);
        assert_eq!((now.deleted_at, &now.offering, now.number), (None, &before.offering, before.number));

        assert_eq!(put_back(&store, back.change.number).made.expect("done").deed(), Deed::Withdrawn);
        assert!(first(&store).deleted_at.is_some());
    }
}

#[test]
fn an_organization_becomes_again_what_it_was_until_its_source_says_it_again() {
    for database in TestDatabase::each() {
        let store = database.store();
        let mut other = soup("Samen eten.");
        upsert(&store, other.clone());
        let werf = |store: &Store| first(store).offering.organization[0].organization.clone();
        let before = werf(&store);
        other["organization"][0]["phone"] = json!("020 000 00 02");
        upsert(&store, other.clone());
        let changed = last(&store);
        let id = before.id.expect("an id").to_string();
        assert_eq!(history(&store, EntityKind::Organization, &id)[0].changed_fields(), ["/phone"]);

        let restored = put_back(&store, changed).made.expect("it was otherwise");
        assert_eq!(werf(&store), before);
        assert_eq!(first(&store).version.0, 1, "the offering is as it was");
        put_back(&store, restored.change.number);
        put_back(&store, changed);
        upsert(&store, other);
        assert_eq!(werf(&store).phone.map(|phone| phone.to_string()).as_deref(), Some("020 000 00 02"));
    }
}

#[test]
fn an_older_offering_keeps_its_organization_as_it_is_now() {
    for database in TestDatabase::each() {
        let store = database.store();
        upsert(&store, soup("Samen eten."));
        upsert(&store, soup("Samen soep eten."));
        let changed = last(&store);
        let mut other = soup("Samen soep eten.");
        other["organization"][0]["phone"] = json!("020 000 00 02");
        upsert(&store, other.clone());
        let before = last(&store);

        put_back(&store, changed);

        let now = first(&store).offering;
        assert_eq!(now.summary.as_deref(), Some("Samen eten."));
        let phone = now.organization[0].organization.phone.as_ref().map(ToString::to_string);
        assert_eq!(phone.as_deref(), Some("020 000 00 02"));
        assert_eq!(last(&store).0, before.0 + 1, "one change, and it is the offering's");
    }
}

#[test]
fn a_location_that_was_moved_lies_again_where_it_lay() {
    for database in TestDatabase::each() {
        let store = database.store();
        upsert(&store, soup("Samen eten."));
        let before = place(&store);
        let found = || vec!["GM0363".parse::<AreaCode>().expect("a code")];
        store.relocate(|_| found(), &actor()).expect("moved");
        let moved = last(&store);
        let told = history(&store, EntityKind::Location, &before.id.expect("an id").to_string());
        assert_eq!((told.len(), told[0].change.number, told[0].version.0), (1, moved, 2));
        assert_eq!(told[0].changed_fields(), ["/area", "/areaFound"]);

        let restored = put_back(&store, moved).made.expect("it was otherwise");
        assert_eq!(place(&store), before);
        put_back(&store, restored.change.number);
        assert_eq!(place(&store).area, found());
    }
}

fn area(code: &str, more: Value) -> Area {
    serde_json::from_value(with(json!({ "code": code, "name": "Czaar Peterbuurt" }), more)).expect("an area")
}

fn square(side: f64) -> Value {
    let ring = [[4.9, 52.3], [4.9 + side, 52.3], [4.9 + side, 52.3 + side], [4.9, 52.3 + side], [4.9, 52.3]];
    json!({ "outline": { "type": "Polygon", "coordinates": [ring] } })
}

#[test]
fn an_area_becomes_again_what_it_was_with_its_outline_and_front_doors() {
    const CODE: &str = "BU0363AK05";
    for database in TestDatabase::each() {
        let store = database.store();
        upsert(&store, soup("Samen eten."));
        let code: AreaCode = CODE.parse().expect("a code");
        let now = || store.areas(std::slice::from_ref(&code)).expect("read").pop();
        let door: FrontDoor = serde_json::from_value(json!({ "area": CODE, "role": "Buurtteam" })).expect("a door");
        let mut numbers = vec![];
        let mut states = vec![now()];
        let mut step = |store: &Store| {
            numbers.push(last(store));
            states.push(now());
        };
        store.save_areas(&[area(CODE, square(0.1))], &actor()).expect("saved");
        step(&store);
        store.save_front_doors(std::slice::from_ref(&door), &actor()).expect("saved");
        step(&store);
        let figures = json!({ "statistics": { "inwoners": 4745 }, "year": 2024 });
        store.save_areas(&[area(CODE, with(square(0.1), figures.clone()))], &actor()).expect("saved");
        step(&store);
        store.save_areas(&[area(CODE, with(square(0.05), figures))], &actor()).expect("saved");
        step(&store);

        let told = history(&store, EntityKind::Area, CODE);
        let fields: Vec<_> = told.iter().map(Revision::changed_fields).collect();
        assert_eq!(fields, [vec!["/outline"], vec!["/statistics", "/year"], vec!["/frontDoors"], vec![]]);
        assert_eq!(told.iter().map(|r| r.version.0).collect::<Vec<_>>(), [4, 3, 2, 1]);
        assert!(told[3].before.is_none() && told[3].after.is_none(), "the first write is not stored twice");
        assert!(told[1].before.as_ref().is_some_and(|kept| kept.get("outline").is_none()), "an outline that stays");

        // Before each change in turn, the newest first, and then back to the end.
        for at in (0..numbers.len()).rev() {
            let made = put_back(&store, numbers[at]);
            assert_eq!(now(), states[at], "before change {}", numbers[at]);
            assert_eq!(made.made.is_some_and(|made| made.deed() == Deed::Withdrawn), at == 0);
        }
        assert!(put_back(&store, numbers[0]).made.is_none());
        let gone = last(&store);
        let back = put_back(&store, ChangeNumber(numbers[3].0 + 1)).made.expect("it was gone");
        assert_eq!((back.deed(), now()), (Deed::BroughtBack, states[4].clone()));
        assert!(!place(&store).area.contains(&code), "the small outline does not hold the place");
        assert!(last(&store) > gone);
    }
}

#[test]
fn two_imports_of_areas_at_once_lose_none_of_each_others_figures() {
    for database in TestDatabase::each() {
        let store = database.store();
        store.save_areas(&[area("BU0363AK05", json!({}))], &actor()).expect("saved");
        let code: AreaCode = "BU0363AK05".parse().expect("a code");
        std::thread::scope(|scope| {
            for writer in 0..6 {
                let (store, code) = (store.clone(), code.clone());
                scope.spawn(move || {
                    for at in 0..5 {
                        let add = |known: &wegwijzer::store::Areas| {
                            let mut area = known[&code].clone();
                            area.statistics.insert(format!("{writer}-{at}"), json!(1));
                            (vec![area], ())
                        };
                        store.change_areas(std::slice::from_ref(&code), &actor(), add).expect("written");
                    }
                });
            }
        });
        let stored = store.areas(std::slice::from_ref(&code)).expect("read").remove(0);
        assert_eq!(stored.statistics.len(), 30);
        let versions: Vec<i64> = history(&store, EntityKind::Area, code.as_str()).iter().map(|r| r.version.0).collect();
        assert_eq!(versions, (1..=31).rev().collect::<Vec<_>>());
    }
}

#[test]
fn what_cannot_be_put_back_is_told() {
    for database in TestDatabase::each() {
        let store = database.store();
        upsert(&store, soup("Samen eten."));
        store.request_reindex(&actor()).expect("asked");
        let asked = last(&store);
        let put = |number| restore(&store, &vocabulary(), number, &actor(), false).expect_err("nothing to put back");
        assert!(matches!(put(ChangeNumber(99)), RestoreError::UnknownChange(_)));
        assert!(matches!(put(asked), RestoreError::NothingKept(_)));

        upsert(&store, soup("Samen soep eten."));
        let other = include_str!("../../data/vocabulary.json").replace("\"meeting_people\"", "\"meeting_others\"");
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("vocabulary.json");
        std::fs::write(&path, other).expect("written");
        let other = wegwijzer::vocabulary::load(Some(&path)).expect("a right vocabulary");
        let refused = restore(&store, &other, last(&store), &actor(), false).expect_err("an unknown concept");
        assert!(refused.to_string().contains("/theme/0"), "{refused}");
        assert!(store.history(EntityKind::Offering, "nowhere").expect("read").is_none());
    }
}

#[test]
fn what_is_put_back_is_found_again() {
    let app = TestApp::with([soup("Samen eten.")]);
    let summary = || app.get("/v1/offerings?q=soep").ok()["hits"][0]["offering"]["summary"].clone();
    app.import([soup("Alleen eten.")]);
    assert_eq!(summary(), "Alleen eten.");
    put_back(&app.store, last(&app.store));
    app.settle();
    assert_eq!(summary(), "Samen eten.");

    app.store.relocate(|_| vec!["GM0363".parse().expect("a code")], &actor()).expect("moved");
    app.settle();
    assert_eq!(app.get("/v1/offerings?area=GM0363").ok()["total"], 1, "a moved location shows its offerings anew");
    put_back(&app.store, last(&app.store));
    app.settle();
    assert_eq!(app.get("/v1/offerings?area=GM0363").ok()["total"], 0);
}
