//! `wegwijzer export`: all offerings to a file, drafts and archived ones too.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

use super::open_present_store;
use crate::config::Config;
use crate::domain::{ItemNumber, LanguageTag, MunicipalityCode, StoredOffering};
use crate::exchange::{Format, OfferingWriter};
use crate::store::Store;
use crate::vocabulary;

/// Where to write, and what.
#[derive(Args)]
#[command(after_help = "\
Examples:
  wegwijzer export listings.ndjson                        everything, to keep or to move
  wegwijzer export amsterdam.csv --municipality GM0363    for a spreadsheet
  wegwijzer export map.geojson                            what has a place, for a map

JSON, NDJSON and CSV hold all that an editor keeps and can be imported again. GeoJSON holds what the
public sees of places with a position.")]
pub struct ExportArgs {
    /// File to write; its extension tells the form: csv, json, ndjson or geojson
    file: PathBuf,
    /// Form of the file: csv, json, ndjson or geojson [default: by its extension]
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// Only what this municipality keeps: its code, as GM0363, or NL
    #[arg(long, value_name = "CODE")]
    municipality: Option<MunicipalityCode>,
}

/// Runs the export: the file gets its name when it is whole.
pub fn run(config: &Config, args: &ExportArgs) -> anyhow::Result<ExitCode> {
    let vocabulary = vocabulary::load(config.vocabulary.as_deref())?;
    let format = args.format.or_else(|| Format::of_path(&args.file));
    let format =
        format.context("the file's name does not tell its form: give --format csv, json, ndjson or geojson")?;
    let store = open_present_store(config)?;
    let languages = if format == Format::Csv { languages(&store, args)? } else { Vec::new() };

    let part = part_of(&args.file);
    let out = File::create(&part).with_context(|| format!("{} cannot be written", part.display()))?;
    let mut writer = OfferingWriter::new(format, BufWriter::new(out), &vocabulary, &languages)?;
    each(&store, args, |stored| Ok(writer.write(stored)?))?;
    let written = writer.finish()?;
    std::fs::rename(&part, &args.file).with_context(|| format!("{} cannot be written", args.file.display()))?;
    println!("{} offerings are in {}.", written.offerings, args.file.display());
    if written.incomplete > 0 {
        println!("{} of them hold more than this form can say; NDJSON holds everything.", written.incomplete);
    }
    if written.without_position > 0 {
        println!("{} are left out: no place of theirs can be put on a map.", written.without_position);
    }
    if written.not_public > 0 {
        println!("{} are left out: the public may not see them.", written.not_public);
    }
    Ok(ExitCode::SUCCESS)
}

fn part_of(file: &Path) -> PathBuf {
    let mut part = file.as_os_str().to_owned();
    part.push(".part");
    part.into()
}

/// Goes through the offerings that are not deleted, in the order of their numbers.
fn each(
    store: &Store,
    args: &ExportArgs,
    mut work: impl FnMut(&StoredOffering) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut after = ItemNumber(0);
    loop {
        let some = store.offerings_after(after, 500)?;
        let Some(last) = some.last() else { return Ok(()) };
        after = last.number;
        let wanted = |stored: &&StoredOffering| {
            stored.deleted_at.is_none() && args.municipality.as_ref().is_none_or(|code| *code == stored.municipality)
        };
        some.iter().filter(wanted).try_for_each(&mut work)?;
    }
}

/// The languages that something is translated into: a CSV file has columns for each.
fn languages(store: &Store, args: &ExportArgs) -> anyhow::Result<Vec<LanguageTag>> {
    let mut languages = BTreeSet::new();
    each(store, args, |stored| {
        languages.extend(stored.offering.translations.iter().map(|translation| translation.language.clone()));
        Ok(())
    })?;
    Ok(languages.into_iter().collect())
}
