//! Principal: who asks, and how that was proven.

use std::sync::Arc;

/// How a Principal was proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrincipalKind {
    /// Nobody: the Operation allows it.
    Anonymous,
    /// A configured API key.
    ApiKey,
    /// The framework of the app behind a mount has authenticated it, such as by a session. The app
    /// told so; nothing of a Request can.
    Framework,
    /// An access token of a configured issuer.
    Token,
    /// A credential is there, and only the API can verify it.
    Unverified,
}

impl PrincipalKind {
    /// Lower-case name, as in Events.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            PrincipalKind::Anonymous => "anonymous",
            PrincipalKind::ApiKey => "api-key",
            PrincipalKind::Framework => "framework",
            PrincipalKind::Token => "token",
            PrincipalKind::Unverified => "unverified",
        }
    }
}

/// Who asks. Cloning costs one reference count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Principal(Option<Arc<Proven>>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Proven {
    kind: PrincipalKind,
    issuer: Box<str>,
    subject: Box<str>,
    scopes: Box<[Box<str>]>,
    credential: Box<str>,
    /// Operations it is bound to, sorted; empty = all.
    operations: Box<[Box<str>]>,
}

impl Principal {
    /// Nobody.
    #[must_use]
    pub const fn anonymous() -> Self {
        Principal(None)
    }

    /// The holder of the API key with this public id.
    pub(crate) fn api_key(id: &str, scopes: &[String]) -> Self {
        Self::proven(PrincipalKind::ApiKey, "", id, scopes.to_vec(), id)
    }

    /// The subject of a verified access token. `issuer`: id of the entry; `credential`: `jti`, or
    /// empty.
    pub(crate) fn token(
        issuer: &str,
        subject: &str,
        scopes: Vec<String>,
        credential: &str,
    ) -> Self {
        Self::proven(PrincipalKind::Token, issuer, subject, scopes, credential)
    }

    /// Whom the framework of this name has authenticated.
    pub(crate) fn framework(name: &str, subject: &str) -> Self {
        Self::proven(PrincipalKind::Framework, name, subject, Vec::new(), "")
    }

    /// Somebody with a credential of this scheme that nobody has verified.
    pub(crate) fn unverified(scheme: &str) -> Self {
        Self::proven(PrincipalKind::Unverified, "", "", Vec::new(), scheme)
    }

    /// A Principal taken from a capture, where it is a fact instead of a secret (replay only).
    #[must_use]
    pub fn recorded(kind: PrincipalKind, issuer: &str, subject: &str, scopes: Vec<String>) -> Self {
        match kind {
            PrincipalKind::Anonymous => Self::anonymous(),
            _ => Self::proven(kind, issuer, subject, scopes, ""),
        }
    }

    /// The same, bound to these Operations alone; none = all.
    #[must_use]
    pub fn bound_to(self, operations: &[String]) -> Self {
        let Some(proven) = self.0 else { return self };
        let mut bound: Vec<Box<str>> = operations.iter().map(|one| one.as_str().into()).collect();
        bound.sort_unstable();
        Principal(Some(Arc::new(Proven {
            operations: bound.into_boxed_slice(),
            ..Proven::clone(&proven)
        })))
    }

    fn proven(
        kind: PrincipalKind,
        issuer: &str,
        subject: &str,
        mut scopes: Vec<String>,
        credential: &str,
    ) -> Self {
        scopes.sort_unstable();
        scopes.dedup();
        Principal(Some(Arc::new(Proven {
            kind,
            issuer: issuer.into(),
            subject: subject.into(),
            scopes: scopes.into_iter().map(String::into_boxed_str).collect(),
            credential: credential.into(),
            operations: Box::default(),
        })))
    }

    /// How it was proven.
    #[must_use]
    pub fn kind(&self) -> PrincipalKind {
        self.0
            .as_ref()
            .map_or(PrincipalKind::Anonymous, |proven| proven.kind)
    }

    /// Id of the issuer entry, or name of the framework; else empty.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.0.as_ref().map_or("", |proven| &proven.issuer)
    }

    /// Subject within the issuer, or id of the API key; empty for nobody and unverified.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.0.as_ref().map_or("", |proven| &proven.subject)
    }

    /// Scopes, sorted, each once.
    #[must_use]
    pub fn scopes(&self) -> &[Box<str>] {
        self.0.as_ref().map_or(&[], |proven| &proven.scopes)
    }

    /// `jti` of the token, id of the API key, or name of the scheme; may be empty.
    #[must_use]
    pub fn credential(&self) -> &str {
        self.0.as_ref().map_or("", |proven| &proven.credential)
    }

    /// Whether somebody was proven, so that limits may count by it.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        matches!(self.kind(), PrincipalKind::ApiKey | PrincipalKind::Token)
    }

    /// Operations it is bound to, sorted; none = all.
    #[must_use]
    pub fn operations(&self) -> &[Box<str>] {
        self.0.as_ref().map_or(&[], |proven| &proven.operations)
    }

    /// Whether its credential is meant for the Operation of this id. Cost: O(log operations).
    #[must_use]
    pub fn is_meant_for(&self, operation: &str) -> bool {
        let bound = self.operations();
        bound.is_empty()
            || bound
                .binary_search_by(|one| one.as_ref().cmp(operation))
                .is_ok()
    }

    /// Whether it carries this scope. Cost: O(log scopes).
    #[must_use]
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes()
            .binary_search_by(|held| held.as_ref().cmp(scope))
            .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_a_sorted_set() {
        let scopes = vec!["write".to_owned(), "read".to_owned(), "write".to_owned()];
        let principal = Principal::token("main", "alice", scopes, "");
        assert_eq!(principal.scopes().len(), 2);
        assert!(principal.has_scope("read"));
        assert!(!principal.has_scope("rea"));
    }

    #[test]
    fn a_bound_principal_is_meant_for_its_operations_alone() {
        let key = Principal::api_key("k", &[]);
        assert!(key.is_meant_for("GET /a"));
        let bound = key.bound_to(&["PUT /b".to_owned(), "GET /a".to_owned()]);
        assert!(bound.is_meant_for("GET /a") && bound.is_meant_for("PUT /b"));
        assert!(!bound.is_meant_for("GET /b") && !bound.is_meant_for(""));
        let nobody = Principal::anonymous().bound_to(&["GET /a".to_owned()]);
        assert!(nobody.is_meant_for("GET /b"));
    }

    #[test]
    fn nobody_has_no_name_and_no_scope() {
        let nobody = Principal::anonymous();
        assert_eq!(nobody.kind(), PrincipalKind::Anonymous);
        assert!(!nobody.is_proven() && !nobody.has_scope(""));
    }
}
