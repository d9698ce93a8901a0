//! What somebody may be typing.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};

use super::{json, to_json};
use crate::directory::Directory;
use crate::domain::LanguageTag;
use crate::search::Completions;
use crate::web::Gate;
use crate::web::extract::Params;
use crate::web::problem::{Problem, ProblemBody};

/// Completes what somebody types: concepts, areas, organizations and offerings, at most eight.
///
/// Nothing comes from what others typed, and nothing of what is typed is kept.
#[utoipa::path(
    tag = "offerings",
    params(
        ("q" = String, Query, description = "What was typed so far, at most 200 characters.", example = "rouw"),
        ("lang" = Option<String>, Query, description = "The language of labels (BCP 47); Dutch where there is none in it.", example = "en"),
    ),
    responses(
        (status = 200, description = "The completions, by what they are.", body = Completions),
        (status = 400, description = "A parameter is wrong.", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
#[get("/completions")]
pub async fn complete(
    directory: Data<Directory>,
    gate: Data<Gate>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let mut params = Params::of(&request, &["q", "lang"]);
    let language = params.parse("lang").unwrap_or_else(LanguageTag::dutch);
    let typed = params.required("q", "what was typed so far");
    params.end()?;
    let body = gate.run(move || to_json(&directory.complete(&typed, &language)?)).await?;
    Ok(json(body))
}
