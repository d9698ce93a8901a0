//! Which bit stands for which fact: one for each concept of the vocabulary, one for each scheme of which nothing is
//! known, and one for each target group that says "made for this group".
//!
//! A session's facts are one row of bits, so that a filter is a look at a few words of memory, and the counts of all
//! facets are the bits of the matching sessions added up.

use std::collections::HashMap;
use std::ops::Range;

use crate::domain::vocabulary::SameFact;
use crate::domain::{Concept, ConceptId, Scheme, Vocabulary};

use super::SearchError;

/// How many words of 64 bits a row has: room for a vocabulary a fifth larger than the one of the binary.
pub(super) const WORDS: usize = 5;

/// A row of bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bits(pub [u64; WORDS]);

impl Bits {
    pub fn of(range: Range<usize>) -> Self {
        let mut bits = Self::default();
        range.for_each(|bit| bits.set(bit));
        bits
    }

    pub fn set(&mut self, bit: usize) {
        self.0[bit / 64] |= 1 << (bit % 64);
    }

    pub fn clear(&mut self, bit: usize) {
        self.0[bit / 64] &= !(1 << (bit % 64));
    }

    pub fn has(&self, bit: usize) -> bool {
        self.0[bit / 64] >> (bit % 64) & 1 == 1
    }

    pub fn meets(&self, other: &Self) -> bool {
        (0..WORDS).fold(0, |common, at| common | (self.0[at] & other.0[at])) != 0
    }

    pub fn add(&mut self, other: &Self) {
        (0..WORDS).for_each(|at| self.0[at] |= other.0[at]);
    }

    /// Those that the other has not.
    pub fn without(&self, other: &Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at] & !other.0[at]))
    }

    /// Adds what the other has within a mask.
    pub fn add_within(&mut self, other: &Self, mask: &Self) {
        (0..WORDS).for_each(|at| self.0[at] |= other.0[at] & mask.0[at]);
    }

    /// How many bits are set.
    pub fn count(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    /// The bits that are set, in order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().flat_map(|(at, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros() as usize;
                left &= left.wrapping_sub(1);
                (bit < 64).then_some(at * 64 + bit)
            })
        })
    }
}

/// The places of all facts.
#[derive(Debug)]
pub(super) struct Layout {
    places: HashMap<(Scheme, ConceptId), usize>,
    /// The scheme and concept at each place.
    concepts: Vec<(Scheme, ConceptId)>,
    /// For each place what its concept means: itself, what is wider, what states the same fact, and what these mean;
    /// and for which target groups it is made.
    meanings: Vec<Bits>,
    ranges: [Range<usize>; Scheme::ALL.len()],
}

impl Layout {
    /// Lays the facts of a vocabulary out; it must fit in a row.
    pub fn new(vocabulary: &Vocabulary) -> Result<Self, SearchError> {
        let mut concepts = Vec::new();
        let ranges = Scheme::ALL.map(|scheme| {
            let start = concepts.len();
            concepts.extend(vocabulary.scheme(scheme).concepts.iter().map(|concept| (scheme, concept.id.clone())));
            start..concepts.len()
        });
        let places = concepts.iter().cloned().enumerate().map(|(place, concept)| (concept, place)).collect();
        let mut layout = Self { places, concepts, meanings: Vec::new(), ranges };
        let needed = layout.made_for(layout.range(Scheme::TargetGroup).len());
        if needed > WORDS * 64 {
            return Err(SearchError::VocabularyTooLarge { facts: needed, room: WORDS * 64 });
        }
        layout.meanings = (0..layout.concepts.len()).map(|place| layout.meaning(vocabulary, place)).collect();
        Ok(layout)
    }

    /// The places of a scheme's concepts.
    pub fn range(&self, scheme: Scheme) -> Range<usize> {
        self.ranges[scheme as usize].clone()
    }

    /// The place that says that nothing of a scheme is known.
    pub fn unknown(&self, scheme: Scheme) -> usize {
        self.concepts.len() + scheme as usize
    }

    /// The place that says "made for the target group with this number, a narrower or a wider one".
    pub fn made_for(&self, group: usize) -> usize {
        self.concepts.len() + Scheme::ALL.len() + group
    }

    /// The places of all target groups that something is made for.
    pub fn made_for_any(&self) -> Range<usize> {
        self.made_for(0)..self.made_for(self.range(Scheme::TargetGroup).len())
    }

    /// The place of a concept.
    pub fn place(&self, scheme: Scheme, id: &str) -> Option<usize> {
        self.places.get(&(scheme, ConceptId::from(id))).copied()
    }

    /// The concept at a place, where there is one.
    pub fn concept(&self, place: usize) -> Option<&(Scheme, ConceptId)> {
        self.concepts.get(place)
    }

    /// All that a concept means. A concept that is not in the vocabulary means nothing.
    pub fn means(&self, scheme: Scheme, id: &str) -> Bits {
        self.place(scheme, id).map(|place| self.meanings[place]).unwrap_or_default()
    }

    fn meaning(&self, vocabulary: &Vocabulary, place: usize) -> Bits {
        let mut bits = Bits::default();
        // What is stated, in these words or others; its wider concepts follow from it.
        let mut stated = Vec::new();
        let mut next = vec![self.concepts[place].clone()];
        while let Some(concept) = next.pop() {
            if stated.contains(&concept) {
                continue;
            }
            let (scheme, id) = &concept;
            let wider = vocabulary.ancestors(*scheme, id.as_str()).into_iter().cloned();
            for id in std::iter::once(id.clone()).chain(wider) {
                if let Some(place) = self.place(*scheme, id.as_str()) {
                    bits.set(place);
                }
                next.extend(same_facts(vocabulary, *scheme, &id));
            }
            stated.push(concept);
        }
        let groups = self.range(Scheme::TargetGroup);
        for (_, stated) in stated.iter().filter(|(scheme, _)| *scheme == Scheme::TargetGroup) {
            for place in groups.clone() {
                let group = &self.concepts[place].1;
                let is_wider = |narrow: &ConceptId, wide| {
                    narrow == wide || vocabulary.ancestors(Scheme::TargetGroup, narrow.as_str()).contains(&wide)
                };
                if is_wider(stated, group) || is_wider(group, stated) {
                    bits.set(self.made_for(place - groups.start));
                }
            }
        }
        bits
    }
}

/// The concepts of other schemes that hold where this one does.
fn same_facts(vocabulary: &Vocabulary, scheme: Scheme, id: &ConceptId) -> Vec<(Scheme, ConceptId)> {
    let mut found = Vec::new();
    if scheme == Scheme::Community {
        // As the vocabulary says of its communities; a vocabulary without this group draws no such conclusion.
        found.push((Scheme::TargetGroup, ConceptId::from("people_with_migration_background")));
    }
    let is_this = |there: Scheme, concept: &Concept| there == scheme && concept.id == *id;
    for list in vocabulary.schemes() {
        for concept in &list.concepts {
            let (Some((preferred_scheme, preferred)), Some(direction)) =
                (vocabulary.preferred(concept), concept.same_fact_direction)
            else {
                continue;
            };
            if is_this(list.scheme, concept) && direction != SameFact::FromPreferred {
                found.push((preferred_scheme, preferred.id.clone()));
            }
            if is_this(preferred_scheme, preferred) && direction != SameFact::ToPreferred {
                found.push((list.scheme, concept.id.clone()));
            }
        }
    }
    found
}
