//! What was said outright of times, costs, languages and places, and leaves out what does not fit.

use chrono::Datelike;

use super::super::{Meant, Narrowed, Narrowing};
use super::Reading;
use crate::domain::schedule::WEEK;
use crate::domain::{ConceptId, DayPart, Scheme};
use crate::search::query::When;

/// What costs nothing, and what costs nothing with a pass or who has nothing. Who asks for something "gratis" finds that
/// too, after what costs nobody anything; who asks for nothing else finds what is free. With a pass that is free too.
const FREE: &str = "free";
const WITH_PASS: &str = "free_with_city_pass";
const NEARLY_FREE: [&str; 2] = [WITH_PASS, "voluntary_contribution"];

impl Reading<'_> {
    /// The narrowings, the least trusted first. `asks_for_something` tells whether words say what is sought.
    pub(super) fn narrowings(&mut self, asks_for_something: bool) -> Vec<Narrowed> {
        let mut found = Vec::new();
        let parts: Vec<DayPart> =
            DayPart::ALL.into_iter().filter(|part| self.times.parts >> *part as u8 & 1 == 1).collect();
        if !parts.is_empty() {
            found.push(Narrowed { to: Narrowing::PartsOfDay(parts), tokens: self.times_said });
        }
        // "Zaterdag of morgen" asks for days of the week, of which tomorrow is one.
        let today = self.context.today.weekday().num_days_from_monday();
        let single = match self.times.when {
            Some(When::Now | When::Today) => Some(today),
            Some(When::Tomorrow) => Some((today + 1) % 7),
            Some(When::Date(date)) => Some(date.weekday().num_days_from_monday()),
            _ => None,
        };
        if let Some(day) = single.filter(|_| self.times.days != 0) {
            self.times.days |= 1 << day;
            self.times.when = None;
        }
        if let Some(when) = self.times.when.filter(|_| !self.two_times) {
            found.push(Narrowed { to: Narrowing::When(when), tokens: self.times_said });
        }
        let days = WEEK.into_iter().enumerate().filter(|(at, _)| self.times.days >> at & 1 == 1);
        let days: Vec<_> = days.map(|(_, day)| day).collect();
        if !days.is_empty() {
            found.push(Narrowed { to: Narrowing::Weekdays(days), tokens: self.times_said });
        }
        let concept = |place: &usize| self.understanding.layout.concept(*place).map(|(_, id)| id.clone());
        let mut costs: Vec<_> = self.costs.iter().filter_map(concept).collect();
        let free_too: &[&str] = match costs.as_slice() {
            [cost] if cost.as_str() == FREE => &NEARLY_FREE,
            [cost] if cost.as_str() == WITH_PASS => &[FREE],
            _ => &[],
        };
        if asks_for_something {
            // But for what was said not to do: who has no pass.
            let is_turned = |meant: &&Meant| meant.strength < 0.0;
            let turned: Vec<_> = self.concepts.iter().filter(is_turned).filter_map(|one| concept(&one.place)).collect();
            let others = free_too.iter().map(|id| ConceptId::from(*id));
            costs.extend(others.filter(|id| !turned.contains(id)));
        }
        if !costs.is_empty() {
            found.push(Narrowed { to: Narrowing::Concepts(Scheme::Cost, costs), tokens: self.costs_said });
        }
        let languages = std::mem::take(&mut self.spoken);
        if languages.1 != 0 {
            let ids = languages.0.iter().filter_map(concept).collect();
            found.push(Narrowed { to: Narrowing::Concepts(Scheme::Language, ids), tokens: languages.1 });
        }
        found.append(&mut self.narrowings);
        found
    }
}
