//! The binary: parse, run, exit code.

use std::process::ExitCode;

use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match wegwijzer::cli::Cli::parse().run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("wegwijzer: {error:#}");
            ExitCode::from(2)
        }
    }
}
