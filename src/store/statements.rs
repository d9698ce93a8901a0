//! What each source says of an organization, and what is shown because of it.
//!
//! What a source says of an organization is its *statement*. What is shown is made of all statements, field by field:
//! the source that began first to say something of the organization decides a field for as long as it says it, the
//! others fill what is left open. So two sources that contradict each other do not take turns.

use super::changes::{Contents, Entry};
use super::organizations::Rows;
use super::rows::{OrganizationRow, StatementRow, to_json};
use super::{StoreError, now};
use crate::domain::{ChangeKind, EntityKind, MunicipalityCode, Organization, OrganizationId};

/// Some of the fields of an organization, one bit each.
pub(super) type Fields = u8;

const NAME: Fields = 1;
const PROVIDER_TYPE: Fields = 2;
const KVK: Fields = 4;
const WEBSITE: Fields = 8;
const EMAIL: Fields = 16;
const PHONE: Fields = 32;

/// The fields of which something is said.
fn fields_of(said: &Organization) -> Fields {
    [
        (said.provider_type.is_some(), PROVIDER_TYPE),
        (said.kvk.is_some(), KVK),
        (said.website.is_some(), WEBSITE),
        (said.email.is_some(), EMAIL),
        (said.phone.is_some(), PHONE),
    ]
    .into_iter()
    .filter(|(is_said, _)| *is_said)
    .fold(NAME, |fields, (_, field)| fields | field)
}

/// Takes over these fields, what is not said too.
fn take_over(into: &mut Organization, from: &Organization, fields: Fields) {
    fn field<T: Clone>(into: &mut Option<T>, from: &Option<T>, wanted: bool) {
        if wanted {
            into.clone_from(from);
        }
    }
    if fields & NAME != 0 {
        into.name.clone_from(&from.name);
    }
    field(&mut into.provider_type, &from.provider_type, fields & PROVIDER_TYPE != 0);
    field(&mut into.kvk, &from.kvk, fields & KVK != 0);
    field(&mut into.website, &from.website, fields & WEBSITE != 0);
    field(&mut into.email, &from.email, fields & EMAIL != 0);
    field(&mut into.phone, &from.phone, fields & PHONE != 0);
}

/// An organization of which nothing but the name is said.
fn nameless(name: &str) -> Organization {
    Organization {
        id: None,
        name: name.into(),
        provider_type: None,
        kvk: None,
        website: None,
        email: None,
        phone: None,
    }
}

/// What is said of an organization, and what is shown of it.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub id: OrganizationId,
    /// 0 when it is not stored yet.
    pub version: i64,
    pub said_version: i64,
    pub shown: Organization,
    pub changed_at: chrono::NaiveDateTime,
    /// In the order in which the sources began.
    pub statements: Vec<Statement>,
}

#[derive(Clone, Debug)]
pub(super) struct Statement {
    pub source: String,
    pub position: i32,
    pub said: Organization,
    pub state: State,
}

/// What is to be done with the row of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Stored,
    New,
    Changed,
    Gone,
}

impl Known {
    /// One that nobody has named before.
    pub fn new(name: &str) -> Self {
        Self {
            id: OrganizationId::new(),
            version: 0,
            said_version: 0,
            shown: nameless(name),
            changed_at: now(),
            statements: Vec::new(),
        }
    }

    /// The fields that a source says.
    pub fn fields_of(&self, source: &str) -> Fields {
        self.statements.iter().find(|statement| statement.source == source).map_or(0, |s| fields_of(&s.said))
    }

    /// Takes down what a row says, where no row of the run has decided yet.
    pub fn hear(&mut self, source: &str, said: &Organization, decided: &mut Fields) {
        let news = fields_of(said) & !*decided;
        *decided |= news;
        let at = self.statements.iter().position(|statement| statement.source == source).unwrap_or_else(|| {
            let position = self.statements.iter().map(|statement| statement.position).max().unwrap_or(0) + 1;
            let said = nameless(&said.name);
            self.statements.push(Statement { source: source.into(), position, said, state: State::New });
            self.statements.len() - 1
        });
        self.retell(at, said, news);
    }

    fn retell(&mut self, at: usize, said: &Organization, fields: Fields) {
        let statement = &mut self.statements[at];
        let before = statement.said.clone();
        take_over(&mut statement.said, said, fields);
        if statement.state == State::Stored && before != statement.said {
            statement.state = State::Changed;
        }
    }

    /// Takes back fields of what a source says; tells whether there was anything to take back.
    pub fn take_back(&mut self, source: &str, fields: Fields) -> bool {
        let Some(at) = self.statements.iter().position(|statement| statement.source == source) else { return false };
        let name = self.statements[at].said.name.clone();
        self.retell(at, &nameless(&name), fields & !NAME);
        self.statements[at].state == State::Changed
    }

    /// Takes back all that a source says, when others say something; tells whether it did.
    pub fn silence(&mut self, source: &str) -> bool {
        let others = self.statements.iter().any(|s| s.source != source && s.state != State::Gone);
        let Some(statement) = self.statements.iter_mut().find(|s| s.source == source && others) else { return false };
        statement.state = State::Gone;
        true
    }

    /// What is to be shown: of each field what the first source says that says it.
    fn composed(&self) -> Organization {
        let mut said = self.statements.iter().filter(|s| s.state != State::Gone).map(|statement| &statement.said);
        let Some(first) = said.next() else { return self.shown.clone() };
        said.fold(first.clone(), |mut composed, said| {
            let open = fields_of(said) & !fields_of(&composed);
            take_over(&mut composed, said, open);
            composed
        })
    }

    /// What is shown, with its id.
    pub fn shown(&self) -> Organization {
        Organization { id: Some(self.id), ..self.shown.clone() }
    }

    /// Collects the rows that are to be written; tells whether something else is shown from now on.
    pub fn settle(&mut self, tenant: &MunicipalityCode, key: &str, rows: &mut Rows) -> Result<bool, StoreError> {
        let shown = self.composed();
        self.show(shown, tenant, key, rows)
    }

    /// Collects the rows that are to be written when this is to be shown; tells whether it is something else.
    pub fn show(
        &mut self,
        shown: Organization,
        tenant: &MunicipalityCode,
        key: &str,
        rows: &mut Rows,
    ) -> Result<bool, StoreError> {
        let is_retold = self.version > 0 && shown != self.shown;
        let before = is_retold.then(|| to_json("organization", &self.shown)).transpose()?;
        let is_touched = self.version == 0 || is_retold || self.statements.iter().any(|s| s.state != State::Stored);
        if !is_touched {
            return Ok(false);
        }
        let at = now();
        let read = (self.version, self.said_version);
        if self.version == 0 || is_retold {
            self.version += 1;
            self.changed_at = at;
        }
        self.said_version += 1;
        self.shown = shown;
        let row = OrganizationRow {
            id: self.id.to_string(),
            municipality: tenant.to_string(),
            match_key: key.into(),
            name: self.shown.name.clone(),
            version: self.version,
            said_version: self.said_version,
            content: to_json("organization", &self.shown)?,
            changed_at: self.changed_at,
        };
        for statement in &mut self.statements {
            let told = match statement.state {
                State::Stored => continue,
                State::New => &mut rows.statements,
                State::Changed => &mut rows.changed_statements,
                State::Gone => &mut rows.gone_statements,
            };
            told.push(StatementRow {
                organization_id: row.id.clone(),
                source_name: statement.source.clone(),
                position: statement.position,
                content: to_json("organization", &statement.said)?,
                changed_at: at,
            });
        }
        self.statements.retain(|statement| statement.state != State::Gone);
        self.statements.iter_mut().for_each(|statement| statement.state = State::Stored);
        if is_retold {
            rows.entries.push(Entry {
                entity: EntityKind::Organization,
                entity_id: row.id.clone(),
                kind: ChangeKind::Written,
                revision: Some(Contents { version: row.version, before, after: Some(row.content.clone()) }),
            });
        }
        match read.0 {
            0 => rows.organizations.push(row),
            _ => rows.changed.push((row, read)),
        }
        Ok(is_retold)
    }
}
