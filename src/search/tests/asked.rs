//! A question in the stupid second search: which offerings have what it asks for, and what of it gives way when too few
//! have.

use std::collections::BTreeSet;

use super::known::Known;
use super::scan::{Expected, scan_candidates};
use crate::domain::*;
use crate::search::analysis::QueryWord;
use crate::search::layout::Layout;
use crate::search::query::*;
use crate::search::understand::{Narrowing, Understood};

/// What a question asks for, in the words of the domain. How it was read is tested elsewhere.
pub struct Asked {
    units: Vec<AskedUnit>,
    /// What it leaves out, the first to be set aside first.
    narrowings: Vec<Narrowing>,
    /// The themes that it is surely about.
    subject: BTreeSet<ConceptId>,
    /// Whether the surest of them was said outright, so that it must be known to fit.
    says_subject: bool,
}

struct AskedUnit {
    words: Vec<QueryWord>,
    others: Vec<QueryWord>,
    concepts: Vec<(Scheme, ConceptId)>,
}

impl AskedUnit {
    /// Whether an offering has it; with its own words, or also with words that are related to them.
    fn is_in(&self, vocabulary: &Vocabulary, offering: &Known, also_related: bool) -> bool {
        let has_word = |word: &QueryWord| {
            offering.has_word(word) || also_related && word.related.iter().any(|one| offering.has_stem(&one.stem))
        };
        let has_concept = |(scheme, id): &(Scheme, ConceptId)| {
            let mut facts = offering.sessions.iter().flat_map(|session| session.of(*scheme));
            facts.any(|own| own == *id || vocabulary.ancestors(*scheme, own.as_str()).contains(&id))
        };
        !self.words.is_empty() && self.words.iter().all(has_word)
            || self.others.iter().any(has_word)
            || self.concepts.iter().any(has_concept)
    }
}

impl Asked {
    pub fn of(understood: &Understood, layout: &Layout) -> Self {
        let concept = |place: &usize| layout.concept(*place).expect("a concept").clone();
        let units = understood.units.iter().map(|unit| AskedUnit {
            words: unit.words.clone(),
            others: unit.others.clone(),
            concepts: unit.concepts.iter().map(concept).collect(),
        });
        let narrowings = understood.narrowings.iter().map(|narrowed| narrowed.to.clone());
        let themes = understood.concepts.iter().map(|meant| (concept(&meant.place), meant));
        let themes: Vec<_> = themes.filter(|((scheme, _), _)| *scheme == Scheme::Theme).collect();
        let surest = themes.iter().map(|(_, meant)| meant).max_by(|a, b| a.strength.total_cmp(&b.strength));
        let surest = surest.filter(|surest| surest.strength >= 0.2);
        let is_sure = |strength: f32| surest.is_some_and(|surest| strength * 2.0 > surest.strength);
        let subject = themes.iter().filter(|(_, meant)| is_sure(meant.strength));
        let subject = subject.map(|((_, id), _)| id.clone()).collect();
        let says_subject = surest.is_some_and(|surest| surest.tokens != 0);
        Self { units: units.collect(), narrowings: narrowings.collect(), subject, says_subject }
    }

    /// Whether there is anything within a narrowed query of what it is about.
    fn has_subject(
        &self,
        vocabulary: &Vocabulary,
        offerings: &[Known],
        query: &SearchQuery,
        narrowed: &SearchQuery,
    ) -> bool {
        if self.subject.is_empty() || narrowed.filters.concepts.contains_key(&Scheme::Theme) {
            return true;
        }
        let mut about = narrowed.clone();
        if self.says_subject {
            about.filters.include_unknown = query.filters.include_unknown.clone();
        }
        about.filters.concepts.insert(Scheme::Theme, self.subject.clone());
        let shown = offerings.iter().filter(|offering| offering.is_shown).collect();
        !scan_candidates(vocabulary, shown, &about).hits.is_empty()
    }

    /// The query with what the question leaves out, where nobody chose that.
    fn narrowed(&self, query: &SearchQuery, set_aside: usize) -> SearchQuery {
        let mut narrowed = query.clone();
        let filters = &mut narrowed.filters;
        let free = self.narrowings.iter().filter(|narrowing| match narrowing {
            Narrowing::Weekdays(_) => query.filters.weekdays.is_empty(),
            Narrowing::PartsOfDay(_) => query.filters.day_parts.is_empty(),
            Narrowing::When(_) => query.filters.when.is_none(),
            Narrowing::Concepts(scheme, _) => !query.filters.concepts.contains_key(scheme),
            Narrowing::Near(within) => within.is_some() && query.place.near.is_some_and(|near| near.radius.is_none()),
            Narrowing::Areas(_) => !query.place.narrows(),
        });
        for narrowing in free.skip(set_aside) {
            let unknown = match narrowing {
                Narrowing::Weekdays(days) => {
                    filters.weekdays = days.clone();
                    Unknowable::Facet(Facet::Weekday)
                }
                Narrowing::PartsOfDay(parts) => {
                    filters.day_parts = parts.clone();
                    Unknowable::Facet(Facet::PartOfDay)
                }
                Narrowing::When(when) => {
                    filters.when = Some(*when);
                    Unknowable::When
                }
                Narrowing::Concepts(scheme, ids) => {
                    filters.concepts.insert(*scheme, ids.iter().cloned().collect());
                    Unknowable::Facet(Facet::Scheme(*scheme))
                }
                Narrowing::Near(within) => {
                    let near = narrowed.place.near.expect("it is free");
                    narrowed.place.near = Some(Near { radius: *within, ..near });
                    continue;
                }
                Narrowing::Areas(areas) => {
                    narrowed.place.areas = areas.clone();
                    continue;
                }
            };
            filters.include_unknown.insert(unknown);
        }
        narrowed
    }
}

/// What a search finds. Near a position without a radius that is the narrowest of some within which there is a page.
pub fn scan(vocabulary: &Vocabulary, offerings: &[Known], query: &SearchQuery, asked: &Asked) -> Expected {
    let says_where = asked.narrowings.iter().any(|one| matches!(one, Narrowing::Near(Some(_)) | Narrowing::Areas(_)));
    let near = query.place.near.filter(|_| !query.place.narrows() && !says_where);
    if let Some(near) = near {
        for metres in [1, 2, 4, 8, 16, 32].map(|kilometres| f64::from(kilometres) * 1_000.0) {
            let mut around = query.clone();
            around.place.near = Some(Near { radius: Distance::from_metres(metres), ..near });
            // All that is asked for, with nothing set aside.
            let narrowed = asked.narrowed(&around, 0);
            let shown = offerings.iter().filter(|offering| offering.is_shown);
            let all = shown.filter(|offering| asked.units.iter().all(|unit| unit.is_in(vocabulary, offering, false)));
            let found = scan_candidates(vocabulary, all.collect(), &narrowed);
            if found.hits.len() >= query.page_size.max(20) {
                return found;
            }
        }
    }
    scan_there(vocabulary, offerings, query, asked)
}

/// What a search finds: as many narrowings are set aside as must be for a choice of three with something of what it is
/// about, if there is any, and when fewer than six offerings have all of several things that are asked for, or fewer than
/// three the one, those count that have any of it.
fn scan_there(vocabulary: &Vocabulary, offerings: &[Known], query: &SearchQuery, asked: &Asked) -> Expected {
    let mut choice = None;
    let mut set_aside = 0;
    loop {
        let narrowed = asked.narrowed(query, set_aside);
        let is_last = narrowed == *query;
        let (found, has_all) = scan_narrowed(vocabulary, offerings, &narrowed, asked);
        if found.hits.len() >= 3 || is_last {
            if has_all || is_last && choice.is_none() || asked.has_subject(vocabulary, offerings, query, &narrowed) {
                return found;
            }
            choice.get_or_insert(found);
        }
        if is_last {
            return choice.expect("the last is one");
        }
        set_aside += 1;
    }
}

/// What is found within a query, and whether all of it has all that is asked for.
fn scan_narrowed(vocabulary: &Vocabulary, offerings: &[Known], query: &SearchQuery, asked: &Asked) -> (Expected, bool) {
    let shown = || offerings.iter().filter(|offering| offering.is_shown);
    let all = shown().filter(|offering| asked.units.iter().all(|unit| unit.is_in(vocabulary, offering, false)));
    let found = scan_candidates(vocabulary, all.collect(), query);
    let has_related = |unit: &AskedUnit| unit.words.iter().chain(&unit.others).any(|word| !word.related.is_empty());
    let enough = if asked.units.len() == 1 { 3 } else { 6 };
    if asked.units.len() < 2 && !asked.units.iter().any(has_related) || found.hits.len() >= enough {
        return (found, true);
    }
    let core: Vec<&AskedUnit> = asked.units.iter().filter(|unit| !unit.concepts.is_empty()).collect();
    let units = if core.is_empty() { asked.units.iter().collect() } else { core };
    let any = shown().filter(|offering| units.iter().any(|unit| unit.is_in(vocabulary, offering, true)));
    (scan_candidates(vocabulary, any.collect(), query), false)
}
