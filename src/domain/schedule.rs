//! When something is: schedules with local times, exceptions, courses, and the parts of a week they fill.
//!
//! What comes of them on which dates is in [`super::occurrence`].

use chrono::{NaiveDate, NaiveTime, Timelike, Weekday};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::recurrence::Recurrence;

/// Times that come back by a rule, or once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Schedule {
    /// How it comes back (RFC 5545 RRULE); once, on the first date, when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Recurrence>,
    /// The first date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// The last date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
    /// When it begins, local time.
    #[serde(default, with = "clock_time", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "time-local", example = "10:00")]
    pub starts_at: Option<NaiveTime>,
    /// When it ends, local time; not later than the beginning means on the next day.
    #[serde(default, with = "clock_time", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "time-local", example = "12:00")]
    pub ends_at: Option<NaiveTime>,
    /// The zone of the local times (IANA).
    #[serde(default = "amsterdam")]
    #[schema(value_type = String, example = "Europe/Amsterdam")]
    pub time_zone: chrono_tz::Tz,
    /// What holidays do to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holidays: Option<Holidays>,
}

impl Schedule {
    /// The last date on which it can be; nothing when it goes on.
    ///
    /// A rule's `UNTIL` counts by its date; one that ends by `COUNT` goes on where its first date is not known.
    pub fn last_day(&self) -> Option<NaiveDate> {
        let of_rule = match &self.rule {
            Some(rule) => rule.last_date(self.from),
            None => self.from,
        };
        [of_rule, self.until].into_iter().flatten().min()
    }
}

/// The zone of every Dutch municipality in Europe.
pub fn amsterdam() -> chrono_tz::Tz {
    chrono_tz::Europe::Amsterdam
}

/// What holidays do to a schedule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Holidays {
    /// On public holidays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public: Option<HolidayEffect>,
    /// In school holidays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub school: Option<HolidayEffect>,
    /// In the summer holidays of schools, where that is otherwise than in the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summer: Option<HolidayEffect>,
    /// Whose school holidays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub school_region: Option<SchoolRegion>,
}

/// What a holiday does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum HolidayEffect {
    /// It goes on.
    Open,
    /// It does not.
    Closed,
}

/// A region of the Dutch school holidays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SchoolRegion {
    /// Noord.
    North,
    /// Midden.
    Middle,
    /// Zuid.
    South,
}

/// A date on which it is otherwise than the schedules say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScheduleException {
    /// The date it is about.
    pub date: NaiveDate,
    /// What is otherwise.
    pub change: ExceptionKind,
    /// The date it moved to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_date: Option<NaiveDate>,
    /// The new beginning, local time.
    #[serde(default, with = "clock_time", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "time-local", example = "10:00")]
    pub starts_at: Option<NaiveTime>,
    /// The new end, local time.
    #[serde(default, with = "clock_time", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "time-local", example = "12:00")]
    pub ends_at: Option<NaiveTime>,
    /// The new place, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Since when this is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub announced_on: Option<NaiveDate>,
}

/// What is otherwise on a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ExceptionKind {
    /// It is not on.
    Cancelled,
    /// It is at another time or place.
    Moved,
    /// It is on though no rule says so.
    Extra,
}

/// How one enrols in a course or a dated event.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Enrolment {
    /// The first day on which one can enrol.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens: Option<NaiveDate>,
    /// The last day on which one can enrol.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closes: Option<NaiveDate>,
    /// The day of the first lesson.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_on: Option<NaiveDate>,
    /// How many lessons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lessons: Option<u16>,
    /// Whether one may still join after the first lesson.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub join_late: Option<bool>,
    /// Whether one may try it first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial: Option<bool>,
}

/// The days of a week in their order.
pub const WEEK: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

/// The English name of a weekday, as in queries and facets.
pub fn weekday_name(day: Weekday) -> &'static str {
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"][day.num_days_from_monday() as usize]
}

/// A part of the day, by the hours of the vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DayPart {
    /// 6 to 12.
    Morning,
    /// 12 to 18.
    Afternoon,
    /// 18 to 23.
    Evening,
    /// 23 to 6.
    Night,
}

impl DayPart {
    /// All parts in the order of a day.
    pub const ALL: [Self; 4] = [Self::Morning, Self::Afternoon, Self::Evening, Self::Night];

    /// The English name, as in queries and facets.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Morning => "morning",
            Self::Afternoon => "afternoon",
            Self::Evening => "evening",
            Self::Night => "night",
        }
    }
}

/// The parts of the week in which something is on: a weekday with a part of its day, 28 in all.
///
/// Monday's morning is bit 0, Monday's night bit 3, Sunday's night bit 27. The hours after midnight are the night
/// of the day before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slots(pub u32);

impl Slots {
    /// Every slot of a weekday.
    pub fn of_weekday(day: Weekday) -> Self {
        Self(0b1111 << (4 * day.num_days_from_monday()))
    }

    /// Every slot of a part of the day.
    pub fn of_part(part: DayPart) -> Self {
        Self(0x0111_1111 << (part as u32))
    }

    /// The slots of times on the given weekdays; without times all parts of the day are possible.
    pub fn of(days: &[Weekday], starts_at: Option<NaiveTime>, ends_at: Option<NaiveTime>) -> Self {
        const DAY: u32 = 24 * 60;
        // A day is counted from its morning on, so that the night belongs to the day before it.
        const MORNING: u32 = 6 * 60;
        const PART_ENDS: [u32; 4] = [6 * 60, 12 * 60, 17 * 60, DAY];
        let minute = |time: NaiveTime| time.hour() * 60 + time.minute();
        let mut slots = 0;
        for day in days {
            let Some(start) = starts_at.map(minute) else {
                slots |= Self::of_weekday(*day).0;
                continue;
            };
            let length = match ends_at.map(minute) {
                Some(end) => (end + DAY - start - 1) % DAY + 1,
                // A beginning without an end fills the part it begins in.
                None => 1,
            };
            let mut at = (day.num_days_from_monday() + 7) * DAY + start - MORNING;
            let end = at + length;
            while at < end {
                let (whole_days, in_day) = (at / DAY, at % DAY);
                let part = PART_ENDS.iter().position(|part_end| in_day < *part_end).unwrap_or(0);
                slots |= 1 << (4 * (whole_days % 7) + part as u32);
                at = whole_days * DAY + PART_ENDS[part];
            }
        }
        Self(slots)
    }
}

/// Local times are written `10:00`; seconds would promise too much.
mod clock_time {
    use chrono::NaiveTime;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(time: &Option<NaiveTime>, to: S) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => to.collect_str(&time.format("%H:%M")),
            None => to.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<NaiveTime>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| super::parse_time(&text).map_err(serde::de::Error::custom)).transpose()
    }
}

/// Reads a time of day: `10:00`, `9.30` or `10:00:00`.
pub fn parse_time(text: &str) -> Result<NaiveTime, String> {
    let colons = text.trim().replace('.', ":");
    ["%H:%M", "%H:%M:%S"]
        .iter()
        .find_map(|form| NaiveTime::parse_from_str(&colons, form).ok())
        .and_then(|time| time.with_second(0))
        .ok_or_else(|| format!("'{text}' is not a time of day: give one as 10:00"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(slots: Slots) -> Vec<String> {
        let mut names = Vec::new();
        for day in WEEK {
            for part in DayPart::ALL {
                if slots.0 & Slots::of_weekday(day).0 & Slots::of_part(part).0 != 0 {
                    names.push(format!("{day} {}", part.as_str()));
                }
            }
        }
        names
    }

    #[test]
    fn times_fill_the_parts_of_the_day_they_touch() {
        let cases: [(Weekday, &str, Option<&str>, &[&str]); 7] = [
            (Weekday::Tue, "10:00", Some("12:00"), &["Tue morning"]),
            (Weekday::Tue, "11:00", Some("13:00"), &["Tue morning", "Tue afternoon"]),
            (Weekday::Fri, "22:00", Some("02:00"), &["Fri evening", "Fri night"]),
            (Weekday::Sun, "23:30", Some("07:00"), &["Mon morning", "Sun night"]),
            (Weekday::Mon, "01:00", Some("05:00"), &["Sun night"]),
            (Weekday::Wed, "18:00", None, &["Wed evening"]),
            (
                Weekday::Sat,
                "09:00",
                Some("09:00"),
                &["Sat morning", "Sat afternoon", "Sat evening", "Sat night", "Sun morning"],
            ),
        ];
        for (day, start, end, expected) in cases {
            let time = |text: &str| parse_time(text).ok();
            let slots = Slots::of(&[day], time(start), end.and_then(time));
            assert_eq!(names(slots), expected, "{day} {start} {end:?}");
        }
        assert_eq!(names(Slots::of(&[Weekday::Thu], None, None)).len(), 4);
    }
}
