//! What happened, as a closed catalogue: no entry has room for a name, a number or free text.

use serde::Serialize;
use std::io::Write;
use uuid::Uuid;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Entry {
    /// The kiosk is up.
    Started {
        /// Version of the program.
        version: &'static str,
    },
    /// The kiosk ends in order.
    Stopped,
    /// The reader answers.
    ReaderReady,
    /// The reader is gone.
    ReaderMissing,
    /// A card's QR was understood.
    CardRead,
    /// A slip was understood.
    SlipRead,
    /// Something else was held to the reader.
    CardRefused {
        /// Why, as a code.
        code: &'static str,
    },
    /// The camera is there.
    CameraReady,
    /// The camera is not there, or gives nothing.
    CameraMissing,
    /// The printer can print.
    PrinterReady,
    /// The printer cannot print.
    PrinterTroubled {
        /// Why, as a code.
        code: &'static str,
    },
    /// A slip is on paper.
    SlipPrinted,
    /// It is not, or not whole.
    SlipNotPrinted {
        /// Why, as a code.
        code: &'static str,
    },
    /// A dossier was sealed and committed.
    SubmissionSaved {
        /// Its id.
        id: Uuid,
        /// Its place in the kiosk's sequence.
        seq: u64,
    },
    /// A dossier could not be committed.
    SaveFailed {
        /// Why, as a code.
        code: &'static str,
    },
    /// The office's receipt is here.
    SubmissionReceived {
        /// Its id.
        id: Uuid,
        /// The office's number.
        receipt_no: u64,
    },
    /// A submission waits for an officer.
    SubmissionAttention {
        /// Its id.
        id: Uuid,
        /// Why, as a code.
        code: &'static str,
    },
    /// An officer has put a submission back into the line.
    SubmissionRequeued {
        /// Its id.
        id: Uuid,
    },
    /// A submission was brought over from a damaged queue.
    SubmissionSalvaged {
        /// Its id.
        id: Uuid,
    },
    /// Copies of sealed submissions were written to a medium.
    SubmissionsExported {
        /// How many.
        submissions: usize,
    },
    /// The office was restored from a backup; what it may have lost is queued again.
    OfficeEpochChanged {
        /// How many submissions.
        requeued: usize,
    },
    /// The parts of delivered submissions were erased.
    PartsErased {
        /// How many submissions.
        submissions: usize,
    },
    /// The office answers.
    OfficeReached,
    /// The office does not answer, or something else does.
    OfficeLost {
        /// Why, as a code.
        code: &'static str,
    },
    /// The office does not know this kiosk.
    OfficeDenied,
    /// The office has seen this kiosk's journal longer, or with another head.
    JournalDoubted,
    /// A newer key bundle of the office is in use.
    KeysTaken {
        /// Its version.
        version: u64,
    },
    /// By the office's clock its keys have expired: nothing can be sealed until it signs newer ones.
    KeysExpired,
    /// The office told what became of submissions.
    StatusesTaken {
        /// How many entries.
        submissions: usize,
    },
    /// A damaged queue was moved aside and a new one begun.
    QueueMovedAside,
    /// What was in a damaged queue is in the new one again, as far as it could be saved.
    QueueSalvaged {
        /// Its folder in `quarantine/`.
        quarantine: u32,
        /// Submissions that are here again.
        saved: u64,
        /// Submissions that cannot be saved; absent where it cannot be told.
        lost: Option<u64>,
    },
    /// A line of the queue's journal was altered or is missing.
    JournalBroken,
    /// The disk is full: the reserve was given up, so that receipts can still be written.
    ReserveReleased,
    /// There is room again: the reserve is back.
    ReserveTaken,
    /// The queue cannot be used now.
    QueueUnavailable {
        /// Why, as a code.
        code: &'static str,
    },
    /// Somebody tried a PIN.
    OfficerTried {
        /// What came of it, as a code.
        outcome: &'static str,
        /// Which officer, where the door opened: a number, no name.
        officer: Option<i64>,
    },
    /// An officer was set up on the console.
    OfficerAdded {
        /// A number, no name.
        officer: i64,
    },
    /// An officer was taken away on the console.
    OfficerRemoved {
        /// A number, no name.
        officer: i64,
    },
    /// An officer asked for something.
    OfficerOrdered {
        /// What, as a code.
        code: &'static str,
    },
    /// The officers' file cannot be used now.
    OfficersUnavailable {
        /// Why, as a code.
        code: &'static str,
    },
    /// A session ended.
    SessionForgotten,
    /// A defect of the program; it ends and is started again. Where, and nothing of the data it was about.
    Panicked {
        /// Source file.
        file: String,
        /// Line in it.
        line: u32,
    },
}

impl Entry {
    /// The entry as one line of JSON.
    pub fn to_line(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Writes the entry to standard error, where systemd's journal takes it up.
///
/// A log that cannot be written, on a full disk or into a closed pipe, stops nothing.
pub fn write(entry: &Entry) {
    let _ = writeln!(std::io::stderr().lock(), "{}", entry.to_line());
}
