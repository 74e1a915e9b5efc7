//! Decision, its reasons, and the proof values that lead to `Cleared`.

use std::borrow::Cow;

use crate::codes::{Class, Code};

/// A step of the request river. Also the name of a control that can be put into shadow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Stage {
    /// Framing on the wire; not a control.
    Wire,
    /// Content of head and body.
    Parse,
    /// Declared Operation.
    Match,
    /// Who asks.
    Identify,
    /// Rates and concurrency.
    Limit,
    /// What they may.
    Authorize,
    /// The contract of the Request.
    Inspect,
    /// Putting the Decision together; not a control.
    Decide,
    /// Sending on; not a control.
    Forward,
    /// The contract of the Response.
    Shape,
}

impl Stage {
    /// The stages that are controls: each can be put into shadow.
    pub const CONTROLS: [Stage; 7] = [
        Stage::Parse,
        Stage::Match,
        Stage::Identify,
        Stage::Limit,
        Stage::Authorize,
        Stage::Inspect,
        Stage::Shape,
    ];

    /// Lower-case name, as in config and Events.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Stage::Wire => "wire",
            Stage::Parse => "parse",
            Stage::Match => "match",
            Stage::Identify => "identify",
            Stage::Limit => "limit",
            Stage::Authorize => "authorize",
            Stage::Inspect => "inspect",
            Stage::Decide => "decide",
            Stage::Forward => "forward",
            Stage::Shape => "shape",
        }
    }
}

/// What the stages found, before shadow is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing stands against it.
    Allow,
    /// 401: a better credential may help.
    Challenge,
    /// Refused.
    Deny,
    /// 429: later may help.
    Throttle,
}

impl Verdict {
    /// Lower-case name, as in Events.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Allow => "allow",
            Verdict::Challenge => "challenge",
            Verdict::Deny => "deny",
            Verdict::Throttle => "throttle",
        }
    }
}

/// Whether the verdict was acted upon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enforcement {
    /// The verdict was carried out.
    Enforced,
    /// The verdict stands in the record; the Request went on.
    Shadow,
}

impl Enforcement {
    /// Lower-case name, as in Events.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Enforcement::Enforced => "enforced",
            Enforcement::Shadow => "shadow",
        }
    }
}

/// Where in the message a reason points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Location {
    /// The connection or the exchange as a whole.
    Connection,
    /// The request target as sent.
    Target,
    /// A named path parameter.
    Path,
    /// A named query parameter.
    Query,
    /// A named request header.
    Header,
    /// A named cookie.
    Cookie,
    /// The request body; `pointer` is a JSON Pointer into it.
    Body,
    /// The status of the response.
    Status,
    /// A named response header.
    ResponseHeader,
    /// The response body; `pointer` is a JSON Pointer into it.
    ResponseBody,
}

impl Location {
    const ALL: [Location; 10] = [
        Location::Connection,
        Location::Target,
        Location::Path,
        Location::Query,
        Location::Header,
        Location::Cookie,
        Location::Body,
        Location::Status,
        Location::ResponseHeader,
        Location::ResponseBody,
    ];

    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// Lower-case name, as in Events and in `errors[]`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Location::Connection => "connection",
            Location::Target => "target",
            Location::Path => "path",
            Location::Query => "query",
            Location::Header => "header",
            Location::Cookie => "cookie",
            Location::Body => "body",
            Location::Status => "status",
            Location::ResponseHeader => "response-header",
            Location::ResponseBody => "response-body",
        }
    }
}

/// The place of one reason: location, the name of the parameter or header, and a JSON Pointer
/// (RFC 6901) below it; both empty where they do not apply.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Which part of the message.
    pub location: Location,
    /// Parameter, header or cookie name.
    pub name: Cow<'static, str>,
    /// JSON Pointer below it.
    pub pointer: Cow<'static, str>,
}

impl Place {
    /// A place without a name.
    #[must_use]
    pub fn of(location: Location) -> Self {
        Place {
            location,
            name: Cow::Borrowed(""),
            pointer: Cow::Borrowed(""),
        }
    }

    /// A named place.
    pub fn named(location: Location, name: impl Into<Cow<'static, str>>) -> Self {
        Place {
            location,
            name: name.into(),
            pointer: Cow::Borrowed(""),
        }
    }

    /// A place inside a body.
    pub fn at(location: Location, pointer: impl Into<Cow<'static, str>>) -> Self {
        Place {
            location,
            name: Cow::Borrowed(""),
            pointer: pointer.into(),
        }
    }
}

/// The setting that gave a reason: a document of the Policy and a JSON Pointer into it.
/// Resolved to file:line outside the core, only when it must be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// Index into the Policy's documents; 0 is the config, `None` a built-in default.
    pub document: Option<u16>,
    /// JSON Pointer into that document.
    pub pointer: String,
}

impl Source {
    /// In place of a document: the code of the app behind a mount, where the pointer is `file:line`.
    pub const CODE: u16 = u16::MAX;
}

/// Longest decoded value kept with a reason, in bytes.
pub const VALUE_MAX_BYTES: usize = 128;

/// What is expected where more is broken than is told.
pub(crate) const UNTOLD: &str = "fewer breaches than can be told";

/// One thing that stands against a Request, or was found in its Response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// What.
    pub code: Code,
    /// Where in the message.
    pub place: Place,
    /// The decoded value, cut to `VALUE_MAX_BYTES` and masked by `record` before it leaves.
    pub value: Option<String>,
    /// Byte span of the offending part inside the field or body that `place` names.
    pub span: Option<(u32, u32)>,
    /// What is allowed instead; shown to the client for contract, credential and quota causes.
    pub expected: String,
    /// The setting that asks for it.
    pub source: Source,
    /// The control stood in shadow, or an exception covers it.
    pub standing: Standing,
}

/// Whether a reason counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It counts towards the verdict and is acted upon.
    Enforced,
    /// A written exception covers it: recorded, does not count towards the verdict.
    Excepted,
    /// It counts towards the verdict and is not acted upon.
    Shadow,
}

impl Standing {
    /// Lower-case name, as in Events.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Standing::Enforced => "enforced",
            Standing::Excepted => "excepted",
            Standing::Shadow => "shadow",
        }
    }
}

impl Reason {
    /// A reason that counts, with nothing more known than its place.
    #[must_use]
    pub fn new(code: Code, place: Place) -> Self {
        Reason {
            code,
            place,
            value: None,
            span: None,
            expected: String::new(),
            source: Source::default(),
            standing: Standing::Enforced,
        }
    }

    /// That there are, or may be, more breaches of this rule than are told. An exception from some
    /// places does not cover it: those that are not told may stand elsewhere.
    #[must_use]
    pub fn untold(code: Code, location: Location) -> Self {
        Reason::new(code, Place::of(location)).expected(UNTOLD)
    }

    /// Whether it stands for breaches that are not told.
    #[must_use]
    pub fn is_untold(&self) -> bool {
        self.expected == UNTOLD
    }

    /// Of one piece of a body, told in the whole: the piece stands at `pointer` and begins at `start`.
    #[must_use]
    pub(crate) fn within(mut self, pointer: &str, start: usize) -> Self {
        let start = u32::try_from(start).unwrap_or(u32::MAX);
        self.place.pointer = format!("{pointer}{}", self.place.pointer).into();
        self.span = self
            .span
            .map(|(from, to)| (from.saturating_add(start), to.saturating_add(start)));
        self
    }

    /// Puts it into a list while there is room, else, once for each rule and part of the message,
    /// that there are more.
    pub(crate) fn tell(self, list: &mut Vec<Reason>, most: u32) {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        if list.len() < most && !self.is_untold() {
            return list.push(self);
        }
        let is_of =
            |known: &Reason| (known.code, known.place.location) == (self.code, self.place.location);
        if !list.iter().any(|known| known.is_untold() && is_of(known)) {
            let more = Reason::untold(self.code, self.place.location);
            list.push(more.source(&self.source));
        }
    }

    /// Adds the decoded value, cut at a character boundary.
    #[must_use]
    pub fn value(mut self, value: &str) -> Self {
        let mut end = value.len().min(VALUE_MAX_BYTES);
        while !value.is_char_boundary(end) {
            end = end.saturating_sub(1);
        }
        self.value = value.get(..end).map(str::to_owned);
        self
    }

    /// Adds the byte span.
    #[must_use]
    pub fn span(mut self, start: usize, end: usize) -> Self {
        self.span = Some((
            u32::try_from(start).unwrap_or(u32::MAX),
            u32::try_from(end).unwrap_or(u32::MAX),
        ));
        self
    }

    /// Adds what is allowed instead.
    #[must_use]
    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = expected.into();
        self
    }

    /// Adds the setting.
    #[must_use]
    pub fn source(mut self, source: &Source) -> Self {
        self.source = source.clone();
        self
    }
}

/// The answer to one Request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What the stages found; never altered by shadow.
    pub verdict: Verdict,
    /// Whether it was acted upon.
    pub enforcement: Enforcement,
    /// HTTP status of our answer where refused (also recorded in shadow); 0 for allow.
    pub status: u16,
    /// In the order of the river; inside a stage by (pointer, code).
    pub reasons: Vec<Reason>,
}

impl Decision {
    /// Puts reasons together. The first counting reason in the order of the river gives the
    /// verdict and status; it is enforced when any counting reason stands enforced, and then the
    /// first such reason gives the status.
    #[must_use]
    pub fn combine(reasons: Vec<Reason>) -> Self {
        let counting = || {
            reasons
                .iter()
                .filter(|reason| reason.standing != Standing::Excepted)
        };
        let enforced = counting().find(|reason| reason.standing == Standing::Enforced);
        let Some(leading) = enforced.or_else(|| counting().next()) else {
            return Decision {
                verdict: Verdict::Allow,
                enforcement: Enforcement::Enforced,
                status: 0,
                reasons,
            };
        };
        let status = leading.code.status();
        let verdict = match (leading.code.class(), status) {
            (Class::Quota, _) => Verdict::Throttle,
            (Class::Credential, 401) => Verdict::Challenge,
            _ => Verdict::Deny,
        };
        let enforcement = if enforced.is_some() {
            Enforcement::Enforced
        } else {
            Enforcement::Shadow
        };
        Decision {
            verdict,
            enforcement,
            status,
            reasons,
        }
    }

    /// Whether the Request may go on.
    #[must_use]
    pub fn forwards(&self) -> bool {
        self.verdict == Verdict::Allow || self.enforcement == Enforcement::Shadow
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(code: Code, standing: Standing) -> Reason {
        let mut reason = Reason::new(code, Place::of(Location::Connection));
        reason.standing = standing;
        reason
    }

    #[test]
    fn no_reason_allows() {
        let decision = Decision::combine(Vec::new());
        assert_eq!((decision.verdict, decision.status), (Verdict::Allow, 0));
        assert!(decision.forwards());
    }

    #[test]
    fn a_location_is_found_by_the_name_that_events_give_it() {
        for one in Location::ALL {
            assert_eq!(Location::named(one.name()), Some(one));
        }
        assert_eq!(Location::named("nowhere"), None);
    }

    #[test]
    fn shadow_keeps_the_verdict_and_forwards() {
        let decision = Decision::combine(vec![reason(Code::InspectBodySchema, Standing::Shadow)]);
        assert_eq!(decision.verdict, Verdict::Deny);
        assert_eq!(decision.enforcement, Enforcement::Shadow);
        assert!(decision.forwards());
    }

    #[test]
    fn an_enforced_reason_leads_those_in_shadow_before_it() {
        let decision = Decision::combine(vec![
            reason(Code::MatchUnknownPath, Standing::Shadow),
            reason(Code::InspectBodySchema, Standing::Enforced),
        ]);
        assert_eq!(decision.status, Code::InspectBodySchema.status());
        assert!(!decision.forwards());
    }

    #[test]
    fn an_excepted_reason_does_not_count_but_stays() {
        let decision = Decision::combine(vec![reason(Code::InspectBodySchema, Standing::Excepted)]);
        assert_eq!(decision.verdict, Verdict::Allow);
        assert_eq!(decision.reasons.len(), 1);
    }
}
