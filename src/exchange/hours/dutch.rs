//! Reads times in plain words, Dutch first: a small grammar, and what does not follow it whole is not read at all.
//!
//! ```text
//! times  = part *( [ "," | ";" | "en" ] part )
//! part   = group | months | dates | denial
//! group  = [ "om de week" ] days [ "van de maand" ] [ "," ] [ hours *( ( "," | "en" ) hours ) ]
//! days   = nth *( "en" nth ) day | day [ "t/m" day ] *( ( "," | "en" ) day … ) | "dagelijks" | "werkdagen" | "weekend"
//! hours  = clock ( "-" | "tot" ) clock [ "uur" ] | [ "vanaf" ] clock "uur"
//! months = month [ "t/m" month ]
//! dates  = "vanaf" date [ "t/m" date ] | "t/m" date
//! denial = "niet" ( days | holidays ) *( ( "," | "en" ) ( days | holidays ) )
//! ```

use chrono::{Datelike, NaiveDate, NaiveTime, Timelike};

use super::{Closed, Dates, Group};
use crate::domain::Schedule;
use crate::domain::text::fold;

/// Words that say nothing of their own, wherever they stand.
const FILLERS: [&str; 15] =
    ["elke", "iedere", "ieder", "elk", "op", "van", "de", "het", "in", "om", "every", "from", "on", "open", "geopend"];

/// Phrases with what they mean; of those that fit the longest counts.
const PHRASES: [(&[&str], Token); 46] = {
    use Token::{And, Daily, EveryOther, Hour, Month, Not, Nth, OfMonth, Public, School, Starting, Summer, Through};
    [
        (&["van", "de", "maand"], OfMonth),
        (&["tot", "en", "met"], Through),
        (&["om", "de", "week"], EveryOther),
        (&["om", "de", "twee", "weken"], EveryOther),
        (&["om", "de", "2", "weken"], EveryOther),
        (&["eens", "per", "twee", "weken"], EveryOther),
        (&["elke", "twee", "weken"], EveryOther),
        (&["tweewekelijks"], EveryOther),
        (&["elke", "dag"], Daily(0, 7)),
        (&["iedere", "dag"], Daily(0, 7)),
        (&["alle", "dagen"], Daily(0, 7)),
        (&["dagelijks"], Daily(0, 7)),
        (&["daily"], Daily(0, 7)),
        (&["werkdagen"], Daily(0, 5)),
        (&["doordeweeks"], Daily(0, 5)),
        (&["door", "de", "week"], Daily(0, 5)),
        (&["weekend"], Daily(5, 7)),
        (&["tm"], Through),
        (&["tot"], Token::Until),
        (&["to"], Token::Until),
        (&["until"], Token::Until),
        (&["vanaf"], Starting),
        (&["en"], And),
        (&["and"], And),
        (&["feestdagen"], Public),
        (&["zomervakantie"], Summer),
        (&["zomervakanties"], Summer),
        (&["schoolvakantie"], School),
        (&["schoolvakanties"], School),
        (&["niet"], Not),
        (&["behalve"], Not),
        (&["gesloten"], Not),
        (&["dicht"], Not),
        (&["except"], Not),
        (&["uur"], Hour),
        (&["u"], Hour),
        (&["1e"], Nth(1)),
        (&["eerste"], Nth(1)),
        (&["2e"], Nth(2)),
        (&["tweede"], Nth(2)),
        (&["3e"], Nth(3)),
        (&["derde"], Nth(3)),
        (&["4e"], Nth(4)),
        (&["vierde"], Nth(4)),
        (&["laatste"], Nth(-1)),
        (&["mrt"], Month(3)),
    ]
};

const DAYS: [(&str, &str, &str); 7] = [
    ("maandag", "ma", "monday"),
    ("dinsdag", "di", "tuesday"),
    ("woensdag", "wo", "wednesday"),
    ("donderdag", "do", "thursday"),
    ("vrijdag", "vr", "friday"),
    ("zaterdag", "za", "saturday"),
    ("zondag", "zo", "sunday"),
];

const MONTHS: [&str; 12] = [
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
];

/// A word or a sign, or several with one meaning.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Token {
    Day(usize),
    /// From this day of the week to that, the last not included.
    Daily(usize, usize),
    Nth(i8),
    EveryOther,
    OfMonth,
    Month(u32),
    Number(u32),
    Clock(NaiveTime),
    Date(NaiveDate),
    Hour,
    Dash,
    Through,
    Until,
    Starting,
    And,
    /// A comma, a semicolon or a bracket.
    Break,
    Not,
    Public,
    School,
    Summer,
}

/// What the text says; nothing when any of it is not understood.
pub(super) fn read(text: &str) -> Option<Vec<Schedule>> {
    if text.trim() == "24/7" {
        return read("dagelijks 0-24 uur");
    }
    let mut reading = Reading { tokens: tokens(text)?, ..Reading::default() };
    reading.times()?;
    let Reading { mut groups, closed, dates, denied, months, .. } = reading;
    for group in &mut groups {
        group.days.retain(|day| !denied.contains(day));
        group.months.clone_from(&months);
    }
    // A day without times beside days with them is said of something else.
    let untimed = groups.iter().filter(|group| group.times.is_empty()).count();
    let is_clear = groups.iter().all(|group| !group.days.is_empty()) && (untimed == 0 || groups.len() == 1);
    let schedules = groups.iter().flat_map(|group| group.schedules(&closed.holidays(), dates));
    Some(schedules.collect()).filter(|schedules: &Vec<_>| is_clear && !schedules.is_empty())
}

/// What has been read so far, and what is yet to be read.
#[derive(Default)]
struct Reading {
    tokens: Vec<Token>,
    at: usize,
    groups: Vec<Group>,
    months: Vec<u32>,
    dates: Dates,
    denied: Vec<usize>,
    closed: Closed,
}

impl Reading {
    fn next(&self) -> Option<Token> {
        self.tokens.get(self.at).copied()
    }

    fn after(&self, ahead: usize) -> Option<Token> {
        self.tokens.get(self.at + ahead).copied()
    }

    /// Steps over a token if it comes next.
    fn take(&mut self, token: Token) -> bool {
        let comes = self.next() == Some(token);
        self.at += usize::from(comes);
        comes
    }

    fn times(&mut self) -> Option<()> {
        while let Some(token) = self.next() {
            match token {
                Token::Break | Token::And => self.at += 1,
                Token::Not => self.denial()?,
                Token::Month(_) => self.some_months()?,
                Token::Starting | Token::Through => self.some_dates()?,
                _ => self.group()?,
            }
        }
        Some(())
    }

    fn group(&mut self) -> Option<()> {
        let mut group = Group { every_other_week: self.take(Token::EveryOther), ..Group::default() };
        while let Some(Token::Nth(nth)) = self.next() {
            group.nth.push(nth);
            self.at += 1;
            if self.next() == Some(Token::And) && matches!(self.after(1), Some(Token::Nth(_))) {
                self.at += 1;
            }
        }
        group.days = self.days(group.nth.is_empty())?;
        group.days.sort_unstable();
        group.days.dedup();
        self.take(Token::OfMonth);
        self.take(Token::Break);
        while let Some(times) = self.hours() {
            group.times.push(times?);
            let goes_on = matches!(self.next(), Some(Token::Break | Token::And))
                && matches!(self.after(1), Some(Token::Clock(_) | Token::Number(_)));
            if !goes_on {
                break;
            }
            self.at += 1;
        }
        self.groups.push(group);
        Some(())
    }

    /// Days of the week; several where that can be meant.
    fn days(&mut self, may_be_several: bool) -> Option<Vec<usize>> {
        let mut days = Vec::new();
        loop {
            match self.next()? {
                Token::Daily(first, end) => days.extend(first..end),
                Token::Day(first) => {
                    let last = match (self.after(1), self.after(2)) {
                        (Some(Token::Dash | Token::Through | Token::Until), Some(Token::Day(last))) => {
                            self.at += 2;
                            last
                        }
                        _ => first,
                    };
                    days.extend((0..=(last + 7 - first) % 7).map(|step| (first + step) % 7));
                }
                _ => return None,
            }
            self.at += 1;
            let goes_on = matches!(self.next(), Some(Token::Break | Token::And))
                && matches!(self.after(1), Some(Token::Day(_) | Token::Daily(..)));
            if !(goes_on && may_be_several) {
                return Some(days);
            }
            self.at += 1;
        }
    }

    /// Hours, if any come next: nothing inside when they are not understood.
    #[allow(clippy::option_option, reason = "the outer tells whether there are any, the inner whether they are clear")]
    fn hours(&mut self) -> Option<Option<(NaiveTime, Option<NaiveTime>)>> {
        let is_start = self.next() == Some(Token::Starting) && !matches!(self.after(1), Some(Token::Date(_)));
        self.at += usize::from(is_start);
        let first = self.next()?;
        let Some(start) = clock(first) else { return is_start.then_some(None) };
        self.at += 1;
        let is_range = matches!(self.next(), Some(Token::Dash | Token::Until | Token::Through));
        let end = self.after(1).and_then(clock).filter(|_| is_range && !is_start);
        let second = self.after(1);
        if end.is_some() {
            self.at += 2;
        }
        let says_hour = self.take(Token::Hour);
        let is_bare = |token: Option<Token>| matches!(token, Some(Token::Number(_)));
        // "2-4 uur" is in the afternoon, and "0-24" is a day; numbers without "uur" may be those of something else.
        let whole_day = (first, second) == (Token::Number(0), Some(Token::Number(24)));
        let is_early = is_bare(Some(first)) && start.hour() < 7 && !whole_day;
        let is_doubtful = !says_hour && is_bare(second) && end.is_some_and(|end| (1..7).contains(&end.hour()));
        let is_number = end.is_none() && is_bare(Some(first)) && !says_hour;
        Some(Some((start, end)).filter(|_| !is_early && !is_doubtful && !is_number))
    }

    fn some_months(&mut self) -> Option<()> {
        let Some(Token::Month(first)) = self.next() else { return None };
        let last = match (self.after(1), self.after(2)) {
            (Some(Token::Dash | Token::Through), Some(Token::Month(last))) => {
                self.at += 2;
                last
            }
            _ => first,
        };
        self.at += 1;
        let months = (0..=(last + 12 - first) % 12).map(|step| (first - 1 + step) % 12 + 1);
        self.months.extend(months);
        self.months.sort_unstable();
        self.months.dedup();
        Some(())
    }

    fn some_dates(&mut self) -> Option<()> {
        if self.take(Token::Starting) {
            let Some(Token::Date(first)) = self.next() else { return None };
            (self.dates.0, self.at) = (Some(first), self.at + 1);
        }
        if self.take(Token::Through) {
            let Some(Token::Date(last)) = self.next() else { return None };
            (self.dates.1, self.at) = (Some(last), self.at + 1);
        }
        Some(())
    }

    fn denial(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            match self.next()? {
                Token::Public => self.closed.public = true,
                Token::School => self.closed.school = true,
                Token::Summer => self.closed.summer = true,
                _ => {
                    let days = self.days(false)?;
                    self.denied.extend(days);
                    // The days were stepped over.
                    self.at -= 1;
                }
            }
            self.at += 1;
            let may_be_denied = |token| {
                matches!(token, Some(Token::Public | Token::School | Token::Summer | Token::Day(_) | Token::Daily(..)))
            };
            if !(matches!(self.next(), Some(Token::Break | Token::And)) && may_be_denied(self.after(1))) {
                return Some(());
            }
            self.at += 1;
        }
    }
}

fn clock(token: Token) -> Option<NaiveTime> {
    match token {
        Token::Clock(time) => Some(time),
        // The end of a day is its midnight.
        Token::Number(24) => Some(NaiveTime::MIN),
        Token::Number(hour) => NaiveTime::from_hms_opt(hour, 0, 0),
        _ => None,
    }
}

/// The words and signs of a text; nothing when one of them is not known.
fn tokens(text: &str) -> Option<Vec<Token>> {
    // Signs stand alone, and what is a clock or a date stays one word.
    let mut words: Vec<String> = Vec::new();
    for word in text.replace("t/m", " tm ").split_whitespace() {
        if let Some(date) = date(word.trim_matches(['(', ')', ',', ';'])) {
            words.push(date.to_string());
            continue;
        }
        let mut current = String::new();
        for sign in word.chars() {
            if "-–—,;()".contains(sign) {
                words.push(std::mem::take(&mut current));
                words.push(if "-–—".contains(sign) { "-" } else { ";" }.to_owned());
            } else {
                current.push(sign);
            }
        }
        words.push(current);
    }
    words.retain(|word| !word.is_empty());
    let folded: Vec<String> = words.iter().map(|word| fold(word)).collect();
    let (mut found, mut at) = (Vec::new(), 0);
    while at < words.len() {
        let rest = &folded[at..];
        let fits = |phrase: &&[&str]| rest.len() >= phrase.len() && phrase.iter().zip(rest).all(|(a, b)| a == b);
        let phrase = PHRASES.iter().filter(|(phrase, _)| fits(phrase)).max_by_key(|(phrase, _)| phrase.len());
        if let Some((phrase, token)) = phrase {
            found.push(*token);
            at += phrase.len();
        } else if let Some(date) = written_date(rest) {
            found.push(Token::Date(date));
            at += 3;
        } else {
            if !FILLERS.contains(&folded[at].as_str()) {
                found.push(token(&words[at], &folded[at])?);
            }
            at += 1;
        }
    }
    Some(found)
}

fn token(word: &str, folded: &str) -> Option<Token> {
    match word {
        "-" => return Some(Token::Dash),
        ";" => return Some(Token::Break),
        _ => {}
    }
    let is_name = |name: &str| folded.strip_prefix(name).is_some_and(|rest| ["", "en", "s"].contains(&rest));
    let is_day = |(dutch, short, english): &(&str, &str, &str)| {
        is_name(dutch) || is_name(english) || folded == *short || english.starts_with(folded) && folded.len() == 3
    };
    let is_month = |month: &str| folded == month || folded.len() == 3 && month.starts_with(folded);
    let lower = word.trim_end_matches('.').to_lowercase();
    let day = || DAYS.iter().position(is_day).map(Token::Day);
    let month = || MONTHS.iter().position(|month| is_month(month)).map(|month| Token::Month(month as u32 + 1));
    let date = || word.parse().ok().map(Token::Date);
    let number = || lower.parse().ok().map(Token::Number);
    date().or_else(day).or_else(month).or_else(number).or_else(|| clock_of(&lower).map(Token::Clock))
}

/// "10.30", "10:30", "10u30", "10u", "10.30u".
fn clock_of(word: &str) -> Option<NaiveTime> {
    let bare = word.trim_end_matches("uur").trim_end_matches('u');
    let (hours, minutes) = bare.split_once([':', '.', 'u']).unwrap_or((bare, "00"));
    let (hour, minute): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
    if minutes.len() != 2 {
        return None;
    }
    if (hour, minute) == (24, 0) { Some(NaiveTime::MIN) } else { NaiveTime::from_hms_opt(hour, minute, 0) }
}

/// "30-6-2027" and "2027-06-30".
fn date(word: &str) -> Option<NaiveDate> {
    let own = || ["%d-%m-%Y", "%d/%m/%Y"].iter().find_map(|form| NaiveDate::parse_from_str(word, form).ok());
    // A year of two digits is none.
    word.parse().ok().or_else(own).filter(|date: &NaiveDate| (1900..=2200).contains(&date.year()))
}

/// "1 september 2026".
fn written_date(words: &[String]) -> Option<NaiveDate> {
    let [day, month, year, ..] = words else { return None };
    let month = MONTHS.iter().position(|name| name == month)? as u32 + 1;
    NaiveDate::from_ymd_opt(year.parse().ok().filter(|year| (1900..=2200).contains(year))?, month, day.parse().ok()?)
}
