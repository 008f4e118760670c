//! A process is told to end by a signal. Alone in its process, since the signal is for the whole of it.
#![cfg(unix)]

use std::process::Command;
use std::time::Duration;

use regtrade_service::shutdown;

#[tokio::test]
async fn both_ways_to_tell_a_process_to_end_are_heard() {
    for signal in ["-TERM", "-INT"] {
        let send = async {
            let process = std::process::id().to_string();
            let sent = Command::new("kill").args([signal, &process]).status();
            assert!(sent.unwrap().success());
        };
        // The first is polled first, so it listens before the signal is sent.
        let both = async { tokio::join!(biased; shutdown::signal(), send) };
        tokio::time::timeout(Duration::from_secs(20), both)
            .await
            .expect("the signal is not heard");
    }
}
