//! gRPC's own health check, `grpc.health.v1.Health/Check`: one service of a server by its
//! name, or the whole server where the name is empty.
//!
//! The words are those of grpc/grpc-proto, `grpc/health/v1/health.proto`; that a name is
//! not known is told by the status `NOT_FOUND`. Only `Check` is called: `Watch` is
//! implemented by few, and a check per interval costs one small message.

use std::time::Duration;

use tokio::time::{Instant, timeout};
use tonic::{Code, Request, Status};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};
use url::Url;

use super::{
    Health, Reach,
    fetch::{Failure, Fetcher, Secret, failure_of},
    format::{Reading, display_text},
    store::PathReading,
};

/// An answer is one number.
const MAX_MESSAGE_BYTES: usize = 4 * 1024;

/// Asks once how well a service of a server is; `limit` is for all of it. The address is
/// that of the HTTP/2 below.
pub(super) async fn check(
    fetcher: &Fetcher,
    url: &Url,
    service: &str,
    secret: Option<&Secret>,
    limit: Duration,
) -> Result<PathReading, Failure> {
    let calls = fetcher.health_calls(url, secret)?;
    let mut client = HealthClient::new(calls).max_decoding_message_size(MAX_MESSAGE_BYTES);
    let mut request = Request::new(HealthCheckRequest {
        service: service.to_owned(),
    });
    request.set_timeout(limit);
    let started = Instant::now();
    let answer = timeout(limit, client.check(request)).await.map_err(|_| {
        let limit = limit.as_millis();
        Failure::new(Reach::TimedOut, format!("no answer within {limit} ms"))
    })?;
    let reading = match answer {
        Ok(answer) => said(answer.into_inner().status()),
        Err(status) => match failure_of(&status, url) {
            Some(failure) => return Err(failure),
            None => refused(&status, service)?,
        },
    };
    Ok(PathReading {
        status: 200,
        latency_ms: started.elapsed().as_secs_f64() * 1000.0,
        retry_after_ms: None,
        reading,
    })
}

fn said(status: ServingStatus) -> Reading {
    let health = match status {
        ServingStatus::Serving => Health::Up,
        ServingStatus::NotServing => Health::Down,
        ServingStatus::Unknown | ServingStatus::ServiceUnknown => Health::Unknown,
    };
    reading(health, status.as_str_name())
}

/// What the server says instead of an answer.
fn refused(status: &Status, service: &str) -> Result<Reading, Failure> {
    let said = match status.message() {
        "" => format!("{:?}", status.code()),
        message => format!("{:?}: {message}", status.code()),
    };
    let failure = |reach, message: &str| Err(Failure::new(reach, message));
    match status.code() {
        Code::NotFound => {
            let unknown = format!("the server knows no service {service:?}");
            failure(Reach::NotFound, &unknown)
        }
        Code::Unimplemented => {
            let lacking = "the server has no health check (grpc.health.v1.Health)";
            failure(Reach::NotFound, lacking)
        }
        Code::Unauthenticated | Code::PermissionDenied => failure(Reach::AuthDenied, &said),
        Code::DeadlineExceeded => failure(Reach::TimedOut, &said),
        Code::Cancelled => failure(Reach::Reset, &said),
        // So our own side refuses a message that is too long.
        Code::OutOfRange => failure(Reach::TooLarge, &said),
        Code::ResourceExhausted => Ok(reading(Health::Degraded, &said)),
        Code::Unavailable | Code::Internal | Code::Unknown | Code::Aborted | Code::DataLoss => {
            Ok(reading(Health::Down, &said))
        }
        Code::Ok | Code::InvalidArgument | Code::FailedPrecondition | Code::AlreadyExists => {
            failure(Reach::Unparseable, &said)
        }
    }
}

fn reading(health: Health, raw: &str) -> Reading {
    Reading {
        format: "grpc-health",
        title: "gRPC health",
        health: Some(health),
        is_explicit: true,
        reach: Reach::Ok,
        raw: display_text(raw),
        checks: Vec::new(),
        breakers: Vec::new(),
        observation: None,
        note: None,
    }
}

#[cfg(test)]
mod tests;
