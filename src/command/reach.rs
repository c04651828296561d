//! Finds out where proxies have to listen, for browsers on other machines.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use anyhow::{Context as _, Result};
use tokio::net::{TcpListener, UdpSocket, lookup_host};
use url::Url;

use super::failure::Usage;
use crate::proxy::Reach;

/// Where the browsers of this driver or grid are; `advertised` is what they are told instead of our own address.
///
/// # Errors
/// When the name of the grid's host has no address.
pub(super) async fn reach(webdriver: Option<&Url>, advertised: Option<&str>) -> Result<Reach> {
    let Some(webdriver) = webdriver else { return Ok(Reach::Here) };
    let grid = address(webdriver).await?;
    let ours = towards(grid).await?;
    let listen = match advertised {
        None => ours,
        Some(host) => listening(host, ours).await,
    };
    if !listen.is_loopback() {
        tracing::warn!(
            "proxies listen on {listen}, and serve only machines from which their own browsers have called"
        );
    }
    let told = advertised.map_or_else(|| bracketed(listen), str::to_owned);
    Ok(Reach::Elsewhere { listen, told })
}

/// The address of ours that the advertised name stands for. Where it is none of ours, something between knows it: the
/// proxies then listen where the grid is, or everywhere when that is a door on loopback to somewhere else.
async fn listening(advertised: &str, ours: IpAddr) -> IpAddr {
    let named = lookup_host((advertised.trim_matches(['[', ']']), 0)).await;
    for address in named.into_iter().flatten() {
        if TcpListener::bind(address).await.is_ok() {
            return address.ip();
        }
    }
    match ours {
        IpAddr::V4(ip) if ip.is_loopback() => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(ip) if ip.is_loopback() => Ipv6Addr::UNSPECIFIED.into(),
        ours => ours,
    }
}

async fn address(webdriver: &Url) -> Result<SocketAddr> {
    let host = webdriver.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let port = webdriver.port_or_known_default().unwrap_or(80);
    let found = lookup_host((host, port)).await.ok().and_then(|mut all| all.next());
    found.ok_or_else(|| {
        let message = format!("the host `{host}` has no address");
        Usage::new(&message, "name the driver or grid as this machine knows it").into()
    })
}

/// Our own address on the way there; nothing is sent.
async fn towards(grid: SocketAddr) -> Result<IpAddr> {
    let any: IpAddr =
        if grid.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0)).await.context("cannot look for a way to the grid")?;
    socket.connect(grid).await.with_context(|| format!("there is no way to {grid}"))?;
    Ok(socket.local_addr()?.ip())
}

fn bracketed(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn reached(grid: &str, advertised: Option<&str>) -> (String, String) {
        match reach(Some(&grid.parse().unwrap()), advertised).await.unwrap() {
            Reach::Elsewhere { listen, told } => (listen.to_string(), told),
            Reach::Here => unreachable!("there is a grid"),
        }
    }

    #[tokio::test]
    async fn proxies_listen_on_loopback_for_a_grid_that_is_there() {
        let own = ("127.0.0.1".to_owned(), "127.0.0.1".to_owned());
        assert_eq!(reached("http://127.0.0.1:4444", None).await, own);
        assert_eq!(reached("http://127.0.0.1:4444", Some("127.0.0.1")).await, own);
        assert_eq!(reach(None, None).await.unwrap(), Reach::Here);
    }

    #[tokio::test]
    async fn a_name_that_is_none_of_ours_is_known_to_something_between() {
        let (listen, told) = reached("http://127.0.0.1:4444", Some("outside.invalid")).await;
        assert_eq!((listen.as_str(), told.as_str()), ("0.0.0.0", "outside.invalid"));
    }

    #[tokio::test]
    async fn a_grid_whose_name_nobody_knows_is_a_mistake_in_the_call() {
        let failure = reach(Some(&"http://grid.invalid:4444".parse().unwrap()), None).await.unwrap_err();
        assert!(failure.is::<Usage>(), "{failure:#}");
    }
}
