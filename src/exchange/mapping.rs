//! A mapping: how the properties of a GeoJSON file become drafts, so that a city's open data comes in without code.
//!
//! `docs/import.md` describes the file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::cell::Kind;
use super::pointer::{put, put_all};
use crate::domain::{OfferingDraft, Vocabulary, reader};

/// What the properties of features mean. It was checked whole when it was loaded.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The name of the source.
    pub(super) source: String,
    /// The licence of the source, if it states one.
    pub(super) licence: Option<String>,
    /// Who keeps the offerings.
    pub(super) municipality: Option<String>,
    /// The property that says who keeps the offering.
    pub(super) municipality_property: Option<String>,
    /// The property that finds the offering again; the feature's own id when left out.
    pub(super) external_id: Option<String>,
    /// What holds for every feature: a fragment of the form.
    #[serde(default)]
    pub(super) constants: Map<String, Value>,
    /// Where properties belong, by JSON pointer into the form.
    #[serde(default)]
    pub(super) properties: BTreeMap<String, Property>,
    /// Texts with `{property}` in them, by JSON pointer; the first that needs nothing that is missing.
    #[serde(default)]
    pub(super) texts: BTreeMap<String, OneOrMore>,
    /// What follows from the values of a property.
    #[serde(default)]
    pub(super) tables: Vec<Table>,
}

/// A property, and how to read it.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Property {
    Text(String),
    Typed(Typed),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Typed {
    property: String,
    r#as: PropertyKind,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum PropertyKind {
    Text,
    Texts,
    Number,
    Whole,
    Flag,
    Date,
}

impl Property {
    pub fn name(&self) -> &str {
        match self {
            Self::Text(name) => name,
            Self::Typed(typed) => &typed.property,
        }
    }

    pub fn kind(&self) -> Kind {
        match self {
            Self::Text(_) => Kind::Text,
            Self::Typed(typed) => match typed.r#as {
                PropertyKind::Text => Kind::Text,
                PropertyKind::Texts => Kind::Texts,
                PropertyKind::Number => Kind::Number,
                PropertyKind::Whole => Kind::Whole,
                PropertyKind::Flag => Kind::Flag,
                PropertyKind::Date => Kind::Date,
            },
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl OneOrMore {
    pub fn all(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::More(texts) => texts,
        }
    }
}

/// What follows from the values of a property: a fragment of the form for each.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    pub property: String,
    pub values: BTreeMap<String, Map<String, Value>>,
    /// What follows from any other value, and from none; without it these are refused.
    pub otherwise: Option<Map<String, Value>>,
}

/// Why a mapping cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MappingError {
    /// The file cannot be read.
    #[error("the mapping {path} cannot be read")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// The file is not TOML, or has keys that a mapping does not have.
    #[error("the mapping is not of the form of docs/import.md: {0}")]
    Form(#[from] toml::de::Error),
    /// It would make drafts that cannot come in.
    #[error("the mapping has {} faults: {}", .0.len(), .0.join("; "))]
    Faults(Vec<String>),
}

impl Mapping {
    /// Loads a mapping and checks it whole.
    pub fn load(path: &Path, vocabulary: &Vocabulary) -> Result<Self, MappingError> {
        let text =
            std::fs::read_to_string(path).map_err(|cause| MappingError::Unreadable { path: path.into(), cause })?;
        Self::parse(&text, vocabulary)
    }

    /// Reads the text of a mapping and checks it whole: its keys, its pointers, its concepts.
    pub fn parse(text: &str, vocabulary: &Vocabulary) -> Result<Self, MappingError> {
        let mapping: Self = toml::from_str(text)?;
        let mut faults = mapping.plain_faults();
        for fault in mapping.faults_of_drafts(vocabulary) {
            if !faults.contains(&fault) {
                faults.push(fault);
            }
        }
        if faults.is_empty() { Ok(mapping) } else { Err(MappingError::Faults(faults)) }
    }

    fn plain_faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if let Some(Err(error)) = self.municipality.as_deref().map(str::parse::<crate::domain::MunicipalityCode>) {
            faults.push(format!("municipality: {error}"));
        }
        for target in self.properties.keys().chain(self.texts.keys()) {
            if !target.starts_with('/') || target.ends_with('/') {
                faults.push(format!("'{target}' is not a JSON pointer: give one as /sessions/0/place/address/street"));
            }
        }
        for text in self.texts.values().flat_map(OneOrMore::all) {
            if let Err(detail) = pieces(text) {
                faults.push(format!("the text '{text}': {detail}"));
            }
        }
        faults
    }

    /// The faults of the drafts that this mapping makes, whatever the features hold.
    ///
    /// For every value of every table a draft is made in which the properties are nothing. The check still sees
    /// every key, and complains of unknown ones; what it misses where a property belongs is no fault of the mapping.
    fn faults_of_drafts(&self, vocabulary: &Vocabulary) -> Vec<String> {
        let targets: Vec<&str> = self.properties.keys().chain(self.texts.keys()).map(String::as_str).collect();
        let mut faults = Vec::new();
        let mut check = |chosen: Option<(usize, &str, &Map<String, Value>)>| {
            let mut draft = self.begin();
            for (at, table) in self.tables.iter().enumerate() {
                let entry = match chosen {
                    Some((place, _, entry)) if place == at => Some(entry),
                    _ => table.values.values().next(),
                };
                if let Some(entry) = entry {
                    put_all(&mut draft, "", &Value::Object(entry.clone()));
                }
            }
            for target in targets.iter().filter(|target| target.starts_with('/')) {
                if draft.pointer(target).is_none() {
                    put(&mut draft, target, Value::Null);
                }
            }
            complete_place(&mut draft);
            for violation in OfferingDraft(draft).check(vocabulary).err().unwrap_or_default() {
                let awaits_a_property = targets.iter().any(|target| {
                    target.strip_prefix(&violation.pointer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                });
                if awaits_a_property && !violation.detail.contains(reader::NOT_A_KEY) {
                    continue;
                }
                let place = chosen.map(|(_, place, _)| format!("{place}: ")).unwrap_or_default();
                faults.push(format!("{place}{}: {}", violation.pointer, violation.detail));
            }
        };
        check(None);
        for (at, table) in self.tables.iter().enumerate() {
            for (value, entry) in &table.values {
                check(Some((at, &format!("{} '{value}'", table.property), entry)));
            }
            if let Some(entry) = &table.otherwise {
                check(Some((at, &format!("{} otherwise", table.property), entry)));
            }
        }
        faults
    }

    /// A draft with all that does not depend on the feature.
    pub(super) fn begin(&self) -> Value {
        let mut draft = json!({});
        put_all(&mut draft, "", &Value::Object(self.constants.clone()));
        put(&mut draft, "/source/name", self.source.as_str().into());
        if let Some(licence) = &self.licence {
            put(&mut draft, "/source/licence", licence.as_str().into());
        }
        draft
    }
}

/// A feature is somewhere, so its place is physical unless the mapping says otherwise.
pub(super) fn complete_place(draft: &mut Value) {
    if let Some(Value::Object(place)) = draft.pointer_mut("/sessions/0/place") {
        place.entry("type").or_insert("physical".into());
    }
}

/// A part of a text.
pub(super) enum Piece<'t> {
    Words(&'t str),
    Property(&'t str),
}

/// The parts of a text: words, and properties between braces.
pub(super) fn pieces(text: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((words, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').ok_or("a brace is opened and not closed")?;
        found.push(Piece::Words(words));
        found.push(Piece::Property(name));
        rest = after;
    }
    found.push(Piece::Words(rest));
    Ok(found)
}
