//! Recurrence rules (RFC 5545): what they say, and on which dates they fall.
//!
//! Rules are read by the crate `rrule`, which also computes those that are not plain. Plain ones, every so many days
//! or weeks, are nearly all that editors write; their dates are counted here, which is far quicker, and a property
//! test holds them against the crate's.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use rrule::{Frequency, NWeekday, RRule, RRuleSet, Unvalidated};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::schedule::WEEK;

/// The most dates of a rule that are looked at; one that comes each day has as many in 27 years.
const MOST_DATES: u16 = 10_000;

/// The last date that anything is computed for.
const LAST: NaiveDate = NaiveDate::from_ymd_opt(2200, 12, 31).expect("a date of the calendar");

/// A recurrence rule (RFC 5545 RRULE, without `RRULE:` and `DTSTART`), daily at most.
///
/// ```
/// # use wegwijzer::domain::Recurrence;
/// assert!("FREQ=MONTHLY;BYDAY=1TU".parse::<Recurrence>().is_ok());
/// assert!("FREQ=MINUTELY".parse::<Recurrence>().is_err());
/// ```
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, example = "FREQ=WEEKLY;BYDAY=TH")]
pub struct Recurrence(Arc<Rule>);

/// A rule as text and as it was read.
struct Rule {
    text: String,
    parsed: RRule<Unvalidated>,
    /// The weekdays of a plain rule.
    plain: Option<Vec<Weekday>>,
}

impl PartialEq for Recurrence {
    fn eq(&self, other: &Self) -> bool {
        self.0.text == other.0.text
    }
}

impl Eq for Recurrence {}

impl fmt::Debug for Recurrence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0.text, f)
    }
}

impl Recurrence {
    /// The rule as text.
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// The last date, of a rule that ends: by its `UNTIL`, or its `COUNT` from a first date on.
    pub fn last_date(&self, first: Option<NaiveDate>) -> Option<NaiveDate> {
        let rule = &self.0.parsed;
        let until = rule.get_until().map(|until| until.date_naive());
        let by_count = match (rule.get_count(), first) {
            (Some(_), Some(first)) => self.dates(Some(first), first, LAST).unwrap_or_default().pop(),
            _ => None,
        };
        [until, by_count].into_iter().flatten().min()
    }

    /// The dates from one to another, both included, in order; nothing when they depend on a first date and none is
    /// known: of "every other week" nobody can tell which weeks.
    ///
    /// The first date bounds them and sets the pace of an interval; it is among them only when the rule says so.
    pub fn dates(&self, first: Option<NaiveDate>, from: NaiveDate, to: NaiveDate) -> Option<Vec<NaiveDate>> {
        let rule = &self.0.parsed;
        if first.is_none() && depends_on_first(rule) {
            return None;
        }
        let from = first.map_or(from, |first| first.max(from));
        let until = rule.get_until().map(|until| until.date_naive());
        let to = until.map_or(to, |until| until.min(to));
        if from > to {
            return Some(Vec::new());
        }
        Some(match &self.0.plain {
            Some(days) => plain_dates(days, rule, first, from, to),
            None => computed_dates(rule.clone(), first, from, to),
        })
    }

    /// The days of the week on which it may fall, when the first date is `from`.
    ///
    /// A rule by day of the month may fall on any day of the week.
    pub fn weekdays(&self, from: Option<NaiveDate>) -> Vec<Weekday> {
        let rule = &self.0.parsed;
        let named = rule.get_by_weekday();
        if !named.is_empty() {
            return named
                .iter()
                .map(|day| match day {
                    NWeekday::Every(day) | NWeekday::Nth(_, day) => *day,
                })
                .collect();
        }
        match (rule.get_freq(), from) {
            (Frequency::Weekly, Some(date)) => vec![date.weekday()],
            (Frequency::Weekly, None) => Vec::new(),
            _ => WEEK.to_vec(),
        }
    }

    /// About how often it comes in a year, to compare prices by.
    pub fn visits_per_year(&self) -> f64 {
        let rule = &self.0.parsed;
        let interval = f64::from(rule.get_interval().max(1));
        let days = rule.get_by_weekday();
        let of_month: f64 =
            days.iter().map(|day| if matches!(day, NWeekday::Nth(..)) { 1.0 } else { 52.0 / 12.0 }).sum();
        match rule.get_freq() {
            Frequency::Weekly => 52.0 * (days.len().max(1) as f64) / interval,
            Frequency::Monthly if days.is_empty() => 12.0 * (rule.get_by_month_day().len().max(1) as f64) / interval,
            Frequency::Monthly => 12.0 * of_month / interval,
            Frequency::Yearly => 1.0 / interval,
            _ if days.is_empty() => 365.0 / interval,
            _ => 52.0 * days.len() as f64 / interval,
        }
    }
}

/// Whether a rule tells its dates only together with its first one.
fn depends_on_first(rule: &RRule<Unvalidated>) -> bool {
    let names_days =
        !rule.get_by_weekday().is_empty() || !rule.get_by_month_day().is_empty() || !rule.get_by_year_day().is_empty();
    rule.get_interval() > 1 || rule.get_count().is_some() || rule.get_freq() != Frequency::Daily && !names_days
}

/// The weekdays of a rule that comes on them every so many weeks, or every so many days; nothing of any other.
fn plain_days(rule: &RRule<Unvalidated>) -> Option<Vec<Weekday>> {
    let is_other = rule.get_count().is_some()
        || !rule.get_by_set_pos().is_empty()
        || !rule.get_by_month().is_empty()
        || !rule.get_by_month_day().is_empty()
        || !rule.get_by_year_day().is_empty()
        || !rule.get_by_week_no().is_empty();
    let every = |day: &NWeekday| match day {
        NWeekday::Every(day) => Some(*day),
        NWeekday::Nth(..) => None,
    };
    let days: Option<Vec<_>> = rule.get_by_weekday().iter().map(every).collect();
    days.filter(|_| !is_other && matches!(rule.get_freq(), Frequency::Weekly | Frequency::Daily))
}

/// The dates of a plain rule.
fn plain_dates(
    days: &[Weekday],
    rule: &RRule<Unvalidated>,
    first: Option<NaiveDate>,
    from: NaiveDate,
    to: NaiveDate,
) -> Vec<NaiveDate> {
    let interval = i64::from(rule.get_interval().max(1));
    let is_weekly = rule.get_freq() == Frequency::Weekly;
    let week_of = |date: NaiveDate| date.week(rule.get_week_start()).first_day();
    let is_on = |date: &NaiveDate| {
        let fits = match first {
            _ if !days.is_empty() => days.contains(&date.weekday()),
            Some(first) if is_weekly => first.weekday() == date.weekday(),
            // Every so many days, whichever days of the week these are.
            _ => true,
        };
        let steps = match first {
            Some(first) if is_weekly => (week_of(*date) - week_of(first)).num_days() / 7,
            Some(first) => (*date - first).num_days(),
            // Without a first date there is no interval.
            None => 0,
        };
        fits && steps % interval == 0
    };
    from.iter_days().take_while(|date| *date <= to).filter(is_on).take(usize::from(MOST_DATES)).collect()
}

/// The dates of any rule, by the crate.
fn computed_dates(
    rule: RRule<Unvalidated>,
    first: Option<NaiveDate>,
    from: NaiveDate,
    to: NaiveDate,
) -> Vec<NaiveDate> {
    let noon = |date: NaiveDate| date.and_hms_opt(12, 0, 0).map(|at| at.and_utc().with_timezone(&rrule::Tz::UTC));
    // Without a first date nothing depends on it: a month before will do.
    let start = first.unwrap_or_else(|| from.checked_sub_days(Days::new(31)).unwrap_or(from));
    let (Some(start), Some(from), Some(to)) = (noon(start), noon(from), noon(to.min(LAST))) else { return Vec::new() };
    // `UNTIL` was taken account of by its date. A rule that never comes would else be looked for until the year 10,000;
    // one with a `COUNT` may not have both.
    let rule = if rule.get_count().is_none() || rule.get_until().is_some() { rule.until(to) } else { rule };
    let Ok(rule) = rule.validate(start) else { return Vec::new() };
    let set = RRuleSet::new(start).rrule(rule).after(from).before(to);
    set.all(MOST_DATES).dates.into_iter().map(|at| at.date_naive()).collect()
}

impl FromStr for Recurrence {
    type Err = InvalidRecurrence;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fault = |why: String| InvalidRecurrence { given: text.chars().take(80).collect(), why };
        let rule = text.trim().trim_start_matches("RRULE:").to_ascii_uppercase();
        if rule.len() > 200 {
            return Err(fault("it is longer than 200 characters".into()));
        }
        let parsed: RRule<Unvalidated> = rule.parse().map_err(|e: rrule::RRuleError| fault(e.to_string()))?;
        use rrule::Frequency::{Hourly, Minutely, Secondly};
        if matches!(parsed.get_freq(), Hourly | Minutely | Secondly) {
            return Err(fault("it comes more than once a day; give several schedules".into()));
        }
        // The whole rule is checked against a start; any date that is not special will do.
        let start = rrule::Tz::UTC;
        let start = chrono::TimeZone::with_ymd_and_hms(&start, 2024, 1, 1, 12, 0, 0)
            .single()
            .ok_or_else(|| fault("no start".into()))?;
        let mut checked = parsed.clone();
        if checked.get_until().is_some() {
            checked = checked.until(start + chrono::Duration::days(3650));
        }
        checked.validate(start).map_err(|e| fault(e.to_string()))?;
        let plain = plain_days(&parsed);
        Ok(Self(Arc::new(Rule { text: rule, parsed, plain })))
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
        rule.0.text.clone()
    }
}

impl fmt::Display for Recurrence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)
    }
}

/// Text that is no recurrence rule.
#[derive(Debug, thiserror::Error)]
#[error("'{given}' is not a recurrence rule ({why}): give one of RFC 5545, as FREQ=WEEKLY;BYDAY=TU")]
pub struct InvalidRecurrence {
    given: String,
    why: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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

    fn date(text: &str) -> NaiveDate {
        text.parse().expect(text)
    }

    #[test]
    fn dates_follow_the_rule_from_its_first_date_on() {
        type Case<'c> = (&'c str, Option<&'c str>, &'c str, Option<&'c str>);
        let cases: [Case<'_>; 12] = [
            ("FREQ=WEEKLY;BYDAY=TH", None, "2026-11-23 2026-12-06", Some("2026-11-26 2026-12-03")),
            (
                "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH",
                Some("2026-11-05"),
                "2026-11-20 2026-12-20",
                Some("2026-12-03 2026-12-17"),
            ),
            ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", None, "2026-11-20 2026-12-20", None),
            // The first date is in the middle of a week, and the weeks are counted from Mondays on.
            (
                "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR",
                Some("2026-11-04"),
                "2026-11-01 2026-11-21",
                Some("2026-11-06 2026-11-16 2026-11-20"),
            ),
            ("FREQ=WEEKLY", Some("2026-11-04"), "2026-11-10 2026-11-20", Some("2026-11-11 2026-11-18")),
            ("FREQ=WEEKLY", None, "2026-11-10 2026-11-20", None),
            ("FREQ=MONTHLY;BYDAY=-1FR", None, "2026-11-01 2027-01-01", Some("2026-11-27 2026-12-25")),
            ("FREQ=MONTHLY;BYDAY=1TU", Some("2026-01-01"), "2026-11-28 2027-01-31", Some("2026-12-01 2027-01-05")),
            ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", None, "2026-01-01 2029-01-01", Some("2028-02-29")),
            (
                "FREQ=WEEKLY;BYDAY=TU;COUNT=3",
                Some("2026-11-24"),
                "2026-11-01 2027-11-01",
                Some("2026-11-24 2026-12-01 2026-12-08"),
            ),
            (
                "FREQ=WEEKLY;BYDAY=TU;UNTIL=20261201T000000Z",
                None,
                "2026-11-20 2027-11-01",
                Some("2026-11-24 2026-12-01"),
            ),
            ("FREQ=DAILY;INTERVAL=3", Some("2026-11-24"), "2026-11-26 2026-12-01", Some("2026-11-27 2026-11-30")),
        ];
        for (text, first, window, expected) in cases {
            let rule: Recurrence = text.parse().expect(text);
            let dates = |text: &str| text.split(' ').map(date).collect::<Vec<_>>();
            let window = dates(window);
            let found = rule.dates(first.map(date), window[0], window[1]);
            assert_eq!(found, expected.map(dates), "{text} from {first:?}");
        }
    }

    #[test]
    fn rules_that_end_tell_when() {
        let last = |text: &str, first: Option<&str>| text.parse::<Recurrence>().expect(text).last_date(first.map(date));
        assert_eq!(last("FREQ=WEEKLY;BYDAY=TU;COUNT=3", Some("2026-11-24")), Some(date("2026-12-08")));
        assert_eq!(last("FREQ=WEEKLY;BYDAY=TU;COUNT=3", None), None);
        assert_eq!(last("FREQ=WEEKLY;BYDAY=TU;UNTIL=20261201T120000Z", None), Some(date("2026-12-01")));
        assert_eq!(last("FREQ=WEEKLY;BYDAY=TU", Some("2026-11-24")), None);
        let never: Recurrence = "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30".parse().expect("a rule");
        assert_eq!(never.dates(None, date("2026-11-01"), date("2027-11-01")), Some(Vec::new()));
    }

    proptest! {
        #[test]
        fn plain_dates_are_those_of_the_crate(
            is_weekly: bool,
            interval in 1u16..5,
            days in prop::sample::subsequence(vec!["MO", "TU", "WE", "TH", "FR", "SA", "SU"], 0..4),
            week_start in prop::sample::select(vec!["", ";WKST=SU", ";WKST=WE"]),
            first in 0u64..400,
            offset in 0u64..700,
            length in 0u64..80,
        ) {
            let day = |days: u64| date("2025-01-01") + Days::new(days);
            let by_day = if days.is_empty() { String::new() } else { format!(";BYDAY={}", days.join(",")) };
            let frequency = if is_weekly { "WEEKLY" } else { "DAILY" };
            let text = format!("FREQ={frequency};INTERVAL={interval}{by_day}{week_start}");
            let rule: Recurrence = text.parse().expect("a rule");
            let (first, from, to) = (day(first), day(offset), day(offset + length));
            let of_crate = if first.max(from) > to {
                Vec::new()
            } else {
                computed_dates(rule.0.parsed.clone(), Some(first), first.max(from), to)
            };
            prop_assert_eq!(rule.dates(Some(first), from, to), Some(of_crate), "{}", text);
        }

        #[test]
        fn no_text_makes_the_rule_parser_panic(
            text in "(FREQ|BYDAY|COUNT|UNTIL|INTERVAL|BYMONTHDAY|=|;|,|MO|-1FR|WEEKLY|MONTHLY|[0-9]{1,9}|\\PC){0,12}",
        ) {
            if let Ok(rule) = text.parse::<Recurrence>() {
                let _ = (rule.weekdays(None), rule.visits_per_year(), rule.last_date(Some(date("2026-01-01"))));
                let _ = rule.dates(Some(date("2026-01-01")), date("2026-11-01"), date("2026-12-01"));
            }
            let _ = super::super::schedule::parse_time(&text);
        }
    }
}
