//! Any body: what is accepted, written down plainly, is read as the same names, attributes and
//! texts; spans lie inside the body.
#![no_main]

use bartizan_core::budget::{Bounds, Budget};
use bartizan_core::parse::xml::{Element, Xml, XmlRules, read_xml};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    match read(input) {
        Ok(xml) => {
            let (start, end) = xml.root().span();
            assert!(start < end && end <= input.len());
            let mut plain = String::new();
            write(xml.root(), &mut plain);
            let again = read(plain.as_bytes()).expect("our own writing");
            let mut twice = String::new();
            write(again.root(), &mut twice);
            assert_eq!(plain, twice);
        }
        Err((start, end)) => assert!(start <= end && end <= input.len().max(2)),
    }
});

fn read(body: &[u8]) -> Result<Xml<'_>, (usize, usize)> {
    let bounds = Bounds {
        xml_depth_max: 64,
        xml_attributes_max: 8_192,
        ..Bounds::default()
    };
    read_xml(body, XmlRules::STRICT, &bounds, &mut Budget::new(&bounds)).map_err(|fault| fault.span)
}

/// Every name with its namespace declared beside it.
fn write(element: Element<'_, '_>, out: &mut String) {
    let name = match element.namespace() {
        Some(_) => format!("e:{}", element.name()),
        None => element.name().to_owned(),
    };
    out.push_str(&format!("<{name}{}", declared("e", element.namespace())));
    for (number, one) in element.attributes().enumerate() {
        let prefix = format!("a{number}");
        match one.namespace {
            Some("http://www.w3.org/XML/1998/namespace") => {
                out.push_str(&format!(" xml:{}", one.name));
            }
            Some(_) => {
                out.push_str(&declared(&prefix, one.namespace));
                out.push_str(&format!(" {prefix}:{}", one.name));
            }
            None => out.push_str(&format!(" {}", one.name)),
        }
        out.push_str(&format!("=\"{}\"", escaped(one.value)));
    }
    out.push('>');
    out.push_str(&escaped(&element.text()));
    element.elements().for_each(|inner| write(inner, out));
    out.push_str(&format!("</{name}>"));
}

fn declared(prefix: &str, namespace: Option<&str>) -> String {
    namespace.map_or_else(String::new, |uri| format!(" xmlns:{prefix}=\"{}\"", escaped(uri)))
}

fn escaped(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            '<' | '>' | '&' | '"' | '\r' | '\n' | '\t' => format!("&#{};", u32::from(letter)),
            other => other.to_string(),
        })
        .collect()
}
