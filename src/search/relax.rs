//! What else there is when little fits: the same search without one of its filters, wider or online, and what helps
//! with every question: a meeting place, a walk-in hour, and the front doors of the neighbourhood.

use std::collections::BTreeMap;

use crate::domain::{AreaCode, ConceptId, Distance, Location, Now, Scheme, Session};

use super::MAX_RADIUS;
use super::SearchError;
use super::find::A_CHOICE;
use super::page::{Hit, Nearby, Relaxation};
use super::query::{Facet, Filters, Near, PlaceFilter, SearchQuery, Sort};
use super::snapshot::Snapshot;
use super::understand::Understood;
use super::weights;

/// How much wider a radius is drawn each time, and how often.
const WIDER: f64 = 2.5;
const TIMES: usize = 4;

/// How many neighbouring areas are told.
const MOST_BESIDE: usize = 3;

/// A query that asks for less, and how it is told.
struct Looser {
    query: SearchQuery,
    remove: Vec<&'static str>,
    set: Option<(&'static str, String)>,
}

impl Snapshot {
    /// The searches that find more than a query, which finds `total`.
    pub(super) fn relaxations(
        &self,
        query: &SearchQuery,
        asked: &Understood,
        now: Now,
        total: u64,
    ) -> Result<Vec<Relaxation>, SearchError> {
        let mut found = Vec::new();
        for steps in looser(query) {
            for looser in steps {
                let more = self.total_of(&looser.query, query, asked, now)?;
                if more > total {
                    let set = BTreeMap::from_iter(looser.set);
                    // What is set takes the place of what it was.
                    let remove = looser.remove.into_iter().filter(|name| !set.contains_key(name)).collect();
                    found.push(Relaxation { remove, set, total: more });
                }
                if more >= A_CHOICE {
                    break;
                }
            }
        }
        found.extend(self.beside(query, asked, now, total)?);
        Ok(found)
    }

    /// How many offerings another query finds than the one whose question was read: where it looks in other
    /// municipalities, these may have own words.
    fn total_of(
        &self,
        other: &SearchQuery,
        query: &SearchQuery,
        asked: &Understood,
        now: Now,
    ) -> Result<u64, SearchError> {
        let looks_there =
            other.place.areas == query.place.areas && other.filters.municipalities == query.filters.municipalities;
        match looks_there {
            true => self.total(other, asked, now),
            false => self.total(other, &self.understood(other, now), now),
        }
    }

    /// The same search in the areas beside that of a query: those that find most.
    fn beside(
        &self,
        query: &SearchQuery,
        asked: &Understood,
        now: Now,
        total: u64,
    ) -> Result<Vec<Relaxation>, SearchError> {
        let [area] = query.place.areas.as_slice() else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for code in self.neighbours(area)? {
            let mut beside = query.clone();
            beside.place.areas = vec![code.clone()];
            let more = self.total_of(&beside, query, asked, now)?;
            if more > total {
                let set = BTreeMap::from([("area", code.to_string())]);
                found.push(Relaxation { remove: Vec::new(), set, total: more });
            }
        }
        found.sort_by_key(|beside| std::cmp::Reverse(beside.total));
        found.truncate(MOST_BESIDE);
        Ok(found)
    }

    /// What helps with every question, as near as it is.
    pub(super) fn nearby(&self, query: &SearchQuery, asked: &Understood, now: Now) -> Result<Nearby, SearchError> {
        let meeting_place = self.nearest_of(query, "meeting_place", now)?;
        let walk_in = self.nearest_of(query, "walk_in_consultation", now)?;
        let mut areas = self.areas_around(query)?;
        if areas.is_empty() && query.place.near.is_some() {
            // Beyond all outlines.
            let near = meeting_place.iter().chain(&walk_in).find_map(location).map(|location| location.area);
            areas = near.unwrap_or_default();
            // The neighbourhood before the town.
            areas.sort_by_key(|area| std::cmp::Reverse(area.as_str().len()));
        }
        let themes = self.asked_for(Scheme::Theme, query, asked, weights::SURELY_ABOUT);
        Ok(Nearby { front_doors: self.front_doors(&areas, &themes)?, meeting_place, walk_in })
    }

    /// The nearest offering of a kind; without a position the first of the asked areas, of those around them, or of all.
    fn nearest_of(&self, query: &SearchQuery, kind: &str, now: Now) -> Result<Option<Hit>, SearchError> {
        let near = query.place.near.map(|near| Near { radius: None, ..near });
        let mut around = vec![Vec::new()];
        if near.is_none() {
            let parents = |area: &AreaCode| area.with_parents().into_iter().map(|area| vec![area]).collect::<Vec<_>>();
            around = [vec![query.place.areas.clone()], query.place.areas.iter().flat_map(parents).collect(), around]
                .concat();
        }
        for areas in around {
            let concepts = BTreeMap::from([(Scheme::Kind, [ConceptId::from(kind)].into())]);
            let one = SearchQuery {
                place: PlaceFilter { near, areas, ..PlaceFilter::default() },
                filters: Filters { concepts, ..Filters::default() },
                sort: if near.is_some() { Sort::Distance } else { Sort::Name },
                language: query.language.clone(),
                page_size: 1,
                ..SearchQuery::default()
            };
            if let Some(hit) = self.hits(&one, &Understood::default(), now)?.into_iter().next() {
                return Ok(Some(hit));
            }
        }
        Ok(None)
    }
}

fn location(hit: &Hit) -> Option<Location> {
    let session: Session = serde_json::from_str(hit.session.get()).ok()?;
    session.place?.location().cloned()
}

/// The looser forms of a query, several steps of one kind together, the smallest first.
fn looser(query: &SearchQuery) -> Vec<Vec<Looser>> {
    let mut all: Vec<Vec<Looser>> = Vec::new();
    let without = |remove: &'static str, change: &dyn Fn(&mut SearchQuery)| {
        let mut changed = query.clone();
        change(&mut changed);
        vec![Looser { query: changed, remove: vec![remove], set: None }]
    };
    if let Some((near, radius)) = query.place.near.and_then(|near| Some((near, near.radius?))) {
        let wider = std::iter::successors(Some(radius.metres()), |metres| Some((metres * WIDER).round()));
        let wider = wider.skip(1).take(TIMES).take_while(|metres| *metres <= MAX_RADIUS);
        let steps = wider.filter_map(|metres| {
            let mut changed = query.clone();
            changed.place.near = Some(Near { radius: Some(Distance::from_metres(metres)?), ..near });
            Some(Looser { query: changed, remove: vec!["radius"], set: Some(("radius", format!("{metres}"))) })
        });
        all.push(steps.collect());
    }
    if let [area] = query.place.areas.as_slice() {
        let steps = area.with_parents().into_iter().skip(1).map(|parent| {
            let mut changed = query.clone();
            changed.place.areas = vec![parent.clone()];
            Looser { query: changed, remove: vec!["area"], set: Some(("area", parent.to_string())) }
        });
        all.push(steps.collect());
    } else if !query.place.areas.is_empty() {
        all.push(without("area", &|query| query.place.areas.clear()));
    }
    if query.place.bbox.is_some() {
        all.push(without("bbox", &|query| query.place.bbox = None));
    }
    if query.place.within.is_some() {
        all.push(without("within", &|query| query.place.within = None));
    }
    if query.place.narrows() && query.filters.online.is_none() {
        let mut changed = query.clone();
        changed.place =
            PlaceFilter { near: query.place.near.map(|near| Near { radius: None, ..near }), ..PlaceFilter::default() };
        changed.filters.online = Some(true);
        let given = [
            (query.place.radius().is_some(), "radius"),
            (query.place.bbox.is_some(), "bbox"),
            (query.place.within.is_some(), "within"),
            (!query.place.areas.is_empty(), "area"),
        ];
        let remove = given.into_iter().filter(|(is_given, _)| *is_given).map(|(_, name)| name).collect();
        all.push(vec![Looser { query: changed, remove, set: Some(("online", "true".to_owned())) }]);
    }
    let filters = &query.filters;
    for scheme in filters.concepts.keys().copied() {
        all.push(without(scheme.name(), &move |query| drop(query.filters.concepts.remove(&scheme))));
    }
    let mut drop_if = |is_given: bool, name: &'static str, change: &dyn Fn(&mut SearchQuery)| {
        if is_given {
            all.push(without(name, change));
        }
    };
    drop_if(!filters.weekdays.is_empty(), Facet::Weekday.name(), &|query| query.filters.weekdays.clear());
    drop_if(!filters.day_parts.is_empty(), Facet::PartOfDay.name(), &|query| query.filters.day_parts.clear());
    if let Some(when) = filters.when {
        drop_if(true, when.parameter(), &|query| query.filters.when = None);
    }
    drop_if(filters.age.is_some(), "age", &|query| query.filters.age = None);
    drop_if(filters.gender.is_some(), "gender", &|query| query.filters.gender = None);
    drop_if(filters.max_price.is_some(), "maxPrice", &|query| query.filters.max_price = None);
    drop_if(filters.city_pass.is_some(), "cityPass", &|query| query.filters.city_pass = None);
    drop_if(filters.online.is_some(), "online", &|query| query.filters.online = None);
    drop_if(filters.organization.is_some(), "organization", &|query| query.filters.organization = None);
    drop_if(!filters.municipalities.is_empty(), "municipality", &|query| query.filters.municipalities.clear());
    drop_if(filters.assured_since.is_some(), "assuredSince", &|query| query.filters.assured_since = None);
    all
}
