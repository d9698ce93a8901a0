//! The columns of a CSV file of offerings: the one table that reading, writing, the template and `docs/import.md`
//! follow.

use std::cmp::Ordering;

use super::cell::Kind::{
    self, Channel, Choice, Choices, Concept, Concepts, Date, Flag, Json, Number, Text, Texts, Time, Weekdays, Whole,
};
use crate::domain::{LanguageTag, Scheme};

/// One column.
pub(super) struct Column {
    pub name: &'static str,
    pub level: Level,
    /// Where its value belongs: a JSON pointer into the offering or the session; `*` stands for the place in a list
    /// that several columns fill together, the first value of each for the first item, and so on.
    pub target: &'static str,
    pub kind: Kind,
    /// What it means, for people.
    pub about: &'static str,
}

/// What a column tells about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Level {
    /// Whose listing it is: beside the form.
    Tenant,
    /// The offering; the same in each of its rows, or only in the first.
    Offering,
    /// The offering in its first row, the session alone in a further one.
    Terms,
    /// The session.
    Session,
}

const fn offering(name: &'static str, target: &'static str, kind: Kind, about: &'static str) -> Column {
    Column { name, level: Level::Offering, target, kind, about }
}

const fn terms(name: &'static str, target: &'static str, kind: Kind, about: &'static str) -> Column {
    Column { name, level: Level::Terms, target, kind, about }
}

const fn session(name: &'static str, target: &'static str, kind: Kind, about: &'static str) -> Column {
    Column { name, level: Level::Session, target, kind, about }
}

const ROLES: Kind =
    Choice(&[("lead", "aanbieder"), ("partner", "partner"), ("venue", "locatie"), ("funder", "financier")]);
const STATES: Kind = Choice(&[
    ("published", "gepubliceerd"),
    ("draft", "concept"),
    ("temporarily_closed", "tijdelijk gesloten"),
    ("archived", "gearchiveerd"),
]);
const LEVELS: Kind = Choice(&[("none", "geen"), ("a1", ""), ("a2", ""), ("b1", ""), ("b2", ""), ("c1", "")]);
const UNITS: Kind =
    Choice(&[("visit", "keer"), ("month", "maand"), ("quarter", "kwartaal"), ("year", "jaar"), ("course", "cursus")]);
const EXTRAS: Kind =
    Choice(&[("material", "materiaal"), ("clothes", "kleding"), ("deposit", "borg"), ("other", "anders")]);
const EFFECTS: Kind = Choice(&[("free", "gratis"), ("discount", "korting")]);
const JOINING: Kind = Choices(&[("walk_in", "inloop"), ("registration", "aanmelden"), ("intake", "kennismaking")]);
const REFERRALS: Kind = Choice(&[("not_needed", "niet nodig"), ("possible", "mogelijk"), ("needed", "nodig")]);
const PAPERS: Kind = Choices(&[
    ("none", "niets"),
    ("first_name", "voornaam"),
    ("id", "legitimatie"),
    ("bsn", ""),
    ("insurance", "zorgpas"),
]);
const ROOM: Kind = Choice(&[("open", "plek"), ("waiting", "wachtlijst"), ("full", "vol")]);
const PLACES: Kind =
    Choice(&[("physical", "locatie"), ("virtual", "online"), ("home", "thuis"), ("nationwide", "landelijk")]);
const VISIBILITIES: Kind =
    Choice(&[("full", "volledig"), ("street", "straat"), ("neighbourhood", "buurt"), ("secret", "geheim")]);
const HOLIDAYS: Kind = Choice(&[("open", "gaat door"), ("closed", "dicht")]);
const REGIONS: Kind = Choice(&[("north", "noord"), ("middle", "midden"), ("south", "zuid")]);

/// Where the channels of the contact are.
pub(super) const CHANNELS: &str = "/contact/0/channels";

/// Every column, in the order of the template. Only `name` is required.
#[rustfmt::skip] // A table reads as a table.
pub(super) const COLUMNS: &[Column] = &[
    offering("external_id", "/source/externalId", Text,
        "what your own system calls this listing; finds it again at the next import"),
    offering("name", "/name", Text, "what it is called, at most 120 characters; **required**"),
    offering("summary", "/summary", Text, "one sentence in plain Dutch, at most 300 characters"),
    offering("description", "/description", Text, "more about it, at most 10,000 characters"),
    offering("language", "/textLanguage", Text, "language of these texts, as `nl`; `nl` when empty"),
    offering("sphere", "/sphere", Concepts(Scheme::Sphere), "the sphere of the sociale basis"),
    offering("formality", "/formality", Concept(Scheme::Formality), "carried by residents, by paid staff, or by both"),
    offering("kind", "/kind", Concepts(Scheme::Kind), "what sort of thing it is"),
    offering("continuum", "/continuum", Concept(Scheme::Continuum),
        "the place between self-care and professional help"),
    offering("theme", "/theme", Concepts(Scheme::Theme), "what it is about; the main theme first"),
    offering("positive_health", "/positiveHealth", Concepts(Scheme::PositiveHealth),
        "follows from the themes when empty"),
    offering("resilience_resource", "/resilienceResource", Concepts(Scheme::ResilienceResource),
        "follows from the themes when empty"),
    offering("social_quality", "/socialQuality", Concepts(Scheme::SocialQuality), "follows from the themes when empty"),
    offering("target_group", "/targetGroup", Concepts(Scheme::TargetGroup), "for whom it is"),
    offering("community", "/community", Concepts(Scheme::Community), "language or background that people share"),
    offering("organization", "/organization/*/name", Text, "who offers it"),
    offering("organization_role", "/organization/*/role", ROLES,
        "its part; when empty `lead` for the first and `partner` for the others"),
    offering("provider_type", "/organization/*/providerType", Concept(Scheme::ProviderType),
        "what kind of provider it is"),
    offering("kvk", "/organization/*/kvk", Text, "number in the trade register, 8 digits"),
    offering("website", "/organization/*/website", Text, "its pages"),
    offering("organization_phone", "/organization/*/phone", Text, "its telephone number"),
    offering("organization_email", "/organization/*/email", Text, "its e-mail address"),
    offering("maintainer_role", "/maintainer/role", Text, "who is asked whether this is still true; not published"),
    offering("maintainer_organization", "/maintainer/organization", Text, "of which organization"),
    offering("maintainer_email", "/maintainer/email", Text, "where to ask"),
    offering("status", "/status/state", STATES, "`published` when empty"),
    offering("status_from", "/status/from", Date, "first day of this status"),
    offering("status_until", "/status/until", Date, "last day of this status"),
    offering("status_reason", "/status/reason", Text, "why, as `zomerstop`"),
    offering("source", "/source/name", Text, "name of the source; `--source` when empty"),
    offering("source_url", "/source/url", Text, "page where the source shows it"),
    offering("licence", "/source/licence", Text, "licence of the source, as `CC0-1.0`"),
    Column { name: "municipality", level: Level::Tenant, target: "/municipality", kind: Text,
        about: "who keeps it: `GM` and four digits, or `NL`; `--municipality` when empty" },
    terms("assured_date", "/assured/date", Date, "day on which somebody checked that this is true"),
    terms("assured_by", "/assured/by", Text, "who checked: a role or an organization"),
    terms("age_from", "/age/from", Whole, "youngest age"),
    terms("age_to", "/age/to", Whole, "oldest age, included"),
    terms("gender_setting", "/genderSetting", Concept(Scheme::GenderSetting), "with whom one takes part"),
    terms("spoken_language", "/language", Concepts(Scheme::Language), "languages that are spoken there"),
    terms("dutch_level", "/dutchLevel", LEVELS, "how much Dutch one needs at least"),
    terms("accessibility", "/accessibility", Concepts(Scheme::Accessibility),
        "what makes it usable; `none` (geen) when nothing does, empty when unknown"),
    terms("cost", "/cost/category", Concept(Scheme::Cost), "kind of cost; empty is unknown, not free"),
    terms("price", "/cost/prices/*/amount", Number, "amount in euros"),
    terms("price_per", "/cost/prices/*/per", UNITS, "what the amount pays for"),
    terms("price_for", "/cost/prices/*/for", Text, "who pays it, as `kinderen`"),
    terms("extra_cost", "/cost/extras/*/what", EXTRAS, "cost beside the price"),
    terms("extra_cost_price", "/cost/extras/*/amount", Number, "its amount in euros"),
    terms("extra_cost_note", "/cost/extras/*/note", Text, "more about it"),
    terms("city_pass", "/cost/passes/*/municipality", Text, "municipality whose pass makes it cheaper, as `GM0363`"),
    terms("city_pass_effect", "/cost/passes/*/effect", EFFECTS, "what the pass does"),
    terms("city_pass_price", "/cost/passes/*/amount", Number, "what is left to pay with the pass"),
    terms("joining", "/access/joining", JOINING, "how to join"),
    terms("referral", "/access/referral", REFERRALS, "whether somebody must refer you"),
    terms("municipal_decision", "/access/municipalDecision", Flag, "whether the municipality must decide first (Wmo)"),
    terms("identification", "/access/identification", PAPERS, "what is asked to know who you are"),
    terms("anonymous", "/access/anonymous", Flag, "whether you may stay anonymous"),
    terms("beside_benefit", "/access/besideBenefit", Flag, "whether it is allowed beside a benefit"),
    terms("accompanied", "/access/accompanied", Flag, "whether somebody comes along the first time"),
    terms("transport", "/access/transport", Text, "how people are fetched or brought"),
    terms("capacity", "/capacity/state", ROOM, "whether there is room"),
    terms("waiting_weeks", "/capacity/weeks", Whole, "weeks of waiting"),
    terms("capacity_date", "/capacity/asOf", Date, "day on which this was so"),
    terms("contact_role", "/contact/0/role", Text,
        "role of who answers, as `Gastvrouw`; needed when there is a phone or the like"),
    terms("phone", CHANNELS, Channel("phone"), "telephone"),
    terms("whatsapp", CHANNELS, Channel("whatsapp"), "WhatsApp"),
    terms("sms", CHANNELS, Channel("sms"), "text messages"),
    terms("email", CHANNELS, Channel("email"), "e-mail"),
    terms("form", CHANNELS, Channel("form"), "web address of a form"),
    terms("visit", CHANNELS, Channel("visit"), "where to walk in, in words"),
    terms("contact_hours", "/contact/0/channels/0/hours", Text,
        "when somebody answers; of the first that is filled in, from `phone` on"),
    terms("contact_language", "/contact/0/channels/0/language", Concepts(Scheme::Language),
        "in which languages; of the first that is filled in, from `phone` on"),
    terms("say_this", "/contact/0/sayThis", Text, "what to say when you call"),
    session("session_label", "/label", Text, "what sets this group apart, as `vrouwengroep`"),
    session("place", "/place/type", PLACES, "when empty it follows from the columns below"),
    session("location_name", "/place/name", Text, "name of the location"),
    session("street", "/place/address/street", Text, "street"),
    session("house_number", "/place/address/houseNumber", Text, "house number with additions"),
    session("postcode", "/place/address/postcode", Text, "postcode, as `1018NW`"),
    session("city", "/place/address/city", Text, "town"),
    session("bag_id", "/place/address/bagId", Text, "BAG nummeraanduiding, 16 digits"),
    session("latitude", "/place/position/latitude", Number, "degrees north (WGS 84), about 52"),
    session("longitude", "/place/position/longitude", Number, "degrees east, about 5"),
    session("rd_x", "/place/position/x", Number,
        "or metres of the Dutch grid (RD, EPSG:28992) to the east, about 120000; not beside degrees"),
    session("rd_y", "/place/position/y", Number, "and to the north, about 487000"),
    session("location_accessibility", "/place/accessibility", Concepts(Scheme::Accessibility),
        "what makes the building usable"),
    session("visibility", "/place/visibility", VISIBILITIES, "what the public sees of the address; `full` when empty"),
    session("area", "/place/area", Texts, "CBS codes of where it lies; follow from the position when empty"),
    session("service_area", "/serviceArea", Texts, "CBS codes of the areas whose residents it is for"),
    session("service_region", "/serviceRegion", Json, "or the region, as a GeoJSON Polygon or MultiPolygon"),
    session("online_url", "/place/url", Text, "web address of an online group"),
    session("times", "/when", Text,
        "when it is, in words, as `ma t/m vr 9-17 u` or `Mo-Fr 09:00-17:00`; only where the columns below are empty"),
    session("weekday", "/schedules/0/rule", Weekdays, "the days on which it is every week, as `dinsdag|donderdag`"),
    session("rule", "/schedules/0/rule", Text, "or a rule (RFC 5545), as `FREQ=MONTHLY;BYDAY=1TU`; not both"),
    session("from", "/schedules/0/from", Date, "first date; without weekday and rule the only one"),
    session("until", "/schedules/0/until", Date, "last date"),
    session("starts_at", "/schedules/0/startsAt", Time, "when it begins"),
    session("ends_at", "/schedules/0/endsAt", Time, "when it ends"),
    session("public_holidays", "/schedules/0/holidays/public", HOLIDAYS, "on public holidays"),
    session("school_holidays", "/schedules/0/holidays/school", HOLIDAYS, "in school holidays"),
    session("summer_holidays", "/schedules/0/holidays/summer", HOLIDAYS,
        "in the summer holidays of schools, where that is otherwise"),
    session("school_region", "/schedules/0/holidays/schoolRegion", REGIONS, "whose school holidays"),
    session("enrolment_opens", "/enrolment/opens", Date, "first day on which one can enrol"),
    session("enrolment_closes", "/enrolment/closes", Date, "last day on which one can enrol"),
    session("course_starts", "/enrolment/startsOn", Date, "day of the first lesson"),
    session("lessons", "/enrolment/lessons", Whole, "how many lessons"),
    session("join_late", "/enrolment/joinLate", Flag, "whether one may join after the first lesson"),
    session("trial", "/enrolment/trial", Flag, "whether one may try it first"),
];

/// The columns of the texts in another language: one of these and a language tag, as `name_en` or `summary_ar-Latn`.
pub(super) const TRANSLATED: [(&str, &str); 4] =
    [("name_", "name"), ("summary_", "summary"), ("description_", "description"), ("translated_by_", "origin")];

/// The column with this name.
pub(super) fn named(name: &str) -> Option<&'static Column> {
    COLUMNS.iter().find(|column| column.name == name)
}

/// The language and key of a translation's column, as `en` and `summary` of `summary_en`.
pub(super) fn translated(name: &str) -> Option<(LanguageTag, &'static str)> {
    TRANSLATED.iter().find_map(|(prefix, key)| Some((name.strip_prefix(prefix)?.parse().ok()?, *key)))
}

/// The column into which a value at this pointer belongs, or the nearest to it.
pub(super) fn of_pointer(pointer: &str) -> Option<&'static str> {
    // What stands in a session, below it.
    let inner = pointer.strip_prefix("/sessions/").and_then(|rest| rest.find('/').map(|at| &rest[at..]));
    let matches = |target: &str, pointer: &str, depth: Ordering| {
        let same = |(wanted, given): (&str, &str)| wanted == given || (wanted == "*" && given.parse::<usize>().is_ok());
        let depths = target.split('/').count().cmp(&pointer.split('/').count());
        depths == depth && !pointer.is_empty() && target.split('/').zip(pointer.split('/')).all(same)
    };
    let found = |depth: Ordering| {
        COLUMNS.iter().find(|column| match column.level {
            Level::Tenant | Level::Offering => inner.is_none() && matches(column.target, pointer, depth),
            Level::Terms => matches(column.target, inner.unwrap_or(pointer), depth),
            Level::Session => inner.is_some_and(|inner| matches(column.target, inner, depth)),
        })
    };
    // Just this value, then the parts of it, then what it is part of.
    let column = found(Ordering::Equal).or_else(|| found(Ordering::Greater)).or_else(|| found(Ordering::Less));
    column.map(|column| column.name)
}

/// The table of columns as Markdown, for `docs/import.md`.
pub fn markdown() -> String {
    let mut text = String::from("| column | what to write | meaning |\n| --- | --- | --- |\n");
    for Column { name, kind, about, target, .. } in COLUMNS {
        let several = if target.contains('*') { "; several with `|`" } else { "" };
        let what = format!("{}{several}", kind.describe()).replace('|', "\\|");
        text += &format!("| `{name}` | {what} | {} |\n", about.replace('|', "\\|"));
    }
    text += "| `name_en`, `summary_en`, `description_en` | text | \
             the texts in another language; any language tag may stand for `en` |\n";
    text += "| `translated_by_en` | `human`, `machine`, `reviewed` | who translated; `human` when empty |\n";
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_has_its_own_name() {
        let mut names: Vec<_> = COLUMNS.iter().map(|column| column.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), COLUMNS.len());
        // Otherwise a column would be taken for a translation.
        assert!(COLUMNS.iter().all(|column| translated(column.name).is_none()));
    }

    #[test]
    fn a_fault_is_told_at_the_column_it_belongs_to() {
        for (pointer, column) in [
            ("/name", Some("name")),
            ("/organization/1/name", Some("organization")),
            ("/cost/prices/0/per", Some("price_per")),
            ("/sessions/2/cost/prices/0/per", Some("price_per")),
            ("/sessions/0/place/position/longitude", Some("longitude")),
            ("/contact/0/channels", Some("phone")),
            ("/contact/0/channels/0/type", Some("phone")),
            ("/cost/prices/1", Some("price")),
            ("/sessions/1/place/address", Some("street")),
            ("/municipality", Some("municipality")),
            ("/label", None),
            ("/sessions/0/name", None),
            ("", None),
        ] {
            assert_eq!(of_pointer(pointer), column, "{pointer}");
        }
    }
}
