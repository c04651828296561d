//! Tools that start their drivers themselves, with nothing changed but the driver's path: their browsers are logged in.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
};

use handstamp::browser::Kind;
use tokio::process::Command;

use crate::{
    stage::{Stage, is_logged_in, is_logged_out},
    support::{Running, slot},
};

/// Lets a tool do its work with a browser.
macro_rules! with_tool {
    ($($tool:ident),+ $(,)?) => {
        $(mod $tool {
            use super::*;

            #[tokio::test(flavor = "multi_thread")]
            #[ignore = "needs tools of others; run by make test-stand-ins"]
            async fn opens_a_chromium_that_is_logged_in() {
                works(stringify!($tool), Kind::Chromium).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            #[ignore = "needs tools of others; run by make test-stand-ins"]
            async fn opens_a_firefox_that_is_logged_in() {
                works(stringify!($tool), Kind::Firefox).await;
            }
        })+
    };
}

with_tool!(selenium, robot_framework, nightwatch);

async fn works(tool: &str, kind: Kind) {
    let _slot = slot().await;
    let stage = Stage::set().await;
    let mut command = command(tool, kind, &stage);
    stage.surround(&mut command);
    // Nightwatch looks for its plugins where it is called.
    command.current_dir(installed("")).env("HOME", stage.place.path("home"));
    Running::start(command).end().await.ends_with(0);
    for who in ["first", "tab", "popup"] {
        is_logged_in(&stage.saw(who).await);
    }
    is_logged_out(&stage.saw("out").await);
    stage.is_empty();
}

fn command(tool: &str, kind: Kind, stage: &Stage) -> Command {
    let (browser, driver) = (if kind == Kind::Firefox { "firefox" } else { "chrome" }, stage.link(kind));
    let (page, here) = (stage.site.page(""), Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stand_ins"));
    let site = page.as_str().trim_end_matches('/');
    match tool {
        "selenium" => {
            let mut command = Command::new(installed("python/bin/python"));
            command.arg(here.join("selenium_services.py")).args([browser, &driver, site]);
            command
        }
        "robot_framework" => {
            let mut command = Command::new(installed("python/bin/robot"));
            let variables =
                [format!("DRIVER:{driver}"), format!("BROWSER:{browser}"), format!("SITE:{site}")];
            command.args(variables.iter().flat_map(|variable| ["--variable", variable]));
            command.args(["--outputdir", &stage.place.path("robot")]).arg(here.join("windows.robot"));
            command
        }
        _ => {
            let mut command = Command::new("node");
            command.arg(installed("node_modules/nightwatch/bin/nightwatch"));
            command.arg("--config").arg(installed("nightwatch/nightwatch.conf.cjs"));
            command.args(["--env", browser]).arg(installed("nightwatch/windows.cjs"));
            command.env("DRIVER", driver).env("SITE", site).env("PORT", free_port().to_string());
            command
        }
    }
}

/// Nightwatch takes the usual port unless it is told another.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Something that the setup installed.
fn installed(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/stand-ins").join(name)
}
