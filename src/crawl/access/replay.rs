//! Sends the requests of each user again, as the owner, as nobody, and as the others.

use std::{collections::HashSet, time::Duration};

use futures_util::{StreamExt as _, stream};
use http::{
    HeaderValue, Method, Request,
    header::{ACCEPT_ENCODING, LOCATION},
};
use tokio::time;
use tokio_util::sync::CancellationToken;
use tracing::debug;
use url::{Position, Url};

use super::{
    Access, Answer, Candidate, Finding, Limits, Matrix, Ruling, Subject, Trial, Verdict, candidates, judge,
};
use crate::{
    crawl::{Class, Passage, Record, conduct::Conduct},
    proxy::{Client, full, read},
};

impl Access {
    /// Compares what the users reached, and tries the requests of each as the others.
    ///
    /// `anonymous` among the subjects is nobody, whom every request is tried as in any case.
    pub async fn compare(
        subjects: &[Subject<'_>],
        client: &Client,
        limits: Limits,
        cancel: &CancellationToken,
    ) -> Self {
        let settings = subjects.first().map(|subject| subject.outcome.settings.clone()).unwrap_or_default();
        let conduct = Conduct::new(&settings);
        let team = Team { subjects, client, conduct, asked: subjects.iter().map(asked).collect() };
        let mut access = Self { matrix: Matrix::of(subjects), ..Self::default() };
        let each = subjects.len() + 2;
        let mut all: Vec<Candidate> =
            (0..subjects.len()).flat_map(|owner| candidates(subjects, owner, limits.writes)).collect();
        // What writes comes last: it may change what the others are answered.
        all.sort_by_key(|candidate| !candidate.is_safe());
        let most = limits.requests / each;
        access.left_out = all.len().saturating_sub(most);
        all.truncate(most);
        let (safe, writing): (Vec<_>, Vec<_>) = all.into_iter().partition(Candidate::is_safe);
        let trials = |list: Vec<Candidate>, width| {
            stream::iter(list)
                .map(|candidate| team.tried(candidate))
                .buffered(width)
                .take_until(cancel.cancelled())
        };
        let tried: Vec<(usize, Vec<Finding>)> =
            trials(safe, AT_ONCE).chain(trials(writing, 1)).collect().await;
        for (requests, findings) in tried {
            access.requests += requests;
            access.findings.extend(findings);
        }
        access.findings.sort_by(|a, b| {
            (a.ruling.verdict, &a.route, &a.method).cmp(&(b.ruling.verdict, &b.route, &b.method))
        });
        access
    }
}

/// The addresses that a user's interface asked for and got, and those that it has links to.
fn asked(subject: &Subject<'_>) -> HashSet<String> {
    let is_given = |r: &&Record| r.passage == Passage::InScope && r.status.is_some_and(|status| status < 400);
    let given = subject.outcome.records.iter().filter(is_given);
    let links = subject.outcome.graph.actions.iter().filter_map(|action| action.href.as_ref());
    let links = links.map(|url| format!("GET {}", &url[..Position::AfterQuery]));
    given.map(|record| format!("{} {}", record.method, record.url)).chain(links).collect()
}

struct Team<'a> {
    subjects: &'a [Subject<'a>],
    client: &'a Client,
    /// How quickly it may ask, and under which name.
    conduct: Conduct,
    /// By subject: method and address.
    asked: Vec<HashSet<String>>,
}

impl Team<'_> {
    /// Tries one request as everybody; gives how many requests that took.
    async fn tried(&self, candidate: Candidate) -> (usize, Vec<Finding>) {
        let owner = &self.subjects[candidate.owner];
        let mut requests = 0;
        let mut send = async |subject: Option<&Subject<'_>>| {
            requests += 1;
            self.send(&candidate, subject).await
        };
        let control = match (&candidate.recorded, candidate.is_safe()) {
            // What writes is not done once more by its owner: the others would find nothing left.
            (recorded, false) => vec![recorded.clone().unwrap_or_default(); 2],
            _ => vec![send(Some(owner)).await, send(Some(owner)).await],
        };
        // An owner who is refused now cannot be compared with anybody.
        let is_given = control.iter().all(Answer::is_success);
        let stranger = if is_given { send(None).await } else { Answer::default() };
        let mut findings = Vec::new();
        let mut is_stranger_told = owner.stamp.is_none();
        for (place, other) in self.subjects.iter().enumerate() {
            if place == candidate.owner || (other.stamp.is_none() && is_stranger_told) {
                continue;
            }
            let answer = match &other.stamp {
                Some(_) if is_given => Some(send(Some(other)).await),
                Some(_) => Some(Answer::default()),
                None => None,
            };
            is_stranger_told |= other.stamp.is_none();
            let marks: Vec<String> =
                owner.marks.iter().filter(|mark| !other.marks.contains(mark)).cloned().collect();
            let own = self.own(place, &candidate);
            let ruling = judge(&Trial {
                recorded: candidate.recorded.as_ref(),
                control: (&control[0], &control[1]),
                stranger: &stranger,
                other: answer.as_ref(),
                is_asked_by_other: self.asked[place]
                    .contains(&format!("{} {}", candidate.method, candidate.url)),
                addresses: (&candidate.url, own.as_ref().map(|(url, answer)| (*url, answer))),
                owner_marks: &marks,
            });
            let status = answer.as_ref().unwrap_or(&stranger).status;
            findings.push(self.finding(&candidate, &other.name, (control[0].status, status), ruling));
        }
        (requests, findings)
    }

    /// What a user's own interface was given at the endpoint of a request, under another address.
    fn own(&self, subject: usize, candidate: &Candidate) -> Option<(&Url, Answer)> {
        let is_like = |record: &&Record| {
            record.method == candidate.method
                && record.route == candidate.route
                && record.url != candidate.url
                && record.passage == Passage::InScope
                && !record.truncated
                && record.status.is_some_and(|status| (200..300).contains(&status))
        };
        let record = self.subjects[subject].outcome.records.iter().find(is_like)?;
        let body = String::from_utf8_lossy(&record.response_body).into_owned();
        Some((&record.url, Answer { status: record.status.unwrap_or_default(), location: None, body }))
    }

    fn finding(
        &self,
        candidate: &Candidate,
        other: &str,
        (owner_status, status): (u16, u16),
        ruling: Ruling,
    ) -> Finding {
        let asks = |subject: &&Subject<'_>| {
            let mut records = subject.outcome.records.iter();
            records.any(|r| r.method == candidate.method && r.route == candidate.route)
        };
        Finding {
            owner: self.subjects[candidate.owner].name.clone(),
            other: other.to_owned(),
            method: candidate.method.clone(),
            route: candidate.route.clone(),
            url: candidate.url.clone(),
            owner_status,
            status,
            asked_by: self.subjects.iter().filter(asks).map(|subject| subject.name.clone()).collect(),
            ruling,
        }
    }

    /// Sends a request as a user, or as nobody.
    async fn send(&self, candidate: &Candidate, subject: Option<&Subject<'_>>) -> Answer {
        self.conduct.turn(Class::Probe).await;
        match time::timeout(LIMIT, self.ask(candidate, subject)).await {
            Ok(Some(answer)) => answer,
            _ => Answer::default(),
        }
    }

    async fn ask(&self, candidate: &Candidate, subject: Option<&Subject<'_>>) -> Option<Answer> {
        let method: Method = candidate.method.parse().ok()?;
        let mut headers = candidate.headers.clone();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        if let Some(stamp) = subject.and_then(|subject| subject.stamp.as_ref()) {
            stamp.put_on(&method, &candidate.url, &mut headers);
        }
        let mut request = Request::builder()
            .method(method)
            .uri(candidate.url.as_str())
            .body(full(candidate.body.clone()))
            .ok()?;
        self.conduct.sign(&mut headers);
        *request.headers_mut() = headers;
        let response = self.client.send(request).await;
        let response = response.inspect_err(|error| debug!(%error, "no answer to a replay")).ok()?;
        let location = response.headers().get(LOCATION).and_then(|to| to.to_str().ok()).map(str::to_owned);
        let status = response.status().as_u16();
        let body = read(response.into_body(), LONGEST).await.ok()?;
        Some(Answer { status, location, body: String::from_utf8_lossy(&body).into_owned() })
    }
}

impl Access {
    /// Takes back what was said with a session that turned out to be dead.
    pub fn doubt(&mut self, user: &str) {
        for finding in self.findings.iter_mut().filter(|f| f.owner == user || f.other == user) {
            finding.ruling =
                Ruling { verdict: Verdict::Unstable, evidence: format!("`{user}` was logged out meanwhile") };
        }
    }
}

/// How many requests are tried side by side.
const AT_ONCE: usize = 4;
/// How long one answer may take.
const LIMIT: Duration = Duration::from_secs(20);
/// How many bytes of an answer are compared.
const LONGEST: usize = 4 << 20;
