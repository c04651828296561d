//! Finds the login form, walks its steps, and tells what came of it.
