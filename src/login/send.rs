//! Fills in a form that was found, and sends it off.

use std::time::Duration;

use tokio::time::Instant;

use super::{
    beyond::{Beside, beside},
    error::Error,
    extra,
    fill::{fill, leave, press_enter, put},
    look::{Field, Look},
    outcome::{Outcome, Refusal},
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
    let says = look.says.clone();
    let filled = fill_in(scene, look).await?;
    let beside = beside(scene).await?;
    let before = Before { mark: scene.traffic.mark(), says, had_password: filled.had_password };
    let mut look = filled.look;
    let mut seen = Seen::Nothing;
    for (attempt, way) in filled.ways.into_iter().enumerate() {
        if attempt > 0 {
            look = scene.look().await?;
        }
        let Some(by) = go(scene, &look, way).await? else { continue };
        scene.tell(Step::Submitted { by }).await;
        seen = see(scene, &before).await?;
        if !matches!(seen, Seen::Nothing) {
            break;
        }
    }
    Ok(Sent { mark: before.mark, seen, beside })
}

/// Waits for what comes of the form, and answers on the way whether the login should last.
async fn see(scene: &Scene<'_, impl Witness>, before: &Before) -> Result<Seen, Error> {
    let deadline = Instant::now() + scene.settings.limit;
    let mut last = String::new();
    for _ in 0..MOST_QUESTIONS {
        match watch(scene, before, deadline).await? {
            Seen::Asked(button) => {
                scene.press(&button).await?;
                last.clone_from(&button.label);
                scene.tell(Step::Dismissed { label: button.label }).await;
            }
            seen => return Ok(seen),
        }
    }
    let evidence = format!("the page asks again and again, whatever is answered: `{last}`");
    Ok(Seen::Decided(Outcome::Failed { refusal: Refusal::Unanswered, evidence }))
}

/// A form that is filled in.
struct Filled {
    look: Look,
    had_password: bool,
    /// The ways to send it, best first.
    ways: [Way; 3],
}

#[derive(Clone, Copy)]
enum Way {
    Button,
    Enter,
    /// The button by script, where something lies over it.
    Script,
}

/// Fills in what is there, and what comes to light by that; what forgets its text when it is left is filled once more.
async fn fill_in(scene: &Scene<'_, impl Witness>, mut look: Look) -> Result<Filled, Error> {
    let mut had = (false, false);
    let mut ways = [Way::Button, Way::Enter, Way::Script];
    for round in 0..ROUNDS {
        let lost = |field: &Option<Field>, had: bool| had && field.as_ref().is_some_and(|f| f.length == 0);
        let lost = (lost(&look.username, had.0), lost(&look.password, had.1));
        if lost.0 || lost.1 {
            ways = [Way::Enter, Way::Button, Way::Script];
            fill_and_stay(scene, &look, lost.0).await?;
            look = scene.look().await?;
            break;
        }
        if !fill_new(scene, &look, &mut had, round == 0).await? {
            break;
        }
        look = enabled(scene).await?;
    }
    Ok(Filled { look, had_password: had.1, ways })
}

/// Fills the fields that are new, and leaves the last of them; tells whether there were any.
async fn fill_new(
    scene: &Scene<'_, impl Witness>,
    look: &Look,
    had: &mut (bool, bool),
    is_first: bool,
) -> Result<bool, Error> {
    let (page, credentials) = (scene.page, &scene.settings.credentials);
    let is_open = |field: &Field, had: bool| !had && !field.is_disabled && (is_first || field.length == 0);
    let settled = extra::settle(page, &look.extras, &credentials.more).await?;
    let mut last = None;
    if let (Some(field), Some(username)) = (&look.username, &credentials.username)
        && is_open(field, had.0)
    {
        fill(page, field, username).await?;
        (had.0, last) = (true, Some(&field.element));
    }
    if let Some(field) = look.password.as_ref().filter(|f| is_open(f, had.1)) {
        fill(page, field, credentials.password.expose()).await?;
        (had.1, last) = (true, Some(&field.element));
    }
    if let Some(element) = last {
        leave(page, element).await?;
    }
    Ok(last.is_some() || settled > 0)
}

/// Types the last field and stays in it; what went before is set without being entered.
async fn fill_and_stay(
    scene: &Scene<'_, impl Witness>,
    look: &Look,
    lost_username: bool,
) -> Result<(), Error> {
    let (page, credentials) = (scene.page, &scene.settings.credentials);
    let username = look.username.as_ref().zip(credentials.username.as_ref()).filter(|_| lost_username);
    if let Some(field) = &look.password {
        fill(page, field, credentials.password.expose()).await?;
        if let Some((field, username)) = username {
            put(page, &field.element, username).await?;
        }
    } else if let Some((field, username)) = username {
        fill(page, field, username).await?;
    }
    Ok(())
}

/// Sends the form off in one way; tells how, or nothing when that way is not open.
async fn go(scene: &Scene<'_, impl Witness>, look: &Look, way: Way) -> Result<Option<String>, Error> {
    let button = look.submit.as_ref().filter(|b| !b.is_disabled);
    match way {
        Way::Button => {
            let Some(button) = button else { return Ok(None) };
            match scene.page.click(&button.element).await {
                Err(error) if error.is_lost() => return Err(error.into()),
                Err(_) => return Ok(None),
                Ok(()) => {}
            }
            Ok(Some(format!("`{}`", button.label)))
        }
        Way::Enter => {
            let Some(field) = look.password.as_ref().or(look.username.as_ref()) else { return Ok(None) };
            press_enter(scene.page, &field.element).await?;
            Ok(Some("Enter".into()))
        }
        Way::Script => {
            let Some(button) = button else { return Ok(None) };
            scene.press(button).await?;
            Ok(Some(format!("`{}`, by script", button.label)))
        }
    }
}

/// The form once its button can be clicked: many enable it only when the fields are filled.
async fn enabled(scene: &Scene<'_, impl Witness>) -> Result<Look, Error> {
    let deadline = Instant::now() + ENABLE_LIMIT;
    loop {
        let look = scene.look().await?;
        let is_asking = look.password.as_ref().is_some_and(|p| p.length == 0);
        let is_open = look.submit.as_ref().is_none_or(|b| !b.is_disabled);
        if is_open || is_asking || Instant::now() >= deadline {
            return Ok(look);
        }
        scene.traffic.wait_change(POLL).await;
    }
}

const ENABLE_LIMIT: Duration = Duration::from_secs(2);
const POLL: Duration = Duration::from_millis(50);
const ROUNDS: usize = 4;
/// So many questions may come between a login and its end.
const MOST_QUESTIONS: usize = 5;
