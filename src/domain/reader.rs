//! Reads untrusted JSON into domain values and collects every fault on the way, each with its JSON pointer.

use std::cell::RefCell;
use std::fmt::Display;
use std::str::FromStr;

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::lexicon::ConceptRef;
use super::text;
use super::vocabulary::{ConceptId, Scheme, Vocabulary};

/// What is said of a key that no form has.
pub const NOT_A_KEY: &str = "is not a key of this form";

/// One fault in what was given: where it is, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Violation {
    /// A JSON pointer (RFC 6901) into what was given, as `/sessions/0/place/position`.
    #[schema(example = "/theme/0")]
    pub pointer: String,
    /// What is wrong, and what would be right.
    pub detail: String,
}

/// What every part of one reading shares: the vocabulary to check against and the faults found so far.
pub struct Reading<'v> {
    /// The concepts that exist.
    pub vocabulary: &'v Vocabulary,
    violations: RefCell<Vec<Violation>>,
}

impl<'v> Reading<'v> {
    /// Begins a reading.
    pub fn new(vocabulary: &'v Vocabulary) -> Self {
        Self { vocabulary, violations: RefCell::default() }
    }

    /// Notes a fault.
    pub fn fault(&self, pointer: impl Into<String>, detail: impl Into<String>) {
        self.violations.borrow_mut().push(Violation { pointer: pointer.into(), detail: detail.into() });
    }

    /// Ends the reading with the value, or with every fault.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Vec<Violation>> {
        let violations = self.violations.into_inner();
        match value {
            Some(value) if violations.is_empty() => Ok(value),
            _ => Err(violations),
        }
    }
}

/// A JSON object that is being read: each key is asked for once, and [`Self::end`] complains of the others.
pub struct ObjectReader<'a> {
    reading: &'a Reading<'a>,
    map: &'a Map<String, Value>,
    pointer: String,
    asked: RefCell<Vec<&'static str>>,
}

impl<'a> ObjectReader<'a> {
    /// Reads a value that must be an object.
    pub fn new(reading: &'a Reading<'a>, value: &'a Value, pointer: String) -> Option<Self> {
        match value {
            Value::Object(map) => Some(Self { reading, map, pointer, asked: RefCell::default() }),
            other => {
                reading.fault(pointer, format!("this must be an object, not {}", kind_of(other)));
                None
            }
        }
    }

    /// Notes a fault at a key.
    pub fn fault(&self, key: &str, detail: impl Into<String>) {
        self.reading.fault(self.at(key), detail);
    }

    fn at(&self, key: &str) -> String {
        format!("{}/{}", self.pointer, key.replace('~', "~0").replace('/', "~1"))
    }

    fn get(&self, key: &'static str) -> Option<&'a Value> {
        self.asked.borrow_mut().push(key);
        self.map.get(key).filter(|value| !value.is_null())
    }

    fn string(&self, key: &'static str) -> Option<&'a str> {
        match self.get(key)? {
            Value::String(text) => Some(text),
            other => {
                self.fault(key, format!("this must be text, not {}", kind_of(other)));
                None
            }
        }
    }

    /// Whether there is something at a key, be it right or wrong.
    pub fn has(&self, key: &str) -> bool {
        self.map.get(key).is_some_and(|value| match value {
            Value::Null => false,
            Value::String(text) => !text.trim().is_empty(),
            Value::Array(items) => !items.is_empty(),
            _ => true,
        })
    }

    /// Accepts a key whose value is not read.
    pub fn ignore(&self, key: &'static str) {
        self.get(key);
    }

    /// One line of text of at most `max` characters; nothing when it is empty.
    pub fn line(&self, key: &'static str, max: usize) -> Option<String> {
        self.bounded(key, text::clean_line(self.string(key)?), max)
    }

    /// Text of at most `max` characters, perhaps of several lines; nothing when it is empty.
    pub fn text(&self, key: &'static str, max: usize) -> Option<String> {
        self.bounded(key, text::clean(self.string(key)?), max)
    }

    fn bounded(&self, key: &str, text: String, max: usize) -> Option<String> {
        let length = text.chars().count();
        if length > max {
            self.fault(key, format!("this has {length} characters; at most {max} are allowed"));
        }
        (!text.is_empty()).then_some(text)
    }

    /// Complains when there is nothing at a key that must be there.
    pub fn required<T>(&self, key: &'static str, value: Option<T>) -> Option<T> {
        if value.is_none()
            && self.map.get(key).is_none_or(|v| v.is_null() || v.as_str().is_some_and(|s| s.trim().is_empty()))
        {
            self.fault(key, "this is required");
        }
        value
    }

    /// A value that its own type reads from text.
    pub fn parse<T: FromStr<Err: Display>>(&self, key: &'static str) -> Option<T> {
        self.parse_with(key, |text| text.parse().map_err(|e: T::Err| e.to_string()))
    }

    /// A value that a function reads from text.
    pub fn parse_with<T>(&self, key: &'static str, read: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let text = text::clean_line(self.string(key)?);
        if text.is_empty() {
            return None;
        }
        read(&text).map_err(|detail| self.fault(key, detail)).ok()
    }

    /// One of a fixed set of names, told by the type's own names in JSON.
    pub fn choice<T: serde::de::DeserializeOwned>(&self, key: &'static str, names: &[&str]) -> Option<T> {
        let value = self.get(key)?;
        match serde_json::from_value(value.clone()) {
            Ok(chosen) => Some(chosen),
            Err(_) => {
                self.fault(key, not_one_of(value, names));
                None
            }
        }
    }

    /// Several of a fixed set of names.
    pub fn choices<T: serde::de::DeserializeOwned>(&self, key: &'static str, names: &[&str]) -> Vec<T> {
        self.items(key, |reading, value, pointer| match serde_json::from_value(value.clone()) {
            Ok(chosen) => Some(chosen),
            Err(_) => {
                reading.fault(pointer, not_one_of(value, names));
                None
            }
        })
        .unwrap_or_default()
    }

    /// A whole number within bounds.
    pub fn whole<T: TryFrom<u64>>(&self, key: &'static str, max: u64) -> Option<T> {
        let value = self.get(key)?;
        let number = value.as_u64().filter(|number| *number <= max).and_then(|number| T::try_from(number).ok());
        if number.is_none() {
            self.fault(key, format!("'{}' is not a whole number from 0 to {max}", brief(value)));
        }
        number
    }

    /// A number.
    pub fn number<T: TryFrom<f64, Error: Display>>(&self, key: &'static str) -> Option<T> {
        let value = self.get(key)?;
        let Some(number) = value.as_f64() else {
            self.fault(key, format!("'{}' is not a number", brief(value)));
            return None;
        };
        T::try_from(number).map_err(|e| self.fault(key, e.to_string())).ok()
    }

    /// Yes or no.
    pub fn flag(&self, key: &'static str) -> Option<bool> {
        let value = self.get(key)?;
        if value.as_bool().is_none() {
            self.fault(key, format!("'{}' is neither true nor false", brief(value)));
        }
        value.as_bool()
    }

    /// A date of the years 1900 to 2200.
    pub fn date(&self, key: &'static str) -> Option<chrono::NaiveDate> {
        self.parse_with(key, parse_date)
    }

    /// A concept of a scheme.
    pub fn concept(&self, key: &'static str, scheme: Scheme) -> Option<ConceptId> {
        read_concept(self.reading, self.get(key)?, self.at(key), scheme)
    }

    /// Concepts of a scheme, each once; nothing when the key is not there.
    pub fn concepts(&self, key: &'static str, scheme: Scheme) -> Option<Vec<ConceptId>> {
        let mut concepts = self.items(key, |reading, value, pointer| read_concept(reading, value, pointer, scheme))?;
        let mut seen = std::collections::HashSet::new();
        concepts.retain(|concept| seen.insert(concept.clone()));
        Some(concepts)
    }

    /// Concepts with their schemes, as `theme:grief`; empty when the key is not there.
    pub fn concept_refs(&self, key: &'static str) -> Vec<ConceptRef> {
        self.items(key, |reading, value, pointer| {
            let read = value.as_str().unwrap_or_default().trim().parse::<ConceptRef>();
            let given = read.map_err(|error| reading.fault(pointer.clone(), error.to_string())).ok()?;
            let is_known = reading.vocabulary.concept(given.scheme, given.id.as_str()).is_some();
            if !is_known {
                reading.fault(pointer, unknown_concept(reading.vocabulary, given.scheme, given.id.as_str()));
            }
            is_known.then_some(given)
        })
        .unwrap_or_default()
    }

    /// An object, read by a function.
    pub fn object<T>(&self, key: &'static str, read: impl FnOnce(&ObjectReader<'a>) -> Option<T>) -> Option<T> {
        let inner = ObjectReader::new(self.reading, self.get(key)?, self.at(key))?;
        let made = read(&inner);
        inner.end();
        made
    }

    /// A list of objects, each read by a function; empty when the key is not there.
    pub fn objects<T>(&self, key: &'static str, read: impl Fn(&ObjectReader<'a>) -> Option<T>) -> Vec<T> {
        self.items(key, |reading, value, pointer| {
            let inner = ObjectReader::new(reading, value, pointer)?;
            let made = read(&inner);
            inner.end();
            made
        })
        .unwrap_or_default()
    }

    /// A list of values that their own type reads from text; empty when the key is not there.
    pub fn values<T: FromStr<Err: Display>>(&self, key: &'static str) -> Vec<T> {
        self.items(key, |reading, value, pointer| {
            let text = value.as_str().unwrap_or_default();
            text.parse().map_err(|e: T::Err| reading.fault(pointer, e.to_string())).ok()
        })
        .unwrap_or_default()
    }

    /// A value that a function reads from JSON.
    pub fn json<T, E: Display>(&self, key: &'static str, read: impl Fn(&Value) -> Result<T, E>) -> Option<T> {
        read(self.get(key)?).map_err(|e| self.fault(key, e.to_string())).ok()
    }

    /// A list, each item read by a function.
    fn items<T>(
        &self,
        key: &'static str,
        read: impl Fn(&'a Reading<'a>, &'a Value, String) -> Option<T>,
    ) -> Option<Vec<T>> {
        const MOST: usize = 200;
        let value = self.get(key)?;
        let Value::Array(items) = value else {
            self.fault(key, format!("this must be a list, not {}", kind_of(value)));
            return None;
        };
        if items.len() > MOST {
            self.fault(key, format!("this has {} items; at most {MOST} are allowed", items.len()));
            return None;
        }
        Some(
            items
                .iter()
                .enumerate()
                .filter_map(|(at, item)| read(self.reading, item, format!("{}/{at}", self.at(key))))
                .collect(),
        )
    }

    /// Ends the object: a key that nobody asked for is a fault that names the nearest known one.
    pub fn end(&self) {
        let asked = self.asked.borrow();
        for key in self.map.keys().filter(|key| !asked.contains(&key.as_str())) {
            let nearest = nearest_name(key, asked.iter().copied());
            let hint = nearest.map(|known| format!("; did you mean '{known}'?")).unwrap_or_default();
            self.fault(key, format!("'{}' {NOT_A_KEY}{hint}", key.chars().take(60).collect::<String>()));
        }
    }
}

fn read_concept(reading: &Reading<'_>, value: &Value, pointer: String, scheme: Scheme) -> Option<ConceptId> {
    let Some(id) = value.as_str() else {
        reading.fault(
            pointer,
            format!("this must be a concept of the scheme {}, as text, not {}", scheme.name(), kind_of(value)),
        );
        return None;
    };
    match reading.vocabulary.concept(scheme, id.trim()) {
        Some(concept) => Some(concept.id.clone()),
        None => {
            reading.fault(pointer, unknown_concept(reading.vocabulary, scheme, id));
            None
        }
    }
}

/// Says that there is no such concept, and which one is nearest.
pub fn unknown_concept(vocabulary: &Vocabulary, scheme: Scheme, given: &str) -> String {
    let given: String = given.chars().take(60).collect();
    let hint = match vocabulary.nearest(scheme, &given) {
        Some(nearest) => format!("the nearest is '{nearest}'"),
        None => format!("see /v1/schemes/{}", scheme.name()),
    };
    format!("'{given}' is not a concept of the scheme {}; {hint}", scheme.name())
}

/// Reads a date, `2026-11-24`, of the years 1900 to 2200.
pub fn parse_date(text: &str) -> Result<chrono::NaiveDate, String> {
    use chrono::Datelike;
    let date = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    date.filter(|date| text.len() == 10 && (1900..=2200).contains(&date.year())).ok_or_else(|| {
        format!(
            "'{}' is not a date of the years 1900 to 2200: give one as 2026-11-24",
            text.chars().take(40).collect::<String>()
        )
    })
}

/// The known name that is most like the given one, if any is like it.
pub fn nearest_name<'n>(given: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let given = given.to_lowercase();
    let liked = known.into_iter().map(|name| (strsim::jaro_winkler(&given, &name.to_lowercase()), name));
    liked.filter(|(likeness, _)| *likeness > 0.75).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, name)| name)
}

fn not_one_of(value: &Value, names: &[&str]) -> String {
    format!("'{}' is not one of {}", brief(value), names.join(", "))
}

fn brief(value: &Value) -> String {
    match value {
        Value::String(text) => text.chars().take(60).collect(),
        other => other.to_string().chars().take(60).collect(),
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
