//! Where it is.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};

use super::{one_of, page_of};
use crate::directory::Directory;
use crate::search::{LocationEntry, Page};
use crate::web::Gate;
use crate::web::problem::{Problem, ProblemBody};

/// Lists the locations of the public offerings, the oldest first.
#[utoipa::path(
    tag = "locations",
    params(
        ("page" = Option<u32>, Query, description = "The page, from 1.", example = 1),
        ("pageSize" = Option<u32>, Query, description = "How many on a page, at most 100.", example = 20),
    ),
    responses((status = 200, description = "A page of locations.", body = Page<LocationEntry>)),
)]
#[get("/locations")]
pub async fn list_locations(
    directory: Data<Directory>,
    gate: Data<Gate>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    page_of(directory, gate, request, Directory::locations).await
}

/// Reads a location with its public offerings.
#[utoipa::path(
    tag = "locations",
    params(("id" = String, Path, description = "The id of the location.")),
    responses(
        (status = 200, description = "The location.", body = LocationEntry),
        (status = 404, description = "No public offering names this location.", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
#[get("/locations/{id}")]
pub async fn read_location(
    directory: Data<Directory>,
    gate: Data<Gate>,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    one_of(directory, gate, request, ("location", &id), Directory::location).await
}
