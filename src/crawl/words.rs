//! Which actions are left alone or kept for last, by the words on them, in many languages.

use std::sync::LazyLock;

use regex::Regex;

/// What an action would do, as far as its words tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Intent {
    /// Nothing that matters for the order.
    Plain,
    /// It makes everything read otherwise: fired when the rest has been seen.
    Language,
    /// It spends or finishes something: fired when the rest is done.
    Commit,
    /// It takes something away: fired last.
    Destroy,
    /// It ends the session: never fired.
    Logout,
    /// It ends the account: never fired.
    CloseAccount,
    /// It ends the application for everybody: never fired.
    Stop,
}

impl Intent {
    /// Reads the words on an action: its name, title, identifiers, classes and icons, parted by ` | `.
    #[must_use]
    pub fn of(words: &str) -> Self {
        let words = plain_words(words);
        let label = words.split('|').next().unwrap_or_default().trim();
        if LOGOUT.is_match(&words) || LOGOUT_LABEL.is_match(label) {
            Self::Logout
        } else if CLOSE_ACCOUNT.is_match(&words) {
            Self::CloseAccount
        } else if STOP.is_match(label) {
            Self::Stop
        } else if DESTROY.is_match(label) || (label.is_empty() && DESTROY.is_match(&words)) {
            Self::Destroy
        } else if LANGUAGE.is_match(label) {
            Self::Language
        } else if COMMIT.is_match(label) {
            Self::Commit
        } else {
            Self::Plain
        }
    }
}

/// Whether a path ends the session: `/logout`, `/users/sign_out`, `/abmelden`.
#[must_use]
pub fn is_logout_path(path: &str) -> bool {
    LOGOUT.is_match(&plain_words(path))
}

/// Whether a name reads like a step on the way through something: `Next`, `Continue`, `Load more`.
pub(super) fn leads_on(name: &str) -> bool {
    LEADS_ON.is_match(&plain_words(name)) || matches!(name.trim(), "›" | "»" | "→" | ">" | ">>")
}

/// Whether a form with so many password fields changes somebody's password, by the names of all of its fields.
///
/// One that asks for a user name as well makes a new user, or logs in.
pub(super) fn is_password_change(passwords: usize, fields: &[String]) -> bool {
    let words = plain_words(&fields.join(" | "));
    passwords >= 3
        || (passwords > 0 && !USER_NAME.is_match(&words) && (passwords == 2 || NEW_PASSWORD.is_match(&words)))
}

/// Lower-case words with single blanks, so that `btnLogOut`, `log-out` and `LOG_OUT` read alike.
fn plain_words(text: &str) -> String {
    let text = HUMPS.replace_all(text, "$1 $2");
    let text: String = text.chars().map(|c| if c.is_alphanumeric() || c == '|' { c } else { ' ' }).collect();
    text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant that the tests compile")
}

static LEADS_ON: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"^(next|continue|proceed|go on|forward|more|load more|show more|step \d+|weiter|n[aä]chste\w*|mehr|fortfahren|suivant|continuer|plus|",
        r"siguiente|continuar|m[aá]s|avanti|prosegui|continua|volgende|verder|pr[oó]xim[oa]|avan[cç]ar|n[aä]sta|n[aæ]ste|seuraava|",
        r"dalej|nast[eę]pny|dal[sš][ií]|далее|следующ\w+|продолжить|ileri|下一步|继续|次へ|続ける|다음)( (step|page|schritt|seite|[eé]tape|page|paso|p[aá]gina))?$"
    ))
});
static USER_NAME: LazyLock<Regex> = LazyLock::new(|| regex(r"\b(user ?name|user|login|e ?mail|name)\b"));
static NEW_PASSWORD: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\b(new|confirm|confirmation|repeat|again|current|old|neu\w*|alt\w*|nuev\w*|nouveau) ?(pass\w*|contrase\w*|mot de passe)?\b",
    )
});
static HUMPS: LazyLock<Regex> = LazyLock::new(|| regex(r"(\p{Ll})(\p{Lu})"));

static LOGOUT: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"\b(log ?out|log ?off|log me out|sign ?out|sign ?off|sign me out|end session|switch user|",
        r"abmelden|ausloggen|abmeldung|d[eé]connexion|se d[eé]connecter|cerrar sesi[oó]n|desconectar(se)?|salir de la sesi[oó]n|",
        r"terminar sess[aã]o|encerrar sess[aã]o|sair da conta|disconnetti(ti)?|esci dall account|uitloggen|afmelden|logga ut|log ud|logg ut|",
        r"kirjaudu ulos|wyloguj( si[eę])?|odhl[aá]sit( se)?|kijelentkez[eé]s|deconectare|odjava|odjavi se|",
        r"выйти|выход|вийти|изход|αποσύνδεση|oturumu kapat|çıkış( yap)?|keluar|đăng xuất|ออกจากระบบ|התנתק|התנתקות|",
        r"logouts?|signouts?|logoff)\b|退出|登出|注销|ログアウト|サインアウト|로그아웃|تسجيل الخروج"
    ))
});
/// Words that mean leaving only when nothing else stands there.
static LOGOUT_LABEL: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^(exit|quit|leave|sair|salir|esci|quitter|beenden)$"));

static CLOSE_ACCOUNT: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"\b(delete|close|remove|deactivate|erase|terminate|cancel) (my |your |this |the )?(account|profile|user account)\b|",
        r"\bkonto (l[oö]schen|schlie(ss|ß)en|deaktivieren)\b|\bsupprimer (mon|le) compte\b|\b(eliminar|borrar) (mi )?cuenta\b"
    ))
});

static STOP: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"\b(shut ?down|power ?off|reboot|restart|halt) (the |this |your )?(server|system|machine|host|computer|device)\b|",
        r"^(shut ?down|power ?off|reboot|halt|herunterfahren|apagar|éteindre)$"
    ))
});

static DESTROY: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"\b(delete|remove|destroy|erase|drop|purge|trash|bin|wipe|reset|revoke|uninstall|deactivate|disable|terminate|",
        r"unsubscribe|unpublish|archive|cancel (the |this |my |your )?\w+|stop|kill|restart|reboot|shut ?down|power off|force close|empty|clear all|discard|",
        r"l[oö]schen|entfernen|zur[uü]cksetzen|k[uü]ndigen|stornieren|supprimer|effacer|annuler la \w+|eliminar|borrar|quitar|",
        r"excluir|remover|apagar|elimina|rimuovi|verwijderen|ta bort|slet|slett|poista|usu[nń]|skasuj|smazat|odstranit|t[oö]r[oö]l|",
        r"удалить|видалити|sil|kaldır|hapus|xóa)\b|删除|移除|削除|삭제|حذف"
    ))
});

static LANGUAGE: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"^(en|de|fr|es|it|pt|nl|pl|ru|ja|zh|ko|tr|sv|cs|",
        r"english|deutsch|german|fran[cç]ais|french|espa[nñ]ol|spanish|italiano?|italian|portugu[eê]se?|nederlands|dutch|polski|polish|",
        r"русский|russian|українська|ukrainian|日本語|japanese|中文|chinese|简体中文|繁體中文|한국어|korean|t[uü]rk[cç]e|turkish|svenska|swedish|",
        r"dansk|danish|norsk|norwegian|suomi|finnish|[cč]e[sš]tina|czech|sloven[cčsš]ina|slovak|slovenian|magyar|hungarian|rom[aâ]n[aă]|romanian|",
        r"български|bulgarian|ελληνικά|greek|עברית|hebrew|العربية|arabic|हिन्दी|hindi|ไทย|thai|ti[eế]ng vi[eệ]t|vietnamese|indonesian?|",
        r"bahasa indonesia|catal[aà]n?|hrvatski|croatian|srpski|serbian|eesti|estonian|latvie[sš]u|latvian|lietuvi[uų]|lithuanian|",
        r"irish|gaeilge|khmer|georgian|persian|farsi|فارسی|language|sprache|langue|idioma)( \w+)?$"
    ))
});

static COMMIT: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"\b(pay|pay now|buy|buy now|purchase|place (the |your |my )?order|order now|confirm (the )?(order|purchase|payment)|checkout|check out|",
        r"bezahlen|kaufen|bestellen|payer|acheter|commander|pagar|comprar|paga|acquista|betalen|kopen|zapłać|kup|",
        r"оплатить|купить)\b|支付|购买|購入|결제"
    ))
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logging_out_is_seen_in_many_languages_and_places() {
        for words in [
            "Log out",
            "Sign-out",
            " | btnLogout",
            "x | fa fa-sign-out",
            "Abmelden",
            "Se déconnecter",
            "Cerrar sesión",
            "ログアウト",
            "Exit | x",
        ] {
            assert_eq!(Intent::of(words), Intent::Logout, "{words}");
        }
    }

    #[test]
    fn words_that_only_contain_one_are_harmless() {
        for words in [
            "Blog outline",
            "Catalog offers",
            "Exit poll",
            "Sairfare",
            "About us",
            "Cancel",
            "Close",
            "Signature",
        ] {
            assert_eq!(Intent::of(words), Intent::Plain, "{words}");
        }
    }

    #[test]
    fn taking_away_comes_last_and_the_account_stays() {
        assert_eq!(Intent::of("Delete | button"), Intent::Destroy);
        assert_eq!(Intent::of("Cancel order"), Intent::Destroy);
        assert_eq!(Intent::of(" | icon icon-trash"), Intent::Destroy);
        assert_eq!(Intent::of("Save | disabled"), Intent::Plain);
        assert_eq!(Intent::of("Place order"), Intent::Commit);
        assert_eq!(Intent::of("Shut Down"), Intent::Stop);
        assert_eq!(Intent::of("Restart Kernel"), Intent::Destroy);
        assert_eq!(Intent::of("Deutsch"), Intent::Language);
        assert_eq!(Intent::of("Delete my account"), Intent::CloseAccount);
    }

    #[test]
    fn a_form_for_a_new_password_is_known_by_its_fields() {
        let fields = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        assert!(is_password_change(2, &fields(&["password", "password_confirm", "tags"])));
        assert!(is_password_change(1, &fields(&["newPassword"])));
        assert!(is_password_change(3, &fields(&["email", "old", "new", "repeat"])));
        assert!(!is_password_change(2, &fields(&["username", "password", "password_confirm"])));
        assert!(!is_password_change(1, &fields(&["password"])));
    }

    #[test]
    fn steps_that_lead_on_are_known() {
        for name in ["Next", "Continue", "Weiter", "Load more", "next page", "»"] {
            assert!(leads_on(name), "{name}");
        }
        assert!(!leads_on("Next of kin") && !leads_on("Save"));
    }

    #[test]
    fn logout_paths_are_told_from_others() {
        for path in ["/logout", "/users/sign_out", "/rest/user/logout", "/auth/LogOff.aspx", "/do-logout/now"]
        {
            assert!(is_logout_path(path), "{path}");
        }
        for path in ["/blog/outdoor", "/login", "/catalog/offer", "/signature"] {
            assert!(!is_logout_path(path), "{path}");
        }
    }
}
