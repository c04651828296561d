//! Takes out of a login's traffic what templates need and what comes by only once.

use url::Url;

use crate::{
    browser::Exchange,
    session::{Method, Place, Secret, value_at},
};

/// The values of the places in a method's templates that only the login's own traffic has: `json:`, `header:`, `url:`,
/// and `env:`, which `variable` looks up.
///
/// The answer to the request that carried the password wins; else the latest answer that has the place does. What is not
/// found is left out: the header that needs it is, too, and a warning tells so.
#[must_use]
pub fn capture(
    method: &Method,
    traffic: &[Exchange],
    password: Option<&str>,
    variable: impl Fn(&str) -> Option<String>,
) -> Vec<(Place, Secret)> {
    let Method::Headers { headers } = method else { return Vec::new() };
    let mut values: Vec<(Place, Secret)> = Vec::new();
    for place in headers.iter().flat_map(|header| header.value.places()) {
        if values.iter().any(|(known, _)| known == place) {
            continue;
        }
        let found = match place {
            Place::Env(name) => variable(name).map(Secret::from),
            _ => in_traffic(place, traffic, password),
        };
        values.extend(found.filter(|value| !value.is_empty()).map(|value| (place.clone(), value)));
    }
    values
}

/// The request that carried the password: the last one that has it in its body, or in its address.
#[must_use]
pub fn login_request<'a>(traffic: &'a [Exchange], password: Option<&str>) -> Option<&'a Exchange> {
    let password = password.filter(|password| !password.is_empty())?;
    let quoted = serde_json::Value::from(password).to_string();
    let escaped = &quoted[1..quoted.len() - 1];
    let encoded: String = url::form_urlencoded::byte_serialize(password.as_bytes()).collect();
    let percent = encoded.replace('+', "%20");
    let carries = |text: &str| {
        let is_in = |form: &&str| text.contains(*form);
        [password, escaped, &encoded, &percent].iter().any(is_in)
    };
    let in_body = |x: &&Exchange| x.request_body.as_deref().is_some_and(carries);
    let in_url = |x: &&Exchange| x.url.parse::<Url>().is_ok_and(|url| url.query().is_some_and(carries));
    traffic.iter().rev().find(in_body).or_else(|| traffic.iter().rev().find(in_url))
}

fn in_traffic(place: &Place, traffic: &[Exchange], password: Option<&str>) -> Option<Secret> {
    let login = login_request(traffic, password);
    login.into_iter().chain(traffic.iter().rev()).find_map(|exchange| in_exchange(place, exchange))
}

fn in_exchange(place: &Place, exchange: &Exchange) -> Option<Secret> {
    let found = match place {
        Place::Json(path) => value_at(exchange.response_body.as_deref()?, path),
        Place::Header(name) => exchange.response_header(name).map(Secret::from),
        Place::Url(key) => {
            let target = exchange.response_header("location");
            let location = target.and_then(|to| exchange.url.parse::<Url>().ok()?.join(to).ok());
            let own = exchange.url.parse().ok();
            location.into_iter().chain(own).find_map(|url| in_url(&url, key))
        }
        _ => None,
    };
    found.filter(|value| !value.is_empty())
}

/// A parameter of the query or, as single sign-on has it, of the fragment.
fn in_url(url: &Url, key: &str) -> Option<Secret> {
    let fragment = url.fragment().unwrap_or_default();
    let in_fragment = url::form_urlencoded::parse(fragment.rsplit('?').next().unwrap_or_default().as_bytes());
    let mut pairs = url.query_pairs().chain(in_fragment);
    pairs.find(|(name, _)| name == key).map(|(_, value)| Secret::from(value.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::HeaderTemplate;

    fn exchange(method: &str, url: &str, sent: &str, headers: &[(&str, &str)], body: &str) -> Exchange {
        Exchange {
            method: method.into(),
            url: url.into(),
            request_body: Some(sent.into()),
            response_headers: headers.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect(),
            response_body: Some(body.into()),
            status: Some(200),
            ..Exchange::default()
        }
    }

    fn captured(traffic: &[Exchange], template: &str) -> Vec<(String, String)> {
        let header = HeaderTemplate { name: "X".into(), value: template.parse().unwrap() };
        let method = Method::Headers { headers: vec![header] };
        let variable = |name: &str| (name == "KEY").then(|| "k".to_owned());
        let values = capture(&method, traffic, Some("p w\""), variable);
        values.iter().map(|(place, value)| (place.to_string(), value.expose().to_owned())).collect()
    }

    fn traffic() -> Vec<Exchange> {
        vec![
            exchange("GET", "http://a.test/", "", &[], r#"{"token":"early"}"#),
            exchange(
                "POST",
                "http://a.test/login?k=own",
                r#"{"p":"p w\""}"#,
                &[("X-Auth", "h")],
                r#"{"token":"login"}"#,
            ),
            exchange(
                "GET",
                "http://a.test/me?code=c1",
                "",
                &[("Location", "/cb#access_token=f1")],
                r#"{"token":"late","id":5}"#,
            ),
        ]
    }

    fn pair(place: &str, value: &str) -> (String, String) {
        (place.to_owned(), value.to_owned())
    }

    #[test]
    fn the_answer_to_the_password_wins_and_else_the_latest() {
        let all =
            "{%json:token%}{%json:id%}{%header:x-auth%}{%url:k%}{%url:code%}{%url:access_token%}{%env:KEY%}";
        let expected = [
            pair("json:token", "login"),
            pair("json:id", "5"),
            pair("header:x-auth", "h"),
            pair("url:k", "own"),
            pair("url:code", "c1"),
            pair("url:access_token", "f1"),
            pair("env:KEY", "k"),
        ];
        assert_eq!(captured(&traffic(), all), expected);
        let without = [traffic()[0].clone(), traffic()[2].clone()];
        assert_eq!(captured(&without, "{%json:token%}"), [pair("json:token", "late")]);
    }

    #[test]
    fn what_is_not_there_is_left_out_and_storage_is_none_of_it() {
        assert!(
            captured(&traffic(), "{%json:nothing%}{%env:NONE%}{%localStorage:token%}{%cookie:a%}").is_empty()
        );
    }

    #[test]
    fn the_password_is_recognised_in_each_of_its_forms() {
        for sent in ["pw=p+w%22", "pw=p%20w%22", r#"{"pw":"p w\""}"#] {
            let traffic = [exchange("POST", "http://a.test/", sent, &[], "")];
            assert!(login_request(&traffic, Some("p w\"")).is_some(), "{sent}");
            assert!(login_request(&traffic, Some("other")).is_none());
        }
        assert!(login_request(&traffic(), None).is_none() && login_request(&traffic(), Some("")).is_none());
    }
}
