//! What came of an import: counts, the problems in a report file, and the refused rows in a file to mend.
//!
//! Problems and rows are written as they come, so a file with a million faults needs no more memory than one with ten.

use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::Format;
use super::cell::{BOM, quoted};
use super::row::{Problem, RefusedRow};
use crate::domain::Tally;

/// How many problems are kept to be shown on a screen.
const SHOWN: usize = 20;

/// What came of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// How many came in for the first time.
    pub new: u64,
    /// How many were changed.
    pub changed: u64,
    /// How many were the same already.
    pub same: u64,
    /// How many were refused.
    pub refused: u64,
    /// How many problems there were; a refused row may have several.
    pub problem_count: u64,
    /// The first problems.
    pub first_problems: Vec<Problem>,
    /// How many things were taken in and not understood.
    #[serde(skip_serializing_if = "is_none")]
    pub notice_count: u64,
    /// The first of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub first_notices: Vec<Problem>,
    /// Where all problems are.
    pub report_file: Option<PathBuf>,
    /// Where the refused rows are.
    pub refused_file: Option<PathBuf>,
}

fn is_none(count: &u64) -> bool {
    *count == 0
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { new, changed, same, refused, .. } = self;
        writeln!(f, "{new} new, {changed} changed, {same} the same, {refused} refused")?;
        for problem in &self.first_problems {
            writeln!(f, "  {problem}")?;
        }
        let more = self.problem_count - self.first_problems.len() as u64;
        if more > 0 {
            writeln!(f, "  and {more} more problems")?;
        }
        for notice in &self.first_notices {
            writeln!(f, "  {notice}")?;
        }
        let more = self.notice_count - self.first_notices.len() as u64;
        if more > 0 {
            writeln!(f, "  and {more} more that were not understood")?;
        }
        if let Some(path) = &self.report_file {
            writeln!(f, "The report is in {}.", path.display())?;
        }
        if let Some(path) = &self.refused_file {
            writeln!(f, "The refused rows are in {}: mend them and import that file.", path.display())?;
        }
        Ok(())
    }
}

/// Why a report cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A file cannot be written.
    #[error("the report {path} cannot be written")]
    Write {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// The report would take the place of the file that is imported.
    #[error("the report would be written over {0}, which is being imported: choose another name")]
    OverInput(PathBuf),
}

/// Keeps count, and writes the report and the refused rows.
pub struct Reporter {
    report: Report,
    problems: Option<ProblemFile>,
    refused: Option<RefusedFile>,
}

impl Reporter {
    /// Begins a report on `input`, a file of this format.
    ///
    /// With a path the problems go there, as JSON if it ends in `.json` and as CSV otherwise, and refused rows into
    /// `….refused.` beside it, in the form of `input` (a list of JSON as NDJSON). Both get their names when they are
    /// whole. `header` is the header of a CSV file.
    pub fn new(path: Option<&Path>, input: &Path, format: Format, header: Option<&str>) -> Result<Self, ReportError> {
        let mut reporter = Self { report: Report::default(), problems: None, refused: None };
        let Some(path) = path else { return Ok(reporter) };
        let refused_format = if format == Format::Json { Format::Ndjson } else { format };
        let refused = path.with_extension(format!("refused.{}", refused_format.as_str()));
        for path in [path, &refused] {
            if let (Ok(path), Ok(input)) = (path.canonicalize(), input.canonicalize())
                && path == input
            {
                return Err(ReportError::OverInput(input));
            }
        }
        let as_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        reporter.problems = Some(ProblemFile::create(path, as_json)?);
        reporter.refused =
            Some(RefusedFile { path: refused, format: refused_format, header: header.map(Into::into), file: None });
        Ok(reporter)
    }

    /// Tells a refused row's problems and keeps the row.
    pub fn refuse(&mut self, row: &RefusedRow) -> Result<(), ReportError> {
        self.report.refused += 1;
        for problem in &row.problems {
            self.report.problem_count += 1;
            if self.report.first_problems.len() < SHOWN {
                self.report.first_problems.push(problem.clone());
            }
            if let Some(file) = &mut self.problems {
                file.write(problem)?;
            }
        }
        if let (Some(file), Some(raw)) = (&mut self.refused, &row.raw) {
            file.write(raw)?;
        }
        Ok(())
    }

    /// Tells what was taken in and not understood.
    pub fn note(&mut self, notice: &Problem) -> Result<(), ReportError> {
        self.report.notice_count += 1;
        if self.report.first_notices.len() < SHOWN {
            self.report.first_notices.push(notice.clone());
        }
        if let Some(file) = &mut self.problems {
            file.write(notice)?;
        }
        Ok(())
    }

    /// How many rows were refused so far.
    pub fn refused(&self) -> u64 {
        self.report.refused
    }

    /// Ends the report: the files are whole and have their names.
    pub fn finish(mut self, accepted: Tally) -> Result<Report, ReportError> {
        let Tally { new, changed, same } = accepted;
        self.report = Report { new, changed, same, ..self.report };
        if let Some(file) = self.refused.take() {
            self.report.refused_file = file.finish()?;
        }
        if let Some(file) = self.problems.take() {
            self.report.report_file = Some(file.finish(&self.report)?);
        }
        Ok(self.report)
    }
}

/// A file that gets its name when it is whole.
struct Growing {
    path: PathBuf,
    part: PathBuf,
    out: BufWriter<File>,
}

impl Growing {
    fn create(path: &Path) -> Result<Self, ReportError> {
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let file = File::create(&part).map_err(|cause| ReportError::Write { path: part.clone(), cause })?;
        Ok(Self { path: path.into(), part, out: BufWriter::new(file) })
    }

    fn write(&mut self, text: &str) -> Result<(), ReportError> {
        self.out.write_all(text.as_bytes()).map_err(|cause| ReportError::Write { path: self.part.clone(), cause })
    }

    fn finish(mut self) -> Result<PathBuf, ReportError> {
        let done = self.out.flush().and_then(|()| std::fs::rename(&self.part, &self.path));
        done.map_err(|cause| ReportError::Write { path: self.path.clone(), cause })?;
        Ok(self.path)
    }
}

struct ProblemFile {
    file: Growing,
    as_json: bool,
    any: bool,
}

impl ProblemFile {
    fn create(path: &Path, as_json: bool) -> Result<Self, ReportError> {
        let mut file = Growing::create(path)?;
        match as_json {
            true => file.write("{\"problems\":[")?,
            false => file.write(&format!("{BOM}row,column,value,problem\n"))?,
        }
        Ok(Self { file, as_json, any: false })
    }

    fn write(&mut self, problem: &Problem) -> Result<(), ReportError> {
        if self.as_json {
            let comma = if self.any { "," } else { "" };
            // A struct of numbers and texts always becomes JSON.
            let json = serde_json::to_string(problem).unwrap_or_default();
            self.any = true;
            return self.file.write(&format!("{comma}\n{json}"));
        }
        let row = problem.row.map(|row| row.to_string()).unwrap_or_default();
        let cell = |text: &Option<String>| quoted(text.as_deref().unwrap_or_default());
        let line = format!("{row},{},{},{}\n", cell(&problem.column), cell(&problem.value), quoted(&problem.problem));
        self.file.write(&line)
    }

    fn finish(mut self, report: &Report) -> Result<PathBuf, ReportError> {
        if self.as_json {
            let Report { new, changed, same, refused, .. } = report;
            self.file.write(&format!(
                "\n],\n\"new\":{new},\"changed\":{changed},\"same\":{same},\"refused\":{refused}}}\n"
            ))?;
        }
        self.file.finish()
    }
}

/// The refused rows, in a file that is made when the first comes.
struct RefusedFile {
    path: PathBuf,
    format: Format,
    header: Option<String>,
    file: Option<Growing>,
}

impl RefusedFile {
    fn write(&mut self, raw: &str) -> Result<(), ReportError> {
        let before = match (&self.file, self.format) {
            (None, Format::GeoJson) => "{\"type\":\"FeatureCollection\",\"features\":[\n",
            (Some(_), Format::GeoJson) => ",\n",
            _ => "",
        };
        let file = match &mut self.file {
            Some(file) => file,
            None => {
                let mut file = Growing::create(&self.path)?;
                if let Some(header) = &self.header {
                    file.write(&format!("{header}\n"))?;
                }
                self.file.insert(file)
            }
        };
        file.write(before)?;
        match self.format {
            Format::Csv => file.write(&format!("{raw}\n")),
            Format::GeoJson => file.write(raw),
            // Between the values of JSON a line end is white space, and within them it cannot stand.
            Format::Json | Format::Ndjson => file.write(&(raw.replace(['\r', '\n'], " ") + "\n")),
        }
    }

    fn finish(self) -> Result<Option<PathBuf>, ReportError> {
        let Some(mut file) = self.file else { return Ok(None) };
        if self.format == Format::GeoJson {
            file.write("\n]}\n")?;
        }
        file.finish().map(Some)
    }
}
