//! The citizen's way, as scripts.
