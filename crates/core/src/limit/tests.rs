//! Limits against a plain reference model.
