//! Finding offerings, and reading one.

use std::sync::Arc;

use actix_web::http::header;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::Deserialize;
use serde_json::Value;
use utoipa::IntoParams;

use super::{geojson, json, offering_id, to_json, unknown_offering, vary_by_accept};
use crate::directory::Directory;
use crate::domain::{Place, PublicOffering, Session};
use crate::search::{Hit, Lookup, SearchPage, SearchQuery};
use crate::web::Gate;
use crate::web::extract::{Form, Params, check_crs, pairs, search_body, whole_body};
use crate::web::problem::{Fault, Problem, ProblemBody};

/// The parameters of a search, for the API's description; [`Directory::query`] reads them, and a test holds
/// the two together. Different parameters narrow, a repeated one widens; a concept includes its narrower ones.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[allow(dead_code, reason = "read by the derive alone")]
pub struct SearchParams {
    /// A question in words, at most 500 characters. Hits have all that it asks for; when few have, some of it.
    /// `understood` tells what the words were taken to mean.
    #[param(example = "lotgenoten rouw")]
    q: Option<String>,
    /// Whether anything is read out of `q` but its words: concepts, times, costs, places.
    #[param(example = true)]
    understand: Option<bool>,
    /// What is not read out of `q`, by the names that `understood` gives: schemes, `weekday`, `partOfDay`, `when`, `area`,
    /// `near`, `age`, `gender`, `spelling`, `likely` for what no words say, `need` for the needs among it, and `related`
    /// for other words that say nearly the same; a comma list.
    #[param(example = "partOfDay")]
    not: Option<String>,
    /// Where to measure distances from: a position, `latitude,longitude` in WGS 84, a postcode (`1069` or `1069AB`), or
    /// the name or code of a neighbourhood, a district or a municipality. A name that several have is answered 400 with
    /// those that have it; the municipality after a comma tells which one is meant.
    #[param(example = "52.3696,4.9294")]
    near: Option<String>,
    /// Only what is within so many metres of `near`, over the ellipsoid. Without it a kilometre in a town and five
    /// around a village, or wider until there is a page of hits; `radius` in the answer tells what was used.
    #[param(example = 1500, minimum = 1, maximum = 200000)]
    radius: Option<u32>,
    /// Only what lies in a box, `minLon,minLat,maxLon,maxLat` in WGS 84.
    #[param(example = "4.92,52.36,4.94,52.38")]
    bbox: Option<String>,
    /// Code of a municipality, district or neighbourhood (CBS).
    #[param(example = json!(["BU0363AK05"]))]
    area: Option<Vec<String>>,
    /// What it is about.
    #[param(example = json!(["grief"]))]
    theme: Option<Vec<String>>,
    /// What sort of thing it is.
    #[param(example = json!(["peer_group"]))]
    kind: Option<Vec<String>>,
    /// The sphere of the sociale basis: personal, communal or institutional.
    #[param(example = json!(["communal"]))]
    sphere: Option<Vec<String>>,
    /// By residents and volunteers, by paid staff, or both.
    #[param(example = json!(["informal"]))]
    formality: Option<Vec<String>>,
    /// Who offers it.
    #[param(example = json!(["welfare_organisation"]))]
    provider_type: Option<Vec<String>>,
    /// The place between self-care and professional help.
    #[param(example = json!(["peer_support"]))]
    continuum: Option<Vec<String>>,
    /// A resilience resource.
    #[param(example = json!(["social"]))]
    resilience_resource: Option<Vec<String>>,
    /// A dimension of Positive Health.
    #[param(example = json!(["participation"]))]
    positive_health: Option<Vec<String>>,
    /// A condition of social quality.
    #[param(example = json!(["social_inclusion"]))]
    social_quality: Option<Vec<String>>,
    /// A person of this group may come. Offerings for everyone are in; `only=targetGroup` leaves them out.
    #[param(example = json!(["older_people"]))]
    target_group: Option<Vec<String>>,
    /// The language or background that the people share.
    #[param(example = json!(["turkish"]))]
    community: Option<Vec<String>>,
    /// How to take part.
    #[param(example = json!(["walk_in"]))]
    access: Option<Vec<String>>,
    /// What it costs. Unknown is not free.
    #[param(example = json!(["free"]))]
    cost: Option<Vec<String>>,
    /// Whether the place can be used.
    #[param(example = json!(["wheelchair"]))]
    accessibility: Option<Vec<String>>,
    /// A language that is spoken there.
    #[param(example = json!(["ar"]))]
    language: Option<Vec<String>>,
    /// With whom one takes part.
    #[param(example = json!(["women_only"]))]
    gender_setting: Option<Vec<String>>,
    /// A person of this age may come. Offerings without a stated age are in; `only=age` leaves them out.
    #[param(example = 81, minimum = 0, maximum = 120)]
    age: Option<u8>,
    /// A person of this gender may come: female, male or other.
    #[param(example = "female")]
    gender: Option<String>,
    /// The most that one visit may cost, in euros.
    #[param(example = 2.5)]
    max_price: Option<f64>,
    /// The municipality whose pass the person has: what is free anyway, or free or cheaper with that pass.
    #[param(example = "GM0363")]
    city_pass: Option<String>,
    /// A day of the week: monday to sunday. Times whose last day has passed are not known any more.
    #[param(example = json!(["thursday"]))]
    weekday: Option<Vec<String>>,
    /// A part of the day (morning, afternoon, evening, night), on the same day as `weekday`.
    #[param(example = json!(["morning"]))]
    part_of_day: Option<Vec<String>>,
    /// What is on `now` (and one can come or call at once), `today`, `tomorrow`, in the `weekend`, or in the `week`
    /// from today on; holidays, cancelled, moved and extra dates are taken account of. Where it is not known on which
    /// dates something is, `includeUnknown=when` lets it in.
    #[param(example = "week")]
    when: Option<String>,
    /// What begins on a date.
    #[param(example = "2026-12-25", format = Date)]
    date: Option<String>,
    /// Only what is online, or only what is not.
    #[param(example = true)]
    online: Option<bool>,
    /// The id of an organization that has a part in it.
    organization: Option<String>,
    /// The municipality that keeps it, or `NL`.
    #[param(example = json!(["GM0363"]))]
    municipality: Option<Vec<String>>,
    /// Somebody checked it on this date or later.
    #[param(example = "2026-01-01", format = Date)]
    assured_since: Option<String>,
    /// Facets (and `maxPrice`, `assuredSince`, `when`) of which unknown is let in, marked and ranked last; a comma list.
    #[param(example = "cost")]
    include_unknown: Option<String>,
    /// Only what was made for the person: targetGroup, age, gender, each beside its own parameter; a comma list.
    #[param(example = "targetGroup")]
    only: Option<String>,
    /// The facets to count, a comma list: names of schemes, `weekday`, `partOfDay`.
    #[param(example = "theme,cost,language")]
    facets: Option<String>,
    /// The order: relevance, distance, name, assured, or soonest (what is on now or soonest first).
    #[param(example = "distance")]
    sort: Option<String>,
    /// The language of labels and texts (BCP 47); Dutch where there is none in it.
    #[param(example = "en")]
    lang: Option<String>,
    /// Tells the parts of each hit's score.
    #[param(example = true)]
    explain: Option<bool>,
    /// The page, from 1; page × pageSize at most 10,000.
    #[param(example = 1, minimum = 1)]
    page: Option<u32>,
    /// How many hits on a page.
    #[param(example = 20, minimum = 1, maximum = 100)]
    page_size: Option<u32>,
}

/// The parameters that tell the form of an answer.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "read by the derive alone")]
pub struct FormParams {
    /// The form: json, or geojson, which the header `Accept: application/geo+json` asks for too.
    #[param(example = "json")]
    format: Option<String>,
    /// The reference system of a GeoJSON answer: longitude and latitude in WGS 84 (CRS84) is the only one.
    #[param(example = "http://www.opengis.net/def/crs/OGC/1.3/CRS84")]
    crs: Option<String>,
    /// The reference system of `bbox`: likewise.
    #[param(rename = "bbox-crs", example = "http://www.opengis.net/def/crs/OGC/1.3/CRS84")]
    bbox_crs: Option<String>,
}

/// Finds offerings by words, category, area and distance.
///
/// All filters hold for one and the same session, and each hit shows that session. What is not known does not match;
/// each facet counts its unknowns, and `includeUnknown` lets them in.
#[utoipa::path(
    tag = "offerings",
    params(SearchParams, FormParams),
    responses((status = 200, description = "A page of hits, the best first.", content(
        (SearchPage = "application/json"),
        (Object = "application/geo+json"),
    ))),
)]
#[get("/offerings")]
pub async fn search_offerings(
    directory: Data<Directory>,
    gate: Data<Gate>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (asked_form, pairs): (Vec<_>, Vec<_>) =
        pairs(&request).into_iter().partition(|(name, _)| FORM_PARAMETERS.contains(&name.as_str()));
    let form = form(&asked_form, &request)?;
    let body = gate.run(move || {
        let page = directory.find(&query(&directory, &pairs)?)?;
        match form {
            Form::Json => to_json(&page),
            Form::GeoJson => to_json(&features(&page)?),
        }
    });
    let mut answer = match form {
        Form::Json => json(body.await?),
        Form::GeoJson => geojson(body.await?),
    };
    vary_by_accept(&mut answer);
    Ok(answer)
}

/// The parameters that tell the form of an answer, and not what is sought.
pub const FORM_PARAMETERS: [&str; 3] = ["format", "crs", "bbox-crs"];

/// The form that parameters ask for.
fn form(pairs: &[(String, String)], request: &HttpRequest) -> Result<Form, Problem> {
    let of = |name: &str| pairs.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str());
    let mut faults = Vec::new();
    let mut fault = |name: &str, detail| faults.push(Fault { pointer: format!("/{name}"), detail });
    for name in ["crs", "bbox-crs"] {
        if let Some(Err(detail)) = of(name).map(check_crs) {
            fault(name, detail);
        }
    }
    let form = Form::of(of("format"), request).map_err(|detail| fault("format", detail));
    match form {
        Ok(form) if faults.is_empty() => Ok(form),
        _ => Err(Problem::InvalidParameters(faults)),
    }
}

/// The hits as features of a map: each at the session that is shown, without a geometry where that has no position.
fn features(page: &SearchPage) -> Result<Value, Problem> {
    let feature = |hit: &Hit| -> Result<Value, serde_json::Error> {
        let session: Session = serde_json::from_str(hit.session.get())?;
        let mut properties = serde_json::to_value(hit)?;
        let id = properties["offering"]["id"].take();
        let position = session.place.as_ref().and_then(Place::location).and_then(|location| location.position);
        let geometry = position.map(|at| serde_json::json!({ "type": "Point", "coordinates": [at.lon(), at.lat()] }));
        if let Some(offering) = properties["offering"].as_object_mut() {
            offering.remove("id");
        }
        Ok(serde_json::json!({ "type": "Feature", "id": id, "geometry": geometry, "properties": properties }))
    };
    let features = page.hits.iter().map(feature).collect::<Result<Vec<_>, _>>().map_err(Problem::internal)?;
    Ok(serde_json::json!({
        "type": "FeatureCollection",
        "numberMatched": page.total,
        "numberReturned": features.len(),
        "timeStamp": page.data_as_of,
        "features": features,
    }))
}

/// Finds offerings like the address above, with the parameters in a body, and with a region besides.
///
/// The body is an object with the same names; what may be repeated may be a list. `within` is a GeoJSON Polygon or
/// MultiPolygon, or a Feature with one, of at most 2,000 points: only what lies in it is found.
#[utoipa::path(
    tag = "offerings",
    request_body(content = Object, content_type = "application/json", example = json!({
        "theme": ["grief"],
        "within": { "type": "Polygon", "coordinates": [[[4.92, 52.36], [4.94, 52.36], [4.94, 52.38], [4.92, 52.38], [4.92, 52.36]]] },
    })),
    responses((status = 200, description = "A page of hits, the best first.", body = SearchPage)),
)]
#[post("/offerings/_search")]
pub async fn search_offerings_in_region(
    directory: Data<Directory>,
    gate: Data<Gate>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    Params::of(&request, &[]).end()?;
    let body = whole_body(&request, payload).await?;
    let body = gate.run(move || {
        let (pairs, within) = search_body(&body)?;
        let mut query = query(&directory, &pairs)?;
        query.place.within = within.map(Arc::new);
        to_json(&directory.find(&query)?)
    });
    // What is sent in a body is nobody else's to keep.
    let mut answer = json(body.await?);
    answer.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    Ok(answer)
}

/// Tells pages of other origins that they may send a search.
pub async fn allow_search() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, "POST"))
        .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type"))
        .insert_header((header::ACCESS_CONTROL_MAX_AGE, "86400"))
        .finish()
}

/// Reads a search, or tells everything that is wrong with it.
pub fn query(directory: &Directory, pairs: &[(String, String)]) -> Result<SearchQuery, Problem> {
    directory.query(pairs)?.map_err(|faults| {
        let told = faults.into_iter().map(|f| Fault { pointer: format!("/{}", f.parameter), detail: f.detail });
        Problem::InvalidParameters(told.collect())
    })
}

/// Reads one offering whole.
#[utoipa::path(
    tag = "offerings",
    params(
        ("id" = String, Path, description = "The id of the offering."),
        ("lang" = Option<String>, Query, description = "The language of the texts (BCP 47), where they are translated.", example = "en"),
    ),
    responses(
        (status = 200, description = "The offering.", body = PublicOffering),
        (status = 404, description = "There is no such offering.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 410, description = "It was taken away.", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
#[get("/offerings/{id}")]
pub async fn read_offering(
    directory: Data<Directory>,
    gate: Data<Gate>,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let mut params = Params::of(&request, &["lang"]);
    let language = params.parse("lang");
    params.end()?;
    let id = offering_id(&id)?;
    let found = gate.run(move || Ok(directory.offering(id, language.as_ref())?)).await?;
    match found {
        Lookup::Found(offering) => Ok(json(offering.get().to_owned())),
        Lookup::Gone => Err(Problem::Gone("offering".into())),
        Lookup::Unknown => Err(unknown_offering()),
    }
}
