//! Tells what a question was taken to mean, with the words that each reading came from.

use super::answer::time_name;
use super::page::{Interpretation, Read, ReadValue, RelatedWords, Repaired, Use};
use super::query::{Facet, SearchQuery};
use super::snapshot::Snapshot;
use super::understand::{ForWhom, Meant, Narrowed, Narrowing, Reads, Understood, Unit, WordSet};
use crate::domain::schedule::weekday_name;
use crate::domain::{AreaCode, Need, Scheme};

/// The most related words of one word that are told.
const MOST_RELATED: usize = 8;

impl Snapshot {
    /// What was read of a question; `kept` narrows the search, `left_out` tells how much each of it leaves out, and
    /// `is_all` whether hits have all that is asked for.
    pub(super) fn interpretation(
        &self,
        query: &SearchQuery,
        asked: &Understood,
        kept: &[&Narrowed],
        left_out: &[u64],
        is_all: bool,
    ) -> Interpretation {
        let language = query.language.language();
        let mut readings: Vec<Read> = Vec::new();
        let names_area = |narrowed: &&&Narrowed| narrowed.to.reads() == Reads::Area;
        let has_no_place =
            query.place.near.is_none() && !query.place.narrows() && !kept.iter().any(|one| names_area(&one));
        for narrowed in asked.narrowings.iter().rev() {
            let at = kept.iter().position(|other| *other == narrowed);
            readings.push(Read {
                reads: narrowed.to.reads().name(),
                values: self.values(&narrowed.to, language),
                from: asked.said(narrowed.tokens),
                used: match narrowed.to {
                    _ if at.is_some() => Use::Narrows,
                    Narrowing::Near(_) if has_no_place => Use::NeedsPlace,
                    Narrowing::Near(None) => Use::Ranks,
                    _ => Use::SetAside,
                },
                strength: 1.0,
                left_out: at.map(|at| left_out[at]),
            });
        }
        let narrows = |meant: &Meant| kept.iter().any(|narrowed| narrowed.tokens == meant.tokens && meant.tokens != 0);
        let mut concepts: Vec<&Meant> = asked.concepts.iter().filter(|meant| !narrows(meant)).collect();
        concepts.sort_by(|a, b| b.strength.total_cmp(&a.strength).then(a.place.cmp(&b.place)));
        readings.extend(concepts.into_iter().filter_map(|meant| {
            let (scheme, id) = self.layout.concept(meant.place)?;
            Some(Read {
                reads: scheme.name(),
                values: vec![self.value(*scheme, id.as_str(), language)],
                from: asked.said(meant.tokens),
                used: if meant.strength < 0.0 { Use::NotWanted } else { Use::Ranks },
                strength: round(meant.strength.abs()),
                left_out: None,
            })
        }));
        readings.extend(for_whom(asked, language));
        readings.extend(self.needs(asked).map(|(need, strength)| Read {
            reads: Reads::Need.name(),
            values: vec![ReadValue { id: need.id.to_string(), label: need.label.clone() }],
            from: None,
            used: Use::Ranks,
            strength: round(strength),
            left_out: None,
        }));
        let mut words: Vec<String> = asked.units.iter().filter(|unit| !unit.is_learned).map(Unit::text).collect();
        // The parts of a compound are told as the compound.
        words.dedup();
        let repaired = asked.repaired.iter().map(|(typed, word)| Repaired { typed: typed.clone(), word: word.clone() });
        Interpretation {
            hits_have_all: is_all,
            words,
            unused: asked.words(asked.unused),
            repaired: repaired.collect(),
            related: self.related_words(asked),
            did_you_mean: asked.did_you_mean.clone(),
            readings,
        }
    }

    /// What a question likely needs in particular, each with how likely that is.
    pub(super) fn needs<'s>(&'s self, asked: &'s Understood) -> impl Iterator<Item = (&'s Need, f32)> + 's {
        let needs = &self.vocabulary.lexicon().needs;
        asked.needs.iter().filter_map(|likely| Some((needs.get(likely.place)?, likely.strength)))
    }

    /// The words beside those of a question that were looked for, as far as listings have them.
    fn related_words(&self, asked: &Understood) -> Vec<RelatedWords> {
        let words = asked.units.iter().flat_map(|unit| unit.words.iter().chain(&unit.others));
        let related = words.map(|word| {
            let stand = word.related.iter().filter(|related| self.with_stem(&related.stem) > 0);
            let with = stand.map(|related| related.word.clone()).take(MOST_RELATED).collect();
            RelatedWords { word: word.exact.clone(), with }
        });
        related.filter(|related| !related.with.is_empty()).collect()
    }

    fn values(&self, narrowing: &Narrowing, language: &str) -> Vec<ReadValue> {
        let time = |facet, id: &str| ReadValue { id: id.to_owned(), label: time_name(facet, id, language) };
        match narrowing {
            Narrowing::Weekdays(days) => days.iter().map(|day| time(Facet::Weekday, weekday_name(*day))).collect(),
            Narrowing::When(when) => vec![ReadValue { id: when.id(), label: when.label(language) }],
            Narrowing::PartsOfDay(parts) => parts.iter().map(|part| time(Facet::PartOfDay, part.as_str())).collect(),
            Narrowing::Concepts(scheme, ids) => {
                ids.iter().map(|id| self.value(*scheme, id.as_str(), language)).collect()
            }
            Narrowing::Near(within) => {
                let metres = within.map(|within| within.metres().to_string());
                metres.map(|metres| ReadValue { label: format!("{metres} m"), id: metres }).into_iter().collect()
            }
            Narrowing::Areas(areas) => {
                let name = |code: &AreaCode| self.area(code).ok().flatten().map(|area| area.name);
                let value = |code: &AreaCode| ReadValue { id: code.to_string(), label: name(code).unwrap_or_default() };
                areas.iter().map(value).collect()
            }
        }
    }

    fn value(&self, scheme: Scheme, id: &str, language: &str) -> ReadValue {
        let label = self.vocabulary.concept(scheme, id).map_or(id, |concept| concept.short_name(language));
        ReadValue { id: id.to_owned(), label: label.to_owned() }
    }
}

/// Who a question is for, as it was read.
fn for_whom(asked: &Understood, language: &str) -> impl Iterator<Item = Read> {
    let ForWhom { ages, gender, ages_said, gender_said } = &asked.for_whom;
    let ages = ages.iter().map(|age| ReadValue { id: age.to_string(), label: age.to_string() }).collect();
    let gender = gender
        .iter()
        .map(|gender| ReadValue { id: gender.name().to_owned(), label: gender.label(language).to_owned() });
    let all: [(Reads, Vec<ReadValue>, WordSet); 2] =
        [(Reads::Age, ages, *ages_said), (Reads::Gender, gender.collect(), *gender_said)];
    let said = all.into_iter().filter(|(_, values, _)| !values.is_empty());
    said.map(|(reads, values, tokens)| Read {
        reads: reads.name(),
        values,
        from: asked.said(tokens),
        used: Use::Ranks,
        strength: 1.0,
        left_out: None,
    })
}

/// To two decimals.
fn round(strength: f32) -> f32 {
    (strength * 100.0).round() / 100.0
}
