//! The sources keep to the layers of `docs/architecture.md`: who may use whom, and which one knows which library.
//!
//! The sources are read as text. That is enough for honest code: paths that begin with `crate::`, names of crates.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const LIBRARY: &[&str] = &["domain", "crisis", "vocabulary", "areas", "addresses", "store", "search"];
const SERVICE: &[&str] = &["directory", "exchange", "auth", "config", "telemetry"];

/// Each layer (a module of the crate's root) with the layers that it may use besides itself.
const LAYERS: &[(&str, &[&[&str]])] = &[
    ("domain", &[]),
    // These do not know each other: what two of them share is a value of the domain.
    ("vocabulary", &[&["domain"]]),
    ("crisis", &[&["domain"]]),
    ("areas", &[&["domain"]]),
    ("addresses", &[&["domain"]]),
    ("store", &[&["domain"]]),
    ("search", &[&["domain"]]),
    ("auth", &[LIBRARY]),
    ("directory", &[LIBRARY, &["auth"]]),
    ("exchange", &[LIBRARY, &["auth", "directory"]]),
    ("config", &[&["domain", "store"]]),
    ("telemetry", &[&["config"]]),
    ("web", &[LIBRARY, SERVICE]),
    ("app", &[LIBRARY, SERVICE, &["web"]]),
    ("cli", &[LIBRARY, SERVICE, &["web", "app"]]),
    ("main", &[LIBRARY, SERVICE, &["web", "app", "cli"]]),
    ("lib", &[LIBRARY, SERVICE, &["web", "app", "cli"]]),
];

/// A library, by a word in the names of its crates, and the layers that alone know it.
const HOMES: &[(&str, &[&str])] =
    &[("diesel", &["store"]), ("tantivy", &["search"]), ("actix", &["web", "app"]), ("reqwest", &["addresses"])];

#[test]
fn every_source_file_keeps_to_its_layer() {
    let sources = sources();
    let faults: Vec<_> = sources.iter().flat_map(|(path, source)| faults(path, source)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_library_is_found_at_its_home() {
    // Otherwise the rule about it would hold for want of anything to look at.
    let sources = sources();
    for (library, homes) in HOMES {
        let found =
            sources.iter().any(|(path, source)| homes.contains(&layer_of(path)) && mentions(&code_of(source), library));
        assert!(found, "{library} is not used in {homes:?}");
    }
}

#[test]
fn both_databases_have_the_same_migrations() {
    let [sqlite, postgres] = ["sqlite", "postgres"].map(|backend| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(backend);
        let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        entries
            .map(|entry| {
                entry.expect("as the project stands").file_name().into_string().expect("as the project stands")
            })
            .collect::<BTreeSet<_>>()
    });
    assert!(!sqlite.is_empty(), "there are no migrations");
    assert_eq!(sqlite, postgres);
}

#[test]
fn a_breach_is_seen_however_it_is_written() {
    for (path, source, expected) in [
        ("domain/place.rs", "use crate::domain::ids::AreaCode;", None),
        ("domain/place.rs", "use crate::store::Store;", Some("store")),
        ("domain.rs", "fn f(index: &crate::search::Index) {}", Some("search")),
        ("store.rs", "use crate::{domain::{ids, place}, store::schema};", None),
        ("store/offering.rs", "use crate::{\n    domain::{ids, place},\n    areas,\n};", Some("areas")),
        ("search/index.rs", "use crate::{store as other};", Some("store")),
        ("directory/find.rs", "use crate::search::Index;", None),
        ("directory/find.rs", "use crate::web::Problem;", Some("web")),
        ("web/api.rs", "use crate::cli;", Some("cli")),
        ("search.rs", "use crate::mailing::Mail;", Some("mailing")),
        ("mailing.rs", "", Some("mailing")),
        ("store/schema.rs", "diesel::table! { offering (id) { id -> Text, } }", None),
        ("directory/edit.rs", "use diesel::prelude::*;", Some("diesel")),
        ("app.rs", "embed_migrations!(); use diesel_migrations as m;", Some("diesel")),
        ("web/api.rs", "pub enum E { Search(#[from] tantivy::TantivyError) }", Some("tantivy")),
        ("telemetry.rs", "use tracing_actix_web::RootSpan;", Some("actix")),
        ("app.rs", "use actix_web::App;", None),
        ("telemetry.rs", r#"filter("info,tantivy::index=warn") // crate::store, diesel"#, None),
        ("domain/text.rs", r#"if c == '"' { crate::store::f("\"") }"#, Some("store")),
    ] {
        let faults = faults(Path::new(path), source);
        let seen = match expected {
            Some(word) => faults.len() == 1 && faults[0].contains(&format!("`{word}`")),
            None => faults.is_empty(),
        };
        assert!(seen, "{path}: {source}\nexpected {expected:?}, found {faults:?}");
    }
}

/// Every Rust file below `src/`, by its path in there, with its text.
fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("as the project stands") {
            let path = entry.expect("as the project stands").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let source = std::fs::read_to_string(&path).expect("as the project stands");
                sources.push((path.strip_prefix(&root).expect("as the project stands").to_owned(), source));
            }
        }
    }
    sources.sort();
    sources
}

/// What a source file, by its path below `src/`, uses and should not.
fn faults(path: &Path, source: &str) -> Vec<String> {
    let code = code_of(source);
    let layer = layer_of(path);
    let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == layer) else {
        return vec![format!("{}: `{layer}` is no layer; give it a line in LAYERS", path.display())];
    };
    let upwards = used_layers(&code)
        .into_iter()
        .filter(|used| *used != layer && !allowed.iter().any(|names| names.contains(used)))
        .map(|used| format!("{}: {layer} may not use `{used}`", path.display()));
    let foreign = HOMES
        .iter()
        .filter(|(library, homes)| !homes.contains(&layer) && mentions(&code, library))
        .map(|(library, homes)| format!("{}: `{library}` belongs in {homes:?}", path.display()));
    upwards.chain(foreign).collect()
}

/// The module of the crate's root that a file belongs to.
fn layer_of(path: &Path) -> &str {
    let first = path.iter().next().and_then(|part| part.to_str()).unwrap_or_default();
    first.strip_suffix(".rs").unwrap_or(first)
}

/// The source without comments and without what stands between quotes.
///
/// Each line is read by itself, so that a quote in a raw string spoils one line and not the rest of the file.
fn code_of(source: &str) -> String {
    let mut code = String::new();
    for line in source.lines() {
        let line = line.replace("'\"'", "' '");
        let mut chars = line.chars().peekable();
        let mut quoted = false;
        while let Some(char) = chars.next() {
            match char {
                '\\' if quoted => drop(chars.next()),
                '"' => quoted = !quoted,
                '/' if !quoted && chars.peek() == Some(&'/') => break,
                _ if quoted => {}
                _ => code.push(char),
            }
        }
        code.push('\n');
    }
    code
}

fn mentions(code: &str, library: &str) -> bool {
    code.split(|char| !is_name(char)).any(|name| name.split('_').any(|word| word == library))
}

/// The first names of all paths that begin at the crate's root, those in braces too.
fn used_layers(code: &str) -> BTreeSet<&str> {
    let mut used = BTreeSet::new();
    for (at, start) in code.match_indices("crate::") {
        if code[..at].ends_with(is_name) {
            continue;
        }
        let path = &code[at + start.len()..];
        if !path.starts_with('{') {
            used.insert(first_name(path));
            continue;
        }
        let mut depth = 0;
        for (at, char) in path.char_indices() {
            match char {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
            if depth == 1 && (char == '{' || char == ',') {
                used.insert(first_name(path[at + 1..].trim_start()));
            }
        }
    }
    used.remove(""); // After the last comma of a list.
    used
}

fn first_name(path: &str) -> &str {
    path.split(|char| !is_name(char)).next().unwrap_or_default()
}

fn is_name(char: char) -> bool {
    char.is_alphanumeric() || char == '_'
}
