//! Builds the running service from a [`Config`]; tests start it the same way.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::middleware::{Compress, DefaultHeaders, from_fn};
use actix_web::web::Data;
use actix_web::{App, HttpServer};
use anyhow::Context;
use tracing_actix_web::TracingLogger;

use crate::addresses::{AddressService, Locatieserver};
use crate::config::Config;
use crate::crisis;
use crate::directory::follower::Follower;
use crate::directory::{Directory, Node};
use crate::domain::Barriers;
use crate::search::Lessons;
use crate::store::{DatabaseUrl, Store};
use crate::web::{self, Gate};
use crate::{telemetry, vocabulary};

/// The service for street addresses, where one is set.
pub fn addresses(config: &Config) -> Option<Arc<dyn AddressService>> {
    let url = config.address_service.clone()?;
    Some(Arc::new(Locatieserver::new(url)))
}

/// What one cannot walk through, as far as it is told.
fn barriers(config: &Config) -> anyhow::Result<Barriers> {
    let Some(path) = config.barriers_file() else { return Ok(Barriers::default()) };
    let text = std::fs::read_to_string(&path);
    let text = text.with_context(|| format!("the barriers {} cannot be read", path.display()))?;
    Barriers::from_geojson(&text).with_context(|| format!("the barriers {} cannot be used", path.display()))
}

/// How long a client may take to send the head of a request.
const HEAD_PATIENCE: Duration = Duration::from_secs(5);
/// How long an idle connection is kept.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// A service that runs: its follower in a thread, its server in the present runtime.
pub struct Service {
    /// Where it is served.
    pub address: SocketAddr,
    /// The state of its node.
    pub node: Arc<Node>,
    /// The system of record.
    pub store: Store,
    server: Option<actix_web::dev::Server>,
    handle: ServerHandle,
    follower: Option<std::thread::JoinHandle<()>>,
}

impl Service {
    /// Starts the service: the tables (when the database is there), the follower, and the server.
    ///
    /// # Errors
    /// A busy address, a folder that cannot be made, a vocabulary with faults, or an embedded database that fails.
    /// A database server that is away is none: a node with an index starts without it.
    pub fn start(config: &Config) -> anyhow::Result<Self> {
        Self::start_with(config, |_| {})
    }

    /// Starts the service with routes of somebody's own beside it, as a benchmark needs.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_with(config: &Config, routes: fn(&mut actix_web::web::ServiceConfig)) -> anyhow::Result<Self> {
        let vocabulary = Arc::new(vocabulary::load(config.vocabulary.as_deref())?);
        std::fs::create_dir_all(&config.data)
            .with_context(|| format!("the folder {} cannot be made", config.data.display()))?;
        if let DatabaseUrl::Sqlite(path) = &config.database {
            // An empty database in the place of a lost or mistyped one would empty the public directory.
            let is_lost = config.index_folder().join("current").exists() && !path.exists();
            anyhow::ensure!(
                !is_lost,
                "there is an index in {} but no database {}: name the right one with --database, or remove the index \
                 to begin with an empty database",
                config.index_folder().display(),
                path.display()
            );
        }
        let words = match &config.word_list {
            Some(path) => {
                let list = std::fs::read_to_string(path)
                    .with_context(|| format!("the word list {} cannot be read", path.display()))?;
                Lessons::words_of(&list)
            }
            None => HashSet::new(),
        };
        let store = Store::new(&config.database);
        match store.migrate() {
            Ok(steps) if !steps.is_empty() => {
                tracing::info!(steps = steps.len(), "the tables are in their newest form")
            }
            Ok(_) => {}
            Err(error) if config.database.is_remote() => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the database is away; reads go on if there is an index"
                );
            }
            Err(error) => {
                return Err(error).with_context(|| format!("the database {} cannot be used", config.database.shown()));
            }
        }

        let node = Arc::new(Node::default());
        let crisis = Arc::new(crisis::load(config.crisis_words.as_deref())?);
        let directory = Directory::new(vocabulary.clone(), crisis, node.clone()).with_addresses(addresses(config));
        let directory = Data::new(directory.with_barriers(barriers(config)?));
        let gate = Data::new(Gate::new(config.max_searches));
        let recorder = Data::new(telemetry::start_metrics());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(directory.clone())
                .app_data(gate.clone())
                .app_data(recorder.clone())
                .wrap(from_fn(web::survive_panics))
                .wrap(Compress::default())
                .wrap(from_fn(web::tell_refusals))
                .wrap(
                    DefaultHeaders::new()
                        .add(("API-Version", web::API_VERSION))
                        .add(("Access-Control-Allow-Origin", "*"))
                        .add(("X-Content-Type-Options", "nosniff"))
                        .add(("Referrer-Policy", "no-referrer"))
                        .add(("X-Frame-Options", "DENY"))
                        .add(("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")),
                )
                .wrap(from_fn(web::count))
                .wrap(TracingLogger::<web::RouteOnly>::new())
                .wrap(from_fn(web::serve_head))
                .configure(routes)
                .configure(web::configure)
        })
        .client_request_timeout(HEAD_PATIENCE)
        .keep_alive(KEEP_ALIVE)
        .shutdown_timeout(5)
        .bind(config.listen)
        .with_context(|| {
            format!("{} is taken or not ours; choose another with --listen ADDRESS:PORT", config.listen)
        })?;
        let address = server.addrs().first().copied().unwrap_or(config.listen);
        let server = server.run();
        let handle = server.handle();

        let follower = Follower {
            store: store.clone(),
            vocabulary,
            folder: config.index_folder(),
            lessons: Lessons { concepts: config.learned_concepts, words: Arc::new(words) },
            node: node.clone(),
            poll: config.poll,
        };
        let follower = follower.start().context("the follower cannot be started")?;
        Ok(Self { address, node, store, server: Some(server), handle, follower: Some(follower) })
    }

    /// Serves until it is told to stop, by a signal or by [`Self::handle`].
    pub async fn run(mut self) -> anyhow::Result<()> {
        if let Some(server) = self.server.take() {
            server.await.context("the server failed")?;
        }
        self.node.stop();
        if let Some(follower) = self.follower.take() {
            // The follower ends between two commits; what it had not committed, it reads again.
            let _ = follower.join();
        }
        Ok(())
    }

    /// Stops the server from elsewhere.
    pub fn handle(&self) -> ServerHandle {
        self.handle.clone()
    }
}

/// The runtime that the service runs on.
pub fn runtime() -> actix_web::rt::SystemRunner {
    actix_web::rt::System::new()
}
