//! The API server of the kubeconfig, through the `kube` crate: it knows certificates,
//! tokens, and the programs that hand out tokens.

use std::{error::Error, io, time::Duration};

use futures_util::{AsyncReadExt as _, pin_mut};
use kube::{
    Config,
    api::{ListParams, Request},
    config::{Cluster, KubeConfigOptions, Kubeconfig},
};
use tokio::time::timeout;
use url::Url;

use crate::monitor::{
    Reach,
    address::{host_of, is_forbidden, literal, parse_address},
    fetch::Failure,
    plan::SourcePlan,
    source::MAX_SOURCE_BYTES,
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// A client of the API server that a person agreed to.
pub(super) struct Client(kube::Client);

impl Client {
    /// Reads the kubeconfig anew, and refuses another server than the planned one.
    pub(super) async fn new(source: &SourcePlan) -> Result<Self, Failure> {
        let planned = source.base.as_ref();
        let planned = planned.ok_or_else(|| {
            let reason = server().err();
            Failure::new(Reach::Blocked, reason.as_deref().unwrap_or("it has moved"))
        })?;
        if literal(planned).is_some_and(is_forbidden) {
            let message = format!(
                "{} is a link-local or metadata address, which is never asked",
                host_of(planned)
            );
            return Err(Failure::new(Reach::Blocked, message));
        }
        let mut config = config()
            .await
            .map_err(|it| Failure::new(Reach::Blocked, it))?;
        let now = parse_address(&config.cluster_url.to_string()).ok();
        let now = now.as_ref().map(host_of).unwrap_or_default();
        if now != host_of(planned) {
            let message = format!(
                "the current context leads to {now} now, which nobody has agreed to: start \
                 watching anew"
            );
            return Err(Failure::new(Reach::Blocked, message));
        }
        config.connect_timeout = Some(CONNECT_TIMEOUT);
        let client = kube::Client::try_from(config).map_err(|it| failure(&it))?;
        Ok(Self(client))
    }

    /// The namespace of the context.
    pub(super) fn namespace(&self) -> &str {
        self.0.default_namespace()
    }

    /// Asks for a path, with its query.
    pub(super) async fn get(&self, path: &str, limit: Duration) -> Result<Vec<u8>, Failure> {
        let asking = async {
            let unset = || Failure::new(Reach::Unparseable, "the question cannot be written");
            // The crate makes the request, which is then led to the page that is asked for.
            let request = Request::new("/").list(&ListParams::default());
            let mut request = request.map_err(|_| unset())?;
            *request.uri_mut() = path.parse().map_err(|_| unset())?;
            let body = self.0.request_stream(request).await;
            read(body.map_err(|it| failure(&it))?).await
        };
        match timeout(limit, asking).await {
            Ok(read) => read,
            Err(_) => Err(Failure::new(
                Reach::TimedOut,
                format!("no complete answer within {} ms", limit.as_millis()),
            )),
        }
    }
}

async fn read(body: impl futures_util::AsyncBufRead) -> Result<Vec<u8>, Failure> {
    pin_mut!(body);
    let mut whole = Vec::new();
    let mut limited = body.take(MAX_SOURCE_BYTES as u64 + 1);
    limited
        .read_to_end(&mut whole)
        .await
        .map_err(|it| Failure::new(Reach::Reset, format!("the answer broke off: {it}")))?;
    if whole.len() > MAX_SOURCE_BYTES {
        let message = "the answer is longer than 8 MiB, reading was stopped";
        return Err(Failure::new(Reach::TooLarge, message));
    }
    Ok(whole)
}

/// The API server of the current context, or of the cluster this runs in.
pub(super) fn server() -> Result<Url, String> {
    let found = match Kubeconfig::read() {
        Ok(file) => current(&file)?.server.clone().unwrap_or_default(),
        Err(error) => {
            let inside = Config::incluster();
            let inside = inside.map_err(|_| no_kubeconfig(&error))?;
            inside.cluster_url.to_string()
        }
    };
    parse_address(&found).map_err(|error| format!("the kubeconfig's server {found}: {error}"))
}

async fn config() -> Result<Config, String> {
    let file = match Kubeconfig::read() {
        Ok(file) => file,
        Err(error) => return Config::incluster().map_err(|_| no_kubeconfig(&error)),
    };
    let has_proxy = current(&file)?.proxy_url.is_some();
    let options = KubeConfigOptions::default();
    let config = Config::from_custom_kubeconfig(file, &options).await;
    let mut config = config.map_err(|it| format!("the kubeconfig cannot be used: {it}"))?;
    if has_proxy {
        return Err("the kubeconfig asks for a proxy, which is not supported".to_owned());
    }
    // The process's environment may name one too; it is used only when asked.
    config.proxy_url = None;
    Ok(config)
}

fn no_kubeconfig(error: &dyn Error) -> String {
    format!("there is no kubeconfig that can be read ({error}), and this is no pod")
}

/// The cluster of the current context.
fn current(file: &Kubeconfig) -> Result<&Cluster, String> {
    let name = file.current_context.as_deref().unwrap_or_default();
    let context = file.contexts.iter().find(|it| it.name == name);
    let context = context.and_then(|it| it.context.as_ref());
    let cluster = context.and_then(|context| {
        let clusters = &mut file.clusters.iter();
        clusters
            .find(|it| it.name == context.cluster)?
            .cluster
            .as_ref()
    });
    cluster.ok_or_else(|| match name {
        "" => "the kubeconfig has no current context".to_owned(),
        name => format!("the kubeconfig does not say where the context {name} leads"),
    })
}

/// Sorts an error of the client into our kinds, by what caused it.
fn failure(error: &kube::Error) -> Failure {
    if let kube::Error::Api(status) = error {
        let reach = match status.code {
            401 | 403 => Reach::AuthDenied,
            404 => Reach::NotFound,
            _ => Reach::Unparseable,
        };
        return Failure::new(reach, format!("HTTP {}: {}", status.code, status.message));
    }
    if matches!(error, kube::Error::Auth(_)) {
        return Failure::new(Reach::AuthDenied, error.to_string());
    }
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    let mut deepest = String::new();
    while let Some(it) = cause {
        let kind = it.downcast_ref::<io::Error>().map(io::Error::kind);
        match kind {
            Some(io::ErrorKind::ConnectionRefused) => {
                return Failure::new(Reach::Refused, Reach::Refused.label());
            }
            Some(io::ErrorKind::TimedOut) => return Failure::new(Reach::TimedOut, it.to_string()),
            Some(_) | None => {}
        }
        deepest = it.to_string();
        cause = it.source();
    }
    let is_tls = deepest.contains("certificate") || deepest.contains("TLS");
    let is_name = deepest.contains("lookup address");
    let reach = match (is_tls, is_name) {
        (true, _) => Reach::TlsFailed,
        (_, true) => Reach::NameUnknown,
        (false, false) => Reach::Reset,
    };
    Failure::new(reach, format!("{}: {deepest}", reach.label()))
}
