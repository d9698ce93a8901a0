//! When things are: what is on now, on a date, next; and calendars.

use std::io::BufReader;

use chrono::{Days, NaiveDate};
use ical::parser::ical::component::IcalEvent;
use serde_json::{Value, json};
use wegwijzer::directory::today;

use crate::harness::app::TestApp;
use crate::harness::{offering, with};

fn day(days: i64) -> NaiveDate {
    let (today, by) = (today(), Days::new(days.unsigned_abs()));
    if days < 0 { today - by } else { today + by }
}

/// Open day and night for whom one may just come.
fn always(name: &str) -> Value {
    let session = json!({ "schedules": [{ "rule": "FREQ=DAILY", "startsAt": "00:00", "endsAt": "00:00" }] });
    with(offering(name), json!({ "access": { "joining": ["walk_in"] }, "sessions": [session] }))
}

fn with_session(draft: Value, session: Value) -> Value {
    with(draft, json!({ "sessions": [session] }))
}

fn names(app: &TestApp, query: &str) -> Vec<String> {
    let mut names = app.get(&format!("/v1/offerings?pageSize=100&{query}")).names();
    names.sort();
    names
}

fn town() -> TestApp {
    let daily = json!([{ "rule": "FREQ=DAILY", "startsAt": "00:00", "endsAt": "00:00" }]);
    let phone = json!([{ "role": "Lijn", "channels": [{ "type": "phone", "value": "0800 0113" }] }]);
    TestApp::with([
        always("Altijd"),
        with(always("Aanmelden"), json!({ "access": { "joining": ["registration"] } })),
        with(always("Vol"), json!({ "capacity": { "state": "full", "asOf": today() } })),
        with_session(always("Begonnen"), json!({ "schedules": daily, "enrolment": { "startsOn": day(-1) } })),
        with(
            with_session(offering("Lijn"), json!({ "place": { "type": "nationwide" }, "schedules": daily })),
            json!({ "contact": phone }),
        ),
        with_session(
            offering("Morgen"),
            json!({ "schedules": [{ "from": day(1), "startsAt": "10:00", "endsAt": "12:00" }] }),
        ),
        with_session(
            always("Afgelast"),
            json!({
                "schedules": daily,
                "exceptions": [{ "date": day(1), "change": "cancelled", "reason": "De ketel is stuk" }],
            }),
        ),
        with_session(
            offering("Om de week"),
            json!({ "schedules": [{ "rule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR,SA,SU", "startsAt": "10:00" }] }),
        ),
        with_session(
            offering("Voorbij"),
            json!({ "schedules": [{ "rule": "FREQ=WEEKLY;BYDAY=TU", "from": day(-60), "until": day(-1) }] }),
        ),
        with(always("Dicht"), json!({ "status": { "state": "temporarily_closed" } })),
        with_session(
            offering("Ver weg"),
            json!({ "schedules": [{ "from": day(90), "startsAt": "10:00", "endsAt": "12:00" }] }),
        ),
    ])
}

#[test]
fn what_is_on_is_told_by_the_clock() {
    let app = town();
    assert_eq!(names(&app, "when=now"), ["Afgelast", "Altijd", "Lijn"], "a door or a line that one can use at once");
    let today_on = ["Aanmelden", "Afgelast", "Altijd", "Begonnen", "Lijn", "Vol"];
    assert_eq!(names(&app, "when=today"), today_on);
    assert_eq!(names(&app, "when=tomorrow"), ["Aanmelden", "Altijd", "Begonnen", "Lijn", "Morgen", "Vol"]);
    assert_eq!(names(&app, &format!("date={}", day(1))), names(&app, "when=tomorrow"));
    assert_eq!(names(&app, "when=week"), ["Aanmelden", "Afgelast", "Altijd", "Begonnen", "Lijn", "Morgen", "Vol"]);
    // Beyond the weeks that are kept the rule tells.
    let far = ["Aanmelden", "Afgelast", "Altijd", "Begonnen", "Lijn", "Ver weg", "Vol"];
    assert_eq!(names(&app, &format!("date={}", day(90))), far);
    assert_eq!(names(&app, "date=2020-01-01"), [""; 0]);
    assert!(names(&app, "when=tomorrow&includeUnknown=when").contains(&"Om de week".to_owned()));
    let morning = names(&app, "when=tomorrow&partOfDay=evening");
    assert_eq!(morning, ["Aanmelden", "Altijd", "Begonnen", "Lijn", "Vol"], "of tomorrow the evening");

    // By the part of the day that was asked for, and not by an earlier one.
    let evening = app.get("/v1/offerings?when=week&partOfDay=evening&sort=soonest").ok();
    for hit in evening["hits"].as_array().expect("hits") {
        assert!(hit["nextOccurrence"]["startsAt"].as_str().is_some_and(|at| !at.contains("T10:00")), "{hit}");
    }
    // Of what is every other week the weekday is known, though not which of them.
    assert!(!names(&app, "when=week&includeUnknown=when&partOfDay=evening").contains(&"Om de week".to_owned()));
    assert!(names(&app, "when=week&includeUnknown=when&partOfDay=morning").contains(&"Om de week".to_owned()));

    let page = app.get("/v1/offerings?sort=soonest&pageSize=100").ok();
    let hits = page["hits"].as_array().expect("hits");
    let of = |name: &str| hits.iter().find(|hit| hit["offering"]["name"] == name).expect(name);
    for (name, joinable) in
        [("Altijd", "walk_in"), ("Aanmelden", "register"), ("Vol", "full"), ("Begonnen", "started"), ("Lijn", "phone")]
    {
        assert_eq!(of(name)["nextOccurrence"]["joinable"], joinable, "{name}");
        assert_eq!(of(name)["nextOccurrence"]["date"], json!(today()), "{name}");
    }
    assert_eq!(of("Morgen")["nextOccurrence"]["date"], json!(day(1)));
    assert_eq!(of("Ver weg")["nextOccurrence"]["date"], json!(day(90)));
    for (name, why) in [("Om de week", "unknown"), ("Voorbij", "over"), ("Dicht", "closed")] {
        assert_eq!((&of(name)["noOccurrence"], &of(name)["nextOccurrence"]), (&json!(why), &Value::Null), "{name}");
    }
    let change = &of("Afgelast")["changes"][0];
    assert_eq!((&change["date"], &change["change"]["kind"]), (&json!(day(1)), &json!("cancelled")));
    assert_eq!(change["change"]["reason"], "De ketel is stuk");
    let at = |name: &str| hits.iter().position(|hit| hit["offering"]["name"] == name);
    assert!(at("Altijd") < at("Morgen") && at("Morgen") < at("Om de week"));

    for wrong in
        ["when=soon", "date=morgen", "date=2026-02-30", "date=2199-06-01", "when=now&date=2026-12-25", "sort=latest"]
    {
        app.get(&format!("/v1/offerings?{wrong}")).problem(400);
    }
    // Too little: without the time there is more.
    let nothing = app.get("/v1/offerings?date=2020-01-01").ok();
    assert_eq!(nothing["relaxations"][0]["remove"], json!(["date"]));
}

#[test]
fn words_of_time_are_read_as_days_of_the_calendar() {
    let app = TestApp::shared_demo();
    for (question, when, part) in [
        ("koffie vanavond", "today", Some("evening")),
        ("eten morgen", "tomorrow", None),
        ("wandelen dit weekend", "weekend", None),
    ] {
        let page = app.get(&format!("/v1/offerings?q={question}")).ok();
        let readings = page["understood"]["readings"].as_array().expect("readings").clone();
        let read = |kind: &str| readings.iter().find(|read| read["reads"] == kind).map(|read| &read["values"][0]["id"]);
        assert_eq!(read("when"), Some(&json!(when)), "{question}");
        assert_eq!(read("partOfDay"), part.map(|part| json!(part)).as_ref(), "{question}");
        let off = app.get(&format!("/v1/offerings?q={question}&not=when")).ok();
        let kinds = off["understood"]["readings"].as_array().expect("readings").clone();
        assert!(kinds.iter().all(|read| read["reads"] != "when"), "{question}");
    }
}

fn id_of(app: &TestApp, name: &str) -> String {
    let page = app.get(&format!("/v1/offerings?understand=false&q={name}")).ok();
    page["hits"][0]["offering"]["id"].as_str().expect("an id").to_owned()
}

#[test]
fn an_offering_tells_its_dates_without_holidays() {
    let app = TestApp::shared_demo();
    let id = id_of(app, "Rouwcafé Aan de Kade");
    let told = app.get(&format!("/v1/offerings/{id}/occurrences?from=2026-12-01&to=2027-01-20")).ok();
    let items = told["items"].as_array().expect("items");
    let starts: Vec<_> = items.iter().map(|item| item["startsAt"].as_str().expect("a time")).collect();
    // Thursdays, but for the school holidays of the region: these begin on 19 December.
    let thursdays = ["2026-12-03", "2026-12-10", "2026-12-17", "2027-01-07", "2027-01-14"];
    assert_eq!(starts, thursdays.map(|day| format!("{day}T10:00:00+01:00")));
    assert_eq!(items[0]["joinable"], "walk_in");
    assert_eq!(items[0]["session"]["label"], "ochtendgroep");
    assert_eq!(told["schoolHolidaysUntil"], "2027-10-01");
    for wrong in ["from=x", "from=2026-12-02&to=2026-12-01", "from=2026-01-01&to=2027-12-31", "until=2026-12-01"] {
        app.get(&format!("/v1/offerings/{id}/occurrences?{wrong}")).problem(400);
    }
    app.get("/v1/offerings/01890000-0000-7000-8000-000000000000/occurrences").problem(404);
    app.get("/v1/offerings/x/calendar.ics").problem(404);
}

/// The events of a calendar, read by another library than the one that wrote them.
fn events(app: &TestApp, path: &str) -> Vec<IcalEvent> {
    let answer = app.get(path);
    assert_eq!(answer.header("content-type"), "text/calendar; charset=utf-8", "{path}");
    let mut calendars = ical::IcalParser::new(BufReader::new(answer.text.as_bytes()));
    let calendar = calendars.next().expect("a calendar").expect("a sound calendar");
    assert!(calendars.next().is_none());
    calendar.events
}

fn property(event: &IcalEvent, name: &str) -> String {
    let found = event.properties.iter().find(|property| property.name == name);
    found.and_then(|property| property.value.clone()).unwrap_or_default()
}

#[test]
fn calendars_are_read_by_another_library() {
    let app = TestApp::shared_demo();
    let id = id_of(app, "Rouwcafé Aan de Kade");
    let to = day(183);
    let dates = app.get(&format!("/v1/offerings/{id}/occurrences?to={to}")).ok();
    let expected = dates["items"].as_array().expect("items");
    let events_of = events(app, &format!("/v1/offerings/{id}/calendar.ics"));
    assert_eq!(events_of.len(), expected.len());
    for (event, item) in events_of.iter().zip(expected) {
        let start: chrono::DateTime<chrono::Utc> = item["startsAt"].as_str().expect("a time").parse().expect("a time");
        assert_eq!(property(event, "DTSTART"), start.format("%Y%m%dT%H%M%SZ").to_string());
        assert_eq!(property(event, "SUMMARY"), "Rouwcafé Aan de Kade (ochtendgroep)");
        assert_eq!(property(event, "LOCATION"), "Buurtkamer De Werf\\, Czaar Peterstraat 1\\, Amsterdam");
    }

    let search = "cost=free&area=BU0363FJ01&targetGroup=older_people";
    let found = events(app, &format!("/v1/offerings/calendar.ics?{search}"));
    let hits = names(app, search);
    assert!(found.len() > 10);
    for event in &found {
        let name = property(event, "SUMMARY").replace('\\', "");
        assert!(hits.iter().any(|hit| name.starts_with(hit.as_str())), "{name}");
    }
    let uids: std::collections::HashSet<_> = found.iter().map(|event| property(event, "UID")).collect();
    assert_eq!(uids.len(), found.len(), "each event has a name of its own");
    app.get("/v1/offerings/calendar.ics?cost=cheap").problem(400);

    let app = town();
    let cancelled = id_of(&app, "Afgelast");
    let tomorrow = events(&app, &format!("/v1/offerings/{cancelled}/calendar.ics")).remove(1);
    assert_eq!(property(&tomorrow, "STATUS"), "CANCELLED");
    assert!(property(&tomorrow, "DESCRIPTION").contains("Gaat niet door: De ketel is stuk"));
}
