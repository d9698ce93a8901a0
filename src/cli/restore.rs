//! `wegwijzer restore`: put back what was there before a change.

use std::process::ExitCode;

use anyhow::bail;
use clap::Args;

use super::history::deed;
use super::open_present_store;
use crate::config::Config;
use crate::directory;
use crate::domain::draft::MAX_LINE;
use crate::domain::{ChangeNumber, EntityKind, text};
use crate::store::Actor;
use crate::vocabulary;

/// Before which change, and why.
#[derive(Args)]
#[command(after_help = "\
`wegwijzer history` tells the numbers of the changes. What was there before the change is checked
and written as a new version with a change of its own, which can be put back in turn: to undo a
restore, restore its change.

Before it was made an offering was not there: putting that back withdraws it. An offering that was
withdrawn comes back with its number, id and sessions. Later changes of the same thing are lost
with it, and stay in its history. An offering keeps its organizations as they are now; these have
a history of their own.

The source does not know of this. When it is imported again and still says what was undone, it is
so again: have it mended there too.

Exit status: 0 it is put back, or was so already; 2 nothing was done.

Examples:
  wegwijzer restore 231 --dry-run               what would happen
  wegwijzer restore 231 --reason duplicate      kept with the change")]
pub struct RestoreArgs {
    /// Number of the change before which it was as it should be
    #[arg(value_name = "CHANGE", value_parser = clap::value_parser!(i64).range(1..))]
    change: i64,
    /// Why; kept in the history. Never a person's name
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Tell what would happen, and write nothing
    #[arg(long)]
    dry_run: bool,
}

/// Puts it back.
pub fn run(config: &Config, args: &RestoreArgs) -> anyhow::Result<ExitCode> {
    let store = open_present_store(config)?;
    let vocabulary = vocabulary::load(config.vocabulary.as_deref())?;
    let reason = args.reason.as_deref().map(text::clean_line).filter(|reason| !reason.is_empty());
    if let Some(long) = reason.as_ref().filter(|reason| reason.chars().count() > MAX_LINE) {
        bail!("the reason has {} characters: at most {MAX_LINE} are kept", long.chars().count());
    }
    let actor = Actor { name: "command line".into(), reason };
    let done = directory::restore(&store, &vocabulary, ChangeNumber(args.change), &actor, args.dry_run)?;

    let change = &done.wanted.change;
    let what = format!("{} {}", change.entity.as_str(), change.entity_id);
    match &done.made {
        None => println!("The {what} is already as it was before change {}: nothing is written.", change.number),
        Some(made) if args.dry_run => {
            println!("The {what} would be as it was before change {}: {}.", change.number, deed(made));
            println!("Nothing is written (--dry-run).");
        }
        Some(made) => {
            println!("The {what} is as it was before change {}: {}.", change.number, deed(made));
            println!("That is change {}, version {}.", made.change.number, made.version);
        }
    }
    if !args.dry_run && change.entity == EntityKind::Area {
        let moved = done.relocated;
        println!("{} locations lie in other areas now, of {} offerings.", moved.locations, moved.offerings);
    }
    Ok(ExitCode::SUCCESS)
}
