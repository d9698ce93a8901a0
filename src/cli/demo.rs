//! `wegwijzer demo`: an embedded database with the sample listings, served at once.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use crate::app::{Service, runtime};
use crate::config::Config;
use crate::directory::{AreaImporter, ImportOptions, Importer, PostcodeImporter, Wait, area_index, save_front_doors};
use crate::domain::{Tally, Vocabulary};
use crate::exchange::{self, Format, Input, ReadOptions};
use crate::store::Store;
use crate::{telemetry, vocabulary};

/// What else to do.
#[derive(Args)]
#[command(after_help = "\
Examples:
  wegwijzer demo                 on http://127.0.0.1:8080, kept in ./wegwijzer-demo
  wegwijzer demo --listen 127.0.0.1:9000 --data /tmp/demo
  wegwijzer demo --load-only     then: wegwijzer serve --data wegwijzer-demo

Its listings are in a database of its own: --database and --config are refused.")]
pub struct DemoArgs {
    /// Load the sample listings and end without serving
    #[arg(long)]
    load_only: bool,
}

/// The sample listings, which the binary carries: one file a neighbourhood.
pub const LISTINGS: [&str; 4] = [
    include_str!("../../data/listings/czaar-peterbuurt.json"),
    include_str!("../../data/listings/de-kleine-wereld.json"),
    include_str!("../../data/listings/g-buurt-noord.json"),
    include_str!("../../data/listings/reimerswaalbuurt.json"),
];
const AREAS: &str = include_str!("../../data/areas/demo-areas.geojson");
const BARRIERS: &str = include_str!("../../data/areas/demo-barriers.geojson");
const POSTCODES: &str = include_str!("../../data/areas/demo-postcodes.csv");
const FRONT_DOORS: &str = include_str!("../../data/areas/front-doors.json");
/// What the sample listings' source is called.
const SOURCE: &str = "voorbeeld";
/// Who keeps the sample listings.
const MUNICIPALITY: &str = "GM0363";

/// Loads and serves the demonstration.
pub fn run(config: &Config, args: &DemoArgs) -> anyhow::Result<ExitCode> {
    keep_barriers(config)?;
    if args.load_only {
        let store = super::open_store(config)?;
        let tally = load(&store, &vocabulary::load(config.vocabulary.as_deref())?)?;
        println!("{} new, {} changed, {} the same.", tally.new, tally.changed, tally.same);
        return Ok(ExitCode::SUCCESS);
    }
    telemetry::start_metrics();
    runtime().block_on(async {
        // The address is taken first: who runs the demo twice is told at once.
        let service = Service::start(config)?;
        let (store, node, address) = (service.store.clone(), service.node.clone(), service.address);
        let vocabulary = Arc::new(vocabulary::load(config.vocabulary.as_deref())?);
        let handle = service.handle();
        let loader = std::thread::spawn(move || -> anyhow::Result<()> {
            let loaded = load(&store, &vocabulary).and_then(|_| {
                let last = store.last_change()?;
                wait_for(&node, last)
            });
            match loaded {
                Ok(()) => {
                    greet(address);
                    Ok(())
                }
                Err(error) => {
                    // Without its listings the demo shows nothing: it ends and says why.
                    drop(handle.stop(false));
                    Err(error)
                }
            }
        });
        service.run().await?;
        loader.join().map_err(|_| anyhow::anyhow!("loading the sample listings panicked"))?
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Puts the sample barriers into the data folder, where the service looks for them.
fn keep_barriers(config: &Config) -> anyhow::Result<()> {
    if config.data.join("barriers.geojson").exists() {
        return Ok(());
    }
    std::fs::create_dir_all(&config.data)
        .and_then(|()| std::fs::write(config.data.join("barriers.geojson"), BARRIERS))
        .with_context(|| format!("{} cannot be written to", config.data.display()))
}

/// Loads the sample areas, front doors, listings and postcodes; again when they are there already, which changes
/// nothing.
fn load(store: &Store, vocabulary: &Vocabulary) -> anyhow::Result<Tally> {
    anyhow::ensure!(
        !store.has_other_sources(SOURCE)?,
        "the database in this folder holds other listings; give the demo a folder of its own with --data DIR"
    );
    let input = |text: &'static str| Input::new(text.as_bytes(), Some(text.len() as u64));
    let mut areas = AreaImporter::new(store.clone(), "demo", false);
    for row in exchange::areas::read(input(AREAS)?, Format::GeoJson, None)? {
        let row = row.map_err(|refused| anyhow::anyhow!("the sample areas have a fault: {:?}", refused.problems))?;
        areas.add(row.patch)?;
    }
    areas.flush()?;
    areas.relocate()?;
    let doors = exchange::front_doors::read(input(FRONT_DOORS)?, Format::Json, vocabulary)?
        .map(|row| row.map(|row| row.front_door))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|refused| anyhow::anyhow!("the sample front doors have a fault: {:?}", refused.problems))?;
    save_front_doors(store, &doors, "demo")?;

    let municipality = MUNICIPALITY.parse().context("the code of Amsterdam")?;
    let options = ImportOptions { municipality: Some(municipality), source: SOURCE.into(), dry_run: false };
    let mut importer = Importer::new(store.clone(), area_index(store)?, options);
    let bar = bar(LISTINGS.iter().map(|text| text.len() as u64).sum(), "sample listings");
    for text in LISTINGS {
        let reading = ReadOptions { format: Format::Json, vocabulary, mapping: None, source: None };
        for row in exchange::read(input(text)?, reading)? {
            let fault =
                |refused: exchange::RefusedRow| anyhow::anyhow!("a sample listing has a fault: {:?}", refused.problems);
            let row = row.map_err(fault)?;
            let offering = row.check(vocabulary).map_err(fault)?;
            if let Err(violation) = importer.add(row.row, offering, row.municipality.as_deref())? {
                anyhow::bail!("a sample listing has a fault: {violation:?}");
            }
            bar.inc(row.raw.len() as u64);
        }
    }
    let tally = importer.finish()?;
    let mut postcodes = PostcodeImporter::new(store.clone(), "demo");
    for row in exchange::postcodes::read(input(POSTCODES)?, Format::Csv)? {
        let told = row.map_err(|refused| anyhow::anyhow!("a sample postcode has a fault: {:?}", refused.problems))?;
        postcodes.add(told);
    }
    postcodes.finish(false)?;
    // An older version of the program may have brought listings that said more.
    importer.take_back_unsaid()?;
    bar.finish_and_clear();
    Ok(tally)
}

/// Waits until the index holds a change.
fn wait_for(node: &crate::directory::Node, change: crate::domain::ChangeNumber) -> anyhow::Result<()> {
    let bar = bar(0, "index");
    loop {
        match node.snapshot() {
            Ok(snapshot) if snapshot.watermark().change >= change => break,
            Ok(_) => {}
            // Another demo on another address: this one would wait as long as that one runs.
            Err(building) if building.wait == Some(Wait::OtherProcess) => anyhow::bail!("{building}"),
            Err(building) => {
                bar.set_length(building.of);
                bar.set_position(building.done);
            }
        }
        anyhow::ensure!(!node.is_stopped(), "stopped before the index was whole");
        std::thread::sleep(Duration::from_millis(20));
    }
    bar.finish_and_clear();
    Ok(())
}

fn bar(length: u64, what: &'static str) -> ProgressBar {
    let form = "{msg} {wide_bar} {percent}%";
    // The form above is right; a bar without it is still a bar.
    let style = ProgressStyle::with_template(form).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(length).with_style(style).with_message(what)
}

fn greet(address: std::net::SocketAddr) {
    println!(
        "\nWegwijzer is ready. Try:\n\n  \
         http://{address}/v1/offerings?q=lotgenoten%20rouw&near=52.3696,4.9294&radius=1500&facets=theme,cost,language\n  \
         http://{address}/v1/offerings?cost=free&weekday=thursday&partOfDay=morning&area=BU0363FJ01\n  \
         http://{address}/v1/schemes/theme?lang=en\n\n\
         The description of the API: http://{address}/v1/openapi.json\nStop with Ctrl-C."
    );
}
