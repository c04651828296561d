//! How a session is named on the command line: `--session NAME|FILE`.

use std::{
    env, fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

use super::Error;

/// A session in the store, by name, or one in a file.
///
/// A text that begins with `.`, `/` or `~`, that ends in `.json`, or that has more than one `/`, is a
/// file; every other is a name in the store. So `work` and `shop/jim` are names (the second is the user
/// `jim` of the context `shop`), and `./shop/jim`, `shop/jim.json` and `a/b/c` are files. `~/` stands for
/// the user's home directory. Names are made of letters, digits and `._@-`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Reference {
    /// A name in the store.
    Name(String),
    /// A session file.
    File(PathBuf),
}

impl Reference {
    /// The session of a user of a context. Fails where the two do not make a name that the store takes.
    pub fn of_user(context: &str, user: &str) -> Result<Self, Error> {
        let name = format!("{context}/{user}");
        match name.parse()? {
            Self::Name(name) => Ok(Self::Name(name)),
            Self::File(_) => Err(Error::BadName { text: name }),
        }
    }

    /// The same for every way to write the reference: files by their absolute path.
    pub(super) fn key(&self) -> String {
        match self {
            Self::Name(name) => name.clone(),
            Self::File(path) => {
                std::path::absolute(path).unwrap_or_else(|_| path.clone()).display().to_string()
            }
        }
    }
}

impl FromStr for Reference {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if is_path(text) {
            return Ok(Self::File(in_home(text)));
        }
        if text.split('/').all(is_word) {
            Ok(Self::Name(text.to_owned()))
        } else {
            Err(Error::BadName { text: text.to_owned() })
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

fn is_path(text: &str) -> bool {
    text.starts_with(['.', '/', '~'])
        || Path::new(text).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
        || text.matches('/').count() > 1
}

fn in_home(text: &str) -> PathBuf {
    match (text.strip_prefix("~/"), env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(text),
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "._@-".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_file(text: &str) -> bool {
        matches!(text.parse(), Ok(Reference::File(path)) if path == Path::new(text))
    }

    #[test]
    fn words_and_context_with_user_are_names() {
        for text in ["work", "shop/jim", "jim@shop.example", "v1.2", "müller"] {
            assert_eq!(text.parse::<Reference>().unwrap(), Reference::Name(text.into()), "{text}");
        }
    }

    #[test]
    fn what_looks_like_a_path_is_a_file() {
        for text in
            ["s.json", "S.JSON", "a/s.json", "./s", "../s", ".s", "/tmp/s", "a/b/c", "./shop/jim", "a/b/"]
        {
            assert!(is_file(text), "{text}");
        }
    }

    #[test]
    fn a_tilde_stands_for_the_home_directory() {
        let Reference::File(path) = "~/s.json".parse().unwrap() else { panic!("not a file") };
        assert!(path.is_absolute() && path.ends_with("s.json"));
    }

    #[test]
    fn what_is_neither_is_refused_with_a_hint() {
        for text in ["", "a b", "shop/", "a\\b", "jim\n"] {
            let error = text.parse::<Reference>().unwrap_err().to_string();
            assert!(error.contains("hint: "), "{error}");
        }
    }

    #[test]
    fn a_user_of_a_context_has_a_name_in_the_store() {
        assert_eq!(Reference::of_user("shop", "jim").unwrap(), Reference::Name("shop/jim".into()));
        assert!(Reference::of_user("shop", "jim.json").is_err());
        assert!(Reference::of_user("", "jim").is_err());
    }
}
