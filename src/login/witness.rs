//! Who watches a login being walked.

use super::step::Step;

/// Who is told of each step of a login, and may ask for pictures of the page.
pub trait Witness: Sync {
    /// A step was made.
    fn step(&self, step: &Step);

    /// Whether a picture of the page is wanted after each step.
    fn wants_pictures(&self) -> bool {
        false
    }

    /// The page after the last step that was told, as PNG.
    fn picture(&self, _png: Vec<u8>) {}
}

impl<F: Fn(&Step) + Sync> Witness for F {
    fn step(&self, step: &Step) {
        self(step);
    }
}
