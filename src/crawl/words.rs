//! Which actions are left alone or kept for last, by the words on them, in many languages.

use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Serialize};

/// What an action would do, as far as its words tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Intent {
    /// Nothing that matters for the order.
    Plain,
    /// It makes everything read otherwise: fired when the rest has been seen.
    Language,
    /// It spends or finishes something, or sends something to people: fired when the rest is done.
    Commit,
    /// It takes something away: fired last.
    Destroy,
    /// It may end the session, as its icon or its handler hint: fired last.
    MayLogout,
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
        } else if LOGOUT_ICON.is_match(if is_icon_name(label) { label } else { &words })
            && (label.is_empty() || is_icon_name(label))
        {
            Self::MayLogout
        } else if LANGUAGE.is_match(label) {
            Self::Language
        } else if COMMIT.is_match(label) {
            Self::Commit
        } else {
            Self::Plain
        }
    }

    /// Whether it changes what others see or cannot be taken back, so that only a crawl that may do all does it.
    #[must_use]
    pub fn does_harm(self) -> bool {
        matches!(self, Self::Commit | Self::Destroy | Self::MayLogout)
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

/// Whether the name of a call, a field or a value says that the session is to end: `auth.logout`, `signOut`.
pub(super) fn is_logout_word(word: &str) -> bool {
    word.len() <= LONGEST_WORD && LOGOUT.is_match(&plain_words(word))
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
pub(super) fn plain_words(text: &str) -> String {
    let text = HUMPS.replace_all(text, "$1 $2");
    SEPARATORS.replace_all(&text, " ").to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a label is the name of an icon, as fonts of ligatures have it: the page shows a picture there.
fn is_icon_name(label: &str) -> bool {
    LOGOUT_ICON.find(label).is_some_and(|found| found.as_str() == label)
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

static SEPARATORS: LazyLock<Regex> = LazyLock::new(|| regex(r"[^\p{L}\p{N}\p{M}|]+"));

static LOGOUT: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"\b(log ?out|log ?off|log me out|log (you|yourself) out|sign ?out|sign ?off|sign me out|end (the |my |this )?session|",
        r"switch (user|account)|logouts?|signouts?|logoff|unauthenticate|deauthenticate|",
        // Western and northern Europe
        r"abmelden|ausloggen|abmeldung|d[eé]connexion|se d[eé]connecter|me d[eé]connecter|fermer (la |ma )?session|",
        r"(cerrar|finalizar|terminar|pechar) (la |mi )?sesi[oó]n|desconectarse|salir de (la |mi )?(sesi[oó]n|cuenta)|",
        r"tanca(r)? (la )?sessi[oó]|saioa itxi|(terminar|encerrar|finalizar|fechar) (a )?sess[aã]o|sair da (conta|sess[aã]o)|",
        r"disconnetti(ti)?|esci dall (account|applicazione)|termina sessione|uitloggen|afmelden|teken uit|meld af|",
        r"logga ut|log ud|log af|logg ut|logg av|skr[aá] [uú]t|[uú]tskr[aá]ning|kirjaudu ulos|logi v[aä]lja|log[aá]il amach|allgofnodi|",
        // Central and eastern Europe
        r"wyloguj( si[eę])?|wylogowanie|odhl[aá]si[tť]( s[ea])?|odhl[aá]sen[ií]e?|kijelentkez[eé]s|kil[eé]ptet[eé]s|deconectare|deconecteaz[aă]|",
        r"odjava|odjavi (se|me)|odjavite se|одјав[аи]( се)?|atsijungti|izrakst[iī]ties|atteikties|çkyçu|shkyçu|",
        r"выйти из (аккаунта|системы|профиля|уч[её]тной записи)|завершить (сеанс|сессию)|разлогиниться|",
        r"вийти з (акаунту|облікового запису|системи)|завершити сеанс|изход от (профила|системата)|",
        r"αποσύνδεση|αποσυνδεθείτε|התנתק|התנתקות|",
        // Asia and Africa
        r"oturumu kapat|çıkış yap|hesaptan çık|sistemdən çıx|log keluar|keluar dari akun|mag log out|đăng xuất|thoát tài khoản|",
        r"ออกจากระบบ|ចាកចេញ|लॉग ?आउट|साइन ?आउट|লগ ?আউট|لاگ ?آؤٹ|தளத்திலிருந்து வெளியேறு|ondoka kwenye akaunti)\b|",
        // Where words are not parted by blanks
        r"退出登[录錄入]|退出[账帳]号|登出|注销|註銷|ログアウト|ログオフ|サインアウト|로그 ?아웃|로그 ?오프|تسجيل الخروج|خروج از (حساب|سیستم)"
    ))
});
/// Words that mean leaving only when nothing else stands there: of a page, a game, a room.
static LOGOUT_LABEL: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"^(exit|quit|leave|sair|salir|sortir|surt|esci|quitter|beenden|verlassen|afsluiten|avsluta|afslut|avslutt|wyjd[zź]|wyj[sś]cie|",
        r"odej[ií]t|kil[eé]p[eé]s|ie[sș]ire|desconectar|выход|выйти|вийти|вихід|выйсці|изход|излез|излаз|izlaz|izhod|iziet|έξοδος|",
        r"çıkış|çıxış|шығу|chiqish|гарах|keluar|thoát|ออก|退出|離開|离开|終了|나가기|종료|خروج|الخروج|יציאה|გასვლა|ելք|",
        r"வெளியேறு|toka|ondoka)$"
    ))
});
/// Icons that mostly stand for it; on their own they are a hint.
static LOGOUT_ICON: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\b(exit to app|right from bracket|arrow right from bracket|box arrow (in )?right|door open|power settings new|power off|exit|leave)\b",
    )
});

static CLOSE_ACCOUNT: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"\b(delete|close|remove|deactivate|erase|terminate|cancel) (my |your |this |the )?(account|profile|user account|membership)\b|",
        r"\b(mein |das |ihr )?konto (l[oö]schen|schlie(ss|ß)en|deaktivieren|k[uü]ndigen)\b|\b(supprimer|fermer|cl[oô]turer) (mon|le) compte\b|",
        r"\b(eliminar|borrar|cerrar|desactivar) (mi |la )?cuenta\b|\b(excluir|apagar|encerrar|eliminar) (a |minha )?conta\b|",
        r"\b(elimina|chiudi|cancella) (il mio )?(l )?account\b|\baccount (verwijderen|opheffen|sluiten)\b|\busu[nń] (moje )?konto\b|",
        r"\bta bort (mitt )?konto\b|\bslet (min )?konto\b|\bpoista (oma )?tili\b|\b(zru[sš]it|smazat) ([uú][cč]et)\b|",
        r"\bудалить (мой )?(аккаунт|профиль|уч[её]тную запись)\b|\bвидалити (обліковий запис|акаунт)\b|\bhesab[ıi]m?[ıi]? sil\b|",
        r"\bhapus akun\b|\bx[oó]a tài khoản\b|(删除|注销|註銷|刪除)(账户|账号|帳戶|帳號)|アカウントを?(削除|閉鎖)|退会|계정 ?(삭제|탈퇴)|회원 ?탈퇴|حذف الحساب"
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
        r"donate|transfer (the )?(money|funds)|withdraw|subscribe|refund|",
        r"send (a |an |the |this |your )?(message|e ?mail|mail|invite|invitation|invitations|newsletter|sms|notification|reply|test mail|test email)|",
        r"invite (a |your |the )?(user|users|member|members|friend|friends|people|team)|publish|broadcast|",
        r"bezahlen|kaufen|bestellen|spenden|[uü]berweisen|(nachricht|e ?mail|einladung) (ab)?senden|ver[oö]ffentlichen|",
        r"payer|acheter|commander|virement|envoyer (un |le |la )?(message|courriel|mail|invitation)|publier|",
        r"pagar|comprar|(enviar) (un |una |o |a |um |uma )?(mensaje|mensagem|correo|e ?mail|invitaci[oó]n|convite)|publicar|",
        r"paga|acquista|invia (un |il )?(messaggio|e ?mail|invito)|pubblica|betalen|kopen|(bericht|uitnodiging) (ver)?sturen|",
        r"k[oö]p|betala|skicka meddelande|bet[aá]l|send besked|maksa|osta|zapłać|kup|wy[sś]lij (wiadomo[sś][cć]|zaproszenie)|zaplatit|koupit|odeslat zpr[aá]vu|",
        r"оплатить|купить|заказать|отправить (сообщение|письмо|приглашение)|опубликовать|оплатити|надіслати повідомлення|",
        r"sat[ıi]n al|[oö]de|mesaj g[oö]nder|bayar|beli|kirim pesan|thanh toán|mua|gửi tin nhắn)\b|",
        r"^(send|senden|absenden|envoyer|enviar|invia|versturen|skicka|wy[sś]lij|odeslat|отправить|надіслати|g[oö]nder|kirim|gửi|发送|發送|送信|보내기|إرسال)$|",
        r"支付|付款|购买|購買|下单|下單|发布|發佈|購入|支払|注文|公開|결제|구매|게시|شراء|ادفع"
    ))
});

const LONGEST_WORD: usize = 60;

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
            "退出登录",
            "Выйти",
            "로그아웃",
            "लॉग आउट",
            "ออกจากระบบ",
            "Đăng xuất",
            "Odhlásit se",
            "تسجيل الخروج",
            "Çıkış",
            " | onclick doLogout()",
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
            "Sair para o almoço",
            "退出全屏",
            "Выйти из полноэкранного режима",
            "Design offers",
            "Leave a comment",
            "Session ended early by speaker",
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
        for words in
            ["Delete my account", "Konto löschen", "Cerrar mi cuenta", "アカウント削除", "Удалить профиль"]
        {
            assert_eq!(Intent::of(words), Intent::CloseAccount, "{words}");
        }
        for words in ["Send", "Send message", "Invite users", "Publish", "Nachricht senden", "发送"] {
            assert_eq!(Intent::of(words), Intent::Commit, "{words}");
        }
        assert_eq!(Intent::of("Send feedback later"), Intent::Plain);
    }

    #[test]
    fn an_icon_alone_hints_at_the_way_out() {
        for words in ["exit_to_app | mat-icon", " | bi bi-box-arrow-right", " | fa-right-from-bracket"] {
            assert_eq!(Intent::of(words), Intent::MayLogout, "{words}");
        }
        assert_eq!(Intent::of("Open | bi bi-door-open"), Intent::Plain);
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
