//! Who offers it.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};

use super::{one_of, page_of};
use crate::directory::Directory;
use crate::search::{OrganizationEntry, Page};
use crate::web::Gate;
use crate::web::problem::{Problem, ProblemBody};

/// Lists the organizations of the public offerings, the oldest first.
#[utoipa::path(
    tag = "organizations",
    params(
        ("page" = Option<u32>, Query, description = "The page, from 1.", example = 1),
        ("pageSize" = Option<u32>, Query, description = "How many on a page, at most 100.", example = 20),
    ),
    responses((status = 200, description = "A page of organizations.", body = Page<OrganizationEntry>)),
)]
#[get("/organizations")]
pub async fn list_organizations(
    directory: Data<Directory>,
    gate: Data<Gate>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    page_of(directory, gate, request, Directory::organizations).await
}

/// Reads an organization with its public offerings.
#[utoipa::path(
    tag = "organizations",
    params(("id" = String, Path, description = "The id of the organization.")),
    responses(
        (status = 200, description = "The organization.", body = OrganizationEntry),
        (status = 404, description = "No public offering names this organization.", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
#[get("/organizations/{id}")]
pub async fn read_organization(
    directory: Data<Directory>,
    gate: Data<Gate>,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    one_of(directory, gate, request, ("organization", &id), Directory::organization).await
}
