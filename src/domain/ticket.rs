//! The slip that goes home with the citizen: what stands on it, and what can go wrong on its way to the paper.

/// Why there is no slip on paper. Each has a sentence that says what to do; in all of them the citizen can go on without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrintProblem {
    /// The printer is not plugged in, or was pulled out.
    Absent,
    /// The roll has come to its end.
    NoPaper,
    /// The cover is open.
    CoverOpen,
    /// The paper is stuck, or the printer has stopped for a fault of its own.
    Jam,
    /// It is there and does not answer, or takes nothing.
    Offline,
    /// Printed, but the knife is stuck: the slip hangs in the printer.
    Cut,
}

/// How the printer is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PrinterState {
    /// This kiosk has none.
    #[default]
    None,
    /// It can print.
    Ready {
        /// The roll comes to its end soon.
        low: bool,
    },
    /// It cannot.
    Troubled(PrintProblem),
}
