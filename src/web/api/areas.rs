//! Municipalities, districts and neighbourhoods.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};

use super::{json, to_json};
use crate::directory::Directory;
use crate::domain::{Area, AreaCode};
use crate::search::{AreaFilter, MAX_TEXT, Page};
use crate::web::Gate;
use crate::web::extract::Params;
use crate::web::problem::{Problem, ProblemBody};

/// Lists areas by code.
#[utoipa::path(
    tag = "areas",
    params(
        ("q" = Option<String>, Query, description = "The beginning of words in the name or an alias.", example = "reimerswaal"),
        ("kind" = Option<String>, Query, description = "The level: gemeente, wijk or buurt.", example = "buurt"),
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
    let mut params = Params::of(&request, &["q", "kind", "within", "page", "pageSize"]);
    let filter = AreaFilter {
        kind: params.parse("kind"),
        within: params.parse("within"),
        name: params.text("q").map(|text| text.chars().take(MAX_TEXT).collect()),
    };
    let (page, size) = params.page();
    params.end()?;
    let body = gate.run(move || to_json(&directory.areas(&filter, page, size)?)).await?;
    Ok(json(body))
}

/// Reads an area with its outline (GeoJSON) and its front doors.
#[utoipa::path(
    tag = "areas",
    params(("code" = String, Path, description = "The code of the area (CBS).", example = "BU0363AK05")),
    responses(
        (status = 200, description = "The area.", body = Area),
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
    Params::of(&request, &[]).end()?;
    let code: AreaCode =
        code.parse().map_err(|e: crate::domain::area::InvalidAreaCode| Problem::NotFound(format!("such area: {e}")))?;
    let unknown = Problem::NotFound(format!("area {code}"));
    let area = gate.run(move || Ok(directory.area(&code)?)).await?.ok_or(unknown)?;
    Ok(json(to_json(&area)?))
}
