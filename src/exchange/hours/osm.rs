//! Reads the `opening_hours` of OpenStreetMap, by the crate `opening-hours-syntax`.

use chrono::NaiveTime;
use opening_hours_syntax::rules::day::{HolidayKind, MonthdayRange, WeekDayRange};
use opening_hours_syntax::rules::time::{Time, TimeSpan};
use opening_hours_syntax::rules::{RuleOperator, RuleSequence};
use opening_hours_syntax::{ExtendedTime, RuleKind};

use super::{Closed, Group, Hours};

/// Words that only this notation has: without one of them times are taken for plain words.
const SIGNS: [&str; 11] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su", "PH", "SH", "24/7", "week"];

/// What the text says; nothing when it is not of this notation.
pub(super) fn read(text: &str) -> Option<Hours> {
    let is_sign = |word: &str| SIGNS.contains(&word);
    if !text.split(|c: char| c.is_whitespace() || ",;-:[".contains(c)).any(is_sign) {
        return None;
    }
    let expression = opening_hours_syntax::parse(text).ok()?;
    let (mut groups, mut closed, mut rest): (Vec<Group>, _, _) = (Vec::new(), Closed::default(), Vec::new());
    for rule in &expression.rules {
        let is_understood = match rule.kind {
            RuleKind::Open => group(rule).map(|group| add(&mut groups, group, rule.operator)),
            RuleKind::Closed => close(rule, &mut groups, &mut closed),
            RuleKind::Unknown => None,
        };
        if is_understood.is_none() {
            rest.push(rule.to_string());
        }
    }
    let schedules = groups.iter().flat_map(|group| group.schedules(&closed.holidays(), (None, None))).collect();
    Some(Hours { schedules, rest })
}

/// Adds a group; what it says of a day takes the place of what was said of it before.
fn add(groups: &mut Vec<Group>, group: Group, operator: RuleOperator) {
    if operator == RuleOperator::Normal && group.nth.is_empty() && group.months.is_empty() {
        leave_out(groups, &group.days);
    }
    groups.push(group);
}

fn leave_out(groups: &mut Vec<Group>, days: &[usize]) {
    for earlier in groups.iter_mut().filter(|earlier| earlier.nth.is_empty()) {
        earlier.days.retain(|day| !days.contains(day));
    }
    groups.retain(|group| !group.days.is_empty());
}

/// Takes what is closed: holidays, or days of the week.
fn close(rule: &RuleSequence, groups: &mut Vec<Group>, closed: &mut Closed) -> Option<()> {
    let selector = &rule.day_selector;
    if !(selector.year.is_empty() && selector.monthday.is_empty() && selector.week.is_empty()) {
        return None;
    }
    for range in &selector.weekday {
        match range {
            WeekDayRange::Holiday { kind: HolidayKind::Public, offset: 0 } => closed.public = true,
            WeekDayRange::Holiday { kind: HolidayKind::School, offset: 0 } => closed.school = true,
            other => {
                let (days, nth) = days(other)?;
                if !nth.is_empty() {
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
    for range in &selector.weekday {
        let (days, nth) = days(range)?;
        group.days.extend(days);
        group.nth.extend(nth);
    }
    if selector.weekday.is_empty() {
        group.days = (0..7).collect();
    }
    for range in &selector.monthday {
        let MonthdayRange::Month { range, year: None } = range else { return None };
        let (first, last) = (*range.start() as u32, *range.end() as u32);
        let months =
            if first <= last { (first..=last).collect() } else { (first..=12).chain(1..=last).collect::<Vec<_>>() };
        group.months.extend(months);
    }
    group.times = rule.time_selector.spans.iter().map(times).collect::<Option<_>>()?;
    Some(group)
}

fn days(range: &WeekDayRange) -> Option<(Vec<usize>, Vec<i8>)> {
    let WeekDayRange::Fixed { range, offset: 0, nth_from_start, nth_from_end } = range else { return None };
    let (first, last) = (range.start().num_days_from_monday() as usize, range.end().num_days_from_monday() as usize);
    let days = if first <= last { (first..=last).collect() } else { (first..7).chain(0..=last).collect::<Vec<_>>() };
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
