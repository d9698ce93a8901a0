//! For who runs the service: whether it lives, whether it is ready, and its figures.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get};
use chrono::{DateTime, Utc};
use metrics_exporter_prometheus::PrometheusHandle;
use serde::Serialize;

use crate::directory::Directory;
use crate::web::problem::Problem;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ready {
    ready: bool,
    offerings: u64,
    change: i64,
    data_as_of: Option<DateTime<Utc>>,
}

/// The process answers.
#[get("/health/live")]
pub async fn live() -> Json<serde_json::Value> {
    Json(serde_json::json!({ "live": true }))
}

/// There is a whole index to answer from; otherwise how far its making is.
#[get("/health/ready")]
pub async fn ready(directory: Data<Directory>) -> Result<HttpResponse, Problem> {
    let snapshot = directory.node().snapshot().map_err(Problem::Building)?;
    Ok(HttpResponse::Ok().json(Ready {
        ready: true,
        offerings: snapshot.offering_count(),
        change: snapshot.watermark().change.0,
        data_as_of: directory.data_as_of(),
    }))
}

/// The figures in the Prometheus text form.
#[get("/metrics")]
pub async fn metrics(directory: Data<Directory>, recorder: Data<PrometheusHandle>) -> HttpResponse {
    if let Ok(snapshot) = directory.node().snapshot() {
        ::metrics::gauge!("wegwijzer_index_offerings").set(snapshot.offering_count() as f64);
    }
    if let Some(at) = directory.data_as_of() {
        ::metrics::gauge!("wegwijzer_data_age_seconds").set((Utc::now() - at).as_seconds_f64().max(0.0));
    }
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(recorder.render())
}
