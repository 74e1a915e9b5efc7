//! limit: rates (GCRA) and concurrency, by address, Principal, Operation and their combinations.
//! Run twice: at arrival by what is known then, and again once the Principal is known.

mod concurrency;
mod fields;
mod siphash;
mod table;

use std::net::IpAddr;
use std::sync::Arc;

use crate::codes::Code;
use crate::decision::{Location, Place, Reason, Source};
use crate::identify::Principal;
use crate::identify::jwk::sha256;
use crate::policy::form::{LimitForm, LimitKey, QuotaForm};
use crate::stamp::Stamp;
use crate::time::Now;

pub use concurrency::Permit;
pub(crate) use fields::{write_policy, write_state};

use concurrency::Counters;
use fields::Items;
use siphash::KeyedHash;
use table::{Partition, Rate, Slots};

/// What limits have counted, shared by all workers: half of the slots for Principals, half for
/// addresses and all else. 16.5 bytes a slot, taken at once; a slot is used by one key of one limit
/// until it has refilled. Twice as many slots as keys leave 1 key in 1,000 to share an overflow.
pub struct LimitTable {
    slots: u32,
    seed: [u8; 16],
    addresses: Slots,
    principals: Slots,
    counters: Arc<Counters>,
}

impl std::fmt::Debug for LimitTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LimitTable")
            .field("slots", &self.slots)
            .finish_non_exhaustive()
    }
}

impl LimitTable {
    /// A table of `slots` slots. `seed`: 16 random bytes of this process, kept secret.
    #[must_use]
    pub fn new(slots: u32, seed: [u8; 16]) -> Self {
        let half = usize::try_from(slots / 2).unwrap_or(0);
        LimitTable {
            slots,
            seed,
            addresses: Slots::new(half),
            principals: Slots::new(half),
            counters: Arc::new(Counters::new()),
        }
    }

    /// The configured number of slots.
    #[must_use]
    pub fn slots(&self) -> u32 {
        self.slots
    }

    /// Memory of all slots, bytes.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.addresses
            .memory_bytes()
            .saturating_add(self.principals.memory_bytes())
    }

    fn partition(&self, partition: Partition) -> &Slots {
        match partition {
            Partition::Address => &self.addresses,
            Partition::Principal => &self.principals,
        }
    }
}

/// A limit that cannot be loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitFault {
    /// One sentence for the owner.
    pub message: String,
    /// Where it is configured.
    pub source: Source,
}

/// All limits of a Policy.
#[derive(Debug, Default)]
pub struct Limits {
    entries: Vec<Limit>,
}

#[derive(Debug)]
struct Limit {
    name: Box<str>,
    per: Vec<LimitKey>,
    quota: Kind,
    everywhere: bool,
    /// Of what it counts: the same limit of the next Policy goes on counting in the same slots.
    hash: u64,
    /// What responses say of a rate.
    items: Option<Items>,
    source: Source,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Rate {
        rate: Rate,
        count: u32,
        window_s: u64,
    },
    Concurrency {
        count: u32,
    },
}

/// Longest time from empty to full, microseconds (two years).
const REFILL_MAX_US: u64 = 2 * 366 * 24 * 3_600 * 1_000_000;

impl Limits {
    /// Compiles the limits. The interval between two requests is rounded up to whole microseconds,
    /// so rates above 10,000/s are held up to 1 % below what is written, never above.
    ///
    /// # Errors
    /// `LimitFault` for a count, window or burst of 0, and for a refill of more than two years.
    pub fn compile(forms: &[LimitForm]) -> Result<Self, LimitFault> {
        Ok(Limits {
            entries: forms.iter().map(Limit::compile).collect::<Result<_, _>>()?,
        })
    }

    /// Indices of the limits that apply to unknown paths too.
    pub fn everywhere(&self) -> impl Iterator<Item = u16> + '_ {
        (0..=u16::MAX)
            .zip(&self.entries)
            .filter(|(_, limit)| limit.everywhere)
            .map(|(index, _)| index)
    }

    fn items(&self, index: u16) -> Option<&Items> {
        self.entries.get(usize::from(index))?.items.as_ref()
    }
}

impl Limit {
    fn compile(form: &LimitForm) -> Result<Self, LimitFault> {
        let source = crate::policy::source(&form.source);
        let fault = |why: &str| LimitFault {
            message: format!("limit `{}` {why}", form.name),
            source: source.clone(),
        };
        let quota = match form.quota {
            QuotaForm::Concurrency { count: 0 } => return Err(fault("allows no request at all")),
            QuotaForm::Concurrency { count } => Kind::Concurrency { count },
            QuotaForm::Rate {
                count,
                window_ms,
                burst,
            } => {
                if count == 0 || window_ms == 0 || burst == 0 {
                    return Err(fault("has a count, window or burst of 0"));
                }
                let interval_us = window_ms.saturating_mul(1_000).div_ceil(u64::from(count));
                let rate = Rate {
                    interval_us,
                    burst: u64::from(burst),
                };
                if interval_us.saturating_mul(rate.burst) > REFILL_MAX_US {
                    return Err(fault("takes more than two years to refill"));
                }
                Kind::Rate {
                    rate,
                    count,
                    window_s: window_ms.div_ceil(1_000),
                }
            }
        };
        let mut per = form.per.clone();
        per.sort_unstable();
        per.dedup();
        let text = format!("{} {per:?} {:?}", form.name, form.quota);
        let hash = sha256(text.as_bytes())
            .iter()
            .take(8)
            .fold(0_u64, |hash, byte| (hash << 8) | u64::from(*byte));
        let items = match quota {
            Kind::Rate {
                count, window_s, ..
            } => Some(Items::new(&form.name, count, window_s)),
            Kind::Concurrency { .. } => None,
        };
        Ok(Limit {
            name: form.name.as_str().into(),
            items,
            per,
            quota,
            everywhere: form.everywhere,
            hash,
            source,
        })
    }

    fn counts_by(&self, key: LimitKey) -> bool {
        self.per.contains(&key)
    }
}

/// State of one rate after this Request, for the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Index of the limit in its Policy.
    pub limit: u16,
    /// Requests that would still be admitted at once.
    pub remaining: u64,
    /// Seconds until the quota is whole again.
    pub reset_s: u64,
}

/// Who asks, as far as limits count by it.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    /// Address of the client, behind trusted proxies.
    pub address: IpAddr,
    /// Who asks; anonymous at arrival.
    pub principal: &'a Principal,
    /// Id of the Operation; empty for unknown paths.
    pub operation: &'a str,
}

/// Proof that the limits of the arrival were counted; needed for `limit`.
#[must_use]
#[derive(Debug)]
pub struct Arrived {
    stamp: Stamp,
    counted: Counted,
}

/// Proof that every limit of the Operation was counted. It holds the places of concurrency limits,
/// which are given back when it, or what `into_permits` gave, is dropped.
#[must_use]
#[derive(Debug)]
pub struct Limited {
    stamp: Stamp,
    counted: Counted,
}

#[derive(Debug, Default)]
struct Counted {
    quotas: Vec<Quota>,
    permits: Vec<Permit>,
}

/// A limit is used up.
#[derive(Debug)]
pub struct Exceeded {
    /// One reason for each limit that is used up.
    pub reasons: Vec<Reason>,
    /// State of the rates counted.
    pub quotas: Vec<Quota>,
    /// Seconds for `Retry-After`, at least 1.
    pub retry_after_s: u64,
}

impl Arrived {
    /// The proof for an Operation whose `limit` stands in shadow.
    pub(crate) fn shadowed(stamp: Stamp) -> Self {
        Arrived {
            stamp,
            counted: Counted::default(),
        }
    }
}

impl Limited {
    /// The proof for an Operation whose `limit` stands in shadow.
    pub(crate) fn shadowed(stamp: Stamp) -> Self {
        Limited {
            stamp,
            counted: Counted::default(),
        }
    }

    /// Of which Exchange and Policy.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        self.stamp
    }

    /// State of the rates counted.
    #[must_use]
    pub fn quotas(&self) -> &[Quota] {
        &self.counted.quotas
    }

    /// The places to hold until the Exchange closes, with the state of the rates.
    #[must_use]
    pub fn into_permits(self) -> (Vec<Permit>, Vec<Quota>) {
        (self.counted.permits, self.counted.quotas)
    }
}

/// Counts the limits that do not depend on the Principal. `which`: indices of the Operation's
/// limits. Cost: a keyed hash and one exchange of a slot for each limit.
///
/// # Errors
/// `Exceeded` with `limit.rate` or `limit.concurrency`. What other limits counted stays counted.
pub fn limit_arrival(
    (limits, which): (&Limits, &[u16]),
    table: &LimitTable,
    caller: Caller<'_>,
    stamp: Stamp,
    now: Now,
) -> Result<Arrived, Exceeded> {
    let counted = count(limits, which, table, caller, now, false)?;
    Ok(Arrived { stamp, counted })
}

/// After `identify`: counts the limits by Principal (by address where none is proven).
///
/// # Errors
/// As `limit_arrival`.
pub fn limit(
    arrived: Arrived,
    (limits, which): (&Limits, &[u16]),
    table: &LimitTable,
    caller: Caller<'_>,
    now: Now,
) -> Result<Limited, Exceeded> {
    let mut counted = arrived.counted;
    match count(limits, which, table, caller, now, true) {
        Ok(mut more) => {
            counted.quotas.append(&mut more.quotas);
            counted.permits.append(&mut more.permits);
            Ok(Limited {
                stamp: arrived.stamp,
                counted,
            })
        }
        Err(mut exceeded) => {
            counted.quotas.append(&mut exceeded.quotas);
            Err(Exceeded {
                quotas: counted.quotas,
                ..exceeded
            })
        }
    }
}

fn count(
    limits: &Limits,
    which: &[u16],
    table: &LimitTable,
    caller: Caller<'_>,
    now: Now,
    by_principal: bool,
) -> Result<Counted, Exceeded> {
    let mut counted = Counted::default();
    let mut reasons = Vec::new();
    let mut wait_us = 0;
    let entries = which
        .iter()
        .filter_map(|index| Some((*index, limits.entries.get(usize::from(*index))?)))
        .filter(|(_, limit)| limit.counts_by(LimitKey::Principal) == by_principal);
    for (index, limit) in entries {
        match limit.quota {
            Kind::Rate {
                rate,
                count,
                window_s,
            } => {
                let (key, partition) = key(limit, caller, table.seed);
                let taken = table.partition(partition).take(key, rate, now.mono_us);
                counted.quotas.push(Quota {
                    limit: index,
                    remaining: taken.remaining,
                    reset_s: taken.refill_us.div_ceil(1_000_000),
                });
                if !taken.admitted {
                    wait_us = taken.wait_us.max(wait_us);
                    let expected = format!(
                        "at most {count} requests in {window_s} s (limit `{}`)",
                        limit.name
                    );
                    reasons.push(reason(Code::LimitRate, limit, expected));
                }
            }
            Kind::Concurrency { count } => {
                let (key, _) = key(limit, caller, table.seed);
                match Counters::enter(&table.counters, key, count).0 {
                    Some(permit) => counted.permits.push(permit),
                    None => {
                        let expected = format!(
                            "at most {count} requests under way (limit `{}`)",
                            limit.name
                        );
                        reasons.push(reason(Code::LimitConcurrency, limit, expected));
                    }
                }
            }
        }
    }
    if reasons.is_empty() {
        return Ok(counted);
    }
    Err(Exceeded {
        reasons,
        quotas: counted.quotas,
        retry_after_s: wait_us.div_ceil(1_000_000).max(1),
    })
}

fn reason(code: Code, limit: &Limit, expected: String) -> Reason {
    Reason::new(code, Place::of(Location::Connection))
        .expected(expected)
        .source(&limit.source)
}

/// The keyed hash of what this limit counts by. `LimitKey` sorts the parts; each has its own tag.
fn key(limit: &Limit, caller: Caller<'_>, seed: [u8; 16]) -> (u64, Partition) {
    let mut hash = KeyedHash::new(seed);
    let by_principal = limit.counts_by(LimitKey::Principal) && caller.principal.is_proven();
    // One Principal at many addresses must not crowd out the others.
    let partition = match by_principal && !limit.counts_by(LimitKey::Address) {
        true => Partition::Principal,
        false => Partition::Address,
    };
    hash.number(limit.hash);
    for part in &limit.per {
        match part {
            LimitKey::Operation => {
                hash.part(b"operation");
                hash.part(caller.operation.as_bytes());
            }
            LimitKey::Principal if caller.principal.is_proven() => {
                hash.part(caller.principal.kind().name().as_bytes());
                hash.part(caller.principal.issuer().as_bytes());
                hash.part(caller.principal.subject().as_bytes());
            }
            LimitKey::Address | LimitKey::Principal => {
                hash.part(b"address");
                hash.number(network(caller.address));
            }
        }
    }
    (hash.finish(), partition)
}

/// IPv4 address (also when mapped into IPv6), or the /64 network: one IPv6 client owns all of it.
fn network(address: IpAddr) -> u64 {
    match address.to_canonical() {
        IpAddr::V4(address) => u64::from(address.to_bits()),
        // An IPv4 address shares its number only with a network of ::/32, which is not in use.
        IpAddr::V6(address) => u64::try_from(address.to_bits() >> 64).unwrap_or(0),
    }
}

#[cfg(test)]
mod tests;
