//! Makes what is shown of a search: its hits with their texts, and the counts of its facets with their labels.

use std::sync::Arc;

use serde_json::value::to_raw_value;
use tantivy::DocAddress;

use crate::domain::schedule::{WEEK, weekday_name};
use crate::domain::{DayPart, Distance, HolidayCalendar, Position, Scheme};

use super::SearchError;
use super::agenda::{NEVER, minute};
use super::card::SessionRead;
use super::columns::{OfferingRow, View};
use super::facts::day_key;
use super::find::{Search, Shown};
use super::highlight::Marker;
use super::order::{Candidate, Found, HowMatched, Score};
use super::page::{ConceptPart, Explanation, FacetCounts, FacetValue, Highlights, Hit, Upcoming, WhyNone};
use super::pass::look;
use super::query::Facet;
use super::sieve::Documents;
use super::tally::Tally;

impl Search<'_> {
    /// The hits of a page with the sessions to show.
    pub fn hits(&self, found: Vec<(Candidate, Shown)>) -> Result<Vec<Hit>, SearchError> {
        let words = self.asked.units.iter().flat_map(|unit| unit.words.iter().chain(&unit.others));
        let mut marker = Marker::new(words);
        found.into_iter().map(|(candidate, shown)| self.hit(&candidate, shown, &mut marker)).collect()
    }

    fn hit(&self, candidate: &Candidate, shown: Shown, marker: &mut Marker<'_>) -> Result<Hit, SearchError> {
        let columns = self.columns(candidate);
        let offering = &columns.offerings[candidate.document as usize];
        let stored = self.snapshot.hit(DocAddress::new(candidate.segment, candidate.document))?;
        let (card, highlights) = match stored.card_in(&self.query.language)? {
            Some(card) => (to_raw_value(&card)?.into(), highlights(&card.name, card.summary.as_deref(), marker)),
            None => (Arc::clone(&stored.card), highlights(&stored.name, stored.summary.as_deref(), marker)),
        };
        let number = shown.session - columns.sessions_of(candidate.document).start;
        let read = stored.session(number)?;
        let SessionRead { session, timetable, .. } = &read;
        let now = self.now;
        let from = self.span.map_or(now.at(), |span| span.begins());
        let next = match columns.on.map_or(NEVER, |on| on.soonest[shown.session]) {
            NEVER => read.next(from),
            // By which it was found, when a time is asked for.
            soonest => read.next_where(from, |own| minute(own.span().0) == soonest),
        };
        let why_none = || match () {
            () if !timetable.is_known() => WhyNone::Unknown,
            () if columns.is_over(shown.session, day_key(now.today())) => WhyNone::Over,
            () if timetable.closed.is_some() => WhyNone::Closed,
            () => WhyNone::NotWithinYear,
        };
        Ok(Hit {
            no_occurrence: next.is_none().then(why_none),
            next_occurrence: next
                .map(|occurrence| Upcoming { joinable: session.joinable(occurrence.date, now.today()), occurrence }),
            changes: timetable.changes_around(now.today(), HolidayCalendar::dutch()),
            offering: card,
            session: Arc::clone(read.json),
            distance: shown.distance.map(|metres| metres.round() as u64),
            walking_minutes: shown.distance.and_then(Distance::from_metres).and_then(Distance::walking_minutes),
            barrier: None,
            position: {
                let [latitude, longitude] = columns.positions[shown.session];
                Position::new(latitude, longitude).ok()
            },
            highlights,
            matched: self.filter.matched_of(&columns.sessions[shown.session]),
            unknown: self.filter.unknown_of(columns, shown.session),
            explanation: self.query.explain.then(|| self.explanation(candidate, offering, columns)),
        })
    }

    fn explanation(&self, candidate: &Candidate, offering: &OfferingRow, columns: View<'_>) -> Explanation {
        let found = look(self, columns, candidate.document, None).map_or(f64::INFINITY, |found| found.distance);
        let found = Found { is_let_in: false, distance: found, soonest: NEVER };
        let suits = self.suits.of(columns, candidate.document);
        let matched = HowMatched { words: candidate.words, suits };
        let score = self.ranking.score(offering, &found, matched);
        let mut concepts = Vec::new();
        for boost in self.boosts() {
            let has = |documents: &Documents| documents.has(candidate.document);
            let any = if has(columns.sets.with(boost.place)) { boost.any } else { 0.0 };
            let main =
                columns.sets.mainly_about(boost.place).filter(|documents| has(documents)).map_or(0.0, |_| boost.main);
            let Some((scheme, id)) = self.snapshot.layout.concept(boost.place).filter(|_| any + main != 0.0) else {
                continue;
            };
            let label = self.label(*scheme, id.as_str());
            concepts.push(ConceptPart { scheme: scheme.name(), id: id.to_string(), label, adds: any + main });
        }
        concepts.sort_by(|a, b| b.adds.abs().total_cmp(&a.adds.abs()));
        let words = score.words - concepts.iter().map(|part| part.adds).sum::<f32>();
        let exact_name = self.typed.as_deref() == Some(columns.name(candidate.document));
        let nearness = self.ranking.has_origin.then_some(score.nearness);
        let told = self.told(words, &concepts, &score, exact_name);
        let (freshness, suits) = (score.freshness, score.suits.factor());
        Explanation { words, concepts, freshness, nearness, suits, score: score.total(), exact_name, told }
    }

    /// The parts of a score in words that an editor understands.
    fn told(&self, words: f32, concepts: &[ConceptPart], score: &Score, exact_name: bool) -> String {
        let is_english = self.query.language.language() == "en";
        let say = |dutch: &str, english: &str| if is_english { english.to_owned() } else { dutch.to_owned() };
        let mut parts = Vec::new();
        if exact_name {
            parts.push(say("de naam is precies wat er getypt is", "its name is what was typed"));
        }
        if words > 0.05 && !self.asked.units.is_empty() {
            let needs: Vec<&str> = self.snapshot.needs(self.asked).map(|(need, _)| need.label.as_str()).collect();
            parts.push(if needs.is_empty() {
                say("woorden uit de vraag staan in de tekst", "words of the question are in its text")
            } else {
                let likely = say(
                    "woorden uit de vraag, of van wat waarschijnlijk nodig is, staan in de tekst: ",
                    "words of the question, or of what is likely needed, are in its text: ",
                );
                likely + &needs.join(", ")
            });
        }
        let labels = |wanted: bool| {
            let some = concepts.iter().filter(|part| (part.adds > 0.0) == wanted).map(|part| part.label.as_str());
            some.take(4).collect::<Vec<_>>().join(", ")
        };
        let (fits, against) = (labels(true), labels(false));
        if !fits.is_empty() {
            parts.push(say("gaat over wat gevraagd is: ", "is about what was asked: ") + &fits);
        }
        if !against.is_empty() {
            parts.push(say("lager, want niet gewenst: ", "lower, since not wanted: ") + &against);
        }
        if score.freshness < 1.0 {
            parts
                .push(say("lager, want langer dan een jaar niet gecontroleerd", "lower, since not checked for a year"));
        }
        if score.nearness < 0.9 {
            parts.push(say("lager, want niet dichtbij", "lower, since not near"));
        }
        if score.suits.leaves_out {
            parts.push(say(
                "lager, want niet voor deze leeftijd of dit geslacht",
                "lower, since not for this age or gender",
            ));
        }
        if score.suits.has_no_place {
            parts.push(say(
                "lager, want nergens om naartoe te gaan: via telefoon of internet, of bij u thuis",
                "lower, since nowhere to go to: by phone or online, or at your home",
            ));
        }
        if score.suits.misses > 0 {
            parts.push(say(
                "lager, want past niet bij de plaats, tijd, prijs of taal uit de vraag",
                "lower, since it does not fit the place, time, price or language of the question",
            ));
        }
        if score.suits.is_for_others {
            parts.push(say(
                "iets lager, want voor een groep of in een taal die niet genoemd is",
                "a little lower, since for a group or in a language that was not named",
            ));
        }
        parts.join("; ")
    }

    /// The values of a facet that have hits or are chosen.
    pub fn facet(&self, tally: &Tally, facet: Facet) -> FacetCounts {
        let filters = &self.query.filters;
        let language = self.query.language.language();
        let mut values = Vec::new();
        let mut add = |id: &str, label: String, count: u32, is_chosen: bool| {
            if count > 0 || is_chosen {
                values.push(FacetValue { id: id.to_owned(), label, count });
            }
        };
        let unknown = match facet {
            Facet::Scheme(scheme) => {
                let (counts, unknown) = tally.of_scheme(&self.snapshot.layout, filters, scheme);
                let chosen = filters.concepts.get(&scheme);
                for (concept, count) in self.snapshot.vocabulary.scheme(scheme).concepts.iter().zip(counts) {
                    let is_chosen = chosen.is_some_and(|chosen| chosen.contains(&concept.id));
                    if *count > 0 || is_chosen {
                        add(concept.id.as_str(), self.label(scheme, concept.id.as_str()), *count, is_chosen);
                    }
                }
                unknown
            }
            Facet::Weekday => {
                let (counts, unknown) = tally.of_weekdays();
                for (day, count) in WEEK.into_iter().zip(counts) {
                    let label = time_name(facet, weekday_name(day), language);
                    add(weekday_name(day), label, *count, filters.weekdays.contains(&day));
                }
                unknown
            }
            Facet::PartOfDay => {
                let (counts, unknown) = tally.of_day_parts();
                for (part, count) in DayPart::ALL.into_iter().zip(counts) {
                    let label = time_name(facet, part.as_str(), language);
                    add(part.as_str(), label, *count, filters.day_parts.contains(&part));
                }
                unknown
            }
        };
        FacetCounts { values, unknown }
    }

    /// The short name of a concept in the asked language, else in Dutch.
    fn label(&self, scheme: Scheme, id: &str) -> String {
        let concept = self.snapshot.vocabulary.concept(scheme, id);
        concept.map_or(id, |concept| concept.short_name(self.query.language.language())).to_owned()
    }
}

fn highlights(name: &str, summary: Option<&str>, marker: &mut Marker<'_>) -> Option<Highlights> {
    let name = marker.mark(name);
    let summary = summary.and_then(|summary| marker.mark(summary));
    (name.is_some() || summary.is_some()).then_some(Highlights { name, summary })
}

const WEEKDAYS_NL: [&str; 7] = ["maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"];
const DAY_PARTS_NL: [&str; 4] = ["ochtend", "middag", "avond", "nacht"];

/// The name of a day or a part of it, by its id: in English for who asks for that, else in Dutch, like the labels of
/// the vocabulary.
pub(super) fn time_name(facet: Facet, id: &str, language: &str) -> String {
    let dutch = match facet {
        Facet::Weekday => WEEK.into_iter().position(|day| weekday_name(day) == id).map(|at| WEEKDAYS_NL[at]),
        _ => DayPart::ALL.into_iter().position(|part| part.as_str() == id).map(|at| DAY_PARTS_NL[at]),
    };
    dutch.filter(|_| language != "en").unwrap_or(id).to_owned()
}
