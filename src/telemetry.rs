//! Seeing what the service does: the log's form, and the metrics' recorder.
//!
//! What may be logged: route templates, statuses, durations, counts, ids of offerings. What may not: query words,
//! positions, addresses of visitors, paths (a path may hold a secret), and what a panic says (which may hold any of these).

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::IsTerminal;
use std::panic::PanicHookInfo;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::config::LogFormat;

/// Starts the log on standard error; `RUST_LOG` chooses what is told (`info` when it is not set). From here on a panic
/// is told by its place alone.
pub fn start_log(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,actix_server=warn,actix_http=off,tantivy=warn"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_span_events(FmtSpan::NONE);
    let started = match format {
        LogFormat::Text => log.with_target(false).try_init(),
        LogFormat::Json => log.json().try_init(),
    };
    // A second start in one process, as tests do, keeps the first.
    drop(started);
    std::panic::set_hook(Box::new(tell_panic));
}

/// Tells where a panic was, and how it came there when `RUST_BACKTRACE` asks for it; never what it says.
fn tell_panic(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let thread = std::thread::current().name().unwrap_or_default().to_owned();
    let trace = Backtrace::capture();
    if trace.status() == BacktraceStatus::Captured {
        tracing::error!(place, thread, %trace, "a panic");
    } else {
        tracing::error!(place, thread, "a panic");
    }
}

/// Makes the recorder of the metrics; its handle renders them in the Prometheus form.
pub fn start_metrics() -> PrometheusHandle {
    use std::sync::OnceLock;
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE
        .get_or_init(|| {
            const SECONDS: [f64; 10] = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2.0];
            let builder = PrometheusBuilder::new()
                .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &SECONDS)
                .unwrap_or_else(|_| PrometheusBuilder::new());
            let recorder = builder.build_recorder();
            let handle = recorder.handle();
            if metrics::set_global_recorder(recorder).is_err() {
                tracing::debug!("another recorder of metrics is in place");
            }
            handle
        })
        .clone()
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Told(Arc<Mutex<Vec<u8>>>);

    impl Write for Told {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("a lock").write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_panic_is_told_by_its_place_and_not_by_its_words() {
        let (told, here) = (Told::default(), std::thread::current().id());
        let before = std::panic::take_hook();
        // The hook is that of the whole process, and other tests run beside this one.
        std::panic::set_hook(Box::new(move |panic| {
            if std::thread::current().id() == here { tell_panic(panic) } else { before(panic) }
        }));
        let writer = told.clone();
        let log = tracing_subscriber::fmt().with_writer(move || writer.clone()).with_ansi(false).finish();
        tracing::subscriber::with_default(log, || {
            let word = "geheimwoord";
            let panic = std::panic::catch_unwind(|| panic!("no byte 3 in {word}"));
            assert!(panic.is_err());
        });
        let told = String::from_utf8(told.0.lock().expect("a lock").clone()).expect("UTF-8");
        assert!(told.contains("telemetry.rs:"), "{told}");
        assert!(!told.contains("geheimwoord"), "{told}");
    }
}
