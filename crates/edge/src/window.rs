//! The capture window: shut unless the control process opens it, and bounded by count, bytes and
//! time. Workers put captures in, the service thread takes them out.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;

/// What may be kept.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Order {
    /// Open until then, milliseconds since the Unix epoch; 0 shuts it.
    pub until_ms: u64,
    /// So many Exchanges.
    #[serde(default)]
    pub count: u64,
    /// So many bytes in all.
    #[serde(default)]
    pub bytes: u64,
    /// So many bytes of each body.
    #[serde(default)]
    pub body_max_bytes: usize,
    /// Only these Operations; all when empty.
    #[serde(default)]
    pub operations: Vec<String>,
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Window {
    until_ms: AtomicU64,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    order: Order,
    waiting: Vec<Vec<u8>>,
}

impl Window {
    /// Opens or shuts the window; an order that cannot be read shuts it.
    pub(crate) fn order(&self, payload: &[u8]) {
        let order: Order = serde_json::from_slice(payload).unwrap_or_default();
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        self.until_ms.store(order.until_ms, Ordering::Relaxed);
        inner.waiting.clear();
        inner.order = order;
    }

    /// How much of each body an Exchange that opens now keeps; `None` while the window is shut.
    /// Cost: one load then.
    pub(crate) fn body_max(&self, now_ms: u64) -> Option<usize> {
        if now_ms >= self.until_ms.load(Ordering::Relaxed) {
            return None;
        }
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        Some(inner.order.body_max_bytes)
    }

    /// Takes one capture, if it is wanted and there is room.
    pub(crate) fn put(&self, operation: &str, line: Vec<u8>, now_ms: u64) {
        if now_ms >= self.until_ms.load(Ordering::Relaxed) {
            return;
        }
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let order = &mut inner.order;
        let is_wanted =
            order.operations.is_empty() || order.operations.iter().any(|one| one == operation);
        if !is_wanted {
            return;
        }
        let length = u64::try_from(line.len()).unwrap_or(u64::MAX);
        match (order.count.checked_sub(1), order.bytes.checked_sub(length)) {
            (Some(count), Some(bytes)) => {
                (order.count, order.bytes) = (count, bytes);
                inner.waiting.push(line);
            }
            // Full: the control process shuts it, too, once it has read what is here.
            _ => self.until_ms.store(0, Ordering::Relaxed),
        }
    }

    /// Takes out what waits.
    pub(crate) fn take(&self) -> Vec<Vec<u8>> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut inner.waiting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(order: &str) -> Window {
        let window = Window::default();
        window.order(order.as_bytes());
        window
    }

    #[test]
    fn a_window_is_shut_until_it_is_opened_and_after_its_time() {
        assert_eq!(Window::default().body_max(1), None);
        let window = opened(r#"{"until_ms":9,"count":1,"bytes":99,"body_max_bytes":7}"#);
        assert_eq!(window.body_max(8), Some(7));
        assert_eq!(window.body_max(9), None);
        window.put("GET /a", b"x".to_vec(), 9);
        assert!(window.take().is_empty());
    }

    #[test]
    fn count_and_bytes_are_bounds() {
        let window = opened(r#"{"until_ms":9,"count":2,"bytes":5}"#);
        window.put("", b"abc".to_vec(), 1);
        window.put("", b"abc".to_vec(), 1);
        assert_eq!(window.take(), [b"abc".to_vec()]);
        assert_eq!(window.body_max(1), None);
    }

    #[test]
    fn only_wanted_operations_are_taken() {
        let window = opened(r#"{"until_ms":9,"count":9,"bytes":99,"operations":["GET /a"]}"#);
        window.put("GET /b", b"b".to_vec(), 1);
        window.put("GET /a", b"a".to_vec(), 1);
        assert_eq!(window.take(), [b"a".to_vec()]);
    }

    #[test]
    fn an_order_that_cannot_be_read_shuts_it() {
        let window = opened(r#"{"until_ms":9,"count":9,"bytes":99}"#);
        window.order(b"no");
        assert_eq!(window.body_max(1), None);
    }
}
