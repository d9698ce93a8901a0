//! Keeps what was learned in a file beside the index, so that a node that starts again need not learn it again, which takes
//! seconds. A file that is missing, damaged or of another lesson is no fault: then it is learned.

use std::fs::File;
use std::io::{Error, Result, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Learned;

/// The file: a hash, and what was learned in the form of the postcard library.
const FILE: &str = "learned";
const HASH: usize = 32;

/// What was learned, as it is kept.
#[derive(Serialize, Deserialize)]
pub(in crate::search) struct Kept {
    /// How many offerings the index had when it was learned.
    pub offerings: u64,
    /// What was learned.
    pub learned: Learned,
}

impl Kept {
    /// What a folder keeps of the lesson with this fingerprint, if it does.
    pub fn read(folder: &Path, lesson: &[u8; HASH]) -> Option<Self> {
        let bytes = std::fs::read(path(folder)).ok()?;
        let (hash, body) = bytes.split_at_checked(HASH)?;
        if hash != hash_of(body, lesson) {
            return None;
        }
        postcard::from_bytes(body).ok()
    }

    /// Keeps it in a folder, all at once.
    pub fn write(&self, folder: &Path, lesson: &[u8; HASH]) -> Result<()> {
        let body = postcard::to_stdvec(self).map_err(Error::other)?;
        let written = path(folder).with_extension("new");
        let mut file = File::create(&written)?;
        file.write_all(&hash_of(&body, lesson))?;
        file.write_all(&body)?;
        std::fs::rename(written, path(folder))
    }
}

fn path(folder: &Path) -> PathBuf {
    folder.join(FILE)
}

/// Tells at once of what lesson it is and whether it is whole.
fn hash_of(body: &[u8], lesson: &[u8; HASH]) -> [u8; HASH] {
    Sha256::new().chain_update(lesson).chain_update(body).finalize().into()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::domain::{Lexicon, Scheme, Vocabulary};
    use crate::search::layout::Layout;
    use crate::search::tests::world::vocabulary;
    use crate::search::understand::Lesson;

    /// The fingerprint of a lesson with one phrase more.
    fn lesson_of_more(vocabulary: &Vocabulary) -> [u8; HASH] {
        let mut lists = vocabulary.schemes().to_vec();
        let theme = lists.iter_mut().find(|list| list.scheme == Scheme::Theme).expect("themes");
        theme.concepts[0].asked.insert("nl".into(), vec!["nog een zin".into()]);
        let more = Vocabulary::new("more".into(), lists, Lexicon::default()).expect("a sound vocabulary");
        let layout = Layout::new(&more).expect("it fits");
        Lesson::new(&more, &layout).fingerprint()
    }

    #[test]
    fn what_is_kept_is_what_was_learned_unless_the_file_is_damaged_or_of_another_lesson() {
        let vocabulary = vocabulary();
        let layout = Layout::new(&vocabulary).expect("it fits");
        let lesson = Lesson::new(&vocabulary, &layout);
        let fingerprint = lesson.fingerprint();
        assert_ne!(fingerprint, lesson_of_more(&vocabulary), "of another lesson");
        let folder = tempfile::tempdir().expect("a folder");
        assert!(Kept::read(folder.path(), &fingerprint).is_none(), "nothing is kept yet");

        let kept = Kept { offerings: 7, learned: Learned::new(lesson, [].into_iter()) };
        kept.write(folder.path(), &fingerprint).expect("written");
        let again = Kept::read(folder.path(), &fingerprint).expect("kept");
        assert_eq!(again.offerings, 7);
        let [before, after] = [&kept, &again].map(|kept| kept.learned.read("samen een praatje maken").concepts(1.0));
        assert!(!before.is_empty());
        assert_eq!(before, after);

        let mut another = fingerprint;
        another[0] ^= 1;
        assert!(Kept::read(folder.path(), &another).is_none(), "of another lesson");

        let whole = fs::read(path(folder.path())).expect("the file");
        let mut changed = whole.clone();
        changed[whole.len() / 2] ^= 1;
        for damaged in [&changed, &whole[..whole.len() - 1], &whole[..HASH], &whole[..5], &[]] {
            fs::write(path(folder.path()), damaged).expect("written");
            assert!(Kept::read(folder.path(), &fingerprint).is_none(), "{} of {} bytes", damaged.len(), whole.len());
        }
    }
}
