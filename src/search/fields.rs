//! The fields of the index, and how a record becomes a document.
//!
//! | field | holds |
//! | --- | --- |
//! | `key` | what the document is about: `offering:`, `area:`, `wording:` or `postcode:` with the id; one document each |
//! | `dutch`, `english`, `other`, `exact` | the words of an offering, by the stem of their language and as written |
//! | `organization`, `location` | the ids of those that have a part in an offering |
//! | `completion` | names, once from each of their words on ([`super::complete`]) |
//! | `packed` | the facts that filters and facets look at ([`super::packed`]) |
//! | `hit` | what a list shows ([`super::card`]); of an area all but its outline |
//! | `full` | the whole record as JSON; a document without it is a tombstone |
//!
//! **Words weigh by repetition.** A word of the name is written eight times, one of the description twice. So the
//! weights of the fields are joined before BM25 lets the term frequency saturate (BM25F: Robertson, Zaragoza, Taylor,
//! "Simple BM25 extension to multiple weighted fields", 2004), and a query word costs a few lists of documents, not
//! as many for each field of the record.

use std::collections::BTreeSet;

use tantivy::schema::OwnedValue;
use tantivy::schema::{
    FAST, Field, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions, document::DeserializeError,
    document::DocumentDeserialize, document::DocumentDeserializer,
};
use tantivy::{TantivyDocument, Term};

use crate::domain::text::fold;
use crate::domain::{
    Area, AreaCode, MunicipalityCode, OfferingId, Place, Postcode, PostcodeArea, PublicOffering, Session, Wording,
};

use super::SearchError;
use super::analysis::{dutch_stem, english_stem, words};
use super::card::StoredHit;
use super::complete::{CompletionKind, terms};
use super::compounds::Compounds;
use super::facts::OfferingFacts;
use super::languages::{DUTCH, ENGLISH, has_stems, language, stem};
use super::layout::Layout;
use super::neighbours::Extent;
use super::packed::{AreaFacts, Packed};
use super::weights::written;

/// The edition of the documents: raise it when any is made otherwise, and every index is made anew.
pub(super) const VERSION: u32 = 10;

/// The name of the field of packed facts.
pub(super) const PACKED: &str = "packed";

/// How the keys of own words begin.
pub(super) const WORDING: &str = "wording:";

/// The fields of the index.
#[derive(Clone, Debug)]
pub(super) struct Fields {
    pub schema: Schema,
    pub key: Field,
    pub dutch: Field,
    pub english: Field,
    pub other: Field,
    pub exact: Field,
    pub organization: Field,
    pub location: Field,
    pub completion: Field,
    packed: Field,
    hit: Field,
    full: Field,
}

impl Fields {
    pub fn new() -> Self {
        let mut schema = Schema::builder();
        // The words come analysed, with a space between them. Where they stood is not asked for.
        let indexing = TextFieldIndexing::default()
            .set_tokenizer("whitespace")
            .set_index_option(IndexRecordOption::WithFreqs)
            .set_fieldnorms(true);
        let text = TextOptions::default().set_indexing_options(indexing);
        Self {
            key: schema.add_text_field("key", STRING),
            dutch: schema.add_text_field("dutch", text.clone()),
            english: schema.add_text_field("english", text.clone()),
            other: schema.add_text_field("other", text.clone()),
            exact: schema.add_text_field("exact", text),
            organization: schema.add_text_field("organization", STRING),
            location: schema.add_text_field("location", STRING),
            completion: schema.add_text_field("completion", STRING),
            packed: schema.add_bytes_field(PACKED, FAST),
            hit: schema.add_text_field("hit", STORED),
            full: schema.add_text_field("full", STORED),
            schema: schema.build(),
        }
    }

    /// The term by which an offering's document is found.
    pub fn offering_key(&self, id: OfferingId) -> Term {
        Term::from_field_text(self.key, &format!("offering:{id}"))
    }

    /// The term by which an area's document is found.
    pub fn area_key(&self, code: &AreaCode) -> Term {
        Term::from_field_text(self.key, &format!("area:{code}"))
    }

    /// The term by which the own words of a municipality are found.
    pub fn wording_key(&self, municipality: &MunicipalityCode) -> Term {
        Term::from_field_text(self.key, &format!("{WORDING}{municipality}"))
    }

    /// The document of the own words of a municipality.
    pub fn wording(&self, wording: &Wording) -> Result<TantivyDocument, SearchError> {
        let mut document = TantivyDocument::new();
        document.add_text(self.key, format!("{WORDING}{}", wording.municipality));
        document.add_text(self.full, serde_json::to_string(wording)?);
        Ok(document)
    }

    /// The term by which the postcodes with the same digits are found.
    pub fn postcode_key(&self, digits: &Postcode) -> Term {
        Term::from_field_text(self.key, &format!("postcode:{}", digits.as_str()))
    }

    /// The document of the postcodes with the same digits.
    pub fn postcodes(&self, area: &PostcodeArea) -> Result<TantivyDocument, SearchError> {
        let mut document = TantivyDocument::new();
        document.add_text(self.key, format!("postcode:{}", area.digits.as_str()));
        document.add_text(self.full, serde_json::to_string(area)?);
        Ok(document)
    }

    /// The document of an offering.
    pub fn offering(
        &self,
        public: &PublicOffering,
        layout: &Layout,
        compounds: &Compounds,
    ) -> Result<TantivyDocument, SearchError> {
        let sessions = public.offering.effective_sessions();
        let facts = OfferingFacts::new(layout, public, &sessions);
        let mut text = Text::of(compounds);
        text.add_offering(public, &sessions);
        let mut document = TantivyDocument::new();
        document.add_text(self.key, format!("offering:{}", public.id));
        document.add_text(self.dutch, text.dutch);
        document.add_text(self.english, text.english);
        document.add_text(self.other, text.other);
        document.add_text(self.exact, text.exact);
        for id in public.offering.organization.iter().filter_map(|part| part.organization.id) {
            document.add_text(self.organization, id.to_string());
        }
        for id in locations(public).filter_map(|location| location.id) {
            document.add_text(self.location, id.to_string());
        }
        let id = public.id.to_string();
        terms(CompletionKind::Offering, &public.offering.name, &id).for_each(|t| document.add_text(self.completion, t));
        for organization in public.offering.organization.iter().map(|part| &part.organization) {
            let Some(id) = organization.id.map(|id| id.to_string()) else { continue };
            let all = terms(CompletionKind::Organization, &organization.name, &id);
            all.for_each(|term| document.add_text(self.completion, term));
        }
        document.add_bytes(self.packed, &Packed::Offering(facts).to_bytes());
        document.add_text(self.hit, StoredHit::write(public, &sessions)?);
        document.add_text(self.full, serde_json::to_string(public)?);
        Ok(document)
    }

    /// The document that says that there was an offering.
    pub fn tombstone(&self, id: OfferingId) -> TantivyDocument {
        let mut document = TantivyDocument::new();
        document.add_text(self.key, format!("offering:{id}"));
        document
    }

    /// The document of an area.
    pub fn area(&self, area: &Area) -> Result<TantivyDocument, SearchError> {
        let names = std::iter::once(&area.name).chain(&area.aliases).map(|name| fold(name)).collect();
        let facts = AreaFacts { code: area.code.clone(), names, urban: area.is_urban(), extent: Extent::of(area) };
        let mut document = TantivyDocument::new();
        document.add_text(self.key, format!("area:{}", area.code));
        let code = area.code.to_string();
        for name in std::iter::once(&area.name).chain(&area.aliases) {
            terms(CompletionKind::Area, name, &code).for_each(|term| document.add_text(self.completion, term));
        }
        document.add_bytes(self.packed, &Packed::Area(facts).to_bytes());
        document.add_text(self.hit, serde_json::to_string(&Area { outline: None, ..area.clone() })?);
        document.add_text(self.full, serde_json::to_string(area)?);
        Ok(document)
    }
}

/// The locations of an offering's sessions.
pub(super) fn locations(public: &PublicOffering) -> impl Iterator<Item = &crate::domain::Location> {
    public.offering.sessions.iter().filter_map(|session| session.place.as_ref().and_then(Place::location))
}

/// What is stored of a document.
#[derive(Default)]
pub(super) struct Stored {
    texts: Vec<(Field, String)>,
}

impl Stored {
    /// What a list shows.
    pub fn hit(self, fields: &Fields) -> Option<String> {
        self.text(fields.hit)
    }

    /// The whole record.
    pub fn full(self, fields: &Fields) -> Option<String> {
        self.text(fields.full)
    }

    fn text(self, wanted: Field) -> Option<String> {
        self.texts.into_iter().find(|(field, _)| *field == wanted).map(|(_, text)| text)
    }
}

impl DocumentDeserialize for Stored {
    fn deserialize<'de, D: DocumentDeserializer<'de>>(mut from: D) -> Result<Self, DeserializeError> {
        let mut stored = Self::default();
        while let Some((field, value)) = from.next_field::<OwnedValue>()? {
            if let OwnedValue::Str(text) = value {
                stored.texts.push((field, text));
            }
        }
        Ok(stored)
    }
}

/// How the stem of a word stands in the field of other languages.
pub(super) fn other_form(language: u8, stem: &str) -> String {
    format!("{language}:{stem}")
}

/// The analysed words of an offering, with a space after each.
#[derive(Debug)]
pub(super) struct Text<'c> {
    compounds: &'c Compounds,
    pub dutch: String,
    pub english: String,
    pub other: String,
    pub exact: String,
}

impl<'c> Text<'c> {
    fn of(compounds: &'c Compounds) -> Self {
        Self { compounds, dutch: String::new(), english: String::new(), other: String::new(), exact: String::new() }
    }

    fn add_offering(&mut self, public: &PublicOffering, sessions: &[Session]) {
        let offering = &public.offering;
        let own = language(offering.text_language.language());
        self.add(own, &offering.name, written::NAME);
        self.add_option(own, &offering.summary, written::SUMMARY);
        self.add_option(own, &offering.description, written::DESCRIPTION);
        for translation in &offering.translations {
            let other = language(translation.language.language());
            self.add_option(other, &translation.name, written::NAME);
            self.add_option(other, &translation.summary, written::SUMMARY);
            self.add_option(other, &translation.description, written::DESCRIPTION);
        }
        for part in &offering.organization {
            self.add(own, &part.organization.name, written::LABEL);
        }
        for session in sessions {
            self.add_option(own, &session.label, written::LABEL);
        }
        let names = locations(public).filter_map(|location| location.name.as_ref());
        let streets = locations(public).filter_map(|location| location.address.as_ref()?.street.as_ref());
        for names in [BTreeSet::from_iter(names), BTreeSet::from_iter(streets)] {
            names.into_iter().for_each(|name| self.add(own, name, written::LABEL));
        }
    }

    fn add_option(&mut self, language: u8, text: &Option<String>, weight: usize) {
        text.iter().for_each(|text| self.add(language, text, weight));
    }

    /// Writes each word of a text as often as it weighs.
    fn add(&mut self, language: u8, text: &str, weight: usize) {
        for word in words(text) {
            let folded = word.folded;
            match language {
                DUTCH => write(&mut self.dutch, &dutch_stem(&folded), weight),
                ENGLISH => write(&mut self.english, &english_stem(&folded), weight),
                other if has_stems(other) => write(&mut self.other, &other_form(other, &stem(other, &folded)), weight),
                _ => {}
            }
            write(&mut self.exact, &folded, weight);
            if language == DUTCH {
                for stem in self.compounds.stems(&folded).iter() {
                    write(&mut self.dutch, stem, weight.div_ceil(2));
                }
            }
        }
    }
}

/// Writes a word so many times.
fn write(field: &mut String, word: &str, times: usize) {
    for _ in 0..times {
        field.push_str(word);
        field.push(' ');
    }
}
