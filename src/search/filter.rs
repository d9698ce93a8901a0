//! The filters of a query, made ready to look at the facts of one session after another.

use std::borrow::Cow;

use chrono::NaiveDate;

use crate::domain::{Scheme, Slots};

use super::columns::{Columns, SessionRow, View};
use super::facts::{UNKNOWN_DAY, UNKNOWN_PRICE, day_key, flag, id_key, municipality_key};
use super::layout::{Bits, Layout};
use super::query::{Facet, Filters, Person, Unknowable};
use super::sieve::Test;

/// A set of facets, one bit each; all bits are set where every filter holds.
pub(super) type Facets = u32;
/// Every filter holds.
pub(super) const EVERY: Facets = u32::MAX;

/// The place of a facet in a set of facets.
pub(super) fn facet_bit(facet: Facet) -> Facets {
    match facet {
        Facet::Scheme(scheme) => 1 << scheme as u32,
        Facet::Weekday => 1 << 16,
        Facet::PartOfDay => 1 << 17,
    }
}

/// The filters beside words and place.
pub(super) struct Filter {
    concepts: Vec<ConceptFilter>,
    weekdays: Option<SlotFilter>,
    day_parts: Option<SlotFilter>,
    age: Option<AgeFilter>,
    gender: Option<GenderFilter>,
    max_price: Option<Limit<u32>>,
    city_pass: Option<u16>,
    online: Option<bool>,
    organization: Option<u128>,
    municipalities: Vec<u16>,
    assured_since: Option<Limit<i32>>,
    /// Whether it must be on in the time that is asked for, and whether what is not known of that is let in.
    when: Option<bool>,
    room: RoomToday,
}

/// Has one of these concepts.
struct ConceptFilter {
    scheme: Scheme,
    wanted: Bits,
    /// What is for everyone holds too, where it is asked who may come.
    everyone: Option<usize>,
    unknown: usize,
    lets_unknown_in: bool,
}

struct SlotFilter {
    wanted: u32,
    lets_unknown_in: bool,
}

struct AgeFilter {
    age: u8,
    only: bool,
}

struct GenderFilter {
    settings: Bits,
    unstated: usize,
    only: bool,
}

struct Limit<T> {
    limit: T,
    lets_unknown_in: bool,
}

/// What statements about room amount to on a day.
struct RoomToday {
    today: i32,
    no_wait: Bits,
    wait: Bits,
    unknown: usize,
}

impl Filter {
    pub fn new(layout: &Layout, filters: &Filters, today: NaiveDate) -> Self {
        let lets_in = |what| filters.include_unknown.contains(&what);
        let slot_filter = |slots: Vec<Slots>, facet| {
            (!slots.is_empty()).then(|| SlotFilter {
                wanted: slots.iter().fold(0, |all, slots| all | slots.0),
                lets_unknown_in: lets_in(Unknowable::Facet(facet)),
            })
        };
        let concepts = filters.concepts.iter().map(|(scheme, concepts)| {
            let asks_who_may_come = *scheme == Scheme::TargetGroup && !filters.only.contains(&Person::TargetGroup);
            let everyone = layout.place(*scheme, EVERYONE).filter(|_| asks_who_may_come);
            let mut wanted = Bits::default();
            everyone.into_iter().for_each(|place| wanted.set(place));
            for place in concepts.iter().filter_map(|concept| layout.place(*scheme, concept.as_str())) {
                let made_for = || layout.made_for(place - layout.range(*scheme).start);
                wanted.set(if asks_who_may_come { made_for() } else { place });
            }
            let lets_unknown_in = lets_in(Unknowable::Facet(Facet::Scheme(*scheme)));
            ConceptFilter { scheme: *scheme, wanted, everyone, unknown: layout.unknown(*scheme), lets_unknown_in }
        });
        let gender = filters.gender.map(|gender| {
            let only = filters.only.contains(&Person::Gender);
            let mixed = (!only).then_some("mixed_gender");
            let mut settings = Bits::default();
            for setting in mixed.into_iter().chain([gender.own_setting()]) {
                layout.place(Scheme::GenderSetting, setting).into_iter().for_each(|place| settings.set(place));
            }
            GenderFilter { settings, unstated: layout.unknown(Scheme::GenderSetting), only }
        });
        Self {
            concepts: concepts.collect(),
            weekdays: slot_filter(filters.weekdays.iter().map(|day| Slots::of_weekday(*day)).collect(), Facet::Weekday),
            day_parts: slot_filter(
                filters.day_parts.iter().map(|part| Slots::of_part(*part)).collect(),
                Facet::PartOfDay,
            ),
            age: filters.age.map(|age| AgeFilter { age, only: filters.only.contains(&Person::Age) }),
            gender,
            max_price: filters
                .max_price
                .map(|price| Limit { limit: price.cents(), lets_unknown_in: lets_in(Unknowable::MaxPrice) }),
            city_pass: filters.city_pass.as_ref().map(municipality_key),
            online: filters.online,
            organization: filters.organization.map(id_key),
            municipalities: filters.municipalities.iter().map(municipality_key).collect(),
            assured_since: filters
                .assured_since
                .map(|date| Limit { limit: day_key(date), lets_unknown_in: lets_in(Unknowable::AssuredSince) }),
            when: filters.when.map(|_| lets_in(Unknowable::When)),
            room: RoomToday {
                today: day_key(today),
                no_wait: layout.means(Scheme::Access, "no_waiting_time"),
                wait: layout.means(Scheme::Access, "waiting_time"),
                unknown: layout.unknown(Scheme::Access),
            },
        }
    }

    /// Whether no filter looks at sessions.
    pub fn is_open(&self) -> bool {
        self.concepts.is_empty()
            && self.weekdays.is_none()
            && self.day_parts.is_none()
            && self.looks_no_further_at_sessions()
    }

    /// Whether every offering and every session pass.
    pub fn lets_all_pass(&self) -> bool {
        self.is_open() && self.looks_at_no_offering()
    }

    /// Whether nothing beside concepts and times is asked of sessions.
    fn looks_no_further_at_sessions(&self) -> bool {
        let Self { age, gender, max_price, city_pass, online, assured_since, when, .. } = self;
        age.is_none()
            && gender.is_none()
            && max_price.is_none()
            && city_pass.is_none()
            && online.is_none()
            && assured_since.is_none()
            && when.is_none()
    }

    fn looks_at_no_offering(&self) -> bool {
        self.organization.is_none() && self.municipalities.is_empty()
    }

    /// Whether the sets of documents tell, of offerings whose sessions have the same facts, whether every filter holds
    /// and for which of these facets they count: sets hold concepts and parts of the week, and nothing of ages, prices
    /// and days.
    pub fn is_told_by_sets(&self, facets: &[Facet]) -> bool {
        let is_told = |scheme| scheme != Scheme::Accessibility;
        self.looks_no_further_at_sessions()
            && self.looks_at_no_offering()
            && self.concepts.iter().all(|filter| is_told(filter.scheme))
            && facets.iter().all(|facet| matches!(facet, Facet::Scheme(scheme) if is_told(*scheme)))
    }

    /// Whether a day or a part of it is asked for.
    pub fn asks_for_times(&self) -> bool {
        self.weekdays.is_some() || self.day_parts.is_some()
    }

    /// What a document must pass to be a hit or to be counted for these facets.
    pub fn tests<'s>(&self, view: View<'s>, facets: &[Facet]) -> Vec<Test<'s>> {
        let sets = &view.columns.sets;
        let mut tests: Vec<_> = self
            .concepts
            .iter()
            .map(|filter| {
                let mut wanted = filter.wanted;
                if filter.lets_unknown_in {
                    wanted.set(filter.unknown);
                }
                let facet = facets.contains(&Facet::Scheme(filter.scheme)).then_some(filter.scheme);
                (facet, sets.with_any(&wanted))
            })
            .collect();
        if let (Some(false), Some(on)) = (self.when, view.on) {
            tests.push((None, Cow::Borrowed(&on.documents)));
        }
        // What is on in the time that is asked for may have other parts of the week than usual.
        if self.asks_for_times() && self.when.is_none() {
            let wanted = |filter: &Option<SlotFilter>| filter.as_ref().map_or(u32::MAX, |filter| filter.wanted);
            let (days, parts) = (wanted(&self.weekdays), wanted(&self.day_parts));
            let (week, day) = (facets.contains(&Facet::Weekday), facets.contains(&Facet::PartOfDay));
            let (of_week, of_day) = (if week { parts } else { 0 }, if day { days } else { 0 });
            let lets_in = |filter: &Option<SlotFilter>| filter.as_ref().is_none_or(|filter| filter.lets_unknown_in);
            let (days_let_in, parts_let_in) = (lets_in(&self.weekdays), lets_in(&self.day_parts));
            let or_unknown = (days_let_in || week) && parts_let_in || day && days_let_in;
            tests.push((None, Cow::Owned(sets.in_slots(days & parts | of_week | of_day, or_unknown))));
        }
        tests
    }

    /// Whether an offering may be a hit at all.
    pub fn admits(&self, columns: &Columns, document: u32) -> bool {
        let municipality = || columns.offerings[document as usize].municipality;
        (self.municipalities.is_empty() || self.municipalities.contains(&municipality()))
            && self.organization.is_none_or(|id| columns.organizations(document).contains(&id))
    }

    /// The facts of a session on the day of the search.
    pub fn bits(&self, session: &SessionRow) -> Bits {
        let mut bits = session.bits;
        if session.room_until >= self.room.today && session.flags & (flag::NO_WAIT | flag::WAIT) != 0 {
            bits.add(if session.flags & flag::WAIT != 0 { &self.room.wait } else { &self.room.no_wait });
            bits.clear(self.room.unknown);
        }
        bits
    }

    /// For which facets a session counts: those for which every filter but the facet's own holds.
    pub fn facets(&self, view: View<'_>, at: usize, bits: &Bits) -> Facets {
        let session = &view.sessions[at];
        if !self.holds_beside_facets(view, at, session, bits) {
            return 0;
        }
        let mut facets = EVERY;
        for filter in &self.concepts {
            if !(bits.meets(&filter.wanted) || filter.lets_unknown_in && bits.has(filter.unknown)) {
                facets &= facet_bit(Facet::Scheme(filter.scheme));
                if facets == 0 {
                    return 0;
                }
            }
        }
        if self.weekdays.is_none() && self.day_parts.is_none() {
            return facets;
        }
        facets & self.slot_facets(self.slots(view, at))
    }

    /// The parts of the week in which a session is on in the time that is asked for; else, and where its dates are not
    /// known, on the day of the search or later.
    pub fn slots(&self, view: View<'_>, at: usize) -> u32 {
        match (self.when, view.on) {
            (Some(_), Some(on)) if is_on(view, at) || !view.times_are_unknown(at) => on.slots[at],
            _ => view.slots(at, self.room.today),
        }
    }

    /// A day and a part of it must meet in one slot of the week.
    fn slot_facets(&self, slots: u32) -> Facets {
        let wanted = |filter: &Option<SlotFilter>| filter.as_ref().map_or(u32::MAX, |filter| filter.wanted);
        let lets_unknown_in = |filter: &Option<SlotFilter>| filter.as_ref().is_none_or(|filter| filter.lets_unknown_in);
        let (days, parts) = (&self.weekdays, &self.day_parts);
        let holds = |wanted: u32, lets_unknown_in: bool| if slots == 0 { lets_unknown_in } else { slots & wanted != 0 };
        if holds(wanted(days) & wanted(parts), lets_unknown_in(days) && lets_unknown_in(parts)) {
            return EVERY;
        }
        let mut facets = 0;
        if days.is_some() && holds(wanted(parts), lets_unknown_in(parts)) {
            facets |= facet_bit(Facet::Weekday);
        }
        if parts.is_some() && holds(wanted(days), lets_unknown_in(days)) {
            facets |= facet_bit(Facet::PartOfDay);
        }
        facets
    }

    /// The slots that a weekday may be counted in, and those that a part of the day may.
    pub fn slots_of_facets(&self) -> (u32, u32) {
        let wanted = |filter: &Option<SlotFilter>| filter.as_ref().map_or(u32::MAX, |filter| filter.wanted);
        (wanted(&self.day_parts), wanted(&self.weekdays))
    }

    fn holds_beside_facets(&self, view: View<'_>, at: usize, session: &SessionRow, bits: &Bits) -> bool {
        let columns = view.columns;
        self.age.as_ref().is_none_or(|filter| {
            let stated = session.flags & flag::AGE != 0;
            (stated || !filter.only) && (session.age.0..=session.age.1).contains(&filter.age)
        }) && self
            .gender
            .as_ref()
            .is_none_or(|filter| bits.meets(&filter.settings) || !filter.only && bits.has(filter.unstated))
            && self.online.is_none_or(|online| online == (session.flags & flag::VIRTUAL != 0))
            && self.city_pass.is_none_or(|pass| {
                session.price == 0 || columns.passes(at).iter().any(|(municipality, _)| *municipality == pass)
            })
            && self.max_price.as_ref().is_none_or(|filter| {
                let price = self.price(columns, at);
                if price == UNKNOWN_PRICE { filter.lets_unknown_in } else { price <= filter.limit }
            })
            && self.assured_since.as_ref().is_none_or(|filter| {
                if session.assured == UNKNOWN_DAY { filter.lets_unknown_in } else { session.assured >= filter.limit }
            })
            && self.when.is_none_or(|lets_in| is_on(view, at) || lets_in && columns.times_are_unknown(at))
    }

    /// The price of a visit for who searches.
    fn price(&self, columns: &Columns, at: usize) -> u32 {
        let price = columns.sessions[at].price;
        let Some(pass) = self.city_pass else { return price };
        let with_pass = columns.passes(at).iter().filter(|(municipality, _)| *municipality == pass);
        with_pass.map(|(_, price)| *price).fold(price, u32::min)
    }

    /// Whether a session for which every filter holds is only let in, because something is not known of it.
    pub fn is_let_in(&self, view: View<'_>, at: usize, bits: &Bits) -> bool {
        let (columns, session) = (view.columns, &view.sessions[at]);
        self.concepts.iter().any(|filter| !bits.meets(&filter.wanted))
            || self.when.is_some() && !is_on(view, at)
            || self.asks_for_times() && self.slots(view, at) == 0
            || self.max_price.is_some() && self.price(columns, at) == UNKNOWN_PRICE
            || self.assured_since.is_some() && session.assured == UNKNOWN_DAY
    }

    /// What of a session is not known, and was let in, by its name in addresses.
    pub fn unknown_of(&self, view: View<'_>, at: usize) -> Vec<&'static str> {
        let (columns, session) = (view.columns, &view.sessions[at]);
        let bits = self.bits(session);
        let concepts = self.concepts.iter().filter(|filter| !bits.meets(&filter.wanted));
        let mut names: Vec<_> = concepts.map(|filter| filter.scheme.name()).collect();
        names.extend(self.when.filter(|_| !is_on(view, at)).map(|_| Unknowable::When.name()));
        if self.slots(view, at) == 0 {
            names.extend(self.weekdays.as_ref().map(|_| Facet::Weekday.name()));
            names.extend(self.day_parts.as_ref().map(|_| Facet::PartOfDay.name()));
        }
        if self.max_price.is_some() && self.price(columns, at) == UNKNOWN_PRICE {
            names.push(Unknowable::MaxPrice.name());
        }
        if self.assured_since.is_some() && session.assured == UNKNOWN_DAY {
            names.push(Unknowable::AssuredSince.name());
        }
        names
    }

    /// Which filters about a person hold only because nothing is stated, or because it is for everyone.
    pub fn matched_of(&self, session: &SessionRow) -> Vec<&'static str> {
        let bits = self.bits(session);
        let mut names = Vec::new();
        if self.age.is_some() && session.flags & flag::AGE == 0 {
            names.push("ageNotStated");
        }
        for filter in &self.concepts {
            let Some(everyone) = filter.everyone.filter(|place| bits.has(*place)) else { continue };
            let mut own = filter.wanted;
            own.clear(everyone);
            if !bits.meets(&own) {
                names.push("everyone");
            }
        }
        if self.gender.as_ref().is_some_and(|filter| !bits.meets(&filter.settings)) {
            names.push("genderNotStated");
        }
        names
    }
}

/// Whether a session is on in the time that is asked for, if one is.
fn is_on(view: View<'_>, at: usize) -> bool {
    view.on.is_some_and(|on| on.slots[at] != 0)
}

/// The target group that everybody is in.
pub(super) const EVERYONE: &str = "everyone";
