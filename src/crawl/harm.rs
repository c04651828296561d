//! Links and addresses that do harm merely by being asked for: old applications delete by GET.

use std::sync::LazyLock;

use regex::Regex;
use url::Url;

use super::words::plain_words;

/// Whether the words of an address say that asking for it takes something away: `/items/5/delete`, `?action=delete`.
pub(super) fn destroys(url: &Url) -> bool {
    let names = url.path_segments().into_iter().flatten().map(without_ending);
    let is_told = |name: &str, value: &str| {
        (VERB.is_match(name) && value.len() <= SHORT) || (ACTIONS.contains(&name) && VERB.is_match(value))
    };
    names.map(plain_words).any(|words| VERB.is_match(&words) || PHRASE.is_match(&words))
        || url.query_pairs().any(|(name, value)| is_told(&plain_words(&name), &plain_words(&value)))
}

/// Whether a link is called like that which takes something away: `Delete`, `Remove item`, `Löschen`.
pub(super) fn is_called_so(name: &str) -> bool {
    LABEL.is_match(&plain_words(name))
}

fn without_ending(segment: &str) -> &str {
    segment.rsplit_once('.').map_or(segment, |(name, _)| name)
}

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant that the tests compile")
}

/// A verb and nothing else.
static VERB: LazyLock<Regex> = LazyLock::new(|| regex(&format!("^({VERBS})$")));
/// A verb and what it is done to.
static PHRASE: LazyLock<Regex> =
    LazyLock::new(|| regex(&format!(r"^({VERBS}) \p{{L}}+$|^\p{{L}}+ ({VERBS})( confirm(ed)?)?$")));
static LABEL: LazyLock<Regex> =
    LazyLock::new(|| regex(&format!(r"^({VERBS}|{LABELS})( |$)|^(删除|移除|刪除|削除|삭제|حذف)")));

const VERBS: &str = "delete|remove|destroy|erase|purge|wipe|uninstall|unsubscribe|revoke|deactivate";
const LABELS: &str = "l[oö]schen|entfernen|supprimer|effacer|eliminar|borrar|excluir|remover|apagar|elimina|rimuovi|\
    verwijderen|ta bort|slet|slett|poista|usu[nń]|skasuj|smazat|odstranit|t[oö]r[oö]l|удалить|видалити|sil|kaldır|hapus|xóa";
/// Where addresses say what is to be done.
const ACTIONS: &[&str] = &["action", "cmd", "command", "op", "do", "mode", "task", "act", "method", "event"];
/// A longer value is no number and no yes.
const SHORT: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    fn is_harm(path: &str) -> bool {
        destroys(&Url::parse("http://a/").unwrap().join(path).unwrap())
    }

    #[test]
    fn addresses_that_take_something_away_are_known_by_their_verbs() {
        for path in [
            "items/5/delete",
            "delete/5",
            "delete?id=4",
            "deleteItem?id=1",
            "item_remove.php?id=1",
            "x?action=delete&id=4",
            "x?delete=7",
            "admin/user/5/delete-confirm",
            "list/unsubscribe",
        ] {
            assert!(is_harm(path), "{path}");
        }
    }

    #[test]
    fn addresses_that_only_speak_of_it_are_harmless() {
        for path in [
            "deleted-items",
            "help/how-to-delete-an-account",
            "x?q=delete",
            "removed",
            "api/undelete-policy",
            "checkout",
            "x?sort=remove",
        ] {
            assert!(!is_harm(path), "{path}");
        }
    }

    #[test]
    fn links_that_take_something_away_are_known_by_their_names() {
        for name in ["Delete", "Remove item", "Löschen", "Supprimer", "删除", "Удалить"] {
            assert!(is_called_so(name), "{name}");
        }
        for name in ["Archive", "Reset password", "Deleted items", "Trash", "Silver"] {
            assert!(!is_called_so(name), "{name}");
        }
    }
}
