//! What the unit tests of this crate start from: a small Policy in force, a worker, an Event.

use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;
use std::sync::Arc;

use bartizan_core::event::Event;
use serde_json::{Value, json};

use crate::connection::Connection;
use crate::generation::Generation;
use crate::open::Open;
use crate::service::Service;
use crate::worker::{Shared, Worker};

#[path = "../tests/support/form.rs"]
pub(crate) mod form;

/// The Policy named `name`, with these options besides the upstream.
pub(crate) fn generation(name: &str, more: &Value) -> Generation {
    let mut options = json!({ "upstream": "http://127.0.0.1:1" });
    for (key, value) in more.as_object().into_iter().flatten() {
        options[key] = value.clone();
    }
    let load = json!({ "options": options, "form": form::form(name) });
    crate::load::build(load.to_string().as_bytes(), None, [7; 16]).unwrap()
}

/// A started service.
pub(crate) fn service() -> (Rc<Service>, Arc<Shared>) {
    let service = Service::new();
    let shared = service.start(generation("one", &json!({}))).unwrap();
    (service, shared)
}

/// The first worker of a started service.
pub(crate) fn worker() -> Rc<Worker> {
    Worker::new(service().1, 0).unwrap()
}

/// An Exchange that nothing was fed to.
pub(crate) fn open(worker: &Rc<Worker>) -> Open {
    let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
    Open::new(worker, &worker.generation(), peer)
}

/// The Event of an Exchange that the client left at once.
pub(crate) fn event(worker: &Rc<Worker>) -> Event {
    drop(open(worker));
    let mut held = worker.shared.workers[0].journal.ring.take(Vec::new());
    held.events.pop().unwrap().event
}

/// A connection of the worker, and the client's end of it.
pub(crate) async fn connection(worker: &Rc<Worker>) -> (Connection, tokio::net::TcpStream) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = tokio::net::TcpStream::connect(listener.local_addr().unwrap());
    let (accepted, client) = tokio::join!(listener.accept(), client);
    let (stream, peer) = accepted.unwrap();
    (
        Connection::new(Rc::clone(worker), stream, peer.ip()),
        client.unwrap(),
    )
}
