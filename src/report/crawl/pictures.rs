//! The pictures of states as files, and inside the report.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};

use crate::{
    browser::Picture,
    crawl::{Outcome, StateId},
};

/// The file of a state's picture, beside the report.
pub(in crate::report) fn picture_name(state: StateId, picture: &Picture) -> String {
    format!("screenshots/{state}.{}", picture.format.ending())
}

/// Where the report finds each picture: inside itself, or beside it once there are too many.
pub(in crate::report) fn embedded(outcome: &Outcome) -> Value {
    let mut room = MOST_INSIDE;
    let mut all = Map::new();
    for (state, picture) in &outcome.pictures {
        let place = if picture.bytes.len() <= room {
            room -= picture.bytes.len();
            format!("data:{};base64,{}", picture.format.media_type(), STANDARD.encode(&picture.bytes))
        } else {
            picture_name(*state, picture)
        };
        all.insert(state.to_string(), place.into());
    }
    Value::Object(all)
}

/// How many bytes of pictures are inside the report; the others are loaded from the folder beside it.
const MOST_INSIDE: usize = 24 << 20;
