//! Who may do what: keys, hosts and origins.

use std::net::SocketAddr;

use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};
use subtle::ConstantTimeEq;

use crate::api_error::ApiError;
use crate::start_error::StartError;

/// The least bytes of a key.
const SHORTEST_KEY: usize = 16;

/// A secret that a request proves itself by.
#[derive(Clone)]
pub struct Key(Vec<u8>);

impl Key {
    /// A key of these bytes, without white space around them; `which` names it in errors.
    ///
    /// # Errors
    /// It has fewer than 16 bytes.
    pub fn new(which: &'static str, text: &str) -> Result<Self, StartError> {
        let bytes = text.trim().as_bytes();
        if bytes.len() < SHORTEST_KEY {
            return Err(StartError::ShortKey { which, length: bytes.len() });
        }
        Ok(Self(bytes.to_owned()))
    }

    /// Whether `given` is this key. The time that it takes depends on the lengths alone.
    fn is(&self, given: &[u8]) -> bool {
        self.0.ct_eq(given).into()
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Key(…)")
    }
}

/// Who may do what.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// Whoever has it may search; without one, everybody.
    pub read_key: Option<Key>,
    /// Whoever has it may search and change indexes.
    pub admin_key: Option<Key>,
    /// Whether everybody may change indexes, on a loopback address.
    pub read_write: bool,
    /// Whether everybody may search on a public address.
    pub no_keys: bool,
    /// Hosts, as the `Host` header names them, beside those of the address itself.
    pub hosts: Vec<String>,
    /// Origins of web pages, such as `https://example.org`, whose scripts may use the server.
    pub origins: Vec<String>,
}

/// What a request wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Right {
    Read,
    Write,
}

impl Access {
    /// Checks that the address is as open as was meant.
    ///
    /// # Errors
    /// A public address without keys that is not said to be meant so, equal keys, origins that are
    /// none.
    pub fn check(&self, listen: SocketAddr) -> Result<(), StartError> {
        if let (Some(read), Some(admin)) = (&self.read_key, &self.admin_key)
            && read.is(&admin.0)
        {
            return Err(StartError::EqualKeys);
        }
        for given in &self.origins {
            let origin = given.parse::<Uri>().ok();
            let good =
                origin.is_some_and(|uri| uri.scheme().is_some() && uri.authority().is_some());
            if !good || given.ends_with('/') || given.contains('*') {
                let expected = "an origin such as https://example.org";
                return Err(StartError::Place { given: given.clone(), expected });
            }
        }
        if listen.ip().is_loopback() {
            return Ok(());
        }
        if self.read_key.is_none() && !self.no_keys {
            return Err(StartError::Public { listen });
        }
        if self.read_write {
            return Err(StartError::PublicWrites { listen });
        }
        Ok(())
    }

    /// Whether the request may do what it wants to.
    pub(crate) fn check_key(&self, headers: &HeaderMap, right: Right) -> Result<(), ApiError> {
        let given = given_key(headers);
        let admin = self.admin_key.as_ref();
        let is_admin = given.zip(admin).is_some_and(|(given, key)| key.is(given));
        match right {
            _ if is_admin => Ok(()),
            Right::Read => match &self.read_key {
                None => Ok(()),
                Some(key) if given.is_some_and(|given| key.is(given)) => Ok(()),
                Some(_) => Err(ApiError::unauthorized("read")),
            },
            Right::Write if self.read_write => Ok(()),
            Right::Write if admin.is_some() => Err(ApiError::unauthorized("admin")),
            Right::Write => Err(ApiError::read_only()),
        }
    }

    /// Refuses requests that a web page of another origin makes a browser send, and those that
    /// reach a loopback address by a name that somebody else's DNS has given it.
    pub(crate) fn check_origin(
        &self,
        listen: SocketAddr,
        method: &Method,
        headers: &HeaderMap,
    ) -> Result<(), ApiError> {
        let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
        let host = text(header::HOST).unwrap_or_default();
        if !self.is_our_host(listen, host) {
            return Err(ApiError::host(host));
        }
        if let Some(origin) = text(header::ORIGIN) {
            let own = [format!("http://{host}"), format!("https://{host}")];
            if !own.iter().chain(&self.origins).any(|known| known.eq_ignore_ascii_case(origin)) {
                return Err(ApiError::origin(origin));
            }
        } else if headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site") {
            // A link to the page is fine.
            let navigates = headers.get("sec-fetch-mode").is_some_and(|mode| mode == "navigate");
            if !(navigates && method == Method::GET) {
                return Err(ApiError::origin("another site"));
            }
        }
        Ok(())
    }

    /// Whether `host` means this server: always on a public address, unless hosts are named.
    fn is_our_host(&self, listen: SocketAddr, host: &str) -> bool {
        if self.hosts.iter().any(|known| known.eq_ignore_ascii_case(host)) {
            return true;
        }
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.chars().all(|c| c.is_ascii_digit()) => name,
            _ => host,
        };
        if self.hosts.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            return true;
        }
        let local = ["localhost", "127.0.0.1", "[::1]"];
        let own = name == listen.ip().to_string() || name == format!("[{}]", listen.ip());
        if listen.ip().is_loopback() || !self.hosts.is_empty() {
            return own || local.iter().any(|known| known.eq_ignore_ascii_case(name));
        }
        true
    }
}

/// The key of a request: `Authorization: Bearer KEY` or `X-API-Key: KEY`.
fn given_key(headers: &HeaderMap) -> Option<&[u8]> {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| {
        let (scheme, key) = value.as_bytes().split_at_checked(7)?;
        scheme.eq_ignore_ascii_case(b"bearer ").then_some(key)
    });
    bearer.or_else(|| headers.get("x-api-key").map(HeaderValue::as_bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOPBACK: &str = "127.0.0.1:7070";
    const PUBLIC: &str = "0.0.0.0:7070";

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    fn key(text: &str) -> Option<Key> {
        Some(Key::new("read", text).unwrap())
    }

    #[test]
    fn public_addresses_want_keys() {
        let public: SocketAddr = PUBLIC.parse().unwrap();
        let check = |access: Access| access.check(public).is_ok();
        assert!(!check(Access::default()));
        assert!(check(Access { no_keys: true, ..Access::default() }));
        assert!(check(Access { read_key: key("0123456789abcdef"), ..Access::default() }));
        assert!(!check(Access { no_keys: true, read_write: true, ..Access::default() }));
        assert!(Access::default().check(LOOPBACK.parse().unwrap()).is_ok());
        assert!(Key::new("read", "short").is_err());
    }

    #[test]
    fn keys_open_what_they_are_for() {
        let access = Access {
            read_key: key("read key of sixteen"),
            admin_key: key("admin key of sixteen"),
            ..Access::default()
        };
        let may = |pairs: &[(&'static str, &str)], right| {
            access.check_key(&headers(pairs), right).is_ok()
        };
        let read = [("authorization", "Bearer read key of sixteen")];
        let admin = [("x-api-key", "admin key of sixteen")];
        assert!(may(&read, Right::Read) && !may(&read, Right::Write));
        assert!(may(&admin, Right::Read) && may(&admin, Right::Write));
        assert!(!may(&[], Right::Read));
        assert!(!may(&[("x-api-key", "read key of sixteeN")], Right::Read));
        let open = Access::default();
        assert!(open.check_key(&headers(&[]), Right::Read).is_ok());
        assert!(open.check_key(&headers(&[]), Right::Write).is_err());
    }

    #[test]
    fn pages_of_others_reach_nothing() {
        let access = Access { origins: vec!["https://good.example".into()], ..Access::default() };
        let from = |pairs: &[(&'static str, &str)]| {
            access.check_origin(LOOPBACK.parse().unwrap(), &Method::GET, &headers(pairs)).is_ok()
        };
        assert!(from(&[("host", "localhost:7070")]));
        assert!(from(&[("host", "127.0.0.1:7070"), ("origin", "http://127.0.0.1:7070")]));
        assert!(from(&[("host", "localhost:7070"), ("origin", "https://good.example")]));
        assert!(!from(&[("host", "rebound.example:7070")]));
        assert!(!from(&[("host", "localhost:7070"), ("origin", "https://evil.example")]));
        assert!(!from(&[("host", "localhost:7070"), ("origin", "null")]));
        assert!(!from(&[("host", "localhost"), ("sec-fetch-site", "cross-site")]));
        let link = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")];
        assert!(from(&[&[("host", "localhost")][..], &link[..]].concat()));
        assert!(!from(&[]));
    }
}
