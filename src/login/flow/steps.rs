//! Makes a flow of the steps that a configuration gives for a login in a browser, as ZAP carries them out.

use std::time::Duration;

use super::{Act, Deed, Flow, Need, Part, Place, Selector, Target, Typed};
use crate::context::{BrowserLogin, SecretSource, Step, StepKind};
use crate::session;

impl Flow {
    /// The flow of a login in a browser that has steps: those before `AUTO_STEPS`, the form, those after it.
    ///
    /// Without `AUTO_STEPS` the form is filled where ZAP fills it: before the first step with a one-time password, else
    /// at the end; and not at all where a step types the password.
    ///
    /// # Errors
    /// When the value of a step cannot be read.
    pub fn of_steps(login: &BrowserLogin) -> Result<Self, session::Error> {
        let mut acts = vec![Act::new(0, Deed::Open(login.login_page.to_string()))];
        let has = |kind| login.steps.iter().any(|step| step.kind == kind);
        let mut is_form_due = !has(StepKind::AutoSteps) && !has(StepKind::Password);
        for (at, step) in login.steps.iter().enumerate() {
            if is_form_due && step.kind == StepKind::TotpField {
                acts.push(Act::new(at + 1, Deed::AutoSteps));
                is_form_due = false;
            }
            acts.push(act(at + 1, step)?);
        }
        if is_form_due {
            acts.push(Act::new(login.steps.len() + 1, Deed::AutoSteps));
        }
        Ok(Self { title: String::new(), acts, delay: login.step_delay })
    }
}

fn act(number: usize, step: &Step) -> Result<Act, session::Error> {
    let target = || target(step);
    let value = step.value.as_ref().map(SecretSource::resolve).transpose()?;
    let deed = match step.kind {
        StepKind::AutoSteps => Deed::AutoSteps,
        StepKind::Click => Deed::Click(target()),
        StepKind::CustomField => Deed::Type(target(), Typed(value.into_iter().map(Part::Text).collect())),
        StepKind::Escape => Deed::Keys(None, Typed::text("\u{E00C}")),
        StepKind::Return => Deed::Keys(None, Typed::text("\u{E007}")),
        StepKind::Password => Deed::Type(target(), Typed(vec![Part::Password])),
        StepKind::Username => Deed::Type(target(), Typed(vec![Part::Username])),
        StepKind::TotpField => Deed::Type(target(), Typed(vec![value.map_or(Part::Otp, Part::OtpOf)])),
        StepKind::Wait => Deed::Wait(step.timeout),
    };
    // ZAP's default of a second is for pages that are there already.
    let limit = Some(step.timeout.max(LEAST)).filter(|_| step.kind.needs_element());
    Ok(Act { number, deed, place: Place::default(), limit, need: Need::Required })
}

/// As in ZAP, the CSS selector wins; the `XPath` expression is there when it finds nothing.
fn target(step: &Step) -> Target {
    let css = step.css.clone().map(Selector::Css);
    Target::of(css.into_iter().chain(step.xpath.clone().map(Selector::Xpath)).collect())
}

/// How long an element is looked for at least.
const LEAST: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    fn flow(kinds: &[StepKind]) -> Vec<Deed> {
        let step = |kind: &StepKind| Step {
            description: String::new(),
            kind: *kind,
            css: Some("#a".into()),
            xpath: None,
            value: None,
            timeout: Duration::from_secs(1),
        };
        let login = BrowserLogin {
            login_page: "http://a.test/login".parse().unwrap(),
            page_wait: Duration::ZERO,
            step_delay: Duration::ZERO,
            browser: None,
            steps: kinds.iter().map(step).collect(),
        };
        Flow::of_steps(&login).unwrap().acts.into_iter().skip(1).map(|act| act.deed).collect()
    }

    fn form(kinds: &[StepKind]) -> Option<usize> {
        flow(kinds).iter().position(|deed| *deed == Deed::AutoSteps)
    }

    #[test]
    fn the_form_is_filled_where_the_steps_say_or_where_it_belongs() {
        use StepKind::{AutoSteps, Click, Password, TotpField, Username};
        assert_eq!(form(&[Click, AutoSteps, TotpField]), Some(1));
        assert_eq!(form(&[Click, TotpField]), Some(1));
        assert_eq!(form(&[Click, Click]), Some(2));
        assert_eq!(form(&[Username, Password, Click]), None);
    }
}
