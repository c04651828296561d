//! Reads a session out of a browser that somebody else runs, proves it, and keeps it.

use anyhow::Result;
use serde_json::json;
use tokio::time;
use tokio_util::sync::CancellationToken;
use tracing::warn;
use url::Url;

use super::{
    attached::{Hold, control, shown, web_tabs},
    failure::Usage,
    login::require_web,
    method::{self, Made},
    show,
    wire::Wire,
};
use crate::{
    browser::{Control, Exchange, Tab},
    cli::{Exit, HarvestArgs, Progress, Target},
    harvest::{self, Harvest},
    login::Credentials,
    session::{State, Verdict},
    site::Origin,
};

pub(super) async fn run(wire: &Wire, args: &HarvestArgs, stop: &CancellationToken) -> Result<Exit> {
    args.origin.iter().try_for_each(require_web)?;
    let chosen = args.method.chosen().map_err(|told| Usage::new(told, "see `handstamp harvest --help`"))?;
    let store = wire.store()?;
    store.ensure_writable(&args.session)?;
    let control = control(wire, &args.running, Hold::Kept).await?;
    let progress = wire.progress("reading the session");
    let traffic = watched(args, &control, &progress, stop).await?;
    // Whoever ends the watching wants what was seen.
    let stop = if stop.is_cancelled() { CancellationToken::new() } else { stop.clone() };
    let found = tokio::select! {
        found = read(args, &control, &traffic) => found?,
        () = stop.cancelled() => return Ok(Exit::Interrupted),
    };
    let (Harvest { mut state, lost }, page) = found;
    for name in &lost {
        warn!(%name, "this cannot be kept");
    }
    drop(control);
    let target = Target::here(args.browser);
    let launch = wire.launch(&target, false);
    let seen: Vec<Exchange> = traffic.into_iter().chain([document(&page)]).collect();
    let made = Made { traffic: &seen, credentials: &Credentials::default(), page: &page };
    tokio::select! {
        settled = method::settle(wire, &launch, &mut state, &made, chosen, &progress) => settled.map(drop)?,
        () = stop.cancelled() => return Ok(Exit::Interrupted),
    }
    drop(progress);
    store.save(&args.session, &state)?;
    tell(wire, args, &state)
}

/// What the application's scripts sent while it was watched.
async fn watched(
    args: &HarvestArgs,
    control: &Control,
    progress: &Progress,
    stop: &CancellationToken,
) -> Result<Vec<Exchange>> {
    let Some(length) = args.watch else { return Ok(Vec::new()) };
    let traffic = control.record().await?;
    progress.status("watching what the application sends; Ctrl-C ends the watching");
    tokio::select! {
        () = time::sleep(length.0) => {}
        () = control.ended() => {}
        () = stop.cancelled() => {}
    }
    Ok(traffic.since(0))
}

async fn read(args: &HarvestArgs, control: &Control, traffic: &[Exchange]) -> Result<(Harvest, Url)> {
    let tabs = chosen(web_tabs(control).await?, args.page.as_deref())?;
    let page = tabs.last().map(|tab| tab.url.clone());
    let page =
        page.ok_or_else(|| Usage::new("no tab of the browser shows a page", "open the application there"))?;
    let others = args.origin.iter().filter_map(Origin::of);
    Ok((harvest::read_tabs(control, &tabs, others, traffic).await?, page))
}

/// The tabs of the jar that the session is read from; the session's page is the last of them.
///
/// Tabs of several jars may be logged in as several users: then one has to be named.
fn chosen(tabs: Vec<Tab>, wanted: Option<&str>) -> Result<Vec<Tab>> {
    let is_wanted = |tab: &&Tab| wanted.is_none_or(|text| tab.url.as_str().contains(text));
    let Some(page) = tabs.iter().find(is_wanted).cloned() else {
        let open: Vec<_> = tabs.iter().map(shown).collect();
        let hint = if open.is_empty() {
            "open the application there".to_owned()
        } else {
            format!("open are {}", open.join(", "))
        };
        return Err(Usage::new("no tab of the browser shows such a page", &hint).into());
    };
    if tabs.iter().filter(is_wanted).any(|tab| tab.jar != page.jar) {
        let open: Vec<_> = tabs.iter().map(shown).collect();
        let hint = format!("name a part of its address with --page; open are {}", open.join(", "));
        return Err(
            Usage::new("tabs with cookies of their own are open, and only one can be read", &hint).into()
        );
    }
    let mut beside: Vec<Tab> =
        tabs.into_iter().filter(|tab| tab.jar == page.jar && tab.id != page.id).collect();
    beside.push(page);
    Ok(beside)
}

/// The page as a request that a check may be made of.
fn document(page: &Url) -> Exchange {
    Exchange {
        method: "GET".into(),
        url: page.to_string(),
        kind: "Document".into(),
        status: Some(200),
        ..Exchange::default()
    }
}

fn tell(wire: &Wire, args: &HarvestArgs, state: &State) -> Result<Exit> {
    let (word, evidence, exit) = match &state.verdict {
        Some(Verdict::Proven { evidence }) => ("proven", evidence.as_str(), Exit::Done),
        Some(Verdict::Stale { evidence }) => ("stale", evidence.as_str(), Exit::Incomplete),
        Some(Verdict::Unproven { reason }) => ("unproven", reason.as_str(), Exit::Incomplete),
        None => ("unproven", "nothing was asked", Exit::Incomplete),
    };
    match exit {
        Exit::Done => wire.output.line(format_args!("a session, proven by {evidence}"))?,
        _ => wire.output.line(format_args!("read, but {word}: {evidence}"))?,
    }
    for line in show::contents(state) {
        wire.output.line(format_args!("  {line}"))?;
    }
    wire.output.line(format_args!("kept as `{}`", args.session))?;
    wire.output.line("  note: it cannot be renewed by itself, since nobody told how to log in")?;
    let mut document = show::document(state);
    document["schema"] = json!("handstamp.harvest/1");
    document["session"] = json!(args.session.to_string());
    document["reason"] = json!(if exit == Exit::Done { "logged-in" } else { "unproven" });
    document["exit"] = json!(exit.code());
    wire.output.document(&document)?;
    Ok(exit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tab(id: &str, jar: &str, url: &str) -> Tab {
        Tab { id: id.into(), jar: Some(jar.into()), url: url.parse().unwrap() }
    }

    #[test]
    fn tabs_of_several_jars_are_told_apart_by_their_address() {
        let tabs = vec![
            tab("1", "a", "http://x.test/in?t=1"),
            tab("2", "b", "http://x.test/out"),
            tab("3", "a", "http://y.test/"),
        ];
        let failure = chosen(tabs.clone(), None).unwrap_err().to_string();
        assert!(failure.contains("--page") && !failure.contains("t=1"), "{failure}");
        let ids = |wanted| {
            chosen(tabs.clone(), Some(wanted)).unwrap().into_iter().map(|t| t.id).collect::<Vec<_>>()
        };
        assert_eq!(ids("/in"), ["3", "1"]);
        assert_eq!(ids("/out"), ["2"]);
        assert!(chosen(tabs.clone(), Some("nowhere")).is_err());
    }
}
