//! `wegwijzer export`: all offerings to a file, drafts and archived ones too; or the own words of municipalities.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Args;

use super::open_present_store;
use crate::config::Config;
use crate::domain::{ItemNumber, LanguageTag, MunicipalityCode, StoredOffering};
use crate::exchange::{self, Format, OfferingWriter};
use crate::store::Store;
use crate::vocabulary;

/// Where to write, and what.
#[derive(Args)]
#[command(override_usage = "\
wegwijzer export [OPTIONS] FILE                offerings
       wegwijzer export [OPTIONS] wording FILE        what residents call things, by municipality")]
#[command(after_help = "\
Examples:
  wegwijzer export listings.ndjson                        everything, to keep or to move
  wegwijzer export amsterdam.csv --municipality GM0363    for a spreadsheet
  wegwijzer export map.geojson                            what has a place, for a map
  wegwijzer export wording words.json                     own words, to change and import again

JSON, NDJSON and CSV hold all that an editor keeps and can be imported again. GeoJSON holds what the
public sees of places with a position.")]
pub struct ExportArgs {
    // Hidden, since the usage says it better than clap can: the first of two names may be left out.
    #[arg(hide = true, num_args = 1..=2, value_names = ["WHAT", "FILE"], required = true)]
    what_and_file: Vec<String>,
    /// Form of the file: csv, json, ndjson or geojson [default: by its extension]
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// Only what this municipality keeps: its code, as GM0363, or NL
    #[arg(long, value_name = "CODE")]
    municipality: Option<MunicipalityCode>,
}

/// Runs the export: the file gets its name when it is whole.
pub fn run(config: &Config, args: &ExportArgs) -> anyhow::Result<ExitCode> {
    let (what, file) = match args.what_and_file.as_slice() {
        [file] => ("offerings", PathBuf::from(file)),
        [what, file] => (what.as_str(), PathBuf::from(file)),
        _ => bail!("give a file to write"),
    };
    let format = args.format.or_else(|| Format::of_path(&file));
    let format =
        format.context("the file's name does not tell its form: give --format csv, json, ndjson or geojson")?;
    match what {
        "offerings" => offerings(config, args, format, &file),
        "wording" => wording(config, args, format, &file),
        other => bail!("'{other}' cannot be exported: give offerings or wording, and a file"),
    }
}

fn wording(config: &Config, args: &ExportArgs, format: Format, file: &Path) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(matches!(format, Format::Json | Format::Ndjson), "own words are written as json or ndjson");
    let mut wordings = open_present_store(config)?.wordings()?;
    wordings.retain(|wording| args.municipality.as_ref().is_none_or(|code| *code == wording.municipality));
    let part = part_of(file);
    let mut out = BufWriter::new(File::create(&part).with_context(|| format!("{} cannot be written", part.display()))?);
    exchange::wording::write(&wordings, format, &mut out)?;
    out.flush()?;
    std::fs::rename(&part, file).with_context(|| format!("{} cannot be written", file.display()))?;
    println!("Municipalities whose own words are in {}: {}.", file.display(), wordings.len());
    Ok(ExitCode::SUCCESS)
}

fn offerings(config: &Config, args: &ExportArgs, format: Format, file: &Path) -> anyhow::Result<ExitCode> {
    let vocabulary = vocabulary::load(config.vocabulary.as_deref())?;
    let store = open_present_store(config)?;
    let languages = if format == Format::Csv { languages(&store, args)? } else { Vec::new() };

    let part = part_of(file);
    let out = File::create(&part).with_context(|| format!("{} cannot be written", part.display()))?;
    let mut writer = OfferingWriter::new(format, BufWriter::new(out), &vocabulary, &languages)?;
    each(&store, args, |stored| Ok(writer.write(stored)?))?;
    let written = writer.finish()?;
    std::fs::rename(&part, file).with_context(|| format!("{} cannot be written", file.display()))?;
    println!("{} offerings are in {}.", written.offerings, file.display());
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
