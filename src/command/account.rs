//! Whose session is made, and with what.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context as _, Result, bail};
use tokio::task::spawn_blocking;
use url::Url;

use super::failure::Usage;
use crate::{
    browser::Exchange,
    context::{self, Authentication, Context, RequestLogin, Script, ScriptSource, SecretSource, User},
    harvest,
    inject::{self, HttpAuth},
    keep::{Every, Limits, Strategy, Watch},
    login::{Credentials, Encoding, Flow, Totp},
    session::{Check, HttpScheme, Indicator, Method, Recipe, State, TotpRecipe},
    site::{Pattern, Scope},
};

/// Where a login starts, and who logs in.
#[derive(Clone, Debug)]
pub(super) enum Account {
    /// A session that was made before; it can be made again where it tells where the password is.
    Recipe(Option<Recipe>),
    /// A user of a context.
    User(Box<Context>, Box<User>),
}

/// A login that needs no browser.
#[derive(Clone, Debug)]
pub(super) enum Way {
    /// One request, and what else its places may name.
    Request(RequestLogin, Encoding, BTreeMap<String, SecretSource>),
    /// None at all: the credentials go with each request.
    Credentials(HttpScheme),
}

impl Account {
    /// Whether there is something to log in with.
    pub(super) fn has_credentials(&self) -> bool {
        match self {
            Self::Recipe(recipe) => recipe.as_ref().is_some_and(|recipe| recipe.password.is_some()),
            Self::User(context, user) => {
                user.password.is_some() && !matches!(context.authentication, Authentication::Manual)
            }
        }
    }

    /// What the session remembers of how it was made.
    pub(super) fn recipe(&self) -> Result<Recipe> {
        match self {
            Self::Recipe(Some(recipe)) => Ok(recipe.clone()),
            Self::Recipe(None) => bail!(Usage::new(
                "the session does not tell how it was made",
                "log in again with `handstamp login URL --session NAME`"
            )),
            Self::User(context, user) => Ok(Recipe {
                login_url: login_page(context)?,
                username: user.username.clone(),
                password: user.password.as_ref().and_then(SecretSource::reference).cloned(),
                totp: user.totp.as_ref().and_then(referred),
                // The configuration says how it is made anew.
                steps: None,
            }),
        }
    }

    /// Reads the credentials from where they are kept.
    pub(super) async fn credentials(&self) -> Result<Credentials> {
        let account = self.clone();
        spawn_blocking(move || account.resolved()).await?
    }

    /// As [`Account::credentials`], and blocks: a command may ask its user something.
    pub(super) fn resolved(&self) -> Result<Credentials> {
        let (username, source, more, totp) = match self {
            Self::Recipe(recipe) => {
                let recipe = recipe.clone().context("the session does not tell how it was made")?;
                let totp = recipe.totp.as_ref().map(totp_of_recipe).transpose()?;
                (recipe.username, recipe.password.map(SecretSource::Reference), BTreeMap::new(), totp)
            }
            Self::User(_, user) => {
                let totp = user.totp.as_ref().map(totp_of_user).transpose()?;
                (user.username.clone(), user.password.clone(), user.more.clone(), totp)
            }
        };
        let Some(source) = source else {
            bail!(Usage::new(
                "there is no password to log in with",
                "name a variable, a file or a command that has it"
            ));
        };
        let more = more.into_iter().map(|(name, source)| Ok((name, source.resolve()?)));
        let more = more.collect::<Result<_>>()?;
        Ok(Credentials { username, password: source.resolve()?, more, totp })
    }

    /// The addresses of its context.
    pub(super) fn urls(&self) -> &[Url] {
        match self {
            Self::Recipe(_) => &[],
            Self::User(context, _) => &context.urls,
        }
    }

    /// The credentials in the form that HTTP authentication needs; nothing for sessions that are carried otherwise.
    ///
    /// It blocks, as [`Account::resolved`] does.
    pub(super) fn http_auth(&self, state: &State) -> Result<Option<HttpAuth>> {
        let Method::Http { scheme } = state.method else { return Ok(None) };
        let credentials = self.resolved()?;
        let username = credentials.username.unwrap_or_default();
        Ok(Some(HttpAuth::new(scheme, inject::Credentials { username, password: credentials.password })?))
    }

    /// What the context says of its logins and nobody carries out yet: the form is found instead.
    pub(super) fn passed_over(&self) -> Option<&'static str> {
        let Self::User(context, _) = self else { return None };
        match &context.authentication {
            Authentication::Script(_) => Some("the authentication script"),
            _ => None,
        }
    }

    /// The recorded login, where there is one: its file is read anew each time.
    pub(super) fn flow(&self) -> Result<Option<Flow>> {
        match self {
            Self::Recipe(recipe) => steps(recipe.as_ref().and_then(|recipe| recipe.steps.as_deref())),
            Self::User(context, _) => match &context.authentication {
                Authentication::Client(login) => client_flow(&login.script).map(Some),
                Authentication::Browser(login) if !login.steps.is_empty() => Ok(Some(Flow::of_steps(login)?)),
                _ => Ok(None),
            },
        }
    }

    /// Where a session of the account may go.
    pub(super) fn scope(&self, state: &State) -> Scope {
        match self {
            Self::Recipe(_) => state.reach(),
            Self::User(context, _) => context.scope(),
        }
    }

    /// How the user gets logged in without a browser, where that is so.
    pub(super) fn direct(&self) -> Option<Way> {
        let Self::User(context, user) = self else { return None };
        let more = user.more.clone();
        match &context.authentication {
            Authentication::Form(login) => Some(Way::Request(login.clone(), Encoding::Form, more)),
            Authentication::Json(login) => Some(Way::Request(login.clone(), Encoding::Json, more)),
            Authentication::Http { .. } => Some(Way::Credentials(match context.management.method() {
                Some(Method::Http { scheme }) => *scheme,
                _ => HttpScheme::Basic,
            })),
            _ => None,
        }
    }

    /// How the session is carried: as the configuration says, as it was, or as the login shows.
    pub(super) fn method(
        &self,
        old: &State,
        found: &State,
        traffic: &[Exchange],
        password: Option<&str>,
    ) -> Method {
        match self {
            Self::Recipe(_) => old.method.clone(),
            Self::User(context, _) => match context.management.method() {
                Some(method) => method.clone(),
                // What came from credentials or a browser knows best itself, and a request's answer has to be read.
                None if found.method != Method::Browser => found.method.clone(),
                None if self.direct().is_none() => Method::Browser,
                None => harvest::detect(found, traffic, password).method,
            },
        }
    }

    /// How one tells that the session is alive while it is used.
    pub(super) fn watch(&self) -> Watch {
        let Self::User(context, _) = self else { return Watch::default() };
        let verification = &context.verification;
        let strategy = match &verification.strategy {
            context::Strategy::Response => Strategy::Response,
            context::Strategy::Request => Strategy::Request,
            context::Strategy::Both => Strategy::Both,
            context::Strategy::Poll(poll) => Strategy::Check(match poll.frequency {
                context::Frequency::Requests(count) => Every::Requests(count.into()),
                context::Frequency::Seconds(count) => {
                    Every::Time(std::time::Duration::from_secs(count.into()))
                }
            }),
            _ => Watch::default().strategy,
        };
        Watch {
            strategy,
            logged_in: verification.logged_in.clone(),
            logged_out: verification.logged_out.clone(),
        }
    }

    /// The patterns that a configuration gives, where it names no address to ask.
    pub(super) fn patterns(&self) -> Option<(Option<&Pattern>, Option<&Pattern>)> {
        let Self::User(context, _) = self else { return None };
        let verification = &context.verification;
        let given = (verification.logged_in.as_ref(), verification.logged_out.as_ref());
        let is_given = given.0.is_some() || given.1.is_some();
        (is_given && self.check().is_none()).then_some(given)
    }

    /// The check that a configuration asks for.
    pub(super) fn check(&self) -> Option<Check> {
        let Self::User(context, _) = self else { return None };
        let context::Strategy::Poll(poll) = &context.verification.strategy else { return None };
        let pattern = |pattern: &Option<Pattern>| pattern.as_ref().map(|p| p.as_str().to_owned());
        Some(Check {
            method: poll.method.clone(),
            url: poll.url.clone(),
            headers: poll
                .headers
                .iter()
                .map(|(name, value)| (name.clone(), value.expose().to_owned()))
                .collect(),
            body: poll.body.as_ref().map(|body| body.expose().to_owned()),
            indicator: Indicator::Pattern {
                logged_in: pattern(&context.verification.logged_in),
                logged_out: pattern(&context.verification.logged_out),
            },
            evidence: format!("{} {}: the given pattern", poll.method, poll.url.path()),
        })
    }

    /// How often it may be logged in.
    pub(super) fn limits(&self) -> Limits {
        let standard = Limits::default();
        let Self::User(context, _) = self else { return standard };
        let renewal = context.renewal;
        Limits {
            failures: renewal.max_failures.unwrap_or(standard.failures),
            backoff: renewal.back_off.unwrap_or(standard.backoff),
            before_end: renewal.before_expiry,
            ..standard
        }
    }
}

/// What makes the one-time passwords that a recipe speaks of.
pub(super) fn totp_of_recipe(recipe: &TotpRecipe) -> Result<Totp> {
    Ok(Totp::new(&recipe.secret.resolve()?, recipe.period, recipe.digits, recipe.algorithm)?)
}

fn totp_of_user(totp: &context::Totp) -> Result<Totp> {
    Ok(Totp::new(&totp.secret.resolve()?, totp.period, totp.digits, totp.algorithm)?)
}

/// A user's one-time password as a session may remember it: nothing where the configuration itself has the secret.
fn referred(totp: &context::Totp) -> Option<TotpRecipe> {
    let secret = totp.secret.reference()?.clone();
    Some(TotpRecipe { secret, period: totp.period, digits: totp.digits, algorithm: totp.algorithm })
}

/// Reads the steps of a login from their file.
pub(super) fn steps(file: Option<&Path>) -> Result<Option<Flow>> {
    Ok(file.map(|file| Flow::read(file, &BTreeMap::new())).transpose()?)
}

/// Reads a recorded flow of a configuration; its parameters are the values of variables in it.
fn client_flow(script: &Script) -> Result<Flow> {
    let parameters = script.parameters.iter();
    let variables = parameters.map(|(name, value)| (name.clone(), value.expose().to_owned())).collect();
    Ok(match &script.source {
        ScriptSource::File(file) => Flow::read(file, &variables)?,
        ScriptSource::Inline(text) => Flow::parse(text, "scriptInline", &variables)?,
    })
}

/// The page that a context's logins start from.
fn login_page(context: &Context) -> Result<Url> {
    let told = match &context.authentication {
        Authentication::Browser(login) => Some(login.login_page.clone()),
        Authentication::Form(login) | Authentication::Json(login) => {
            login.login_page.clone().or_else(|| login.request_url.parse().ok())
        }
        // A flow whose file cannot be read is told of when it is played.
        Authentication::Client(login) if context.urls.is_empty() => client_flow(&login.script)
            .ok()
            .and_then(|flow| flow.first_address().and_then(|address| address.parse().ok())),
        _ => None,
    };
    let Some(page) = told.or_else(|| context.urls.first().cloned()) else {
        bail!(Usage::new(
            &format!("the context `{}` has no address to log in at", context.name),
            "give it `urls` or a `loginPageUrl`"
        ));
    };
    Ok(page)
}
