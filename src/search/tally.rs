//! Counts the hits of a search by the values of its facets, and those that are elsewhere.

use super::columns::Columns;
use super::filter::{EVERY, EVERYONE, Facets, Filter, facet_bit};
use super::layout::{Bits, Layout};
use super::query::{Facet, Filters, Person, PlaceFilter, Unknowable};
use super::sieve::{ELSEWHERE, Sets};
use super::window::Window;
use crate::domain::schedule::WEEK;
use crate::domain::{DayPart, Scheme, Slots};

/// What is counted for a query, made ready.
pub(super) struct Counting {
    /// All places that are counted.
    all: Bits,
    /// For each asked scheme the places that are counted.
    schemes: Vec<SchemeCounting>,
    week: Option<SlotCounting>,
    day: Option<SlotCounting>,
}

struct SchemeCounting {
    scheme: Scheme,
    facet: Facets,
    /// The places of its values.
    values: Bits,
    /// The places of the values, and those that tell more.
    places: Bits,
    /// What has one of these facts is found by choosing any value: what is for everyone where it is asked who may
    /// come, and the unknown where it is let in.
    by_any_value: Bits,
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
        let lets_in = |facet| filters.include_unknown.contains(&Unknowable::Facet(facet));
        for scheme in Scheme::ALL.into_iter().filter(|scheme| facets.contains(&Facet::Scheme(*scheme))) {
            let (unknown, values) = (layout.unknown(scheme), Bits::of(value_places(layout, filters, scheme)));
            let mut by_any_value = Bits::default();
            if tells_who_may_come(filters, scheme) {
                layout.place(scheme, EVERYONE).into_iter().for_each(|everyone| by_any_value.set(everyone));
            }
            if lets_in(Facet::Scheme(scheme)) {
                by_any_value.set(unknown);
            }
            let mut places = values;
            places.add(&by_any_value);
            places.set(unknown);
            all.add(&places);
            let facet = facet_bit(Facet::Scheme(scheme));
            schemes.push(SchemeCounting { scheme, facet, values, places, by_any_value });
        }
        let (week, day) = filter.slots_of_facets();
        let slots = |facet, within| {
            let counting = SlotCounting { facet: facet_bit(facet), within, lets_unknown_in: lets_in(facet) };
            facets.contains(&facet).then_some(counting)
        };
        Self { all, schemes, week: slots(Facet::Weekday, week), day: slots(Facet::PartOfDay, day) }
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
        for counting in &counting.schemes {
            if sum.bits.meets(&counting.by_any_value) {
                sum.bits.add(&counting.values);
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

    /// Adds documents of a window of which the sets tell that they are hits, or that they count for one facet only, and
    /// whose sessions all have the same facts.
    pub fn add_told(&mut self, counting: &Counting, facet: Option<Scheme>, columns: &Columns, documents: &Window) {
        let schemes = || counting.schemes.iter().filter(|own| facet.is_none_or(|facet| own.scheme == facet));
        let facts: u32 = schemes().map(|counting| counting.places.count()).sum();
        let number = documents.count();
        self.total += if facet.is_none() { u64::from(number) } else { 0 };
        if number > facts {
            // A set costs as much for many documents as for few, a row as much for many facts as for few.
            schemes().for_each(|counting| self.count(counting, &columns.sets, documents));
            return;
        }
        // All rows are touched first, so that the processor fetches them at once and not one after the other.
        let mut rows = Vec::with_capacity(number as usize);
        documents.each(|place| rows.push(columns.sessions_of(documents.document(place)).start));
        std::hint::black_box(rows.iter().fold(0, |touched, row| touched ^ columns.sessions[*row].flags));
        for row in rows {
            let mut found = Bits::default();
            for counting in schemes() {
                let own = &columns.sessions[row].bits;
                found.add_within(own, &counting.places);
                if own.meets(&counting.by_any_value) {
                    found.add(&counting.values);
                }
            }
            found.iter().for_each(|place| self.facts[place] += 1);
        }
    }

    fn count(&mut self, counting: &SchemeCounting, sets: &Sets, documents: &Window) {
        // Of each 64 documents those that are found by choosing any value.
        let words: Vec<(usize, u64, u64)> = documents
            .words()
            .map(|(at, word)| {
                let by_any = counting.by_any_value.iter().fold(0, |all, fact| all | sets.with(fact).word(at));
                (at, word, word & by_any)
            })
            .collect();
        for place in counting.places.iter() {
            let with = sets.with(place);
            let is_value = counting.values.has(place);
            let found = |(at, word, by_any): &(usize, u64, u64)| {
                let own = word & with.word(*at);
                if is_value { own | by_any } else { own }
            };
            self.facts[place] += words.iter().map(|word| found(word).count_ones()).sum::<u32>();
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
        let unknown = match (place.asks_position(), !place.areas.is_empty()) {
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
