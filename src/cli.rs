//! The command line: one file a command.

mod bench_data;
mod demo;
mod export;
mod history;
mod import;
mod restore;
mod serve;

use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};

use crate::config::{Config, ConfigFlags};
use crate::store::{Actor, DatabaseUrl, Store};
use crate::{telemetry, web};

/// Wegwijzer: the municipal directory of the sociale basis.
///
/// Try it at once: `wegwijzer demo`. Run it for real: import your areas and listings, then `wegwijzer serve`.
#[derive(Parser)]
#[command(name = "wegwijzer", version, max_term_width = 100, after_help = EXAMPLES)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    config: ConfigFlags,
}

// Two spaces end the command, and what follows says what it does: a test reads every example.
const EXAMPLES: &str = "\
Examples:
  wegwijzer demo                                          sample listings of four neighbourhoods
  wegwijzer import areas buurten.geojson                  outlines of neighbourhoods
  wegwijzer import listings.csv --municipality GM0363     listings of Amsterdam
  wegwijzer history offering 14                           who changed it, when and why
  wegwijzer serve --database postgres://host/wegwijzer    serve from PostgreSQL
  wegwijzer import --help                                 more of one command";

const SERVE_EXAMPLES: &str = "\
Examples:
  wegwijzer serve                                              this machine only, ./wegwijzer-data
  wegwijzer serve --listen 0.0.0.0:8080 --data /var/lib/wegwijzer
  wegwijzer serve --database postgres://wegwijzer@db.example/wegwijzer --log-format json

/health/live, /health/ready and /metrics are for who runs it. Each process needs a --data folder of
its own; any number of them follow one PostgreSQL database.";

const REINDEX_EXAMPLES: &str = "\
Examples:
  wegwijzer reindex                                            the nodes on ./wegwijzer-data
  wegwijzer reindex --database postgres://host/wegwijzer       all nodes on this database

Nodes mend a damaged index by themselves; this is for when an index is in doubt.";

const MIGRATE_EXAMPLES: &str = "\
Examples:
  wegwijzer migrate --database postgres://host/wegwijzer     before nodes of a new edition start
  wegwijzer migrate --data /var/lib/wegwijzer                the embedded database in this folder

Every other command does this by itself when it opens the database.";

const OPENAPI_EXAMPLES: &str = "\
Examples:
  wegwijzer openapi > openapi.json
  curl -s http://127.0.0.1:8080/v1/openapi.json                the same, from a service that runs";

#[derive(Subcommand)]
enum Command {
    /// Serve the API from this folder's index, following the database
    #[command(after_help = SERVE_EXAMPLES)]
    Serve,
    /// Make an embedded database in ./wegwijzer-demo with sample listings, and serve it
    Demo(demo::DemoArgs),
    /// Take in offerings, areas or front doors from a file
    Import(import::ImportArgs),
    /// Write all offerings to a file
    Export(export::ExportArgs),
    /// Tell what was changed, by whom and why: of an offering, an organization, a location or an area
    History(history::HistoryArgs),
    /// Put back what was there before a change
    Restore(restore::RestoreArgs),
    /// Ask every node to make its index anew; reads go on meanwhile
    #[command(after_help = REINDEX_EXAMPLES)]
    Reindex,
    /// Bring the tables of the database to their newest form
    #[command(after_help = MIGRATE_EXAMPLES)]
    Migrate,
    /// Print the description of the API (OpenAPI 3.1)
    #[command(after_help = OPENAPI_EXAMPLES)]
    Openapi,
    /// Write plausible listings in any number, to measure with
    BenchData(bench_data::BenchDataArgs),
}

impl Cli {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let folder = if matches!(self.command, Command::Demo(_)) { "wegwijzer-demo" } else { "wegwijzer-data" };
        let config = Config::read(&self.config, folder)?;
        telemetry::start_log(config.log_format);
        match self.command {
            Command::Serve => serve::run(&config),
            Command::Demo(args) => {
                anyhow::ensure!(
                    !self.config.names_a_database(),
                    "the demo keeps its sample listings in a database of its own: leave out --database, \
                     WEGWIJZER_DATABASE and the configuration file"
                );
                demo::run(&config, &args)
            }
            Command::Import(args) => import::run(&config, &args),
            Command::Export(args) => export::run(&config, &args),
            Command::History(args) => history::run(&config, &args),
            Command::Restore(args) => restore::run(&config, &args),
            Command::Reindex => {
                let actor = Actor { name: "command line".into(), reason: None };
                open_present_store(&config)?.request_reindex(&actor)?;
                println!("Each running node now makes its index anew; reads go on meanwhile.");
                Ok(ExitCode::SUCCESS)
            }
            Command::Migrate => {
                let steps = Store::new(&config.database).migrate()?;
                println!("{} is in its newest form ({} steps taken).", config.database.shown(), steps.len());
                Ok(ExitCode::SUCCESS)
            }
            Command::Openapi => {
                print!("{}", web::openapi_text());
                Ok(ExitCode::SUCCESS)
            }
            Command::BenchData(args) => bench_data::run(&args),
        }
    }
}

/// Opens a database that is there, for a command that has nothing to do with an empty one.
fn open_present_store(config: &Config) -> anyhow::Result<Store> {
    if let DatabaseUrl::Sqlite(path) = &config.database {
        anyhow::ensure!(
            path.exists(),
            "there is no database {}: name another with --database or --data",
            path.display()
        );
    }
    open_store(config)
}

/// Opens the database for a command, with its tables in their newest form.
fn open_store(config: &Config) -> anyhow::Result<Store> {
    if !config.database.is_remote() {
        std::fs::create_dir_all(&config.data)
            .with_context(|| format!("the folder {} cannot be made", config.data.display()))?;
    }
    let store = Store::new(&config.database);
    store.migrate().with_context(|| format!("the database {} cannot be used", config.database.shown()))?;
    Ok(store)
}
