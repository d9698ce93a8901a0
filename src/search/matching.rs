//! The query that finds the documents with all words.

use tantivy::query::{BooleanQuery, DisjunctionMaxQuery, EnableScoring, Query, TermQuery, Weight};
use tantivy::schema::IndexRecordOption;
use tantivy::{Searcher, Term};

use super::SearchError;
use super::analysis::QueryWord;
use super::fields::Fields;

/// Makes the query: each word must be there by its Dutch stem, its English stem or as it is written, and counts by
/// the best of these. Built from tokens only: its size is bounded by the number of words.
pub(super) fn weight(
    searcher: &Searcher,
    fields: &Fields,
    words: &[QueryWord],
) -> Result<Box<dyn Weight>, SearchError> {
    let mut each: Vec<Box<dyn Query>> = words
        .iter()
        .map(|word| {
            let forms = [(fields.dutch, &word.dutch), (fields.english, &word.english), (fields.exact, &word.exact)];
            let terms = forms.map(|(field, form)| {
                let term = Term::from_field_text(field, form);
                Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs)) as Box<dyn Query>
            });
            Box::new(DisjunctionMaxQuery::new(terms.into())) as Box<dyn Query>
        })
        .collect();
    let query = match each.len() {
        1 => each.remove(0),
        _ => Box::new(BooleanQuery::intersection(each)),
    };
    Ok(query.weight(EnableScoring::enabled_from_searcher(searcher))?)
}
