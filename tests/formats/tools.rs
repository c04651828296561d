//! The tools themselves take what was written for them; they are installed by `make test-formats`.
