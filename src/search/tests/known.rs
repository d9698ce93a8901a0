//! What is true of an offering on the day of a search, straight from its values.

use std::collections::HashSet;

use chrono::{Datelike, NaiveDate};

use crate::domain::schedule::{ExceptionKind, WEEK};
use crate::domain::vocabulary::SameFact;
use crate::domain::*;
use crate::search::analysis::{QueryWord, dutch_stem, english_stem, words};
use crate::search::compounds::Compounds;
use crate::search::languages;
use crate::search::query::Facet;

/// An offering with what is true of it on the day of the search.
pub struct Known {
    pub public: PublicOffering,
    pub sessions: Vec<KnownSession>,
    pub is_shown: bool,
    /// Its words, as written and by the stem of their language.
    words: Vec<KnownWord>,
}

pub struct KnownSession {
    pub session: Session,
    /// What is stated, in these words or in those of another scheme.
    pub facts: Vec<(Scheme, ConceptId)>,
    pub moments: Vec<(chrono::Weekday, DayPart)>,
    pub is_over: bool,
}

#[derive(PartialEq, Eq, Hash)]
struct KnownWord {
    exact: String,
    dutch: Option<String>,
    english: Option<String>,
    other: Option<(u8, String)>,
}

impl Known {
    pub fn new(vocabulary: &Vocabulary, compounds: &Compounds, public: &PublicOffering, today: NaiveDate) -> Self {
        let sessions = public.offering.effective_sessions().into_iter().map(|session| KnownSession {
            facts: facts(vocabulary, stated(public, &session, today)),
            moments: moments(&session, today),
            is_over: moments(&session, today).is_empty() && !moments(&session, NaiveDate::MIN).is_empty(),
            session,
        });
        let (is_shown, words) = (is_shown(public, today), words_of(compounds, public));
        Self { public: public.clone(), sessions: sessions.collect(), is_shown, words }
    }

    /// When a session is.
    pub fn timetable<'k>(&self, known: &'k KnownSession) -> Timetable<'k> {
        Timetable { closed: self.public.offering.status.closed_days(), ..known.session.timetable() }
    }

    pub fn has_stem(&self, dutch: &str) -> bool {
        self.words.iter().any(|own| own.dutch.as_deref() == Some(dutch))
    }

    pub fn has_word(&self, word: &QueryWord) -> bool {
        self.words.iter().any(|own| {
            own.exact == word.exact
                || own.dutch.as_ref() == Some(&word.dutch)
                || own.english.as_ref() == Some(&word.english)
                || own.other.as_ref().is_some_and(|own| word.others.contains(own))
        })
    }
}

/// Whether an offering is listed on a day: it is published, and not all that is known of it is dates that were.
fn is_shown(public: &PublicOffering, today: NaiveDate) -> bool {
    let status = &public.offering.status;
    if status.state == State::Published
        && (status.from.is_some_and(|from| today < from) || status.until.is_some_and(|until| until < today))
    {
        return false;
    }
    let was = |session: &Session| {
        let schedules = &session.schedules;
        let exceptions = session.exceptions.iter().flat_map(|exception| [Some(exception.date), exception.new_date]);
        !schedules.is_empty()
            && schedules.iter().all(|schedule| schedule.rule.is_none() && schedule.from.or(schedule.until).is_some())
            && schedules
                .iter()
                .all(|schedule| [schedule.from, schedule.until].into_iter().flatten().min() < Some(today))
            && exceptions.flatten().all(|date| date < today)
    };
    public.offering.sessions.is_empty() || !public.offering.sessions.iter().all(was)
}

impl KnownSession {
    pub fn of(&self, scheme: Scheme) -> Vec<ConceptId> {
        self.facts.iter().filter(|(known, _)| *known == scheme).map(|(_, id)| id.clone()).collect()
    }
}

pub fn is_unknown(facet: Facet, known: &KnownSession) -> bool {
    match facet {
        Facet::Scheme(scheme) => {
            let location = known.session.place.as_ref().and_then(Place::location);
            let building = location.is_some_and(|location| location.accessibility.is_some());
            let stated = building || known.session.terms.accessibility.is_some();
            !(scheme == Scheme::Accessibility && stated) && known.of(scheme).is_empty()
        }
        Facet::Weekday | Facet::PartOfDay => known.moments.is_empty(),
    }
}

/// What is stated, and what states the same fact in another scheme.
fn facts(vocabulary: &Vocabulary, stated: Vec<(Scheme, ConceptId)>) -> Vec<(Scheme, ConceptId)> {
    let mut facts = stated;
    let mut at = 0;
    while at < facts.len() {
        let (known, id) = facts[at].clone();
        at += 1;
        let mut wider: Vec<ConceptId> = vocabulary.ancestors(known, id.as_str()).into_iter().cloned().collect();
        wider.push(id);
        for id in wider {
            if known == Scheme::Community {
                facts_add(&mut facts, Scheme::TargetGroup, "people_with_migration_background".into());
            }
            for list in vocabulary.schemes() {
                for concept in &list.concepts {
                    let Some((preferred, same)) = vocabulary.preferred(concept) else { continue };
                    let direction = concept.same_fact_direction.expect("checked");
                    if (list.scheme, &concept.id) == (known, &id) && direction != SameFact::FromPreferred {
                        facts_add(&mut facts, preferred, same.id.clone());
                    }
                    if (preferred, &same.id) == (known, &id) && direction != SameFact::ToPreferred {
                        facts_add(&mut facts, list.scheme, concept.id.clone());
                    }
                }
            }
        }
    }
    facts
}

fn facts_add(facts: &mut Vec<(Scheme, ConceptId)>, scheme: Scheme, id: ConceptId) {
    if !facts.contains(&(scheme, id.clone())) {
        facts.push((scheme, id));
    }
}

/// What is stated for a session, in so many words.
fn stated(public: &PublicOffering, session: &Session, today: NaiveDate) -> Vec<(Scheme, ConceptId)> {
    let (offering, terms) = (&public.offering, &session.terms);
    let mut facts = Vec::new();
    let mut add = |scheme, ids: &[ConceptId]| facts.extend(ids.iter().map(|id| (scheme, id.clone())));
    add(Scheme::Theme, &offering.theme);
    add(Scheme::Sphere, &offering.sphere);
    add(Scheme::Kind, &offering.kind);
    add(Scheme::TargetGroup, &offering.target_group);
    add(Scheme::Community, &offering.community);
    add(Scheme::PositiveHealth, offering.positive_health.as_deref().unwrap_or_default());
    add(Scheme::ResilienceResource, offering.resilience_resource.as_deref().unwrap_or_default());
    add(Scheme::SocialQuality, offering.social_quality.as_deref().unwrap_or_default());
    add(Scheme::Formality, offering.formality.as_slice());
    add(Scheme::Continuum, offering.continuum.as_slice());
    add(Scheme::Language, terms.language.as_deref().unwrap_or_default());
    add(Scheme::Accessibility, terms.accessibility.as_deref().unwrap_or_default());
    add(Scheme::GenderSetting, terms.gender_setting.as_slice());
    add(Scheme::Cost, terms.cost.as_ref().and_then(|cost| cost.category.clone()).as_slice());
    let leads: Vec<_> = offering.organization.iter().filter(|part| part.role == Role::Lead).collect();
    let who = if leads.is_empty() { offering.organization.iter().collect() } else { leads };
    for part in who {
        add(Scheme::ProviderType, part.organization.provider_type.as_slice());
    }
    match &session.place {
        Some(Place::Physical(location)) => {
            add(Scheme::Accessibility, location.accessibility.as_deref().unwrap_or_default());
        }
        Some(Place::Home) => add(Scheme::Accessibility, &["home_based".into()]),
        Some(Place::Virtual { .. }) => add(Scheme::Accessibility, &["online_option".into()]),
        _ => {}
    }
    for concept in terms.access.iter().flat_map(Access::concepts) {
        add(Scheme::Access, &[concept.into()]);
    }
    if let Some(room) = terms.capacity.as_ref().filter(|room| room.fresh_until().is_some_and(|until| until >= today)) {
        let waits = room.weeks.is_some_and(|weeks| weeks > 0) || room.state == CapacityState::Waiting;
        if waits {
            add(Scheme::Access, &["waiting_time".into()]);
        } else if room.state == CapacityState::Open {
            add(Scheme::Access, &["no_waiting_time".into()]);
        }
    }
    facts
}

/// The days of the week with the parts of the day in which a session is on.
fn moments(session: &Session, today: NaiveDate) -> Vec<(chrono::Weekday, DayPart)> {
    let mut slots = Vec::new();
    for schedule in &session.schedules {
        if schedule.until.is_some_and(|until| until < today)
            || schedule.rule.is_none() && schedule.from.is_some_and(|only| only < today)
        {
            continue;
        }
        let days = match &schedule.rule {
            Some(rule) => rule.weekdays(schedule.from),
            None => schedule.from.iter().map(Datelike::weekday).collect(),
        };
        slots.push(Slots::of(&days, schedule.starts_at, schedule.ends_at));
    }
    for exception in &session.exceptions {
        if exception.change == ExceptionKind::Extra && exception.date >= today {
            slots.push(Slots::of(&[exception.date.weekday()], exception.starts_at, exception.ends_at));
        }
    }
    of_slots(&slots)
}

/// The days of the week with the parts of the day that are in any of these slots.
pub fn of_slots(slots: &[Slots]) -> Vec<(chrono::Weekday, DayPart)> {
    let mut moments = Vec::new();
    for day in WEEK {
        for part in DayPart::ALL {
            let slot = Slots::of_weekday(day).0 & Slots::of_part(part).0;
            if slots.iter().any(|slots| slots.0 & slot != 0) {
                moments.push((day, part));
            }
        }
    }
    moments
}

pub fn newest(offering: &PublicOffering) -> Option<NaiveDate> {
    let sessions = offering.offering.effective_sessions();
    sessions.iter().filter_map(|session| Some(session.terms.assured.as_ref()?.date)).max()
}

/// The words of an offering's texts, and the parts of its Dutch compounds.
fn words_of(compounds: &Compounds, public: &PublicOffering) -> Vec<KnownWord> {
    let offering = &public.offering;
    let mut texts: Vec<(String, String)> = Vec::new();
    let own = offering.text_language.language();
    let mut add = |language: &str, text: &Option<String>| {
        texts.extend(text.iter().map(|text| (language.to_owned(), text.clone())));
    };
    add(own, &Some(offering.name.clone()));
    add(own, &offering.summary);
    add(own, &offering.description);
    for part in &offering.organization {
        add(own, &Some(part.organization.name.clone()));
    }
    for session in &offering.sessions {
        add(own, &session.label);
        if let Some(Place::Physical(location)) = &session.place {
            add(own, &location.name);
            add(own, &location.address.as_ref().and_then(|address| address.street.clone()));
        }
    }
    for translation in &offering.translations {
        let language = translation.language.language();
        add(language, &translation.name);
        add(language, &translation.summary);
        add(language, &translation.description);
    }
    let mut found = HashSet::new();
    for (language, text) in texts {
        for word in words(&text) {
            let dutch = (language == "nl").then(|| dutch_stem(&word.folded));
            let parts = if language == "nl" { compounds.split(&word.folded, &|_| false) } else { Vec::new() };
            let part =
                |part| KnownWord { exact: String::new(), dutch: Some(dutch_stem(part)), english: None, other: None };
            found.extend(parts.into_iter().map(part));
            let english = (language == "en").then(|| english_stem(&word.folded));
            let known = languages::language(&language);
            let is_other = known > languages::ENGLISH && languages::has_stems(known);
            let other = is_other.then(|| (known, languages::stem(known, &word.folded)));
            found.insert(KnownWord { exact: word.folded, dutch, english, other });
        }
    }
    found.into_iter().collect()
}
