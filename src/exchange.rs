//! Files in and out: each row of a file becomes a draft or a line in the report, and offerings become files again.
//!
//! [`read`] takes offerings as CSV, JSON, NDJSON, or GeoJSON with a [`Mapping`]; [`areas`], [`front_doors`],
//! [`postcodes`] and [`wording`] read what their names say; [`Reporter`] keeps count, writes the report and keeps the refused rows; [`OfferingWriter`]
//! writes. One row is in memory at a time. Nothing here knows the database: the deed that imports stands above.
//!
//! `docs/import.md` describes the files for those who make them.

pub mod areas;
pub mod calendar;
mod cell;
mod columns;
pub mod coverage;
mod csv;
mod example;
pub mod front_doors;
mod geojson;
pub mod hours;
mod input;
mod json;
mod mapping;
mod pointer;
pub mod postcodes;
mod records;
mod report;
mod row;
pub mod wording;
mod write;

use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde_json::{Value, json};

use self::csv::CsvRows;
use self::geojson::FeatureRows;
use self::json::JsonRows;
use crate::domain::Vocabulary;

pub use columns::markdown as columns_markdown;
pub use example::{example, template};
pub use input::{Input, MAX_ROW_BYTES, Progress};
pub use mapping::{Mapping, MappingError};
pub use report::{Report, ReportError, Reporter};
pub use row::{Origin, Problem, RefusedRow, SourceRow};
pub use write::{OfferingWriter, WriteError, Written};

/// A form that files have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The columns of `docs/import.md`.
    Csv,
    /// A list, an object that holds one, or a single object.
    Json,
    /// An object on each line.
    Ndjson,
    /// A FeatureCollection.
    GeoJson,
}

impl Format {
    const NAMES: [(Self, &str); 4] =
        [(Self::Csv, "csv"), (Self::Json, "json"), (Self::Ndjson, "ndjson"), (Self::GeoJson, "geojson")];

    /// The name, which is also the extension of its files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::GeoJson => "geojson",
        }
    }

    /// The form that the name of a file promises: its extension, before `.gz` if the file is packed.
    pub fn of_path(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        match name.rsplit_once('.')?.1 {
            "jsonl" => Some(Self::Ndjson),
            extension => extension.parse().ok(),
        }
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = Self::NAMES.into_iter().find(|(_, name)| *name == text);
        known.map(|(format, _)| format).ok_or_else(|| UnknownFormat(text.chars().take(40).collect()))
    }
}

/// Text that is no format.
#[derive(Debug, thiserror::Error)]
#[error("'{0}' is not a format: give csv, json, ndjson or geojson")]
pub struct UnknownFormat(String);

/// Why a file is not read at all.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// It cannot be opened.
    #[error("the file {path} cannot be opened")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// Its first bytes cannot be read.
    #[error("the file cannot be read")]
    Read(#[source] std::io::Error),
    /// It is not what it should be as a whole; nothing was read.
    #[error("the file cannot be used: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Unsuitable(Vec<Problem>),
    /// Features say nothing of themselves that an offering could be made of.
    #[error("a GeoJSON file of offerings needs a mapping: give one with --mapping")]
    MappingNeeded,
    /// What it holds is not read in this form.
    #[error("{0} cannot be read from {format}", format = .1.as_str())]
    WrongFormat(&'static str, Format),
}

/// How to read a file of offerings.
pub struct ReadOptions<'a> {
    /// The form of the file.
    pub format: Format,
    /// The concepts, by whose labels editors name them.
    pub vocabulary: &'a Vocabulary,
    /// What the properties of features mean.
    pub mapping: Option<&'a Mapping>,
    /// The name of the source for rows that name none.
    pub source: Option<&'a str>,
}

/// The rows of a file of offerings: each a draft with its origin, or refused.
pub struct Rows<'a> {
    rows: FileRows<'a>,
    source: Option<&'a str>,
    vocabulary: &'a Vocabulary,
    progress: Progress,
}

enum FileRows<'a> {
    Csv(Box<CsvRows>),
    Json(JsonRows<Value>),
    Features(FeatureRows<'a>),
}

/// Begins to read a file of offerings; faults of the whole file are told before the first row.
pub fn read<'a>(input: Input, options: ReadOptions<'a>) -> Result<Rows<'a>, ExchangeError> {
    let ReadOptions { format, vocabulary, mapping, source } = options;
    let progress = input.progress.clone();
    let rows = match format {
        Format::Csv => FileRows::Csv(Box::new(CsvRows::new(input, vocabulary)?)),
        Format::Json => FileRows::Json(JsonRows::elements(input, "offerings", MAX_ROW_BYTES)),
        Format::Ndjson => FileRows::Json(JsonRows::lines(input, MAX_ROW_BYTES)),
        Format::GeoJson => FileRows::Features(FeatureRows::new(input, mapping.ok_or(ExchangeError::MappingNeeded)?)),
    };
    Ok(Rows { rows, source, vocabulary, progress })
}

impl Rows<'_> {
    /// How far the file has been read, for a progress bar that may live in another thread.
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// The header of a CSV file, for the file of refused rows.
    pub fn header(&self) -> Option<&str> {
        match &self.rows {
            FileRows::Csv(rows) => Some(rows.header()),
            FileRows::Json(_) | FileRows::Features(_) => None,
        }
    }

    /// Names the source of a draft that names none.
    fn name_source(&self, draft: &mut Value) {
        let (Some(name), Value::Object(draft)) = (self.source, draft) else { return };
        let source = draft.entry("source").or_insert(Value::Null);
        if source.is_null() {
            *source = json!({});
        }
        if let Value::Object(source) = source {
            source.entry("name").or_insert(name.into());
        }
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<SourceRow, RefusedRow>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = match &mut self.rows {
            FileRows::Csv(rows) => rows.next()?,
            FileRows::Features(rows) => rows.next()?,
            FileRows::Json(rows) => rows.next()?.map(|row| SourceRow {
                row: row.row,
                municipality: row.value.get("municipality").and_then(Value::as_str).map(str::to_owned),
                draft: row.value,
                origin: Origin::same_form(),
                raw: row.raw,
                faults: Vec::new(),
            }),
        };
        Some(row.and_then(|mut row| {
            self.name_source(&mut row.draft);
            if row.faults.is_empty() {
                return Ok(row);
            }
            // What could be read is checked too, so that all faults are told at once.
            Err(row.check(self.vocabulary).err().unwrap_or_else(|| row.refuse(&[])))
        }))
    }
}

#[cfg(test)]
mod tests;
