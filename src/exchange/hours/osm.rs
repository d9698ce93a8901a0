//! Reads the `opening_hours` of OpenStreetMap, by the crate `opening-hours-syntax`; what cannot be told as schedules is
//! not read at all.

use chrono::NaiveTime;
use opening_hours_syntax::rules::day::{HolidayKind, MonthdayRange, WeekDayRange};
use opening_hours_syntax::rules::time::{Time, TimeSelector, TimeSpan};
use opening_hours_syntax::rules::{RuleOperator, RuleSequence};
use opening_hours_syntax::{ExtendedTime, RuleKind};

use super::{Closed, Group};
use crate::domain::Schedule;

/// Words that only this notation has: without one of them times are taken for plain words.
const SIGNS: [&str; 9] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su", "PH", "SH"];

/// What the text says; nothing when it is not of this notation, or says more than schedules can.
pub(super) fn read(text: &str) -> Option<Vec<Schedule>> {
    let is_sign = |word: &str| SIGNS.contains(&word);
    if !text.split(|c: char| c.is_whitespace() || ",;-:[".contains(c)).any(is_sign) {
        return None;
    }
    let expression = opening_hours_syntax::parse(text).ok()?;
    let (mut groups, mut closed) = (Vec::new(), Closed::default());
    for rule in &expression.rules {
        if !rule.comment.is_empty() || rule.operator == RuleOperator::Fallback {
            return None;
        }
        match rule.kind {
            RuleKind::Open => add(&mut groups, group(rule)?, rule.operator)?,
            RuleKind::Closed => close(rule, &mut groups, &mut closed)?,
            RuleKind::Unknown => return None,
        }
    }
    let schedules = groups.iter().flat_map(|group| group.schedules(&closed.holidays(), (None, None)));
    Some(schedules.collect()).filter(|schedules: &Vec<_>| !schedules.is_empty())
}

/// Adds a group; what it says of a day takes the place of what was said of it before. That one takes its place on some
/// dates only cannot be told.
fn add(groups: &mut Vec<Group>, group: Group, operator: RuleOperator) -> Option<()> {
    let is_plain = |group: &Group| group.nth.is_empty() && group.months.is_empty();
    let overlaps = |other: &Group| other.days.iter().any(|day| group.days.contains(day));
    if operator == RuleOperator::Normal {
        if groups.iter().any(|other| overlaps(other) && !(is_plain(other) && is_plain(&group))) {
            return None;
        }
        leave_out(groups, &group.days);
    }
    groups.push(group);
    Some(())
}

fn leave_out(groups: &mut Vec<Group>, days: &[usize]) {
    groups.iter_mut().for_each(|earlier| earlier.days.retain(|day| !days.contains(day)));
    groups.retain(|group| !group.days.is_empty());
}

/// Takes what is closed all day: holidays, or days of the week.
fn close(rule: &RuleSequence, groups: &mut Vec<Group>, closed: &mut Closed) -> Option<()> {
    let selector = &rule.day_selector;
    let is_dated = !(selector.year.is_empty() && selector.monthday.is_empty() && selector.week.is_empty());
    if is_dated || selector.weekday.is_empty() || rule.time_selector != TimeSelector::default() {
        return None;
    }
    for range in &selector.weekday {
        match range {
            WeekDayRange::Holiday { kind: HolidayKind::Public, offset: 0 } => closed.public = true,
            WeekDayRange::Holiday { kind: HolidayKind::School, offset: 0 } => closed.school = true,
            other => {
                let (days, nth) = days(other)?;
                if !nth.is_empty() || groups.iter().any(|group| !group.nth.is_empty()) {
                    return None;
                }
                leave_out(groups, &days);
            }
        }
    }
    Some(())
}

/// What is open; nothing when a part of it cannot be said as a schedule.
fn group(rule: &RuleSequence) -> Option<Group> {
    let selector = &rule.day_selector;
    if !(selector.year.is_empty() && selector.week.is_empty()) {
        return None;
    }
    let mut group = Group::default();
    for (at, range) in selector.weekday.iter().enumerate() {
        let (days, nth) = days(range)?;
        // "Th,Sa[1]" would need two rules.
        if at > 0 && nth != group.nth {
            return None;
        }
        group.days.extend(days);
        group.nth = nth;
    }
    if selector.weekday.is_empty() {
        group.days = (0..7).collect();
    }
    for range in &selector.monthday {
        let MonthdayRange::Month { range, year: None } = range else { return None };
        let (first, last) = (*range.start() as u32, *range.end() as u32);
        group.months.extend((0..=(last + 12 - first) % 12).map(|step| (first - 1 + step) % 12 + 1));
    }
    group.times = rule.time_selector.spans.iter().map(times).collect::<Option<_>>()?;
    Some(group)
}

fn days(range: &WeekDayRange) -> Option<(Vec<usize>, Vec<i8>)> {
    let WeekDayRange::Fixed { range, offset: 0, nth_from_start, nth_from_end } = range else { return None };
    let (first, last) = (range.start().num_days_from_monday() as usize, range.end().num_days_from_monday() as usize);
    let days = (0..=(last + 7 - first) % 7).map(|step| (first + step) % 7).collect();
    if !nth_from_start.contains(&false) && !nth_from_end.contains(&false) {
        return Some((days, Vec::new()));
    }
    let chosen = |which: &[bool; 5], sign: i8| -> Vec<i8> {
        (1..).zip(which).filter(|(_, is_chosen)| **is_chosen).map(|(nth, _)| sign * nth).collect()
    };
    Some((days, [chosen(nth_from_start, 1), chosen(nth_from_end, -1)].concat()))
}

fn times(span: &TimeSpan) -> Option<(NaiveTime, Option<NaiveTime>)> {
    let (Time::Fixed(start), Time::Fixed(end)) = (span.range.start, span.range.end) else { return None };
    let clock = |time: ExtendedTime| NaiveTime::from_hms_opt(u32::from(time.hour()) % 24, u32::from(time.minute()), 0);
    if span.repeats.is_some() {
        return None;
    }
    let end = if span.open_end { None } else { Some(clock(end)?) };
    Some((clock(start)?, end))
}
