//! Random histories of releases, corrections, withdrawals, embargoes, partial updates and deletions, held against an
//! oracle that keeps everything in memory; and two worlds, one with a release under embargo and one without it, of
//! which no public caller can say which is which.
//!
//! `REGTRADE_HISTORIES` runs more of them (or fewer), `REGTRADE_SEED` begins with another one.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "model/check.rs"]
mod check;
#[path = "model/history.rs"]
mod history;
#[path = "model/oracle.rs"]
mod oracle;
#[path = "model/public.rs"]
mod public;
#[path = "support/in_process.rs"]
mod services;
#[path = "model/two_worlds.rs"]
mod two_worlds;
#[path = "model/world.rs"]
mod world;

use std::sync::atomic::{AtomicU64, Ordering};

use history::beginning;
use services::Services;
use world::World;

/// Histories over a store in memory; continuous integration runs ten times as many.
const HISTORIES: u64 = 500;

/// Of fifty histories one goes through a gateway.
const THROUGH_A_GATEWAY: u64 = 50;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

fn seeds(share: u64) -> std::ops::Range<u64> {
    let first = setting("REGTRADE_SEED", 1);
    first..first + setting("REGTRADE_HISTORIES", HISTORIES).div_ceil(share)
}

/// Runs a check for every seed, on two threads.
fn for_each_seed(share: u64, check: impl Fn(&tokio::runtime::Runtime, u64) + Sync) {
    let seeds = seeds(share);
    let next = AtomicU64::new(seeds.start);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .unwrap();
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        return;
                    }
                    check(&runtime, seed);
                }
            });
        }
    });
}

#[test]
fn every_answer_is_the_one_of_the_oracle() {
    for_each_seed(1, |runtime, seed| {
        runtime.block_on(check::run(World::direct(beginning()), seed));
    });
}

#[test]
fn every_answer_through_a_gateway_is_the_one_of_the_oracle() {
    for_each_seed(THROUGH_A_GATEWAY, |runtime, seed| {
        runtime.block_on(async {
            let services = Services::start(beginning()).await;
            check::run(World::Gateway(services), seed).await;
        });
    });
}

#[test]
fn a_public_caller_cannot_tell_a_world_with_an_embargo_from_one_without() {
    for_each_seed(1, |runtime, seed| {
        let worlds = [World::direct(beginning()), World::direct(beginning())];
        runtime.block_on(two_worlds::run(worlds, seed));
    });
}

#[test]
fn a_public_caller_of_a_gateway_cannot_tell_a_world_with_an_embargo_from_one_without() {
    for_each_seed(THROUGH_A_GATEWAY, |runtime, seed| {
        runtime.block_on(async {
            let worlds = [
                World::Gateway(Services::start(beginning()).await),
                World::Gateway(Services::start(beginning()).await),
            ];
            two_worlds::run(worlds, seed).await;
        });
    });
}
