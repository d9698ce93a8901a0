//! Errors as the API tells them: problem details for HTTP APIs (RFC 9457). Only this file knows status codes.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

use super::API_VERSION;
use crate::directory::{Building, ReadError};

/// The content type of a problem.
pub const PROBLEM_TYPE: &str = "application/problem+json";

/// Why a request was not carried out: each variant is one published problem `type`.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// Parameters that cannot be used.
    #[error("some parameters need attention")]
    InvalidParameters(Vec<Fault>),
    /// Nothing has this id.
    #[error("there is no {0} here")]
    NotFound(String),
    /// It was here and was taken away.
    #[error("this {0} was taken away")]
    Gone(String),
    /// The address is known, the method is not.
    #[error("this address only answers to {allow}")]
    MethodNotAllowed {
        /// The methods that it answers to.
        allow: &'static str,
    },
    /// The request accepts no encoding that can be made.
    #[error("no encoding that this request accepts can be made: accept identity, br, gzip or deflate")]
    NotAcceptable,
    /// The framework refused the request before a handler saw it; its status says why.
    #[error("this request cannot be answered")]
    Refused(StatusCode),
    /// There is no index yet; it says what that waits for.
    #[error("{0}; try again in a moment")]
    Building(Building),
    /// Too many searches run at once.
    #[error("more is asked at once than this service can answer; try again in a moment")]
    Busy,
    /// Our fault.
    #[error("the service could not answer; the fault is ours")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// One fault in a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Fault {
    /// Where: a JSON pointer whose first part names the parameter.
    #[schema(example = "/radius")]
    pub pointer: String,
    /// What is wrong, and what would be right.
    #[schema(example = "'far' is not a number of metres: give one above 0 and at most 200000")]
    pub detail: String,
}

/// A problem as it is sent (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Names the kind of problem.
    #[serde(rename = "type")]
    #[schema(example = "urn:wegwijzer:problem:invalid-parameters")]
    kind: String,
    /// The kind of problem in words.
    #[schema(example = "Bad Request")]
    title: String,
    /// The status code of the answer.
    #[schema(example = 400)]
    status: u16,
    /// What went wrong this time.
    #[schema(example = "some parameters need attention")]
    detail: String,
    /// Every fault that was found.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<Fault>,
}

impl Problem {
    /// A fault of ours, with its cause for the log.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }

    /// What the framework answers by itself with a status and no more.
    pub fn of_framework(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_ACCEPTABLE => Self::NotAcceptable,
            refused if refused.is_client_error() => Self::Refused(refused),
            failed => Self::internal(format!("the framework answered {failed}")),
        }
    }

    fn status_and_slug(&self) -> (StatusCode, &'static str) {
        match self {
            Self::InvalidParameters(_) => (StatusCode::BAD_REQUEST, "invalid-parameters"),
            Self::NotFound(_) => (StatusCode::NOT_FOUND, "not-found"),
            Self::Gone(_) => (StatusCode::GONE, "gone"),
            Self::MethodNotAllowed { .. } => (StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed"),
            Self::NotAcceptable => (StatusCode::NOT_ACCEPTABLE, "not-acceptable"),
            Self::Refused(status) => (*status, "refused"),
            Self::Building(_) => (StatusCode::SERVICE_UNAVAILABLE, "building"),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            Self::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        }
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status_and_slug().0
    }

    fn error_response(&self) -> HttpResponse {
        let (status, slug) = self.status_and_slug();
        let mut answer = HttpResponse::build(status);
        answer.insert_header((header::CONTENT_TYPE, PROBLEM_TYPE));
        answer.insert_header((header::CACHE_CONTROL, "no-store"));
        // Also where no middleware comes by any more, as after a panic.
        answer.insert_header(("API-Version", API_VERSION));
        let mut errors = Vec::new();
        match self {
            Self::InvalidParameters(faults) => errors.clone_from(faults),
            Self::MethodNotAllowed { allow } => {
                answer.insert_header((header::ALLOW, *allow));
            }
            Self::NotAcceptable => {
                answer.insert_header((header::VARY, "accept-encoding"));
            }
            Self::Building(_) => {
                answer.insert_header((header::RETRY_AFTER, "5"));
            }
            Self::Busy => {
                answer.insert_header((header::RETRY_AFTER, "1"));
            }
            Self::Internal(cause) => {
                tracing::error!(error = cause.as_ref() as &dyn std::error::Error, "a request failed")
            }
            Self::NotFound(_) | Self::Gone(_) | Self::Refused(_) => {}
        }
        let body = ProblemBody {
            kind: format!("urn:wegwijzer:problem:{slug}"),
            title: status.canonical_reason().unwrap_or_default().into(),
            status: status.as_u16(),
            detail: self.to_string(),
            errors,
        };
        // A body of five plain fields is always JSON.
        answer.body(serde_json::to_vec(&body).unwrap_or_default())
    }
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Building(progress) => Self::Building(progress),
            ReadError::Index(_) => Self::internal(error),
        }
    }
}

/// A blocking piece of work that did not end is our fault.
impl From<actix_web::error::BlockingError> for Problem {
    fn from(error: actix_web::error::BlockingError) -> Self {
        Self::Internal(error.to_string().into())
    }
}
