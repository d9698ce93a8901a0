//! Repairs misspelt words: the likeliest known word that sounds or is typed nearly so.
//!
//! Words are compared by how they sound in Dutch: ei and ij, au and ou, c and k, d and t at the end, doubled letters
//! and the like are one. Of the words whose sound is the same or one slip away, the one that needs the fewest changes
//! counts, and of these the most frequent. A word that is known is never touched.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::Arc;

/// A shorter word has too many neighbours.
const SHORTEST: usize = 4;
/// And of those with a slip of sound too: "merkt" is not "markt".
const SHORTEST_WITH_SLIP: usize = 6;
/// A word that stands in so many phrases is no slip, unless one that sounds the same stands in so many times more.
const OFTEN: u32 = 3;
const FAR_MORE: u32 = 10;
/// A longer word or sound may have a second slip.
const LONG: usize = 9;

/// Known words, to be found by nearly right ones.
#[derive(Default)]
pub(in crate::search) struct Dictionary {
    words: Vec<Known>,
    places: HashMap<String, u32>,
    /// The words by the sound of each, by every sound that is left when one letter of it is left out, and by what is left
    /// without vowels.
    by_sound: HashMap<u64, Vec<u32>>,
    /// Words that are right, and that nobody is taken to have meant.
    right: Arc<HashSet<String>>,
    /// Words that people use so often that they are right too.
    used: HashSet<String>,
}

struct Known {
    word: String,
    sound: String,
    /// How often it stands somewhere.
    count: u32,
}

/// A word that may have been meant.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::search) struct Repair {
    pub word: String,
    /// Whether nothing else comes near.
    pub is_certain: bool,
}

impl Dictionary {
    /// Adds a folded word that stands somewhere so often.
    pub fn add(&mut self, word: &str, count: u32) {
        if word.len() < SHORTEST - 1 || word.chars().any(|c| c.is_numeric()) {
            return;
        }
        let next = self.words.len() as u32;
        let at = *self.places.entry(word.to_owned()).or_insert(next);
        if at < next {
            let known = &mut self.words[at as usize].count;
            *known = known.saturating_add(count);
            return;
        }
        let sound = sound(word);
        for hash in deletions(&sound).into_iter().chain(skeleton(&sound)) {
            self.by_sound.entry(hash).or_default().push(at);
        }
        self.words.push(Known { word: word.to_owned(), sound, count });
    }

    /// A dictionary with words that are right, though none of them need stand anywhere.
    pub fn beside(right: Arc<HashSet<String>>) -> Self {
        Self { right, ..Self::default() }
    }

    /// Adds words that people use, each with how often. One that is used often is right, unless another that sounds the
    /// same is used far more.
    pub fn add_used(&mut self, counts: &HashMap<String, u32>) {
        let mut most: HashMap<String, u32> = HashMap::new();
        for (word, count) in counts {
            let most = most.entry(sound(word)).or_default();
            *most = (*most).max(*count);
        }
        let often = counts.iter().filter(|(word, count)| {
            let most = most.get(&sound(word)).copied().unwrap_or_default();
            **count >= OFTEN && count.saturating_mul(FAR_MORE) >= most
        });
        self.used.extend(often.map(|(word, _)| word.clone()));
    }

    /// Whether a folded word is known.
    pub fn knows(&self, word: &str) -> bool {
        self.places.contains_key(word) || self.right.contains(word) || self.used.contains(word)
    }

    fn may_be_misspelt(&self, typed: &str) -> bool {
        typed.chars().count() >= SHORTEST && !typed.chars().any(|c| c.is_numeric()) && !self.knows(typed)
    }

    /// The likeliest word that sounds as one that is not known.
    pub fn sounding(&self, typed: &str) -> Option<&str> {
        if !self.may_be_misspelt(typed) {
            return None;
        }
        let own = sound(typed);
        let near = self.by_sound.get(&hash(&own))?.iter().map(|at| &self.words[*at as usize]);
        let changes = |known: &Known| strsim::osa_distance(typed, &known.word);
        let alike = near.filter(|known| known.sound == own).map(|known| (changes(known), known));
        let likely = alike.filter(|(changes, _)| *changes <= most_changes(typed.chars().count()));
        let costs = likely.map(|(changes, known)| (Self::cost(typed, known, 0, changes), known));
        let best = costs.min_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.word.cmp(&b.1.word)));
        best.map(|(_, known)| known.word.as_str())
    }

    /// The word that was likely meant by one that is not known.
    pub fn repair(&self, typed: &str) -> Option<Repair> {
        if !self.may_be_misspelt(typed) {
            return None;
        }
        let letters = typed.chars().count();
        let own = sound(typed);
        let most = if own.chars().count().max(letters) >= LONG { 2 } else { 1 };
        let mut hashes = deletions(&own);
        if most > 1 {
            hashes.extend(skeleton(&own));
            let second: Vec<u64> = leave_one_out(&own).flat_map(|left| deletions(&left)).collect();
            hashes.extend(second);
        }
        hashes.sort_unstable();
        hashes.dedup();
        let mut near: Vec<u32> = hashes.iter().filter_map(|hash| self.by_sound.get(hash)).flatten().copied().collect();
        near.sort_unstable();
        near.dedup();
        let mut found: Vec<(f32, &Known)> = Vec::new();
        for known in near.into_iter().map(|at| &self.words[at as usize]) {
            let slips = strsim::osa_distance(&own, &known.sound);
            if slips > most || letters < SHORTEST_WITH_SLIP && slips > 0 {
                continue;
            }
            let changes = strsim::osa_distance(typed, &known.word);
            if changes <= most_changes(letters) {
                found.push((Self::cost(typed, known, slips, changes), known));
            }
        }
        found.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.word.cmp(&b.1.word)));
        let (cost, best) = found.first()?;
        let is_alone = found.get(1).is_none_or(|(other, known)| *other > cost + 0.3 || known.sound == best.sound);
        Some(Repair { word: best.word.clone(), is_certain: is_alone })
    }

    /// How unlikely it is that a known word was meant: a slip of sound is worse than another spelling of the same sound,
    /// and frequent words are likelier.
    fn cost(typed: &str, known: &Known, slips: usize, changes: usize) -> f32 {
        slips as f32 + 0.35 * changes as f32 - 0.12 * (known.count as f32 + 1.0).ln()
            + if begins_same(typed, &known.word) { 0.0 } else { 0.5 }
    }
}

/// More changes make another word of one with so many letters.
fn most_changes(letters: usize) -> usize {
    if letters == SHORTEST { 1 } else { 1 + letters / 3 }
}

fn begins_same(one: &str, other: &str) -> bool {
    one.chars().next() == other.chars().next()
}

/// How a folded word sounds in Dutch, roughly.
fn sound(word: &str) -> String {
    let mut text = word.to_owned();
    for (written, heard) in SOUNDS {
        if text.contains(written) {
            text = text.replace(written, heard);
        }
    }
    let mut heard = String::with_capacity(text.len());
    for c in text.chars() {
        if !heard.ends_with(c) {
            heard.push(c);
        }
    }
    // At the end d sounds as t, and b as p; the n of -en is not heard, but for that of -een.
    let end = match heard.chars().last() {
        Some('d') => Some('t'),
        Some('b') => Some('p'),
        _ => None,
    };
    if let Some(end) = end {
        heard.pop();
        heard.push(end);
    }
    if heard.len() > 3 && heard.ends_with("en") && !word.ends_with("een") {
        heard.pop();
    }
    heard
}

/// What is written in several ways and sounds the same, in the order in which it is looked for.
const SOUNDS: [(&str, &str); 21] = [
    ("sch", "sg"),
    ("tie", "si"),
    ("ch", "g"),
    ("ck", "k"),
    ("ph", "f"),
    ("th", "t"),
    ("dt", "t"),
    ("ij", "y"),
    ("ei", "y"),
    ("au", "ou"),
    ("ieu", "iu"),
    ("ie", "i"),
    ("oe", "u"),
    ("ce", "se"),
    ("ci", "si"),
    ("cy", "si"),
    ("c", "k"),
    ("q", "k"),
    ("x", "ks"),
    ("z", "s"),
    ("v", "f"),
];

/// A sound and all that is left of it when one letter is left out.
fn deletions(sound: &str) -> Vec<u64> {
    leave_one_out(sound).map(|left| hash(&left)).chain([hash(sound)]).collect()
}

/// What is left of a sound without its vowels, by which a word is found of which people left out one or two in a hurry:
/// "voedslbnk". Where little is left it tells nothing.
fn skeleton(sound: &str) -> Option<u64> {
    const SHORTEST_SKELETON: usize = 5;
    let left: String = sound.chars().filter(|c| !"aeiouy".contains(*c)).collect();
    (left.chars().count() >= SHORTEST_SKELETON).then(|| hash(&format!("-{left}")))
}

fn hash(sound: &str) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(sound)
}

fn leave_one_out(sound: &str) -> impl Iterator<Item = String> + '_ {
    sound.char_indices().map(|(at, c)| {
        let mut left = String::with_capacity(sound.len());
        left.push_str(&sound[..at]);
        left.push_str(&sound[at + c.len_utf8()..]);
        left
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dictionary() -> Dictionary {
        let mut dictionary = Dictionary::default();
        for word in "eenzaamheid mantelzorg schuldhulpverlening rijbewijs fietsen dementie autisme koffieochtend \
                     depressie zwanger mannen vrouwen gescheiden kinderen buurthuis vrijwilliger alleen clean \
                     voedselbank had"
            .split_whitespace()
        {
            dictionary.add(word, 3);
        }
        dictionary
    }

    #[test]
    fn slips_of_sound_and_of_the_hand_are_repaired() {
        let dictionary = dictionary();
        for (typed, meant) in [
            ("eenzamheid", "eenzaamheid"),
            ("mantelzrog", "mantelzorg"),
            ("schuldhulpverlning", "schuldhulpverlening"),
            ("rijbewei", "rijbewijs"),
            ("reibewijs", "rijbewijs"),
            ("fietse", "fietsen"),
            ("dementsie", "dementie"),
            ("koffieochtent", "koffieochtend"),
            ("depresie", "depressie"),
            ("swanger", "zwanger"),
            ("manen", "mannen"),
            ("buurthuys", "buurthuis"),
            ("voedslbnk", "voedselbank"),
            // The n of "alleen" is heard.
            ("allean", "alleen"),
        ] {
            let repaired = dictionary.repair(typed).map(|repair| repair.word).unwrap_or_default();
            assert_eq!(repaired, meant, "{typed}");
        }
    }

    #[test]
    fn known_words_short_words_and_numbers_stay() {
        for word in ["mantelzorg", "man", "haat", "1018", "xyzzyqwv", ""] {
            assert_eq!(dictionary().repair(word), None, "{word}");
        }
    }

    #[test]
    fn a_word_of_the_operators_list_stays_and_is_not_suggested() {
        let mut dictionary = Dictionary::beside(Arc::new(HashSet::from(["mantelzorgd".to_owned()])));
        dictionary.add("mantelzorg", 1);
        assert_eq!(dictionary.repair("mantelzorgd"), None);
        assert_eq!(dictionary.repair("mantelzorgt").map(|repair| repair.word).as_deref(), Some("mantelzorg"));
    }

    #[test]
    fn a_word_that_people_use_stays_unless_it_sounds_as_one_that_is_used_far_more() {
        let mut dictionary = dictionary();
        dictionary.add("schulden", 9);
        assert_eq!(dictionary.repair("schelden").map(|repair| repair.word).as_deref(), Some("schulden"));
        let used = [("schelden", OFTEN), ("kindere", 20), ("kinderen", 900), ("zwagers", OFTEN - 1)];
        dictionary.add_used(&used.into_iter().map(|(word, count)| (word.to_owned(), count)).collect());
        assert_eq!(dictionary.repair("schelden"), None);
        assert_eq!(dictionary.repair("kindere").map(|repair| repair.word).as_deref(), Some("kinderen"));
        assert!(!dictionary.knows("zwagers"));
    }

    proptest::proptest! {
        #[test]
        fn any_word_is_repaired_to_a_known_one_or_not_at_all(word in "\\PC{0,40}|[a-z]{1,20}") {
            let dictionary = dictionary();
            if let Some(repair) = dictionary.repair(&word) {
                proptest::prop_assert!(dictionary.knows(&repair.word));
                proptest::prop_assert!(!dictionary.knows(&word));
            }
        }
    }
}
