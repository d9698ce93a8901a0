//! When things are: the dates of an offering, and calendars to open or subscribe to.

use actix_web::http::header;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{Days, NaiveDate};

use super::offerings::{SearchParams, query};
use super::{json, offering_id, to_json, unknown_offering};
use crate::directory::{Directory, today};
use crate::domain::LanguageTag;
use crate::exchange::calendar;
use crate::search::{CalendarEntry, OfferingDates};
use crate::web::Gate;
use crate::web::extract::{Params, pairs};
use crate::web::problem::{Problem, ProblemBody};

/// How many days are told when it is not said how many.
const DAYS: u64 = 56;
/// The most days that are told.
const MOST_DAYS: u64 = 366;

/// Lists the dates on which an offering is.
///
/// Rules, holidays, cancelled, moved and extra dates are worked out, in the local time of the offering. Each time tells
/// how one can join it.
#[utoipa::path(
    tag = "offerings",
    params(
        ("id" = String, Path, description = "The id of the offering."),
        ("from" = Option<String>, Query, description = "The first day; today when left out.", example = "2026-12-01", format = Date),
        ("to" = Option<String>, Query, description = "The last day, at most a year after the first; eight weeks after it when left out.", example = "2026-12-31", format = Date),
        ("lang" = Option<String>, Query, description = "The language of the texts (BCP 47), where they are translated.", example = "en"),
    ),
    responses(
        (status = 200, description = "The dates.", body = OfferingDates),
        (status = 404, description = "There is no such offering.", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
#[get("/offerings/{id}/occurrences")]
pub async fn list_occurrences(
    directory: Data<Directory>,
    gate: Data<Gate>,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let mut params = Params::of(&request, &["from", "to", "lang"]);
    let from = params.date("from").unwrap_or_else(today);
    let after = |days| from.checked_add_days(Days::new(days)).unwrap_or(from);
    let to: NaiveDate = params.date("to").unwrap_or_else(|| after(DAYS));
    if !(from..=after(MOST_DAYS)).contains(&to) {
        params.fault("to", format!("'{to}' is not a day from {from} to {MOST_DAYS} days after it"));
    }
    let language: Option<LanguageTag> = params.parse("lang");
    params.end()?;
    let id = offering_id(&id)?;
    let found = gate.run(move || {
        let dates = directory.dates(id, language.as_ref(), (from, to))?;
        dates.map(|dates| to_json(&dates)).transpose()
    });
    Ok(json(found.await?.ok_or_else(unknown_offering)?))
}

/// Gives an offering's times of the coming half year as a calendar.
#[utoipa::path(
    tag = "offerings",
    params(
        ("id" = String, Path, description = "The id of the offering."),
        ("lang" = Option<String>, Query, description = "The language of the texts (BCP 47), where they are translated.", example = "en"),
    ),
    responses(
        (status = 200, description = "A calendar (RFC 5545).", body = String, content_type = "text/calendar"),
        (status = 404, description = "There is no such offering.", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
#[get("/offerings/{id}/calendar.ics")]
pub async fn offering_calendar(
    directory: Data<Directory>,
    gate: Data<Gate>,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let mut params = Params::of(&request, &["lang"]);
    let language = params.parse("lang");
    params.end()?;
    let id = offering_id(&id)?;
    let found = gate.run(move || Ok(directory.calendar_of(id, language.as_ref())?.map(|entries| (entries, language))));
    let (entries, language) = found.await?.ok_or_else(unknown_offering)?;
    let name = entries.first().map_or("Wegwijzer", |entry| entry.name.as_str()).to_owned();
    Ok(calendar_of(&name, &entries, &language.unwrap_or_else(LanguageTag::dutch)))
}

/// Gives what a search finds in the coming eight weeks as a calendar, to subscribe to.
///
/// Of at most a hundred offerings, each with the sessions for which all filters hold.
#[utoipa::path(
    tag = "offerings",
    params(SearchParams),
    responses((status = 200, description = "A calendar (RFC 5545).", body = String, content_type = "text/calendar")),
)]
#[get("/offerings/calendar.ics")]
pub async fn search_calendar(
    directory: Data<Directory>,
    gate: Data<Gate>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let pairs = pairs(&request);
    let found = gate.run(move || {
        let query = query(&directory, &pairs)?;
        Ok((directory.calendar(&query)?, query.language))
    });
    let (entries, language) = found.await?;
    Ok(calendar_of("Wegwijzer", &entries, &language))
}

fn calendar_of(name: &str, entries: &[CalendarEntry], language: &LanguageTag) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/calendar; charset=utf-8"))
        .insert_header((header::CONTENT_DISPOSITION, "inline; filename=\"wegwijzer.ics\""))
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .body(calendar::write(name, entries, language))
}
