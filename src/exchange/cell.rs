//! What may stand in a cell, and how it becomes a value of the form and a cell again.

use std::collections::HashMap;

use serde_json::{Number, Value};

use crate::domain::{ConceptId, Scheme, Vocabulary};

/// What stands in the cells of a column, or in the property of a feature.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// Words.
    Text,
    /// Several words.
    Texts,
    /// A whole number.
    Whole,
    /// A number, with a decimal comma or point.
    Number,
    /// Yes or no.
    Flag,
    /// A date.
    Date,
    /// A time of day.
    Time,
    /// One of some names, each with its Dutch word.
    Choice(&'static [(&'static str, &'static str)]),
    /// Several of them.
    Choices(&'static [(&'static str, &'static str)]),
    /// A concept.
    Concept(Scheme),
    /// Several concepts.
    Concepts(Scheme),
    /// Values of one type of channel of the contact.
    Channel(&'static str),
    /// Weekdays of a weekly schedule.
    Weekdays,
    /// JSON.
    Json,
}

/// The words of every concept, by which editors name it: its id, and its Dutch and English labels.
pub(super) struct ConceptNames(HashMap<(Scheme, String), ConceptId>);

impl ConceptNames {
    /// No words: concepts are told by their ids alone.
    pub fn none() -> Self {
        Self(HashMap::new())
    }

    pub fn new(vocabulary: &Vocabulary) -> Self {
        let mut names = HashMap::new();
        for list in vocabulary.schemes() {
            // An id before a label, a full label before a short one, when two concepts share a word.
            for concept in &list.concepts {
                names.insert((list.scheme, concept.id.to_string()), concept.id.clone());
            }
            for rank in 0..3 {
                for concept in &list.concepts {
                    let labels = [&concept.pref_label, &concept.short_label, &concept.resident_label][rank];
                    for label in ["nl", "en"].iter().filter_map(|language| labels.get(*language)) {
                        names.entry((list.scheme, label.to_lowercase())).or_insert_with(|| concept.id.clone());
                    }
                }
            }
        }
        Self(names)
    }

    /// The id that a word means; a word that means none stays, for the check to say so with the nearest.
    fn id(&self, scheme: Scheme, word: &str) -> Value {
        match self.0.get(&(scheme, word.to_lowercase())) {
            Some(id) => id.as_str().into(),
            None => word.into(),
        }
    }
}

const DAYS: [(&str, [&str; 6]); 7] = [
    ("MO", ["monday", "mon", "mo", "maandag", "ma", "maandags"]),
    ("TU", ["tuesday", "tue", "tu", "dinsdag", "di", "dinsdags"]),
    ("WE", ["wednesday", "wed", "we", "woensdag", "wo", "woensdags"]),
    ("TH", ["thursday", "thu", "th", "donderdag", "do", "donderdags"]),
    ("FR", ["friday", "fri", "fr", "vrijdag", "vr", "vrijdags"]),
    ("SA", ["saturday", "sat", "sa", "zaterdag", "za", "zaterdags"]),
    ("SU", ["sunday", "sun", "su", "zondag", "zo", "zondags"]),
];

const WEEKLY: &str = "FREQ=WEEKLY;BYDAY=";

/// Yes and no, as editors and spreadsheets in Dutch and English write them; the first two are written.
const YES: [&str; 6] = ["yes", "ja", "true", "waar", "1", "j"];
const NO: [&str; 6] = ["no", "nee", "false", "onwaar", "0", "n"];

impl Kind {
    /// Reads a cell that is not empty.
    ///
    /// What the check of the domain can tell as well, or better, is let through for it to tell.
    pub fn read(self, cell: &str, names: &ConceptNames) -> Result<Value, String> {
        Ok(match self {
            Self::Text | Self::Time | Self::Channel(_) => cell.into(),
            Self::Texts => items(cell).into_iter().map(Value::from).collect(),
            Self::Json => serde_json::from_str(cell).unwrap_or_else(|_| cell.into()),
            Self::Whole => cell.parse::<u64>().map_err(|_| format!("'{cell}' is not a whole number"))?.into(),
            Self::Number => {
                let plain = cell.trim_start_matches('€').trim().replace(',', ".");
                let number = plain.parse().ok().and_then(Number::from_f64);
                Value::Number(number.ok_or_else(|| format!("'{cell}' is not a number: give one as 2.50 or 2,50"))?)
            }
            Self::Flag => match cell.to_lowercase().as_str() {
                yes if YES.contains(&yes) => true.into(),
                no if NO.contains(&no) => false.into(),
                _ => return Err(format!("'{cell}' is neither yes nor no (ja or nee)")),
            },
            Self::Date => date(cell).into(),
            Self::Choice(names) => choice(cell, names),
            Self::Choices(names) => items(cell).iter().map(|item| choice(item, names)).collect(),
            Self::Concept(scheme) => names.id(scheme, cell),
            // Nothing of the list holds, which is known, and not the same as an empty cell.
            Self::Concepts(_) if is_none(cell) => Value::Array(Vec::new()),
            Self::Concepts(scheme) => items(cell).iter().map(|item| names.id(scheme, item)).collect(),
            Self::Weekdays => {
                let code = |item: &String| {
                    let day = DAYS.iter().find(|(_, names)| names.contains(&item.to_lowercase().as_str()));
                    day.map(|(code, _)| *code).ok_or_else(|| {
                        format!("'{item}' is not a weekday: give monday to sunday, or maandag to zondag")
                    })
                };
                let days = items(cell).iter().map(code).collect::<Result<Vec<_>, _>>()?;
                format!("{WEEKLY}{}", days.join(",")).into()
            }
        })
    }

    /// Writes a value as a cell, so that reading the cell gives the same value; nothing when that cannot be.
    pub fn write(self, value: &Value) -> Option<String> {
        match (self, value) {
            (Self::Weekdays, Value::String(rule)) => {
                let days = rule.strip_prefix(WEEKLY)?.split(',').map(|code| {
                    let day = DAYS.iter().find(|(known, _)| *known == code)?;
                    Some(day.1[0])
                });
                Some(days.collect::<Option<Vec<_>>>()?.join("|"))
            }
            (Self::Flag, Value::Bool(flag)) => Some(if *flag { YES[0] } else { NO[0] }.to_owned()),
            (Self::Concepts(_), Value::Array(values)) if values.is_empty() => Some("none".into()),
            (Self::Json, value) => Some(value.to_string()),
            (_, Value::String(text)) => Some(text.clone()),
            (_, Value::Number(number)) => Some(number.to_string()),
            (_, Value::Array(values)) => {
                let parts: Vec<&str> = values.iter().map(Value::as_str).collect::<Option<_>>()?;
                Some(joined(&parts)).filter(|cell| !cell.is_empty())
            }
            _ => None,
        }
    }

    /// Says what to write in a cell, for people.
    pub fn describe(self) -> String {
        let several = |what: &str| format!("{what}; several with `|`");
        let list = |names: &[(&str, &str)]| {
            let named = names.iter().map(|(id, dutch)| match dutch.is_empty() {
                true => format!("`{id}`"),
                false => format!("`{id}` ({dutch})"),
            });
            named.collect::<Vec<_>>().join(", ")
        };
        match self {
            Self::Text => "text".into(),
            Self::Texts => several("text"),
            Self::Whole => "whole number".into(),
            Self::Number => "number".into(),
            Self::Flag => "yes or no".into(),
            Self::Date => "date".into(),
            Self::Time => "time, as `10:00`".into(),
            Self::Choice(names) => list(names),
            Self::Choices(names) => several(&list(names)),
            Self::Concept(scheme) => format!("concept of `{}`", scheme.name()),
            Self::Concepts(scheme) => several(&format!("concept of `{}`", scheme.name())),
            Self::Channel(_) => several("text"),
            Self::Weekdays => several("weekday"),
            Self::Json => "JSON".into(),
        }
    }
}

/// The parts of a cell that holds several values, with those that are empty: what stands between bars.
///
/// A bar within a value has a backslash before it, and so has a backslash before a bar or another backslash.
pub(super) fn split(cell: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut rest = cell.chars().peekable();
    while let Some(c) = rest.next() {
        match (c, parts.last_mut()) {
            ('|', _) => parts.push(String::new()),
            ('\\', Some(part)) => part.push(rest.next_if(|next| ['|', '\\'].contains(next)).unwrap_or(c)),
            (c, Some(part)) => part.push(c),
            (_, None) => {}
        }
    }
    parts.into_iter().map(|part| part.trim().to_owned()).collect()
}

/// The values of a cell that holds several.
pub(super) fn items(cell: &str) -> Vec<String> {
    split(cell).into_iter().filter(|item| !item.is_empty()).collect()
}

/// The cell that holds these parts.
pub(super) fn joined(parts: &[impl AsRef<str>]) -> String {
    let escaped = parts.iter().map(|part| part.as_ref().replace('\\', "\\\\").replace('|', "\\|"));
    escaped.collect::<Vec<_>>().join("|")
}

fn is_none(cell: &str) -> bool {
    ["none", "geen"].contains(&cell.to_lowercase().as_str())
}

fn choice(cell: &str, names: &[(&str, &str)]) -> Value {
    let word = cell.to_lowercase();
    let known = names.iter().find(|(id, dutch)| *id == word || *dutch == word);
    known.map_or(cell, |(id, _)| id).into()
}

/// A date as people write it, `24-11-2026`, in the order of the form; anything else as it is.
fn date(cell: &str) -> String {
    let parts: Vec<_> = cell.split('-').collect();
    let digits =
        |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    match parts[..] {
        [day, month, year] if digits(day, 2) && digits(month, 2) && digits(year, 4) && year.len() == 4 => {
            format!("{year}-{month:0>2}-{day:0>2}")
        }
        _ => cell.to_owned(),
    }
}

/// The first characters by which a spreadsheet takes a cell for a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Guards a cell against being taken for a formula, with an apostrophe in front (OWASP, "CSV injection").
pub fn guard(cell: &str) -> std::borrow::Cow<'_, str> {
    // An apostrophe that stands there already gets another, so that reading takes off just what was put on.
    match cell.trim_start_matches('\'').starts_with(FORMULA) {
        true => format!("'{cell}").into(),
        false => cell.into(),
    }
}

/// Takes the guard off a cell.
pub fn unguard(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.trim_start_matches('\'').starts_with(FORMULA) => rest,
        _ => cell,
    }
}

/// What a CSV file begins with, so that spreadsheets read it as UTF-8.
pub(super) const BOM: char = '\u{feff}';

/// A cell as it stands in a CSV file: guarded, and between quotation marks where it must be.
pub(super) fn quoted(cell: &str) -> String {
    let guarded = guard(cell);
    match guarded.contains([',', ';', '"', '\n', '\r', '\t']) {
        true => format!("\"{}\"", guarded.replace('"', "\"\"")),
        false => guarded.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn names() -> ConceptNames {
        ConceptNames::new(&crate::vocabulary::load(None).expect("the embedded vocabulary"))
    }

    #[test]
    fn cells_are_read_as_editors_write_them() {
        let names = names();
        let cases = [
            (Kind::Number, "2,50", Ok(2.5.into())),
            (Kind::Number, "€ 2.50", Ok(2.5.into())),
            (Kind::Number, "gratis", Err("'gratis' is not a number")),
            (Kind::Number, "inf", Err("'inf' is not a number")),
            (Kind::Whole, "4,5", Err("'4,5' is not a whole number")),
            (Kind::Flag, "Ja", Ok(true.into())),
            (Kind::Flag, "ONWAAR", Ok(false.into())),
            (Kind::Flag, "misschien", Err("'misschien' is neither yes nor no")),
            (Kind::Date, "24-11-2026", Ok("2026-11-24".into())),
            (Kind::Date, "1-2-2026", Ok("2026-02-01".into())),
            (Kind::Date, "2026-11-24", Ok("2026-11-24".into())),
            (Kind::Date, "morgen", Ok("morgen".into())),
            (Kind::Concept(Scheme::Theme), "Rouw en verlies", Ok("grief".into())),
            (Kind::Concept(Scheme::Theme), "grief", Ok("grief".into())),
            (Kind::Concept(Scheme::Theme), "rouwen", Ok("rouwen".into())),
            (Kind::Concepts(Scheme::Theme), "geld | grief||", Ok(vec!["money", "grief"].into())),
            (Kind::Texts, r"50\|50 Hotel|a\b|c\\|d", Ok(vec!["50|50 Hotel", r"a\b", r"c\", "d"].into())),
            (Kind::Concepts(Scheme::Accessibility), "geen", Ok(Value::Array(Vec::new()))),
            (Kind::Weekdays, "dinsdag|Thu", Ok("FREQ=WEEKLY;BYDAY=TU,TH".into())),
            (Kind::Weekdays, "dinsdaag", Err("'dinsdaag' is not a weekday")),
            (Kind::Choice(&[("home", "thuis")]), "Thuis", Ok("home".into())),
        ];
        for (kind, cell, expected) in cases {
            match (kind.read(cell, &names), expected) {
                (Ok(value), Ok(expected)) => assert_eq!(value, expected, "{kind:?} {cell}"),
                (Err(told), Err(expected)) => assert!(told.starts_with(expected), "{kind:?} {cell}: {told}"),
                (read, _) => panic!("{kind:?} {cell}: {read:?}"),
            }
        }
    }

    proptest! {
        #[test]
        fn a_guarded_cell_is_no_formula_and_is_read_back_as_it_was(cell in "['=+@\t\r-]{0,4}\\PC{0,8}") {
            let guarded = guard(&cell);
            prop_assert!(!guarded.starts_with(FORMULA));
            prop_assert_eq!(unguard(&guarded), &cell);
        }

        #[test]
        fn no_cell_makes_a_reader_panic(cell in "\\PC{1,20}") {
            let names = ConceptNames(HashMap::new());
            for kind in [Kind::Whole, Kind::Number, Kind::Flag, Kind::Date, Kind::Weekdays, Kind::Texts] {
                if let Ok(value) = kind.read(&cell, &names) && let Some(written) = kind.write(&value) {
                    prop_assert_eq!(kind.read(&written, &names), Ok(value));
                }
            }
        }
    }
}
