//! Who a question is for, as its words tell: ages and a gender.

use super::tokens::Token;
use crate::search::query::Gender;

/// Who it is for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::search) struct Person {
    /// The ages that are said; of several people one need fit.
    pub ages: Vec<u8>,
    /// The gender, when words say one alone.
    pub gender: Option<Gender>,
    /// The words that say the ages and those that say the gender, one bit each.
    pub ages_said: u64,
    pub gender_said: u64,
}

/// Words beside a number that make it an age.
const YEARS: [&str; 14] =
    ["jaar", "jarige", "jarig", "jr", "j", "years", "year", "yrs", "yo", "plus", "plussers", "plusser", "jaren", "yas"];
/// Words before a number of years that make it the length of something.
const LASTING: [&str; 17] = [
    "al",
    "sinds",
    "na",
    "over",
    "binnen",
    "elke",
    "iedere",
    "om",
    "afgelopen",
    "laatste",
    "duurt",
    "pas",
    "for",
    "since",
    "after",
    "every",
    "last",
];
/// And words after it.
const AGO: [&str; 16] = [
    "geleden",
    "lang",
    "terug",
    "later",
    "getrouwd",
    "samen",
    "huwelijk",
    "verkering",
    "gewerkt",
    "gewoond",
    "ago",
    "married",
    "together",
    "long",
    "once",
    "önce",
];
/// Titles, and words for people.
const MEN: [&str; 11] = ["dhr", "meneer", "heer", "man", "jongen", "zoon", "vader", "opa", "weduwnaar", "broer", "oom"];
const WOMEN: [&str; 12] =
    ["mw", "mevr", "mvr", "mevrouw", "vrouw", "meisje", "dochter", "moeder", "oma", "weduwe", "zus", "tante"];
/// Those that speak of whom it is for wherever they stand.
const TITLES: [&str; 6] = ["dhr", "meneer", "mw", "mevr", "mvr", "mevrouw"];
/// Words before an age that is said without years.
const BEFORE: [&str; 6] = ["ben", "van", "leeftijd", "client", "pt", "aged"];
const CHILDREN: [&str; 12] = [
    "kind",
    "kinderen",
    "kids",
    "zoon",
    "zoontje",
    "dochter",
    "dochtertje",
    "baby",
    "peuter",
    "kleuter",
    "child",
    "children",
];
/// From here on a number after a word of a person is seldom anything but an age.
const TEENS: u8 = 12;
/// Words between two ages.
const AND: [&str; 5] = ["en", "tot", "of", "and", "to"];

/// The age that a number at a place is: with a word of years beside it that is no length of time, after a word of a
/// person, of somebody old at the end of a clause, or beside another age.
pub(super) fn age<'t>(text: &str, tokens: &'t [Token], at: usize) -> Option<u8> {
    // Of a compound the whole: "geleden" may have been taken apart.
    let whole = |token: &'t Token| token.part_of.as_ref().unwrap_or(&token.folded).as_str();
    let word = |at: Option<usize>| at.and_then(|at| tokens.get(at)).map_or("", whole);
    let number = |at: usize| word(Some(at)).parse::<u8>().ok().filter(|years| (1..=105).contains(years));
    let years = number(at)?;
    let (before, next) = (word(at.checked_sub(1)), word(Some(at + 1)));
    if YEARS.contains(&next) {
        let lasts = LASTING.contains(&before) || AGO.contains(&word(Some(at + 2)));
        return (!lasts).then_some(years);
    }
    let is_end = |at: usize| tokens.get(at + 1).is_none_or(|next| next.begins_clause || !next.is_content);
    let is_person = MEN.contains(&before) || WOMEN.contains(&before);
    let is_second =
        || AND.contains(&before) && at.checked_sub(2).is_some_and(|first| age(text, tokens, first).is_some());
    let plus = text.get(tokens[at].end..).is_some_and(|rest| rest.starts_with('+'));
    // "Vrouw 2 kinderen" tells no age, and "jongen 16 zoekt" does.
    let is_age = plus
        || is_person && years >= TEENS
        || is_end(at) && (is_person || BEFORE.contains(&before) || years >= 60 && at > 0 || is_second());
    is_age.then_some(years)
}

/// Whether the age at a place is that of somebody's child or other relative: it may be the asker who comes.
pub(super) fn is_of_relative(tokens: &[Token], at: usize, whose: &[&str]) -> bool {
    let before = tokens[at.saturating_sub(3)..at].iter().rev().take_while(|token| !token.begins_clause);
    before.map(|token| token.folded.as_str()).any(|word| whose.contains(&word) || CHILDREN.contains(&word))
}

/// The gender of whom a question is for, with the words that say it: a title, "als man", or a word beside an age.
pub(super) fn gender(text: &str, tokens: &[Token]) -> Option<(Gender, u64)> {
    let mut found = None;
    for (at, token) in tokens.iter().enumerate() {
        let word = token.folded.as_str();
        let of_word = [(Gender::Male, &MEN[..]), (Gender::Female, &WOMEN[..])];
        let Some((gender, _)) = of_word.into_iter().find(|(_, words)| words.contains(&word)) else { continue };
        let is_before_age = (at + 1..at + 3).any(|next| next < tokens.len() && age(text, tokens, next).is_some());
        let is_as = at.checked_sub(1).is_some_and(|before| tokens[before].folded == "als");
        if TITLES.contains(&word) || is_before_age || is_as {
            match found {
                // Of a man and a woman either may be meant.
                Some((other, _)) if other != gender => return None,
                _ => found = Some((gender, found.map_or(0, |(_, said)| said) | 1 << at)),
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::understand::tokens::tokens;

    fn ages(text: &str) -> Vec<u8> {
        let tokens = tokens(text);
        (0..tokens.len()).filter_map(|at| age(text, &tokens, at)).collect()
    }

    fn gender_of(text: &str) -> Option<Gender> {
        gender(text, &tokens(text)).map(|(gender, _)| gender)
    }

    #[test]
    fn a_number_is_an_age_beside_words_of_people_and_not_the_length_of_something() {
        for (text, expected) in [
            ("dhr 81 jr alleenst.", vec![81]),
            ("iets voor 60-plussers", vec![60]),
            ("65+ sporten", vec![65]),
            ("meisje van 15", vec![15]),
            ("jongen 16 zoekt boksen", vec![16]),
            ("vrouw 2 kinderen", vec![]),
            ("kinderen van 7 en 10", vec![7, 10]),
            ("ik ben 34, geen netwerk", vec![34]),
            ("mijn man is 2 jaar geleden overleden", vec![]),
            ("wij zijn 40 jaar getrouwd", vec![]),
            ("al 3 jaar alleen", vec![]),
            ("sinds 2 jaar weduwe", vec![]),
            ("bus 15 naar noord", vec![]),
            ("0 jaar", vec![]),
            ("999 jaar", vec![]),
        ] {
            assert_eq!(ages(text), expected, "{text}");
        }
    }

    #[test]
    fn a_gender_is_said_by_titles_and_beside_ages() {
        assert_eq!(gender_of("dhr 58, burn-out"), Some(Gender::Male));
        assert_eq!(gender_of("mw. rolstoelgebonden"), Some(Gender::Female));
        assert_eq!(gender_of("meisje van 15"), Some(Gender::Female));
        assert_eq!(gender_of("als man kom je nergens"), Some(Gender::Male));
        assert_eq!(gender_of("ik ben bang voor mijn man"), None);
        assert_eq!(gender_of("dhr en mw zijn overbelast"), None);
    }
}
