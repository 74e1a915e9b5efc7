//! One GET for keys: bounded in time, bytes and redirects, read by the codec of the core.

use bartizan_core::wire::{Limits, ResponseEvent, ResponseHead, ResponseReader};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use super::source::SET_MAX_BYTES;
use super::tls;
use super::url::KeyUrl;
use crate::options::ms;

/// Everything, redirects included, milliseconds.
const FETCH_MS: u64 = 3_000;
/// Redirects followed, on the same origin only.
const REDIRECTS_MAX: usize = 3;

/// What came.
#[derive(Debug)]
pub(crate) struct Fetched {
    /// The body, at most 256 kB.
    pub(crate) body: Vec<u8>,
    /// `max-age` of its `Cache-Control`, seconds.
    pub(crate) max_age_s: Option<u64>,
}

/// Fetches `url`.
///
/// # Errors
/// One sentence for the operator. Nothing out of the answer is in it but its status.
pub(crate) async fn fetch(url: &KeyUrl) -> Result<Fetched, String> {
    let fetching = tokio::time::timeout(ms(FETCH_MS), follow(url.clone()));
    let seconds = FETCH_MS / 1_000;
    fetching
        .await
        .unwrap_or_else(|_| Err(format!("no answer within {seconds} s")))
}

async fn follow(mut url: KeyUrl) -> Result<Fetched, String> {
    for _ in 0..=REDIRECTS_MAX {
        let (head, body) = connect(&url).await?;
        match head.status() {
            200 => {
                return Ok(Fetched {
                    body,
                    max_age_s: max_age_s(&head),
                });
            }
            301 | 302 | 303 | 307 | 308 => url = redirect(&url, &head)?,
            status => return Err(format!("the answer has status {status}")),
        }
    }
    Err("there are too many redirects".to_owned())
}

/// Another origin was not configured, so it is not trusted with our keys.
fn redirect(url: &KeyUrl, head: &ResponseHead) -> Result<KeyUrl, String> {
    let location = head
        .value("location")
        .and_then(|value| std::str::from_utf8(value).ok());
    let next = url.join(location.ok_or("a redirect has no usable `Location`")?)?;
    match next.is_same_origin(url) {
        true => Ok(next),
        false => Err("a redirect to another origin is not followed".to_owned()),
    }
}

async fn connect(url: &KeyUrl) -> Result<(ResponseHead, Vec<u8>), String> {
    let fail = |fault: std::io::Error| format!("cannot connect to `{}`: {fault}", url.authority);
    let stream = TcpStream::connect((url.host.as_str(), url.port))
        .await
        .map_err(fail)?;
    match url.is_tls {
        true => ask(tls::connect(stream, &url.host).await?, url).await,
        false
            if !url.is_anywhere
                && !stream.peer_addr().is_ok_and(|peer| peer.ip().is_loopback()) =>
        {
            Err(format!("`{}` is not this machine", url.authority))
        }
        false => ask(stream, url).await,
    }
}

async fn ask<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    url: &KeyUrl,
) -> Result<(ResponseHead, Vec<u8>), String> {
    let request = format!(
        "GET {} HTTP/1.1\r\nhost: {}\r\naccept: application/json\r\nuser-agent: bartizan\r\n\
         connection: close\r\n\r\n",
        url.target, url.authority
    );
    let broken = |fault: std::io::Error| format!("the connection broke: {fault}");
    stream.write_all(request.as_bytes()).await.map_err(broken)?;
    read_response(&mut stream).await
}

async fn read_response<S: AsyncRead + Unpin>(
    stream: &mut S,
) -> Result<(ResponseHead, Vec<u8>), String> {
    let limits = Limits::of_responses(&bartizan_core::budget::Bounds::default());
    let mut reader = ResponseReader::new(limits);
    reader.expect(b"GET");
    let (mut bytes, mut head, mut body) = (Vec::new(), None, Vec::new());
    let mut has_ended = false;
    loop {
        let (consumed, event) = match has_ended {
            false => reader.read(&bytes),
            true => (0, reader.close()),
        };
        let mut is_missing = false;
        match event {
            ResponseEvent::Head(found) => head = Some(found),
            ResponseEvent::Data(range) => {
                body.extend_from_slice(bytes.get(range).unwrap_or_default())
            }
            ResponseEvent::End(_) => break,
            ResponseEvent::Fault(_) => {
                return Err("the answer is not well-formed HTTP/1.1".to_owned());
            }
            ResponseEvent::Interim(_) => {}
            ResponseEvent::More => is_missing = true,
        }
        bytes.drain(..consumed.min(bytes.len()));
        if body.len() > SET_MAX_BYTES {
            return Err("the answer is larger than 256 kB".to_owned());
        }
        if is_missing {
            let read = stream.read_buf(&mut bytes).await;
            // Many servers close TLS without the closing alert; a short body is still a fault.
            has_ended = matches!(read, Ok(0) | Err(_));
        }
    }
    head.map(|head| (head, body))
        .ok_or_else(|| "the answer has no head".to_owned())
}

fn max_age_s(head: &ResponseHead) -> Option<u64> {
    let mut directives = head
        .values("cache-control")
        .filter_map(|value| std::str::from_utf8(value).ok())
        .flat_map(|value| value.split(','));
    directives.find_map(|directive| {
        let (name, seconds) = directive.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("max-age")
            .then(|| seconds.trim().parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use tokio::io::duplex;

    use super::*;

    /// What is made of this answer.
    async fn read(answer: &[u8]) -> Result<(ResponseHead, Vec<u8>), String> {
        let (ours, mut theirs) = duplex(1 << 20);
        let url = KeyUrl::parse("http://127.0.0.1/keys", false)?;
        theirs.write_all(answer).await.unwrap();
        let (mut asked, mut writer) = tokio::io::split(theirs);
        writer.shutdown().await.unwrap();
        let read = ask(ours, &url).await;
        let mut question = Vec::new();
        let _ = asked.read_to_end(&mut question).await;
        assert!(question.starts_with(b"GET /keys HTTP/1.1\r\nhost: 127.0.0.1"));
        read
    }

    #[tokio::test]
    async fn a_set_comes_with_its_lifetime() {
        let answer = b"HTTP/1.1 200 OK\r\ncache-control: public, Max-Age=900\r\n\r\n{}";
        let (head, body) = read(answer).await.unwrap();
        assert_eq!((max_age_s(&head), body), (Some(900), b"{}".to_vec()));
    }

    #[tokio::test]
    async fn a_set_that_is_cut_short_too_large_or_no_http_is_refused() {
        let large = [
            &b"HTTP/1.1 200 OK\r\n\r\n"[..],
            &vec![b'x'; SET_MAX_BYTES + 1],
        ]
        .concat();
        for answer in [
            &b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}"[..],
            b"220 mail.example ESMTP\r\n",
            b"",
            &large,
        ] {
            assert!(read(answer).await.is_err());
        }
    }

    #[tokio::test]
    async fn a_redirect_stays_on_its_origin() {
        let url = KeyUrl::parse("http://127.0.0.1:81/keys", false).unwrap();
        let to = |location: &str| {
            let fields = [(&b"location"[..], location.as_bytes())];
            let framing = bartizan_core::wire::Framing::Empty;
            redirect(
                &url,
                &ResponseHead::from_parts(302, fields, framing).unwrap(),
            )
        };
        assert_eq!(to("/other").unwrap().target, "/other");
        assert!(to("http://127.0.0.1:82/keys").is_err());
        assert!(to("http://127.0.0.1:81/keys").is_ok());
    }
}
