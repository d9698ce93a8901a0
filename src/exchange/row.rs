//! One row of a file: the draft made of it, or why there is none, and the way back from a fault to its cell.

use serde::Serialize;
use serde_json::Value;

use super::columns;
use crate::domain::{Offering, OfferingDraft, Violation, Vocabulary};

/// A fault in a file: where, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The row, from 1: of a CSV file as a spreadsheet counts (the header is row 1), of NDJSON the line, of a list
    /// its element. Nothing when the fault is that of the whole file.
    pub row: Option<u64>,
    /// The column or property, or in JSON the pointer (RFC 6901).
    pub column: Option<String>,
    /// What was given there, shortened.
    pub value: Option<String>,
    /// What is wrong, and what would be right.
    pub problem: String,
}

impl Problem {
    /// A fault of the whole file.
    pub fn of_file(problem: impl Into<String>) -> Self {
        Self { row: None, column: None, value: None, problem: problem.into() }
    }

    /// A fault of a whole row.
    pub fn of_row(row: u64, problem: impl Into<String>) -> Self {
        Self { row: Some(row), ..Self::of_file(problem) }
    }

    /// A fault of one cell or property.
    pub fn of_cell(row: u64, column: impl Into<String>, value: Option<&str>, problem: impl Into<String>) -> Self {
        let value = value.filter(|value| !value.is_empty()).map(shortened);
        Self { column: Some(column.into()), value, ..Self::of_row(row, problem) }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(row) = self.row {
            write!(f, "row {row}, ")?;
        }
        if let Some(column) = &self.column {
            write!(f, "{column}: ")?;
        }
        f.write_str(&self.problem)
    }
}

fn shortened(value: &str) -> String {
    const MOST: usize = 200;
    value.chars().take(MOST).collect()
}

/// A row that became a draft, not yet checked.
#[derive(Clone, Debug)]
pub struct SourceRow {
    /// Its number; of an offering in several rows, the first.
    pub row: u64,
    /// The offering, in the form of `docs/offering-form.md`.
    pub draft: Value,
    /// The municipality that the row or the mapping names.
    pub municipality: Option<String>,
    /// Which cell each value of the draft came from.
    pub origin: Origin,
    /// The row as it stood in the file, without its line end.
    pub raw: String,
    /// Faults of cells that could not be read; these are left out of the draft, and the row does not leave this module.
    pub(super) faults: Vec<Problem>,
}

/// A row that cannot come in.
#[derive(Clone, Debug)]
pub struct RefusedRow {
    /// The row as it stood in the file; nothing when it was too long to keep.
    pub raw: Option<String>,
    /// Every fault that was found; at least one.
    pub problems: Vec<Problem>,
}

impl SourceRow {
    /// Checks the draft: an offering, or the refused row with every fault in the words of its file.
    pub fn check(&self, vocabulary: &Vocabulary) -> Result<Offering, RefusedRow> {
        let mut draft = self.draft.clone();
        super::hours::read_times(&mut draft);
        match OfferingDraft(draft).check(vocabulary) {
            Ok(offering) if self.faults.is_empty() => Ok(offering),
            Ok(_) => Err(self.refuse(&[])),
            Err(violations) => Err(self.refuse(&violations)),
        }
    }

    /// What of an offering of this row is shown as it was written, since it was not understood.
    pub fn notices(&self, offering: &Offering) -> Vec<Problem> {
        let in_words =
            offering.sessions.iter().enumerate().filter_map(|(at, session)| {
                Some((at, session.when.as_ref().filter(|_| session.schedules.is_empty())?))
            });
        let notice = |(at, text): (usize, &String)| {
            let pointer = format!("/sessions/{at}/when");
            let detail = "taken in; these times are shown as they are written, since they were not understood, and their dates count as unknown";
            let violation = Violation { pointer, detail: detail.to_owned() };
            Problem { value: Some(shortened(text)), ..self.origin.problem(self.row, &violation, &self.draft) }
        };
        in_words.map(notice).collect()
    }

    /// That the address of a session is one that the address service does not know.
    pub fn unknown_address(&self, session: usize) -> Problem {
        let pointer = format!("/sessions/{session}/place/address");
        let detail = "taken in; the address service does not know this address, so it has no position";
        let violation = Violation { pointer, detail: detail.to_owned() };
        self.origin.problem(self.row, &violation, &self.draft)
    }

    /// Refuses the row for these faults of its draft.
    pub fn refuse(&self, violations: &[Violation]) -> RefusedRow {
        let mut problems = self.faults.clone();
        for violation in violations {
            let problem = self.origin.problem(self.row, violation, &self.draft);
            // What could not be read is missing in the draft; that is not a second fault.
            if !self.faults.iter().any(|fault| fault.column == problem.column && fault.row == problem.row) {
                problems.push(problem);
            }
        }
        RefusedRow { raw: Some(self.raw.clone()), problems }
    }
}

/// The way back from the draft to the file.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    given: Vec<Given>,
    columns: bool,
}

#[derive(Clone, Debug)]
struct Given {
    pointer: String,
    row: u64,
    column: String,
    value: String,
}

impl Origin {
    /// The draft is the file's own form: its pointers are those of the file.
    pub(super) fn same_form() -> Self {
        Self::default()
    }

    /// The draft was made of the columns of `docs/import.md`, which tell where a missing value belongs.
    pub(super) fn of_columns() -> Self {
        Self { given: Vec::new(), columns: true }
    }

    pub(super) fn note(&mut self, pointer: String, row: u64, column: &str, value: &str) {
        self.given.push(Given { pointer, row, column: column.to_owned(), value: shortened(value) });
    }

    /// Says a fault of the draft in the words of the file.
    fn problem(&self, row: u64, violation: &Violation, draft: &Value) -> Problem {
        let pointer = violation.pointer.as_str();
        if let Some(given) = self.nearest(pointer) {
            return Problem::of_cell(given.row, &given.column, Some(&given.value), &violation.detail);
        }
        if self.columns
            && let Some(column) = columns::of_pointer(pointer)
        {
            return Problem::of_cell(row, column, None, &violation.detail);
        }
        let value = draft.pointer(pointer).map(|value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        match pointer {
            "" => Problem::of_row(row, &violation.detail),
            _ => Problem::of_cell(row, pointer, value.as_deref(), &violation.detail),
        }
    }

    /// The cell that gave this value, or the one it is part of, or the first that is part of it.
    fn nearest(&self, pointer: &str) -> Option<&Given> {
        let within = |outer: &str, inner: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'));
        let exact = self.given.iter().find(|given| given.pointer == pointer);
        let around = || self.given.iter().filter(|given| within(&given.pointer, pointer));
        let inside = || self.given.iter().find(|given| !pointer.is_empty() && within(pointer, &given.pointer));
        exact.or_else(|| around().max_by_key(|given| given.pointer.len())).or_else(inside)
    }
}
