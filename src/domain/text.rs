//! Text from outside: composed (Unicode NFC), without control characters, bounded.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use unicode_normalization::{UnicodeNormalization, is_nfc};
use utoipa::ToSchema;

/// Cleans text from outside: NFC, line ends as `\n`, other control characters as a space, trimmed.
///
/// PostgreSQL refuses NUL, and a byte order mark or a bell in a name helps nobody.
pub fn clean(text: &str) -> String {
    let plain = |c: char| c == '\n' || !(c.is_control() || c == '\u{feff}');
    if is_nfc(text) && text.chars().all(plain) {
        return text.trim().to_owned();
    }
    let unix = text.replace("\r\n", "\n");
    let composed: String = unix.nfc().map(|c| if plain(c) { c } else { ' ' }).collect();
    composed.trim().to_owned()
}

/// Cleans text that must stand on one line: as [`clean`], and every run of white space is one space.
pub fn clean_line(text: &str) -> String {
    clean(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Folds text for comparing: lower case, without accents, plain letters and digits only, single spaces.
///
/// ```
/// # use wegwijzer::domain::text::fold;
/// assert_eq!(fold("Café  'G-buurt Noord'"), "cafe g buurt noord");
/// ```
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.nfkd().filter(|c| !unicode_normalization::char::is_combining_mark(*c)).flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            if gap && !folded.is_empty() {
                folded.push(' ');
            }
            gap = false;
            match plain_letter(c) {
                Some(plain) => folded.push_str(plain),
                None => folded.push(c),
            }
        } else if c != '\'' && c != '’' {
            gap = true;
        }
    }
    folded
}

/// A letter that Unicode does not take apart as people without that key type it, and one of the Arabic letters that are
/// written in several ways; nothing for the others.
fn plain_letter(c: char) -> Option<&'static str> {
    Some(match c {
        'ı' => "i",
        'ł' => "l",
        'ø' => "o",
        'đ' => "d",
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ٱ' => "ا",
        'ة' => "ه",
        'ى' | 'ی' => "ي",
        'ک' => "ك",
        // The line that only makes a word longer.
        'ـ' => "",
        _ => return None,
    })
}

/// A language tag of BCP 47 (RFC 5646): language, then perhaps script, region and variants, as `nl` or `ar-Latn`.
///
/// Its form is checked, not whether the registry knows the parts. Kept in the usual case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, example = "nl")]
pub struct LanguageTag(String);

impl LanguageTag {
    /// Dutch, the language of a listing that names none.
    pub fn dutch() -> Self {
        Self("nl".into())
    }

    /// The tag as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The language without script and region: `ar` of `ar-Latn`.
    pub fn language(&self) -> &str {
        self.0.split('-').next().unwrap_or(&self.0)
    }
}

impl FromStr for LanguageTag {
    type Err = InvalidLanguageTag;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fault = || InvalidLanguageTag(text.chars().take(40).collect());
        let mut parts = Vec::new();
        for (at, part) in text.split('-').enumerate() {
            let letters = part.bytes().all(|b| b.is_ascii_alphabetic());
            let plain = part.bytes().all(|b| b.is_ascii_alphanumeric()) && (2..=8).contains(&part.len());
            if !plain || at > 3 || (at == 0 && (!letters || part.len() > 3)) {
                return Err(fault());
            }
            parts.push(match (at, part.len()) {
                (1.., 4) if letters => part[..1].to_ascii_uppercase() + &part[1..].to_ascii_lowercase(),
                (1.., 2) => part.to_ascii_uppercase(),
                _ => part.to_ascii_lowercase(),
            });
        }
        Ok(Self(parts.join("-")))
    }
}

impl TryFrom<String> for LanguageTag {
    type Error = InvalidLanguageTag;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<LanguageTag> for String {
    fn from(tag: LanguageTag) -> Self {
        tag.0
    }
}

impl fmt::Display for LanguageTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Text that is no language tag.
#[derive(Debug, thiserror::Error)]
#[error("'{0}' is not a language tag: give one of BCP 47, as nl, en or ar-Latn")]
pub struct InvalidLanguageTag(String);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn cleaning_takes_out_what_no_listing_needs() {
        assert_eq!(clean("\u{feff}Koffie\0uur\r\nelke dag "), "Koffie uur\nelke dag");
        assert_eq!(clean_line(" een \n twee\tdrie "), "een twee drie");
        assert_eq!(clean("Cafe\u{301}"), "Café");
    }

    #[test]
    fn language_tags_are_kept_in_their_usual_case() {
        for (given, kept) in [("NL", "nl"), ("ar-latn", "ar-Latn"), ("zh-hant-tw", "zh-Hant-TW"), ("ti", "ti")] {
            assert_eq!(given.parse::<LanguageTag>().map(String::from).ok().as_deref(), Some(kept), "{given}");
        }
        for wrong in ["", "n", "nederlands", "nl_NL", "n1", "nl-", "nl-abcdefghi", "é"] {
            assert!(wrong.parse::<LanguageTag>().is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn cleaning_twice_is_cleaning_once(text in "\\PC{0,40}|[\u{0}-\u{20}]{0,8}") {
            let once = clean(&text);
            prop_assert_eq!(clean(&once), once.clone());
            prop_assert!(!once.contains('\0'));
            let _ = fold(&text);
            let _ = text.parse::<LanguageTag>();
        }
    }
}
