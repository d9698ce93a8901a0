//! Random offerings and queries over everything that search looks at, with little variety, so that they meet.

use std::sync::{Arc, LazyLock};

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde::Deserialize;
use uuid::Uuid;

use crate::domain::access::{Access, Identification, Joining, Referral};
use crate::domain::schedule::{ExceptionKind, HolidayEffect, SchoolRegion, WEEK, amsterdam};
use crate::domain::vocabulary::{Labels, SchemeConcepts};
use crate::domain::*;
use crate::search::query::*;
use crate::search::understand::Reads;

/// The vocabulary of the binary. Its loader is another layer's, so it is read here once more.
pub fn vocabulary() -> Arc<Vocabulary> {
    #[derive(Deserialize)]
    struct File {
        version: String,
        schemes: Vec<List>,
        #[serde(flatten)]
        lexicon: Lexicon,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct List {
        id: String,
        title: Labels,
        multi_valued: bool,
        expand_search: bool,
        concepts: Vec<Concept>,
    }
    static VOCABULARY: LazyLock<Arc<Vocabulary>> = LazyLock::new(|| {
        let file: File = serde_json::from_str(include_str!("../../../data/vocabulary.json")).expect("of its form");
        let lists = file.schemes.into_iter().map(|list| SchemeConcepts {
            scheme: Scheme::ALL.into_iter().find(|scheme| scheme.id() == list.id).expect("a known scheme"),
            title: list.title,
            description: Labels::new(),
            multi_valued: list.multi_valued,
            expand_search: list.expand_search,
            concepts: list.concepts,
        });
        Arc::new(Vocabulary::new(file.version, lists.collect(), file.lexicon).expect("no faults"))
    });
    Arc::clone(&VOCABULARY)
}

/// The day of all searches.
pub fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 24).expect("a date")
}

/// The moment of all searches: a Tuesday in the morning.
pub fn now() -> Now {
    Now::from(today().and_hms_opt(9, 30, 0).expect("a time").and_utc())
}

/// Dates around today, on both borders of what is still believed of room.
fn any_date() -> impl Strategy<Value = NaiveDate> {
    select(vec![0, 59, 60, 61, 300, 365, 366, 900]).prop_map(|days| today() - chrono::Days::new(days))
}

/// Days before and after today.
fn any_day() -> impl Strategy<Value = NaiveDate> {
    select(vec![-400, -1, 0, 1, 30, 400]).prop_map(|days| today() + chrono::Duration::days(days))
}

/// Published, as most are, or closed for a time; on some days only.
fn any_status() -> impl Strategy<Value = Status> {
    let state = select(vec![State::Published, State::Published, State::TemporarilyClosed]);
    let day = || option::weighted(0.1, any_day());
    (state, day(), day()).prop_map(|(state, from, until)| Status { state, from, until, reason: None })
}

/// The concepts that random worlds use of each scheme: all, where there are few or some that mean others.
fn concepts(scheme: Scheme) -> Vec<ConceptId> {
    let some: &[&str] = match scheme {
        Scheme::Theme => &["money", "debts", "grief", "exercise", "housing", "homelessness"],
        Scheme::TargetGroup => &["everyone", "women", "men", "parents", "single_parents", "older_people"],
        Scheme::Community => &["turkish", "moroccan"],
        Scheme::Kind => &["online_self_help", "home_visit", "peer_group"],
        Scheme::Accessibility => {
            &["wheelchair", "hearing_support", "hearing_loop", "easy_language", "women_only_space", "online_option"]
        }
        Scheme::Language => &["nl", "nl_easy", "ngt", "tr"],
        Scheme::ProviderType => &["library", "residents_initiative"],
        _ => &[],
    };
    if some.is_empty() {
        return vocabulary().scheme(scheme).concepts.iter().map(|concept| concept.id.clone()).collect();
    }
    some.iter().map(|id| ConceptId::from(*id)).collect()
}

fn some_concepts(scheme: Scheme) -> impl Strategy<Value = Vec<ConceptId>> {
    let all = concepts(scheme);
    let most = all.len().min(3);
    prop_oneof![Just(Vec::new()), subsequence(all, 0..=most)]
}

fn a_concept(scheme: Scheme) -> impl Strategy<Value = Option<ConceptId>> {
    option::of(select(concepts(scheme)))
}

/// Words of which the analysis joins some.
pub const WORDS: [&str; 14] = [
    "wandelen",
    "wandeling",
    "koffie",
    "ouders",
    "ouderen",
    "gezin",
    "gezinnen",
    "zin",
    "rouw",
    "de",
    "met",
    "walking",
    "walks",
    "café",
];

pub fn any_text() -> impl Strategy<Value = String> {
    prop::collection::vec(select(WORDS.to_vec()), 1..4).prop_map(|words| words.join(" "))
}

/// What is typed into a search: words of the texts, and what is read out of words.
pub fn any_question() -> impl Strategy<Value = String> {
    const READ: [&str; 20] = [
        "spreekt Turks",
        "op loopafstand",
        "gratis",
        "zaterdag",
        "donderdagochtend",
        "'s avonds",
        "oudere",
        "vrouwen",
        "schulden",
        "bewegen",
        "Turks",
        "liever niet",
        "geen",
        ",",
        "zonder afspraak",
        "82 jaar",
        "wandelgezin",
        "in Bijbuurt",
        "morgen",
        "dakloos",
    ];
    let words = select(WORDS.iter().chain(&READ).copied().collect::<Vec<_>>());
    prop::collection::vec(words, 1..6).prop_map(|words| words.join(" "))
}

/// The areas that are known: one with a name that questions have, and one that lies in it.
pub fn known_areas() -> [Area; 2] {
    let area = |code: &AreaCode, name: &str, west: f64, north: f64| {
        let ring = [[west, 52.355], [4.915, 52.355], [4.915, north], [west, north], [west, 52.355]];
        let outline = serde_json::json!({ "type": "Polygon", "coordinates": [ring] });
        let area = serde_json::json!({ "code": code, "name": name, "outline": outline });
        serde_json::from_value(area).expect("an area")
    };
    [area(&areas()[0], "Bijbuurt", 4.7, 52.39), area(&areas()[2], "Achter het spoor", 4.895, 52.37)]
}

fn id(number: u128) -> String {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + number).to_string()
}

pub fn offering_id(number: i64) -> OfferingId {
    id(number as u128).parse().expect("a UUID")
}

fn organization_ids() -> Vec<OrganizationId> {
    (1..4).map(|n| id(n << 32).parse().expect("a UUID")).collect()
}

fn municipalities() -> Vec<MunicipalityCode> {
    ["GM0363", "GM0344", "NL"].iter().map(|code| code.parse().expect("a code")).collect()
}

fn areas() -> Vec<AreaCode> {
    let codes = ["GM0363", "WK0363AK", "BU0363AK05", "BU0363AK06", "BU0363AA01", "GM0344", "WK034401", "BU03440111"];
    codes.iter().map(|code| code.parse().expect("a code")).collect()
}

/// A few hundred metres, a few kilometres and far apart, often at the very same spot.
fn any_position() -> impl Strategy<Value = Position> {
    prop_oneof![
        4 => (0..6u8, 0..6u8).prop_map(|(n, e)| (52.36 + f64::from(n) * 0.004, 4.90 + f64::from(e) * 0.006)),
        2 => (52.2..52.5f64, 4.7..5.1f64),
        1 => select(vec![(51.44, 5.48), (53.2, 6.56), (52.36, 4.90), (12.1, -68.9)]),
    ]
    .prop_map(|(lat, lon)| {
        // As sources write them: with many more digits JSON may read the neighbouring number.
        let round = |degrees: f64| (degrees * 1e6).round() / 1e6;
        Position::new(round(lat), round(lon)).expect("on earth")
    })
}

fn any_place() -> impl Strategy<Value = Option<Place>> {
    let location = (
        option::weighted(0.8, any_position()),
        option::of(some_concepts(Scheme::Accessibility)),
        subsequence(areas(), 0..3),
        option::of(select(vec!["Buurthuis", "Café de Wandeling"])),
    );
    let physical = location.prop_map(|(position, accessibility, area, name)| {
        let name = name.map(str::to_owned);
        Some(Place::Physical(Location { position, accessibility, area, name, ..Location::default() }))
    });
    prop_oneof![
        5 => physical,
        1 => Just(Some(Place::Virtual { url: None })),
        1 => Just(Some(Place::Home)),
        1 => Just(Some(Place::Nationwide)),
        1 => Just(None),
    ]
}

fn any_times() -> impl Strategy<Value = (Vec<Schedule>, Vec<ScheduleException>)> {
    let time =
        || option::of(select(vec![5, 9, 11, 13, 17, 19, 22]).prop_map(|hour| NaiveTime::from_hms_opt(hour, 0, 0)));
    let rules = [
        "FREQ=WEEKLY;BYDAY=MO",
        "FREQ=WEEKLY;BYDAY=TU,SA",
        "FREQ=WEEKLY",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE",
        "FREQ=MONTHLY;BYDAY=1FR",
        "FREQ=DAILY",
    ];
    let effect = || option::of(select(vec![HolidayEffect::Open, HolidayEffect::Closed]));
    let region = option::of(select(vec![SchoolRegion::North, SchoolRegion::Middle, SchoolRegion::South]));
    let holidays = (effect(), effect(), effect(), region)
        .prop_map(|(public, school, summer, school_region)| Holidays { public, school, summer, school_region });
    let rule = option::of(select(rules.to_vec()).prop_map(|rule| rule.parse().expect("a rule")));
    let dates = (option::of(any_day()), option::weighted(0.3, any_day()));
    let holidays = option::weighted(0.3, holidays);
    let schedule =
        (rule, dates, time(), time(), holidays).prop_map(|(rule, (from, until), starts_at, ends_at, holidays)| {
            let (starts_at, ends_at) = (starts_at.flatten(), starts_at.flatten().and(ends_at.flatten()));
            Schedule { rule, from, until, starts_at, ends_at, time_zone: amsterdam(), holidays }
        });
    let change = select(vec![ExceptionKind::Extra, ExceptionKind::Cancelled, ExceptionKind::Moved]);
    let exception = (any_day(), change, option::of(any_day()), time());
    let exception = exception.prop_map(|(date, change, new_date, starts_at)| ScheduleException {
        date,
        change,
        new_date: new_date.filter(|_| change == ExceptionKind::Moved),
        starts_at: starts_at.flatten(),
        ends_at: None,
        place: None,
        reason: None,
        announced_on: None,
    });
    (prop::collection::vec(schedule, 0..3), prop::collection::vec(exception, 0..2))
}

fn any_cost() -> impl Strategy<Value = Option<Cost>> {
    let unit = select(vec![PriceUnit::Visit, PriceUnit::Month, PriceUnit::Course]);
    let cents = || select(vec![0u32, 100, 250, 1000]).prop_map(Euros::from_cents);
    let price = (cents(), unit).prop_map(|(amount, per)| Price { amount, per, audience: None });
    let effect = select(vec![PassEffect::Free, PassEffect::Discount]);
    let pass = (select(municipalities()), effect, option::of(cents()))
        .prop_map(|(municipality, effect, amount)| CityPass { municipality, effect, amount });
    let cost = (a_concept(Scheme::Cost), prop::collection::vec(price, 0..2), prop::collection::vec(pass, 0..2));
    option::of(cost.prop_map(|(category, prices, passes)| Cost { category, prices, extras: Vec::new(), passes }))
}

fn any_access() -> impl Strategy<Value = Option<Access>> {
    let joining = subsequence(vec![Joining::WalkIn, Joining::Registration], 0..3);
    let referral = option::of(select(vec![Referral::NotNeeded, Referral::Possible, Referral::Needed]));
    let identification = subsequence(vec![Identification::Id, Identification::Bsn], 0..2);
    let access = (joining, referral, identification, option::of(any::<bool>()));
    option::of(access.prop_map(|(joining, referral, identification, anonymous)| Access {
        joining,
        referral,
        identification,
        anonymous,
        ..Access::default()
    }))
}

fn any_terms() -> impl Strategy<Value = Terms> {
    let age = (option::of(select(vec![0u8, 4, 18, 65])), option::of(select(vec![65u8, 70, 120])));
    let age = option::of(age.prop_map(|(from, to)| AgeRange { from, to }));
    let state = select(vec![CapacityState::Open, CapacityState::Waiting, CapacityState::Full]);
    let capacity = (state, option::of(select(vec![0u16, 3])), option::of(any_date()))
        .prop_map(|(state, weeks, as_of)| Capacity { state, weeks, as_of });
    let assured = any_date().prop_map(|date| Assurance { date, by: None });
    (
        age,
        a_concept(Scheme::GenderSetting),
        option::of(some_concepts(Scheme::Language)),
        option::of(some_concepts(Scheme::Accessibility)),
        any_cost(),
        any_access(),
        option::of(capacity),
        option::of(assured),
        option::weighted(0.3, Just(vec![a_phone()])),
    )
        .prop_map(|(age, gender_setting, language, accessibility, cost, access, capacity, assured, contact)| {
            Terms {
                contact,
                age,
                gender_setting,
                language,
                accessibility,
                cost,
                access,
                capacity,
                assured,
                ..Terms::default()
            }
        })
}

fn a_phone() -> Contact {
    let phone = Channel { kind: ChannelType::Phone, value: "020 000 00 01".to_owned(), hours: None, language: vec![] };
    Contact { role: "Balie".to_owned(), channels: vec![phone], say_this: None }
}

fn any_session() -> impl Strategy<Value = Session> {
    let lessons = (option::of(select(vec![0u16, 4])), option::weighted(0.2, any_day()));
    let region = option::weighted(0.2, Just(a_region().as_ref().clone()));
    let residents = (subsequence(areas(), 0..2), region);
    (option::of(any_text()), any_place(), residents, any_times(), lessons, any_terms()).prop_map(
        |(label, place, (service_area, service_region), (schedules, exceptions), (lessons, starts_on), terms)| {
            Session {
                id: None,
                label,
                place,
                service_area,
                service_region,
                schedules,
                when: None,
                exceptions,
                enrolment: Some(Enrolment { lessons, starts_on, ..Enrolment::default() }),
                terms,
            }
        },
    )
}

fn any_involvement() -> impl Strategy<Value = Involvement> {
    let role = select(vec![Role::Lead, Role::Partner, Role::Venue]);
    (role, select(organization_ids()), a_concept(Scheme::ProviderType)).prop_map(|(role, id, provider_type)| {
        let name = "Stichting Koffie".to_owned();
        let organization =
            Organization { id: Some(id), name, provider_type, kvk: None, website: None, email: None, phone: None };
        Involvement { role, organization }
    })
}

/// An offering with this number.
pub fn any_offering(number: i64) -> impl Strategy<Value = PublicOffering> {
    let texts = (any_text(), option::of(any_text()), option::of(any_text()), select(vec!["nl", "en", "tr"]));
    let lists = (
        some_concepts(Scheme::Theme),
        some_concepts(Scheme::TargetGroup),
        some_concepts(Scheme::Community),
        some_concepts(Scheme::Kind),
        some_concepts(Scheme::Sphere),
        option::of(some_concepts(Scheme::PositiveHealth)),
        a_concept(Scheme::Formality),
        a_concept(Scheme::Continuum),
    );
    let sessions = prop::collection::vec(any_session(), 0..4);
    let organization = prop::collection::vec(any_involvement(), 0..3);
    (texts, lists, any_terms(), sessions, organization, any_status(), select(municipalities())).prop_map(
        move |(texts, lists, terms, sessions, organization, status, municipality)| {
            let (name, summary, description, language) = texts;
            let (theme, target_group, community, kind, sphere, positive_health, formality, continuum) = lists;
            let translation = Translation {
                language: "en".parse().expect("a tag"),
                origin: TranslationOrigin::Human,
                name: Some(format!("English {number}")),
                summary: None,
                description: None,
            };
            let offering = Offering {
                name,
                summary,
                description,
                text_language: language.parse().expect("a tag"),
                translations: if number % 3 == 0 { vec![translation] } else { Vec::new() },
                sphere,
                formality,
                kind,
                continuum,
                theme,
                positive_health,
                resilience_resource: None,
                social_quality: None,
                target_group,
                community,
                organization,
                maintainer: None,
                status,
                source: None,
                images: Vec::new(),
                terms,
                sessions,
            };
            PublicOffering {
                id: offering_id(number),
                number: ItemNumber(number),
                municipality,
                version: Version(1),
                changed_at: moment(),
                offering,
            }
        },
    )
}

/// A moment, for what needs one.
pub fn moment() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
}

/// Offerings with the numbers from 1 on.
pub fn any_world() -> impl Strategy<Value = Vec<PublicOffering>> {
    prop::collection::vec(any_offering(0), 20..60).prop_map(|mut offerings| {
        for (number, offering) in (1..).zip(&mut offerings) {
            offering.id = offering_id(number);
            offering.number = ItemNumber(number);
        }
        offerings
    })
}

fn any_concept_filter() -> impl Strategy<Value = (Scheme, Vec<ConceptId>)> {
    select(Scheme::ALL.to_vec())
        .prop_flat_map(|scheme| (Just(scheme), subsequence(concepts(scheme), 1..=2.min(concepts(scheme).len()))))
}

/// Times of today, the coming days, a date beyond the weeks that are kept, and one that was.
fn any_when() -> impl Strategy<Value = When> {
    let date = select(vec![-1, 1, 30, 70, 400]).prop_map(|days| When::Date(today() + chrono::Duration::days(days)));
    prop_oneof![5 => select(When::NAMED.to_vec()), 2 => date]
}

fn any_filters() -> impl Strategy<Value = Filters> {
    let person = (
        option::weighted(0.2, select(vec![3u8, 17, 18, 65, 66, 120])),
        option::weighted(0.2, select(Gender::ALL.to_vec())),
        subsequence(Person::ALL.to_vec(), 0..=3),
    );
    let money = (
        option::weighted(0.2, select(vec![0u32, 100, 250, 999]).prop_map(Euros::from_cents)),
        option::weighted(0.15, select(municipalities())),
    );
    let times = (
        prop_oneof![3 => Just(Vec::new()), 1 => subsequence(WEEK.to_vec(), 1..=3)],
        prop_oneof![3 => Just(Vec::new()), 1 => subsequence(DayPart::ALL.to_vec(), 1..=2)],
        option::weighted(0.4, any_when()),
    );
    let listing = (
        option::weighted(0.15, any::<bool>()),
        option::weighted(0.1, select(organization_ids())),
        prop_oneof![4 => Just(Vec::new()), 1 => subsequence(municipalities(), 1..=2)],
        option::weighted(0.15, any_date()),
    );
    let unknown: Vec<Unknowable> = Unknowable::all().collect();
    let unknown = prop_oneof![
        2 => Just(Vec::new()),
        1 => subsequence(unknown.clone(), 1..6),
        1 => Just(unknown),
    ];
    (prop::collection::vec(any_concept_filter(), 0..3), person, money, times, listing, unknown).prop_map(
        |(concepts, person, money, times, listing, unknown)| Filters {
            concepts: concepts.into_iter().map(|(scheme, ids)| (scheme, ids.into_iter().collect())).collect(),
            age: person.0,
            gender: person.1,
            max_price: money.0,
            city_pass: money.1,
            weekdays: times.0,
            day_parts: times.1,
            when: times.2,
            online: listing.0,
            organization: listing.1,
            municipalities: listing.2,
            assured_since: listing.3,
            include_unknown: unknown.into_iter().collect(),
            only: person.2.into_iter().collect(),
        },
    )
}

/// Two polygons, one of them with a hole.
fn drawn_json() -> serde_json::Value {
    serde_json::json!({ "type": "MultiPolygon", "coordinates": [
        [
            [[4.88, 52.35], [4.93, 52.352], [4.92, 52.375], [4.905, 52.366], [4.89, 52.38], [4.88, 52.35]],
            [[4.898, 52.358], [4.908, 52.358], [4.903, 52.364], [4.898, 52.358]]
        ],
        [[[4.7, 52.2], [4.8, 52.2], [4.8, 52.3], [4.7, 52.2]]]
    ] })
}

/// The same as the library has them.
pub fn drawn() -> geo::MultiPolygon {
    let geometry = serde_json::from_value(drawn_json()).expect("GeoJSON");
    crate::domain::area::shape(&geometry).expect("polygons")
}

fn a_region() -> Arc<Region> {
    Arc::new(Region::from_geojson(&drawn_json()).expect("a region"))
}

fn any_place_filter() -> impl Strategy<Value = PlaceFilter> {
    let radius = option::of(select(vec![1.0, 400.0, 1_000.0, 5_000.0, 200_000.0]));
    let near = (any_position(), radius)
        .prop_map(|(position, radius)| Near { position, radius: radius.and_then(Distance::from_metres) });
    let corner = |lat, lon| Position::new(lat, lon).expect("on earth");
    let bbox = select(vec![
        BoundingBox::new(corner(52.36, 4.90), corner(52.37, 4.92)),
        BoundingBox::new(corner(52.0, 4.0), corner(53.0, 6.0)),
        BoundingBox::new(corner(-90.0, -180.0), corner(90.0, 180.0)),
    ]);
    let areas = prop_oneof![3 => Just(Vec::new()), 1 => subsequence(areas(), 1..3)];
    let within = option::weighted(0.2, Just(a_region()));
    (option::of(near), option::weighted(0.2, bbox), areas, within).prop_map(|(near, bbox, areas, within)| PlaceFilter {
        named: None,
        near,
        bbox: bbox.flatten(),
        within,
        areas,
    })
}

/// A query over everything, in every order.
pub fn any_query() -> impl Strategy<Value = SearchQuery> {
    let (sort, facets) = (select(Sort::ALL.to_vec()), subsequence(Facet::all().collect::<Vec<_>>(), 0..6));
    let off = prop_oneof![4 => Just(Vec::new()), 1 => subsequence(Reads::all().collect::<Vec<_>>(), 1..6)];
    let asked = (option::weighted(0.5, any_question()), any::<bool>(), off);
    (asked, any_place_filter(), any_filters(), sort, facets, any::<bool>()).prop_map(
        |((text, understand, off), place, filters, sort, facets, explain)| SearchQuery {
            text,
            understand,
            off: off.into_iter().collect(),
            sort: if sort == Sort::Distance && place.near.is_none() { Sort::Name } else { sort },
            place,
            filters,
            facets,
            explain,
            page_size: 7,
            ..SearchQuery::default()
        },
    )
}

/// A query by relevance that much fits.
pub fn a_broad_query() -> impl Strategy<Value = SearchQuery> {
    let text = select(WORDS.iter().chain(&["gratis", "bewegen", "schulden"]).copied().collect::<Vec<_>>());
    (text, option::weighted(0.3, any_query())).prop_map(|(text, other)| {
        let SearchQuery { place, facets, .. } = other.unwrap_or_default();
        SearchQuery { text: Some(text.to_owned()), place, facets, page_size: 7, ..SearchQuery::default() }
    })
}
