//! What hyper reads, over a pipe in memory.

use std::cell::RefCell;
use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;

use hyper::body::{Body, Incoming};
use hyper::header::HeaderMap;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use crate::{Message, Reading, Shared, Side, Stream, lines, pieces, text};

/// More than any stream and its answers.
const PIPE_BYTES: usize = 1 << 20;

pub(crate) async fn read(stream: &Stream) -> Reading {
    let shared = Shared::default();
    match stream.side {
        Side::Request => read_requests(stream, Rc::clone(&shared)).await,
        Side::Response => read_response(stream, Rc::clone(&shared)).await,
    }
    shared.take()
}

fn fail(shared: &RefCell<Reading>, fault: &dyn std::fmt::Display) {
    shared.borrow_mut().fault = Some(fault.to_string());
}

async fn read_requests(stream: &Stream, shared: Shared) {
    let (theirs, ours) = tokio::io::duplex(PIPE_BYTES);
    let service = service_fn(|request: Request<Incoming>| {
        let shared = Rc::clone(&shared);
        async move {
            let (head, body) = request.into_parts();
            let start = vec![head.method.to_string(), head.uri.to_string()];
            take_message(start, &head.headers, body, &shared).await;
            Ok::<_, Infallible>(Response::new(String::new()))
        }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .half_close(true)
        .serve_connection(TokioIo::new(theirs), service);
    let (served, ()) = tokio::join!(served, send(stream, ours));
    if let Err(fault) = served {
        fail(&shared, &fault);
    }
}

async fn read_response(stream: &Stream, shared: Shared) {
    let (theirs, mut ours) = tokio::io::duplex(PIPE_BYTES);
    let request = Request::builder()
        .method(stream.method.as_str())
        .uri("/")
        .header("host", "a")
        .body(String::new())
        .unwrap();
    let handshake = hyper::client::conn::http1::handshake(TokioIo::new(theirs)).await;
    let (mut sender, connection) = handshake.unwrap();
    let asked = async {
        match sender.send_request(request).await {
            Ok(response) => {
                let (head, body) = response.into_parts();
                let start = vec![head.status.as_str().to_owned()];
                take_message(start, &head.headers, body, &shared).await;
            }
            Err(fault) => fail(&shared, &fault),
        }
        drop(sender);
    };
    let answered = async {
        let mut request = [0; 1024];
        let _ = ours.read(&mut request).await;
        send(stream, ours).await;
    };
    let _ = tokio::join!(connection, asked, answered);
}

/// Sends piece by piece, each seen before the next, then ends and takes what is said back.
async fn send(stream: &Stream, mut pipe: DuplexStream) {
    for piece in pieces(stream) {
        if pipe.write_all(&piece).await.is_err() {
            return;
        }
        tokio::task::yield_now().await;
    }
    let _ = pipe.shutdown().await;
    let _ = pipe.read_to_end(&mut Vec::new()).await;
}

async fn take_message(
    start: Vec<String>,
    headers: &HeaderMap,
    body: Incoming,
    shared: &RefCell<Reading>,
) {
    let mut message = Message {
        start,
        fields: header_lines(headers),
        ..Message::default()
    };
    let mut body = pin!(body);
    while let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
        match frame.map(|frame| frame.into_data()) {
            Ok(Ok(data)) => message.body.push_str(&text(&data)),
            Ok(Err(frame)) => {
                message.trailers = frame.trailers_ref().map(header_lines).unwrap_or_default();
            }
            Err(fault) => return fail(shared, &fault),
        }
    }
    shared.borrow_mut().messages.push(message);
}

fn header_lines(headers: &HeaderMap) -> Vec<(String, String)> {
    lines(
        headers
            .iter()
            .map(|(name, value)| (name.as_str().as_bytes(), value.as_bytes())),
    )
}
