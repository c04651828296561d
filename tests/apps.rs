//! Real applications from package registries: logged in by the automatic login, injected, replayed, refused; the first six are crawled too.
//!
//! Each test installs its application where it is missing, starts it, and prints a row for the table in the README.
//! `HANDSTAMP_APPS_BROWSER=firefox` takes the other browser, `HANDSTAMP_APPS_CRAWL=15s` crawls shorter than a minute,
//! `HANDSTAMP_APPS_HEAVY=1` takes also those that are large.

#[path = "apps/app.rs"]
mod app;
#[path = "apps/trial.rs"]
mod trial;
#[path = "apps/truth.rs"]
mod truth;

use app::App;
use trial::{Expected, Form, Trial};

#[test]
#[ignore = "installs applications; run by make test-apps"]
fn node_red_keeps_a_token_in_local_storage() {
    Trial::new("node-red").reaching(1).run_and_crawl(&Expected {
        api: "/flows",
        anonymous: 401,
        form: Form::Shown,
    });
}

#[test]
#[ignore = "installs applications; run by make test-apps"]
fn verdaccio_asks_in_a_dialog_behind_a_button_and_answers_strangers_too() {
    Trial::new("verdaccio").reaching(1).run_and_crawl(&Expected {
        api: "/-/verdaccio/data/packages",
        anonymous: 200,
        form: Form::BehindButton,
    });
}

#[test]
#[ignore = "installs applications; run by make test-apps"]
fn jupyterlab_asks_for_a_password_alone() {
    Trial::new("jupyterlab").reaching(1).run_and_crawl(&Expected {
        api: "/api/contents",
        anonymous: 403,
        form: Form::Shown,
    });
}

#[test]
#[ignore = "installs applications; run by make test-apps"]
fn wagtail_renders_its_login_on_the_server() {
    Trial::new("wagtail").reaching(1).run_and_crawl(&Expected {
        api: "/admin/pages/",
        anonymous: 302,
        form: Form::Shown,
    });
}

#[test]
#[ignore = "installs applications; run by make test-apps"]
fn octoprint_holds_a_socket_open() {
    Trial::new("octoprint").reaching(1).run_and_crawl(&Expected {
        api: "/api/settings",
        anonymous: 403,
        form: Form::Shown,
    });
}

#[test]
#[ignore = "installs applications; run by make test-apps"]
fn rabbitmq_sends_basic_credentials_by_script() {
    Trial::new("rabbitmq").reaching(1).run_and_crawl(&Expected {
        api: "/api/overview",
        anonymous: 401,
        form: Form::Shown,
    });
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
