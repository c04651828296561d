//! Does one act of a flow.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{self, Instant};

use super::{
    Act, Choice, Deed, Mark, Part, Target, Typed,
    element::Found,
    play::{Done, Player},
};
use crate::{
    browser,
    login::{Error, Witness},
};

impl<W: Witness> Player<'_, W> {
    /// Does an act: waits for its element, and for nothing else.
    pub(super) async fn act(&mut self, at: usize, act: &Act) -> Result<Done, Error> {
        match &act.deed {
            Deed::Open(address) => {
                self.windows.go(self.page, &act.place).await?;
                self.open(address).await?;
                Ok(Done::Yes(String::new()))
            }
            Deed::Wait(length) => {
                // The flow asks for this time.
                time::sleep(*length).await;
                Ok(Done::Yes(format!("waited for {} ms", length.as_millis())))
            }
            Deed::AutoSteps => {
                self.windows.go(self.page, &act.place).await?;
                self.auto_steps().await?;
                Ok(Done::Yes(String::new()))
            }
            Deed::CloseWindow => {
                if self.windows.go(self.page, &act.place).await? && self.page.windows().await?.len() > 1 {
                    self.page.close_window().await?;
                }
                Ok(Done::Yes("closed the window".into()))
            }
            Deed::WaitFor(target, until) => {
                let came = self.wait_for(act, target, *until).await?;
                Ok(if came { Done::Yes(format!("waited for {target}")) } else { late(target) })
            }
            Deed::WaitForUrl(expression) => self.wait_for_url(act, expression).await,
            Deed::WaitForScript(script) => self.wait_for_script(act, script).await,
            Deed::Keys(None, keys) => self.press(act, keys).await,
            deed => match deed.target() {
                Some(target) => self.on_element(at, act, target).await,
                None => Ok(Done::Yes(String::new())),
            },
        }
    }

    /// Finds the element and works on it, again where the page changes under it.
    async fn on_element(&mut self, at: usize, act: &Act, target: &Target) -> Result<Done, Error> {
        let deadline = self.deadline(act);
        let began = Instant::now();
        loop {
            let Some(found) = self.find(act, target).await? else { return Ok(late(target)) };
            let worked = match &act.deed {
                Deed::Click(_) => self.click(&found, began.elapsed() > COVERED).await,
                Deed::DoubleClick(_) => self.point(&found, 2).await,
                Deed::Hover(_) => self.point(&found, 0).await,
                Deed::Clear(_) => self.page.clear(&found.element).await,
                Deed::Submit(_) => self.page.evaluate(SUBMIT, &[found.element.to_value()]).await.map(drop),
                Deed::Select(_, choice) => self.select(&found, choice).await,
                Deed::Check(_, mark) => self.check(&found, *mark).await,
                Deed::Type(_, typed) => match self.type_into(at, typed, &found).await {
                    Err(Error::Browser { source }) => Err(source),
                    done => return done,
                },
                Deed::Keys(_, typed) => match self.keys_into(act, typed, &found).await {
                    Err(Error::Browser { source }) => Err(source),
                    done => return done,
                },
                _ => Ok(()),
            };
            match worked {
                Ok(()) => return Ok(Done::Yes(format!("{} `{}`", verb(&act.deed), words(&found, target)))),
                // A click that closes its window may not be answered.
                Err(error) if error.is_window_gone() && matches!(act.deed, Deed::Click(_)) => {
                    return Ok(Done::Yes(format!("{} `{}`", verb(&act.deed), words(&found, target))));
                }
                Err(error) if error.is_over() => return Err(error.into()),
                Err(error) if Instant::now() >= deadline => {
                    tracing::debug!(%error, "an act failed");
                    return Ok(Done::No(format!("{target} is there, and cannot be used")));
                }
                Err(_) => self.traffic.wait_change(POLL).await,
            }
        }
    }

    /// Clicks as a person would; by script where something stays in the way.
    async fn click(&self, found: &Found, is_covered: bool) -> Result<(), browser::Error> {
        if found.tag == "option" || is_covered {
            return self.page.evaluate("arguments[0].click()", &[found.element.to_value()]).await.map(drop);
        }
        self.page.click(&found.element).await
    }

    /// Moves the pointer over an element, and clicks it so many times.
    async fn point(&self, found: &Found, clicks: usize) -> Result<(), browser::Error> {
        self.page.evaluate(SHOW, &[found.element.to_value()]).await?;
        let mut actions =
            vec![json!({ "type": "pointerMove", "origin": found.element.to_value(), "x": 0, "y": 0 })];
        for _ in 0..clicks {
            actions.push(json!({ "type": "pointerDown", "button": 0 }));
            actions.push(json!({ "type": "pointerUp", "button": 0 }));
        }
        let mouse = json!({ "type": "pointer", "id": "mouse", "actions": actions });
        self.page.perform(&json!([mouse])).await
    }

    async fn select(&self, found: &Found, choice: &Choice) -> Result<(), browser::Error> {
        let (by, what): (&str, Value) = match choice {
            Choice::Value(value) => ("value", json!(value)),
            Choice::Label(label) => ("label", json!(label)),
            Choice::Index(index) => ("index", json!(index)),
        };
        let chosen = self.page.evaluate(SELECT, &[found.element.to_value(), json!(by), what]).await?;
        // The list may still be filled: an error makes the act be tried again.
        if chosen == json!(true) {
            Ok(())
        } else {
            Err(browser::Error::Protocol { command: "select".into() })
        }
    }

    async fn check(&self, found: &Found, mark: Mark) -> Result<(), browser::Error> {
        let is_checked = self.page.evaluate(IS_CHECKED, &[found.element.to_value()]).await?;
        if is_checked == json!(mark == Mark::Checked) {
            return Ok(());
        }
        match self.page.click(&found.element).await {
            Err(error) if !error.is_over() => self.click(found, true).await,
            clicked => clicked,
        }
    }

    /// Replaces what is in a field.
    async fn type_into(&mut self, at: usize, typed: &Typed, found: &Found) -> Result<Done, Error> {
        let typed = self.typed(at, typed, found).await?;
        let text = typed.fill(&self.settings.credentials).await?;
        if found.is_password || typed.holds_password() {
            self.note().await?;
            // The look for messages is at the top: back to the field's frame.
            self.windows.go(self.page, &self.flow.acts[at].place).await?;
        }
        if found.tag == "select" {
            self.select(found, &Choice::Value(text.expose().to_owned())).await?;
            return Ok(Done::Yes(format!("chose in `{}`", found.words)));
        }
        fill(self.page, found, text.expose()).await?;
        Ok(Done::Yes(format!("typed {} into `{}`", typed.told(), found.words)))
    }

    /// Types keys into an element as it is.
    async fn keys_into(&mut self, act: &Act, typed: &Typed, found: &Found) -> Result<Done, Error> {
        let typed =
            if typed.is_literal() && found.is_password { with_password(typed) } else { typed.clone() };
        let text = typed.fill(&self.settings.credentials).await?;
        if typed.holds_password() || found.is_password {
            self.note().await?;
            self.windows.go(self.page, &act.place).await?;
        }
        self.page.type_text(&found.element, text.expose()).await?;
        Ok(Done::Yes(format!("pressed keys in `{}`", found.words)))
    }

    async fn press(&mut self, act: &Act, keys: &Typed) -> Result<Done, Error> {
        self.windows.go(self.page, &act.place).await?;
        let text = keys.fill(&self.settings.credentials).await?;
        for key in text.expose().chars() {
            self.page.press(&key.to_string()).await?;
        }
        Ok(Done::Yes("pressed a key".into()))
    }

    async fn wait_for_url(&mut self, act: &Act, expression: &str) -> Result<Done, Error> {
        let deadline = self.deadline(act);
        let found = regex::Regex::new(expression).map_err(|_| Error::NoWebAddress)?;
        loop {
            self.windows.go(self.page, &act.place).await?;
            if self.page.url().await.is_ok_and(|url| found.is_match(url.as_str())) {
                return Ok(Done::Yes(format!("came to `{expression}`")));
            }
            if Instant::now() >= deadline {
                return Ok(Done::No(format!("the address never matched `{expression}`")));
            }
            self.traffic.wait_change(POLL).await;
        }
    }

    async fn wait_for_script(&mut self, act: &Act, script: &str) -> Result<Done, Error> {
        let deadline = self.deadline(act);
        let source = format!("return Promise.resolve({script}).then(Boolean)");
        loop {
            self.windows.go(self.page, &act.place).await?;
            match self.page.evaluate(&source, &[]).await {
                Ok(Value::Bool(true)) => return Ok(Done::Yes("waited for an expression".into())),
                Err(error) if error.is_over() => return Err(error.into()),
                _ if Instant::now() >= deadline => return Ok(Done::No("the expression never held".into())),
                _ => self.traffic.wait_change(POLL).await,
            }
        }
    }
}

/// Types text into a field, key by key, and sees to it that it is there.
async fn fill(page: &browser::Page, found: &Found, text: &str) -> Result<(), browser::Error> {
    let element = found.element.to_value();
    if PICKERS.contains(&found.kind.as_str()) {
        return page.evaluate(SET, &[element, json!(text)]).await.map(drop);
    }
    // A click can fail where a label floats over the field: typing takes the focus by itself.
    let _ = page.click(&found.element).await;
    if found.length > 0 {
        let _ = page.clear(&found.element).await;
    }
    let typed = page.type_text(&found.element, text).await;
    // A field that is gone already has been sent off.
    match page.evaluate(HOLDS, &[element.clone(), json!(text)]).await {
        Err(error) if error.is_over() => Err(error),
        Ok(Value::Bool(false)) => page.evaluate(SET, &[element, json!(text)]).await.map(drop),
        // What has no value cannot tell what is in it.
        Ok(Value::Null) => typed,
        _ => Ok(()),
    }
}

/// The recorded password's keys, with the user's password in its place; Enter at the end stays.
fn with_password(typed: &Typed) -> Typed {
    let text: String =
        typed.0.iter().map(|part| if let Part::Text(text) = part { text.expose() } else { "" }).collect();
    let keys: String = text.chars().filter(|c| ('\u{E000}'..='\u{F8FF}').contains(c)).collect();
    let typed_text = text.chars().count() > keys.chars().count();
    let password = typed_text.then_some(Part::Password);
    Typed(password.into_iter().chain((!keys.is_empty()).then(|| Part::Text(keys.into()))).collect())
}

fn late(target: &Target) -> Done {
    Done::No(format!("{target} was not found in time"))
}

fn words(found: &Found, target: &Target) -> String {
    if found.words.is_empty() { target.to_string().trim_matches('`').to_owned() } else { found.words.clone() }
}

fn verb(deed: &Deed) -> &'static str {
    match deed {
        Deed::DoubleClick(_) => "clicked twice",
        Deed::Hover(_) => "pointed at",
        Deed::Clear(_) => "emptied",
        Deed::Submit(_) => "submitted",
        Deed::Select(..) => "chose in",
        Deed::Check(_, Mark::Checked) => "checked",
        Deed::Check(_, Mark::Unchecked) => "unchecked",
        _ => "clicked",
    }
}

const POLL: Duration = Duration::from_millis(100);
/// How long something may be in the way of a click before it is made by script.
const COVERED: Duration = Duration::from_secs(2);
/// Fields that take no text key by key.
const PICKERS: &[&str] = &["date", "time", "month", "week", "datetime-local", "color", "range"];

const SHOW: &str = "arguments[0].scrollIntoView({ block: 'center', inline: 'nearest', behavior: 'instant' })";
const IS_CHECKED: &str = "return 'checked' in arguments[0] ? arguments[0].checked : arguments[0].getAttribute('aria-checked') === 'true'";
const HOLDS: &str = "return arguments[0].value === undefined ? null : arguments[0].value === arguments[1]";
const SUBMIT: &str = "
const form = arguments[0].form || arguments[0].closest('form');
form.requestSubmit();";
const SELECT: &str = "
const [list, by, what] = arguments;
const words = (option) => option.label.replace(/\\s+/g, ' ').trim();
const find = { value: (o) => o.value === what, label: (o) => words(o) === what.replace(/\\s+/g, ' ').trim(), index: (o) => o.index === what }[by];
const option = [...list.options].find(find);
if (!option) return false;
list.focus();
option.selected = true;
for (const type of ['input', 'change']) list.dispatchEvent(new Event(type, { bubbles: true }));
return true;";
/// Sets a value behind the back of frameworks that watch the property, and tells them by the events that typing makes.
const SET: &str = "
const [field, text] = arguments;
const kind = field.tagName === 'TEXTAREA' ? HTMLTextAreaElement : HTMLInputElement;
Object.getOwnPropertyDescriptor(kind.prototype, 'value').set.call(field, text);
for (const type of ['input', 'change']) field.dispatchEvent(new Event(type, { bubbles: true }));";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_into_a_password_field_are_the_user_s_password_and_enter_stays() {
        assert_eq!(
            with_password(&Typed::text("old\u{E007}")).0,
            [Part::Password, Part::Text("\u{E007}".into())]
        );
        assert_eq!(with_password(&Typed::text("\u{E007}")).0, [Part::Text("\u{E007}".into())]);
    }
}
