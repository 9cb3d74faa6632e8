//! What head office counts of its own work, as Prometheus reads it. No name, no id, no amount.

use axum::http::StatusCode;
use regulars_protocol::push::{ChangeResult, Outcome};
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};

/// The counters, since the program started.
#[derive(Default)]
pub(crate) struct Metrics {
    answers: [AtomicU64; 4],
    changes: [AtomicU64; 4],
    rows_pulled: AtomicU64,
    authorised: AtomicU64,
    not_authorised: AtomicU64,
    expiries: AtomicU64,
}

/// The classes of `answers`, in order.
const CLASSES: [&str; 4] = ["2xx", "3xx", "4xx", "5xx"];
/// The outcomes of `changes`, in order.
const OUTCOMES: [&str; 4] = ["applied", "duplicate", "conflict", "rejected"];

impl Metrics {
    /// An answer went out.
    pub(crate) fn answered(&self, status: StatusCode) {
        let class = usize::from(status.as_u16() / 100).clamp(2, 5) - 2;
        self.answers[class].fetch_add(1, Ordering::Relaxed);
    }

    /// A batch was taken.
    pub(crate) fn pushed(&self, results: &[ChangeResult]) {
        for result in results {
            let place = match result.outcome {
                Outcome::Applied => 0,
                Outcome::Duplicate => 1,
                Outcome::Conflict => 2,
                Outcome::Rejected => 3,
            };
            self.changes[place].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A page was answered.
    pub(crate) fn pulled(&self, rows: usize) {
        self.rows_pulled.fetch_add(u64::try_from(rows).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// A till asked for credit.
    pub(crate) fn asked(&self, is_authorised: bool) {
        let counter = if is_authorised { &self.authorised } else { &self.not_authorised };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// A sweep booked lots that ran out.
    pub(crate) fn expired(&self, entries: u64) {
        self.expiries.fetch_add(entries, Ordering::Relaxed);
    }

    /// The page that Prometheus reads (text format 0.0.4).
    pub(crate) fn page(&self) -> String {
        let mut page = String::new();
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let labelled = |label: &str, names: &[&str], counters: &[AtomicU64]| -> Vec<(String, u64)> {
            let pairs = names.iter().zip(counters);
            pairs.map(|(name, counter)| (format!("{{{label}=\"{name}\"}}"), read(counter))).collect()
        };
        write_counter(&mut page, "requests", "Answers by class.", labelled("status", &CLASSES, &self.answers));
        write_counter(
            &mut page,
            "changes",
            "Pushed changes by outcome.",
            labelled("outcome", &OUTCOMES, &self.changes),
        );
        let rows = vec![(String::new(), read(&self.rows_pulled))];
        write_counter(&mut page, "pulled_rows", "Rows sent to tills.", rows);
        let asked = vec![
            ("{answer=\"held\"}".to_owned(), read(&self.authorised)),
            ("{answer=\"refused\"}".to_owned(), read(&self.not_authorised)),
        ];
        write_counter(&mut page, "authorisations", "Questions for credit by answer.", asked);
        let expired = vec![(String::new(), read(&self.expiries))];
        write_counter(&mut page, "expiries", "Entries booked for lots that ran out.", expired);
        page
    }
}

fn write_counter(page: &mut String, name: &str, help: &str, samples: Vec<(String, u64)>) {
    // Writing to a String does not fail.
    let _written = writeln!(page, "# HELP regulars_{name}_total {help}\n# TYPE regulars_{name}_total counter");
    for (labels, value) in samples {
        let _written = writeln!(page, "regulars_{name}_total{labels} {value}");
    }
}
