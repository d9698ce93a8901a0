//! The bytes in which the facts of a document stand in the index.
//!
//! Numbers are little-endian, lists begin with their length. Bytes that are no such thing are an error, never a panic.

use crate::domain::{AreaCode, Position};

use super::facts::{AreaKey, OfferingFacts, SessionFacts};
use super::layout::{Bits, WORDS};
use super::neighbours::Extent;

/// The facts of one document.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Packed {
    Offering(OfferingFacts),
    Area(AreaFacts),
}

/// What a list of areas is chosen and ordered by.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct AreaFacts {
    pub code: AreaCode,
    /// The folded name and aliases.
    pub names: Vec<String>,
    /// Of an area with an outline.
    pub extent: Option<Extent>,
}

const OFFERING: u8 = 1;
const AREA: u8 = 2;

impl Packed {
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer(Vec::with_capacity(128));
        match self {
            Self::Offering(facts) => {
                out.put([OFFERING]);
                out.offering(facts);
            }
            Self::Area(facts) => {
                out.put([AREA]);
                out.text(facts.code.as_str());
                out.list(&facts.names, |out, name| out.text(name));
                if let Some(Extent { bounds, inside }) = facts.extent {
                    [inside.lat(), inside.lon()].iter().chain(&bounds).for_each(|side| out.put(side.to_le_bytes()));
                }
            }
        }
        out.0
    }

    /// The facts that stand in the bytes, if these are whole.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut bytes = Reader(bytes);
        let facts = match bytes.take::<1>()? {
            [OFFERING] => Self::Offering(bytes.offering()?),
            [AREA] => Self::Area(AreaFacts {
                code: bytes.text()?.parse().ok()?,
                names: bytes.list(Reader::text)?,
                extent: if bytes.0.is_empty() { None } else { Some(bytes.extent()?) },
            }),
            _ => return None,
        };
        bytes.0.is_empty().then_some(facts)
    }
}

struct Writer(Vec<u8>);

impl Writer {
    fn put<const N: usize>(&mut self, bytes: [u8; N]) {
        self.0.extend_from_slice(&bytes);
    }

    fn list<T>(&mut self, items: &[T], write: impl Fn(&mut Self, &T)) {
        // No list of the domain is longer (at most 200 items, texts of 120 characters).
        let length = items.len().min(usize::from(u16::MAX));
        self.put((length as u16).to_le_bytes());
        items.iter().take(length).for_each(|item| write(self, item));
    }

    fn text(&mut self, text: &str) {
        self.list(text.as_bytes(), |out, byte| out.put([*byte]));
    }

    fn offering(&mut self, facts: &OfferingFacts) {
        self.put(facts.number.to_le_bytes());
        self.put(facts.municipality.to_le_bytes());
        self.put(facts.main_theme.unwrap_or(u16::MAX).to_le_bytes());
        self.put(facts.assured.to_le_bytes());
        self.text(&facts.name);
        self.list(&facts.organizations, |out, id| out.put(id.to_le_bytes()));
        self.put(facts.shown.0.to_le_bytes());
        self.put(facts.shown.1.to_le_bytes());
        self.list(&facts.sessions, Self::session);
    }

    fn session(&mut self, facts: &SessionFacts) {
        facts.bits.0.iter().for_each(|word| self.put(word.to_le_bytes()));
        self.put(facts.slots.to_le_bytes());
        self.list(&facts.ends, |out, (last, slots)| {
            out.put(last.to_le_bytes());
            out.put(slots.to_le_bytes());
        });
        self.put(facts.price.to_le_bytes());
        self.list(&facts.passes, |out, (municipality, price)| {
            out.put(municipality.to_le_bytes());
            out.put(price.to_le_bytes());
        });
        self.put([facts.age.0, facts.age.1, facts.flags, u8::from(facts.position.is_some())]);
        if let Some(at) = facts.position {
            self.put(at.lat().to_le_bytes());
            self.put(at.lon().to_le_bytes());
        }
        self.list(&facts.areas, |out, area| out.put(area.0.to_le_bytes()));
        self.list(&facts.service_areas, |out, area| out.put(area.0.to_le_bytes()));
        self.put(facts.assured.to_le_bytes());
        self.put(facts.room_until.to_le_bytes());
    }
}

struct Reader<'b>(&'b [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn list<T>(&mut self, read: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let length = u16::from_le_bytes(self.take()?);
        (0..length).map(|_| read(self)).collect()
    }

    fn text(&mut self) -> Option<String> {
        let length = usize::from(u16::from_le_bytes(self.take()?));
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        String::from_utf8(text.to_vec()).ok()
    }

    fn extent(&mut self) -> Option<Extent> {
        let mut degrees = || Some(f64::from_le_bytes(self.take()?));
        let inside = Position::new(degrees()?, degrees()?).ok()?;
        Some(Extent { inside, bounds: [degrees()?, degrees()?, degrees()?, degrees()?] })
    }

    fn offering(&mut self) -> Option<OfferingFacts> {
        Some(OfferingFacts {
            number: i64::from_le_bytes(self.take()?),
            municipality: u16::from_le_bytes(self.take()?),
            main_theme: Some(u16::from_le_bytes(self.take()?)).filter(|place| *place != u16::MAX),
            assured: i32::from_le_bytes(self.take()?),
            name: self.text()?,
            organizations: self.list(|bytes| Some(u128::from_le_bytes(bytes.take()?)))?,
            shown: (i32::from_le_bytes(self.take()?), i32::from_le_bytes(self.take()?)),
            sessions: self.list(Self::session)?,
        })
    }

    fn session(&mut self) -> Option<SessionFacts> {
        let mut bits = Bits([0; WORDS]);
        for word in &mut bits.0 {
            *word = u64::from_le_bytes(self.take()?);
        }
        let slots = u32::from_le_bytes(self.take()?);
        let ends = self.list(|bytes| Some((i32::from_le_bytes(bytes.take()?), u32::from_le_bytes(bytes.take()?))))?;
        let price = u32::from_le_bytes(self.take()?);
        let passes = self.list(|bytes| Some((u16::from_le_bytes(bytes.take()?), u32::from_le_bytes(bytes.take()?))))?;
        let [from, to, flags, has_position] = self.take()?;
        let position = match has_position {
            0 => None,
            _ => Some(Position::new(f64::from_le_bytes(self.take()?), f64::from_le_bytes(self.take()?)).ok()?),
        };
        let area = |bytes: &mut Self| Some(AreaKey(u64::from_le_bytes(bytes.take()?)));
        Some(SessionFacts {
            bits,
            slots,
            ends,
            price,
            passes,
            age: (from, to),
            flags,
            position,
            areas: self.list(area)?,
            service_areas: self.list(area)?,
            assured: i32::from_le_bytes(self.take()?),
            room_until: i32::from_le_bytes(self.take()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::facts::OfferingFacts;
    use crate::search::layout::Layout;
    use crate::search::tests::world::{any_offering, vocabulary};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn facts_come_back_as_they_were_and_broken_bytes_are_refused(public in any_offering(1), cut in 0usize..400) {
            let layout = Layout::new(&vocabulary()).expect("it fits");
            let sessions = public.offering.effective_sessions();
            let packed = Packed::Offering(OfferingFacts::new(&layout, &public, &sessions));
            let bytes = packed.to_bytes();
            prop_assert_eq!(Packed::from_bytes(&bytes), Some(packed));
            prop_assert_eq!(Packed::from_bytes(&bytes[..cut.min(bytes.len() - 1)]), None);
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = Packed::from_bytes(&bytes);
        }
    }
}
