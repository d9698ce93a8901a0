//! Which source said what of an organization: one behaviour on both databases.

use serde_json::{Value, json};
use wegwijzer::areas::AreaIndex;
use wegwijzer::directory::{ImportOptions, Importer};
use wegwijzer::domain::{EntityKind, ItemNumber, OfferingDraft, Organization, Tally};
use wegwijzer::store::Store;

use crate::harness::{TestDatabase, vocabulary};

/// What an import is to do besides.
#[derive(Clone, Copy, Default)]
struct How {
    dry_run: bool,
    complete: bool,
}

/// What came of an import: of its offerings, and how many organizations lost something.
type Came = (Tally, usize);

fn came(new: u64, changed: u64, same: u64, less: usize) -> Came {
    (Tally { new, changed, same }, less)
}

/// Imports the listings of a source from the first to the last, as the command line does.
fn import(store: &Store, source: &str, rows: &[Value], how: How) -> Came {
    let options = ImportOptions { municipality: "GM0363".parse().ok(), source: source.into(), dry_run: how.dry_run };
    let mut importer = Importer::new(store.clone(), AreaIndex::new(Vec::new()), options);
    let vocabulary = vocabulary();
    for (row, draft) in (1..).zip(rows) {
        let offering = OfferingDraft(draft.clone()).check(&vocabulary).expect("a right draft");
        importer.add(row, offering, None).expect("written").expect("let in");
    }
    let tally = importer.finish().expect("written");
    if how.complete {
        importer.withdraw_others().expect("withdrawn");
    }
    (tally, importer.take_back_unsaid().expect("taken back"))
}

/// An import with a rehearsal before it, which must tell the same and write nothing.
fn rehearsed(store: &Store, source: &str, rows: &[Value], how: How) -> Came {
    let before = store.last_change().expect("a number");
    let told = import(store, source, rows, How { dry_run: true, ..how });
    assert_eq!(store.last_change().expect("a number"), before, "a rehearsal writes nothing");
    let done = import(store, source, rows, how);
    assert_eq!(told, done, "a rehearsal tells what happens");
    done
}

/// A listing of De Werf, of which these things are said.
fn row(id: &str, said: Value) -> Value {
    let mut lead = json!({ "role": "lead", "name": "De Werf" });
    lead.as_object_mut().expect("an object").extend(said.as_object().expect("an object").clone());
    json!({ "name": id, "source": { "name": "ignored", "externalId": id }, "organization": [lead] })
}

fn of(source: &str, mut row: Value) -> Value {
    row["source"]["name"] = json!(source);
    row
}

fn werf(store: &Store) -> Organization {
    let first = store.offerings_after(ItemNumber(0), 1).expect("read").remove(0);
    Organization { id: None, ..first.offering.organization[0].organization.clone() }
}

fn phone(store: &Store) -> Option<String> {
    werf(store).phone.map(|phone| phone.to_string())
}

const ONE: &str = "020 000 00 01";
const TWO: &str = "020 000 00 02";

#[test]
fn what_a_source_no_longer_says_of_an_organization_is_taken_back() {
    for database in TestDatabase::each() {
        let store = database.store();
        let site = json!({ "website": "https://werf.example" });
        let full = [of("a", row("1", json!({ "phone": ONE }))), of("a", row("2", site.clone()))];
        assert_eq!(rehearsed(&store, "a", &full, How::default()), came(2, 0, 0, 0));
        assert_eq!(rehearsed(&store, "a", &full, How::default()), came(0, 0, 2, 0), "the same file changes nothing");
        let before = store.last_change().expect("a number");

        let less = [of("a", row("1", json!({}))), of("a", row("2", site))];
        assert_eq!(rehearsed(&store, "a", &less, How::default()), came(0, 0, 2, 1));

        assert_eq!(phone(&store), None);
        assert!(werf(&store).website.is_some(), "what another row says stays");
        let changes = store.changes_after(before, 10).expect("changes");
        assert_eq!(changes.iter().map(|c| c.entity).collect::<Vec<_>>(), [EntityKind::Organization]);
        let last = store.last_change().expect("a number");
        assert_eq!(rehearsed(&store, "a", &less, How::default()), came(0, 0, 2, 0));
        assert_eq!(store.last_change().expect("a number"), last);
    }
}

#[test]
fn a_file_with_some_of_the_listings_takes_nothing_back() {
    for database in TestDatabase::each() {
        let store = database.store();
        let rows = [of("a", row("1", json!({ "phone": ONE }))), of("a", row("2", json!({})))];
        import(&store, "a", &rows, How::default());

        assert_eq!(rehearsed(&store, "a", &rows[1..], How::default()), came(0, 0, 1, 0));
        assert_eq!(phone(&store).as_deref(), Some(ONE), "the first listing still says it");

        let complete = How { complete: true, ..How::default() };
        assert_eq!(rehearsed(&store, "a", &rows[1..], complete), came(0, 0, 1, 1), "now it is withdrawn");
        assert_eq!(phone(&store), None);
    }
}

#[test]
fn two_sources_that_contradict_each_other_do_not_take_turns() {
    for database in TestDatabase::each() {
        let store = database.store();
        let one = [of("a", row("1", json!({ "phone": ONE })))];
        let two = [of("b", row("1", json!({ "phone": TWO, "email": "werf@werf.example" })))];
        import(&store, "a", &one, How::default());
        assert_eq!(rehearsed(&store, "b", &two, How::default()), came(1, 0, 0, 0));
        assert_eq!(phone(&store).as_deref(), Some(ONE), "who said something first decides");
        assert!(werf(&store).email.is_some(), "the other fills what is open");
        let before = store.last_change().expect("a number");

        for (source, rows) in [("a", &one), ("b", &two), ("b", &two), ("a", &one), ("b", &two)] {
            assert_eq!(rehearsed(&store, source, rows, How::default()), came(0, 0, 1, 0), "{source}");
        }
        assert_eq!(store.last_change().expect("a number"), before);

        let silent = [of("a", row("1", json!({})))];
        assert_eq!(rehearsed(&store, "a", &silent, How::default()), came(0, 0, 1, 1));
        assert_eq!(phone(&store).as_deref(), Some(TWO), "the other's comes up");
        assert_eq!(rehearsed(&store, "a", &one, How::default()), came(0, 1, 0, 0));
        assert_eq!(phone(&store).as_deref(), Some(ONE), "and goes back when it is said again");
    }
}

#[test]
fn a_file_that_names_several_sources_is_rehearsed_as_it_is_written() {
    for database in TestDatabase::each() {
        let store = database.store();
        // More than a batch, so that what the first batch says must be known to the second.
        let rows = |said: &dyn Fn(usize) -> Value| -> Vec<Value> {
            (0..1100).map(|at| of(["a", "b", "c"][at % 3], row(&at.to_string(), said(at)))).collect()
        };
        let first = rows(&|at| match at {
            0 => json!({ "kvk": "12345678" }),
            1 => json!({ "phone": TWO }),
            600 => json!({ "phone": ONE }),
            1001 => json!({ "email": "c@werf.example" }),
            _ => json!({}),
        });
        assert_eq!(rehearsed(&store, "x", &first, How::default()), came(1100, 0, 0, 0));
        assert_eq!(phone(&store).as_deref(), Some(ONE), "source a began first");
        let before = store.last_change().expect("a number");
        assert_eq!(rehearsed(&store, "x", &first, How::default()), came(0, 0, 1100, 0));
        assert_eq!(store.last_change().expect("a number"), before);

        let less = rows(&|at| if at == 1001 { json!({ "email": "c@werf.example" }) } else { json!({}) });
        assert_eq!(rehearsed(&store, "x", &less, How::default()), came(0, 0, 1100, 1));
        assert_eq!((phone(&store), werf(&store).kvk), (None, None));
        assert!(werf(&store).email.is_some());
    }
}

#[test]
fn a_whole_source_that_does_not_name_an_organization_leaves_it_to_the_others() {
    for database in TestDatabase::each() {
        let store = database.store();
        let mut elsewhere = of("a", row("2", json!({})));
        elsewhere["organization"][0]["name"] = json!("De Kade");
        import(&store, "a", &[of("a", row("1", json!({ "phone": ONE }))), elsewhere.clone()], How::default());
        import(&store, "b", &[of("b", row("1", json!({ "phone": TWO })))], How::default());

        let complete = How { complete: true, ..How::default() };
        assert_eq!(rehearsed(&store, "a", std::slice::from_ref(&elsewhere), complete), came(0, 0, 1, 1));
        assert_eq!(phone(&store).as_deref(), Some(TWO));
        let before = store.last_change().expect("a number");
        assert_eq!(rehearsed(&store, "a", &[elsewhere], complete), came(0, 0, 1, 0));
        assert_eq!(store.last_change().expect("a number"), before);
    }
}

/// Writers of several sources at once: what is shown is what all statements together tell, so nothing changes after.
#[test]
fn sources_that_write_at_once_end_in_a_state_that_stays() {
    const SOURCES: usize = 8;
    for database in TestDatabase::each() {
        let store = database.store();
        let rows_of = |source: usize, said: Value| {
            let source = format!("bron {source}");
            (source.clone(), [of(&source, row("1", said))])
        };
        let said =
            |source: usize| json!({ "phone": format!("020 000 00 {source:02}"), "kvk": format!("0000000{source}") });
        for round in 0..6 {
            std::thread::scope(|scope| {
                for source in 0..SOURCES {
                    let store = store.clone();
                    scope.spawn(move || {
                        // Now and then a source says nothing, and another's comes up.
                        let said = if (round + source) % 3 == 1 { json!({}) } else { said(source) };
                        let (name, rows) = rows_of(source, said);
                        import(&store, &name, &rows, How::default());
                    });
                }
            });
        }
        let (before, shown) = (store.last_change().expect("a number"), werf(&store));
        for source in 0..SOURCES {
            let said = if (5 + source) % 3 == 1 { json!({}) } else { said(source) };
            let (name, rows) = rows_of(source, said);
            assert_eq!(import(&store, &name, &rows, How::default()), came(0, 0, 1, 0));
        }
        assert_eq!((store.last_change().expect("a number"), werf(&store)), (before, shown));
    }
}
