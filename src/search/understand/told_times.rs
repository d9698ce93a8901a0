//! Words of time that tell how something is or was, and not when something is sought: "vanmorgen stond de deurwaarder
//! voor de deur" asks for nothing this morning.

use super::tokens::{Token, before, part};

/// Whether the time at a place is told, since it was: the words with it tell what happened, and seek nothing.
pub(super) fn is_told(tokens: &[Token], at: usize) -> bool {
    let part = &tokens[part(tokens, at)];
    let seeks = |token: &Token| {
        SEEKING.contains(&&*token.folded) || SEEKING_BEGINS.iter().any(|word| token.folded.starts_with(word))
    };
    !part.iter().any(seeks) && (was(part) || has_been(part))
}

/// Whether a part of the day is told as how long something lasts: the whole night, or until deep in the night.
pub(super) fn tells_how_long(tokens: &[Token], at: usize) -> bool {
    let is_between = |word: &&str| UNTIL_HOW_LATE.contains(word) || word.parse::<u8>().is_ok();
    before(tokens, at).next().is_some_and(|word| LASTING.contains(&word))
        || before(tokens, at).find(|word| !is_between(word)).is_some_and(|word| UNTIL.contains(&word))
}

/// Whether somebody tells that they work in a part of the day: "overdag werk ik".
pub(super) fn tells_of_work(tokens: &[Token], start: usize, end: usize) -> bool {
    let is_one_of = |at: usize, words: &[&str]| tokens.get(at).is_some_and(|token| words.contains(&&*token.folded));
    is_one_of(end, &WORK) && is_one_of(end + 1, &WHO)
        || start >= 2 && is_one_of(start - 1, &WORK) && is_one_of(start - 2, &WHO)
}

/// Whether some words have a verb in the past. "Was" is laundry and "zat" fed up, unless a pronoun stands beside it.
fn was(part: &[Token]) -> bool {
    let is_who = |at: Option<usize>| {
        at.and_then(|at| part.get(at)).is_some_and(|one| WHO.contains(&&*one.folded) || IT.contains(&&*one.folded))
    };
    part.iter().enumerate().any(|(at, token)| {
        PAST.contains(&&*token.folded)
            || PAST_BESIDE_WHO.contains(&&*token.folded) && (is_who(at.checked_sub(1)) || is_who(Some(at + 1)))
    })
}

/// Whether some words tell what somebody has done or what happened: "mijn moeder is dinsdag gevallen". "Is er zondag iets
/// gepland" asks.
fn has_been(part: &[Token]) -> bool {
    let Some(has) = part.iter().position(|one| HAS.contains(&&*one.folded)) else { return false };
    let asks = part.get(has + 1).is_some_and(|next| ASKED.contains(&&*next.folded));
    let rest = &part[has + 1..];
    let is_let = |at: usize| rest[at].folded == "laten" && (at == 0 || rest[at - 1].folded != "te");
    !asks && (0..rest.len()).any(|at| is_let(at) || is_participle(&rest[at].folded))
}

/// Whether a word is likely a Dutch participle, and no noun or adjective that looks like one.
fn is_participle(word: &str) -> bool {
    word.len() >= "gedaan".len()
        && word.starts_with("ge")
        && ["d", "t", "en"].iter().any(|end| word.ends_with(end))
        && !NO_PARTICIPLES.iter().any(|other| word.starts_with(other))
}

const PAST: [&str; 30] = [
    "waren", "zaten", "lag", "lagen", "stond", "stonden", "kwam", "kwamen", "ging", "gingen", "kreeg", "kregen",
    "werd", "werden", "moest", "moesten", "viel", "vielen", "gebeurde", "deed", "deden", "riep", "sloeg", "liep",
    "bleef", "came", "went", "fell", "died", "cried",
];
const PAST_BESIDE_WHO: [&str; 3] = ["was", "were", "zat"];
const HAS: [&str; 7] = ["heb", "heeft", "hebben", "is", "zijn", "ben", "bent"];
/// What follows "is" or "heb" in a question.
const ASKED: [&str; 7] = ["er", "je", "jij", "jullie", "u", "iemand", "dat"];
/// What somebody says who seeks, and how such words begin.
const SEEKING: [&str; 16] = [
    "kan",
    "kunnen",
    "graag",
    "zin",
    "welke",
    "iets",
    "wat",
    "waar",
    "benieuwd",
    "looking",
    "wondering",
    "hoping",
    "want",
    "anything",
    "something",
    "there",
];
const SEEKING_BEGINS: [&str; 3] = ["zoek", "wil", "wens"];
/// How nouns and adjectives begin that look like participles, and participles of what is or will be.
const NO_PARTICIPLES: [&str; 40] = [
    "gezond",
    "gebied",
    "gewicht",
    "gezicht",
    "gedicht",
    "gebit",
    "geluid",
    "gedacht",
    "geheug",
    "gezin",
    "gesprek",
    "gebed",
    "gezelschap",
    "gemeent",
    "geduld",
    "gebouw",
    "gegeven",
    "gezellig",
    "gepast",
    "geschikt",
    "getuig",
    "geopend",
    "gesloten",
    "gepland",
    "georganiseerd",
    "gehouden",
    "gewenst",
    "gezocht",
    "gevraagd",
    "gescheiden",
    "gepensioneerd",
    "gehandicapt",
    "geinteresseerd",
    "gemotiveerd",
    "gebaat",
    "geweld",
    "geleden",
    "geniet",
    "gebruik",
    "geloven",
];

const UNTIL: [&str; 3] = ["tot", "until", "till"];
/// What may stand between "until" and the part of the day.
const UNTIL_HOW_LATE: [&str; 10] = ["diep", "laat", "ver", "in", "de", "s", "uur", "late", "at", "the"];
/// Words before a part of the day that tell how long something lasts, or that it always is so.
const LASTING: [&str; 10] = ["hele", "heel", "gehele", "elke", "iedere", "all", "whole", "entire", "every", "each"];
const WORK: [&str; 4] = ["werk", "werkt", "werken", "work"];
const WHO: [&str; 10] = ["ik", "hij", "ze", "zij", "we", "wij", "i", "he", "she", "they"];
const IT: [&str; 3] = ["het", "dat", "it"];

#[cfg(test)]
mod tests {
    use super::super::tokens::tokens;
    use super::*;

    #[test]
    fn what_was_is_told_and_what_is_to_come_is_sought() {
        for (text, told) in [
            ("er stond vanmorgen een deurwaarder", true),
            ("vanochtend zat ik te huilen", true),
            ("mijn moeder is dinsdag gevallen", true),
            ("ze heeft zondag het gas aan laten staan en vroeg waar papa is", true),
            ("ik was zaterdag alleen", true),
            ("i was alone on saturday", true),
            ("wat is er zaterdag te doen", false),
            ("is er zondag iets gepland", false),
            ("is de bibliotheek zondag geopend", false),
            ("wat is er zaterdag georganiseerd voor kinderen", false),
            ("ik ben gescheiden en zoek zondag gezelschap", false),
            ("mijn zoon is gehandicapt en wil op zaterdag sporten", false),
            ("mijn uitkering is gestopt en ik heb zaterdag geen eten", false),
            ("i was wondering if there is anything for kids on saturday", false),
            ("my doctor said there is a walking group on saturday", false),
            ("ik hoorde dat er dinsdag een eetcafe is", false),
            ("ik ben het alleen zijn zat en zoek iets voor zaterdag", false),
            ("hulp bij de was op zaterdag", false),
            ("zijn er dinsdag gesprekken in het buurthuis", false),
            ("ik ben zaterdag vrij", false),
            ("ik zou zaterdag graag wandelen", false),
        ] {
            let tokens = tokens(text);
            let days = ["vanmorgen", "vanochtend", "dinsdag", "zaterdag", "saturday", "zondag"];
            let at = tokens.iter().position(|token| days.contains(&&*token.folded)).expect("a time");
            assert_eq!(is_told(&tokens, at), told, "{text}");
        }
    }
}
