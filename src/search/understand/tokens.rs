//! The words of a question, made ready: misspelt ones repaired, and compounds taken apart.

use std::ops::Range;

use super::own::Within;
use super::spelling::Dictionary;
use super::{Context, Reads, Understanding};
use crate::search::analysis::{says_something, words};
use crate::search::languages::{DUTCH, ENGLISH};

/// Some words of a question, one bit each.
pub(in crate::search) type WordSet = u128;

/// The most words of a question that are looked at, with the parts of compounds: more than most that fit into it.
const MAX_TOKENS: usize = 120;

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
    as_meant(&mut found);
    found
}

/// Puts "niemand" in the place of "geen kip" that one knows, and leaves out "hoor" at the end of what somebody says.
fn as_meant(tokens: &mut Vec<Token>) {
    let mut at = 1;
    while at < tokens.len() {
        let (last, one) = (&tokens[at - 1], &tokens[at]);
        let is_nobody = last.folded == "geen" && !one.begins_clause && NOBODY.contains(&one.folded.as_str());
        let ends_clause = tokens.get(at + 1).is_none_or(|next| next.begins_clause);
        let is_verb = || before(tokens, at).any(|word| HEARING.contains(&word));
        if is_nobody && before(tokens, at).any(|word| KNOWING.contains(&word)) {
            let (folded, is_content) = ("niemand".to_owned(), says_something("niemand"));
            tokens[at - 1] = Token { end: one.end, folded, is_content, ..last.clone() };
            tokens.remove(at);
        } else if one.folded == "hoor" && ends_clause && !one.begins_clause && !is_verb() {
            tokens.remove(at);
        } else {
            at += 1;
        }
    }
}

/// What one knows or sees not a single one of.
const NOBODY: [&str; 4] = ["kip", "mens", "sterveling", "hond"];
const KNOWING: [&str; 8] = ["ken", "kent", "kennen", "kende", "zie", "ziet", "spreek", "spreekt"];
/// Words before "hoor" in its clause that make it a verb.
const HEARING: [&str; 12] =
    ["ik", "als", "omdat", "dat", "of", "wat", "waar", "wie", "zodat", "die", "doordat", "stemmen"];

/// Joins two words that are one: of which nothing knows one, where together they sound as a known word ("de mensie" is
/// "dementie"), or that people write as one ("kinder wagen"). Gives what was typed with what it is. `is_strange` tells of
/// each word whether nothing knows it.
fn join_apart(
    tokens: &mut Vec<Token>,
    is_strange: &mut Vec<bool>,
    dictionary: &Dictionary,
    is_word: impl Fn(&str) -> bool,
) -> Vec<(String, String)> {
    let mut joined = Vec::new();
    let mut at = 1;
    while at < tokens.len() {
        let (one, next) = (&tokens[at - 1], &tokens[at]);
        let together = format!("{}{}", one.folded, next.folded);
        let is_written_as_one = one.is_content
            && next.is_content
            && one.folded.len() >= SHORTEST_PART
            && one.folded.chars().chain(next.folded.chars()).all(char::is_alphabetic)
            && dictionary.knows(&together);
        let meant = match is_strange[at - 1] || is_strange[at] {
            _ if next.begins_clause => None,
            _ if is_written_as_one => Some(together),
            true if is_word(&together) => Some(together),
            true => dictionary.sounding(&together).map(str::to_owned),
            false => None,
        };
        let Some(meant) = meant else {
            at += 1;
            continue;
        };
        joined.push((format!("{} {}", one.folded, next.folded), meant.clone()));
        let (end, is_shouted) = (next.end, one.is_shouted && next.is_shouted);
        tokens.remove(at);
        is_strange.remove(at);
        is_strange[at - 1] = false;
        tokens[at - 1] = Token { end, folded: meant, is_content: true, is_shouted, ..tokens[at - 1].clone() };
    }
    joined
}

/// Shorter words before others stay what they are: "'s avonds".
const SHORTEST_PART: usize = 4;
/// Words that join what is said to something else.
const JOINING: [&str; 26] = [
    "en", "maar", "want", "dus", "omdat", "doordat", "nu", "dat", "die", "of", "and", "but", "so", "because", "if",
    "who", "und", "aber", "weil", "y", "pero", "et", "mais", "ve", "ama", "ale",
];
const CLAUSE_ENDS: [char; 10] = [',', '.', ';', ':', '!', '?', '\n', '،', '؛', '؟'];

/// The words of the clause in which a place is.
pub(super) fn clause(tokens: &[Token], at: usize) -> Range<usize> {
    let start = (0..=at).rev().find(|place| tokens[*place].begins_clause).unwrap_or(0);
    let end = (at + 1..tokens.len()).find(|place| tokens[*place].begins_clause).unwrap_or(tokens.len());
    start..end
}

/// The words of the part of a clause in which a place is: what stands between two words that join.
pub(super) fn part(tokens: &[Token], at: usize) -> Range<usize> {
    let clause = clause(tokens, at);
    let joins = |place: &usize| JOINING.contains(&tokens[*place].folded.as_str());
    let start = (clause.start..=at).rev().find(joins).unwrap_or(clause.start);
    let end = (at + 1..clause.end).find(joins).unwrap_or(clause.end);
    start..end
}

/// The words before a place in its clause, the nearest first.
pub(super) fn before(tokens: &[Token], at: usize) -> impl Iterator<Item = &str> {
    tokens[clause(tokens, at).start..at].iter().rev().map(|token| token.folded.as_str())
}

impl Understanding {
    /// Puts the words in their places that were certainly meant by words that nothing knows. Gives these, and the
    /// question with those that were perhaps meant.
    pub(super) fn repair(
        &self,
        text: &str,
        tokens: &mut Vec<Token>,
        languages: &[u8],
        context: &Context<'_>,
    ) -> (Vec<(String, String)>, Option<String>) {
        let Some(taught) = context.taught.filter(|_| !context.off.contains(&Reads::Spelling)) else {
            return (Vec::new(), None);
        };
        // What is not Dutch or English is not misspelt Dutch.
        if !languages.is_empty() && languages.iter().all(|language| *language > ENGLISH) {
            return (Vec::new(), None);
        }
        let is_word =
            |word: &str| self.knows(word, context.within) || self.families.knows(word) || (context.stands)(word);
        let is_known = |word: &str| {
            is_word(word)
                || taught.dictionary.knows(word)
                || !self.compounds.split(word, &|word| taught.dictionary.knows(word)).is_empty()
                || context.places.knows(word)
        };
        let strange = tokens.iter().map(|token| token.is_content && !is_known(&token.folded));
        let mut is_strange: Vec<bool> = strange.collect();
        let mut repaired = join_apart(tokens, &mut is_strange, &taught.dictionary, is_word);
        let (mut meant, mut is_doubtful) = (String::new(), false);
        let mut done = 0;
        for (token, _) in tokens.iter_mut().zip(is_strange).filter(|(_, is_strange)| *is_strange) {
            if token.start < done {
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
        let is_place = |word: &str| context.places.knows(word) && !self.phrases.is_spoken(word, &[DUTCH, ENGLISH]);
        let mut all = Vec::new();
        for token in tokens {
            let parts: Vec<&str> = match self.own.instead(&token.folded, context.within) {
                Some(words) => words.iter().map(String::as_str).collect(),
                None if self.knows(&token.folded, context.within) => Vec::new(),
                None if context.places.knows(&token.folded) => Vec::new(),
                // Its family says better what it means than its parts do.
                None if !context.off.contains(&Reads::Related) && self.families.knows(&token.folded) => Vec::new(),
                // "Reimerswaalstraat" need not lie in Reimerswaal, and nobody lives on the street there.
                None => match self.compounds.split(&token.folded, &is_word) {
                    parts if parts.iter().any(|part| is_place(part)) => Vec::new(),
                    parts => parts,
                },
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
