//! The words of a question.

use crate::search::analysis::{says_something, words};

/// The most words of a question that are looked at.
pub(super) const MAX_TOKENS: usize = 48;

/// A word of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// Its first byte, and the byte after its last.
    pub start: usize,
    pub end: usize,
    pub folded: String,
    /// Whether it says something: it is no word like "de" and "met".
    pub is_content: bool,
    /// Whether a comma, full stop or another end of a clause stands before it.
    pub begins_clause: bool,
    /// Whether it was typed in capitals.
    pub is_shouted: bool,
    /// The compound that it is a part of.
    pub part_of: Option<String>,
}

/// The words of a question.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut end = 0;
    let mut found = Vec::new();
    for word in words(text).into_iter().take(MAX_TOKENS) {
        let between = text.get(end..word.start).unwrap_or_default();
        let typed = &text[word.start..word.end];
        found.push(Token {
            start: word.start,
            end: word.end,
            is_content: says_something(&word.folded),
            begins_clause: between.contains(CLAUSE_ENDS),
            is_shouted: typed.chars().any(char::is_uppercase) && !typed.chars().any(char::is_lowercase),
            folded: word.folded,
            part_of: None,
        });
        end = word.end;
    }
    found
}

const CLAUSE_ENDS: [char; 10] = [',', '.', ';', ':', '!', '?', '\n', '،', '؛', '؟'];
