//! Where a password is kept; never the password itself.

use std::{env, fmt, fs, path::PathBuf, process::Command, process::Stdio};

use serde::{Deserialize, Serialize};

use super::{Error, Secret};

/// A reference to a secret of the user's, safe to write down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Credential {
    /// An environment variable.
    Env(String),
    /// A file that holds the secret and nothing else.
    File(PathBuf),
    /// A shell command that prints it, such as a password manager's.
    Command(String),
}

impl Credential {
    /// Reads the secret and drops one line end after it.
    ///
    /// A command gets no input, shows its messages on stderr, and is waited for without a limit, since it
    /// may ask its user something: call this where blocking does no harm. Fails when there is nothing to
    /// read, when it is empty or not UTF-8, and when the command does not end with success.
    pub fn resolve(&self) -> Result<Secret, Error> {
        let text = match self {
            Self::Env(name) => env::var(name).map_err(|_| self.missing("it is not set to a text"))?,
            Self::File(path) => fs::read_to_string(path).map_err(|e| self.missing(&e.to_string()))?,
            Self::Command(line) => self.run(line)?,
        };
        let text = text.strip_suffix('\n').map_or(&*text, |line| line.strip_suffix('\r').unwrap_or(line));
        if text.is_empty() { Err(self.missing("it is empty")) } else { Ok(text.into()) }
    }

    fn run(&self, line: &str) -> Result<String, Error> {
        let output = Command::new("sh")
            .args(["-c", line])
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .map_err(|e| self.missing(&e.to_string()))?;
        if !output.status.success() {
            return Err(self.missing(&format!("it ended with {}", output.status)));
        }
        String::from_utf8(output.stdout).map_err(|_| self.missing("it did not print text"))
    }

    fn missing(&self, reason: &str) -> Error {
        let hint = match self {
            Self::Env(name) => format!("export {name} before you start handstamp"),
            Self::File(_) => "put the secret alone into a file that you may read".to_owned(),
            Self::Command(_) => {
                "run the command yourself; it has to print the secret and exit with 0".to_owned()
            }
        };
        Error::Credential { reference: self.to_string(), reason: reason.to_owned(), hint }
    }
}

impl fmt::Display for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "environment variable `{name}`"),
            Self::File(path) => write!(f, "file `{}`", path.display()),
            Self::Command(line) => write!(f, "command `{line}`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_end_is_dropped_and_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        for (content, expected) in [("pw\n", "pw"), ("pw\r\n", "pw"), ("pw\n\n", "pw\n"), (" pw ", " pw ")] {
            fs::write(&path, content).unwrap();
            assert_eq!(Credential::File(path.clone()).resolve().unwrap().expose(), expected);
        }
    }

    #[test]
    fn a_command_gives_what_it_prints() {
        assert_eq!(Credential::Command("echo pw".into()).resolve().unwrap().expose(), "pw");
    }

    #[test]
    fn a_command_that_fails_gives_nothing_even_if_it_printed() {
        let error = Credential::Command("echo pw; exit 3".into()).resolve().unwrap_err().to_string();
        assert!(error.contains("exit status: 3") && error.contains("hint: "), "{error}");
        assert!(!error.contains("pw\n"));
    }

    #[test]
    fn what_is_missing_or_empty_is_said_with_a_hint() {
        let error = Credential::Env("HANDSTAMP_NO_SUCH_VARIABLE".into()).resolve().unwrap_err().to_string();
        assert!(error.contains("`HANDSTAMP_NO_SUCH_VARIABLE`") && error.contains("hint: export"), "{error}");
        assert!(Credential::File("/no/such/file".into()).resolve().is_err());
        assert!(Credential::Command("true".into()).resolve().is_err());
    }

    #[test]
    fn a_reference_is_written_as_its_kind_and_place() {
        let json = serde_json::to_value(Credential::Env("PW".into())).unwrap();
        assert_eq!(json, serde_json::json!({"env": "PW"}));
    }
}
