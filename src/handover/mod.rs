//! Hands sessions over to other tools.

pub mod zap;
