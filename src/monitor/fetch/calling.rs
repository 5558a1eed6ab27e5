//! What carries a gRPC health check: HTTP/2 over the client that fetches everything else,
//! so that the same names are looked up in the same way, the same addresses are refused
//! and the same certificates are trusted.

use std::{
    error::Error,
    future::poll_fn,
    pin::pin,
    task::{Context, Poll},
};

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap};
use tonic::{
    Status,
    body::Body,
    codegen::{
        Body as _, BoxFuture, Service,
        http::{Request, Response},
    },
};
use url::Url;

use super::{Broken, Failure, Fetcher, Secret, Way, check_literal, client::Speaks};
use crate::monitor::Reach;

/// The only path that is ever called.
const CHECK: &str = "/grpc.health.v1.Health/Check";

/// A question is a service's name and no more.
const MAX_QUESTION_BYTES: usize = 64 * 1024;

/// Calls the health check of one server, and nothing else of it.
#[derive(Debug, Clone)]
pub(in crate::monitor) struct HealthCalls {
    client: reqwest::Client,
    way: Way,
    /// The server's address with the path of the check.
    url: Url,
    secret: Option<Secret>,
}

impl Fetcher {
    /// What calls the health check of a server; its address is that of HTTP below it.
    pub(in crate::monitor) fn health_calls(
        &self,
        server: &Url,
        secret: Option<&Secret>,
    ) -> Result<HealthCalls, Failure> {
        check_literal(server)?;
        let made = || self.way.client(Speaks::Grpc);
        let client = self.calling.get_or_init(made).as_ref();
        let client = client.map_err(Clone::clone)?;
        let mut url = self.way.named(server).into_owned();
        url.set_path(CHECK);
        url.set_query(None);
        url.set_fragment(None);
        Ok(HealthCalls {
            client: client.clone(),
            way: self.way.clone(),
            url,
            secret: secret.cloned(),
        })
    }
}

impl Service<Request<Body>> for HealthCalls {
    type Response = Response<reqwest::Body>;
    type Error = Failure;
    type Future = BoxFuture<Self::Response, Failure>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let calls = self.clone();
        Box::pin(async move { calls.send(request).await })
    }
}

impl HealthCalls {
    async fn send(self, request: Request<Body>) -> Result<Response<reqwest::Body>, Failure> {
        let (head, body) = request.into_parts();
        let mut headers = head.headers;
        if let Some(secret) = &self.secret
            && let Ok(known) = secret.known().await
        {
            headers.insert(AUTHORIZATION, known.header());
        }
        let question = collected(body).await?;
        let sending = self.client.post(self.url.clone()).headers(headers);
        let answer = sending.body(question).send().await;
        let answer = answer.map_err(|it| Broken::new(&it, &self.way, &self.url).into_failure())?;
        refuse_others(answer.status().as_u16(), answer.headers())?;
        Ok(answer.into())
    }
}

async fn collected(body: Body) -> Result<Vec<u8>, Failure> {
    let wrong = |why: &str| Failure::new(Reach::Unparseable, why);
    let mut body = pin!(body);
    let mut whole = Vec::new();
    while let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
        let frame = frame.map_err(|error| wrong(error.message()))?;
        whole.extend_from_slice(&frame.into_data().unwrap_or_default());
        if whole.len() > MAX_QUESTION_BYTES {
            return Err(wrong("the name of the service is too long"));
        }
    }
    Ok(whole)
}

/// An answer that is no gRPC comes from something that stands before the server, or
/// instead of it; a gateway's 502, 503 and 504 are read as the server's own.
fn refuse_others(status: u16, headers: &HeaderMap) -> Result<(), Failure> {
    let content_type = headers.get(CONTENT_TYPE);
    let content_type = content_type.and_then(|it| it.to_str().ok()).unwrap_or("");
    if content_type.starts_with("application/grpc") {
        return Ok(());
    }
    let (reach, what) = match status {
        401 | 403 => (Reach::AuthDenied, "who asks is not allowed to"),
        404 => (Reach::NotFound, "there is no gRPC health check"),
        300..=399 => (Reach::Blocked, "redirects are not followed"),
        200..=299 => (Reach::Unparseable, "the answer is no gRPC"),
        _ => return Ok(()),
    };
    Err(Failure::new(reach, format!("HTTP {status}: {what}")))
}

/// Why a call failed before the server said anything; `None` if the server said it.
pub(in crate::monitor) fn failure_of(status: &Status, url: &Url) -> Option<Failure> {
    let way = Way::default();
    let mut cause = status.source();
    while let Some(it) = cause {
        if let Some(known) = it.downcast_ref::<Failure>() {
            return Some(known.clone());
        }
        if let Some(known) = it.downcast_ref::<reqwest::Error>() {
            return Some(Broken::new(known, &way, url).into_failure());
        }
        cause = it.source();
    }
    None
}
