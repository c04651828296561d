//! Writes what was found to files that other tools read.
