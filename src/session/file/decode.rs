//! Reads a session from a document of Playwright's, handstamp's additions included.

use serde_json::Value;

use super::super::{Cookie, Database, Error, HeaderToken, Item, OriginState, Place, Secret, State};
use super::{encode::mark, keyed::Keyed, migrate::migrate};
use crate::site::Origin;

/// Reads a whole session. Unknown keys of Playwright's part are kept.
///
/// Fails on a newer version, and on a key that is missing or of another type, which is named without its
/// value.
pub fn from_json(document: Value) -> Result<State, Error> {
    let document = migrate(document)?;
    let root = Keyed::root(&document);
    root.object()?;
    if root.field("cookies").optional().is_none() && root.field("origins").optional().is_none() {
        return Err(root.field("cookies").wrong("a list"));
    }
    let own = root.field("handstamp");
    let mut state = State {
        cookies: each(&root.field("cookies"), cookie)?,
        origins: each(&root.field("origins"), origin)?,
        headers: each(&own.field("headers"), header)?,
        method: maybe(own.field("method"), |at| at.part("a session management method"))?.unwrap_or_default(),
        values: each(&own.field("values"), value)?,
        user_agent: maybe(own.field("userAgent"), |at| at.text().map(str::to_owned))?,
        check: maybe(own.field("check"), |at| at.part("a check"))?,
        verdict: maybe(own.field("verdict"), |at| at.part("a verdict"))?,
        scope: each(&own.field("scope"), origin_of)?,
        recipe: maybe(own.field("recipe"), |at| at.part("a recipe"))?,
        insight: maybe(own.field("insight"), |at| at.part("what is known of a session"))?.unwrap_or_default(),
        created: own.field("created").seconds()?.unwrap_or_default(),
        extra: root.besides(&["cookies", "origins", "handstamp"]),
    };
    add_session_storage(&mut state, &own)?;
    unset_same_site(&mut state, &own)?;
    Ok(state)
}

fn cookie(at: &Keyed<'_>) -> Result<Cookie, Error> {
    let domain = at.field("domain").text()?;
    let text = |name| at.field(name).text().map(str::to_owned);
    Ok(Cookie {
        name: text("name")?,
        value: text("value")?.into(),
        domain: domain.trim_start_matches('.').to_ascii_lowercase(),
        host_only: !domain.starts_with('.'),
        path: text("path")?,
        expires: at.field("expires").seconds()?.filter(|end| *end > 0),
        secure: at.field("secure").flag()?,
        http_only: at.field("httpOnly").flag()?,
        same_site: maybe(at.field("sameSite"), |at| at.part("`Strict`, `Lax` or `None`"))?,
        partition_key: maybe(at.field("partitionKey"), |at| at.text().map(str::to_owned))?,
        extra: at.besides(&[
            "name",
            "value",
            "domain",
            "path",
            "expires",
            "secure",
            "httpOnly",
            "sameSite",
            "partitionKey",
        ]),
    })
}

/// An origin's storage; `sessionStorage` too, which other tools put here.
fn origin(at: &Keyed<'_>) -> Result<OriginState, Error> {
    Ok(OriginState {
        origin: origin_of(&at.field("origin"))?,
        local_storage: each(&at.field("localStorage"), item)?,
        session_storage: each(&at.field("sessionStorage"), item)?,
        indexed_db: each(&at.field("indexedDB"), database)?,
        extra: at.besides(&["origin", "localStorage", "sessionStorage", "indexedDB"]),
    })
}

fn item(at: &Keyed<'_>) -> Result<Item, Error> {
    Ok(Item::new(at.field("name").text()?, at.field("value").text()?))
}

fn database(at: &Keyed<'_>) -> Result<Database, Error> {
    let database = at.value().cloned().and_then(Database::new);
    database.ok_or_else(|| at.wrong("a database with `name` and `stores`"))
}

fn header(at: &Keyed<'_>) -> Result<HeaderToken, Error> {
    Ok(HeaderToken {
        origin: origin_of(&at.field("origin"))?,
        name: at.field("name").text()?.to_owned(),
        value: at.field("value").text()?.into(),
        source: at.field("source").part("a source")?,
    })
}

fn value(at: &Keyed<'_>) -> Result<(Place, Secret), Error> {
    let place = at.field("place").text()?.parse().map_err(|_| at.wrong("a place such as `json:token`"))?;
    Ok((place, at.field("value").text()?.into()))
}

fn origin_of(at: &Keyed<'_>) -> Result<Origin, Error> {
    Origin::parse(at.text()?).map_err(|_| at.wrong("an origin such as `https://shop.example`"))
}

fn add_session_storage(state: &mut State, own: &Keyed<'_>) -> Result<(), Error> {
    for entry in own.field("sessionStorage").items()? {
        let origin = origin_of(&entry.field("origin"))?;
        state.origin_mut(&origin).session_storage = each(&entry.field("items"), item)?;
    }
    Ok(())
}

fn unset_same_site(state: &mut State, own: &Keyed<'_>) -> Result<(), Error> {
    for entry in own.field("unsetSameSite").items()? {
        let unset = state.cookies.iter_mut().filter(|cookie| Some(&mark(cookie)) == entry.value());
        unset.for_each(|cookie| cookie.same_site = None);
    }
    Ok(())
}

fn each<T>(list: &Keyed<'_>, read: impl Fn(&Keyed<'_>) -> Result<T, Error>) -> Result<Vec<T>, Error> {
    list.items()?.iter().map(read).collect()
}

fn maybe<T>(at: Keyed<'_>, read: impl Fn(&Keyed<'_>) -> Result<T, Error>) -> Result<Option<T>, Error> {
    at.optional().map(|at| read(&at)).transpose()
}
