//! The controlled vocabulary: schemes and their concepts, with labels by language.
//!
//! Here are its values and what follows from them; `crate::vocabulary` loads it from a file.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::lexicon::Lexicon;

/// One of the lists of the vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scheme {
    /// What it is about.
    Theme,
    /// Personal, communal or institutional.
    Sphere,
    /// By residents, by paid staff or both.
    Formality,
    /// Who offers it.
    ProviderType,
    /// The place between self-care and professional help.
    Continuum,
    /// Where resilience comes from.
    ResilienceResource,
    /// The dimensions of Positive Health.
    PositiveHealth,
    /// The conditions of social quality.
    SocialQuality,
    /// For whom it is.
    TargetGroup,
    /// A shared language or background.
    Community,
    /// What sort of thing it is.
    Kind,
    /// How to take part.
    Access,
    /// What it costs.
    Cost,
    /// Whether the place can be used.
    Accessibility,
    /// The languages spoken.
    Language,
    /// With whom one takes part.
    GenderSetting,
}

impl Scheme {
    /// Every scheme, in the order of the vocabulary.
    pub const ALL: [Self; 16] = [
        Self::Theme,
        Self::Sphere,
        Self::Formality,
        Self::ProviderType,
        Self::Continuum,
        Self::ResilienceResource,
        Self::PositiveHealth,
        Self::SocialQuality,
        Self::TargetGroup,
        Self::Community,
        Self::Kind,
        Self::Access,
        Self::Cost,
        Self::Accessibility,
        Self::Language,
        Self::GenderSetting,
    ];

    /// The id in the vocabulary, as `provider_type`.
    pub fn id(self) -> &'static str {
        match self {
            Self::Theme => "theme",
            Self::Sphere => "sphere",
            Self::Formality => "formality",
            Self::ProviderType => "provider_type",
            Self::Continuum => "continuum",
            Self::ResilienceResource => "resilience_resource",
            Self::PositiveHealth => "positive_health",
            Self::SocialQuality => "social_quality",
            Self::TargetGroup => "target_group",
            Self::Community => "community",
            Self::Kind => "kind",
            Self::Access => "access",
            Self::Cost => "cost",
            Self::Accessibility => "accessibility",
            Self::Language => "language",
            Self::GenderSetting => "gender_setting",
        }
    }

    /// The name in addresses and JSON, as `providerType`.
    pub fn name(self) -> &'static str {
        match self {
            Self::ProviderType => "providerType",
            Self::ResilienceResource => "resilienceResource",
            Self::PositiveHealth => "positiveHealth",
            Self::SocialQuality => "socialQuality",
            Self::TargetGroup => "targetGroup",
            Self::GenderSetting => "genderSetting",
            other => other.id(),
        }
    }

    /// The scheme with this name in addresses and JSON.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scheme| scheme.name() == name)
    }
}

/// The id of a concept within its scheme, as `grief`. That it exists was checked where it came in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, example = "grief")]
pub struct ConceptId(String);

impl ConceptId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for ConceptId {
    fn from(id: &str) -> Self {
        Self(id.to_owned())
    }
}

impl fmt::Display for ConceptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One label for each language.
pub type Labels = BTreeMap<String, String>;

/// Several labels for each language.
pub type LabelLists = BTreeMap<String, Vec<String>>;

/// A value of the vocabulary.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Concept {
    /// Its id.
    pub id: ConceptId,
    /// Its full name.
    pub pref_label: Labels,
    /// A name of at most 40 characters, for chips and cards.
    #[serde(default)]
    pub short_label: Labels,
    /// The name on residents' pages.
    #[serde(default)]
    pub resident_label: Labels,
    /// What it means, in plain words.
    #[serde(default)]
    pub definition: Labels,
    /// Other names; search knows them.
    #[serde(default)]
    pub alt_label: LabelLists,
    /// Misspellings and hard words: search only, never shown.
    #[serde(default)]
    pub hidden_label: LabelLists,
    /// How people say that they need it: situations and wishes. Search only, never shown.
    #[serde(default)]
    pub everyday: LabelLists,
    /// More ways in which people ask for it, in sentences too: to learn from, not to find word for word. Never shown.
    #[serde(default)]
    pub asked: LabelLists,
    /// The languages that people of a community are likely to speak.
    #[serde(default)]
    pub languages: Vec<ConceptId>,
    /// The wider concepts of the same scheme.
    #[serde(default)]
    pub broader: Vec<ConceptId>,
    /// Concepts beside it.
    #[serde(default)]
    pub related: Vec<ConceptId>,
    /// A pictogram's keyword.
    #[serde(default)]
    pub icon: Option<String>,
    /// Its place in an ordered scheme.
    #[serde(default)]
    pub order: Option<u32>,
    /// The dimensions of Positive Health that a theme serves.
    #[serde(default)]
    pub positive_health: Vec<ConceptId>,
    /// The resilience resources that a theme serves.
    #[serde(default)]
    pub resilience_resource: Vec<ConceptId>,
    /// The conditions of social quality that a theme serves.
    #[serde(default)]
    pub social_quality: Vec<ConceptId>,
    /// The concept of another scheme that states the same fact, as `gender_setting:women_only`.
    #[serde(default)]
    pub same_fact_as: Option<String>,
    /// What may be concluded from one to the other.
    #[serde(default)]
    pub same_fact_direction: Option<SameFact>,
    /// The youngest age of a target group.
    #[serde(default, rename = "age_min")]
    pub age_min: Option<u8>,
    /// The oldest age of a target group.
    #[serde(default, rename = "age_max")]
    pub age_max: Option<u8>,
    /// The language of a concept of the scheme `language`, as ISO 639.
    #[serde(default)]
    pub iso: Option<String>,
}

impl Concept {
    /// Its short name in the asked language, else its full one, else those in Dutch, else its id.
    pub fn short_name(&self, language: &str) -> &str {
        let name = |language| self.short_label.get(language).or_else(|| self.pref_label.get(language));
        [language, "nl"].into_iter().find_map(name).map_or(self.id.as_str(), String::as_str)
    }

    /// Whether it states ages, and this is one of them.
    pub fn is_for_age(&self, years: u8) -> bool {
        let (from, to) = (self.age_min, self.age_max);
        (from.is_some() || to.is_some()) && from.is_none_or(|from| from <= years) && to.is_none_or(|to| years <= to)
    }
}

/// What may be concluded between two concepts that state one fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SameFact {
    /// Each from the other.
    Both,
    /// The preferred one from this one.
    ToPreferred,
    /// This one from the preferred one.
    FromPreferred,
}

/// A list of the vocabulary with its concepts.
#[derive(Clone, Debug, PartialEq)]
pub struct SchemeConcepts {
    /// Which list.
    pub scheme: Scheme,
    /// Its name.
    pub title: Labels,
    /// What it is for.
    pub description: Labels,
    /// Whether an offering may have several of its concepts.
    pub multi_valued: bool,
    /// Whether its labels may lead a search in words to its concepts.
    pub expand_search: bool,
    /// Its concepts, in order.
    pub concepts: Vec<Concept>,
}

/// The whole vocabulary, checked when it was loaded.
#[derive(Debug)]
pub struct Vocabulary {
    version: String,
    schemes: Vec<SchemeConcepts>,
    lexicon: Lexicon,
    places: HashMap<(Scheme, ConceptId), usize>,
    /// The ids and labels of each list, in its order, ready to be compared with what somebody gave.
    names: HashMap<Scheme, Vec<Name>>,
}

/// An id or a label of a concept in small letters.
#[derive(Debug)]
struct Name {
    letters: Vec<char>,
    counts: LetterCounts,
    /// The place of its concept in the list.
    concept: usize,
}

/// How often letters occur; letters that share a place are counted as one.
type LetterCounts = [u8; 32];

fn letter_counts(letters: &[char]) -> LetterCounts {
    let mut counts = [0u8; 32];
    for letter in letters {
        let count = &mut counts[*letter as usize % 32];
        *count = count.saturating_add(1);
    }
    counts
}

impl Name {
    /// The names of a list's concepts: its id, and its labels but those that are for search alone.
    fn of(list: &SchemeConcepts) -> Vec<Self> {
        let mut names = Vec::new();
        for (concept, one) in list.concepts.iter().enumerate() {
            let labels =
                one.pref_label.values().chain(one.short_label.values()).chain(one.alt_label.values().flatten());
            for text in labels.map(String::as_str).chain([one.id.as_str()]) {
                let letters: Vec<char> = text.to_lowercase().chars().collect();
                let counts = letter_counts(&letters);
                names.push(Self { letters, counts, concept });
            }
        }
        names
    }

    /// The most that the likeness (Jaro-Winkler) can be, from the letters alone: it takes a fraction of the time.
    fn likeness_at_most(&self, letters: &[char], counts: &[(usize, u8)]) -> f64 {
        let mut shared = 0;
        for (place, count) in counts {
            shared += u32::from(self.counts[*place].min(*count));
        }
        let shared = f64::from(shared);
        let jaro = (shared / self.letters.len() as f64 + shared / letters.len() as f64 + 1.0) / 3.0;
        let begins_same = self.letters.iter().zip(letters).take(4).take_while(|(a, b)| a == b).count();
        jaro + 0.1 * begins_same as f64 * (1.0 - jaro)
    }
}

impl Vocabulary {
    /// Makes a vocabulary of its lists, or tells every fault: a scheme missing, an id twice, a reference to nothing.
    pub fn new(version: String, schemes: Vec<SchemeConcepts>, lexicon: Lexicon) -> Result<Self, Vec<String>> {
        let mut faults = Vec::new();
        let mut places = HashMap::new();
        for scheme in Scheme::ALL {
            if schemes.iter().filter(|list| list.scheme == scheme).count() != 1 {
                faults.push(format!("the scheme {} must stand there once", scheme.id()));
            }
        }
        for list in &schemes {
            for (at, concept) in list.concepts.iter().enumerate() {
                let id = concept.id.as_str();
                let plain =
                    !id.is_empty() && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
                if !plain {
                    faults.push(format!("{}: the id '{id}' is not lower-case snake_case", list.scheme.id()));
                }
                if !concept.pref_label.contains_key("nl") {
                    faults.push(format!("{}:{id} has no Dutch label", list.scheme.id()));
                }
                if places.insert((list.scheme, concept.id.clone()), at).is_some() {
                    faults.push(format!("{}:{id} stands there twice", list.scheme.id()));
                }
            }
        }
        let names = schemes.iter().map(|list| (list.scheme, Name::of(list))).collect();
        let made = Self { version, schemes, lexicon, places, names };
        faults.extend(made.lexicon.faults(&made));
        for list in &made.schemes {
            for concept in &list.concepts {
                let lists = [
                    (list.scheme, &concept.broader),
                    (list.scheme, &concept.related),
                    (Scheme::Language, &concept.languages),
                    (Scheme::PositiveHealth, &concept.positive_health),
                    (Scheme::ResilienceResource, &concept.resilience_resource),
                    (Scheme::SocialQuality, &concept.social_quality),
                ];
                for (scheme, ids) in lists {
                    for id in ids.iter().filter(|id| made.concept(scheme, id.as_str()).is_none()) {
                        faults.push(format!(
                            "{}:{} points to {}:{id}, which is not there",
                            list.scheme.id(),
                            concept.id,
                            scheme.id()
                        ));
                    }
                }
                if made.ancestors(list.scheme, concept.id.as_str()).contains(&&concept.id) {
                    faults.push(format!("{}:{} is broader than itself", list.scheme.id(), concept.id));
                }
                if concept.same_fact_as.is_some()
                    && (made.preferred(concept).is_none() || concept.same_fact_direction.is_none())
                {
                    faults.push(format!(
                        "{}:{} states the same fact as nothing that is there",
                        list.scheme.id(),
                        concept.id
                    ));
                }
            }
        }
        if faults.is_empty() { Ok(made) } else { Err(faults) }
    }

    /// The edition, as `0.3.0`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What stands beside the lists.
    pub fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// Every list, in order.
    pub fn schemes(&self) -> &[SchemeConcepts] {
        &self.schemes
    }

    /// One list.
    pub fn scheme(&self, scheme: Scheme) -> &SchemeConcepts {
        self.schemes.iter().find(|list| list.scheme == scheme).expect("the constructor saw every scheme")
    }

    /// A concept, if there is one with this id.
    pub fn concept(&self, scheme: Scheme, id: &str) -> Option<&Concept> {
        let at = self.places.get(&(scheme, ConceptId::from(id)))?;
        self.scheme(scheme).concepts.get(*at)
    }

    /// The concepts wider than this one, near and far, each once.
    pub fn ancestors(&self, scheme: Scheme, id: &str) -> Vec<&ConceptId> {
        let mut found: Vec<&ConceptId> = Vec::new();
        let mut next: Vec<&ConceptId> =
            self.concept(scheme, id).map(|c| c.broader.iter().collect()).unwrap_or_default();
        while let Some(broader) = next.pop() {
            if !found.contains(&broader) {
                found.push(broader);
                next.extend(self.concept(scheme, broader.as_str()).map(|c| c.broader.as_slice()).unwrap_or_default());
            }
        }
        found
    }

    /// The concept of another scheme that is preferred for the same fact.
    pub fn preferred<'a>(&'a self, concept: &Concept) -> Option<(Scheme, &'a Concept)> {
        let (scheme, id) = concept.same_fact_as.as_deref()?.split_once(':')?;
        let scheme = Scheme::ALL.into_iter().find(|known| known.id() == scheme)?;
        Some((scheme, self.concept(scheme, id)?))
    }

    /// The known concept whose id or Dutch label is most like what was given, if any is like it.
    pub fn nearest(&self, scheme: Scheme, given: &str) -> Option<&ConceptId> {
        let given: Vec<char> = given.to_lowercase().chars().collect();
        let counts = letter_counts(&given).into_iter().enumerate().filter(|(_, count)| *count > 0);
        let counts: Vec<(usize, u8)> = counts.collect();
        let mut best = (0.75, None);
        for name in self.names.get(&scheme)? {
            // Most names are out by this; a file full of unknown concepts asks for each of them.
            if name.likeness_at_most(&given, &counts) < best.0 {
                continue;
            }
            let likeness = strsim::generic_jaro_winkler(&given, &name.letters);
            if likeness > best.0 || (likeness == best.0 && best.1.is_some()) {
                best = (likeness, Some(name.concept));
            }
        }
        self.scheme(scheme).concepts.get(best.1?).map(|concept| &concept.id)
    }
}

/// The text in the asked language, else in Dutch, else in any.
pub fn in_language<'a>(labels: &'a Labels, language: &str) -> Option<&'a str> {
    labels.get(language).or_else(|| labels.get("nl")).or_else(|| labels.values().next()).map(String::as_str)
}
