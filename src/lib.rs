//! Wegwijzer ("signpost"): the municipal directory of what exists between caring for yourself and professional help.
//!
//! **A search.** URL → `SearchParams` → `SearchQuery` → `search` (the index only) → `SearchPage` → JSON.
//! **An edit.** File row → [`domain::OfferingDraft`] → [`domain::Offering`] or every violation → one transaction in
//! the `store` → the change log → the follower applies it to the index.
//!
//! `docs/architecture.md` holds the words, the invariants and the map of modules.

#![warn(missing_docs)]

pub mod areas;
pub mod domain;
pub mod exchange;
pub mod vocabulary;
