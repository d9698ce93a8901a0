//! The controlled vocabulary: its schemes, and their concepts with labels in the asked language.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::{json, to_json};
use crate::directory::Directory;
use crate::domain::lexicon::IcpcCode;
use crate::domain::vocabulary::{Labels, SchemeConcepts, in_language};
use crate::domain::{Concept, ConceptId, LanguageTag, Scheme, Vocabulary};
use crate::web::extract::Params;
use crate::web::problem::Problem;

/// The schemes of the vocabulary.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SchemeList {
    /// The edition of the vocabulary.
    #[schema(example = "0.3.0")]
    version: String,
    /// The schemes, in order.
    schemes: Vec<SchemeSummary>,
}

/// One scheme.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SchemeSummary {
    /// Its name in addresses, parameters and keys.
    #[schema(example = "theme")]
    id: &'static str,
    /// Its title.
    #[schema(example = "Thema")]
    title: Option<String>,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// Whether an offering may have several of its concepts.
    multi_valued: bool,
    /// How many concepts it has.
    concept_count: usize,
}

/// One scheme with its concepts.
#[derive(Serialize, ToSchema)]
pub struct SchemeDetail {
    #[serde(flatten)]
    summary: SchemeSummary,
    /// Its concepts, in order.
    concepts: Vec<ConceptView>,
}

/// One concept.
#[derive(Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConceptView {
    /// Its id.
    id: ConceptId,
    /// Its full name.
    #[schema(example = "Rouw en verlies")]
    label: Option<String>,
    /// A name of at most 40 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    short_label: Option<String>,
    /// Its name on residents' pages, where that is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    resident_label: Option<String>,
    /// What it means, in plain words.
    #[serde(skip_serializing_if = "Option::is_none")]
    definition: Option<String>,
    /// Other names in this language.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    alt_labels: Vec<String>,
    /// Wider concepts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    broader: Vec<ConceptId>,
    /// Concepts beside it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<ConceptId>,
    /// A pictogram's keyword.
    #[serde(skip_serializing_if = "Option::is_none")]
    icon: Option<String>,
    /// The dimensions of Positive Health that a theme serves.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    positive_health: Vec<ConceptId>,
    /// The resilience resources that a theme serves.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    resilience_resource: Vec<ConceptId>,
    /// The conditions of social quality that a theme serves.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    social_quality: Vec<ConceptId>,
    /// The themes that a complaint leads to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    theme: Vec<ConceptId>,
}

/// Lists the schemes of the vocabulary.
#[utoipa::path(
    tag = "schemes",
    params(("lang" = Option<String>, Query, description = "The language of the labels (BCP 47); Dutch where there is none in it.", example = "en")),
    responses((status = 200, description = "The schemes.", body = SchemeList)),
)]
#[get("/schemes")]
pub async fn list_schemes(directory: Data<Directory>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let language = language(&request)?;
    let vocabulary = directory.vocabulary();
    let schemes = vocabulary.schemes().iter().map(|list| SchemeSummary::of(list, &language));
    let schemes = schemes.chain([SchemeSummary::of_complaints(vocabulary, &language)]).collect();
    Ok(json(to_json(&SchemeList { version: vocabulary.version().into(), schemes })?))
}

/// Reads a scheme with its concepts.
#[utoipa::path(
    tag = "schemes",
    params(
        ("id" = String, Path, description = "The name of the scheme, in camelCase.", example = "theme"),
        ("lang" = Option<String>, Query, description = "The language of the labels (BCP 47); Dutch where there is none in it.", example = "en"),
    ),
    responses(
        (status = 200, description = "The scheme.", body = SchemeDetail),
        (status = 404, description = "There is no such scheme.", body = crate::web::problem::ProblemBody, content_type = "application/problem+json"),
    ),
)]
#[get("/schemes/{id}")]
pub async fn read_scheme(
    directory: Data<Directory>,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let language = language(&request)?;
    let vocabulary = directory.vocabulary();
    if id.as_str() == COMPLAINTS {
        let codes = &vocabulary.lexicon().icpc_index;
        let concepts = codes.iter().map(|code| ConceptView::of_complaint(code, &language)).collect();
        let summary = SchemeSummary::of_complaints(vocabulary, &language);
        return Ok(json(to_json(&SchemeDetail { summary, concepts })?));
    }
    let scheme = Scheme::from_name(&id).ok_or_else(|| {
        let names = Scheme::ALL.map(Scheme::name).join(", ");
        Problem::NotFound(format!("scheme with this name ({names}, {COMPLAINTS})"))
    })?;
    let list = vocabulary.scheme(scheme);
    let concepts = list.concepts.iter().map(|concept| ConceptView::of(concept, &language)).collect();
    Ok(json(to_json(&SchemeDetail { summary: SchemeSummary::of(list, &language), concepts })?))
}

fn language(request: &HttpRequest) -> Result<LanguageTag, Problem> {
    let mut params = Params::of(request, &["lang"]);
    let language = params.parse("lang").unwrap_or_else(LanguageTag::dutch);
    params.end()?;
    Ok(language)
}

fn label(labels: &Labels, language: &LanguageTag) -> Option<String> {
    in_language(labels, language.language()).map(str::to_owned)
}

/// The name of the scheme of complaints, by which a GP's system comes to themes. It is no filter: a system reads the
/// whole scheme and maps a code itself, so that no code of a patient reaches an address or a log.
const COMPLAINTS: &str = "icpc";

impl SchemeSummary {
    fn of_complaints(vocabulary: &Vocabulary, language: &LanguageTag) -> Self {
        let (title, description) = match language.language() {
            "en" => (
                "Complaints by ICPC-1, with the themes they lead to",
                "Map a code to its themes in your own system and search for those: no code belongs in an address.",
            ),
            _ => (
                "Klachten volgens ICPC-1, met de thema's waar ze naartoe leiden",
                "Zet een code in uw eigen systeem om naar thema's en zoek daarop: een code hoort niet in een adres.",
            ),
        };
        Self {
            id: COMPLAINTS,
            title: Some(title.to_owned()),
            description: Some(description.to_owned()),
            multi_valued: true,
            concept_count: vocabulary.lexicon().icpc_index.len(),
        }
    }

    fn of(list: &SchemeConcepts, language: &LanguageTag) -> Self {
        Self {
            id: list.scheme.name(),
            title: label(&list.title, language),
            description: label(&list.description, language),
            multi_valued: list.multi_valued,
            concept_count: list.concepts.len(),
        }
    }
}

impl ConceptView {
    fn of_complaint(code: &IcpcCode, language: &LanguageTag) -> Self {
        Self {
            id: ConceptId::from(code.code.as_str()),
            label: label(&code.label, language),
            theme: code.themes.clone(),
            ..Self::default()
        }
    }

    fn of(concept: &Concept, language: &LanguageTag) -> Self {
        Self {
            id: concept.id.clone(),
            label: label(&concept.pref_label, language),
            short_label: label(&concept.short_label, language),
            resident_label: label(&concept.resident_label, language),
            definition: label(&concept.definition, language),
            alt_labels: concept.alt_label.get(language.language()).cloned().unwrap_or_default(),
            broader: concept.broader.clone(),
            related: concept.related.clone(),
            icon: concept.icon.clone(),
            positive_health: concept.positive_health.clone(),
            resilience_resource: concept.resilience_resource.clone(),
            social_quality: concept.social_quality.clone(),
            theme: Vec::new(),
        }
    }
}
