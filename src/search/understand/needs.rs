//! What people need in particular, finer than themes: guessed from how they tell it, and found by the words that offerings
//! for it have.
//!
//! "Ben onderuit gegaan in de douche" has no word of a course against falling. The needs of the lexicon hold both: how
//! people tell it, which is learned, and the words of what would help. There are hundreds of needs with few phrases each,
//! so what is learned is only which features each need's phrases have more often than those of all others (complement
//! naive Bayes; Rennie et al., "Tackling the poor assumptions of naive Bayes text classifiers", 2003). Of needs that fit
//! alike, those count whose theme is likely.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::features::{ROWS, Rarity, features};
use crate::domain::text::fold;
use crate::domain::{ConceptRef, Need};
use crate::search::analysis::dutch_stem;

/// The probability from which a need counts: its words only rank, so that a wrong guess does little.
const LIKELY: f32 = 0.1;
/// The most needs of a question.
const MOST: usize = 4;
/// The most words of these needs: each costs a look into the index.
const MOST_WORDS: usize = 16;
/// Added to the weight of each feature, so that what is new is not impossible.
const SMOOTH: f32 = 1.0;
/// A feature that one in so many needs has is one that many have.
const MANY: usize = 4;
/// How much the fit of a need tells, counted in standard deviations over all needs: by which the answers to questions were
/// best. Half of it tells the probabilities of phrases that were kept apart better, and finds less.
const SHARPNESS: f32 = 0.6;
/// How much of the likelihood of a theme counts for a need of which it is a later theme, and for one of another theme.
const LATER_THEME: f32 = 0.7;
const OTHER_THEME: f32 = 0.001;

/// What was learned of needs.
#[derive(Serialize, Deserialize)]
pub(super) struct Needs {
    each: Vec<Learnt>,
    rarity: Rarity,
    /// For each feature the needs that have it.
    rows: Vec<Row>,
    /// The needs of features that few have, each with how much the feature tells of it.
    of_few: Vec<(u16, f32)>,
    /// How much a feature that many have tells of each need.
    of_many: Vec<f32>,
}

/// The needs that have a feature.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Row {
    /// Where they are among those of few.
    Few(Range<u32>),
    /// Where all needs begin among those of many: adding a number to each is quicker than finding a quarter of them.
    Many(u32),
}

#[derive(Serialize, Deserialize)]
struct Learnt {
    /// The outputs of its themes, the main one first.
    themes: Vec<usize>,
    /// The Dutch stems of its words.
    stems: Vec<String>,
    /// How much any feature tells of it: the less was learned of it, the less.
    size: f32,
}

/// A need that a question likely tells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::search) struct LikelyNeed {
    /// Its place in the lexicon.
    pub place: usize,
    /// How likely, from 0 to 1.
    pub strength: f32,
}

/// A word of offerings for what a question likely needs.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::search) struct LikelyWord {
    /// Its Dutch stem.
    pub stem: String,
    /// How likely they are, together, that it is a word of.
    pub strength: f32,
}

impl Needs {
    /// Learns from how people tell their needs; `theme` gives the place of a theme among the likelihoods of a question.
    pub fn new(needs: &[Need], theme: impl Fn(&ConceptRef) -> Option<usize>) -> Self {
        let texts = |need: &Need| -> Vec<String> {
            need.asked.values().flatten().chain(&need.words).chain([&need.label]).cloned().collect()
        };
        let told = needs.iter().enumerate().flat_map(|(at, need)| texts(need).into_iter().map(move |text| (at, text)));
        let (of, counted): (Vec<usize>, Vec<_>) = told.map(|(at, text)| (at, features(&text))).unzip();
        let rarity = Rarity::of(&counted);
        // How much of each feature the phrases of each need have, in the order of the needs.
        let mut have: Vec<Vec<(u16, f32)>> = vec![Vec::new(); ROWS];
        let mut sizes = vec![0f32; needs.len()];
        for (need, counted) in of.into_iter().zip(counted) {
            for (row, value) in rarity.weighted(counted) {
                sizes[need] += value;
                match have[row as usize].last_mut().filter(|(last, _)| usize::from(*last) == need) {
                    Some((_, sum)) => *sum += value,
                    None => have[row as usize].push((need as u16, value)),
                }
            }
        }
        let (mut rows, mut of_few, mut of_many) = (Vec::with_capacity(ROWS), Vec::new(), Vec::new());
        for have in &have {
            let all = have.iter().map(|(_, own)| own).sum::<f32>() + SMOOTH;
            let tells = have.iter().map(|(need, own)| (*need, (all / (all - own)).ln()));
            rows.push(if have.len() * MANY < needs.len() {
                let start = of_few.len() as u32;
                of_few.extend(tells);
                Row::Few(start..of_few.len() as u32)
            } else {
                let start = of_many.len();
                of_many.resize(start + needs.len(), 0.0);
                tells.for_each(|(need, tells)| of_many[start + usize::from(need)] = tells);
                Row::Many(start as u32)
            });
        }
        let seen = have.iter().filter(|have| !have.is_empty()).count() as f32;
        let all = sizes.iter().sum::<f32>() + SMOOTH * seen;
        let each = needs.iter().zip(sizes).map(|(need, own)| Learnt {
            themes: need.concepts.iter().filter_map(&theme).collect(),
            stems: need.words.iter().map(|word| dutch_stem(&fold(word))).collect(),
            size: (all - own).max(f32::MIN_POSITIVE).ln(),
        });
        Self { each: each.collect(), rarity, rows, of_few, of_many }
    }

    /// The needs that a text with these features likely tells, the likeliest first, by how likely it is about each theme.
    pub fn read(&self, counted: &[(u32, f32)], themes: &[f32]) -> Vec<LikelyNeed> {
        let features = self.rarity.weighted(counted.to_vec());
        if features.is_empty() {
            return Vec::new();
        }
        let all: f32 = features.iter().map(|(_, value)| value).sum();
        let mut fits: Vec<f32> = self.each.iter().map(|need| need.size * all).collect();
        for (row, value) in features {
            match &self.rows[row as usize] {
                Row::Few(few) => {
                    let few = &self.of_few[few.start as usize..few.end as usize];
                    few.iter().for_each(|(need, tells)| fits[usize::from(*need)] += value * tells);
                }
                Row::Many(start) => {
                    let all = fits.iter_mut().zip(&self.of_many[*start as usize..]);
                    all.for_each(|(fit, tells)| *fit += value * tells);
                }
            }
        }
        let count = fits.len() as f32;
        let mean = fits.iter().sum::<f32>() / count;
        let deviation =
            (fits.iter().map(|fit| (fit - mean).powi(2)).sum::<f32>() / count).sqrt().max(f32::MIN_POSITIVE);
        let likely = self.each.iter().zip(fits).map(|(need, fit)| {
            let of_theme = |(at, theme): (usize, &usize)| themes[*theme] * if at == 0 { 1.0 } else { LATER_THEME };
            let theme = need.themes.iter().enumerate().map(of_theme).sum::<f32>() + OTHER_THEME;
            ((fit - mean) / deviation * SHARPNESS).exp() * theme
        });
        let likely: Vec<f32> = likely.collect();
        let sum: f32 = likely.iter().sum();
        let all = likely.iter().enumerate().map(|(place, likely)| LikelyNeed { place, strength: likely / sum });
        let mut found: Vec<LikelyNeed> = all.filter(|need| need.strength >= LIKELY).collect();
        found.sort_by(|a, b| b.strength.total_cmp(&a.strength).then(a.place.cmp(&b.place)));
        found.truncate(MOST);
        found
    }

    /// The words of offerings for some needs, those of the likeliest first.
    pub fn words(&self, needs: &[LikelyNeed]) -> Vec<LikelyWord> {
        let mut found: Vec<LikelyWord> = Vec::new();
        for need in needs {
            for stem in &self.each[need.place].stems {
                match found.iter_mut().find(|known| known.stem == *stem) {
                    Some(known) => known.strength += need.strength,
                    None => found.push(LikelyWord { stem: stem.clone(), strength: need.strength }),
                }
            }
        }
        // Stable, so that the most telling words of a need stay its first.
        found.sort_by(|a, b| b.strength.total_cmp(&a.strength));
        found.truncate(MOST_WORDS);
        found
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn need(id: &str, theme: &str, words: &str, asked: &[&str]) -> Need {
        let asked = asked.iter().map(|text| (*text).to_owned()).collect();
        Need {
            id: id.into(),
            label: id.to_owned(),
            words: words.split(' ').map(str::to_owned).collect(),
            concepts: vec![theme.parse().expect("a concept")],
            asked: BTreeMap::from([("nl".to_owned(), asked)]),
        }
    }

    #[test]
    fn a_need_is_guessed_from_how_it_is_told_and_brings_the_words_of_what_would_help() {
        let needs = [
            need(
                "falling",
                "theme:exercise",
                "valpreventie evenwicht",
                &["onderuit gegaan in de douche", "struikelen"],
            ),
            need("mending", "theme:practical_help", "repareren evenwicht", &["mijn jas is stuk", "gat in mijn broek"]),
        ];
        let needs = Needs::new(&needs, |theme| Some(usize::from(theme.id.as_str() != "exercise")));
        let surest = |text: &str, themes: [f32; 2]| needs.read(&features(text), &themes).first().map(|need| need.place);
        assert_eq!(surest("hij is in de douche onderuit gegaan", [0.5, 0.5]), Some(0));
        assert_eq!(surest("gat in zijn jas", [0.5, 0.5]), Some(1));
        assert_eq!(surest("in de", [0.1, 0.9]), Some(1), "of what tells nothing the likely theme decides");
        assert_eq!(surest("☺", [0.9, 0.1]), None);
        let [one, other] = [(0, 0.5), (1, 0.25)].map(|(place, strength)| LikelyNeed { place, strength });
        let words = needs.words(&[one, other]);
        let words: Vec<_> = words.iter().map(|word| (word.stem.as_str(), word.strength)).collect();
        assert_eq!(words, [("evenwicht", 0.75), ("valpreventie", 0.5), ("reparer", 0.25)]);
    }
}
