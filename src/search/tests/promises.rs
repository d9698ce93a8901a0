//! What the search promises, one by one.

use chrono::NaiveDate;

use super::*;
use crate::domain::*;

/// An offering of which little is known.
fn offering(number: i64, name: &str, change: impl FnOnce(&mut Offering)) -> PublicOffering {
    let mut offering: Offering = serde_json::from_value(serde_json::json!({ "name": name })).expect("an offering");
    change(&mut offering);
    PublicOffering {
        id: offering_id(number),
        number: ItemNumber(number),
        municipality: "GM0363".parse().expect("a code"),
        version: Version(1),
        changed_at: moment(),
        offering,
    }
}

fn at(latitude: f64, longitude: f64) -> Session {
    let position = Position::new(latitude, longitude).ok();
    Session { place: Some(Place::Physical(Location { position, ..Location::default() })), ..Session::default() }
}

/// What an address with these parameters finds.
fn find(index: &TestIndex, address: &str) -> SearchPage {
    let pairs: Vec<_> = url::form_urlencoded::parse(address.as_bytes()).into_owned().collect();
    let query =
        SearchQuery::from_params(&pairs, &vocabulary(), |text| Err(format!("{text} is not known"))).expect(address);
    index.snapshot().find(&query, now()).expect(address)
}

fn numbers(index: &TestIndex, address: &str) -> Vec<i64> {
    seen(&find(index, address)).into_iter().map(|hit| hit.number).collect()
}

#[test]
fn no_hit_has_its_filters_met_only_by_different_sessions() {
    let monday = |session: Session| Session {
        schedules: vec![Schedule {
            rule: "FREQ=WEEKLY;BYDAY=MO".parse().ok(),
            from: None,
            until: None,
            starts_at: None,
            ends_at: None,
            time_zone: chrono_tz::Europe::Amsterdam,
            holidays: None,
        }],
        ..session
    };
    let wheelchair = |mut session: Session| {
        session.terms.accessibility = Some(vec!["wheelchair".into()]);
        session
    };
    let index = TestIndex::with(&[
        offering(1, "Apart", |o| o.sessions = vec![monday(at(52.36, 4.90)), wheelchair(at(52.40, 4.95))]),
        offering(2, "Samen", |o| o.sessions = vec![at(52.40, 4.95), wheelchair(monday(at(52.36, 4.90)))]),
    ]);
    assert_eq!(numbers(&index, "weekday=monday&accessibility=wheelchair"), [2]);
    assert_eq!(numbers(&index, "near=52.36,4.90&radius=100&accessibility=wheelchair"), [2]);
    assert_eq!(numbers(&index, "near=52.40,4.95&radius=100&weekday=monday"), [0; 0]);
    let page = find(&index, "accessibility=wheelchair&facets=weekday&near=52.36,4.90");
    assert_eq!(page.total, 2);
    assert_eq!(page.facets["weekday"].values, [FacetValue { id: "monday".into(), label: "maandag".into(), count: 1 }]);
    assert_eq!(page.facets["weekday"].unknown, 1);
    // The second of its sessions fits, and is shown.
    assert_eq!(page.hits[0].distance, Some(0));
    assert!(page.hits[0].session.get().contains("FREQ=WEEKLY"));
}

#[test]
fn what_is_over_is_on_no_day_and_what_was_on_dates_only_is_not_found() {
    let day = |days: i64| today() + chrono::Duration::days(days);
    let schedule = |rule: Option<&str>, from: Option<NaiveDate>, until: Option<NaiveDate>| Session {
        schedules: vec![Schedule {
            rule: rule.and_then(|rule| rule.parse().ok()),
            from,
            until,
            starts_at: None,
            ends_at: None,
            time_zone: chrono_tz::Europe::Amsterdam,
            holidays: None,
        }],
        ..Session::default()
    };
    let weekly = Some("FREQ=WEEKLY;BYDAY=MO");
    let status = |from, until| Status { from, until, ..Status::default() };
    let index = TestIndex::with(&[
        offering(1, "Aaa", |o| o.sessions = vec![schedule(weekly, None, Some(day(0)))]),
        offering(2, "Bbb", |o| o.sessions = vec![schedule(weekly, None, Some(day(-1)))]),
        offering(3, "Ccc", |o| {
            o.sessions = vec![schedule(Some("FREQ=WEEKLY;BYDAY=MO;UNTIL=20261122T000000Z"), None, None)]
        }),
        offering(4, "Ddd", |o| o.sessions = vec![schedule(None, Some(day(-1)), None)]),
        offering(5, "Eee", |o| {
            o.sessions = vec![schedule(None, Some(day(-1)), None), schedule(None, Some(day(6)), None)];
        }),
        offering(6, "Fff", |o| o.status = status(Some(day(1)), None)),
        offering(7, "Ggg", |o| o.status = status(None, Some(day(-1)))),
        offering(8, "Hhh", |o| o.status = status(Some(day(0)), Some(day(0)))),
    ]);
    assert_eq!(numbers(&index, "weekday=monday"), [1, 5]);
    assert_eq!(numbers(&index, "weekday=monday&includeUnknown=weekday"), [1, 5, 2, 3, 8]);
    assert_eq!(numbers(&index, "facets=weekday"), [1, 2, 3, 5, 8]);
    let counts = &find(&index, "facets=weekday").facets["weekday"];
    assert_eq!((counts.values.len(), counts.values[0].count, counts.unknown), (1, 2, 4));
    // The date that is still to come is shown.
    let page = find(&index, "q=eee");
    assert!(page.hits[0].session.get().contains(&day(6).to_string()), "{}", page.hits[0].session);
    let snapshot = index.snapshot();
    let read = |number| snapshot.offering(offering_id(number), None, today()).expect("an answer");
    assert!(matches!(read(6), Lookup::Unknown), "not published yet");
    assert!(matches!(read(4), Lookup::Found(_)) && matches!(read(7), Lookup::Found(_)), "who has the address reads it");
}

#[test]
fn what_is_unknown_is_left_out_or_let_in_marked_and_after_all_others() {
    let cost = |category: &str| Some(Cost { category: Some(category.into()), ..Cost::default() });
    let index = TestIndex::with(&[
        offering(1, "Aaa", |_| {}),
        offering(2, "Bbb", |o| o.terms.cost = cost("free")),
        offering(3, "Ccc", |o| o.terms.cost = cost("paid")),
    ]);
    assert_eq!(numbers(&index, "cost=free"), [2]);
    assert_eq!(numbers(&index, "maxPrice=0"), [2]);
    assert_eq!(numbers(&index, "maxPrice=0&includeUnknown=maxPrice"), [2, 1, 3]);
    let page = find(&index, "cost=free&includeUnknown=cost&sort=name&facets=cost");
    assert_eq!(seen(&page).iter().map(|hit| (hit.number, hit.unknown.len())).collect::<Vec<_>>(), [(2, 0), (1, 1)]);
    assert_eq!(page.hits[1].unknown, ["cost"]);
    assert_eq!(page.facets["cost"].unknown, 1);
}

#[test]
fn the_count_of_a_value_is_the_total_of_choosing_it() {
    let for_group = |number: i64, groups: &[&str]| {
        offering(number, "Groep", |o| o.target_group = groups.iter().map(|group| ConceptId::from(*group)).collect())
    };
    let index = TestIndex::with(&[
        for_group(1, &["everyone"]),
        for_group(2, &["single_parents"]),
        for_group(3, &["parents", "women"]),
        for_group(4, &[]),
    ]);
    for (only, parents, single_parents) in [("", 3, 3), ("&only=targetGroup", 2, 1)] {
        let page = find(&index, &format!("facets=targetGroup&targetGroup=women{only}"));
        let counts = &page.facets["targetGroup"];
        let count = |id: &str| counts.values.iter().find(|value| value.id == id).map_or(0, |value| value.count);
        assert_eq!((count("parents"), count("single_parents"), counts.unknown), (parents, single_parents, 1));
        for value in &counts.values {
            let total = find(&index, &format!("targetGroup={}{only}", value.id)).total;
            assert_eq!(u64::from(value.count), total, "{}{only}", value.id);
        }
    }
    assert_eq!(find(&index, "targetGroup=single_parents&targetGroup=men").hits[0].matched, ["everyone"]);
}

#[test]
fn words_find_their_forms_and_no_others() {
    let index = TestIndex::with(&[
        offering(1, "Gezinsgroep", |o| o.summary = Some("Voor het hele gezin".into())),
        offering(2, "Zin in morgen", |_| {}),
        offering(3, "Praten over geloof", |_| {}),
        offering(4, "Gesprek met ouderen", |_| {}),
        offering(5, "Cursus voor ouders", |_| {}),
        offering(6, "Met de bus", |_| {}),
        offering(7, "Schulden de baas", |_| {}),
        offering(8, "Walking group", |o| o.text_language = "en".parse().expect("a tag")),
        offering(9, "Café Zürich", |o| o.text_language = "de".parse().expect("a tag")),
    ]);
    for (words, found) in [
        ("gezinnen", vec![1]),
        ("zin", vec![2]),
        ("geloven", vec![3]),
        ("ouderen", vec![4]),
        ("ouder", vec![5]),
        ("schuld", vec![7]),
        ("walks", vec![8]),
        ("cafe zurich", vec![9]),
        ("de", vec![6, 7]),
        // Fewer than three have all, so some is enough.
        ("met de", vec![4, 6, 7]),
        ("praten gesprek", vec![3, 4]),
        ("gezinsgroepen", vec![1]),
        ("groep gezin", vec![1]),
    ] {
        let mut numbers = numbers(&index, &format!("q={words}&understand=false"));
        numbers.sort_unstable();
        assert_eq!(numbers, found, "{words}");
    }
    assert_eq!(numbers(&index, "q=met de&understand=false")[0], 6);
}

#[test]
fn texts_are_found_by_other_forms_in_their_own_language() {
    let in_language =
        |number, tag: &str, name: &str| offering(number, name, |o| o.text_language = tag.parse().expect("a tag"));
    let index = TestIndex::with(&[
        in_language(1, "tr", "Kadınlar için yürüyüş"),
        in_language(2, "fr", "Promenades du dimanche"),
        in_language(3, "uk", "Українська розмова"),
        in_language(4, "ar", "نساء الحي"),
    ]);
    for (words, found) in [("kadınların", 1), ("promenade", 2), ("українські", 3), ("النساء", 4)] {
        assert_eq!(numbers(&index, &format!("q={words}&not=targetGroup,theme,kind")), [found], "{words}");
    }
}

#[test]
fn the_best_match_comes_first_and_tells_why() {
    let checked = |days: u64| {
        let date = today() - chrono::Days::new(days);
        move |o: &mut Offering| o.terms.assured = Some(Assurance { date, by: None })
    };
    let index = TestIndex::with(&[
        offering(1, "Eten in de buurt", |o| o.description = Some("Soms gaan we wandelen".into())),
        offering(2, "Samen wandelen wandelen wandelen wandelen", |_| {}),
        offering(3, "Wandelen", |_| {}),
        offering(4, "Samen wandelen op maandag", checked(400)),
        offering(5, "Samen wandelen op dinsdag", checked(10)),
    ]);
    assert_eq!(numbers(&index, "q=wandelen").first(), Some(&3));
    assert_eq!(numbers(&index, "q=samen wandelen op").first(), Some(&5));
    assert_eq!(numbers(&index, "q=wandelen").last(), Some(&1));
    let page = find(&index, "q=wandelen&explain=true&near=52.36,4.9");
    for hit in &page.hits {
        let told = hit.explanation.as_ref().expect("it was asked for");
        let product = told.words * told.freshness * told.nearness.expect("a position was given");
        assert!((product - told.score).abs() < 1e-5, "{told:?}");
    }
    assert!(page.hits[0].explanation.as_ref().is_some_and(|told| told.exact_name));
    let highlights = page.hits[0].highlights.as_ref().expect("a word of the name");
    assert_eq!(highlights.name.as_deref(), Some("<mark>Wandelen</mark>"));
}

#[test]
fn the_labels_of_concepts_lead_to_their_offerings() {
    let index = TestIndex::with(&[
        offering(1, "Op adem komen", |o| o.theme = vec!["debts".into()]),
        offering(2, "Iets anders", |o| o.theme = vec!["grief".into()]),
    ]);
    assert_eq!(numbers(&index, "q=schuldhulp"), [1]);
    // Of a wider concept.
    assert_eq!(numbers(&index, "q=geld"), [1]);
    assert_eq!(numbers(&index, "q=grief"), [2]);
}

#[test]
fn what_is_not_at_a_place_is_counted_beside() {
    let place = |place| Session { place: Some(place), ..Session::default() };
    let index = TestIndex::with(&[
        offering(1, "Hier", |o| o.sessions = vec![at(52.36, 4.90)]),
        offering(2, "Online", |o| o.sessions = vec![place(Place::Virtual { url: None }), place(Place::Home)]),
        offering(3, "Bel", |o| o.sessions = vec![place(Place::Nationwide)]),
        offering(4, "Ergens", |_| {}),
        offering(5, "Ver", |o| o.sessions = vec![at(51.0, 4.0)]),
    ]);
    for address in ["near=52.36,4.90&radius=500", "bbox=4.8,52.3,5,52.4"] {
        let page = find(&index, address);
        assert_eq!(page.total, 1, "{address}");
        let expected = Elsewhere { online: 1, at_home: 1, nationwide: 1, unknown_place: 1 };
        assert_eq!(page.elsewhere, Some(expected), "{address}");
    }
    assert_eq!(find(&index, "near=52.36,4.90").elsewhere, None);
    assert_eq!(numbers(&index, "near=52.36,4.90"), [1, 5, 2, 3, 4]);
    assert_eq!(numbers(&index, "online=true"), [2]);
}

#[test]
fn pages_hold_every_hit_once() {
    let same_spot: Vec<_> = (1..=250)
        .map(|n| offering(n, "Zelfde", |o| o.sessions = vec![at(52.0 + (n % 3) as f64 * 0.01, 5.0)]))
        .collect();
    let index = TestIndex::with(&same_spot);
    for sort in ["name", "assured", "relevance", "distance"] {
        let mut all = Vec::new();
        for page in 1..=9 {
            all.extend(numbers(&index, &format!("near=52,5&radius=5000&sort={sort}&page={page}&pageSize=30")));
        }
        all.sort_unstable();
        assert_eq!(all, (1..=250).collect::<Vec<_>>(), "{sort}");
        assert_eq!(
            numbers(&index, &format!("near=52,5&radius=5000&sort={sort}&page=10&pageSize=30")),
            [0; 0],
            "{sort}"
        );
    }
}

#[test]
fn near_without_a_radius_is_as_far_as_there_is_a_page_of_hits() {
    let spread: Vec<_> =
        (1..=60).map(|n| offering(n, "Soep", |o| o.sessions = vec![at(52.0 + n as f64 * 0.001, 5.0)])).collect();
    let index = TestIndex::with(&spread);
    // 111 metres apart: eight in a kilometre, seventeen in two, thirty-five in four.
    let page = find(&index, "near=52,5");
    assert_eq!((page.total, page.radius.map(Distance::metres)), (35, Some(4_000.0)));
    // Where even far away there is no page, all there is counts.
    let page = find(&index, "near=51.5,4");
    assert_eq!((page.total, page.radius), (60, None));
    assert_eq!(find(&index, "near=52,5&radius=1000").radius, None, "what was given is not told again");
}

#[test]
fn strange_text_is_only_text() {
    let index = TestIndex::with(&[offering(1, "Gewoon", |_| {})]);
    let snapshot = index.snapshot();
    let long = [
        "(".repeat(100_000),
        "a ".repeat(50_000),
        "\"".repeat(5_000),
        "é\u{301}\u{200d}🧑‍🦽".repeat(2_000),
        "+-:*~^[]{}AND OR NOT".into(),
    ];
    for text in long {
        let query = SearchQuery { text: Some(text), sort: Sort::Relevance, ..SearchQuery::default() };
        snapshot.find(&query, now()).expect("an answer");
    }
    assert_eq!(numbers(&index, "q=%28%28%28"), [1], "a text without words asks for nothing");
}

#[test]
fn texts_are_in_the_asked_language_where_there_is_a_translation() {
    let translated = offering(1, "Rouwcafé", |o| {
        o.summary = Some("Praten".into());
        for (language, name) in [("en", "Grief café"), ("ar", "مقهى"), ("ar-Latn", "Maqha")] {
            o.translations.push(Translation {
                language: language.parse().expect("a tag"),
                origin: TranslationOrigin::Human,
                name: Some(name.into()),
                summary: None,
                description: Some("All of it".into()),
            });
        }
    });
    let index = TestIndex::with(&[translated, offering(2, "Zonder", |_| {})]);
    let card =
        |address: &str| -> Card { serde_json::from_str(find(&index, address).hits[0].offering.get()).expect("a card") };
    for (language, name, tag) in [
        ("nl", "Rouwcafé", "nl"),
        ("en-GB", "Grief café", "en"),
        ("ar-Latn", "Maqha", "ar-Latn"),
        ("fr", "Rouwcafé", "nl"),
    ] {
        let card = card(&format!("lang={language}&q=praten"));
        assert_eq!((card.name.as_str(), card.text_language.as_str()), (name, tag), "{language}");
        assert_eq!(card.summary.as_deref(), Some("Praten"), "what is not translated stays");
    }
    assert_eq!(card("q=grief").name, "Rouwcafé");
    let full = |language: Option<&str>| {
        let language = language.map(|tag| tag.parse().expect("a tag"));
        match index.snapshot().offering(offering_id(1), language.as_ref(), today()).expect("an answer") {
            Lookup::Found(json) => serde_json::from_str::<PublicOffering>(json.get()).expect("an offering").offering,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(full(None).description, None);
    assert_eq!(full(Some("en")).name, "Grief café");
    assert_eq!(full(Some("en")).description.as_deref(), Some("All of it"));
}

#[test]
fn the_deleted_are_gone_the_hidden_unknown_and_the_changed_as_they_are_now() {
    let mut index = TestIndex::with(&[
        offering(1, "Eerste", |_| {}),
        offering(2, "Tweede", |_| {}),
        offering(3, "Derde", |_| {}),
        offering(4, "Vierde", |_| {}),
    ]);
    let before = index.snapshot();
    index.commit([
        Entry::Withdrawn(offering_id(1)),
        Entry::Hidden(offering_id(2)),
        Entry::Offering(Box::new(offering(3, "Derde anders", |_| {}))),
    ]);
    for compacted in [false, true] {
        if compacted {
            index.writer.compact().expect("one segment");
        }
        let snapshot = index.snapshot();
        let read = |number| snapshot.offering(offering_id(number), None, today()).expect("an answer");
        assert!(matches!(read(1), Lookup::Gone));
        assert!(matches!(read(2), Lookup::Unknown));
        assert!(matches!(read(3), Lookup::Found(json) if json.get().contains("Derde anders")));
        assert_eq!(snapshot.offering_count(), 2);
        assert_eq!(snapshot.watermark().change, ChangeNumber(2));
        assert_eq!(numbers(&index, ""), [3, 4]);
        assert_eq!(numbers(&index, "q=eerste"), [0; 0]);
        assert_eq!(numbers(&index, "q=derde"), [3]);
    }
    assert_eq!(before.offering_count(), 4, "a snapshot never changes");
    assert!(matches!(before.offering(offering_id(1), None, today()), Ok(Lookup::Found(_))));
}

#[test]
fn an_index_is_opened_again_where_it_was_committed() {
    let index = TestIndex::with(&[offering(1, "Eerste", |_| {})]);
    assert!(matches!(IndexWriter::open(index.folder.path(), vocabulary()), Err(SearchError::Locked)));
    let TestIndex { mut writer, folder, .. } = index;
    writer.apply(Entry::Offering(Box::new(offering(2, "Nooit geschreven", |_| {})))).expect("it is taken in");
    drop(writer);
    let writer = IndexWriter::open(folder.path(), vocabulary()).expect("it opens");
    assert_eq!(writer.watermark(), Some(mark(1)));
    assert_eq!(writer.snapshot().expect("a snapshot").offering_count(), 1);
}

#[test]
fn an_index_that_is_not_ours_is_refused() {
    let open = |folder: &TempDir| IndexWriter::open(folder.path(), vocabulary()).map(|_| ());
    let empty = tempfile::tempdir().expect("a folder");
    assert!(open(&empty).is_err_and(|error| error.needs_rebuild()));

    let TestIndex { writer, folder, .. } = TestIndex::new();
    drop(writer);
    assert!(matches!(open(&folder), Err(SearchError::Unfinished)));

    let other =
        Vocabulary::new("other".into(), vocabulary().schemes().to_vec(), Lexicon::default()).expect("no faults");
    assert_ne!(fingerprint(&other), fingerprint(&vocabulary()));
    let TestIndex { writer, folder, .. } = TestIndex::with(&[offering(1, "Eerste", |_| {})]);
    drop(writer);
    assert!(matches!(IndexWriter::open(folder.path(), Arc::new(other)), Err(SearchError::OtherFingerprint)));
}

#[test]
fn damage_is_an_error_and_no_panic() {
    let offerings: Vec<_> = (1..50).map(|n| offering(n, "Wandelen met koffie", |_| {})).collect();
    let TestIndex { writer, folder, .. } = TestIndex::with(&offerings);
    drop(writer);
    let files = |folder: &std::path::Path| -> Vec<_> {
        std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect()
    };
    let damages: [fn(&mut Vec<u8>); 4] = [
        |bytes| bytes.clear(),
        |bytes| bytes.truncate(bytes.len() / 2),
        |bytes| bytes.iter_mut().step_by(7).for_each(|byte| *byte ^= 0x55),
        |bytes| bytes.splice(..0, [0; 16]).for_each(drop),
    ];
    for file in files(folder.path()) {
        let name = file.file_name().expect("a name").to_string_lossy().into_owned();
        if name.ends_with(".lock") {
            continue;
        }
        for damage in damages {
            let whole = std::fs::read(&file).expect("a file");
            let mut bytes = whole.clone();
            damage(&mut bytes);
            std::fs::write(&file, bytes).expect("it is written");
            let opened = IndexWriter::open(folder.path(), vocabulary()).and_then(|writer| writer.snapshot());
            assert!(opened.is_err_and(|error| error.needs_rebuild()), "{name}");
            std::fs::write(&file, whole).expect("it is written");
        }
        if name == ".managed.json" {
            continue; // It lists what may be deleted, and without it nothing is.
        }
        std::fs::rename(&file, file.with_extension("away")).expect("it is moved");
        let opened = IndexWriter::open(folder.path(), vocabulary()).and_then(|writer| writer.snapshot());
        assert!(opened.is_err_and(|error| error.needs_rebuild()), "{name} is away");
        std::fs::rename(file.with_extension("away"), &file).expect("it is moved");
    }
    assert!(IndexWriter::open(folder.path(), vocabulary()).is_ok());
}

#[test]
fn areas_are_listed_without_their_outlines() {
    let area = |code: &str, name: &str, alias: &str| {
        let outline = serde_json::json!({ "type": "Polygon", "coordinates": [[[4, 52], [5, 52], [5, 53], [4, 52]]] });
        let json =
            serde_json::json!({ "code": code, "name": name, "aliases": [alias], "outline": outline, "frontDoors": [] });
        Entry::Area(Box::new(serde_json::from_value(json).expect("an area")))
    };
    let mut index = TestIndex::new();
    index.commit([
        area("GM0363", "Amsterdam", "Mokum"),
        area("WK0363AK", "Oostelijke Eilanden/Kadijken", "De Eilanden"),
        area("BU0363AK05", "Czaar Peterbuurt", "de Czaar"),
        area("BU0363AK06", "Weg", "weg"),
        area("BU0014AA01", "Noorderbuurt", "noord"),
    ]);
    index.commit([Entry::AreaRemoved("BU0363AK06".parse().expect("a code"))]);
    let snapshot = index.snapshot();
    let list = |filter: AreaFilter| {
        let page = snapshot.areas(&filter, 1, 20).expect("a page");
        assert!(page.items.iter().all(|area| area.outline.is_none()));
        page.items.iter().map(|area| area.code.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(list(AreaFilter::default()), ["BU0014AA01", "BU0363AK05", "GM0363", "WK0363AK"]);
    assert_eq!(list(AreaFilter { kind: Some(AreaKind::Buurt), ..AreaFilter::default() }).len(), 2);
    let within = |code: &str| AreaFilter { within: code.parse().ok(), ..AreaFilter::default() };
    assert_eq!(list(within("WK0363AK")), ["BU0363AK05", "WK0363AK"]);
    for (name, count) in [("czaar", 1), ("peter czaar", 1), ("eil", 1), ("mok", 1), ("de pe", 0), ("xyz", 0)] {
        assert_eq!(list(AreaFilter { name: Some(name.into()), ..AreaFilter::default() }).len(), count, "{name}");
    }
    assert_eq!(snapshot.areas(&AreaFilter::default(), 2, 3).expect("a page").items.len(), 1);
    assert_eq!(snapshot.offering_count(), 0);
    let code = "BU0363AK05".parse().expect("a code");
    assert!(snapshot.area(&code).expect("an answer").is_some_and(|area| area.outline.is_some()));
    assert!(snapshot.area(&"GM0001".parse().expect("a code")).expect("an answer").is_none());
    assert_eq!(find(&index, "").total, 0, "an area is no offering");
}

#[test]
fn organizations_and_locations_are_read_from_the_offerings_that_mention_them() {
    let (organization, location) = (OrganizationId::new(), LocationId::new());
    let by = |number: i64, name: &str| {
        offering(number, "Aanbod", |o| {
            let json = serde_json::json!([{ "role": "lead", "id": organization, "name": name }]);
            o.organization = serde_json::from_value(json).expect("an organization");
            let mut session = at(52.36, 4.9);
            if let Some(Place::Physical(place)) = &mut session.place {
                place.id = Some(location);
            }
            o.sessions = vec![session];
        })
    };
    let mut index = TestIndex::with(&[by(1, "Oude naam"), by(2, "Nieuwe naam"), offering(3, "Los", |_| {})]);
    let snapshot = index.snapshot();
    let read = snapshot.organization(organization).expect("an answer").expect("it is known");
    assert_eq!((read.organization.name.as_str(), read.offering_count), ("Nieuwe naam", 2));
    assert_eq!(read.offerings.iter().map(|named| named.id).collect::<Vec<_>>(), [offering_id(2), offering_id(1)]);
    assert_eq!(snapshot.organizations(1, 20).expect("a page").items, [read]);
    let place = snapshot.location(location).expect("an answer").expect("it is known");
    assert_eq!((place.location.id, place.offering_count), (Some(location), 2));
    assert_eq!(snapshot.locations(1, 20).expect("a page").total, 1);
    assert_eq!(numbers(&index, &format!("organization={organization}")), [1, 2]);
    index.commit([Entry::Withdrawn(offering_id(1)), Entry::Hidden(offering_id(2))]);
    let snapshot = index.snapshot();
    assert!(snapshot.organization(organization).expect("an answer").is_none());
    assert_eq!(snapshot.organizations(1, 20).expect("a page").total, 0);
    assert_eq!(snapshot.locations(2, 20).expect("a page").items, []);
}

#[test]
fn a_vocabulary_that_does_not_fit_is_refused_clearly() {
    let mut schemes = vocabulary().schemes().to_vec();
    let theme = schemes.iter_mut().find(|list| list.scheme == Scheme::Theme).expect("a scheme");
    for number in 0..100 {
        let json = serde_json::json!({ "id": format!("theme_{number}"), "prefLabel": { "nl": "Thema" } });
        theme.concepts.push(serde_json::from_value(json).expect("a concept"));
    }
    let large = Arc::new(Vocabulary::new("large".into(), schemes, Lexicon::default()).expect("no faults"));
    let folder = tempfile::tempdir().expect("a folder");
    assert!(matches!(
        IndexWriter::create(folder.path(), large),
        Err(SearchError::VocabularyTooLarge { facts: 365, room: 320 })
    ));
}

#[test]
fn columns_of_segments_that_stay_are_used_again() {
    let mut index = TestIndex::with(&[offering(1, "Eerste", |_| {})]);
    let before = index.snapshot();
    index.commit([Entry::Offering(Box::new(offering(2, "Tweede", |_| {})))]);
    let after = index.snapshot();
    assert_eq!(after.columns.len(), 2);
    assert!(after.columns.iter().any(|columns| Arc::ptr_eq(columns, &before.columns[0])));
}
