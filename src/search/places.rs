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
    /// A street address, by the address service.
    Address,
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
    /// Several are called so: the first of them, and how many there are.
    Ambiguous(Vec<NamedPlace>, usize),
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
        let list = |places: &[NamedPlace]| places.iter().map(NamedPlace::told).collect::<Vec<_>>().join("; ");
        match self {
            Self::Unknown(like) if like.is_empty() => format!(
                "'{given}' is neither a position nor a place that is known here: give latitude and longitude, as \
                 52.3696,4.9294, or a postcode, or the name of a neighbourhood, a district or a municipality"
            ),
            Self::Unknown(like) => format!("no place is called '{given}'; like it are {}", list(like)),
            Self::Ambiguous(some, count) => {
                let more = if *count > some.len() { ", among them" } else { "" };
                format!(
                    "'{given}' is the name of {count} places{more}: {}; give the code, or the municipality after a comma",
                    list(some)
                )
            }
        }
    }
}

/// An area that is called so, with its facts.
type Called<'s> = (&'s AreaFacts, Position);

/// Areas with the name that they were found by.
fn with<'s, 'n>(called: Vec<Called<'s>>, name: &'n str) -> Vec<(Called<'s>, &'n str)> {
    called.into_iter().map(|one| (one, name)).collect()
}

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
        // The areas, each with the name that it was found by.
        let mut found: Vec<(Called<'_>, &str)> = match &code {
            Some(code) => match self.present_code(code) {
                Some(present) => with(self.called(|area| area.code == present), ""),
                None => Vec::new(),
            },
            None => with(self.called(|area| is_called(area, &folded)), &folded),
        };
        if found.is_empty() && code.is_none() {
            // "Centrum, Zwolle", and with the municipality first.
            let towns = self.called(|area| area.code.kind() == AreaKind::Gemeente);
            for (town, _) in &towns {
                for name in &town.names {
                    let before = folded.strip_suffix(name.as_str()).and_then(|rest| rest.strip_suffix(' '));
                    let after = || folded.strip_prefix(name.as_str()).and_then(|rest| rest.strip_prefix(' '));
                    let Some(rest) = before.or_else(after) else { continue };
                    let of_town = self.called(|area| town.code.includes(&area.code) && is_called(area, rest));
                    found.extend(with(of_town, rest));
                }
            }
        }
        let includes =
            |(one, _): &Called<'_>, (other, _): &Called<'_>| other.code != one.code && other.code.includes(&one.code);
        let mut widest: Vec<(Called<'_>, &str)> =
            found.iter().filter(|(one, _)| !found.iter().any(|(other, _)| includes(one, other))).copied().collect();
        widest.dedup_by(|(a, _), (b, _)| a.0.code == b.0.code);
        let [(first, _), rest @ ..] = widest.as_slice() else {
            return Ok(Err(NoPlace::Unknown(self.places(text, MOST_NAMED)?)));
        };
        let of_first = |(area, _): &Called<'_>| area.code.municipality() == first.0.code.municipality();
        let is_alias = |((area, _), name): &(Called<'_>, &str)| area.names.first().is_some_and(|own| own != name);
        let is_one = rest.is_empty() || rest.iter().all(|(one, _)| of_first(one)) && widest.iter().all(is_alias);
        if !is_one {
            let named = widest.iter().take(MOST_NAMED).map(|(one, _)| self.named(one));
            return Ok(Err(NoPlace::Ambiguous(named.collect::<Result<_, _>>()?, widest.len())));
        }
        let count = widest.len() as f64;
        let mean = |of: fn(Position) -> f64| widest.iter().map(|((_, at), _)| of(*at)).sum::<f64>() / count;
        let middle = Position::new(mean(Position::lat), mean(Position::lon)).unwrap_or(first.1);
        Ok(Ok(NamedPlace { position: middle, ..self.named(first)? }))
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

    /// The codes of the areas that a test lets pass, by code, each with a point in it.
    pub(super) fn placed_areas(&self, test: impl Fn(&AreaFacts) -> bool) -> Vec<(AreaCode, Position)> {
        self.called(test).into_iter().map(|(area, position)| (area.code.clone(), position)).collect()
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
