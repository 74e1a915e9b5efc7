//! The APIs behind one gateway, and which of them a Request is for: by host and path prefix, never
//! by guess. A host that is written comes before any host, then the longest prefix wins; once an
//! API is chosen, only its own Operations are looked at.

use super::form::ApiForm;
use super::{BuildFault, source};
use crate::codes::Code;
use crate::decision::Source;
use crate::operation::Matcher;
use crate::parse::Request;
use crate::parse::host::is_named;

/// Index of an API in its Policy.
pub type ApiIndex = u16;

/// One API.
#[derive(Debug)]
pub struct Api {
    /// Short name; empty where there is only one.
    pub name: String,
    /// Where its Operations are declared.
    pub source: Source,
    pub(super) matcher: Matcher,
    hosts: Vec<String>,
    prefix: String,
    is_stripped: bool,
}

impl Api {
    fn new(form: ApiForm) -> Result<Self, BuildFault> {
        let source = source(&form.source);
        let is_sound = form.prefix.is_empty()
            || form.prefix.starts_with('/')
                && form
                    .prefix
                    .split('/')
                    .skip(1)
                    .all(|segment| !segment.is_empty());
        if !is_sound {
            let message = format!("prefix `{}` is not a path such as `/shop`", form.prefix);
            return Err(BuildFault::at(&source, message));
        }
        Ok(Api {
            name: form.name,
            source,
            matcher: Matcher::default(),
            hosts: form.hosts,
            prefix: form.prefix,
            is_stripped: form.strip_prefix,
        })
    }

    /// The prefix that the API never sees; empty where it sees all.
    #[must_use]
    pub fn stripped(&self) -> &str {
        if self.is_stripped { &self.prefix } else { "" }
    }

    fn segments(&self) -> impl Iterator<Item = &str> {
        self.prefix.split('/').skip(1)
    }

    /// How closely it fits: whether its host is written, and how long its prefix is.
    fn fits(&self, host: Option<(&str, Option<u16>)>, path: &[&str]) -> Option<(bool, usize)> {
        let is_own = match host {
            Some((name, port)) => self.hosts.iter().any(|own| is_named(own, name, port)),
            None => false,
        };
        if !is_own && !self.hosts.is_empty() {
            return None;
        }
        let mut length = 0_usize;
        for (wanted, index) in self.segments().zip(0_usize..) {
            if path.get(index).copied() != Some(wanted) {
                return None;
            }
            length = length.saturating_add(1);
        }
        Some((is_own, length))
    }

    fn shadows(&self, other: &Api) -> bool {
        let shares_host = self.hosts.iter().any(|host| other.hosts.contains(host));
        self.prefix == other.prefix
            && (shares_host || self.hosts.is_empty() && other.hosts.is_empty())
    }
}

/// All APIs of one Policy.
#[derive(Debug)]
pub struct Apis(Vec<Api>);

impl Apis {
    /// Takes the forms over.
    ///
    /// # Errors
    /// No API at all, a prefix that is none, two APIs that the same Requests fit.
    pub fn build(forms: Vec<ApiForm>) -> Result<Self, BuildFault> {
        let mut list: Vec<Api> = Vec::with_capacity(forms.len());
        for form in forms {
            let api = Api::new(form)?;
            if let Some(other) = list.iter().find(|other| api.shadows(other)) {
                let message = format!(
                    "API `{}` fits the same requests as `{}`",
                    api.name, other.name
                );
                return Err(BuildFault::at(&api.source, message));
            }
            list.push(api);
        }
        if list.is_empty() {
            return Err(BuildFault::at(&Source::default(), "no API is configured"));
        }
        Ok(Apis(list))
    }

    /// The API with this index.
    #[must_use]
    pub fn get(&self, index: ApiIndex) -> Option<&Api> {
        self.0.get(usize::from(index))
    }

    pub(super) fn get_mut(&mut self, index: ApiIndex) -> Option<&mut Api> {
        self.0.get_mut(usize::from(index))
    }

    /// The API that a Request is for. A host with two readings is no host. Cost: O(APIs).
    #[must_use]
    pub fn of(&self, request: &Request) -> Option<ApiIndex> {
        if let [only] = self.0.as_slice()
            && only.hosts.is_empty()
            && only.prefix.is_empty()
        {
            return Some(0);
        }
        let is_doubtful = request
            .faults
            .iter()
            .any(|fault| matches!(fault.code, Code::ParseBadHost | Code::ParseForeignAuthority));
        let host = (!is_doubtful).then(|| (request.host(), request.port()));
        let path: Vec<&str> = request.segments().map(|segment| segment.decoded).collect();
        let fitting = (0..=ApiIndex::MAX)
            .zip(&self.0)
            .filter_map(|(index, api)| Some((api.fits(host, &path)?, index)));
        fitting.max().map(|(_, index)| index)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::budget::{Bounds, Budget};
    use crate::parse::{ParseRules, Parts, parse_parts};

    fn api(hosts: &[&str], prefix: &str) -> Value {
        json!({"name": prefix, "hosts": hosts, "prefix": prefix, "strip_prefix": true,
               "source": {"document": 1, "pointer": "/paths"}})
    }

    fn apis(forms: &[Value]) -> Result<Apis, BuildFault> {
        Apis::build(serde_json::from_value(json!(forms)).unwrap())
    }

    fn of(apis: &Apis, target: &str, host: &str) -> Option<ApiIndex> {
        let bounds = Bounds::default();
        let parts = Parts {
            method: b"GET",
            target: target.as_bytes(),
            fields: [(&b"host"[..], host.as_bytes())].into_iter(),
        };
        let mut budget = Budget::new(&bounds);
        apis.of(&parse_parts(
            parts,
            &ParseRules::default(),
            &bounds,
            &mut budget,
        ))
    }

    #[test]
    fn a_written_host_comes_first_and_then_the_longest_prefix() {
        let all = apis(&[
            api(&[], ""),
            api(&[], "/shop"),
            api(&[], "/shop/admin"),
            api(&["bank.example"], ""),
            api(&["bank.example"], "/shop"),
        ])
        .unwrap();
        for (target, host, wanted) in [
            ("/users", "a", 0),
            ("/shopping", "a", 0),
            ("/shop", "a", 1),
            ("/shop/cart", "a", 1),
            ("/shop/admin/x", "a", 2),
            ("/shop/admin/x", "bank.example", 4),
            ("/users", "BANK.example.", 3),
            ("/users", "bank.example:80", 3),
            ("/users", "bank.example:8443", 0),
            ("http://bank.example/users", "bank.example", 3),
        ] {
            assert_eq!(of(&all, target, host), Some(wanted), "{host} {target}");
        }
    }

    #[test]
    fn what_fits_no_api_goes_to_none() {
        let all = apis(&[api(&["a.example"], "/v1"), api(&["b.example:8443"], "")]).unwrap();
        assert_eq!(of(&all, "/v1/x", "a.example"), Some(0));
        assert_eq!(of(&all, "/x", "b.example:8443"), Some(1));
        for (target, host) in [
            ("/v2/x", "a.example"),
            ("/v1x", "a.example"),
            ("/v1/x", "evil.example"),
            ("/x", "b.example"),
            ("/V1/x", "a.example"),
        ] {
            assert_eq!(of(&all, target, host), None, "{host} {target}");
        }
    }

    #[test]
    fn a_host_with_two_readings_chooses_no_api_of_a_host() {
        let all = apis(&[api(&["a.example"], ""), api(&["b.example"], "")]).unwrap();
        assert_eq!(of(&all, "http://b.example/x", "a.example"), None);
        assert_eq!(of(&all, "/x", "a.example@b.example"), None);
        assert_eq!(of(&all, "/x", ""), None);
    }

    #[test]
    fn two_apis_for_the_same_requests_are_a_fault() {
        let twins = [api(&["a", "b"], "/v1"), api(&["b"], "/v1")];
        assert!(apis(&twins).unwrap_err().message.contains("same requests"));
        assert!(apis(&[api(&["a"], "/v1"), api(&[], "/v1")]).is_ok());
        assert!(apis(&[]).is_err());
        for prefix in ["v1", "/", "/a//b", "/a/"] {
            assert!(apis(&[api(&[], prefix)]).is_err(), "{prefix}");
        }
    }
}
