//! Every screen in every language and orientation.
