//! The ways in which a session is lost.

/// How the application carries the session, and how it ends it.
#[derive(Clone, Debug)]
pub(crate) struct Guise {
    pub(crate) name: &'static str,
    pub(crate) carrier: Carrier,
    /// After how many requests of browsers a token dies: a clock that goes as fast as the machine.
    pub(crate) life: Option<usize>,
    /// After how many requests the application forgets all sessions, once.
    pub(crate) restart_after: Option<usize>,
    /// Whether strangers get 200 and an answer for strangers.
    pub(crate) quiet: bool,
    /// Whether each document brings a new session, and ends the one before.
    pub(crate) one_browser: bool,
    pub(crate) browsers: usize,
    /// How many views there are beside the usual four.
    pub(crate) more_views: usize,
    /// How many seconds a token is good for, where it tells that.
    pub(crate) seconds: Option<u64>,
}

/// Where the session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carrier {
    /// In a cookie that scripts cannot see.
    Cookie,
    /// In a cookie that scripts can see.
    OpenCookie,
    /// In localStorage, sent as a header.
    Storage,
}

impl Guise {
    const fn new(name: &'static str, carrier: Carrier) -> Self {
        Self {
            name,
            carrier,
            life: None,
            restart_after: None,
            quiet: false,
            one_browser: false,
            browsers: 1,
            more_views: 0,
            seconds: None,
        }
    }

    const fn living(self, requests: usize) -> Self {
        Self { life: Some(requests), ..self }
    }

    const fn restarted_after(self, requests: usize) -> Self {
        Self { restart_after: Some(requests), ..self }
    }

    const fn wide(self, more_views: usize) -> Self {
        Self { more_views, ..self }
    }

    const fn quiet(self) -> Self {
        Self { quiet: true, ..self }
    }

    pub(crate) fn is_stored(&self) -> bool {
        self.carrier == Carrier::Storage
    }

    pub(crate) fn is_rotating(&self) -> bool {
        self.name == "rotating"
    }
}

/// Logout in eight guises.
pub(crate) const LOGOUTS: &[Guise] = &[
    Guise::new("link", Carrier::Cookie),
    Guise::new("form", Carrier::Cookie),
    Guise::new("fetch-delete", Carrier::Storage),
    Guise::new("storage-clear", Carrier::Storage),
    Guise::new("beacon", Carrier::Cookie),
    Guise::new("script-cookie", Carrier::OpenCookie),
    Guise::new("socket", Carrier::Storage),
    Guise::new("shortcut", Carrier::Cookie),
];

/// Sessions that end by themselves or by what others do.
pub(crate) const ENDINGS: &[Guise] = &[
    Guise::new("token-ends", Carrier::Storage).living(36),
    Guise::new("cookie-ends", Carrier::Cookie).living(36),
    Guise::new("rotating", Carrier::Storage).living(50),
    Guise::new("silent-401", Carrier::Storage).restarted_after(40),
    Guise::new("as-stranger", Carrier::Cookie).restarted_after(40).quiet(),
    Guise::new("restart", Carrier::Storage).restarted_after(50),
    Guise::new("email", Carrier::Cookie),
    Guise::new("idle", Carrier::Cookie),
    // Lives of some dozens of requests make one that is refused weigh more than it does out there.
    Guise::new("long-life", Carrier::Storage).living(300).wide(36),
    Guise { browsers: 2, ..Guise::new("long-cookie", Carrier::Cookie).living(300).wide(36) },
    Guise { seconds: Some(12), ..Guise::new("told-life", Carrier::Storage).wide(24) },
    Guise { one_browser: true, browsers: 2, ..Guise::new("one-browser", Carrier::Cookie) },
];
