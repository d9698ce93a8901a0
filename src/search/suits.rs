//! For whom offerings are made, beside who asks: those made for a group that the question does not name, or only in
//! languages that it is not in, give way to their equals.

use super::columns::Columns;
use super::filter::EVERYONE;
use super::layout::{Bits, Layout};
use super::query::SearchQuery;
use super::sieve::Documents;
use super::snapshot::Snapshot;
use super::understand::Understood;
use crate::domain::Scheme;

/// The languages that somebody who asks in Dutch is taken to speak.
const DUTCH: [&str; 2] = ["nl", "nl_easy"];

/// The offerings of each segment that are made for others than the question names; none of a search without words.
pub(super) fn made_for_others(snapshot: &Snapshot, query: &SearchQuery, asked: &Understood) -> Vec<Documents> {
    if asked.units.is_empty() {
        return Vec::new();
    }
    let named = named(snapshot, query, asked);
    snapshot.columns.iter().map(|columns| without_named(columns, &snapshot.layout, &named)).collect()
}

/// The offerings that are for some groups or in some languages, but for none and in none that was named.
fn without_named(columns: &Columns, layout: &Layout, named: &Bits) -> Documents {
    let sets = &columns.sets;
    let stated_without = |scheme, suiting: &Bits| {
        let mut documents = sets.offerings.clone();
        documents.leave_out(sets.with(layout.unknown(scheme)));
        documents.leave_out(&sets.with_any(suiting));
        documents
    };
    let (mut groups, mut languages) = (Bits::default(), Bits::default());
    groups.add_within(named, &Bits::of(layout.made_for_any()));
    layout.place(Scheme::TargetGroup, EVERYONE).into_iter().for_each(|place| groups.set(place));
    languages.add_within(named, &Bits::of(layout.range(Scheme::Language)));
    let dutch = DUTCH.iter().filter_map(|id| layout.place(Scheme::Language, id));
    dutch.for_each(|place| languages.set(place));
    let mut others = stated_without(Scheme::TargetGroup, &groups);
    others.join(&stated_without(Scheme::Language, &languages));
    others
}

/// All that words and filters say of who asks, with what follows from it.
fn named(snapshot: &Snapshot, query: &SearchQuery, asked: &Understood) -> Bits {
    let layout = &snapshot.layout;
    let mut named = Bits::default();
    let mut add = |scheme: Scheme, id: &str| named.add(&layout.means(scheme, id));
    for meant in asked.concepts.iter().filter(|meant| meant.strength > 0.0) {
        if let Some((scheme, id)) = layout.concept(meant.place) {
            add(*scheme, id.as_str());
        }
    }
    for (scheme, concepts) in &query.filters.concepts {
        concepts.iter().for_each(|id| add(*scheme, id.as_str()));
    }
    for group in &snapshot.vocabulary.scheme(Scheme::TargetGroup).concepts {
        if query.filters.age.is_some_and(|age| group.is_for_age(age)) {
            add(Scheme::TargetGroup, group.id.as_str());
        }
    }
    query.filters.gender.into_iter().for_each(|gender| add(Scheme::GenderSetting, gender.own_setting()));
    named
}
