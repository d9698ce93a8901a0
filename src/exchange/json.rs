//! Rows of JSON, one at a time: lines of NDJSON, or the elements of a list.
//!
//! Only the row at hand is in memory, and none that is longer than its limit, so that a file of any size, well formed
//! or not, needs little.

use std::io::{self, BufRead, Read};
use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::input::{self, Input};
use super::row::{Problem, RefusedRow};

/// One row, read as a `T`.
pub(super) struct JsonRow<T> {
    pub row: u64,
    pub value: T,
    pub raw: String,
}

/// The rows of a file, each read as a `T` or refused.
pub(super) struct JsonRows<T> {
    texts: Texts,
    ended: bool,
    value: PhantomData<fn() -> T>,
}

enum Texts {
    Lines(Lines),
    Elements(Elements),
}

/// The bytes of one row; nothing when there are more than the limit.
struct Text {
    row: u64,
    line: u64,
    bytes: Option<Vec<u8>>,
}

/// Why no more rows can be read.
enum Stop {
    Failed(io::Error),
    Broken { row: u64, bytes: Vec<u8>, detail: String },
}

impl<T: DeserializeOwned> JsonRows<T> {
    /// Reads a row from each line; empty lines are skipped.
    pub fn lines(input: Input, limit: usize) -> Self {
        Self::new(Texts::Lines(Lines { bytes: input.bytes, line: 0, limit }))
    }

    /// Reads the elements of a list; the list may stand in an object under `key`; any other object is the only row.
    pub fn elements(input: Input, key: &'static str, limit: usize) -> Self {
        Self::new(Texts::Elements(Elements { bytes: input.bytes, key, limit, line: 1, row: 0, state: State::Start }))
    }

    fn new(texts: Texts) -> Self {
        Self { texts, ended: false, value: PhantomData }
    }

    fn read(&mut self, text: Text) -> Result<JsonRow<T>, RefusedRow> {
        let Text { row, line, bytes } = text;
        let refused = |raw, detail| RefusedRow { raw, problems: vec![Problem::of_row(row, detail)] };
        let Some(bytes) = bytes else { return Err(refused(None, self.texts.too_long())) };
        let (raw, not_utf8) = input::decode(bytes);
        if let Some(detail) = not_utf8 {
            return Err(refused(Some(raw), detail));
        }
        let error = match serde_json::from_str(&raw) {
            Ok(value) => return Ok(JsonRow { row, value, raw }),
            Err(error) => error,
        };
        let what = error.to_string();
        let what = what.split(" at line ").next().unwrap_or_default();
        if error.classify() == Category::Data {
            return Err(refused(Some(raw), format!("this is not of the expected form: {what}")));
        }
        let at = format!("line {}, column {}", line + error.line() as u64 - 1, error.column());
        let mut detail = format!("this is not valid JSON: {what} ({at})");
        if let Texts::Elements(_) = self.texts {
            // Where the next element begins is a guess from here on, and a guess may bring in nonsense.
            self.ended = true;
            detail += "; what comes after it was not read: mend it and import the whole file again";
        }
        Err(refused(Some(raw), detail))
    }
}

impl<T: DeserializeOwned> Iterator for JsonRows<T> {
    type Item = Result<JsonRow<T>, RefusedRow>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = match &mut self.texts {
            Texts::Lines(lines) => lines.next().map_err(Stop::Failed),
            Texts::Elements(elements) => elements.next(),
        };
        match next {
            Ok(Some(text)) => Some(self.read(text)),
            Ok(None) => {
                self.ended = true;
                None
            }
            Err(Stop::Failed(error)) => {
                self.ended = true;
                Some(Err(unreadable(&error)))
            }
            Err(Stop::Broken { row, bytes, detail }) => {
                self.ended = true;
                let raw = (!bytes.is_empty()).then(|| input::decode(bytes).0);
                Some(Err(RefusedRow { raw, problems: vec![Problem::of_row(row, detail)] }))
            }
        }
    }
}

/// The last line of a report when the bytes end early.
pub(super) fn unreadable(error: &io::Error) -> RefusedRow {
    let problem = Problem::of_file(format!("the file cannot be read any further: {error}"));
    RefusedRow { raw: None, problems: vec![problem] }
}

/// What is said of a row longer than the limit in bytes.
pub(super) fn too_long(limit: usize) -> String {
    format!(
        "this is longer than {} MB and was skipped; it is not in the file of refused rows: mend it in the file itself",
        limit / 1_000_000
    )
}

impl Texts {
    fn too_long(&self) -> String {
        too_long(match self {
            Self::Lines(lines) => lines.limit,
            Self::Elements(elements) => elements.limit,
        })
    }
}

struct Lines {
    bytes: Box<dyn BufRead + Send>,
    line: u64,
    limit: usize,
}

impl Lines {
    fn next(&mut self) -> io::Result<Option<Text>> {
        loop {
            let mut bytes = Vec::new();
            // Two more than the limit, for the line end.
            self.bytes.by_ref().take(self.limit as u64 + 2).read_until(b'\n', &mut bytes)?;
            if bytes.is_empty() {
                return Ok(None);
            }
            self.line += 1;
            let whole = bytes.last() == Some(&b'\n');
            let text = bytes.trim_ascii();
            if text.len() > self.limit {
                if !whole {
                    skip_line(&mut self.bytes)?;
                }
                return Ok(Some(Text { row: self.line, line: self.line, bytes: None }));
            }
            if !whole && bytes.len() > self.limit {
                skip_line(&mut self.bytes)?; // A line end of two bytes, or white space after a row that fits.
            }
            if !text.is_empty() {
                return Ok(Some(Text { row: self.line, line: self.line, bytes: Some(text.to_vec()) }));
            }
        }
    }
}

/// Reads up to and including the next line end, and keeps none of it.
pub(super) fn skip_line(bytes: &mut impl BufRead) -> io::Result<()> {
    let mut skipped = Vec::new();
    loop {
        skipped.clear();
        let count = bytes.by_ref().take(64 * 1024).read_until(b'\n', &mut skipped)?;
        if count == 0 || skipped.last() == Some(&b'\n') {
            return Ok(());
        }
    }
}

/// The elements of a list, found by brackets and quotes alone.
struct Elements {
    bytes: Box<dyn BufRead + Send>,
    key: &'static str,
    limit: usize,
    line: u64,
    row: u64,
    state: State,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Start,
    /// In the list; whether an object is around it.
    List {
        wrapped: bool,
    },
    End,
}

/// What [`Elements::value`] found.
enum Found {
    Value,
    TooLong,
    /// No value begins here.
    Nothing,
    /// The file ends within the value.
    End,
}

impl Elements {
    fn next(&mut self) -> Result<Option<Text>, Stop> {
        if self.state == State::Start {
            let only = self.start()?;
            if only.is_some() {
                return Ok(only);
            }
        } else if let State::List { wrapped } = self.state {
            match self.peek()? {
                Some(b',') => self.step(),
                Some(b']') => return self.end(wrapped),
                Some(_) => return Err(self.broken("here should be a comma or the end of the list")),
                None => return Err(self.broken("the file ends within the list: it is not whole")),
            }
        } else {
            return Ok(None);
        }
        let State::List { wrapped } = self.state else { return Ok(None) };
        if self.row == 0 && self.peek()? == Some(b']') {
            return self.end(wrapped);
        }
        self.row += 1;
        self.peek()?;
        let line = self.line;
        let mut bytes = Vec::new();
        let found = self.value(&mut bytes)?;
        let row = self.row;
        match found {
            Found::Value => Ok(Some(Text { row, line, bytes: Some(bytes) })),
            Found::TooLong => Ok(Some(Text { row, line, bytes: None })),
            Found::Nothing => Err(self.broken("here should be an element of the list")),
            Found::End => {
                let detail = format!(
                    "the element that begins at line {line} never ends, so nothing after it was read: \
                     mend it and import the whole file again"
                );
                Err(Stop::Broken { row, bytes, detail })
            }
        }
    }

    /// Finds the list. Gives the only row when the file is an object without the key.
    fn start(&mut self) -> Result<Option<Text>, Stop> {
        match self.peek()? {
            Some(b'[') => {
                self.step();
                self.state = State::List { wrapped: false };
                return Ok(None);
            }
            Some(b'{') => self.step(),
            Some(_) => return Err(self.broken("this is neither a list nor an object of JSON")),
            None => return Err(self.broken("the file is empty")),
        }
        let line = self.line;
        let mut whole = vec![b'{'];
        while self.peek_after(&mut whole, line)? == Some(b'"') {
            let mut key = Vec::new();
            self.value(&mut key)?;
            let is_list = key.strip_prefix(b"\"").and_then(|key| key.strip_suffix(b"\"")) == Some(self.key.as_bytes());
            whole.append(&mut key);
            if self.peek_after(&mut whole, line)? == Some(b':') {
                self.step();
                whole.push(b':');
            }
            if self.peek_after(&mut whole, line)? == Some(b'[') && is_list {
                self.step();
                self.state = State::List { wrapped: true };
                return Ok(None);
            }
            if let Found::TooLong = self.value(&mut whole)? {
                self.state = State::End;
                return Ok(Some(Text { row: 1, line, bytes: None }));
            }
            if self.peek_after(&mut whole, line)? == Some(b',') {
                self.step();
                whole.push(b',');
            }
        }
        if self.peek()? == Some(b'}') {
            self.step();
            whole.push(b'}');
        }
        // Whether this is JSON at all is seen when it is read.
        self.row = 1;
        self.end_of_file()?;
        Ok(Some(Text { row: 1, line, bytes: Some(whole) }))
    }

    /// The next byte that is not white space; of the white space only line ends are kept, to count lines by.
    fn peek_after(&mut self, whole: &mut Vec<u8>, first_line: u64) -> Result<Option<u8>, Stop> {
        let next = self.peek()?;
        let kept = whole.iter().filter(|byte| **byte == b'\n').count() as u64;
        whole.resize(whole.len() + (self.line - first_line - kept) as usize, b'\n');
        Ok(next)
    }

    /// Ends the list, and with it the file but for the rest of the object around it.
    fn end(&mut self, wrapped: bool) -> Result<Option<Text>, Stop> {
        self.step();
        if wrapped {
            while let Some(next) = self.peek()? {
                if next == b'}' {
                    break;
                }
                let mut ignored = Vec::new();
                if let Found::Nothing = self.value(&mut ignored)? {
                    self.step(); // A comma or a colon.
                }
            }
            if self.peek()?.is_none() {
                return Err(self.broken("the file ends within the object around the list: it is not whole"));
            }
            self.step();
        }
        self.end_of_file()?;
        Ok(None)
    }

    fn end_of_file(&mut self) -> Result<(), Stop> {
        self.state = State::End;
        match self.peek()? {
            None => Ok(()),
            Some(_) => Err(self.broken("something comes after the end of the JSON document; it was not read")),
        }
    }

    fn broken(&self, detail: &str) -> Stop {
        let detail = format!("{detail} (line {})", self.line);
        Stop::Broken { row: self.row.max(1), bytes: Vec::new(), detail }
    }

    /// The next byte that is not white space.
    fn peek(&mut self) -> Result<Option<u8>, Stop> {
        loop {
            let chunk = self.bytes.fill_buf().map_err(Stop::Failed)?;
            let Some(first) = chunk.first() else { return Ok(None) };
            let blank = chunk.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            if blank == 0 {
                return Ok(Some(*first));
            }
            self.line += chunk[..blank].iter().filter(|byte| **byte == b'\n').count() as u64;
            self.bytes.consume(blank);
        }
    }

    /// Steps over the byte that was peeked at.
    fn step(&mut self) {
        self.bytes.consume(1);
    }

    /// Adds the bytes of one value to those there, up to the limit: what stands between matching brackets or
    /// quotes, or runs to the next delimiter. The first byte is not white space.
    fn value(&mut self, into: &mut Vec<u8>) -> Result<Found, Stop> {
        let (mut depth, mut quoted, mut escaped) = (0u64, false, false);
        let (mut begun, mut too_long) = (false, false);
        loop {
            let chunk = self.bytes.fill_buf().map_err(Stop::Failed)?;
            if chunk.is_empty() {
                return Ok(if begun && depth == 0 && !quoted { Found::Value } else { Found::End });
            }
            let mut count = 0;
            let mut ended = false;
            for byte in chunk {
                if escaped {
                    escaped = false;
                } else if quoted {
                    match byte {
                        b'\\' => escaped = true,
                        b'"' => {
                            quoted = false;
                            ended = depth == 0;
                        }
                        _ => {}
                    }
                } else {
                    match byte {
                        b'"' if begun && depth == 0 => break,
                        b'"' => quoted = true,
                        b'{' | b'[' if begun && depth == 0 => break,
                        b'{' | b'[' => depth += 1,
                        b'}' | b']' if depth > 0 => {
                            depth -= 1;
                            ended = depth == 0;
                        }
                        b'}' | b']' | b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' if depth == 0 => break,
                        _ => {}
                    }
                }
                begun = true;
                if *byte == b'\n' {
                    self.line += 1;
                }
                count += 1;
                if ended {
                    break;
                }
            }
            too_long |= into.len() + count > self.limit;
            if too_long {
                into.clear();
            } else {
                into.extend_from_slice(&chunk[..count]);
            }
            // Fewer than all bytes: the value is over, by its own end or by what comes after it.
            let over = ended || count < chunk.len();
            self.bytes.consume(count);
            if over {
                return Ok(match (begun, too_long) {
                    (false, _) => Found::Nothing,
                    (true, true) => Found::TooLong,
                    (true, false) => Found::Value,
                });
            }
        }
    }
}
