//! The admin listener: `/livez`, `/readyz`, `/metrics`. GET and HEAD only, one request a connection.

use std::io;
use std::net::TcpListener as StdListener;
use std::rc::Rc;

use bartizan_core::wire::{Limits, RequestEvent, RequestReader};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::options::ms;
use crate::service::Service;

/// A whole request and its answer, milliseconds.
const REQUEST_MS: u64 = 5_000;
/// Scrapes at once; more are closed.
const AT_ONCE_MAX: usize = 32;

/// What an answer is made of.
pub(crate) struct Page {
    /// HTTP status.
    pub(crate) status: &'static str,
    /// `Content-Type`.
    pub(crate) kind: &'static str,
    /// Body.
    pub(crate) body: String,
}

impl Page {
    /// Plain text.
    pub(crate) fn text(status: &'static str, body: &str) -> Self {
        Page {
            status,
            kind: "text/plain; charset=utf-8",
            body: format!("{body}\n"),
        }
    }
}

/// Serves until the task is dropped.
pub(crate) async fn serve(service: Rc<Service>, listener: StdListener) {
    let Ok(listener) = TcpListener::from_std(listener) else {
        return;
    };
    loop {
        match listener.accept().await {
            Ok((stream, _)) if Rc::strong_count(&service) < AT_ONCE_MAX => {
                let service = Rc::clone(&service);
                tokio::task::spawn_local(async move {
                    let _ = tokio::time::timeout(ms(REQUEST_MS), answer(&service, stream)).await;
                });
            }
            Ok(_) => {}
            Err(_) => tokio::time::sleep(ms(50)).await,
        }
    }
}

async fn answer(service: &Service, mut stream: TcpStream) -> io::Result<()> {
    let mut reader = RequestReader::new(Limits::default());
    let mut bytes = Vec::new();
    let (page, is_head) = loop {
        let (consumed, event) = reader.read(&bytes);
        bytes.drain(..consumed.min(bytes.len()));
        match event {
            RequestEvent::Head(head) => {
                let target = String::from_utf8_lossy(head.target()).into_owned();
                let method = head.method().to_vec();
                break (route(service, &method, &target).await, method == b"HEAD");
            }
            RequestEvent::Fault(_) => break (Page::text("400 Bad Request", "malformed"), false),
            _ => {}
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(());
        }
    };
    let body = if is_head { "" } else { page.body.as_str() };
    let answer = format!(
        "HTTP/1.1 {}\r\ncontent-type: {}\r\ncontent-length: {}\r\ncache-control: no-store\r\n\
         x-content-type-options: nosniff\r\nconnection: close\r\n\r\n{body}",
        page.status,
        page.kind,
        page.body.len(),
    );
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await
}

async fn route(service: &Service, method: &[u8], target: &str) -> Page {
    if !matches!(method, b"GET" | b"HEAD") {
        return Page::text("405 Method Not Allowed", "GET and HEAD only");
    }
    match target.split_once('?').unwrap_or((target, "")) {
        ("/livez", _) => Page::text("200 OK", "ok"),
        ("/readyz", "verbose") => service.readiness().await,
        ("/readyz", _) => match service.waits_for() {
            None => Page::text("200 OK", "ok"),
            Some(reason) => Page::text("503 Service Unavailable", &format!("not ready: {reason}")),
        },
        ("/metrics", _) => Page {
            status: "200 OK",
            kind: "text/plain; version=0.0.4; charset=utf-8",
            body: service.scrape(),
        },
        _ => Page::text("404 Not Found", "/livez, /readyz, /metrics"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    async fn status(service: &Service, method: &[u8], target: &str) -> &'static str {
        route(service, method, target).await.status
    }

    #[tokio::test]
    async fn readiness_waits_for_the_first_policy_and_life_does_not() {
        let service = Service::new();
        assert_eq!(status(&service, b"GET", "/livez").await, "200 OK");
        assert!(status(&service, b"GET", "/readyz").await.starts_with("503"));
        let (service, _shared) = testing::service();
        assert_eq!(status(&service, b"HEAD", "/readyz").await, "200 OK");
        let page = route(&service, b"GET", "/readyz?verbose").await;
        assert!(page.body.contains("\"generation\": 1"), "{}", page.body);
    }

    #[tokio::test]
    async fn nothing_else_is_served_and_nothing_is_changed() {
        let (service, _shared) = testing::service();
        assert!(status(&service, b"GET", "/").await.starts_with("404"));
        assert!(
            status(&service, b"POST", "/readyz")
                .await
                .starts_with("405")
        );
    }
}
