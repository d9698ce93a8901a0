mod area_files;
mod documents;
mod features;
mod reports;
mod round_trip;
mod sheets;
mod wordings;

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use super::*;

fn vocabulary() -> &'static Vocabulary {
    static VOCABULARY: LazyLock<Vocabulary> =
        LazyLock::new(|| crate::vocabulary::load(None).expect("the embedded vocabulary"));
    &VOCABULARY
}

fn input(bytes: impl Into<Vec<u8>>) -> Input {
    Input::new(Cursor::new(bytes.into()), None).expect("these bytes can be opened")
}

/// What is seen of each row: its number with the name that was read, or the problems.
fn seen(format: Format, bytes: impl Into<Vec<u8>>) -> Vec<Result<(u64, String), Vec<String>>> {
    let options = ReadOptions { format, vocabulary: vocabulary(), mapping: None, source: Some("test") };
    let told = |refused: RefusedRow| refused.problems.iter().map(ToString::to_string).collect::<Vec<_>>();
    let rows = read(input(bytes), options).expect("a file that can be used");
    rows.map(|row| {
        let row = row.map_err(told)?;
        Ok((row.row, row.check(vocabulary()).map_err(told)?.name))
    })
    .collect()
}

/// The problems of a file that is refused as a whole.
fn unsuitable(format: Format, bytes: impl Into<Vec<u8>>) -> String {
    let options = ReadOptions { format, vocabulary: vocabulary(), mapping: None, source: None };
    let whole = Input::new(Cursor::new(bytes.into()), None).and_then(|input| read(input, options).map(|_| ()));
    whole.expect_err("it should be refused").to_string()
}

/// A file that lies beside the working copy, or nothing and a loud word.
fn beside(name: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = root.ancestors().map(|folder| folder.join("shared/geo").join(name)).find(|path| path.exists());
    if found.is_none() {
        eprintln!("SKIPPED: shared/geo/{name} is not at hand");
    }
    found
}
