use std::sync::Arc;
use std::time::Instant;
use wegwijzer::domain::*;
use wegwijzer::search::*;

struct Rng(u64);
impl Rng {
    fn next(&mut self) -> u64 { self.0 ^= self.0 << 13; self.0 ^= self.0 >> 7; self.0 ^= self.0 << 17; self.0 }
    fn below(&mut self, n: usize) -> usize { (self.next() % n as u64) as usize }
    fn unit(&mut self) -> f64 { (self.next() >> 11) as f64 / (1u64 << 53) as f64 }
    fn zipf(&mut self, n: usize) -> usize { let u = self.unit(); ((n as f64).powf(u) as usize - 1).min(n - 1) }
}

fn word(i: usize) -> String {
    const S: [&str; 20] = ["wan", "del", "kof", "fie", "taal", "les", "buurt", "huis", "groep", "zorg", "eet", "ta", "fel", "ge", "zin", "ou", "der", "kind", "spel", "mu"];
    format!("{}{}{}", S[i % 20], S[(i / 20) % 20], S[(i / 400 + 7) % 20])
}

fn offering(rng: &mut Rng, v: &Vocabulary, n: i64) -> PublicOffering {
    let text = |rng: &mut Rng, k: usize| (0..k).map(|_| word(rng.zipf(8000))).collect::<Vec<_>>().join(" ");
    let pick = |rng: &mut Rng, s: Scheme| { let l = &v.scheme(s).concepts; l[rng.below(l.len())].id.clone() };
    let name = text(rng, 4);
    let summary = text(rng, 14);
    let description = text(rng, 90);
    let themes: Vec<_> = (0..1 + rng.below(2)).map(|_| pick(rng, Scheme::Theme)).collect();
    let mut sessions = Vec::new();
    for _ in 0..1 + rng.below(2) {
        // clustered around 12 towns
        let town = rng.below(40); let (cl, co) = (51.0 + (town % 8) as f64 * 0.3, 4.2 + (town / 8) as f64 * 0.5);
        let g = |rng: &mut Rng| (rng.unit() + rng.unit() + rng.unit() - 1.5) * 0.05;
        let place = match rng.below(10) { 0 => Place::Virtual { url: None }, 1 => Place::Home, _ => Place::Physical(Location {
            position: Position::new(((cl + g(rng)) * 1e5).round() / 1e5, ((co + g(rng)) * 1e5).round() / 1e5).ok(), name: Some(text(rng, 2)),
            address: Some(Address { street: Some("Kade".into()), house_number: Some("1".into()), city: Some("Stad".into()), ..Address::default() }),
            area: vec![format!("BU{:04}{:04}", town, rng.below(40)).parse().unwrap()], ..Location::default() }) };
        let days = ["MO", "TU", "WE", "TH", "FR", "SA"];
        sessions.push(Session { id: Some(SessionId::new()), label: None, place: Some(place), service_area: vec![],
            schedules: vec![Schedule { rule: Some(format!("FREQ=WEEKLY;BYDAY={}", days[rng.below(6)]).parse().unwrap()), from: None, until: None,
                starts_at: chrono::NaiveTime::from_hms_opt(9 + rng.below(11) as u32, 0, 0), ends_at: None, time_zone: chrono_tz::Europe::Amsterdam, holidays: None }],
            ..Session::default() });
    }
    let terms = Terms { age: if rng.below(2) == 0 { Some(AgeRange { from: Some(18), to: None }) } else { None }, gender_setting: Some("mixed_gender".into()),
        language: Some(vec!["nl".into(), pick(rng, Scheme::Language)]), accessibility: if rng.below(2) == 0 { Some(vec!["wheelchair".into()]) } else { None },
        cost: Some(Cost { category: Some(pick(rng, Scheme::Cost)), ..Cost::default() }),
        access: Some(Access { joining: vec![Joining::WalkIn], referral: Some(Referral::NotNeeded), ..Access::default() }),
        contact: Some(vec![Contact { role: "Gastvrouw".into(), channels: vec![Channel { kind: ChannelType::Phone, value: "020 000 00 01".into(), hours: Some("ma".into()), language: vec![] }], say_this: None }]),
        assured: Some(Assurance { date: chrono::NaiveDate::from_ymd_opt(2026, 1 + rng.below(11) as u32, 2).unwrap(), by: None }), ..Terms::default() };
    let org = Organization { id: Some(OrganizationId::new()), name: text(rng, 2), provider_type: Some(pick(rng, Scheme::ProviderType)), kvk: None, website: None, email: None, phone: None };
    PublicOffering { id: OfferingId::new(), number: ItemNumber(n), municipality: format!("GM{:04}", rng.below(40)).parse().unwrap(), version: Version(1), changed_at: chrono::DateTime::UNIX_EPOCH,
        offering: Offering { name, summary: Some(summary), description: Some(description), text_language: LanguageTag::dutch(), translations: vec![],
            sphere: vec![pick(rng, Scheme::Sphere)], formality: Some(pick(rng, Scheme::Formality)), kind: vec![pick(rng, Scheme::Kind)], continuum: Some(pick(rng, Scheme::Continuum)), theme: themes,
            positive_health: Some(vec![pick(rng, Scheme::PositiveHealth)]), resilience_resource: None, social_quality: None, target_group: vec![pick(rng, Scheme::TargetGroup)], community: vec![],
            organization: vec![Involvement { role: Role::Lead, organization: org }], maintainer: None, status: Status::default(), source: None, images: vec![], terms, sessions } }
}

fn main() {
    let n: i64 = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(100_000);
    let v = Arc::new(wegwijzer::vocabulary::load(None).unwrap());
    let folder = std::path::PathBuf::from(format!("/tmp/search-timing-{n}"));
    let mark = Watermark { change: ChangeNumber(1), as_of: chrono::DateTime::UNIX_EPOCH };
    let mut rng = Rng(88172645463325252);
    let t = Instant::now();
    let mut w = match IndexWriter::open(&folder, v.clone()) {
        Ok(w) => { println!("open {:?}", t.elapsed()); w }
        Err(e) => { println!("{e}"); let _ = std::fs::remove_dir_all(&folder);
            let mut w = IndexWriter::create(&folder, v.clone()).unwrap();
            for i in 1..=n { w.apply(Entry::Offering(Box::new(offering(&mut rng, &v, i)))).unwrap(); }
            println!("applied {:?}", t.elapsed());
            w.commit(mark).unwrap(); println!("committed {:?}", t.elapsed()); w.compact().unwrap(); println!("compacted {:?}", t.elapsed()); w }
    };
    let t = Instant::now();
    let s = w.snapshot().unwrap();
    println!("snapshot {:?} of {}", t.elapsed(), s.offering_count());
    let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 24).unwrap();
    let only = std::env::args().nth(2).unwrap_or_default(); let rounds: usize = std::env::args().nth(3).and_then(|a| a.parse().ok()).unwrap_or(2);
    let run = |label: &str, s: &Snapshot, make: &mut dyn FnMut(&mut Rng) -> Vec<(String, String)>| {
        if !label.contains(only.as_str()) { return; } let mut rng = Rng(42); let mut totals = 0u64; let mut bytes = 0; let mut times = vec![];
        let (mut find, mut json) = (0.0, 0.0);
        for i in 0..600 {
            let q = SearchQuery::from_params(&make(&mut rng), &v).unwrap();
            let t = Instant::now(); let page = s.find(&q, today).unwrap(); let a = t.elapsed().as_secs_f64();
            let out = serde_json::to_vec(&page).unwrap(); let b = t.elapsed().as_secs_f64();
            if i >= 100 { find += a; json += b - a; times.push(b); totals += page.total; bytes += out.len(); }
        }
        times.sort_by(f64::total_cmp);
        println!("{label}: {:.0} µs find, {:.0} µs json, p50 {:.0}, p99 {:.0}; total {} bytes {}", find / 500.0 * 1e6, json / 500.0 * 1e6, times[250] * 1e6, times[495] * 1e6, totals / 500, bytes / 500);
    };
    let p = |k: &str, v: String| (k.to_owned(), v);
    let w2 = |rng: &mut Rng| format!("{} {}", word(rng.zipf(800)), word(rng.zipf(800)));
    let w1 = |rng: &mut Rng| word(rng.zipf(2000));
    let facets = || p("facets", "theme,kind,cost,language,targetGroup,weekday".into());
    let near = |rng: &mut Rng| { let town = rng.below(40); p("near", format!("{},{}", 51.0 + (town % 8) as f64 * 0.3 + rng.unit() * 0.02, 4.2 + (town / 8) as f64 * 0.5 + rng.unit() * 0.02)) };
    for round in 0..rounds {
        println!("round {round}");
        run("one word", &s, &mut |r| vec![p("q", w1(r))]);
        run("two words", &s, &mut |r| vec![p("q", w2(r))]);
        run("one word + 3 filters + 6 facets", &s, &mut |r| vec![p("q", w1(r)), p("language", "nl".into()), p("age", "30".into()), p("sphere", "communal".into()), facets()]);
        run("two words + 3 filters + 6 facets", &s, &mut |r| vec![p("q", w2(r)), p("language", "nl".into()), p("age", "30".into()), p("sphere", "communal".into()), facets()]);
        run("one word + 2 km", &s, &mut |r| vec![p("q", w1(r)), near(r), p("radius", "2000".into())]);
        run("2 km + 6 facets", &s, &mut |r| vec![near(r), p("radius", "2000".into()), facets()]);
        run("nearest 20 + 6 facets", &s, &mut |r| vec![near(r), facets()]);
        run("by name + 6 facets", &s, &mut |_| vec![facets()]);
        run("area + 6 facets", &s, &mut |r| vec![p("area", format!("GM{:04}", r.below(40))), facets()]);
        run("commonest word + 6 facets", &s, &mut |_| vec![p("q", word(0)), facets()]);
        run("maandag sort relevance all", &s, &mut |r| vec![near(r), p("sort", "relevance".into())]);
    }
    let t = Instant::now();
    for i in 0..100 { w.apply(Entry::Offering(Box::new(offering(&mut rng, &v, n + 1 + i)))).unwrap(); }
    println!("100 applied {:?}", t.elapsed()); let t = Instant::now();
    w.commit(mark).unwrap(); println!("committed {:?}", t.elapsed()); let t = Instant::now();
    let s2 = w.snapshot().unwrap(); println!("snapshot {:?} {}", t.elapsed(), s2.offering_count());
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    println!("{}", status.lines().filter(|l| l.starts_with("VmRSS") || l.starts_with("VmHWM") || l.starts_with("RssAnon")).collect::<Vec<_>>().join(" "));
}
