//! Where to ask first: the front doors of a neighbourhood, and the questions before whose hits they are told.

use crate::domain::{AreaCode, ConceptId, FrontDoor, Scheme};

use super::SearchError;
use super::query::SearchQuery;
use super::snapshot::Snapshot;
use super::understand::{Meant, Understood};
use super::weights;

/// The kinds of those who help with anything; who asks for one asks for help in general, and for nothing that one would
/// do.
pub(super) const ANY_HELP: [&str; 2] = ["walk_in_consultation", "coaching"];

impl Snapshot {
    /// The front doors to tell before the hits: those of the place, when a need is broad.
    ///
    /// Broad is what names a theme (grief, debts, caring for somebody) and nothing that one would do about it, as a
    /// walking group or a course. Doors that are for certain themes are told for these, and come first.
    pub(super) fn front_doors_first(
        &self,
        query: &SearchQuery,
        asked: &Understood,
    ) -> Result<Vec<FrontDoor>, SearchError> {
        let themes = self.asked_for(Scheme::Theme, query, asked, weights::SURELY_ABOUT);
        // What form help takes is only guessed where nobody says it.
        let kinds = self.asked_for(Scheme::Kind, query, asked, f32::INFINITY);
        let is_broad = kinds.iter().all(|kind| ANY_HELP.contains(&kind.as_str()))
            && !(themes.is_empty() && kinds.is_empty())
            && query.page == 1;
        if !is_broad {
            return Ok(Vec::new());
        }
        let mut doors = self.front_doors(&self.areas_around(query)?, &themes)?;
        doors.sort_by_key(|door| door.theme.is_empty());
        Ok(doors)
    }

    /// The concepts of a scheme that somebody chose or that a question is about: said by its words, or learned so surely.
    pub(super) fn asked_for<'q>(
        &'q self,
        scheme: Scheme,
        query: &'q SearchQuery,
        asked: &Understood,
        surely: f32,
    ) -> Vec<&'q ConceptId> {
        let is_meant = |meant: &&Meant| meant.strength > if meant.tokens == 0 { surely } else { 0.0 };
        let meant = asked.concepts.iter().filter(is_meant).filter_map(|meant| self.layout.concept(meant.place));
        let meant = meant.filter(|(own, _)| *own == scheme).map(|(_, concept)| concept);
        query.filters.concepts.get(&scheme).into_iter().flatten().chain(meant).collect()
    }

    /// The areas that a query looks in, or those around its position, the smallest first.
    pub(super) fn areas_around(&self, query: &SearchQuery) -> Result<Vec<AreaCode>, SearchError> {
        let near = query.place.near.filter(|_| query.place.areas.is_empty());
        let Some(near) = near else { return Ok(query.place.areas.clone()) };
        let mut areas = self.areas_at(near.position)?;
        areas.reverse();
        Ok(areas)
    }

    /// The front doors for some themes of the first of these areas that has any, or that lies in one that has: those for
    /// all questions, and those for one of the themes or for a wider one.
    pub(super) fn front_doors(&self, areas: &[AreaCode], themes: &[&ConceptId]) -> Result<Vec<FrontDoor>, SearchError> {
        let wider = |theme: &&ConceptId| self.vocabulary.ancestors(Scheme::Theme, theme.as_str());
        let themes: Vec<&ConceptId> = themes.iter().copied().chain(themes.iter().flat_map(wider)).collect();
        let fits = |door: &&FrontDoor| door.theme.is_empty() || door.theme.iter().any(|own| themes.contains(&own));
        self.first_doors(areas, fits)
    }

    /// All front doors of an area, or of the nearest larger one that has any.
    pub(super) fn front_doors_of(&self, code: &AreaCode) -> Result<Vec<FrontDoor>, SearchError> {
        self.first_doors(std::slice::from_ref(code), |_| true)
    }

    fn first_doors(
        &self,
        areas: &[AreaCode],
        fits: impl Fn(&&FrontDoor) -> bool,
    ) -> Result<Vec<FrontDoor>, SearchError> {
        for code in areas.iter().flat_map(AreaCode::with_parents) {
            let Some(address) = self.address(self.fields.area_key(&code))? else { continue };
            let area = self.kept_area(address)?;
            let doors: Vec<FrontDoor> = area.front_doors.iter().filter(&fits).cloned().collect();
            if !doors.is_empty() {
                return Ok(doors);
            }
        }
        Ok(Vec::new())
    }
}
