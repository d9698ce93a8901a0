//! The public and school holidays of the Netherlands, from `data/holidays.json`.
//!
//! School holidays are set a few years ahead; beyond what is known nothing is taken to be one.

use std::sync::OnceLock;

use chrono::NaiveDate;
use serde::Deserialize;

use super::schedule::{HolidayEffect, Holidays, SchoolRegion};

/// The days that the binary carries.
const EMBEDDED: &str = include_str!("../../data/holidays.json");

/// Which days are holidays.
#[derive(Debug, Deserialize)]
pub struct HolidayCalendar {
    public: PublicHolidays,
    school: Vec<SchoolHolidays>,
}

/// Days on which the country has a holiday.
#[derive(Debug, Deserialize)]
struct PublicHolidays {
    days: Vec<PublicHoliday>,
}

#[derive(Debug, Deserialize)]
struct PublicHoliday {
    date: NaiveDate,
}

/// The school holidays of a region.
#[derive(Debug, Deserialize)]
struct SchoolHolidays {
    region: SchoolRegion,
    /// The last day of which it is known whether it is one.
    until: NaiveDate,
    holidays: Vec<Span>,
}

#[derive(Debug, Deserialize)]
struct Span {
    name: String,
    from: NaiveDate,
    until: NaiveDate,
}

impl HolidayCalendar {
    /// The holidays of the Netherlands.
    pub fn dutch() -> &'static Self {
        static CALENDAR: OnceLock<HolidayCalendar> = OnceLock::new();
        CALENDAR.get_or_init(|| {
            // The file is part of the binary, and a test reads it.
            serde_json::from_str(EMBEDDED).expect("data/holidays.json is of its form")
        })
    }

    /// Whether a date is a public holiday.
    pub fn is_public(&self, date: NaiveDate) -> bool {
        self.public.days.binary_search_by_key(&date, |day| day.date).is_ok()
    }

    /// Whether schools have a holiday on a date: those of the region, or any when it is not told which.
    pub fn is_school(&self, date: NaiveDate, region: Option<SchoolRegion>) -> bool {
        self.spans(date, region).next().is_some()
    }

    /// Whether it is the one in summer.
    pub fn is_summer(&self, date: NaiveDate, region: Option<SchoolRegion>) -> bool {
        self.spans(date, region).any(|span| span.name == "Zomervakantie")
    }

    fn spans(&self, date: NaiveDate, region: Option<SchoolRegion>) -> impl Iterator<Item = &Span> {
        let regions = self.school.iter().filter(move |own| region.is_none_or(|region| region == own.region));
        regions.flat_map(|own| &own.holidays).filter(move |span| (span.from..=span.until).contains(&date))
    }

    /// The last day of which school holidays are known.
    pub fn school_known_until(&self, region: Option<SchoolRegion>) -> Option<NaiveDate> {
        let regions = self.school.iter().filter(|own| region.is_none_or(|region| region == own.region));
        regions.map(|own| own.until).min()
    }

    /// Whether what has these rules about holidays is closed on a date.
    pub fn closes(&self, holidays: &Holidays, date: NaiveDate) -> bool {
        let closed = |effect| effect == Some(HolidayEffect::Closed);
        let region = holidays.school_region;
        let in_summer = holidays.summer.filter(|_| self.is_summer(date, region));
        closed(holidays.public) && self.is_public(date)
            || closed(in_summer)
            || in_summer.is_none() && closed(holidays.school) && self.is_school(date, region)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holidays_are_where_the_law_and_the_ministry_put_them() {
        let calendar = HolidayCalendar::dutch();
        let date = |text: &str| text.parse::<NaiveDate>().expect(text);
        // Easter of three years, as the almanacs have it; and the birthday of the King when it is a Sunday.
        for day in ["2026-04-06", "2027-03-29", "2028-04-17", "2026-05-14", "2027-05-17", "2026-12-26", "2025-04-26"] {
            assert!(calendar.is_public(date(day)), "{day}");
        }
        for day in ["2026-04-03", "2025-04-27", "2026-12-27", "2026-11-28"] {
            assert!(!calendar.is_public(date(day)), "{day}");
        }
        let (north, middle) = (Some(SchoolRegion::North), Some(SchoolRegion::Middle));
        assert!(calendar.is_school(date("2026-07-06"), north) && !calendar.is_school(date("2026-07-06"), middle));
        assert!(calendar.is_school(date("2026-07-06"), None));
        assert!(!calendar.is_school(date("2026-08-17"), north) && calendar.is_school(date("2026-12-24"), middle));
        assert!(calendar.school_known_until(None) <= calendar.school_known_until(north));
        assert!(calendar.public.days.is_sorted_by_key(|day| day.date));
    }
}
