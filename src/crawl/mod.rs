//! Crawls a single-page application with many browsers that stay logged in.
