//! Counts the hits of a search by the values of its facets, and those that are elsewhere.

use super::columns::Columns;
use super::filter::{EVERY, EVERYONE, Facets, Filter, facet_bit};
use super::layout::{Bits, Layout};
use super::query::{Facet, Filters, Person, PlaceFilter, Unknowable};
use super::sieve::ELSEWHERE;
use crate::domain::schedule::WEEK;
use crate::domain::{DayPart, Scheme, Slots};

/// What is counted for a query, made ready.
pub(super) struct Counting {
    /// All places that are counted.
    all: Bits,
    /// For each asked scheme the places that are counted.
    schemes: Vec<SchemeCounting>,
    /// Of the target groups all places that "may come" is told by, and the place of everyone.
    may_come: Option<(usize, Bits)>,
    week: Option<SlotCounting>,
    day: Option<SlotCounting>,
}

struct SchemeCounting {
    facet: Facets,
    places: Bits,
    unknown: usize,
    /// All values, where choosing one would let the unknown in too.
    lets_in: Option<Bits>,
}

struct SlotCounting {
    facet: Facets,
    /// The slots that may be counted: those that the other filter leaves.
    within: u32,
    lets_unknown_in: bool,
}

/// The counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Tally {
    /// How many hits.
    pub total: u64,
    /// How many offerings have each fact.
    facts: Vec<u32>,
    weekdays: [u32; 7],
    day_parts: [u32; 4],
    weekday_unknown: u32,
    day_part_unknown: u32,
    elsewhere: [u32; ELSEWHERE],
}

/// What the sessions of one offering add up to.
#[derive(Default)]
pub(super) struct Sum {
    bits: Bits,
    week: u32,
    week_unknown: bool,
    day: u32,
    day_unknown: bool,
    elsewhere: u8,
    fits: bool,
}

impl Counting {
    pub fn new(layout: &Layout, facets: &[Facet], filters: &Filters, filter: &Filter) -> Self {
        let mut all = Bits::default();
        let mut schemes = Vec::new();
        let mut may_come = None;
        let lets_in = |facet| filters.include_unknown.contains(&Unknowable::Facet(facet));
        for scheme in Scheme::ALL.into_iter().filter(|scheme| facets.contains(&Facet::Scheme(*scheme))) {
            let mut places = Bits::of(value_places(layout, filters, scheme));
            let lets_in = lets_in(Facet::Scheme(scheme)).then_some(places);
            if let Some(everyone) = layout.place(scheme, EVERYONE).filter(|_| tells_who_may_come(filters, scheme)) {
                may_come = Some((everyone, places));
                places.set(everyone);
            }
            places.set(layout.unknown(scheme));
            all.add(&places);
            let facet = facet_bit(Facet::Scheme(scheme));
            schemes.push(SchemeCounting { facet, places, unknown: layout.unknown(scheme), lets_in });
        }
        let (week, day) = filter.slots_of_facets();
        let slots = |facet, within| {
            let counting = SlotCounting { facet: facet_bit(facet), within, lets_unknown_in: lets_in(facet) };
            facets.contains(&facet).then_some(counting)
        };
        Self { all, schemes, may_come, week: slots(Facet::Weekday, week), day: slots(Facet::PartOfDay, day) }
    }

    /// Whether only hits are counted.
    pub fn is_plain(&self) -> bool {
        self.schemes.is_empty() && self.week.is_none() && self.day.is_none()
    }

    /// Adds a session that is in the asked place and counts for these facets, with the parts of the week it is on.
    pub fn add(&self, sum: &mut Sum, facets: Facets, bits: &Bits, slots: impl Fn() -> u32) {
        if facets == EVERY {
            sum.fits = true;
            sum.bits.add_within(bits, &self.all);
        } else {
            for counting in self.schemes.iter().filter(|counting| counting.facet & facets != 0) {
                sum.bits.add_within(bits, &counting.places);
            }
        }
        for counting in self.week.iter().filter(|counting| counting.facet & facets != 0) {
            sum.week |= slots() & counting.within;
            sum.week_unknown |= slots() == 0;
        }
        for counting in self.day.iter().filter(|counting| counting.facet & facets != 0) {
            sum.day |= slots() & counting.within;
            sum.day_unknown |= slots() == 0;
        }
    }
}

impl Sum {
    /// Notes that a session fits everything but perhaps the place, and where it is instead.
    pub fn add_elsewhere(&mut self, columns: &Columns, at: usize) {
        self.elsewhere |= columns.ways_elsewhere(at);
    }
}

impl Tally {
    pub fn new(layout: &Layout) -> Self {
        Self { facts: vec![0; layout.made_for_any().end], ..Self::default() }
    }

    /// Adds what the sessions of one offering add up to.
    pub fn add(&mut self, counting: &Counting, mut sum: Sum) {
        self.total += u64::from(sum.fits);
        if let Some((everyone, all)) = &counting.may_come
            && sum.bits.has(*everyone)
        {
            sum.bits.add(all);
        }
        for counting in &counting.schemes {
            if let Some(all) = &counting.lets_in
                && sum.bits.has(counting.unknown)
            {
                sum.bits.add(all);
            }
        }
        for place in sum.bits.iter() {
            self.facts[place] += 1;
        }
        if let Some(counting) = &counting.week {
            let all = sum.week_unknown && counting.lets_unknown_in;
            for (count, day) in self.weekdays.iter_mut().zip(WEEK) {
                *count += u32::from(all || sum.week & Slots::of_weekday(day).0 != 0);
            }
            self.weekday_unknown += u32::from(sum.week_unknown);
        }
        if let Some(counting) = &counting.day {
            let all = sum.day_unknown && counting.lets_unknown_in;
            for (count, part) in self.day_parts.iter_mut().zip(DayPart::ALL) {
                *count += u32::from(all || sum.day & Slots::of_part(part).0 != 0);
            }
            self.day_part_unknown += u32::from(sum.day_unknown);
        }
        if sum.elsewhere != 0 {
            for (at, count) in self.elsewhere.iter_mut().enumerate() {
                *count += u32::from(sum.elsewhere >> at & 1);
            }
        }
    }

    /// How many hits each value of a scheme has, in the vocabulary's order, and of how many it is not known.
    pub fn of_scheme(&self, layout: &Layout, filters: &Filters, scheme: Scheme) -> (&[u32], u32) {
        (&self.facts[value_places(layout, filters, scheme)], self.facts[layout.unknown(scheme)])
    }

    /// How many hits are on each day of the week, and of how many it is not known.
    pub fn of_weekdays(&self) -> (&[u32], u32) {
        (&self.weekdays, self.weekday_unknown)
    }

    /// How many hits are in each part of the day, and of how many it is not known.
    pub fn of_day_parts(&self) -> (&[u32], u32) {
        (&self.day_parts, self.day_part_unknown)
    }

    /// How many fit everything but the place, and are elsewhere in each of these ways.
    pub fn elsewhere(&self, ways: [usize; 4]) -> [u32; 4] {
        ways.map(|way| self.elsewhere[way])
    }

    /// Counts documents that fit everything but the place, and are elsewhere in a way.
    pub fn add_all_elsewhere(&mut self, way: usize, number: u32) {
        self.elsewhere[way] += number;
    }

    /// In which ways something may be elsewhere when a place is asked for: online, at home, nationwide, and of a place
    /// that is not known in the way that is asked for.
    pub fn ways_elsewhere(place: &PlaceFilter) -> [usize; 4] {
        let by_position = place.radius().is_some() || place.bbox.is_some();
        let unknown = match (by_position, !place.areas.is_empty()) {
            (true, false) => 3,
            (false, _) => 4,
            (true, true) => 5,
        };
        [0, 1, 2, unknown]
    }
}

/// The places by which the values of a scheme are counted.
fn value_places(layout: &Layout, filters: &Filters, scheme: Scheme) -> std::ops::Range<usize> {
    if tells_who_may_come(filters, scheme) { layout.made_for_any() } else { layout.range(scheme) }
}

fn tells_who_may_come(filters: &Filters, scheme: Scheme) -> bool {
    scheme == Scheme::TargetGroup && !filters.only.contains(&Person::TargetGroup)
}
