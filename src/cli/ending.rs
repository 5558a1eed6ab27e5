//! When a command that goes on by itself ends.

use std::time::Duration;

/// Comes when the time is over, or when somebody presses Ctrl+C.
pub(super) async fn ending(seconds: Option<u64>) {
    let time_over = async {
        match seconds {
            Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = time_over => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
