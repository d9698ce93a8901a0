//! Reading offerings from CSV: one row an offering, or one for each of its sessions.
//!
//! A row with the external id of the row above, or with neither an external id nor a name, is a further session of
//! the offering above. These rows come in or are refused together, so that no offering loses a session silently.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::ExchangeError;
use super::cell::{self, ConceptNames, Kind};
use super::columns::{self, COLUMNS, Column, Level};
use super::input::Input;
use super::json::unreadable;
use super::pointer::{MAX_ITEMS, put};
use super::records::{Record, Records};
use super::row::{Origin, Problem, RefusedRow, SourceRow};
use crate::domain::{LanguageTag, Vocabulary, reader};

/// The rows of a CSV file of offerings.
pub(super) struct CsvRows {
    records: Records,
    header: Header,
    names: ConceptNames,
    group: Option<Group>,
    /// The first row of an offering that was refused because it has too many rows, while more of them come.
    overfull: Option<Record>,
    ready: VecDeque<Result<SourceRow, RefusedRow>>,
    ended: bool,
}

/// The rows of one offering.
struct Group {
    first: Record,
    further: Vec<Record>,
}

/// The columns of one file.
struct Header {
    raw: String,
    fields: Vec<Field>,
    /// The places of the columns that tell which offering a row belongs to.
    name: Option<usize>,
    external_id: Option<usize>,
    source: Option<usize>,
    municipality: Option<usize>,
}

enum Field {
    Column(&'static Column),
    /// A text in another language.
    Translated {
        language: LanguageTag,
        key: &'static str,
    },
}

impl CsvRows {
    /// Reads the header; its faults are those of the whole file.
    pub fn new(input: Input, vocabulary: &Vocabulary) -> Result<Self, ExchangeError> {
        let mut records = Records::new(input).map_err(ExchangeError::Read)?;
        let header = records.next().map_err(ExchangeError::Read)?;
        let header = read_header(header).map_err(ExchangeError::Unsuitable)?;
        let names = ConceptNames::new(vocabulary);
        Ok(Self { records, header, names, group: None, overfull: None, ready: VecDeque::new(), ended: false })
    }

    /// The header as it stood in the file.
    pub fn header(&self) -> &str {
        &self.header.raw
    }

    fn take(&mut self, record: Record) {
        if record.is_blank() {
            return;
        }
        if let Some(first) = &self.overfull {
            if self.header.continues(first, &record) {
                self.ready.push_back(Err(too_many_rows(first.row, &record)));
                return;
            }
            self.overfull = None;
        }
        match &mut self.group {
            Some(group) if self.header.continues(&group.first, &record) => {
                if group.further.len() + 1 < MAX_ITEMS {
                    group.further.push(record);
                    return;
                }
                // All of them are refused, a few at a time, so that no file makes this list grow without end.
                let Some(Group { first, further }) = self.group.take() else { return };
                for refused in [&first].into_iter().chain(&further).chain([&record]) {
                    self.ready.push_back(Err(too_many_rows(first.row, refused)));
                }
                self.overfull = Some(first);
            }
            _ => {
                self.finish_group();
                self.group = Some(Group { first: record, further: Vec::new() });
            }
        }
    }

    fn finish_group(&mut self) {
        if let Some(group) = self.group.take() {
            self.ready.push_back(self.header.read(group, &self.names));
        }
    }
}

fn too_many_rows(first: u64, record: &Record) -> RefusedRow {
    let detail = format!("this belongs to the offering of row {first}, which has more than {MAX_ITEMS} rows");
    RefusedRow { raw: record.raw.clone(), problems: vec![Problem::of_row(record.row, detail)] }
}

impl Iterator for CsvRows {
    type Item = Result<SourceRow, RefusedRow>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() && !self.ended {
            match self.records.next() {
                Ok(Some(record)) => self.take(record),
                Ok(None) => {
                    self.ended = true;
                    self.finish_group();
                }
                Err(error) => {
                    self.ended = true;
                    self.finish_group();
                    self.ready.push_back(Err(unreadable(&error)));
                }
            }
        }
        self.ready.pop_front()
    }
}

fn read_header(record: Option<Record>) -> Result<Header, Vec<Problem>> {
    let Some(record) = record else { return Err(vec![Problem::of_file("the file is empty")]) };
    if let Some(fault) = record.fault {
        return Err(vec![Problem::of_row(record.row, fault)]);
    }
    let mut problems = Vec::new();
    let mut fields = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    // Spreadsheets write empty cells after the last column.
    let used = record.cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1);
    for cell in &record.cells[..used] {
        let name = cell.to_lowercase();
        let problem = |detail: String| Problem::of_cell(record.row, cell, None, detail);
        if seen.contains(&name) {
            problems.push(problem("this column stands there twice".into()));
        }
        if let Some(column) = columns::named(&name) {
            fields.push(Field::Column(column));
        } else if let Some((language, key)) = columns::translated(&name) {
            fields.push(Field::Translated { language, key });
        } else {
            let known = COLUMNS.iter().map(|column| column.name);
            let nearest = reader::nearest_name(&name, known).map(|known| format!("; did you mean '{known}'?"));
            problems.push(problem(format!("this is not a column of this form{}", nearest.unwrap_or_default())));
        }
        seen.push(name);
    }
    let place = |name: &str| seen.iter().position(|seen| seen == name);
    if place("name").is_none() {
        let detail = "this column is missing; the first row must hold the names of the columns";
        problems.push(Problem::of_cell(record.row, "name", None, detail));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Header {
        raw: record.raw.unwrap_or_default(),
        name: place("name"),
        external_id: place("external_id"),
        source: place("source"),
        municipality: place("municipality"),
        fields,
    })
}

impl Header {
    /// Whether a record is a further session of the offering that begins at `first`.
    fn continues(&self, first: &Record, record: &Record) -> bool {
        fn cell(record: &Record, place: Option<usize>) -> &str {
            place.and_then(|place| record.cells.get(place)).map_or("", String::as_str)
        }
        if record.cells.is_empty() {
            return false; // Too long to know.
        }
        let same = |place: Option<usize>| ["", cell(first, place)].contains(&cell(record, place));
        let elsewhere = !same(self.source) || !same(self.municipality);
        match cell(record, self.external_id) {
            "" => !elsewhere && cell(record, self.name).is_empty(),
            id => !elsewhere && cell(first, self.external_id) == id,
        }
    }

    /// Makes one draft of the rows of an offering.
    fn read(&self, group: Group, names: &ConceptNames) -> Result<SourceRow, RefusedRow> {
        let Group { first, further } = &group;
        let records = || [first].into_iter().chain(further);
        let raws: Option<Vec<&str>> = records().map(|record| record.raw.as_deref()).collect();
        let raw = raws.map(|raws| raws.join("\n"));
        let problems: Vec<Problem> = records().filter_map(|record| self.unusable(record)).collect();
        let (true, Some(raw)) = (problems.is_empty(), &raw) else { return Err(RefusedRow { raw, problems }) };

        let mut made = Made { draft: json!({}), origin: Origin::of_columns(), faults: Vec::new(), sessions: 0 };
        self.read_record(first, true, names, &mut made);
        for record in further {
            for (field, (cell, above)) in self.fields.iter().zip(record.cells.iter().zip(&first.cells)) {
                if field.is_of_offering() && !cell.is_empty() && cell != above {
                    let detail = format!(
                        "row {} is of the same offering and has '{above}' here: repeat that, or leave this empty",
                        first.row
                    );
                    made.faults.push(Problem::of_cell(record.row, field.name(), Some(cell), detail));
                }
            }
            self.read_record(record, false, names, &mut made);
        }
        let Made { draft, origin, faults, .. } = made;
        let municipality = self.municipality.map(|place| first.cells[place].clone()).filter(|code| !code.is_empty());
        Ok(SourceRow { row: first.row, draft, municipality, origin, raw: raw.clone(), faults })
    }

    fn unusable(&self, record: &Record) -> Option<Problem> {
        if let Some(fault) = &record.fault {
            return Some(Problem::of_row(record.row, fault.clone()));
        }
        let (has, wants) = (record.cells.len(), self.fields.len());
        // Spreadsheets write empty cells after the last column.
        let surplus = record.cells.iter().skip(wants).any(|cell| !cell.is_empty());
        (has < wants || surplus).then(|| {
            let detail = format!(
                "this row has {has} cells and the header {wants}: a cell that holds a delimiter or a line end must \
                 stand between quotation marks"
            );
            Problem::of_row(record.row, detail)
        })
    }

    fn read_record(&self, record: &Record, is_first: bool, names: &ConceptNames, made: &mut Made) {
        let filled = || self.fields.iter().zip(&record.cells).filter(|(_, cell)| !cell.is_empty());
        let of_session = |field: &Field| matches!(field, Field::Column(column) if column.level == Level::Session);
        let has_session = !is_first || filled().any(|(field, _)| of_session(field));
        let session = format!("/sessions/{}", made.sessions);
        if has_session {
            made.sessions += 1;
            put(&mut made.draft, &session, json!({}));
        }
        for (field, cell) in filled() {
            match field {
                Field::Translated { language, key } if is_first => {
                    let pointer = made.translation(language);
                    made.put(format!("{pointer}/{key}"), cell.as_str().into(), record.row, &field.name(), cell);
                }
                Field::Column(column) => match column.level {
                    Level::Offering if is_first => made.read(record.row, "", column, cell, names),
                    Level::Tenant if is_first => {
                        made.origin.note(column.target.to_owned(), record.row, column.name, cell);
                    }
                    Level::Tenant | Level::Offering => {}
                    Level::Terms => made.read(record.row, if is_first { "" } else { &session }, column, cell, names),
                    Level::Session => made.read(record.row, &session, column, cell, names),
                },
                Field::Translated { .. } => {}
            }
        }
        if is_first {
            made.complete_offering();
        }
        if has_session {
            made.complete_place(&session);
        }
    }
}

impl Field {
    fn name(&self) -> String {
        match self {
            Self::Column(column) => column.name.to_owned(),
            Self::Translated { language, key, .. } => {
                let prefix =
                    columns::TRANSLATED.iter().find(|(_, known)| known == key).map_or("", |(prefix, _)| prefix);
                format!("{prefix}{language}")
            }
        }
    }

    fn is_of_offering(&self) -> bool {
        match self {
            Self::Column(column) => matches!(column.level, Level::Tenant | Level::Offering),
            Self::Translated { .. } => true,
        }
    }
}

/// What has been made of an offering's rows so far.
struct Made {
    draft: Value,
    origin: Origin,
    faults: Vec<Problem>,
    sessions: usize,
}

impl Made {
    fn put(&mut self, pointer: String, value: Value, row: u64, column: &str, cell: &str) {
        put(&mut self.draft, &pointer, value);
        self.origin.note(pointer, row, column, cell);
    }

    /// Puts what a cell says where it belongs, below `owner`.
    fn read(&mut self, row: u64, owner: &str, column: &Column, cell: &str, names: &ConceptNames) {
        let target = format!("{owner}{}", column.target);
        let one = |made: &mut Self, pointer: String, text: &str| match column.kind.read(text, names) {
            Ok(value) => made.put(pointer, value, row, column.name, text),
            Err(detail) => made.faults.push(Problem::of_cell(row, column.name, Some(text), detail)),
        };
        if let Some((list, key)) = target.split_once("/*/") {
            for (at, text) in cell::split(cell).iter().enumerate().filter(|(_, text)| !text.is_empty()) {
                one(self, format!("{list}/{}/{key}", at.min(MAX_ITEMS)), text);
            }
        } else if let Kind::Channel(kind) = column.kind {
            for text in &cell::items(cell) {
                let at = self.draft.pointer(&target).and_then(Value::as_array).map_or(0, Vec::len);
                put(&mut self.draft, &format!("{target}/{at}"), json!({ "type": kind }));
                one(self, format!("{target}/{at}/value"), text);
            }
        } else if column.kind == Kind::Weekdays || column.name == "rule" {
            if self.draft.pointer(&target).is_some() {
                let detail = "give either weekday or rule, not both";
                self.faults.push(Problem::of_cell(row, column.name, Some(cell), detail));
            } else {
                one(self, target, cell);
            }
        } else {
            one(self, target.clone(), cell);
            if let Some(Value::Array(items)) = self.draft.pointer(&target) {
                // A fault is mostly that of one value of the list.
                for (at, item) in items.clone().iter().enumerate() {
                    self.origin.note(format!("{target}/{at}"), row, column.name, item.as_str().unwrap_or_default());
                }
            }
        }
    }

    /// The translation into a language; a new one when there is none yet.
    fn translation(&mut self, language: &LanguageTag) -> String {
        let all = self.draft.get("translations").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let place = all.iter().position(|known| known["language"] == language.as_str());
        let pointer = format!("/translations/{}", place.unwrap_or(all.len()));
        if place.is_none() {
            put(&mut self.draft, &pointer, json!({ "language": language, "origin": "human" }));
        }
        pointer
    }

    /// Fills in the roles of organizations that name none.
    fn complete_offering(&mut self) {
        let Some(Value::Array(organizations)) = self.draft.pointer_mut("/organization") else { return };
        for (at, organization) in organizations.iter_mut().enumerate() {
            if let Value::Object(organization) = organization {
                organization.entry("role").or_insert(if at == 0 { "lead" } else { "partner" }.into());
            }
        }
    }

    /// Fills in what kind of place it is when the columns about it tell.
    fn complete_place(&mut self, session: &str) {
        let Some(Value::Object(place)) = self.draft.pointer_mut(&format!("{session}/place")) else { return };
        if !place.contains_key("type") {
            let online = place.keys().all(|key| key == "url");
            place.insert("type".into(), if online { "virtual" } else { "physical" }.into());
        }
    }
}
