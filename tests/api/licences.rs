//! Every dependency's licence is one that we agreed to.
//!
//! `deny.toml` holds the same list for those who have cargo-deny, which also knows advisories; here only cargo is
//! needed, so nobody adds a dependency without seeing this.

use cargo_metadata::{CargoOpt, DependencyKind, Metadata, MetadataCommand, Package, PackageId};
use std::collections::{BTreeSet, HashMap};
use std::path::Path;

/// The licences under which the service's dependencies may be used, each with the reason why it goes with the EUPL.
const ALLOWED: &[(&str, &str)] = &[
    ("MIT", "permissive: keep the notice"),
    ("Apache-2.0", "permissive: keep the notice, and patents are licensed too"),
    ("Apache-2.0 WITH LLVM-exception", "Apache-2.0 with one condition less; used while building"),
    ("BSD-2-Clause", "permissive: keep the notice"),
    ("BSD-3-Clause", "permissive: keep the notice, do not advertise with the authors' names"),
    ("CDLA-Permissive-2.0", "for data: the list of root certificates"),
    ("ISC", "permissive: keep the notice"),
    ("PostgreSQL", "permissive, of the BSD family: libpq, which is compiled in"),
    ("Unicode-3.0", "permissive: the tables of characters and languages"),
    ("Zlib", "permissive: do not pass changed sources off as the original"),
];

#[test]
fn every_dependency_has_a_licence_that_we_allow() {
    let metadata = metadata();
    let mut refused: Vec<_> = shipped(&metadata)
        .into_iter()
        .filter_map(|package| {
            let licence = package.license.as_deref().unwrap_or("no licence stated");
            let allowed = may_be_used(licence, &|name| ALLOWED.iter().any(|(allowed, _)| *allowed == name));
            (!allowed).then(|| format!("{} {}: {licence}", package.name, package.version))
        })
        .collect();
    refused.sort();
    assert!(refused.is_empty(), "take another crate, or allow the licence with a reason:\n{}", refused.join("\n"));
}

#[test]
fn no_licence_is_allowed_that_no_dependency_has() {
    let metadata = metadata();
    let named: BTreeSet<_> = shipped(&metadata)
        .into_iter()
        .flat_map(|package| {
            let tokens = tokens(package.license.as_deref().unwrap_or_default());
            let with = tokens.windows(3).filter(|words| words[1] == "WITH").map(|words| words.join(" "));
            with.collect::<Vec<_>>().into_iter().chain(tokens.clone())
        })
        .collect();
    let unused: Vec<_> = ALLOWED.iter().filter(|(allowed, _)| !named.contains(*allowed)).collect();
    assert!(unused.is_empty(), "take these from the list: {unused:?}");
}

#[test]
fn deny_toml_allows_the_same_licences() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deny.toml");
    let deny: toml::Table =
        std::fs::read_to_string(path).expect("as the project stands").parse().expect("as the project stands");
    let there: BTreeSet<_> = deny["licenses"]["allow"]
        .as_array()
        .expect("as the project stands")
        .iter()
        .map(|name| name.as_str().expect("as the project stands"))
        .collect();
    let here: BTreeSet<_> = ALLOWED.iter().map(|(name, _)| *name).collect();
    assert_eq!(there, here);
}

#[test]
fn a_licence_expression_is_read_as_its_words_say() {
    for (expression, expected) in [
        ("MIT", true),
        ("GPL-3.0-only", false),
        ("MIT OR GPL-3.0-only", true),
        ("GPL-3.0-only/MIT", true), // As older crates write OR.
        ("MIT AND GPL-3.0-only", false),
        ("(GPL-3.0-only OR MIT) AND Zlib", true),
        ("GPL-3.0-only OR MIT AND GPL-2.0-only", false), // AND binds more tightly.
        ("MIT AND Zlib OR GPL-3.0-only", true),
        ("Zlib WITH some-exception", false), // Another licence than Zlib, so it needs its own line.
        ("no licence stated", false),
        ("MIT GPL-3.0-only", false),
        ("(MIT", false),
        ("", false),
    ] {
        let allowed = may_be_used(expression, &|name| ["MIT", "Zlib"].contains(&name));
        assert_eq!(allowed, expected, "{expression}");
    }
}

/// What cargo knows of the whole lock file: all features, all platforms.
fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"))
        .features(CargoOpt::AllFeatures)
        .other_options(["--locked".to_owned()])
        .exec()
        .expect("cargo can read its own manifest")
}

/// The packages that the service is built from: all that it reaches but for tests.
fn shipped(metadata: &Metadata) -> Vec<&Package> {
    let resolve = metadata.resolve.as_ref().expect("dependencies were asked for");
    let nodes: HashMap<&PackageId, _> = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let root = resolve.root.as_ref().expect("the manifest is that of one package");
    let mut reached = BTreeSet::from([root]);
    let mut open = vec![root];
    while let Some(id) = open.pop() {
        for dependency in &nodes[id].deps {
            let only_tests = dependency.dep_kinds.iter().all(|kind| kind.kind == DependencyKind::Development);
            if !only_tests && reached.insert(&dependency.pkg) {
                open.push(&dependency.pkg);
            }
        }
    }
    reached.remove(root);
    metadata.packages.iter().filter(|package| reached.contains(&package.id)).collect()
}

/// Whether an SPDX expression offers a choice in which every licence is `allowed`.
fn may_be_used(expression: &str, allowed: &dyn Fn(&str) -> bool) -> bool {
    let tokens = tokens(expression);
    let mut rest = tokens.as_slice();
    any_of(&mut rest, allowed) && rest.is_empty()
}

fn tokens(expression: &str) -> Vec<String> {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    spaced.split_whitespace().map(str::to_owned).collect()
}

fn any_of(rest: &mut &[String], allowed: &dyn Fn(&str) -> bool) -> bool {
    let mut answer = all_of(rest, allowed);
    while take(rest, "OR") {
        answer |= all_of(rest, allowed);
    }
    answer
}

fn all_of(rest: &mut &[String], allowed: &dyn Fn(&str) -> bool) -> bool {
    let mut answer = one(rest, allowed);
    while take(rest, "AND") {
        answer &= one(rest, allowed);
    }
    answer
}

fn one(rest: &mut &[String], allowed: &dyn Fn(&str) -> bool) -> bool {
    if take(rest, "(") {
        return any_of(rest, allowed) & take(rest, ")");
    }
    let Some((name, after)) = rest.split_first() else {
        return false;
    };
    *rest = after;
    if take(rest, "WITH") {
        let Some((exception, after)) = rest.split_first() else {
            return false;
        };
        *rest = after;
        return allowed(&format!("{name} WITH {exception}"));
    }
    allowed(name)
}

/// Steps over `word` if it comes next.
fn take(rest: &mut &[String], word: &str) -> bool {
    let next = rest.first().is_some_and(|token| token == word);
    if next {
        *rest = &rest[1..];
    }
    next
}
