//! The words of a question, made ready: misspelt ones repaired, and compounds taken apart.

use super::own::Within;
use super::{Context, Reads, Understanding};
use crate::search::analysis::{says_something, words};
use crate::search::languages::ENGLISH;

/// The most words of a question that are looked at.
const MAX_TOKENS: usize = 48;

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

impl Understanding {
    /// Puts the words in their places that were certainly meant by words that nothing knows. Gives these, and the
    /// question with those that were perhaps meant.
    pub(super) fn repair(
        &self,
        text: &str,
        tokens: &mut [Token],
        languages: &[u8],
        context: &Context<'_>,
    ) -> (Vec<(String, String)>, Option<String>) {
        let (mut repaired, mut meant, mut is_doubtful) = (Vec::new(), String::new(), false);
        let Some(taught) = context.taught.filter(|_| !context.off.contains(&Reads::Spelling)) else {
            return (repaired, None);
        };
        // What is not Dutch or English is not misspelt Dutch.
        if !languages.is_empty() && languages.iter().all(|language| *language > ENGLISH) {
            return (repaired, None);
        }
        let mut done = 0;
        for token in tokens {
            let is_known = || {
                self.knows(&token.folded, context.within)
                    || self.families.knows(&token.folded)
                    || (context.stands)(&token.folded)
                    || !self.compounds.split(&token.folded, &|word| taught.dictionary.knows(word)).is_empty()
                    || context.places.knows(&token.folded)
            };
            if token.start < done || !token.is_content || is_known() {
                continue;
            }
            let Some(repair) = taught.dictionary.repair(&token.folded) else { continue };
            meant.push_str(&text[done..token.start]);
            meant.push_str(&repair.word);
            done = token.end;
            if repair.is_certain {
                repaired.push((std::mem::replace(&mut token.folded, repair.word.clone()), repair.word));
            } else {
                is_doubtful = true;
            }
        }
        meant.push_str(&text[done..]);
        (repaired, Some(meant).filter(|_| is_doubtful))
    }

    /// Whether a word stands in a phrase, a cue or an own word.
    fn knows(&self, folded: &str, within: &Within) -> bool {
        self.phrases.knows(folded) || self.cues.knows(folded) || self.own.knows(folded, within)
    }

    /// Lets the words tell nothing that tell nothing in a municipality.
    pub(super) fn leave_out_stop_words(&self, tokens: &mut [Token], within: &Within) {
        for token in tokens {
            token.is_content &= !self.own.is_stop_word(&token.folded, within);
        }
    }

    /// The words of a question, with the words in its place for which a municipality's own word stands, or the parts of
    /// a compound that no phrase and no family has.
    pub(super) fn with_parts(&self, tokens: Vec<Token>, context: &Context<'_>) -> Vec<Token> {
        let is_word = |word: &str| context.taught.is_some_and(|taught| taught.dictionary.knows(word));
        let mut all = Vec::new();
        for token in tokens {
            let parts: Vec<&str> = match self.own.instead(&token.folded, context.within) {
                Some(words) => words.iter().map(String::as_str).collect(),
                None if self.knows(&token.folded, context.within) => Vec::new(),
                // Its family says better what it means than its parts do.
                None if !context.off.contains(&Reads::Related) && self.families.knows(&token.folded) => Vec::new(),
                None => self.compounds.split(&token.folded, &is_word),
            };
            if parts.is_empty() {
                all.push(token);
                continue;
            }
            for (at, part) in parts.into_iter().enumerate() {
                all.push(Token {
                    folded: part.to_owned(),
                    is_content: says_something(part),
                    begins_clause: token.begins_clause && at == 0,
                    part_of: Some(token.folded.clone()),
                    ..token.clone()
                });
            }
        }
        all.truncate(MAX_TOKENS);
        all
    }
}
