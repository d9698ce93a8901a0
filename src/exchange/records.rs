//! The records of a CSV file, one at a time, with the text they were written as.
//!
//! The rules of quoting are those of `csv-core`. It is used directly because the reader of `csv` puts no bound on the
//! length of a record and does not keep what it read.

use std::io::{self, BufRead, Cursor, Read};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::cell;
use super::input::{self, Input, MAX_ROW_BYTES};
use super::json::{skip_line, too_long};

/// One record.
#[derive(Debug)]
pub(super) struct Record {
    /// Its number as a spreadsheet counts: the header is row 1.
    pub row: u64,
    /// Its cells, trimmed and without the guard against formulas.
    pub cells: Vec<String>,
    /// Its text without the line end; nothing when it was too long to keep.
    pub raw: Option<String>,
    /// Why it cannot be used.
    pub fault: Option<String>,
}

impl Record {
    /// Whether no cell holds anything, as in the rows that spreadsheets leave below a table.
    pub fn is_blank(&self) -> bool {
        self.fault.is_none() && self.cells.iter().all(String::is_empty)
    }
}

pub(super) struct Records {
    bytes: Box<dyn BufRead + Send>,
    reader: Reader,
    row: u64,
    /// Whether the record before ended with a carriage return, so that a line feed that comes now belongs to it.
    half_end: bool,
    output: Vec<u8>,
    ends: Vec<usize>,
}

impl Records {
    /// Begins to read; the delimiter is the one that stands most often in the first line: comma, semicolon or tab.
    pub fn new(mut input: Input) -> io::Result<Self> {
        let mut head = Vec::new();
        input.bytes.by_ref().take(MAX_ROW_BYTES as u64).read_until(b'\n', &mut head)?;
        let count = |delimiter: u8| head.iter().filter(|byte| **byte == delimiter).count();
        let mut delimiter = b',';
        for other in *b";\t" {
            if count(other) > count(delimiter) {
                delimiter = other;
            }
        }
        Ok(Self {
            bytes: Box::new(Cursor::new(head).chain(input.bytes)),
            reader: ReaderBuilder::new().delimiter(delimiter).build(),
            row: 0,
            half_end: false,
            output: vec![0; 4096],
            ends: vec![0; 256],
        })
    }

    /// The next record that is not an empty line; nothing at the end of the file.
    pub fn next(&mut self) -> io::Result<Option<Record>> {
        let mut raw = Vec::new();
        let (mut output_len, mut cells) = (0, 0);
        let at_end = loop {
            let chunk = self.bytes.fill_buf()?;
            let at_end = chunk.is_empty();
            let (result, read, written, ended) =
                self.reader.read_record(chunk, &mut self.output[output_len..], &mut self.ends[cells..]);
            raw.extend_from_slice(&chunk[..read]);
            self.bytes.consume(read);
            output_len += written;
            cells += ended;
            match result {
                ReadRecordResult::OutputFull => self.output.resize(self.output.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record => break at_end,
                ReadRecordResult::End => return Ok(None),
                ReadRecordResult::InputEmpty => {}
            }
            if raw.len() > MAX_ROW_BYTES {
                return self.give_up(&raw).map(Some);
            }
        };
        self.row += 1 + self.skipped_lines(&raw);
        self.half_end = raw.last() == Some(&b'\r');
        if raw.len() > MAX_ROW_BYTES {
            let fault = Some(too_long(MAX_ROW_BYTES));
            return Ok(Some(Record { row: self.row, cells: Vec::new(), raw: None, fault }));
        }
        let open_quote = at_end && raw.iter().filter(|byte| **byte == b'"').count() % 2 == 1;
        let (text, not_utf8) = input::decode(raw);
        let text = text.trim_start_matches(['\r', '\n']).trim_end_matches(['\r', '\n']);
        let mut start = 0;
        let mut texts = Vec::with_capacity(cells);
        for end in &self.ends[..cells] {
            let (cell, _) = input::decode(self.output[start..*end].to_vec());
            texts.push(cell::unguard(cell.trim()).to_owned());
            start = *end;
        }
        let open_quote = open_quote.then(|| {
            "a quotation mark opens a cell that never ends, so the rest of the file is part of it: close it, or \
             double it when it is part of the text"
                .to_owned()
        });
        let fault = not_utf8.or(open_quote);
        Ok(Some(Record { row: self.row, cells: texts, raw: Some(text.to_owned()), fault }))
    }

    /// Leaves a record that is too long, most likely because of a quotation mark that is never closed, and goes on
    /// at the next line.
    fn give_up(&mut self, raw: &[u8]) -> io::Result<Record> {
        self.row += 1 + self.skipped_lines(raw);
        if raw.last() != Some(&b'\n') {
            skip_line(&mut self.bytes)?;
        }
        self.reader.reset();
        self.half_end = false;
        let mut fault = too_long(MAX_ROW_BYTES);
        if raw.contains(&b'\n') {
            fault += "; perhaps a quotation mark opens a cell and is never closed";
        }
        Ok(Record { row: self.row, cells: Vec::new(), raw: None, fault: Some(fault) })
    }

    /// How many empty lines come before a record.
    fn skipped_lines(&self, raw: &[u8]) -> u64 {
        let ends = raw.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let mut lines = 0;
        let mut before = if self.half_end { b'\r' } else { b' ' };
        for byte in &raw[..ends] {
            if !(*byte == b'\n' && before == b'\r') {
                lines += 1;
            }
            before = *byte;
        }
        lines
    }
}
