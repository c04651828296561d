//! Opens a page with a stored session: what a crawl or a test does at its start.

use std::{io::stderr, path::Path, time::Duration};

use anyhow::{Result, bail};
use handstamp::{
    browser::{Browser, Launch, Page},
    inject,
    session::{State, file},
};
use tokio::time::{self, Instant};
use url::Url;

/// Opens a browser, puts the session in, opens the shop, waits until it is logged in, and closes the browser.
pub(crate) async fn run(url: &str, session: &Path) -> Result<()> {
    tracing_subscriber::fmt().with_env_filter("handstamp=debug").with_writer(stderr).with_ansi(false).init();
    let state = file::read(session)?;
    let launch = Launch { user_agent: state.user_agent.clone(), ..Launch::default() };
    let browser = Browser::launch(&launch).await?;
    eprintln!("done: launch");
    let opened = show(&browser, url, &state).await;
    browser.close().await;
    opened
}

async fn show(browser: &Browser, url: &str, state: &State) -> Result<()> {
    inject::into_browser(state, browser.control()).await?;
    eprintln!("done: inject");
    browser.page().goto(&Url::parse(&format!("{url}#/products"))?).await?;
    eprintln!("done: goto");
    wait_until_logged_in(browser.page()).await?;
    eprintln!("done: logged in");
    Ok(())
}

async fn wait_until_logged_in(page: &Page) -> Result<()> {
    let script = format!("return ({})", LOGGED_IN.split_once('\n').map_or("", |(_, code)| code));
    let deadline = Instant::now() + LIMIT;
    while page.evaluate(&script, &[]).await? != true {
        if Instant::now() > deadline {
            bail!("the page is not logged in");
        }
        time::sleep(POLL).await;
    }
    Ok(())
}

const LOGGED_IN: &str = include_str!("../peers/logged-in.js");
const LIMIT: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(10);
