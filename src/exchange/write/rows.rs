//! An offering as rows of CSV: what each column takes out of it, and whether anything is left.

use serde_json::Value;

use super::super::cell::{Kind, joined};
use super::super::columns::{CHANNELS, COLUMNS, Column, Level, TRANSLATED};
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
    for (at, column) in COLUMNS.iter().enumerate().filter(|(_, column)| levels.contains(&column.level)) {
        let Column { target, kind, .. } = *column;
        if target.starts_with(CHANNELS) {
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
        let part = |pointer: &String| rest.pointer(pointer).and_then(|value| kind.write(value)).unwrap_or_default();
        let parts: Vec<String> = pointers.iter().map(part).collect();
        if parts.iter().all(String::is_empty) {
            continue;
        }
        cells[at] = joined(&parts);
        for pointer in pointers {
            take(rest, &pointer);
        }
    }
    if levels.contains(&Level::Terms) {
        fill_channels(rest, cells);
    }
    if levels.contains(&Level::Session)
        && rest.pointer("/schedules/0/timeZone").is_some_and(|zone| zone == "Europe/Amsterdam")
    {
        take(rest, "/schedules/0/timeZone"); // What is read when there is none.
    }
}

/// Writes the channels of the first contact, and takes them out if reading gives the same again: in the order of the
/// columns, and with hours and languages only of the first.
fn fill_channels(rest: &mut Value, cells: &mut [String]) {
    let Some(Value::Array(channels)) = rest.pointer(CHANNELS) else { return };
    let (mut exact, mut last, mut first) = (true, 0, None);
    for (at, column) in COLUMNS.iter().enumerate() {
        let Kind::Channel(kind) = column.kind else { continue };
        let mut values = Vec::new();
        for (place, channel) in channels.iter().enumerate().filter(|(_, channel)| channel["type"] == kind) {
            exact &= place >= last;
            last = place;
            first = first.or(Some(channel));
            values.extend(channel["value"].as_str().map(str::to_owned));
        }
        cells[at] = joined(&values);
    }
    for (at, column) in COLUMNS.iter().enumerate() {
        let Some(key) = column.target.strip_prefix(CHANNELS).and_then(|rest| rest.strip_prefix("/0/")) else {
            continue;
        };
        if let Some(cell) = first.and_then(|channel| channel.get(key)).and_then(|value| column.kind.write(value)) {
            cells[at] = cell;
        }
    }
    exact &= channels.iter().skip(1).all(|channel| channel.get("hours").or(channel.get("language")).is_none());
    if exact {
        take(rest, CHANNELS);
    }
}

/// Writes the texts in these languages, and takes all out if reading gives the same again: in the order of the columns.
fn fill_translations(rest: &mut Value, languages: &[LanguageTag], cells: &mut [String]) {
    let Some(Value::Array(translations)) = rest.get("translations") else { return };
    let place =
        |translation: &Value| languages.iter().position(|language| translation["language"] == language.as_str());
    let places: Vec<_> = translations.iter().map(place).collect();
    for (translation, place) in translations.iter().zip(&places) {
        let Some(place) = place else { continue };
        for (key_at, (_, key)) in TRANSLATED.iter().enumerate() {
            if let Some(text) = translation[key].as_str() {
                cells[COLUMNS.len() + place * TRANSLATED.len() + key_at] = text.to_owned();
            }
        }
    }
    if !places.contains(&None) && places.is_sorted_by(|before, after| before < after) {
        take(rest, "/translations");
    }
}
