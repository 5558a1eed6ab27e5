//! What those that are asked share: the ways in which they are reached, and secrets.

use std::path::PathBuf;

use url::Url;

use crate::{
    monitor::{
        address::{host_of, parse_address},
        credential::Secrets,
        fetch::Way,
    },
    project::Tls,
};

/// What those that are asked share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// The ways in which they are reached.
    pub ways: Vec<Way>,
    /// Their secrets.
    pub secrets: Secrets,
}

impl Shared {
    /// The position of a way; those that are alike are one.
    pub(super) fn way(
        &mut self,
        base: Option<&Url>,
        tls: Option<&Tls>,
        proxy: &str,
        socket: Option<PathBuf>,
    ) -> usize {
        let is_renamed = tls.is_some_and(|it| !it.server_name.is_empty());
        let wanted = Way {
            tls: tls.cloned(),
            host: base.filter(|_| is_renamed).map(host_of).unwrap_or_default(),
            proxy: proxy.trim().to_owned(),
            only: None,
            socket,
            folder: PathBuf::new(),
        };
        if let Some(found) = self.ways.iter().position(|it| *it == wanted) {
            return found;
        }
        self.ways.push(wanted);
        self.ways.len() - 1
    }

    /// The proxies, which see what is asked; those that cannot be used are not asked.
    pub(super) fn proxies(&self) -> Vec<Url> {
        let proxies = self.ways.iter().filter(|it| !it.proxy.is_empty());
        proxies
            .filter_map(|it| parse_address(&it.proxy).ok())
            .collect()
    }
}

/// Whether the other side's certificate is not checked.
pub(super) fn is_insecure(tls: Option<&Tls>) -> bool {
    tls.is_some_and(|it| it.is_insecure)
}
