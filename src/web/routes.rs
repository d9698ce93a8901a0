//! All routes, in one list.

use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse, guard, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::api::{
    areas, calendars, completions, health, locations, offerings, organizations, places, reports, schemes,
};
use super::openapi;
use super::problem::Problem;

/// The addresses of the API, below `/v1`.
pub fn api(config: &mut ServiceConfig<'_>) {
    config
        .service(offerings::search_offerings)
        // Before what is at an id.
        .service(calendars::search_calendar)
        .service(offerings::search_offerings_in_region)
        .service(offerings::read_offering)
        .service(calendars::list_occurrences)
        .service(calendars::offering_calendar)
        .service(completions::complete)
        .service(organizations::list_organizations)
        .service(organizations::read_organization)
        .service(locations::list_locations)
        .service(locations::read_location)
        .service(schemes::list_schemes)
        .service(schemes::read_scheme)
        .service(areas::list_areas)
        .service(areas::read_area)
        .service(places::find_places)
        .service(reports::report_coverage);
}

/// Everything the service answers to.
pub fn configure(config: &mut web::ServiceConfig) {
    // Before the scope of the API, which takes all that is below its address.
    config.route("/v1/openapi.json", web::get().to(openapi::serve));
    // A region of as many points as are allowed fits in this many times over.
    config.app_data(web::PayloadConfig::new(1 << 20));
    config.route("/v1/offerings/_search", web::method(Method::OPTIONS).to(offerings::allow_search));
    let others = web::route().guard(guard::Not(guard::Post())).to(only_posted);
    config.route("/v1/offerings/_search", others);
    ServiceConfig::new(config).service(utoipa_actix_web::scope("/v1").configure(api));
    config.service(health::live).service(health::ready).service(health::metrics).default_service(web::to(elsewhere));
}

/// What is read with a body alone.
async fn only_posted() -> Result<HttpResponse, Problem> {
    Err(Problem::MethodNotAllowed { allow: "POST, OPTIONS" })
}

/// What is at no address, or at one that does not take the method.
async fn elsewhere(request: HttpRequest) -> Result<HttpResponse, Problem> {
    Err(match request.resource_map().match_pattern(request.path()) {
        Some(pattern) if !pattern.is_empty() => Problem::MethodNotAllowed { allow: "GET, HEAD" },
        _ => Problem::NotFound("such address".into()),
    })
}
