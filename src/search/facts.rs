//! What search needs to know of an offering and its sessions, and how that is kept in the index.
//!
//! Each document of the index carries its facts as a few bytes, which a [`super::columns::Columns`] reads once into
//! memory.

use chrono::{Datelike, NaiveDate};

use crate::domain::schedule::ExceptionKind;
use crate::domain::text::fold;
use crate::domain::{
    AreaCode, CapacityState, Joining, MunicipalityCode, OrganizationId, PassEffect, Place, Position, PublicOffering,
    Region, Role, Scheme, Session, Slots, Timetable,
};

use super::agenda::Times;
use super::layout::{Bits, Layout};

/// A price that is not known.
pub(super) const UNKNOWN_PRICE: u32 = u32::MAX;
/// A day that is not known: before every other.
pub(super) const UNKNOWN_DAY: i32 = i32::MIN;

/// The last day of what goes on: after every other.
pub(super) const FOR_EVER: i32 = i32::MAX;

/// What kind of place a session has, one bit each.
pub(super) mod flag {
    pub const VIRTUAL: u8 = 1;
    pub const HOME: u8 = 2;
    pub const NATIONWIDE: u8 = 4;
    /// Some age is stated.
    pub const AGE: u8 = 8;
    /// The statement about room says that one need not wait.
    pub const NO_WAIT: u8 = 16;
    /// The statement about room says that one must wait.
    pub const WAIT: u8 = 32;
    /// In memory only: in some parts of the week it is on until a day.
    pub const ENDS: u8 = 128;
    /// In memory only: it is at no place that is known in every way, so it may be offered beside hits at a place.
    pub const ELSEWHERE: u8 = 64;
    /// It is at no place at all.
    pub const NOWHERE: u8 = VIRTUAL | HOME | NATIONWIDE;
}

/// How one gets in, one bit each.
pub(super) mod door {
    /// One may just come.
    pub const WALK_IN: u8 = 1;
    /// It is a line to call or write to.
    pub const LINE: u8 = 2;
    /// The statement about room says that there is none.
    pub const FULL: u8 = 4;
    /// It is not known on which dates it is.
    pub const UNKNOWN_TIMES: u8 = 8;
}

/// The facts of an offering.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct OfferingFacts {
    pub number: i64,
    pub municipality: u16,
    /// The place in the layout of its first theme, which it is most about; nothing when none is known.
    pub main_theme: Option<u16>,
    /// The last day on which any of its sessions was checked.
    pub assured: i32,
    /// The folded name, to sort by.
    pub name: String,
    pub organizations: Vec<u128>,
    /// The first and the last day on which it is found.
    pub shown: (i32, i32),
    pub sessions: Vec<SessionFacts>,
}

/// The facts of one effective session.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SessionFacts {
    pub bits: Bits,
    /// The parts of the week in which it is on and stays on.
    pub slots: u32,
    /// The parts of the week in which it is on until a day.
    pub ends: Vec<(i32, u32)>,
    /// Cents for one visit.
    pub price: u32,
    /// The price of a visit with the pass of a municipality.
    pub passes: Vec<(u16, u32)>,
    pub age: (u8, u8),
    pub flags: u8,
    pub position: Option<Position>,
    pub areas: Vec<AreaKey>,
    pub service_areas: Vec<AreaKey>,
    /// The region whose residents it is for.
    pub service_region: Option<Region>,
    pub assured: i32,
    /// The last day on which the statement about room is believed.
    pub room_until: i32,
    /// How one gets in.
    pub door: u8,
    /// The first day on which one can no longer join what began before.
    pub no_more_from: i32,
    pub times: Times,
}

/// An area code as a number: six bits a character after the first two letters, from the left, so that an area's
/// number is the beginning of the numbers of its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct AreaKey(pub u64);

impl AreaKey {
    const LONGEST: usize = 8;

    pub fn new(code: &AreaCode) -> Self {
        let mut key = 0;
        for byte in code.as_str().bytes().skip(2).take(Self::LONGEST) {
            let digit = if byte.is_ascii_digit() { byte - b'0' } else { byte - b'A' + 10 };
            key = key << 6 | u64::from(digit + 1);
        }
        Self(key << (6 * (Self::LONGEST + 2 - code.as_str().len())))
    }

    /// The last number that a part of this area can have.
    pub fn last(self) -> Self {
        let unused = if self.0 == 0 { 0 } else { self.0.trailing_zeros() / 6 * 6 };
        Self(self.0 | ((1 << unused) - 1))
    }

    /// Whether the other is this area or a part of it.
    pub fn includes(self, other: Self) -> bool {
        (self..=self.last()).contains(&other)
    }
}

/// A municipality as a number.
pub(super) fn municipality_key(code: &MunicipalityCode) -> u16 {
    // GM and four digits; the only other code is that of the whole country.
    code.as_str().get(2..).and_then(|digits| digits.parse().ok()).unwrap_or(u16::MAX)
}

/// A day as a number.
pub(super) fn day_key(date: NaiveDate) -> i32 {
    date.num_days_from_ce()
}

/// The id of an organization as a number.
pub(super) fn id_key(id: OrganizationId) -> u128 {
    uuid::Uuid::try_parse(&id.to_string()).map_or(0, |id| id.as_u128())
}

impl OfferingFacts {
    /// The facts of an offering with its effective sessions.
    pub fn new(layout: &Layout, public: &PublicOffering, sessions: &[Session]) -> Self {
        let shared = offering_bits(layout, public);
        let closed = public.offering.status.closed_days();
        let sessions: Vec<_> =
            sessions.iter().map(|session| SessionFacts::new(layout, shared, session, closed)).collect();
        let (first, last) = public.offering.shown_days();
        let organizations = public.offering.organization.iter().filter_map(|part| part.organization.id);
        let theme = public.offering.theme.first().and_then(|theme| layout.place(Scheme::Theme, theme.as_str()));
        Self {
            number: public.number.0,
            municipality: municipality_key(&public.municipality),
            main_theme: theme.map(|place| place as u16),
            assured: sessions.iter().map(|session| session.assured).max().unwrap_or(UNKNOWN_DAY),
            name: fold(&public.offering.name),
            organizations: organizations.map(id_key).collect(),
            shown: (first.map_or(UNKNOWN_DAY, day_key), last.map_or(FOR_EVER, day_key)),
            sessions,
        }
    }
}

/// What is stated for the whole offering.
fn offering_bits(layout: &Layout, public: &PublicOffering) -> Bits {
    let offering = &public.offering;
    let mut bits = Bits::default();
    let none = Vec::new();
    for (scheme, concepts) in [
        (Scheme::Theme, &offering.theme),
        (Scheme::Sphere, &offering.sphere),
        (Scheme::Kind, &offering.kind),
        (Scheme::TargetGroup, &offering.target_group),
        (Scheme::Community, &offering.community),
        (Scheme::PositiveHealth, offering.positive_health.as_ref().unwrap_or(&none)),
        (Scheme::ResilienceResource, offering.resilience_resource.as_ref().unwrap_or(&none)),
        (Scheme::SocialQuality, offering.social_quality.as_ref().unwrap_or(&none)),
    ] {
        concepts.iter().for_each(|concept| bits.add(&layout.means(scheme, concept.as_str())));
    }
    for (scheme, concept) in [(Scheme::Formality, &offering.formality), (Scheme::Continuum, &offering.continuum)] {
        concept.iter().for_each(|concept| bits.add(&layout.means(scheme, concept.as_str())));
    }
    let has_lead = offering.organization.iter().any(|part| part.role == Role::Lead);
    for part in offering.organization.iter().filter(|part| part.role == Role::Lead || !has_lead) {
        let provider = part.organization.provider_type.iter();
        provider.for_each(|concept| bits.add(&layout.means(Scheme::ProviderType, concept.as_str())));
    }
    bits
}

impl SessionFacts {
    fn new(
        layout: &Layout,
        offering: Bits,
        session: &Session,
        closed: Option<(Option<NaiveDate>, Option<NaiveDate>)>,
    ) -> Self {
        let terms = &session.terms;
        let location = session.place.as_ref().and_then(Place::location);
        let position = location.and_then(|location| location.position);
        let areas = location.map(|location| location.area.iter().map(AreaKey::new).collect()).unwrap_or_default();
        let price = price(session);
        let mut flags = match session.place {
            Some(Place::Virtual { .. }) => flag::VIRTUAL,
            Some(Place::Home) => flag::HOME,
            Some(Place::Nationwide) => flag::NATIONWIDE,
            _ => 0,
        };
        let age = terms.age.map_or((0, u8::MAX), |age| {
            flags |= flag::AGE;
            (age.from.unwrap_or(0), age.to.unwrap_or(u8::MAX))
        });
        let timetable = Timetable { closed, ..session.timetable() };
        let mut room_until = UNKNOWN_DAY;
        let mut door = 0;
        let mut open = |is_so, bit| door |= if is_so { bit } else { 0 };
        open(terms.access.as_ref().is_some_and(|access| access.joining.contains(&Joining::WalkIn)), door::WALK_IN);
        open(session.is_line(), door::LINE);
        open(terms.capacity.as_ref().is_some_and(|room| room.state == CapacityState::Full), door::FULL);
        open(!timetable.is_known(), door::UNKNOWN_TIMES);
        if let Some((capacity, until)) = terms.capacity.as_ref().and_then(|room| Some((room, room.fresh_until()?))) {
            let weeks = capacity.weeks.unwrap_or(0);
            if capacity.state == CapacityState::Waiting || weeks > 0 {
                flags |= flag::WAIT;
            } else if capacity.state == CapacityState::Open {
                flags |= flag::NO_WAIT;
            }
            room_until = day_key(until);
        }
        let (open, ends): (Vec<_>, Vec<_>) = slots(session).into_iter().partition(|(last, _)| *last == FOR_EVER);
        Self {
            bits: session_bits(layout, offering, session),
            slots: open.into_iter().fold(0, |all, (_, slots)| all | slots),
            ends,
            price,
            passes: passes(session, price),
            age,
            flags,
            position,
            areas,
            service_areas: session.service_area.iter().map(AreaKey::new).collect(),
            service_region: session.service_region.clone(),
            assured: terms.assured.as_ref().map_or(UNKNOWN_DAY, |assured| day_key(assured.date)),
            room_until,
            door,
            no_more_from: {
                let closes = session.enrolment.as_ref().and_then(|enrolment| enrolment.closes?.succ_opt());
                [session.no_more_from(), closes].into_iter().flatten().min().map_or(FOR_EVER, day_key)
            },
            times: Times::of(&timetable),
        }
    }
}

/// The bits of a session, those of its offering among them; what room there is depends on the day and is left out.
fn session_bits(layout: &Layout, offering: Bits, session: &Session) -> Bits {
    let terms = &session.terms;
    let mut bits = offering;
    let mut state = |scheme, concept: &str| bits.add(&layout.means(scheme, concept));
    let concepts = |list: &Option<Vec<_>>| list.clone().unwrap_or_default();
    let location = session.place.as_ref().and_then(Place::location);
    let building = location.and_then(|location| location.accessibility.clone());
    for concept in concepts(&terms.language) {
        state(Scheme::Language, concept.as_str());
    }
    for concept in concepts(&terms.accessibility).into_iter().chain(concepts(&building)) {
        state(Scheme::Accessibility, concept.as_str());
    }
    match session.place {
        Some(Place::Home) => state(Scheme::Accessibility, "home_based"),
        Some(Place::Virtual { .. }) => state(Scheme::Accessibility, "online_option"),
        _ => {}
    }
    if let Some(concept) = &terms.gender_setting {
        state(Scheme::GenderSetting, concept.as_str());
    }
    for concept in terms.cost.iter().filter_map(|cost| cost.category.as_ref()) {
        state(Scheme::Cost, concept.as_str());
    }
    for concept in terms.access.iter().flat_map(|access| access.concepts()) {
        state(Scheme::Access, concept);
    }
    // An empty list says that nothing of it holds, which is known.
    let accessibility_stated = terms.accessibility.is_some() || building.is_some();
    for scheme in Scheme::ALL {
        let stated = bits.meets(&Bits::of(layout.range(scheme)));
        if !(stated || scheme == Scheme::Accessibility && accessibility_stated) {
            bits.set(layout.unknown(scheme));
        }
    }
    bits
}

/// The parts of the week in which a session is on, each with its last day; none when nothing tells.
fn slots(session: &Session) -> Vec<(i32, u32)> {
    let of_schedules = session.schedules.iter().map(|schedule| {
        let days = match (&schedule.rule, schedule.from) {
            (Some(rule), from) => rule.weekdays(from),
            (None, Some(date)) => vec![date.weekday()],
            (None, None) => Vec::new(),
        };
        let last = schedule.last_day().map_or(FOR_EVER, day_key);
        (last, Slots::of(&days, schedule.starts_at, schedule.ends_at).0)
    });
    let extra = session.exceptions.iter().filter(|exception| exception.change == ExceptionKind::Extra);
    let of_extra =
        extra.map(|extra| (day_key(extra.date), Slots::of(&[extra.date.weekday()], extra.starts_at, extra.ends_at).0));
    of_schedules.chain(of_extra).filter(|(_, slots)| *slots != 0).collect()
}

fn price(session: &Session) -> u32 {
    let visits: f64 =
        session.schedules.iter().filter_map(|schedule| schedule.rule.as_ref()).map(|rule| rule.visits_per_year()).sum();
    let lessons = session.enrolment.as_ref().and_then(|enrolment| enrolment.lessons);
    let cost = session.terms.cost.as_ref();
    cost.and_then(|cost| cost.per_visit((visits > 0.0).then_some(visits), lessons))
        .map_or(UNKNOWN_PRICE, |price| price.cents())
}

fn passes(session: &Session, price: u32) -> Vec<(u16, u32)> {
    let passes = session.terms.cost.iter().flat_map(|cost| &cost.passes);
    passes
        .map(|pass| {
            let with_pass = match pass.effect {
                PassEffect::Free => 0,
                // A discount that is not told leaves at most the whole price.
                PassEffect::Discount => pass.amount.map_or(price, |amount| amount.cents().min(price)),
            };
            (municipality_key(&pass.municipality), with_pass)
        })
        .collect()
}
