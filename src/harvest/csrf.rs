//! Recognises tokens against forged requests, and how the application uses them.

use super::{
    explain::Candidate,
    page_tokens::{Spot, in_page, speaks_of_csrf},
};
use crate::{
    browser::Exchange,
    session::{CsrfScheme, Sink, Source},
    site::Origin,
};

/// The tokens of meta tags and hidden fields that nothing else holds.
pub(super) fn of_pages(traffic: &[Exchange], known: &[Candidate]) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    for exchange in traffic.iter().filter(|exchange| exchange.is_document()) {
        let origin = exchange.url.parse().ok().and_then(|url| Origin::of(&url));
        for (spot, name, value) in in_page(exchange.response_body.as_deref().unwrap_or_default()) {
            let source = source(spot, &name);
            if known.iter().any(|candidate| candidate.has(&value)) {
                continue;
            }
            // Pages have a new value each time: one token, with all the values that it had.
            match found.iter_mut().find(|c| c.token.source == source && c.token.origin == origin) {
                Some(candidate) => candidate.values.push(value),
                None => found.push(Candidate::new(source, origin.clone(), name, &value)),
            }
        }
    }
    found
}

fn source(spot: Spot, name: &str) -> Source {
    let name = name.to_owned();
    match spot {
        Spot::Meta => Source::Meta { name },
        Spot::Field => Source::Field { name },
    }
}

/// The scheme that a token belongs to; nothing for tokens that are for something else.
pub(super) fn scheme(candidate: &Candidate, all: &[Candidate], traffic: &[Exchange]) -> Option<CsrfScheme> {
    let token = &candidate.token;
    let headers = || {
        token.sent_as.iter().filter_map(|sink| match sink {
            Sink::Header { name, .. } if name != "Authorization" => Some(name.as_str()),
            _ => None,
        })
    };
    let fields = || {
        token.sent_as.iter().filter_map(|sink| match sink {
            Sink::Body { field, .. } => Some(field.as_str()),
            _ => None,
        })
    };
    let is_named = speaks_of_csrf(&token.key) && token.key != "token";
    match &token.source {
        Source::Meta { .. } => Some(CsrfScheme::MetaTag),
        // Where a cookie of such a name is there too, the field is the other half, masked anew on each page.
        Source::Field { .. } if all.iter().any(is_csrf_cookie) => Some(CsrfScheme::DoubleSubmit),
        Source::Field { .. } => Some(CsrfScheme::FormField),
        Source::Cookie { .. } if headers().any(|name| is_named || speaks_of_csrf(name)) => {
            Some(CsrfScheme::HeaderFromCookie)
        }
        Source::Cookie { .. } if fields().any(|name| is_named || speaks_of_csrf(name)) => {
            Some(CsrfScheme::DoubleSubmit)
        }
        Source::Cookie { .. } if is_named => Some(CsrfScheme::DoubleSubmit),
        Source::ResponseHeader { .. } if is_named || headers().any(speaks_of_csrf) => {
            Some(CsrfScheme::AnswerHeader)
        }
        Source::Memory if headers().any(speaks_of_csrf) => Some(in_traffic(candidate, traffic)),
        Source::JsonBody { .. } if is_named => {
            Some(CsrfScheme::AnswerHeader).filter(|_| headers().next().is_some())
        }
        _ => None,
    }
}

fn is_csrf_cookie(candidate: &Candidate) -> bool {
    matches!(candidate.token.source, Source::Cookie { .. }) && speaks_of_csrf(&candidate.token.key)
}

/// Where a header's value came from that no storage holds: a meta tag, an answer's header, or else the page's script.
fn in_traffic(candidate: &Candidate, traffic: &[Exchange]) -> CsrfScheme {
    let is_it = |text: &str| candidate.has(text);
    let mut scheme = CsrfScheme::PageScript;
    for exchange in traffic {
        if exchange.response_headers.iter().any(|(_, value)| is_it(value)) {
            scheme = CsrfScheme::AnswerHeader;
        }
        let page = exchange.response_body.as_deref().filter(|_| exchange.is_document()).unwrap_or_default();
        if in_page(page).iter().any(|(spot, _, value)| *spot == Spot::Meta && is_it(value)) {
            return CsrfScheme::MetaTag;
        }
    }
    scheme
}
