//! The API's own description (OpenAPI 3.1), written from the code; `openapi/openapi.json` is a committed copy.

use actix_web::{App, HttpResponse, http::header};
use utoipa::OpenApi;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Components, ContentBuilder, Ref, RefOr, ResponseBuilder};
use utoipa_actix_web::AppExt;

use super::problem::{Fault, ProblemBody};
use super::{API_VERSION, routes};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Wegwijzer",
        version = "1.0.0",
        description = "The municipal directory of the sociale basis: what exists between caring for yourself and professional help. Open to read, without a key.\n\nWhatever goes wrong is told as a problem (RFC 9457), but for a request whose head cannot be read: 400 when it is malformed, 408 when it comes too slowly and 431 when it is too large, without a body.",
        license(name = "EUPL-1.2", identifier = "EUPL-1.2"),
        contact(name = "Maintainers of Wegwijzer", email = "info@wegwijzer.example", url = "https://wegwijzer.example/"),
    ),
    servers((url = "/v1", description = "This server")),
    tags(
        (name = "offerings", description = "What people can use or join."),
        (name = "organizations", description = "Who offers it."),
        (name = "locations", description = "Where it is."),
        (name = "schemes", description = "The controlled vocabulary."),
        (name = "areas", description = "Municipalities, districts and neighbourhoods."),
    ),
    components(schemas(ProblemBody, Fault)),
)]
struct Document;

/// Writes the description from the routes.
pub fn document() -> utoipa::openapi::OpenApi {
    let (_, mut document) =
        App::new().into_utoipa_app().openapi(Document::openapi()).configure(routes::api).split_for_parts();
    if let Some(components) = &mut document.components {
        name_pages(components);
    }
    for item in document.paths.paths.values_mut() {
        for operation in operations(item) {
            complete(operation);
        }
    }
    document
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [item.get.as_mut(), item.post.as_mut(), item.put.as_mut(), item.patch.as_mut(), item.delete.as_mut()]
        .into_iter()
        .flatten()
}

/// The name of a page of a list, as `AreaPage`: the derive composes `Page_Area`, which the government's rules do not
/// take for a name.
fn page_name(composed: &str) -> Option<String> {
    composed.strip_prefix("Page_").map(|of| format!("{}Page", of.trim_end_matches("Entry")))
}

fn name_pages(components: &mut Components) {
    let schemas = std::mem::take(&mut components.schemas);
    components.schemas = schemas.into_iter().map(|(name, schema)| (page_name(&name).unwrap_or(name), schema)).collect();
}

/// Adds what holds for every address: the version header, and the problems that any of them may answer with.
fn complete(operation: &mut Operation) {
    let problem = |description: &str| {
        let body = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        ResponseBuilder::new().description(description).content("application/problem+json", body).build()
    };
    let shared = [
        ("406", "No encoding that the request accepts can be made; identity, br, gzip and deflate can."),
        ("400", "Some parameters need attention; `errors` names each."),
        ("500", "The fault is ours."),
        ("503", "The index is being made, or too much is asked at once; `Retry-After` says when to come back."),
    ];
    for (status, description) in shared {
        let known = &mut operation.responses.responses;
        known.entry(status.into()).or_insert_with(|| RefOr::T(problem(description)));
    }
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response {
            for content in response.content.values_mut() {
                if let RefOr::T(content) = content
                    && let Some(RefOr::Ref(to)) = &mut content.schema
                    && let Some((start, name)) = to.ref_location.rsplit_once('/')
                    && let Some(name) = page_name(name)
                {
                    to.ref_location = format!("{start}/{name}");
                }
            }
            let version = HeaderBuilder::new()
                .description(Some("The version of the API."))
                .schema(Some(ObjectBuilder::new().schema_type(Type::String).examples([API_VERSION]).build()))
                .build();
            response.headers.insert("API-Version".into(), version.into());
        }
    }
}

/// The description as it is sent and committed.
pub fn text() -> String {
    let mut text = document().to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

/// Serves the description; open to pages of any origin, as every read is.
pub async fn serve() -> HttpResponse {
    static TEXT: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .body(TEXT.get_or_init(text).as_str())
}
