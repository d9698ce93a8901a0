//! From what somebody sent to an offering: the one road in for files, requests and suggestions.
//!
//! The form is described in `docs/offering-form.md`.

use serde_json::Value;

use super::access::{Access, Capacity};
use super::area::AreaCode;
use super::contact::{Channel, ChannelType, Contact};
use super::cost::{CityPass, Cost, Euros, ExtraCost, Price};
use super::offering::{
    AgeRange, Assurance, Image, Involvement, Maintainer, Offering, Organization, Place, Session, Source, Status, Terms,
    Translation,
};
use super::place::{Address, Location, Position};
use super::reader::{ObjectReader, Reading, Violation};
use super::region::{MOST_POINTS, Region};
use super::schedule::{Enrolment, Holidays, Schedule, ScheduleException, amsterdam, parse_time};
use super::text::LanguageTag;
use super::vocabulary::{Scheme, Vocabulary};

/// The most characters of a name.
pub const MAX_NAME: usize = 120;
/// The most characters of a summary.
pub const MAX_SUMMARY: usize = 300;
/// The most characters of a description.
pub const MAX_DESCRIPTION: usize = 10_000;
/// The most characters of a label, a role or a note of one line.
pub const MAX_LINE: usize = 300;

/// An offering as somebody sent it: JSON that nobody has checked.
#[derive(Clone, Debug, PartialEq)]
pub struct OfferingDraft(pub Value);

impl OfferingDraft {
    /// Checks the draft: an offering, or every violation at once.
    pub fn check(&self, vocabulary: &Vocabulary) -> Result<Offering, Vec<Violation>> {
        let reading = Reading::new(vocabulary);
        let offering = ObjectReader::new(&reading, &self.0, String::new()).and_then(|o| {
            let read = read_offering(&o);
            o.end();
            read
        });
        reading.finish(offering)
    }
}

fn read_offering(o: &ObjectReader<'_>) -> Option<Offering> {
    // What an export carries beside the content is not the sender's to set.
    for key in ["id", "number", "version", "municipality", "changedAt", "createdAt"] {
        o.ignore(key);
    }
    Some(Offering {
        name: o.required("name", o.line("name", MAX_NAME)).unwrap_or_default(),
        summary: o.line("summary", MAX_SUMMARY),
        description: o.text("description", MAX_DESCRIPTION),
        text_language: o.parse("textLanguage").unwrap_or_else(LanguageTag::dutch),
        translations: o.objects("translations", read_translation),
        sphere: o.concepts("sphere", Scheme::Sphere).unwrap_or_default(),
        formality: o.concept("formality", Scheme::Formality),
        kind: o.concepts("kind", Scheme::Kind).unwrap_or_default(),
        continuum: o.concept("continuum", Scheme::Continuum),
        theme: o.concepts("theme", Scheme::Theme).unwrap_or_default(),
        positive_health: o.concepts("positiveHealth", Scheme::PositiveHealth),
        resilience_resource: o.concepts("resilienceResource", Scheme::ResilienceResource),
        social_quality: o.concepts("socialQuality", Scheme::SocialQuality),
        target_group: o.concepts("targetGroup", Scheme::TargetGroup).unwrap_or_default(),
        community: o.concepts("community", Scheme::Community).unwrap_or_default(),
        organization: o.objects("organization", read_involvement),
        maintainer: o.object("maintainer", |m| {
            Some(Maintainer {
                role: m.required("role", m.line("role", MAX_LINE)).unwrap_or_default(),
                organization: m.line("organization", MAX_LINE),
                email: m.parse("email"),
            })
        }),
        status: o.object("status", read_status).unwrap_or_default(),
        source: o.object("source", |s| {
            Some(Source {
                name: s.required("name", s.line("name", MAX_LINE)).unwrap_or_default(),
                external_id: s.line("externalId", 200),
                url: s.parse("url"),
                licence: s.line("licence", MAX_LINE),
            })
        }),
        images: o.objects("images", |i| {
            Some(Image {
                file: i.required("file", i.line("file", MAX_LINE)).unwrap_or_default(),
                alt: i.required("alt", i.line("alt", MAX_LINE)).unwrap_or_default(),
                rights: i.line("rights", MAX_LINE),
            })
        }),
        terms: read_terms(o),
        sessions: read_sessions(o),
    })
}

fn read_translation(t: &ObjectReader<'_>) -> Option<Translation> {
    let language = t.required("language", t.parse("language"));
    let origin = t.required("origin", t.choice("origin", &["human", "machine", "reviewed"]));
    let (name, summary, description) =
        (t.line("name", MAX_NAME), t.line("summary", MAX_SUMMARY), t.text("description", MAX_DESCRIPTION));
    if name.is_none() && summary.is_none() && description.is_none() {
        t.fault("name", "a translation has at least one of name, summary and description");
    }
    Some(Translation { language: language?, origin: origin?, name, summary, description })
}

fn read_involvement(o: &ObjectReader<'_>) -> Option<Involvement> {
    o.ignore("id");
    let role = o.required("role", o.choice("role", &["lead", "partner", "venue", "funder"]));
    let organization = Organization {
        id: None,
        name: o.required("name", o.line("name", MAX_NAME)).unwrap_or_default(),
        provider_type: o.concept("providerType", Scheme::ProviderType),
        kvk: o.parse_with("kvk", |text| {
            let digits = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
            if digits {
                Ok(text.to_owned())
            } else {
                Err(format!("'{text}' is not a number of the trade register: give 8 digits"))
            }
        }),
        website: o.parse("website"),
        email: o.parse("email"),
        phone: o.parse("phone"),
    };
    Some(Involvement { role: role?, organization })
}

fn read_status(s: &ObjectReader<'_>) -> Option<Status> {
    let (from, until) = (s.date("from"), s.date("until"));
    if from.zip(until).is_some_and(|(from, until)| until < from) {
        s.fault("until", "the last day lies before the first");
    }
    let state = s.choice("state", &["draft", "published", "temporarily_closed", "archived"]).unwrap_or_default();
    Some(Status { state, from, until, reason: s.line("reason", MAX_LINE) })
}

fn read_terms(o: &ObjectReader<'_>) -> Terms {
    Terms {
        age: o.object("age", |a| {
            let (from, to) = (a.whole("from", 120), a.whole("to", 120));
            if from.is_none() && to.is_none() {
                a.fault("from", "give at least one of from and to");
            }
            if from.zip(to).is_some_and(|(from, to): (u8, u8)| to < from) {
                a.fault("to", "the oldest age is lower than the youngest");
            }
            Some(AgeRange { from, to })
        }),
        gender_setting: o.concept("genderSetting", Scheme::GenderSetting),
        language: o.concepts("language", Scheme::Language),
        dutch_level: o.choice("dutchLevel", &["none", "a1", "a2", "b1", "b2", "c1"]),
        accessibility: o.concepts("accessibility", Scheme::Accessibility),
        cost: o.object("cost", read_cost),
        access: o.object("access", read_access),
        capacity: o.object("capacity", |c| {
            let state = c.required("state", c.choice("state", &["open", "waiting", "full"]));
            let (weeks, as_of) = (c.whole("weeks", 520), c.date("asOf"));
            Some(Capacity { state: state?, weeks, as_of })
        }),
        contact: Some(o.objects("contact", read_contact)).filter(|contacts| !contacts.is_empty()),
        assured: o.object("assured", |a| {
            let (date, by) = (a.required("date", a.date("date")), a.line("by", MAX_LINE));
            Some(Assurance { date: date?, by })
        }),
    }
}

fn read_cost(c: &ObjectReader<'_>) -> Option<Cost> {
    Some(Cost {
        category: c.concept("category", Scheme::Cost),
        prices: c.objects("prices", |p| {
            let amount = p.required("amount", p.number::<Euros>("amount"));
            let per = p.required("per", p.choice("per", &["visit", "month", "quarter", "year", "course"]));
            let audience = p.line("for", MAX_LINE);
            Some(Price { amount: amount?, per: per?, audience })
        }),
        extras: c.objects("extras", |e| {
            let what = e.required("what", e.choice("what", &["material", "clothes", "deposit", "other"]));
            let (amount, note) = (e.number("amount"), e.line("note", MAX_LINE));
            Some(ExtraCost { what: what?, amount, note })
        }),
        passes: c.objects("passes", |p| {
            let municipality = p.required("municipality", p.parse("municipality"));
            let effect = p.required("effect", p.choice("effect", &["free", "discount"]));
            let amount = p.number("amount");
            Some(CityPass { municipality: municipality?, effect: effect?, amount })
        }),
    })
}

fn read_access(a: &ObjectReader<'_>) -> Option<Access> {
    let access = Access {
        joining: a.choices("joining", &["walk_in", "registration", "intake"]),
        referral: a.choice("referral", &["not_needed", "possible", "needed"]),
        municipal_decision: a.flag("municipalDecision"),
        identification: a.choices("identification", &["none", "first_name", "id", "bsn", "insurance"]),
        anonymous: a.flag("anonymous"),
        beside_benefit: a.flag("besideBenefit"),
        accompanied: a.flag("accompanied"),
        transport: a.line("transport", MAX_LINE),
    };
    use super::access::Identification::{Bsn, Id, None as Nothing};
    if access.identification.contains(&Nothing) && access.identification.len() > 1 {
        a.fault("identification", "'none' stands alone: either nothing is asked or something is");
    }
    if access.anonymous == Some(true) && access.identification.iter().any(|asked| matches!(asked, Id | Bsn)) {
        a.fault("anonymous", "who must show a document or a number is not anonymous");
    }
    Some(access)
}

fn read_contact(c: &ObjectReader<'_>) -> Option<Contact> {
    let channels = c.objects("channels", |ch| {
        let kind: Option<ChannelType> =
            ch.required("type", ch.choice("type", &["phone", "sms", "whatsapp", "email", "form", "visit"]));
        let value = ch.required("value", ch.line("value", MAX_LINE));
        let (hours, language) =
            (ch.line("hours", MAX_LINE), ch.concepts("language", Scheme::Language).unwrap_or_default());
        let kind = kind?;
        let value = kind.check(&value?).map_err(|detail| ch.fault("value", detail)).ok()?;
        Some(Channel { kind, value, hours, language })
    });
    if channels.is_empty() {
        c.fault("channels", "give at least one way to reach this contact");
    }
    let role = c.required("role", c.line("role", MAX_LINE)).unwrap_or_default();
    Some(Contact { role, channels, say_this: c.line("sayThis", MAX_LINE) })
}

fn read_sessions(o: &ObjectReader<'_>) -> Vec<Session> {
    let sessions = o.objects("sessions", read_session);
    let points: usize = sessions.iter().filter_map(|session| session.service_region.as_ref()).map(Region::points).sum();
    if points > MOST_POINTS {
        let detail = format!("their regions have {points} points together; at most {MOST_POINTS} are allowed");
        o.fault("sessions", format!("{detail}: simplify them, or give area codes"));
    }
    sessions
}

fn read_session(s: &ObjectReader<'_>) -> Option<Session> {
    s.ignore("id");
    Some(Session {
        id: None,
        label: s.line("label", MAX_NAME),
        place: s.object("place", read_place),
        service_area: s.values::<AreaCode>("serviceArea"),
        service_region: s.json("serviceRegion", Region::from_geojson),
        schedules: s.objects("schedules", read_schedule),
        when: s.line("when", MAX_LINE),
        exceptions: s.objects("exceptions", read_exception),
        enrolment: s.object("enrolment", |e| {
            Some(Enrolment {
                opens: e.date("opens"),
                closes: e.date("closes"),
                starts_on: e.date("startsOn"),
                lessons: e.whole("lessons", 500),
                join_late: e.flag("joinLate"),
                trial: e.flag("trial"),
            })
        }),
        terms: read_terms(s),
    })
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum PlaceType {
    Physical,
    Virtual,
    Home,
    Nationwide,
}

fn read_place(p: &ObjectReader<'_>) -> Option<Place> {
    match p.required("type", p.choice("type", &["physical", "virtual", "home", "nationwide"]))? {
        PlaceType::Virtual => Some(Place::Virtual { url: p.parse("url") }),
        PlaceType::Home => Some(Place::Home),
        PlaceType::Nationwide => Some(Place::Nationwide),
        PlaceType::Physical => {
            p.ignore("id");
            p.ignore("areaFound");
            Some(Place::Physical(Location {
                id: None,
                name: p.line("name", MAX_NAME),
                address: p.object("address", |a| {
                    Some(Address {
                        street: a.line("street", MAX_NAME),
                        house_number: a.line("houseNumber", 20),
                        postcode: a.parse("postcode"),
                        city: a.line("city", MAX_NAME),
                        bag_id: a.parse_with("bagId", |text| {
                            let digits = text.len() == 16 && text.bytes().all(|b| b.is_ascii_digit());
                            if digits {
                                Ok(text.to_owned())
                            } else {
                                Err(format!("'{text}' is not an id of the BAG: give 16 digits"))
                            }
                        }),
                    })
                }),
                position: p.object("position", read_position),
                accessibility: p.concepts("accessibility", Scheme::Accessibility),
                visibility: p.choice("visibility", &["full", "street", "neighbourhood", "secret"]).unwrap_or_default(),
                area: p.values::<AreaCode>("area"),
                area_found: false,
            }))
        }
    }
}

fn read_position(p: &ObjectReader<'_>) -> Option<Position> {
    struct Degrees(f64);
    impl From<f64> for Degrees {
        fn from(number: f64) -> Self {
            Self(number)
        }
    }
    if let (Some(Degrees(x)), Some(Degrees(y))) = (p.number::<Degrees>("x"), p.number::<Degrees>("y")) {
        let at = Position::from_rd(x, y);
        if at.is_none() {
            p.fault("x", format!("'{x},{y}' are no metres of the Dutch grid (RD, EPSG:28992), as 121394,487383"));
        }
        return at;
    }
    let latitude = p.required("latitude", p.number::<Degrees>("latitude"));
    let longitude = p.required("longitude", p.number::<Degrees>("longitude"));
    let (Degrees(lat), Degrees(lon)) = (latitude?, longitude?);
    let at = Position::new(lat, lon).map_err(|e| p.fault("latitude", e.to_string())).ok()?;
    let swapped = Position::new(lon, lat).is_ok_and(Position::is_near_the_netherlands);
    if !at.is_near_the_netherlands() && swapped {
        p.fault("latitude", format!("'{lat},{lon}' lies outside the Netherlands, but swapped it does not: latitude is about 52, longitude about 5"));
        return None;
    }
    // What sources write when they know no position.
    if lat == 0.0 && lon == 0.0 {
        p.fault("latitude", "0,0 lies in the Atlantic Ocean: leave the position out when it is unknown");
        return None;
    }
    Some(at)
}

fn read_schedule(s: &ObjectReader<'_>) -> Option<Schedule> {
    let (from, until) = (s.date("from"), s.date("until"));
    if from.zip(until).is_some_and(|(from, until)| until < from) {
        s.fault("until", "the last date lies before the first");
    }
    let rule = s.parse("rule");
    if rule.is_none() && from.is_none() {
        s.fault("from", "a schedule has a rule, or a date on which it is once");
    }
    let (starts_at, ends_at) = (s.parse_with("startsAt", parse_time), s.parse_with("endsAt", parse_time));
    if starts_at.is_none() && ends_at.is_some() {
        s.fault("startsAt", "an end needs a beginning");
    }
    let time_zone = s.parse_with("timeZone", |text| {
        text.parse().map_err(|_| format!("'{text}' is not a time zone of IANA: give one as Europe/Amsterdam"))
    });
    let holidays = s.object("holidays", |h| {
        Some(Holidays {
            public: h.choice("public", &["open", "closed"]),
            school: h.choice("school", &["open", "closed"]),
            summer: h.choice("summer", &["open", "closed"]),
            school_region: h.choice("schoolRegion", &["north", "middle", "south"]),
        })
    });
    Some(Schedule { rule, from, until, starts_at, ends_at, time_zone: time_zone.unwrap_or_else(amsterdam), holidays })
}

fn read_exception(e: &ObjectReader<'_>) -> Option<ScheduleException> {
    let date = e.required("date", e.date("date"));
    let change = e.required("change", e.choice("change", &["cancelled", "moved", "extra"]));
    let made = ScheduleException {
        date: date.unwrap_or_default(),
        change: change.unwrap_or(super::schedule::ExceptionKind::Extra),
        new_date: e.date("newDate"),
        starts_at: e.parse_with("startsAt", parse_time),
        ends_at: e.parse_with("endsAt", parse_time),
        place: e.line("place", MAX_LINE),
        reason: e.line("reason", MAX_LINE),
        announced_on: e.date("announcedOn"),
    };
    (date.is_some() && change.is_some()).then_some(made)
}
