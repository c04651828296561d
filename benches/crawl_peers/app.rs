//! The application that everybody crawls: the sample shop, opened anew for each, or one that is given by its address.

use std::{env, path::Path, process::Stdio};

use anyhow::{Context as _, Result};
use handstamp::proxy::{Client, Trust, empty, read};
use http::{
    Request,
    header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG},
};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};
use url::Url;

use crate::coverage::Measure;

/// An application and one of its users.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) url: Url,
    /// Nothing for a stranger.
    pub(crate) user: Option<(String, String)>,
    pub(crate) measure: Measure,
    _process: Option<Child>,
}

impl App {
    /// The name of what is crawled.
    pub(crate) fn name() -> String {
        env::var("BENCH_URL").unwrap_or_else(|_| "the sample shop".into())
    }

    pub(crate) async fn open() -> Result<Self> {
        match env::var("BENCH_URL") {
            Ok(url) => Self::given(&Url::parse(&url).context("BENCH_URL")?).await,
            Err(_) => Self::shop().await,
        }
    }

    async fn given(url: &Url) -> Result<Self> {
        let user = env::var("BENCH_USERNAME").ok().zip(env::var("BENCH_PASSWORD").ok());
        let measure = match env::var("BENCH_TRUTH") {
            Ok(file) => Measure::of_lines(&std::fs::read_to_string(file).context("BENCH_TRUTH")?),
            Err(_) => Measure::Shape { shell: shell(url).await? },
        };
        Ok(Self { url: url.clone(), user, measure, _process: None })
    }

    async fn shop() -> Result<Self> {
        let program = Path::new(env!("CARGO_BIN_EXE_handstamp")).with_file_name("examples/shop");
        let mut process = Command::new(&program)
            .arg("--exit-with-stdin")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| {
                format!("{} cannot be started; `make bench-crawl` builds it", program.display())
            })?;
        let out = process.stdout.take().context("the shop has no output")?;
        let line = BufReader::new(out).lines().next_line().await?.context("the shop did not open")?;
        let ready: Value = serde_json::from_str(&line)?;
        let text = |path: &str| ready.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
        let url = Url::parse(&text("/url"))?;
        let truth = serde_json::from_str(&get(&url.join("truth.json")?).await?.1)?;
        let measure = Measure::of_shop(&truth, &text("/users/0/role"));
        let user = Some((text("/users/0/username"), text("/users/0/password")));
        Ok(Self { url, user, measure, _process: Some(process) })
    }
}

/// What the answer for an address that cannot exist looks like, where that is a page all the same.
async fn shell(url: &Url) -> Result<Option<String>> {
    let (head, _) = get(&url.join("/no-such-page-here")?).await?;
    Ok(head.starts_with("text/html").then(|| head.split_once('|').map(|(_, page)| page.to_owned())).flatten())
}

async fn get(url: &Url) -> Result<(String, String)> {
    let client = Client::new(&Trust::System)?;
    let answer = client.send(Request::get(url.as_str()).body(empty())?).await?;
    let text = |name| answer.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let head = format!("{}|{} {}", text(CONTENT_TYPE), text(CONTENT_LENGTH), text(ETAG));
    let body = read(answer.into_body(), MOST).await.map_err(anyhow::Error::from_boxed)?;
    Ok((head, String::from_utf8_lossy(&body).into_owned()))
}

const MOST: usize = 4 << 20;
