//! Words of texts and queries: where they begin and end, how they are folded, and their stems.
//!
//! Dutch words are cut back to their stem by Kraaij-Pohlmann, English ones by Porter's second algorithm, both as
//! Snowball has them. What the Dutch one gets wrong on everyday words is mended here.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use frostem::Algorithm;
use tantivy::tokenizer::{Language, RawTokenizer, StopWordFilter, TextAnalyzer};

use super::languages::stem;
use super::understand::Related;
use crate::domain::text::fold;

/// The edition of this analysis: raise it when any word comes out otherwise, and every index is made anew.
pub const VERSION: u32 = 4;

/// The most words of a query that are looked for.
pub const MAX_QUERY_WORDS: usize = 12;

/// The most characters of a word that count; what is longer is no word that somebody types twice.
const MAX_WORD: usize = 40;

/// Everyday words that the Dutch algorithm joins with words of another meaning, or tears from their own forms:
/// a stem, and the forms that have it.
const DUTCH_FORMS: &[(&str, &str)] = &[
    // Parents are not old people.
    ("ouder", "ouder ouders"),
    ("oudere", "oudere ouderen"),
    // The algorithm takes an s, or its doubling, for an ending.
    ("dans", "dans dansen danst danste dansten gedanst danser dansers"),
    ("fiets", "fiets fietsen fietst fietste fietsten gefietst fietser fietsers"),
    ("verlies", "verlies verliezen verliest verloren"),
    ("mens", "mens mensen"),
    ("kans", "kans kansen"),
    ("grens", "grens grenzen"),
    ("gids", "gids gidsen"),
    ("plaats", "plaats plaatsen"),
    // It takes a d for an ending too, does not know every plural, and finds a ge- inside words.
    ("schuld", "schuld schulden"),
    ("kind", "kind kinderen kindje kindjes"),
    ("jongen", "jongen jongens"),
    ("taalles", "taalles taallessen"),
    ("scheid", "scheiden scheiding scheidingen gescheiden"),
    ("verslaaf", "verslaafd verslaafde verslaafden verslaving verslavingen"),
    ("zwanger", "zwanger zwangere zwangeren zwangerschap"),
    ("gevangenis", "gevangenis gevangenissen"),
    // It does not know how strong verbs change, nor a -de after two vowels.
    ("brei", "brei breit breien breide breiden gebreid"),
    ("naai", "naai naait naaien naaide naaiden genaaid"),
    ("zing", "zing zingt zingen zong zongen gezongen"),
    ("zwem", "zwem zwemt zwemmen zwom zwommen gezwommen"),
    ("drink", "drink drinkt drinken dronk dronken gedronken"),
    ("slaap", "slaap slaapt slapen sliep sliepen geslapen"),
    ("schrijf", "schrijf schrijft schrijven schreef schreven geschreven"),
    ("lees", "lees leest lezen las gelezen"),
    ("loop", "loop loopt lopen liep liepen gelopen"),
    ("help", "help helpt helpen hielp hielpen geholpen"),
    ("overlijd", "overlijdt overlijden overleed overleden"),
    // A bill is no arithmetic.
    ("rekening", "rekening rekeningen"),
];

/// A word of a text: where it stands, and how it is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
    /// In lower case, without accents, at most 40 characters.
    pub folded: String,
}

/// Finds the words of a text: runs of letters and digits, with the marks and apostrophes inside them.
pub fn words(text: &str) -> Vec<Word> {
    words_where(text, |_| true)
}

/// Finds the words of a text whose run of letters passes a test, as it is written. Folding is most of the work, so
/// this is for who needs few.
pub(super) fn words_where(text: &str, test: impl Fn(&str) -> bool) -> Vec<Word> {
    let mut words = Vec::new();
    let mut start = None;
    let ends = text.char_indices().map(|(at, c)| (at, Some(c))).chain([(text.len(), None)]);
    for (at, c) in ends {
        match (start, c.is_some_and(is_inside)) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                let quoted = &text[from..at];
                let from = at - quoted.trim_start_matches(APOSTROPHES).len();
                let run = text[from..at].trim_end_matches(APOSTROPHES);
                if test(run) {
                    add_words(&mut words, from, run);
                }
                start = None;
            }
            _ => {}
        }
    }
    words
}

fn add_words(words: &mut Vec<Word>, start: usize, run: &str) {
    let end = start + run.len();
    if run.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        // Nothing to take apart: most words are such, and this is ten times as quick.
        if !run.is_empty() {
            words.push(Word { start, end, folded: run[..run.len().min(MAX_WORD)].to_ascii_lowercase() });
        }
        return;
    }
    // Folding may part a run: a fraction is two numbers.
    for part in fold(run).split(' ').filter(|part| !part.is_empty()) {
        words.push(Word { start, end, folded: part.chars().take(MAX_WORD).collect() });
    }
}

const APOSTROPHES: [char; 2] = ['\'', '’'];

fn is_inside(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || c == APOSTROPHES[0];
    }
    c.is_alphanumeric() || APOSTROPHES.contains(&c) || unicode_normalization::char::is_combining_mark(c)
}

/// The stem of a folded Dutch word.
///
/// ```
/// # use wegwijzer::search::analysis::dutch_stem;
/// assert_eq!(dutch_stem("wandelingen"), dutch_stem("wandeling"));
/// assert_ne!(dutch_stem("gezin"), dutch_stem("zin"));
/// assert_ne!(dutch_stem("ouders"), dutch_stem("ouderen"));
/// assert_ne!(dutch_stem("rekeningen"), dutch_stem("rekenen"));
/// ```
pub fn dutch_stem(word: &str) -> String {
    static STEMS: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
        DUTCH_FORMS.iter().flat_map(|(stem, forms)| forms.split(' ').map(move |form| (form, *stem))).collect()
    });
    if let Some(stem) = STEMS.get(word) {
        return (*stem).to_owned();
    }
    let stem = frostem::Stemmer::new(Algorithm::Dutch).stem(word).into_owned();
    // The algorithm takes the ge- of a participle away, and that of gezin and gebouw too.
    if word.starts_with("ge") && !stem.starts_with("ge") { format!("ge{stem}") } else { stem }
}

/// The stem of a folded English word.
pub fn english_stem(word: &str) -> String {
    frostem::Stemmer::new(Algorithm::English).stem(word).into_owned()
}

/// A word of a query in the forms in which it may be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryWord {
    /// As it is written, folded.
    pub exact: String,
    /// Its stem if it is Dutch.
    pub dutch: String,
    /// Its stem if it is English.
    pub english: String,
    /// Its stems in other languages that it may be in, by their places in the list of languages.
    pub others: Vec<(u8, String)>,
    /// Other words that tell nearly the same.
    pub related: Vec<Related>,
}

impl QueryWord {
    pub(super) fn new(folded: String) -> Self {
        Self {
            dutch: dutch_stem(&folded),
            english: english_stem(&folded),
            exact: folded,
            others: Vec::new(),
            related: Vec::new(),
        }
    }

    /// Whether a run of letters may be found by this one, by a quick look: but for participles no stem has another first
    /// letter than its word, and folding changes no letter of ASCII but its case.
    pub(super) fn may_find(&self, run: &str) -> bool {
        let first = |text: &str| text.bytes().next().map(|byte| byte.to_ascii_lowercase());
        let is_participle = run.get(..2).is_some_and(|begin| begin.eq_ignore_ascii_case("ge"));
        !run.is_ascii() || is_participle || [&self.exact, &self.dutch].iter().any(|own| first(run) == first(own))
    }

    /// Whether a folded word of a text is found by this one.
    pub fn finds(&self, folded: &str) -> bool {
        // Stemming costs ten times this look; but for participles no stem has another first letter than its word.
        let first = folded.chars().next();
        (folded.starts_with("ge") || [&self.exact, &self.dutch].iter().any(|own| first == own.chars().next()))
            && (folded == self.exact
                || dutch_stem(folded) == self.dutch
                || english_stem(folded) == self.english
                || self.others.iter().any(|(language, own)| stem(*language, folded) == *own))
    }
}

/// The words of a query that a hit must have: each once, at most [`MAX_QUERY_WORDS`], without those that say nothing,
/// unless there are no others.
pub fn query_words(query: &str) -> Vec<QueryWord> {
    let mut seen = HashSet::new();
    let all: Vec<String> =
        words(query).into_iter().map(|word| word.folded).filter(|word| seen.insert(word.clone())).collect();
    let telling: Vec<String> = all.iter().filter(|word| says_something(word)).cloned().collect();
    let kept = if telling.is_empty() { all } else { telling };
    kept.into_iter().take(MAX_QUERY_WORDS).map(QueryWord::new).collect()
}

/// Lets every word pass that says something.
///
/// The lists of the library, Snowball's for Dutch and Lucene's for English, lack the words that questions begin with, and
/// those that are in nearly every listing.
static TELLING: LazyLock<TextAnalyzer> = LazyLock::new(|| {
    const QUESTION_WORDS: &str = "waar wanneer welke welk kunt mag bent jij wij jullie onze mezelf mensen \
        people i im my we our you your he she his her them us do does can could would should where what when how who \
        which from have has am been so than some any about whats wheres hows theres";
    let list = |language| StopWordFilter::new(language).unwrap_or_else(|| StopWordFilter::remove([]));
    TextAnalyzer::builder(RawTokenizer::default())
        .filter(list(Language::Dutch))
        .filter(list(Language::English))
        .filter(StopWordFilter::remove(QUESTION_WORDS.split_whitespace().map(str::to_owned)))
        .build()
});

pub(super) fn says_something(word: &str) -> bool {
    TELLING.clone().token_stream(word).advance()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_one_word_have_one_stem_and_other_words_another() {
        let same = [
            "gezin gezinnen",
            "gebouw gebouwen",
            "geloof geloven",
            "schuld schulden",
            "kind kinderen",
            "fiets fietsen",
            "dans dansen",
            "verlies verliezen",
            "lotgenoot lotgenoten",
            "wandeling wandelen wandelingen",
            "eenzaam eenzaamheid",
            "verslaafd verslaving",
            "mens mensen",
            "mantelzorger mantelzorgers",
            "taalles taallessen",
        ];
        for forms in same {
            let stems: HashSet<_> = forms.split(' ').map(dutch_stem).collect();
            assert_eq!(stems.len(), 1, "{forms}: {stems:?}");
        }
        for (one, other) in [("ouders", "ouderen"), ("gezin", "zin"), ("gebouw", "bouw"), ("geloof", "loof")] {
            assert_ne!(dutch_stem(one), dutch_stem(other), "{one}, {other}");
        }
    }

    #[test]
    fn a_participle_and_its_verb_find_each_other() {
        for (one, other) in [("zwemmen", "gezwommen"), ("gezwommen", "zwom"), ("gezongen", "zingen")] {
            let word = QueryWord::new(one.to_owned());
            assert!(word.finds(other) && word.may_find(other), "{one} {other}");
        }
        assert!(!QueryWord::new("zwemmen".to_owned()).may_find("kamer"));
    }

    #[test]
    fn words_know_where_they_stand() {
        let text = "Café 'De Ruïne' — G-buurt, 4–6 jaar: Łódź!";
        let found: Vec<_> = words(text).into_iter().map(|w| (text[w.start..w.end].to_owned(), w.folded)).collect();
        let expected = [
            ("Café", "cafe"),
            ("De", "de"),
            ("Ruïne", "ruine"),
            ("G", "g"),
            ("buurt", "buurt"),
            ("4", "4"),
            ("6", "6"),
            ("jaar", "jaar"),
            ("Łódź", "lodz"),
        ];
        assert_eq!(found, expected.map(|(text, folded)| (text.to_owned(), folded.to_owned())));
    }

    #[test]
    fn stop_words_are_left_out_unless_there_is_nothing_else() {
        let found = |query: &str| query_words(query).into_iter().map(|word| word.exact).collect::<Vec<_>>();
        assert_eq!(found("waar kan ik de Nederlandse taal leren?"), ["nederlandse", "taal", "leren"]);
        assert_eq!(found("met de het"), ["met", "de", "het"]);
        assert_eq!(found("taal Taal TAAL"), ["taal"]);
        assert_eq!(found("((((( --- !"), [""; 0]);
        assert_eq!(found("woord1 woord2 woord3 woord4 woord5 w6 w7 w8 w9 w10 w11 w12 w13 w14").len(), MAX_QUERY_WORDS);
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_words_at_its_own_borders(text in "\\PC{0,60}|[a-zé'’ßﬁ½ ]{0,40}") {
            for word in words(&text) {
                proptest::prop_assert!(!text[word.start..word.end].is_empty());
                proptest::prop_assert!(!word.folded.is_empty());
                let query = QueryWord::new(word.folded.clone());
                proptest::prop_assert!(query.finds(&word.folded));
                let begins_same = query.dutch.chars().next() == word.folded.chars().next();
                proptest::prop_assert!(begins_same || word.folded.starts_with("ge"));
                proptest::prop_assert_eq!(query.english.chars().next(), word.folded.chars().next());
            }
            query_words(&text);
        }
    }
}
