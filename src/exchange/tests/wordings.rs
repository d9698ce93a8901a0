//! Files of own words: what is read, and every fault at its place.

use serde_json::{Value, json};

use super::*;
use crate::domain::Wording;

/// The own words of each row, or the columns of its problems.
fn read(rows: &[Value]) -> Vec<Result<Wording, Vec<String>>> {
    let file = input(serde_json::to_vec(rows).expect("JSON"));
    let rows = wording::read(file, Format::Json, vocabulary()).expect("a file that can be used");
    let columns = |refused: RefusedRow| refused.problems.iter().map(ToString::to_string).collect();
    rows.map(|row| row.map_err(columns)).collect()
}

#[test]
fn own_words_are_read_and_written_the_same() {
    let draft = json!({
        "municipality": "GM0363",
        "synonyms": [
            { "words": "bakkie doen", "language": "nl", "concepts": ["theme:meeting_people"] },
            { "words": "OBA", "language": "nl", "text": "openbare bibliotheek" },
        ],
        "stopWords": ["mokum"],
    });
    let wording = read(std::slice::from_ref(&draft)).remove(0).expect("sound own words");
    assert_eq!(serde_json::to_value(&wording).expect("JSON"), draft);
    assert_eq!(serde_json::from_value::<Wording>(draft).expect("JSON"), wording);
    let none = read(&[json!({ "municipality": "GM0363" })]).remove(0).expect("nothing is sound too");
    assert!(none.is_empty());
}

#[test]
fn every_fault_of_own_words_is_told_at_its_place() {
    let faults = read(&[json!({
        "municipality": "Amsterdam",
        "synonyms": [
            { "words": "bakkie", "concepts": ["theme:meeting_peopel"] },
            { "words": "oba", "concepts": [] },
            { "words": "bakkie doen", "text": "koffie drinken" },
            { "words": "!", "text": "roepen" },
            { "words": "x", "text": "y", "concepts": ["theme:grief"] },
            { "words": "z", "concepts": ["grief"] },
            { "words": "een twee drie vier vijf zes zeven acht negen", "concepts": ["theme:grief"] },
        ],
        "stopWords": ["in mokum"],
        "stopwords": [],
    })]);
    let faults = faults.into_iter().next().expect("a row").expect_err("many faults");
    for (place, what) in [
        ("/municipality", "CBS code"),
        ("/synonyms/0/concepts/0", "the nearest is 'meeting_people'"),
        ("/synonyms/1/words", "either concepts"),
        ("/synonyms/2/text", "only one word"),
        ("/synonyms/3/words", "no letter"),
        ("/synonyms/4/words", "either concepts"),
        ("/synonyms/5/concepts/0", "as theme:grief"),
        ("/synonyms/6/words", "9 words"),
        ("/stopWords/0", "more than one word"),
        ("/stopwords", "did you mean 'stopWords'?"),
    ] {
        let told = |fault: &&String| fault.contains(place) && fault.contains(what);
        assert!(faults.iter().find(told).is_some(), "{place}: {what} is not in {faults:#?}");
    }
    assert_eq!(faults.len(), 10, "{faults:#?}");
}

#[test]
fn the_same_words_mean_one_thing() {
    let one = json!({ "words": "Bakkie  doen", "concepts": ["theme:meeting_people"] });
    let other = json!({ "words": "bakkie doen", "concepts": ["kind:meeting_place"] });
    let refused = read(&[json!({ "municipality": "NL", "synonyms": [one, other] })]).remove(0);
    assert!(refused.expect_err("a fault")[0].contains("/synonyms/1/words"));
}

#[test]
fn a_municipality_has_its_own_words_once_in_a_file() {
    let words = |word: &str| json!({ "municipality": "GM0363", "stopWords": [word] });
    let rows = read(&[words("mokum"), words("stadsie"), json!({ "municipality": "GM0599" })]);
    assert_eq!(rows.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
}
