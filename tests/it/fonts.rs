//! The embedded font can draw every Vietnamese capital.
