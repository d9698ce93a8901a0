//! The configuration: defaults < file < environment (`WEGWIJZER_…`) < flags; read once, checked whole at start.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use serde::Deserialize;
use url::Url;

use crate::store::DatabaseUrl;

/// The flags that every command takes; each has an environment variable too.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Settings (flags come before the environment, the environment before the file)")]
pub struct ConfigFlags {
    /// Address to serve on [default: 127.0.0.1:8080]
    #[arg(long, env = "WEGWIJZER_LISTEN", value_name = "ADDRESS:PORT", global = true)]
    listen: Option<String>,
    /// Database: sqlite:PATH or postgres://user@host/name [default: sqlite:DATA/wegwijzer.db]
    #[arg(long, env = "WEGWIJZER_DATABASE", value_name = "URL", hide_env_values = true, global = true)]
    database: Option<String>,
    /// Folder for the index, and for the embedded database when no other is named [default: ./wegwijzer-data; for the
    /// demo ./wegwijzer-demo]
    #[arg(long, env = "WEGWIJZER_DATA", value_name = "DIR", global = true)]
    data: Option<PathBuf>,
    /// Configuration file (TOML) with the same names as the flags
    #[arg(long, env = "WEGWIJZER_CONFIG", value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// Vocabulary to use instead of the built-in one (JSON)
    #[arg(long, env = "WEGWIJZER_VOCABULARY", value_name = "FILE", global = true)]
    vocabulary: Option<PathBuf>,
    /// Crisis words and help numbers to use instead of the built-in ones (JSON)
    #[arg(long, env = "WEGWIJZER_CRISIS_WORDS", value_name = "FILE", global = true)]
    crisis_words: Option<PathBuf>,
    /// Dutch words that are no misspellings, one a line (UTF-8), as /usr/share/dict/dutch of Debian's wdutch
    #[arg(long, env = "WEGWIJZER_WORD_LIST", value_name = "FILE", global = true)]
    word_list: Option<PathBuf>,
    /// Lines that one cannot walk through: water, motorways, railways (GeoJSON) [default: DATA/barriers.geojson, when it
    /// is there]
    #[arg(long, env = "WEGWIJZER_BARRIERS", value_name = "FILE", global = true)]
    barriers: Option<PathBuf>,
    /// Address of a service that finds street addresses: a Locatieserver 3.1, as `api.pdok.nl/bzk/locatieserver/search/v3_1`
    /// with https:// before it; without it none are looked up
    #[arg(long, env = "WEGWIJZER_ADDRESS_SERVICE", value_name = "URL", global = true)]
    address_service: Option<String>,
    /// Form of the log: text for people, json for machines [default: text]
    #[arg(long, env = "WEGWIJZER_LOG_FORMAT", value_name = "text|json", global = true)]
    log_format: Option<String>,
    /// Seconds between two looks at the change log [default: 1]
    #[arg(long, env = "WEGWIJZER_POLL_SECONDS", value_name = "SECONDS", global = true)]
    poll_seconds: Option<f64>,
    /// Searches that may run at once; further ones are asked to come back [default: 64]
    #[arg(long, env = "WEGWIJZER_MAX_SEARCHES", value_name = "NUMBER", global = true)]
    max_searches: Option<usize>,
    /// Learn from the vocabulary and the listings which concepts a question is likely about [default: true]
    #[arg(long, env = "WEGWIJZER_LEARNED_CONCEPTS", value_name = "true|false", global = true)]
    learned_concepts: Option<bool>,
}

impl ConfigFlags {
    /// Whether a database, or a file that may name one, was given.
    pub fn names_a_database(&self) -> bool {
        self.database.is_some() || self.config.is_some()
    }
}

/// The same names in a file.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct ConfigFile {
    listen: Option<String>,
    database: Option<String>,
    data: Option<PathBuf>,
    vocabulary: Option<PathBuf>,
    crisis_words: Option<PathBuf>,
    word_list: Option<PathBuf>,
    barriers: Option<PathBuf>,
    address_service: Option<String>,
    log_format: Option<String>,
    poll_seconds: Option<f64>,
    max_searches: Option<usize>,
    learned_concepts: Option<bool>,
}

/// How this process is to run.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to serve.
    pub listen: SocketAddr,
    /// The system of record.
    pub database: DatabaseUrl,
    /// The folder of the index and the embedded database.
    pub data: PathBuf,
    /// A vocabulary of one's own.
    pub vocabulary: Option<PathBuf>,
    /// Crisis words and numbers of one's own.
    pub crisis_words: Option<PathBuf>,
    /// A list of Dutch words.
    pub word_list: Option<PathBuf>,
    /// The file of barriers; the one in the data folder when none is named.
    pub barriers: Option<PathBuf>,
    /// Where street addresses are looked up, if anywhere.
    pub address_service: Option<Url>,
    /// The form of the log.
    pub log_format: LogFormat,
    /// The time between two looks at the change log.
    pub poll: Duration,
    /// How many searches run at once.
    pub max_searches: usize,
    /// Whether concepts are learned.
    pub learned_concepts: bool,
}

/// The form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// Everything that is wrong with the configuration.
#[derive(Debug, thiserror::Error)]
#[error("the configuration needs attention:\n{}", .0.iter().map(|fault| format!("  - {fault}")).collect::<Vec<_>>().join("\n"))]
pub struct ConfigFaults(pub Vec<String>);

impl Config {
    /// Reads the configuration, or tells all that is wrong with it at once.
    pub fn read(flags: &ConfigFlags, default_data: &str) -> Result<Self, ConfigFaults> {
        let mut faults = Vec::new();
        let file = flags.config.as_deref().map(|path| read_file(path, &mut faults)).unwrap_or_default();

        let listen = flags.listen.clone().or(file.listen).unwrap_or_else(|| "127.0.0.1:8080".into());
        let listen = listen.parse().map_err(|_| {
            faults.push(format!("listen: '{listen}' is not an address: give one as 127.0.0.1:8080"));
        });
        let data = flags.data.clone().or(file.data).unwrap_or_else(|| default_data.into());
        let database = match flags.database.clone().or(file.database) {
            Some(url) => {
                url.parse().map_err(|e: crate::store::InvalidDatabaseUrl| faults.push(format!("database: {e}")))
            }
            None => Ok(DatabaseUrl::Sqlite(data.join("wegwijzer.db"))),
        };
        let log_format = match flags.log_format.clone().or(file.log_format).as_deref() {
            None | Some("text") => LogFormat::Text,
            Some("json") => LogFormat::Json,
            Some(other) => {
                faults.push(format!("log-format: '{other}' is neither text nor json"));
                LogFormat::Text
            }
        };
        let poll = flags.poll_seconds.or(file.poll_seconds).unwrap_or(1.0);
        if !(0.01..=3600.0).contains(&poll) {
            faults.push(format!("poll-seconds: {poll} is not between 0.01 and 3600"));
        }
        let max_searches = flags.max_searches.or(file.max_searches).unwrap_or(64);
        if !(1..=10_000).contains(&max_searches) {
            faults.push(format!("max-searches: {max_searches} is not between 1 and 10000"));
        }
        let address_service = flags.address_service.clone().or(file.address_service).and_then(|given| {
            let url = Url::parse(&given).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
            if url.is_none() {
                faults.push(format!("address-service: '{given}' is not an address on the web (http or https)"));
            }
            url
        });
        match (listen, database) {
            (Ok(listen), Ok(database)) if faults.is_empty() => Ok(Self {
                listen,
                database,
                data,
                vocabulary: flags.vocabulary.clone().or(file.vocabulary),
                crisis_words: flags.crisis_words.clone().or(file.crisis_words),
                word_list: flags.word_list.clone().or(file.word_list),
                barriers: flags.barriers.clone().or(file.barriers),
                address_service,
                log_format,
                poll: Duration::from_secs_f64(poll),
                max_searches,
                learned_concepts: flags.learned_concepts.or(file.learned_concepts).unwrap_or(true),
            }),
            _ => Err(ConfigFaults(faults)),
        }
    }

    /// The file of barriers, if there is any.
    pub fn barriers_file(&self) -> Option<PathBuf> {
        let own = || Some(self.data.join("barriers.geojson")).filter(|path| path.exists());
        self.barriers.clone().or_else(own)
    }

    /// The folder that holds the index's own folders.
    pub fn index_folder(&self) -> PathBuf {
        self.data.join("index")
    }
}

fn read_file(path: &Path, faults: &mut Vec<String>) -> ConfigFile {
    let read = std::fs::read_to_string(path).map_err(|e| e.to_string());
    match read.and_then(|text| toml::from_str(&text).map_err(|e| e.to_string())) {
        Ok(file) => file,
        Err(fault) => {
            faults.push(format!("{}: {fault}", path.display()));
            ConfigFile::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_faults_are_told_at_once() {
        let flags = ConfigFlags {
            listen: Some("here".into()),
            database: Some("mysql://x".into()),
            log_format: Some("xml".into()),
            poll_seconds: Some(-1.0),
            max_searches: Some(0),
            ..ConfigFlags::default()
        };
        let ConfigFaults(faults) = Config::read(&flags, "data").expect_err("five faults");
        assert_eq!(faults.len(), 5, "{faults:?}");
    }

    #[test]
    fn flags_come_before_the_file_and_the_file_before_the_defaults() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("wegwijzer.toml");
        std::fs::write(&path, "listen = \"127.0.0.1:9000\"\nmax-searches = 7\n").expect("written");
        let flags = ConfigFlags { config: Some(path), max_searches: Some(9), ..ConfigFlags::default() };
        let config = Config::read(&flags, "data").expect("right");
        assert_eq!((config.listen.port(), config.max_searches), (9000, 9));
        assert_eq!(config.database, DatabaseUrl::Sqlite("data/wegwijzer.db".into()));
    }
}
