//! Loads the crisis words; what they are is in [`crate::domain::crisis`].
//!
//! The file is part of the binary. A municipality may point to its own edition, with its own numbers and the days on
//! which they were checked (`--crisis-words FILE`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::domain::crisis::{CrisisFile, CrisisWords};

/// The words that the binary carries.
const EMBEDDED: &str = include_str!("../data/crisis.json");

/// Phrases near despair, for an edition that has none of its own.
const NEAR_DESPAIR: &str = include_str!("../data/near-despair.json");

#[derive(serde::Deserialize)]
struct NearDespairFile {
    phrases: BTreeMap<String, Vec<String>>,
}

/// Why crisis words cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CrisisWordsError {
    /// The file cannot be read.
    #[error("the crisis words {path} cannot be read")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// The file is not of the form.
    #[error("the crisis words are not of the form of data/crisis.json")]
    Form(#[from] serde_json::Error),
}

/// Loads the words of a file, or those that the binary carries.
pub fn load(path: Option<&Path>) -> Result<CrisisWords, CrisisWordsError> {
    let mut file: CrisisFile = match path {
        None => serde_json::from_str(EMBEDDED)?,
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|cause| CrisisWordsError::Unreadable { path: path.into(), cause })?;
            serde_json::from_str(&text)?
        }
    };
    if file.near_despair.is_none() {
        file.near_despair = Some(serde_json::from_str::<NearDespairFile>(NEAR_DESPAIR)?.phrases);
    }
    Ok(CrisisWords::new(file))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::crisis::CrisisKind::{self, Child, DangerNow, Suicide, ViolenceAtHome};

    fn find(text: &str) -> Vec<CrisisKind> {
        load(None).expect("the embedded words").find(text)
    }

    #[test]
    fn words_of_need_are_found_however_they_are_written() {
        for (text, kinds) in [
            ("ik wil niet meer leven", vec![Suicide]),
            ("IK WIL NIET MEER LEVEN!!", vec![Suicide]),
            ("heb zelfmoordgedachten", vec![Suicide]),
            ("suïcidaal", vec![Suicide]),
            ("suicidaal", vec![Suicide]),
            ("na zelfdoding van mijn broer wil ik dood", vec![Suicide]),
            ("mijn man slaat mij", vec![ViolenceAtHome]),
            ("i want to die", vec![Suicide]),
        ] {
            assert_eq!(find(text), kinds, "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_it_is_none() {
        for text in [
            "",
            "training suïcidepreventie",
            "nabestaanden na zelfdoding",
            "lotgenotengroep nabestaanden zelfdoding",
            "cursus zelfverdediging",
            "film over zelfmoord",
            "workshop suïcidepreventie voor vrijwilligers",
            "meldcode huiselijk geweld",
            "wandelgroep",
            "doodgewone koffie",
            "levensboek maken",
        ] {
            assert_eq!(find(text), [], "{text}");
        }
    }

    #[test]
    fn each_kind_has_numbers_in_the_order_that_helps() {
        let words = load(None).expect("the embedded words");
        let language = "nl".parse().expect("a tag");
        let ids = |text: &str| {
            let help = words.help(text, &language).expect(text);
            (help.kinds.into_iter().map(|kind| kind.id).collect::<Vec<_>>(), help.numbers)
        };
        let (kinds, numbers) = ids("ik wil dood");
        let order: Vec<_> = numbers.iter().map(|number| number.id.as_str()).collect();
        assert_eq!((kinds, order), (vec![Suicide], vec!["suicide_prevention_113", "emergency", "listening_line"]));
        let (_, numbers) = ids("mijn man slaat mij");
        assert_eq!(numbers.last().map(|number| number.tel.as_str()), Some("112"));
        assert!([DangerNow, Child].iter().all(|kind| *kind != Suicide));
    }

    #[test]
    fn every_phrase_of_the_file_is_found_unless_it_is_excluded() {
        let file: serde_json::Value = serde_json::from_str(EMBEDDED).expect("JSON");
        let mut count = 0;
        for phrase in
            file["phrases"].as_object().expect("languages").values().flat_map(|list| list.as_array().expect("a list"))
        {
            let text = phrase["text"].as_str().expect("a text");
            let kind: CrisisKind = serde_json::from_value(phrase["kind"].clone()).expect("a kind");
            assert!(find(text).contains(&kind), "{text}");
            count += 1;
        }
        for text in
            file["exclude"].as_object().expect("languages").values().flat_map(|list| list.as_array().expect("a list"))
        {
            let text = text.as_str().expect("a text");
            assert_eq!(find(text), [], "{text}");
            count += 1;
        }
        assert!(count > 300, "{count}");
    }
}
