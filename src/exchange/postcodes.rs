//! Reading files of postcodes: CSV with a position for each, by four digits (PC4) or whole (PC6).

use std::collections::BTreeMap;

use super::input::{Input, Progress};
use super::json::unreadable;
use super::records::{Record, Records};
use super::row::{Problem, RefusedRow};
use super::{ExchangeError, Format};
use crate::domain::{AreaCode, Position, Postcode, PostcodeArea, text};

/// What the columns are called, folded.
const POSTCODE: [&str; 5] = ["postcode", "pc6", "pc4", "postcode6", "postcode4"];
const LATITUDE: [&str; 4] = ["latitude", "lat", "breedtegraad", "breedte"];
const LONGITUDE: [&str; 5] = ["longitude", "lon", "lng", "lengtegraad", "lengte"];
const TOWN: [&str; 4] = ["plaats", "woonplaats", "town", "city"];
const MUNICIPALITY: [&str; 4] = ["gemeentecode", "municipality", "gemeente code", "gm code"];

/// The most characters of the name of a town.
const MAX_NAME: usize = crate::domain::draft::MAX_NAME;

/// The rows of a file of postcodes: each what it tells of the digits of one, or refused.
pub struct PostcodeRows {
    records: Records,
    columns: Columns,
    /// The first line.
    pub header: String,
    /// How far the file has been read.
    pub progress: Progress,
    ended: bool,
}

/// The places of the columns.
struct Columns {
    postcode: usize,
    latitude: usize,
    longitude: usize,
    town: Option<usize>,
    municipality: Option<usize>,
}

/// Begins to read a file of postcodes.
pub fn read(input: Input, format: Format) -> Result<PostcodeRows, ExchangeError> {
    if format != Format::Csv {
        return Err(ExchangeError::WrongFormat("postcodes", format));
    }
    let progress = input.progress.clone();
    let mut records = Records::new(input).map_err(ExchangeError::Read)?;
    let header = records.next().map_err(ExchangeError::Read)?;
    let Some(Record { cells, raw, fault: None, .. }) = header else {
        let fault = header.and_then(|record| record.fault).unwrap_or_else(|| "the file is empty".into());
        return Err(ExchangeError::Unsuitable(vec![Problem::of_row(1, fault)]));
    };
    let plain: Vec<String> = cells.iter().map(|name| text::fold(name)).collect();
    let column = |names: &[&str]| plain.iter().position(|name| names.contains(&name.as_str()));
    let (postcode, latitude, longitude) = (column(&POSTCODE), column(&LATITUDE), column(&LONGITUDE));
    let (Some(postcode), Some(latitude), Some(longitude)) = (postcode, latitude, longitude) else {
        let fault = "a file of postcodes has the columns postcode (or pc6, pc4), latitude and longitude, in WGS 84";
        return Err(ExchangeError::Unsuitable(vec![Problem::of_row(1, fault)]));
    };
    let columns = Columns { postcode, latitude, longitude, town: column(&TOWN), municipality: column(&MUNICIPALITY) };
    Ok(PostcodeRows { records, columns, header: raw.unwrap_or_default(), progress, ended: false })
}

impl Iterator for PostcodeRows {
    type Item = Result<PostcodeArea, RefusedRow>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            match self.records.next() {
                Ok(Some(record)) if record.is_blank() => {}
                Ok(Some(record)) => return Some(self.columns.read(record)),
                Ok(None) => self.ended = true,
                Err(error) => {
                    self.ended = true;
                    return Some(Err(unreadable(&error)));
                }
            }
        }
        None
    }
}

impl Columns {
    fn read(&self, record: Record) -> Result<PostcodeArea, RefusedRow> {
        let Record { row, cells, raw, fault } = record;
        let mut problems: Vec<Problem> = fault.into_iter().map(|fault| Problem::of_row(row, fault)).collect();
        let cell = |at: usize| cells.get(at).map(String::as_str).unwrap_or_default();
        let mut read = |name: &str, at: usize, detail: String| {
            problems.push(Problem::of_cell(row, name, Some(cell(at)), detail));
        };
        let postcode = cell(self.postcode).parse::<Postcode>();
        let postcode = postcode.map_err(|error| read("postcode", self.postcode, error.to_string())).ok();
        let mut degrees = |name: &str, at: usize| {
            let number = cell(at).replace(',', ".").parse::<f64>().ok();
            if number.is_none() {
                read(name, at, "this is not a number of degrees, as 52.3696".into());
            }
            number
        };
        let (latitude, longitude) = (degrees("latitude", self.latitude), degrees("longitude", self.longitude));
        let position = latitude.zip(longitude).and_then(|(latitude, longitude)| {
            let at = Position::new(latitude, longitude).ok().filter(|at| at.is_near_the_netherlands());
            if at.is_none() {
                let fault = "no postcode is there: give WGS 84 degrees, latitude about 52 and longitude about 5";
                read("latitude", self.latitude, fault.into());
            }
            at
        });
        let municipality = self.municipality.map(cell).filter(|code| !code.is_empty()).map(str::parse::<AreaCode>);
        let municipality = municipality.and_then(|code| {
            code.map_err(|error| read("gemeentecode", self.municipality.unwrap_or_default(), error.to_string())).ok()
        });
        let town = self.town.map(cell).map(text::clean_line).filter(|town| !town.is_empty());
        let (Some(postcode), Some(position), true) = (postcode, position, problems.is_empty()) else {
            return Err(RefusedRow { raw, problems });
        };
        let mut told = PostcodeArea::new(postcode.digits());
        told.town = town.map(|town| town.chars().take(MAX_NAME).collect());
        told.municipality = municipality.map(|code| code.municipality());
        match postcode.letters() {
            Some(letters) => told.parts = BTreeMap::from([(letters.to_owned(), position)]),
            None => told.position = Some(position),
        }
        Ok(told)
    }
}
