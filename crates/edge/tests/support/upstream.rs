//! An API whose every byte is scripted by the test.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use super::PATIENCE;
use super::client::find;

/// A listener with a thread per connection.
pub struct Upstream {
    pub address: String,
    connections: Arc<AtomicUsize>,
    seen: Arc<Mutex<Vec<String>>>,
}

/// One connection of the API.
pub struct Peer {
    pub stream: TcpStream,
    pub number: usize,
    read: Vec<u8>,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Upstream {
    /// Runs `script` for every connection (counted from 0).
    pub fn new(script: impl Fn(&mut Peer) + Send + Sync + 'static) -> Upstream {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (connections, seen) = (Arc::new(AtomicUsize::new(0)), Arc::default());
        let (count, script, heads) = (
            Arc::clone(&connections),
            Arc::new(script),
            Arc::clone(&seen),
        );
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                stream.set_read_timeout(Some(PATIENCE)).unwrap();
                stream.set_nodelay(true).unwrap();
                let number = count.fetch_add(1, Ordering::SeqCst);
                let seen = Arc::clone(&heads);
                let mut peer = Peer {
                    stream,
                    number,
                    read: Vec::new(),
                    seen,
                };
                let script = Arc::clone(&script);
                std::thread::spawn(move || script(&mut peer));
            }
        });
        Upstream {
            address,
            connections,
            seen,
        }
    }

    /// An API that answers every request with its method and target.
    pub fn echo() -> Upstream {
        Upstream::new(|peer| {
            while let Some(request) = peer.request() {
                let line = request.lines().next().unwrap_or_default();
                let line = line.strip_suffix(" HTTP/1.1").unwrap_or(line).to_owned();
                let body = if request.starts_with("HEAD") {
                    String::new()
                } else {
                    line.clone()
                };
                peer.send(&format!("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: {}\r\n\r\n{body}", line.len()));
            }
        })
    }

    /// Connections accepted so far.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Heads and bodies of all requests so far.
    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

impl Peer {
    pub fn send(&mut self, bytes: &str) {
        let _ = self.stream.write_all(bytes.as_bytes());
    }

    /// The next whole request; `None` when the gateway closed.
    pub fn request(&mut self) -> Option<String> {
        let head = self.head()?;
        let lower = head.to_ascii_lowercase();
        let mut request = head;
        if lower.contains("transfer-encoding: chunked") {
            let end = self.fill_until(|read| find(read, b"0\r\n\r\n").map(|at| at + 5))?;
            request.push_str(&self.take(end));
        } else if let Some(at) = lower.find("content-length: ") {
            let digits = lower[at + 16..].split("\r\n").next().unwrap();
            let length = digits.parse().unwrap();
            self.fill_until(|read| (read.len() >= length).then_some(0))?;
            request.push_str(&self.take(length));
        }
        self.seen.lock().unwrap().push(request.clone());
        Some(request)
    }

    /// The next head alone.
    pub fn head(&mut self) -> Option<String> {
        let end = self.fill_until(|read| find(read, b"\r\n\r\n"))?;
        Some(self.take(end + 4))
    }

    /// Reads and forgets `length` bytes of body, those that came with the head included.
    pub fn swallow(&mut self, length: usize) {
        let mut left = length.saturating_sub(std::mem::take(&mut self.read).len());
        let mut bytes = vec![0; 1 << 20];
        while left > 0 {
            let count = self.stream.read(&mut bytes).unwrap();
            assert_ne!(count, 0, "the body broke off");
            left = left.saturating_sub(count);
        }
    }

    fn take(&mut self, count: usize) -> String {
        let rest = self.read.split_off(count);
        String::from_utf8(std::mem::replace(&mut self.read, rest)).unwrap()
    }

    fn fill_until(&mut self, found: impl Fn(&[u8]) -> Option<usize>) -> Option<usize> {
        loop {
            if let Some(at) = found(&self.read) {
                return Some(at);
            }
            let mut bytes = [0; 16 << 10];
            match self.stream.read(&mut bytes) {
                Ok(0) | Err(_) => return None,
                Ok(count) => self.read.extend_from_slice(&bytes[..count]),
            }
        }
    }
}
