//! What residents of an area find near them, need by need: the coverage report.
//!
//! What counts is what one can walk to: within [`Reach`] of a point in the area and with no barrier between, or in the
//! area itself; and what comes to the homes of those who live there. Each offering counts once for each of its themes,
//! with what its reachable sessions have together.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate, Weekday};
use tantivy::DocAddress;

use crate::domain::{
    Area, AreaCode, AreaKind, Barriers, BoundingBox, ConceptId, DayPart, Distance, LanguageTag, Now, Position, Scheme,
    Slots,
};

use super::SearchError;
use super::columns::View;
use super::facts::{AreaKey, UNKNOWN_DAY, day_key, door, flag};
use super::filter::EVERY;
use super::find::Search;
use super::layout::Bits;
use super::query::{Filters, SearchQuery};
use super::ruler::Ruler;
use super::snapshot::Snapshot;
use super::understand::Understood;

mod report;

pub use report::{AreaCoverage, CoverageLine, CoverageQuery, CoverageReport, Lack, Verdict};

/// How many lines a report may have: those of a large city twice over.
pub const MOST_LINES: usize = 50_000;
/// In reports of so many areas each line names its offerings.
const MOST_AREAS_NAMED: usize = 10;
/// How many offerings a line names.
const MOST_NAMED: usize = 50;

/// An offering that was checked within so many days is assured: six months.
const ASSURED_DAYS: u64 = 183;
/// A need is covered by so many assured offerings, one of them free and one without waiting.
const ENOUGH: u32 = 3;

/// How far people walk to an activity: in a town and in a village, in metres.
struct Reach;

impl Reach {
    const TOWN: u32 = 1_200;
    const VILLAGE: u32 = 5_000;

    fn of(area: &Area) -> u32 {
        if area.is_urban() == Some(false) { Self::VILLAGE } else { Self::TOWN }
    }
}

/// What is counted for one theme.
#[derive(Clone, Default)]
struct Cell {
    /// Whatever the group and the language.
    any: u32,
    offerings: u32,
    assured: u32,
    free: u32,
    without_waiting: u32,
    evening_or_weekend: u32,
    /// By their places in the layout; none when nothing fits.
    facts: Vec<u32>,
    /// The first of them.
    items: Vec<DocAddress>,
}

/// What the reachable sessions of an offering have together.
#[derive(Default)]
struct Reached {
    bits: Bits,
    is_near: bool,
    fits: bool,
    is_assured: bool,
    is_free: bool,
    does_not_wait: bool,
    is_late: bool,
}

impl Snapshot {
    /// What residents of areas find near them; nothing when that has more than [`MOST_LINES`] lines.
    pub fn coverage(
        &self,
        asked: &CoverageQuery,
        barriers: &Barriers,
        now: Now,
    ) -> Result<Option<CoverageReport>, SearchError> {
        let language = asked.language.clone().unwrap_or_else(LanguageTag::dutch);
        let (places, without_outline) = self.places_of(&asked.areas);
        let themes = self.themes(&asked.themes);
        let pairs = asked.groups.len().max(1) * asked.languages.len().max(1);
        if places.len() * pairs * themes.len() > MOST_LINES {
            return Ok(None);
        }
        let names_offerings = places.len() <= MOST_AREAS_NAMED;
        let none = || vec![None];
        let some = |ids: &[ConceptId]| match ids {
            [] => none(),
            ids => ids.iter().cloned().map(Some).collect(),
        };
        let mut searches = Vec::new();
        for group in some(&asked.groups) {
            for spoken in some(&asked.languages) {
                let concepts = [(Scheme::TargetGroup, &group), (Scheme::Language, &spoken)];
                let concepts = concepts.into_iter().filter_map(|(scheme, id)| Some((scheme, [id.clone()?].into())));
                let filters = Filters { concepts: concepts.collect(), ..Filters::default() };
                let query = SearchQuery { filters, ..SearchQuery::default() };
                searches.push((group.clone(), spoken.clone(), query));
            }
        }
        let nothing = Understood::default();
        let mut found = Vec::new();
        for (code, position) in places {
            let area = self.area(&code)?.ok_or(SearchError::Damaged)?;
            let reach = Reach::of(&area);
            let mut lines = Vec::new();
            for (group, spoken, query) in &searches {
                let search = Search::new(self, query, &nothing, now)?;
                let cells = self.cells(&search, &area.code, (position, f64::from(reach)), barriers, now.today());
                for (place, id) in &themes {
                    let cell = cells.get(place).cloned().unwrap_or_default();
                    lines.push(self.line((id, group, spoken), cell, &language, names_offerings)?);
                }
            }
            let mut verdicts = BTreeMap::new();
            lines.iter().for_each(|line| *verdicts.entry(line.verdict.as_str()).or_default() += 1);
            let municipality = self.area(&area.code.municipality())?.map(|area| area.name);
            found.push(AreaCoverage {
                residents: area.residents(),
                walking_distance: reach,
                code: area.code,
                name: area.name,
                municipality,
                position,
                verdicts,
                lines,
                outline: area.outline,
            });
        }
        let is_english = language.language() == "en";
        let say = |dutch: &str, english: &str| if is_english { english.to_owned() } else { dutch.to_owned() };
        Ok(Some(CoverageReport {
            caution: say(
                "Een gat betekent: staat niet in deze wegwijzer. Het kan er wel zijn. Vraag het na voor u conclusies trekt.",
                "A gap means: it is not in this directory. It may still exist. Ask before you draw conclusions.",
            ),
            rule: say(
                "Gedekt: minstens drie activiteiten op loopafstand (1,2 km in de stad, 5 km in een dorp, hemelsbreed) die \
                 het laatste half jaar zijn gecontroleerd, waarvan een gratis en een zonder wachttijd. Dun: er is iets, \
                 maar minder dan dat, of niet in de gevraagde taal of voor de gevraagde groep. Ontbreekt: niets.",
                "Covered: at least three activities within walking distance (1.2 km in a town, 5 km in a village, as the \
                 crow flies) that were checked within six months, one of them free and one without waiting. Thin: there \
                 is something, but less than that, or not in the asked language or for the asked group. Missing: nothing.",
            ),
            data_as_of: self.watermark().as_of,
            areas: found,
            without_outline,
        }))
    }

    /// The neighbourhoods of areas with a point in each, and the codes of which none is known.
    fn places_of(&self, codes: &[AreaCode]) -> (BTreeMap<AreaCode, Position>, Vec<AreaCode>) {
        let (mut found, mut unknown) = (BTreeMap::new(), Vec::new());
        for code in codes {
            let within = self.placed_areas(|area| code.includes(&area.code));
            let buurten = within.iter().filter(|(code, _)| code.kind() == AreaKind::Buurt);
            let mut chosen: Vec<_> = buurten.cloned().collect();
            if chosen.is_empty() {
                // Without its neighbourhoods an area is looked at as a whole.
                chosen = within.into_iter().filter(|(area, _)| area == code).collect();
            }
            if chosen.is_empty() {
                unknown.push(code.clone());
            }
            found.extend(chosen);
        }
        (found, unknown)
    }

    /// The asked themes, or all, with their places in the layout.
    fn themes(&self, asked: &[ConceptId]) -> Vec<(usize, ConceptId)> {
        let all =
            self.layout.range(Scheme::Theme).filter_map(|place| Some((place, self.layout.concept(place)?.1.clone())));
        all.filter(|(_, id)| asked.is_empty() || asked.contains(id)).collect()
    }

    /// What residents can walk to, by theme.
    fn cells(
        &self,
        search: &Search<'_>,
        area: &AreaCode,
        (position, reach): (Position, f64),
        barriers: &Barriers,
        today: NaiveDate,
    ) -> BTreeMap<usize, Cell> {
        let mut cells: BTreeMap<usize, Cell> = BTreeMap::new();
        let (ruler, key) = (Ruler::new(position), AreaKey::new(area));
        let Some(radius) = Distance::from_metres(reach) else { return cells };
        let bounds = BoundingBox::around(position, radius);
        // What lies behind water is not near, however few metres it is.
        let is_near = |latitude, longitude| {
            ruler.is_within(ruler.quick(latitude, longitude), radius, latitude, longitude)
                && Position::new(latitude, longitude).is_ok_and(|to| barriers.between(position, to).is_none())
        };
        let themes = self.layout.range(Scheme::Theme);
        let mut told = Bits::default();
        for scheme in [Scheme::Formality, Scheme::Continuum, Scheme::ResilienceResource, Scheme::Language] {
            told.add(&Bits::of(self.layout.range(scheme)));
        }
        let (places, mut facts) = (self.layout.made_for(0), Vec::new());
        for segment in 0..self.columns.len() {
            let view = search.view(segment);
            let mut documents: Vec<_> =
                view.grid.squares(&bounds).flat_map(|square| square.documents).copied().collect();
            let start = view.by_area.partition_point(|(own, _)| *own < key);
            let inside = view.by_area[start..].iter().take_while(|(own, _)| key.includes(*own));
            documents.extend(inside.map(|(_, document)| *document));
            documents.extend(view.come_home.iter().map(|(document, _)| *document));
            documents.sort_unstable();
            documents.dedup();
            documents.retain(|document| search.daily.alive[segment].as_ref().is_none_or(|alive| alive.has(*document)));
            for document in documents {
                let reached = self.reached(search, view, document, (&is_near, position, key), today);
                if !reached.is_near {
                    continue;
                }
                facts.clear();
                facts.extend(reached.bits.iter().filter(|bit| told.has(*bit)));
                for theme in reached.bits.iter().filter(|bit| themes.contains(bit)) {
                    let cell = cells.entry(theme).or_default();
                    cell.any += 1;
                    if !reached.fits {
                        continue;
                    }
                    cell.offerings += 1;
                    cell.assured += u32::from(reached.is_assured);
                    cell.free += u32::from(reached.is_assured && reached.is_free);
                    cell.without_waiting += u32::from(reached.is_assured && reached.does_not_wait);
                    cell.evening_or_weekend += u32::from(reached.is_late);
                    cell.facts.resize(places, 0);
                    facts.iter().for_each(|fact| cell.facts[*fact] += 1);
                    if cell.items.len() < MOST_NAMED {
                        cell.items.push(DocAddress::new(segment as u32, document));
                    }
                }
            }
        }
        cells
    }

    fn reached(
        &self,
        search: &Search<'_>,
        view: View<'_>,
        document: u32,
        (is_near, home, area): (&dyn Fn(f64, f64) -> bool, Position, AreaKey),
        today: NaiveDate,
    ) -> Reached {
        let since = today.checked_sub_days(Days::new(ASSURED_DAYS)).map_or(UNKNOWN_DAY, day_key);
        let free = self.layout.place(Scheme::Cost, "free");
        let no_wait = self.layout.means(Scheme::Access, "no_waiting_time");
        let mut reached = Reached::default();
        for at in view.sessions_of(document) {
            let [latitude, longitude] = view.positions[at];
            let is_near = view.areas(at).iter().any(|own| area.includes(*own))
                || view.has_position(at) && is_near(latitude, longitude)
                || view.comes_to(at, home, &[area]);
            if !is_near {
                continue;
            }
            let session = &view.sessions[at];
            let bits = search.filter.bits(session);
            reached.is_near = true;
            reached.bits.add(&bits);
            if search.filter.facets(view, at, &bits) != EVERY {
                continue;
            }
            reached.fits = true;
            let is_waiting = session.flags & flag::WAIT != 0 || session.door & door::FULL != 0;
            reached.is_assured |= session.assured != UNKNOWN_DAY && session.assured >= since;
            reached.is_free |= session.price == 0 || free.is_some_and(|free| bits.has(free));
            reached.does_not_wait |= bits.meets(&no_wait) || session.door & door::WALK_IN != 0 && !is_waiting;
            reached.is_late |= search.filter.slots(view, at) & late() != 0;
        }
        reached
    }

    fn line(
        &self,
        (theme, group, spoken): (&ConceptId, &Option<ConceptId>, &Option<ConceptId>),
        cell: Cell,
        language: &LanguageTag,
        names_offerings: bool,
    ) -> Result<CoverageLine, SearchError> {
        let lacks = [
            (cell.offerings == 0 && cell.any > 0, Lack::LanguageOrGroup),
            (cell.assured < ENOUGH, Lack::Assured),
            (cell.free == 0, Lack::Free),
            (cell.without_waiting == 0, Lack::WithoutWaiting),
        ];
        let lacks: Vec<Lack> = lacks.into_iter().filter(|(lacks, _)| *lacks).map(|(_, lack)| lack).collect();
        let verdict = match () {
            () if cell.any == 0 => Verdict::Missing,
            () if lacks.is_empty() => Verdict::Covered,
            () => Verdict::Thin,
        };
        let of = |scheme: Scheme| {
            let counted = |place: usize| cell.facts.get(place).copied().filter(|count| *count > 0);
            let facts = self.layout.range(scheme).filter_map(|place| Some((place, counted(place)?)));
            facts.filter_map(|(place, count)| Some((self.layout.concept(place)?.1.clone(), count))).collect()
        };
        let items = cell.items.iter().filter(|_| names_offerings);
        let items = items.map(|at| Ok(serde_json::from_str(self.hit(*at)?.card.get())?));
        let items = items.collect::<Result<_, SearchError>>()?;
        let concept = self.vocabulary.concept(Scheme::Theme, theme.as_str());
        Ok(CoverageLine {
            label: concept.map_or(theme.as_str(), |concept| concept.short_name(language.language())).to_owned(),
            theme: theme.clone(),
            target_group: group.clone(),
            language: spoken.clone(),
            verdict,
            lacks: if verdict == Verdict::Thin { lacks } else { Vec::new() },
            offerings: cell.offerings,
            assured: cell.assured,
            free: cell.free,
            without_waiting: cell.without_waiting,
            evening_or_weekend: cell.evening_or_weekend,
            formality: of(Scheme::Formality),
            continuum: of(Scheme::Continuum),
            resilience_resource: of(Scheme::ResilienceResource),
            languages: of(Scheme::Language),
            items,
        })
    }
}

/// The parts of the week that are late: every evening, and all of Saturday and Sunday.
fn late() -> u32 {
    let weekend = Slots::of_weekday(Weekday::Sat).0 | Slots::of_weekday(Weekday::Sun).0;
    Slots::of_part(DayPart::Evening).0 | weekend
}
