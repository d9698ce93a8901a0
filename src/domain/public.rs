//! An offering as it is stored, and what the public sees of it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ids::{ItemNumber, MunicipalityCode, OfferingId, Version};
use super::offering::{Offering, Place};
use super::vocabulary::{ConceptId, Scheme, Vocabulary};

/// An offering with what the store knows of it.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredOffering {
    /// Its id.
    pub id: OfferingId,
    /// Its short public number.
    pub number: ItemNumber,
    /// Who keeps it.
    pub municipality: MunicipalityCode,
    /// How often it was written.
    pub version: Version,
    /// When it was last written.
    pub changed_at: DateTime<Utc>,
    /// When it was taken away, if it was.
    pub deleted_at: Option<DateTime<Utc>>,
    /// Its content.
    pub offering: Offering,
}

/// How the ids begin that the service makes for listings whose source gives none.
pub const DERIVED_ID: &str = "derived-";

/// What the public sees of an offering: without its maintainer, with hidden addresses taken out, and with the
/// dimensions that follow from its themes filled in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PublicOffering {
    /// Its id.
    pub id: OfferingId,
    /// Its short number, for lists and print.
    pub number: ItemNumber,
    /// The municipality that keeps it, or `NL`.
    pub municipality: MunicipalityCode,
    /// How often it was written.
    pub version: Version,
    /// When it was last written.
    pub changed_at: DateTime<Utc>,
    /// Its content.
    #[serde(flatten)]
    pub offering: Offering,
}

impl StoredOffering {
    /// What the public sees, or nothing when it is deleted or not in a public state.
    pub fn public(&self, vocabulary: &Vocabulary) -> Option<PublicOffering> {
        if self.deleted_at.is_some() || !self.offering.status.state.is_public() {
            return None;
        }
        let mut offering = self.offering.clone();
        offering.maintainer = None;
        if let Some(source) = &mut offering.source {
            // Made of the address among others: who tries all addresses of a town would find a hidden one by it.
            source.external_id.take_if(|id| id.starts_with(DERIVED_ID));
        }
        for session in &mut offering.sessions {
            if let Some(Place::Physical(location)) = &mut session.place {
                *location = location.public();
            }
        }
        let dimension = |given: &Option<Vec<ConceptId>>, scheme| {
            given.clone().or_else(|| from_themes(vocabulary, &offering.theme, scheme))
        };
        let positive_health = dimension(&offering.positive_health, Scheme::PositiveHealth);
        let resilience_resource = dimension(&offering.resilience_resource, Scheme::ResilienceResource);
        let social_quality = dimension(&offering.social_quality, Scheme::SocialQuality);
        offering.positive_health = positive_health;
        offering.resilience_resource = resilience_resource;
        offering.social_quality = social_quality;
        Some(PublicOffering {
            id: self.id,
            number: self.number,
            municipality: self.municipality.clone(),
            version: self.version,
            changed_at: self.changed_at,
            offering,
        })
    }
}

/// The concepts of a dimension that the themes serve, in the order of the themes; nothing without themes.
fn from_themes(vocabulary: &Vocabulary, themes: &[ConceptId], scheme: Scheme) -> Option<Vec<ConceptId>> {
    let mut found: Vec<ConceptId> = Vec::new();
    for theme in themes.iter().filter_map(|theme| vocabulary.concept(Scheme::Theme, theme.as_str())) {
        let served = match scheme {
            Scheme::PositiveHealth => &theme.positive_health,
            Scheme::ResilienceResource => &theme.resilience_resource,
            _ => &theme.social_quality,
        };
        found.extend(served.iter().filter(|concept| !found.contains(concept)).cloned().collect::<Vec<_>>());
    }
    (!found.is_empty()).then_some(found)
}
