//! The bytes of a file: unpacked, without a byte order mark, and counted for a progress bar.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;

use super::ExchangeError;
use super::row::Problem;

/// The most bytes of one row: a line of NDJSON, a record of CSV, an element of a JSON list.
pub const MAX_ROW_BYTES: usize = 1_000_000;

/// A file to import, plain or packed with gzip; the content tells which.
pub struct Input {
    pub(super) bytes: Box<dyn BufRead + Send>,
    pub(super) progress: Progress,
}

/// How far a file has been read.
#[derive(Clone, Debug)]
pub struct Progress {
    read: Arc<AtomicU64>,
    size: Option<u64>,
}

impl Progress {
    /// How many bytes of the file have been read; of a packed file, of the packed bytes.
    pub fn position(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// How many bytes the file has, if that is known.
    pub fn size(&self) -> Option<u64> {
        self.size
    }
}

impl Input {
    /// Opens a file.
    pub fn open(path: &Path) -> Result<Self, ExchangeError> {
        let unreadable = |cause| ExchangeError::Unreadable { path: path.into(), cause };
        let file = File::open(path).map_err(unreadable)?;
        let size = file.metadata().map_err(unreadable)?.len();
        Self::new(file, Some(size))
    }

    /// Takes bytes from anywhere, of which there are `size` if that is known.
    pub fn new(bytes: impl Read + Send + 'static, size: Option<u64>) -> Result<Self, ExchangeError> {
        let progress = Progress { read: Arc::default(), size };
        let counted = Counted { bytes, read: Arc::clone(&progress.read) };
        let (head, all) = look_ahead(BufReader::with_capacity(BUFFER, counted))?;
        let unpacked: Box<dyn BufRead + Send> = match head {
            [0x1f, 0x8b, ..] => Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(all))),
            _ => Box::new(all),
        };
        let (head, mut all) = look_ahead(unpacked)?;
        match head {
            [0xef, 0xbb, 0xbf, _] => all.consume(3),
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, _, 0, _] | [_, 0, _, 0] => {
                return Err(ExchangeError::Unsuitable(vec![Problem::of_file(
                    "the file looks like UTF-16: save it as UTF-8 (in a spreadsheet: CSV UTF-8)",
                )]));
            }
            _ => {}
        }
        Ok(Self { bytes: Box::new(all), progress })
    }
}

const BUFFER: usize = 64 * 1024;

/// Bytes that were looked at, and those that come after them.
type Whole<R> = io::Chain<Cursor<Vec<u8>>, R>;

/// The first four bytes, spaces where there are none, and a reader of all bytes.
fn look_ahead<R: BufRead>(mut bytes: R) -> Result<([u8; 4], Whole<R>), ExchangeError> {
    let mut start = Vec::with_capacity(4);
    bytes.by_ref().take(4).read_to_end(&mut start).map_err(ExchangeError::Read)?;
    // A file of less than four bytes must not look like UTF-16, so what is missing is no zero.
    let mut head = [b' '; 4];
    head[..start.len()].copy_from_slice(&start);
    Ok((head, Cursor::new(start).chain(bytes)))
}

struct Counted<R> {
    bytes: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.bytes.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// Text that is perhaps not UTF-8: as it stands, or read as Windows-1252 together with what to say about it.
///
/// Windows-1252 is what spreadsheets on Dutch computers write when nobody asks for UTF-8, so the text that is kept
/// for a refused row is most likely already right.
pub(super) fn decode(bytes: Vec<u8>) -> (String, Option<String>) {
    match String::from_utf8(bytes) {
        Ok(text) => (text, None),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let bytes = error.into_bytes();
            let read = |bytes: &[u8]| encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned();
            let near: String = {
                let before = String::from_utf8_lossy(&bytes[..at]).chars().rev().take(12).collect::<Vec<_>>();
                let after = read(&bytes[at..]).chars().take(12).collect::<Vec<_>>();
                before.into_iter().rev().chain(after).filter(|c| !c.is_control()).collect()
            };
            let detail = format!(
                "this is not UTF-8 but looks like Windows-1252 (\"{near}\"): save the file as UTF-8; \
                 in the file of refused rows it is read as Windows-1252"
            );
            (read(&bytes), Some(detail))
        }
    }
}
