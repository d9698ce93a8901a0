//! Completions of what somebody types: concepts, names of offerings, organizations and areas that begin so, or of which
//! a later word does.
//!
//! Names stand in a field of the index, once from each of their words on, so that its sorted dictionary answers a
//! prefix. Nothing comes from what others typed.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, TERMINATED};
use utoipa::ToSchema;

use crate::domain::text::fold;
use crate::domain::{LanguageTag, Scheme};

use super::SearchError;
use super::facts::day_key;
use super::snapshot::Snapshot;

/// The most completions.
const MOST: usize = 8;
/// The most of each kind, when there are others.
const MOST_OF_KIND: usize = 3;
/// How many names that begin so are looked at in each part of the index.
const LOOKS: usize = 60;
/// The most words of a name from which it is found.
const MOST_WORDS: usize = 8;
/// With fewer completions than this the words are taken to be misspelt.
const FEW: usize = 2;
/// What stands between the parts of a term; folded text has none.
const MARK: char = '\u{1}';

/// What a completion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum CompletionKind {
    /// A concept of the vocabulary.
    Concept,
    /// An area.
    Area,
    /// An organization.
    Organization,
    /// An offering.
    Offering,
}

impl CompletionKind {
    const ALL: [Self; 4] = [Self::Concept, Self::Area, Self::Organization, Self::Offering];

    /// Its letter in the terms of the index.
    fn letter(self) -> &'static str {
        match self {
            Self::Concept => "c",
            Self::Area => "a",
            Self::Organization => "o",
            Self::Offering => "n",
        }
    }
}

/// What somebody may be typing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Completion {
    /// Its name.
    #[schema(example = "Rouw en verlies")]
    pub label: String,
    /// Its id: of a concept, an area, an organization or an offering.
    #[schema(example = "grief")]
    pub id: String,
    /// The parameter of a search that takes this id; an offering has an address of its own instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "theme")]
    pub parameter: Option<&'static str>,
}

/// Completions of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CompletionGroup {
    /// What they are.
    pub kind: CompletionKind,
    /// The completions, the likeliest first.
    pub items: Vec<Completion>,
}

/// Completions, at most eight.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Completions {
    /// By what they are.
    pub groups: Vec<CompletionGroup>,
    /// What was completed instead of what was typed, when hardly anything begins so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repaired: Option<String>,
}

/// Completions by what they are.
type Found = BTreeMap<CompletionKind, Vec<Completion>>;

/// The terms by which a name is completed: one from each of its words on.
pub(super) fn terms<'n>(kind: CompletionKind, name: &'n str, id: &'n str) -> impl Iterator<Item = String> + 'n {
    let folded = fold(name);
    let starts: Vec<usize> =
        std::iter::once(0).chain(folded.match_indices(' ').map(|(at, _)| at + 1)).take(MOST_WORDS).collect();
    let term = move |at: usize| format!("{}{MARK}{}{MARK}{name}{MARK}{id}", &folded[at..], kind.letter());
    starts.into_iter().map(term)
}

impl Snapshot {
    /// What somebody may be typing, with names in a language where there are some.
    pub fn complete(&self, typed: &str, language: &LanguageTag, today: NaiveDate) -> Result<Completions, SearchError> {
        let typed = fold(typed);
        if typed.is_empty() {
            return Ok(Completions::default());
        }
        let count = |found: &Found| found.values().map(Vec::len).sum::<usize>();
        let found = self.completions_of(&typed, language, today)?;
        if count(&found) < FEW
            && let Some(repaired) = self.repaired(&typed)
        {
            let other = self.completions_of(&repaired, language, today)?;
            if count(&other) > count(&found) {
                return Ok(Completions { groups: grouped(other), repaired: Some(repaired) });
            }
        }
        Ok(Completions { groups: grouped(found), repaired: None })
    }

    fn repaired(&self, typed: &str) -> Option<String> {
        let dictionary = &self.taught.as_ref()?.dictionary;
        let repair = |word: &str| dictionary.repair(word).map_or_else(|| word.to_owned(), |repair| repair.word);
        let repaired = typed.split(' ').map(repair).collect::<Vec<_>>().join(" ");
        Some(repaired).filter(|repaired| repaired != typed)
    }

    fn completions_of(&self, prefix: &str, language: &LanguageTag, today: NaiveDate) -> Result<Found, SearchError> {
        let mut found: Found = BTreeMap::new();
        let concepts = self.understanding.concepts_from(prefix, language.language());
        let concepts = concepts.into_iter().map(|(scheme, id, label): (Scheme, String, String)| Completion {
            label,
            id,
            parameter: Some(scheme.name()),
        });
        found.insert(CompletionKind::Concept, concepts.collect());
        let daily = self.daily(day_key(today));
        for (segment, reader) in self.searcher.segment_readers().iter().enumerate() {
            let index = reader.inverted_index(self.fields.completion)?;
            let alive = &daily.alive[segment];
            let is_area = |document: u32| self.columns[segment].offerings[document as usize].number == 0;
            let mut stream = index.terms().range().ge(prefix.as_bytes()).into_stream()?;
            for _ in 0..LOOKS {
                if !stream.advance() || !stream.key().starts_with(prefix.as_bytes()) {
                    break;
                }
                let Some((kind, label, id)) = std::str::from_utf8(stream.key()).ok().and_then(parts) else { continue };
                let known = found.entry(kind).or_default();
                if known.iter().any(|other| other.id == id) {
                    continue;
                }
                // What is no more, or is not to be seen yet, completes nothing.
                let mut documents = index.read_postings_from_terminfo(stream.value(), IndexRecordOption::Basic)?;
                let mut is_there = false;
                while documents.doc() != TERMINATED && !is_there {
                    let document = documents.doc();
                    is_there = self.is_alive(segment, document)
                        && (is_area(document) || alive.as_ref().is_none_or(|alive| alive.has(document)));
                    documents.advance();
                }
                if is_there {
                    let parameter = match kind {
                        CompletionKind::Area => Some("area"),
                        CompletionKind::Organization => Some("organization"),
                        CompletionKind::Concept | CompletionKind::Offering => None,
                    };
                    known.push(Completion { label: label.to_owned(), id: id.to_owned(), parameter });
                }
            }
        }
        for items in found.values_mut() {
            // A name that begins so comes before one of which a later word does; a short one before a long one.
            let later = |one: &Completion| !fold(&one.label).starts_with(prefix);
            items.sort_by(|a, b| {
                let order = later(a).cmp(&later(b)).then(a.label.chars().count().cmp(&b.label.chars().count()));
                order.then_with(|| a.label.cmp(&b.label)).then_with(|| a.id.cmp(&b.id))
            });
        }
        Ok(found)
    }
}

/// The kind, the name and the id of a term.
fn parts(term: &str) -> Option<(CompletionKind, &str, &str)> {
    let mut parts = term.split(MARK).skip(1);
    let (letter, label, id) = (parts.next()?, parts.next()?, parts.next()?);
    let kind = CompletionKind::ALL.into_iter().find(|kind| kind.letter() == letter)?;
    Some((kind, label, id))
}

/// Some of each kind, and more where there are few others.
fn grouped(mut found: Found) -> Vec<CompletionGroup> {
    let mut room = MOST;
    let mut taken: BTreeMap<CompletionKind, usize> = BTreeMap::new();
    for most in [MOST_OF_KIND, MOST] {
        for kind in CompletionKind::ALL {
            let have = found.get(&kind).map_or(0, Vec::len);
            let own = taken.entry(kind).or_default();
            let more = have.min(most).saturating_sub(*own).min(room);
            *own += more;
            room -= more;
        }
    }
    let groups = CompletionKind::ALL.into_iter().map(|kind| {
        let mut items = found.remove(&kind).unwrap_or_default();
        items.truncate(taken.get(&kind).copied().unwrap_or_default());
        CompletionGroup { kind, items }
    });
    groups.filter(|group| !group.items.is_empty()).collect()
}
