//! The service over HTTP, the only place (with `app`) that knows actix.
//!
//! A handler is a translation: it reads the request, calls one deed of the [`crate::directory`], and shapes the answer.

pub mod api;
mod extract;
mod gate;
mod middleware;
mod openapi;
mod problem;
mod routes;

pub use gate::Gate;
pub use middleware::{RouteOnly, count, serve_head, survive_panics, tell_refusals};
pub use openapi::text as openapi_text;
pub use routes::configure;

/// The version of the API, as every answer's `API-Version` header tells it (SemVer).
pub const API_VERSION: &str = "1.0.0";
