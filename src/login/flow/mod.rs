//! A login as a list of acts: read from the files that people have, played with selectors that heal, and recorded.

mod act;
mod devtools;
mod do_act;
mod element;
mod error;
mod find;
mod item;
mod keys;
mod place;
mod play;
mod read;
mod recipe;
mod record;
mod selector;
mod side;
mod steps;
mod target;
mod typed;
mod windows;
mod write;
mod zest;

pub use act::{Act, Choice, Deed, Flow, Mark, Need, Until};
pub use error::FlowError;
pub use place::{Frame, Place, Window};
pub use play::play;
pub use record::Recorder;
pub use selector::Selector;
pub use target::{Features, Target};
pub use typed::{Part, Typed};
