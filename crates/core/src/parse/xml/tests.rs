//! The whole reader: each attack beside its honest twin.

use super::*;

fn read(body: &[u8]) -> Result<String, (Code, String)> {
    read_by(body, XmlRules::STRICT)
}

fn read_by(body: &[u8], rules: XmlRules) -> Result<String, (Code, String)> {
    let bounds = Bounds::default();
    read_xml(body, rules, &bounds, &mut Budget::new(&bounds))
        .map(|xml| xml.root().text().into_owned())
        .map_err(|fault| (fault.code, fault.pointer))
}

fn code(body: &[u8]) -> Code {
    read(body).unwrap_err().0
}

#[test]
fn what_honest_clients_send_passes() {
    for (body, text) in [
        (&b"<a>b</a>"[..], "b"),
        (
            b"\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<a>b</a>\n",
            "b",
        ),
        (b"<!-- hi --><a>b</a><!-- bye -->", "b"),
        (b"<a>&lt;b&#x41;&amp;</a>", "<bA&"),
        (b"<a><![CDATA[<!DOCTYPE x>&y;]]></a>", "<!DOCTYPE x>&y;"),
        ("<gr\u{fc}n>\u{1f600}</gr\u{fc}n>".as_bytes(), "\u{1f600}"),
    ] {
        assert_eq!(
            read(body),
            Ok(text.to_owned()),
            "{}",
            String::from_utf8_lossy(body)
        );
    }
}

#[test]
fn entities_and_document_types_are_refused() {
    let laughs =
        "<?xml version='1.0'?><!DOCTYPE l [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]><l>&b;</l>";
    let external = "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>";
    let parameter =
        "\u{feff}<!-- c --><!DOCTYPE a [<!ENTITY % p SYSTEM 'http://a.test/'> %p;]><a/>";
    for body in [
        laughs,
        external,
        parameter,
        "<!DOCTYPE a><a/>",
        "<!DOCTYPE a []><a/>",
    ] {
        assert_eq!(code(body.as_bytes()), Code::ParseXmlDoctype, "{body}");
    }
    assert_eq!(code(b"<a>&nbsp;</a>"), Code::ParseBadXml);
    assert_eq!(code(b"<!doctype a><a/>"), Code::ParseBadXml);
}

#[test]
fn another_encoding_is_refused_however_it_is_told() {
    let utf16: Vec<u8> = "<a/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = [&b"\xff\xfe"[..], &utf16].concat();
    let big: Vec<u8> = "<a/>".encode_utf16().flat_map(u16::to_be_bytes).collect();
    for body in [
        &utf16[..],
        &marked,
        &big,
        b"<?xml version='1.0' encoding='UTF-7'?>+ADw-a/+AD4-",
    ] {
        assert_eq!(code(body), Code::ParseUnsupportedCharset, "{body:?}");
    }
    assert_eq!(code(b"<a>\xff</a>"), Code::ParseBadXml);
    assert_eq!(code(b"<a>\xc0\xbc</a>"), Code::ParseBadXml);
}

#[test]
fn what_is_not_well_formed_is_refused() {
    for body in [
        "",
        " ",
        "a",
        "<a/><b/>",
        "<a/>x",
        "x<a/>",
        "<a></b>",
        "<a><b></a></b>",
        "<a",
        "<a>",
        "<a>\u{0}</a>",
        "<a>\u{1}</a>",
        "<a>\u{ffff}</a>",
        "<a>]]></a>",
        "<a b='<'/>",
        "<1a/>",
        "<a b='1' b='2'/>",
        "<p:a/>",
        "<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>",
        "<a xmlns='u' xmlns='v'/>",
        "<a><!-- -- --></a>",
        "<a>&#xD800;</a>",
        "<a><![CDATA[x</a>",
        "<a/><![CDATA[x]]>",
        " <?xml version='1.0'?><a/>",
        "<a><?xml version='1.0'?></a>",
        "<a><?XML x?></a>",
        "<?xml\tversion='1.0' encoding='UTF-16'?><a/>",
        "<a xmlns:xml='u'/>",
        "<xmlns:a/>",
        "<a p:xmlns='u' xmlns:p='v'/>",
        "\u{feff}\u{feff}<a/>",
    ] {
        assert_eq!(
            read(body.as_bytes()).map_err(|fault| fault.0),
            Err(Code::ParseBadXml),
            "{body:?}"
        );
    }
}

#[test]
fn bounds_hold_and_no_depth_overflows() {
    let deep = |levels: usize| "<a>".repeat(levels) + &"</a>".repeat(levels);
    assert_eq!(read(deep(64).as_bytes()), Ok(String::new()));
    let (code, pointer) = read(deep(65).as_bytes()).unwrap_err();
    assert_eq!((code, pointer), (Code::ParseXmlLimit, "/a".repeat(65)));
    assert_eq!(
        read(deep(300_000).as_bytes()).unwrap_err().0,
        Code::ParseXmlLimit
    );
    assert_eq!(
        read("<a>".repeat(300_000).as_bytes()).unwrap_err().0,
        Code::ParseXmlLimit
    );
    let wide = |count: usize| {
        let each: String = (0..count).map(|n| format!(" b{n}='1'")).collect();
        format!("<a{each}/>")
    };
    assert!(read(wide(64).as_bytes()).is_ok());
    assert_eq!(
        read(wide(65).as_bytes()).unwrap_err().0,
        Code::ParseXmlLimit
    );
    let many = |count: usize| format!("<a>{}</a>", "<b/>".repeat(count));
    assert!(read(many(9_999).as_bytes()).is_ok());
    assert_eq!(
        read(many(10_000).as_bytes()).unwrap_err().0,
        Code::ParseXmlLimit
    );
}

#[test]
fn a_spent_budget_is_told_as_such() {
    let bounds = Bounds {
        steps_max: 10,
        ..Bounds::default()
    };
    let found = read_xml(
        b"<a>b</a>",
        XmlRules::STRICT,
        &bounds,
        &mut Budget::new(&bounds),
    );
    assert_eq!(found.unwrap_err().code, Code::InternalBudget);
}

#[test]
fn a_relaxed_rule_lets_its_own_through_and_nothing_else() {
    let relaxed = |code| XmlRules::STRICT.relax(code);
    for (code, body) in [
        (Code::ParseXmlComment, "<a>x<!-- c -->y</a>"),
        (
            Code::ParseXmlDoctype,
            "<!DOCTYPE plist PUBLIC '-//A//EN' 'http://a.test/p.dtd'><a>xy</a>",
        ),
        (
            Code::ParseXmlInclude,
            "<a xmlns:i='http://www.w3.org/2003/XInclude'>xy<i:include/></a>",
        ),
        (
            Code::ParseXmlInstruction,
            "<?xml-stylesheet href='a'?><a>xy</a>",
        ),
    ] {
        assert_eq!(read(body.as_bytes()).unwrap_err().0, code, "{body}");
        assert_eq!(
            read_by(body.as_bytes(), relaxed(code)),
            Ok("xy".to_owned()),
            "{body}"
        );
        let other = relaxed(Code::ParseXmlLimit);
        assert_eq!(
            read_by(body.as_bytes(), other).unwrap_err().0,
            code,
            "{body}"
        );
    }
}

#[test]
fn spans_count_the_byte_order_mark() {
    let bounds = Bounds::default();
    let body = "\u{feff}<a>&x;</a>".as_bytes();
    let fault = read_xml(body, XmlRules::STRICT, &bounds, &mut Budget::new(&bounds)).unwrap_err();
    assert_eq!(body.get(fault.span.0..fault.span.1), Some(&b"&"[..]));
    let good = "\u{feff}<a b='1'/>".as_bytes();
    let xml = read_xml(good, XmlRules::STRICT, &bounds, &mut Budget::new(&bounds)).unwrap();
    let (start, end) = xml.root().attributes().next().unwrap().span;
    assert_eq!(good.get(start..end), Some(&b"b='1'"[..]));
}
