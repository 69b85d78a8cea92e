//! What a process that has seen a citizen's data keeps to itself: no core dump, no reading of its memory by others.

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
use std::io;

/// From now on this process leaves no core file, whatever `core_pattern` says, and other processes of the same user
/// can neither trace it nor read its memory (`prctl(2)`, `PR_SET_DUMPABLE`). For good: the hard limit is taken too.
pub fn forbid_core_dumps() -> io::Result<()> {
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    Ok(())
}
