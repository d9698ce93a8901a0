//! What a question means: its words, the concepts of the vocabulary in them, those it is likely about, and the times,
//! costs, places, distances and languages that it names.
//!
//! Everything here is a function of the vocabulary, the question, and what [`Context`] holds of the index. What is
//! understood ranks the hits ([`Meant`]). What it names outright also narrows the search ([`Narrowing`]), as filters
//! would. Which offerings are hits, [`Understood::units`] tell.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use chrono::{NaiveDate, Weekday};

use crate::domain::text::fold;
use crate::domain::vocabulary::in_language;
use crate::domain::{AreaCode, ConceptId, DayPart, Distance, Scheme, Vocabulary, Wording};

use super::analysis::{QueryWord, query_words, words};
use super::compounds::Compounds;
use super::filter::EVERYONE;
use super::languages::{DUTCH, ENGLISH};
use super::layout::Layout;
use super::query::When;

mod classifier;
mod clock;
mod cues;
mod families;
mod features;
mod for_whom;
mod kept;
mod learned;
mod lesson;
mod needs;
mod own;
mod phrases;
mod places;
mod reading;
mod spelling;
mod tokens;
mod told_times;

pub(super) use families::{Kinship, Related};
pub(super) use for_whom::ForWhom;
pub(super) use kept::Kept;
pub(super) use learned::Learned;
pub(super) use lesson::Lesson;
pub(super) use needs::{LikelyNeed, LikelyWord};
pub(super) use own::Within;
pub(super) use places::PlaceNames;
pub(super) use spelling::Dictionary;

use cues::Cues;
use families::Families;
use own::OwnWords;
use phrases::Phrases;
use reading::Reading;
pub(super) use tokens::WordSet;

/// What the vocabulary and the own words of municipalities tell of questions.
pub(super) struct Understanding {
    vocabulary: Arc<Vocabulary>,
    layout: Arc<Layout>,
    phrases: Phrases,
    cues: Cues,
    compounds: Arc<Compounds>,
    families: Families,
    own: OwnWords,
}

/// What beside the vocabulary decides how a question is read.
pub(super) struct Context<'c> {
    /// The day of the question.
    pub today: NaiveDate,
    /// The names of areas.
    pub places: &'c PlaceNames,
    /// What was taken from the listings, if anything was.
    pub taught: Option<&'c Taught>,
    /// The municipalities in which the search looks.
    pub within: &'c Within,
    /// Whether a folded word stands in an offering.
    pub stands: &'c dyn Fn(&str) -> bool,
    /// Whether a Dutch stem stands in so many offerings that nobody misses those with related words.
    pub is_common: &'c dyn Fn(&str) -> bool,
    /// The readings that are switched off, by their names.
    pub off: &'c BTreeSet<Reads>,
}

/// What was taken from the listings of an index.
pub(super) struct Taught {
    /// The concepts that questions are likely about, unless that is switched off.
    pub learned: Option<Learned>,
    /// The words that somebody may have meant.
    pub dictionary: Dictionary,
}

/// A kind of reading that can be switched off, by its name in addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reads {
    /// The concepts of a scheme.
    Scheme(Scheme),
    /// Days.
    Weekday,
    /// Parts of the day.
    PartOfDay,
    /// Today, tomorrow, this weekend.
    When,
    /// Names of areas.
    Area,
    /// That it must be near.
    Near,
    /// The gender of whom it is for.
    Gender,
    /// Ages.
    Age,
    /// Concepts that were learned, and that no words say.
    Likely,
    /// What is needed in particular, as learned.
    Need,
    /// Words that are related to those of the question.
    Related,
    /// Other words for misspelt ones.
    Spelling,
}

impl Reads {
    /// Every kind.
    pub fn all() -> impl Iterator<Item = Self> {
        let others = [
            Self::Weekday,
            Self::PartOfDay,
            Self::When,
            Self::Area,
            Self::Near,
            Self::Age,
            Self::Gender,
            Self::Likely,
            Self::Need,
            Self::Related,
            Self::Spelling,
        ];
        Scheme::ALL.into_iter().map(Self::Scheme).chain(others)
    }

    /// The name in addresses and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Scheme(scheme) => scheme.name(),
            Self::Weekday => "weekday",
            Self::When => "when",
            Self::PartOfDay => "partOfDay",
            Self::Area => "area",
            Self::Near => "near",
            Self::Age => "age",
            Self::Gender => "gender",
            Self::Likely => "likely",
            Self::Need => "need",
            Self::Related => "related",
            Self::Spelling => "spelling",
        }
    }
}

/// What a question means.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Understood {
    /// What it asks for, one by one.
    pub units: Vec<Unit>,
    /// The concepts that it is about.
    pub concepts: Vec<Meant>,
    /// What it likely needs in particular, the likeliest first.
    pub needs: Vec<LikelyNeed>,
    /// Who it is for.
    pub for_whom: ForWhom,
    /// Whether it says that somebody wants to go somewhere.
    pub wants_out: bool,
    /// What it leaves out, the least trusted first.
    pub narrowings: Vec<Narrowed>,
    /// Its words, in order; the bits of `tokens` are their places.
    pub typed: Vec<String>,
    /// The misspelt words, with the words that were taken for them.
    pub repaired: Vec<(String, String)>,
    /// The question with words that may have been meant in it.
    pub did_you_mean: Option<String>,
    /// The words that say nothing of what is sought, one bit each.
    pub unused: WordSet,
}

impl Understood {
    /// The words of a question and nothing else.
    pub fn of_words(text: &str) -> Self {
        let unit = |word| Unit { words: vec![word], ..Unit::default() };
        Self { units: query_words(text).into_iter().map(unit).collect(), ..Self::default() }
    }

    /// The words at some places, as they were typed.
    pub fn words(&self, tokens: WordSet) -> Vec<String> {
        let all = self.typed.iter().enumerate();
        let mut words: Vec<String> =
            all.filter(|(at, _)| tokens >> at & 1 == 1).map(|(_, word)| word.clone()).collect();
        // Of a compound each part has its word.
        words.dedup();
        words
    }

    /// The words at some places as one text, if there are any.
    pub fn said(&self, tokens: WordSet) -> Option<String> {
        Some(self.words(tokens).join(" ")).filter(|text| !text.is_empty())
    }
}

/// One thing that is asked for: words, another word for them, or a concept that says the same.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Unit {
    /// The words, all of which are there.
    pub words: Vec<QueryWord>,
    /// Or one of these is there: the compound that the words are parts of.
    pub others: Vec<QueryWord>,
    /// Or one of these concepts is, by their places in the layout.
    pub concepts: Vec<usize>,
    /// Whether these concepts were learned, and no words say them.
    pub is_learned: bool,
    /// Words of offerings for what is likely needed. They count for the score, and not for being found.
    pub likely: Vec<LikelyWord>,
    /// Whether no phrase of the vocabulary has its words: it is likely a name.
    pub is_name: bool,
}

impl Unit {
    /// Its words as one text.
    pub fn text(&self) -> String {
        let words = self.others.iter().chain(if self.others.is_empty() { self.words.as_slice() } else { &[] });
        words.map(|word| word.exact.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// Whether other words than its own are looked for too.
    pub fn has_related(&self) -> bool {
        self.words.iter().chain(&self.others).any(|word| !word.related.is_empty())
    }

    /// Whether a concept may stand for its words: it says what the question is about.
    pub fn is_core(&self) -> bool {
        !self.concepts.is_empty()
    }
}

/// A concept that a question is about.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Meant {
    /// Its place in the layout.
    pub place: usize,
    /// How surely, from 0 to 1; below 0 it is not wanted.
    pub strength: f32,
    /// The words that say so, one bit each; none when it was learned.
    pub tokens: WordSet,
}

/// What a question leaves out, with the words that say so.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Narrowed {
    pub to: Narrowing,
    pub tokens: WordSet,
}

/// What a question narrows a search to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Narrowing {
    PartsOfDay(Vec<DayPart>),
    Weekdays(Vec<Weekday>),
    When(When),
    Concepts(Scheme, Vec<ConceptId>),
    /// So many metres around the position of the search; nothing when it is only said that near is better.
    Near(Option<Distance>),
    Areas(Vec<AreaCode>),
}

impl Narrowing {
    /// What it reads.
    pub fn reads(&self) -> Reads {
        match self {
            Self::PartsOfDay(_) => Reads::PartOfDay,
            Self::Weekdays(_) => Reads::Weekday,
            Self::When(_) => Reads::When,
            Self::Concepts(scheme, _) => Reads::Scheme(*scheme),
            Self::Near(_) => Reads::Near,
            Self::Areas(_) => Reads::Area,
        }
    }
}

impl Understanding {
    /// Takes in a vocabulary and the own words of municipalities.
    pub fn new(
        vocabulary: Arc<Vocabulary>,
        layout: Arc<Layout>,
        compounds: Arc<Compounds>,
        wordings: &[Wording],
    ) -> Self {
        let (phrases, cues) = (Phrases::new(&vocabulary, &layout, wordings), Cues::new(&vocabulary, &layout));
        let families = Families::new(&vocabulary.lexicon().families);
        Self { vocabulary, layout, phrases, cues, compounds, families, own: OwnWords::new(wordings) }
    }

    /// Reads a question.
    pub fn read(&self, text: &str, context: &Context<'_>) -> Understood {
        Reading::of(self, text, context).finish(text)
    }

    /// The concepts with a name that begins so, or of which a later word does: scheme, id, and the name in the asked
    /// language that does, or the short name of the concept.
    pub fn concepts_from(&self, prefix: &str, language: &str) -> Vec<(Scheme, String, String)> {
        let mut found = Vec::new();
        for list in self.vocabulary.schemes().iter().filter(|list| list.expand_search) {
            for concept in &list.concepts {
                let own = [&concept.short_label, &concept.pref_label];
                let names = own.iter().filter_map(|labels| in_language(labels, language));
                let others = concept.alt_label.get(language).or_else(|| concept.alt_label.get("nl"));
                let begins = |name: &str| {
                    let folded = fold(name);
                    folded.starts_with(prefix)
                        || folded.match_indices(' ').any(|(at, _)| folded[at + 1..].starts_with(prefix))
                };
                let mut all = names.chain(others.into_iter().flatten().map(String::as_str));
                if all.any(begins) {
                    let label = concept.short_name(language).to_owned();
                    found.push((list.scheme, concept.id.to_string(), label));
                }
            }
        }
        for own in self.own.concepts_from(prefix) {
            let Some(concept) = self.vocabulary.concept(own.scheme, own.id.as_str()) else { continue };
            found.push((own.scheme, own.id.to_string(), concept.short_name(language).to_owned()));
        }
        found
    }

    /// The words of the vocabulary in Dutch and English, which somebody may have meant by others, beside words that are
    /// right and those that people use.
    pub fn dictionary(&self, right: &Arc<HashSet<String>>) -> Dictionary {
        let mut dictionary = Dictionary::beside(Arc::clone(right));
        let mut words: Vec<&str> = self.phrases.words(&[DUTCH, ENGLISH]).collect();
        // In the same order each time, so that ties are decided the same.
        words.sort_unstable();
        words.into_iter().for_each(|word| dictionary.add(word, 1));
        dictionary.add_used(&self.used_words());
        dictionary
    }

    /// The words of the phrases in which people ask, in Dutch and English, each with the number of phrases.
    fn used_words(&self) -> HashMap<String, u32> {
        let concepts = self.vocabulary.schemes().iter().flat_map(|list| &list.concepts);
        let lists = concepts.map(|concept| &concept.asked).chain([&self.vocabulary.lexicon().nothing_else]);
        let texts = lists.flat_map(|lists| ["nl", "en"].into_iter().filter_map(|key| lists.get(key))).flatten();
        // A phrase that means several concepts stands under each of them.
        let texts: HashSet<&String> = texts.collect();
        let mut counts = HashMap::new();
        for word in texts.into_iter().flat_map(|text| words(text)) {
            *counts.entry(word.folded).or_default() += 1;
        }
        counts
    }

    /// Whether a concept says what an offering is, and so may stand for words. How to take part, what it costs and the
    /// like only rank; Dutch is spoken nearly everywhere.
    fn may_stand_for_words(&self, place: usize) -> bool {
        let Some((scheme, id)) = self.layout.concept(place) else { return false };
        match scheme {
            Scheme::Theme | Scheme::Kind | Scheme::Community | Scheme::GenderSetting | Scheme::ProviderType => true,
            Scheme::TargetGroup => id.as_str() != EVERYONE,
            Scheme::Language => id.as_str() != "nl",
            _ => false,
        }
    }
}
