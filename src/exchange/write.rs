//! Writing offerings: JSON and NDJSON as they are, CSV as far as its columns reach, GeoJSON as the public sees them.

mod rows;

use std::io::{self, Write};

use geojson::{Feature, FeatureWriter, JsonObject};
use serde::Serialize;
use serde_json::json;

use self::rows::{header, rows_of};
use super::Format;
use super::cell::{BOM, quoted};
use crate::domain::{LanguageTag, Offering, Place, PublicOffering, Role, StoredOffering, Vocabulary};

/// Why offerings cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Where they should go cannot be written to.
    #[error("the export cannot be written")]
    Write(#[from] io::Error),
    /// A value cannot be said in JSON.
    #[error("an offering cannot be written as JSON")]
    Json(#[from] serde_json::Error),
    /// A feature cannot be written.
    #[error("a feature cannot be written")]
    GeoJson(#[source] Box<geojson::Error>),
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// How many offerings are in the file.
    pub offerings: u64,
    /// How many of them are not whole: CSV has no columns for some of what they hold, and GeoJSON leaves out
    /// sessions without a position. Importing such a CSV file would take the rest away.
    pub incomplete: u64,
    /// How many are not in a GeoJSON file since no session of theirs has a position that the public may see.
    pub without_position: u64,
    /// How many are not in a GeoJSON file since the public may not see them.
    pub not_public: u64,
}

/// Writes offerings one by one.
///
/// JSON, NDJSON and CSV hold all that an editor keeps, maintainers and hidden addresses too; they are not for the
/// public. Read back they give the same content. GeoJSON holds what the public sees, a feature for each session with
/// a position; offerings that are not public, or have no such session, are left out and counted.
pub struct OfferingWriter<'v, W: Write> {
    form: Form<W>,
    vocabulary: &'v Vocabulary,
    written: Written,
}

enum Form<W: Write> {
    Ndjson(W),
    Json(W),
    Csv(W, Vec<LanguageTag>),
    GeoJson(FeatureWriter<W>),
}

/// The form of `docs/offering-form.md` with what the store knows of it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Exported<'a> {
    id: crate::domain::OfferingId,
    number: crate::domain::ItemNumber,
    municipality: &'a crate::domain::MunicipalityCode,
    version: crate::domain::Version,
    changed_at: chrono::DateTime<chrono::Utc>,
    #[serde(flatten)]
    offering: &'a Offering,
}

impl<'v, W: Write> OfferingWriter<'v, W> {
    /// Begins a file. A CSV file has columns for translations into these languages.
    pub fn new(
        format: Format,
        mut out: W,
        vocabulary: &'v Vocabulary,
        languages: &[LanguageTag],
    ) -> Result<Self, WriteError> {
        let form = match format {
            Format::Ndjson => Form::Ndjson(out),
            Format::Json => {
                out.write_all(b"[")?;
                Form::Json(out)
            }
            Format::Csv => {
                write!(out, "{BOM}")?;
                write_record(&mut out, header(languages).iter())?;
                Form::Csv(out, languages.to_vec())
            }
            Format::GeoJson => Form::GeoJson(FeatureWriter::from_writer(out)),
        };
        Ok(Self { form, vocabulary, written: Written::default() })
    }

    /// Writes an offering.
    pub fn write(&mut self, stored: &StoredOffering) -> Result<(), WriteError> {
        let offering = content(&stored.offering);
        let exported = Exported {
            id: stored.id,
            number: stored.number,
            municipality: &stored.municipality,
            version: stored.version,
            changed_at: stored.changed_at,
            offering: &offering,
        };
        match &mut self.form {
            Form::Ndjson(out) => {
                serde_json::to_writer(&mut *out, &exported)?;
                out.write_all(b"\n")?;
            }
            Form::Json(out) => {
                out.write_all(if self.written.offerings == 0 { b"\n" } else { b",\n" })?;
                serde_json::to_writer(&mut *out, &exported)?;
            }
            Form::Csv(out, languages) => {
                let (rows, complete) = rows_of(&offering, &stored.municipality, languages)?;
                for row in &rows {
                    write_record(out, row.iter())?;
                }
                self.written.incomplete += u64::from(!complete);
            }
            Form::GeoJson(out) => {
                let Some(public) = stored.public(self.vocabulary) else {
                    self.written.not_public += 1;
                    return Ok(());
                };
                let features = features(&public);
                if features.is_empty() {
                    self.written.without_position += 1;
                    return Ok(());
                }
                for feature in &features {
                    out.write_feature(feature).map_err(|error| WriteError::GeoJson(Box::new(error)))?;
                }
                self.written.incomplete += u64::from(features.len() < public.offering.sessions.len());
            }
        }
        self.written.offerings += 1;
        Ok(())
    }

    /// Ends the file.
    pub fn finish(self) -> Result<Written, WriteError> {
        match self.form {
            Form::Ndjson(mut out) | Form::Csv(mut out, _) => out.flush()?,
            Form::Json(mut out) => {
                out.write_all(b"\n]\n")?;
                out.flush()?;
            }
            Form::GeoJson(mut out) => out.finish().map_err(|error| WriteError::GeoJson(Box::new(error)))?,
        }
        Ok(self.written)
    }
}

pub(super) fn write_record<'c>(out: &mut impl Write, cells: impl Iterator<Item = &'c String>) -> io::Result<()> {
    let cells: Vec<_> = cells.map(|cell| quoted(cell)).collect();
    writeln!(out, "{}", cells.join(","))
}

/// What was said of an offering: without ids, and without areas that were found from a position, since whoever reads
/// it finds them again, perhaps with newer outlines.
fn content(offering: &Offering) -> Offering {
    let mut content = offering.without_ids();
    for session in &mut content.sessions {
        if let Some(Place::Physical(location)) = &mut session.place
            && std::mem::take(&mut location.area_found)
        {
            location.area.clear();
        }
    }
    content
}

/// A feature for each session with a position, with what a card on a map shows.
fn features(public: &PublicOffering) -> Vec<Feature> {
    let PublicOffering { id, number, municipality, offering, .. } = public;
    let lead = offering.organization.iter().find(|involvement| involvement.role == Role::Lead);
    let mut features = Vec::new();
    for session in offering.effective_sessions() {
        let Some(location) = session.place.as_ref().and_then(Place::location) else { continue };
        let Some(at) = location.position else { continue };
        let mut properties = JsonObject::new();
        for (key, value) in [
            ("id", json!(id)),
            ("number", json!(number)),
            ("municipality", json!(municipality)),
            ("name", json!(offering.name)),
            ("summary", json!(offering.summary)),
            ("label", json!(session.label)),
            ("sphere", json!(offering.sphere)),
            ("formality", json!(offering.formality)),
            ("kind", json!(offering.kind)),
            ("continuum", json!(offering.continuum)),
            ("theme", json!(offering.theme)),
            ("targetGroup", json!(offering.target_group)),
            ("organization", json!(lead.map(|involvement| &involvement.organization.name))),
            ("cost", json!(session.terms.cost.as_ref().and_then(|cost| cost.category.as_ref()))),
            ("location", json!(location.name)),
            ("address", json!(location.address)),
            ("area", json!(location.area)),
            ("assured", json!(session.terms.assured.as_ref().map(|assured| assured.date))),
            ("state", json!(offering.status.state)),
        ] {
            if !value.is_null() {
                properties.insert(key.to_owned(), value);
            }
        }
        features.push(Feature {
            geometry: Some(geojson::Geometry::new_point([at.lon(), at.lat()])),
            properties: Some(properties),
            ..Feature::default()
        });
    }
    features
}
