//! The API's description: it is what the code says, follows the government's rules, and its examples work.

use serde_json::Value;

use crate::harness::app::TestApp;

fn committed() -> Value {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi/openapi.json");
    serde_json::from_slice(&std::fs::read(path).expect("openapi/openapi.json")).expect("JSON")
}

/// Each operation with its path and method.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().expect("paths");
    let of = |path: &String, item: &Value| {
        let methods = item.as_object().expect("methods").clone();
        methods.into_iter().map(|(method, operation)| (path.clone(), method, operation)).collect::<Vec<_>>()
    };
    paths.iter().flat_map(|(path, item)| of(path, item)).collect()
}

#[test]
fn the_committed_description_is_what_the_code_says() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi/openapi.json");
    let committed = std::fs::read_to_string(path).expect("openapi/openapi.json");
    assert_eq!(committed, wegwijzer::web::openapi_text(), "write it anew: cargo run -- openapi > openapi/openapi.json");
}

#[test]
fn it_is_served_where_everybody_looks_for_it() {
    let app = TestApp::with([]);
    assert_eq!(app.get("/v1/openapi.json").ok(), committed());
}

#[test]
fn it_follows_the_rules_of_the_government() {
    let document = committed();
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")));
    assert_eq!(document["servers"][0]["url"], "/v1");
    for key in ["name", "email", "url"] {
        assert!(document["info"]["contact"][key].is_string(), "contact.{key}");
    }
    let mut ids = std::collections::HashSet::new();
    for (path, method, operation) in operations(&document) {
        let here = format!("{method} {path}");
        assert!(!path.ends_with('/'), "{here} ends with a slash");
        for part in path.split('/').filter(|part| !part.is_empty() && !part.starts_with('{')) {
            // `_search` is an action, and `.ics` tells the form, both as the rules have it.
            let plain = part.trim_start_matches('_').trim_end_matches(".ics");
            let kebab = plain.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
            assert!(kebab, "{here} is not kebab-case");
        }
        assert!(ids.insert(operation["operationId"].to_string()), "{here} has no id of its own");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().expect("a name");
            let camel =
                name.starts_with(|c: char| c.is_ascii_lowercase()) && name.bytes().all(|b| b.is_ascii_alphanumeric());
            // The rules' own module for maps asks for this name.
            assert!(camel || name == "bbox-crs", "{here}: {name} is not lower camelCase");
        }
        let responses = operation["responses"].as_object().expect("responses");
        assert!(responses.contains_key("400"), "{here} has no 400");
        for (status, response) in responses {
            assert!(response["headers"]["API-Version"].is_object(), "{here} {status} has no API-Version");
            let content = response["content"].as_object();
            assert!(content.is_some() || status.starts_with('3'), "{here} {status} has no content");
            if status.starts_with(['4', '5']) {
                let content = content.expect("content");
                assert!(content.contains_key("application/problem+json"), "{here} {status} is no problem");
            }
        }
    }
}

#[test]
fn a_search_takes_the_parameters_that_are_described_and_no_others() {
    let document = committed();
    let parameters = document["paths"]["/offerings"]["get"]["parameters"].as_array().expect("parameters").clone();
    let described: std::collections::BTreeSet<&str> = parameters.iter().filter_map(|p| p["name"].as_str()).collect();
    let schemes = wegwijzer::domain::Scheme::ALL.map(wegwijzer::domain::Scheme::name);
    let form = ["format", "crs", "bbox-crs"];
    let taken = wegwijzer::search::PARAMETERS.into_iter().chain(schemes).chain(form).collect();
    assert_eq!(described, taken);
}

/// Every example of a parameter works on the demo, alone and with what it needs.
#[test]
fn every_example_works_on_the_demo() {
    let app = TestApp::shared_demo();
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let first = |list: &str, key: &str| app.get(list).ok()[key][0].clone();
    let offering = first("/v1/offerings", "hits")["offering"]["id"].clone();
    let organization = first("/v1/organizations", "items")["id"].clone();
    let location = first("/v1/locations", "items")["id"].clone();
    let mut tried = 0;
    for (path, method, operation) in operations(&committed()) {
        let filled = path
            .replace("/offerings/{id}", &format!("/offerings/{}", text(&offering)))
            .replace("/locations/{id}", &format!("/locations/{}", text(&location)))
            .replace("/organizations/{id}", &format!("/organizations/{}", text(&organization)));
        if method == "post" {
            let page =
                app.post(&format!("/v1{filled}"), &operation["requestBody"]["content"]["application/json"]["example"]);
            assert!(page.ok()["total"].as_u64() > Some(0), "{path}");
            continue;
        }
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let filled = parameters.iter().filter(|p| p["in"] == "path").fold(filled, |path, parameter| {
            path.replace(&format!("{{{}}}", text(&parameter["name"])), &text(&parameter["example"]))
        });
        let pair = |name: &str, value: &str| -> String {
            url::form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish()
        };
        let required = parameters.iter().filter(|p| p["in"] == "query" && p["required"] == true);
        let one = |example: &Value| match example {
            Value::Array(some) => text(&some[0]),
            other => text(other),
        };
        let required: Vec<_> = required.map(|p| (text(&p["name"]), one(&p["example"]))).collect();
        let with = |but: &str| -> String {
            required
                .iter()
                .filter(|(name, _)| name != but)
                .map(|(name, value)| format!("&{}", pair(name, value)))
                .collect()
        };
        app.get(&format!("/v1{filled}?{}", with("").trim_start_matches('&'))).right();
        for parameter in parameters.iter().filter(|parameter| parameter["in"] == "query") {
            let name = text(&parameter["name"]);
            let example = match &parameter["example"] {
                Value::Array(some) => text(&some[0]),
                Value::Null => {
                    assert_eq!(name, "organization", "{path}: {name} has no example");
                    text(&organization)
                }
                other => text(other),
            };
            let needed = match name.as_str() {
                "radius" | "sort" => "&near=52.3696,4.9294",
                "only" => "&targetGroup=older_people",
                _ => "",
            };
            let answer = app.get(&format!("/v1{filled}?{}{needed}{}", pair(&name, &example), with(&name)));
            answer.right();
            if path == "/offerings" {
                let page = answer.ok();
                assert!(page["total"].as_u64().is_some_and(|total| total > 0), "{name}={example} finds nothing");
            }
            tried += 1;
        }
    }
    assert!(tried > 40, "{tried}");
}
