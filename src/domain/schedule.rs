//! When something is: recurrence rules with local times, exceptions, courses, and the parts of a week they fill.
//!
//! Rules are read by the crate `rrule` (RFC 5545). Occurrences are not computed here yet; what search needs of a
//! schedule are its [`Slots`].

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate, NaiveTime, Timelike, Weekday};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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
    /// A rule's `UNTIL` counts by its date; a rule that ends by `COUNT` alone goes on here.
    pub fn last_day(&self) -> Option<NaiveDate> {
        let of_rule = match &self.rule {
            Some(rule) => rule.until(),
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

/// A recurrence rule (RFC 5545 RRULE, without `RRULE:` and `DTSTART`), daily at most.
///
/// ```
/// # use wegwijzer::domain::Recurrence;
/// assert!("FREQ=MONTHLY;BYDAY=1TU".parse::<Recurrence>().is_ok());
/// assert!("FREQ=MINUTELY".parse::<Recurrence>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, example = "FREQ=WEEKLY;BYDAY=TH")]
pub struct Recurrence(String);

impl Recurrence {
    /// The rule as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn parsed(&self) -> rrule::RRule<rrule::Unvalidated> {
        self.0.parse().expect("the constructor parsed this text")
    }

    /// The date of its `UNTIL`, when it has one.
    pub fn until(&self) -> Option<NaiveDate> {
        self.parsed().get_until().map(|until| until.date_naive())
    }

    /// The days of the week on which it may fall, when the first date is `from`.
    ///
    /// A rule by day of the month may fall on any day of the week.
    pub fn weekdays(&self, from: Option<NaiveDate>) -> Vec<Weekday> {
        let rule = self.parsed();
        let named = rule.get_by_weekday();
        if !named.is_empty() {
            return named
                .iter()
                .map(|day| match day {
                    rrule::NWeekday::Every(day) | rrule::NWeekday::Nth(_, day) => *day,
                })
                .collect();
        }
        match (rule.get_freq(), from) {
            (rrule::Frequency::Weekly, Some(date)) => vec![date.weekday()],
            (rrule::Frequency::Weekly, None) => Vec::new(),
            _ => WEEK.to_vec(),
        }
    }

    /// About how often it comes in a year, to compare prices by.
    pub fn visits_per_year(&self) -> f64 {
        let rule = self.parsed();
        let interval = f64::from(rule.get_interval().max(1));
        let days = rule.get_by_weekday();
        let of_month: f64 =
            days.iter().map(|day| if matches!(day, rrule::NWeekday::Nth(..)) { 1.0 } else { 52.0 / 12.0 }).sum();
        match rule.get_freq() {
            rrule::Frequency::Weekly => 52.0 * (days.len().max(1) as f64) / interval,
            rrule::Frequency::Monthly if days.is_empty() => {
                12.0 * (rule.get_by_month_day().len().max(1) as f64) / interval
            }
            rrule::Frequency::Monthly => 12.0 * of_month / interval,
            rrule::Frequency::Yearly => 1.0 / interval,
            _ if days.is_empty() => 365.0 / interval,
            _ => 52.0 * days.len() as f64 / interval,
        }
    }
}

impl FromStr for Recurrence {
    type Err = InvalidRecurrence;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fault = |why: String| InvalidRecurrence { given: text.chars().take(80).collect(), why };
        let rule = text.trim().trim_start_matches("RRULE:").to_ascii_uppercase();
        if rule.len() > 200 {
            return Err(fault("it is longer than 200 characters".into()));
        }
        let parsed: rrule::RRule<rrule::Unvalidated> =
            rule.parse().map_err(|e: rrule::RRuleError| fault(e.to_string()))?;
        use rrule::Frequency::{Hourly, Minutely, Secondly};
        if matches!(parsed.get_freq(), Hourly | Minutely | Secondly) {
            return Err(fault("it comes more than once a day; give several schedules".into()));
        }
        // The whole rule is checked against a start; any date that is not special will do.
        let start = rrule::Tz::UTC;
        let start = chrono::TimeZone::with_ymd_and_hms(&start, 2024, 1, 1, 12, 0, 0)
            .single()
            .ok_or_else(|| fault("no start".into()))?;
        let mut checked = parsed;
        if checked.get_until().is_some() {
            checked = checked.until(start + chrono::Duration::days(3650));
        }
        checked.validate(start).map_err(|e| fault(e.to_string()))?;
        Ok(Self(rule))
    }
}

impl TryFrom<String> for Recurrence {
    type Error = InvalidRecurrence;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Recurrence> for String {
    fn from(rule: Recurrence) -> Self {
        rule.0
    }
}

impl fmt::Display for Recurrence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Text that is no recurrence rule.
#[derive(Debug, thiserror::Error)]
#[error("'{given}' is not a recurrence rule ({why}): give one of RFC 5545, as FREQ=WEEKLY;BYDAY=TU")]
pub struct InvalidRecurrence {
    given: String,
    why: String,
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

    #[test]
    fn rules_tell_their_weekdays_and_how_often_they_come() {
        let tuesday = NaiveDate::from_ymd_opt(2026, 1, 6);
        let cases: [(&str, &[Weekday], f64); 6] = [
            ("FREQ=WEEKLY;BYDAY=TU,TH", &[Weekday::Tue, Weekday::Thu], 104.0),
            ("FREQ=WEEKLY", &[Weekday::Tue], 52.0),
            ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", &[Weekday::Mon], 26.0),
            ("FREQ=MONTHLY;BYDAY=1TU", &[Weekday::Tue], 12.0),
            ("FREQ=MONTHLY;BYDAY=-1FR", &[Weekday::Fri], 12.0),
            ("FREQ=DAILY", &WEEK, 365.0),
        ];
        for (text, days, visits) in cases {
            let rule: Recurrence = text.parse().expect(text);
            assert_eq!(rule.weekdays(tuesday), days, "{text}");
            assert_eq!(rule.visits_per_year(), visits, "{text}");
        }
        for wrong in ["", "elke dinsdag", "FREQ=HOURLY", "FREQ=WEEKLY;BYDAY=XX", "BYDAY=MO", "FREQ=WEEKLY;INTERVAL=-1"]
        {
            assert!(wrong.parse::<Recurrence>().is_err(), "{wrong}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_rule_parser_panic(text in "(FREQ|BYDAY|COUNT|UNTIL|INTERVAL|=|;|,|MO|-1FR|WEEKLY|MONTHLY|[0-9]{1,9}|\\PC){0,12}") {
            if let Ok(rule) = text.parse::<Recurrence>() {
                let _ = (rule.weekdays(None), rule.visits_per_year());
            }
            let _ = parse_time(&text);
        }
    }
}
