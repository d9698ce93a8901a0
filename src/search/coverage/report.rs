//! What the coverage report is asked, and what it says.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{AreaCode, ConceptId, LanguageTag, Position};
use crate::search::listing::OfferingName;

/// What a report is asked about.
#[derive(Clone, Debug, Default)]
pub struct CoverageQuery {
    /// The areas; of a municipality or a district its neighbourhoods.
    pub areas: Vec<AreaCode>,
    /// The themes; all when empty.
    pub themes: Vec<ConceptId>,
    /// For people of each of these groups; for anybody when empty.
    pub groups: Vec<ConceptId>,
    /// In each of these languages; in any when empty.
    pub languages: Vec<ConceptId>,
    /// The language of labels.
    pub language: Option<LanguageTag>,
}

/// What residents find near them, need by need.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CoverageReport {
    /// What must be known before anybody draws conclusions.
    pub caution: String,
    /// How a verdict comes about.
    pub rule: String,
    /// The moment whose data this is.
    pub data_as_of: DateTime<Utc>,
    /// The areas, each with its lines.
    pub areas: Vec<AreaCoverage>,
    /// Codes that were asked for and of which no point is known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub without_outline: Vec<AreaCode>,
}

/// An area with what its residents find.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AreaCoverage {
    /// Its code.
    pub code: AreaCode,
    /// Its name.
    pub name: String,
    /// The municipality it lies in, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub municipality: Option<String>,
    /// How many people live there, where the statistics tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub residents: Option<u64>,
    /// The point in it from which distances are measured.
    pub position: Position,
    /// How far people walk there, in metres as the crow flies.
    pub walking_distance: u32,
    /// How many lines have each verdict.
    pub verdicts: BTreeMap<&'static str, u32>,
    /// A line for each need.
    pub lines: Vec<CoverageLine>,
    /// The outline, for maps.
    #[serde(skip)]
    pub outline: Option<geojson::Geometry>,
}

/// What there is for one need.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CoverageLine {
    /// The theme.
    pub theme: ConceptId,
    /// Its name.
    pub label: String,
    /// For people of this group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_group: Option<ConceptId>,
    /// In this language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<ConceptId>,
    /// Covered, thin or missing.
    pub verdict: Verdict,
    /// What keeps a thin line from being covered.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<Lack>,
    /// How many offerings residents can walk to.
    pub offerings: u32,
    /// Of these, how many somebody checked within six months.
    pub assured: u32,
    /// Of the assured, how many are free.
    pub free: u32,
    /// Of the assured, how many one can join without waiting.
    pub without_waiting: u32,
    /// Of all, how many are on in the evening or the weekend.
    pub evening_or_weekend: u32,
    /// Of all, how many residents and volunteers carry, paid staff carries, and both do.
    pub formality: BTreeMap<ConceptId, u32>,
    /// Of all, how many stand at each place between self-care and professional help.
    pub continuum: BTreeMap<ConceptId, u32>,
    /// Of all, how many add to each of the four resilience resources.
    pub resilience_resource: BTreeMap<ConceptId, u32>,
    /// Of all, in how many each language is spoken.
    pub languages: BTreeMap<ConceptId, u32>,
    /// The offerings behind the numbers, in reports of few areas; at most 50.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<OfferingName>,
}

/// How well a need is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Gedekt: three assured offerings, one of them free and one without waiting.
    Covered,
    /// Dun: something, but not that.
    Thin,
    /// Ontbreekt: nothing in this directory that residents can walk to.
    Missing,
}

impl Verdict {
    /// The name, as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Covered => "covered",
            Self::Thin => "thin",
            Self::Missing => "missing",
        }
    }
}

/// What a line lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Lack {
    /// Three offerings that somebody checked within six months.
    Assured,
    /// An assured one that is free.
    Free,
    /// An assured one without waiting.
    WithoutWaiting,
    /// Any in this language, or for this group, though there are others.
    LanguageOrGroup,
}

impl Lack {
    /// The name, as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Assured => "assured",
            Self::Free => "free",
            Self::WithoutWaiting => "withoutWaiting",
            Self::LanguageOrGroup => "languageOrGroup",
        }
    }
}
