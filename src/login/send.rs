//! Fills in a form that was found, and sends it off.

use std::time::Duration;

use tokio::time::Instant;

use super::{
    beyond::{Beside, beside},
    error::Error,
    fill::fill,
    look::Look,
    scene::Scene,
    step::Step,
    watch::{Before, Seen, watch},
    witness::Witness,
};

/// A form that was sent off.
#[derive(Debug)]
pub(super) struct Sent {
    /// The traffic's mark before it was sent.
    pub(super) mark: usize,
    /// What came of it.
    pub(super) seen: Seen,
    /// The one-time password that went with it.
    pub(super) beside: Beside,
}

/// Fills in what the form asks for, sends it by its button or else by Enter, and waits for what comes of it.
pub(super) async fn send(scene: &Scene<'_, impl Witness>, look: Look) -> Result<Sent, Error> {
    fill_in(scene, &look).await?;
    let beside = beside(scene).await?;
    let had_password = look.password.is_some();
    let before = Before { mark: scene.traffic.mark(), says: look.says };
    let mut seen = Seen::Nothing;
    for way in [Way::Button, Way::Enter] {
        let Some(by) = go(scene, way).await? else { continue };
        scene.tell(Step::Submitted { by }).await;
        let deadline = Instant::now() + scene.settings.limit;
        let credentials = &scene.settings.credentials;
        seen = watch(scene.page, scene.traffic, &before, credentials, had_password, deadline).await?;
        if !matches!(seen, Seen::Nothing) {
            break;
        }
    }
    Ok(Sent { mark: before.mark, seen, beside })
}

async fn fill_in(scene: &Scene<'_, impl Witness>, look: &Look) -> Result<(), Error> {
    let credentials = &scene.settings.credentials;
    if let (Some(field), Some(username)) = (&look.username, &credentials.username) {
        fill(scene.page, field, username).await?;
    }
    if let Some(field) = &look.password {
        fill(scene.page, field, credentials.password.expose()).await?;
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Way {
    Button,
    Enter,
}

/// Sends the form off in one way; tells how, or nothing when that way is not open.
async fn go(scene: &Scene<'_, impl Witness>, way: Way) -> Result<Option<String>, Error> {
    let look = enabled(scene).await?;
    match way {
        Way::Button => {
            let Some(button) = look.submit.filter(|b| !b.is_disabled) else { return Ok(None) };
            if scene.page.click(&button.element).await.is_err() {
                return Ok(None);
            }
            Ok(Some(format!("`{}`", button.label)))
        }
        Way::Enter => {
            let Some(field) = look.password.or(look.username) else { return Ok(None) };
            scene.page.type_text(&field.element, ENTER).await?;
            Ok(Some("Enter".into()))
        }
    }
}

/// The form once its button can be clicked: many enable it only when the fields are filled.
async fn enabled(scene: &Scene<'_, impl Witness>) -> Result<Look, Error> {
    let deadline = Instant::now() + ENABLE_LIMIT;
    loop {
        let look = Look::at(scene.page).await?;
        if look.submit.as_ref().is_none_or(|b| !b.is_disabled) || Instant::now() >= deadline {
            return Ok(look);
        }
        scene.traffic.wait_change(POLL).await;
    }
}

/// U+E007, Enter (see 15.4.2 Keyboard Actions of the WebDriver standard).
const ENTER: &str = "\u{E007}";
const ENABLE_LIMIT: Duration = Duration::from_secs(2);
const POLL: Duration = Duration::from_millis(50);
