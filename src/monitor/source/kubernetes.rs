//! Kubernetes' API: pods, deployments and endpoint slices.
//!
//! Without an address the current context of the kubeconfig says which API server is
//! asked and as whom, or inside a cluster the pod's own service account; that needs the
//! feature `kubernetes`. With one, such as that of `kubectl proxy`, every build asks it.
//! The API server's host needs a person's consent like any other, so it is found when
//! polling is planned, and nobody else is asked later.
//!
//! `namespace` empty means the context's own, or `default`; `*` means all. Lists are
//! asked for by GET, page by page; who asks needs the verb `list` on `pods`, and should
//! have it on `deployments` and `endpointslices`.

#[cfg(feature = "kubernetes")]
mod client;
mod judge;
mod objects;

use std::time::Duration;

use serde::de::DeserializeOwned;
use url::{Url, form_urlencoded::byte_serialize};

use super::{Address, Ask, Asked, Feed, Kind};
use crate::monitor::{Reach, fetch::Failure, observation::MAX_ENTRIES};

use judge::Objects;
use objects::List;

pub(super) const KIND: Kind = Kind {
    id: "kubernetes",
    title: "Kubernetes",
    tells: "every pod: whether it is ready, why not and how often it restarted; pods that \
            are missing",
    tested_against: "answers written after the API's reference",
    default_interval: Duration::from_secs(10),
    rank: 10,
    fall: 1,
    address: Address::Found(server),
    start: || Box::new(Kubernetes::default()),
};

/// Pods of a page: some kilobytes each.
const PAGE: usize = 250;

#[derive(Default)]
struct Kubernetes {
    #[cfg(feature = "kubernetes")]
    client: Option<client::Client>,
}

impl Ask for Kubernetes {
    fn ask<'a>(&'a mut self, feed: &'a Feed) -> Asked<'a> {
        Box::pin(async {
            let asked = self.objects(feed).await;
            #[cfg(feature = "kubernetes")]
            if asked.is_err() {
                // Certificates and tokens change; they are read anew.
                self.client = None;
            }
            let (objects, note) = asked?;
            let naming = &feed.plan().naming;
            let is_known = |it: &str| naming.service(it).is_some();
            let mut told = judge::observe(&objects, &is_known);
            told.note = note;
            Ok(told)
        })
    }
}

impl Kubernetes {
    /// What there is, and a note on what may not be seen.
    async fn objects(&mut self, feed: &Feed) -> Result<(Objects, Option<String>), Failure> {
        let namespace = self.namespace(feed).await?;
        let pods = self.list(feed, &path("api/v1", &namespace, "pods")).await?;
        let mut notes = Vec::new();
        let deployments = path("apis/apps/v1", &namespace, "deployments");
        let deployments = self.list(feed, &deployments).await;
        let slices = path("apis/discovery.k8s.io/v1", &namespace, "endpointslices");
        let slices = self.list(feed, &slices).await;
        let objects = Objects {
            pods,
            deployments: unless_hidden(deployments, "deployments", &mut notes)?,
            slices: unless_hidden(slices, "endpointslices", &mut notes)?,
            is_wide: namespace.is_empty(),
        };
        let is_empty = objects.pods.is_empty() && objects.deployments.is_empty();
        if is_empty && notes.is_empty() {
            notes.push(match namespace.as_str() {
                "" => "there are no pods".to_owned(),
                namespace => format!("there are no pods in the namespace {namespace}"),
            });
        }
        let note = (!notes.is_empty()).then(|| notes.join("; "));
        Ok((objects, note))
    }

    /// The namespace that is asked about; empty for all of them.
    #[cfg_attr(
        not(feature = "kubernetes"),
        expect(clippy::unused_async, reason = "only a kubeconfig is waited for")
    )]
    async fn namespace(&mut self, feed: &Feed) -> Result<String, Failure> {
        let said = feed.source().namespace.trim();
        match said {
            "*" => return Ok(String::new()),
            "" => {}
            said => return checked(said),
        }
        #[cfg(feature = "kubernetes")]
        if feed.source().address.is_empty() {
            let namespace = self.client(feed).await?.namespace().to_owned();
            return checked(&namespace);
        }
        Ok("default".to_owned())
    }

    /// Every object of a list, page by page.
    async fn list<T: DeserializeOwned>(
        &mut self,
        feed: &Feed,
        path: &str,
    ) -> Result<Vec<T>, Failure> {
        let mut all = Vec::new();
        let mut next = String::new();
        while all.len() < MAX_ENTRIES {
            let from: String = byte_serialize(next.as_bytes()).collect();
            let question = match from.as_str() {
                "" => format!("/{path}?limit={PAGE}"),
                from => format!("/{path}?limit={PAGE}&continue={from}"),
            };
            let body = self.get(feed, &question).await?;
            let list: List<T> = serde_json::from_slice(&body).map_err(|error| {
                let message = format!("the answer at /{path} is no list of Kubernetes': {error}");
                Failure::new(Reach::Unparseable, message)
            })?;
            let objects = list.items.unwrap_or_default();
            let is_last = list.metadata.next.is_empty() || objects.is_empty();
            all.extend(objects);
            if is_last {
                break;
            }
            next = list.metadata.next;
        }
        Ok(all)
    }

    async fn get(&mut self, feed: &Feed, question: &str) -> Result<Vec<u8>, Failure> {
        let source = feed.source();
        if !source.address.is_empty() {
            return Ok(feed.get_ok(question, source.timeout).await?.body);
        }
        #[cfg(feature = "kubernetes")]
        return self.client(feed).await?.get(question, source.timeout).await;
        #[cfg(not(feature = "kubernetes"))]
        Err(Failure::new(Reach::Blocked, NOT_BUILT))
    }

    #[cfg(feature = "kubernetes")]
    async fn client(&mut self, feed: &Feed) -> Result<&client::Client, Failure> {
        let client = match self.client.take() {
            Some(known) => known,
            None => client::Client::new(feed.source()).await?,
        };
        Ok(self.client.insert(client))
    }
}

/// What a build without the feature says.
#[cfg(not(feature = "kubernetes"))]
const NOT_BUILT: &str = "this build does not have the Kubernetes source; build with \
    --features kubernetes, or give the address of kubectl proxy";

/// The API server that would be asked without an address.
#[cfg(not(feature = "kubernetes"))]
fn server() -> Result<Url, String> {
    Err(NOT_BUILT.to_owned())
}

/// The API server that would be asked without an address.
#[cfg(feature = "kubernetes")]
fn server() -> Result<Url, String> {
    client::server()
}

/// `apis/apps/v1/namespaces/shop/deployments`, or without a namespace those of all.
fn path(group: &str, namespace: &str, kind: &str) -> String {
    match namespace {
        "" => format!("{group}/{kind}"),
        namespace => format!("{group}/namespaces/{namespace}/{kind}"),
    }
}

/// A name that can be a namespace's, so that it does not lead elsewhere in a path.
fn checked(namespace: &str) -> Result<String, Failure> {
    let is_plain = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-';
    if namespace.len() <= 63 && namespace.bytes().all(is_plain) {
        return Ok(namespace.to_owned());
    }
    let message = format!("{namespace:?} cannot be the name of a namespace");
    Err(Failure::new(Reach::Blocked, message))
}

/// What may not be seen is noted, and everything else shown.
fn unless_hidden<T>(
    listed: Result<Vec<T>, Failure>,
    what: &str,
    notes: &mut Vec<String>,
) -> Result<Vec<T>, Failure> {
    match listed {
        Err(it) if matches!(it.reach, Reach::AuthDenied | Reach::NotFound) => {
            notes.push(format!("{what} may not be listed"));
            Ok(Vec::new())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests;
