//! A client on a raw socket.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

use super::PATIENCE;

pub struct Client {
    pub stream: TcpStream,
    read: Vec<u8>,
}

/// A response as it came.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Response {
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// The value of one field, if any.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

impl Client {
    pub fn connect(address: &str) -> Client {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Client {
            stream,
            read: Vec::new(),
        }
    }

    pub fn send(&mut self, bytes: &str) {
        self.stream.write_all(bytes.as_bytes()).unwrap();
    }

    /// GET on this connection.
    pub fn get(&mut self, target: &str) -> Response {
        self.send(&format!("GET {target} HTTP/1.1\r\nhost: api\r\n\r\n"));
        self.response()
    }

    /// Ends our side.
    pub fn finish(&mut self) {
        self.stream.shutdown(Shutdown::Write).unwrap();
    }

    /// The next response, interim ones included.
    pub fn response(&mut self) -> Response {
        self.response_to("GET")
    }

    /// The next response to this method.
    pub fn response_to(&mut self, method: &str) -> Response {
        let end = self
            .fill_until(|read| find(read, b"\r\n\r\n"))
            .expect("no head came");
        let head = String::from_utf8(self.take(end + 4)).unwrap();
        let status: u16 = head[9..12].parse().unwrap();
        let mut response = Response {
            status,
            head,
            body: Vec::new(),
        };
        let has_body = status >= 200 && status != 204 && status != 304 && method != "HEAD";
        if has_body {
            response.body = self.body(&response);
        }
        response
    }

    fn body(&mut self, response: &Response) -> Vec<u8> {
        if response.field("transfer-encoding") == Some("chunked") {
            return self.chunks();
        }
        match response.field("content-length") {
            Some(length) => {
                let length = length.parse().unwrap();
                self.fill_until(|read| (read.len() >= length).then_some(0))
                    .expect("a body broke off");
                self.take(length)
            }
            None => self.rest(),
        }
    }

    fn chunks(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        loop {
            let end = self
                .fill_until(|read| find(read, b"\r\n"))
                .expect("chunks broke off");
            let line = String::from_utf8(self.take(end + 2)).unwrap();
            let length = usize::from_str_radix(line.trim(), 16).unwrap();
            if length == 0 {
                let end = self.fill_until(|read| {
                    if read.starts_with(b"\r\n") {
                        Some(2)
                    } else {
                        find(read, b"\r\n\r\n").map(|at| at + 4)
                    }
                });
                self.take(end.expect("trailers broke off"));
                return body;
            }
            self.fill_until(|read| (read.len() >= length + 2).then_some(0))
                .expect("a chunk broke off");
            body.extend_from_slice(&self.take(length));
            self.take(2);
        }
    }

    /// Everything until the connection ends, whether by close or reset.
    pub fn rest(&mut self) -> Vec<u8> {
        while self.fill() {}
        std::mem::take(&mut self.read)
    }

    /// Whether a response comes at all before the end.
    pub fn is_answered(&mut self) -> bool {
        self.fill_until(|read| find(read, b"\r\n\r\n")).is_some()
    }

    /// Whether the other end closed.
    pub fn is_closed(&mut self) -> bool {
        self.read.is_empty() && !self.fill()
    }

    fn take(&mut self, count: usize) -> Vec<u8> {
        let rest = self.read.split_off(count);
        std::mem::replace(&mut self.read, rest)
    }

    fn fill_until(&mut self, found: impl Fn(&[u8]) -> Option<usize>) -> Option<usize> {
        loop {
            if let Some(at) = found(&self.read) {
                return Some(at);
            }
            if !self.fill() {
                return None;
            }
        }
    }

    fn fill(&mut self) -> bool {
        let mut bytes = [0; 16 << 10];
        match self.stream.read(&mut bytes) {
            Ok(0) => false,
            Ok(count) => {
                self.read.extend_from_slice(&bytes[..count]);
                true
            }
            Err(fault) if fault.kind() == std::io::ErrorKind::ConnectionReset => false,
            Err(fault) => panic!("the client waited in vain: {fault}"),
        }
    }
}

/// Where `needle` begins.
pub fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes
        .windows(needle.len())
        .position(|window| window == needle)
}
