//! The keys of a context that say how one logs in, how that is told, and how it is carried.

use super::{
    keys::METHODS,
    shape::{Chosen, Key, Rest, Shape, What},
};

/// `authentication`
pub(crate) const AUTHENTICATION: Shape = Shape {
    keys: &[
        Key::zap(
            "method",
            What::Word(&["manual", "http", "form", "json", "script", "browser", "client", "autodetect"]),
            "The authentication method",
        )
        .required(),
        Key::zap("parameters", What::Anything, "What the method needs"),
        Key::zap("verification", What::Map(&VERIFICATION), "How one tells that a user is logged in"),
    ],
    rest: Rest::Refused,
    chosen: Some(Chosen {
        by: "method",
        key: "parameters",
        shapes: &[
            ("manual", What::Map(&NONE)),
            ("http", What::Map(&HTTP)),
            ("form", What::Map(&REQUEST)),
            ("json", What::Map(&REQUEST)),
            ("script", What::Map(&SCRIPT)),
            ("browser", What::Map(&BROWSER)),
            ("client", What::Map(&CLIENT)),
            ("autodetect", What::Map(&AUTODETECT)),
        ],
    }),
};

const NONE: Shape = Shape::of(&[]);

const HTTP: Shape = Shape::of(&[
    Key::zap("hostname", What::Text, "The host that asks"),
    Key::zap("port", What::Number(1, 65_535), "Its port"),
    Key::zap("realm", What::Text, "The realm that it asks for"),
]);

const REQUEST: Shape = Shape::of(&[
    Key::zap("loginPageUrl", What::Url, "The page that is read first, for its cookies and tokens"),
    Key::zap("loginRequestUrl", What::UrlText, "Where the login goes").required(),
    Key::zap(
        "loginRequestBody",
        What::Hidden,
        "What is sent, with {%username%} and {%password%}; without it the request is a GET",
    ),
]);

const SCRIPT: Shape = Shape::open(&[
    Key::zap("script", What::File, "The script's file"),
    Key::zap("scriptInline", What::Code, "The script itself"),
    Key::zap("scriptEngine", What::Text, "The engine that it is written for"),
]);

const BROWSER: Shape = Shape::of(&[
    Key::zap("loginPageUrl", What::Url, "The page with the form, or one that leads to it").required(),
    LOGIN_PAGE_WAIT,
    Key::zap("stepDelay", What::Number(0, 3600), "Seconds to wait between steps; 0"),
    Key::zap("browserId", What::Text, "The browser, such as firefox-headless"),
    Key::zap("steps", What::List(&What::Map(&STEP)), "What to do beside filling in the form"),
    DIAGNOSTICS,
]);

const AUTODETECT: Shape = Shape::of(&[Key::ours(
    "loginPageUrl",
    What::Url,
    "Where to look for the login; the first of the context's urls when left out",
)]);

const LOGIN_PAGE_WAIT: Key =
    Key::zap("loginPageWait", What::Number(0, 3600), "Seconds to wait for the page and for the answer; 5");

const DIAGNOSTICS: Key = Key::unused("diagnostics", "Whether ZAP records the login");

const STEP: Shape = Shape::of(&[
    Key::zap("description", What::Text, "What it is for"),
    Key::zap("type", What::Word(STEPS), "What to do").required(),
    Key::zap("cssSelector", What::Text, "The element, as a CSS selector"),
    Key::zap("xpath", What::Text, "The element, as an XPath expression"),
    Key::zap("value", What::Hidden, "What to type into a custom field, or the secret of a one-time password"),
    Key::zap("timeout", What::Number(0, 3_600_000), "Milliseconds to look for the element, or to wait; 1000"),
]);

/// The words of [`super::super::StepKind`], as a test makes sure.
pub(crate) const STEPS: &[&str] = &[
    "AUTO_STEPS",
    "CLICK",
    "CUSTOM_FIELD",
    "ESCAPE",
    "PASSWORD",
    "RETURN",
    "TOTP_FIELD",
    "USERNAME",
    "WAIT",
];

const CLIENT: Shape = Shape::open(&[
    Key::zap("script", What::File, "The recorded flow's file"),
    Key::ours("recipe", What::File, "The same, by another name: a recipe, or a recording of any format"),
    Key::zap("scriptInline", What::Code, "The recorded flow itself"),
    Key::zap("scriptEngine", What::Text, "The engine that it is written for"),
    LOGIN_PAGE_WAIT,
    Key::zap("minWaitFor", What::Number(0, 3600), "Seconds to wait at least for requests; 0"),
    DIAGNOSTICS,
]);

/// `verification`
pub(crate) const VERIFICATION: Shape = Shape::of(&[
    Key::zap(
        "method",
        What::Word(&["response", "request", "both", "poll", "autodetect"]),
        "What is looked at",
    )
    .required(),
    Key::zap("loggedInRegex", What::Expression, "Where it is found, the user is logged in"),
    Key::zap("loggedOutRegex", What::Expression, "Where it is found, the user is logged out"),
    Key::zap("pollUrl", What::Url, "Where the poll goes"),
    Key::zap("pollMethod", What::Word(METHODS), "Its method; GET, or POST where there is a body"),
    Key::zap("pollPostData", What::Hidden, "Its body"),
    Key::zap(
        "pollAdditionalHeaders",
        What::List(&What::Map(&HEADER)),
        "Its headers, beside those of the session",
    ),
    Key::zap("pollFrequency", What::Number(1, 1_000_000), "How often it is made, in pollUnits; 60"),
    Key::zap("pollUnits", What::Word(&["requests", "seconds"]), "What the frequency counts; requests"),
]);

const HEADER: Shape = Shape::of(&[
    Key::zap("header", What::Text, "The header's name").required(),
    Key::zap("value", What::Hidden, "Its value").required(),
]);

/// `sessionManagement`
pub(crate) const MANAGEMENT: Shape = Shape {
    keys: &[
        Key::zap(
            "method",
            What::Word(&["cookie", "http", "headers", "script", "autodetect", "browser"]),
            "The session management method; `browser`, the storage of the browser itself, is handstamp's",
        )
        .required(),
        Key::zap("parameters", What::Anything, "What the method needs"),
    ],
    rest: Rest::Refused,
    chosen: Some(Chosen {
        by: "method",
        key: "parameters",
        shapes: &[
            ("cookie", What::Map(&NONE)),
            ("http", What::Map(&SCHEME)),
            ("headers", What::Headers),
            ("script", What::Map(&SESSION_SCRIPT)),
            ("autodetect", What::Map(&NONE)),
            ("browser", What::Map(&NONE)),
        ],
    }),
};

const SCHEME: Shape = Shape::of(&[Key::ours(
    "scheme",
    What::Word(&["basic", "digest", "bearer"]),
    "The scheme of HTTP authentication; basic",
)]);

const SESSION_SCRIPT: Shape = Shape::open(&[
    Key::zap("script", What::File, "The session script's file").required(),
    Key::zap("scriptEngine", What::Text, "The engine that it is written for; handstamp runs JavaScript"),
]);
