//! Hours of the clock from which something is sought: "na 18 uur", "na zessen", "after 6 pm".

use super::tokens::Token;
use crate::domain::DayPart;

/// The parts of the day, one bit each, from an hour on that is said from a place on; and how many words say so.
pub(super) fn from_hour(tokens: &[Token], at: usize) -> Option<(usize, u8)> {
    let words: Vec<&str> = tokens[at..].iter().take(LONGEST).map(|token| token.folded.as_str()).collect();
    let (first, rest) = words.split_first().filter(|(first, _)| FROM.contains(first))?;
    let is_half = rest.first() == Some(&"half");
    let (said, rest) = rest[usize::from(is_half)..].split_first()?;
    let (hour, is_of_clock) = hour(said)?;
    // "18.30u" comes as two words.
    let minutes = usize::from(rest.first().is_some_and(|word| MINUTES.contains(&word.trim_end_matches(['u', 'h']))));
    let unit = rest.get(minutes).copied().filter(|word| UNITS.contains(word));
    let length = 2 + usize::from(is_half) + minutes + usize::from(unit.is_some());
    let next = tokens.get(at + length);
    let is_amount = next.is_some_and(|next| OF_AMOUNT.contains(&&*next.folded));
    let is_said = is_of_clock || is_half || unit.is_some() || minutes == 1;
    if !is_said || is_amount || unit == Some("am") {
        return None;
    }
    let ends = next.is_none_or(|next| next.begins_clause || FOLLOWS.contains(&&*next.folded));
    let hour = match hour {
        NOON.. => hour,
        _ if unit == Some("pm") => hour + NOON,
        // "Na 3 uur wachten" tells how long it took, and "vanaf 7 uur" begins early as often.
        5..=8 if !FROM_EARLY.contains(first) && (is_of_clock || minutes == 1 || ends) => hour + NOON,
        _ => return None,
    };
    let part = |part: DayPart| 1 << part as u8;
    match hour - u8::from(is_half) {
        23 => Some((length, part(DayPart::Night))),
        17..23 => Some((length, part(DayPart::Evening))),
        _ => Some((length, part(DayPart::Afternoon) | part(DayPart::Evening))),
    }
}

/// Whether an hour stands at a place, as "18 uur": it is no age.
pub(super) fn is_hour(tokens: &[Token], at: usize) -> bool {
    let is_number = tokens[at].folded.parse::<u8>().is_ok_and(|hour| hour <= 24);
    is_number && tokens.get(at + 1).is_some_and(|next| next.folded == "uur" && !next.begins_clause)
}

/// The hour that a word says, and whether it can be nothing but one of the clock.
fn hour(word: &str) -> Option<(u8, bool)> {
    let named = |names: &[&str]| names.iter().position(|name| *name == word).map(|at| at as u8 + 3);
    if let Some(hour) = named(&HOURS_OF_CLOCK) {
        return Some((hour, true));
    }
    if let Some(hour) = named(&HOURS) {
        return Some((hour, false));
    }
    let digits = word.find(|one: char| !one.is_ascii_digit()).unwrap_or(word.len());
    let (hour, rest) = word.split_at(digits);
    let (mark, minutes) = rest.split_at(rest.find(|one: char| one.is_ascii_digit()).unwrap_or(rest.len()));
    let hour: u8 = hour.parse().ok().filter(|hour| *hour < 24)?;
    match mark {
        "" => Some((hour, false)),
        // Of a small number it may be how long.
        "u" | "h" | "uur" => {
            (minutes.is_empty() || MINUTES.contains(&minutes)).then_some((hour, hour >= NOON || !minutes.is_empty()))
        }
        "pm" if minutes.is_empty() && hour < NOON => Some((hour + NOON, true)),
        _ => None,
    }
}

/// How many words tell an hour at most.
const LONGEST: usize = 5;
const NOON: u8 = 12;
pub(super) const FROM: [&str; 4] = ["na", "vanaf", "after", "from"];
const FROM_EARLY: [&str; 2] = ["vanaf", "from"];
const UNITS: [&str; 5] = ["uur", "u", "h", "am", "pm"];
const MINUTES: [&str; 4] = ["00", "15", "30", "45"];
/// What follows a number that is how much or how long.
const OF_AMOUNT: [&str; 20] = [
    "per", "pw", "p", "week", "dag", "dagen", "jaar", "maand", "euro", "eur", "wachten", "werken", "werk", "slaap",
    "gamen", "lang", "later", "of", "waiting", "hours",
];
/// What follows an hour of the clock, where a smaller number may be how long.
const FOLLOWS: [&str; 12] =
    ["kan", "wil", "heb", "ben", "is", "zijn", "kunnen", "hebben", "willen", "thuis", "vrij", "en"];
const HOURS: [&str; 10] = ["drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien", "elf", "twaalf"];
const HOURS_OF_CLOCK: [&str; 10] =
    ["drieen", "vieren", "vijven", "zessen", "zevenen", "achten", "negenen", "tienen", "elven", "twaalven"];

#[cfg(test)]
mod tests {
    use super::super::tokens::tokens;
    use super::*;

    #[test]
    fn an_hour_from_which_something_is_sought_is_a_part_of_the_day() {
        const EVENING: u8 = 1 << DayPart::Evening as u8;
        const NOON_ON: u8 = EVENING | 1 << DayPart::Afternoon as u8;
        for (text, found) in [
            ("na 18 uur", Some((3, EVENING))),
            ("na 18:30 uur", Some((4, EVENING))),
            ("na 18.30u", Some((3, EVENING))),
            ("na 18u", Some((2, EVENING))),
            ("na 18u30", Some((2, EVENING))),
            ("na zessen", Some((2, EVENING))),
            ("na half acht", Some((3, EVENING))),
            ("na zes uur kan ik", Some((3, EVENING))),
            ("after 6 pm", Some((3, EVENING))),
            ("after 6pm", Some((2, EVENING))),
            ("vanaf 13 uur", Some((3, NOON_ON))),
            ("na 23 uur", Some((3, 1 << DayPart::Night as u8))),
            ("na 6 uur, in Noord", Some((3, EVENING))),
            ("na 18uur", Some((2, EVENING))),
            ("na drieën", None),
            ("vanaf 7 uur", None),
            ("vanaf 20 uur per week", None),
            ("vanaf 5,00 euro", None),
            ("na 12 uur werken", None),
            ("na 2u wachten", None),
            ("na een uur ben ik moe", None),
            ("na acht uur op het werk", None),
            ("na 3 uur kan ik niet slapen", None),
            ("na 0 uur", None),
            ("na 18 jaar", None),
            ("vanaf 12", None),
            ("na 3 uur wachten", None),
            ("na tienen", None),
            ("na 9 am", None),
            ("na 99 uur", None),
            ("na", None),
        ] {
            assert_eq!(from_hour(&tokens(text), 0), found, "{text}");
        }
    }
}
