//! One-time passwords: made of a secret, each used once, and never at the end of its period.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use totp_rs::{Algorithm, Builder};
use url::Url;

use super::error::Error;
use crate::session::{Codes, Secret, TotpAlgorithm};

/// What makes the one-time passwords of a user. See RFC 6238.
#[derive(Clone, Debug)]
pub struct Totp {
    secret: Secret,
    period: u64,
    digits: u8,
    algorithm: TotpAlgorithm,
    /// The step of the last one that was used here.
    last: Arc<AtomicU64>,
    codes: Option<Codes>,
}

impl Totp {
    /// Reads a secret: base32 as applications show it, or an `otpauth://totp/` URI, which says the rest itself.
    ///
    /// Fails on a secret that is neither, and on a period or a number of digits that no application has.
    pub fn new(secret: &Secret, period: u32, digits: u32, algorithm: TotpAlgorithm) -> Result<Self, Error> {
        let mut totp = Self {
            secret: secret.clone(),
            period: period.into(),
            digits: u8::try_from(digits).unwrap_or(u8::MAX),
            algorithm,
            last: Arc::default(),
            codes: None,
        };
        let text = secret.expose().trim();
        if text.to_ascii_lowercase().starts_with("otpauth:") {
            totp.read_uri(text)?;
        }
        totp.secret = plain(&totp.secret);
        if totp.period == 0 {
            return Err(Error::totp("a period of 0 seconds"));
        }
        if !(4..=9).contains(&totp.digits) {
            return Err(Error::totp("a number of digits that is not from 4 to 9"));
        }
        totp_rs::Secret::try_from_base32(totp.secret.expose())
            .ok()
            .filter(|key| !key.as_bytes().is_empty())
            .ok_or_else(|| Error::totp("a secret that is not base32"))?;
        Ok(totp)
    }

    /// Notes what is used in the store, and leaves out what others used.
    #[must_use]
    pub fn remembering(self, codes: Codes) -> Self {
        Self { codes: Some(codes), ..self }
    }

    /// How long it is until a password may be typed: nothing at most times, a moment at the end of a period.
    pub(super) fn wait(&self) -> Duration {
        let left = self.left(now());
        let is_used = self.last.load(Ordering::Relaxed) >= self.step(now());
        if is_used || left < self.margin() { left + TICK } else { Duration::ZERO }
    }

    /// Waits for a password that was not used, and takes it.
    pub(super) async fn take(&self) -> Result<Secret, Error> {
        loop {
            tokio::time::sleep(self.wait()).await;
            let step = self.step(now());
            if self.left(now()) < self.margin() || self.last.fetch_max(step, Ordering::Relaxed) >= step {
                continue;
            }
            if let Some(codes) = &self.codes
                && !codes.take(&self.secret, step).map_err(|source| Error::Store { source })?
            {
                continue;
            }
            return self.at(step);
        }
    }

    fn at(&self, step: u64) -> Result<Secret, Error> {
        let key = totp_rs::Secret::try_from_base32(self.secret.expose())
            .map_err(|_| Error::totp("a secret that is not base32"))?;
        let algorithm = match self.algorithm {
            TotpAlgorithm::Sha1 => Algorithm::SHA1,
            TotpAlgorithm::Sha256 => Algorithm::SHA256,
            TotpAlgorithm::Sha512 => Algorithm::SHA512,
        };
        let made = Builder::new().with_algorithm(algorithm).with_digits(self.digits);
        // Many applications hand out secrets that are shorter than the standard wants.
        let made = made.with_step_duration(self.period).with_secret(key).build_noncompliant();
        Ok(Secret::from(made.generate(step * self.period).to_string().as_str()))
    }

    fn step(&self, now: Duration) -> u64 {
        now.as_secs() / self.period
    }

    /// How long the password of now holds.
    fn left(&self, now: Duration) -> Duration {
        Duration::from_secs((self.step(now) + 1) * self.period).saturating_sub(now)
    }

    /// The end of a period, in which typing takes too long: two seconds of the usual thirty.
    fn margin(&self) -> Duration {
        Duration::from_secs(self.period).div_f64(5.0).min(Duration::from_secs(2))
    }

    fn read_uri(&mut self, text: &str) -> Result<(), Error> {
        let uri = Url::parse(text).map_err(|_| Error::totp("an `otpauth` URI that cannot be read"))?;
        if uri.host_str() != Some("totp") {
            return Err(Error::totp("an `otpauth` URI of another kind than `totp`"));
        }
        let said: HashMap<_, _> = uri.query_pairs().collect();
        let number = |key: &str| said.get(key).map(|value| value.parse::<u32>());
        let unfit = |_| Error::totp("an `otpauth` URI with a number that cannot be read");
        self.secret = Secret::from(said.get("secret").map_or("", |secret| secret.as_ref()));
        if let Some(period) = number("period") {
            self.period = period.map_err(unfit)?.into();
        }
        if let Some(digits) = number("digits") {
            self.digits = digits.map_err(unfit)?.try_into().unwrap_or(u8::MAX);
        }
        if let Some(name) = said.get("algorithm") {
            self.algorithm =
                match name.to_ascii_uppercase().trim_start_matches("HMAC").replace('-', "").as_str() {
                    "SHA1" => TotpAlgorithm::Sha1,
                    "SHA256" => TotpAlgorithm::Sha256,
                    "SHA512" => TotpAlgorithm::Sha512,
                    _ => return Err(Error::totp("an `otpauth` URI with an unknown algorithm")),
                };
        }
        Ok(())
    }
}

/// A secret as it is shown, in groups and small letters, as the standard has it.
fn plain(secret: &Secret) -> Secret {
    let kept = secret.expose().chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '='));
    Secret::from(kept.collect::<String>().to_ascii_uppercase().as_str())
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// Past the end of a period by so much, every clock says that it has ended.
const TICK: Duration = Duration::from_millis(20);

#[cfg(test)]
mod tests {
    use super::*;

    /// The secrets of appendix B of RFC 6238 in base32: twenty, thirty-two and sixty-four digits.
    fn of_the_standard(algorithm: TotpAlgorithm) -> Totp {
        let secret = match algorithm {
            TotpAlgorithm::Sha1 => "gezd gnbv-gy3t qojq GEZD GNBV GY3T QOJQ",
            TotpAlgorithm::Sha256 => "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA====",
            TotpAlgorithm::Sha512 => {
                "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNA"
            }
        };
        Totp::new(&secret.into(), 30, 8, algorithm).unwrap()
    }

    fn uri(text: &str) -> Result<Totp, Error> {
        Totp::new(&text.into(), 30, 6, TotpAlgorithm::Sha1)
    }

    #[test]
    fn the_examples_of_the_standard_come_out() {
        let cases = [
            (TotpAlgorithm::Sha1, ["94287082", "07081804", "89005924"]),
            (TotpAlgorithm::Sha256, ["46119246", "68084774", "91819424"]),
            (TotpAlgorithm::Sha512, ["90693936", "25091201", "93441116"]),
        ];
        for (algorithm, expected) in cases {
            let totp = of_the_standard(algorithm);
            let made = [59, 1_111_111_109, 1_234_567_890].map(|time| totp.at(time / 30).unwrap());
            assert_eq!(made.each_ref().map(Secret::expose), expected, "{algorithm:?}");
        }
    }

    #[test]
    fn a_uri_says_all_and_what_it_does_not_say_is_as_given() {
        let totp = uri("otpauth://totp/Shop:anna%40x.test?secret=GEZDGNBV&algorithm=SHA512&digits=8&period=60&issuer=Other")
            .unwrap();
        assert_eq!((totp.period, totp.digits, totp.algorithm), (60, 8, TotpAlgorithm::Sha512));
        assert_eq!(totp.secret.expose(), "GEZDGNBV");
        let bare = uri("otpauth://totp/x?secret=gezdgnbv").unwrap();
        assert_eq!((bare.period, bare.digits, bare.algorithm), (30, 6, TotpAlgorithm::Sha1));
    }

    #[test]
    fn what_makes_no_password_is_refused_without_telling_the_secret() {
        for bad in [
            "planted-18",
            "",
            "otpauth://hotp/x?secret=GEZDGNBV",
            "otpauth://totp/x",
            "otpauth://totp/x?secret=GEZDGNBV&digits=planted",
            "otpauth://totp/x?secret=GEZDGNBV&algorithm=planted",
            "otpauth://totp/x?secret=GEZDGNBV&period=0",
            "otpauth://totp/x?secret=GEZDGNBV&digits=12",
        ] {
            let told = uri(bad).unwrap_err().to_string();
            assert!(told.contains("hint: ") && !told.contains("planted"), "{bad}: {told}");
        }
    }

    #[test]
    fn the_end_of_a_period_is_left_out() {
        let totp = of_the_standard(TotpAlgorithm::Sha1);
        assert_eq!(totp.left(Duration::from_millis(59_500)), Duration::from_millis(500));
        assert_eq!(totp.left(Duration::from_secs(60)), Duration::from_secs(30));
        assert_eq!(totp.margin(), Duration::from_secs(2));
    }

    #[tokio::test]
    async fn a_password_is_taken_once_here_and_by_others() {
        let home = tempfile::tempdir().unwrap();
        let codes = || crate::session::Store::open(home.path()).unwrap().codes();
        let quick = || Totp::new(&"GEZDGNBV".into(), 1, 6, TotpAlgorithm::Sha1).unwrap().remembering(codes());
        let (one, other) = (quick(), quick());
        let taken = [one.take().await, one.take().await, other.take().await, one.take().await];
        let mut taken: Vec<_> = taken.iter().map(|code| code.as_ref().unwrap().expose()).collect();
        taken.dedup();
        assert_eq!(taken.len(), 4, "each of its own period");
    }
}
