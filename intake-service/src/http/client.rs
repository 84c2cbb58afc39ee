//! Who is asking, and how much they may: an address limit slows, only the full queue refuses all.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{ConnectInfo, FromRequest as _, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use backbone::http::Form;
use backbone::problem::Problem;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Site;
use crate::config::Rates;

/// So many drafts may begin for each report that may be sent: most are not sent in one go.
const DRAFTS_PER_REPORT: u32 = 10;
/// So many links to saved forms one address may get at once; then one every eight hours.
const MESSAGES_AT_ONCE: NonZeroU32 = NonZeroU32::new(6).unwrap();

/// So many files may begin for each report that may be sent.
const UPLOADS_PER_REPORT: u32 = 10;
/// So many files one address may send at the same time.
const UPLOADS_AT_ONCE: usize = 6;

/// After so many requests, clients that have been quiet are forgotten.
const FORGET_EVERY: u32 = 10_000;

/// How much each client has left.
#[derive(Debug)]
pub(super) struct Limits {
    submissions: DefaultKeyedRateLimiter<IpAddr>,
    others: DefaultKeyedRateLimiter<IpAddr>,
    drafts: DefaultKeyedRateLimiter<IpAddr>,
    files: DefaultKeyedRateLimiter<IpAddr>,
    /// Of the files that may come at the same time, those that do not.
    places: Arc<Semaphore>,
    uploading: Arc<Mutex<HashMap<IpAddr, usize>>>,
    messages: DefaultKeyedRateLimiter<[u8; 16]>,
    loopback: bool,
    proxies: Vec<IpAddr>,
    asked: AtomicU32,
}

impl Limits {
    pub(super) fn new(rates: &Rates, uploads_at_once: usize) -> Self {
        let an_hour =
            |count: u32| Quota::per_hour(NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN));
        Self {
            submissions: DefaultKeyedRateLimiter::keyed(an_hour(rates.submissions_per_hour)),
            others: DefaultKeyedRateLimiter::keyed(an_hour(rates.others_per_hour)),
            drafts: DefaultKeyedRateLimiter::keyed(an_hour(
                rates.submissions_per_hour.saturating_mul(DRAFTS_PER_REPORT),
            )),
            files: DefaultKeyedRateLimiter::keyed(an_hour(
                rates.submissions_per_hour.saturating_mul(UPLOADS_PER_REPORT),
            )),
            places: Arc::new(Semaphore::new(uploads_at_once)),
            uploading: Arc::default(),
            messages: DefaultKeyedRateLimiter::keyed(
                Quota::with_period(Duration::from_hours(8))
                    .unwrap_or(an_hour(1))
                    .allow_burst(MESSAGES_AT_ONCE),
            ),
            loopback: rates.loopback,
            proxies: rates.proxies.clone(),
            asked: AtomicU32::new(0),
        }
    }

    /// How long the client has to wait, if it has to.
    fn wait(&self, of: &DefaultKeyedRateLimiter<IpAddr>, client: IpAddr) -> Option<Duration> {
        if !self.loopback && client.is_loopback() {
            return None;
        }
        if self.asked.fetch_add(1, Ordering::Relaxed).is_multiple_of(FORGET_EVERY) {
            self.submissions.retain_recent();
            self.others.retain_recent();
            self.drafts.retain_recent();
            self.files.retain_recent();
            self.messages.retain_recent();
        }
        of.check_key(&household(client))
            .err()
            .map(|not_until| not_until.wait_time_from(DefaultClock::default().now()))
    }

    /// The address that asked. What a header says is believed only from a proxy of ours.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let peer = peer.to_canonical();
        if !self.proxies.contains(&peer) {
            return peer;
        }
        let forwarded: Vec<&str> = headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .collect();
        // From our side outwards; behind what cannot be read anybody may have written anything.
        forwarded
            .into_iter()
            .rev()
            .map_while(|address| address.trim().parse::<IpAddr>().ok())
            .map(|address| address.to_canonical())
            .find(|address| !self.proxies.contains(address))
            .unwrap_or(peer)
    }
}

/// The client that a request comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Client(IpAddr);

impl FromRequestParts<Site> for Client {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Problem> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let peer = peer.ok_or_else(Problem::internal)?;
        Ok(Self(site.limits.client(peer, &parts.headers)))
    }
}

impl Limits {
    /// Counts a draft that begins.
    pub(super) fn may_begin(&self, client: Client) -> Result<(), Problem> {
        self.wait(&self.drafts, client.0).map_or(Ok(()), |wait| Err(too_many(wait)))
    }

    /// Counts a message that somebody has sent to an address, whoever it is: nobody's telephone is made to
    /// ring by strangers. `to` stands for the address.
    pub(super) fn may_write_to(&self, to: [u8; 16]) -> Result<(), Problem> {
        let refused = self.messages.check_key(&to).err();
        let wait = refused.map(|until| until.wait_time_from(DefaultClock::default().now()));
        wait.map_or(Ok(()), |wait| Err(too_many(wait)))
    }

    /// Counts a file that begins.
    pub(super) fn may_begin_upload(&self, client: Client) -> Result<(), Problem> {
        self.wait(&self.files, client.0).map_or(Ok(()), |wait| Err(too_many(wait)))
    }

    /// A place among the files that come at the same time, for as long as it is kept.
    pub(super) fn may_upload(&self, client: Client) -> Result<Place, Problem> {
        let permit = Arc::clone(&self.places).try_acquire_owned().map_err(|_| busy())?;
        let household = household(client.0);
        let mut uploading = self.uploading.lock().unwrap_or_else(PoisonError::into_inner);
        let count = uploading.entry(household).or_default();
        if *count >= UPLOADS_AT_ONCE && (self.loopback || !household.is_loopback()) {
            return Err(too_many(Duration::from_secs(5)));
        }
        *count += 1;
        drop(uploading);
        Ok(Place { household, uploading: Arc::clone(&self.uploading), _permit: permit })
    }

    /// Counts a report that a page sends.
    pub(super) fn may_submit(&self, client: Client) -> Result<(), Problem> {
        self.wait(&self.submissions, client.0).map_or(Ok(()), |wait| Err(too_many(wait)))
    }
}

/// A file that is coming.
#[derive(Debug)]
pub(super) struct Place {
    household: IpAddr,
    uploading: Arc<Mutex<HashMap<IpAddr, usize>>>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut uploading = self.uploading.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = uploading.get_mut(&self.household) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                uploading.remove(&self.household);
            }
        }
    }
}

fn busy() -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "too_many_uploads",
        "Many people are sending files. Wait a little: what has reached us is kept, and you go on from there.",
    )
    .retry_after(5)
}

/// One IPv4 address, or the /64 that one connection is given.
fn household(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => {
            let [a, b, c, d, ..] = six.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

pub(super) async fn limit_submissions(
    State(site): State<Site>,
    client: Client,
    request: Request,
    next: Next,
) -> Response {
    match site.limits.may_submit(client) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

pub(super) async fn limit_others(
    State(site): State<Site>,
    client: Client,
    request: Request,
    next: Next,
) -> Response {
    let Some(wait) = site.limits.wait(&site.limits.others, client.0) else {
        return next.run(request).await;
    };
    let problem = too_many(wait);
    // What was typed is worth more than the reading of it costs.
    let to = request.uri().clone();
    let is_own = super::pages::require_own(request.headers()).is_ok();
    if !is_own || to.path().starts_with("//") {
        return problem.into_response();
    }
    match Form::from_request(request, &site).await {
        Ok(Form(typed)) => super::pages::again(&site, &problem, &to.to_string(), &typed)
            .unwrap_or_else(IntoResponse::into_response),
        Err(_) => problem.into_response(),
    }
}

fn too_many(wait: Duration) -> Problem {
    Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        "too_many_requests",
        "Many requests came from your connection. Wait a little and send it again: what you \
         typed is not lost. Or call 101. In an emergency call 999.",
    )
    .retry_after(wait.as_secs() + 1)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn limits(submissions_per_hour: u32, loopback: bool, proxies: Vec<IpAddr>) -> Limits {
        Limits::new(&Rates { submissions_per_hour, others_per_hour: 1, loopback, proxies }, 8)
    }

    #[test]
    fn one_client_too_many_waits_and_another_does_not() {
        let limits = limits(2, true, vec![]);
        let (one, other) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let waits = |client| limits.wait(&limits.submissions, client).is_some();
        assert_eq!([waits(one), waits(one), waits(one), waits(other)], [false, false, true, false]);
    }

    #[test]
    fn nobody_takes_all_places_for_files_and_each_is_given_back() {
        let limits = limits(1, true, vec![]);
        let may = |client: &str| limits.may_upload(Client(client.parse().unwrap()));
        let mine: Vec<Place> = (0..6).map(|_| may("192.0.2.1").unwrap()).collect();
        assert_eq!(may("192.0.2.1").unwrap_err().code(), "too_many_requests");
        let others = (may("192.0.2.2").unwrap(), may("192.0.2.3").unwrap());
        assert_eq!(may("192.0.2.4").unwrap_err().code(), "too_many_uploads");
        drop((mine, others));
        assert!(may("192.0.2.1").is_ok() && limits.uploading.lock().unwrap().is_empty());
    }

    #[test]
    fn a_household_shares_its_limit() {
        let limits = limits(1, true, vec![]);
        let waits =
            |client: &str| limits.wait(&limits.submissions, client.parse().unwrap()).is_some();
        assert_eq!([waits("2001:db8::1"), waits("2001:db8::2")], [false, true]);
    }

    #[test]
    fn a_forwarded_address_is_believed_from_a_proxy_alone() {
        let proxy: IpAddr = "10.0.0.1".parse().unwrap();
        let limits = limits(1, true, vec![proxy]);
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", HeaderValue::from_static("203.0.113.9, 192.0.2.7"));
        assert_eq!(limits.client(proxy, &headers).to_string(), "192.0.2.7");
        // What stands before something unreadable may be anybody's invention.
        for unreadable in ["203.0.113.9, 192.0.2.7:4711", "203.0.113.9, unknown"] {
            headers.insert("x-forwarded-for", HeaderValue::from_static(unreadable));
            assert_eq!(limits.client(proxy, &headers), proxy);
        }
        headers.insert("x-forwarded-for", HeaderValue::from_static("203.0.113.9"));
        headers.append("x-forwarded-for", HeaderValue::from_static("192.0.2.7"));
        let mapped = "::ffff:10.0.0.1".parse().unwrap();
        assert_eq!(limits.client(mapped, &headers).to_string(), "192.0.2.7");
        let stranger: IpAddr = "198.51.100.1".parse().unwrap();
        assert_eq!(limits.client(stranger, &headers), stranger);
    }
}
