//! Wegwijzer ("signpost"): the municipal directory of what exists between caring for yourself and professional help.
//!
//! **A search.** Address → [`search::SearchQuery`] (every fault at once) → [`directory::Directory::find`] →
//! [`search::Snapshot`] (the index only) → [`search::SearchPage`] → JSON.
//! **An edit.** File row → [`domain::OfferingDraft`] → [`domain::Offering`] or every violation → one transaction in
//! the [`store`] → the change log → the [`directory::follower`] applies it to the index.
//!
//! `docs/architecture.md` holds the words, the invariants and the map of modules.

pub mod addresses;
pub mod app;
pub mod areas;
pub mod cli;
pub mod config;
pub mod crisis;
pub mod directory;
pub mod domain;
pub mod exchange;
pub mod search;
pub mod store;
pub mod telemetry;
pub mod vocabulary;
pub mod web;
