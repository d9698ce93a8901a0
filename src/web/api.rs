//! The JSON handlers, one file a resource.

pub mod areas;
pub mod health;
pub mod locations;
pub mod offerings;
pub mod organizations;
pub mod schemes;

use actix_web::HttpResponse;
use actix_web::http::header;
use serde::Serialize;

use super::problem::Problem;

/// An answer that anybody may keep for a minute: as long as a listing may lag behind anyway.
fn json(body: impl Into<Vec<u8>>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .insert_header((header::CACHE_CONTROL, "public, max-age=60"))
        .body(body.into())
}

/// Writes an answer.
fn to_json(value: &impl Serialize) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(value).map_err(Problem::internal)
}
