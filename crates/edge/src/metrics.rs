//! What a scrape shows of the Exchanges: folded by each worker from its own Events, which cost more
//! to hand over than to count, and added up at a scrape. Labels are path templates, known methods and fixed words: never a raw path.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use bartizan_core::decision::Standing;
use bartizan_core::event::Event;

/// Upper bounds of the buckets, microseconds.
const BUCKETS_US: [u64; 11] = [
    5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
    10_000_000,
];
/// The same in seconds, as Prometheus wants them.
const BUCKETS: [&str; 11] = [
    "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10",
];
/// Methods that are a label of their own.
const METHODS: [&str; 9] = [
    "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "QUERY", "_other",
];
/// Status classes; `0xx` is "no status was sent".
const CLASSES: [&str; 6] = ["none", "1xx", "2xx", "3xx", "4xx", "5xx"];
/// Routes of all Policies since the start: what comes after these shares one label.
const ROUTES_MAX: usize = 10_000;
/// The label of routes that no Operation declares.
const UNDECLARED: &str = "_undeclared";

type Decided = (&'static str, &'static str, &'static str);

/// All that was folded so far.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    routes: HashMap<Box<str>, usize>,
    series: Vec<Series>,
    known: Known,
    decisions: BTreeMap<Decided, u64>,
    /// Clean passes: the one decision that is common, counted without a look-up.
    passes: u64,
}

/// The histograms of one route by (method, status class): few, in order of first use.
type Series = Vec<((usize, usize), Histogram)>;

/// Where the Operations of the last Policy seen have their series.
#[derive(Debug, Default)]
struct Known {
    policy: [u8; 32],
    series: Vec<Option<usize>>,
}

#[derive(Clone, Debug, Default)]
struct Histogram {
    buckets: [u64; 11],
    count: u64,
    sum_us: u64,
}

/// What a clean pass is counted as.
const PASS: Decided = ("none", "allow", "enforced");

impl Metrics {
    /// Folds one Event in. Cost: O(1).
    pub(crate) fn record(&mut self, event: &Event) {
        let method = METHODS.iter().position(|method| *method == &*event.method);
        let method = method.unwrap_or(METHODS.len().saturating_sub(1));
        let class = usize::from(event.status / 100).min(CLASSES.len().saturating_sub(1));
        let series = self.series_of(event);
        if let Some(histogram) = self.histogram(series, (method, class)) {
            histogram.record(event.duration_us);
        }
        self.decide(event);
    }

    fn decide(&mut self, event: &Event) {
        let decision = &event.decision;
        let (verdict, enforcement) = (decision.verdict.name(), decision.enforcement.name());
        if decision.reasons.is_empty() && (verdict, enforcement) == (PASS.1, PASS.2) {
            self.passes = self.passes.saturating_add(1);
            return;
        }
        let counting = |standing: Standing| standing != Standing::Excepted;
        let leading = decision
            .reasons
            .iter()
            .find(|reason| counting(reason.standing));
        let stage = leading.map_or(PASS.0, |reason| reason.code.stage().name());
        let count = self
            .decisions
            .entry((stage, verdict, enforcement))
            .or_default();
        *count = count.saturating_add(1);
    }

    /// Cost: two comparisons for an Operation that was seen before.
    fn series_of(&mut self, event: &Event) -> usize {
        let operation = event
            .operation
            .and_then(|index| usize::try_from(index).ok());
        let Some(operation) = operation else {
            return self.route(UNDECLARED);
        };
        let policy = event.policy.hash();
        if self.known.policy != policy {
            self.known = Known {
                policy,
                series: vec![None; event.policy.operations().len()],
            };
        }
        if let Some(Some(series)) = self.known.series.get(operation) {
            return *series;
        }
        let id = event.operation_id().and_then(|id| id.split_once(' '));
        let series = self.route(id.map_or(UNDECLARED, |id| id.1));
        if let Some(place) = self.known.series.get_mut(operation) {
            *place = Some(series);
        }
        series
    }

    /// The series of a route. Cost: one look-up, and a key for a route seen for the first time.
    fn route(&mut self, route: &str) -> usize {
        let is_room = self.routes.len() < ROUTES_MAX;
        let name = if is_room || self.routes.contains_key(route) {
            route
        } else {
            "_other"
        };
        if let Some(series) = self.routes.get(name) {
            return *series;
        }
        let series = self.series.len();
        self.series.push(Series::new());
        self.routes.insert(name.into(), series);
        series
    }

    fn histogram(&mut self, series: usize, key: (usize, usize)) -> Option<&mut Histogram> {
        let series = self.series.get_mut(series)?;
        let at = match series.iter().position(|(known, _)| *known == key) {
            Some(at) => at,
            None => {
                series.push((key, Histogram::default()));
                series.len().saturating_sub(1)
            }
        };
        series.get_mut(at).map(|(_, histogram)| histogram)
    }

    /// Adds what another worker folded.
    pub(crate) fn add(&mut self, other: &Metrics) {
        for (route, from) in &other.routes {
            let series = self.route(route);
            for (key, histogram) in other.series.get(*from).into_iter().flatten() {
                if let Some(sum) = self.histogram(series, *key) {
                    sum.add(histogram);
                }
            }
        }
        for (decided, count) in &other.decisions {
            let sum = self.decisions.entry(*decided).or_default();
            *sum = sum.saturating_add(*count);
        }
        self.passes = self.passes.saturating_add(other.passes);
    }

    /// Appends everything in the Prometheus text format.
    pub(crate) fn write(&self, out: &mut String) {
        self.write_durations(out);
        heading(
            out,
            "bartizan_decisions_total",
            "counter",
            "Decisions by the stage that led.",
        );
        let passes = (self.passes > 0).then_some((&PASS, &self.passes));
        for ((stage, decision, enforcement), count) in passes.into_iter().chain(&self.decisions) {
            let _ = writeln!(
                out,
                "bartizan_decisions_total{{stage=\"{stage}\",decision=\"{decision}\",enforcement=\"{enforcement}\"}} {count}"
            );
        }
    }

    fn write_durations(&self, out: &mut String) {
        let name = "http_server_request_duration_seconds";
        heading(
            out,
            name,
            "histogram",
            "Duration of Exchanges, from open to close.",
        );
        let mut routes: Vec<_> = self.routes.iter().collect();
        routes.sort_unstable_by_key(|(route, _)| *route);
        for (route, series) in routes {
            let mut series: Vec<_> = self.series.get(*series).into_iter().flatten().collect();
            series.sort_unstable_by_key(|(key, _)| *key);
            for ((method, class), histogram) in series {
                let word =
                    |words: &[&'static str], index: usize| words.get(index).copied().unwrap_or("");
                let labels = format!(
                    "http_route=\"{}\",http_request_method=\"{}\",status_class=\"{}\"",
                    escaped(route),
                    word(&METHODS, *method),
                    word(&CLASSES, *class),
                );
                histogram.write(out, name, &labels);
            }
        }
    }
}

impl Histogram {
    fn record(&mut self, duration_us: u64) {
        for (bucket, bound) in self.buckets.iter_mut().zip(BUCKETS_US) {
            if duration_us <= bound {
                *bucket = bucket.saturating_add(1);
            }
        }
        self.count = self.count.saturating_add(1);
        self.sum_us = self.sum_us.saturating_add(duration_us);
    }

    fn add(&mut self, other: &Histogram) {
        for (sum, bucket) in self.buckets.iter_mut().zip(other.buckets) {
            *sum = sum.saturating_add(bucket);
        }
        self.count = self.count.saturating_add(other.count);
        self.sum_us = self.sum_us.saturating_add(other.sum_us);
    }

    fn write(&self, out: &mut String, name: &str, labels: &str) {
        for (bucket, bound) in self.buckets.iter().zip(BUCKETS) {
            let _ = writeln!(out, "{name}_bucket{{{labels},le=\"{bound}\"}} {bucket}");
        }
        let _ = writeln!(out, "{name}_bucket{{{labels},le=\"+Inf\"}} {}", self.count);
        let (whole, part) = (self.sum_us / 1_000_000, self.sum_us % 1_000_000);
        let _ = writeln!(out, "{name}_sum{{{labels}}} {whole}.{part:06}");
        let _ = writeln!(out, "{name}_count{{{labels}}} {}", self.count);
    }
}

/// Appends `# HELP` and `# TYPE`.
pub(crate) fn heading(out: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

/// A label value: templates come from a document that we did not write.
pub(crate) fn escaped(value: &str) -> String {
    value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace(['\n', '\r'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_cumulative_and_the_sum_is_exact() {
        let mut histogram = Histogram::default();
        histogram.record(6_000);
        histogram.record(11_000_001);
        let mut out = String::new();
        histogram.write(&mut out, "d", "a=\"b\"");
        assert!(out.contains("d_bucket{a=\"b\",le=\"0.005\"} 0\n"));
        assert!(out.contains("d_bucket{a=\"b\",le=\"10\"} 1\n"));
        assert!(out.contains("d_bucket{a=\"b\",le=\"+Inf\"} 2\n"));
        assert!(out.contains("d_sum{a=\"b\"} 11.006001\n"));
    }

    #[test]
    fn labels_cannot_break_out() {
        assert_eq!(escaped("a\"b\\c\nd"), "a\\\"b\\\\c d");
    }

    #[test]
    fn workers_are_added_up_by_route_method_and_class() {
        let mut workers = [Metrics::default(), Metrics::default()];
        for (worker, route) in [(0, "/b"), (1, "/a"), (1, "/b")] {
            let series = workers[worker].route(route);
            let histogram = workers[worker].histogram(series, (0, 2)).unwrap();
            histogram.record(1_000_000);
            let passes = &mut workers[worker].passes;
            *passes = passes.saturating_add(1);
        }
        let mut all = Metrics::default();
        workers.iter().for_each(|worker| all.add(worker));
        let mut out = String::new();
        all.write(&mut out);
        let labels = "http_request_method=\"GET\",status_class=\"2xx\"";
        for (route, count) in [("/a", 1), ("/b", 2)] {
            let count = format!("_count{{http_route=\"{route}\",{labels}}} {count}\n");
            assert!(out.contains(&count), "{out}");
        }
        let passes = "{stage=\"none\",decision=\"allow\",enforcement=\"enforced\"} 3\n";
        assert!(out.contains(passes), "{out}");
    }

    #[test]
    fn routes_are_bounded() {
        let mut metrics = Metrics::default();
        for route in 0..ROUTES_MAX + 5 {
            metrics.route(&route.to_string());
        }
        assert_eq!(metrics.routes.len(), ROUTES_MAX + 1);
    }
}
