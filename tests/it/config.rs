//! What a wrong configuration says.
