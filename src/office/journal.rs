//! What happened at the office, as a closed catalogue: no entry has room for a citizen or for anything a client sent.
//!
//! A kiosk's name stands in an entry only as the office itself has it, after the kiosk was found and its signature held.

use super::limits::{Bucket, Rate};
use serde::Serialize;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

/// More refusals than these are counted and not written: a log must not be a way to fill a disk.
const REFUSALS: Rate = Rate { burst: 50, every_ms: 200 };

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Entry {
    /// The server is up.
    Started {
        /// Version of the program.
        version: &'static str,
        /// Whether it speaks TLS itself.
        tls: bool,
    },
    /// The server ends.
    Stopped {
        /// False: some requests were still open when patience ended.
        all_finished: bool,
    },
    /// A submission is stored.
    SubmissionAccepted {
        /// The office's number.
        receipt_no: u64,
        /// Who delivered it.
        kiosk: String,
    },
    /// A kiosk has enrolled itself.
    KioskEnrolled {
        /// Its name, as the officer gave it with the code.
        kiosk: String,
    },
    /// Somebody tried an enrolment code that is wrong, or void.
    CodeRefused {
        /// `wrong-code` or `void-code`.
        code: &'static str,
    },
    /// A kiosk's journal is shorter than the office has seen it, or another one.
    JournalBroken {
        /// Whose.
        kiosk: String,
    },
    /// A request was not carried out.
    Refused {
        /// Which part of the interface.
        route: &'static str,
        /// The answer's status.
        status: u16,
        /// Why, as a code.
        code: &'static str,
    },
    /// Refusals that were not written.
    RefusalsUnwritten {
        /// How many since the last line.
        refusals: u64,
    },
    /// The store failed or is full.
    StoreFailed {
        /// Our own code for it.
        code: &'static str,
        /// The database's code.
        database: Option<String>,
    },
    /// No more connections are taken at the moment.
    ConnectionsFull,
}

impl Entry {
    /// The entry as one line of JSON.
    pub fn to_line(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Where entries go.
pub type Sink = Box<dyn Fn(&Entry) + Send + Sync>;

/// Standard error, where systemd's journal takes lines up. A log that cannot be written stops nothing.
pub fn standard_error() -> Sink {
    Box::new(|entry| {
        let _ = writeln!(std::io::stderr().lock(), "{}", entry.to_line());
    })
}

/// Writes entries, refusals at a limited rate.
pub(super) struct Journal {
    sink: Sink,
    refusals: Mutex<(Bucket, u64)>,
}

impl Journal {
    pub(super) fn new(sink: Sink) -> Self {
        Self { sink, refusals: Mutex::default() }
    }

    pub(super) fn write(&self, entry: &Entry) {
        (self.sink)(entry);
    }

    /// Writes an entry that anybody on the network can cause, if the rate allows it at `now_ms`, running milliseconds.
    pub(super) fn write_refusal(&self, entry: &Entry, now_ms: u64) {
        let unwritten = {
            let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
            let (bucket, unwritten) = &mut *refusals;
            if REFUSALS.take(bucket, now_ms).is_err() {
                *unwritten += 1;
                return;
            }
            std::mem::take(unwritten)
        };
        if unwritten > 0 {
            self.write(&Entry::RefusalsUnwritten { refusals: unwritten });
        }
        self.write(entry);
    }
}
