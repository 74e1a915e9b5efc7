//! From an issuer's key source to the bytes of its JWK set.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use bartizan_core::policy::form::KeySourceForm;
use serde_json::Value;

use super::fetch::fetch;
use super::url::KeyUrl;

/// Longest JWK set or discovery document, bytes.
pub(crate) const SET_MAX_BYTES: usize = 256 << 10;

/// What one look at a source gave.
#[derive(Debug)]
pub(crate) enum Found {
    /// A set, and the seconds it may live where the source says so.
    Set {
        bytes: Vec<u8>,
        max_age_s: Option<u64>,
        stamp: Option<Stamp>,
    },
    /// The file has not changed since `stamp`.
    Unchanged,
}

/// What tells that a file changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp(SystemTime, u64);

/// Reads `source`, the key source of `issuer`. `known` is the stamp of the last set from a file.
///
/// # Errors
/// One sentence for the operator; never anything out of the answer but its status.
pub(crate) async fn read(
    issuer: &str,
    source: &KeySourceForm,
    known: Option<Stamp>,
) -> Result<Found, String> {
    match source {
        KeySourceForm::File { path } => read_file(Path::new(path), known),
        KeySourceForm::Url {
            url,
            danger_allow_http,
        } => read_url(&KeyUrl::parse(url, *danger_allow_http)?).await,
        KeySourceForm::Discovery { danger_allow_http } => {
            let url = discover(issuer, *danger_allow_http).await?;
            read_url(&url).await
        }
    }
}

fn read_file(path: &Path, known: Option<Stamp>) -> Result<Found, String> {
    let fail = |fault: std::io::Error| format!("cannot read `{}`: {fault}", path.display());
    let about = fs::metadata(path).map_err(fail)?;
    let stamp = Stamp(about.modified().map_err(fail)?, about.len());
    if known == Some(stamp) {
        return Ok(Found::Unchanged);
    }
    if !about.is_file() || about.len() > SET_MAX_BYTES as u64 {
        return Err(format!(
            "`{}` is not a file of at most 256 kB",
            path.display()
        ));
    }
    let bytes = fs::read(path).map_err(fail)?;
    Ok(Found::Set {
        bytes,
        max_age_s: None,
        stamp: Some(stamp),
    })
}

async fn read_url(url: &KeyUrl) -> Result<Found, String> {
    let fetched = fetch(url).await?;
    Ok(Found::Set {
        bytes: fetched.body,
        max_age_s: fetched.max_age_s,
        stamp: None,
    })
}

/// OpenID Connect Discovery 1.0, section 4: the document must name the very issuer it was asked
/// for, else another tenant of the host could lend its keys.
async fn discover(issuer: &str, danger_allow_http: bool) -> Result<KeyUrl, String> {
    let base = issuer.strip_suffix('/').unwrap_or(issuer);
    let url = format!("{base}/.well-known/openid-configuration");
    let fetched = fetch(&KeyUrl::parse(&url, danger_allow_http)?).await?;
    let document: Value = serde_json::from_slice(&fetched.body)
        .map_err(|_| "the discovery document is not JSON".to_owned())?;
    let member = |name: &str| document.get(name).and_then(Value::as_str);
    if member("issuer") != Some(issuer) {
        return Err("the discovery document names another issuer".to_owned());
    }
    let keys = member("jwks_uri").ok_or("the discovery document has no `jwks_uri`")?;
    KeyUrl::parse(keys, danger_allow_http)
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    fn folder(name: &str) -> std::path::PathBuf {
        let folder = std::env::temp_dir().join(format!("bartizan-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[tokio::test]
    async fn a_file_is_read_again_only_when_it_changed() {
        let path = folder("source").join("keys.json");
        fs::write(&path, b"{}").unwrap();
        let source = KeySourceForm::File {
            path: path.to_str().unwrap().to_owned(),
        };
        let Found::Set { bytes, stamp, .. } = read("", &source, None).await.unwrap() else {
            panic!("nothing was known")
        };
        assert_eq!(bytes, b"{}");
        let again = read("", &source, stamp).await.unwrap();
        assert!(matches!(again, Found::Unchanged));
        fs::write(&path, vec![b' '; SET_MAX_BYTES + 1]).unwrap();
        assert!(
            read("", &source, stamp)
                .await
                .unwrap_err()
                .contains("256 kB")
        );
        fs::remove_file(&path).unwrap();
        assert!(read("", &source, stamp).await.is_err());
    }

    /// An issuer whose discovery document names `named` in place of `@` itself.
    async fn issuer(named: &str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let name = named.replace('@', &issuer);
        let document = format!(r#"{{"issuer":"{name}","jwks_uri":"{issuer}/jwks"}}"#);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = [0; 2_048];
                let count = stream.read(&mut head).await.unwrap();
                let is_keys = head[..count].starts_with(b"GET /jwks");
                let body = if is_keys { r#"{"keys":[]}"# } else { &document };
                let length = body.len();
                let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}");
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        issuer
    }

    #[tokio::test]
    async fn a_discovery_document_must_name_the_very_issuer() {
        let source = KeySourceForm::Discovery {
            danger_allow_http: false,
        };
        let own = issuer("@").await;
        let found = read(&own, &source, None).await.unwrap();
        assert!(matches!(found, Found::Set { bytes, .. } if bytes == br#"{"keys":[]}"#));
        let tenant = issuer("@/other").await;
        let told = read(&tenant, &source, None).await.unwrap_err();
        assert!(told.contains("another issuer"), "{told}");
    }
}
