//! The JSON handlers, one file a resource.

pub mod areas;
pub mod calendars;
pub mod completions;
pub mod health;
pub mod locations;
pub mod offerings;
pub mod organizations;
pub mod places;
pub mod reports;
pub mod schemes;

use std::str::FromStr;

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::Gate;
use super::extract::Params;
use super::problem::Problem;
use crate::directory::{Directory, ReadError};
use crate::domain::OfferingId;
use crate::search::Page;

/// The media type of GeoJSON (RFC 7946).
const GEOJSON: &str = "application/geo+json";

/// The coordinate reference system of GeoJSON, as the header `Content-Crs` names it.
const CRS84: &str = "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>";

/// An answer that anybody may keep for a minute: as long as a listing may lag behind anyway.
fn json(body: impl Into<Vec<u8>>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .insert_header((header::CACHE_CONTROL, "public, max-age=60"))
        .body(body.into())
}

/// The same as GeoJSON, with the reference system of its coordinates.
fn geojson(body: impl Into<Vec<u8>>) -> HttpResponse {
    let mut answer = json(body);
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(GEOJSON));
    headers.insert(header::HeaderName::from_static("content-crs"), header::HeaderValue::from_static(CRS84));
    answer
}

/// Tells caches that the header `Accept` decides the form of an answer.
fn vary_by_accept(answer: &mut HttpResponse) {
    answer.headers_mut().append(header::VARY, header::HeaderValue::from_static("accept"));
}

/// The id of an offering in an address.
fn offering_id(id: &str) -> Result<OfferingId, Problem> {
    id.parse().map_err(|_| unknown_offering())
}

fn unknown_offering() -> Problem {
    Problem::NotFound("offering with this id".into())
}

/// Writes an answer.
fn to_json(value: &impl Serialize) -> Result<Vec<u8>, Problem> {
    /// Room for a page of twenty hits, which need not grow to its size step by step.
    const ROOM: usize = 48 * 1024;
    let mut body = Vec::with_capacity(ROOM);
    serde_json::to_writer(&mut body, value).map_err(Problem::internal)?;
    Ok(body)
}

/// Answers with a page of a list that takes no other parameters.
async fn page_of<T: Serialize + 'static>(
    directory: Data<Directory>,
    gate: Data<Gate>,
    request: HttpRequest,
    list: fn(&Directory, usize, usize) -> Result<Page<T>, ReadError>,
) -> Result<HttpResponse, Problem> {
    let mut params = Params::of(&request, &["page", "pageSize"]);
    let (page, size) = params.page();
    params.end()?;
    let body = gate.run(move || to_json(&list(&directory, page, size)?)).await?;
    Ok(json(body))
}

/// Answers with the one thing of this id, or says that there is no such `what`.
async fn one_of<Id: FromStr + Send + 'static, T: Serialize + 'static>(
    directory: Data<Directory>,
    gate: Data<Gate>,
    request: HttpRequest,
    (what, id): (&str, &str),
    read: fn(&Directory, Id) -> Result<Option<T>, ReadError>,
) -> Result<HttpResponse, Problem> {
    Params::of(&request, &[]).end()?;
    let unknown = || Problem::NotFound(format!("{what} with this id"));
    let id = id.parse().map_err(|_| unknown())?;
    let body = gate.run(move || read(&directory, id)?.map(|found| to_json(&found)).transpose()).await?;
    Ok(json(body.ok_or_else(unknown)?))
}
