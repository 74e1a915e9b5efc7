//! What one check costs. Not a gate: run by hand, optimised.

use std::time::Instant;

use bartizan_core::identify::Principal;
use bartizan_core::limit::{Caller, Limits, limit_arrival};
use serde_json::json;

use crate::world::*;

fn nanoseconds(rounds: u32, mut work: impl FnMut()) -> u128 {
    let start = Instant::now();
    (0..rounds).for_each(|_| work());
    start.elapsed().as_nanos() / u128::from(rounds)
}

#[test]
#[ignore = "a measurement: cargo test --release -p bartizan-core --test identify cost -- --ignored --nocapture"]
fn cost_of_a_cached_token_a_fresh_token_and_a_limit() {
    let world = World::new();
    let hit = Request::bearer(good());
    let cached = nanoseconds(100_000, || assert_eq!(world.code(&hit), None));
    let fresh: Vec<Request> = (0..1_000)
        .map(|id| Request::bearer(with_claims(json!({"jti": format!("{id}")}))))
        .collect();
    let mut next = fresh.iter();
    let missed = nanoseconds(1_000, || assert_eq!(world.code(next.next().unwrap()), None));
    let form = json!([{"name": "a", "per": ["address"], "quota": {"kind": "rate", "count": 1_000_000, "window_ms": 1_000, "burst": 1_000_000}, "everywhere": true, "source": {"document": 0}}]);
    let limits = Limits::compile(&serde_json::from_value::<Vec<_>>(form).unwrap()).unwrap();
    let nobody = Principal::anonymous();
    let caller = Caller {
        address: "192.0.2.1".parse().unwrap(),
        principal: &nobody,
        operation: "GET /",
    };
    let counted = nanoseconds(100_000, || {
        assert!(
            limit_arrival(
                (&limits, &[0]),
                &world.live.limits,
                caller,
                STAMP,
                at(NOW_S)
            )
            .is_ok()
        );
    });
    println!("cached token {cached} ns, fresh ES256 token {missed} ns, one rate {counted} ns");
}
