//! Which documents of a segment can be hits at all: sets of one bit a document, cheap to combine.
//!
//! A set may hold documents that are no hits, since facts of different sessions meet in it; the pass decides. It never
//! lacks one. It spares the pass most of its looks at sessions, and these are most of what a search costs.

use std::borrow::Cow;

use tantivy::SegmentReader;

use super::columns::{Columns, SessionRow};
use super::facts::{FOR_EVER, flag};
use super::filter::EVERYONE;
use super::layout::{Bits, Layout, WORDS};
use crate::domain::Scheme;

/// A set of documents of one segment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Documents(Vec<u64>);

impl Documents {
    pub fn none(documents: usize) -> Self {
        Self(vec![0; documents.div_ceil(64)])
    }

    /// The documents of a segment that were not replaced or deleted; nothing when that is none.
    pub fn alive(segment: &SegmentReader) -> Option<Self> {
        let alive = segment.alive_bitset()?;
        let mut documents = Self::none(segment.max_doc() as usize);
        alive.iter_alive().for_each(|document| documents.insert(document));
        Some(documents)
    }

    pub fn insert(&mut self, document: u32) {
        self.0[document as usize / 64] |= 1 << (document % 64);
    }

    pub fn remove(&mut self, document: u32) {
        self.0[document as usize / 64] &= !(1 << (document % 64));
    }

    pub fn has(&self, document: u32) -> bool {
        self.0[document as usize / 64] >> (document % 64) & 1 == 1
    }

    pub fn join(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(own, other)| *own |= other);
    }

    pub fn keep(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(own, other)| *own &= other);
    }

    pub fn leave_out(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(own, other)| *own &= !other);
    }

    /// How many they are.
    pub fn count(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    /// The first document from a document on.
    pub fn next(&self, document: u32) -> Option<u32> {
        let at = document as usize / 64;
        let first = self.word(at) & (u64::MAX << (document % 64));
        if first != 0 {
            return Some(at as u32 * 64 + first.trailing_zeros());
        }
        let after = self.words_from(at + 1);
        let empty = after.iter().position(|word| *word != 0)?;
        Some((at + 1 + empty) as u32 * 64 + after[empty].trailing_zeros())
    }

    /// The words of 64 documents from one of them on.
    pub fn words_from(&self, start: usize) -> &[u64] {
        self.0.get(start..).unwrap_or_default()
    }

    /// The bits of 64 documents.
    pub fn word(&self, at: usize) -> u64 {
        self.0.get(at).copied().unwrap_or_default()
    }

    /// The documents, in their order.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        (0..).zip(&self.0).flat_map(|(at, word): (u32, &u64)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = (left != 0).then(|| left.trailing_zeros())?;
                left &= left - 1;
                Some(at * 64 + bit)
            })
        })
    }
}

/// How many slots a week has.
const SLOTS: usize = 28;

/// The documents of a segment by what any of their sessions has.
#[derive(Default)]
pub(super) struct Sets {
    facts: Vec<Documents>,
    /// How many have each fact.
    counts: Vec<u32>,
    /// Those whose first theme it is, by the place of the theme.
    main_themes: Vec<Documents>,
    slots: Vec<Documents>,
    without_slots: Documents,
    /// What a session is instead of at a place: online, at home, nationwide; and of unknown position, of unknown area,
    /// of one of these.
    elsewhere: [Documents; ELSEWHERE],
    /// Those with a session, which only offerings have.
    pub offerings: Documents,
    /// Those of whose sessions all have the same facts, on every day, wherever and whenever they are; but for the
    /// accessibility, which depends on the building.
    pub alike: Documents,
    /// Of these those with one session.
    pub single: Documents,
    /// Those that are made for some groups, and not for everyone.
    pub for_some: Documents,
    /// Those of which the languages are known, and Dutch is none of them.
    pub not_in_dutch: Documents,
}

/// The languages that somebody who asks in Dutch is taken to speak.
const DUTCH: [&str; 2] = ["nl", "nl_easy"];

/// How many ways there are to be elsewhere.
pub(super) const ELSEWHERE: usize = 6;

impl Sets {
    /// Makes the sets of a segment.
    pub fn new(columns: &Columns, layout: &Layout) -> Self {
        let all = columns.offerings.len();
        let mut sets = Self {
            facts: vec![Documents::none(all); WORDS * 64],
            counts: Vec::new(),
            main_themes: vec![Documents::none(all); layout.range(Scheme::Theme).end],
            slots: vec![Documents::none(all); SLOTS],
            without_slots: Documents::none(all),
            elsewhere: std::array::from_fn(|_| Documents::none(all)),
            offerings: Documents::none(all),
            alike: Documents::none(all),
            single: Documents::none(all),
            for_some: Documents::none(all),
            not_in_dutch: Documents::none(all),
        };
        let wait = layout.means(Scheme::Access, "waiting_time");
        let no_wait = layout.means(Scheme::Access, "no_waiting_time");
        let mut of_buildings = Bits::of(layout.range(Scheme::Accessibility));
        of_buildings.set(layout.unknown(Scheme::Accessibility));
        for document in 0..all as u32 {
            let theme = columns.offerings[document as usize]
                .main_theme
                .and_then(|at| sets.main_themes.get_mut(usize::from(at)));
            theme.into_iter().for_each(|documents| documents.insert(document));
            for at in columns.sessions_of(document) {
                let session = &columns.sessions[at];
                sets.add(document, session, &wait, &no_wait);
                sets.add_slots(columns, document, at);
                let ways = columns.ways_elsewhere(at);
                (0..ELSEWHERE).filter(|way| ways >> way & 1 == 1).for_each(|way| sets.elsewhere[way].insert(document));
                sets.offerings.insert(document);
            }
            let changes = |at: usize| columns.sessions[at].flags & (flag::WAIT | flag::NO_WAIT | flag::ENDS) != 0;
            let (mut sessions, own) = (columns.sessions_of(document), columns.sessions_of(document));
            let facts = |at: usize| columns.sessions[at].bits.without(&of_buildings);
            let same_facts = |at| facts(at) == facts(own.start);
            if !own.is_empty() && sessions.all(|at| same_facts(at) && !changes(at)) {
                sets.alike.insert(document);
                if own.len() == 1 {
                    sets.single.insert(document);
                }
            }
        }
        sets.counts = sets.facts.iter().map(Documents::count).collect();
        let known_but = |scheme, ids: &[&str]| {
            let facts = ids.iter().filter_map(|id| layout.place(scheme, id)).chain([layout.unknown(scheme)]);
            facts.fold(sets.offerings.clone(), |mut known, fact| {
                known.leave_out(&sets.facts[fact]);
                known
            })
        };
        (sets.for_some, sets.not_in_dutch) =
            (known_but(Scheme::TargetGroup, &[EVERYONE]), known_but(Scheme::Language, &DUTCH));
        sets
    }

    fn add(&mut self, document: u32, session: &SessionRow, wait: &Bits, no_wait: &Bits) {
        let mut bits = session.bits;
        // What is said about room holds on some days and not on others: the document may have it.
        if session.flags & flag::WAIT != 0 {
            bits.add(wait);
        }
        if session.flags & flag::NO_WAIT != 0 {
            bits.add(no_wait);
        }
        bits.iter().for_each(|bit| self.facts[bit].insert(document));
    }

    /// Adds the parts of the week of a session on any day: it may have more of them than on the day of a search.
    fn add_slots(&mut self, columns: &Columns, document: u32, at: usize) {
        let open = columns.slots(at, FOR_EVER);
        let all = columns.ends(at).iter().fold(open, |all, (_, slots)| all | slots);
        let slots = (0..SLOTS).filter(|slot| all >> slot & 1 == 1);
        slots.for_each(|slot| self.slots[slot].insert(document));
        if open == 0 {
            self.without_slots.insert(document);
        }
    }

    /// Those with a fact.
    pub fn with(&self, fact: usize) -> &Documents {
        &self.facts[fact]
    }

    /// How many have a fact.
    pub fn count_with(&self, fact: usize) -> u32 {
        self.counts.get(fact).copied().unwrap_or_default()
    }

    /// Those whose first theme is at this place of the layout.
    pub fn mainly_about(&self, theme: usize) -> Option<&Documents> {
        self.main_themes.get(theme)
    }

    /// Those with any of these facts.
    pub fn with_any(&self, facts: &Bits) -> Cow<'_, Documents> {
        let mut facts = facts.iter();
        let Some(first) = facts.next() else { return Cow::Owned(self.none()) };
        facts.fold(Cow::Borrowed(&self.facts[first]), |mut found, fact| {
            found.to_mut().join(&self.facts[fact]);
            found
        })
    }

    /// Those with any of these slots, and perhaps those of which none is known.
    pub fn in_slots(&self, wanted: u32, or_unknown: bool) -> Documents {
        let mut found = if or_unknown { self.without_slots.clone() } else { self.none() };
        (0..SLOTS).filter(|slot| wanted >> slot & 1 == 1).for_each(|slot| found.join(&self.slots[slot]));
        found
    }

    /// The documents of a list.
    pub fn of(&self, list: impl IntoIterator<Item = u32>) -> Documents {
        let mut documents = self.none();
        list.into_iter().for_each(|document| documents.insert(document));
        documents
    }

    /// Those that are elsewhere in each of these ways.
    pub fn elsewhere(&self, ways: [usize; 4]) -> [&Documents; 4] {
        ways.map(|way| &self.elsewhere[way])
    }

    pub fn none(&self) -> Documents {
        Documents(vec![0; self.offerings.0.len()])
    }
}

/// The documents that are in each of some sets; nothing stands for all documents.
pub(super) fn all_of<'d>(sets: impl IntoIterator<Item = Option<&'d Documents>>) -> Option<Documents> {
    let mut sets = sets.into_iter().flatten();
    let first = sets.next()?.clone();
    Some(sets.fold(first, |mut found, set| {
        found.keep(set);
        found
    }))
}

/// The documents that pass one of the filters, and the facet that is counted without this filter, if any is.
pub(super) type Test<'s> = (Option<Scheme>, Cow<'s, Documents>);

/// The documents that pass every test; nothing when there is none, and every document passes.
pub(super) fn passing_all(tests: &[Test<'_>]) -> Option<Documents> {
    all_of(tests.iter().map(|(_, documents)| Some(documents.as_ref())))
}

/// For each test that may fail alone its facet, and the documents that pass every other.
pub(super) fn passing_others(tests: &[Test<'_>]) -> Vec<(Scheme, Option<Documents>)> {
    let others = |left_out| {
        let others = tests.iter().enumerate().filter(move |(at, _)| *at != left_out);
        all_of(others.map(|(_, (_, documents))| Some(documents.as_ref())))
    };
    tests.iter().enumerate().filter_map(|(at, (facet, _))| Some(((*facet)?, others(at)))).collect()
}

/// The documents that pass every test, or all but one of those that may fail alone.
pub(super) fn passing(all: Option<&Documents>, others: &[(Scheme, Option<Documents>)]) -> Option<Documents> {
    let mut found = all?.clone();
    for (_, others) in others {
        // With nothing left to fail every document passes.
        found.join(others.as_ref()?);
    }
    Some(found)
}
