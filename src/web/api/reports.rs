//! Reports for who plans what a town offers.

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{geojson, json, to_json};
use crate::directory::Directory;
use crate::domain::reader::unknown_concept;
use crate::domain::{AreaCode, ConceptId, LanguageTag, Scheme};
use crate::exchange::coverage;
use crate::search::{CoverageQuery, MOST_LINES};
use crate::web::Gate;
use crate::web::extract::Params;
use crate::web::problem::{Fault, Problem, ProblemBody};

/// The most areas that one may name.
const MOST_CODES: usize = 20;

/// The parameters of the coverage report; those of concepts may be repeated.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[allow(dead_code, reason = "read by the derive alone")]
pub struct CoverageParams {
    /// The code of a neighbourhood, or of a district or municipality, of which every neighbourhood is told; several to
    /// compare them.
    #[param(example = json!(["BU0363FJ01"]))]
    area: Vec<String>,
    /// Only these themes; all when left out.
    #[param(example = json!(["loneliness", "debts"]))]
    theme: Option<Vec<String>>,
    /// A line for people of each of these groups.
    #[param(example = json!(["older_people"]))]
    target_group: Option<Vec<String>>,
    /// A line for each of these languages. A report has at most 50,000 lines: areas times themes times groups times
    /// languages.
    #[param(example = json!(["tr"]))]
    language: Option<Vec<String>>,
    /// The form: json, csv, or geojson (the outlines with their verdicts).
    #[param(example = "json")]
    format: Option<String>,
    /// The language of labels (BCP 47).
    #[param(example = "nl")]
    lang: Option<String>,
}

/// Tells what residents of neighbourhoods find within walking distance, need by need.
///
/// Each line has a verdict: covered, thin or missing, and the numbers that it comes from. A gap means: not in this
/// directory.
#[utoipa::path(
    tag = "areas",
    params(CoverageParams),
    responses(
        (status = 200, description = "The report.", content(
            (crate::search::CoverageReport = "application/json"),
            (String = "text/csv"),
            (Object = "application/geo+json"),
        )),
        (status = 400, description = "A parameter is wrong.", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
#[get("/reports/coverage")]
pub async fn report_coverage(
    directory: Data<Directory>,
    gate: Data<Gate>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let mut params = Params::repeatable(
        &request,
        &["area", "theme", "targetGroup", "language", "format", "lang"],
        &["area", "theme", "targetGroup", "language"],
    );
    let areas: Vec<AreaCode> = params.parse_all("area");
    if areas.is_empty() || areas.len() > MOST_CODES {
        params.fault("area", format!("give the codes of 1 to {MOST_CODES} areas"));
    }
    let mut concepts = |name: &str, scheme: Scheme| -> Vec<ConceptId> {
        let mut found = Vec::new();
        for value in params.texts(name) {
            match directory.vocabulary().concept(scheme, &value) {
                Some(concept) => found.push(concept.id.clone()),
                None => params.fault(name, unknown_concept(directory.vocabulary(), scheme, &value)),
            }
        }
        found
    };
    let themes = concepts("theme", Scheme::Theme);
    let groups = concepts("targetGroup", Scheme::TargetGroup);
    let languages = concepts("language", Scheme::Language);
    let format = params.one_of("format", &["json", "csv", "geojson"]).unwrap_or("json");
    let language: Option<LanguageTag> = params.parse("lang");
    params.end()?;
    let query = CoverageQuery { areas, themes, groups, languages, language };
    let body = gate.run(move || {
        let report = directory.coverage(&query)?.ok_or_else(too_much)?;
        Ok(match format {
            "csv" => coverage::csv(&report).map_err(Problem::internal)?,
            "geojson" => to_json(&coverage::geojson(&report))?,
            _ => to_json(&report)?,
        })
    });
    let body = body.await?;
    Ok(match format {
        "csv" => {
            let mut answer = json(body);
            let kind = header::HeaderValue::from_static("text/csv; charset=utf-8");
            answer.headers_mut().insert(header::CONTENT_TYPE, kind);
            answer
        }
        "geojson" => geojson(body),
        _ => json(body),
    })
}

fn too_much() -> Problem {
    let detail = format!("these areas, themes, groups and languages make more than {MOST_LINES} lines: ask in parts");
    Problem::InvalidParameters(vec![Fault { pointer: "/area".to_owned(), detail }])
}
