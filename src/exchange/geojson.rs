//! Reading offerings from GeoJSON by a mapping.

use ::geojson::GeometryValue;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::cell::{ConceptNames, joined};
use super::input::{Input, MAX_ROW_BYTES};
use super::json::{JsonRow, JsonRows};
use super::mapping::{Mapping, Piece, complete_place, pieces};
use super::pointer::{put, put_all};
use super::row::{Origin, Problem, RefusedRow, SourceRow};
use crate::areas::outline;
use crate::domain::Position;
use crate::domain::area::point_inside;

/// A feature as a file has it, before anything is known of it.
#[derive(Deserialize)]
pub(super) struct RawFeature {
    pub id: Option<Value>,
    #[serde(default)]
    pub properties: Option<Map<String, Value>>,
    #[serde(default)]
    pub geometry: Option<::geojson::Geometry>,
}

/// The features of a file, each as a draft.
pub(super) struct FeatureRows<'m> {
    rows: JsonRows<RawFeature>,
    mapping: &'m Mapping,
    names: ConceptNames,
}

impl<'m> FeatureRows<'m> {
    pub fn new(input: Input, mapping: &'m Mapping) -> Self {
        let rows = JsonRows::elements(input, "features", MAX_ROW_BYTES);
        Self { rows, mapping, names: ConceptNames::none() }
    }
}

impl Iterator for FeatureRows<'_> {
    type Item = Result<SourceRow, RefusedRow>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.rows.next()?.map(|row| draft_of(row, self.mapping, &self.names)))
    }
}

fn draft_of(row: JsonRow<RawFeature>, mapping: &Mapping, names: &ConceptNames) -> SourceRow {
    let JsonRow { row, value: feature, raw } = row;
    let properties = feature.properties.unwrap_or_default();
    let mut faults = Vec::new();
    let mut text = |name: &str| {
        text_of(properties.get(name)).unwrap_or_else(|detail| {
            let fault = Problem::of_cell(row, name, None, detail);
            // A property may be used in several places.
            if !faults.contains(&fault) {
                faults.push(fault);
            }
            None
        })
    };
    let mut draft = mapping.begin();
    let mut origin = Origin::default();
    let mut unread = Vec::new();

    for table in &mapping.tables {
        let value = text(&table.property);
        let entry = value.as_ref().and_then(|value| table.values.get(value)).or(table.otherwise.as_ref());
        match entry {
            Some(entry) => put_all(&mut draft, "", &Value::Object(entry.clone())),
            None => {
                let detail = "the mapping does not know this value: add it to the table, or an entry 'otherwise'";
                unread.push(Problem::of_cell(row, &table.property, value.as_deref(), detail));
            }
        }
    }
    for (target, property) in &mapping.properties {
        let Some(value) = text(property.name()) else { continue };
        match property.kind().read(&value, names) {
            Ok(made) => put(&mut draft, target, made),
            Err(detail) => unread.push(Problem::of_cell(row, property.name(), Some(&value), detail)),
        }
        origin.note(target.clone(), row, property.name(), &value);
    }
    for (target, texts) in &mapping.texts {
        if draft.pointer(target).is_some_and(|value| !value.is_null()) {
            continue;
        }
        if let Some(made) = texts.all().iter().find_map(|template| fill(template, &mut text)) {
            put(&mut draft, target, made.into());
        }
    }
    let external_id = match &mapping.external_id {
        Some(property) => text(property),
        None => text_of(feature.id.as_ref()).ok().flatten(),
    };
    if let Some(id) = external_id {
        let column = mapping.external_id.as_deref().unwrap_or("id");
        origin.note("/source/externalId".into(), row, column, &id);
        put(&mut draft, "/source/externalId", id.into());
    }
    let named = mapping.municipality_property.as_ref().and_then(|property| text(property));
    let municipality = named.or_else(|| mapping.municipality.clone());

    if let Some(geometry) = feature.geometry {
        match position_of(geometry) {
            Ok([lon, lat]) => {
                let target = "/sessions/0/place/position";
                put(&mut draft, target, json!({ "latitude": lat, "longitude": lon }));
                origin.note(target.to_owned(), row, "geometry", &format!("{lon},{lat}"));
            }
            Err(detail) => unread.push(Problem::of_cell(row, "geometry", None, detail)),
        }
    }
    complete_place(&mut draft);
    faults.extend(unread);
    SourceRow { row, draft, municipality, origin, raw, faults }
}

/// The text of a property; nothing when it is empty.
fn text_of(value: Option<&Value>) -> Result<Option<String>, String> {
    let text = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Bool(flag)) => flag.to_string(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Array(items)) => {
            let texts = items.iter().map(|item| match item {
                Value::Array(_) | Value::Object(_) => Err("this list holds more than texts".to_owned()),
                item => Ok(text_of(Some(item))?.unwrap_or_default()),
            });
            joined(&texts.collect::<Result<Vec<_>, _>>()?)
        }
        Some(Value::Object(_)) => return Err("this must be text, not an object".into()),
    };
    Ok((!text.is_empty()).then_some(text))
}

/// The text with its properties filled in; nothing when one of them is missing.
fn fill(template: &str, text: &mut impl FnMut(&str) -> Option<String>) -> Option<String> {
    let mut filled = String::new();
    for piece in pieces(template).ok()? {
        match piece {
            Piece::Words(words) => filled += words,
            Piece::Property(name) => filled += &text(name)?,
        }
    }
    Some(filled)
}

/// The longitude and latitude of a feature: its point, or one inside its outline.
fn position_of(geometry: ::geojson::Geometry) -> Result<[f64; 2], String> {
    if let GeometryValue::Point { coordinates } = &geometry.value {
        return match *coordinates.as_slice() {
            [x, y, ..] if Position::is_rd(x, y) => {
                let at = Position::from_rd(x, y).ok_or("these metres of the Dutch grid are nowhere")?;
                Ok([at.lon(), at.lat()])
            }
            [lon, lat, ..] => Ok([lon, lat]),
            _ => Err("a point has a longitude and a latitude".into()),
        };
    }
    let outline = outline::check(geometry).map_err(|error| error.to_string())?;
    let inside: Position = point_inside(&outline).ok_or("no point inside this outline can be found")?;
    Ok([inside.lon(), inside.lat()])
}
