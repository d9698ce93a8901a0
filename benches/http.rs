//! Measures searches over HTTP beside a static answer of the same size from the same server.
//!
//! `cargo bench --bench http -- 10000 100000` makes as many listings, imports them, starts the real server in a
//! process of its own, and drives it over a few connections. For each class of searches it prints the throughput, the
//! median and the 99th percentile of the durations, the processor time the server spent on one answer, and the ratio
//! of that to a static answer of as many bytes. Ratios of one run can be compared; absolute times of shared machines
//! cannot. A class that is named (`-- 100000 "words + 2 km"`) is measured alone. Databases and indexes are kept in
//! `target/bench` for the next run.
//!
//! `-- coverage OUTLINES` measures the coverage report of Amsterdam instead, with 20,000 listings there and the outlines
//! of its neighbourhoods from a GeoJSON file.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use actix_web::{HttpResponse, web};
use anyhow::Context;
use wegwijzer::app::{Service, runtime};
use wegwijzer::config::{Config, LogFormat};
use wegwijzer::store::DatabaseUrl;

/// As the binary has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How many connections ask at once: enough to keep the server busy, and no queue that hides it.
const CONNECTIONS: usize = 2;
/// How many questions are asked of each class.
const QUESTIONS: usize = 3600;
/// In how many turns with the static answer: short ones, so that a machine that changes its speed changes it for both.
const TURNS: usize = 30;

/// The classes: a name and the questions, asked in turn so that no one answer is warmer than it would be in use.
fn classes() -> Vec<(&'static str, Vec<String>)> {
    const WORDS: [&str; 12] = [
        "wandelgroep",
        "rouwcafé",
        "taalcafé oefenen",
        "schaken",
        "mantelzorg",
        "formulieren",
        "tuinieren kinderen",
        "dementie",
        "schulden geldzorgen",
        "zingen",
        "lotgenoten",
        "koken buren",
    ];
    const PLACES: [&str; 8] = [
        "52.37,4.89",
        "51.92,4.48",
        "52.08,4.31",
        "52.09,5.12",
        "51.44,5.48",
        "53.22,6.57",
        "52.36,4.93",
        "51.93,4.50",
    ];
    let encode = |words: &str| words.replace(' ', "%20").replace('é', "%C3%A9");
    let facets = "facets=theme,kind,cost,language,targetGroup,access";
    let words = WORDS.iter().map(|w| format!("/v1/offerings?q={}", encode(w))).collect();
    let as_typed = WORDS.iter().map(|w| format!("/v1/offerings?q={}&understand=false", encode(w))).collect();
    let filtered = WORDS
        .iter()
        .map(|w| format!("/v1/offerings?q={}&cost=free&language=nl&weekday=tuesday&{facets}", encode(w)))
        .collect();
    let nearby = (0..24)
        .map(|at| format!("/v1/offerings?q={}&near={}&radius=2000", encode(WORDS[at % 12]), PLACES[at % 8]))
        .collect();
    let nearest = PLACES.iter().map(|p| format!("/v1/offerings?near={p}&sort=distance&{facets}")).collect();
    let soonest = PLACES.iter().map(|p| format!("/v1/offerings?near={p}&radius=2000&sort=soonest")).collect();
    vec![
        ("words", words),
        ("words, not understood", as_typed),
        ("words + 3 filters + 6 facets", filtered),
        ("words + 2 km", nearby),
        ("nearest 20 + 6 facets", nearest),
        ("polygon + 6 facets", PLACES.iter().map(|place| polygon(place)).collect()),
        ("on now + 6 facets", vec![format!("/v1/offerings?when=now&{facets}")]),
        ("soonest 20 within 2 km", soonest),
    ]
}

/// A search within a ring of 60 points about 1.5 km around a place.
fn polygon(place: &str) -> String {
    let (latitude, longitude) = place.split_once(',').expect("a position");
    let degrees = |text: &str| text.parse::<f64>().expect("degrees");
    let (latitude, longitude) = (degrees(latitude), degrees(longitude));
    let point = |step: u32| {
        let (angle, reach) = (f64::from(step % 60) * std::f64::consts::TAU / 60.0, 1.0 + f64::from(step % 2) * 0.2);
        format!("[{:.5},{:.5}]", longitude + 0.02 * reach * angle.cos(), latitude + 0.012 * reach * angle.sin())
    };
    let ring = (0..=60).map(point).collect::<Vec<_>>().join(",");
    let facets = "theme,kind,cost,language,targetGroup,access";
    format!(
        "/v1/offerings/_search\n{{\"facets\":\"{facets}\",\"within\":{{\"type\":\"Polygon\",\"coordinates\":[[{ring}]]}}}}"
    )
}

fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    if let Ok(folder) = std::env::var("WEGWIJZER_BENCH_SERVE") {
        return serve(Path::new(&folder));
    }
    if let [first, outlines] = args.as_slice()
        && first == "coverage"
    {
        return coverage(Path::new(outlines));
    }
    let wanted: Vec<String> = args.iter().filter(|arg| arg.parse::<u64>().is_err()).cloned().collect();
    let sizes: Vec<u64> = args.iter().filter_map(|arg| arg.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![10_000] } else { sizes };
    for size in sizes {
        let folder = prepare(size)?;
        measure(size, &folder, &wanted)?;
    }
    Ok(())
}

fn config(folder: &Path) -> anyhow::Result<Config> {
    Ok(Config {
        listen: "127.0.0.1:0".parse()?,
        database: DatabaseUrl::Sqlite(folder.join("wegwijzer.db")),
        data: folder.into(),
        vocabulary: None,
        crisis_words: None,
        word_list: None,
        barriers: None,
        address_service: None,
        log_format: LogFormat::Text,
        poll: Duration::from_secs(5),
        max_searches: 64,
        learned_concepts: true,
    })
}

/// Makes the database of so many listings, unless an earlier run did.
fn prepare(size: u64) -> anyhow::Result<PathBuf> {
    let (folder, is_done) = folder(&size.to_string())?;
    if is_done {
        return Ok(folder);
    }
    let (listings, data) = (folder.join("listings.ndjson").display().to_string(), folder.display().to_string());
    wegwijzer(&["bench-data", &size.to_string(), "--output", &listings])?;
    let began = Instant::now();
    wegwijzer(&["import", &listings, "--source", "bench", "--data", &data])?;
    println!("{size} listings imported in {:.1} s", began.elapsed().as_secs_f64());
    std::fs::write(folder.join(DONE), "")?;
    Ok(folder)
}

/// The file that tells that a folder is ready.
const DONE: &str = "imported";

/// A folder that is kept for the next run, and whether an earlier one made it ready.
fn folder(name: &str) -> anyhow::Result<(PathBuf, bool)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/bench").join(name);
    std::fs::create_dir_all(&folder)?;
    let is_done = folder.join(DONE).exists();
    Ok((folder, is_done))
}

fn wegwijzer(args: &[&str]) -> anyhow::Result<()> {
    let status = Command::new(env!("CARGO_BIN_EXE_wegwijzer")).args(args).status()?;
    anyhow::ensure!(status.success(), "wegwijzer {} failed", args.join(" "));
    Ok(())
}

/// Measures the report of a city: all its neighbourhoods and all themes.
fn coverage(outlines: &Path) -> anyhow::Result<()> {
    const REPORTS: usize = 7;
    let (folder, is_done) = folder("coverage")?;
    if !is_done {
        let (listings, data) = (folder.join("listings.ndjson").display().to_string(), folder.display().to_string());
        wegwijzer(&["import", "areas", &outlines.display().to_string(), "--data", &data])?;
        wegwijzer(&["bench-data", "20000", "--municipality", "GM0363", "--output", &listings])?;
        wegwijzer(&["import", &listings, "--source", "bench", "--data", &data])?;
        std::fs::write(folder.join(DONE), "")?;
    }
    with_server(&folder, |address, server| {
        let question = ["/v1/reports/coverage?area=GM0363".to_owned()];
        let (_, body) = ask(&mut connect(address)?, &question[0])?;
        let report: serde_json::Value = serde_json::from_slice(&body)?;
        let areas = report["areas"].as_array().context("areas")?;
        let lines = areas.iter().filter_map(|area| area["lines"].as_array()).map(Vec::len).sum::<usize>();
        let mut figures = Figures::default();
        for _ in 0..REPORTS {
            figures.add(run(address, server, &question, 1)?);
        }
        let (areas, bytes, median) = (areas.len(), body.len(), figures.percentile(0.5));
        println!(
            "{areas} areas, {lines} lines, {bytes} bytes: {median:.0} ms, processor {:.0} ms",
            figures.server_us() / 1e3
        );
        Ok(())
    })
}

/// The server's own process.
fn serve(folder: &Path) -> anyhow::Result<()> {
    let config = config(folder)?;
    runtime().block_on(async {
        let service = Service::start_with(&config, |routes| {
            routes.route("/static/{bytes}", web::get().to(static_answer));
        })?;
        println!("{}", service.address);
        std::io::stdout().flush()?;
        service.run().await
    })
}

async fn static_answer(bytes: web::Path<usize>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(vec![b'x'; bytes.into_inner()])
}

fn measure(size: u64, folder: &Path, wanted: &[String]) -> anyhow::Result<()> {
    println!("\n{size} listings");
    with_server(folder, |address, server| ask_all(address, server, wanted))
}

/// Runs the server of a folder in a process of its own while something is asked of it.
fn with_server(folder: &Path, ask_it: impl FnOnce(SocketAddr, u32) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let mut server = Command::new(std::env::current_exe()?)
        .env("WEGWIJZER_BENCH_SERVE", folder)
        .env("RUST_LOG", "error")
        .stdout(Stdio::piped())
        .spawn()?;
    let outcome = when_ready(&mut server).and_then(|address| ask_it(address, server.id()));
    server.kill()?;
    server.wait()?;
    outcome
}

fn when_ready(server: &mut std::process::Child) -> anyhow::Result<SocketAddr> {
    let mut address = String::new();
    BufReader::new(server.stdout.take().context("its output")?).read_line(&mut address)?;
    let address: SocketAddr = address.trim().parse()?;
    let began = Instant::now();
    while ask(&mut connect(address)?, "/health/ready")?.0 != 200 {
        std::thread::sleep(Duration::from_millis(100));
    }
    println!("ready after {:.1} s", began.elapsed().as_secs_f64());
    Ok(address)
}

fn ask_all(address: SocketAddr, server: u32, wanted: &[String]) -> anyhow::Result<()> {
    println!("| class | matches | bytes | answers/s | p50 ms | p99 ms | server µs | static µs | ratio |");
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name);
    for (name, questions) in classes().into_iter().filter(|(name, _)| is_wanted(name)) {
        let mut connection = connect(address)?;
        let (mut bytes, mut matches) = (0, 0);
        for question in &questions {
            let (status, body) = ask(&mut connection, question)?;
            anyhow::ensure!(status == 200, "{question} answered {status}");
            bytes += body.len();
            matches += serde_json::from_slice::<serde_json::Value>(&body)?["total"].as_u64().context("a total")?;
        }
        let (bytes, matches) = (bytes / questions.len(), matches / questions.len() as u64);
        let fixed = vec![format!("/static/{bytes}")];
        let (mut own, mut still) = (Figures::default(), Figures::default());
        for _ in 0..TURNS {
            own.add(run(address, server, &questions, QUESTIONS / TURNS)?);
            still.add(run(address, server, &fixed, QUESTIONS / TURNS)?);
        }
        let (cost, floor) = (own.server_us(), still.server_us());
        println!(
            "| {name} | {matches} | {bytes} | {:.0} | {:.2} | {:.2} | {cost:.0} | {floor:.0} | {:.1} |",
            own.rate(),
            own.percentile(0.5),
            own.percentile(0.99),
            cost / floor
        );
    }
    Ok(())
}

#[derive(Default)]
struct Figures {
    durations: Vec<Duration>,
    wall: Duration,
    /// The processor time of one answer, in µs, of each turn.
    server: Vec<f64>,
}

impl Figures {
    fn add(&mut self, other: Self) {
        self.durations.extend(other.durations);
        self.wall += other.wall;
        self.server.extend(other.server);
    }

    /// The median over the turns: one that somebody else disturbed does not count.
    fn server_us(&self) -> f64 {
        let mut sorted = self.server.clone();
        sorted.sort_by(f64::total_cmp);
        sorted[sorted.len() / 2]
    }

    fn rate(&self) -> f64 {
        self.durations.len() as f64 / self.wall.as_secs_f64()
    }

    fn percentile(&self, part: f64) -> f64 {
        let mut sorted = self.durations.clone();
        sorted.sort_unstable();
        sorted[((sorted.len() - 1) as f64 * part) as usize].as_secs_f64() * 1e3
    }
}

/// Asks so many questions over a few connections.
fn run(address: SocketAddr, server: u32, questions: &[String], number: usize) -> anyhow::Result<Figures> {
    let next = Arc::new(AtomicUsize::new(0));
    let (began, spent) = (Instant::now(), processor_time(server)?);
    let durations = std::thread::scope(|scope| {
        let askers: Vec<_> = (0..CONNECTIONS)
            .map(|_| {
                let next = next.clone();
                scope.spawn(move || -> anyhow::Result<Vec<Duration>> {
                    let mut connection = connect(address)?;
                    let mut durations = Vec::new();
                    loop {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        if at >= number {
                            return Ok(durations);
                        }
                        let began = Instant::now();
                        let (status, _) = ask(&mut connection, &questions[at % questions.len()])?;
                        anyhow::ensure!(status == 200, "a question was answered with {status}");
                        durations.push(began.elapsed());
                    }
                })
            })
            .collect();
        let mut all = Vec::new();
        for asker in askers {
            all.extend(asker.join().map_err(|_| anyhow::anyhow!("an asker panicked"))??);
        }
        anyhow::Ok(all)
    })?;
    let wall = began.elapsed();
    let each = (processor_time(server)? - spent).as_secs_f64() * 1e6 / durations.len() as f64;
    Ok(Figures { durations, wall, server: vec![each] })
}

/// The processor time that a process has spent, from the scheduler's own count in nanoseconds.
fn processor_time(process: u32) -> anyhow::Result<Duration> {
    let mut nanoseconds = 0;
    for thread in std::fs::read_dir(format!("/proc/{process}/task"))? {
        // A thread that ended in between no longer counts; the server keeps its own.
        let Ok(text) = std::fs::read_to_string(thread?.path().join("schedstat")) else { continue };
        nanoseconds += text.split(' ').next().and_then(|first| first.parse::<u64>().ok()).unwrap_or(0);
    }
    Ok(Duration::from_nanos(nanoseconds))
}

fn connect(address: SocketAddr) -> anyhow::Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    Ok(BufReader::new(stream))
}

/// Asks one question on a kept connection, with a body when it has a second line: its status and its body.
fn ask(connection: &mut BufReader<TcpStream>, question: &str) -> anyhow::Result<(u16, Vec<u8>)> {
    match question.split_once('\n') {
        None => write!(connection.get_mut(), "GET {question} HTTP/1.1\r\nHost: bench\r\n\r\n")?,
        Some((path, body)) => write!(
            connection.get_mut(),
            "POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )?,
    }
    let mut line = String::new();
    connection.read_line(&mut line)?;
    let status = line.split(' ').nth(1).context("a status")?.parse()?;
    let mut length = 0;
    loop {
        line.clear();
        connection.read_line(&mut line)?;
        if line == "\r\n" {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse()?;
        }
    }
    let mut body = vec![0; length];
    connection.read_exact(&mut body)?;
    Ok((status, body))
}
