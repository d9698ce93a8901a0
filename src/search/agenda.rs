//! When the sessions of a segment are: their timetables, what comes of these in the weeks ahead, and which sessions
//! are on in the time that a search asks for.
//!
//! The coming eight weeks are computed once a day for each segment and kept in memory; what is asked for later than
//! that is computed when it is asked.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc, Weekday};
use chrono_tz::Europe::Amsterdam;

use crate::domain::schedule::ScheduleException;
use crate::domain::{HolidayCalendar, Now, Schedule, Slots, Timetable};

use super::columns::Columns;
use super::facts::door;
use super::query::{Filters, When};
use super::sieve::Documents;

/// How many days ahead are kept.
const DAYS_AHEAD: u64 = 56;

/// When a session is, without the words of its exceptions.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Times {
    pub schedules: Vec<Schedule>,
    pub exceptions: Vec<ScheduleException>,
    /// The days on which the offering is closed.
    pub closed: Option<(Option<NaiveDate>, Option<NaiveDate>)>,
}

impl Times {
    pub fn of(timetable: &Timetable<'_>) -> Self {
        let wordless = |own: &ScheduleException| ScheduleException {
            place: None,
            reason: None,
            announced_on: None,
            ..own.clone()
        };
        Self {
            schedules: timetable.schedules.to_vec(),
            exceptions: timetable.exceptions.iter().map(wordless).collect(),
            closed: timetable.closed,
        }
    }

    fn timetable(&self) -> Timetable<'_> {
        Timetable { schedules: &self.schedules, exceptions: &self.exceptions, closed: self.closed }
    }
}

/// A time at which a session is on, in minutes since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    start: i32,
    end: i32,
    /// The parts of the week that it fills.
    slots: u32,
    /// Whether its time is known, and not its date alone.
    is_timed: bool,
}

/// When the sessions of a segment are, from one date to another.
pub(super) struct Agenda {
    first: NaiveDate,
    last: NaiveDate,
    /// For each session the place of its first entry; that of the next session ends them.
    starts: Vec<u32>,
    entries: Vec<Entry>,
}

impl Agenda {
    fn new(columns: &Columns, first: NaiveDate, last: NaiveDate) -> Self {
        let holidays = HolidayCalendar::dutch();
        let (mut starts, mut entries) = (Vec::with_capacity(columns.times.len() + 1), Vec::new());
        for times in &columns.times {
            starts.push(entries.len() as u32);
            let on = times.timetable().between(first, last, holidays);
            entries.extend(on.iter().filter(|occurrence| occurrence.is_on()).map(|occurrence| {
                let (start, end) = occurrence.span();
                let local = |at: DateTime<chrono_tz::Tz>| at.with_timezone(&Amsterdam).naive_local();
                let from = occurrence.starts_at.map(local);
                let weekday = from.map_or(occurrence.date, |from| from.date()).weekday();
                let (starts_at, ends_at) =
                    (from.map(|from| from.time()), occurrence.ends_at.map(|at| local(at).time()));
                Entry {
                    start: minute(start),
                    end: minute(end),
                    slots: Slots::of(&[weekday], starts_at, ends_at).0,
                    is_timed: from.is_some(),
                }
            }));
        }
        starts.push(entries.len() as u32);
        Self { first, last, starts, entries }
    }

    fn of_session(&self, session: usize) -> &[Entry] {
        &self.entries[self.starts[session] as usize..self.starts[session + 1] as usize]
    }

    fn holds(&self, span: &Span) -> bool {
        self.first <= span.first && span.last <= self.last
    }
}

/// The agenda of the weeks from a day on; another day makes it anew.
#[derive(Default)]
pub(super) struct Ahead(Mutex<Option<Arc<Agenda>>>);

impl Ahead {
    /// The agenda from the day before on, which may last into the day.
    pub fn from(&self, columns: &Columns, today: NaiveDate) -> Arc<Agenda> {
        let first = today.checked_sub_days(Days::new(1)).unwrap_or(today);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some(agenda) if agenda.first == first => Arc::clone(agenda),
            _ => {
                let agenda = Arc::new(Agenda::new(columns, first, last_ahead(today)));
                Arc::clone(kept.insert(agenda))
            }
        }
    }
}

fn last_ahead(today: NaiveDate) -> NaiveDate {
    today.checked_add_days(Days::new(DAYS_AHEAD)).unwrap_or(today)
}

pub(super) fn minute(at: DateTime<Utc>) -> i32 {
    // Dates of the years 1900 to 2200 fit.
    at.timestamp().div_euclid(60) as i32
}

/// The time that a search asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Span {
    /// What counts begins from this minute to that, the last not included.
    from: i32,
    to: i32,
    /// And has not ended by this minute.
    now: i32,
    /// Whether it is now, so that what began before and has not ended counts too.
    is_now_in: bool,
    /// Whether there must be a door or a line that one can use at once.
    at_once: bool,
    /// The parts of the week that are asked for besides.
    slots: u32,
    /// The dates on which what counts may begin, and the date of the search.
    first: NaiveDate,
    last: NaiveDate,
    today: NaiveDate,
}

impl Span {
    /// What is asked for, or all of the weeks ahead.
    pub fn of(filters: &Filters, now: Now) -> Self {
        let when = filters.when;
        let any = |slots: u32| if slots == 0 { u32::MAX } else { slots };
        let days = any(filters.weekdays.iter().fold(0, |all, day| all | Slots::of_weekday(*day).0));
        let parts = any(filters.day_parts.iter().fold(0, |all, part| all | Slots::of_part(*part).0));
        let today = now.today();
        let after = |date: NaiveDate, days| date.checked_add_days(Days::new(days)).unwrap_or(date);
        let (first, last) = match when {
            None => (today, last_ahead(today)),
            Some(When::Now | When::Today) => (today, today),
            Some(When::Tomorrow) => (after(today, 1), after(today, 1)),
            Some(When::Week) => (today, after(today, 6)),
            Some(When::Date(date)) => (date, date),
            Some(When::Weekend) if today.weekday() == Weekday::Sun => (today, today),
            Some(When::Weekend) => {
                let saturday = after(today, u64::from(5 - today.weekday().num_days_from_monday()));
                (saturday, after(saturday, 1))
            }
        };
        let midnight = |date: NaiveDate| minute(Now::from(date).at());
        let (this_minute, at_once) = (minute(now.at()), when == Some(When::Now));
        let begins = midnight(first);
        let is_now_in = first <= today && today <= last;
        Self {
            from: begins,
            now: begins.max(this_minute),
            to: if at_once { this_minute + 1 } else { midnight(after(last, 1)) },
            is_now_in,
            at_once,
            slots: days & parts,
            // What began the day before may still be on.
            first: if is_now_in { first.checked_sub_days(Days::new(1)).unwrap_or(first) } else { first },
            last,
            today,
        }
    }

    /// The first minute that counts: that of the search, or a later one.
    pub fn begins(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(i64::from(self.now) * 60, 0).unwrap_or_default()
    }

    fn has(&self, entry: &Entry) -> bool {
        entry.start < self.to
            && entry.end > self.now
            && (self.is_now_in || entry.start >= self.from)
            && (entry.is_timed || !self.at_once)
    }
}

/// What of each session of a segment is on in the time that is asked for.
pub(super) struct On {
    /// The parts of the week in which it is then on; none when it is not.
    pub slots: Vec<u32>,
    /// The minute at which it begins first, in the parts of the week that are asked for; [`NEVER`] when it does not.
    pub soonest: Vec<i32>,
    /// The documents with a session that is on.
    pub documents: Documents,
}

/// After every minute.
pub(super) const NEVER: i32 = i32::MAX;

impl On {
    pub fn new(columns: &Columns, span: &Span) -> Self {
        let sessions = columns.sessions.len();
        let mut on = Self { slots: vec![0; sessions], soonest: vec![NEVER; sessions], documents: columns.sets.none() };
        // Of a day that was nothing is on any more, but what lasts into this one.
        if span.last.checked_add_days(Days::new(1)).is_some_and(|after| after < span.today) {
            return on;
        }
        let ahead = columns.ahead.from(columns, span.today);
        let agenda = if ahead.holds(span) { ahead } else { Arc::new(Agenda::new(columns, span.first, span.last)) };
        for document in &columns.by_name {
            for at in columns.sessions_of(*document) {
                if span.at_once && !columns.lets_in_at_once(at, span.today) {
                    continue;
                }
                for entry in agenda.of_session(at).iter().filter(|entry| span.has(entry)) {
                    on.slots[at] |= entry.slots;
                    if entry.slots & span.slots != 0 {
                        on.soonest[at] = on.soonest[at].min(entry.start);
                    }
                }
                if on.slots[at] != 0 {
                    on.documents.insert(*document);
                }
            }
        }
        on
    }
}

impl Columns {
    /// Whether somebody can come or call at once when a session is on: it is a line or one may walk in, there is no
    /// word that it is full, and it is no course that has begun.
    fn lets_in_at_once(&self, session: usize, today: NaiveDate) -> bool {
        let row = &self.sessions[session];
        let today = super::facts::day_key(today);
        row.door & (door::LINE | door::WALK_IN) != 0
            && !(row.door & door::FULL != 0 && row.room_until >= today)
            && row.no_more_from > today
    }

    /// Whether it is not known when a session is.
    pub fn times_are_unknown(&self, session: usize) -> bool {
        self.sessions[session].door & door::UNKNOWN_TIMES != 0
    }
}
