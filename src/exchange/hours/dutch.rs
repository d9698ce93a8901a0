//! Reads times in plain words, Dutch first.

use chrono::{Datelike, NaiveDate, NaiveTime};

use super::{Closed, Dates, Group, Hours};
use crate::domain::text::fold;

const DAY_NAMES: [(&str, usize); 28] = [
    ("maandag", 0),
    ("dinsdag", 1),
    ("woensdag", 2),
    ("donderdag", 3),
    ("vrijdag", 4),
    ("zaterdag", 5),
    ("zondag", 6),
    ("ma", 0),
    ("di", 1),
    ("wo", 2),
    ("do", 3),
    ("vr", 4),
    ("vrij", 4),
    ("za", 5),
    ("zo", 6),
    ("monday", 0),
    ("tuesday", 1),
    ("wednesday", 2),
    ("thursday", 3),
    ("friday", 4),
    ("saturday", 5),
    ("sunday", 6),
    ("mon", 0),
    ("tue", 1),
    ("wed", 2),
    ("thu", 3),
    ("fri", 4),
    ("sat", 5),
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

/// Words that say nothing of their own.
const FILLERS: [&str; 23] = [
    "elke",
    "iedere",
    "ieder",
    "elk",
    "op",
    "van",
    "de",
    "het",
    "in",
    "uur",
    "u",
    "h",
    "maand",
    "per",
    "week",
    "om",
    "every",
    "from",
    "on",
    "open",
    "geopend",
    "wekelijks",
    "s",
];

/// Phrases with what they mean, the longest first.
const PHRASES: [(&[&str], Meaning); 31] = [
    (&["van", "de", "maand"], Meaning::Nothing),
    (&["tot", "en", "met"], Meaning::Through),
    (&["om", "de", "week"], Meaning::EveryOther),
    (&["om", "de", "twee", "weken"], Meaning::EveryOther),
    (&["om", "de", "2", "weken"], Meaning::EveryOther),
    (&["eens", "per", "twee", "weken"], Meaning::EveryOther),
    (&["elke", "twee", "weken"], Meaning::EveryOther),
    (&["tweewekelijks"], Meaning::EveryOther),
    (&["elke", "dag"], Meaning::Daily),
    (&["iedere", "dag"], Meaning::Daily),
    (&["alle", "dagen"], Meaning::Daily),
    (&["dagelijks"], Meaning::Daily),
    (&["every", "day"], Meaning::Daily),
    (&["daily"], Meaning::Daily),
    (&["werkdagen"], Meaning::WorkingDays),
    (&["doordeweeks"], Meaning::WorkingDays),
    (&["door", "de", "week"], Meaning::WorkingDays),
    (&["weekend"], Meaning::Weekend),
    (&["t", "m"], Meaning::Through),
    (&["tm"], Meaning::Through),
    (&["tot"], Meaning::Through),
    (&["to"], Meaning::Through),
    (&["until"], Meaning::Through),
    (&["vanaf"], Meaning::Starting),
    (&["en"], Meaning::And),
    (&["and"], Meaning::And),
    (&["feestdagen"], Meaning::Public),
    (&["zomervakantie"], Meaning::Summer),
    (&["zomervakanties"], Meaning::Summer),
    (&["schoolvakantie"], Meaning::School),
    (&["schoolvakanties"], Meaning::School),
];

/// Words that begin what is not.
const NOT: [&str; 6] = ["niet", "behalve", "gesloten", "dicht", "uitgezonderd", "except"];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Meaning {
    Nothing,
    Through,
    Starting,
    And,
    EveryOther,
    Daily,
    WorkingDays,
    Weekend,
    Public,
    School,
    Summer,
}

/// A word or a sign, or several with one meaning.
#[derive(Clone, Debug, PartialEq)]
enum Token {
    Day(usize),
    Month(u32),
    Nth(i8),
    Number(u32),
    Clock(NaiveTime),
    Date(NaiveDate),
    Means(Meaning),
    Hour,
    Dash,
    Not,
    /// A sign that ends a part.
    Break,
    Other(String),
}

pub(super) fn read(text: &str) -> Hours {
    if text.trim() == "24/7" {
        return read("dagelijks 0-24 uur");
    }
    let mut reading = Reading::default();
    reading.take(&tokens(text));
    reading.end_group();
    reading.end_rest();
    reading.end_denial();
    // A day without times beside days with them was most likely said of something else.
    let with_times = reading.groups.iter().filter(|group| !group.times.is_empty()).count();
    if with_times > 0 && with_times < reading.groups.len() {
        reading.rest.push("days without times".to_owned());
    }
    let holidays = reading.closed.holidays();
    let schedules = reading.groups.iter().flat_map(|group| group.schedules(&holidays, reading.dates)).collect();
    let rest = reading.rest;
    // Of what has no days nothing is known, so all of it is left.
    if reading.groups.is_empty() && !text.trim().is_empty() {
        return Hours { schedules: Vec::new(), rest: vec![text.trim().to_owned()] };
    }
    Hours { schedules, rest }
}

/// What has been read so far.
#[derive(Default)]
struct Reading {
    groups: Vec<Group>,
    group: Group,
    closed: Closed,
    dates: Dates,
    rest: Vec<String>,
    other: Vec<String>,
    is_not: bool,
    /// Whether nothing was denied since.
    denies_nothing: bool,
}

impl Reading {
    fn take(&mut self, tokens: &[Token]) {
        let mut at = 0;
        while at < tokens.len() {
            let next = |ahead: usize| tokens.get(at + ahead);
            let is_range = |token: Option<&Token>| matches!(token, Some(Token::Dash | Token::Means(Meaning::Through)));
            if !matches!(tokens[at], Token::Other(_)) {
                self.end_rest();
            }
            let mut used = 1;
            match &tokens[at] {
                token if self.is_not && !token.may_be_denied() => self.rest.push("niet …".to_owned()),
                Token::Day(first) => {
                    if self.is_not || !self.group.times.is_empty() {
                        self.end_group();
                    }
                    let last = match (is_range(next(1)), next(2)) {
                        (true, Some(Token::Day(last))) => {
                            used = 3;
                            *last
                        }
                        _ => *first,
                    };
                    let days = (0..7).map(|step| (first + step) % 7);
                    let upto = (last + 7 - first) % 7;
                    if self.is_not {
                        self.denies_nothing = false;
                        self.leave_out(&days.take(upto + 1).collect::<Vec<_>>());
                    } else {
                        self.group.days.extend(days.take(upto + 1));
                    }
                }
                Token::Means(meaning @ (Meaning::Daily | Meaning::WorkingDays | Meaning::Weekend)) => {
                    if !self.group.times.is_empty() {
                        self.end_group();
                    }
                    self.group.days.extend(match meaning {
                        Meaning::Daily => 0..7,
                        Meaning::WorkingDays => 0..5,
                        _ => 5..7,
                    });
                }
                Token::Nth(nth) => {
                    if !self.group.times.is_empty() {
                        self.end_group();
                    }
                    self.group.nth.push(*nth);
                }
                Token::Means(Meaning::EveryOther) => self.group.every_other_week = true,
                Token::Month(first) => {
                    let last = match (is_range(next(1)), next(2)) {
                        (true, Some(Token::Month(last))) => {
                            used = 3;
                            *last
                        }
                        _ => *first,
                    };
                    let months = (0..12).map(|step| (first - 1 + step) % 12 + 1);
                    self.group.months.extend(months.take(((last + 12 - first) % 12 + 1) as usize));
                }
                Token::Means(Meaning::Starting) => match next(1) {
                    Some(Token::Date(date)) => (self.dates.0, used) = (Some(*date), 2),
                    Some(Token::Clock(_) | Token::Number(_)) => {}
                    _ => self.rest.push("vanaf …".to_owned()),
                },
                Token::Means(Meaning::Through) => match next(1) {
                    Some(Token::Date(date)) => (self.dates.1, used) = (Some(*date), 2),
                    _ => self.rest.push("tot …".to_owned()),
                },
                Token::Date(date) if is_range(next(1)) && matches!(next(2), Some(Token::Date(_))) => {
                    if let Some(Token::Date(last)) = next(2) {
                        (self.dates, used) = ((Some(*date), Some(*last)), 3);
                    }
                }
                Token::Clock(_) | Token::Number(_) => {
                    let end = if is_range(next(1)) { next(2).and_then(clock) } else { None };
                    let says_clock = |token: Option<&Token>| matches!(token, Some(Token::Clock(_) | Token::Hour));
                    // "4-6 jaar" and "duurt 2 uur" are numbers of something else.
                    let is_clock = says_clock(Some(&tokens[at])) || says_clock(next(2)) || says_clock(next(3));
                    let of_other = !is_clock && matches!(next(3), Some(Token::Other(_)));
                    let after_other = at > 0 && matches!(tokens[at - 1], Token::Other(_));
                    match (clock(&tokens[at]), &tokens[at]) {
                        (Some(start), _) if end.is_some() && !of_other => {
                            self.group.times.push((start, end));
                            used = 3;
                        }
                        // A number alone is a time only when it is said to be one.
                        (Some(start), Token::Clock(_)) => self.group.times.push((start, None)),
                        (Some(start), _) if matches!(next(1), Some(Token::Hour)) && !after_other => {
                            self.group.times.push((start, None))
                        }
                        (_, Token::Number(number)) => self.rest.push(number.to_string()),
                        _ => {}
                    }
                }
                Token::Means(Meaning::Public) if self.is_not => {
                    (self.closed.public, self.denies_nothing) = (true, false)
                }
                Token::Means(Meaning::School) if self.is_not => {
                    (self.closed.school, self.denies_nothing) = (true, false)
                }
                Token::Means(Meaning::Summer) if self.is_not => {
                    (self.closed.summer, self.denies_nothing) = (true, false)
                }
                Token::Means(meaning @ (Meaning::Public | Meaning::School | Meaning::Summer)) => {
                    self.rest.push(format!("{meaning:?}").to_lowercase());
                }
                Token::Not => (self.is_not, self.denies_nothing) = (true, true),
                Token::Break => self.end_denial(),
                Token::Date(date) => self.rest.push(date.to_string()),
                Token::Other(word) => self.other.push(word.clone()),
                Token::Means(Meaning::Nothing | Meaning::And) | Token::Hour | Token::Dash => {}
            }
            at += used;
        }
    }

    /// Ends what is denied; "maandag gesloten" denies what was said before, which is not understood.
    fn end_denial(&mut self) {
        if std::mem::take(&mut self.is_not) && std::mem::take(&mut self.denies_nothing) {
            self.rest.push("niet …".to_owned());
        }
    }

    /// Takes days away from all that was said before.
    fn leave_out(&mut self, days: &[usize]) {
        self.groups.iter_mut().for_each(|group| group.days.retain(|day| !days.contains(day)));
        self.groups.retain(|group| !group.days.is_empty());
    }

    fn end_group(&mut self) {
        let mut group = std::mem::take(&mut self.group);
        group.days.sort_unstable();
        group.days.dedup();
        group.months.sort_unstable();
        group.months.dedup();
        if !group.days.is_empty() {
            self.groups.push(group);
        } else if let Some(last) = self.groups.last_mut() {
            if !group.nth.is_empty() || group.every_other_week {
                self.rest.push("which of the month".to_owned());
            }
            // "dinsdag 10-12, van april tot juni": said after the times, and meant for them.
            last.times.append(&mut group.times);
            last.months.append(&mut group.months);
        }
    }

    fn end_rest(&mut self) {
        if !self.other.is_empty() {
            self.rest.push(std::mem::take(&mut self.other).join(" "));
        }
    }
}

impl Token {
    /// Whether it is known what it means that something is not then.
    fn may_be_denied(&self) -> bool {
        use Meaning::{And, Nothing, Public, School, Summer};
        matches!(
            self,
            Self::Day(_)
                | Self::Hour
                | Self::Not
                | Self::Break
                | Self::Dash
                | Self::Other(_)
                | Self::Means(And | Nothing | Public | School | Summer | Meaning::Through)
        )
    }
}

fn clock(token: &Token) -> Option<NaiveTime> {
    match token {
        Token::Clock(time) => Some(*time),
        // The end of a day is its midnight.
        Token::Number(24) => Some(NaiveTime::MIN),
        Token::Number(hour) => NaiveTime::from_hms_opt(*hour, 0, 0),
        _ => None,
    }
}

fn tokens(text: &str) -> Vec<Token> {
    // Signs stand alone, and what is a clock or a date stays one word.
    let mut words: Vec<String> = Vec::new();
    for word in text.replace("t/m", " tm ").split_whitespace() {
        if let Some(date) = date(word) {
            words.push(date.to_string());
            continue;
        }
        let mut current = String::new();
        for sign in word.chars() {
            if "-–—,;()/".contains(sign) {
                words.push(std::mem::take(&mut current));
                words.push(if "-–—".contains(sign) { "-" } else { ";" }.to_owned());
            } else {
                current.push(sign);
            }
        }
        words.push(current);
    }
    let words: Vec<String> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let folded: Vec<String> = words.iter().map(|word| fold(word)).collect();
    let mut found = Vec::new();
    let mut words_of_days = std::collections::HashMap::new();
    let mut at = 0;
    while at < words.len() {
        let phrase = PHRASES.iter().filter(|(phrase, _)| {
            folded.len() >= at + phrase.len() && folded[at..at + phrase.len()].iter().zip(*phrase).all(|(a, b)| a == b)
        });
        if let Some((phrase, meaning)) = phrase.max_by_key(|(phrase, _)| phrase.len()) {
            found.push(Token::Means(*meaning));
            at += phrase.len();
            continue;
        }
        // "1 september 2026"
        if let Some(date) = written_date(&folded[at..]) {
            found.push(Token::Date(date));
            at += 3;
            continue;
        }
        if ["zo", "do"].contains(&folded[at].as_str()) {
            words_of_days.insert(found.len(), words[at].clone());
        }
        found.push(token(&words[at], &folded[at]));
        at += 1;
    }
    // "Zo nodig" is no Sunday: these two are words of their own, unless what follows goes with a day.
    for at in 0..found.len() {
        let is_word = matches!(found.get(at + 1), Some(Token::Other(word)) if !FILLERS.contains(&fold(word).as_str()));
        if let Some(word) = words_of_days.get(&at).filter(|_| is_word) {
            found[at] = Token::Other(word.clone());
        }
    }
    found.retain(|token| !matches!(token, Token::Other(word) if FILLERS.contains(&fold(word).as_str())));
    found
}

fn token(word: &str, folded: &str) -> Token {
    if word == "-" {
        return Token::Dash;
    }
    if word == ";" {
        return Token::Break;
    }
    if let Ok(date) = word.parse::<NaiveDate>() {
        return Token::Date(date);
    }
    if NOT.contains(&folded) {
        return Token::Not;
    }
    if ["uur", "u", "h"].contains(&folded) {
        return Token::Hour;
    }
    if let Some((_, day)) = DAY_NAMES.iter().find(|(name, _)| folded == *name || is_plural(folded, name)) {
        return Token::Day(*day);
    }
    if let Some(month) =
        MONTHS.iter().position(|month| folded == *month || folded.len() == 3 && month.starts_with(folded))
    {
        return Token::Month(month as u32 + 1);
    }
    if folded == "mrt" || folded == "sept" {
        return Token::Month(if folded == "mrt" { 3 } else { 9 });
    }
    let ordinals = [
        (["1e", "1ste", "eerste", "first"], 1),
        (["2e", "2de", "tweede", "second"], 2),
        (["3e", "3de", "derde", "third"], 3),
        (["4e", "4de", "vierde", "fourth"], 4),
        (["laatste", "last", "laatst", "lste"], -1),
    ];
    if let Some((_, nth)) = ordinals.iter().find(|(names, _)| names.contains(&folded)) {
        return Token::Nth(*nth);
    }
    let lower = word.trim_end_matches('.').to_lowercase();
    if let Ok(number) = lower.parse() {
        return Token::Number(number);
    }
    match clock_of(&lower) {
        Some(time) => Token::Clock(time),
        None => Token::Other(word.to_owned()),
    }
}

/// "maandagen", "dinsdags".
fn is_plural(word: &str, name: &str) -> bool {
    name.len() > 3 && word.strip_prefix(name).is_some_and(|rest| ["en", "s"].contains(&rest))
}

/// "10.30", "10:30", "10u30", "10u", "10.30u".
fn clock_of(word: &str) -> Option<NaiveTime> {
    let bare = word.trim_end_matches("uur").trim_end_matches(['u', 'h']);
    let (hours, minutes) = bare.split_once([':', '.', 'u', 'h']).unwrap_or((bare, "0"));
    let (hours, minutes): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
    if (hours, minutes) == (24, 0) { Some(NaiveTime::MIN) } else { NaiveTime::from_hms_opt(hours, minutes, 0) }
}

/// "30-6-2027" and "2027-06-30".
fn date(word: &str) -> Option<NaiveDate> {
    let word = word.trim_matches([',', ';', '.']);
    let own = || ["%d-%m-%Y", "%d/%m/%Y"].iter().find_map(|form| NaiveDate::parse_from_str(word, form).ok());
    let date = word.parse().ok().or_else(own)?;
    // A year of two digits is none.
    (1900..=2200).contains(&date.year()).then_some(date)
}

fn written_date(words: &[String]) -> Option<NaiveDate> {
    let [day, month, year, ..] = words else { return None };
    let month = MONTHS.iter().position(|name| name == month)? as u32 + 1;
    NaiveDate::from_ymd_opt(year.parse().ok().filter(|year| (1900..=2200).contains(year))?, month, day.parse().ok()?)
}
