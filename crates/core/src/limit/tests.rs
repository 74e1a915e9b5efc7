//! Limits against a plain reference model: seeded random traffic, eviction pressure, threads.
#![allow(
    clippy::arithmetic_side_effects,
    reason = "a test may overflow and fail"
)]

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::table::{Rate, Slots};
use super::*;
use crate::policy::form::SourceForm;
use crate::time::ExchangeId;

/// xorshift64*: chance with a seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % end
    }
}

/// The oracle: one theoretical arrival time a key, never evicted.
#[derive(Default)]
struct Model(BTreeMap<u64, u64>);

impl Model {
    fn admits(&mut self, key: u64, rate: Rate, now_us: u64) -> bool {
        let tat = self.0.entry(key).or_insert(0);
        if now_us + (rate.burst - 1) * rate.interval_us < *tat {
            return false;
        }
        *tat = now_us.max(*tat) + rate.interval_us;
        true
    }
}

/// Over every interval between two admissions of a key: at most `burst + t / interval`.
fn assert_bounded(admitted: &[u64], rate: Rate) {
    for (index, start) in admitted.iter().enumerate() {
        for (count, end) in (1_u64..).zip(&admitted[index..]) {
            let allowed = rate.burst + (end - start) / rate.interval_us;
            assert!(count <= allowed, "{count} in {} us, {rate:?}", end - start);
        }
    }
}

#[test]
fn a_roomy_table_decides_as_the_reference_model() {
    for seed in 1..=20 {
        let mut chance = Chance(seed);
        let rate = Rate {
            interval_us: 1 + chance.below(50_000),
            burst: 1 + chance.below(20),
        };
        let (slots, mut model) = (Slots::new(4_096), Model::default());
        let mut now_us = 0;
        for _ in 0..5_000 {
            now_us += chance.below(rate.interval_us);
            let key = (1 + chance.below(8)) << 20;
            assert_eq!(
                slots.take(key, rate, now_us).admitted,
                model.admits(key, rate, now_us)
            );
        }
    }
}

#[test]
fn no_key_gets_more_than_burst_and_rate_when_the_table_overflows() {
    for seed in 1..=20 {
        let mut chance = Chance(seed);
        let rate = Rate {
            interval_us: 100 + chance.below(1_000),
            burst: 1 + chance.below(5),
        };
        let slots = Slots::new(16);
        let mut admitted: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        let mut now_us = 0;
        for _ in 0..4_000 {
            now_us += chance.below(rate.interval_us / 8);
            let key = 1 + chance.below(200);
            if slots.take(key, rate, now_us).admitted {
                admitted.entry(key).or_default().push(now_us);
            }
        }
        assert!(admitted.len() > 50, "the pressure was real");
        admitted
            .values()
            .for_each(|times| assert_bounded(times, rate));
    }
}

#[test]
fn a_full_table_admits_at_most_one_burst_besides_its_slots() {
    let rate = Rate {
        interval_us: 1_000_000,
        burst: 1,
    };
    let slots = Slots::new(16);
    let admitted = (1..=1_000)
        .filter(|key| slots.take(*key, rate, 10).admitted)
        .count();
    assert_eq!(admitted, 17);
}

#[test]
fn an_attacker_with_many_keys_does_not_free_the_slot_of_another() {
    let rate = Rate {
        interval_us: 1_000_000,
        burst: 2,
    };
    let slots = Slots::new(16);
    let victim = 42;
    assert!(slots.take(victim, rate, 10).admitted && slots.take(victim, rate, 10).admitted);
    for key in 1_000..3_000 {
        slots.take(key, rate, 20);
        assert!(!slots.take(victim, rate, 20).admitted);
    }
}

#[test]
fn a_refilled_slot_serves_another_key() {
    let rate = Rate {
        interval_us: 1_000,
        burst: 1,
    };
    let slots = Slots::new(16);
    for round in 0..50_u64 {
        let now_us = 10 + round * 2_000;
        let fresh = (0..16).filter(|key| slots.take(1 + round * 16 + key, rate, now_us).admitted);
        assert_eq!(fresh.count(), 16);
    }
}

#[test]
fn a_clock_that_goes_back_never_loosens() {
    let rate = Rate {
        interval_us: 1_000,
        burst: 1,
    };
    let slots = Slots::new(16);
    assert!(slots.take(1, rate, 5_000).admitted);
    for now_us in (0..5_000).rev().step_by(100) {
        assert!(!slots.take(1, rate, now_us).admitted);
    }
}

#[test]
#[allow(clippy::disallowed_methods, reason = "the race needs threads")]
fn threads_together_get_exactly_the_burst() {
    for round in 0..20 {
        let rate = Rate {
            interval_us: 1 << 30,
            burst: 100,
        };
        let slots = Slots::new(64);
        let admitted = std::thread::scope(|scope| {
            let work = |_| {
                scope.spawn(|| {
                    (0..200)
                        .filter(|_| slots.take(7, rate, round).admitted)
                        .count()
                })
            };
            let threads: Vec<_> = (0..4).map(work).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .sum::<usize>()
        });
        assert_eq!(admitted, 100);
    }
}

#[test]
fn threads_under_eviction_pressure_stay_within_the_bound() {
    let rate = Rate {
        interval_us: 500,
        burst: 3,
    };
    let slots = Slots::new(16);
    let run = |seed: u64| {
        let mut chance = Chance(seed);
        let mut admitted = BTreeMap::new();
        for step in 0..6_000_u64 {
            let key = 1 + chance.below(40);
            if slots.take(key, rate, step * 10).admitted {
                *admitted.entry(key).or_insert(0_u64) += 1;
            }
        }
        admitted
    };
    let totals = std::thread::scope(|scope| {
        let threads: Vec<_> = (1..=4).map(|seed| scope.spawn(move || run(seed))).collect();
        let mut totals: BTreeMap<u64, u64> = BTreeMap::new();
        for thread in threads {
            thread
                .join()
                .unwrap()
                .into_iter()
                .for_each(|(key, count)| *totals.entry(key).or_default() += count);
        }
        totals
    });
    let most = rate.burst + 6_000 * 10 / rate.interval_us;
    assert!(
        totals.values().all(|count| *count <= most),
        "{totals:?} > {most}"
    );
}

#[test]
fn a_million_principals_take_the_memory_that_was_configured() {
    let table = LimitTable::new(2_000_000, [1; 16]);
    assert_eq!(table.memory_bytes(), 33_000_000);
    let rate = Rate {
        interval_us: 60_000_000,
        burst: 1,
    };
    let spread = |number: u64| {
        let mut hash = KeyedHash::new([2; 16]);
        hash.number(number);
        hash.finish()
    };
    let held = (0..500_000)
        .filter(|number| table.principals.take(spread(*number), rate, 5).admitted)
        .count();
    assert!(
        held > 499_500,
        "{held} of 500,000 found a slot at half load"
    );
}

fn form(name: &str, per: &[LimitKey], quota: QuotaForm) -> LimitForm {
    LimitForm {
        name: name.to_owned(),
        per: per.to_vec(),
        quota,
        everywhere: false,
        source: SourceForm::default(),
    }
}

fn rate_form(count: u32, window_ms: u64, burst: u32) -> QuotaForm {
    QuotaForm::Rate {
        count,
        window_ms,
        burst,
    }
}

const STAMP: Stamp = Stamp {
    exchange: ExchangeId(1),
    policy: [0; 32],
};

struct Play {
    limits: Limits,
    table: LimitTable,
}

impl Play {
    fn of(forms: &[LimitForm]) -> Self {
        Play {
            limits: Limits::compile(forms).unwrap(),
            table: LimitTable::new(1_024, [3; 16]),
        }
    }

    fn ask(
        &self,
        address: &str,
        principal: &Principal,
        operation: &str,
        now_s: u64,
    ) -> Result<Limited, Exceeded> {
        let which: Vec<u16> = (0..u16::try_from(self.limits.entries.len()).unwrap()).collect();
        let address: IpAddr = address.parse().unwrap();
        let now = Now {
            unix_ms: now_s * 1_000,
            mono_us: now_s * 1_000_000,
        };
        let nobody = Principal::anonymous();
        let early = Caller {
            address,
            principal: &nobody,
            operation,
        };
        let arrived = limit_arrival((&self.limits, &which), &self.table, early, STAMP, now)?;
        limit(
            arrived,
            (&self.limits, &which),
            &self.table,
            Caller { principal, ..early },
            now,
        )
    }
}

#[test]
fn a_rate_by_address_counts_each_ipv4_address_and_each_ipv6_network() {
    let play = Play::of(&[form("a", &[LimitKey::Address], rate_form(1, 60_000, 1))]);
    let nobody = Principal::anonymous();
    let ask = |address: &str| play.ask(address, &nobody, "GET /", 0).is_ok();
    assert!(ask("192.0.2.1") && ask("192.0.2.2") && ask("2001:db8::1") && ask("2001:db8:0:1::1"));
    for spent in [
        "192.0.2.1",
        "::ffff:192.0.2.1",
        "2001:db8::2",
        "2001:db8::ffff:1",
    ] {
        assert!(!ask(spent), "{spent}");
    }
}

#[test]
fn a_rate_by_principal_follows_the_principal_and_falls_back_to_the_address() {
    let play = Play::of(&[form("p", &[LimitKey::Principal], rate_form(1, 60_000, 1))]);
    let named = |name| Principal::token("main", name, Vec::new(), "");
    assert!(play.ask("192.0.2.1", &named("alice"), "GET /", 0).is_ok());
    assert!(play.ask("192.0.2.9", &named("alice"), "GET /", 0).is_err());
    assert!(play.ask("192.0.2.1", &named("bob"), "GET /", 0).is_ok());
    assert!(
        play.ask("192.0.2.1", &Principal::api_key("alice", &[]), "GET /", 0)
            .is_ok()
    );
    assert!(
        play.ask("192.0.2.1", &Principal::unverified("basic"), "GET /", 0)
            .is_ok()
    );
    assert!(
        play.ask("192.0.2.1", &Principal::anonymous(), "GET /", 0)
            .is_err()
    );
}

#[test]
fn a_combination_counts_each_pair() {
    let per = [LimitKey::Operation, LimitKey::Address];
    let play = Play::of(&[form("c", &per, rate_form(1, 60_000, 1))]);
    let nobody = Principal::anonymous();
    assert!(play.ask("192.0.2.1", &nobody, "POST /login", 0).is_ok());
    assert!(play.ask("192.0.2.1", &nobody, "GET /", 0).is_ok());
    assert!(play.ask("192.0.2.2", &nobody, "POST /login", 0).is_ok());
    assert!(play.ask("192.0.2.1", &nobody, "POST /login", 0).is_err());
}

#[test]
fn a_refusal_says_when_to_come_back_and_coming_back_then_works() {
    let play = Play::of(&[form("r", &[], rate_form(6, 60_000, 2))]);
    let nobody = Principal::anonymous();
    let first = play.ask("192.0.2.1", &nobody, "GET /", 0).unwrap();
    assert_eq!(
        (first.quotas()[0].remaining, first.quotas()[0].reset_s),
        (1, 10)
    );
    assert!(play.ask("192.0.2.1", &nobody, "GET /", 0).is_ok());
    let refused = play.ask("192.0.2.1", &nobody, "GET /", 0).unwrap_err();
    assert_eq!(refused.reasons[0].code, Code::LimitRate);
    assert_eq!(
        (refused.quotas[0].remaining, refused.quotas[0].reset_s),
        (0, 20)
    );
    assert_eq!(refused.retry_after_s, 10);
    assert!(play.ask("192.0.2.1", &nobody, "GET /", 9).is_err());
    assert!(play.ask("192.0.2.1", &nobody, "GET /", 10).is_ok());
}

#[test]
fn concurrency_ends_with_the_proof_that_holds_it() {
    let play = Play::of(&[form(
        "c",
        &[LimitKey::Principal],
        QuotaForm::Concurrency { count: 1 },
    )]);
    let alice = Principal::token("main", "alice", Vec::new(), "");
    let under_way = play.ask("192.0.2.1", &alice, "GET /", 0).unwrap();
    let refused = play.ask("192.0.2.2", &alice, "GET /", 0).unwrap_err();
    assert_eq!(refused.reasons[0].code, Code::LimitConcurrency);
    let (permits, _) = under_way.into_permits();
    assert!(play.ask("192.0.2.2", &alice, "GET /", 0).is_err());
    drop(permits);
    assert!(play.ask("192.0.2.2", &alice, "GET /", 0).is_ok());
}

#[test]
fn limits_that_cannot_be_held_are_refused() {
    for quota in [
        rate_form(0, 1_000, 1),
        rate_form(1, 0, 1),
        rate_form(1, 1_000, 0),
        rate_form(1, u64::MAX, 1),
        QuotaForm::Concurrency { count: 0 },
    ] {
        assert!(
            Limits::compile(&[form("x", &[], quota)]).is_err(),
            "{quota:?}"
        );
    }
    assert!(Limits::compile(&[form("x", &[], rate_form(1, 86_400_000, 1))]).is_ok());
}
