//! What one row of a file tells about an area.

use std::collections::BTreeMap;

use geojson::Geometry;
use serde_json::Value;

use crate::domain::{Area, AreaCode};

/// What is told about an area; what is left out stays as it was.
#[derive(Clone, Debug, PartialEq)]
pub struct AreaPatch {
    /// Which area.
    pub code: AreaCode,
    /// Its official name.
    pub name: Option<String>,
    /// Names that people use as well; they are added.
    pub aliases: Vec<String>,
    /// The reference year of the division.
    pub year: Option<i32>,
    /// Figures; each replaces the one of the same name.
    pub statistics: BTreeMap<String, Value>,
    /// The outline, checked by [`super::outline::check`].
    pub outline: Option<Geometry>,
}

/// An area that nobody has named yet.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("the area {0} is not known yet, and this row gives no name: import the file with its name and outline first")]
pub struct UnnamedArea(pub AreaCode);

impl AreaPatch {
    /// Adds what is told to what is known: the new area, or nothing when all of it was known already.
    ///
    /// The same patch twice changes nothing the second time.
    pub fn merge(self, known: Option<Area>) -> Result<Option<Area>, UnnamedArea> {
        let mut area = match known.clone() {
            Some(area) => area,
            None => {
                let name = self.name.clone().ok_or_else(|| UnnamedArea(self.code.clone()))?;
                Area {
                    code: self.code,
                    name,
                    aliases: Vec::new(),
                    year: None,
                    statistics: BTreeMap::new(),
                    outline: None,
                    front_doors: Vec::new(),
                }
            }
        };
        if let Some(name) = self.name {
            area.name = name;
        }
        for alias in self.aliases {
            if alias != area.name && !area.aliases.contains(&alias) {
                area.aliases.push(alias);
            }
        }
        area.year = self.year.or(area.year);
        area.statistics.extend(self.statistics);
        area.outline = self.outline.or(area.outline);
        Ok((known.as_ref() != Some(&area)).then_some(area))
    }
}
