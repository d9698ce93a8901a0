//! The one integration-test binary: the real service over HTTP, on both databases.

mod harness;

mod layering;
mod licences;
mod store;
