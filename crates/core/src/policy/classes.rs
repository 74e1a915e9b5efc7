//! How much of an Operation may stand in a record: classes of its parameters, of what its bodies
//! hold, and of the whole.

use super::form::{DataClass, MediaForm, OperationForm, ParameterForm, ParameterIn};
use crate::decision::{Location, Place};
use crate::inspect::parameters::location;
use crate::shape::{PlanId, Shapes};

/// Classes of one Operation; of its values, those that are personal or secret are hidden.
#[derive(Debug, Default)]
pub struct Classes {
    /// Class of everything that it takes and gives.
    whole: Option<DataClass>,
    parameters: Vec<(Location, String, DataClass)>,
    /// Schemas of parameters that have a class.
    schemas: Vec<(Location, String, PlanId)>,
    headers: Vec<(String, DataClass)>,
    /// Headers of parts of a request.
    parts: Vec<(String, DataClass)>,
    request: Vec<Body>,
    response: Vec<Body>,
    /// Every class that anything of it has, for the record.
    pub named: Vec<DataClass>,
}

/// A schema of a body. skipped: tokens of a pointer before its value begins.
#[derive(Clone, Copy, Debug)]
struct Body {
    plan: PlanId,
    skipped: usize,
}

impl Body {
    /// What of a pointer stands before the value, and what below it.
    fn split<'p>(&self, pointer: &'p str) -> (&'p str, &'p str) {
        let mut rest = pointer;
        for _ in 0..self.skipped {
            let behind = rest.strip_prefix('/').unwrap_or_default();
            rest = behind
                .find('/')
                .and_then(|end| behind.get(end..))
                .unwrap_or_default();
        }
        let before = pointer.strip_suffix(rest).unwrap_or_default();
        (before, rest)
    }
}

impl DataClass {
    /// Lower-case name, as in documents and Events.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            DataClass::Public => "public",
            DataClass::Internal => "internal",
            DataClass::Personal => "personal",
            DataClass::Secret => "secret",
        }
    }

    /// Whether no record may hold such a value.
    #[must_use]
    pub fn is_hidden(self) -> bool {
        self >= DataClass::Personal
    }
}

impl Classes {
    pub(super) fn build(form: &OperationForm, shapes: &Shapes) -> Self {
        let bodies = |media: &MediaForm| {
            let plan = |key: &Option<String>| shapes.plan(key.as_deref()?);
            let slots = [(&media.schema, 0), (&media.item, 1), (&media.data, 2)];
            slots.map(|(key, skipped)| plan(key).map(|plan| Body { plan, skipped }))
        };
        let request = form.body.iter().flat_map(|body| body.content.values());
        let replies = form.responses.values();
        let headers = replies.clone().flat_map(|reply| &reply.headers);
        let class = |header: &ParameterForm| Some((header.name.clone(), header.class?));
        Classes {
            whole: form.class,
            parameters: form.parameters.iter().filter_map(parameter).collect(),
            schemas: form
                .parameters
                .iter()
                .filter_map(|form| {
                    let (location, name, _) = parameter(form)?;
                    Some((location, name, shapes.plan(form.schema.as_deref()?)?))
                })
                .collect(),
            headers: headers.filter_map(class).collect(),
            parts: request
                .clone()
                .flat_map(MediaForm::encodings)
                .flat_map(|encoding| &encoding.headers)
                .filter_map(class)
                .collect(),
            request: request.flat_map(bodies).flatten().collect(),
            response: replies
                .flat_map(|reply| reply.content.values())
                .flat_map(bodies)
                .flatten()
                .collect(),
            named: form.data.clone(),
        }
    }

    /// Whether a value at this place may not stand in a record. Cost: O(schemas on the way).
    #[must_use]
    pub fn hides(&self, shapes: &Shapes, place: &Place) -> bool {
        let is_of_message = !matches!(place.location, Location::Connection | Location::Status);
        self.is_hidden_whole() && is_of_message
            || self.of(shapes, place).is_some_and(DataClass::is_hidden)
    }

    /// The pointer of a place without names that may be personal or secret themselves; `None` where
    /// all of it may be shown. Cost: O(schemas on the way).
    #[must_use]
    pub fn without_names(&self, shapes: &Shapes, place: &Place) -> Option<String> {
        if place.pointer.is_empty() {
            return None;
        }
        let bodies: Vec<Body> = match place.location {
            Location::Body => self.request.clone(),
            Location::ResponseBody => self.response.clone(),
            location => {
                let is_own = |(known, name, _): &&(Location, String, PlanId)| {
                    *known == location
                        && (name.is_empty() || name.eq_ignore_ascii_case(&place.name))
                };
                let own = self.schemas.iter().filter(is_own);
                own.map(|(.., plan)| Body {
                    plan: *plan,
                    skipped: 0,
                })
                .collect()
            }
        };
        let mut shown: Option<String> = None;
        for body in bodies {
            let (before, rest) = body.split(shown.as_deref().unwrap_or(&place.pointer));
            if let Some(masked) = shapes.without_names(body.plan, rest, self.whole) {
                shown = Some(format!("{before}{masked}"));
            }
        }
        shown
    }

    fn of(&self, shapes: &Shapes, place: &Place) -> Option<DataClass> {
        match place.location {
            Location::Body => {
                let of_header = strictest_named(&self.parts, &place.name);
                of_header.max(strictest(&self.request, shapes, &place.pointer))
            }
            Location::ResponseBody => strictest(&self.response, shapes, &place.pointer),
            Location::ResponseHeader => strictest_named(&self.headers, &place.name),
            // The target as sent holds path and query.
            Location::Target => {
                let parts = self.parameters.iter();
                let in_target = parts.filter(|(place, ..)| is_in_target(*place));
                in_target.map(|(.., class)| *class).max()
            }
            location => {
                let is_named =
                    |name: &String| name.is_empty() || name.eq_ignore_ascii_case(&place.name);
                let own = self
                    .parameters
                    .iter()
                    .filter(|(known, name, _)| *known == location && is_named(name));
                own.map(|(.., class)| *class).max()
            }
        }
    }

    /// Whether the path parameter of this name may not stand in a record.
    #[must_use]
    pub fn hides_parameter(&self, name: &str) -> bool {
        self.is_hidden_whole()
            || self.parameters.iter().any(|(location, known, class)| {
                *location == Location::Path && known == name && class.is_hidden()
            })
    }

    /// Whether any part of the query may not.
    #[must_use]
    pub fn hides_query(&self) -> bool {
        self.hides_any(Location::Query)
    }

    /// Whether any part of the path may not.
    #[must_use]
    pub fn hides_path(&self) -> bool {
        self.hides_any(Location::Path)
    }

    fn hides_any(&self, wanted: Location) -> bool {
        let is_hidden = |(place, _, class): &(Location, String, DataClass)| {
            *place == wanted && class.is_hidden()
        };
        self.is_hidden_whole() || self.parameters.iter().any(is_hidden)
    }

    fn is_hidden_whole(&self) -> bool {
        self.whole.is_some_and(DataClass::is_hidden)
    }
}

fn strictest_named(headers: &[(String, DataClass)], name: &str) -> Option<DataClass> {
    let own = headers
        .iter()
        .filter(|(known, _)| known.eq_ignore_ascii_case(name));
    own.map(|(_, class)| *class).max()
}

fn strictest(bodies: &[Body], shapes: &Shapes, pointer: &str) -> Option<DataClass> {
    let inner = |body: &Body| shapes.class_at(body.plan, body.split(pointer).1);
    bodies.iter().filter_map(inner).max()
}

/// A parameter that has a class; without a name where it is the whole query.
fn parameter(form: &ParameterForm) -> Option<(Location, String, DataClass)> {
    let name = match form.place {
        ParameterIn::QueryString => String::new(),
        _ => form.name.clone(),
    };
    Some((location(form.place), name, form.class?))
}

fn is_in_target(location: Location) -> bool {
    matches!(location, Location::Path | Location::Query)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::testing::{form, json_content, load, operation};

    fn parameter(name: &str, place: &str, class: &str) -> serde_json::Value {
        json!({"name": name, "in": place, "required": false, "style": "simple", "explode": false,
            "allow_empty": false, "content": null, "schema": null,
            "class": class, "source": {"document": 1}})
    }

    fn hides(change: impl Fn(&mut serde_json::Value), place: &Place) -> bool {
        let mut form = form();
        form["schemas"] = json!({"1#/User": {"properties": {
            "name": {}, "email": {"x-bartizan-data-class": "personal"}}}});
        let mut one = operation("POST", "/users/{id}");
        one["parameters"] = json!([
            parameter("id", "path", "personal"),
            parameter("page", "query", "public"),
            parameter("x-key", "header", "secret"),
        ]);
        let source = json!({"document": 1});
        one["body"] =
            json!({"required": true, "content": json_content("1#/User"), "source": source});
        one["responses"] = json!({"200": {"headers": [parameter("x-next", "header", "secret")],
            "source": source, "content": {"text/event-stream": {"schema": null,
                "data": "1#/User", "encoding": {}, "source": source}}}});
        change(&mut one);
        form["operations"] = json!([one]);
        let policy = load(&form);
        let operation = &policy.operations()[0];
        operation.classes.hides(policy.schemas.shapes(), place)
    }

    #[test]
    fn personal_and_secret_values_are_hidden_wherever_they_travel() {
        for place in [
            Place::at(Location::Body, "/email"),
            Place::at(Location::ResponseBody, "/0/data/email"),
            Place::named(Location::Path, "id"),
            Place::named(Location::Header, "X-Key"),
            Place::named(Location::ResponseHeader, "X-Next"),
            Place::of(Location::Target),
        ] {
            assert!(hides(|_| {}, &place), "{place:?}");
        }
        for place in [
            Place::at(Location::Body, "/name"),
            Place::at(Location::ResponseBody, "/0/data/name"),
            Place::named(Location::Query, "page"),
            Place::named(Location::Header, "x-other"),
            Place::of(Location::Status),
        ] {
            assert!(!hides(|_| {}, &place), "{place:?}");
        }
    }

    #[test]
    fn headers_of_parts_are_hidden_by_their_class_and_parts_by_their_place() {
        let source = json!({"document": 1});
        let encoding = |header: serde_json::Value| json!({"content_types": [], "style": "form", "explode": true, "headers": [header]});
        let parts = |one: &mut serde_json::Value| {
            one["body"]["content"] = json!({
                "multipart/mixed": {"schema": null, "item": "1#/User", "source": source,
                    "parts": {"prefix": [encoding(parameter("x-a", "header", "secret"))],
                        "item": encoding(parameter("x-b", "header", "public"))}},
                "multipart/form-data": {"schema": "1#/User", "source": source,
                    "encoding": {"name": encoding(parameter("x-c", "header", "personal"))}}});
        };
        let header = |name: &'static str| Place {
            name: name.into(),
            ..Place::at(Location::Body, "/0")
        };
        assert!(hides(parts, &header("X-A")) && hides(parts, &header("x-c")));
        assert!(!hides(parts, &header("x-b")) && !hides(parts, &header("x-d")));
        assert!(hides(parts, &Place::at(Location::Body, "/3/email")));
        assert!(!hides(parts, &Place::at(Location::Body, "/3/name")));
    }

    #[test]
    fn an_operation_that_is_personal_hides_every_value_of_its_messages() {
        let whole = |one: &mut serde_json::Value| one["class"] = json!("personal");
        assert!(hides(whole, &Place::at(Location::Body, "/name")));
        assert!(hides(whole, &Place::named(Location::Query, "page")));
        assert!(!hides(whole, &Place::of(Location::Status)));
        assert!(!hides(whole, &Place::of(Location::Connection)));
        let public = |one: &mut serde_json::Value| one["class"] = json!("public");
        assert!(hides(public, &Place::at(Location::Body, "/email")));
    }
}
