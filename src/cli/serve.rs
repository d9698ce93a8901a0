//! `wegwijzer serve`.

use std::process::ExitCode;

use crate::app::{Service, runtime};
use crate::config::Config;

/// Serves until a signal ends it.
pub fn run(config: &Config) -> anyhow::Result<ExitCode> {
    runtime().block_on(async {
        let service = Service::start(config)?;
        tracing::info!(address = %service.address, database = %config.database.shown(), "serving");
        service.run().await
    })?;
    Ok(ExitCode::SUCCESS)
}
