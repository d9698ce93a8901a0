//! The one integration-test binary: the real service over HTTP, on both databases.

mod harness;

mod addresses;
mod commands;
mod history;
mod http;
mod layering;
mod licences;
mod listings;
mod maps;
mod neighbourhoods;
mod nodes;
mod openapi;
mod places;
mod relevance;
mod search;
mod shapes;
mod sources;
mod store;
mod times;
mod tour;
mod understanding;
mod wording;
