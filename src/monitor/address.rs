//! Where polling may lead: addresses of instances, hosts that need consent, and
//! addresses that are never asked.
//!
//! Link-local and metadata addresses hand out a machine's credentials to whoever asks
//! from inside, so a name that leads there is refused after it was looked up.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// Why an address cannot be polled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It cannot be understood.
    #[error("it is no address such as http://127.0.0.1:8080 ({0})")]
    Syntax(String),
    /// Its scheme is none that can be polled.
    #[error(
        "only http:// and https:// can be polled, and a target's grpc:// and grpcs://, not {0}://"
    )]
    Scheme(String),
    /// A gRPC server is asked for something other than its health.
    #[error(
        "a gRPC server is asked for its health alone; write {0} as a whole address, \
         such as http://127.0.0.1:8080/metrics"
    )]
    GrpcPath(String),
    /// A password stands in it.
    #[error("it holds a user name or password; name an environment variable as credential instead")]
    Password,
}

/// Reads the start of an instance's address; `host:port` alone means HTTP.
pub(super) fn parse_address(text: &str) -> Result<Url, AddressError> {
    let text = text.trim();
    let full = if text.contains("://") {
        text.to_owned()
    } else {
        format!("http://{text}")
    };
    let url = Url::parse(&full).map_err(|error| AddressError::Syntax(error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(AddressError::Scheme(url.scheme().to_owned()));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(AddressError::Syntax("it names no host".to_owned()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(AddressError::Password);
    }
    Ok(url)
}

/// Reads the address of a gRPC server as that of the HTTP/2 below it; `None` if its scheme
/// is neither `grpc` nor `grpcs`. Without a port it is 80 or 443, as for HTTP.
pub(super) fn parse_grpc(text: &str) -> Option<Result<Url, AddressError>> {
    let (scheme, rest) = text.trim().split_once("://")?;
    let below = match scheme.to_ascii_lowercase().as_str() {
        "grpc" => "http",
        "grpcs" => "https",
        _ => return None,
    };
    Some(parse_address(&format!("{below}://{rest}")))
}

/// Reads the start of an instance's address, whichever protocol is spoken there.
pub(super) fn parse_target(text: &str) -> Result<Url, AddressError> {
    parse_grpc(text).unwrap_or_else(|| parse_address(text))
}

/// The address of a path of an instance; a path that is a whole address stands for itself.
pub(super) fn join(base: &Url, path: &str) -> Result<Url, AddressError> {
    if path.contains("://") {
        return parse_address(path);
    }
    let start = base.as_str().split(['?', '#']).next().unwrap_or_default();
    let path = path.trim_start_matches('/');
    parse_address(&format!("{}/{path}", start.trim_end_matches('/')))
}

/// The host of an address, as consent names it.
pub(super) fn host_of(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_ascii_lowercase()
}

/// Whether an address leads to this machine, so that no consent is needed.
pub(super) fn is_loopback(url: &Url) -> bool {
    match literal(url) {
        Some(ip) => plain(ip).is_loopback(),
        None => url.host_str().is_some_and(is_local_name),
    }
}

/// The address that stands in a URL itself, so that it is not looked up.
pub(super) fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(ip) => Some(ip.into()),
        Host::Ipv6(ip) => Some(ip.into()),
        Host::Domain(_) => None,
    }
}

/// Whether a name stands for this machine, whatever a name server says.
pub(super) fn is_local_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

/// Whether an address is never asked: link-local, cloud metadata, multicast, none at all.
pub(super) fn is_forbidden(ip: IpAddr) -> bool {
    // Oracle's and Alibaba's metadata service, and Azure's virtual host.
    const METADATA: [Ipv4Addr; 3] = [
        Ipv4Addr::new(192, 0, 0, 192),
        Ipv4Addr::new(100, 100, 100, 200),
        Ipv4Addr::new(168, 63, 129, 16),
    ];
    // Amazon's metadata service.
    const METADATA_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);
    match plain(ip) {
        IpAddr::V4(ip) => {
            let is_nowhere = ip.is_unspecified() || ip.is_broadcast() || ip.is_multicast();
            ip.is_link_local() || is_nowhere || METADATA.contains(&ip)
        }
        IpAddr::V6(ip) => {
            let is_nowhere = ip.is_unspecified() || ip.is_multicast();
            ip.is_unicast_link_local() || is_nowhere || ip == METADATA_V6
        }
    }
}

/// Whether a name is one of a metadata service, wherever it leads.
pub(super) fn is_forbidden_name(name: &str) -> bool {
    const NAMES: [&str; 3] = ["metadata.google.internal", "metadata.goog", "instance-data"];
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    NAMES.contains(&name.as_str()) || name.starts_with("instance-data.")
}

/// An IPv4 address in IPv6 clothes, undressed: mapped, or through the common NAT64 prefix.
pub(super) fn plain(ip: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = ip else { return ip };
    if let Some(v4) = v6.to_ipv4_mapped() {
        return IpAddr::V4(v4);
    }
    let segments = v6.segments();
    if segments[..6] == [0x64, 0xff9b, 0, 0, 0, 0] {
        let [a, b] = segments[6].to_be_bytes();
        let [c, d] = segments[7].to_be_bytes();
        return IpAddr::V4(Ipv4Addr::new(a, b, c, d));
    }
    ip
}

#[cfg(test)]
mod tests {
    use super::{
        AddressError, host_of, is_forbidden, is_forbidden_name, is_loopback, join, literal,
        parse_address, parse_target,
    };

    #[test]
    fn an_address_with_a_path_keeps_it() {
        let joined = |base: &str, path: &str| {
            let base = parse_address(base).unwrap();
            join(&base, path).unwrap().to_string()
        };
        assert_eq!(
            joined("127.0.0.1:7101", "/health"),
            "http://127.0.0.1:7101/health"
        );
        assert_eq!(
            joined("https://a.test/app/", "health"),
            "https://a.test/app/health"
        );
        assert_eq!(
            joined("http://a.test/x?y#z", "/h?b=1"),
            "http://a.test/x/h?b=1"
        );
        assert_eq!(
            joined("http://a.test", "http://b.test:9901/m"),
            "http://b.test:9901/m"
        );
    }

    #[test]
    fn an_address_that_cannot_be_polled_is_refused_with_a_reason() {
        let refused = |text: &str| parse_address(text).unwrap_err();
        assert_eq!(
            refused("ftp://a.test"),
            AddressError::Scheme("ftp".to_owned())
        );
        assert_eq!(refused("http://u:p@a.test"), AddressError::Password);
        assert!(matches!(refused("http://"), AddressError::Syntax(_)));
        assert!(matches!(refused(""), AddressError::Syntax(_)));
    }

    #[test]
    fn a_grpc_server_is_judged_by_the_address_below_it() {
        let url = |text: &str| parse_target(text).unwrap();
        assert_eq!(
            url("GRPC://127.0.0.1:50051").as_str(),
            "http://127.0.0.1:50051/"
        );
        assert_eq!(url("grpcs://a.test/x.Y").as_str(), "https://a.test/x.Y");
        assert!(is_loopback(&url("grpc://[::1]:1")) && !is_loopback(&url("grpc://10.0.0.1:1")));
        let metadata = literal(&url("grpc://169.254.169.254:80"));
        assert!(metadata.is_some_and(is_forbidden));
        let refused = |text: &str| parse_target(text).unwrap_err();
        assert_eq!(refused("grpc://u:p@a.test"), AddressError::Password);
        assert_eq!(
            refused("unix:///run/a.sock"),
            AddressError::Scheme("unix".to_owned())
        );
        assert_eq!(
            parse_address("grpc://a.test"),
            Err(AddressError::Scheme("grpc".to_owned()))
        );
    }

    #[test]
    fn only_this_machine_needs_no_consent() {
        let local = |text: &str| is_loopback(&parse_address(text).unwrap());
        assert!(local("localhost:80") && local("http://api.localhost") && local("127.9.0.1"));
        assert!(local("http://[::1]:80") && local("http://[::ffff:127.0.0.1]"));
        assert!(!local("10.0.0.1") && !local("localhost.example.com"));
        assert_eq!(
            host_of(&parse_address("http://A.Test:80").unwrap()),
            "a.test"
        );
    }

    #[test]
    fn addresses_that_hand_out_credentials_are_never_asked() {
        let forbidden = |text: &str| is_forbidden(text.parse().unwrap());
        for ip in [
            "169.254.169.254",
            "fe80::1",
            "fd00:ec2::254",
            "::ffff:169.254.169.254",
        ] {
            assert!(forbidden(ip), "{ip}");
        }
        assert!(forbidden("64:ff9b::a9fe:a9fe") && forbidden("0.0.0.0") && forbidden("::"));
        assert!(is_forbidden_name("Metadata.Google.Internal."));
        assert!(!is_forbidden_name("metadata.example.com"));
        assert!(!forbidden("127.0.0.1") && !forbidden("10.0.0.1") && !forbidden("fd00::1"));
    }
}
