//! What the index keeps of an offering for a list of hits: a card, its translations, and each effective session, one JSON
//! value a line; and the hits that were read last.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use chrono::{DateTime, NaiveDate, Utc};
use lru::LruCache;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::domain::{
    Assurance, ConceptId, HolidayCalendar, ItemNumber, LanguageTag, MunicipalityCode, Occurrence, OfferingId,
    OrganizationId, PublicOffering, Role, Session, Status, Timetable, Translation, Version,
};

use super::SearchError;

/// An offering in a list; the whole is at `/v1/offerings/{id}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Card {
    /// Its id.
    pub id: OfferingId,
    /// Its short number, for lists and print.
    pub number: ItemNumber,
    /// The municipality that keeps it, or `NL`.
    pub municipality: MunicipalityCode,
    /// How often it was written.
    pub version: Version,
    /// What it is called.
    pub name: String,
    /// One sentence about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// The language of name and summary.
    pub text_language: LanguageTag,
    /// The spheres of the sociale basis it belongs to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sphere: Vec<ConceptId>,
    /// Whether residents, paid staff or both carry it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formality: Option<ConceptId>,
    /// What sort of thing it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kind: Vec<ConceptId>,
    /// The place between self-care and professional help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub continuum: Option<ConceptId>,
    /// What it is about; the first is the main theme.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub theme: Vec<ConceptId>,
    /// For whom it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub target_group: Vec<ConceptId>,
    /// The language or background that its people share.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub community: Vec<ConceptId>,
    /// Who has a part in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub organization: Vec<CardOrganization>,
    /// Whether it is open.
    pub status: Status,
    /// When somebody last checked it or one of its sessions, and who.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assured: Option<Assurance>,
    /// How many ways there are to take part.
    pub sessions: usize,
}

/// An organization on a card.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CardOrganization {
    /// Its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<OrganizationId>,
    /// Its part in the offering.
    pub role: Role,
    /// What it is called.
    pub name: String,
    /// What kind of provider it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_type: Option<ConceptId>,
}

impl Card {
    /// The card of an offering with its effective sessions.
    pub(super) fn new(public: &PublicOffering, sessions: &[Session]) -> Self {
        let offering = public.offering.clone();
        let organization = offering.organization.into_iter().map(|part| CardOrganization {
            id: part.organization.id,
            role: part.role,
            name: part.organization.name,
            provider_type: part.organization.provider_type,
        });
        let assured = sessions.iter().filter_map(|session| session.terms.assured.as_ref());
        Self {
            id: public.id,
            number: public.number,
            municipality: public.municipality.clone(),
            version: public.version,
            name: offering.name,
            summary: offering.summary,
            text_language: offering.text_language,
            sphere: offering.sphere,
            formality: offering.formality,
            kind: offering.kind,
            continuum: offering.continuum,
            theme: offering.theme,
            target_group: offering.target_group,
            community: offering.community,
            organization: organization.collect(),
            status: offering.status,
            assured: assured.max_by_key(|assured| assured.date).cloned(),
            sessions: public.offering.sessions.len(),
        }
    }
}

/// What a hit shows of an offering, as it is stored: read once, and cut out for each answer without being read again.
pub(super) struct StoredHit {
    /// The card.
    pub card: Arc<RawValue>,
    /// Name and summary as the card has them.
    pub name: String,
    pub summary: Option<String>,
    text_language: LanguageTag,
    translations: Vec<Translation>,
    closed: Option<(Option<NaiveDate>, Option<NaiveDate>)>,
    /// The effective sessions.
    pub sessions: Vec<StoredSession>,
}

/// An effective session as it is stored, and as it is read when its times are asked for.
pub(super) struct StoredSession {
    pub json: Arc<RawValue>,
    read: OnceLock<Session>,
    /// When it was on next, with the moment that was asked from.
    next: Mutex<Option<(DateTime<Utc>, Occurrence)>>,
}

/// A session of a hit with all that it says.
pub(super) struct SessionRead<'h> {
    pub json: &'h Arc<RawValue>,
    pub session: &'h Session,
    pub timetable: Timetable<'h>,
    next: &'h Mutex<Option<(DateTime<Utc>, Occurrence)>>,
}

/// For how many days it is looked when something is on next.
const LOOKS_AHEAD: u64 = 366;

impl StoredHit {
    /// Writes what is kept of an offering, a line each; JSON text has no line ends of its own.
    pub fn write(public: &PublicOffering, sessions: &[Session]) -> Result<String, SearchError> {
        let names = public.offering.translations.iter().map(|t| Translation { description: None, ..t.clone() });
        let names: Vec<_> = names.filter(|t| t.name.is_some() || t.summary.is_some()).collect();
        let mut lines = serde_json::to_string(&Card::new(public, sessions))?;
        lines.push('\n');
        lines.push_str(&serde_json::to_string(&names)?);
        for session in sessions {
            // A page of hits stays small; the whole offering has the region.
            let shown = Session { service_region: None, ..session.clone() };
            lines.push('\n');
            lines.push_str(&serde_json::to_string(&shown)?);
        }
        Ok(lines)
    }

    /// Reads what was written.
    pub fn read(text: &str) -> Result<Self, SearchError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Texts {
            name: String,
            summary: Option<String>,
            text_language: LanguageTag,
            status: Status,
        }
        let mut lines = text.split('\n');
        let card = lines.next().ok_or(SearchError::Damaged)?;
        let translations = serde_json::from_str(lines.next().ok_or(SearchError::Damaged)?)?;
        let Texts { name, summary, text_language, status } = serde_json::from_str(card)?;
        let session = |line: &str| {
            let json = RawValue::from_string(line.to_owned())?.into();
            Ok::<_, serde_json::Error>(StoredSession { json, read: OnceLock::new(), next: Mutex::default() })
        };
        let sessions = lines.map(session).collect::<Result<_, _>>()?;
        let card = RawValue::from_string(card.to_owned())?.into();
        Ok(Self { card, name, summary, text_language, translations, closed: status.closed_days(), sessions })
    }

    /// A session with all that it says.
    pub fn session(&self, number: usize) -> Result<SessionRead<'_>, SearchError> {
        let stored = self.sessions.get(number).ok_or(SearchError::Damaged)?;
        let session = match stored.read.get() {
            Some(session) => session,
            None => {
                let session = serde_json::from_str(stored.json.get())?;
                stored.read.get_or_init(|| session)
            }
        };
        let timetable = Timetable { closed: self.closed, ..session.timetable() };
        Ok(SessionRead { json: &stored.json, session, timetable, next: &stored.next })
    }

    /// The card with name and summary in a language, when there is a translation.
    pub fn card_in(&self, language: &LanguageTag) -> Result<Option<Card>, SearchError> {
        let Some(found) = translation(&self.text_language, &self.translations, language) else { return Ok(None) };
        let mut card: Card = serde_json::from_str(self.card.get())?;
        card.name = found.name.clone().unwrap_or(card.name);
        card.summary = found.summary.clone().or(card.summary);
        card.text_language = found.language.clone();
        Ok(Some(card))
    }
}

impl SessionRead<'_> {
    /// The first time that is on and has not ended at a moment.
    ///
    /// It stays so until it ends: what would come before it had ended at that moment already.
    pub fn next(&self, from: DateTime<Utc>) -> Option<Occurrence> {
        let kept = || self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let holds = |(since, next): &&(DateTime<Utc>, Occurrence)| *since <= from && from < next.span().1;
        if let Some((_, next)) = kept().as_ref().filter(holds) {
            return Some(next.clone());
        }
        let next = self.next_where(from, |_| true)?;
        *kept() = Some((from, next.clone()));
        Some(next)
    }

    /// The same, of those that pass a test.
    pub fn next_where(&self, from: DateTime<Utc>, test: impl Fn(&Occurrence) -> bool) -> Option<Occurrence> {
        self.timetable.next_where(from, LOOKS_AHEAD, HolidayCalendar::dutch(), test)
    }
}

/// What was read last of the documents of a segment.
pub(super) struct Kept<T, const MOST: usize>(Mutex<LruCache<u32, Arc<T>>>);

impl<T, const MOST: usize> Default for Kept<T, MOST> {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(NonZeroUsize::MIN.saturating_add(MOST - 1))))
    }
}

impl<T, const MOST: usize> Kept<T, MOST> {
    /// What a document has, which is read when it is not there.
    pub fn get(&self, document: u32, read: impl FnOnce() -> Result<T, SearchError>) -> Result<Arc<T>, SearchError> {
        let cache = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = cache().get(&document) {
            return Ok(Arc::clone(kept));
        }
        let read = Arc::new(read()?);
        cache().put(document, Arc::clone(&read));
        Ok(read)
    }
}

/// The translation for who asks for a language; nothing when the text itself is in it or there is none.
///
/// A translation of exactly this tag goes before one that shares the language.
pub(super) fn translation<'t>(
    text: &LanguageTag,
    translations: &'t [Translation],
    language: &LanguageTag,
) -> Option<&'t Translation> {
    if text == language {
        return None;
    }
    let exactly = translations.iter().find(|translation| translation.language == *language);
    let shares = |tag: &LanguageTag| tag.language() == language.language();
    exactly.or_else(|| translations.iter().find(|translation| !shares(text) && shares(&translation.language)))
}
