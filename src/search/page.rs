//! The answer to a search.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::domain::{BarrierKind, Barriers, Crisis, Distance, FrontDoor, Joinable, Occurrence, Position, Session};

use super::card::Card;
use super::places::NamedPlace;

/// One page of hits, with what was counted.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SearchPage {
    /// How many offerings fit.
    pub total: u64,
    /// Which page this is, from 1 on.
    pub page: usize,
    /// How many hits a page has at most.
    pub page_size: usize,
    /// Whom to call, when the words may mean that somebody is in need now. Nothing of it is stored, counted or logged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crisis: Option<Crisis>,
    /// What the words were taken to mean; nothing without words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub understood: Option<Interpretation>,
    /// The place that `near` named: distances are measured from its middle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub near: Option<NamedPlace>,
    /// The radius around `near` in metres that was drawn because none was given: what is near there, and wider until
    /// there is enough. Nothing when even far away there was not: then all there is counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 1000)]
    pub radius: Option<Distance>,
    /// Where to ask first, when a need is broad and it is known where somebody asks: the front doors of the
    /// neighbourhood, or of what it lies in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub front_doors: Vec<FrontDoor>,
    /// The hits of this page, in order.
    pub hits: Vec<Hit>,
    /// The counts of each asked facet, by its name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub facets: BTreeMap<&'static str, FacetCounts>,
    /// What fits everything but the asked place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elsewhere: Option<Elsewhere>,
    /// Other searches that find more, when fewer than three fit.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub relaxations: Vec<Relaxation>,
    /// What helps with every question, when fewer than three fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nearby: Option<Nearby>,
    /// The moment whose data this is.
    pub data_as_of: DateTime<Utc>,
}

/// A search that asks for less than this one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Relaxation {
    /// The parameters that it does not have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<&'static str>,
    /// The parameters that it has instead, with their values.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<&'static str, String>,
    /// How many offerings it finds.
    pub total: u64,
}

/// What helps with every question.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Nearby {
    /// The nearest place to meet people; without a position one of the asked areas, or of all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meeting_place: Option<Hit>,
    /// The nearest hour at which one may walk in with a question.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub walk_in: Option<Hit>,
    /// Whom to call in the neighbourhood.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub front_doors: Vec<FrontDoor>,
}

/// What the words of a question were taken to mean.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Interpretation {
    /// Whether every hit has all of the words, or concepts that say the same. Otherwise too few had, and each has some.
    pub hits_have_all: bool,
    /// What was looked for, one by one.
    pub words: Vec<String>,
    /// Words that were taken to say nothing of what is sought.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unused: Vec<String>,
    /// Words that nothing knows, with those that were looked for instead.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub repaired: Vec<Repaired>,
    /// Words of listings that say nearly the same, or a kind of it, and were looked for too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<RelatedWords>,
    /// The question as it may have been meant, where that is not certain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub did_you_mean: Option<String>,
    /// What was read out of the words. `not=` switches each kind off by its name, and `understand=false` all.
    pub readings: Vec<Read>,
}

/// A word of a question with other words that were looked for too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RelatedWords {
    /// The word.
    #[schema(example = "wandelen")]
    pub word: String,
    /// The others, the nearest first.
    pub with: Vec<String>,
}

/// A misspelt word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Repaired {
    /// As it was typed.
    pub typed: String,
    /// What was looked for.
    pub word: String,
}

/// Something that was read out of words.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Read {
    /// What it is: the name of a scheme, or `weekday`, `partOfDay`, `when`, `area`, `near` (in
    /// metres), `age` and `gender` (of whom it is for), `need` (something that is likely needed in particular; its label
    /// is Dutch).
    pub reads: &'static str,
    /// The values.
    pub values: Vec<ReadValue>,
    /// The words that say so; left out when it was learned from how people ask.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What was done with it.
    #[serde(rename = "use")]
    pub used: Use,
    /// How sure it is, from 0 to 1.
    pub strength: f32,
    /// How many offerings fit all but this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_out: Option<u64>,
}

/// A value that was read out of words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReadValue {
    /// Its id.
    pub id: String,
    /// Its name in the asked language.
    pub label: String,
}

/// What was done with a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Use {
    /// Offerings that do not fit it are left out, and counted in `leftOut`; those of which it is not known come last.
    Narrows,
    /// Offerings that fit it come earlier.
    Ranks,
    /// Offerings that fit it come later.
    NotWanted,
    /// Offerings that do not fit it are not left out, since too few fit; those that do come earlier, but for `when`.
    SetAside,
    /// Nothing: it asks for what is near, and not near to what. Ask for a position or an area, as `near` or `area`.
    NeedsPlace,
}

/// An offering that fits.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Hit {
    /// The offering in short.
    #[schema(value_type = Card)]
    pub offering: Arc<RawValue>,
    /// The session for which every filter holds: the nearest of these when a position was given, else the first.
    #[schema(value_type = Session)]
    pub session: Arc<RawValue>,
    /// How far it is, in whole metres.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distance: Option<u64>,
    /// About how many minutes on foot that is, at 4.5 km an hour and with streets 1.3 times as long as the straight
    /// line; nothing when it is more than an hour, or a barrier lies between.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 7)]
    pub walking_minutes: Option<u32>,
    /// What lies between that one cannot walk through, where barriers are known: the distance is as the crow flies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub barrier: Option<BarrierKind>,
    /// Where it is, to look for barriers.
    #[serde(skip)]
    pub(crate) position: Option<Position>,
    /// When the shown session is on next; in the time that was asked for, when one was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_occurrence: Option<Upcoming>,
    /// Why nothing is told of when it is on next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_occurrence: Option<WhyNone>,
    /// What is otherwise than usual two weeks before and after today.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Occurrence>,
    /// Where the words of the query stand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub highlights: Option<Highlights>,
    /// Which filters about a person hold only because nothing is stated or it is for everyone: `ageNotStated`,
    /// `genderNotStated`, `everyone`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub matched: Vec<&'static str>,
    /// What is not known of it and was let in by `includeUnknown`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<&'static str>,
    /// Why it stands where it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<Explanation>,
}

impl Hit {
    /// Notes what lies between a position and this hit: then nobody walks there.
    pub(crate) fn look_for_barriers(&mut self, from: Position, barriers: &Barriers) {
        self.barrier = self.position.and_then(|to| barriers.between(from, to));
        if self.barrier.is_some() {
            self.walking_minutes = None;
        }
    }
}

/// When something is on, and how one can join then.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Upcoming {
    /// When.
    #[serde(flatten)]
    pub occurrence: Occurrence,
    /// How one can join; nothing when that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub joinable: Option<Joinable>,
}

/// Why nothing is told of when something is on next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhyNone {
    /// It is not known on which dates it is: somebody should ask.
    Unknown,
    /// Its last date has passed.
    Over,
    /// It is closed for now.
    Closed,
    /// It is not on within a year.
    NotWithinYear,
}

/// Texts as HTML: escaped, with `<mark>` around the words of the query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Highlights {
    /// The name, when a word stands in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The summary, when a word stands in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
}

/// Of what a score is made: `(words + the sum of what concepts add) × freshness × nearness × suits`. Hits of one organization
/// are then spread a little.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// How well the words fit (BM25), those of what is likely needed among them; 1 without words.
    pub words: f32,
    /// What each concept of the question adds that the offering has, or takes away.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub concepts: Vec<ConceptPart>,
    /// 1 when it was checked within a year, else less.
    pub freshness: f32,
    /// From 1 here to less far away; left out when no position was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nearness: Option<f32>,
    /// 1, or less: when it is made for a group that the question does not name or only in languages that it is not in,
    /// when people of the said age and gender cannot join it, for each reading that was set aside and it does not fit, and
    /// when only a time is asked for and it has no place to go to.
    pub suits: f32,
    /// What comes of it.
    pub score: f32,
    /// Whether its name is what was typed; such hits come first.
    pub exact_name: bool,
    /// The same in a sentence, in Dutch or English.
    pub told: String,
}

/// What a concept adds to a score.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ConceptPart {
    /// The name of its scheme.
    pub scheme: &'static str,
    /// Its id.
    pub id: String,
    /// Its name in the asked language.
    pub label: String,
    /// What it adds; more for a first theme than for a later one, and for a rare concept than for a common one.
    pub adds: f32,
}

/// The counts of a facet. They ignore the facet's own filter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FacetCounts {
    /// The values that have hits or are chosen.
    pub values: Vec<FacetValue>,
    /// Of how many offerings it is not known.
    pub unknown: u32,
}

/// A value of a facet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FacetValue {
    /// Its id.
    pub id: String,
    /// Its short name in the asked language.
    pub label: String,
    /// How many offerings one would find by choosing it alone.
    pub count: u32,
}

/// How many offerings fit everything but the asked place. One may count in more than one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Elsewhere {
    /// Online.
    pub online: u32,
    /// Somebody comes to you, somewhere. What is known to come to the asked place is a hit too.
    pub at_home: u32,
    /// For the whole country.
    pub nationwide: u32,
    /// Somewhere, but it is not known where in the way that was asked for.
    pub unknown_place: u32,
}
