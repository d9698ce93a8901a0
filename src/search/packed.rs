//! The bytes in which the facts of a document stand in the index.
//!
//! Numbers are little-endian, lists begin with their length. Bytes that are no such thing are an error, never a panic.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveTime, Timelike};
use geo::{Coord, LineString, MultiPolygon, Polygon};

use crate::domain::schedule::{ExceptionKind, HolidayEffect, Holidays, ScheduleException, SchoolRegion};
use crate::domain::{AreaCode, Position, Recurrence, Region, Schedule};

use super::agenda::Times;
use super::facts::{AreaKey, OfferingFacts, SessionFacts, UNKNOWN_DAY, day_key};
use super::layout::{Bits, WORDS};
use super::neighbours::Extent;

/// The facts of one document.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Packed {
    Offering(OfferingFacts),
    Area(AreaFacts),
}

/// What a list of areas is chosen and ordered by.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct AreaFacts {
    pub code: AreaCode,
    /// The folded name and aliases.
    pub names: Vec<String>,
    /// Whether it is a part of a town, where that is known.
    pub urban: Option<bool>,
    /// Of an area with an outline.
    pub extent: Option<Extent>,
}

const OFFERING: u8 = 1;
const AREA: u8 = 2;

impl Packed {
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer(Vec::with_capacity(128));
        match self {
            Self::Offering(facts) => {
                out.put([OFFERING]);
                out.offering(facts);
            }
            Self::Area(facts) => {
                out.put([AREA]);
                out.text(facts.code.as_str());
                out.list(&facts.names, |out, name| out.text(name));
                out.put([facts.urban.map_or(2, u8::from)]);
                if let Some(Extent { bounds, inside }) = facts.extent {
                    [inside.lat(), inside.lon()].iter().chain(&bounds).for_each(|side| out.put(side.to_le_bytes()));
                }
            }
        }
        out.0
    }

    /// The facts that stand in the bytes, if these are whole.
    pub fn from_bytes(bytes: &[u8], rules: &mut Rules) -> Option<Self> {
        let mut bytes = Reader { bytes, rules };
        let facts = match bytes.take::<1>()? {
            [OFFERING] => Self::Offering(bytes.offering()?),
            [AREA] => Self::Area(AreaFacts {
                code: bytes.text()?.parse().ok()?,
                names: bytes.list(Reader::text)?,
                urban: [Some(false), Some(true), None].get(usize::from(u8::from_le_bytes(bytes.take()?))).copied()?,
                extent: if bytes.bytes.is_empty() { None } else { Some(bytes.extent()?) },
            }),
            _ => return None,
        };
        bytes.bytes.is_empty().then_some(facts)
    }
}

struct Writer(Vec<u8>);

impl Writer {
    fn put<const N: usize>(&mut self, bytes: [u8; N]) {
        self.0.extend_from_slice(&bytes);
    }

    fn list<T>(&mut self, items: &[T], write: impl Fn(&mut Self, &T)) {
        // No list of the domain is longer (at most 200 items, texts of 120 characters).
        let length = items.len().min(usize::from(u16::MAX));
        self.put((length as u16).to_le_bytes());
        items.iter().take(length).for_each(|item| write(self, item));
    }

    fn text(&mut self, text: &str) {
        self.list(text.as_bytes(), |out, byte| out.put([*byte]));
    }

    fn offering(&mut self, facts: &OfferingFacts) {
        self.put(facts.number.to_le_bytes());
        self.put(facts.municipality.to_le_bytes());
        self.put(facts.main_theme.unwrap_or(u16::MAX).to_le_bytes());
        self.put(facts.assured.to_le_bytes());
        self.text(&facts.name);
        self.list(&facts.organizations, |out, id| out.put(id.to_le_bytes()));
        self.put(facts.shown.0.to_le_bytes());
        self.put(facts.shown.1.to_le_bytes());
        self.list(&facts.sessions, Self::session);
    }

    fn session(&mut self, facts: &SessionFacts) {
        facts.bits.0.iter().for_each(|word| self.put(word.to_le_bytes()));
        self.put(facts.slots.to_le_bytes());
        self.list(&facts.ends, |out, (last, slots)| {
            out.put(last.to_le_bytes());
            out.put(slots.to_le_bytes());
        });
        self.put(facts.price.to_le_bytes());
        self.list(&facts.passes, |out, (municipality, price)| {
            out.put(municipality.to_le_bytes());
            out.put(price.to_le_bytes());
        });
        self.put([facts.age.0, facts.age.1, facts.flags, u8::from(facts.position.is_some())]);
        if let Some(at) = facts.position {
            self.put(at.lat().to_le_bytes());
            self.put(at.lon().to_le_bytes());
        }
        self.list(&facts.areas, |out, area| out.put(area.0.to_le_bytes()));
        self.list(&facts.service_areas, |out, area| out.put(area.0.to_le_bytes()));
        // A row may have 65,535 bytes: the regions of an offering have 2,000 points together, 32,000 bytes.
        let polygons = facts.service_region.as_ref().map_or(Vec::new(), |region| region.shape().0);
        self.list(&polygons, |out, polygon| {
            let rings: Vec<_> = std::iter::once(polygon.exterior()).chain(polygon.interiors()).collect();
            out.list(&rings, |out, ring| {
                out.list(&ring.0, |out, at| [at.x, at.y].iter().for_each(|side| out.put(side.to_le_bytes())));
            });
        });
        self.put(facts.assured.to_le_bytes());
        self.put(facts.room_until.to_le_bytes());
        self.put([facts.door]);
        self.put(facts.no_more_from.to_le_bytes());
        self.times(&facts.times);
    }

    fn day(&mut self, date: Option<NaiveDate>) {
        self.put(date.map_or(UNKNOWN_DAY, day_key).to_le_bytes());
    }

    fn clock(&mut self, time: Option<NaiveTime>) {
        // A day has 1,440 minutes.
        self.put(time.map_or(u16::MAX, |time| (time.hour() * 60 + time.minute()) as u16).to_le_bytes());
    }

    fn times(&mut self, times: &Times) {
        self.list(&times.schedules, |out, schedule| {
            out.text(schedule.rule.as_ref().map_or("", Recurrence::as_str));
            [schedule.from, schedule.until].into_iter().for_each(|date| out.day(date));
            [schedule.starts_at, schedule.ends_at].into_iter().for_each(|time| out.clock(time));
            out.text(schedule.time_zone.name());
            out.put(schedule.holidays.as_ref().map_or(0, holidays_bits).to_le_bytes());
        });
        self.list(&times.exceptions, |out, exception| {
            out.put([exception.change as u8]);
            [Some(exception.date), exception.new_date].into_iter().for_each(|date| out.day(date));
            [exception.starts_at, exception.ends_at].into_iter().for_each(|time| out.clock(time));
        });
        self.put([u8::from(times.closed.is_some())]);
        let (first, last) = times.closed.unwrap_or_default();
        self.day(first);
        self.day(last);
    }
}

/// What holidays do: two bits each, the lowest for public ones; 0 is nothing said. The highest bit is always set.
fn holidays_bits(holidays: &Holidays) -> u16 {
    let effect = |effect: Option<HolidayEffect>| effect.map_or(0, |effect| effect as u16 + 1);
    let region = holidays.school_region.map_or(0, |region| region as u16 + 1);
    effect(holidays.public) | effect(holidays.school) << 2 | region << 4 | effect(holidays.summer) << 6 | 1 << 15
}

fn holidays_of(bits: u16) -> Option<Holidays> {
    let effect =
        |bits: u16| [None, Some(HolidayEffect::Open), Some(HolidayEffect::Closed), None][usize::from(bits & 3)];
    let (north, middle, south) = (SchoolRegion::North, SchoolRegion::Middle, SchoolRegion::South);
    let school_region = [None, Some(north), Some(middle), Some(south)][usize::from(bits >> 4 & 3)];
    (bits >> 15 == 1).then(|| Holidays {
        public: effect(bits),
        school: effect(bits >> 2),
        summer: effect(bits >> 6),
        school_region,
    })
}

/// The rules that were read before: a town has few, and reading one takes longer than all else.
#[derive(Default)]
pub(super) struct Rules(HashMap<String, Recurrence>);

impl Rules {
    fn get(&mut self, text: String) -> Option<Recurrence> {
        if let Some(rule) = self.0.get(&text) {
            return Some(rule.clone());
        }
        let rule: Recurrence = text.parse().ok()?;
        self.0.insert(text, rule.clone());
        Some(rule)
    }
}

struct Reader<'b, 'r> {
    bytes: &'b [u8],
    rules: &'r mut Rules,
}

impl Reader<'_, '_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.bytes.split_first_chunk::<N>()?;
        self.bytes = rest;
        Some(*taken)
    }

    fn list<T>(&mut self, read: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let length = u16::from_le_bytes(self.take()?);
        (0..length).map(|_| read(self)).collect()
    }

    fn text(&mut self) -> Option<String> {
        let length = usize::from(u16::from_le_bytes(self.take()?));
        let (text, rest) = self.bytes.split_at_checked(length)?;
        self.bytes = rest;
        String::from_utf8(text.to_vec()).ok()
    }

    fn region(&mut self) -> Option<Option<Region>> {
        let point = |bytes: &mut Self| {
            let mut degrees = || Some(f64::from_le_bytes(bytes.take()?));
            let (x, y) = (degrees()?, degrees()?);
            Position::new(y, x).ok().map(|_| Coord { x, y })
        };
        let ring = |bytes: &mut Self| bytes.list(point).map(LineString);
        let polygon = |bytes: &mut Self| {
            let mut rings = bytes.list(ring)?;
            let exterior = if rings.is_empty() { return None } else { rings.remove(0) };
            Some(Polygon::new(exterior, rings))
        };
        let polygons = self.list(polygon)?;
        if polygons.is_empty() { Some(None) } else { Region::from_shape(&MultiPolygon(polygons)).ok().map(Some) }
    }

    fn extent(&mut self) -> Option<Extent> {
        let mut degrees = || Some(f64::from_le_bytes(self.take()?));
        let inside = Position::new(degrees()?, degrees()?).ok()?;
        Some(Extent { inside, bounds: [degrees()?, degrees()?, degrees()?, degrees()?] })
    }

    fn offering(&mut self) -> Option<OfferingFacts> {
        Some(OfferingFacts {
            number: i64::from_le_bytes(self.take()?),
            municipality: u16::from_le_bytes(self.take()?),
            main_theme: Some(u16::from_le_bytes(self.take()?)).filter(|place| *place != u16::MAX),
            assured: i32::from_le_bytes(self.take()?),
            name: self.text()?,
            organizations: self.list(|bytes| Some(u128::from_le_bytes(bytes.take()?)))?,
            shown: (i32::from_le_bytes(self.take()?), i32::from_le_bytes(self.take()?)),
            sessions: self.list(Self::session)?,
        })
    }

    fn session(&mut self) -> Option<SessionFacts> {
        let mut bits = Bits([0; WORDS]);
        for word in &mut bits.0 {
            *word = u64::from_le_bytes(self.take()?);
        }
        let slots = u32::from_le_bytes(self.take()?);
        let ends = self.list(|bytes| Some((i32::from_le_bytes(bytes.take()?), u32::from_le_bytes(bytes.take()?))))?;
        let price = u32::from_le_bytes(self.take()?);
        let passes = self.list(|bytes| Some((u16::from_le_bytes(bytes.take()?), u32::from_le_bytes(bytes.take()?))))?;
        let [from, to, flags, has_position] = self.take()?;
        let position = match has_position {
            0 => None,
            _ => Some(Position::new(f64::from_le_bytes(self.take()?), f64::from_le_bytes(self.take()?)).ok()?),
        };
        let area = |bytes: &mut Self| Some(AreaKey(u64::from_le_bytes(bytes.take()?)));
        Some(SessionFacts {
            bits,
            slots,
            ends,
            price,
            passes,
            age: (from, to),
            flags,
            position,
            areas: self.list(area)?,
            service_areas: self.list(area)?,
            service_region: self.region()?,
            assured: i32::from_le_bytes(self.take()?),
            room_until: i32::from_le_bytes(self.take()?),
            door: u8::from_le_bytes(self.take()?),
            no_more_from: i32::from_le_bytes(self.take()?),
            times: self.times()?,
        })
    }

    fn day(&mut self) -> Option<Option<NaiveDate>> {
        match i32::from_le_bytes(self.take()?) {
            UNKNOWN_DAY => Some(None),
            day => NaiveDate::from_num_days_from_ce_opt(day).map(Some),
        }
    }

    fn clock(&mut self) -> Option<Option<NaiveTime>> {
        match u32::from(u16::from_le_bytes(self.take()?)) {
            0xFFFF => Some(None),
            minute => NaiveTime::from_hms_opt(minute / 60, minute % 60, 0).map(Some),
        }
    }

    fn times(&mut self) -> Option<Times> {
        let schedule = |bytes: &mut Self| {
            let rule = Some(bytes.text()?).filter(|text| !text.is_empty());
            Some(Schedule {
                rule: rule.map(|text| bytes.rules.get(text).ok_or(())).transpose().ok()?,
                from: bytes.day()?,
                until: bytes.day()?,
                starts_at: bytes.clock()?,
                ends_at: bytes.clock()?,
                time_zone: bytes.text()?.parse().ok()?,
                holidays: holidays_of(u16::from_le_bytes(bytes.take()?)),
            })
        };
        let exception = |bytes: &mut Self| {
            let kinds = [ExceptionKind::Cancelled, ExceptionKind::Moved, ExceptionKind::Extra];
            Some(ScheduleException {
                change: *kinds.get(usize::from(u8::from_le_bytes(bytes.take()?)))?,
                date: bytes.day()??,
                new_date: bytes.day()?,
                starts_at: bytes.clock()?,
                ends_at: bytes.clock()?,
                place: None,
                reason: None,
                announced_on: None,
            })
        };
        let (schedules, exceptions) = (self.list(schedule)?, self.list(exception)?);
        let is_closed = u8::from_le_bytes(self.take()?) == 1;
        let days = (self.day()?, self.day()?);
        Some(Times { schedules, exceptions, closed: is_closed.then_some(days) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::facts::OfferingFacts;
    use crate::search::layout::Layout;
    use crate::search::tests::world::{any_offering, vocabulary};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn facts_come_back_as_they_were_and_broken_bytes_are_refused(public in any_offering(1), cut in 0usize..400) {
            let layout = Layout::new(&vocabulary()).expect("it fits");
            let sessions = public.offering.effective_sessions();
            let packed = Packed::Offering(OfferingFacts::new(&layout, &public, &sessions));
            let bytes = packed.to_bytes();
            prop_assert_eq!(Packed::from_bytes(&bytes, &mut Rules::default()), Some(packed));
            prop_assert_eq!(Packed::from_bytes(&bytes[..cut.min(bytes.len() - 1)], &mut Rules::default()), None);
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = Packed::from_bytes(&bytes, &mut Rules::default());
        }
    }
}
