//! What happens around every request.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage};
use futures_util::FutureExt;
use tracing::Span;
use tracing_actix_web::{RequestId, RootSpanBuilder};

use super::problem::Problem;

/// Answers HEAD as GET; the server itself leaves the body out.
pub async fn serve_head<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    next.call(request).await
}

/// Turns a panic into a problem: one request fails, the worker lives.
pub async fn survive_panics<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    match AssertUnwindSafe(next.call(request)).catch_unwind().await {
        Ok(answer) => answer,
        Err(panic) => {
            let said = panic
                .downcast_ref::<&str>()
                .map(ToString::to_string)
                .or_else(|| panic.downcast_ref::<String>().cloned());
            Err(Problem::Internal(format!("a handler panicked: {}", said.unwrap_or_default()).into()).into())
        }
    }
}

/// Counts requests and their durations by route template and status.
pub async fn count<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, Error> {
    let began = Instant::now();
    let route = request.match_pattern().unwrap_or_else(|| "unknown".into());
    let answer = next.call(request).await;
    let status = match &answer {
        Ok(answer) => answer.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    let labels = [("route", route), ("status", status.as_str().to_owned())];
    metrics::counter!("wegwijzer_requests_total", &labels).increment(1);
    metrics::histogram!("wegwijzer_request_seconds", &labels[..1]).record(began.elapsed().as_secs_f64());
    answer
}

/// The span of a request: its route template, never its path, its words or its sender.
pub struct RouteOnly;

impl RootSpanBuilder for RouteOnly {
    fn on_request_start(request: &ServiceRequest) -> Span {
        let id = request.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default();
        let route = request.match_pattern().unwrap_or_else(|| "unknown".into());
        tracing::info_span!(
            "request",
            http.method = %request.method(),
            http.route = %route,
            request_id = %id,
            http.status_code = tracing::field::Empty,
        )
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let status = match outcome {
            Ok(answer) => answer.status(),
            Err(error) => error.as_response_error().status_code(),
        };
        span.record("http.status_code", status.as_u16());
    }
}
