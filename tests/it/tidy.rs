//! Rules about the repository.
