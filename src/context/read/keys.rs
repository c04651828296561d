//! The keys of a configuration: the document, its contexts and their users.

use super::{
    keys_login::{AUTHENTICATION, MANAGEMENT, VERIFICATION},
    shape::{Key, Rest, Shape, What},
};

/// The document.
pub(crate) const DOCUMENT: Shape = Shape::of(&[
    Key::zap(
        "env",
        What::Map(&ENVIRONMENT),
        "The environment, as in ZAP's automation plans; `contexts` may also stand at the top",
    ),
    Key::ours("contexts", CONTEXTS, "The applications under test"),
    Key::ours("vars", What::Texts, "Variables for ${name}; the environment's are known too"),
    Key::unused("jobs", "What ZAP does with the contexts"),
]);

/// `env`
const ENVIRONMENT: Shape = Shape::of(&[
    Key::zap("contexts", CONTEXTS, "The applications under test").required(),
    Key::zap("vars", What::Texts, "Variables for ${name}; the environment's are known too"),
    Key::unused("configs", "Settings of ZAP"),
    Key::unused("parameters", "When ZAP stops"),
    Key::unused("proxy", "The proxy that ZAP goes through"),
]);

const CONTEXTS: What = What::List(&What::Map(&CONTEXT));

/// A context.
pub(crate) const CONTEXT: Shape = Shape::of(&[
    Key::zap("name", What::Text, "The context's name").required(),
    Key::zap("urls", What::List(&What::Url), "Where it begins; everything below these is in scope")
        .required(),
    Key::zap(
        "includePaths",
        What::List(&What::UrlExpression),
        "What is in scope beside that: regular expressions that match whole URLs",
    ),
    Key::zap(
        "excludePaths",
        What::List(&What::UrlExpression),
        "What is out of scope: regular expressions that match whole URLs",
    ),
    Key::zap(
        "authentication",
        What::Map(&AUTHENTICATION),
        "How a user gets logged in; without it, handstamp does not log in",
    ),
    Key::ours(
        "verification",
        What::Map(&VERIFICATION),
        "How one tells that a user is logged in; ZAP has it under `authentication`, where it is read too",
    ),
    Key::zap(
        "sessionManagement",
        What::Map(&MANAGEMENT),
        "How a session is carried on requests; decided from the login when left out",
    ),
    Key::zap("users", What::List(&What::Map(&USER)), "The users; their sessions are named context/user"),
    Key::ours("forcedUser", What::Text, "The user whose session goes onto requests that name none"),
    Key::ours("logout", What::Map(&LOGOUT), "The request that ends a session at the server"),
    Key::ours("renewal", What::Map(&RENEWAL), "Limits on new logins, so that no account gets locked"),
    Key::unused("technology", "What the application is made of"),
    Key::unused("structure", "How ZAP builds its tree of sites"),
]);

const LOGOUT: Shape = Shape::of(&[
    Key::ours("url", What::Url, "Where it goes").required(),
    Key::ours("method", What::Word(METHODS), "Its method; GET, or POST where there is a body"),
    Key::ours("body", What::Hidden, "Its body"),
]);

/// The methods of requests that a configuration can ask for.
pub(crate) const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

const RENEWAL: Shape = Shape::of(&[
    Key::ours(
        "maxFailures",
        What::Number(1, 1000),
        "After so many failed logins in a row nobody tries again",
    ),
    Key::ours(
        "backOff",
        What::Number(0, 86_400),
        "Seconds to wait after the first failed login; longer after each one more",
    ),
    Key::ours("beforeExpiry", What::Number(0, 86_400), "Seconds before its end at which a token is renewed"),
]);

const USER: Shape = Shape::of(&[
    Key::zap("name", What::Text, "The user's name in this file").required(),
    Key::zap("credentials", What::Map(&CREDENTIALS), "What the user logs in with"),
]);

const CREDENTIALS: Shape = Shape {
    keys: &[
        Key::zap("username", What::Text, "The name to log in with"),
        Key::zap(
            "password",
            What::Secret,
            "The password in clear, or ${VARIABLE}; the next three keep it out of this file",
        ),
        Key::ours("passwordEnv", What::Text, "The environment variable that holds the password"),
        Key::ours("passwordFile", What::File, "The file that holds the password alone"),
        Key::ours("passwordCommand", What::Text, "The command that prints the password"),
        Key::zap("totp", What::Map(&TOTP), "The second factor: a time-based one-time password"),
    ],
    rest: Rest::Credentials,
    chosen: None,
};

const TOTP: Shape = Shape::of(&[
    Key::zap(
        "secret",
        What::Secret,
        "The shared secret in base32, or ${VARIABLE}; the next three keep it out of this file",
    ),
    Key::ours("secretEnv", What::Text, "The environment variable that holds the secret"),
    Key::ours("secretFile", What::File, "The file that holds the secret alone"),
    Key::ours("secretCommand", What::Text, "The command that prints the secret"),
    Key::zap("period", What::Number(1, 3600), "For how many seconds a password holds; 30"),
    Key::zap("digits", What::Number(4, 10), "How many digits it has; 6"),
    Key::zap("algorithm", What::Word(&["SHA1", "SHA256", "SHA512"]), "The hash; SHA1"),
]);
