//! `wegwijzer import`: offerings, areas, postcodes, front doors or own words from a file.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::open_store;
use crate::addresses::{AddressError, AddressService};
use crate::app::addresses;
use crate::areas::UnnamedArea;
use crate::config::Config;
use crate::directory::{
    AreaImporter, ImportOptions, Importer, PostcodeImporter, area_index, locate_addresses, save_front_doors,
    save_wordings,
};
use crate::domain::{AreaCode, MunicipalityCode, Tally, Violation, Vocabulary};
use crate::exchange::areas::AreaRow;
use crate::exchange::{self, Format, Input, Mapping, Problem, ReadOptions, RefusedRow, Report, Reporter};
use crate::vocabulary;

/// What to import, and how.
#[derive(Args)]
#[command(override_usage = "\
wegwijzer import [OPTIONS] FILE                offerings
       wegwijzer import [OPTIONS] areas FILE          municipalities, districts and neighbourhoods
       wegwijzer import [OPTIONS] postcodes FILE      where postcodes are
       wegwijzer import [OPTIONS] front-doors FILE    where the questions of areas go first
       wegwijzer import [OPTIONS] wording FILE        what residents call things, by municipality
       wegwijzer import --template                    files to begin with")]
#[command(after_help = "\
Exit status: 0 everything came in, 1 some rows were refused, 2 nothing was done.

Examples:
  wegwijzer import --template                         an empty and an example CSV file
  wegwijzer import listings.csv --municipality GM0363 --dry-run
  wegwijzer import places.geojson --mapping data/mappings/amsterdam-voorzieningen.toml
  wegwijzer import areas buurten.geojson.gz
  wegwijzer import postcodes pc4.csv                  then near=1069 works
  wegwijzer import front-doors doors.json
  wegwijzer import wording words.json                 searches follow within a second

docs/import.md describes the columns, the mapping and the report.")]
pub struct ImportArgs {
    // Hidden, since the usage says it better than clap can: the first of two names may be left out.
    #[arg(hide = true, num_args = 1..=2, value_names = ["WHAT", "FILE"], required_unless_present = "template")]
    what_and_file: Vec<String>,
    /// Form of the file: csv, json, ndjson or geojson [default: by its extension]
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// What the properties of a GeoJSON file mean (docs/import.md)
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Who keeps the offerings whose rows do not say: the code of a municipality, as GM0363, or NL
    #[arg(long, value_name = "CODE")]
    municipality: Option<MunicipalityCode>,
    /// What the source is called; with the external id it finds a listing again [default: the file's name]
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// Reference year of the areas in a file that does not say
    #[arg(long, value_name = "YEAR")]
    year: Option<i32>,
    /// Tell what would happen, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// The file is the whole of its source: what the source said before and does not say now is withdrawn
    #[arg(long)]
    complete: bool,
    /// Write every problem here (CSV, or JSON when it ends in .json), and refused rows beside it
    /// [default: NAME.report.csv in this folder, when rows are refused]
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Write an empty and an example CSV file into this folder, and end
    #[arg(long)]
    template: bool,
}

/// Runs the import.
pub fn run(config: &Config, args: &ImportArgs) -> anyhow::Result<ExitCode> {
    if args.template {
        return write_template();
    }
    let (what, file) = match args.what_and_file.as_slice() {
        [file] => ("offerings", PathBuf::from(file)),
        [what, file] => (what.as_str(), PathBuf::from(file)),
        _ => bail!("give a file to import"),
    };
    match what {
        "offerings" => offerings(config, args, &file),
        "areas" | "postcodes" | "front-doors" | "wording"
            if args.municipality.is_some() || args.mapping.is_some() || args.complete =>
        {
            bail!("--municipality, --mapping and --complete are for offerings: {what} do not know them")
        }
        "areas" => areas(config, args, &file),
        "postcodes" => postcodes(config, args, &file),
        "front-doors" => front_doors(config, args, &file),
        "wording" => wording(config, args, &file),
        other => {
            bail!("'{other}' cannot be imported: give offerings, areas, postcodes, front-doors or wording, and a file")
        }
    }
}

fn write_template() -> anyhow::Result<ExitCode> {
    for (name, text) in
        [("wegwijzer-template.csv", exchange::template()), ("wegwijzer-example.csv", exchange::example())]
    {
        std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(name)
            .and_then(|mut file| std::io::Write::write_all(&mut file, text.as_bytes()))
            .with_context(|| format!("{name} cannot be written"))?;
        println!("{name} is written.");
    }
    Ok(ExitCode::SUCCESS)
}

fn format_of(args: &ImportArgs, file: &Path) -> anyhow::Result<Format> {
    args.format.or_else(|| Format::of_path(file)).with_context(|| {
        format!("the name of {} does not tell its form: give --format csv, json, ndjson or geojson", file.display())
    })
}

/// What the file is called without its folder and extensions, as the name of a source.
fn stem(file: &Path) -> String {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    name.split('.').next().unwrap_or_default().to_owned()
}

fn offerings(config: &Config, args: &ImportArgs, file: &Path) -> anyhow::Result<ExitCode> {
    let vocabulary = Arc::new(vocabulary::load(config.vocabulary.as_deref())?);
    let format = format_of(args, file)?;
    let mapping = args.mapping.as_deref().map(|path| Mapping::load(path, &vocabulary)).transpose()?;
    let source = args.source.clone().unwrap_or_else(|| stem(file));
    let store = open_store(config)?;
    let options =
        ImportOptions { municipality: args.municipality.clone(), source: source.clone(), dry_run: args.dry_run };
    let mut importer = Importer::new(store.clone(), area_index(&store)?, options);

    let reading = ReadOptions { format, vocabulary: &vocabulary, mapping: mapping.as_ref(), source: Some(&source) };
    let rows = exchange::read(Input::open(file)?, reading)?;
    let mut reporter = reporter(args, file, format, rows.header())?;
    let bar = byte_bar(rows.progress());
    let taken = take_in(rows, &mut importer, &mut reporter, &vocabulary, addresses(config).as_deref(), &bar);
    bar.finish_and_clear();
    let tally = importer.tally();
    let report = finish(args, reporter, tally)?;
    print!("{report}");
    if let Err(error) = taken {
        // What was acknowledged stays, and the person was told how far it came.
        let stored = if args.dry_run { "nothing is stored" } else { "what is counted above is stored" };
        eprintln!("wegwijzer: the import ended early, and {stored}: {error:#}");
        return Ok(ExitCode::from(if tally.total() > 0 && !args.dry_run { 1 } else { 2 }));
    }
    if let Some(path) = &report.refused_file {
        // The source is what finds a listing again: with the name of another file each would come in twice.
        let tenant = args.municipality.as_ref().map(|code| format!(" --municipality {code}")).unwrap_or_default();
        println!("Once mended:  wegwijzer import {} --source '{source}'{tenant}", path.display());
    }
    if args.dry_run {
        println!("Nothing is written (--dry-run).");
    }
    if args.complete && report.refused > 0 {
        println!("Nothing is withdrawn: rows were refused, so the file does not tell the whole source.");
    } else if args.complete {
        let would = if args.dry_run { " would be" } else { "" };
        println!("{}{would} withdrawn that the source no longer names.", importer.withdraw_others()?);
    }
    tell_unsaid(&mut importer, report.refused, args.dry_run)?;
    Ok(exit_code(report.refused, tally.total()))
}

/// Takes back what the file no longer says of organizations, and tells it when there is something to tell.
fn tell_unsaid(importer: &mut Importer, refused: u64, dry_run: bool) -> anyhow::Result<()> {
    if refused > 0 {
        let kept = importer.count_unsaid()?;
        if kept > 0 {
            println!("Organizations that keep what the file no longer says, since a refused row may say it: {kept}.");
        }
        return Ok(());
    }
    let retold = importer.take_back_unsaid()?;
    if retold > 0 {
        let lose = if dry_run { "would lose" } else { "lose" };
        println!("Organizations that {lose} what the source no longer says of them: {retold}.");
    }
    let kept = importer.count_kept(retold)?;
    if kept > 0 {
        let why = "since listings that are not in it name them too (--complete withdraws those)";
        println!("Organizations that keep what the file does not say, {why}: {kept}.");
    }
    Ok(())
}

/// A row whose address could not be looked up waits, so that what was known of it is not lost.
fn away(error: &AddressError) -> Violation {
    let detail = format!("{error}: import the refused rows again later, or without --address-service");
    Violation { pointer: "/sessions".to_owned(), detail }
}

fn take_in(
    rows: exchange::Rows<'_>,
    importer: &mut Importer,
    reporter: &mut Reporter,
    vocabulary: &Vocabulary,
    addresses: Option<&dyn AddressService>,
    bar: &ProgressBar,
) -> anyhow::Result<()> {
    let progress = rows.progress();
    for (count, row) in (1u64..).zip(rows) {
        let refused = match row.and_then(|row| row.check(vocabulary).map(|offering| (row, offering))) {
            Ok((row, mut offering)) => {
                let mut notices = row.notices(&offering);
                if let Some(service) = addresses {
                    match locate_addresses(&mut offering, service) {
                        Ok(unknown) => notices.extend(unknown.into_iter().map(|at| row.unknown_address(at))),
                        Err(error) => {
                            reporter.refuse(&row.refuse(&[away(&error)]))?;
                            continue;
                        }
                    }
                }
                match importer.add(row.row, offering, row.municipality.as_deref())? {
                    Ok(()) => {
                        notices.iter().try_for_each(|notice| reporter.note(notice))?;
                        None
                    }
                    Err(violation) => Some(row.refuse(&[violation])),
                }
            }
            Err(refused) => Some(refused),
        };
        if let Some(refused) = refused {
            reporter.refuse(&refused)?;
        }
        if count.is_multiple_of(64) {
            bar.set_position(progress.position());
            bar.set_message(format!("{count} rows"));
        }
    }
    importer.finish()?;
    Ok(())
}

fn areas(config: &Config, args: &ImportArgs, file: &Path) -> anyhow::Result<ExitCode> {
    let format = format_of(args, file)?;
    let store = open_store(config)?;
    let source = args.source.clone().unwrap_or_else(|| stem(file));
    let rows = exchange::areas::read(Input::open(file)?, format, args.year)?;
    let mut reporter = reporter(args, file, format, rows.header())?;
    let mut importer = AreaImporter::new(store, &source, args.dry_run);
    let bar = byte_bar(rows.progress());
    let progress = rows.progress();
    // Rows that name an area nobody knows are told with the others, but only when their batch was compared.
    let mut waiting: HashMap<AreaCode, Vec<AreaRow>> = HashMap::new();
    for row in rows {
        match row {
            Ok(row) => {
                waiting.entry(row.patch.code.clone()).or_default().push(row.clone());
                if let Some(unnamed) = importer.add(row.patch)? {
                    refuse_unnamed(unnamed, &mut waiting, &mut reporter)?;
                }
            }
            Err(refused) => reporter.refuse(&refused)?,
        }
        bar.set_position(progress.position());
    }
    let unnamed = importer.flush()?;
    refuse_unnamed(unnamed, &mut waiting, &mut reporter)?;
    bar.finish_and_clear();
    let tally = importer.tally();
    let report = finish(args, reporter, tally)?;
    print!("{report}");
    if args.dry_run {
        println!("Nothing is written (--dry-run).");
    } else {
        // Also when nothing is new: an earlier run may have ended before this.
        let moved = importer.relocate()?;
        println!("{} locations lie in other areas now, of {} offerings.", moved.locations, moved.offerings);
    }
    Ok(exit_code(report.refused, tally.total()))
}

fn refuse_unnamed(
    unnamed: Vec<UnnamedArea>,
    waiting: &mut HashMap<AreaCode, Vec<AreaRow>>,
    reporter: &mut Reporter,
) -> anyhow::Result<()> {
    for fault in unnamed {
        for row in waiting.remove(&fault.0).unwrap_or_default() {
            let problem = Problem::of_row(row.row, fault.to_string());
            reporter.refuse(&RefusedRow { raw: Some(row.raw), problems: vec![problem] })?;
        }
    }
    waiting.clear();
    Ok(())
}

fn front_doors(config: &Config, args: &ImportArgs, file: &Path) -> anyhow::Result<ExitCode> {
    let format = format_of(args, file)?;
    let source = args.source.clone().unwrap_or_else(|| stem(file));
    let mut reporter = reporter(args, file, format, None)?;
    let vocabulary = vocabulary::load(config.vocabulary.as_deref())?;
    let mut doors = Vec::new();
    for row in exchange::front_doors::read(Input::open(file)?, format, &vocabulary)? {
        match row {
            Ok(row) => doors.push(row.front_door),
            Err(refused) => reporter.refuse(&refused)?,
        }
    }
    let report = finish(args, reporter, Tally::default())?;
    if report.refused > 0 {
        // The doors of an area come together: a file of which one is refused would take that one away.
        print!("{report}");
        println!("Nothing is written: the front doors of a file take the place of those that their areas had.");
        return Ok(ExitCode::from(2));
    }
    if args.dry_run {
        println!("{} front doors read. Nothing is written (--dry-run).", doors.len());
        return Ok(ExitCode::SUCCESS);
    }
    let changed = save_front_doors(&open_store(config)?, &doors, &source)?;
    println!("{} front doors read; {changed} areas have others now.", doors.len());
    Ok(ExitCode::SUCCESS)
}

fn postcodes(config: &Config, args: &ImportArgs, file: &Path) -> anyhow::Result<ExitCode> {
    let format = format_of(args, file)?;
    let source = args.source.clone().unwrap_or_else(|| stem(file));
    let mut importer = PostcodeImporter::new(open_store(config)?, &source);
    let rows = exchange::postcodes::read(Input::open(file)?, format)?;
    let mut reporter = reporter(args, file, format, Some(&rows.header))?;
    let (bar, progress) = (byte_bar(rows.progress.clone()), rows.progress.clone());
    let mut read = 0u64;
    for row in rows {
        match row {
            Ok(told) => {
                importer.add(told);
                read += 1;
            }
            Err(refused) => reporter.refuse(&refused)?,
        }
        bar.set_position(progress.position());
    }
    bar.finish_and_clear();
    let tally = importer.finish(args.dry_run)?;
    let report = finish(args, reporter, tally)?;
    print!("{report}");
    println!("{read} postcodes read; the counts are of those with the same four digits together.");
    if args.dry_run {
        println!("Nothing is written (--dry-run).");
    }
    Ok(exit_code(report.refused, read))
}

fn wording(config: &Config, args: &ImportArgs, file: &Path) -> anyhow::Result<ExitCode> {
    let vocabulary = vocabulary::load(config.vocabulary.as_deref())?;
    let format = format_of(args, file)?;
    let source = args.source.clone().unwrap_or_else(|| stem(file));
    let store = open_store(config)?;
    let mut reporter = reporter(args, file, format, None)?;
    let mut wordings = Vec::new();
    for row in exchange::wording::read(Input::open(file)?, format, &vocabulary)? {
        match row {
            Ok(wording) => wordings.push(wording),
            Err(refused) => reporter.refuse(&refused)?,
        }
    }
    let changed = save_wordings(&store, &wordings, &source, args.dry_run)?;
    let tally = Tally { changed, same: wordings.len() as u64 - changed, ..Tally::default() };
    let report = finish(args, reporter, tally)?;
    print!("{report}");
    if args.dry_run {
        println!("Nothing is written (--dry-run).");
    }
    Ok(exit_code(report.refused, tally.total()))
}

/// Begins the report: where it was asked for, or in the present folder, so that no refused row is lost.
fn reporter(args: &ImportArgs, file: &Path, format: Format, header: Option<&str>) -> anyhow::Result<Reporter> {
    let Some(path) = &args.report else {
        let here = PathBuf::from(format!("{}.report.csv", stem(file)));
        // In a folder that cannot be written to, the screen must do.
        return Ok(
            Reporter::new(Some(&here), file, format, header).or_else(|_| Reporter::new(None, file, format, header))?
        );
    };
    Ok(Reporter::new(Some(path), file, format, header)?)
}

/// Ends the report; one that nobody asked for stays only when it tells something.
fn finish(args: &ImportArgs, reporter: Reporter, tally: Tally) -> anyhow::Result<Report> {
    let mut report = reporter.finish(tally)?;
    if args.report.is_none()
        && report.refused == 0
        && let Some(path) = report.report_file.take()
    {
        std::fs::remove_file(&path).with_context(|| format!("{} cannot be removed", path.display()))?;
    }
    Ok(report)
}

fn byte_bar(progress: exchange::Progress) -> ProgressBar {
    let bar = match progress.size() {
        Some(size) => ProgressBar::new(size),
        None => ProgressBar::no_length(),
    };
    let form = "{wide_bar} {bytes}/{total_bytes}, {msg}, {bytes_per_sec}, {eta} left";
    // The form above is right; a bar without it is still a bar.
    bar.set_style(ProgressStyle::with_template(form).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn exit_code(refused: u64, let_in: u64) -> ExitCode {
    match (refused, let_in) {
        (0, _) => ExitCode::SUCCESS,
        (_, 0) => ExitCode::from(2),
        _ => ExitCode::from(1),
    }
}
