//! The sample listings: right, enough, and using all there is to use.

use std::collections::HashSet;

use serde_json::Value;
use wegwijzer::domain::{Offering, OfferingDraft, Place, Scheme};

use crate::harness::vocabulary;

fn listings() -> Vec<(Value, Offering)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data/listings");
    let vocabulary = vocabulary();
    let mut listings = Vec::new();
    for file in std::fs::read_dir(folder).expect("the folder") {
        let path = file.expect("a file").path();
        let drafts: Vec<Value> = serde_json::from_slice(&std::fs::read(&path).expect("read")).expect("JSON");
        for draft in drafts {
            let checked = OfferingDraft(draft.clone()).check(&vocabulary);
            let offering =
                checked.unwrap_or_else(|faults| panic!("{} in {}: {faults:#?}", draft["name"], path.display()));
            listings.push((draft, offering));
        }
    }
    listings
}

#[test]
fn there_are_at_least_140_and_every_facet_is_used() {
    let listings = listings();
    assert!(listings.len() >= 140, "{}", listings.len());
    let mut used: HashSet<(Scheme, String)> = HashSet::new();
    for (_, offering) in &listings {
        let lists = [
            (Scheme::Theme, &offering.theme),
            (Scheme::Kind, &offering.kind),
            (Scheme::Sphere, &offering.sphere),
            (Scheme::TargetGroup, &offering.target_group),
            (Scheme::Community, &offering.community),
        ];
        used.extend(lists.iter().flat_map(|(scheme, ids)| ids.iter().map(|id| (*scheme, id.to_string()))));
        used.extend(offering.formality.iter().map(|id| (Scheme::Formality, id.to_string())));
        used.extend(offering.continuum.iter().map(|id| (Scheme::Continuum, id.to_string())));
        for session in offering.effective_sessions() {
            let terms = session.terms;
            used.extend(terms.cost.and_then(|cost| cost.category).map(|id| (Scheme::Cost, id.to_string())));
            used.extend(terms.gender_setting.map(|id| (Scheme::GenderSetting, id.to_string())));
            used.extend(
                terms.accessibility.unwrap_or_default().iter().map(|id| (Scheme::Accessibility, id.to_string())),
            );
        }
    }
    let vocabulary = vocabulary();
    for scheme in [
        Scheme::Theme,
        Scheme::Kind,
        Scheme::Sphere,
        Scheme::Formality,
        Scheme::Continuum,
        Scheme::TargetGroup,
        Scheme::GenderSetting,
    ] {
        for concept in &vocabulary.scheme(scheme).concepts {
            assert!(
                used.contains(&(scheme, concept.id.to_string())),
                "{}:{} is used nowhere",
                scheme.name(),
                concept.id
            );
        }
    }
    for (scheme, least) in [(Scheme::Cost, 6), (Scheme::Accessibility, 9), (Scheme::Community, 20)] {
        let count = used.iter().filter(|(used, _)| *used == scheme).count();
        assert!(count >= least, "only {count} concepts of {} are used", scheme.name());
    }
}

#[test]
fn nothing_in_them_leads_to_anybody_who_exists() {
    let helplines = ["113", "0800 0113", "0800 2000", "0800 0432", "0900 1450", "088 0767000"];
    for (draft, offering) in listings() {
        let text = draft.to_string();
        for word in text.split(['"', ' ']).filter(|word| word.contains("://") || word.contains('@')) {
            let host = word.split(['/', '@', '?']).rfind(|part| part.contains('.')).unwrap_or_default();
            let licence = word.contains("creativecommons");
            assert!(licence || host.ends_with(".example"), "{} leads to {word}", offering.name);
        }
        for session in offering.effective_sessions() {
            for channel in session.terms.contact.iter().flatten().flat_map(|contact| &contact.channels) {
                use wegwijzer::domain::ChannelType::{Phone, Sms, Whatsapp};
                if matches!(channel.kind, Phone | Sms | Whatsapp) {
                    let invented = channel.value.strip_prefix("020 000 00 ").is_some_and(|rest| rest.len() == 2);
                    assert!(
                        invented || helplines.contains(&channel.value.as_str()),
                        "{}: {}",
                        offering.name,
                        channel.value
                    );
                }
            }
        }
    }
}

#[test]
fn believable_listings_leave_things_unknown_and_have_groups_that_differ() {
    let listings = listings();
    let count = |test: &dyn Fn(&Offering) -> bool| listings.iter().filter(|(_, offering)| test(offering)).count();
    assert!(count(&|o| o.sessions.len() > 1) >= 20);
    assert!(count(&|o| o.terms.cost.is_none()) >= 10);
    assert!(count(&|o| !o.translations.is_empty()) >= 20);
    let place = |o: &Offering, test: fn(&Place) -> bool| o.sessions.iter().filter_map(|s| s.place.as_ref()).any(test);
    assert!(count(&|o| place(o, |p| matches!(p, Place::Virtual { .. }))) >= 5);
    assert!(count(&|o| place(o, |p| matches!(p, Place::Home))) >= 5);
    assert!(count(&|o| place(o, |p| matches!(p, Place::Nationwide))) >= 2);
}
