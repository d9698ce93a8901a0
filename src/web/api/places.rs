//! Places by name.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::{json, to_json};
use crate::directory::Directory;
use crate::search::NamedPlace;
use crate::web::Gate;
use crate::web::extract::Params;
use crate::web::problem::{Problem, ProblemBody};

/// The most places that are told.
const MOST: usize = 20;

/// Places that are called so.
#[derive(Serialize, ToSchema)]
pub struct Places {
    /// Those whose name is just so first, then those that begin so, the wider before the narrower.
    items: Vec<NamedPlace>,
}

/// Finds neighbourhoods, districts and municipalities by the beginning of words in their names, at most 20; and a
/// postcode.
///
/// Names alone are not unique, so each has its municipality. Nothing of what is asked is kept.
#[utoipa::path(
    tag = "areas",
    params(("q" = String, Query, description = "A name, an alias or a code, or the beginning of one; at most 200 characters.", example = "czaar peter")),
    responses(
        (status = 200, description = "The places.", body = Places),
        (status = 400, description = "A parameter is wrong.", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
#[get("/places")]
pub async fn find_places(
    directory: Data<Directory>,
    gate: Data<Gate>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let mut params = Params::of(&request, &["q"]);
    let name = params.required("q", "the name of a place or its beginning");
    params.end()?;
    let body = gate.run(move || to_json(&Places { items: directory.places(&name, MOST)? })).await?;
    Ok(json(body))
}
