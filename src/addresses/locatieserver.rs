//! The Locatieserver of PDOK, version 3.1: its free search.

use std::collections::HashSet;
use std::io::Read;
use std::num::NonZeroUsize;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use lru::LruCache;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use url::Url;

use super::{AddressError, AddressService, FoundAddress, prepare_encryption};
use crate::domain::text::fold;
use crate::domain::{AreaCode, Position, Postcode};

/// How long an answer may take: somebody waits for it.
const PATIENCE: Duration = Duration::from_millis(1500);
/// For how long a service that did not answer is not asked.
const LEFT_ALONE: Duration = Duration::from_secs(30);
/// The most bytes of an answer that are read; one address has about one thousand.
const MOST_BYTES: u64 = 64 * 1024;
/// How many answers are kept.
const KEPT: NonZeroUsize = NonZeroUsize::MIN.saturating_add(4095);
/// What is asked for each address.
const FIELDS: &str =
    "weergavenaam,type,centroide_ll,postcode,nummeraanduiding_id,buurtcode,wijkcode,gemeentecode,gemeentenaam";

/// A Locatieserver at an address.
pub struct Locatieserver {
    base: Url,
    client: OnceLock<reqwest::blocking::Client>,
    /// By the digest of what was asked.
    known: Mutex<LruCache<[u8; 32], Option<FoundAddress>>>,
    /// When it last did not answer.
    away_since: Mutex<Option<Instant>>,
}

impl Locatieserver {
    /// One at this address, as `https://api.pdok.nl/bzk/locatieserver/search/v3_1`.
    pub fn new(base: Url) -> Self {
        Self { base, client: OnceLock::new(), known: Mutex::new(LruCache::new(KEPT)), away_since: Mutex::new(None) }
    }

    fn client(&self) -> Result<&reqwest::blocking::Client, AddressError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        prepare_encryption();
        // An answer that leads elsewhere is not followed.
        let built = reqwest::blocking::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none());
        let client = built.build().map_err(|_| AddressError::Away)?;
        Ok(self.client.get_or_init(|| client))
    }

    fn ask(&self, text: &str) -> Result<Option<FoundAddress>, AddressError> {
        let mut url = self.base.clone();
        let Ok(mut path) = url.path_segments_mut() else { return Err(AddressError::Away) };
        path.pop_if_empty().push("free");
        drop(path);
        let filter = "type:adres";
        url.query_pairs_mut().append_pair("q", text).append_pair("rows", "1");
        url.query_pairs_mut().append_pair("fq", filter).append_pair("fl", FIELDS);
        // The error would tell the address that was asked for.
        let answer = self.client()?.get(url).send().map_err(|_| AddressError::Away)?;
        let status = answer.status();
        if !status.is_success() {
            return Err(AddressError::Answer(format!("status {}", status.as_u16())));
        }
        let mut body = Vec::new();
        answer.take(MOST_BYTES).read_to_end(&mut body).map_err(|_| AddressError::Away)?;
        read(&body, text)
    }
}

impl AddressService for Locatieserver {
    fn find(&self, text: &str) -> Result<Option<FoundAddress>, AddressError> {
        let key: [u8; 32] = Sha256::digest(fold(text).as_bytes()).into();
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known().get(&key) {
            return Ok(found.clone());
        }
        // Searches wait for it one after the other: who knows that it is away need not.
        let away_since = || self.away_since.lock().unwrap_or_else(PoisonError::into_inner);
        if away_since().is_some_and(|since| since.elapsed() < LEFT_ALONE) {
            return Err(AddressError::Away);
        }
        let found = self.ask(text).inspect_err(|error| {
            *away_since() = matches!(error, AddressError::Away).then(Instant::now);
        })?;
        known().put(key, found.clone());
        Ok(found)
    }
}

#[derive(Deserialize)]
struct Answer {
    response: Documents,
}

#[derive(Deserialize)]
struct Documents {
    docs: Vec<Document>,
}

#[derive(Deserialize)]
struct Document {
    r#type: String,
    weergavenaam: String,
    centroide_ll: String,
    #[serde(default)]
    postcode: Option<String>,
    #[serde(default)]
    nummeraanduiding_id: Option<String>,
    #[serde(default)]
    buurtcode: Option<String>,
    #[serde(default)]
    wijkcode: Option<String>,
    #[serde(default)]
    gemeentecode: Option<String>,
    #[serde(default)]
    gemeentenaam: Option<String>,
}

/// Reads an answer: its first address, when that has every word that was asked for.
fn read(body: &[u8], asked: &str) -> Result<Option<FoundAddress>, AddressError> {
    let answer: Answer =
        serde_json::from_slice(body).map_err(|e| AddressError::Answer(format!("line {}", e.line())))?;
    let Some(found) = answer.response.docs.into_iter().next() else { return Ok(None) };
    let label: String = found.weergavenaam.chars().filter(|c| !c.is_control()).take(200).collect();
    // The service finds something for any words at all.
    if found.r#type != "adres" || !has_words(&fold(&label), &fold(asked)) {
        return Ok(None);
    }
    let position = point(&found.centroide_ll).filter(|at| at.is_near_the_netherlands());
    let Some(position) = position else { return Err(AddressError::Answer("no position in the country".into())) };
    // Municipalities stand there as four digits.
    let municipality = found.gemeentecode.map(|code| if code.starts_with("GM") { code } else { format!("GM{code}") });
    let codes = [municipality, found.wijkcode, found.buurtcode].into_iter().flatten();
    let areas: Vec<AreaCode> = codes.filter_map(|code| code.parse().ok()).collect();
    let is_bag_id = |id: &String| id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_digit());
    Ok(Some(FoundAddress {
        label,
        postcode: found.postcode.and_then(|postcode| postcode.parse::<Postcode>().ok()),
        bag_id: found.nummeraanduiding_id.filter(is_bag_id),
        position,
        areas,
        municipality: found.gemeentenaam.map(|name| name.chars().filter(|c| !c.is_control()).take(100).collect()),
    }))
}

/// Whether a label has every word that was asked for, be it that a postcode or a number with its addition was written
/// apart.
fn has_words(label: &str, asked: &str) -> bool {
    let own: HashSet<&str> = label.split(' ').collect();
    let words: Vec<&str> = asked.split(' ').collect();
    let joined = |at: usize| words.get(at..at + 2).is_some_and(|pair| own.contains(pair.concat().as_str()));
    (0..words.len()).all(|at| own.contains(words[at]) || joined(at) || at > 0 && joined(at - 1))
}

/// Reads `POINT(4.89 52.37)`, longitude first.
fn point(text: &str) -> Option<Position> {
    let (lon, lat) = text.trim().strip_prefix("POINT(")?.strip_suffix(')')?.split_once(' ')?;
    Position::new(lat.trim().parse().ok()?, lon.trim().parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn answer(label: &str, point: &str) -> Vec<u8> {
        let document = json!({
            "weergavenaam": label, "type": "adres", "centroide_ll": point, "postcode": "1012JS",
            "nummeraanduiding_id": "0363200012145295", "buurtcode": "BU0363AC02", "wijkcode": "WK0363AC",
            "gemeentecode": "0363", "gemeentenaam": "Amsterdam",
        });
        json!({ "response": { "numFound": 1, "start": 0, "docs": [document] } }).to_string().into_bytes()
    }

    #[test]
    fn an_answer_is_taken_when_it_is_what_was_asked_for() {
        let found =
            read(&answer("Dam 1, 1012JS Amsterdam", "POINT(4.89315 52.37329)"), "dam 1 amsterdam").expect("read");
        let found = found.expect("an address");
        assert_eq!((found.position.lat(), found.position.lon()), (52.37329, 4.89315));
        let codes: Vec<_> = found.areas.iter().map(AreaCode::as_str).collect();
        assert_eq!(codes, ["GM0363", "WK0363AC", "BU0363AC02"]);
        assert_eq!(found.bag_id.as_deref(), Some("0363200012145295"));
        // Something else, which the service thinks is like it.
        assert_eq!(
            read(&answer("Damrak 1, 1012LG Amsterdam", "POINT(4.9 52.4)"), "Dam 1, Utrecht").expect("read"),
            None
        );
        assert_eq!(
            read(&answer("Damrak 10, 1012JS Amsterdam", "POINT(4.9 52.4)"), "Dam 1 Amsterdam").expect("read"),
            None
        );
        assert!(read(&answer("Dam 1, 1012JS Amsterdam", "POINT(4.9 52.4)"), "Dam 1, 1012 js").expect("read").is_some());
        assert_eq!(read(br#"{"response":{"docs":[]}}"#, "Dam 1").expect("read"), None);
    }

    #[test]
    fn an_answer_that_cannot_be_used_is_an_error() {
        for wrong in ["POINT(52.37 4.89)", "POINT(NaN NaN)", "POINT(4.89)", "", "POINT(0 0)"] {
            assert!(read(&answer("Dam 1", wrong), "Dam 1").is_err(), "{wrong}");
        }
        for wrong in [&b"<html>"[..], b"{}", b"", b"[1]", br#"{"response":{"docs":[{}]}}"#] {
            assert!(read(wrong, "Dam 1").is_err());
        }
    }
}
