//! One use case a file: wire, run, save, report.
