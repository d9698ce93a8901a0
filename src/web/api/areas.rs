//! Municipalities, districts and neighbourhoods.

use actix_web::http::header;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use serde_json::Value;

use super::{geojson, json, to_json, vary_by_accept};
use crate::directory::Directory;
use crate::domain::{Area, AreaCode, LanguageTag, Position};
use crate::search::{AreaFilter, AreaPage, MAX_TEXT, Page};
use crate::web::Gate;
use crate::web::extract::{Form, Params};
use crate::web::problem::{Fault, Problem, ProblemBody};

/// Lists areas by code.
#[utoipa::path(
    tag = "areas",
    params(
        ("q" = Option<String>, Query, description = "The beginning of words in the name or an alias.", example = "reimerswaal"),
        ("kind" = Option<String>, Query, description = "The level: gemeente, wijk or buurt.", example = "buurt"),
        ("near" = Option<String>, Query, description = "Only those that lie around a position, `latitude,longitude`, a postcode or a place by name.", example = "52.3696,4.9294"),
        ("within" = Option<String>, Query, description = "The code of an area that it is part of.", example = "GM0363"),
        ("page" = Option<u32>, Query, description = "The page, from 1.", example = 1),
        ("pageSize" = Option<u32>, Query, description = "How many on a page, at most 100.", example = 20),
    ),
    responses((status = 200, description = "A page of areas, without their outlines.", body = Page<Area>)),
)]
#[get("/areas")]
pub async fn list_areas(
    directory: Data<Directory>,
    gate: Data<Gate>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let mut params = Params::of(&request, &["q", "kind", "near", "within", "page", "pageSize"]);
    let near = params.text("near").map(str::to_owned);
    let mut filter = AreaFilter {
        codes: None,
        kind: params.parse("kind"),
        within: params.parse("within"),
        name: params.text("q").map(|text| text.chars().take(MAX_TEXT).collect()),
    };
    let (page, size) = params.page();
    params.end()?;
    let body = gate.run(move || {
        if let Some(near) = near {
            let position = position(&directory, &near)?;
            filter.codes = Some(directory.areas_at(position)?);
        }
        to_json(&directory.areas(&filter, page, size)?)
    });
    let body = body.await?;
    Ok(json(body))
}

/// The position that a text gives or names.
fn position(directory: &Directory, text: &str) -> Result<Position, Problem> {
    if let Ok(position) = text.parse() {
        return Ok(position);
    }
    let fault = |detail| Problem::InvalidParameters(vec![Fault { pointer: "/near".to_owned(), detail }]);
    directory.place(text)?.map(|place| place.position).map_err(fault)
}

/// Reads an area: its outline (GeoJSON), where to ask first, what lies around it, what there is and what is on.
///
/// A code of an earlier year, of an area that was renamed or merged, is answered with the address of the present one.
#[utoipa::path(
    tag = "areas",
    params(
        ("code" = String, Path, description = "The code of the area (CBS).", example = "BU0363AK05"),
        ("format" = Option<String>, Query, description = "json, or geojson: the outline as a Feature.", example = "json"),
        ("crs" = Option<String>, Query, description = "The coordinates of a GeoJSON answer: longitude and latitude in WGS 84 (CRS84) is the only one.", example = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"),
        ("lang" = Option<String>, Query, description = "The language of labels and texts (BCP 47).", example = "nl"),
    ),
    responses(
        (status = 200, description = "The area.", content(
            (AreaPage = "application/json"),
            (Object = "application/geo+json"),
        )),
        (status = 308, description = "It has another code now; `Location` tells its address."),
        (status = 404, description = "No area with this code is loaded.", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
#[get("/areas/{code}")]
pub async fn read_area(
    directory: Data<Directory>,
    gate: Data<Gate>,
    request: HttpRequest,
    code: Path<String>,
) -> Result<HttpResponse, Problem> {
    let mut params = Params::of(&request, &["format", "crs", "lang"]);
    let form = params.form(&request);
    let language = params.parse("lang").unwrap_or_else(LanguageTag::dutch);
    params.end()?;
    let code: AreaCode =
        code.parse().map_err(|e: crate::domain::area::InvalidAreaCode| Problem::NotFound(format!("such area: {e}")))?;
    let unknown = Problem::NotFound(format!("area {code}"));
    let found = gate.run(move || {
        Ok(match directory.area(&code, &language)? {
            Some(page) => Found::Area(Box::new(page)),
            None => directory.present_code(&code)?.map_or(Found::Nothing, Found::Renamed),
        })
    });
    match found.await? {
        Found::Area(page) => {
            let mut answer = match form {
                Form::GeoJson => geojson(to_json(&feature(&page.area))?),
                Form::Json => json(to_json(&page)?),
            };
            vary_by_accept(&mut answer);
            Ok(answer)
        }
        Found::Renamed(code) => Ok(HttpResponse::PermanentRedirect()
            .insert_header((header::LOCATION, with_query(format!("/v1/areas/{code}"), request.query_string())))
            .insert_header((header::CACHE_CONTROL, "public, max-age=60"))
            .finish()),
        Found::Nothing => Err(unknown),
    }
}

/// An address with the parameters of another.
fn with_query(address: String, query: &str) -> String {
    if query.is_empty() { address } else { format!("{address}?{query}") }
}

enum Found {
    Area(Box<AreaPage>),
    Renamed(AreaCode),
    Nothing,
}

/// An area as a feature of a map.
fn feature(area: &Area) -> Value {
    serde_json::json!({
        "type": "Feature",
        "id": area.code,
        "geometry": area.outline,
        "properties": {
            "name": area.name,
            "aliases": area.aliases,
            "kind": area.code.kind(),
            "year": area.year,
            "statistics": area.statistics,
        },
    })
}
