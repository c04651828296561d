//! Finds the form: gets out of the way what lies over it, and follows what leads to it.

use std::time::Duration;

use tokio::time::Instant;
use tracing::debug;

use super::{
    error::Error,
    look::{Button, Look},
    outcome::{Outcome, Refusal},
    scene::{Scene, plain},
    step::Step,
    witness::Witness,
};

/// Looks until there is a form that can be filled in, or tells how the search for it ended.
pub(super) async fn find(scene: &Scene<'_, impl Witness>) -> Result<Result<Look, Outcome>, Error> {
    let deadline = Instant::now() + scene.settings.limit;
    let (mut dismissed, mut followed) = (0, Vec::new());
    let _ = scene.traffic.wait_quiet(QUIET, LOAD_LIMIT).await;
    loop {
        let mut look = Look::at(scene.page).await?;
        let is_quiet = scene.traffic.in_flight() == 0;
        if look.has_form() && !look.is_covered {
            return Ok(Ok(look));
        }
        let is_in_the_way = look.is_covered || (is_quiet && !look.has_form());
        if is_in_the_way && dismissed < MAX_DISMISSED && !look.dismissals.is_empty() {
            dismissed += 1;
            dismiss(scene, look.dismissals.remove(0)).await?;
            continue;
        }
        if is_quiet && !look.has_form() && look.is_ready {
            if look.is_first_step {
                return Ok(Ok(look));
            }
            let next = look.openers.into_iter().find(|b| !followed.contains(&b.label));
            if let Some(opener) = next.filter(|_| followed.len() < MAX_FOLLOWED) {
                followed.push(opener.label.clone());
                follow(scene, opener).await?;
                continue;
            }
        } else if look.has_form() && dismissed >= MAX_DISMISSED {
            return Ok(Ok(look));
        }
        if Instant::now() >= deadline {
            return Ok(Err(missing(scene, look.has_captcha).await?));
        }
        scene.traffic.wait_change(LOOK_EVERY).await;
    }
}

async fn dismiss(scene: &Scene<'_, impl Witness>, button: Button) -> Result<(), Error> {
    debug!(label = %button.label, "dismiss");
    scene.press(&button).await?;
    scene.tell(Step::Dismissed { label: button.label }).await;
    Ok(())
}

async fn follow(scene: &Scene<'_, impl Witness>, button: Button) -> Result<(), Error> {
    scene.press(&button).await?;
    scene.tell(Step::Followed { label: button.label }).await;
    let _ = scene.traffic.wait_quiet(QUIET, LOAD_LIMIT).await;
    Ok(())
}

async fn missing(scene: &Scene<'_, impl Witness>, has_captcha: bool) -> Result<Outcome, Error> {
    let title = scene.page.title().await?;
    let url = plain(&scene.page.url().await?);
    let refusal = if has_captcha { Refusal::Captcha } else { Refusal::NoForm };
    Ok(Outcome::Failed { refusal, evidence: format!("{url} (`{title}`) shows no password field") })
}

const QUIET: Duration = Duration::from_millis(150);
const LOAD_LIMIT: Duration = Duration::from_secs(8);
const LOOK_EVERY: Duration = Duration::from_millis(250);
const MAX_DISMISSED: usize = 6;
const MAX_FOLLOWED: usize = 3;
