//! Street addresses: where they are, by a service of somebody else. There is none unless an address of one is set.
//!
//! What is asked is the whereabouts of a resident: it is never logged, and kept in memory only as a digest. What comes
//! back is not trusted: it is bounded, checked, and taken only when it has the words that were asked for.

mod locatieserver;

pub use locatieserver::Locatieserver;

use crate::domain::{AreaCode, Position, Postcode};

/// Finds where street addresses are.
pub trait AddressService: Send + Sync {
    /// Where an address is; nothing when the service knows none with these words.
    fn find(&self, text: &str) -> Result<Option<FoundAddress>, AddressError>;
}

/// An address with what is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundAddress {
    /// As it is written officially.
    pub label: String,
    /// Its postcode.
    pub postcode: Option<Postcode>,
    /// Its id in the BAG (nummeraanduiding), 16 digits.
    pub bag_id: Option<String>,
    /// Where it is.
    pub position: Position,
    /// The areas that it lies in, the widest first.
    pub areas: Vec<AreaCode>,
    /// The municipality by name.
    pub municipality: Option<String>,
}

/// Why a service gave no answer. It never holds what was asked.
#[derive(Debug, thiserror::Error)]
pub enum AddressError {
    /// It was not reached in time.
    #[error("the address service did not answer in time")]
    Away,
    /// It answered what cannot be used.
    #[error("the address service gave an answer that cannot be used: {0}")]
    Answer(String),
}

/// Lets connections be encrypted; does nothing the second time.
pub fn prepare_encryption() {
    // Who comes second finds the same provider.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
