//! Words of time that tell how something is or was, and not when something is sought: "vanmorgen stond de deurwaarder
//! voor de deur" asks for nothing this morning.

use std::ops::Range;

use super::tokens::{Token, before, part};

/// Whether the time at some places is told, since it was or is now: the words with it tell what happened, and seek nothing.
pub(super) fn is_told(tokens: &[Token], at: Range<usize>) -> bool {
    let part = &tokens[part(tokens, at.start)];
    is_now(tokens, at) || !seeks(part) && (was(part) || has_been(part))
}

/// Whether some words seek something.
fn seeks(some: &[Token]) -> bool {
    let is_seeking = |token: &Token| {
        SEEKING.contains(&&*token.folded) || SEEKING_BEGINS.iter().any(|word| token.folded.starts_with(word))
    };
    some.iter().any(is_seeking)
}

/// Whether it is told what time it is: "het is dinsdagavond en ik heb niets te eten", "dan is het weer avond".
fn is_now(tokens: &[Token], at: Range<usize>) -> bool {
    let said: Vec<&str> = before(tokens, at.start).take(3).collect();
    let comes_again = matches!(said[..], ["weer", "is", "het"] | ["weer", "het", "is"]);
    let is = matches!(
        said[..],
        ["is", "het" | "it", ..] | ["its", ..] | ["al" | "bijna" | "nu" | "already", "is", "het" | "it"]
    );
    part(tokens, at.start).end == at.end && (comes_again || is && !seeks(tokens))
}

/// Whether a day is told as until when something lasts: "tot vrijdag heb ik niets". Not "van maandag tot vrijdag".
pub(super) fn is_until(tokens: &[Token], at: usize, is_day: impl Fn(&str) -> bool) -> bool {
    let mut before = before(tokens, at);
    before.next().is_some_and(|word| UNTIL.contains(&word)) && !before.any(|word| SINCE.contains(&word) || is_day(word))
}

/// Whether somebody asks for what there is at night.
pub(super) fn asks_for_night(tokens: &[Token]) -> bool {
    tokens.iter().any(|token| ASKS_FOR_NIGHT.contains(&&*token.folded))
}

/// Whether a part of the day is told as how long something lasts: the whole night, or until deep in the night.
pub(super) fn tells_how_long(tokens: &[Token], at: usize) -> bool {
    let is_between = |word: &&str| UNTIL_HOW_LATE.contains(word) || word.parse::<u8>().is_ok();
    before(tokens, at).next().is_some_and(|word| LASTING.contains(&word))
        || before(tokens, at).find(|word| !is_between(word)).is_some_and(|word| UNTIL.contains(&word))
}

/// Whether somebody tells that they work in a part of the day: "overdag werk ik", "a night nurse".
pub(super) fn tells_of_work(tokens: &[Token], start: usize, end: usize) -> bool {
    let is_one_of = |at: usize, words: &[&str]| tokens.get(at).is_some_and(|token| words.contains(&&*token.folded));
    let is_asker = || before(tokens, start).take(2).any(|word| I_AM.contains(&word));
    is_one_of(end, &WORKERS) && is_asker()
        || is_one_of(end, &WORK) && is_one_of(end + 1, &WHO)
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

const SINCE: [&str; 4] = ["van", "vanaf", "sinds", "from"];
const ASKS_FOR_NIGHT: [&str; 14] = [
    "wie",
    "waar",
    "bellen",
    "bel",
    "opvang",
    "nachtopvang",
    "hulp",
    "open",
    "dakloos",
    "who",
    "where",
    "call",
    "shelter",
    "help",
];
const UNTIL: [&str; 3] = ["tot", "until", "till"];
/// What may stand between "until" and the part of the day.
const UNTIL_HOW_LATE: [&str; 10] = ["diep", "laat", "ver", "in", "de", "s", "uur", "late", "at", "the"];
/// Words before a part of the day that tell how long something lasts, or that it always is so.
const LASTING: [&str; 10] = ["hele", "heel", "gehele", "elke", "iedere", "all", "whole", "entire", "every", "each"];
const WORK: [&str; 4] = ["werk", "werkt", "werken", "work"];
const WORKERS: [&str; 7] = ["nurse", "shift", "shifts", "worker", "guard", "porter", "diensten"];
const I_AM: [&str; 10] = ["im", "am", "as", "work", "works", "working", "ben", "als", "werk", "draai"];
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
            ("het is zaterdag en ik verveel me", true),
            ("dan is het weer zaterdag", true),
            ("het is zaterdag en ik zoek iets", false),
            ("it is saturday", true),
            ("is het zaterdag druk", false),
            ("wat is zaterdag open", false),
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
            assert_eq!(is_told(&tokens, at..at + 1), told, "{text}");
        }
    }
}
