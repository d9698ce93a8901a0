//! Private PostgreSQL servers for the tests: one for the whole test process, or one of your own to stop and start.
//!
//! A server is a cluster in a folder of its own, on a free port of the loopback address. It belongs to a *keeper*: a
//! small shell script that makes the cluster, carries out the orders it reads from its standard input, and, when that
//! input ends, stops the server and removes the folder. The only other end of that pipe is in this process, and the
//! kernel closes it however the process ends (return, panic, `kill -9`), so nothing stays behind. Nothing else starts
//! or stops the server, so no step of the keeper can overtake another.
//!
//! Without the server's programs the tests that need them are skipped, and standard error says so once;
//! with `WEGWIJZER_TEST_POSTGRES=required` (as `scripts/test` sets it) they fail instead.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU16, AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};

/// The server that all tests of this process share, started at the first call.
///
/// `None` when PostgreSQL is not installed and nobody requires it; the caller then returns without testing.
pub fn cluster() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    CLUSTER.get_or_init(Cluster::dedicated).as_ref()
}

/// A running PostgreSQL server with a data folder and a port of its own.
///
/// It ends when the value is dropped, or with the process.
#[derive(Debug)]
pub struct Cluster {
    programs: &'static Path,
    port: u16,
    keeper: Mutex<Keeper>,
}

impl Cluster {
    /// Starts a server for one test alone, so that the test may stop it without harm to others.
    ///
    /// `None` as for [`cluster`].
    pub fn dedicated() -> Option<Self> {
        let programs = programs()?;
        // A port that was free can be taken before the server binds it; that three are is something else.
        let mut refusal = String::new();
        for _ in 0..3 {
            let port = free_port();
            match Keeper::start(programs, port) {
                Ok(keeper) => {
                    return Some(Self { programs, port, keeper: Mutex::new(keeper) });
                }
                Err(reason) => refusal = reason,
            }
        }
        panic!("PostgreSQL in {} does not start:\n{refusal}", programs.display());
    }

    /// Makes an empty database and gives its URL.
    pub fn fresh_database(&self) -> String {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", MADE.fetch_add(1, Ordering::Relaxed));
        let made = Command::new(self.programs.join("createdb"))
            .args(["--host=127.0.0.1", "--username=postgres", &format!("--port={}", self.port), &name])
            .env_clear() // The developer's own PGSSLMODE, PGOPTIONS … are not meant for this server.
            .output()
            .expect("createdb lies beside initdb");
        assert!(made.status.success(), "createdb {name}: {}", String::from_utf8_lossy(&made.stderr));
        format!("postgres://postgres@127.0.0.1:{}/{name}", self.port)
    }

    /// Stops the server at once, as a power cut would: connections break, nothing is tidied up.
    pub fn stop(&self) {
        self.order("stop");
    }

    /// Starts the server again, on the same port and with the databases that it had.
    pub fn start(&self) {
        self.order("start");
    }

    fn order(&self, order: &str) {
        let answer = self.keeper.lock().expect("no thread panics while it gives an order").obey(order);
        if let Err(reason) = answer {
            panic!("PostgreSQL on port {} did not {order}:\n{reason}", self.port);
        }
    }
}

/// The process that owns one cluster; see the module's documentation.
#[derive(Debug)]
struct Keeper {
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Keeper {
    /// Makes a cluster and starts its server, or tells what PostgreSQL said.
    fn start(programs: &Path, port: u16) -> Result<Self, String> {
        let mut child = Command::new("sh")
            .args(["-c", KEEPER, "wegwijzer-postgres-keeper"])
            .args([programs.as_os_str(), std::env::temp_dir().as_os_str(), port.to_string().as_ref()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // Ctrl-C, and whoever kills the group of the tests, must not reach it: it has to clean up afterwards.
            .process_group(0)
            .spawn()
            .map_err(|error| format!("no shell: {error}"))?;
        let (Some(orders), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            unreachable!("both were asked for as pipes");
        };
        let mut keeper = Self { orders, answers: BufReader::new(answers) };
        keeper.obey("start")?;
        Ok(keeper)
    }

    /// Gives an order and waits until it is carried out; an error holds the server's log.
    fn obey(&mut self, order: &str) -> Result<(), String> {
        writeln!(self.orders, "{order}").map_err(|error| format!("the keeper is gone: {error}"))?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer).map_err(|error| error.to_string())?;
        if answer == "done\n" {
            return Ok(());
        }
        // After a failure the keeper prints why and ends.
        let mut rest = String::new();
        self.answers.read_to_string(&mut rest).map_err(|error| error.to_string())?;
        Err(answer + &rest)
    }
}

/// The keeper's script; its arguments are the folder of the programs, the folder for temporary files and the port.
///
/// - PostgreSQL refuses to run as root, so root becomes the user `postgres` for it.
/// - Where `initdb` can, text is ordered by the rules of Dutch, as in a database that a municipality made, and not by
///   bytes as in SQLite: a query that leaves the order to the database then shows.
/// - `fsync=off` spares the disk and is safe while the machine keeps running. `synchronous_commit` stays on: without
///   it a committed row could be lost by an immediate stop, which tests do on purpose.
const KEEPER: &str = r#"
trap '' HUP INT TERM PIPE
exec 2>&1
PATH=$PATH:/usr/sbin # Where Debian keeps runuser; `su` leaves it out.
programs=$1 port=$3
home=$(mktemp -d "$2/wegwijzer-postgres.XXXXXX") && cd "$home" || exit 1
if [ "$(id -u)" = 0 ]; then
    as='runuser -u postgres --'
    chown postgres .
fi

make() {
    collation=
    "$programs/initdb" --help | grep -q icu-locale && collation='--locale-provider=icu --icu-locale=nl-NL'
    $as "$programs/initdb" --pgdata=data --username=postgres --auth=trust --encoding=UTF8 --locale=C $collation --no-sync
}
start() {
    [ -d data ] || make || return
    $as "$programs/pg_ctl" start --pgdata=data --wait --silent --log=server.log --options="-p $port \
        -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=300 \
        -c fsync=off -c full_page_writes=off -c autovacuum=off"
}
stop() {
    $as "$programs/pg_ctl" stop --pgdata=data --mode=immediate --silent
}

while read -r order; do
    if "$order" >keeper.log 2>&1; then echo done; else cat ./*.log; break; fi
done
[ ! -f data/postmaster.pid ] || stop
cd / && rm -rf "$home"
"#;

/// The folder with the server's programs: that of the `initdb` on the PATH, else of the newest that Debian installed.
fn programs() -> Option<&'static Path> {
    static PROGRAMS: OnceLock<Option<PathBuf>> = OnceLock::new();
    let found = PROGRAMS.get_or_init(|| {
        let found = find_programs();
        if found.is_none() {
            // Not `eprintln!`: the test runner hides what a passing test prints with it.
            let _ = writeln!(
                std::io::stderr(),
                "\nSKIPPED: all tests on PostgreSQL, since no `initdb` was found (Debian: apt-get install postgresql)\n"
            );
        }
        found
    });
    if found.is_none() && std::env::var("WEGWIJZER_TEST_POSTGRES").is_ok_and(|wish| wish == "required") {
        panic!("WEGWIJZER_TEST_POSTGRES=required, but there is no `initdb` on the PATH or in /usr/lib/postgresql");
    }
    found.as_deref()
}

fn find_programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // A link on the PATH is followed, because the other programs need not be linked there too.
    let on_path = std::env::split_paths(&path).find_map(|folder| folder.join("initdb").canonicalize().ok());
    let newest = || {
        let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
        let initdbs = versions.map(|version| version.path().join("bin/initdb")).filter(|initdb| initdb.is_file());
        // Versions are numbers: 9 comes before 15.
        initdbs.max_by_key(|initdb| initdb.iter().find_map(|part| part.to_str()?.parse::<u32>().ok()))
    };
    on_path.or_else(newest)?.parent().map(Path::to_path_buf)
}

/// A loopback port that nobody listens on.
///
/// It is below 32768, where Linux starts to give ports to outgoing connections: one of those could otherwise take the
/// port of a server while it is stopped.
fn free_port() -> u16 {
    const FIRST: u16 = 20_000;
    const COUNT: u16 = 12_000;
    static TRIED: AtomicU16 = AtomicU16::new(0);
    // Test processes that run at the same time start far apart.
    let start = std::process::id().wrapping_mul(37) % u32::from(COUNT);
    loop {
        let tried = TRIED.fetch_add(1, Ordering::Relaxed);
        assert!(tried < COUNT, "every port from {FIRST} to {} is taken", FIRST + COUNT);
        let offset = (start + u32::from(tried)) % u32::from(COUNT);
        let port = FIRST + u16::try_from(offset).expect("smaller than COUNT");
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
