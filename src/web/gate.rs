//! A bound on the searches that run at once: beyond it the answer is "come back", not a queue that only grows.

use std::sync::Arc;

use actix_web::rt::time::timeout;
use actix_web::web;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::problem::Problem;

/// How long a search waits for its turn.
const PATIENCE: Duration = Duration::from_millis(500);

/// Lets so many through at once.
#[derive(Clone)]
pub struct Gate(Arc<Semaphore>);

impl Gate {
    /// A gate for so many.
    pub fn new(at_once: usize) -> Self {
        Self(Arc::new(Semaphore::new(at_once)))
    }

    /// Does blocking work when it is its turn.
    ///
    /// # Errors
    /// `Problem::Busy` when the turn does not come soon.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let permit = self.turn().await?;
        web::block(move || {
            let done = work();
            drop(permit);
            done
        })
        .await?
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit, Problem> {
        if let Ok(permit) = self.0.clone().try_acquire_owned() {
            return Ok(permit);
        }
        match timeout(PATIENCE, self.0.clone().acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(closed)) => Err(Problem::internal(closed)),
            Err(_) => Err(Problem::Busy),
        }
    }
}
