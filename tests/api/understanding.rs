//! What a question is taken to mean, and what the answer tells of it. How good the answers are, `relevance` measures.

use proptest::prelude::*;
use serde_json::{Value, json};
use url::form_urlencoded::byte_serialize;

use wegwijzer::domain::Area;
use wegwijzer::store::Actor;

use crate::harness::app::{Answer, TestApp};
use crate::harness::{TestDatabase, offering, with};

fn ask(app: &TestApp, question: &str, more: &str) -> Answer {
    let question: String = byte_serialize(question.as_bytes()).collect();
    app.get(&format!("/v1/offerings?q={question}{more}"))
}

/// The readings of one kind: the ids of their values, from which words, and what was done with them.
fn readings(page: &Value, reads: &str) -> Vec<(Vec<String>, String, String)> {
    let all = page["understood"]["readings"].as_array().expect("readings").clone();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let of_kind = all.into_iter().filter(|reading| reading["reads"] == reads);
    of_kind
        .map(|reading| {
            let ids = reading["values"].as_array().expect("values").iter().map(|value| text(&value["id"]));
            (ids.collect(), text(&reading["from"]), text(&reading["use"]))
        })
        .collect()
}

fn read(ids: &[&str], from: &str, used: &str) -> (Vec<String>, String, String) {
    (ids.iter().map(|id| (*id).to_owned()).collect(), from.to_owned(), used.to_owned())
}

#[test]
fn the_words_of_a_question_are_read_and_told() {
    let app = TestApp::shared_demo();
    let question = "iets met muziek voor oudere dames op donderdagochtend gratis";
    let page = ask(app, question, "&lang=en").ok();
    assert!(readings(&page, "theme").contains(&read(&["arts_and_culture"], "muziek", "ranks")));
    let groups = readings(&page, "targetGroup");
    assert!(groups.contains(&read(&["older_people"], "oudere", "ranks")), "{groups:?}");
    assert!(groups.contains(&read(&["women"], "dames", "ranks")), "{groups:?}");
    assert_eq!(readings(&page, "weekday"), [read(&["thursday"], "donderdagochtend", "narrows")]);
    assert_eq!(readings(&page, "partOfDay"), [read(&["morning"], "donderdagochtend", "narrows")]);
    let nearly_free = ["free", "free_with_city_pass", "voluntary_contribution"];
    assert_eq!(readings(&page, "cost"), [read(&nearly_free, "gratis", "narrows")]);
    assert_eq!(page["understood"]["readings"][0]["values"][0]["label"], "Free");

    // Each reading can be switched off, and then leaves nothing out.
    let other = ask(app, question, "&not=weekday,partOfDay").ok();
    assert_eq!(readings(&other, "weekday"), []);
    assert!(other["total"].as_u64() > page["total"].as_u64());
    let words = |page: &Value| page["understood"]["words"].as_array().expect("words").len();
    assert!(words(&ask(app, question, "&not=cost").ok()) > words(&page), "what is not read is a word like others");
    let words = ask(app, question, "&understand=false").ok();
    assert_eq!(words["understood"]["readings"], json!([]));
}

#[test]
fn what_narrows_tells_what_it_leaves_out_and_gives_way_when_too_little_is_left() {
    let on = |name: &str, day: Option<&str>| {
        let times =
            |day| json!([{ "rule": format!("FREQ=WEEKLY;BYDAY={day}"), "startsAt": "10:00", "endsAt": "12:00" }]);
        let session = json!({ "schedules": day.map(times).unwrap_or(json!([])) });
        with(offering(name), json!({ "sessions": [session] }))
    };
    let app = TestApp::with([
        on("Koor van maandag", Some("MO")),
        on("Koor van de week", Some("MO")),
        on("Koor dat begint", Some("MO")),
        on("Koor van zondag", Some("SU")),
        on("Koor zonder dag", None),
    ]);
    let page = ask(&app, "koor op maandag", "").ok();
    assert_eq!((&page["total"], &page["hits"][3]["unknown"]), (&json!(4), &json!(["weekday"])));
    assert_eq!(page["understood"]["readings"][0]["leftOut"], 1);
    // One on Sunday and one of which it is not known are no choice.
    let page = ask(&app, "koor op zondag", "").ok();
    assert_eq!(
        (&page["total"], readings(&page, "weekday")),
        (&json!(5), vec![read(&["sunday"], "zondag", "setAside")])
    );
    let page = ask(&app, "koor op zondag", "&explain=true").ok();
    assert_eq!(page["hits"][0]["offering"]["name"], "Koor van zondag", "what does fit comes first");
    let told = page["hits"][1]["explanation"]["told"].as_str().expect("text").to_owned();
    assert!(told.contains("past niet bij de plaats, tijd"), "{told}");
    // What somebody chose is not read over.
    let page = ask(&app, "koor op maandag", "&weekday=sunday").ok();
    assert_eq!(page["total"], 1);
    assert_eq!(page["hits"][0]["offering"]["name"], "Koor van zondag");
}

#[test]
fn a_question_that_only_narrows_finds_all_that_fits() {
    let app = TestApp::shared_demo();
    for (question, filters) in [
        ("gratis", "cost=free&includeUnknown=cost"),
        ("zaterdag", "weekday=saturday&includeUnknown=weekday"),
        ("in Czaar Peter", "area=BU0363AK05"),
        ("hallo", ""),
    ] {
        let total = app.get(&format!("/v1/offerings?{filters}")).ok()["total"].clone();
        assert_eq!(ask(app, question, "").ok()["total"], total, "{question}");
    }
}

#[test]
fn not_turns_around_and_a_need_that_holds_a_not_stays_one() {
    let app = TestApp::shared_demo();
    let page = ask(app, "mensen leren kennen, liever niet sporten", "").ok();
    assert_eq!(readings(&page, "theme").iter().find(|(ids, ..)| ids == &["exercise"]).expect("read").2, "notWanted");
    for question in ["ik wil niet alleen eten", "liever niet alleen wandelen", "ik wil niet meer eenzaam zijn"] {
        let page = ask(app, question, "").ok();
        let lonely = readings(&page, "theme").into_iter().find(|(ids, ..)| ids == &["loneliness"]).expect(question);
        assert_eq!(lonely.2, "ranks", "{question}");
        assert!(!readings(&page, "theme").iter().any(|(.., used)| used == "notWanted"), "{question}");
    }
    let page = ask(app, "nederlands leren zonder afspraak", "").ok();
    assert!(readings(&page, "access").contains(&read(&["walk_in"], "zonder afspraak", "ranks")));
    let page = ask(app, "wandelen in de buurt", "").ok();
    assert_eq!((&page["understood"]["words"], &page["understood"]["unused"]), (&json!(["wandelen"]), &Value::Null));
    let page = ask(app, "geen geld voor eten", "").ok();
    assert!(readings(&page, "theme").iter().any(|(ids, _, used)| ids == &["money"] && used == "ranks"), "{page:#}");
}

#[test]
fn professionals_may_write_as_they_do() {
    let app = TestApp::shared_demo();
    let page = ask(app, "dhr 81 jr lvb", "").ok();
    assert!(readings(&page, "targetGroup").contains(&read(&["older_people"], "81", "ranks")));
    let groups = readings(&page, "targetGroup");
    assert!(groups.contains(&read(&["people_with_intellectual_disability"], "lvb", "ranks")), "{groups:?}");
    assert_eq!(page["understood"]["words"], json!(["lvb"]));
    // Their codes are a scheme to read whole; none is a parameter.
    let scheme = app.get("/v1/schemes/icpc").ok();
    let code = scheme["concepts"].as_array().expect("codes").iter().find(|code| code["id"] == "P03").expect("P03");
    assert!(code["theme"].as_array().is_some_and(|themes| !themes.is_empty()));
    app.get("/v1/offerings?icpc=P03").problem(400);
}

#[test]
fn a_misspelt_word_is_repaired_and_one_that_stands_somewhere_never() {
    let app = TestApp::shared_demo();
    let page = ask(app, "mantelzrog", "").ok();
    assert_eq!(page["understood"]["repaired"], json!([{ "typed": "mantelzrog", "word": "mantelzorg" }]));
    assert_eq!(page["hits"][0]["offering"]["name"], "Mantelzorgcafé");
    let page = ask(app, "mantelzrog", "&not=spelling").ok();
    assert_eq!(page["understood"]["repaired"], Value::Null);
    // In a hurry, without vowels.
    let page = ask(app, "voedslbnk", "").ok();
    assert_eq!(page["understood"]["repaired"], json!([{ "typed": "voedslbnk", "word": "voedselbank" }]));
    // Typed apart, and as it sounds.
    let page = ask(app, "koffie ogtent", "").ok();
    assert_eq!(page["understood"]["repaired"], json!([{ "typed": "koffie ogtent", "word": "koffieochtend" }]));
    for word in ["Troefcall", "koffie", "Geerdinkhof"] {
        assert_eq!(ask(app, word, "").ok()["understood"]["repaired"], Value::Null, "{word}");
    }
}

#[test]
fn what_is_made_for_a_group_or_in_a_language_that_is_not_named_stands_after_its_equals() {
    let choir = |name: &str, groups: &[&str], languages: &[&str]| {
        with(offering(name), json!({ "theme": ["arts_and_culture"], "targetGroup": groups, "language": languages }))
    };
    let app = TestApp::with([
        choir("Koor van de regenboog", &["lgbtiq"], &["nl"]),
        choir("Koor in het Pools", &["everyone"], &["pl"]),
        choir("Koor van de buurt", &["everyone"], &["nl", "en"]),
        choir("Koor van wie weet", &[], &[]),
    ]);
    let found = |question: &str, more: &str| {
        let page = ask(&app, question, &format!("&explain=true{more}")).ok();
        let hits = page["hits"].as_array().expect("hits").clone();
        let told = |hit: &Value| {
            let name = hit["offering"]["name"].as_str().expect("a name").to_owned();
            (name, hit["explanation"]["suits"].as_f64().expect("a number") < 1.0)
        };
        hits.iter().map(told).collect::<Vec<_>>()
    };
    let (rainbow, polish) = (("Koor van de regenboog".to_owned(), true), ("Koor in het Pools".to_owned(), true));
    let names = found("koor", "");
    assert!(names[..2].iter().all(|(_, is_lower)| !is_lower), "{names:?}");
    assert!(names[2..].contains(&rainbow) && names[2..].contains(&polish), "{names:?}");
    // Who names the group or the language, in words or by a filter, asks for it.
    assert_eq!(found("koor voor lesbische vrouwen", "")[0], (rainbow.0.clone(), false));
    assert!(!found("koor", "&targetGroup=lgbtiq").contains(&rainbow));
    assert!(found("koor waar pools wordt gesproken", "").contains(&(polish.0.clone(), false)));
    assert!(!found("koor", "&language=pl").contains(&polish));
}

#[test]
fn those_who_cannot_come_see_it_later_and_are_told_why() {
    let choir = |name: &str, more: Value| with(offering(name), with(json!({ "theme": ["arts_and_culture"] }), more));
    let app = TestApp::with([
        choir("Koor voor volwassenen", json!({ "age": { "from": 18 } })),
        choir("Koor van vrouwen", json!({ "genderSetting": "women_only" })),
        choir("Koor van de buurt", json!({})),
    ]);
    let found = |question: &str, more: &str| {
        let page = ask(&app, question, &format!("&explain=true{more}")).ok();
        let hits = page["hits"].as_array().expect("hits").clone();
        let lower = hits.iter().filter(|hit| {
            hit["explanation"]["told"].as_str().expect("text").contains("niet voor deze leeftijd of dit geslacht")
        });
        let mut lower: Vec<_> = lower.map(|hit| hit["offering"]["name"].as_str().expect("a name").to_owned()).collect();
        lower.sort();
        (readings(&page, "age"), readings(&page, "gender"), lower, hits[0]["offering"]["name"].clone())
    };
    let (ages, genders, lower, first) = found("jongen 16 zoekt koor", "");
    assert_eq!(ages, [read(&["16"], "16", "ranks")]);
    assert_eq!(genders, [read(&["male"], "jongen", "ranks")]);
    assert_eq!(
        (lower.as_slice(), first),
        (&["Koor van vrouwen".into(), "Koor voor volwassenen".into()][..], json!("Koor van de buurt"))
    );
    // Each reading has its switch.
    assert_eq!(found("jongen 16 zoekt koor", "&not=age").2, ["Koor van vrouwen"]);
    assert_eq!(found("jongen 16 zoekt koor", "&not=gender").2, ["Koor voor volwassenen"]);
    // What somebody chose is not read over.
    assert_eq!(found("jongen 16 zoekt koor", "&age=40&gender=female").2, Vec::<String>::new());
    assert_eq!(found("mw 40, zoekt een koor", "").2, Vec::<String>::new());
    assert_eq!(found("dhr 40, zoekt een koor", "").2, ["Koor van vrouwen"]);
    // A parent may come for a child, and a man is not who asks because he is spoken of.
    assert_eq!(found("koor, mijn zoon van 12 zingt graag", "").0, []);
    assert_eq!(found("mijn man zingt, is er een koor", "").1, []);
    // How long ago something was is no age.
    assert_eq!(found("ik zong 2 jaar geleden in een koor", "").0, []);
    assert_eq!(found("zing al 30 jaar in een koor", "").0, []);
}

#[test]
fn gratis_lets_in_what_is_free_with_a_pass_after_what_is_free_for_all() {
    let choir = |name: &str, cost: &str| with(offering(name), json!({ "cost": { "category": cost } }));
    let app = TestApp::with([
        choir("Koor naar wens", "voluntary_contribution"),
        choir("Koor voor niets", "free"),
        choir("Koor met de pas", "free_with_city_pass"),
        choir("Koor met een prijs", "small_amount"),
    ]);
    let page = ask(&app, "gratis koor", "").ok();
    let read_as = ["free", "free_with_city_pass", "voluntary_contribution"];
    assert_eq!(readings(&page, "cost")[0], read(&read_as, "gratis", "narrows"));
    assert_eq!((&page["total"], &page["hits"][0]["offering"]["name"]), (&json!(3), &json!("Koor voor niets")));
}

#[test]
fn when_somebody_lies_awake_or_works_is_not_when_to_go_and_a_day_stays_a_day() {
    let app = TestApp::shared_demo();
    let parts = |question: &str| {
        let page = ask(app, question, "").ok();
        readings(&page, "partOfDay").into_iter().next().map(|(ids, _, _)| ids)
    };
    assert_eq!(parts("de buren stampen tot diep in de nacht"), None);
    assert_eq!(parts("overdag werk ik, is er 's avonds iets creatiefs"), Some(vec!["evening".to_owned()]));
    assert_eq!(parts("ik werk overdag, kan ik 's avonds iets creatiefs doen"), Some(vec!["evening".to_owned()]));
    assert_eq!(parts("om drie uur 's nachts iemand om mee te praten"), Some(vec!["night".to_owned()]));
    assert_eq!(parts("yoga voor kinderen tot 12 jaar 's middags"), Some(vec!["afternoon".to_owned()]));
    // Though a phrase of the vocabulary has it too.
    let page = ask(app, "woensdagmiddag activiteit voor mijn kinderen van 7 en 10", "").ok();
    assert_eq!(readings(&page, "weekday")[0].0, ["wednesday"]);
}

/// "Vanmorgen stond de deurwaarder hier" does not ask for this morning.
#[test]
fn a_time_that_is_told_narrows_nothing() {
    let app = TestApp::shared_demo();
    let narrows = |question: &str| {
        let page = ask(app, question, "").ok();
        ["weekday", "partOfDay", "when"].iter().any(|reads| !readings(&page, reads).is_empty())
    };
    for question in [
        "er stond vanmorgen een deurwaarder voor de deur en ik kan niet betalen",
        "mijn moeder is dinsdag gevallen en durft de straat niet meer op",
        "I was alone on Saturday and I cried",
        "het is dinsdagavond en ik heb niets meer te eten",
        "tot vrijdag heb ik geen geld, waar kan ik eten",
        "geceleri uyuyamıyorum, Türkçe konuşabileceğim biri var mı",
        "I'm a night nurse and I want to meet people",
    ] {
        assert!(!narrows(question), "{question}");
    }
    for question in [
        "er stond een deurwaarder, kan ik vanmiddag ergens terecht",
        "ik zou zaterdag graag wandelen",
        "wie kan ik 's nachts bellen",
        "ik kan niet slapen, wie kan ik 's nachts bellen",
        "het is zondag, wat is er te doen",
        "van maandag tot vrijdag",
    ] {
        assert!(narrows(question), "{question}");
    }
}

#[test]
fn an_hour_of_the_clock_is_a_part_of_the_day() {
    let app = TestApp::shared_demo();
    let parts = |question: &str| readings(&ask(app, question, "").ok(), "partOfDay");
    assert_eq!(parts("Nederlands leren na 18 uur"), [read(&["evening"], "na 18 uur", "narrows")]);
    assert_eq!(parts("waar kan ik na zessen sporten"), [read(&["evening"], "na zessen", "narrows")]);
    assert_eq!(parts("nederlands leren na 7 uur s avonds"), [read(&["evening"], "s avonds", "narrows")]);
    assert_eq!(parts("ik werk na 18 uur en wil sporten"), []);
    assert_eq!(parts("na 2 uur wachten bij de dokter"), []);
    assert_eq!(parts("ik zoek werk vanaf 20 uur per week"), []);
    assert_eq!(parts("het is na zessen en ik heb honger"), []);
    for question in ["Nederlands leren na 18 uur", "Nederlands leren tot 18 uur"] {
        let groups = readings(&ask(app, question, "").ok(), "targetGroup");
        assert!(groups.iter().all(|(_, from, _)| from.is_empty()), "eighteen is an hour: {groups:?}");
    }
    let page = ask(app, "zo na zessen sporten", "").ok();
    assert_eq!(readings(&page, "weekday"), []);
}

/// People dictate a story, and ask at its end.
#[test]
fn a_long_question_is_read_to_its_end() {
    let app = TestApp::shared_demo();
    let story = "Mijn man is in maart overleden en sindsdien is het stil in huis. De kinderen wonen ver weg en bellen \
        als ze tijd hebben. Ik doe mijn boodschappen, ik kijk wat televisie en dan is het weer avond. De dokter zei dat \
        ik er eens uit moest, maar ik weet niet waar ik heen zou moeten. ";
    let question = format!("{story}Is er iets op donderdagochtend, gratis, in het Engels?");
    assert!((300..=500).contains(&question.len()));
    let page = ask(app, &question, "").ok();
    assert!(readings(&page, "theme").iter().any(|(ids, ..)| ids[0] == "grief"), "{page}");
    let times = |reads: &str| readings(&page, reads).into_iter().map(|(ids, from, _)| (ids[0].clone(), from)).next();
    let (thursday, morning) = (("thursday".to_owned(), "donderdagochtend".to_owned()), "morning");
    assert_eq!(times("weekday"), Some(thursday.clone()));
    assert_eq!(times("partOfDay"), Some((morning.to_owned(), thursday.1)));
    assert_eq!(times("cost").map(|(_, from)| from).as_deref(), Some("gratis"));
    assert_eq!(times("language").map(|(id, _)| id).as_deref(), Some("en"));
    let words = ask(app, &format!("{story}Is er ergens een koor of kan ik bridgen?"), "").ok();
    let words = words["understood"]["words"].as_array().expect("words").clone();
    assert!(["koor", "bridgen"].iter().all(|end| words.contains(&json!(end))), "{words:?}");
    let problem = ask(app, &"a".repeat(501), "").problem(400);
    assert_eq!(problem["errors"][0]["detail"], "this has 501 characters; at most 500 are allowed");
}

/// Many listings do something together, whatever it is.
#[test]
fn what_is_done_together_is_found_by_what_it_is() {
    let app = TestApp::shared_demo();
    let page = ask(app, "samen aan de eettafel", "&pageSize=50").ok();
    let names = page["hits"].as_array().expect("hits").iter().map(|hit| hit["offering"]["name"].as_str());
    assert!(names.flatten().any(|name| name == "Soep op woensdag"));
}

#[test]
fn who_does_not_speak_dutch_and_asks_for_something_else_is_not_sent_to_lessons() {
    let app = TestApp::shared_demo();
    let theme = |question: &str| {
        let page = ask(app, question, "").ok();
        readings(&page, "theme").into_iter().next().map(|(ids, _, _)| ids.join(" ")).unwrap_or_default()
    };
    let widower = "my wife passed away in august, i dont really speak dutch. are there people i can talk to about it";
    assert_eq!(theme(widower), "grief");
    assert_eq!(theme("ich trinke zu viel und will mit jemandem reden, mein Niederländisch ist schlecht"), "addiction");
    assert_eq!(theme("ik kan geen Nederlands spreken, mijn vrouw is overleden en ik zoek troost"), "grief");
    assert_eq!(theme("i dont speak dutch"), "language_and_reading");
    assert_eq!(theme("ik spreek geen Nederlands en wil het graag leren met anderen"), "language_and_reading");
}

#[test]
fn sayings_and_short_words_are_read_as_they_are_meant() {
    let app = TestApp::shared_demo();
    let themes = |question: &str| {
        let page = ask(app, question, "").ok();
        readings(&page, "theme").into_iter().flat_map(|(ids, _, _)| ids).collect::<Vec<_>>()
    };
    // Nobody is meant by a chicken and a dog, and a particle is no hearing.
    let nobody = themes("pas verhuisd en ik ken hier geen kip");
    assert!(nobody.contains(&"loneliness".to_owned()), "{nobody:?}");
    assert_eq!(themes("ik ken hier geen hond")[0], "loneliness");
    let page = ask(app, "hij is geen slechte man hoor, maar hij heeft mijn pasje", "").ok();
    let groups = readings(&page, "targetGroup");
    assert!(!groups.iter().any(|(_, from, _)| from.contains("hoor")), "{groups:?}");
    // Short for a woman, and for Friday.
    let page = ask(app, "vr 27 poolse, geen netwerk", "").ok();
    assert_eq!((readings(&page, "weekday"), readings(&page, "gender").len()), (vec![], 1));
    let page = ask(app, "vr 14 uur koffie", "").ok();
    assert_eq!(readings(&page, "weekday"), [read(&["friday"], "vr", "narrows")]);
    // To sign up is what one does, and no kind of offering.
    let page = ask(app, "schuldhulp aanmelden", "").ok();
    let all = page["understood"]["readings"].as_array().expect("readings");
    let strength = |reads: &str| all.iter().find(|one| one["reads"] == reads).and_then(|one| one["strength"].as_f64());
    assert!(strength("access").is_some_and(|access| access < 0.5) && strength("theme") > Some(0.5), "{all:?}");
}

#[test]
fn what_is_not_wanted_takes_nothing_away_from_what_is() {
    let app = TestApp::shared_demo();
    let page = ask(app, "dhr 58, wil bewegen en buiten zijn maar geen sportschool", "").ok();
    let exercise = readings(&page, "theme").into_iter().find(|(ids, _, _)| ids[0] == "exercise").expect("exercise");
    assert_eq!(exercise, read(&["exercise"], "bewegen", "ranks"));
}

#[test]
fn what_somebody_has_not_narrows_nothing_to_it() {
    let app = TestApp::shared_demo();
    let narrows = |question: &str, reads: &str| -> Vec<Vec<String>> {
        let page = ask(app, question, "").ok();
        let all = readings(&page, reads).into_iter().filter(|(.., used)| used != "ranks" && used != "notWanted");
        all.map(|(ids, ..)| ids).collect()
    };
    for question in ["ik heb geen stadspas", "sporten zonder stadspas"] {
        assert_eq!(narrows(question, "cost"), [[""; 0]; 0], "{question}");
    }
    let free = narrows("bewegen dat helemaal niets kost. Ik heb geen stadspas", "cost");
    assert_eq!(free, [["free", "voluntary_contribution"]]);
    assert_eq!(narrows("het mag niets kosten", "cost"), [["free"]]);
    // Who has a pass may come to what is free for all.
    assert_eq!(narrows("zwemmen met stadspas", "cost"), [["free_with_city_pass", "free"]]);
    assert_eq!(narrows("niet op maandag wandelen", "weekday"), [[""; 0]; 0]);
    assert_eq!(narrows("wandelen maar niet 's avonds", "partOfDay"), [[""; 0]; 0]);
    assert_eq!(narrows("wandelen, liever niet in het weekend", "weekday"), [[""; 0]; 0]);
    assert_eq!(narrows("maandag wandelen", "weekday"), [["monday"]]);
    // When something else is not wanted, or nothing is on.
    assert_eq!(narrows("ik wil niet alleen eten op zondag", "weekday"), [["sunday"]]);
    assert_eq!(narrows("er is niets te doen op zondag", "weekday"), [["sunday"]]);
}

#[test]
fn a_word_without_meaning_stays_so_when_it_is_said_twice() {
    // In Turkish "iş" is work.
    let page = ask(TestApp::shared_demo(), "mijn oma is gevallen en er is niemand in huis", "&not=likely").ok();
    assert_eq!(readings(&page, "theme").iter().find(|(ids, ..)| ids[0] == "work"), None);
}

#[test]
fn parts_of_a_neighbourhood_are_called_by_its_name_too() {
    let app = TestApp::shared_demo();
    let areas = |question: &str| readings(&ask(app, question, "").ok(), "area");
    assert_eq!(areas("spreekuur in de g-buurt")[0].0, ["BU0363TE03"]);
    assert_eq!(areas("spreekuur in g-buurt noord")[0].0, ["BU0363TE03"]);
    assert_eq!(areas("spreekuur in noord")[0].0, ["WK0363NH"], "a direction alone is no part of each");
}

#[test]
fn where_and_when_give_way_to_what_is_asked_for() {
    let on = |name: &str, theme: &str, day: &str| {
        let times = json!([{ "rule": format!("FREQ=WEEKLY;BYDAY={day}"), "startsAt": "10:00", "endsAt": "12:00" }]);
        let more = json!({ "theme": [theme], "targetGroup": ["older_people"], "sessions": [{ "schedules": times }] });
        with(offering(name), more)
    };
    let outings = ["Fietstocht", "Museumdag", "Bingo", "Biljart"].map(|name| on(name, "meeting_people", "MO"));
    let app = TestApp::with(outings.into_iter().chain([on("Praten en schrijven", "language_and_reading", "TU")]));
    let on_monday = |question: &str| {
        let page = ask(&app, question, "").ok();
        let used = readings(&page, "weekday").into_iter().next().expect("Monday is read").2;
        (used, page["hits"][0]["offering"]["name"].as_str().expect("a name").to_owned())
    };
    let (used, first) = on_monday("taalles voor ouderen op maandag");
    assert_eq!((used.as_str(), first.as_str()), ("setAside", "Praten en schrijven"));
    // What is there is shown there, and what is nowhere sets nothing aside.
    assert_eq!(on_monday("gezelligheid voor ouderen op maandag").0, "narrows");
    assert_eq!(on_monday("rouwgroep voor ouderen op maandag").0, "narrows");
}

#[test]
fn the_whole_of_a_sentence_goes_before_a_single_word() {
    let app = TestApp::shared_demo();
    let about_phones = |question: &str| {
        let page = ask(app, question, "").ok();
        let all = page["understood"]["readings"].as_array().expect("readings").clone();
        let of = all.iter().find(|reading| reading["values"][0]["id"] == "digital_skills").cloned();
        of.map_or(0.0, |reading| reading["strength"].as_f64().expect("a number"))
    };
    assert_eq!(about_phones("telefoon"), 1.0);
    assert!(about_phones("mijn ex stalkt mij dag en nacht via de telefoon") < 0.3);
}

#[test]
fn what_is_not_asked_for_on_coming_in_is_not_wanted() {
    let app = TestApp::shared_demo();
    let page = ask(app, "eten halen zonder legitimatie", "").ok();
    assert_eq!(readings(&page, "access"), [read(&["id_needed"], "legitimatie", "notWanted")]);
}

#[test]
fn a_relative_is_not_who_asks_and_only_women_are_not_a_woman_alone() {
    let app = TestApp::shared_demo();
    let ids = |question: &str, reads: &str| -> Vec<String> {
        let page = ask(app, question, "&not=likely").ok();
        readings(&page, reads).into_iter().flat_map(|(ids, ..)| ids).collect()
    };
    assert_eq!(ids("ik kan mijn vrouw geen uur alleen laten", "genderSetting"), [""; 0]);
    for question in ["alleen voor vrouwen bewegen", "bewegen alleen met vrouwen"] {
        assert_eq!(ids(question, "genderSetting"), ["women_only"], "{question}");
    }
    assert!(!ids("mijn man heeft parkinson", "targetGroup").contains(&"men".to_owned()));
    assert!(ids("wij zijn mannen van de wijk", "targetGroup").contains(&"men".to_owned()));
    assert!(!ids("mijn moeder is vaak alleen", "targetGroup").contains(&"single_parents".to_owned()));
    assert!(ids("ik ben een moeder alleen", "targetGroup").contains(&"single_parents".to_owned()));
}

#[test]
fn words_that_people_write_as_one_are_joined() {
    let app = TestApp::shared_demo();
    let repaired = |question: &str| ask(app, question, "").ok()["understood"]["repaired"].clone();
    assert_eq!(repaired("kinder wagen te leen"), json!([{ "typed": "kinder wagen", "word": "kinderwagen" }]));
    // What people use is no slip, and no part of one.
    let right =
        ["wandelen 's avonds", "wandelt er iemand mee", "zij schelden elkaar uit", "hij lag een uur op de vloer"];
    for question in right {
        assert_eq!(repaired(question), Value::Null, "{question}");
    }
}

#[test]
fn the_name_of_a_place_in_another_word_is_no_place() {
    let app = TestApp::shared_demo();
    let page = ask(app, "kinderen Reimerswaal", "").ok();
    assert_eq!(readings(&page, "area").len(), 1);
    // "Straat" and "kinderen" together would mean people without a home.
    let page = ask(app, "kinderen Reimerswaalstraat", "").ok();
    assert_eq!(readings(&page, "area"), []);
    let groups = readings(&page, "targetGroup");
    assert!(groups.contains(&read(&["children"], "kinderen", "ranks")), "{page:#}");
}

#[test]
fn who_asks_in_need_is_told_whom_to_call_and_sees_the_results() {
    let app = TestApp::shared_demo();
    let page = ask(app, "ik wil niet meer leven", "").ok();
    assert_eq!(page["crisis"]["kinds"][0]["id"], "suicide");
    assert_eq!(page["crisis"]["numbers"][0]["tel"], "08000113");
    assert!(page["total"].as_u64() > Some(0));
    assert_eq!(
        ask(app, "ik wil niet meer leven", "&lang=en").ok()["crisis"]["kinds"][0]["label"],
        "Thinking of suicide"
    );
    // Near despair is no crisis, and somebody should listen.
    for question in ["zie het niet meer zitten, wie helpt", "waar doe ik het voor", "po co żyję"] {
        let crisis = ask(app, question, "").ok()["crisis"].clone();
        assert_eq!(
            (&crisis["kinds"], &crisis["numbers"][0]["id"]),
            (&json!([]), &json!("listening_line")),
            "{question}"
        );
        assert_eq!(crisis["numbers"].as_array().map(Vec::len), Some(1));
    }
    for question in ["wandelgroep", "workshop suïcidepreventie", "lotgenoten na zelfdoding"] {
        assert_eq!(ask(app, question, "").ok()["crisis"], Value::Null, "{question}");
    }
}

#[test]
fn who_finds_little_is_told_what_would_find_more() {
    let app = TestApp::shared_demo();
    let asked = [
        ("q", "schaken"),
        ("near", "52.3696,4.9294"),
        ("radius", "300"),
        ("weekday", "sunday"),
        ("cost", "free"),
        ("area", "BU0363AK05"),
    ];
    let get = |pairs: &[(&str, &str)]| {
        let address = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        app.get(&format!("/v1/offerings?{address}")).ok()
    };
    // With an area too, and without.
    for asked in [&asked[..], &asked[..5]] {
        let page = get(asked);
        assert!(page["total"].as_u64() < Some(3));
        let relaxations = page["relaxations"].as_array().expect("relaxations").clone();
        assert!(!relaxations.is_empty());
        for relaxation in relaxations {
            // Each is a search that finds just so many.
            let removed: Vec<&str> =
                relaxation["remove"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let set = relaxation["set"].as_object().cloned().unwrap_or_default();
            let mut pairs = asked.to_vec();
            pairs.retain(|(name, _)| !removed.contains(name) && !set.contains_key(*name));
            pairs.extend(set.iter().map(|(name, value)| (name.as_str(), value.as_str().expect("a value"))));
            assert_eq!(get(&pairs)["total"], relaxation["total"], "{relaxation}");
        }
    }
    let page = get(&asked[..5]);
    let nearby = &page["nearby"];
    let kinds = nearby["meetingPlace"]["offering"]["kind"].as_array().expect("kinds").clone();
    assert!(kinds.contains(&json!("meeting_place")));
    assert!(nearby["meetingPlace"]["distance"].as_u64().is_some());
    assert!(nearby["frontDoors"].as_array().is_some_and(|doors| doors[0]["phone"].is_string()));
    // A place that is said counts as one that is chosen.
    let page = ask(app, "schaken in Czaar Peter", "&weekday=sunday&language=ti").ok();
    assert_eq!((&page["total"], &page["nearby"]["frontDoors"][0]["area"]), (&json!(0), &json!("BU0363AK05")));
    // Who finds enough is not bothered.
    let page = ask(app, "koffie", "").ok();
    assert_eq!((&page["relaxations"], &page["nearby"]), (&Value::Null, &Value::Null));
}

#[test]
fn the_areas_beside_one_with_little_are_told() {
    let database = TestDatabase::sqlite();
    let app = TestApp::on(&database.url);
    let square = |code: &str, west: f64| -> Area {
        let (east, south, north) = (west + 0.01, 52.30, 52.31);
        let ring = [[west, south], [east, south], [east, north], [west, north], [west, south]];
        let outline = json!({ "type": "Polygon", "coordinates": [ring] });
        serde_json::from_value(json!({ "code": code, "name": code, "outline": outline })).expect("an area")
    };
    // The second lies 30 metres from the first, the third beside the second.
    let areas = [("BU0363AA01", 4.9), ("BU0363AA02", 4.91044), ("BU0363BB01", 4.92044), ("WK0363AA", 4.9)];
    let mut areas = Vec::from(areas.map(|(code, west)| square(code, west)));
    // Reaching much further north, and yet beside the third.
    let ring = [[4.9304, 52.30], [4.94, 52.30], [4.94, 52.42], [4.9304, 52.42], [4.9304, 52.30]];
    let outline = json!({ "type": "Polygon", "coordinates": [ring] });
    let tall = json!({ "code": "BU0363BB02", "name": "Lang", "outline": outline });
    areas.push(serde_json::from_value(tall).expect("an area"));
    let actor = Actor { name: "test".into(), reason: None };
    database.store().save_areas(&areas, &actor).expect("saved");
    let on = |name: &str, code: &str| {
        let place = json!({ "type": "physical", "area": [code] });
        with(offering(name), json!({ "sessions": [{ "place": place }] }))
    };
    app.import([on("Schaken vier", "BU0363BB02")]);
    app.import([on("Schaken", "BU0363AA01"), on("Schaken twee", "BU0363AA02"), on("Schaken drie", "BU0363AA02")]);
    let beside = |area: &str| {
        let page = app.get(&format!("/v1/offerings?q=schaken&area={area}")).ok();
        let all = page["relaxations"].as_array().expect("relaxations").clone();
        let other = |one: &Value| Some((one["set"]["area"].as_str()?.to_owned(), one["total"].as_u64()?));
        all.iter().filter_map(other).filter(|(code, _)| code.starts_with("BU")).collect::<Vec<_>>()
    };
    assert_eq!(beside("BU0363AA01"), [("BU0363AA02".to_owned(), 2)]);
    assert_eq!(beside("BU0363BB01"), [("BU0363AA02".to_owned(), 2), ("BU0363BB02".to_owned(), 1)]);
}

#[test]
fn a_language_that_must_be_spoken_narrows_and_one_to_learn_does_not() {
    let on = |name: &str, language: Value| with(offering(name), json!({ "language": language }));
    let app = TestApp::with([
        on("Koffie een", json!(["tr", "nl"])),
        on("Koffie twee", json!(["tr"])),
        on("Koffie drie", json!(["nl"])),
        on("Koffie vier", json!([])),
    ]);
    for question in ["koffie waar iemand Turks spreekt", "koffie in het Turks", "koffie Turks sprekend"] {
        let page = ask(&app, question, "").ok();
        let (read, total) = (readings(&page, "language"), page["total"].as_u64());
        assert_eq!(read.first().map(|(ids, _, used)| (ids[0].as_str(), used.as_str())), Some(("tr", "narrows")));
        assert_eq!((total, &page["hits"][2]["unknown"]), (Some(3), &json!(["language"])), "{question}: {page:#}");
        assert_eq!(readings(&ask(&app, question, "&not=language").ok(), "language"), [], "{question}");
    }
    let wishes_for_another = ["koffie en Turks leren spreken", "koffie Turks", "koffie, spreekt geen Turks"];
    for question in wishes_for_another {
        let used = readings(&ask(&app, question, "").ok(), "language");
        assert!(used.iter().all(|(.., used)| used == "ranks"), "{question}: {used:?}");
    }
}

#[test]
fn who_asks_for_what_is_near_is_asked_where_or_finds_what_is_near() {
    let app = TestApp::shared_demo();
    let page = ask(app, "wandelen op loopafstand", "").ok();
    assert_eq!(readings(&page, "near"), [read(&["1000"], "op loopafstand", "needsPlace")]);
    assert_eq!(page["total"], ask(app, "wandelen", "").ok()["total"]);
    let there = "&near=52.3696,4.9294";
    let page = ask(app, "koffie op loopafstand", there).ok();
    assert_eq!(readings(&page, "near"), [read(&["1000"], "op loopafstand", "narrows")]);
    let hits = page["hits"].as_array().expect("hits");
    assert!(hits.len() >= 3 && hits.iter().all(|hit| hit["distance"].as_u64() <= Some(1000)), "{page:#}");
    assert_eq!(ask(app, "koffie", &format!("{there}&radius=1000")).ok()["total"], page["total"]);
    // Who chose a distance, or only says near, is left what he chose.
    assert_eq!(
        readings(&ask(app, "koffie op loopafstand", &format!("{there}&radius=4000")).ok(), "near")[0].2,
        "setAside"
    );
    assert_eq!(readings(&ask(app, "koffie in de buurt", there).ok(), "near"), [read(&[], "in de buurt", "ranks")]);
    assert_eq!(readings(&ask(app, "koffie dichtbij in Czaar Peter", "").ok(), "near")[0].2, "ranks");
}

#[test]
fn what_is_typed_is_completed_by_names_and_concepts() {
    let app = TestApp::shared_demo();
    let complete = |typed: &str| {
        let typed: String = byte_serialize(typed.as_bytes()).collect();
        app.get(&format!("/v1/completions?q={typed}")).ok()
    };
    let labels = |answer: &Value, kind: &str| -> Vec<String> {
        let groups = answer["groups"].as_array().expect("groups").iter().filter(|group| group["kind"] == kind);
        let items = groups.flat_map(|group| group["items"].as_array().expect("items").clone());
        items.map(|item| item["label"].as_str().expect("a label").to_owned()).collect()
    };
    assert_eq!(labels(&complete("rouwc"), "offering"), ["Rouwcafé Aan de Kade"]);
    assert_eq!(labels(&complete("aan de k"), "offering"), ["Rouwcafé Aan de Kade"]);
    assert_eq!(labels(&complete("Czaar"), "area"), ["Czaar Peter"]);
    assert_eq!(labels(&complete("taalwerk"), "organization"), ["Taalwerk Amsterdam"]);
    assert_eq!(complete("rouw")["groups"][0]["items"][0]["parameter"], "theme");
    let misspelt = complete("mantelzrog");
    assert_eq!(misspelt["repaired"], "mantelzorg");
    assert!(labels(&misspelt, "offering").contains(&"Mantelzorgcafé".to_owned()));
    let many = complete("s");
    let count: usize =
        many["groups"].as_array().expect("groups").iter().map(|g| g["items"].as_array().map_or(0, Vec::len)).sum();
    assert_eq!(count, 8);
    assert_eq!(complete("!!")["groups"], json!([]));
    app.get("/v1/completions").problem(400);
    app.get(&format!("/v1/completions?q={}", "a".repeat(201))).problem(400);
}

/// What somebody tells has none of the words of what would help: the need stands between.
#[test]
fn a_need_is_guessed_told_and_switched_off() {
    let app = TestApp::shared_demo();
    let question = "ik ben twee keer gestruikeld en durf haast niet meer naar buiten";
    let needs = |page: &Value| -> Vec<String> {
        let readings = page["understood"]["readings"].as_array().expect("readings").iter();
        let of_need = readings.filter(|reading| reading["reads"] == "need");
        of_need.map(|reading| reading["values"][0]["id"].as_str().expect("an id").to_owned()).collect()
    };
    let page = ask(app, question, "&explain=true").ok();
    assert!(needs(&page).contains(&"falling_balance".to_owned()), "{:#}", page["understood"]);
    let told =
        |hit: &Value| hit["explanation"]["told"].as_str().is_some_and(|told| told.contains("waarschijnlijk nodig"));
    assert!(page["hits"].as_array().expect("hits").iter().any(told), "{page:#}");
    for off in ["&not=need", "&not=likely", "&understand=false"] {
        assert_eq!(
            ask(app, question, off).ok()["understood"]["readings"]
                .as_array()
                .map_or(0, |all| { all.iter().filter(|reading| reading["reads"] == "need").count() }),
            0,
            "{off}"
        );
    }
}

/// A line that is open day and night is on at any time, and nothing to go to on a Saturday.
#[test]
fn who_asks_what_is_on_finds_somewhere_to_go_before_what_has_no_place() {
    let app = TestApp::shared_demo();
    let places = |page: &Value| -> Vec<String> {
        let hits = page["hits"].as_array().expect("hits").iter();
        hits.map(|hit| hit["session"]["place"]["type"].as_str().unwrap_or("unknown").to_owned()).collect()
    };
    for question in [
        "wat is er zaterdag gratis te doen",
        "zaterdag gratis",
        "what's on saturday",
        "wat kan ik zaterdag doen met de kinderen",
        "zaterdag nog ergens onder de mensen",
    ] {
        let page = ask(app, question, "&pageSize=3").ok();
        assert_eq!(places(&page), ["physical"; 3], "{question}: {page:#}");
    }
    let page = app.get("/v1/offerings?weekday=saturday&pageSize=100&explain=true").ok();
    let first = places(&page).iter().position(|place| place == "nationwide").expect("a line is open on Saturday");
    let told = page["hits"][first]["explanation"]["told"].as_str().expect("it is told");
    assert!(told.contains("nergens om naartoe te gaan"), "{told}");
    // Who asks for somebody to call at night finds one.
    let page = ask(app, "midden in de nacht iemand bellen", "&pageSize=1").ok();
    assert_eq!(places(&page), ["nationwide"], "{page:#}");
}

/// What is let in since its times are not known is no reason to leave out what is on at another time.
#[test]
fn a_time_at_which_nothing_is_known_to_fit_gives_way() {
    let app = TestApp::shared_demo();
    let page = ask(app, "taalcafe dinsdagavond", "&pageSize=3").ok();
    assert_eq!(readings(&page, "weekday"), [read(&["tuesday"], "dinsdagavond", "narrows")]);
    assert_eq!(readings(&page, "partOfDay"), [read(&["evening"], "dinsdagavond", "setAside")]);
    for hit in page["hits"].as_array().expect("hits") {
        let themes = hit["offering"]["theme"].as_array().expect("themes");
        assert!(themes.contains(&json!("language_and_reading")), "{hit:#}");
    }
}

/// "Geen cursus" wants another form of help, though a course is a theme too; who knows no fellow sufferers wants them.
#[test]
fn a_form_that_is_refused_is_not_wanted_and_one_that_is_lacking_is() {
    let app = TestApp::shared_demo();
    let used = |question: &str, id: &str| {
        let page = ask(app, question, "").ok();
        let found = readings(&page, "kind").into_iter().find(|(ids, ..)| ids == &[id.to_owned()]);
        found.map(|(_, _, used)| used)
    };
    for refused in ["bewegen, geen cursus", "geen cursus wel bewegen", "liever geen cursus, wel bewegen"] {
        assert_eq!(used(refused, "course").as_deref(), Some("notWanted"), "{refused}");
    }
    for wanted in ["ik ken geen lotgenoten", "wij hebben hier geen koor"] {
        let ids = ["peer_group", "creative_activity"];
        let read = ids.iter().filter_map(|id| used(wanted, id)).collect::<Vec<_>>();
        assert!(read.contains(&"ranks".to_owned()), "{wanted}: {read:?}");
    }
}

#[test]
fn with_others_is_not_for_others() {
    let app = TestApp::shared_demo();
    let volunteers = |question: &str| {
        let page = ask(app, question, "").ok();
        let readings = page["understood"]["readings"].as_array().expect("readings").clone();
        let found = readings.iter().find(|reading| reading["values"][0]["id"] == "volunteering");
        found.is_some_and(|reading| reading["strength"].as_f64() > Some(0.5))
    };
    assert!(volunteers("koken voor anderen"));
    assert!(!volunteers("koken met anderen"));
}

/// Phrases that hold a "not" say it themselves, and are hardly said without.
#[test]
fn a_phrase_that_says_not_agrees_with_a_question_that_does() {
    let app = TestApp::shared_demo();
    let anonymous = |question: &str| {
        let page = ask(app, question, "").ok();
        let readings = page["understood"]["readings"].as_array().expect("readings").clone();
        let found = readings.iter().find(|reading| reading["values"][0]["id"] == "anonymous").cloned();
        found.map(|reading| (reading["use"].clone(), reading["strength"].as_f64().expect("a number")))
    };
    let (used, strength) = anonymous("praten zonder mijn naam te zeggen").expect("it is read");
    assert!(used == "ranks" && strength > 0.5, "{used} {strength}");
    assert!(anonymous("mijn naam zeggen").is_none_or(|(_, strength)| strength < 0.5));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1, ..ProptestConfig::default() })]
    /// A sane answer or a clear refusal, whatever is typed.
    #[test]
    fn no_question_is_too_odd(
        odd in prop::collection::vec("\\PC{0,500}|[\\[\\](){}\"':*?~^\\\\!&|<>-]{0,200}|[a-z'’ 0-9.,]{0,400}", 400),
    ) {
        let app = TestApp::shared_demo();
        let fixed = [
            "(".repeat(500), "\"".repeat(499), "a".repeat(500), "a\u{301}".repeat(250), "\u{0}".to_owned(),
            "👩‍👩‍👧‍👦".repeat(20), "' OR 1=1 --".to_owned(), "<script>alert(1)</script>".to_owned(), "\u{202e}ouderen".to_owned(),
            "geen ".repeat(100), "niet maar wel ".repeat(35), "ي".repeat(500), "a ".repeat(250),
            "zaterdag ".repeat(55), "de het een".to_owned(), "- ma - za -".to_owned(),
            "1 2 3 4 5 6 7 8 9 10 jaar".to_owned(), "ﬁ½ßœ".repeat(30), "maandag".repeat(25), "\u{200d}\u{feff}".repeat(50),
        ];
        for question in fixed.iter().chain(&odd) {
            let answer = ask(app, question, "&pageSize=3&explain=true&facets=theme");
            if question.chars().count() > 500 {
                answer.problem(400);
            } else {
                let page = answer.ok();
                prop_assert!(page["total"].as_u64().is_some(), "{question}");
            }
            let typed: String = byte_serialize(question.as_bytes()).collect();
            let completed = app.get(&format!("/v1/completions?q={typed}"));
            if question.chars().count() <= 200 { completed.ok(); }
        }
        // More than an address may hold.
        prop_assert!(ask(app, &"[".repeat(10_000), "").status >= 400);
        // A half of a pair that stands for one sign.
        prop_assert!([200, 400].contains(&app.get("/v1/offerings?q=%ED%A0%80").status));
    }
}
