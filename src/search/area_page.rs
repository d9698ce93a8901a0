//! What somebody finds in a neighbourhood: where to ask first, what lies around it, what there is and what is on.

use std::sync::Arc;

use serde::Serialize;
use tantivy::DocAddress;
use utoipa::ToSchema;

use crate::domain::area::{point_inside, shape};
use crate::domain::text::fold;
use crate::domain::{Area, AreaCode, AreaKind, ConceptId, LanguageTag, Now, Position, Scheme};

use super::SearchError;
use super::columns::KeptArea;
use super::page::{FacetValue, Hit};
use super::query::{Facet, Filters, PlaceFilter, SearchQuery, Sort, When};
use super::snapshot::Snapshot;
use super::understand::Understood;

/// How many meeting places and how many things of the week are told.
const MOST_PLACES: usize = 5;
const MOST_THIS_WEEK: usize = 10;

/// An area with all that somebody who lives there wants to know.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AreaPage {
    /// The area; its front doors are those of the area itself, or of the nearest larger one that has any. Each tells
    /// for which area it is.
    #[serde(flatten)]
    pub area: Area,
    /// The areas that it is part of, the smallest first.
    pub parents: Vec<AreaName>,
    /// The areas of its level that lie beside it.
    pub neighbours: Vec<AreaName>,
    /// How many offerings there are in it or for it.
    pub offering_count: u64,
    /// How many of each theme, those that nothing is about too.
    pub themes: Vec<FacetValue>,
    /// Places to meet people; where there are more the search finds them.
    pub meeting_places: Vec<Hit>,
    /// What is on in the coming seven days, the soonest first; where there is more the search finds it.
    pub this_week: Vec<Hit>,
}

/// An area and what it is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AreaName {
    /// Its code.
    pub code: AreaCode,
    /// Its level.
    pub kind: AreaKind,
    /// Its name, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Snapshot {
    /// What somebody finds in an area, with labels and texts in a language.
    pub fn area_page(
        &self,
        code: &AreaCode,
        language: &LanguageTag,
        now: Now,
    ) -> Result<Option<AreaPage>, SearchError> {
        let Some(mut area) = self.area(code)? else { return Ok(None) };
        let nothing = Understood::default();
        let in_area = |filters: Filters, sort, page_size| SearchQuery {
            place: PlaceFilter { areas: vec![code.clone()], ..PlaceFilter::default() },
            filters,
            sort,
            language: language.clone(),
            page_size,
            ..SearchQuery::default()
        };
        let meeting = [(Scheme::Kind, [ConceptId::from("meeting_place")].into())].into();
        let meeting = in_area(Filters { concepts: meeting, ..Filters::default() }, Sort::Name, MOST_PLACES);
        let week = Filters { when: Some(When::Week), ..Filters::default() };
        let week = in_area(week, Sort::Soonest, MOST_THIS_WEEK);
        let all =
            SearchQuery { facets: vec![Facet::Scheme(Scheme::Theme)], ..in_area(Filters::default(), Sort::Name, 1) };
        let (offering_count, themes) = self.ask(&all, &nothing, now, |search, outcome, _| {
            let counted = search.facet(&outcome.tally, Facet::Scheme(Scheme::Theme)).values;
            let themes = self.vocabulary.scheme(Scheme::Theme).concepts.iter().map(|theme| {
                let count = counted.iter().find(|value| value.id == theme.id.as_str()).map_or(0, |value| value.count);
                let label = theme.short_name(language.language()).to_owned();
                FacetValue { id: theme.id.to_string(), label, count }
            });
            Ok((outcome.tally.total, themes.collect()))
        })?;
        if area.front_doors.is_empty() {
            area.front_doors = self.front_doors_of(code)?;
        }
        let parents = code.with_parents().into_iter().skip(1);
        Ok(Some(AreaPage {
            parents: parents.map(|code| self.area_name(code)).collect::<Result<_, _>>()?,
            neighbours: self
                .neighbours(code)?
                .into_iter()
                .map(|code| self.area_name(code))
                .collect::<Result<_, _>>()?,
            offering_count,
            themes,
            meeting_places: self.hits(&meeting, &nothing, now)?,
            this_week: self.hits(&week, &nothing, now)?,
            area,
        }))
    }

    fn area_name(&self, code: AreaCode) -> Result<AreaName, SearchError> {
        let name = self.area(&code)?.map(|area| area.name);
        Ok(AreaName { kind: code.kind(), code, name })
    }

    /// The areas whose outline holds a position, the widest first.
    pub fn areas_at(&self, at: Position) -> Result<Vec<AreaCode>, SearchError> {
        let point = geo::Point::from(at);
        let mut found = Vec::new();
        for (segment, columns) in self.columns.iter().enumerate() {
            for (document, area) in columns.areas_around(at).filter(|(document, _)| self.is_alive(segment, *document)) {
                let kept = self.kept_area(DocAddress::new(segment as u32, *document))?;
                if kept.outline.as_ref().is_some_and(|outline| geo::Intersects::intersects(outline, &point)) {
                    found.push(area.code.clone());
                }
            }
        }
        found.sort_by_key(|code| (code.kind(), code.clone()));
        Ok(found)
    }

    /// What is often asked of the area of a document.
    pub(super) fn kept_area(&self, address: DocAddress) -> Result<Arc<KeptArea>, SearchError> {
        self.columns[address.segment_ord as usize].kept_areas.get(address.doc_id, || {
            let area = self.area_of(address)?;
            let (outline, inside) =
                (area.outline.as_ref().and_then(shape), area.outline.as_ref().and_then(point_inside));
            Ok(KeptArea { outline, inside, front_doors: area.front_doors })
        })
    }

    /// Whether a position lies in a part of a town, by the neighbourhood whose middle is nearest of those around it.
    pub(super) fn is_urban(&self, at: Position) -> Option<bool> {
        let alive = self.columns.iter().enumerate().flat_map(|(segment, columns)| {
            columns.areas_around(at).filter(move |(document, _)| self.is_alive(segment, *document))
        });
        let around = alive.filter_map(|(_, area)| {
            let extent = area.extent.filter(|_| area.code.kind() == AreaKind::Buurt)?;
            Some((extent.inside.distance_to(at).metres(), area.urban))
        });
        around.min_by(|(a, _), (b, _)| a.total_cmp(b)).and_then(|(_, urban)| urban)
    }

    /// The code that an area has now, of one that was renamed or merged: a code of an earlier year is another name of
    /// the area that took its place.
    pub fn present_code(&self, code: &AreaCode) -> Option<AreaCode> {
        let former = fold(code.as_str());
        let mut known = self.placed_areas(|area| area.code == *code || area.names.contains(&former));
        known.sort_by_key(|(own, _)| own != code);
        known.into_iter().next().map(|(code, _)| code)
    }
}
