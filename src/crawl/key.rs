//! How an action is known again when its page is drawn anew, and which actions are equals.

use url::Url;

use super::{
    action::Kind,
    route::{folder, mask, page_route},
    view::Offer,
};

pub(super) fn link_key(url: &Url, place: &str) -> (String, String, Vec<(String, usize)>) {
    let route = page_route(url);
    let folds = vec![
        (format!("route {route}"), FEW),
        (format!("folder {} {place}", folder(url)), MANY),
        (format!("queries of {}", route.split('?').next().unwrap_or_default()), MANY),
    ];
    (format!("link {url}"), format!("link {route}"), folds)
}

pub(super) fn element_key(
    kind: Kind,
    offer: &Offer,
    place: &str,
    route: &str,
) -> (String, String, Vec<(String, usize)>) {
    let is_chrome = offer.chrome || offer.within || birthplace(offer).is_some_and(|born| born != route);
    let home = if is_chrome { "*" } else { route };
    let base = base(home, kind, offer);
    let place = unrolled(place);
    let mut folds = vec![(base.clone(), FEW), (format!("{home} {} at {place}", kind.name()), MANY)];
    folds.extend(wide(kind, offer));
    (String::new(), base, folds)
}

/// Groups that reach over routes and places. What stands on each page is as good as known when it has brought nothing on two.
fn wide(kind: Kind, offer: &Offer) -> impl Iterator<Item = (String, usize)> {
    let what = kind.name();
    let is_told = !offer.front && !offer.name.is_empty();
    let repeated = is_told.then(|| (format!("anywhere {what} {}", mask(&offer.signature)), UNLIMITED));
    let row = (!offer.row.is_empty()).then(|| (format!("row {what} {}", mask(&offer.row)), SOME));
    let places = offer.within.then(|| ("places in pages".to_owned(), FEW));
    [repeated, row, places].into_iter().flatten()
}

fn base(home: &str, kind: Kind, offer: &Offer) -> String {
    format!("{home} {} {}", kind.name(), mask(&offer.signature))
}

/// The route on which the element was drawn.
fn birthplace(offer: &Offer) -> Option<String> {
    Url::parse(&offer.born).ok().map(|born| page_route(&born))
}

/// What an element that outlives its route was called where it was drawn, and will be called when it is drawn here.
pub(super) fn aliases(kind: Kind, offer: &Offer, route: &str) -> Vec<String> {
    let born = birthplace(offer).filter(|born| born != route && offer.shell && !offer.chrome);
    born.map(|born| vec![base(&born, kind, offer), base(route, kind, offer)]).unwrap_or_default()
}

/// A place in which what holds itself stands once, so that all depths of a tree are one.
fn unrolled(place: &str) -> String {
    let mut steps: Vec<&str> = Vec::new();
    for step in place.split('>') {
        steps.push(step);
        for length in 1..=2 {
            let count = steps.len();
            let is_again =
                count >= 2 * length && steps[count - length..] == steps[count - 2 * length..count - length];
            if is_again {
                steps.truncate(count - length);
            }
        }
    }
    steps.join(">")
}

/// How many of equals are fired.
const FEW: usize = 2;
/// How many of a long row of equals, unless they bring something new.
const SOME: usize = 5;
/// How many of those that stand in one place, but differ in their words.
const MANY: usize = 12;
/// All of them, though those that bring nothing come late.
const UNLIMITED: usize = u32::MAX as usize;

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: &str = "http://127.0.0.1/#/basket";

    fn tool(shell: bool, born: &str) -> Offer {
        Offer { signature: "button|Search||app>toolbar".into(), born: born.into(), shell, ..Offer::default() }
    }

    fn route(url: &str) -> String {
        page_route(&Url::parse(url).unwrap())
    }

    #[test]
    fn a_tool_that_outlives_its_route_is_known_by_what_it_was_called_there() {
        let born = "http://127.0.0.1/#/";
        let offer = tool(true, born);
        let (_, base, _) = element_key(Kind::Click, &offer, "", &route(HERE));
        let (_, first, _) = element_key(Kind::Click, &offer, "", &route(born));
        let (_, anew, _) = element_key(Kind::Click, &tool(true, HERE), "", &route(HERE));
        assert!(base.starts_with("* "), "{base}");
        assert_eq!(aliases(Kind::Click, &offer, &route(HERE)), [first, anew]);
    }

    #[test]
    fn what_belongs_to_one_page_has_one_name() {
        assert!(aliases(Kind::Click, &tool(false, "http://127.0.0.1/#/"), &route(HERE)).is_empty());
        assert!(aliases(Kind::Click, &tool(true, HERE), &route(HERE)).is_empty());
    }

    #[test]
    fn what_stands_on_each_page_is_in_one_group_and_a_long_row_in_another() {
        let offer = Offer { name: "Filter".into(), row: "div.card".into(), ..tool(false, "") };
        let groups = |offer: &Offer, route: &str| {
            let (_, _, folds) = element_key(Kind::Click, offer, "main>div", route);
            folds.into_iter().map(|(group, _)| group).collect::<std::collections::BTreeSet<_>>()
        };
        let (here, there) = (groups(&offer, "http://a/one"), groups(&offer, "http://a/two"));
        assert_eq!(here.intersection(&there).count(), 2, "{here:?} {there:?}");
        let dialog = Offer { front: true, row: String::new(), ..offer };
        assert!(!groups(&dialog, "http://a/one").iter().any(|group| group.starts_with("anywhere")));
    }

    #[test]
    fn all_depths_of_a_tree_are_one_place() {
        assert_eq!(unrolled("main>ul>li>ul>li>ul>li>button"), "main>ul>li>button");
    }
}
