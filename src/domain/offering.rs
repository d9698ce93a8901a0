//! The offering: the record that an editor keeps, with its sessions.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::access::{Access, Capacity};
use super::area::AreaCode;
use super::contact::{Contact, Email, Phone, WebUrl};
use super::cost::Cost;
use super::ids::{OrganizationId, SessionId};
use super::place::Location;
use super::region::Region;
use super::schedule::{Enrolment, Schedule, ScheduleException};
use super::text::LanguageTag;
use super::vocabulary::ConceptId;

/// Something people can use or join. What is left out is unknown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Offering {
    /// What it is called, at most 120 characters.
    pub name: String,
    /// One sentence in plain Dutch, at most 300 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// More about it, at most 10,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The language of these texts.
    #[serde(default = "LanguageTag::dutch")]
    pub text_language: LanguageTag,
    /// The texts in other languages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub translations: Vec<Translation>,
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
    /// The dimensions of Positive Health; left out they follow from the themes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub positive_health: Option<Vec<ConceptId>>,
    /// The resilience resources; left out they follow from the themes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resilience_resource: Option<Vec<ConceptId>>,
    /// The conditions of social quality; left out they follow from the themes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub social_quality: Option<Vec<ConceptId>>,
    /// For whom it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub target_group: Vec<ConceptId>,
    /// The language or background that its people share.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub community: Vec<ConceptId>,
    /// Who has a part in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub organization: Vec<Involvement>,
    /// Who is asked whether this is still true; not published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maintainer: Option<Maintainer>,
    /// Whether it is shown.
    #[serde(default)]
    pub status: Status,
    /// Where this listing comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Pictures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<Image>,
    /// What holds for every session that does not say otherwise.
    #[serde(flatten)]
    pub terms: Terms,
    /// The ways to take part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sessions: Vec<Session>,
}

/// What may differ from session to session; a session that leaves it out has the offering's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Terms {
    /// The ages it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age: Option<AgeRange>,
    /// With whom one takes part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gender_setting: Option<ConceptId>,
    /// The languages spoken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Vec<ConceptId>>,
    /// The least level of Dutch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dutch_level: Option<DutchLevel>,
    /// What makes it usable; empty when nothing of the list does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accessibility: Option<Vec<ConceptId>>,
    /// What it costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
    /// How to take part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<Access>,
    /// Whether there is room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<Capacity>,
    /// Whom to reach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Vec<Contact>>,
    /// Who checked it, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assured: Option<Assurance>,
}

impl Terms {
    /// These terms, with those of the offering where they say nothing.
    pub fn or(&self, offering: &Self) -> Self {
        Self {
            age: self.age.or(offering.age),
            gender_setting: self.gender_setting.clone().or_else(|| offering.gender_setting.clone()),
            language: self.language.clone().or_else(|| offering.language.clone()),
            dutch_level: self.dutch_level.or(offering.dutch_level),
            accessibility: self.accessibility.clone().or_else(|| offering.accessibility.clone()),
            cost: self.cost.clone().or_else(|| offering.cost.clone()),
            access: self.access.clone().or_else(|| offering.access.clone()),
            capacity: self.capacity.clone().or_else(|| offering.capacity.clone()),
            contact: self.contact.clone().or_else(|| offering.contact.clone()),
            assured: self.assured.clone().or_else(|| offering.assured.clone()),
        }
    }
}

impl Offering {
    /// The first and the last day on which the public finds it, as far as they are set: those of its being published,
    /// and the last date of what is only on certain dates.
    pub fn shown_days(&self) -> (Option<NaiveDate>, Option<NaiveDate>) {
        let (from, until) = match self.status.state {
            State::Published => (self.status.from, self.status.until),
            _ => (None, None),
        };
        let last_dates: Option<Vec<NaiveDate>> = self.sessions.iter().map(Session::last_date).collect();
        let last_date = last_dates.and_then(|dates| dates.into_iter().max());
        (from, [until, last_date].into_iter().flatten().min())
    }
}

impl Status {
    /// The first and the last day on which it is closed though it is shown, as far as they are set.
    pub fn closed_days(&self) -> Option<(Option<NaiveDate>, Option<NaiveDate>)> {
        (self.state == State::TemporarilyClosed).then_some((self.from, self.until))
    }
}

impl Session {
    /// The last of its dates when it is only on certain dates; nothing when a rule brings it back or no date is known.
    pub fn last_date(&self) -> Option<NaiveDate> {
        let is_dated = self.schedules.iter().all(|schedule| schedule.rule.is_none());
        let dates = self.schedules.iter().map(Schedule::last_day);
        let dates: Option<Vec<NaiveDate>> = dates.collect();
        let exceptions = self.exceptions.iter().flat_map(|exception| [Some(exception.date), exception.new_date]);
        let last = dates.filter(|dates| is_dated && !dates.is_empty())?.into_iter().max();
        exceptions.flatten().chain(last).max()
    }
}

/// One way to take part: a place and times, and what differs there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// Its id, given when it is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<SessionId>,
    /// What sets this group apart, as "vrouwengroep".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The areas whose residents it is for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub service_area: Vec<AreaCode>,
    /// The region whose residents it is for, where codes of areas do not tell: a GeoJSON Polygon or MultiPolygon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub service_region: Option<Region>,
    /// When it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schedules: Vec<Schedule>,
    /// When it is, in the words of who keeps it: where not all of it could be told as schedules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// The dates on which it is otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<ScheduleException>,
    /// How one enrols in a course or a dated event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enrolment: Option<Enrolment>,
    /// What differs from the offering.
    #[serde(flatten)]
    pub terms: Terms,
}

/// Where a session is.
// Nearly all are at a location, so a box would only add a step.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Place {
    /// At a location.
    Physical(Location),
    /// Online.
    Virtual {
        /// Where to go on the web.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<WebUrl>,
    },
    /// Somebody comes to you.
    Home,
    /// For the whole country, as a helpline.
    Nationwide,
}

impl Place {
    /// The location, if it is at one.
    pub fn location(&self) -> Option<&Location> {
        match self {
            Self::Physical(location) => Some(location),
            _ => None,
        }
    }
}

/// Ages in whole years, both included; at least one is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AgeRange {
    /// The youngest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<u8>,
    /// The oldest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<u8>,
}

/// A level of the Common European Framework of Reference for Languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum DutchLevel {
    /// No Dutch needed.
    None,
    /// Beginner.
    A1,
    /// Elementary.
    A2,
    /// Intermediate.
    B1,
    /// Upper intermediate.
    B2,
    /// Advanced.
    C1,
}

/// The texts in another language; at least one is given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Translation {
    /// Which language.
    pub language: LanguageTag,
    /// Who made it.
    pub origin: TranslationOrigin,
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The summary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// The description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// Who made a translation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TranslationOrigin {
    /// A person.
    Human,
    /// A machine.
    Machine,
    /// A machine, and a person read it.
    Reviewed,
}

/// An organization with its part in an offering.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Involvement {
    /// Which part.
    pub role: Role,
    /// Who.
    #[serde(flatten)]
    pub organization: Organization,
}

/// The part an organization has in an offering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// It offers it.
    Lead,
    /// It helps to offer it.
    Partner,
    /// It gives the room.
    Venue,
    /// It pays.
    Funder,
}

/// Who offers something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Organization {
    /// Its id, given when it is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<OrganizationId>,
    /// What it is called.
    pub name: String,
    /// What kind of provider it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_type: Option<ConceptId>,
    /// Its number in the trade register, 8 digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kvk: Option<String>,
    /// Its pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website: Option<WebUrl>,
    /// Its e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// Its telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
}

/// Who is asked whether a listing is still true: a role, never a person's name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Maintainer {
    /// The role.
    pub role: String,
    /// The organization of that role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// Where to ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
}

/// Whether an offering is shown; published when nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// The state.
    #[serde(default)]
    pub state: State,
    /// The first day of the state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// The last day of the state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The states of an offering.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Not shown yet.
    Draft,
    /// Shown.
    #[default]
    Published,
    /// Shown, and said to be closed for now.
    TemporarilyClosed,
    /// Not shown any more.
    Archived,
}

impl State {
    /// The name, as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
            Self::TemporarilyClosed => "temporarily_closed",
            Self::Archived => "archived",
        }
    }

    /// Whether the public sees an offering in this state.
    pub fn is_public(self) -> bool {
        matches!(self, Self::Published | Self::TemporarilyClosed)
    }
}

/// Somebody checked on this date that it is true.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Assurance {
    /// The day.
    pub date: NaiveDate,
    /// Who: a role or an organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// Where a listing comes from. Its name and external id together find it again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    /// The source's name.
    pub name: String,
    /// What the source calls this listing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Where the source shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<WebUrl>,
    /// Under which licence (SPDX) it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
}

/// A picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Image {
    /// Its file name.
    pub file: String,
    /// What it shows, for who cannot see it.
    pub alt: String,
    /// Whose it is, and under which licence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rights: Option<String>,
}

impl Offering {
    /// The content without the ids that the store gives, to compare what was said.
    pub fn without_ids(&self) -> Self {
        let mut content = self.clone();
        for involvement in &mut content.organization {
            involvement.organization.id = None;
        }
        for session in &mut content.sessions {
            session.id = None;
            if let Some(Place::Physical(location)) = &mut session.place {
                location.id = None;
            }
        }
        content
    }

    /// The sessions with all that holds for them; one of which nothing more is known when there are none.
    pub fn effective_sessions(&self) -> Vec<Session> {
        let effective = |session: &Session| Session { terms: session.terms.or(&self.terms), ..session.clone() };
        match self.sessions.as_slice() {
            [] => vec![effective(&Session::default())],
            sessions => sessions.iter().map(effective).collect(),
        }
    }
}
