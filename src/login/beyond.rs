//! What an application asks for beside a password or after it: one-time passwords, and what only a person can do.

use std::time::Duration;

use tokio::time::Instant;

use super::{
    code::Extra,
    elsewhere,
    error::Error,
    outcome::{Outcome, Refusal},
    person,
    scene::Scene,
    step::Step,
    totp::Totp,
    watch::{No, answer, denied, is_submission},
    witness::Witness,
    words::{speaks_of_captcha, speaks_of_code},
};
use crate::browser::Exchange;

/// The one-time password on the page of the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beside {
    /// The page has no field for one.
    Absent,
    /// It went with the password.
    Typed,
    /// There is a field, and nothing to type.
    Left,
}

/// What comes after an outcome.
#[derive(Debug)]
pub(super) enum After {
    /// Nothing: that was the end.
    Ended(Outcome),
    /// The way to the form is open again.
    Form,
}

/// Types the one-time password where the form has a field for it, and lets a person solve a CAPTCHA before the form goes.
pub(super) async fn beside(scene: &Scene<'_, impl Witness>) -> Result<Beside, Error> {
    let mut extra = Extra::at(scene.page).await?;
    if extra.is_captcha && scene.settings.person.is_some() && extra.is_password_asked {
        person::solve(scene).await?;
        extra = Extra::at(scene.page).await?;
    }
    if extra.fields.is_empty() || !extra.is_password_asked {
        return Ok(Beside::Absent);
    }
    let Some(totp) = &scene.settings.credentials.totp else { return Ok(Beside::Left) };
    type_code(scene, totp).await?;
    Ok(Beside::Typed)
}

/// Goes on after what looks like the end: a one-time password may be asked for, or something that only a person can do.
pub(super) async fn after(
    scene: &Scene<'_, impl Witness>,
    mut outcome: Outcome,
    beside: Beside,
) -> Result<After, Error> {
    for _ in 0..MAX_ROUNDS {
        if let Some(unreachable) = elsewhere::unreachable(scene, &outcome) {
            return Ok(After::Ended(unreachable));
        }
        let extra = Extra::at(scene.page).await?;
        let asked = asked(&extra, &outcome, beside);
        outcome = match (asked, &scene.settings.credentials.totp) {
            (None, _) => return Ok(After::Ended(of_code(outcome, beside))),
            (Some(Asked::Code), Some(totp)) => match enter(scene, totp).await? {
                through @ Outcome::Through { .. } => through,
                failed @ Outcome::Failed { .. } => return Ok(After::Ended(failed)),
            },
            (Some(asked), _) => match person::wait(scene, asked.refusal(), &outcome).await? {
                After::Ended(through @ Outcome::Through { .. }) => through,
                ended => return Ok(ended),
            },
        };
    }
    Ok(After::Ended(outcome))
}

/// What stands between a page and the end of a login.
#[derive(Clone, Copy, Debug)]
enum Asked {
    Captcha,
    Code,
    Passkey,
}

impl Asked {
    fn refusal(self) -> Refusal {
        match self {
            Self::Captcha => Refusal::Captcha,
            Self::Code => Refusal::CodeNeeded,
            Self::Passkey => Refusal::Passkey,
        }
    }
}

fn asked(extra: &Extra, outcome: &Outcome, beside: Beside) -> Option<Asked> {
    if matches!(outcome, Outcome::Failed { refusal: Refusal::Locked, .. }) {
        return None;
    }
    if extra.is_passkey {
        return Some(Asked::Passkey);
    }
    // Where the field was there before, what was said is the answer to it.
    if !extra.fields.is_empty() && beside == Beside::Absent {
        return Some(Asked::Code);
    }
    let is_captcha = match outcome {
        Outcome::Failed { refusal: Refusal::Captcha, .. } => true,
        Outcome::Failed { refusal: Refusal::NoForm, .. } => extra.is_captcha,
        // A form that goes back without a word, with a CAPTCHA that is not solved, lacks that.
        Outcome::Failed { refusal: Refusal::Refused, evidence } => {
            extra.is_captcha && (!evidence.contains(SAYS) || speaks_of_captcha(evidence))
        }
        _ => false,
    };
    is_captcha.then_some(Asked::Captcha)
}

/// Tells a wrong one-time password that went with the password from a wrong password, where the application does.
fn of_code(outcome: Outcome, beside: Beside) -> Outcome {
    match outcome {
        Outcome::Failed { refusal: Refusal::Refused, evidence }
            if beside == Beside::Typed && speaks_of_code(&evidence) =>
        {
            Outcome::Failed { refusal: Refusal::CodeRefused, evidence }
        }
        other => other,
    }
}

/// Types the one-time password on a page of its own, sends it, and waits for what comes of it.
async fn enter(scene: &Scene<'_, impl Witness>, totp: &Totp) -> Result<Outcome, Error> {
    let mark = scene.traffic.mark();
    let before = type_code(scene, totp).await?;
    if !is_sent(scene, mark).await? {
        send(scene).await?;
    }
    watch(scene, mark, &before).await
}

/// Waits for a one-time password that nobody used, and types it; gives the messages that the page showed before.
async fn type_code(scene: &Scene<'_, impl Witness>, totp: &Totp) -> Result<Vec<String>, Error> {
    let wait = totp.wait();
    if wait > NOTABLE {
        let what = format!("the next one-time password, {} s at most", wait.as_secs() + 1);
        scene.tell(Step::Waiting { what }).await;
    }
    let code = totp.take().await?;
    // While time went by, the page may have drawn its fields anew.
    let extra = Extra::at(scene.page).await?;
    let field = extra.type_code(scene.page, code.expose()).await?;
    scene.tell(Step::Code { field }).await;
    Ok(extra.says)
}

/// Whether the page sends the code by itself at the last digit: to send it twice would make it a used one.
async fn is_sent(scene: &Scene<'_, impl Witness>, mark: usize) -> Result<bool, Error> {
    let deadline = Instant::now() + SENDS_ITSELF;
    loop {
        let is_submitted = scene.traffic.since(mark).iter().any(|x| is_submission(x) || x.is_document());
        let extra = Extra::at(scene.page).await?;
        if is_submitted || (extra.is_there() && extra.fields.is_empty()) {
            return Ok(true);
        }
        if Instant::now() >= deadline {
            return Ok(false);
        }
        scene.traffic.wait_change(SENDS_ITSELF / 4).await;
    }
}

async fn send(scene: &Scene<'_, impl Witness>) -> Result<(), Error> {
    let extra = Extra::at(scene.page).await?;
    let by = match (extra.submit, extra.fields.last()) {
        (Some(button), _) if !button.is_disabled => {
            scene.press(&button).await?;
            format!("`{}`", button.label)
        }
        (_, Some(field)) => {
            scene.page.type_text(&field.element, ENTER).await?;
            "Enter".to_owned()
        }
        _ => return Ok(()),
    };
    scene.tell(Step::Submitted { by }).await;
    Ok(())
}

/// Watches until the field is gone and all is quiet, the application complains, or the limit has passed.
async fn watch(scene: &Scene<'_, impl Witness>, mark: usize, before: &[String]) -> Result<Outcome, Error> {
    let (sent, deadline) = (Instant::now(), Instant::now() + scene.settings.limit);
    loop {
        let _ = scene.traffic.wait_quiet(QUIET, LOOK_EVERY).await;
        let extra = Extra::at(scene.page).await?;
        let exchanges = scene.traffic.since(mark);
        let is_quiet = scene.traffic.in_flight() == 0;
        let is_gone = extra.is_there() && extra.fields.is_empty();
        if is_gone && is_quiet && !exchanges.is_empty() && person::is_still(scene).await? {
            let answered = answer(&exchanges).map(|a| format!("{a}; ")).unwrap_or_default();
            return Ok(if Extra::at(scene.page).await?.is_password_asked {
                let evidence = format!("{answered}after the one-time password the form is shown again");
                Outcome::Failed { refusal: Refusal::CodeRefused, evidence }
            } else {
                let path = scene.page.url().await.map(|url| url.path().to_owned())?;
                let evidence = format!("{answered}the one-time password was taken, the page is at {path}");
                Outcome::Through { evidence }
            });
        }
        if !is_gone
            && is_quiet
            && let Some(refused) = refused(scene, &extra, &exchanges, before, sent)
        {
            return Ok(refused);
        }
        if Instant::now() >= deadline {
            let evidence = answer(&exchanges).unwrap_or_else(|| "no request was sent".into());
            return Ok(Outcome::Failed { refusal: Refusal::Unanswered, evidence });
        }
    }
}

/// Whether the application said no: by status, by a new message, or by asking for the code again.
fn refused(
    scene: &Scene<'_, impl Witness>,
    extra: &Extra,
    exchanges: &[Exchange],
    before: &[String],
    sent: Instant,
) -> Option<Outcome> {
    let denied = denied(exchanges);
    let complaint = extra.says.iter().find(|said| !before.contains(said));
    let is_settled = !exchanges.is_empty() && sent.elapsed() > PATIENCE;
    if extra.fields.is_empty()
        || !(is_settled || complaint.is_some() && (denied.is_some() || sent.elapsed() > PATIENCE))
    {
        return None;
    }
    let complaint = complaint.map(|said| scene.settings.credentials.redact(said));
    let no = No { exchanges, denied, complaint, refusal: Refusal::CodeRefused };
    Some(no.told("the one-time password is asked for again"))
}

/// U+E007, Enter (see 15.4.2 Keyboard Actions of the WebDriver standard).
const ENTER: &str = "\u{E007}";
/// What stands in the evidence where the page has a message.
const SAYS: &str = "the page says";
/// A wait that is worth a word.
const NOTABLE: Duration = Duration::from_secs(1);
/// How long a page may take to send by itself what was typed.
const SENDS_ITSELF: Duration = Duration::from_millis(400);
const QUIET: Duration = Duration::from_millis(120);
const LOOK_EVERY: Duration = Duration::from_millis(600);
/// How long a page may take to show its answer once the network is quiet.
const PATIENCE: Duration = Duration::from_millis(1200);
/// So many things may be asked for after a password.
const MAX_ROUNDS: usize = 4;
