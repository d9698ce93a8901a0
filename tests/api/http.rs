//! How the API speaks: headers, problems, methods, health.

use reqwest::Method;

use crate::harness::app::TestApp;
use crate::harness::offering;

#[test]
fn every_answer_tells_its_version_and_is_guarded() {
    let app = TestApp::with([offering("Soep")]);
    for path in ["/v1/offerings", "/v1/offerings?nope=1", "/v1/nowhere", "/v1/openapi.json", "/v1/schemes/theme"] {
        let answer = app.get(path);
        assert_eq!(answer.header("api-version"), "1.0.0", "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert!(answer.header("content-security-policy").contains("default-src 'none'"), "{path}");
    }
}

#[test]
fn what_is_at_no_address_is_a_problem_and_a_slash_too_many_is_one() {
    let app = TestApp::with([]);
    for path in ["/v1/nowhere", "/v1/offerings/", "/elsewhere", "/v1", "/v1/schemes/unknown", "/v1/areas/BU9999ZZ99"] {
        app.get(path).problem(404);
    }
    app.get("/v1/offerings/not-an-id").problem(404);
    app.get("/v1/offerings/01900000-0000-7000-8000-000000000000").problem(404);
}

#[test]
fn a_method_that_does_not_fit_is_told_which_ones_do() {
    let app = TestApp::with([]);
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
        let answer = app.send(method, "/v1/offerings");
        answer.problem(405);
        assert_eq!(answer.header("allow"), "GET, HEAD");
    }
}

#[test]
fn what_the_framework_refuses_is_a_problem_too() {
    let app = TestApp::with([]);
    for path in ["/v1/offerings", "/v1/nowhere", "/health/live"] {
        for accepted in ["identity;q=0, x-none", "*;q=0"] {
            let answer = app.send_with(Method::GET, path, &[("accept-encoding", accepted)]);
            let problem = answer.problem(406);
            assert_eq!(problem["type"], "urn:wegwijzer:problem:not-acceptable");
            assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("gzip")), "{problem}");
            assert_eq!(answer.header("vary").to_lowercase(), "accept-encoding");
            assert_eq!((answer.header("api-version"), answer.header("cache-control")), ("1.0.0", "no-store"));
        }
    }
    for path in ["/v1/offerings/%ff", "/v1/areas/%ff", "/v1/schemes/%ff", "/%ff", "/v1//offerings", "//"] {
        let status = app.get(path).status;
        app.get(path).problem(status);
    }
}

/// What the server answers before there is a request for the service: no hook of actix-http can fill these bodies.
#[test]
fn a_head_that_cannot_be_read_is_answered_with_a_bare_status() {
    use std::io::{Read, Write};
    let app = TestApp::with([]);
    let large = format!("GET / HTTP/1.1\r\nHost: x\r\nX-Large: {}\r\n\r\n", "a".repeat(200_000));
    for (head, status) in [("GET\r\n\r\n", "400"), (&large, "431")] {
        let mut stream = std::net::TcpStream::connect(app.address).expect("connected");
        // The server may close before all of a large head is written.
        let _ = stream.write_all(head.as_bytes());
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        assert!(answer.ends_with("\r\n\r\n"), "no body: {answer}");
    }
}

#[test]
fn head_answers_as_get_without_the_body() {
    let app = TestApp::with([offering("Soep")]);
    let (get, head) = (app.get("/v1/schemes"), app.send(Method::HEAD, "/v1/schemes"));
    assert_eq!((head.status, head.text.as_str()), (200, ""));
    assert_eq!(head.header("content-length"), get.text.len().to_string());
}

#[test]
fn all_faults_of_a_search_are_told_at_once_with_what_would_be_right() {
    let app = TestApp::with([]);
    let path = "/v1/offerings?radius=far&theme=rouwen&tehme=grief&page=0&bbox=5,52,4,53&age=200&facets=colour&q=a&q=b\
        &only=targetGroup";
    let problem = app.get(path).problem(400);
    let errors = problem["errors"].as_array().expect("errors");
    let detail = |pointer: &str| {
        let found = errors
            .iter()
            .find(|e| e["pointer"] == pointer)
            .unwrap_or_else(|| panic!("nothing at {pointer}: {problem}"));
        found["detail"].as_str().expect("text").to_owned()
    };
    assert!(detail("/theme").contains("'grief'"), "{}", detail("/theme"));
    assert!(detail("/tehme").contains("'theme'"), "{}", detail("/tehme"));
    assert!(detail("/only").contains("targetGroup"), "{}", detail("/only"));
    for pointer in ["/radius", "/page", "/bbox", "/age", "/facets", "/q"] {
        detail(pointer);
    }
}

#[test]
fn odd_requests_are_answered_and_none_ends_the_service() {
    let app = TestApp::with([offering("Soep")]);
    let brackets = "(".repeat(5000);
    let odd = [
        format!("/v1/offerings?q={brackets}"),
        format!("/v1/offerings?q={}", "%28".repeat(199)),
        "/v1/offerings?q=%00%ff%fe".into(),
        "/v1/offerings?q=%F0%9F%98%80%20%E2%80%AE%D8%B3%D9%84%D8%A7%D9%85".into(),
        "/v1/offerings?q=%22%2B-%3A%2A~%5E%5B%5D%7B%7D".into(),
        "/v1/offerings?near=NaN,NaN&radius=1".into(),
        "/v1/offerings?near=90,180&radius=200000".into(),
        "/v1/offerings?page=99999999999999999999".into(),
        "/v1/offerings?=&&&==".into(),
        format!("/v1/offerings?{}", "theme=grief&".repeat(300)),
    ];
    for path in odd {
        let status = app.get(&path).status;
        assert!(status == 200 || status == 400, "{path} answered {status}");
    }
    app.get("/v1/offerings?q=soep").ok();
}

#[test]
fn health_tells_whether_there_is_an_index_and_metrics_count_without_words() {
    let app = TestApp::with([offering("Soep"), offering("Brood")]);
    assert_eq!(app.get("/health/live").ok()["live"], true);
    let ready = app.get("/health/ready").ok();
    assert_eq!((&ready["ready"], &ready["offerings"]), (&true.into(), &2.into()));
    app.get("/v1/offerings?q=geheimwoord&near=52.3712,4.9123").ok();
    let metrics = app.get("/metrics");
    assert_eq!(metrics.status, 200);
    assert!(
        metrics.text.contains("wegwijzer_requests_total{route=\"/v1/offerings\",status=\"200\"}"),
        "{}",
        metrics.text
    );
    assert!(!metrics.text.contains("geheimwoord") && !metrics.text.contains("52.3712"));
}

#[test]
fn schemes_speak_the_asked_language_and_hide_what_is_for_search_alone() {
    let app = TestApp::with([]);
    let schemes = app.get("/v1/schemes?lang=en").ok();
    assert_eq!(schemes["schemes"].as_array().map(Vec::len), Some(17));
    let theme = app.get("/v1/schemes/theme?lang=en");
    let grief = |text: &serde_json::Value| {
        let concepts = text["concepts"].as_array().expect("concepts").clone();
        concepts.into_iter().find(|concept| concept["id"] == "grief").expect("grief")
    };
    assert_eq!(grief(&theme.ok())["label"], "Grief and loss");
    assert_eq!(grief(&app.get("/v1/schemes/theme").ok())["label"], "Rouw en verlies");
    assert!(!theme.text.contains("rauwverwerking"), "hidden labels are never shown");
    assert_eq!(app.get("/v1/schemes/providerType").ok()["id"], "providerType");
}
