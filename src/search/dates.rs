//! The dates of offerings: of one between two days, and what a search finds in the weeks ahead, for calendars.

use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::Serialize;
use tantivy::DocAddress;
use utoipa::ToSchema;

use crate::domain::{
    HolidayCalendar, LanguageTag, Now, Occurrence, OfferingId, PublicOffering, Session, SessionId, Timetable,
};

use super::SearchError;
use super::ask::enough_near;
use super::find::{Outcome, Search};
use super::page::Upcoming;
use super::query::SearchQuery;
use super::snapshot::{Lookup, Snapshot, in_language};

/// The most offerings of a search that a calendar holds.
const MOST_OFFERINGS: usize = 100;
/// For how many days a calendar of a search looks ahead.
const DAYS_OF_SEARCH: u64 = 56;
/// For how many days the calendar of one offering looks ahead.
const DAYS_OF_OFFERING: u64 = 183;

/// The dates on which an offering is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OfferingDates {
    /// The first day that is looked at.
    pub from: NaiveDate,
    /// The last.
    pub to: NaiveDate,
    /// Every time, in order; cancelled ones too.
    pub items: Vec<SessionOccurrence>,
    /// The sessions of which it is not known on which dates they are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<SessionName>,
    /// The last day of which school holidays are known, where they matter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub school_holidays_until: Option<NaiveDate>,
}

/// Which session it is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SessionName {
    /// Its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<SessionId>,
    /// What sets this group apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// A time at which a session is on.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionOccurrence {
    /// Which session.
    pub session: SessionName,
    /// When, and how one can join.
    #[serde(flatten)]
    pub upcoming: Upcoming,
}

/// One time of an offering, with all that a calendar shows of it.
#[derive(Debug)]
pub struct CalendarEntry {
    /// Which offering.
    pub offering: OfferingId,
    /// What it is called.
    pub name: String,
    /// One sentence about it.
    pub summary: Option<String>,
    /// When it was changed.
    pub changed_at: DateTime<Utc>,
    /// The number of the session within the offering, from 0 on.
    pub number: usize,
    /// The effective session.
    pub session: Session,
    /// When, and how one can join.
    pub upcoming: Upcoming,
}

impl Snapshot {
    /// The dates of an offering from one to another, both included; nothing when it is not there.
    pub fn dates(
        &self,
        id: OfferingId,
        language: Option<&LanguageTag>,
        from: NaiveDate,
        to: NaiveDate,
        today: NaiveDate,
    ) -> Result<Option<OfferingDates>, SearchError> {
        let Some(public) = self.public(id, language, today)? else { return Ok(None) };
        let name = |session: &Session| SessionName { id: session.id, label: session.label.clone() };
        let (mut items, mut unknown, mut school_holidays_until) = (Vec::new(), Vec::new(), None::<NaiveDate>);
        for session in public.offering.effective_sessions() {
            let timetable = timetable(&public, &session);
            if !timetable.is_known() {
                unknown.push(name(&session));
            }
            let knows = session.schedules.iter().filter_map(|schedule| {
                let holidays = schedule
                    .holidays
                    .as_ref()
                    .filter(|holidays| holidays.school.is_some() || holidays.summer.is_some())?;
                HolidayCalendar::dutch().school_known_until(holidays.school_region)
            });
            school_holidays_until = school_holidays_until.into_iter().chain(knows).min();
            let found = upcoming(&timetable, &session, from, to, today);
            items.extend(found.into_iter().map(|upcoming| SessionOccurrence { session: name(&session), upcoming }));
        }
        items.sort_by_key(|item: &SessionOccurrence| item.upcoming.occurrence.span());
        Ok(Some(OfferingDates { from, to, items, unknown, school_holidays_until }))
    }

    /// What an offering has in the half year ahead; nothing when it is not there.
    pub fn calendar_of(
        &self,
        id: OfferingId,
        language: Option<&LanguageTag>,
        today: NaiveDate,
    ) -> Result<Option<Vec<CalendarEntry>>, SearchError> {
        let Some(public) = self.public(id, language, today)? else { return Ok(None) };
        let to = today.checked_add_days(Days::new(DAYS_OF_OFFERING)).unwrap_or(today);
        let mut entries = Vec::new();
        for (number, session) in public.offering.effective_sessions().into_iter().enumerate() {
            entries.extend(calendar_entries(&public, number, &session, (today, to), today));
        }
        Ok(Some(entries))
    }

    /// What the first hundred hits of a query have in the weeks ahead, of the sessions for which all filters hold.
    pub fn calendar(&self, query: &SearchQuery, now: Now) -> Result<Vec<CalendarEntry>, SearchError> {
        let enough = enough_near(query);
        let query = SearchQuery { page: 1, page_size: MOST_OFFERINGS, facets: Vec::new(), ..query.clone() };
        let asked = self.understood(&query, now);
        let to = now.today().checked_add_days(Days::new(DAYS_OF_SEARCH)).unwrap_or(now.today());
        let entries = |search: &Search<'_>, outcome: Outcome| {
            let mut entries = Vec::new();
            for (candidate, _) in outcome.hits {
                let view = search.columns(&candidate);
                let address = DocAddress::new(candidate.segment, candidate.document);
                let full = self.stored(address)?.full(&self.fields).ok_or(SearchError::Damaged)?;
                let full = in_language(&full, &query.language)?.unwrap_or(full);
                let public: PublicOffering = serde_json::from_str(&full)?;
                let sessions = public.offering.effective_sessions();
                for (number, (at, session)) in view.sessions_of(candidate.document).zip(&sessions).enumerate() {
                    if search.fits(view, at) {
                        entries.extend(calendar_entries(&public, number, session, (now.today(), to), now.today()));
                    }
                }
            }
            Ok(entries)
        };
        // Within the same radius as the page of hits.
        let near = self.near_enough(&query, &asked, now, enough, |_, search, outcome, _| entries(search, outcome))?;
        match near {
            Some((found, _)) => Ok(found),
            None => self.ask(&query, &asked, now, |search, outcome, _| entries(search, outcome)),
        }
    }

    fn public(
        &self,
        id: OfferingId,
        language: Option<&LanguageTag>,
        today: NaiveDate,
    ) -> Result<Option<PublicOffering>, SearchError> {
        match self.offering(id, language, today)? {
            Lookup::Found(full) => Ok(Some(serde_json::from_str(full.get())?)),
            Lookup::Gone | Lookup::Unknown => Ok(None),
        }
    }
}

fn timetable<'s>(public: &PublicOffering, session: &'s Session) -> Timetable<'s> {
    Timetable { closed: public.offering.status.closed_days(), ..session.timetable() }
}

fn upcoming(
    timetable: &Timetable<'_>,
    session: &Session,
    from: NaiveDate,
    to: NaiveDate,
    today: NaiveDate,
) -> Vec<Upcoming> {
    let join = |occurrence: Occurrence| Upcoming {
        joinable: session.joinable(occurrence.date, today).filter(|_| occurrence.is_on()),
        occurrence,
    };
    timetable.between(from, to, HolidayCalendar::dutch()).into_iter().map(join).collect()
}

fn calendar_entries(
    public: &PublicOffering,
    number: usize,
    session: &Session,
    (from, to): (NaiveDate, NaiveDate),
    today: NaiveDate,
) -> Vec<CalendarEntry> {
    let found = upcoming(&timetable(public, session), session, from, to, today);
    let entry = |upcoming| CalendarEntry {
        offering: public.id,
        name: public.offering.name.clone(),
        summary: public.offering.summary.clone(),
        changed_at: public.changed_at,
        number,
        session: session.clone(),
        upcoming,
    };
    found.into_iter().map(entry).collect()
}
