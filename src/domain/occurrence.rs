//! What comes of schedules, holidays and exceptions: the times at which something is on.
//!
//! Schedules are local times in a named zone. A time that summer time leaves out (between two and three in a night of
//! March) is read with the offset before it, and one that comes twice (in October) as the first, as RFC 5545 has it.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use utoipa::ToSchema;

use super::holidays::HolidayCalendar;
use super::offering::Session;
use super::schedule::{ExceptionKind, Schedule, ScheduleException};

/// For how many days before and after it a date that is otherwise is told.
pub const TOLD_DAYS: u64 = 14;

/// One time at which something is on, or would have been.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Occurrence {
    /// The local date on which it begins.
    pub date: NaiveDate,
    /// When it begins; nothing when only the date is known.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "rfc3339")]
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-12-03T10:00:00+01:00")]
    pub starts_at: Option<DateTime<Tz>>,
    /// When it ends; nothing when that is not known.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "rfc3339")]
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-12-03T12:00:00+01:00")]
    pub ends_at: Option<DateTime<Tz>>,
    /// What is otherwise than usual.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<OccurrenceChange>,
}

/// What is otherwise than usual.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OccurrenceChange {
    /// Cancelled, moved, or extra.
    pub kind: ExceptionKind,
    /// The date it moved from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved_from: Option<NaiveDate>,
    /// Where it is instead, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

fn rfc3339<S: serde::Serializer>(at: &Option<DateTime<Tz>>, to: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => to.serialize_str(&at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
        None => to.serialize_none(),
    }
}

impl Occurrence {
    /// Whether it is on: not cancelled.
    pub fn is_on(&self) -> bool {
        self.change.as_ref().is_none_or(|change| change.kind != ExceptionKind::Cancelled)
    }

    /// From when to when it is, the end not included; of what is only known by its date the whole day, and of what
    /// has no end the hour from its beginning.
    pub fn span(&self) -> (DateTime<Utc>, DateTime<Utc>) {
        let day = |date: NaiveDate| instant(date.and_time(NaiveTime::MIN), chrono_tz::Europe::Amsterdam);
        match (self.starts_at, self.ends_at) {
            (None, _) => (day(self.date).to_utc(), day(next(self.date)).to_utc()),
            (Some(start), end) => (start.to_utc(), end.map_or(start + TimeDelta::hours(1), |end| end).to_utc()),
        }
    }
}

/// When a session is: its schedules, the dates on which it is otherwise, and the days on which all is closed.
#[derive(Clone, Debug, PartialEq)]
pub struct Timetable<'t> {
    /// The schedules.
    pub schedules: &'t [Schedule],
    /// The exceptions.
    pub exceptions: &'t [ScheduleException],
    /// From the first to the last day on which the offering is closed, as far as these are set.
    pub closed: Option<(Option<NaiveDate>, Option<NaiveDate>)>,
}

impl Timetable<'_> {
    /// What begins on the dates from one to another, both included, in the order of time; what is cancelled too.
    pub fn between(&self, from: NaiveDate, to: NaiveDate, holidays: &HolidayCalendar) -> Vec<Occurrence> {
        let mut found: Vec<Occurrence> = Vec::new();
        for schedule in self.schedules {
            for date in schedule.dates(from, to, holidays).unwrap_or_default() {
                let exception = |kind| self.exceptions.iter().find(|own| own.date == date && own.change == kind);
                if exception(ExceptionKind::Moved).is_some() {
                    continue;
                }
                let change = exception(ExceptionKind::Cancelled).map(|exception| told(exception, None));
                found.push(schedule.at(date, schedule.starts_at, schedule.ends_at, change));
            }
        }
        for exception in self.exceptions.iter().filter(|exception| exception.change != ExceptionKind::Cancelled) {
            let date = exception.new_date.unwrap_or(exception.date);
            if (from..=to).contains(&date) {
                self.add_exception(exception, date, holidays, &mut found);
            }
        }
        if let Some((first, last)) = self.closed {
            let is_closed = |date| first.is_none_or(|first| first <= date) && last.is_none_or(|last| date <= last);
            found.retain(|occurrence| !is_closed(occurrence.date));
        }
        found.sort_by_key(|occurrence| (occurrence.span(), occurrence.starts_at.is_some()));
        found.dedup_by(|later, earlier| {
            later.starts_at == earlier.starts_at && later.date == earlier.date && later.ends_at == earlier.ends_at
        });
        found
    }

    /// Adds what is moved to a date, or is extra on it. Where no times are told they are those of the schedules that
    /// would have been on that day; of something extra, those of the first schedule.
    fn add_exception(
        &self,
        exception: &ScheduleException,
        date: NaiveDate,
        holidays: &HolidayCalendar,
        found: &mut Vec<Occurrence>,
    ) {
        let is_moved = exception.change == ExceptionKind::Moved;
        let falls = |schedule: &&Schedule| {
            schedule.dates(exception.date, exception.date, holidays).is_some_and(|dates| !dates.is_empty())
        };
        let mut models: Vec<&Schedule> = self.schedules.iter().filter(|own| !is_moved || falls(own)).collect();
        if !is_moved || exception.starts_at.is_some() {
            models.truncate(1);
        }
        let once = Schedule::once(date);
        if models.is_empty() {
            models.push(self.schedules.first().unwrap_or(&once));
        }
        let change = told(exception, (is_moved && date != exception.date).then_some(exception.date));
        for model in models {
            let (starts_at, ends_at) = match exception.starts_at {
                Some(start) => (Some(start), exception.ends_at.or_else(|| model.end_after(start))),
                None => (model.starts_at, exception.ends_at.or(model.ends_at)),
            };
            found.push(model.at(date, starts_at, ends_at, Some(change.clone())));
        }
    }

    /// Whether it tells all of its dates: of a schedule every other week without a first date nobody knows which.
    pub fn is_known(&self) -> bool {
        let day = NaiveDate::default();
        let tells = |schedule: &Schedule| {
            schedule.rule.as_ref().is_none_or(|rule| rule.dates(schedule.from, day, day).is_some())
        };
        self.schedules.iter().all(tells) && (!self.schedules.is_empty() || !self.exceptions.is_empty())
    }

    /// The first that is on and has not ended, looking ahead so many days.
    pub fn next(&self, now: DateTime<Utc>, days: u64, holidays: &HolidayCalendar) -> Option<Occurrence> {
        self.next_where(now, days, holidays, |_| true)
    }

    /// The same, of those that pass a test.
    pub fn next_where(
        &self,
        now: DateTime<Utc>,
        days: u64,
        holidays: &HolidayCalendar,
        test: impl Fn(&Occurrence) -> bool,
    ) -> Option<Occurrence> {
        let today = now.with_timezone(&chrono_tz::Europe::Amsterdam).date_naive();
        let first = today.checked_sub_days(Days::new(1))?;
        // Most is weekly; who looks a year ahead of that computes fifty dates too many.
        let mut from = first;
        for ahead in [14, days] {
            let to = today.checked_add_days(Days::new(ahead))?;
            let found = self.between(from, to, holidays);
            let is_next = |own: &Occurrence| own.is_on() && own.span().1 > now && test(own);
            let next = found.into_iter().find(is_next);
            if next.is_some() {
                return next;
            }
            from = next_day_or(to, from);
        }
        None
    }

    /// What is otherwise on dates near a day: up to [`TOLD_DAYS`] before and after it.
    pub fn changes_around(&self, today: NaiveDate, holidays: &HolidayCalendar) -> Vec<Occurrence> {
        if self.exceptions.is_empty() {
            return Vec::new();
        }
        let near = |days| (today.checked_sub_days(Days::new(days)), today.checked_add_days(Days::new(days)));
        let (Some(from), Some(to)) = near(TOLD_DAYS) else { return Vec::new() };
        let mut told = self.between(from, to, holidays);
        // What moved away from one of these days is told too, however far it went.
        let moved = self.exceptions.iter().filter(|own| own.change == ExceptionKind::Moved);
        let far = moved.filter(|own| (from..=to).contains(&own.date)).filter_map(|own| own.new_date);
        for date in far.filter(|date| !(from..=to).contains(date)) {
            told.extend(self.between(date, date, holidays));
        }
        told.retain(|occurrence| occurrence.change.is_some());
        told
    }
}

fn told(exception: &ScheduleException, moved_from: Option<NaiveDate>) -> OccurrenceChange {
    OccurrenceChange {
        kind: exception.change,
        moved_from,
        place: exception.place.clone(),
        reason: exception.reason.clone(),
    }
}

fn next(date: NaiveDate) -> NaiveDate {
    next_day_or(date, date)
}

fn next_day_or(date: NaiveDate, otherwise: NaiveDate) -> NaiveDate {
    date.succ_opt().unwrap_or(otherwise)
}

impl Schedule {
    /// Once, on a date.
    fn once(date: NaiveDate) -> Self {
        Self {
            rule: None,
            from: Some(date),
            until: None,
            starts_at: None,
            ends_at: None,
            time_zone: super::schedule::amsterdam(),
            holidays: None,
        }
    }

    /// Its dates from one to another, both included, without the holidays on which it is closed; nothing when it does
    /// not tell them.
    pub fn dates(&self, from: NaiveDate, to: NaiveDate, holidays: &HolidayCalendar) -> Option<Vec<NaiveDate>> {
        let to = self.until.map_or(to, |until| until.min(to));
        let mut dates = match &self.rule {
            Some(rule) => rule.dates(self.from, from, to)?,
            None => vec![self.from?],
        };
        let closed = |date| self.holidays.as_ref().is_some_and(|effects| holidays.closes(effects, date));
        dates.retain(|date| (from..=to).contains(date) && !closed(*date));
        Some(dates)
    }

    /// What it is on a date, with these times.
    fn at(
        &self,
        date: NaiveDate,
        starts_at: Option<NaiveTime>,
        ends_at: Option<NaiveTime>,
        change: Option<OccurrenceChange>,
    ) -> Occurrence {
        let at = |date: NaiveDate, time| instant(date.and_time(time), self.time_zone);
        let start = starts_at.map(|time| at(date, time));
        // An end that is not later than the beginning is on the next day.
        let end = starts_at.zip(ends_at).map(|(start, end)| at(if end > start { date } else { next(date) }, end));
        // In the night in which the clock goes back an end may come before a beginning that is read as the second.
        let end = end.filter(|end| start.is_none_or(|start| start < *end));
        Occurrence { date, starts_at: start, ends_at: end, change }
    }

    /// The end for another beginning: as long as usual.
    fn end_after(&self, start: NaiveTime) -> Option<NaiveTime> {
        let (usual, end) = self.starts_at.zip(self.ends_at)?;
        Some(start.overflowing_add_signed(end.signed_duration_since(usual)).0)
    }
}

/// The moment of a local time.
pub fn instant(local: NaiveDateTime, zone: Tz) -> DateTime<Tz> {
    /// Longer than any step of a clock.
    const STEP: TimeDelta = TimeDelta::hours(3);
    let found = zone.from_local_datetime(&local).earliest();
    // In a gap, as the clock went before it.
    let before = || zone.from_local_datetime(&(local - STEP)).earliest().map(|before| before + STEP);
    found.or_else(before).unwrap_or_else(|| zone.from_utc_datetime(&local))
}

impl Session {
    /// When it is.
    pub fn timetable(&self) -> Timetable<'_> {
        Timetable { schedules: &self.schedules, exceptions: &self.exceptions, closed: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::schedule::{HolidayEffect, Holidays, SchoolRegion, parse_time};

    fn date(text: &str) -> NaiveDate {
        text.parse().expect(text)
    }

    /// "RULE from F until U 10:00-12:00"; every part but the times may be left out.
    fn schedule(text: &str) -> Schedule {
        let mut schedule = Schedule { from: None, ..Schedule::once(date("2026-01-01")) };
        let mut words = text.split(' ').peekable();
        while let Some(word) = words.next() {
            match word {
                "from" => schedule.from = words.next().map(date),
                "until" => schedule.until = words.next().map(date),
                "holidays" => {
                    schedule.holidays = Some(Holidays {
                        public: Some(HolidayEffect::Closed),
                        school: Some(HolidayEffect::Closed),
                        summer: None,
                        school_region: Some(SchoolRegion::North),
                    });
                }
                "utc" => schedule.time_zone = chrono_tz::UTC,
                _ if word.starts_with("FREQ") => schedule.rule = Some(word.parse().expect(word)),
                _ => {
                    let (start, end) = word.split_once('-').unwrap_or((word, ""));
                    schedule.starts_at = parse_time(start).ok();
                    schedule.ends_at = parse_time(end).ok();
                }
            }
        }
        schedule
    }

    fn exception(kind: ExceptionKind, day: &str) -> ScheduleException {
        ScheduleException {
            date: date(day),
            change: kind,
            new_date: None,
            starts_at: None,
            ends_at: None,
            place: None,
            reason: None,
            announced_on: None,
        }
    }

    fn tell(occurrence: &Occurrence) -> String {
        let time =
            |at: Option<DateTime<Tz>>| at.map_or("?".to_owned(), |at| at.format("%Y-%m-%dT%H:%M%:z").to_string());
        match occurrence.starts_at {
            None => occurrence.date.to_string(),
            start => format!("{} {}", time(start), time(occurrence.ends_at)),
        }
    }

    fn between(schedules: &[Schedule], exceptions: &[ScheduleException], from: &str, to: &str) -> Vec<String> {
        let timetable = Timetable { schedules, exceptions, closed: None };
        let found = timetable.between(date(from), date(to), HolidayCalendar::dutch());
        found.iter().filter(|occurrence| occurrence.is_on()).map(tell).collect()
    }

    #[test]
    fn times_are_what_an_almanac_and_a_clock_say() {
        let cases: [(&str, &str, &[&str]); 15] = [
            // Before and after the clock goes forward (29 March 2026) and back (25 October 2026).
            (
                "FREQ=WEEKLY;BYDAY=SU from 2026-03-22 10:00-12:00",
                "2026-03-22 2026-03-29",
                &["2026-03-22T10:00+01:00 2026-03-22T12:00+01:00", "2026-03-29T10:00+02:00 2026-03-29T12:00+02:00"],
            ),
            (
                "FREQ=WEEKLY;BYDAY=SU 10:00-12:00",
                "2026-10-24 2026-11-01",
                &["2026-10-25T10:00+01:00 2026-10-25T12:00+01:00", "2026-11-01T10:00+01:00 2026-11-01T12:00+01:00"],
            ),
            // Over the night in which an hour is missing: three hours on the clock, two by the sun.
            (
                "FREQ=WEEKLY;BYDAY=SA 23:00-03:00",
                "2026-03-28 2026-03-28",
                &["2026-03-28T23:00+01:00 2026-03-29T03:00+02:00"],
            ),
            // A beginning that the clock leaves out.
            (
                "from 2026-03-29 02:30-04:00",
                "2026-03-29 2026-03-29",
                &["2026-03-29T03:30+02:00 2026-03-29T04:00+02:00"],
            ),
            // A beginning that comes twice is the first.
            (
                "from 2026-10-25 02:30-04:00",
                "2026-10-25 2026-10-25",
                &["2026-10-25T02:30+02:00 2026-10-25T04:00+01:00"],
            ),
            (
                "FREQ=WEEKLY;BYDAY=FR 22:00-02:00",
                "2026-11-27 2026-11-28",
                &["2026-11-27T22:00+01:00 2026-11-28T02:00+01:00"],
            ),
            ("FREQ=DAILY 00:00-00:00", "2026-11-27 2026-11-27", &["2026-11-27T00:00+01:00 2026-11-28T00:00+01:00"]),
            (
                "FREQ=MONTHLY;BYDAY=-1FR 20:00-22:00",
                "2026-11-01 2026-12-31",
                &["2026-11-27T20:00+01:00 2026-11-27T22:00+01:00", "2026-12-25T20:00+01:00 2026-12-25T22:00+01:00"],
            ),
            ("FREQ=MONTHLY;BYDAY=1TU 10:00", "2026-11-28 2026-12-31", &["2026-12-01T10:00+01:00 ?"]),
            // A leap day, every year that has one.
            (
                "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29 10:00-11:00",
                "2026-01-01 2029-01-01",
                &["2028-02-29T10:00+01:00 2028-02-29T11:00+01:00"],
            ),
            // Easter Monday, and the weeks of the school holidays in May; a Monday of May that is neither.
            (
                "FREQ=WEEKLY;BYDAY=MO 10:00-11:00 holidays",
                "2026-04-01 2026-05-10",
                &[
                    "2026-04-13T10:00+02:00 2026-04-13T11:00+02:00",
                    "2026-04-20T10:00+02:00 2026-04-20T11:00+02:00",
                    "2026-05-04T10:00+02:00 2026-05-04T11:00+02:00",
                ],
            ),
            (
                "FREQ=WEEKLY;BYDAY=TU from 2026-09-01 until 2026-09-14 10:00",
                "2026-01-01 2026-12-31",
                &["2026-09-01T10:00+02:00 ?", "2026-09-08T10:00+02:00 ?"],
            ),
            ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU 10:00", "2026-01-01 2026-12-31", &[]),
            ("FREQ=WEEKLY;BYDAY=TU", "2026-12-01 2026-12-07", &["2026-12-01"]),
            (
                "FREQ=WEEKLY;BYDAY=TU 10:00-11:00 utc",
                "2026-12-01 2026-12-01",
                &["2026-12-01T10:00+00:00 2026-12-01T11:00+00:00"],
            ),
        ];
        for (text, window, expected) in cases {
            let (from, to) = window.split_once(' ').expect("two dates");
            assert_eq!(between(&[schedule(text)], &[], from, to), expected, "{text}");
        }
    }

    #[test]
    fn dates_that_are_otherwise_take_the_place_of_the_usual_ones() {
        let weekly = [schedule("FREQ=WEEKLY;BYDAY=TU 10:00-11:30")];
        let cancelled = exception(ExceptionKind::Cancelled, "2026-12-08");
        let moved =
            ScheduleException { new_date: Some(date("2026-12-16")), ..exception(ExceptionKind::Moved, "2026-12-15") };
        let later =
            ScheduleException { starts_at: parse_time("13:00").ok(), ..exception(ExceptionKind::Moved, "2026-12-22") };
        let extra = exception(ExceptionKind::Extra, "2026-12-03");
        let all = [cancelled.clone(), moved, later, extra];
        assert_eq!(
            between(&weekly, &all, "2026-12-01", "2026-12-31"),
            [
                "2026-12-01T10:00+01:00 2026-12-01T11:30+01:00",
                "2026-12-03T10:00+01:00 2026-12-03T11:30+01:00",
                "2026-12-16T10:00+01:00 2026-12-16T11:30+01:00",
                "2026-12-22T13:00+01:00 2026-12-22T14:30+01:00",
                "2026-12-29T10:00+01:00 2026-12-29T11:30+01:00",
            ]
        );
        let timetable = Timetable { schedules: &weekly, exceptions: &all, closed: None };
        let told = timetable.changes_around(date("2026-12-07"), HolidayCalendar::dutch());
        let kinds: Vec<_> = told.iter().map(|told| (told.date, told.change.as_ref().expect("a change").kind)).collect();
        let (cancelled, moved, extra) = (ExceptionKind::Cancelled, ExceptionKind::Moved, ExceptionKind::Extra);
        assert_eq!(
            kinds,
            [(date("2026-12-03"), extra), (date("2026-12-08"), cancelled), (date("2026-12-16"), moved)],
            "two weeks around, and nothing further away"
        );
        let next = |now: &str| {
            let now = now.parse::<DateTime<Utc>>().expect(now);
            timetable.next(now, 366, HolidayCalendar::dutch()).map(|next| tell(&next))
        };
        assert_eq!(next("2026-12-08T09:00:00Z").as_deref(), Some("2026-12-16T10:00+01:00 2026-12-16T11:30+01:00"));
        assert_eq!(next("2026-12-16T10:29:00Z").as_deref(), Some("2026-12-16T10:00+01:00 2026-12-16T11:30+01:00"));
        assert_eq!(next("2026-12-16T10:30:00Z").as_deref(), Some("2026-12-22T13:00+01:00 2026-12-22T14:30+01:00"));
        let closed = Timetable { closed: Some((Some(date("2026-12-16")), None)), ..timetable.clone() };
        assert_eq!(closed.next("2026-12-15T10:29:00Z".parse().expect("a time"), 366, HolidayCalendar::dutch()), None);
    }

    #[test]
    fn what_does_not_tell_its_dates_says_so() {
        let known = |text: &str| Timetable { schedules: &[schedule(text)], exceptions: &[], closed: None }.is_known();
        assert!(known("FREQ=WEEKLY;BYDAY=TU 10:00") && known("from 2026-12-01 10:00"));
        assert!(!known("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU 10:00"));
        assert!(known("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU from 2026-12-01 10:00"));
        assert!(!Timetable { schedules: &[], exceptions: &[], closed: None }.is_known());
    }

    proptest::proptest! {
        /// Whatever the clock does: in order, ends after beginnings, and each on the date that it names.
        #[test]
        fn occurrences_are_in_order_and_on_their_dates(
            start in 0u32..1440, end in 0u32..1440, from in 0u64..800, days in 0u64..60, zone in 0usize..4,
        ) {
            let zones = [chrono_tz::Europe::Amsterdam, chrono_tz::America::Sao_Paulo, chrono_tz::Australia::Lord_Howe, chrono_tz::UTC];
            let time = |minutes: u32| NaiveTime::from_hms_opt(minutes / 60, minutes % 60, 0);
            let mut daily = schedule("FREQ=DAILY");
            (daily.starts_at, daily.ends_at, daily.time_zone) = (time(start), time(end), zones[zone]);
            let from = date("2025-01-01") + Days::new(from);
            let to = from + Days::new(days);
            let timetable = Timetable { schedules: &[daily], exceptions: &[], closed: None };
            let found = timetable.between(from, to, HolidayCalendar::dutch());
            proptest::prop_assert_eq!(found.len() as u64, days + 1);
            for (own, expected) in found.iter().zip(from.iter_days()) {
                proptest::prop_assert_eq!(own.date, expected);
                let (start, end) = own.span();
                proptest::prop_assert!(start < end && end - start <= TimeDelta::hours(26), "{:?}", own);
            }
        }
    }
}
