//! Calendars (iCalendar, RFC 5545): one event for each time at which something is on.
//!
//! Times are written as instants, so that no reader need know the zone's rules; holidays, moved and extra dates are
//! already in them, and what is cancelled stays and says so.

use icalendar::{Calendar, Component, Event, EventLike, EventStatus, Property};

use crate::domain::schedule::ExceptionKind;
use crate::domain::{ChannelType, Joinable, LanguageTag, Location, Place, Session};
use crate::search::CalendarEntry;

/// How often who subscribed should ask again.
const REFRESH: &str = "PT12H";

/// Writes a calendar with this name, its own words in a language: English, or else Dutch.
pub fn write(name: &str, entries: &[CalendarEntry], language: &LanguageTag) -> String {
    let mut calendar = Calendar::empty();
    calendar.append_property(("VERSION", "2.0")).append_property(("PRODID", "-//Wegwijzer//Wegwijzer//NL"));
    calendar.name(name).timezone("Europe/Amsterdam");
    let mut refresh = Property::new("REFRESH-INTERVAL", REFRESH);
    refresh.add_parameter("VALUE", "DURATION");
    calendar.append_property(refresh);
    let is_english = language.language() == "en";
    calendar.extend(entries.iter().map(|entry| event(entry, is_english)));
    calendar.to_string()
}

fn event(entry: &CalendarEntry, is_english: bool) -> Event {
    let occurrence = &entry.upcoming.occurrence;
    let session = &entry.session;
    let say = |dutch: &'static str, english: &'static str| if is_english { english } else { dutch };
    let mut event = Event::new();
    let group = session.id.map_or_else(|| entry.number.to_string(), |id| id.to_string());
    let start = occurrence.starts_at.map_or(String::new(), |at| at.format("-%H%M").to_string());
    event.uid(&format!("{}-{group}-{}{start}@wegwijzer", entry.offering, occurrence.date.format("%Y%m%d")));
    event.timestamp(entry.changed_at);
    let label = session.label.as_ref().map_or(String::new(), |label| format!(" ({label})"));
    event.summary(&format!("{}{label}", entry.name));
    match occurrence.starts_at {
        None => event.all_day(occurrence.date),
        Some(start) => event.starts(start.to_utc()),
    };
    if let Some(end) = occurrence.ends_at {
        event.ends(end.to_utc());
    }
    let mut lines: Vec<String> = entry.summary.iter().cloned().collect();
    let change = occurrence.change.as_ref();
    lines.extend(change.map(|change| {
        let kind = match change.kind {
            ExceptionKind::Cancelled => say("Gaat niet door", "Cancelled"),
            ExceptionKind::Moved => say("Verplaatst", "Moved"),
            ExceptionKind::Extra => say("Extra", "Extra"),
        };
        let told = [change.reason.as_deref(), change.place.as_deref()];
        std::iter::once(kind).chain(told.into_iter().flatten()).collect::<Vec<_>>().join(": ")
    }));
    lines.extend(entry.upcoming.joinable.map(|joinable| {
        let told = match joinable {
            Joinable::WalkIn => say("U kunt zo binnenlopen.", "You can just walk in."),
            Joinable::Phone => say("U kunt bellen of een bericht sturen.", "You can call or send a message."),
            Joinable::Register => say("Meld u eerst aan.", "Please sign up first."),
            Joinable::Full => say("Het is vol.", "It is full."),
            Joinable::Started => say("Het is al begonnen.", "It has already begun."),
            Joinable::Closed => say("U kunt zich niet meer aanmelden.", "You can no longer sign up."),
        };
        told.to_owned()
    }));
    lines.extend(phone(session));
    event.description(&lines.join("\n"));
    if let Some(Place::Physical(location)) = &session.place {
        let moved_to = change.and_then(|change| change.place.clone());
        let place = moved_to.unwrap_or_else(|| address(location));
        if !place.is_empty() {
            event.location(&place);
        }
        if let Some(at) = location.position.filter(|_| change.is_none_or(|change| change.place.is_none())) {
            event.append_property(Property::new("GEO", format!("{};{}", at.lat(), at.lon())));
        }
    }
    event.status(if occurrence.is_on() { EventStatus::Confirmed } else { EventStatus::Cancelled });
    event
}

fn phone(session: &Session) -> Option<String> {
    let contacts = session.terms.contact.iter().flatten();
    let channel = contacts.flat_map(|contact| &contact.channels).find(|channel| channel.kind == ChannelType::Phone)?;
    Some(format!("Tel. {}", channel.value))
}

fn address(location: &Location) -> String {
    let street = location.address.as_ref().map(|address| {
        [&address.street, &address.house_number].into_iter().flatten().cloned().collect::<Vec<_>>().join(" ")
    });
    let city = location.address.as_ref().and_then(|address| address.city.clone());
    let parts = [location.name.clone(), street, city].into_iter().flatten().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(", ")
}
