//! Worked values and altered envelopes.
