//! Waits for the person at the browser, where a step is theirs alone.

use std::time::Duration;

use tokio::time::Instant;

use super::{
    beyond::After,
    code::Extra,
    error::Error,
    look::Look,
    outcome::{Outcome, Refusal},
    scene::Scene,
    step::Step,
    witness::Witness,
};

/// Waits until the CAPTCHA beside a form is solved, or the form has gone; when nobody does it the form goes as it is.
pub(super) async fn solve(scene: &Scene<'_, impl Witness>) -> Result<(), Error> {
    let Some(limit) = scene.settings.person else { return Ok(()) };
    tell(scene, Refusal::Captcha, limit).await;
    let deadline = Instant::now() + limit;
    while Instant::now() < deadline {
        let extra = Extra::at(scene.page).await?;
        if extra.is_there() && !extra.is_captcha {
            break;
        }
        scene.traffic.wait_change(LOOK_EVERY).await;
    }
    Ok(())
}

/// Waits until what nobody else can do is done and the page moves on; without a person it is the end.
pub(super) async fn wait(
    scene: &Scene<'_, impl Witness>,
    refusal: Refusal,
    outcome: &Outcome,
) -> Result<After, Error> {
    let (Outcome::Through { evidence } | Outcome::Failed { evidence, .. }) = outcome;
    let failed = |evidence: String| After::Ended(Outcome::Failed { refusal, evidence });
    let Some(limit) = scene.settings.person else {
        let path = scene.page.url().await.map(|url| url.path().to_owned()).unwrap_or_default();
        return Ok(failed(format!("{evidence}; the page at {path} goes no further without it")));
    };
    tell(scene, refusal, limit).await;
    let (mark, deadline) = (scene.traffic.mark(), Instant::now() + limit);
    loop {
        scene.traffic.wait_change(LOOK_EVERY).await;
        if let Some(after) = moved_on(scene, mark).await? {
            return Ok(after);
        }
        if Instant::now() >= deadline {
            return Ok(failed(format!("{evidence}; nobody did it within {} s", limit.as_secs())));
        }
    }
}

/// Where the page is once nothing that is a person's stands in the way; nothing while it is still there.
async fn moved_on(scene: &Scene<'_, impl Witness>, mark: usize) -> Result<Option<After>, Error> {
    let extra = Extra::at(scene.page).await?;
    let is_free = extra.is_there() && !extra.is_captcha && !extra.is_passkey && extra.fields.is_empty();
    if !is_free || scene.traffic.in_flight() > 0 {
        return Ok(None);
    }
    let look = Look::at(scene.page).await?;
    if look.has_form() || look.is_first_step {
        return Ok(Some(After::Form));
    }
    if scene.traffic.mark() == mark || !is_still(scene).await? {
        return Ok(None);
    }
    let path = scene.page.url().await.map(|url| url.path().to_owned())?;
    Ok(Some(After::Ended(Outcome::Through { evidence: format!("a person went on, the page is at {path}") })))
}

/// Whether a page that has changed stays as it is: it may still be on its way to another.
pub(super) async fn is_still(scene: &Scene<'_, impl Witness>) -> Result<bool, Error> {
    let mark = scene.traffic.mark();
    let quiet = scene.traffic.wait_quiet(STILL, PATIENCE).await;
    let extra = Extra::at(scene.page).await?;
    Ok(extra.is_there() && extra.fields.is_empty() && (quiet.is_ok() || scene.traffic.mark() != mark))
}

async fn tell(scene: &Scene<'_, impl Witness>, refusal: Refusal, limit: Duration) {
    let what = match refusal {
        Refusal::Captcha => "the CAPTCHA",
        Refusal::Passkey => "the passkey or security key",
        _ => "the one-time password",
    };
    let what = format!("you: do {what} in the browser, {} s at most", limit.as_secs());
    scene.tell(Step::Waiting { what }).await;
}

const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How long nothing may move before the page counts as come to rest.
const STILL: Duration = Duration::from_millis(250);
const PATIENCE: Duration = Duration::from_millis(1500);
