//! Query parameters as they were sent, with every fault told at once.

use std::str::FromStr;
use std::time::Duration;

use actix_web::http::{StatusCode, header};
use actix_web::rt::time::timeout;
use actix_web::web::{Bytes, Payload};
use actix_web::{FromRequest, HttpRequest};
use chrono::NaiveDate;
use serde_json::Value;

use super::problem::{Fault, Problem};
use crate::domain::Region;
use crate::domain::reader::{nearest_name, parse_date};
use crate::search::{MAX_PAGE_SIZE, MAX_TEXT};

/// Parameters by name, in their order.
pub type Pairs = Vec<(String, String)>;

/// The parameters of a request.
pub fn pairs(request: &HttpRequest) -> Pairs {
    url::form_urlencoded::parse(request.query_string().as_bytes()).into_owned().collect()
}

/// How long a body may take to come.
const PATIENCE: Duration = Duration::from_secs(10);

/// The whole body of a request, unpacked, when it comes in time.
pub async fn whole_body(request: &HttpRequest, payload: Payload) -> Result<Bytes, Problem> {
    let body = Bytes::from_request(request, &mut payload.into_inner());
    match timeout(PATIENCE, body).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(refused)) => Err(Problem::Refused(refused.as_response_error().status_code())),
        Err(_) => Err(Problem::Refused(StatusCode::REQUEST_TIMEOUT)),
    }
}

/// The parameters and the region of a search that was sent as a body.
pub fn search_body(body: &[u8]) -> Result<(Pairs, Option<Region>), Problem> {
    let fault = |name: &str, detail: String| Fault { pointer: format!("/{name}"), detail };
    let (mut pairs, mut region, mut faults) = (Vec::new(), None, Vec::new());
    match serde_json::from_slice(body) {
        Ok(Value::Object(given)) => {
            for (name, value) in given {
                if name == "within" {
                    match Region::from_geojson(&value) {
                        Ok(read) => region = Some(read),
                        Err(e) => faults.push(fault(&name, e.to_string())),
                    }
                    continue;
                }
                let values = if let Value::Array(values) = value { values } else { vec![value] };
                for value in values {
                    match value {
                        Value::String(text) => pairs.push((name.clone(), text)),
                        Value::Number(_) | Value::Bool(_) => pairs.push((name.clone(), value.to_string())),
                        _ => faults.push(fault(&name, "give text, a number, true or false, or a list of these".into())),
                    }
                }
            }
        }
        Ok(_) => faults.push(fault("", "the body must be an object with the parameters of a search".into())),
        Err(e) => faults.push(fault("", format!("the body is not JSON: {e}"))),
    }
    if faults.is_empty() { Ok((pairs, region)) } else { Err(Problem::InvalidParameters(faults)) }
}

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Our own JSON.
    Json,
    /// GeoJSON (RFC 7946).
    GeoJson,
}

/// The names of the one reference system that positions are told in: longitude and latitude in WGS 84.
const CRS84: [&str; 2] =
    ["http://www.opengis.net/def/crs/OGC/1.3/CRS84", "https://www.opengis.net/def/crs/OGC/1.3/CRS84"];

impl Form {
    /// The form that a request asks for, by `format` or else by its header `Accept`.
    pub fn of(format: Option<&str>, request: &HttpRequest) -> Result<Self, String> {
        let accepts = || request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
        match format {
            Some("json") => Ok(Self::Json),
            Some("geojson") => Ok(Self::GeoJson),
            Some(other) => Err(format!("'{}' is not one of json, geojson", other.chars().take(40).collect::<String>())),
            None if accepts().is_some_and(wants_geojson) => Ok(Self::GeoJson),
            None => Ok(Self::Json),
        }
    }
}

/// Whether a header `Accept` names GeoJSON, and does not refuse it.
fn wants_geojson(accept: &str) -> bool {
    let mut kinds = accept.split(',').map(|kind| kind.trim().split(';').map(str::trim));
    kinds.any(|mut kind| kind.next() == Some("application/geo+json") && !kind.any(|part| part == "q=0"))
}

/// Whether positions may be told or given in a reference system.
pub fn check_crs(name: &str) -> Result<(), String> {
    if CRS84.contains(&name) {
        return Ok(());
    }
    let shown: String = name.chars().take(80).collect();
    Err(format!("'{shown}' is not a reference system of this service: give {} or leave it out", CRS84[0]))
}

/// The few single parameters of a plain read.
pub struct Params {
    pairs: Vec<(String, String)>,
    faults: Vec<Fault>,
}

impl Params {
    /// Takes the parameters of a request, each known and given once.
    pub fn of(request: &HttpRequest, known: &[&str]) -> Self {
        Self::repeatable(request, known, &[])
    }

    /// Takes the parameters of a request, each known, and given once but for those that may be repeated.
    pub fn repeatable(request: &HttpRequest, known: &[&str], repeatable: &[&str]) -> Self {
        let pairs = pairs(request);
        let mut faults = Vec::new();
        let mut fault = |name: &str, detail: String| faults.push(Fault { pointer: format!("/{name}"), detail });
        for (at, (name, _)) in pairs.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                let hint = match nearest_name(name, known.iter().copied()) {
                    Some(nearest) => format!("; did you mean '{nearest}'?"),
                    None if known.is_empty() => "; it takes none".into(),
                    None => format!("; it takes {}", known.join(", ")),
                };
                let shown: String = name.chars().take(60).collect();
                fault(&shown, format!("'{shown}' is not a parameter of this address{hint}"));
            } else if !repeatable.contains(&name.as_str()) && pairs[..at].iter().any(|(earlier, _)| earlier == name) {
                fault(name, format!("'{name}' is given more than once"));
            }
        }
        Self { pairs, faults }
    }

    /// A parameter's text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// Every value of a parameter that may be repeated.
    pub fn texts(&self, name: &str) -> Vec<String> {
        self.pairs.iter().filter(|(given, _)| given == name).map(|(_, value)| value.clone()).collect()
    }

    /// Every value of a parameter that may be repeated, as its type reads it.
    pub fn parse_all<T: FromStr<Err: std::fmt::Display>>(&mut self, name: &str) -> Vec<T> {
        let mut found = Vec::new();
        for text in self.texts(name) {
            match text.parse() {
                Ok(value) => found.push(value),
                Err(e) => self.fault(name, T::Err::to_string(&e)),
            }
        }
        found
    }

    /// One of some words.
    pub fn one_of(&mut self, name: &str, words: &[&'static str]) -> Option<&'static str> {
        let given = self.text(name)?;
        let found = words.iter().find(|word| **word == given).copied();
        if found.is_none() {
            let shown: String = given.chars().take(40).collect();
            self.fault(name, format!("'{shown}' is not one of {}", words.join(", ")));
        }
        found
    }

    /// Text that must be there, of at most [`MAX_TEXT`] characters; `what` says what it is. It may be empty, as while
    /// somebody begins to type; and is so when there is a fault.
    pub fn required(&mut self, name: &str, what: &str) -> String {
        let given = self.text(name).map(str::to_owned);
        let detail = match given.as_deref().map(|given| given.chars().count()) {
            None => format!("give {name}, {what}"),
            Some(length) if length > MAX_TEXT => {
                format!("this has {length} characters; at most {MAX_TEXT} are allowed")
            }
            Some(_) => return given.unwrap_or_default(),
        };
        self.fault(name, detail);
        String::new()
    }

    /// A parameter that its type reads.
    pub fn parse<T: FromStr<Err: std::fmt::Display>>(&mut self, name: &str) -> Option<T> {
        match self.text(name)?.parse() {
            Ok(value) => Some(value),
            Err(e) => {
                self.fault(name, e.to_string());
                None
            }
        }
    }

    /// The form that is asked for by `format` and `crs`, or by the header `Accept`.
    pub fn form(&mut self, request: &HttpRequest) -> Form {
        if let Some(Err(detail)) = self.text("crs").map(check_crs) {
            self.fault("crs", detail);
        }
        Form::of(self.text("format"), request).unwrap_or_else(|detail| {
            self.fault("format", detail);
            Form::Json
        })
    }

    /// A date.
    pub fn date(&mut self, name: &str) -> Option<NaiveDate> {
        match parse_date(self.text(name)?) {
            Ok(date) => Some(date),
            Err(detail) => {
                self.fault(name, detail);
                None
            }
        }
    }

    /// Notes what is wrong with a parameter.
    pub fn fault(&mut self, name: &str, detail: String) {
        self.faults.push(Fault { pointer: format!("/{name}"), detail });
    }

    /// A whole number within bounds, or what it is when it is not given.
    pub fn number(&mut self, name: &str, bounds: std::ops::RangeInclusive<usize>, default: usize) -> usize {
        let Some(text) = self.text(name) else { return default };
        match text.parse() {
            Ok(number) if bounds.contains(&number) => number,
            _ => {
                let shown: String = text.chars().take(40).collect();
                let detail = format!("'{shown}' is not a whole number from {} to {}", bounds.start(), bounds.end());
                self.fault(name, detail);
                default
            }
        }
    }

    /// The page and how many stand on one, as `page` and `pageSize` say.
    pub fn page(&mut self) -> (usize, usize) {
        (self.number("page", 1..=10_000, 1), self.number("pageSize", 1..=MAX_PAGE_SIZE, 20))
    }

    /// Ends the reading: every fault, if there is one.
    pub fn end(self) -> Result<(), Problem> {
        if self.faults.is_empty() { Ok(()) } else { Err(Problem::InvalidParameters(self.faults)) }
    }
}
