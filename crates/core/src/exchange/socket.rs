//! A WebSocket behind a mount: its handshake is judged as the GET that it is (RFC 6455 section 4),
//! its messages are not.

use super::{Exchange, State};

const SWITCHING_PROTOCOLS: u16 = 101;

impl Exchange {
    /// The Request is the handshake of a WebSocket. Call it before `head`.
    pub fn socket(&mut self) {
        self.is_socket = true;
    }

    /// The app has accepted the handshake: that is its Response.
    pub fn accepted(&mut self) {
        self.state = State::Over;
        self.status = SWITCHING_PROTOCOLS;
        self.upstream_status = SWITCHING_PROTOCOLS;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Exchange, Step};
    use crate::decision::Verdict;
    use crate::event::{Event, Outcome};
    use crate::policy::testing::{form, live, load, operation};
    use crate::time::{ExchangeId, Now};
    use crate::wire::head::{Framing, RequestHead};

    const NOW: Now = Now {
        unix_ms: 1_800_000_000_000,
        mono_us: 1_000_000,
    };

    fn opened(is_socket: bool, origin: &str) -> (Step, Box<Exchange>) {
        let mut form = form();
        form["csrf"] = json!({"proof": "origin", "origins": [], "cookie": "", "header": "",
                              "every_cookie": false, "source": {"document": 0, "pointer": ""}});
        form["operations"] = json!([operation("GET", "/live")]);
        let policy = load(&form);
        let live = live(&policy);
        let peer = std::net::Ipv4Addr::LOCALHOST.into();
        let mut exchange = Exchange::open(policy, live, peer, ExchangeId(9), NOW);
        if is_socket {
            exchange.socket();
        }
        let fields = [("host", "api.test"), ("cookie", "a=b"), ("origin", origin)];
        let fields = fields.map(|(name, value)| (name.as_bytes(), value.as_bytes()));
        let head = RequestHead::from_parts(b"GET", b"/live", fields, Framing::Empty).unwrap();
        let step = exchange.head(head, NOW);
        (step, exchange)
    }

    fn event(exchange: Box<Exchange>) -> Event {
        exchange.close(Outcome::Complete, NOW)
    }

    #[test]
    fn a_handshake_of_an_own_page_is_let_through_and_answered_by_the_app() {
        let (step, mut exchange) = opened(true, "https://api.test");
        assert!(matches!(step, Step::Forward(_)));
        exchange.accepted();
        let event = event(exchange);
        assert_eq!(
            (event.decision.verdict, event.status),
            (Verdict::Allow, 101)
        );
    }

    #[test]
    fn a_handshake_of_another_site_is_refused_where_a_plain_get_is_not() {
        let (step, exchange) = opened(true, "https://evil.test");
        assert!(matches!(step, Step::Answer(answer) if answer.status == 403));
        assert_eq!(event(exchange).decision.verdict, Verdict::Deny);
        assert!(matches!(
            opened(false, "https://evil.test").0,
            Step::Forward(_)
        ));
    }
}
