//! Times as editors write them, in words: "ma t/m vr 9-17 u, niet in de zomervakantie", "elke 1e dinsdag 10.00-12.00",
//! and the `opening_hours` of OpenStreetMap.
//!
//! What is understood wholly becomes schedules. Else the text stays with the session (`when`) and is shown as it is, its
//! dates count as unknown, and the import tells it.

mod dutch;
mod osm;

use serde_json::{Value, json};

use crate::domain::schedule::{HolidayEffect, Holidays, amsterdam};
use crate::domain::{Recurrence, Schedule};

/// The schedules that a text says; nothing when any of it is not understood.
pub fn read(text: &str) -> Option<Vec<Schedule>> {
    osm::read(text).or_else(|| dutch::read(text))
}

/// Reads the times of sessions that are told in words alone.
pub(super) fn read_times(draft: &mut Value) {
    for session in draft.get_mut("sessions").and_then(Value::as_array_mut).into_iter().flatten() {
        let Some(text) = session.get("when").and_then(Value::as_str) else { continue };
        if session.get("schedules").is_some() {
            continue;
        }
        // Half a sentence would be taken for a fact by searches and calendars.
        if let Some(schedules) = read(text) {
            session["schedules"] = json!(schedules);
            session.as_object_mut().map(|session| session.remove("when"));
        }
    }
}

/// The days of a rule, the times, and the months of one schedule, while it is read.
#[derive(Clone, Debug, Default, PartialEq)]
struct Group {
    /// Monday is 0.
    days: Vec<usize>,
    /// Of the month, as in "the first and the third"; -1 is the last.
    nth: Vec<i8>,
    every_other_week: bool,
    months: Vec<u32>,
    times: Vec<(chrono::NaiveTime, Option<chrono::NaiveTime>)>,
}

const DAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

impl Group {
    /// The rule, when there are days.
    fn rule(&self) -> Option<Recurrence> {
        if self.days.is_empty() {
            return None;
        }
        let join = |texts: Vec<String>| texts.join(",");
        let day = |day: &usize| DAYS[*day].to_owned();
        let months = match self.months.as_slice() {
            [] => String::new(),
            months => format!(";BYMONTH={}", join(months.iter().map(u32::to_string).collect())),
        };
        let rule = match (self.nth.as_slice(), self.days.len()) {
            ([], 7) if !self.every_other_week => format!("FREQ=DAILY{months}"),
            ([], _) => {
                let interval = if self.every_other_week { ";INTERVAL=2" } else { "" };
                format!("FREQ=WEEKLY{interval};BYDAY={}{months}", join(self.days.iter().map(day).collect()))
            }
            (nth, _) => {
                let days = nth.iter().flat_map(|nth| self.days.iter().map(move |at| format!("{nth}{}", DAYS[*at])));
                format!("FREQ=MONTHLY;BYDAY={}{months}", join(days.collect()))
            }
        };
        rule.parse().ok()
    }

    /// A schedule for each of the times; one without times when none are told.
    fn schedules(&self, holidays: &Option<Holidays>, dates: Dates) -> Vec<Schedule> {
        let Some(rule) = self.rule() else { return Vec::new() };
        let times = match self.times.as_slice() {
            [] => vec![(None, None)],
            times => times.iter().map(|(start, end)| (Some(*start), *end)).collect(),
        };
        let schedule = |(starts_at, ends_at)| Schedule {
            rule: Some(rule.clone()),
            from: dates.0,
            until: dates.1,
            starts_at,
            ends_at,
            time_zone: amsterdam(),
            holidays: holidays.clone(),
        };
        times.into_iter().map(schedule).collect()
    }
}

/// The first and the last date.
type Dates = (Option<chrono::NaiveDate>, Option<chrono::NaiveDate>);

/// Closed on these holidays.
#[derive(Clone, Copy, Debug, Default)]
struct Closed {
    public: bool,
    school: bool,
    summer: bool,
}

impl Closed {
    fn holidays(self) -> Option<Holidays> {
        let closed = |is_closed: bool| is_closed.then_some(HolidayEffect::Closed);
        let any = self.public || self.school || self.summer;
        any.then(|| Holidays {
            public: closed(self.public),
            school: closed(self.school),
            summer: closed(self.summer),
            school_region: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(text: &str) -> Option<String> {
        let clock =
            |time: Option<chrono::NaiveTime>| time.map_or("?".to_owned(), |time| time.format("%H:%M").to_string());
        let schedules = read(text)?;
        let told = schedules.iter().map(|own| {
            let rule = own.rule.as_ref().map_or("once", Recurrence::as_str);
            let mut told = format!("{rule} {}-{}", clock(own.starts_at), clock(own.ends_at));
            let closed = |effect: Option<HolidayEffect>| effect == Some(HolidayEffect::Closed);
            if let Some(holidays) = &own.holidays {
                let names = [(holidays.public, "public"), (holidays.school, "school"), (holidays.summer, "summer")];
                names.iter().filter(|(effect, _)| closed(*effect)).for_each(|(_, name)| told += &format!(" no {name}"));
            }
            own.from.iter().for_each(|from| told += &format!(" from {from}"));
            own.until.iter().for_each(|until| told += &format!(" until {until}"));
            told
        });
        Some(told.collect::<Vec<_>>().join("|"))
    }

    #[test]
    fn what_editors_write_is_understood() {
        for (text, expected) in [
            ("ma t/m vr 9-17 u, niet in de zomervakantie", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR 09:00-17:00 no summer"),
            ("elke 1e dinsdag 10.00-12.00", "FREQ=MONTHLY;BYDAY=1TU 10:00-12:00"),
            ("Eerste en derde woensdag van de maand van 14.00 tot 16.00 uur", "FREQ=MONTHLY;BYDAY=1WE,3WE 14:00-16:00"),
            ("laatste vrijdag van de maand, 20:00 uur", "FREQ=MONTHLY;BYDAY=-1FR 20:00-?"),
            ("maandag, woensdag en vrijdag 10-12 uur", "FREQ=WEEKLY;BYDAY=MO,WE,FR 10:00-12:00"),
            ("di 9.30-11.30; do 13.00-15.00", "FREQ=WEEKLY;BYDAY=TU 09:30-11:30|FREQ=WEEKLY;BYDAY=TH 13:00-15:00"),
            (
                "dinsdag 10.00-12.00 en 13.00-15.00 uur",
                "FREQ=WEEKLY;BYDAY=TU 10:00-12:00|FREQ=WEEKLY;BYDAY=TU 13:00-15:00",
            ),
            ("Iedere donderdag vanaf 19u30", "FREQ=WEEKLY;BYDAY=TH 19:30-?"),
            ("dagelijks 0-24 uur", "FREQ=DAILY 00:00-00:00"),
            ("dagelijks 10-12 uur, niet op maandag", "FREQ=WEEKLY;BYDAY=TU,WE,TH,FR,SA,SU 10:00-12:00"),
            (
                "dagelijks 10-12 uur, behalve maandag, dinsdag en feestdagen",
                "FREQ=WEEKLY;BYDAY=WE,TH,FR,SA,SU 10:00-12:00 no public",
            ),
            ("ma t/m zo 9-17 uur behalve woensdag en vrijdag", "FREQ=WEEKLY;BYDAY=MO,TU,TH,SA,SU 09:00-17:00"),
            ("zo 14-16 uur", "FREQ=WEEKLY;BYDAY=SU 14:00-16:00"),
            ("vr t/m ma 20-22 uur", "FREQ=WEEKLY;BYDAY=MO,FR,SA,SU 20:00-22:00"),
            ("24/7", "FREQ=DAILY 00:00-00:00"),
            (
                "werkdagen 8.30 - 17.00 uur, behalve feestdagen",
                "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR 08:30-17:00 no public",
            ),
            ("om de week op maandag 10-12", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO 10:00-12:00"),
            ("zaterdag 11-13 uur van april t/m september", "FREQ=WEEKLY;BYDAY=SA;BYMONTH=4,5,6,7,8,9 11:00-13:00"),
            ("vrijdag 22.00-2.00 uur, gesloten in de schoolvakanties", "FREQ=WEEKLY;BYDAY=FR 22:00-02:00 no school"),
            (
                "wo 10-12, vanaf 1 september 2026 t/m 30-6-2027",
                "FREQ=WEEKLY;BYDAY=WE 10:00-12:00 from 2026-09-01 until 2027-06-30",
            ),
            ("Mo-Fr 09:00-17:00; PH off", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR 09:00-17:00 no public"),
            (
                "Mo-Fr 09:00-17:00; We 10:00-12:00",
                "FREQ=WEEKLY;BYDAY=MO,TU,TH,FR 09:00-17:00|FREQ=WEEKLY;BYDAY=WE 10:00-12:00",
            ),
            ("Sa[1] 10:00-12:00", "FREQ=MONTHLY;BYDAY=1SA 10:00-12:00"),
            ("Apr-Sep: Sa,Su 13:00-17:00; SH off", "FREQ=WEEKLY;BYDAY=SA,SU;BYMONTH=4,5,6,7,8,9 13:00-17:00 no school"),
            ("Tu 10:00+", "FREQ=WEEKLY;BYDAY=TU 10:00-?"),
        ] {
            assert_eq!(told(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_says_more_than_is_understood_is_not_read_at_all() {
        for text in [
            "",
            "op afspraak",
            "dinsdag 10-12 uur, of bel even",
            "even weken op maandag 10-12",
            "eens in de twee weken op dinsdag 10-12",
            "maandelijks op dinsdag 10-12 uur",
            "di 25-30 uur",
            "di 10-12, kinderen 4-6 jaar",
            "di 10-12 uur, leeftijd 4-6",
            "di 10.00 uur, duurt 2 uur",
            "di 10.00 uur (2 uur)",
            "di 1,5 uur",
            "di 2-4 uur",
            "di 10-2",
            "di 10",
            "dinsdag 's avonds 8-10 uur",
            "di 10-12, zo nodig ook later",
            "di 10-12 uur, bel 06-12 34 56 78",
            "aanmelden voor 9.30 uur, di 10-12",
            "dagelijks 10-12, niet na 11 uur",
            "di t/m zo 10-17 uur, maandag gesloten",
            "ma 10-12, in juli en augustus gesloten",
            "gesloten op maandag, dinsdag 10-12",
            "gesloten op maandag; dagelijks 10-17 uur",
            "ma t/m vr 9-17 m.u.v. woensdag",
            "vrijdag tot 12 uur",
            "di 10-12, vanaf september",
            "ma 10-12 tot juni",
            "di 10-12 t/m 31-12-26",
            "di 10-12, vanaf 1-9-26",
            "zaterdag 3 oktober 14-16 uur",
            "zaterdag 3 oktober 2026 14-16 uur",
            "dinsdag 14.00-16.00 uur (1e en 3e van de maand)",
            "1e verdieping, dinsdag 10-12",
            "eerste keer gratis, di 10-12",
            "maandag of woensdag 10-12",
            "ma-wo-vr 10-12",
            "di 10-12, entree vrij",
            "di 10-12, vraag naar Jan",
            "10-12 uur",
            "Mo 10:00-12:00; 2026 Dec 25 off",
            "Mo-Fr 09:00-17:00 \"op afspraak\"",
            "Mo 10:00-12:00 || \"bel\"",
            "Mo-Fr 09:00-17:00; We 12:00-13:00 off",
            "Th,Sa[1] 10:00-12:00",
            "Mo-Fr 09:00-17:00; Jul-Aug Mo-Fr 10:00-14:00",
            "Mo sunrise-sunset",
        ] {
            assert_eq!(told(text), None, "{text}");
        }
    }

    #[test]
    fn a_session_told_in_words_gets_schedules_or_keeps_its_words() {
        let mut draft = json!({ "sessions": [
            { "when": "di 10-12 uur" }, { "when": "di 10-12 uur, of bel" }, { "when": "op afspraak" },
            { "when": "di", "schedules": [] },
        ] });
        read_times(&mut draft);
        let sessions = draft["sessions"].as_array().expect("sessions");
        let has = |at: usize| (sessions[at].get("schedules").is_some(), sessions[at].get("when").is_some());
        assert_eq!([has(0), has(1), has(2), has(3)], [(true, false), (false, true), (false, true), (true, true)]);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(ma|di|t/m|en|tot|elke|1e|laatste|niet in de|vakantie|om de week|[0-9]{1,3}|[-:.,; /u]|juni|\\PC){0,20}") {
            let schedules = read(&text).unwrap_or_default();
            prop_assert!(schedules.iter().all(|schedule| schedule.rule.is_some()));
        }
    }
}
