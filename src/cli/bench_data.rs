//! `wegwijzer bench-data`: plausible listings in any number, to measure with. The same seed makes the same listings.

use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use fastrand::Rng;
use serde_json::{Value, json};

use crate::domain::{Scheme, Vocabulary};
use crate::vocabulary;

/// What to write.
#[derive(Args)]
#[command(after_help = "\
Examples:
  wegwijzer bench-data 1000 | head -n 1                         what such a listing looks like
  wegwijzer bench-data 100000 --output listings.ndjson --seed 7
  wegwijzer import listings.ndjson                              then take them in")]
pub struct BenchDataArgs {
    /// How many listings
    number: u64,
    /// Where to write them (NDJSON); standard output when it is left out
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// All in one town of the made-up twelve: GM0363 is Amsterdam
    #[arg(long, value_name = "CODE")]
    municipality: Option<String>,
    /// The seed; the same seed makes the same listings
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Writes the listings.
pub fn run(args: &BenchDataArgs) -> anyhow::Result<ExitCode> {
    let vocabulary = vocabulary::load(None)?;
    let mut out: Box<dyn Write> = match &args.output {
        Some(path) => {
            Box::new(std::fs::File::create(path).with_context(|| format!("{} cannot be written", path.display()))?)
        }
        None => Box::new(std::io::stdout().lock()),
    };
    let mut out = BufWriter::with_capacity(1 << 20, &mut out);
    let towns = TOWNS.into_iter().filter(|town| args.municipality.as_ref().is_none_or(|code| code == town.3));
    let towns: Vec<_> = towns.collect();
    if towns.is_empty() {
        anyhow::bail!("--municipality is one of {}", TOWNS.map(|town| town.3).join(", "));
    }
    for listing in listings(args.seed, args.number, &towns, &vocabulary) {
        serde_json::to_writer(&mut out, &listing)?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

type Town = (f64, f64, f64, &'static str);

/// Towns with latitude, longitude, spread in degrees and municipality: listings crowd where people live.
const TOWNS: [Town; 12] = [
    (52.37, 4.89, 0.05, "GM0363"),
    (51.92, 4.48, 0.05, "GM0599"),
    (52.08, 4.31, 0.04, "GM0518"),
    (52.09, 5.12, 0.04, "GM0344"),
    (51.44, 5.48, 0.04, "GM0772"),
    (53.22, 6.57, 0.03, "GM0014"),
    (51.56, 5.09, 0.03, "GM0855"),
    (52.35, 5.26, 0.04, "GM0034"),
    (51.59, 4.78, 0.03, "GM0758"),
    (51.84, 5.86, 0.03, "GM0268"),
    (52.52, 6.08, 0.06, "GM0193"),
    (50.85, 5.69, 0.03, "GM0935"),
];

const WHAT: [&str; 48] = [
    "Sportuur",
    "Kookclub",
    "Tuingroep",
    "Fotoclub",
    "Filmavond",
    "Danscafé",
    "Buurtontbijt",
    "Schaakclub",
    "Naaiatelier",
    "Muziekuur",
    "Meidenclub",
    "Vadergroep",
    "Oudercafé",
    "Geheugentraining",
    "Zwemgroep",
    "Fietsclub",
    "Filosofiecafé",
    "Theaterles",
    "Boekenruil",
    "Kledingbank",
    "Klusdienst",
    "Belcirkel",
    "Bezoekdienst",
    "Peuterochtend",
    "Koffieochtend",
    "Wandelgroep",
    "Taalcafé",
    "Eettafel",
    "Breiclub",
    "Rouwcafé",
    "Lotgenotengroep",
    "Inloopspreekuur",
    "Maatjesproject",
    "Repaircafé",
    "Moestuin",
    "Huiswerkhulp",
    "Gymnastiek",
    "Zangkoor",
    "Schildersclub",
    "Speelochtend",
    "Mannengroep",
    "Vrouwengroep",
    "Computerles",
    "Formulierenhulp",
    "Fietsles",
    "Leesgroep",
    "Buurtmaaltijd",
    "Weggeefwinkel",
];
const WHERE: [&str; 16] = [
    "De Werf",
    "Het Anker",
    "De Kade",
    "De Boomgaard",
    "Het Kompas",
    "De Meent",
    "De Brug",
    "Het Prieel",
    "De Schakel",
    "De Linde",
    "Het Kruispunt",
    "De Horizon",
    "De Spil",
    "Het Baken",
    "De Wending",
    "De Oase",
];
const DOING: [&str; 48] = [
    "koken",
    "wandelen",
    "lezen",
    "schilderen",
    "zingen",
    "naaien",
    "tuinieren",
    "fietsen",
    "zwemmen",
    "dansen",
    "breien",
    "timmeren",
    "schaken",
    "biljarten",
    "vissen",
    "bakken",
    "fotograferen",
    "gitaarspelen",
    "boetseren",
    "hardlopen",
    "mediteren",
    "kaarten",
    "sjoelen",
    "programmeren",
    "schrijven",
    "luisteren",
    "repareren",
    "solderen",
    "haken",
    "tafeltennissen",
    "yoga",
    "toneelspelen",
    "drummen",
    "borduren",
    "vogels kijken",
    "imkeren",
    "knutselen",
    "filosoferen",
    "rummikub spelen",
    "stijldansen",
    "bloemschikken",
    "pottenbakken",
    "vilten",
    "puzzelen",
    "boksen",
    "klaverjassen",
    "jeu de boules",
    "bowlen",
];
const ABOUT: [&str; 48] = [
    "geldzorgen",
    "rouw",
    "mantelzorg",
    "dementie",
    "eenzaamheid",
    "opvoeding",
    "taal",
    "werk",
    "huurtoeslag",
    "verslaving",
    "diabetes",
    "slapen",
    "stress",
    "scheiding",
    "verhuizen",
    "ouderdom",
    "geloof",
    "kanker",
    "autisme",
    "slechtziendheid",
    "doofheid",
    "reuma",
    "parkinson",
    "overgewicht",
    "zwangerschap",
    "pensioen",
    "inburgering",
    "discriminatie",
    "veiligheid",
    "energierekening",
    "schulden",
    "vrijwilligerswerk",
    "computers",
    "telefoons",
    "formulieren",
    "belastingaangifte",
    "hersenletsel",
    "borstvoeding",
    "puberteit",
    "angst",
    "somberheid",
    "burn-out",
    "afvallen",
    "roken",
    "gokken",
    "erfenis",
    "buren",
    "vriendschap",
];
/// Sentences with a place for something to do or to talk about; each word that tells something stays rare, as it is
/// in a real directory.
const SENTENCES: [&str; 12] = [
    "We gaan samen {}.",
    "Wie van {} houdt, is hier op zijn plek.",
    "U leert stap voor stap {}.",
    "Praat met anderen over {}.",
    "Heeft u vragen over {}? Loop binnen.",
    "Een vrijwilliger helpt u met {}.",
    "Elke maand een avond over {}.",
    "Na het {} drinken we koffie.",
    "Voor wie te maken heeft met {}.",
    "Ook als u nog nooit iets deed met {}.",
    "Samen {} in een kleine groep.",
    "Tips over {} van mensen die het kennen.",
];
const DAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

/// Makes listings, one after the other.
fn listings(seed: u64, number: u64, towns: &[Town], vocabulary: &Vocabulary) -> impl Iterator<Item = Value> {
    let mut rng = Rng::with_seed(seed);
    (1..=number).map(move |at| listing(&mut rng, at, towns, vocabulary))
}

fn listing(rng: &mut Rng, at: u64, towns: &[Town], vocabulary: &Vocabulary) -> Value {
    let (lat, lon, spread, municipality) = towns[rng.usize(..towns.len())];
    let (what, place) = (WHAT[rng.usize(..WHAT.len())], WHERE[rng.usize(..WHERE.len())]);
    let concepts = |rng: &mut Rng, scheme, most: usize| -> Vec<&str> {
        let all = &vocabulary.scheme(scheme).concepts;
        let mut some: Vec<_> = (0..rng.usize(1..=most)).map(|_| all[rng.usize(..all.len())].id.as_str()).collect();
        some.sort_unstable();
        some.dedup();
        some
    };
    let sentence = |rng: &mut Rng| {
        // Some things are asked for far more often than others: the square of an even draw leans to the front.
        let at = (rng.f64() * rng.f64() * 48.0) as usize;
        let what = if rng.bool() { DOING[at] } else { ABOUT[at] };
        SENTENCES[rng.usize(..SENTENCES.len())].replace("{}", what)
    };
    let sentences: Vec<String> = (0..rng.usize(2..6)).map(|_| sentence(rng)).collect();
    let sessions: Vec<_> = (0..rng.usize(1..=3)).map(|group| session(rng, group, (lat, lon, spread), place)).collect();
    let mut made = json!({
        "name": format!("{what} {place} {at}"),
        "municipality": municipality,
        "summary": sentences[0],
        "description": sentences.join(" "),
        "theme": concepts(rng, Scheme::Theme, 2),
        "kind": concepts(rng, Scheme::Kind, 1),
        "sphere": concepts(rng, Scheme::Sphere, 2),
        "formality": concepts(rng, Scheme::Formality, 1)[0],
        "continuum": concepts(rng, Scheme::Continuum, 1)[0],
        "targetGroup": if rng.u8(..5) < 3 { vec!["everyone"] } else { concepts(rng, Scheme::TargetGroup, 1) },
        "organization": [{
            "role": "lead",
            "name": format!("Stichting {} {}", WHERE[rng.usize(..WHERE.len())], rng.u16(..2000)),
        }],
        "language": if rng.bool() { vec!["nl"] } else { concepts(rng, Scheme::Language, 3) },
        "source": { "name": "bench", "externalId": format!("bench-{at}") },
        "contact": [{ "role": "Gastvrouw", "channels": [{ "type": "phone", "value": "020 000 00 00" }] }],
        "sessions": sessions,
    });
    if rng.u8(..10) < 8 {
        let price = f64::from(rng.u16(1..40)) / 2.0;
        made["cost"] = match rng.u8(..4) {
            0 | 1 => json!({ "category": "free" }),
            2 => json!({ "category": "small_amount", "prices": [{ "amount": price, "per": "visit" }] }),
            _ => json!({ "category": "paid", "prices": [{ "amount": price * 10.0, "per": "month" }] }),
        };
    }
    if rng.u8(..10) < 7 {
        let joining = ["walk_in", "registration", "intake"][rng.usize(..3)];
        made["access"] = json!({ "joining": [joining], "referral": "not_needed" });
    }
    if rng.u8(..10) < 6 {
        made["accessibility"] = json!(concepts(rng, Scheme::Accessibility, 3));
    }
    if rng.u8(..10) < 5 {
        let youngest = [0, 4, 12, 18, 55, 65][rng.usize(..6)];
        made["age"] = json!({ "from": youngest });
    }
    if rng.u8(..10) < 8 {
        made["assured"] =
            json!({ "date": format!("2026-{:02}-{:02}", rng.u8(1..=10), rng.u8(1..=28)), "by": "Buurtteam" });
    }
    made
}

fn session(rng: &mut Rng, group: usize, (lat, lon, spread): (f64, f64, f64), name: &str) -> Value {
    let off = |rng: &mut Rng| (rng.f64() + rng.f64() - 1.0) * spread;
    let degrees = |number: f64| (number * 100_000.0).round() / 100_000.0;
    let place = match rng.u8(..12) {
        0 => json!({ "type": "virtual" }),
        1 => json!({ "type": "home" }),
        _ => json!({
            "type": "physical",
            "name": name,
            "address": { "street": format!("{}straat", name.replace("De ", "").replace("Het ", "")), "houseNumber": rng.u8(1..).to_string() },
            "position": { "latitude": degrees(lat + off(rng)), "longitude": degrees(lon + off(rng)) },
        }),
    };
    let start = rng.u8(9..20);
    json!({
        "label": format!("groep {}", group + 1),
        "place": place,
        "schedules": [{
            "rule": format!("FREQ=WEEKLY;BYDAY={}", DAYS[rng.usize(..7)]),
            "startsAt": format!("{start:02}:00"),
            "endsAt": format!("{:02}:00", start + rng.u8(1..=3)),
        }],
    })
}
