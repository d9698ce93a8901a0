//! Street addresses, by a stand-in that speaks the form of the Locatieserver.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use wegwijzer::addresses::{AddressService, Locatieserver};
use wegwijzer::directory::locate_addresses;
use wegwijzer::domain::OfferingDraft;

use crate::harness::app::TestApp;
use crate::harness::{offering, vocabulary, with};

/// How the stand-in answers.
#[derive(Clone, Copy, PartialEq)]
enum Mood {
    Well,
    Nonsense,
    Late,
    Endless,
}

struct StandIn {
    address: SocketAddr,
    asked: Arc<AtomicUsize>,
    mood: Arc<Mutex<Mood>>,
}

impl StandIn {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (asked, mood) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Mood::Well)));
        let (count, now) = (asked.clone(), mood.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let (count, now) = (count.clone(), now.clone());
                std::thread::spawn(move || {
                    let mut first = String::new();
                    let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
                    let _ = reader.read_line(&mut first);
                    let mut line = String::new();
                    while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
                        line.clear();
                    }
                    count.fetch_add(1, Ordering::Relaxed);
                    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n";
                    let mood = *now.lock().expect("a mood");
                    if mood == Mood::Late {
                        std::thread::sleep(Duration::from_secs(4));
                    }
                    let _ = stream.write_all(head.as_bytes());
                    while mood == Mood::Endless && stream.write_all(&[b' '; 4096]).is_ok() {}
                    let body =
                        if mood == Mood::Nonsense { "<html>Bad Gateway</html>".to_owned() } else { answer(&first) };
                    let _ = stream.write_all(body.as_bytes());
                });
            }
        });
        Self { address, asked, mood }
    }

    fn url(&self) -> String {
        format!("http://{}/bzk/locatieserver/search/v3_1", self.address)
    }

    fn is(&self, mood: Mood) {
        *self.mood.lock().expect("a mood") = mood;
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

/// What the service would answer: always something, as it does.
fn answer(request: &str) -> String {
    assert!(request.starts_with("GET /bzk/locatieserver/search/v3_1/free?q="), "{request}");
    json!({ "response": { "numFound": 1, "start": 0, "maxScore": 8.1, "numFoundExact": true, "docs": [{
        "type": "adres", "weergavenaam": "Czaar Peterstraat 1, 1018NW Amsterdam", "postcode": "1018NW",
        "centroide_ll": "POINT(4.9296 52.3699)", "nummeraanduiding_id": "0363200012145295", "buurtcode": "BU0363AK05",
        "wijkcode": "WK0363AK", "gemeentecode": "0363", "gemeentenaam": "Amsterdam",
    }] } })
    .to_string()
}

#[test]
fn an_address_is_a_place_and_a_failure_leads_to_the_postcode() {
    let service = StandIn::new();
    let app = TestApp::demo_with_addresses(&service.url());
    let near = |text: &str| app.get(&format!("/v1/offerings?near={}&sort=distance", text.replace(' ', "%20")));
    let page = near("Czaar Peterstraat 1 Amsterdam").ok();
    assert_eq!(page["near"]["kind"], "address");
    assert_eq!(page["near"]["name"], "Czaar Peterstraat 1, 1018NW Amsterdam");
    assert_eq!(page["near"]["position"], json!({ "latitude": 52.3699, "longitude": 4.9296 }));
    assert_eq!(page["hits"][0]["distance"], 0);
    let asked = service.asked();
    near("czaar peterstraat 1, Amsterdam").ok();
    assert_eq!(service.asked(), asked, "what was asked before is not asked again");
    // What is known here is not asked for, and what the service thinks is like the words is not taken.
    near("1018NW").ok();
    near("Reimerswaalbuurt").ok();
    near("BU0363AK05").ok();
    assert_eq!(service.asked(), asked);
    near("Kalverstraat 12 Utrecht").problem(400);
    near("Kalverstraat Utrecht").problem(400);
    assert_eq!(service.asked(), asked + 1, "an address has a number");

    for mood in [Mood::Nonsense, Mood::Late, Mood::Endless] {
        service.is(mood);
        let text = match mood {
            Mood::Nonsense => "Conradstraat 64",
            Mood::Late => "Conradstraat 65",
            _ => "Conradstraat 66",
        };
        let fault = near(text).problem(400);
        assert!(fault["errors"][0]["detail"].as_str().expect("a detail").contains("a postcode can"), "{fault}");
        let page = near(&format!("{text}, 1018 NH Amsterdam")).ok();
        assert_eq!((&page["near"]["kind"], &page["near"]["code"]), (&json!("postcode"), &json!("1018NH")));
    }
}

#[test]
fn without_a_service_the_postcode_of_an_address_will_do() {
    let app = TestApp::demo();
    let page = app.get("/v1/offerings?near=Conradstraat%2064,%201018%20NH%20Amsterdam").ok();
    assert_eq!(page["near"]["code"], "1018NH");
    app.get("/v1/offerings?near=Conradstraat%2064").problem(400);
}

#[test]
fn addresses_of_editors_get_a_position_and_wait_when_the_service_is_away() {
    let service = StandIn::new();
    let locatieserver = Locatieserver::new(service.url().parse().expect("an address"));
    let draft = |street: &str| {
        let address = json!({ "street": street, "houseNumber": "1", "city": "Amsterdam" });
        let session = json!({ "place": { "type": "physical", "address": address } });
        let draft = OfferingDraft(with(offering("Soep"), json!({ "sessions": [session] })));
        draft.check(&vocabulary()).expect("a right draft")
    };
    let mut found = draft("Czaar Peterstraat");
    assert_eq!(locate_addresses(&mut found, &locatieserver).expect("an answer"), [0; 0]);
    let place = serde_json::to_value(&found.sessions[0].place).expect("JSON");
    assert_eq!(place["position"], json!({ "latitude": 52.3699, "longitude": 4.9296 }));
    assert_eq!(place["address"]["bagId"], "0363200012145295");
    assert_eq!(place["address"]["postcode"], "1018NW");
    assert_eq!(place["area"], json!(["GM0363", "WK0363AK", "BU0363AK05"]));
    let mut unknown = draft("Nergenspad");
    assert_eq!(locate_addresses(&mut unknown, &locatieserver).expect("an answer"), [0]);
    service.is(Mood::Nonsense);
    let error = locate_addresses(&mut draft("Conradstraat"), &locatieserver).expect_err("it fails");
    assert!(!error.to_string().contains("Conrad"), "what was asked is never told");
    assert!(locatieserver.find("Conradstraat 1").is_err());
}
