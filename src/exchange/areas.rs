//! Reading files of areas: outlines from GeoJSON, names, other names and figures from GeoJSON or CSV.
//!
//! Sources name the same things in many ways, so the code and the name are found by the names that CBS, PDOK and
//! municipalities give them; every other scalar is kept as a figure under its own name.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Number, Value};

use super::cell;
use super::geojson::RawFeature;
use super::input::{Input, Progress};
use super::json::{JsonRows, unreadable};
use super::records::{Record, Records};
use super::row::{Problem, RefusedRow};
use super::{ExchangeError, Format};
use crate::areas::{AreaPatch, outline};
use crate::domain::{AreaCode, AreaKind, text};

/// The most bytes of one area with its outline.
pub const MAX_AREA_BYTES: usize = 16_000_000;

/// The most characters of a name, as of an offering.
const MAX_NAME: usize = crate::domain::draft::MAX_NAME;

/// What a row tells about an area.
#[derive(Clone, Debug, PartialEq)]
pub struct AreaRow {
    /// The number of the row, as in [`Problem::row`].
    pub row: u64,
    /// What it tells.
    pub patch: AreaPatch,
    /// The row as it stood in the file.
    pub raw: String,
}

/// The rows of a file of areas: each a patch, or refused.
pub struct AreaRows {
    rows: Source,
    reading: Reading,
    progress: Progress,
    ended: bool,
}

enum Source {
    Csv { records: Box<Records>, columns: Vec<String>, header: String },
    Features(JsonRows<RawFeature>),
}

/// Begins to read a file of areas, of the given reference year unless its rows name one.
pub fn read(input: Input, format: Format, year: Option<i32>) -> Result<AreaRows, ExchangeError> {
    let progress = input.progress.clone();
    let rows = match format {
        Format::Csv => {
            let mut records = Records::new(input).map_err(ExchangeError::Read)?;
            let header = records.next().map_err(ExchangeError::Read)?;
            let Some(Record { cells, raw, fault: None, .. }) = header else {
                let fault = header.and_then(|record| record.fault).unwrap_or_else(|| "the file is empty".into());
                return Err(ExchangeError::Unsuitable(vec![Problem::of_row(1, fault)]));
            };
            let is_code = |name: &String| {
                let plain = plain(name);
                CODES.contains(&plain.as_str()) || LEVELS.iter().any(|(_, codes, _)| codes.contains(&plain.as_str()))
            };
            if !cells.iter().any(is_code) {
                return Err(ExchangeError::Unsuitable(vec![Problem::of_row(1, NO_CODE)]));
            }
            Source::Csv { records: Box::new(records), columns: cells, header: raw.unwrap_or_default() }
        }
        Format::GeoJson => Source::Features(JsonRows::elements(input, "features", MAX_AREA_BYTES)),
        Format::Json | Format::Ndjson => return Err(ExchangeError::WrongFormat("areas", format)),
    };
    Ok(AreaRows { rows, reading: Reading { year, level: None, seen: HashMap::new() }, progress, ended: false })
}

impl AreaRows {
    /// How far the file has been read.
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// The header of a CSV file, for the file of refused rows.
    pub fn header(&self) -> Option<&str> {
        match &self.rows {
            Source::Csv { header, .. } => Some(header),
            Source::Features(_) => None,
        }
    }

    /// The next row's number, text, properties and outline.
    fn next_given(&mut self) -> Option<Result<Given, RefusedRow>> {
        match &mut self.rows {
            Source::Features(rows) => Some(rows.next()?.map(|row| Given {
                row: row.row,
                raw: row.raw,
                id: row.value.id.and_then(|id| id.as_str().map(str::to_owned)),
                properties: row.value.properties.unwrap_or_default().into_iter().map(Property::new).collect(),
                outline: row.value.geometry,
            })),
            Source::Csv { records, columns, .. } => loop {
                let record = match records.next() {
                    Ok(Some(record)) if record.is_blank() => continue,
                    Ok(Some(record)) => record,
                    Ok(None) => return None,
                    Err(error) => {
                        self.ended = true;
                        return Some(Err(unreadable(&error)));
                    }
                };
                let Record { row, cells, raw, fault } = record;
                let uneven = || {
                    let detail = format!("this row has {} cells and the header {}", cells.len(), columns.len());
                    (cells.len() != columns.len()).then_some(detail)
                };
                if let Some(fault) = fault.or_else(uneven) {
                    return Some(Err(RefusedRow { raw, problems: vec![Problem::of_row(row, fault)] }));
                }
                let cells = cells.iter().map(|cell| figure(cell));
                let properties = columns.iter().cloned().zip(cells).map(Property::new).collect();
                return Some(Ok(Given { row, raw: raw.unwrap_or_default(), id: None, properties, outline: None }));
            },
        }
    }
}

impl Iterator for AreaRows {
    type Item = Result<AreaRow, RefusedRow>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let given = match self.next_given()? {
            Ok(given) => given,
            Err(refused) => return Some(Err(refused)),
        };
        if let Some(Property { name, .. }) =
            given.properties.iter().find(|property| POSTCODES.contains(&property.plain.as_str()))
        {
            self.ended = true;
            let problem = format!(
                "'{name}': this is a file of postcodes, not of areas; nothing of it was read. \
                 `wegwijzer import postcodes` reads it"
            );
            return Some(Err(RefusedRow { raw: None, problems: vec![Problem::of_file(problem)] }));
        }
        Some(self.reading.patch_of(given))
    }
}

/// A row before anything is known of it.
struct Given {
    row: u64,
    raw: String,
    id: Option<String>,
    properties: Vec<Property>,
    outline: Option<::geojson::Geometry>,
}

/// The name of a property in small letters without signs, so that `BU_CODE`, `buCode` and `bucode` are one.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A property with its value.
struct Property {
    plain: String,
    name: String,
    value: Value,
}

impl Property {
    fn new((name, value): (String, Value)) -> Self {
        Self { plain: plain(&name), name, value }
    }
}

/// What the rows of a file have in common.
struct Reading {
    year: Option<i32>,
    /// The finest level that a property names, as `buurtcode` does; wider areas then only stand beside their parts.
    level: Option<AreaKind>,
    /// What was told about each area, hashed, and in which row.
    seen: HashMap<AreaCode, (u64, u64)>,
}

/// The names of properties, without capitals and signs, that hold codes and names of each level.
const LEVELS: [(AreaKind, [&str; 2], [&str; 2]); 3] = [
    (AreaKind::Buurt, ["buurtcode", "bucode"], ["buurtnaam", "bunaam"]),
    (AreaKind::Wijk, ["wijkcode", "wkcode"], ["wijknaam", "wknaam"]),
    (AreaKind::Gemeente, ["gemeentecode", "gmcode"], ["gemeentenaam", "gmnaam"]),
];

/// Those that tell nothing of the level.
const CODES: [&str; 3] = ["code", "statcode", "cbscode"];
const NAMES: [&str; 4] = ["name", "naam", "statnaam", "officielenaam"];
const ALIASES: [&str; 2] = ["aliases", "alias"];
const YEARS: [&str; 2] = ["year", "jaar"];
const POSTCODES: [&str; 5] = ["pc4", "pc6", "postcode", "postcode4", "postcode6"];

const NO_CODE: &str = "no code of CBS is found here, as GM0363, WK0363AK or BU0363AK05; it is looked for in the \
                       feature's id and in properties such as code, statcode and buurtcode";

/// What CBS writes where a figure is unknown or secret.
const UNKNOWN: [i64; 4] = [-99_995, -99_996, -99_997, -99_999_999];

impl Reading {
    fn patch_of(&mut self, given: Given) -> Result<AreaRow, RefusedRow> {
        let Given { row, raw, id, mut properties, outline } = given;
        let mut problems = Vec::new();
        let code = self.take_code(row, id.as_deref(), &mut properties).map_err(|problem| problems.push(problem)).ok();
        let name = take_name(code.as_ref().map_or(AreaKind::Buurt, AreaCode::kind), &mut properties);
        if let Some(name) = name.as_ref().filter(|name| name.chars().count() > MAX_NAME) {
            let detail = format!("a name has at most {MAX_NAME} characters");
            problems.push(Problem::of_cell(row, "name", Some(name), detail));
        }
        let aliases = take(&ALIASES, &mut properties).map(|property| aliases_of(&property.value)).unwrap_or_default();
        let year = match take(&YEARS, &mut properties) {
            None => self.year,
            Some(Property { name, value, .. }) => year_of(&value).or_else(|| {
                problems.push(Problem::of_cell(row, name, Some(&value.to_string()), "a year is given as 2025"));
                None
            }),
        };
        let outline = outline.and_then(|geometry| {
            let checked = outline::check(geometry);
            checked.map_err(|error| problems.push(Problem::of_cell(row, "geometry", None, error.to_string()))).ok()
        });
        let statistics = properties.into_iter().filter_map(|p| Some((p.name, known(p.value)?))).collect();
        if let (Some(code), true) = (code, problems.is_empty()) {
            let patch = AreaPatch { code, name, aliases, year, statistics, outline };
            match self.told_before(row, &patch) {
                None => return Ok(AreaRow { row, patch, raw }),
                Some(problem) => problems.push(problem),
            }
        }
        Err(RefusedRow { raw: Some(raw), problems })
    }

    /// Takes the codes of every level out of the properties, and gives that of the row's own area: a code that is
    /// just called so, whatever its level, or else the one of the finest level that properties name.
    fn take_code(&mut self, row: u64, id: Option<&str>, properties: &mut Vec<Property>) -> Result<AreaCode, Problem> {
        let own = id.map(|id| Property::new(("id".into(), id.into())));
        let mut found: Vec<Property> = own.into_iter().collect();
        while let Some(property) = take(&CODES, properties) {
            found.push(property);
        }
        for (level, names, _) in LEVELS {
            if let Some(property) = take(&names, properties) {
                // The finest level that is named is that of the file: a row without its code is not one of a wider area.
                if self.level.is_none_or(|known| known < level) {
                    self.level = Some(level);
                }
                if self.level == Some(level) {
                    found.push(property);
                }
            }
        }
        let codes = found.iter().filter_map(|property| property.value.as_str()?.trim().parse::<AreaCode>().ok());
        codes.into_iter().next().ok_or_else(|| {
            let given = found.last();
            let name = given.map_or("code", |property| property.name.as_str());
            let value = given.and_then(|property| property.value.as_str());
            Problem::of_cell(row, name, value, NO_CODE)
        })
    }

    /// Complains when an earlier row tells something else about the same area: one of them would be lost.
    fn told_before(&mut self, row: u64, patch: &AreaPatch) -> Option<Problem> {
        let mut hasher = DefaultHasher::new();
        (&patch.name, patch.year, patch.outline.is_some()).hash(&mut hasher);
        for (key, value) in &patch.statistics {
            (key, value.to_string()).hash(&mut hasher);
        }
        let told = (hasher.finish(), row);
        let (earlier, first) = *self.seen.entry(patch.code.clone()).or_insert(told);
        let differs = first != row && (earlier != told.0 || patch.outline.is_some());
        differs.then(|| {
            let detail =
                format!("row {first} tells something else about {}: only other names may come again", patch.code);
            Problem::of_row(row, detail)
        })
    }
}

/// Takes the first property with one of these names.
fn take(names: &[&str], properties: &mut Vec<Property>) -> Option<Property> {
    let at = names.iter().find_map(|wanted| properties.iter().position(|property| property.plain == *wanted))?;
    Some(properties.remove(at))
}

/// Takes the names of every level out of the properties, and gives that of this level.
fn take_name(level: AreaKind, properties: &mut Vec<Property>) -> Option<String> {
    let mut name = None;
    for (known, _, names) in LEVELS {
        let taken = take(&names, properties);
        if known == level {
            name = taken;
        }
    }
    for general in NAMES {
        let taken = take(&[general], properties);
        name = name.or(taken);
    }
    let name = text::clean_line(name?.value.as_str()?);
    (!name.is_empty()).then_some(name)
}

fn aliases_of(value: &Value) -> Vec<String> {
    let texts: Vec<String> = match value {
        Value::String(text) => cell::split(text),
        Value::Array(items) => items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    };
    let clean = texts.iter().map(|alias| text::clean_line(alias));
    clean.filter(|alias| !alias.is_empty() && alias.chars().count() <= MAX_NAME).collect()
}

fn year_of(value: &Value) -> Option<i32> {
    let year = match value {
        Value::Number(number) => number.as_i64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    i32::try_from(year).ok().filter(|year| (1900..=2200).contains(year))
}

/// A figure as a table writes it: a number with a decimal comma or point, or text.
fn figure(cell: &str) -> Value {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    // A number that begins with 0 is a code whose zeros mean something.
    let is_number = digits.starts_with(|c: char| c.is_ascii_digit())
        && (!digits.starts_with('0') || digits.len() == 1 || digits.starts_with("0.") || digits.starts_with("0,"))
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b',');
    let number = || {
        let whole = cell.parse::<i64>().ok().map(Number::from);
        whole.or_else(|| cell.replace(',', ".").parse().ok().and_then(Number::from_f64))
    };
    match is_number.then(number).flatten() {
        Some(number) => Value::Number(number),
        None => cell.into(),
    }
}

/// The figure, if there is one: neither empty nor one of the marks for unknown.
fn known(value: Value) -> Option<Value> {
    match value {
        Value::String(text) => {
            let text = text::clean_line(&text);
            (!text.is_empty() && text != ".").then_some(Value::String(text))
        }
        Value::Number(number) => {
            let unknown = number.as_i64().or(number.as_f64().map(|n| n as i64)).is_some_and(|n| UNKNOWN.contains(&n));
            (!unknown).then_some(Value::Number(number))
        }
        Value::Bool(_) => Some(value),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
