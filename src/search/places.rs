//! Places by what people call them: areas by code, name or alias, and postcodes.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::text::fold;
use crate::domain::{AreaCode, AreaKind, Position, Postcode};

use super::SearchError;
use super::packed::AreaFacts;
use super::snapshot::Snapshot;

/// How many candidates a fault names.
const MOST_NAMED: usize = 6;

/// What a place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum PlaceKind {
    /// A municipality.
    Gemeente,
    /// A district of a municipality.
    Wijk,
    /// A neighbourhood of a district.
    Buurt,
    /// A postcode.
    Postcode,
}

impl From<AreaKind> for PlaceKind {
    fn from(kind: AreaKind) -> Self {
        match kind {
            AreaKind::Gemeente => Self::Gemeente,
            AreaKind::Wijk => Self::Wijk,
            AreaKind::Buurt => Self::Buurt,
        }
    }
}

/// A place with a name.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NamedPlace {
    /// What it is.
    pub kind: PlaceKind,
    /// The code of the area, of several that are one place the first; or the postcode.
    #[schema(example = "BU0363FJ01")]
    pub code: String,
    /// Its official name; of a postcode the town, as far as that is known.
    #[schema(example = "Reimerswaal")]
    pub name: String,
    /// The municipality that it is or lies in, where that is known: names alone are not unique.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Amsterdam")]
    pub municipality: Option<String>,
    /// A point within it, to measure from.
    pub position: Position,
}

/// Why a text names no place.
#[derive(Clone, Debug, PartialEq)]
pub enum NoPlace {
    /// Nothing is called so; these are called nearly so.
    Unknown(Vec<NamedPlace>),
    /// Several are called so.
    Ambiguous(Vec<NamedPlace>),
}

impl NamedPlace {
    /// Its name with the municipality and the code, as one writes it to be understood.
    fn told(&self) -> String {
        match &self.municipality {
            Some(municipality) if *municipality != self.name => {
                format!("{}, {municipality} ({})", self.name, self.code)
            }
            _ => format!("{} ({})", self.name, self.code),
        }
    }
}

impl NoPlace {
    /// What is wrong with a text, and what would be right.
    pub fn told(&self, given: &str) -> String {
        let given: String = given.chars().take(60).collect();
        let list = |places: &[NamedPlace]| {
            let named: Vec<String> = places.iter().take(MOST_NAMED).map(NamedPlace::told).collect();
            let more = places.len().saturating_sub(MOST_NAMED);
            let rest = if more > 0 { format!("; and {more} more") } else { String::new() };
            format!("{}{rest}", named.join("; "))
        };
        match self {
            Self::Unknown(like) if like.is_empty() => format!(
                "'{given}' is neither a position nor a place that is known here: give latitude and longitude, as \
                 52.3696,4.9294, or a postcode, or the name of a neighbourhood, a district or a municipality"
            ),
            Self::Unknown(like) => format!("no place is called '{given}'; like it are {}", list(like)),
            Self::Ambiguous(all) => format!(
                "'{given}' is the name of {} places: {}; give the code, or the municipality after a comma",
                all.len(),
                list(all)
            ),
        }
    }
}

/// An area that is called so, with its facts.
type Called<'s> = (&'s AreaFacts, Position);

impl Snapshot {
    /// The place that a text names: a code, or a name or alias, with the municipality after it when that is needed.
    ///
    /// Of areas within each other the widest is meant. Those of one municipality that share an alias, as the districts
    /// (wijken) of one larger part of a town, are one place.
    pub fn place(&self, text: &str) -> Result<Result<NamedPlace, NoPlace>, SearchError> {
        if let Ok(postcode) = text.parse::<Postcode>() {
            return Ok(self.postcode(&postcode)?.ok_or(NoPlace::Unknown(Vec::new())));
        }
        let code = text.trim().parse::<AreaCode>().ok();
        let folded = fold(text);
        let is_called = |area: &AreaFacts, name: &str| area.names.iter().any(|own| own == name);
        let mut found: Vec<Called<'_>> = match &code {
            Some(code) => self.called(|area| area.code == *code),
            None => self.called(|area| is_called(area, &folded)),
        };
        if found.is_empty() && code.is_none() {
            // "Centrum, Zwolle", and with the municipality first.
            let towns = self.called(|area| {
                let stands = |name: &String| {
                    let rest = folded.strip_suffix(name.as_str()).or_else(|| folded.strip_prefix(name.as_str()));
                    rest.is_some_and(|rest| rest.starts_with(' ') || rest.ends_with(' '))
                };
                area.code.kind() == AreaKind::Gemeente && area.names.iter().any(stands)
            });
            for (town, _) in &towns {
                for name in &town.names {
                    let rest = folded.strip_suffix(name.as_str()).or_else(|| folded.strip_prefix(name.as_str()));
                    let Some(rest) = rest.map(str::trim).filter(|rest| !rest.is_empty()) else { continue };
                    found.extend(self.called(|area| town.code.includes(&area.code) && is_called(area, rest)));
                }
            }
        }
        let widest: Vec<Called<'_>> = found
            .iter()
            .filter(|(area, _)| {
                !found.iter().any(|(other, _)| other.code != area.code && other.code.includes(&area.code))
            })
            .copied()
            .collect();
        match widest.as_slice() {
            [] => Ok(Err(NoPlace::Unknown(self.places(text, MOST_NAMED)?))),
            [one] => Ok(Ok(self.named(one)?)),
            [first, rest @ ..] => {
                let is_one = code.is_none()
                    && rest.iter().all(|(area, _)| area.code.municipality() == first.0.code.municipality())
                    && widest.iter().all(|(area, _)| area.names.first().is_some_and(|official| *official != folded));
                if !is_one {
                    let all: Result<Vec<_>, _> = widest.iter().map(|one| self.named(one)).collect();
                    return Ok(Err(NoPlace::Ambiguous(all?)));
                }
                let count = widest.len() as f64;
                let sum = |of: fn(Position) -> f64| widest.iter().map(|(_, at)| of(*at)).sum::<f64>() / count;
                let middle = Position::new(sum(Position::lat), sum(Position::lon)).unwrap_or(first.1);
                Ok(Ok(NamedPlace { position: middle, ..self.named(first)? }))
            }
        }
    }

    /// The places whose name or alias begins so, or has words that do: those called just so first, then the wider.
    pub fn places(&self, text: &str, most: usize) -> Result<Vec<NamedPlace>, SearchError> {
        let folded = fold(text);
        if let Ok(postcode) = text.parse::<Postcode>() {
            return Ok(self.postcode(&postcode)?.into_iter().collect());
        }
        let words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
        if words.is_empty() {
            return Ok(Vec::new());
        }
        let has_words = |name: &String| words.iter().all(|word| name.split(' ').any(|part| part.starts_with(word)));
        let code = text.trim();
        let mut found = self.called(|area| area.code.as_str() == code || area.names.iter().any(has_words));
        let order = |(area, _): &Called<'_>| {
            let is_called_so = area.code.as_str() == code || area.names.contains(&folded);
            let begins_so = area.names.iter().any(|name| name.starts_with(&folded));
            (!is_called_so, !begins_so, area.code.kind(), area.code.clone())
        };
        found.sort_by_cached_key(order);
        found.iter().take(most).map(|one| self.named(one)).collect()
    }

    /// Where a postcode is; where a whole one is not known, its digits.
    fn postcode(&self, postcode: &Postcode) -> Result<Option<NamedPlace>, SearchError> {
        let digits = postcode.digits();
        let Some(area) = self.postcodes(&digits)? else { return Ok(None) };
        let part = postcode.letters().and_then(|letters| area.parts.get(letters).copied());
        let Some(position) = part.or_else(|| area.middle()) else { return Ok(None) };
        let municipality = area.municipality.as_ref().map(|code| self.area(code)).transpose()?.flatten();
        Ok(Some(NamedPlace {
            kind: PlaceKind::Postcode,
            code: if part.is_some() { postcode } else { &digits }.as_str().to_owned(),
            name: area.town.unwrap_or_default(),
            municipality: municipality.map(|area| area.name),
            position,
        }))
    }

    /// The areas with a point that a test lets pass, by code.
    fn called(&self, test: impl Fn(&AreaFacts) -> bool) -> Vec<Called<'_>> {
        let mut found = Vec::new();
        for (segment, columns) in self.columns.iter().enumerate() {
            let alive = columns.areas.iter().filter(|(document, _)| self.is_alive(segment, *document));
            let fits = alive.filter(|(_, area)| test(area));
            found.extend(fits.filter_map(|(_, area)| Some((area, area.extent.as_ref()?.inside))));
        }
        found.sort_by(|(a, _), (b, _)| a.code.cmp(&b.code));
        found
    }

    fn named(&self, (area, position): &Called<'_>) -> Result<NamedPlace, SearchError> {
        let name = |code: &AreaCode| Ok::<_, SearchError>(self.area(code)?.map(|area| area.name));
        Ok(NamedPlace {
            kind: area.code.kind().into(),
            code: area.code.to_string(),
            name: name(&area.code)?.unwrap_or_default(),
            municipality: name(&area.code.municipality())?,
            position: *position,
        })
    }
}
