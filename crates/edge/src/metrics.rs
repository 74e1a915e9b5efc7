//! What a scrape shows of the Exchanges: folded from Events on the service thread, so that no
//! worker pays for it. Labels are path templates, known methods and fixed words: never a raw path.

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
    routes: HashMap<Box<str>, BTreeMap<(usize, usize), Histogram>>,
    decisions: BTreeMap<Decided, u64>,
}

#[derive(Debug, Default)]
struct Histogram {
    buckets: [u64; 11],
    count: u64,
    sum_us: u64,
}

impl Metrics {
    /// Folds one Event in. Cost: O(1).
    pub(crate) fn record(&mut self, event: &Event) {
        let route = event
            .operation_id()
            .and_then(|id| id.split_once(' '))
            .map_or(UNDECLARED, |id| id.1);
        let method = METHODS.iter().position(|method| *method == &*event.method);
        let method = method.unwrap_or(METHODS.len().saturating_sub(1));
        let class = usize::from(event.status / 100).min(CLASSES.len().saturating_sub(1));
        if let Some(series) = self.route(route) {
            series
                .entry((method, class))
                .or_default()
                .record(event.duration_us);
        }
        let decision = &event.decision;
        let counting = |standing: Standing| standing != Standing::Excepted;
        let leading = decision
            .reasons
            .iter()
            .find(|reason| counting(reason.standing));
        let stage = leading.map_or("none", |reason| reason.code.stage().name());
        let decided = (stage, decision.verdict.name(), decision.enforcement.name());
        let count = self.decisions.entry(decided).or_default();
        *count = count.saturating_add(1);
    }

    /// The series of a route. Cost: one look-up, and a key for a route seen for the first time.
    fn route(&mut self, route: &str) -> Option<&mut BTreeMap<(usize, usize), Histogram>> {
        let is_room = self.routes.len() < ROUTES_MAX;
        let name = if is_room || self.routes.contains_key(route) {
            route
        } else {
            "_other"
        };
        if !self.routes.contains_key(name) {
            self.routes.insert(name.into(), BTreeMap::new());
        }
        self.routes.get_mut(name)
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
        for ((stage, decision, enforcement), count) in &self.decisions {
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
    fn routes_are_bounded() {
        let mut metrics = Metrics::default();
        for route in 0..ROUTES_MAX + 5 {
            metrics.route(&route.to_string());
        }
        assert_eq!(metrics.routes.len(), ROUTES_MAX + 1);
    }
}
