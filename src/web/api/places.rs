//! Places by name.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::{json, to_json};
use crate::directory::Directory;
use crate::search::{MAX_TEXT, NamedPlace};
use crate::web::Gate;
use crate::web::extract::Params;
use crate::web::problem::{Fault, Problem, ProblemBody};

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
    let params = Params::of(&request, &["q"]);
    let name = params.text("q").filter(|text| !text.trim().is_empty()).map(str::to_owned);
    params.end()?;
    let fault = |detail: String| Problem::InvalidParameters(vec![Fault { pointer: "/q".into(), detail }]);
    let name = name.ok_or_else(|| fault("give q, the name of a place or its beginning".into()))?;
    let length = name.chars().count();
    if length > MAX_TEXT {
        return Err(fault(format!("this has {length} characters; at most {MAX_TEXT} are allowed")));
    }
    let body = gate.run(move || to_json(&Places { items: directory.places(&name, MOST)? })).await?;
    Ok(json(body))
}
