//! Documents as values, beside what has no place in them.

use serde_json::{Map, Value, json};

use super::tape;
use crate::budget::{Bounds, Budget};
use crate::inspect::xml::plan::XmlPlan;
use crate::parse::xml::{XmlRules, read_xml};

/// The petstore, as its document writes it.
fn petstore() -> Value {
    json!({
        "1#/components/schemas/Pet!request": {
            "type": "object",
            "required": ["name", "photoUrls"],
            "properties": {
                "id": {"type": "integer"},
                "category": {"$ref": "#/$defs/1%23~1components~1schemas~1Category"},
                "name": {"type": "string"},
                "photoUrls": {"type": "array", "xml": {"wrapped": true},
                    "items": {"type": "string", "xml": {"name": "photoUrl"}}},
                "tags": {"type": "array", "xml": {"wrapped": true},
                    "items": {"$ref": "#/$defs/1%23~1components~1schemas~1Tag"}},
                "status": {"type": "string", "enum": ["available", "sold"]},
            },
            "xml": {"name": "pet"},
        },
        "1#/components/schemas/Category": {
            "type": "object", "xml": {"name": "Category"},
            "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}},
        "1#/components/schemas/Tag": {
            "type": "object", "xml": {"name": "tag"},
            "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}},
    })
}

fn read_as(schemas: &Value, key: &str, body: &str) -> (Value, Vec<(String, String)>) {
    let schemas: &Map<String, Value> = schemas.as_object().unwrap();
    let plan = XmlPlan::compile(key, schemas).unwrap();
    let bounds = Bounds::default();
    let mut budget = Budget::new(&bounds);
    let xml = read_xml(body.as_bytes(), XmlRules::STRICT, &bounds, &mut budget).unwrap();
    let (tape, reasons) = tape(&plan, xml.root(), 8, &mut budget);
    let told = reasons.iter().map(|reason| {
        let value = reason.value.clone().unwrap_or_default();
        (reason.place.pointer.to_string(), value.to_string())
    });
    (tape.value(tape.root()), told.collect())
}

fn pet(body: &str) -> (Value, Vec<(String, String)>) {
    read_as(&petstore(), "1#/components/schemas/Pet!request", body)
}

/// A root `r` of one schema.
fn of(mut schema: Value, body: &str) -> (Value, Vec<(String, String)>) {
    if schema.get("xml").is_none() {
        schema["xml"] = json!({"name": "r"});
    }
    read_as(&json!({"1#/r": schema}), "1#/r", body)
}

fn refused(pointer: &str, name: &str) -> Vec<(String, String)> {
    vec![(pointer.to_owned(), name.to_owned())]
}

#[test]
fn a_pet_as_swagger_ui_sends_it_is_the_value_that_its_schema_means() {
    let body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<pet>\n\t<id>10</id>\n\t<name>doggie</name>\n\
        \t<category>\n\t\t<id>1</id>\n\t\t<name>Dogs</name>\n\t</category>\n\
        \t<photoUrls>\n\t\t<photoUrl>a</photoUrl>\n\t\t<photoUrl>b</photoUrl>\n\t</photoUrls>\n\
        \t<tags>\n\t\t<tag>\n\t\t\t<id>0</id>\n\t\t\t<name>x</name>\n\t\t</tag>\n\t</tags>\n\
        \t<status>available</status>\n</pet>";
    let value = json!({"id": 10, "name": "doggie", "category": {"id": 1, "name": "Dogs"},
        "photoUrls": ["a", "b"], "tags": [{"id": 0, "name": "x"}], "status": "available"});
    assert_eq!(pet(body), (value, vec![]));
}

#[test]
fn a_referred_schema_may_name_the_element_too() {
    let (value, told) = pet("<pet><Category><id>1</id></Category><photoUrls/></pet>");
    assert_eq!(value, json!({"category": {"id": 1}, "photoUrls": []}));
    assert_eq!(told, []);
    let (_, told) = pet("<pet><Category/><category/></pet>");
    assert_eq!(told, refused("/category", "category"));
}

#[test]
fn what_is_not_declared_stays_visible_to_the_schema() {
    let (value, told) = pet("<pet admin='1'><role>root</role><x><y>1</y><y z='2'/></x></pet>");
    let extra = json!({"admin": "1", "role": "root", "x": {"y": ["1", {"z": "2"}]}});
    assert_eq!((value, told), (extra, vec![]));
}

#[test]
fn a_name_in_another_place_or_namespace_is_refused() {
    for (body, pointer, name) in [
        ("<pet name='a'/>", "/name", "name"),
        (
            "<pet xmlns:e='evil'><e:name>a</e:name></pet>",
            "/name",
            "name",
        ),
        ("<dog/>", "", "dog"),
        ("<pet xmlns='evil'/>", "", "pet"),
        ("<pet><tags><evil/></tags></pet>", "/tags/0", "evil"),
        ("<pet><photoUrl>a</photoUrl>text</pet>", "", "pet"),
        ("<pet><id>1</id><id>2</id></pet>", "/id", "id"),
        ("<pet><tags a='1'/></pet>", "/tags", "a"),
        ("<pet><id a='1'>1</id></pet>", "/id", "a"),
    ] {
        assert_eq!(pet(body).1, refused(pointer, name), "{body}");
    }
}

#[test]
fn attributes_texts_and_namespaces_go_where_the_schema_puts_them() {
    let price = json!({"type": "object", "properties": {
        "currency": {"type": "string", "xml": {"attribute": true}},
        "kind": {"type": "integer", "xml": {"nodeType": "attribute", "name": "type"}},
        "amount": {"type": "number", "xml": {"nodeType": "text"}}}});
    let (value, told) = of(price.clone(), "<r currency='EUR' type='2'> 9.50 </r>");
    assert_eq!(
        (value, told),
        (json!({"currency": "EUR", "kind": 2, "amount": 9.5}), vec![])
    );
    assert_eq!(
        of(price.clone(), "<r><currency>EUR</currency></r>").1,
        refused("/currency", "currency")
    );
    assert_eq!(
        of(price.clone(), "<r kind='1'/>").1,
        refused("/kind", "kind")
    );
    let split = "<r>9<b/>99</r>";
    assert_eq!(of(price.clone(), split).1, refused("", "r"));
    assert_eq!(of(price, "<r>9<b/>\n</r>").1, vec![]);
    let named = json!({"type": "object", "xml": {"name": "r", "namespace": "u"}, "properties": {
        "a": {"type": "integer"}, "b": {"type": "integer", "xml": {"namespace": "v"}}}});
    let good = "<p:r xmlns:p='u' xmlns:q='v'><p:a>1</p:a><q:b>2</q:b></p:r>";
    assert_eq!(of(named.clone(), good), (json!({"a": 1, "b": 2}), vec![]));
    let plain = "<p:r xmlns:p='u'><a>1</a></p:r>";
    assert_eq!(of(named.clone(), plain), (json!({"a": 1}), vec![]));
    assert_eq!(
        of(named.clone(), "<r xmlns='u'><b>2</b></r>").1,
        refused("/b", "b")
    );
    assert_eq!(of(named, "<r/>").1, refused("", "r"));
}

#[test]
fn lists_stand_with_or_without_an_element_around_them() {
    let bare = json!({"type": "object", "required": ["n"], "properties": {
        "n": {"type": "array", "items": {"type": "integer", "xml": {"name": "m"}}}}});
    assert_eq!(
        of(bare.clone(), "<r><m>1</m><m>2</m></r>").0,
        json!({"n": [1, 2]})
    );
    assert_eq!(of(bare.clone(), "<r/>").0, json!({"n": []}));
    assert_eq!(of(bare, "<r><n>1</n></r>").1, refused("/n", "n"));
    let usual = json!({"type": "object", "properties": {
        "n": {"type": "array", "items": {"type": "integer"}},
        "w": {"type": "array", "xml": {"wrapped": true}, "items": {"type": "integer"}}}});
    assert_eq!(
        of(usual, "<r><n>1</n><w><w>3</w></w><n>2</n></r>").0,
        json!({"n": [1, 2], "w": [3]})
    );
    let root = json!({"type": "array", "items": {"type": "integer", "xml": {"name": "n"}}});
    assert_eq!(of(root.clone(), "<r><n>1</n></r>"), (json!([1]), vec![]));
    assert_eq!(of(root, "<r><m>1</m></r>").1, refused("/0", "m"));
    let nested = json!({"type": "array", "items": {"type": "array",
        "xml": {"name": "row", "wrapped": true}, "items": {"type": "integer"}}});
    assert_eq!(
        of(nested, "<r><row><row>1</row></row></r>"),
        (json!([[1]]), vec![])
    );
}

#[test]
fn texts_become_what_their_schema_allows_and_nothing_else() {
    let schema = json!({"type": "object", "properties": {
        "i": {"type": "integer"}, "b": {"type": "boolean"}, "s": {"type": "string"},
        "n": {"type": ["integer", "null"]}, "o": {"type": "object"}}});
    let (value, told) = of(
        schema.clone(),
        "<r><i> 7\n</i><b>true</b><s> x<![CDATA[<]]></s><n/><o/></r>",
    );
    assert_eq!(
        value,
        json!({"i": 7, "b": true, "s": " x<", "n": null, "o": {}})
    );
    assert_eq!(told, []);
    let (value, _) = of(schema.clone(), "<r><i>07</i><b>TRUE</b><s><t/></s></r>");
    assert_eq!(value, json!({"i": "07", "b": "TRUE", "s": {"t": ""}}));
    let nil = "<r xmlns:x='http://www.w3.org/2001/XMLSchema-instance'><n x:nil='true'/><i x:nil='false'>1</i></r>";
    assert_eq!(
        of(schema.clone(), nil),
        (json!({"n": null, "i": 1}), vec![])
    );
    let both = nil.replace("/><i", ">5</n><i");
    assert_eq!(of(schema, &both).1, refused("/n", "nil"));
}

#[test]
fn members_that_a_schema_allows_by_type_alone_are_read_by_that_type() {
    let map = json!({"type": "object", "additionalProperties": {"type": "integer"}});
    assert_eq!(
        of(map, "<r><a>1</a><b>x</b></r>").0,
        json!({"a": 1, "b": "x"})
    );
    let choice = json!({"oneOf": [
        {"type": "object", "properties": {"a": {"type": "integer"}}},
        {"type": "object", "properties": {"b": {"type": "boolean"}}}]});
    assert_eq!(
        of(choice, "<r><a>1</a><b>true</b></r>").0,
        json!({"a": 1, "b": true})
    );
}

#[test]
fn refusals_are_counted_and_the_budget_is_held() {
    let body = format!("<pet>{}</pet>", "<e:name xmlns:e='u'/>".repeat(20));
    let reasons = pet(&body).1;
    assert_eq!(reasons.len(), 9);
    assert_eq!(reasons[8].0, "");
    let schemas = petstore();
    let schemas = schemas.as_object().unwrap();
    let plan = XmlPlan::compile("1#/components/schemas/Pet!request", schemas).unwrap();
    let bounds = Bounds {
        steps_max: 60,
        ..Bounds::default()
    };
    let mut budget = Budget::new(&bounds);
    let xml = read_xml(
        b"<pet><a/><a/></pet>",
        XmlRules::STRICT,
        &bounds,
        &mut budget,
    )
    .unwrap();
    let (_, reasons) = tape(
        &plan,
        xml.root(),
        8,
        &mut Budget::new(&Bounds {
            steps_max: 7,
            ..Bounds::default()
        }),
    );
    assert_eq!(reasons[0].code.name(), "internal.budget");
}

#[test]
fn schemas_that_refer_to_themselves_are_followed_to_the_depth_of_the_document() {
    let node = "#/$defs/1%23~1r";
    let schemas = json!({"1#/r": {"type": "object", "xml": {"name": "r"}, "properties": {
        "a": {"$ref": node}, "n": {"type": "integer"}}}});
    let deep = format!("<r>{}<n>1</n>{}</r>", "<a>".repeat(62), "</a>".repeat(62));
    let (value, told) = read_as(&schemas, "1#/r", &deep);
    assert_eq!(told, []);
    assert_eq!(
        value.pointer(&format!("{}/n", "/a".repeat(62))),
        Some(&json!(1))
    );
}
