//! The phrases of the vocabulary, and which of them stand in a question.
//!
//! A phrase stands there when all of its content words do, in any order and by their stems; a phrase with one content
//! word beside others only when it stands there word for word, and one of for whom something is in its own order
//! ("alleen vrouwen" is not a woman alone). Of phrases within longer ones only the longer counts.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};

use super::own::Within;
use super::tokens::{Token, WordSet};
use crate::domain::{Meaning, MunicipalityCode, Scheme, Vocabulary, Wording};
use crate::search::analysis::words;
use crate::search::languages::{is_content, language, languages_of, stem};
use crate::search::layout::Layout;

/// From where a phrase comes: the earlier, the more it tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    /// A name of the concept.
    Label,
    /// How people say that they need it.
    Everyday,
    /// A misspelling, or a name that a narrower concept has too.
    Hidden,
    /// A label that is an everyday word with other senses.
    Ambiguous,
}

/// A phrase that stands in a question.
#[derive(Clone, Debug)]
pub(super) struct Match {
    /// The places of its concepts in the layout.
    pub concepts: Vec<(usize, Source)>,
    /// The words of the question that it covers, one bit each.
    pub tokens: WordSet,
    /// Whether it stands there as it is written.
    pub is_exact: bool,
    /// Its language.
    pub language: u8,
    /// Whether it says "not" itself: "wil mijn naam niet zeggen".
    pub says_not: bool,
    /// Whether the question has another preposition before one of its words, that tells something else: cooking for others
    /// is not cooking with others.
    pub has_other_preposition: bool,
}

/// All phrases, to be found by their words.
pub(super) struct Phrases {
    keys: HashMap<(u8, String), u32>,
    /// For each key the phrases in which it is a content word, with its number among these.
    with_key: Vec<Vec<(u32, u8)>>,
    /// For each key whether it stands in a phrase that is not the own word of a municipality.
    is_common: Vec<bool>,
    phrases: Vec<Phrase>,
    /// In which languages a word stands in some phrase, one bit each.
    spoken: HashMap<String, u32>,
    /// The keys of words of the vocabulary that were asked for.
    known: RwLock<HashMap<String, Arc<[u32]>>>,
}

struct Phrase {
    language: u8,
    /// The keys of all words, in order.
    sequence: Vec<u32>,
    folded: String,
    /// How many different content words it has.
    size: u8,
    /// Whether it must stand there word for word.
    is_whole: bool,
    /// Whether its words must stand in its own order: only women are not a woman alone.
    is_ordered: bool,
    /// Whether it holds a word that turns what follows around.
    says_not: bool,
    senses: Vec<Sense>,
}

/// What a phrase means.
struct Sense {
    /// The place of the concept in the layout.
    place: usize,
    source: Source,
    /// The municipality whose own words it is; nothing when everybody says so.
    whose: Option<MunicipalityCode>,
}

/// The most other words between those of a phrase.
const MOST_BETWEEN: u32 = 4;
/// The longest phrase, in content words.
const LONGEST: usize = 30;

impl Phrases {
    /// The phrases of the schemes whose labels lead to their concepts, and the own words of municipalities.
    pub fn new(vocabulary: &Vocabulary, layout: &Layout, wordings: &[Wording]) -> Self {
        let mut made = Self {
            keys: HashMap::new(),
            with_key: Vec::new(),
            is_common: Vec::new(),
            phrases: Vec::new(),
            spoken: HashMap::new(),
            known: RwLock::default(),
        };
        let mut known: HashMap<(u8, String), usize> = HashMap::new();
        let negators = &vocabulary.lexicon().negators.words;
        let not: HashSet<(u8, &str)> = negators
            .iter()
            .flat_map(|(key, words)| words.weak.iter().map(move |word| (language(key), word.as_str())))
            .collect();
        let labels = labels(vocabulary, layout)
            .map(|(place, language, text, source)| (language, text, Sense { place, source, whose: None }));
        for (lang, text, sense) in labels.chain(own_words(wordings, layout)) {
            let folded: Vec<String> = words(text).into_iter().map(|word| word.folded).collect();
            for word in folded.iter().filter(|_| sense.source != Source::Hidden && sense.whose.is_none()) {
                *made.spoken.entry(word.clone()).or_default() |= 1 << lang;
            }
            let at = *known.entry((lang, folded.join(" "))).or_insert_with(|| made.add(lang, &folded));
            let Some(phrase) = made.phrases.get_mut(at) else { continue };
            let scheme = layout.concept(sense.place).map(|(scheme, _)| *scheme);
            phrase.says_not = folded.iter().any(|word| not.contains(&(lang, word.as_str())));
            phrase.is_ordered |= scheme == Some(Scheme::GenderSetting) && phrase.size > 1;
            if sense.whose.is_none() {
                phrase.sequence.iter().for_each(|key| made.is_common[*key as usize] = true);
            }
            match phrase.senses.iter_mut().find(|known| known.place == sense.place && known.whose == sense.whose) {
                Some(known) => known.source = sense.source.min(known.source),
                None => phrase.senses.push(sense),
            }
        }
        made
    }

    /// Adds a phrase and gives its place; one without words is not kept.
    fn add(&mut self, language: u8, folded: &[String]) -> usize {
        let sequence: Vec<u32> = folded.iter().map(|word| self.key(language, word)).collect();
        let mut content: Vec<u32> =
            folded.iter().zip(&sequence).filter(|(word, _)| is_content(language, word)).map(|(_, key)| *key).collect();
        content.sort_unstable();
        content.dedup();
        let is_whole = content.len() < 2 && sequence.len() > 1;
        if is_whole || content.is_empty() {
            content = sequence.clone();
            content.sort_unstable();
            content.dedup();
        }
        if content.is_empty() || content.len() > LONGEST {
            return usize::MAX;
        }
        let at = self.phrases.len();
        for (number, key) in content.iter().enumerate() {
            self.with_key[*key as usize].push((at as u32, number as u8));
        }
        let size = content.len() as u8;
        self.phrases.push(Phrase {
            language,
            sequence,
            folded: folded.join(" "),
            size,
            is_whole,
            is_ordered: false,
            says_not: false,
            senses: Vec::new(),
        });
        at
    }

    fn key(&mut self, language: u8, folded: &str) -> u32 {
        let next = self.with_key.len() as u32;
        let key = *self.keys.entry((language, stem(language, folded))).or_insert(next);
        if key == next {
            self.with_key.push(Vec::new());
            self.is_common.push(false);
        }
        key
    }

    /// The languages that a question may be in: those in which most of its words stand in some phrase. Dutch and
    /// English are among them when none is likelier by far.
    pub fn languages(&self, tokens: &[Token]) -> Vec<u8> {
        let mut counts = [0u32; 32];
        for token in tokens {
            let languages = self.spoken.get(&token.folded).copied().unwrap_or_default();
            (0..32).filter(|language| languages >> language & 1 == 1).for_each(|language| counts[language] += 1);
        }
        let most = counts.iter().copied().max().unwrap_or_default();
        let likely = (0..32u8).filter(|language| {
            let count = counts[usize::from(*language)];
            if *language < 2 {
                count * 2 >= most
            } else {
                count > 0 && count == most && count > counts[0].max(counts[1])
            }
        });
        likely.collect()
    }

    /// The words of the phrases in some languages.
    pub fn words<'p>(&'p self, languages: &'p [u8]) -> impl Iterator<Item = &'p str> {
        let all =
            self.spoken.iter().filter(|(_, spoken)| languages.iter().any(|language| *spoken >> language & 1 == 1));
        all.map(|(word, _)| word.as_str())
    }

    /// Whether a word stands in some phrase of everybody: in Dutch and English in this form or another, else as it is.
    pub fn knows(&self, folded: &str) -> bool {
        self.spoken.contains_key(folded)
            || [0, 1].into_iter().any(|language| {
                let key = self.keys.get(&(language, stem(language, folded)));
                key.is_some_and(|key| self.is_common[*key as usize])
            })
    }

    /// Whether a word stands in some phrase of a language, other than a misspelling.
    pub fn is_spoken(&self, folded: &str, languages: &[u8]) -> bool {
        let spoken = self.spoken.get(folded).copied().unwrap_or_default();
        languages.iter().any(|language| spoken >> language & 1 == 1)
    }

    /// The keys of a folded word in every language of its script. Those of the vocabulary's own words are kept, since
    /// finding a dozen stems is most of the work; of what else is typed nothing is kept.
    fn keys_of(&self, folded: &str) -> Arc<[u32]> {
        let known = || self.known.read().unwrap_or_else(PoisonError::into_inner).get(folded).cloned();
        if let Some(keys) = known() {
            return keys;
        }
        let keys = languages_of(folded).filter_map(|l| self.keys.get(&(l, stem(l, folded))).copied());
        let keys: Arc<[u32]> = keys.collect();
        if self.spoken.contains_key(folded) {
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            known.insert(folded.to_owned(), Arc::clone(&keys));
        }
        keys
    }

    /// The phrases that stand in a question of somebody within some municipalities, the longest first, without those
    /// within longer ones.
    pub fn find(&self, tokens: &[Token], within: &Within) -> Vec<Match> {
        let keys: Vec<Arc<[u32]>> = tokens.iter().map(|token| self.keys_of(&token.folded)).collect();
        // For each phrase which of its content words are there, and in which words of the question.
        let mut seen: HashMap<u32, (u32, WordSet)> = HashMap::new();
        for (at, keys) in keys.iter().enumerate() {
            for (phrase, number) in keys.iter().flat_map(|key| &self.with_key[*key as usize]) {
                let (have, tokens) = seen.entry(*phrase).or_default();
                *have |= 1 << number;
                *tokens |= 1 << at;
            }
        }
        let mut found: Vec<(u32, Match)> = Vec::new();
        for (place, (have, mut covered)) in seen {
            let phrase = &self.phrases[place as usize];
            if have.count_ones() < u32::from(phrase.size) {
                continue;
            }
            if phrase.is_whole {
                let Some(start) = side_by_side(&keys, &phrase.sequence) else { continue };
                covered = ((1 << phrase.sequence.len()) - 1) << start;
            }
            if phrase.is_ordered {
                let Some(in_order) = in_order(&keys, &phrase.sequence) else { continue };
                covered = in_order;
            }
            if !phrase.is_whole && phrase.size > 1 {
                let Some(together) = together(covered, phrase, &keys, tokens) else { continue };
                covered = together;
            }
            let typed = (0..tokens.len()).filter(|at| covered >> at & 1 == 1).map(|at| tokens[at].folded.as_str());
            let is_exact = typed.collect::<Vec<_>>().join(" ") == phrase.folded;
            let said = phrase.senses.iter().filter(|sense| sense.whose.as_ref().is_none_or(|own| within.speaks(own)));
            let concepts: Vec<_> = said.map(|sense| (sense.place, sense.source)).collect();
            if concepts.is_empty() {
                continue;
            }
            found.push((
                place,
                Match {
                    concepts,
                    tokens: covered,
                    is_exact,
                    language: phrase.language,
                    says_not: phrase.says_not,
                    has_other_preposition: has_other_preposition(phrase, covered, tokens),
                },
            ));
        }
        found.sort_by_key(|(place, found)| (std::cmp::Reverse(found.tokens.count_ones()), !found.is_exact, *place));
        let mut kept: Vec<Match> = Vec::new();
        for (_, one) in found {
            let is_within = |kept: &Match| {
                one.tokens & !kept.tokens == 0 && (one.tokens != kept.tokens || kept.is_exact && !one.is_exact)
            };
            if !kept.iter().any(is_within) {
                kept.push(one);
            }
        }
        kept
    }
}

/// Prepositions each of which tells something else before the same word than the others of its list, in Dutch and English.
const APART: [&[&str]; 4] =
    [&["voor", "met", "zonder"], &["naar", "van", "uit"], &["for", "with", "without"], &["to", "from"]];

/// Whether before some word of a phrase in a question stands a preposition that is apart from the phrase's own.
fn has_other_preposition(phrase: &Phrase, covered: WordSet, tokens: &[Token]) -> bool {
    let own: Vec<&str> = phrase.folded.split(' ').collect();
    let stands = |word: &str| (0..tokens.len()).find(|at| covered >> at & 1 == 1 && tokens[*at].folded == word);
    own.windows(2).any(|pair| {
        let Some(apart) = APART.iter().find(|apart| apart.contains(&pair[0])) else { return false };
        let before = stands(pair[1]).and_then(|at| at.checked_sub(1)).map(|at| tokens[at].folded.as_str());
        before.is_some_and(|before| before != pair[0] && apart.contains(&before))
    })
}

/// Of the words of a phrase in a question those that stand with all others in one clause, without too many between them,
/// one bit each; nothing when they nowhere do.
fn together(covered: WordSet, phrase: &Phrase, keys: &[Arc<[u32]>], tokens: &[Token]) -> Option<WordSet> {
    let is_there = |at: &usize| covered >> at & 1 == 1;
    let from = |start: usize| {
        let in_clause = |at: &usize| *at == start || !tokens[*at].begins_clause;
        let (mut found, mut window): (Vec<_>, WordSet) = (Vec::new(), 0);
        for at in (start..tokens.len()).take_while(in_clause).filter(is_there) {
            let new = keys[at].iter().filter(|key| phrase.sequence.contains(key) && !found.contains(*key));
            let new: Vec<u32> = new.copied().collect();
            if !new.is_empty() {
                window |= 1 << at;
                found.extend(new);
            }
            if found.len() >= usize::from(phrase.size) {
                let others = (at + 1 - start) as u32 - window.count_ones();
                return (others <= MOST_BETWEEN).then_some(window);
            }
        }
        None
    };
    (0..tokens.len()).filter(is_there).filter_map(from).reduce(|all, one| all | one)
}

/// Where the words of a question are those of a sequence, one after the other.
fn side_by_side(keys: &[Arc<[u32]>], sequence: &[u32]) -> Option<usize> {
    keys.windows(sequence.len()).position(|some| some.iter().zip(sequence).all(|(keys, key)| keys.contains(key)))
}

/// Where the words of a sequence stand in a question in its order, with at most one other between two, one bit each.
fn in_order(keys: &[Arc<[u32]>], sequence: &[u32]) -> Option<WordSet> {
    let (first, rest) = sequence.split_first()?;
    let has = |at: usize, key: &u32| keys.get(at).is_some_and(|keys| keys.contains(key));
    let from = |start: usize| {
        let last = |(covered, at): (WordSet, usize), key: &u32| {
            let next = [at + 1, at + 2].into_iter().find(|next| has(*next, key))?;
            Some((covered | 1 << next, next))
        };
        rest.iter().try_fold((1 << start, start), last).map(|(covered, _)| covered)
    };
    (0..keys.len()).filter(|start| has(*start, first)).find_map(from)
}

/// Every phrase: the place of its concept, its language, its text and where it comes from.
fn labels<'v>(
    vocabulary: &'v Vocabulary,
    layout: &'v Layout,
) -> impl Iterator<Item = (usize, u8, &'v str, Source)> + 'v {
    let schemes = vocabulary.schemes().iter().filter(|list| list.expand_search);
    let concepts = schemes.flat_map(|list| list.concepts.iter().map(move |concept| (list.scheme, concept)));
    let ambiguous = &vocabulary.lexicon().ambiguous_labels;
    concepts.flat_map(move |(scheme, concept)| {
        let place = layout.place(scheme, concept.id.as_str()).unwrap_or_default();
        let one = concept.pref_label.iter().chain(&concept.short_label).map(|(l, text)| (l, text, Source::Label));
        let many = |lists: &'v crate::domain::vocabulary::LabelLists, source| {
            lists.iter().flat_map(move |(language, texts)| texts.iter().map(move |text| (language, text, source)))
        };
        let all = one
            .chain(many(&concept.alt_label, Source::Label))
            .chain(many(&concept.hidden_label, Source::Hidden))
            .chain(many(&concept.everyday, Source::Everyday));
        // Dutch is spoken nearly everywhere: its name would lead who looks for Dutch lessons to everything.
        let tells = (scheme, concept.id.as_str()) != (Scheme::Language, "nl");
        all.filter(move |_| tells).map(move |(key, text, source)| {
            let is_ambiguous = || ambiguous.get(key).is_some_and(|words| words.iter().any(|word| word == text));
            let source = if source != Source::Everyday && is_ambiguous() { Source::Ambiguous } else { source };
            (place, language(key), text.as_str(), source)
        })
    })
}

/// Every own word that means concepts, with its language and one of these.
fn own_words<'w>(wordings: &'w [Wording], layout: &'w Layout) -> impl Iterator<Item = (u8, &'w str, Sense)> + 'w {
    let all = wordings.iter().flat_map(|wording| wording.synonyms.iter().map(move |one| (&wording.municipality, one)));
    all.flat_map(move |(whose, synonym)| {
        let concepts = match &synonym.means {
            Meaning::Concepts(concepts) => concepts.as_slice(),
            Meaning::Text(_) => &[],
        };
        // A concept that this edition of the vocabulary does not have means nothing.
        let places = concepts.iter().filter_map(|concept| layout.place(concept.scheme, concept.id.as_str()));
        places.map(move |place| {
            let sense = Sense { place, source: Source::Label, whose: Some(whose.clone()) };
            (language(synonym.language.language()), synonym.words.as_str(), sense)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::understand::tokens::tokens;

    /// The words of a question that say a phrase of two words.
    fn said(text: &str) -> Option<WordSet> {
        let tokens = tokens(text);
        let key = |token: &Token| match token.folded.as_str() {
            "samen" => vec![1],
            "eten" => vec![2],
            _ => vec![],
        };
        let keys: Vec<Arc<[u32]>> = tokens.iter().map(|token| key(token).into()).collect();
        let phrase = Phrase {
            language: language("nl"),
            sequence: vec![1, 2],
            folded: "samen eten".into(),
            size: 2,
            is_whole: false,
            is_ordered: false,
            says_not: false,
            senses: Vec::new(),
        };
        let covered = (0..keys.len()).filter(|at| !keys[*at].is_empty()).fold(0, |all, at| all | 1 << at);
        together(covered, &phrase, &keys, &tokens)
    }

    #[test]
    fn the_words_of_a_phrase_stand_in_one_clause_and_near_each_other() {
        assert_eq!(said("samen eten"), Some(0b11));
        assert_eq!(said("eten doen wij samen"), Some(0b1001));
        assert_eq!(said("samen met de buren wat eten"), Some(0b10_0001), "four between");
        assert_eq!(said("samen met de buren een keer eten"), None, "five between");
        assert_eq!(said("wij zijn samen, niet eten"), None, "a comma between");
        assert_eq!(said("samen eten, niet samen koken"), Some(0b11), "a word that is there twice");
        assert_eq!(said("samen koken of samen eten"), Some(0b11001), "the last of them");
        assert_eq!(said("alleen"), None);
    }
}
