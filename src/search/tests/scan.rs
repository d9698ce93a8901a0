//! The stupid second search: reads every offering, straight from its values, the slow and obvious way.
//!
//! It knows nothing of bits, rows, grids and documents. What it shares with the search are the words of the domain and
//! the analysis that tells which word finds which.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike};
use geo::Intersects;

use super::known::{Known, KnownSession, is_unknown, newest};
use super::world::{drawn, known_areas, now, today};
use crate::domain::area::{point_inside, shape};
use crate::domain::schedule::{WEEK, weekday_name};
use crate::domain::text::fold;
use crate::domain::*;
use crate::search::query::*;

/// What a search must find.
#[derive(Debug)]
pub struct Expected {
    /// All hits by number, with their distance where there is one, and what was let in; in their order, but by
    /// relevance, which only has those that are let in last.
    pub hits: Vec<ExpectedHit>,
    pub facets: BTreeMap<&'static str, (BTreeMap<String, u32>, u32)>,
    pub elsewhere: Option<[u32; 4]>,
}

#[derive(Clone, Debug)]
pub struct ExpectedHit {
    pub number: i64,
    pub session: usize,
    pub distance: Option<f64>,
    pub unknown: Vec<&'static str>,
    pub matched: Vec<&'static str>,
    /// When it is on first, in the asked time or the weeks ahead.
    pub soonest: Option<i64>,
}

/// How one filter stands to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Holds,
    Fails,
    /// It is not known.
    Unknown,
}

/// The hits among some offerings, by the filters, the place and the time of a query.
pub fn scan_candidates(vocabulary: &Vocabulary, candidates: Vec<&Known>, query: &SearchQuery) -> Expected {
    let scan = Scan { vocabulary, query };
    let mut hits: Vec<(&Known, ExpectedHit)> =
        candidates.iter().filter_map(|offering| Some((*offering, scan.hit(offering)?))).collect();
    hits.sort_by(|(a, first), (b, second)| {
        let last = |hit: &ExpectedHit| !hit.unknown.is_empty();
        let distance = |hit: &ExpectedHit| hit.distance.unwrap_or(f64::INFINITY);
        let soonest = |hit: &ExpectedHit| hit.soonest.unwrap_or(i64::MAX);
        last(first)
            .cmp(&last(second))
            .then_with(|| match query.sort {
                Sort::Distance => distance(first).total_cmp(&distance(second)),
                Sort::Name => fold(&a.public.offering.name).cmp(&fold(&b.public.offering.name)),
                Sort::Assured => newest(&b.public).cmp(&newest(&a.public)),
                Sort::Soonest => soonest(first).cmp(&soonest(second)),
                Sort::Relevance => std::cmp::Ordering::Equal,
            })
            .then(first.number.cmp(&second.number))
    });
    let facets = query.facets.iter().map(|facet| {
        // The count of a value is the total when choosing it alone, word for word.
        let values = scan.values_of(*facet).into_iter().filter_map(|value| {
            let count = candidates.iter().filter(|offering| scan.with(*facet, &value).hit(offering).is_some()).count();
            let chosen = scan.chosen(*facet).contains(&value);
            (count > 0 || chosen).then_some((value, count as u32))
        });
        let without = scan.without(*facet);
        let values = values.collect();
        let unknown = candidates.iter().filter(|offering| {
            let mut sessions = offering.sessions.iter();
            sessions
                .any(|session| without.fits(offering, session) && without.scan().is_unknown(*facet, offering, session))
        });
        (facet.name(), (values, unknown.count() as u32))
    });
    let elsewhere = query.place.narrows().then(|| {
        let anywhere = SearchQuery { place: PlaceFilter::default(), ..query.clone() };
        let anywhere = Scan { query: &anywhere, ..scan };
        let count = |is_there: &dyn Fn(&Session) -> bool| {
            let counts = |offering: &&&Known| {
                let mut sessions = offering.sessions.iter();
                sessions.any(|session| anywhere.fits(offering, session) && is_there(&session.session))
            };
            candidates.iter().filter(counts).count() as u32
        };
        [
            count(&|session| matches!(session.place, Some(Place::Virtual { .. }))),
            count(&|session| session.place == Some(Place::Home)),
            count(&|session| matches!(session.place, Some(Place::Nationwide))),
            count(&|session| scan.place_is_unknown(session)),
        ]
    });
    Expected { facets: facets.collect(), elsewhere, hits: hits.into_iter().map(|(_, hit)| hit).collect() }
}

#[derive(Clone, Copy)]
struct Scan<'s> {
    vocabulary: &'s Vocabulary,
    query: &'s SearchQuery,
}

/// A scan with a query of its own.
struct Changed<'s> {
    scan: Scan<'s>,
    query: SearchQuery,
}

impl Changed<'_> {
    fn scan(&self) -> Scan<'_> {
        Scan { query: &self.query, ..self.scan }
    }

    fn hit(&self, offering: &Known) -> Option<ExpectedHit> {
        self.scan().hit(offering)
    }

    fn fits(&self, offering: &Known, session: &KnownSession) -> bool {
        self.scan().fits(offering, session)
    }
}

impl<'s> Scan<'s> {
    fn hit(&self, offering: &Known) -> Option<ExpectedHit> {
        let fitting = offering.sessions.iter().enumerate().filter(|(_, session)| self.fits(offering, session));
        let hits = fitting.map(|(at, session)| ExpectedHit {
            number: offering.public.number.0,
            session: at,
            distance: self.distance(&session.session),
            unknown: self.unknown(offering, session),
            matched: self.matched(session),
            soonest: {
                let on = self.on(offering, session).into_iter();
                on.filter(|(_, moments)| self.is_asked(moments)).map(|(start, _)| start).min()
            },
        });
        hits.min_by(|a, b| {
            let distance = |hit: &ExpectedHit| hit.distance.unwrap_or(f64::INFINITY);
            let is_over = |hit: &ExpectedHit| offering.sessions[hit.session].is_over;
            let soonest =
                |hit: &ExpectedHit| match self.query.filters.when.is_some() || self.query.sort == Sort::Soonest {
                    true => hit.soonest.unwrap_or(i64::MAX),
                    false => 0,
                };
            let by_time = match self.query.sort {
                Sort::Soonest => soonest(a).cmp(&soonest(b)),
                _ => std::cmp::Ordering::Equal,
            };
            let by_known = (!a.unknown.is_empty()).cmp(&!b.unknown.is_empty()).then(by_time);
            let by_distance = by_known.then(distance(a).total_cmp(&distance(b)));
            by_distance.then(is_over(a).cmp(&is_over(b))).then(soonest(a).cmp(&soonest(b)))
        })
    }

    fn fits(&self, offering: &Known, session: &KnownSession) -> bool {
        let verdicts = self.verdicts(offering, session);
        let lets_in =
            |what: &Option<Unknowable>| what.is_some_and(|what| self.query.filters.include_unknown.contains(&what));
        self.in_place(&session.session)
            && verdicts.iter().all(|(what, verdict)| match verdict {
                Verdict::Holds => true,
                Verdict::Fails => false,
                Verdict::Unknown => lets_in(what),
            })
    }

    fn unknown(&self, offering: &Known, session: &KnownSession) -> Vec<&'static str> {
        let verdicts = self.verdicts(offering, session);
        let unknown = verdicts.into_iter().filter(|(_, verdict)| *verdict == Verdict::Unknown);
        let mut names: Vec<_> = unknown.filter_map(|(what, _)| Some(what?.name())).collect();
        names.sort_unstable();
        names
    }

    fn distance(&self, session: &Session) -> Option<f64> {
        let position = session.place.as_ref()?.location()?.position?;
        Some(self.query.place.near?.position.distance_to(position).metres())
    }

    fn in_place(&self, session: &Session) -> bool {
        let place = &self.query.place;
        let location = session.place.as_ref().and_then(Place::location);
        let position = location.and_then(|location| location.position);
        let in_radius =
            place.radius().is_none_or(|radius| self.distance(session).is_some_and(|metres| metres <= radius.metres()));
        let in_box = place.bbox.is_none_or(|bounds| position.is_some_and(|at| bounds.contains(at)));
        // Every polygon by itself, by the library.
        let in_region = place.within.is_none()
            || position.is_some_and(|at| drawn().iter().any(|shape| shape.intersects(&geo::Point::from(at))));
        let region = session.service_region.as_ref().map(|_| drawn());
        let in_area = place.areas.is_empty()
            || place.areas.iter().any(|asked| {
                let areas = location.map(|location| location.area.clone()).unwrap_or_default();
                let asked_area = known_areas().into_iter().find(|area| area.code == *asked);
                let outline = asked_area.and_then(|area| area.outline);
                let inside = outline.as_ref().and_then(point_inside).map(geo::Point::from);
                let meets = |region: &geo::MultiPolygon| {
                    let in_region = session.service_region.as_ref().map(|own| geo::Point::from(own.inside()));
                    inside.is_some_and(|inside| region.intersects(&inside))
                        || outline
                            .as_ref()
                            .and_then(shape)
                            .zip(in_region)
                            .is_some_and(|(area, at)| area.intersects(&at))
                };
                areas.contains(asked)
                    || areas.iter().any(|area| asked.includes(area))
                    || session.service_area.iter().any(|area| asked.includes(area) || area.includes(asked))
                    || region.as_ref().is_some_and(meets)
            });
        (in_radius && in_box && in_region || self.comes_home(session)) && in_area
    }

    /// Whether somebody comes to the home of who asks, in one of the areas or in the region that a session is for.
    fn comes_home(&self, session: &Session) -> bool {
        let Some(home) = self.query.place.home().filter(|_| session.place == Some(Place::Home)) else { return false };
        let home = geo::Point::from(home);
        let lives_in = known_areas().into_iter().filter(|area| {
            let outline = area.outline.as_ref().and_then(shape);
            outline.is_some_and(|outline| outline.intersects(&home))
        });
        let lives_in: Vec<_> = lives_in.map(|area| area.code).collect();
        session.service_area.iter().any(|own| lives_in.iter().any(|area| own.includes(area)))
            || session.service_region.is_some() && drawn().intersects(&home)
    }

    fn place_is_unknown(&self, session: &Session) -> bool {
        let place = &self.query.place;
        let location = match &session.place {
            Some(Place::Physical(location)) => Some(location),
            None => None,
            _ => return false,
        };
        let no_position = location.is_none_or(|location| location.position.is_none());
        let is_for_all = session.service_area.is_empty() && session.service_region.is_none();
        let no_area = location.is_none_or(|location| location.area.is_empty()) && is_for_all;
        place.asks_position() && no_position || !place.areas.is_empty() && no_area
    }

    fn is_unknown(&self, facet: Facet, offering: &Known, session: &KnownSession) -> bool {
        let is_time = matches!(facet, Facet::Weekday | Facet::PartOfDay);
        match self.query.filters.when {
            Some(_) if is_time => match self.on(offering, session).is_empty() {
                true if !offering.timetable(session).is_known() => is_unknown(facet, session),
                is_empty => is_empty,
            },
            _ => is_unknown(facet, session),
        }
    }

    /// When a session is on in the time that is asked for, or in eight weeks: the minute at which it begins, and the
    /// parts of the week that it fills.
    fn on(&self, offering: &Known, known: &KnownSession) -> Vec<(i64, Vec<(chrono::Weekday, DayPart)>)> {
        let (now, today) = (now(), today());
        let day = |days: i64| today + chrono::TimeDelta::days(days);
        let weekday = i64::from(today.weekday().num_days_from_monday());
        let (first, last) = match self.query.filters.when {
            None => (today, day(56)),
            Some(When::Now | When::Today) => (today, today),
            Some(When::Tomorrow) => (day(1), day(1)),
            Some(When::Week) => (today, day(6)),
            Some(When::Weekend) => (day(5 - weekday).max(today), day(6 - weekday)),
            Some(When::Date(date)) => (date, date),
        };
        let is_now = self.query.filters.when == Some(When::Now);
        let can_come = matches!(known.session.joinable(today, today), Some(Joinable::WalkIn | Joinable::Phone));
        let timetable = offering.timetable(known);
        let all = timetable.between(day(-1).min(first), last, HolidayCalendar::dutch());
        let fits = |occurrence: &&Occurrence| {
            let (start, end) = occurrence.span();
            let begins = (first..=last).contains(&occurrence.date) && end > now.at();
            let is_going_on = start <= now.at() && now.at() < end;
            occurrence.is_on()
                && match is_now {
                    true => is_going_on && can_come && occurrence.starts_at.is_some(),
                    false => begins || is_going_on && (first..=last).contains(&today),
                }
        };
        let moments = |occurrence: &Occurrence| {
            let time = |at: Option<DateTime<chrono_tz::Tz>>| at.map(|at| at.naive_local().time());
            let slots = Slots::of(&[occurrence.date.weekday()], time(occurrence.starts_at), time(occurrence.ends_at));
            super::known::of_slots(&[slots])
        };
        let minute = |occurrence: &Occurrence| occurrence.span().0.timestamp() / 60;
        all.iter().filter(fits).map(|occurrence| (minute(occurrence), moments(occurrence))).collect()
    }

    /// Every filter of the query with how it stands to a session.
    fn verdicts(&self, offering: &Known, known: &KnownSession) -> Vec<(Option<Unknowable>, Verdict)> {
        let offering_known = offering;
        let (filters, session, offering) = (&self.query.filters, &known.session, &offering.public);
        let plain = |holds: bool| (None, if holds { Verdict::Holds } else { Verdict::Fails });
        let mut verdicts = Vec::new();
        for (scheme, asked) in &filters.concepts {
            let verdict = if asked.iter().any(|concept| self.concept_holds(*scheme, concept, known)) {
                Verdict::Holds
            } else if is_unknown(Facet::Scheme(*scheme), known) {
                Verdict::Unknown
            } else {
                Verdict::Fails
            };
            verdicts.push((Some(Unknowable::Facet(Facet::Scheme(*scheme))), verdict));
        }
        if let Some(age) = filters.age {
            verdicts.push(plain(match session.terms.age {
                Some(range) => range.from.unwrap_or(0) <= age && range.to.is_none_or(|to| age <= to),
                None => !filters.only.contains(&Person::Age),
            }));
        }
        if let Some(gender) = filters.gender {
            let settings = known.of(Scheme::GenderSetting);
            let has = |setting: &str| settings.iter().any(|concept| concept.as_str() == setting);
            let own = match gender {
                Gender::Female => has("women_only"),
                Gender::Male => has("men_only"),
                Gender::Other => has("mixed_gender"),
            };
            let only = filters.only.contains(&Person::Gender);
            verdicts.push(plain(own || !only && (has("mixed_gender") || settings.is_empty())));
        }
        let price = self.price(session);
        let passes: Vec<_> = session.terms.cost.iter().flat_map(|cost| &cost.passes).collect();
        let own_pass = |pass: &&&CityPass| Some(&pass.municipality) == filters.city_pass.as_ref();
        if filters.city_pass.is_some() {
            verdicts.push(plain(price == Some(0) || passes.iter().any(|pass| own_pass(&pass))));
        }
        if let Some(most) = filters.max_price {
            let with_pass = passes.iter().filter(own_pass).filter_map(|pass| match pass.effect {
                PassEffect::Free => Some(0),
                PassEffect::Discount => pass.amount.map(Euros::cents),
            });
            let verdict = match with_pass.chain(price).min() {
                Some(cents) if cents <= most.cents() => Verdict::Holds,
                Some(_) => Verdict::Fails,
                None => Verdict::Unknown,
            };
            verdicts.push((Some(Unknowable::MaxPrice), verdict));
        }
        let on = filters.when.map(|_| self.on(offering_known, known));
        let times_unknown = !offering_known.timetable(known).is_known();
        if let Some(on) = &on {
            let verdict = match on.is_empty() {
                false => Verdict::Holds,
                true if times_unknown => Verdict::Unknown,
                true => Verdict::Fails,
            };
            verdicts.push((Some(Unknowable::When), verdict));
        }
        let moments = match &on {
            Some(on) if !(on.is_empty() && times_unknown) => {
                on.iter().flat_map(|(_, moments)| moments.clone()).collect()
            }
            _ => known.moments.clone(),
        };
        if moments.is_empty() {
            let week = (!filters.weekdays.is_empty()).then_some(Facet::Weekday);
            let day = (!filters.day_parts.is_empty()).then_some(Facet::PartOfDay);
            verdicts.extend(week.into_iter().chain(day).map(|f| (Some(Unknowable::Facet(f)), Verdict::Unknown)));
        } else {
            verdicts.push(plain(self.is_asked(&moments)));
        }
        if let Some(online) = filters.online {
            verdicts.push(plain(online == matches!(session.place, Some(Place::Virtual { .. }))));
        }
        if let Some(id) = filters.organization {
            verdicts.push(plain(offering.offering.organization.iter().any(|part| part.organization.id == Some(id))));
        }
        if !filters.municipalities.is_empty() {
            verdicts.push(plain(filters.municipalities.contains(&offering.municipality)));
        }
        if let Some(since) = filters.assured_since {
            let verdict = match &session.terms.assured {
                Some(assured) if assured.date >= since => Verdict::Holds,
                Some(_) => Verdict::Fails,
                None => Verdict::Unknown,
            };
            verdicts.push((Some(Unknowable::AssuredSince), verdict));
        }
        verdicts
    }

    /// Whether one of these moments is on an asked day and in an asked part of it.
    fn is_asked(&self, moments: &[(chrono::Weekday, DayPart)]) -> bool {
        let filters = &self.query.filters;
        moments.iter().any(|(day, part)| {
            (filters.weekdays.is_empty() || filters.weekdays.contains(day))
                && (filters.day_parts.is_empty() || filters.day_parts.contains(part))
        })
    }

    fn price(&self, session: &Session) -> Option<u32> {
        let rules = session.schedules.iter().filter_map(|schedule| schedule.rule.as_ref());
        let visits: Vec<f64> = rules.map(Recurrence::visits_per_year).collect();
        let visits = (!visits.is_empty()).then(|| visits.iter().sum());
        let lessons = session.enrolment.as_ref().and_then(|enrolment| enrolment.lessons);
        Some(session.terms.cost.as_ref()?.per_visit(visits, lessons)?.cents())
    }

    fn concept_holds(&self, scheme: Scheme, asked: &ConceptId, session: &KnownSession) -> bool {
        let facts = session.of(scheme);
        let is_narrower = |narrow: &ConceptId, wide| {
            narrow == wide || self.vocabulary.ancestors(scheme, narrow.as_str()).contains(&wide)
        };
        let may_come = scheme == Scheme::TargetGroup && !self.query.filters.only.contains(&Person::TargetGroup);
        facts.iter().any(|fact| {
            is_narrower(fact, asked) || may_come && (is_narrower(asked, fact) || fact.as_str() == "everyone")
        })
    }

    fn matched(&self, session: &KnownSession) -> Vec<&'static str> {
        let filters = &self.query.filters;
        let mut names = Vec::new();
        if filters.age.is_some() && session.session.terms.age.is_none() {
            names.push("ageNotStated");
        }
        if let Some(asked) = filters.concepts.get(&Scheme::TargetGroup) {
            let mut facts = session.of(Scheme::TargetGroup);
            let all = facts.len();
            facts.retain(|fact| fact.as_str() != "everyone");
            let for_everyone = facts.len() < all;
            let related = |fact: &ConceptId, asked: &ConceptId| {
                fact == asked
                    || self.vocabulary.ancestors(Scheme::TargetGroup, fact.as_str()).contains(&asked)
                    || self.vocabulary.ancestors(Scheme::TargetGroup, asked.as_str()).contains(&fact)
            };
            let own = facts.iter().any(|fact| asked.iter().any(|asked| related(fact, asked)));
            let asked_everyone = asked.iter().any(|asked| asked.as_str() == "everyone");
            if for_everyone && !own && !asked_everyone && !filters.only.contains(&Person::TargetGroup) {
                names.push("everyone");
            }
        }
        if filters.gender.is_some() && session.of(Scheme::GenderSetting).is_empty() {
            names.push("genderNotStated");
        }
        names
    }

    fn values_of(&self, facet: Facet) -> Vec<String> {
        match facet {
            Facet::Scheme(scheme) => {
                self.vocabulary.scheme(scheme).concepts.iter().map(|concept| concept.id.to_string()).collect()
            }
            Facet::Weekday => WEEK.map(|day| weekday_name(day).to_owned()).into(),
            Facet::PartOfDay => DayPart::ALL.map(|part| part.as_str().to_owned()).into(),
        }
    }

    fn chosen(&self, facet: Facet) -> Vec<String> {
        let filters = &self.query.filters;
        match facet {
            Facet::Scheme(scheme) => {
                filters.concepts.get(&scheme).into_iter().flatten().map(|id| id.to_string()).collect()
            }
            Facet::Weekday => filters.weekdays.iter().map(|day| weekday_name(*day).to_owned()).collect(),
            Facet::PartOfDay => filters.day_parts.iter().map(|part| part.as_str().to_owned()).collect(),
        }
    }

    fn without(&self, facet: Facet) -> Changed<'s> {
        let mut query = self.query.clone();
        match facet {
            Facet::Scheme(scheme) => drop(query.filters.concepts.remove(&scheme)),
            Facet::Weekday => query.filters.weekdays.clear(),
            Facet::PartOfDay => query.filters.day_parts.clear(),
        }
        Changed { scan: *self, query }
    }

    fn with(&self, facet: Facet, value: &str) -> Changed<'s> {
        let mut changed = self.without(facet);
        let filters = &mut changed.query.filters;
        match facet {
            Facet::Scheme(scheme) => drop(filters.concepts.insert(scheme, [ConceptId::from(value)].into())),
            Facet::Weekday => filters.weekdays.extend(WEEK.into_iter().filter(|day| weekday_name(*day) == value)),
            Facet::PartOfDay => {
                filters.day_parts.extend(DayPart::ALL.into_iter().filter(|part| part.as_str() == value))
            }
        }
        changed
    }
}
