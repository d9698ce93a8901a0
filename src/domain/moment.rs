//! The moment at which somebody looks something up.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::Europe::Amsterdam;

use super::occurrence::instant;

/// A moment, with the date that it then is in the Netherlands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    at: DateTime<Utc>,
    today: NaiveDate,
}

impl Now {
    /// The moment.
    pub fn at(self) -> DateTime<Utc> {
        self.at
    }

    /// The date in the Netherlands.
    pub fn today(self) -> NaiveDate {
        self.today
    }
}

impl From<DateTime<Utc>> for Now {
    fn from(at: DateTime<Utc>) -> Self {
        Self { at, today: at.with_timezone(&Amsterdam).date_naive() }
    }
}

impl From<NaiveDate> for Now {
    /// The first moment of a date.
    fn from(today: NaiveDate) -> Self {
        Self { at: instant(today.and_time(NaiveTime::MIN), Amsterdam).to_utc(), today }
    }
}
