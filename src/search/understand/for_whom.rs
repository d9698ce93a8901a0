//! Who a question is for, as its words tell: ages and a gender.

use super::tokens::{Token, WordSet, before};
use crate::search::query::Gender;

/// Who it is for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::search) struct ForWhom {
    /// The ages that are said; of several people one need fit.
    pub ages: Vec<u8>,
    /// The gender, when words say one alone.
    pub gender: Option<Gender>,
    /// The words that say the ages and those that say the gender, one bit each.
    pub ages_said: WordSet,
    pub gender_said: WordSet,
}

/// Words after a number that make it an age.
const YEARS: [&str; 14] =
    ["jaar", "jarige", "jarig", "jr", "j", "years", "year", "yrs", "yo", "plus", "plussers", "plusser", "jaren", "yas"];
/// Those that may tell how long something lasts as well, and what makes them an age.
const MAY_LAST: [&str; 4] = ["jaar", "jaren", "years", "year"];
const OLD: [&str; 4] = ["oud", "oude", "old", "olds"];
/// Words before a number of years that make it the length of something, with others between.
const LASTING: [&str; 16] = [
    "al",
    "sinds",
    "na",
    "over",
    "binnen",
    "elke",
    "iedere",
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
const FILLING: [&str; 8] = ["ruim", "bijna", "meer", "dan", "zon", "ongeveer", "about", "almost"];
/// And words soon after it.
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
const SOON: usize = 5;
/// What else numbers count.
const UNITS: [&str; 17] = [
    "uur", "uren", "minuten", "dagen", "weken", "maanden", "mnd", "keer", "x", "euro", "km", "kk", "kinderen",
    "personen", "hours", "months", "times",
];
/// Titles, and words for people.
const MEN: [&str; 11] = ["dhr", "meneer", "heer", "man", "jongen", "zoon", "vader", "opa", "weduwnaar", "broer", "oom"];
const WOMEN: [&str; 12] =
    ["mw", "mevr", "mvr", "mevrouw", "vrouw", "meisje", "dochter", "moeder", "oma", "weduwe", "zus", "tante"];
/// Those that speak of whom it is for wherever they stand.
const TITLES: [&str; 6] = ["dhr", "meneer", "mw", "mevr", "mvr", "mevrouw"];
/// Short for a woman, and for Friday.
const WOMAN_OR_FRIDAY: &str = "vr";
/// What follows a number that is an hour or a day of the month, beside the units.
const OF_TIME: [&str; 38] = [
    "tot",
    "t",
    "tm",
    "to",
    "u",
    "en",
    "a",
    "ma",
    "di",
    "wo",
    "do",
    "vr",
    "za",
    "zo",
    "jan",
    "januari",
    "feb",
    "februari",
    "mrt",
    "maart",
    "apr",
    "april",
    "mei",
    "jun",
    "juni",
    "jul",
    "juli",
    "aug",
    "augustus",
    "sep",
    "sept",
    "september",
    "okt",
    "oktober",
    "nov",
    "november",
    "dec",
    "december",
];
const CHILDREN: [&str; 14] = [
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
    "jongen",
    "meisje",
    "child",
    "children",
];
/// Words before somebody's relative, and of whom one says "my" who are none.
pub(super) const WHOSE: [&str; 16] =
    ["mijn", "mn", "m'n", "onze", "ons", "zijn", "zn", "haar", "hun", "je", "jouw", "uw", "my", "our", "his", "her"];
const CLIENTS: [&str; 6] = ["client", "clienten", "patient", "pt", "bewoner", "leerling"];
/// Words before an age that is said without years.
const BEFORE: [&str; 6] = ["ben", "van", "leeftijd", "client", "pt", "aged"];
/// Words before the age that one must be younger than.
const UNDER: [&str; 4] = ["onder", "tot", "under", "until"];
/// Words between two ages, and between two hours.
const AND: [&str; 3] = ["en", "of", "and"];
const TO: [&str; 2] = ["tot", "to"];
/// Below it a number is only an age beside a child, or where nothing follows.
const TEENS: u8 = 12;

/// The age that a number at a place is: with a word of years beside it that is no length of time, after a word of a
/// person, of somebody old at the end of a clause, or beside another age.
pub(super) fn age<'t>(text: &str, tokens: &'t [Token], at: usize) -> Option<u8> {
    let years: u8 = tokens[at].folded.parse().ok().filter(|years| (1..=105).contains(years))?;
    // Of a compound the whole: "geleden" may have been taken apart.
    let whole = |token: &'t Token| token.part_of.as_ref().unwrap_or(&token.folded).as_str();
    let after: Vec<&str> =
        tokens[at + 1..].iter().take_while(|token| !token.begins_clause).take(SOON + 1).map(whole).collect();
    let next = after.first().copied().unwrap_or_default();
    let last = before(tokens, at).next().unwrap_or_default();
    let is_of_child = || before(tokens, at).take(2).any(|word| CHILDREN.contains(&word));
    // Nothing that says something follows in the clause.
    let ends = |from: usize| tokens.get(at + from).is_none_or(|next| next.begins_clause || !next.is_content);
    if YEARS.contains(&next) {
        let is_old = after.get(1).is_some_and(|word| OLD.contains(word));
        let stops = after.get(1).is_none_or(|word| AND.contains(word));
        let is_short = years < TEENS && !is_of_child() && !(BEFORE.contains(&last) && stops);
        let long = before(tokens, at).find(|word| !FILLING.contains(word)).unwrap_or_default();
        let lasts = LASTING.contains(&long) && !stops
            || ["sinds", "na", "since", "after"].contains(&long)
            || after[1..].iter().any(|word| AGO.contains(word));
        let is_length = MAY_LAST.contains(&next) && !is_old && (is_short || lasts);
        let is_bound = UNDER.contains(&last);
        return (!is_length).then_some(if is_bound { years - 1 } else { years });
    }
    if UNITS.contains(&next) {
        return None;
    }
    let is_person = MEN.contains(&last)
        || WOMEN.contains(&last)
        || CHILDREN.contains(&last)
        || at.checked_sub(1).is_some_and(|before| is_woman(text, tokens, before));
    let is_told = BEFORE.contains(&last) && (years >= TEENS && !TO.contains(&next) || is_of_child());
    let is_second = || AND.contains(&last) && at.checked_sub(2).is_some_and(|first| age(text, tokens, first).is_some());
    let plus = text.get(tokens[at].end..).is_some_and(|rest| rest.starts_with('+'));
    // "Vrouw 2 kinderen" tells no age, and "jongen 16 zoekt" does.
    let is_age = plus
        || is_person && years >= TEENS
        || ends(1) && (is_person || is_told || years >= 60 && at > 0 || is_second());
    is_age.then_some(years)
}

/// Whether a word is short for a woman: it begins a clause, and a number follows that is no hour or day. "Vr 27 poolse" is
/// about a woman, "vr 14 uur" and "vr 27 nov" are about a Friday.
pub(super) fn is_woman(text: &str, tokens: &[Token], at: usize) -> bool {
    let Some(number) = tokens.get(at + 1) else { return false };
    let is_of_time = |next: &Token| UNITS.contains(&next.folded.as_str()) || OF_TIME.contains(&next.folded.as_str());
    let rest = text.get(number.end..).unwrap_or_default();
    let is_decimal = rest.strip_prefix('.').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let is_joined = is_decimal || rest.trim_start().starts_with([':', '-', '–', '/']);
    tokens[at].folded == WOMAN_OR_FRIDAY
        && (at == 0 || tokens[at].begins_clause)
        && number.folded.parse::<u8>().is_ok_and(|years| years > TEENS)
        && !is_joined
        && !tokens.get(at + 2).is_some_and(is_of_time)
}

/// Whether the age at a place is that of somebody's child or other relative: it may be the asker who comes.
pub(super) fn is_of_relative(tokens: &[Token], at: usize) -> bool {
    let words: Vec<&str> = before(tokens, at).take(SOON).collect();
    let is_client = words.iter().any(|word| CLIENTS.contains(word));
    let is_child = |word: &&str| CHILDREN.contains(word) && !["jongen", "meisje"].contains(word);
    !is_client && words.iter().any(|word| WHOSE.contains(word) || is_child(word))
}

/// The gender of whom a question is for, with the words that say it: a title, "als man", or a word beside an age that is
/// not that of a relative.
pub(super) fn gender(text: &str, tokens: &[Token]) -> Option<(Gender, WordSet)> {
    let mut found = None;
    for (at, token) in tokens.iter().enumerate() {
        let word = token.folded.as_str();
        let is_short = is_woman(text, tokens, at);
        let gender = match word {
            _ if is_short || WOMEN.contains(&word) => Gender::Female,
            _ if MEN.contains(&word) => Gender::Male,
            _ => continue,
        };
        let is_age = |next: usize| next < tokens.len() && age(text, tokens, next).is_some();
        let is_of_age = (at + 1..at + 3).any(|next| is_age(next) && !is_of_relative(tokens, next));
        let is_as = before(tokens, at).next() == Some("als");
        if is_short || TITLES.contains(&word) || is_of_age || is_as {
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
            ("dhr 78 jaar, getrouwd", vec![78]),
            ("man 45 jaar, gewerkt in de haven", vec![45]),
            ("ik ben al 80 jaar", vec![80]),
            ("ik ben 9 jaar", vec![9]),
            ("iets voor 60-plussers", vec![60]),
            ("65+ sporten", vec![65]),
            ("meisje van 15", vec![15]),
            ("jongen 16 zoekt boksen", vec![16]),
            ("kinderen van 7 en 10", vec![7, 10]),
            ("kind 2 jaar moet mee", vec![2]),
            ("ik ben 34, geen netwerk", vec![34]),
            ("swimming for 6 years old", vec![6]),
            ("jongeren onder 18 jaar", vec![17]),
            ("mijn man is 2 jaar geleden overleden", vec![]),
            ("wij zijn 40 jaar getrouwd", vec![]),
            ("20 jaar in de bouw gewerkt", vec![]),
            ("al bijna 3 jaar alleen", vec![]),
            ("sinds ruim 20 jaar weduwe", vec![]),
            ("zing al 30 jaar in een koor", vec![]),
            ("ik ben 2 jaar in nederland", vec![]),
            ("ik ben 2 jaar werkloos", vec![]),
            ("ik woon 5 jaar in nederland", vec![]),
            ("vrouw 2 kinderen", vec![]),
            ("moeder van 3 met schulden", vec![]),
            ("gezin van 5 in kleine woning", vec![]),
            ("koffie maandag van 10 tot 12", vec![]),
            ("koffie maandag van 14 tot 16 uur", vec![]),
            ("dochter 18 maanden slaapt slecht", vec![]),
            ("mijn vrouw 24 uur per dag verzorgen", vec![]),
            ("bus 15 naar noord", vec![]),
            ("vr 27 poolse, geen netwerk", vec![27]),
            ("vr 27 nov koffie", vec![]),
            ("vr 14 uur koffie", vec![]),
            ("vr 14-16 koffie", vec![]),
            ("vr 14 tot 16 uur koffie", vec![]),
            ("vr 45 maatje gezocht", vec![45]),
            ("vr 34. Twee kinderen", vec![34]),
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
        assert_eq!(gender_of("vr 27 poolse"), Some(Gender::Female));
        assert_eq!(gender_of("vr 14.00 koffie"), None);
        assert_eq!(gender_of("ik ben bang voor mijn man"), None);
        assert_eq!(gender_of("mijn man van 75, ik zoek een praatgroep"), None);
        assert_eq!(gender_of("dhr en mw zijn overbelast"), None);
    }

    #[test]
    fn the_age_of_a_relative_is_told_apart() {
        let of_relative = |text: &str| {
            let tokens = tokens(text);
            (0..tokens.len()).filter(|at| age(text, &tokens, *at).is_some()).all(|at| is_of_relative(&tokens, at))
        };
        assert!(of_relative("kinderen van 7 en 10"));
        assert!(of_relative("schulden, kind 8 jaar"));
        assert!(of_relative("mijn moeder van 84"));
        assert!(!of_relative("mijn client van 80"));
        assert!(!of_relative("jongen 16, blowt"));
    }
}
