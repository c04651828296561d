//! Real applications from package registries: logged in by the automatic login, injected, replayed, refused; the first six are crawled too.
//!
//! Each test installs its application where it is missing, starts it, and prints a row for the table in the README.
//! `HANDSTAMP_APPS_BROWSER=firefox` takes the other browser, `HANDSTAMP_APPS_CRAWL=15s` crawls shorter than a minute,
//! `HANDSTAMP_APPS_ROLES=all` crawls as each role of an application and as nobody, `HANDSTAMP_APPS_HEAVY=1` takes also those that are large.

#![allow(clippy::unwrap_used, reason = "clippy knows the tests, not what they share")]

#[path = "apps/app.rs"]
mod app;
#[path = "apps/reach.rs"]
mod reach;
mod support;
#[path = "apps/trial.rs"]
mod trial;

use std::{collections::BTreeSet, fs, path::Path};

use app::App;
use reach::role;
use trial::{Expected, Form, Trial};

#[test]
fn each_truth_says_how_it_came_about_and_names_each_thing_once() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/apps");
    let files = fs::read_dir(folder).unwrap().filter_map(|app| fs::read_dir(app.unwrap().path()).ok());
    let files = files.flatten().map(|file| file.unwrap().path());
    let (mut count, mut seen) = (0, BTreeSet::new());
    for file in files.filter(|path| path.extension().is_some_and(|ending| ending == "txt")) {
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("# What "), "{} begins with where it comes from", file.display());
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (method, template) = line.split_once(' ').unwrap_or_default();
            let is_view = method == "VIEW" && template.starts_with(['/', '#']);
            let is_endpoint = METHODS.contains(&method) && template.starts_with('/');
            assert!(is_view || is_endpoint, "{}: `{line}`", file.display());
            assert!(seen.insert((file.clone(), line.to_owned())), "{}: `{line}` twice", file.display());
        }
        count += 1;
    }
    assert!(count >= 6, "{count} applications have a truth");
}

/// What an endpoint may be asked by.
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

#[test]
#[ignore = "installs applications; run by make test-apps"]
fn node_red_keeps_a_token_in_local_storage() {
    Trial::new("node-red").run_and_crawl(
        &[role("admin", 9), role("reader", 7), role("anonymous", 3)],
        &Expected { api: "/flows", anonymous: 401, form: Form::Shown },
    );
}

#[test]
#[ignore = "installs applications; run by make test-apps"]
fn verdaccio_asks_in_a_dialog_behind_a_button_and_answers_strangers_too() {
    Trial::new("verdaccio").run_and_crawl(
        &[role("user", 4), role("anonymous", 2)],
        &Expected { api: "/-/verdaccio/data/packages", anonymous: 200, form: Form::BehindButton },
    );
}

#[test]
#[ignore = "installs applications; run by make test-apps"]
fn jupyterlab_asks_for_a_password_alone() {
    Trial::new("jupyterlab").run_and_crawl(
        &[role("user", 9), role("anonymous", 2)],
        &Expected { api: "/api/contents", anonymous: 403, form: Form::Shown },
    );
}

#[test]
#[ignore = "installs applications; run by make test-apps"]
fn wagtail_renders_its_login_on_the_server() {
    Trial::new("wagtail").run_and_crawl(
        &[role("admin", 6), role("editor", 3), role("anonymous", 3)],
        &Expected { api: "/admin/pages/", anonymous: 302, form: Form::Shown },
    );
}

#[test]
#[ignore = "installs applications; run by make test-apps"]
fn octoprint_holds_a_socket_open() {
    Trial::new("octoprint").run_and_crawl(
        &[role("admin", 5), role("user", 2), role("anonymous", 2)],
        &Expected { api: "/api/settings", anonymous: 403, form: Form::Shown },
    );
}

#[test]
#[ignore = "installs applications; run by make test-apps"]
fn rabbitmq_sends_basic_credentials_by_script() {
    Trial::new("rabbitmq").run_and_crawl(
        &[role("admin", 8), role("monitoring", 7), role("management", 7), role("anonymous", 2)],
        &Expected { api: "/api/overview", anonymous: 401, form: Form::Shown },
    );
}

#[test]
#[ignore = "installs applications; run by make test-apps"]
fn homebridge_sends_its_token_in_a_header_and_in_the_address_of_a_socket() {
    Trial::new("homebridge").run(&Expected { api: "/api/server/pairing", anonymous: 401, form: Form::Shown });
}

#[test]
#[ignore = "installs applications; run by make test-apps"]
fn calibre_web_binds_its_cookie_to_the_browser() {
    Trial::new("calibre-web").run(&Expected { api: "/admin/dbconfig", anonymous: 302, form: Form::Shown });
}

#[test]
#[ignore = "installs applications; run by make test-apps"]
fn actual_keeps_a_token_in_indexed_db() {
    Trial::new("actual").run(&Expected { api: "/account/validate", anonymous: 401, form: Form::Shown });
}

#[test]
#[ignore = "installs applications; run by make test-apps"]
fn redis_commander_keeps_a_token_of_a_minute_in_session_storage() {
    Trial::new("redis-commander").run(&Expected { api: "/connections", anonymous: 401, form: Form::Shown });
}

#[test]
#[ignore = "installs applications; run by make test-apps"]
fn roundup_asks_in_the_margin_of_a_public_page() {
    Trial::new("roundup").run(&Expected { api: "/rest/data/user", anonymous: 403, form: Form::Shown });
}

#[test]
#[ignore = "installs applications; run by make test-apps"]
fn pgadmin_knows_its_csrf_token_in_script_alone() {
    if App::is_left_out("pgadmin") {
        return;
    }
    Trial::new("pgadmin").run(&Expected {
        api: "/settings/get_tree_state/",
        anonymous: 401,
        form: Form::Shown,
    });
}

#[test]
#[ignore = "installs applications; run by make test-apps"]
fn meshcentral_hides_other_forms_beside_its_login() {
    Trial::new("meshcentral").run(&Expected { api: "/commander.ashx", anonymous: 404, form: Form::Shown });
}

#[test]
#[ignore = "installs applications; run by make test-apps"]
fn jupyterhub_signs_on_at_a_provider_on_another_host() {
    Trial::new("jupyterhub").run(&Expected {
        api: "/hub/api/user",
        anonymous: 403,
        form: Form::BehindButton,
    });
}

#[test]
#[ignore = "installs applications; run by make test-apps"]
fn datasette_forbids_strangers_all_but_its_login() {
    Trial::new("datasette").run(&Expected { api: "/things.json", anonymous: 403, form: Form::BehindButton });
}

#[test]
#[ignore = "installs applications; run by make test-apps"]
fn parse_dashboard_draws_its_login_by_script() {
    Trial::new("parse-dashboard").run(&Expected {
        api: "/parse-dashboard-config.json",
        anonymous: 401,
        form: Form::Shown,
    });
}

#[test]
#[ignore = "installs applications; run by make test-apps"]
fn deluge_asks_for_a_password_alone_in_a_dialog_and_polls_for_long() {
    Trial::new("deluge").posting(r#"{"method":"web.connected","params":[],"id":1}"#).run(&Expected {
        api: "/json",
        anonymous: 200,
        form: Form::Shown,
    });
}

#[test]
#[ignore = "installs applications; run by make test-apps"]
fn syncthing_shows_the_prompt_of_the_browser_and_a_csrf_token_with_a_name_of_its_own() {
    Trial::new("syncthing").run(&Expected { api: "/rest/system/status", anonymous: 401, form: Form::Shown });
}

#[test]
#[ignore = "installs applications; run by make test-apps"]
fn transmission_shows_the_prompt_of_the_browser() {
    Trial::new("transmission").run(&Expected {
        api: "/transmission/web/",
        anonymous: 401,
        form: Form::Shown,
    });
}
