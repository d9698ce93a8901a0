//! How one can join something at one of its times.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::access::{CapacityState, Joining};
use super::contact::ChannelType;
use super::offering::{Place, Session};

/// How one can join something at one of its times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Joinable {
    /// Just come.
    WalkIn,
    /// Call or write: it is a line, and not a place.
    Phone,
    /// Tell beforehand that you come.
    Register,
    /// There is no room.
    Full,
    /// It has begun, and one cannot join later.
    Started,
    /// One could enrol until an earlier day.
    Closed,
}

impl Session {
    /// How somebody who reads of it today can join on a date; nothing when that is not known. The session is an
    /// effective one.
    pub fn joinable(&self, date: NaiveDate, today: NaiveDate) -> Option<Joinable> {
        let capacity = self.terms.capacity.as_ref();
        if capacity.is_some_and(|room| room.state == CapacityState::Full && room.fresh_until() >= Some(today)) {
            return Some(Joinable::Full);
        }
        let enrolment = self.enrolment.as_ref();
        if self.no_more_from().is_some_and(|from| date >= from) {
            return Some(Joinable::Started);
        }
        if enrolment.and_then(|enrolment| enrolment.closes).is_some_and(|closes| closes < today) {
            return Some(Joinable::Closed);
        }
        let joining = self.terms.access.as_ref().map(|access| access.joining.as_slice()).unwrap_or_default();
        match () {
            () if self.is_line() => Some(Joinable::Phone),
            () if joining.contains(&Joining::WalkIn) => Some(Joinable::WalkIn),
            () if !joining.is_empty() || enrolment.is_some() => Some(Joinable::Register),
            () => None,
        }
    }

    /// The first date on which one can no longer join, of what has begun before.
    pub fn no_more_from(&self) -> Option<NaiveDate> {
        let enrolment = self.enrolment.as_ref().filter(|enrolment| enrolment.join_late != Some(true))?;
        enrolment.starts_on.and_then(|date| date.succ_opt())
    }

    /// Whether it is a line to call or write to, and no place.
    pub fn is_line(&self) -> bool {
        let reaches = |kind| matches!(kind, ChannelType::Phone | ChannelType::Sms | ChannelType::Whatsapp);
        let contacts = self.terms.contact.iter().flatten();
        let joining = self.terms.access.as_ref().map(|access| access.joining.as_slice()).unwrap_or_default();
        // A group that meets online and wants to know beforehand who comes is no line.
        let is_open = joining.is_empty() || joining.contains(&Joining::WalkIn);
        is_open
            && matches!(self.place, Some(Place::Nationwide | Place::Virtual { .. }))
            && contacts.flat_map(|contact| &contact.channels).any(|channel| reaches(channel.kind))
    }
}
