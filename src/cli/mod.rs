//! Arguments, settings, exit codes, and what is shown to people and machines.
