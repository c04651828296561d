//! The sample shop as nobody, a customer and an administrator: the matrix agrees with what the shop publishes.

use std::path::PathBuf;

use serde_json::Value;

use crate::support::{Place, Running, Shop, shape, slot};

/// Whether the truth says that a role reaches an endpoint; nothing for what it does not speak of.
fn is_meant(truth: &Value, role: &str, method: &str, route: &str) -> Option<bool> {
    let path = format!("/{}", route.split('/').skip(3).collect::<Vec<_>>().join("/"));
    let path = path.split('?').next().unwrap().replace("{n}", "1").replace("{id}", "1");
    let fits = |entry: &&Value| {
        let shape = shape(entry["template"].as_str().unwrap());
        entry["method"] == method && entry["kind"] == "api" && shape.is_match(&path)
    };
    let entry = truth["endpoints"].as_array().unwrap().iter().find(fits)?;
    Some(entry["users"].as_array().unwrap().iter().any(|user| user == role))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "crawls for a minute or two; run by make test-crawl"]
async fn the_matrix_of_the_shop_agrees_with_what_it_publishes() {
    let _slot = slot().await;
    let shop = Shop::open();
    let place = Place::new();
    let (anna, root) = (shop.user("customer"), shop.user("admin"));
    let config = format!(
        "contexts:\n  - name: shop\n    urls: [\"{url}\"]\n    authentication: {{method: browser, parameters: {{loginPageUrl: \"{url}#/login\"}}}}\n    \
         users:\n      - {{name: customer, credentials: {{username: {}, passwordEnv: CUSTOMER}}}}\n      \
         - {{name: admin, credentials: {{username: {}, passwordEnv: ADMIN}}}}\n",
        anna.0,
        root.0,
        url = shop.url
    );
    let (config, out) = (place.file("shop.yaml", &config), place.path("out"));
    let args = [
        "crawl",
        shop.url.as_str(),
        "--config",
        &config,
        "--users",
        "anonymous,customer,admin",
        "--output",
        &out,
        "--exclude",
        "/truth.json",
        "--no-screenshots",
        "--max-duration",
        "30s",
    ];
    let mut command = place.command(&args);
    command.envs([("CUSTOMER", anna.1), ("ADMIN", root.1)]);
    let mut running = Running::start(command);
    for user in ["anonymous", "customer"] {
        running.has_said(&format!("{user}: ")).await;
    }
    let ran = running.end().await.ends_with(0);
    let access: Value =
        serde_json::from_slice(&std::fs::read(PathBuf::from(out).join("access.json")).unwrap()).unwrap();
    let truth = shop.truth().await;
    let (mut compared, mut wrong) = (0, Vec::new());
    for row in access["endpoints"].as_array().unwrap() {
        let (method, route) = (row["method"].as_str().unwrap(), row["route"].as_str().unwrap());
        for cell in row["users"].as_array().unwrap() {
            let user = cell["user"].as_str().unwrap();
            let Some(is_meant) = is_meant(&truth, user, method, route) else { continue };
            compared += 1;
            // What nobody in particular may ask for is everybody's, whether or not their views use it.
            let is_public = self::is_meant(&truth, "anonymous", method, route) == Some(true);
            if cell["reach"] == "reached" && !is_meant && !is_public {
                wrong.push(format!("{user} reached {method} {route}"));
            }
        }
    }
    for finding in access["findings"].as_array().unwrap() {
        let text = |key: &str| finding[key].as_str().unwrap();
        let Some(is_meant) = is_meant(&truth, text("as"), text("method"), text("route")) else { continue };
        compared += 1;
        let is_given = ["suspicious", "shared", "own"].contains(&text("verdict"));
        if (is_given && !is_meant) || (text("verdict") == "suspicious" && text("as") == "customer") {
            wrong.push(finding.to_string());
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}\n{}", ran.out);
    assert!(compared > 150, "{compared} cells and findings were compared");
}
