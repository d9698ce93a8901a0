//! Lists beside the search: areas, and the organizations and locations of the offerings.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocAddress, DocSet, TERMINATED, Term};
use utoipa::ToSchema;

use crate::domain::text::fold;
use crate::domain::{Area, Location, LocationId, OfferingId, Organization, OrganizationId, PublicOffering};

use super::SearchError;
use super::fields::locations;
use super::query::AreaFilter;
use super::snapshot::Snapshot;

/// The most offerings that an organization or a location names; the search finds all.
const MAX_NAMED: usize = 100;

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    /// How many there are in all.
    pub total: u64,
    /// Which page this is, from 1 on.
    pub page: usize,
    /// How many stand on a page at most.
    pub page_size: usize,
    /// Those of this page.
    pub items: Vec<T>,
}

/// An organization with the public offerings that it has a part in.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrganizationEntry {
    /// The organization, as its newest offering tells it.
    #[serde(flatten)]
    pub organization: Organization,
    /// How many public offerings it has a part in.
    pub offering_count: usize,
    /// Its offerings, the newest first, at most 100.
    pub offerings: Vec<OfferingName>,
}

/// A location with the public offerings that have a session there.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LocationEntry {
    /// The location, as its newest offering tells it.
    #[serde(flatten)]
    pub location: Location,
    /// How many public offerings have a session there.
    pub offering_count: usize,
    /// Its offerings, the newest first, at most 100.
    pub offerings: Vec<OfferingName>,
}

/// What an offering is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OfferingName {
    /// Its id.
    pub id: OfferingId,
    /// Its name.
    pub name: String,
}

/// The ids that public offerings mention in one field.
pub(super) type Mentions = BTreeSet<String>;

impl Snapshot {
    /// Lists areas by code, without their outlines.
    pub fn areas(&self, filter: &AreaFilter, page: usize, page_size: usize) -> Result<Page<Area>, SearchError> {
        let words = filter.name.as_deref().map(fold).unwrap_or_default();
        let has_words =
            |name: &String| words.split_whitespace().all(|word| name.split(' ').any(|part| part.starts_with(word)));
        let mut found = Vec::new();
        for (segment, columns) in self.columns.iter().enumerate() {
            for (document, area) in &columns.areas {
                let fits = filter.kind.is_none_or(|kind| area.code.kind() == kind)
                    && filter.within.as_ref().is_none_or(|around| around.includes(&area.code))
                    && filter.codes.as_ref().is_none_or(|codes| codes.contains(&area.code))
                    && area.names.iter().any(has_words);
                if fits && self.is_alive(segment, *document) {
                    found.push((&area.code, DocAddress::new(segment as u32, *document)));
                }
            }
        }
        found.sort_unstable();
        let items = page_of(&found, page, page_size).iter().map(|(_, address)| {
            let text = self.stored(*address)?.hit(&self.fields).ok_or(SearchError::Damaged)?;
            Ok(serde_json::from_str(&text)?)
        });
        Ok(Page { total: found.len() as u64, page, page_size, items: items.collect::<Result<_, SearchError>>()? })
    }

    /// Lists the organizations of public offerings, in the order of their ids, which is that of their age.
    pub fn organizations(&self, page: usize, page_size: usize) -> Result<Page<OrganizationEntry>, SearchError> {
        let mentions = self.mentions(&self.organizations, self.fields.organization)?;
        self.page(mentions, page, page_size, |id| self.organization(id))
    }

    /// Reads one organization; nothing when no public offering mentions it.
    pub fn organization(&self, id: OrganizationId) -> Result<Option<OrganizationEntry>, SearchError> {
        let Some(said) = self.who_mentions(self.fields.organization, &id.to_string())? else { return Ok(None) };
        let mut parts = said.newest.offering.organization.into_iter().map(|part| part.organization);
        let organization = parts.find(|organization| organization.id == Some(id)).ok_or(SearchError::Damaged)?;
        Ok(Some(OrganizationEntry { organization, offering_count: said.count, offerings: said.names }))
    }

    /// Lists the locations of public offerings, in the order of their ids, which is that of their age.
    pub fn locations(&self, page: usize, page_size: usize) -> Result<Page<LocationEntry>, SearchError> {
        let mentions = self.mentions(&self.locations, self.fields.location)?;
        self.page(mentions, page, page_size, |id| self.location(id))
    }

    /// Reads one location; nothing when no public offering mentions it.
    pub fn location(&self, id: LocationId) -> Result<Option<LocationEntry>, SearchError> {
        let Some(said) = self.who_mentions(self.fields.location, &id.to_string())? else { return Ok(None) };
        let location = locations(&said.newest).find(|location| location.id == Some(id)).ok_or(SearchError::Damaged)?;
        Ok(Some(LocationEntry { location: location.clone(), offering_count: said.count, offerings: said.names }))
    }

    fn page<Id: std::str::FromStr, T>(
        &self,
        mentions: &Mentions,
        page: usize,
        page_size: usize,
        read: impl Fn(Id) -> Result<Option<T>, SearchError>,
    ) -> Result<Page<T>, SearchError> {
        let ids: Vec<&String> = mentions.iter().collect();
        let mut items = Vec::new();
        for id in page_of(&ids, page, page_size) {
            let id = id.parse().map_err(|_| SearchError::Damaged)?;
            items.extend(read(id)?);
        }
        Ok(Page { total: ids.len() as u64, page, page_size, items })
    }

    /// The ids in a field, read once for each snapshot.
    fn mentions<'s>(&'s self, once: &'s OnceLock<Mentions>, field: Field) -> Result<&'s Mentions, SearchError> {
        if once.get().is_none() {
            let mut ids = Mentions::new();
            for (segment, reader) in self.searcher.segment_readers().iter().enumerate() {
                let index = reader.inverted_index(field)?;
                let mut terms = index.terms().stream()?;
                while terms.advance() {
                    let mut documents = index.read_postings_from_terminfo(terms.value(), IndexRecordOption::Basic)?;
                    while documents.doc() != TERMINATED && !self.is_alive(segment, documents.doc()) {
                        documents.advance();
                    }
                    if documents.doc() != TERMINATED {
                        ids.insert(String::from_utf8_lossy(terms.key()).into_owned());
                    }
                }
            }
            // Who comes second has made the same.
            let _ = once.set(ids);
        }
        once.get().ok_or(SearchError::Damaged)
    }

    fn who_mentions(&self, field: Field, id: &str) -> Result<Option<Said>, SearchError> {
        let mut addresses = self.addresses(Term::from_field_text(field, id))?;
        let number = |at: &DocAddress| self.columns[at.segment_ord as usize].offerings[at.doc_id as usize].number;
        addresses.sort_unstable_by_key(|at| std::cmp::Reverse(number(at)));
        let Some(newest) = addresses.first() else { return Ok(None) };
        let full = self.stored(*newest)?.full(&self.fields).ok_or(SearchError::Damaged)?;
        let names = addresses.iter().take(MAX_NAMED).map(|at| Ok(serde_json::from_str(self.hit(*at)?.card.get())?));
        Ok(Some(Said {
            newest: serde_json::from_str(&full)?,
            count: addresses.len(),
            names: names.collect::<Result<_, SearchError>>()?,
        }))
    }
}

fn page_of<T>(all: &[T], page: usize, page_size: usize) -> &[T] {
    let start = page.saturating_sub(1).saturating_mul(page_size).min(all.len());
    &all[start..start.saturating_add(page_size).min(all.len())]
}

/// Offerings that mention something.
struct Said {
    newest: PublicOffering,
    count: usize,
    names: Vec<OfferingName>,
}
