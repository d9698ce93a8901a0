//! What happens around every request.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage};
use futures_util::FutureExt;
use tracing::Span;
use tracing_actix_web::{RequestId, RootSpanBuilder};

use super::problem::{PROBLEM_TYPE, Problem};

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
        // What the panic said may hold what somebody typed; where it was, the panic hook has told.
        Err(_) => Err(Problem::internal("a handler panicked").into()),
    }
}

/// Tells what the framework refuses, as for want of an encoding, as a problem: the form of every other fault.
pub async fn tell_refusals<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let answer = match next.call(request).await {
        Ok(answer) => answer,
        Err(error) if error.as_error::<Problem>().is_some() => return Err(error),
        Err(error) => return Err(Problem::of_framework(error.as_response_error().status_code()).into()),
    };
    let (status, kind) = (answer.status(), answer.headers().get(header::CONTENT_TYPE));
    let is_fault = status.is_client_error() || status.is_server_error();
    if !is_fault || kind.is_some_and(|kind| kind == PROBLEM_TYPE) {
        return Ok(answer.map_into_left_body());
    }
    Ok(answer.error_response(Problem::of_framework(status)).map_into_right_body())
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

#[cfg(test)]
mod tests {
    use actix_web::middleware::from_fn;
    use actix_web::{App, HttpResponse, test, web};

    use super::survive_panics;
    use crate::web::problem::Problem;

    #[actix_web::test]
    async fn a_handler_that_panics_is_a_problem_and_the_next_request_is_answered() {
        let broken = web::get().to(async || -> HttpResponse { panic!("a fault of ours") });
        let app = App::new()
            .wrap(from_fn(survive_panics))
            .route("/broken", broken)
            .route("/whole", web::get().to(HttpResponse::Ok));
        let app = test::init_service(app).await;

        let fault = test::try_call_service(&app, test::TestRequest::get().uri("/broken").to_request()).await;
        let fault = fault.expect_err("the panic");
        let Some(Problem::Internal(cause)) = fault.as_error() else { panic!("another fault: {fault}") };
        assert_eq!(cause.to_string(), "a handler panicked", "the panic's own words may be a visitor's");
        let answer = fault.error_response();
        assert_eq!(answer.status(), 500);
        let header = |name| answer.headers().get(name).and_then(|value| value.to_str().ok());
        assert_eq!(header("content-type"), Some("application/problem+json"));
        assert_eq!(header("api-version"), Some(crate::web::API_VERSION));
        let whole = test::call_service(&app, test::TestRequest::get().uri("/whole").to_request()).await;
        assert!(whole.status().is_success());
    }
}
