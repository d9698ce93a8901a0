//! Every number that decides the order of hits, with its reason.
//!
//! They were found by asking the questions of `tests/relevance` again and again, one number changed at a time, on the
//! two thirds of them that are for that. A number that makes no clear difference has a round value.

use super::understand::Kinship;
use crate::domain::Scheme;

/// How often a word is written into the index, by where it stands ([`super::fields`]).
pub(super) mod written {
    /// The name says best what something is.
    pub const NAME: usize = 8;
    /// The one sentence that was written to be found by.
    pub const SUMMARY: usize = 5;
    /// Who offers it, where, which group.
    pub const LABEL: usize = 4;
    /// The description, which mentions many things.
    pub const DESCRIPTION: usize = 2;
}

/// The words of a name count more than others: somebody who types a name seeks that one thing.
pub(super) const NAME_WORDS: f32 = 1.5;
/// Beside words that say what a question is about, the others tell little.
pub(super) const OTHER_WORDS: f32 = 0.6;
/// All words of a sentence count together as so many: the more there are, the less each of them tells.
pub(super) const WORDS_OF_SENTENCE: f32 = 3.0;

/// What is left of the score of a word that is only related to one of the question.
pub(super) fn of_kinship(kinship: Kinship) -> f32 {
    match kinship {
        Kinship::Same => 0.8,
        Kinship::Kind => 0.5,
    }
}
/// Where so many listings have a word itself, those with related words are not missed.
pub(super) const ENOUGH_WITH_WORD: u64 = 200;

/// How surely a phrase means its concept, by where it comes from.
pub(super) mod phrase {
    /// A name of the concept.
    pub const LABEL: f32 = 1.0;
    /// How people say that they need it, which may have other reasons too.
    pub const EVERYDAY: f32 = 0.8;
    /// A misspelling, or a name that a narrower concept has too.
    pub const HIDDEN: f32 = 0.7;
    /// A label that is an everyday word with other senses.
    pub const AMBIGUOUS: f32 = 0.3;
    /// What is left when it stands there in another form than it is written.
    pub const OTHER_FORM: f32 = 0.9;
    /// From here on a concept may stand for the words that say it.
    pub const STANDS: f32 = 0.5;
    /// From so many words that say something on, a question is a sentence. In it a single word may tell of something
    /// else than it says alone.
    pub const SENTENCE: u32 = 4;
    /// When no more is left of a concept that a single word of a sentence says, it is a word like others.
    pub const SAID_IN_SENTENCE: f32 = 0.3;
    /// What is left in a sentence of what a single word says of cost, access and the like, of which nothing is learned:
    /// who tells that a passport was taken away does not ask where one is needed.
    pub const FACT_IN_SENTENCE: f32 = 0.5;
    /// How surely an age means the groups of that age.
    pub const AGE: f32 = 0.8;
    /// How much what is not wanted, or is for people of another age, takes away, beside what it would have added.
    pub const TURNED: f32 = 0.7;
}

/// What a concept that words say adds, in the measure of BM25: as much as a rare word of the name.
pub(super) const SAID: f32 = 4.0;
/// Probabilities are raised to this power: those of learned concepts are low where a question has many other words.
pub(super) const LEARNED_POWER: f32 = 0.9;
/// What is left of learned concepts where phrases explain every word of a question, and of a sentence.
pub(super) const LEARNED_BESIDE_SAID: f32 = 0.2;
pub(super) const LEARNED_IN_SENTENCE: f32 = 0.7;
/// How often a word of offerings for a need of probability 1 counts, beside a word that was said alone: as often. Of all
/// words of what is likely needed the best counts.
pub(super) const NEED: f32 = 1.0;
/// How likely those are at least who help with anything, where a sentence tells what is wrong and not what would help:
/// they come before what fits no better.
pub(super) const ANY_HELP: f32 = 0.1;
/// From here on a question is about its surest theme, and what narrows it so that nothing of that is left gives way.
pub(super) const SUBJECT: f32 = 0.2;
/// The share of a theme that only offerings have whose first theme it is.
pub(super) const FIRST_THEME: f32 = 0.5;

/// How much a concept tells of whether an offering fits, by its scheme.
pub(super) fn of_scheme(scheme: Scheme) -> f32 {
    match scheme {
        // Several kinds of thing may help.
        Scheme::Kind => 0.8,
        // What it is about, for whom, how to take part and what it costs are said by who needs it so.
        _ => 1.0,
    }
}

/// What a learned concept of probability 1 adds, by its scheme.
pub(super) fn learned_of(scheme: Scheme) -> f32 {
    match scheme {
        Scheme::Theme => 8.5,
        // Words of a need tell what it is about, and little of the form that help takes.
        Scheme::Kind => 3.0,
        _ => 4.0,
    }
}

/// From here on a theme that no word says may be what a question is about, so that it is told where to ask first.
pub(super) const SURELY_ABOUT: f32 = 0.4;

/// For so many days after somebody checked an offering it is taken to be true. Most are asked for once a year.
pub(super) const FRESH_DAYS: i32 = 365;
/// What is left of the score of an offering that nobody checked for longer, or ever: less than what tells a good match
/// from a fair one, so that it sinks among its equals and stays in the list.
pub(super) const STALE: f32 = 0.8;
/// What is left of the score of an offering that is made for a group that the question does not name, or is only in
/// languages that it is not in: a group for one's own people is one of several, and for others seldom the first choice.
pub(super) const FOR_OTHERS: f32 = 0.9;
/// A learned group or language that is likelier is as good as named.
pub(super) const NAMED: f32 = 0.2;
/// What is left where people of the said age and gender cannot take part.
pub(super) const LEFT_OUT: f32 = 0.6;
/// What is left for each thing that was said, was set aside since too little fits it, and that an offering does not fit
/// either: "schulden in Zuidoost" has what is there before its equals elsewhere.
pub(super) const SET_ASIDE: f32 = 0.5;
/// What is left of what has no place to go to, for who only asks what is on at a time: less than of what was not checked
/// for long.
pub(super) const NO_PLACE: f32 = 0.7;
/// The share of the score that nearness decides: a match of the name stays before one of the description next door.
pub(super) const NEARNESS: f32 = 0.4;
/// The distance in metres at which half of that share is left: half an hour on foot.
pub(super) const HALF_NEAR: f64 = 2_000.0;
/// How many hits are spread over organizations: the first pages.
pub(super) const SPREAD: usize = 40;
/// What is left of a score for each hit of the same organization before it: little is taken, since three courses of one
/// community centre may be what fits best.
pub(super) const SAME_ORGANIZATION: f32 = 0.97;
