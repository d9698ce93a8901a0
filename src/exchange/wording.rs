//! Files of own words: JSON or NDJSON, an object for each municipality.

use std::collections::HashSet;
use std::io::Write;

use serde_json::Value;

use super::input::{Input, MAX_ROW_BYTES};
use super::json::{JsonRow, JsonRows};
use super::row::{Origin, RefusedRow, SourceRow};
use super::{ExchangeError, Format, WriteError};
use crate::domain::{MunicipalityCode, Violation, Vocabulary, Wording, WordingDraft};

/// Reads a file of own words: a list, or one under the key `wordings`, or lines.
pub fn read(
    input: Input,
    format: Format,
    vocabulary: &Vocabulary,
) -> Result<impl Iterator<Item = Result<Wording, RefusedRow>> + '_, ExchangeError> {
    let rows: JsonRows<Value> = match format {
        Format::Json => JsonRows::elements(input, "wordings", MAX_ROW_BYTES),
        Format::Ndjson => JsonRows::lines(input, MAX_ROW_BYTES),
        Format::Csv | Format::GeoJson => return Err(ExchangeError::WrongFormat("own words", format)),
    };
    let mut seen = HashSet::new();
    Ok(rows.map(move |row| row.and_then(|row| wording_of(row, vocabulary, &mut seen))))
}

fn wording_of(
    row: JsonRow<Value>,
    vocabulary: &Vocabulary,
    seen: &mut HashSet<MunicipalityCode>,
) -> Result<Wording, RefusedRow> {
    let JsonRow { row, value, raw } = row;
    let checked = WordingDraft(value.clone()).check(vocabulary).and_then(|wording| {
        // What a file says of a municipality takes the place of what was said: there is one.
        match seen.insert(wording.municipality.clone()) {
            true => Ok(wording),
            false => Err(vec![Violation {
                pointer: "/municipality".into(),
                detail: "this municipality stands in the file twice: put its words together".into(),
            }]),
        }
    });
    checked.map_err(|violations| {
        let origin = Origin::same_form();
        SourceRow { row, draft: value, municipality: None, origin, raw, faults: Vec::new() }.refuse(&violations)
    })
}

/// Writes own words so that they can be read again: as one JSON list, in every other form as lines.
pub fn write(wordings: &[Wording], format: Format, out: &mut impl Write) -> Result<(), WriteError> {
    match format {
        Format::Json => serde_json::to_writer_pretty(&mut *out, wordings)?,
        _ => {
            for wording in wordings {
                serde_json::to_writer(&mut *out, wording)?;
                writeln!(out)?;
            }
        }
    }
    Ok(())
}
