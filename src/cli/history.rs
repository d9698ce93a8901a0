//! `wegwijzer history`: what was changed, by whom and why.

use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::open_present_store;
use crate::config::Config;
use crate::domain::{
    AreaCode, Deed, EntityKind, ItemNumber, LocationId, MunicipalityCode, OfferingId, OrganizationId, Postcode,
    Revision,
};
use crate::store::Store;

/// Of what to tell the history.
#[derive(Args)]
#[command(after_help = "\
Every change has a number. `wegwijzer restore NUMBER` puts back what was there before it.

An organization and a location are made with the first offering that names them; their history
begins with what was changed since. What a session shows of them is theirs: look there when an
offering is shown otherwise without a change of its own.

Exit status: 0 it is told, 2 there is no such thing.

Examples:
  wegwijzer history offering 14                       by its short number
  wegwijzer history offering 0198c0de-0000-7000-8000-000000000014      by its id
  wegwijzer history organization 0198c0de-0000-7000-8000-000000000015
  wegwijzer history area BU0363AK05                   outline, figures and front doors
  wegwijzer history wording GM0363                    what residents call things
  wegwijzer history offering 14 --json                with what was and what is, for machines")]
pub struct HistoryArgs {
    /// What it is
    what: What,
    /// Which one: the number or the id of an offering, the id of an organization or a location, the code of an area or a
    /// municipality, or four digits
    #[arg(value_name = "WHICH")]
    which: String,
    /// Tell it as JSON, with the content before and after each change
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum What {
    /// An offering with its sessions
    Offering,
    /// Who offers something
    Organization,
    /// Where something is
    Location,
    /// A municipality, district or neighbourhood
    Area,
    /// The own words of a municipality
    Wording,
    /// The postcodes with the same four digits
    Postcode,
}

impl What {
    fn entity(self) -> EntityKind {
        match self {
            Self::Offering => EntityKind::Offering,
            Self::Organization => EntityKind::Organization,
            Self::Location => EntityKind::Location,
            Self::Area => EntityKind::Area,
            Self::Wording => EntityKind::Wording,
            Self::Postcode => EntityKind::Postcode,
        }
    }
}

/// Tells the history.
pub fn run(config: &Config, args: &HistoryArgs) -> anyhow::Result<ExitCode> {
    let store = open_present_store(config)?;
    let entity = args.what.entity();
    let id = id_of(&store, args)?;
    let Some(revisions) = store.history(entity, &id)? else {
        bail!("there is no {} {}", entity.as_str(), args.which);
    };
    if args.json {
        let revisions: Vec<Value> = revisions.iter().map(as_json).collect();
        println!("{:#}", json!({ "entity": entity, "id": id, "revisions": revisions }));
        return Ok(ExitCode::SUCCESS);
    }
    println!("{} {id}", entity.as_str());
    if revisions.is_empty() {
        println!("Nothing was changed since it was made.");
    }
    for revision in &revisions {
        println!("{}", line(revision));
    }
    Ok(ExitCode::SUCCESS)
}

/// The id under which the store keeps what is meant.
fn id_of(store: &Store, args: &HistoryArgs) -> anyhow::Result<String> {
    let which = args.which.as_str();
    let not_an_id = |example: &str| format!("'{which}' is not {example}");
    Ok(match args.what {
        What::Offering => match which.parse::<i64>() {
            Ok(number) => {
                let next = store.offering_ids_after(ItemNumber(number.saturating_sub(1)), 1)?;
                let found = next.into_iter().find(|(found, _)| found.0 == number);
                found.with_context(|| format!("there is no offering {number}"))?.1.to_string()
            }
            Err(_) => {
                which.parse::<OfferingId>().with_context(|| not_an_id("the number or id of an offering"))?.to_string()
            }
        },
        What::Organization => {
            which.parse::<OrganizationId>().with_context(|| not_an_id("the id of an organization"))?.to_string()
        }
        What::Location => which.parse::<LocationId>().with_context(|| not_an_id("the id of a location"))?.to_string(),
        What::Area => which.parse::<AreaCode>()?.to_string(),
        What::Wording => which.parse::<MunicipalityCode>()?.to_string(),
        What::Postcode => which.parse::<Postcode>()?.digits().as_str().to_owned(),
    })
}

fn as_json(revision: &Revision) -> Value {
    json!({
        "change": revision.change.number,
        "at": revision.change.at,
        "actor": revision.actor,
        "reason": revision.reason,
        "version": revision.version,
        "deed": revision.deed(),
        "fields": revision.changed_fields(),
        "before": revision.before,
        "after": revision.after,
    })
}

/// One revision in one line.
fn line(revision: &Revision) -> String {
    let at = revision.change.at.format("%Y-%m-%d %H:%M:%SZ");
    let reason = revision.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    let (number, version) = (revision.change.number, revision.version);
    format!("change {number}  {at}  version {version}  {}{reason}: {}", revision.actor, deed(revision))
}

/// What a revision did, in words.
pub fn deed(revision: &Revision) -> String {
    match revision.deed() {
        Deed::Made => "made".into(),
        Deed::BroughtBack => "brought back".into(),
        Deed::Withdrawn => "withdrawn".into(),
        Deed::Changed => format!("changed {}", revision.changed_fields().join(" ")),
    }
}
