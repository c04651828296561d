//! Drives a real browser over WebDriver, and over BiDi or CDP for what classic WebDriver lacks.
