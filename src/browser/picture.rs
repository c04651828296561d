//! Small pictures of a page, by the quickest way that the browser has.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{
    Browser, Page,
    control::Means,
    error::{Error, Result},
};

/// A picture of what a window shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// The file.
    pub bytes: Vec<u8>,
    /// What kind of file it is.
    pub format: PictureFormat,
}

/// The format of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureFormat {
    /// Small and a little blurred.
    Jpeg,
    /// As large as the window, from browsers that give nothing else.
    Png,
}

impl PictureFormat {
    /// The ending of its files' names.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
        }
    }

    /// Its media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({:?}, {} bytes)", self.format, self.bytes.len())
    }
}

impl Browser {
    /// A picture of the viewport of the current window, half as large and as JPEG where the browser can do that.
    ///
    /// # Errors
    /// When the browser gives no picture at all.
    pub async fn picture(&self) -> Result<Picture> {
        let small = match &self.control().0 {
            Means::Bidi(bidi) => bidi.picture(&self.page().window().await?).await,
            Means::Cdp(_) | Means::Driver(_) | Means::Proxied(_) => by_driver(self.page()).await,
        };
        match small {
            Ok(text) => Ok(Picture { bytes: decoded(&text)?, format: PictureFormat::Jpeg }),
            Err(error) if error.is_lost() => Err(error),
            Err(_) => Ok(Picture { bytes: self.page().screenshot().await?, format: PictureFormat::Png }),
        }
    }
}

/// Through the driver, which knows which target the current window is.
async fn by_driver(page: &Page) -> Result<String> {
    let ask = async |method: &str, params: Value| {
        page.post("goog/cdp/execute", method, json!({ "cmd": method, "params": params })).await
    };
    let metrics = ask("Page.getLayoutMetrics", json!({})).await?;
    let seen = &metrics["cssVisualViewport"];
    let clip = json!({
        "x": seen["pageX"], "y": seen["pageY"], "width": seen["clientWidth"], "height": seen["clientHeight"],
        "scale": SCALE,
    });
    let params = json!({ "format": "jpeg", "quality": QUALITY, "optimizeForSpeed": true, "clip": clip });
    let answer = ask("Page.captureScreenshot", params).await?;
    answer["data"].as_str().map(str::to_owned).ok_or(Error::Protocol { command: "take a picture".into() })
}

fn decoded(text: &str) -> Result<Vec<u8>> {
    STANDARD.decode(text).map_err(|_| Error::Protocol { command: "take a picture".into() })
}

/// How large a picture is, compared to the window.
const SCALE: f64 = 0.5;
/// In percent.
pub(super) const QUALITY: u8 = 60;
