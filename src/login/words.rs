//! What applications say of a login that they do not take, in the languages that are met.

use crate::browser::Exchange;

/// Whether a text says that no more logins are taken for now.
pub(super) fn speaks_of_lock(text: &str) -> bool {
    says(text, LOCKED)
}

/// Whether a text complains of a one-time password, and not of the password.
pub(super) fn speaks_of_code(text: &str) -> bool {
    says(text, CODE)
}

/// Whether a text asks for proof that nobody is a machine.
pub(super) fn speaks_of_captcha(text: &str) -> bool {
    says(text, &["captcha", "robot", "human", "mensch", "humain", "humano", "umano", "робот"])
}

/// How long the application wants to be left alone, as `; it asks to wait 60 s`.
pub(super) fn wait_asked(exchange: &Exchange) -> Option<String> {
    let told = exchange.response_header("retry-after")?.trim();
    let told: String = told.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(40).collect();
    let is_count = !told.is_empty() && told.chars().all(|c| c.is_ascii_digit());
    let wait = if is_count { format!("{told} s") } else { format!("until {told}") };
    (!told.is_empty()).then(|| format!("; it asks to wait {wait}"))
}

fn says(text: &str, words: &[&str]) -> bool {
    let text = text.to_lowercase();
    words.iter().any(|word| text.contains(word))
}

/// In small letters, as parts of words: languages bend them.
const LOCKED: &[&str] = &[
    "locked",
    "lockout",
    "too many",
    "try again later",
    "temporarily",
    "blocked",
    "suspended",
    "rate limit",
    "throttled",
    "account is disabled",
    "account has been disabled",
    "gesperrt",
    "zu viele",
    "später erneut",
    "deaktiviert",
    "bloqué",
    "verrouillé",
    "trop de",
    "suspendu",
    "bloquead",
    "demasiad",
    "muitas tentativas",
    "bloccat",
    "troppi",
    "troppe",
    "geblokkeerd",
    "vergrendeld",
    "te veel",
    "zablokowan",
    "zbyt wiele",
    "låst",
    "för många",
    "for mange",
    "lukittu",
    "liian monta",
    "kilitlen",
    "çok fazla",
    "заблокирован",
    "слишком много",
    "ロックされ",
    "試行回数",
    "回数が多",
    "锁定",
    "鎖定",
    "次数过多",
    "잠겼",
    "잠금",
    "너무 많",
    "تم قفل",
    "محاولات كثيرة",
    "ננעל",
    "יותר מדי",
];

const CODE: &[&str] = &[
    "one-time",
    "one time",
    "otp",
    "2fa",
    "mfa",
    "two-factor",
    "second factor",
    "passcode",
    "security code",
    "authentication code",
    "verification code",
    "authenticator",
    "invalid code",
    "code is",
    "code was",
    "wrong code",
    "token is",
    "einmal",
    "sicherheitscode",
    "bestätigungscode",
    "der code",
    "code de",
    "le code",
    "código",
    "codice",
    "verificatiecode",
    "de code",
    "kod",
    "koden",
    "kodu",
    "код",
    "コード",
    "验证码",
    "驗證碼",
    "코드",
    "인증번호",
    "رمز",
    "קוד",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_told_from_a_wrong_password() {
        for locked in [
            "Too many attempts, try again later",
            "Ihr Konto wurde gesperrt",
            "Votre compte est verrouillé",
            "Cuenta bloqueada",
            "Учётная запись заблокирована",
            "アカウントがロックされました",
        ] {
            assert!(speaks_of_lock(locked), "{locked}");
        }
        for wrong in [
            "Invalid email or password.",
            "Falsches Passwort",
            "Mot de passe incorrect",
            "パスワードが違います",
        ] {
            assert!(!speaks_of_lock(wrong) && !speaks_of_code(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_wrong_code_is_told_from_a_wrong_password() {
        for wrong in ["The code is wrong", "Der Code ist falsch", "Código inválido", "Неверный код"]
        {
            assert!(speaks_of_code(wrong), "{wrong}");
        }
    }

    #[test]
    fn the_wait_that_is_asked_for_is_told() {
        let asking = |value: &str| Exchange {
            response_headers: vec![("Retry-After".into(), value.into())],
            ..Exchange::default()
        };
        assert_eq!(wait_asked(&asking("60")).as_deref(), Some("; it asks to wait 60 s"));
        assert!(
            wait_asked(&asking("Fri, 31 Dec 1999 23:59:59 GMT"))
                .is_some_and(|told| told.contains("until Fri"))
        );
        assert_eq!(wait_asked(&asking("")), None);
        assert_eq!(wait_asked(&Exchange::default()), None);
    }
}
