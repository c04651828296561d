//! The options that say how a session is carried on requests.

use std::{path::PathBuf, str::FromStr};

use clap::{Args as ClapArgs, ValueEnum};

use crate::session::{HeaderTemplate, HttpScheme, Method, Template};

/// How the session goes onto requests.
#[derive(Clone, Debug, Default, ClapArgs)]
pub struct MethodArgs {
    /// How the session goes onto requests
    #[arg(long, value_name = "NAME", value_enum)]
    pub method: Option<MethodName>,
    /// A header that is made from the session, as in 'Authorization: Bearer {%json:token%}'; may be given more than once
    #[arg(long = "header", value_name = "NAME: TEMPLATE", value_parser = header)]
    pub headers: Vec<HeaderTemplate>,
    /// A session script that puts the session onto requests
    #[arg(long, value_name = "FILE", conflicts_with = "headers")]
    pub script: Option<PathBuf>,
    /// A parameter of the session script; may be given more than once
    #[arg(long = "script-param", value_name = "NAME=VALUE", requires = "script", value_parser = pair)]
    pub script_parameters: Vec<(String, String)>,
}

/// A session management method by its name on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MethodName {
    /// Everything that the browser held
    Browser,
    /// The cookies alone
    Cookie,
    /// The user name and password with each request, without a login
    HttpBasic,
    /// Answers to the server's Digest challenges, without a login
    HttpDigest,
    /// The password as a bearer token, without a login
    HttpBearer,
    /// The headers that --header names, and the cookies
    Headers,
    /// Whatever the session script of --script does
    Script,
    /// Found out from the login
    Autodetect,
}

/// What the options ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// This method.
    Explicit(Method),
    /// The one that fits the login.
    Autodetect,
}

impl MethodArgs {
    /// The method that the options ask for together: `browser` where they say nothing.
    ///
    /// # Errors
    /// When they contradict each other; the text names them.
    pub fn chosen(&self) -> Result<Chosen, &'static str> {
        let named = match (self.method, self.script.is_some(), self.headers.is_empty()) {
            (None | Some(MethodName::Script), true, _) => MethodName::Script,
            (None | Some(MethodName::Headers), _, false) => MethodName::Headers,
            (Some(_), true, _) => return Err("--script goes with --method script"),
            (Some(_), _, false) => return Err("--header goes with --method headers"),
            (Some(MethodName::Script), false, _) => return Err("--method script needs --script FILE"),
            (Some(MethodName::Headers), _, true) => {
                return Err("--method headers needs --header 'NAME: TEMPLATE'");
            }
            (named, ..) => named.unwrap_or(MethodName::Browser),
        };
        Ok(match named {
            MethodName::Autodetect => Chosen::Autodetect,
            MethodName::Browser => Chosen::Explicit(Method::Browser),
            MethodName::Cookie => Chosen::Explicit(Method::Cookie),
            MethodName::HttpBasic => Chosen::Explicit(Method::Http { scheme: HttpScheme::Basic }),
            MethodName::HttpDigest => Chosen::Explicit(Method::Http { scheme: HttpScheme::Digest }),
            MethodName::HttpBearer => Chosen::Explicit(Method::Http { scheme: HttpScheme::Bearer }),
            MethodName::Headers => Chosen::Explicit(Method::Headers { headers: self.headers.clone() }),
            MethodName::Script => Chosen::Explicit(Method::Script {
                file: self.script.clone().unwrap_or_default(),
                parameters: self.script_parameters.iter().cloned().collect(),
            }),
        })
    }
}

fn header(text: &str) -> Result<HeaderTemplate, String> {
    let (name, value) = text.split_once(':').ok_or("write it as 'Name: template'")?;
    let name = name.trim();
    http::HeaderName::from_str(name).map_err(|_| format!("`{name}` is no header name"))?;
    let value: Template = value.trim().parse().map_err(|error| format!("{error}"))?;
    Ok(HeaderTemplate { name: name.to_owned(), value })
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it as name=value")?;
    Ok((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        method: MethodArgs,
    }

    fn chosen(args: &[&str]) -> Result<Chosen, String> {
        let line = Line::try_parse_from([&["x"], args].concat()).map_err(|error| error.to_string())?;
        line.method.chosen().map_err(str::to_owned)
    }

    #[test]
    fn options_imply_their_method() {
        assert_eq!(chosen(&[]).unwrap(), Chosen::Explicit(Method::Browser));
        assert_eq!(chosen(&["--method", "autodetect"]).unwrap(), Chosen::Autodetect);
        let digest = Method::Http { scheme: HttpScheme::Digest };
        assert_eq!(chosen(&["--method", "http-digest"]).unwrap(), Chosen::Explicit(digest));
        let Chosen::Explicit(Method::Headers { headers }) =
            chosen(&["--header", "A: x {%json:t%}", "--header", "B:{%cookie:c%}"]).unwrap()
        else {
            panic!("headers")
        };
        let shown: Vec<_> = headers.iter().map(|h| format!("{}={}", h.name, h.value)).collect();
        assert_eq!(shown, ["A=x {%json:t%}", "B={%cookie:c%}"]);
        let script = ["--script", "a.js", "--script-param", "k=v=w"];
        let Chosen::Explicit(Method::Script { parameters, .. }) = chosen(&script).unwrap() else {
            panic!("script")
        };
        assert_eq!(parameters["k"], "v=w");
    }

    #[test]
    fn contradictions_and_bad_templates_are_refused() {
        for args in [
            &["--method", "cookie", "--header", "A: x"][..],
            &["--method", "headers"],
            &["--method", "script"],
            &["--method", "cookie", "--script", "a.js"],
            &["--script", "a.js", "--header", "A: x"],
            &["--script-param", "a=b"],
            &["--header", "no colon"],
            &["--header", "bad name: x"],
            &["--header", "A: {%jsn:x%}"],
        ] {
            assert!(chosen(args).is_err(), "{args:?}");
        }
    }
}
