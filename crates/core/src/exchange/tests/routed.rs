use super::*;

/// A Request that the router of an app has sent to an Operation.
fn routed(operation: Option<u32>, asked: Option<u32>) -> Play {
    let mut play = Play::new(&shop());
    play.exchange.route(Routed { operation, asked });
    play
}

#[test]
fn the_router_of_the_app_stands_above_path_templates() {
    let mut play = routed(Some(0), None);
    forwarded(play.head("GET", "/users/7", &[], 0));
    assert_eq!(play.close().operation_id(), Some("GET /users/{id}"));
    let mut play = routed(None, None);
    assert_eq!(answer(play.head("GET", "/users/7", &[], 0)).status, 404);
    assert_eq!(codes(&play.close()), ["match.unknown-path"]);
}

#[test]
fn a_routed_request_is_held_against_the_parameters_of_its_operation() {
    let mut play = routed(Some(0), None);
    assert_eq!(answer(play.head("GET", "/users/seven", &[], 0)).status, 422);
    let mut play = routed(Some(0), None);
    forwarded(play.head("GET", "/users/7/", &[], 0));
    for foreign in ["/users", "/users/7/8", "/accounts/7"] {
        let mut play = routed(Some(0), None);
        assert_eq!(answer(play.head("GET", foreign, &[], 0)).status, 404);
    }
}

#[test]
fn what_only_the_app_can_split_belongs_to_a_star() {
    let mut form = shop();
    form["operations"] = json!([operation("GET", "/files/*rest")]);
    let mut play = Play::new(&form);
    play.exchange.route(Routed {
        operation: Some(0),
        asked: None,
    });
    forwarded(play.head("GET", "/files/a/b/c", &[], 0));
    let mut play = Play::new(&form);
    assert_eq!(answer(play.head("GET", "/files/a/b/c", &[], 0)).status, 404);
}

#[test]
fn a_preflight_asks_about_what_the_router_names() {
    let fields = [
        ("origin", "https://a.test"),
        ("access-control-request-method", "GET"),
    ];
    let mut play = routed(None, Some(0));
    forwarded(play.head("OPTIONS", "/users/7", &fields, 0));
    let mut play = routed(None, None);
    assert_eq!(
        answer(play.head("OPTIONS", "/users/7", &fields, 0)).status,
        405
    );
}
