//! The own words of municipalities: how a search follows them, on both databases.

use serde_json::json;
use url::form_urlencoded::byte_serialize;
use wegwijzer::directory::{restore, save_wordings};
use wegwijzer::domain::{EntityKind, Wording, WordingDraft};
use wegwijzer::store::Actor;

use crate::harness::app::TestApp;
use crate::harness::{TestDatabase, offering, vocabulary, with};

fn own(draft: serde_json::Value) -> Wording {
    WordingDraft(draft).check(&vocabulary()).expect("sound own words")
}

fn in_area(name: &str, code: &str, more: serde_json::Value) -> serde_json::Value {
    let place = json!({ "type": "physical", "address": { "city": "Amsterdam" }, "area": [code] });
    with(with(offering(name), json!({ "sessions": [{ "place": place }] })), more)
}

fn names(app: &TestApp, question: &str, more: &str) -> Vec<String> {
    let question: String = byte_serialize(question.as_bytes()).collect();
    app.get(&format!("/v1/offerings?q={question}{more}")).names()
}

#[test]
fn a_search_follows_own_words_without_a_restart_and_they_can_be_taken_back() {
    for database in TestDatabase::each() {
        let app = TestApp::on(&database.url);
        let drafts = [
            in_area("Koffie", "BU0363AK05", json!({ "theme": ["meeting_people"] })),
            in_area("Lezen in de bibliotheek", "BU0363AK05", json!({ "theme": ["learning"] })),
            in_area("Zwemmen", "BU0363AK05", json!({ "theme": ["exercise"] })),
            in_area("Schaken mokum", "BU0599AA01", json!({ "theme": ["youth_leisure"] })),
        ];
        app.import(drafts);
        let off = "&not=likely,spelling";
        assert_eq!(names(&app, "klessebessen", off), [""; 0]);

        let store = database.store();
        let amsterdam = own(json!({
            "municipality": "GM0363",
            "synonyms": [
                { "words": "klessebessen", "concepts": ["theme:meeting_people"] },
                { "words": "OBA", "text": "bibliotheek" },
            ],
            "stopWords": ["Mokum"],
        }));
        let written = |dry_run| save_wordings(&store, std::slice::from_ref(&amsterdam), "test", dry_run);
        assert_eq!(written(true).expect("rehearsed"), 1);
        assert_eq!(store.wordings().expect("read"), []);
        assert_eq!(written(false).expect("written"), 1);
        assert_eq!(written(false).expect("written"), 0, "nothing is new");
        app.settle();
        assert_eq!(names(&app, "lekker klessebessen", off), ["Koffie"]);
        assert_eq!(names(&app, "oba", off), ["Lezen in de bibliotheek"]);
        assert_eq!(names(&app, "zwemmen mokum", off), ["Zwemmen"], "a word that tells nothing leaves nothing out");
        let learned = |question: &str| {
            let page = app.get(&format!("/v1/offerings?q={question}")).ok();
            page["understood"]["readings"].clone()
        };
        assert_eq!(learned("zwemmen%20mokum"), learned("zwemmen"), "nor is anything learned from it");
        // A search in another municipality does not know them.
        assert_eq!(names(&app, "klessebessen", &format!("{off}&area=GM0599")), [""; 0]);
        assert_eq!(names(&app, "mokum", &format!("{off}&area=GM0599")), ["Schaken mokum"]);
        assert_eq!(names(&app, "klessebessen", &format!("{off}&area=BU0363AK05")), ["Koffie"]);
        assert_eq!(names(&app, "klessebessen", &format!("{off}&area=GM0599&understand=false")), [""; 0]);
        let completed = app.get("/v1/completions?q=klesse").ok();
        assert_eq!(completed["groups"][0]["items"][0]["id"], "meeting_people", "{completed:#}");

        // A new index holds them too.
        store.request_reindex(&Actor { name: "test".into(), reason: None }).expect("asked");
        app.settle();
        assert_eq!(names(&app, "klessebessen", off), ["Koffie"]);

        // Before they were written there were none; and that can be taken back in turn.
        let history = || store.history(EntityKind::Wording, "GM0363").expect("read").expect("is there");
        let actor = Actor { name: "test".into(), reason: None };
        let put_back = || restore(&store, &vocabulary(), history()[0].change.number, &actor, false).expect("restored");
        assert!(put_back().made.is_some());
        app.settle();
        assert_eq!(names(&app, "klessebessen", off), [""; 0]);
        assert_eq!(store.wordings().expect("read"), []);
        put_back();
        app.settle();
        assert_eq!(names(&app, "klessebessen", off), ["Koffie"]);
        let versions: Vec<i64> = history().iter().map(|revision| revision.version.0).collect();
        assert_eq!(versions, [3, 2, 1]);
        // What says nothing takes away what was said.
        let none = own(json!({ "municipality": "GM0363" }));
        assert_eq!(save_wordings(&store, &[none], "test", false).expect("written"), 1);
        app.settle();
        assert_eq!(names(&app, "klessebessen", off), [""; 0]);
    }
}
