//! Reading files of front doors: JSON or NDJSON of the form of [`FrontDoor`].

use serde_json::Value;

use super::input::{Input, MAX_ROW_BYTES, Progress};
use super::json::{JsonRow, JsonRows};
use super::row::{Problem, RefusedRow};
use super::{ExchangeError, Format};
use crate::domain::reader::unknown_concept;
use crate::domain::{FrontDoor, Scheme, Vocabulary, text};

/// The most characters of one text of a front door.
const MAX_TEXT: usize = 1000;

/// A front door with its row.
#[derive(Clone, Debug, PartialEq)]
pub struct FrontDoorRow {
    /// The number of the row, as in [`Problem::row`].
    pub row: u64,
    /// What it tells.
    pub front_door: FrontDoor,
    /// The row as it stood in the file.
    pub raw: String,
}

/// The rows of a file of front doors.
pub struct FrontDoorRows<'v> {
    rows: JsonRows<Value>,
    vocabulary: &'v Vocabulary,
    progress: Progress,
}

/// Begins to read a file of front doors: a list, or one under the key `frontDoors`, or lines.
pub fn read(input: Input, format: Format, vocabulary: &Vocabulary) -> Result<FrontDoorRows<'_>, ExchangeError> {
    let progress = input.progress.clone();
    let rows = match format {
        Format::Json => JsonRows::elements(input, "frontDoors", MAX_ROW_BYTES),
        Format::Ndjson => JsonRows::lines(input, MAX_ROW_BYTES),
        Format::Csv | Format::GeoJson => return Err(ExchangeError::WrongFormat("front doors", format)),
    };
    Ok(FrontDoorRows { rows, vocabulary, progress })
}

impl FrontDoorRows<'_> {
    /// How far the file has been read.
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }
}

impl Iterator for FrontDoorRows<'_> {
    type Item = Result<FrontDoorRow, RefusedRow>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.rows.next()?.and_then(|row| front_door_of(row, self.vocabulary)))
    }
}

fn front_door_of(row: JsonRow<Value>, vocabulary: &Vocabulary) -> Result<FrontDoorRow, RefusedRow> {
    let JsonRow { row, mut value, raw } = row;
    let mut problems = Vec::new();
    if let Value::Object(map) = &mut value {
        for (key, value) in map {
            if let Some(fault) = clean(value) {
                problems.push(Problem::of_cell(row, format!("/{key}"), None, fault));
            }
        }
    }
    match serde_json::from_value::<FrontDoor>(value) {
        Ok(front_door) if front_door.role.is_empty() => {
            problems.push(Problem::of_cell(row, "/role", None, "this is required"));
        }
        Ok(front_door) => {
            for (at, theme) in front_door.theme.iter().enumerate() {
                if vocabulary.concept(Scheme::Theme, theme.as_str()).is_none() {
                    let detail = unknown_concept(vocabulary, Scheme::Theme, theme.as_str());
                    problems.push(Problem::of_cell(row, format!("/theme/{at}"), None, detail));
                }
            }
            if problems.is_empty() {
                return Ok(FrontDoorRow { row, front_door, raw });
            }
        }
        Err(error) => problems.push(Problem::of_row(row, error.to_string())),
    }
    Err(RefusedRow { raw: Some(raw), problems })
}

/// Cleans every text within a value, and says when one is too long.
fn clean(value: &mut Value) -> Option<String> {
    match value {
        Value::String(words) => {
            *words = text::clean(words);
            let length = words.chars().count();
            (length > MAX_TEXT).then(|| format!("this has {length} characters; at most {MAX_TEXT} are allowed"))
        }
        Value::Array(items) => items.iter_mut().find_map(clean),
        Value::Object(map) => map.values_mut().find_map(clean),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}
