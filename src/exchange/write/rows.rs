//! An offering as rows of CSV: what each column takes out of it, and whether anything is left.

use serde_json::Value;

use super::super::cell::{Kind, SEPARATOR};
use super::super::columns::{COLUMNS, Column, Level, TRANSLATED};
use super::super::pointer::take;
use crate::domain::{LanguageTag, MunicipalityCode, Offering};

/// The names of the columns, with those of these languages.
pub(super) fn header(languages: &[LanguageTag]) -> Vec<String> {
    let mut names: Vec<String> = COLUMNS.iter().map(|column| column.name.to_owned()).collect();
    for language in languages {
        names.extend(TRANSLATED.iter().map(|(prefix, _)| format!("{prefix}{language}")));
    }
    names
}

/// The rows of an offering, and whether they hold all of it.
///
/// The first row holds the offering, and its first session if that says nothing else than the offering about what
/// both may tell; every other session has a row of its own.
pub(super) fn rows_of(
    offering: &Offering,
    municipality: &MunicipalityCode,
    languages: &[LanguageTag],
) -> Result<(Vec<Vec<String>>, bool), serde_json::Error> {
    let empty = vec![String::new(); COLUMNS.len() + TRANSLATED.len() * languages.len()];
    let mut rest = serde_json::to_value(offering)?;
    let sessions = match take(&mut rest, "/sessions") {
        Some(Value::Array(sessions)) => sessions,
        _ => Vec::new(),
    };
    let mut first = empty.clone();
    fill(&mut rest, &[Level::Offering, Level::Terms], &mut first);
    fill_translations(&mut rest, languages, &mut first);
    let mut further = empty;
    for (at, column) in COLUMNS.iter().enumerate() {
        if column.level == Level::Tenant {
            first[at] = municipality.to_string();
        } else if column.name == "external_id" {
            further[at].clone_from(&first[at]);
        }
    }
    let mut complete = is_empty(&rest);
    let mut rows = vec![first];
    for (at, mut session) in sessions.into_iter().enumerate() {
        let mut row = further.clone();
        fill(&mut session, &[Level::Session], &mut row);
        if at == 0 && is_empty(&session) && row != further {
            for (cell, value) in rows[0].iter_mut().zip(row) {
                if !value.is_empty() {
                    *cell = value;
                }
            }
            continue;
        }
        fill(&mut session, &[Level::Terms], &mut row);
        // A row in which nothing stands is no row.
        complete &= is_empty(&session) && row.iter().any(|cell| !cell.is_empty());
        rows.push(row);
    }
    Ok((rows, complete))
}

fn is_empty(rest: &Value) -> bool {
    rest.as_object().is_some_and(serde_json::Map::is_empty)
}

/// Takes out of a value what the columns of these levels can hold, into their cells.
fn fill(rest: &mut Value, levels: &[Level], cells: &mut [String]) {
    if levels.contains(&Level::Terms) {
        fill_channels(rest, cells);
    }
    for (at, column) in COLUMNS.iter().enumerate().filter(|(_, column)| levels.contains(&column.level)) {
        let Column { target, kind, .. } = *column;
        if matches!(kind, Kind::Channel(_)) {
            continue;
        }
        let Some((list, key)) = target.split_once("/*/") else {
            if let Some(cell) = rest.pointer(target).and_then(|value| kind.write(value)) {
                cells[at] = cell;
                take(rest, target);
            }
            continue;
        };
        let count = rest.pointer(list).and_then(Value::as_array).map_or(0, Vec::len);
        let pointers: Vec<String> = (0..count).map(|at| format!("{list}/{at}/{key}")).collect();
        let parts = pointers.iter().map(|pointer| match rest.pointer(pointer) {
            None => Some(String::new()),
            Some(value) => kind.write(value).filter(|part| !part.contains(SEPARATOR)),
        });
        if let Some(parts) = parts.collect::<Option<Vec<_>>>()
            && parts.iter().any(|part| !part.is_empty())
        {
            cells[at] = parts.join("|");
            for pointer in pointers {
                take(rest, &pointer);
            }
        }
    }
    if levels.contains(&Level::Session)
        && rest.pointer("/schedules/0/timeZone").is_some_and(|zone| zone == "Europe/Amsterdam")
    {
        take(rest, "/schedules/0/timeZone"); // What is read when there is none.
    }
}

/// Takes out the channels of the first contact, if they are plain and in the order in which the columns are read.
fn fill_channels(rest: &mut Value, cells: &mut [String]) {
    const CHANNELS: &str = "/contact/0/channels";
    let Some(Value::Array(channels)) = rest.pointer(CHANNELS) else { return };
    let columns = || COLUMNS.iter().enumerate().filter(|(_, column)| column.target == CHANNELS);
    let mut texts: Vec<(usize, String)> = Vec::new();
    for channel in channels {
        let (kind, value) = (channel["type"].as_str(), channel["value"].as_str());
        let place = columns().find(|(_, column)| matches!(column.kind, Kind::Channel(known) if Some(known) == kind));
        let plain = channel.as_object().is_some_and(|channel| channel.len() == 2);
        let (Some((at, _)), Some(value), true) = (place, value, plain) else { return };
        if value.contains(SEPARATOR) || texts.last().is_some_and(|(before, _)| *before > at) {
            return;
        }
        match texts.last_mut() {
            Some((before, text)) if *before == at => *text = format!("{text}|{value}"),
            _ => texts.push((at, value.to_owned())),
        }
    }
    for (at, text) in texts {
        cells[at] = text;
    }
    take(rest, CHANNELS);
}

fn fill_translations(rest: &mut Value, languages: &[LanguageTag], cells: &mut [String]) {
    let Some(Value::Array(translations)) = rest.get_mut("translations") else { return };
    let places: Vec<Option<usize>> = translations
        .iter()
        .map(|translation| languages.iter().position(|language| translation["language"] == language.as_str()))
        .collect();
    // Reading finds them in the order of the columns.
    if !places.is_sorted() || places.contains(&None) {
        return;
    }
    for (translation, place) in translations.iter().zip(places.into_iter().flatten()) {
        for (key_at, (_, key)) in TRANSLATED.iter().enumerate() {
            if let Some(text) = translation[key].as_str() {
                cells[COLUMNS.len() + place * TRANSLATED.len() + key_at] = text.to_owned();
            }
        }
    }
    take(rest, "/translations");
}
