//! Finds the documents with the words and concepts of a question, and how well they match.
//!
//! Every match is counted, and few are shown. So the lists of the words are read into a window of documents at a time,
//! where "has this word" is one bit a document: a search reads each list once, from its beginning to its end, and
//! scores only what may be shown ([`super::scores`]). The library's scorers go from document to document instead, and
//! ask every list for each; they find the same with the same scores, which a test holds.

use std::borrow::Cow;
use std::sync::Arc;

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::BlockSegmentPostings;
use tantivy::query::{Bm25StatisticsProvider, Bm25Weight};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, Searcher, SegmentReader, TERMINATED, Term};

use super::SearchError;
use super::analysis::QueryWord;
use super::columns::Columns;
use super::fields::{Fields, other_form};
use super::layout::Bits;
use super::order::Boost;
use super::scores::{Matched, Scores};
use super::sieve::Documents;
use super::understand::Unit;
use super::weights;
use super::window::{SIZE, Window};

/// The units of a question in the lists of an index.
pub(super) struct Matching<'s> {
    segments: Vec<InSegment<'s>>,
    must_have: MustHave,
}

/// The units of a question in a segment, and what its concepts add to a score.
struct InSegment<'s> {
    units: Vec<Lists<'s>>,
    boosts: Vec<(&'s Documents, f32)>,
}

/// The documents of a segment with a unit: those with all of its words, and those with one of its concepts.
pub(super) struct Lists<'s> {
    /// For each word its lists. A segment in which a word does not stand has none.
    words: Vec<Vec<List>>,
    /// The same for each word of which one is enough.
    others: Vec<Vec<List>>,
    with_concept: Option<Cow<'s, Documents>>,
    /// Whether it counts for being found; those that do not only count for the score.
    counts: bool,
}

/// What a document needs to be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MustHave {
    /// All units that words say.
    AllSaid,
    /// Any unit with concepts, said or learned.
    AnyCore,
    /// Any unit.
    Any,
}

impl MustHave {
    /// Whether a unit counts for being found; one that does not only counts for the score.
    fn counts(self, unit: &Unit) -> bool {
        match self {
            Self::AllSaid => !unit.is_learned,
            Self::AnyCore => unit.is_core(),
            Self::Any => unit.likely.is_empty(),
        }
    }
}

/// The documents of a segment that have one form of a word.
pub(super) struct List {
    postings: BlockSegmentPostings,
    lengths: FieldNormReader,
    weight: Bm25Weight,
    /// The next document in the block that is read.
    at: usize,
    /// What was read of the present window: the places of documents, and how often the form stands in each.
    pub read: Vec<(u16, u32)>,
    /// Whether having it is having the word; a related word may only count for the score.
    counts: bool,
}

impl<'s> Matching<'s> {
    /// Looks the units up. A word is there by its Dutch stem, its English stem
    /// or as it is written, and counts by the best of these (BM25 over the whole index).
    pub fn new(
        searcher: &Searcher,
        fields: &Fields,
        columns: &'s [Arc<Columns>],
        (units, boosts): (&[Unit], &[Boost]),
        must_have: MustHave,
    ) -> Result<Self, SearchError> {
        let mut segments = Vec::new();
        for columns in columns {
            let boosts = boosts.iter().flat_map(|boost| {
                let all = Some((columns.sets.with(boost.place), boost.any));
                all.into_iter().chain(columns.sets.mainly_about(boost.place).map(|documents| (documents, boost.main)))
            });
            segments.push(InSegment { units: Vec::new(), boosts: boosts.collect() });
        }
        let has_core = units.iter().any(Unit::is_core);
        let said = units.iter().filter(|unit| !unit.is_learned).count() as f32;
        let of_each = weights::WORDS_OF_SENTENCE / said.max(weights::WORDS_OF_SENTENCE);
        for unit in units {
            let mut concepts = Bits::default();
            unit.concepts.iter().for_each(|place| concepts.set(*place));
            for (segment, columns) in segments.iter_mut().zip(columns) {
                let counts = must_have.counts(unit);
                let with_concept = (counts && unit.is_core()).then(|| columns.sets.with_any(&concepts));
                segment.units.push(Lists { words: Vec::new(), others: Vec::new(), with_concept, counts });
            }
            let weight = unit.weight(has_core) * of_each;
            for (at, word) in unit.words.iter().chain(&unit.others).enumerate() {
                let mut lists: Vec<Vec<List>> = segments.iter().map(|_| Vec::new()).collect();
                for (field, form) in forms(fields, word) {
                    let term = Term::from_field_text(field, &form);
                    look_up(searcher, &term, weight, true, &mut lists)?;
                }
                for related in &word.related {
                    let term = Term::from_field_text(fields.dutch, &related.stem);
                    let weight = weight * weights::of_kinship(related.kinship);
                    look_up(searcher, &term, weight, must_have != MustHave::AllSaid, &mut lists)?;
                }
                for (last, lists) in last_of(&mut segments).zip(lists) {
                    if at < unit.words.len() { last.words.push(lists) } else { last.others.push(lists) }
                }
            }
            if !unit.likely.is_empty() {
                let mut lists: Vec<Vec<List>> = segments.iter().map(|_| Vec::new()).collect();
                for word in &unit.likely {
                    let term = Term::from_field_text(fields.dutch, &word.stem);
                    look_up(searcher, &term, word.strength * weights::NEED, true, &mut lists)?;
                }
                last_of(&mut segments).zip(lists).for_each(|(last, lists)| last.others.push(lists));
            }
        }
        Ok(Self { segments, must_have })
    }

    /// Calls with what is found in each window of a segment, in order. Documents outside of `within` are not looked
    /// for, and those outside of `scored` are found without a score.
    pub fn for_each(
        &mut self,
        segment: usize,
        within: &Documents,
        scored: &Documents,
        mut visit: impl FnMut(Matched<'_, 's>),
    ) {
        let must_have = self.must_have;
        let InSegment { units, boosts } = &mut self.segments[segment];
        let mut scores = Scores::new();
        let mut start = 0;
        while let Some(next) = next_window(units, must_have, within, start) {
            let mut found = if must_have == MustHave::AllSaid { Window::of(next, within) } else { Window::none(next) };
            for unit in units.iter_mut() {
                let with = unit.read(next);
                match must_have {
                    _ if !unit.counts => {}
                    MustHave::AllSaid => found.keep(&with),
                    MustHave::AnyCore | MustHave::Any => found.add(&with),
                }
            }
            found = found.within(within);
            if !found.is_empty() {
                visit(Matched { documents: found, scored: found.within(scored), units, boosts, scores: &mut scores });
            }
            start = found.end();
        }
    }
}

/// The last unit in each segment.
fn last_of<'l, 's>(segments: &'l mut [InSegment<'s>]) -> impl Iterator<Item = &'l mut Lists<'s>> {
    segments.iter_mut().filter_map(|segment| segment.units.last_mut())
}

/// The forms of a word, each with the field in which it may stand.
fn forms(fields: &Fields, word: &QueryWord) -> Vec<(Field, String)> {
    let own = [(fields.dutch, &word.dutch), (fields.english, &word.english), (fields.exact, &word.exact)];
    let others = word.others.iter().map(|(language, stem)| (fields.other, other_form(*language, stem)));
    own.into_iter().map(|(field, form)| (field, form.clone())).chain(others).collect()
}

impl Lists<'_> {
    /// The lists of each word.
    pub fn each_word(&self) -> impl Iterator<Item = &[List]> {
        self.words.iter().chain(&self.others).map(Vec::as_slice)
    }

    /// Reads the lists of a window.
    fn read(&mut self, start: usize) -> Window {
        let mut found = Window::none(start);
        for (at, lists) in self.words.iter_mut().enumerate() {
            let mut with = Window::none(start);
            lists.iter_mut().for_each(|list| list.read(&mut with));
            if at == 0 { found = with } else { found.keep(&with) }
        }
        self.others.iter_mut().flatten().for_each(|list| list.read(&mut found));
        if let Some(documents) = &self.with_concept {
            found.join(documents);
        }
        found
    }

    /// The next document with it, from a document on.
    fn seek(&mut self, document: DocId) -> DocId {
        let next =
            |lists: &mut Vec<List>| lists.iter_mut().filter(|list| list.counts).map(|list| list.seek(document)).min();
        let with_words = self.words.iter_mut().map(|lists| next(lists).unwrap_or(TERMINATED)).max();
        let with_concept = self.with_concept.as_ref().and_then(|documents| documents.next(document));
        let with_other = self.others.iter_mut().flatten();
        let with_other = with_other.filter(|list| list.counts).map(|list| list.seek(document)).min();
        with_words.into_iter().chain(with_other).chain(with_concept).min().unwrap_or(TERMINATED)
    }
}

/// Finds a term's lists, one for each segment that has any.
fn look_up(
    searcher: &Searcher,
    term: &Term,
    boost: f32,
    counts: bool,
    lists: &mut [Vec<List>],
) -> Result<(), SearchError> {
    let field = term.field();
    let mut found = Vec::new();
    let mut documents = 0;
    for (segment, reader) in searcher.segment_readers().iter().enumerate() {
        let inverted = reader.inverted_index(field)?;
        if let Some(info) = inverted.get_term_info(term)? {
            documents += u64::from(info.doc_freq);
            found.push((segment, inverted, info));
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    let all = searcher.total_num_docs()?;
    let length = searcher.total_num_tokens(field)? as f32 / all as f32;
    let weight = Bm25Weight::for_one_term_without_explain(documents, all, length).boost_by(boost);
    for (segment, inverted, info) in found {
        let postings = inverted.read_block_postings_from_terminfo(&info, IndexRecordOption::WithFreqs)?;
        let lengths = lengths(searcher.segment_reader(segment as u32), field)?;
        lists[segment].push(List { postings, lengths, weight: weight.clone(), at: 0, read: Vec::new(), counts });
    }
    Ok(())
}

fn lengths(segment: &SegmentReader, field: Field) -> Result<FieldNormReader, SearchError> {
    Ok(segment.get_fieldnorms_reader(field)?)
}

/// The word of 64 documents at which the next window begins: not before `start`, and not before enough units stand
/// somewhere in documents that are looked for. Nothing when that is nowhere.
fn next_window(units: &mut [Lists<'_>], must_have: MustHave, within: &Documents, start: usize) -> Option<usize> {
    let counting = units.iter_mut().filter(|unit| unit.counts);
    let next = counting.map(|unit| unit.seek(start as u32 * 64));
    let next =
        if must_have == MustHave::AllSaid { next.max() } else { next.min() }.filter(|next| *next < TERMINATED)?;
    let start = start.max(next as usize / 64);
    let empty = within.words_from(start).iter().position(|word| *word != 0)?;
    Some(start + empty)
}

impl List {
    /// How well what was read matches, by its place in the window.
    pub fn score(&self, window: &Window, place: usize, times: u32) -> f32 {
        self.weight.score(self.lengths.fieldnorm_id(window.document(place)), times)
    }

    /// The next document, from a document on.
    fn seek(&mut self, document: DocId) -> DocId {
        let next = self.next();
        if next >= document {
            return next;
        }
        self.at = self.postings.seek(document);
        self.next()
    }

    fn next(&self) -> DocId {
        self.postings.docs().get(self.at).copied().unwrap_or(TERMINATED)
    }

    /// Reads the list to the end of a window and adds its documents. Nothing is asked of a document here, since the
    /// processor would guess the answer wrong for every second one.
    fn read(&mut self, with: &mut Window) {
        let start = with.document(0);
        let end = start + SIZE as DocId;
        self.read.clear();
        self.seek(start);
        loop {
            let documents = self.postings.docs();
            let rest = documents.get(self.at..).unwrap_or_default();
            let until = self.at + rest.partition_point(|document| *document < end);
            let frequencies = self.postings.freqs().get(self.at..until).unwrap_or_default();
            // Within a window a place is less than `SIZE`.
            let places = rest.iter().zip(frequencies).map(|(document, times)| ((document - start) as u16, *times));
            self.read.extend(places);
            self.at = until;
            if until < documents.len() || documents.is_empty() {
                break;
            }
            self.postings.advance();
            self.at = 0;
        }
        if self.counts {
            self.read.iter().for_each(|(place, _)| with.insert(usize::from(*place)));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use tantivy::query::{BooleanQuery, DisjunctionMaxQuery, EnableScoring, Query, TermQuery};
    use tantivy::{Index, TantivyDocument};

    use super::*;

    /// The same query, made of the library's own.
    fn by_the_library(searcher: &Searcher, fields: &Fields, words: &[QueryWord]) -> BTreeMap<(usize, u32), f32> {
        let each = words.iter().map(|word| {
            let forms = [(fields.dutch, &word.dutch), (fields.english, &word.english), (fields.exact, &word.exact)];
            let terms = forms.map(|(field, form)| {
                let term = Term::from_field_text(field, form);
                Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs)) as Box<dyn Query>
            });
            Box::new(DisjunctionMaxQuery::new(terms.into())) as Box<dyn Query>
        });
        let query = BooleanQuery::intersection(each.collect());
        let weight = query.weight(EnableScoring::enabled_from_searcher(searcher)).expect("a weight");
        let mut found = BTreeMap::new();
        for (at, segment) in searcher.segment_readers().iter().enumerate() {
            let mut add = |document, score| {
                found.insert((at, document), score);
            };
            weight.for_each(segment, &mut add).expect("a pass");
        }
        found
    }

    /// An index in memory of documents that each have some of a few words, in two segments.
    fn index(documents: &[Vec<(u8, u8)>], fields: &Fields) -> Searcher {
        let index = Index::create_in_ram(fields.schema.clone());
        let mut writer: tantivy::IndexWriter = index.writer_with_num_threads(1, 20_000_000).expect("a writer");
        writer.set_merge_policy(Box::new(tantivy::indexer::NoMergePolicy));
        for some in documents.chunks(documents.len().div_ceil(2).max(1)) {
            for words in some {
                let mut document = TantivyDocument::new();
                for (at, field) in [fields.dutch, fields.english, fields.exact].into_iter().enumerate() {
                    let of_field = words.iter().filter(|(word, _)| usize::from(*word) % (at + 2) != 0);
                    let text: Vec<_> = of_field
                        .flat_map(|(word, times)| std::iter::repeat_n(format!("w{word}"), usize::from(*times)))
                        .collect();
                    document.add_text(field, text.join(" "));
                }
                writer.add_document(document).expect("it is taken in");
            }
            writer.commit().expect("it is written");
        }
        index.reader().expect("a reader").searcher()
    }

    fn word(number: u8) -> QueryWord {
        let form = format!("w{number}");
        QueryWord { exact: form.clone(), dutch: form.clone(), english: form, others: Vec::new(), related: Vec::new() }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]
        #[test]
        fn it_finds_what_the_library_finds_with_the_same_scores(
            few in prop::collection::vec(prop::collection::vec((0u8..12, 1u8..9), 0..6), 1..40),
            repeated in 1usize..400,
            wanted in prop::collection::vec(0u8..13, 1..4),
            left_out in 1usize..7,
        ) {
            // Repeated, so that lists are longer than a block, and documents than a window.
            let documents: Vec<_> = few.iter().cycle().take(few.len() * repeated).cloned().collect();
            let fields = Fields::new();
            let searcher = index(&documents, &fields);
            let mut wanted = wanted;
            wanted.sort_unstable();
            wanted.dedup();
            let words: Vec<_> = wanted.into_iter().map(word).collect();
            let expected = by_the_library(&searcher, &fields, &words);
            let units: Vec<_> = words.into_iter().map(|word| Unit { words: vec![word], ..Unit::default() }).collect();
            let columns: Vec<_> = searcher.segment_readers().iter().map(|_| Arc::<Columns>::default()).collect();
            let mut matching =
                Matching::new(&searcher, &fields, &columns, (&units, &[]), MustHave::AllSaid).expect("the words");
            for (at, segment) in searcher.segment_readers().iter().enumerate() {
                let mut some = Documents::none(segment.max_doc() as usize);
                (0..segment.max_doc()).step_by(left_out).for_each(|document| some.insert(document));
                let (mut found, mut expected) = (Vec::new(), expected.range((at, 0)..(at + 1, 0)).collect::<Vec<_>>());
                expected.retain(|((_, document), _)| some.has(*document));
                matching.for_each(at, &some, &some, |mut matched| {
                    matched.promising(0.0, None).each(|place| found.push(matched.at(place)));
                });
                prop_assert_eq!(found.len(), expected.len());
                for ((document, score), ((_, own), expected)) in found.iter().zip(expected) {
                    prop_assert_eq!(document, own);
                    prop_assert!((score - expected).abs() <= 1e-5 * expected.abs(), "{} is not {}", score, expected);
                }
            }
        }
    }
}
