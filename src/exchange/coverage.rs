//! The coverage report as a table, for spreadsheets, and as a map.

use serde_json::{Value, json};

use super::write::write_record;
use crate::search::CoverageReport;

const COLUMNS: [&str; 18] = [
    "area",
    "name",
    "municipality",
    "residents",
    "theme",
    "label",
    "targetGroup",
    "language",
    "verdict",
    "lacks",
    "offerings",
    "assured",
    "free",
    "withoutWaiting",
    "eveningOrWeekend",
    "languages",
    "formality",
    "caution",
];

/// A row for each area and line; the first tells the caution too, so that it goes where the table goes.
pub fn csv(report: &CoverageReport) -> std::io::Result<Vec<u8>> {
    // Spreadsheets take a file for UTF-8 by this mark.
    let mut out = "\u{feff}".as_bytes().to_vec();
    write_record(&mut out, COLUMNS.map(str::to_owned).iter())?;
    let mut caution = report.caution.as_str();
    let counts = |counts: &std::collections::BTreeMap<crate::domain::ConceptId, u32>| {
        counts.iter().map(|(id, count)| format!("{id}:{count}")).collect::<Vec<_>>().join(" ")
    };
    for area in &report.areas {
        for row in &area.lines {
            let lacks: Vec<String> = row.lacks.iter().map(|lack| lack.as_str().to_owned()).collect();
            let cells = [
                area.code.to_string(),
                area.name.clone(),
                area.municipality.clone().unwrap_or_default(),
                area.residents.map(|residents| residents.to_string()).unwrap_or_default(),
                row.theme.to_string(),
                row.label.clone(),
                row.target_group.as_ref().map(ToString::to_string).unwrap_or_default(),
                row.language.as_ref().map(ToString::to_string).unwrap_or_default(),
                row.verdict.as_str().to_owned(),
                lacks.join(" "),
                row.offerings.to_string(),
                row.assured.to_string(),
                row.free.to_string(),
                row.without_waiting.to_string(),
                row.evening_or_weekend.to_string(),
                counts(&row.languages),
                counts(&row.formality),
                std::mem::take(&mut caution).to_owned(),
            ];
            write_record(&mut out, cells.iter())?;
        }
    }
    Ok(out)
}

/// The outlines, each with how many of its lines have which verdict, and the themes of each.
pub fn geojson(report: &CoverageReport) -> Value {
    let features = report.areas.iter().map(|area| {
        let of = |verdict: &str| {
            let lines = area.lines.iter().filter(|line| line.verdict.as_str() == verdict);
            lines.map(|line| line.theme.to_string()).collect::<Vec<_>>()
        };
        json!({
            "type": "Feature",
            "id": area.code,
            "geometry": area.outline,
            "properties": {
                "name": area.name,
                "municipality": area.municipality,
                "residents": area.residents,
                "verdicts": area.verdicts,
                "covered": of("covered"),
                "thin": of("thin"),
                "missing": of("missing"),
            },
        })
    });
    json!({ "type": "FeatureCollection", "caution": report.caution, "features": features.collect::<Vec<_>>() })
}
