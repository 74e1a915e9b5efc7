"""XML bodies: what breaks them by any reader, beside what honest clients send."""

# ruff: noqa: E501, tables read best with one case a line

from __future__ import annotations

from collections.abc import Iterator

from tests.replay.rows import PASS, Maker, Row, found, refused

BAD = {
    "parse.bad-xml": [
        ("<a>", "/a"), ("<a></b>", "/a"), ("<a/><b/>", ""), ("<a>&lol;</a>", "/a"),
        ("<a>&#xD800;</a>", "/a"), ("<a b='1' b='2'/>", ""), ("<p:a/>", ""), ("<a>\x01</a>", ""),
        ("<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>", ""), ("<a/>trailing", ""),
        ("<a xmlns='u' xmlns='v'/>", ""), ("<a p:xmlns='u' xmlns:p='v'/>", ""), ("<a>\rb</a>", ""),
    ],
    "parse.xml-doctype": [
        ("<!DOCTYPE a [<!ENTITY b 'ha'><!ENTITY c '&b;&b;&b;'>]><a>&c;</a>", ""),
        ("<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", ""),
        ("\ufeff<!-- x --><!DOCTYPE a [<!ENTITY % b SYSTEM 'http://a.test/'> %b;]><a/>", ""),
        ("<!DOCTYPE a><a/>", ""),
    ],
    "parse.xml-include": [
        ("<a xmlns:i='http://www.w3.org/2001/XInclude'><i:include href='file:///etc/passwd'/></a>", "/a/include"),
    ],
    "parse.xml-instruction": [("<?xml-stylesheet href='http://a.test/'?><a/>", ""), ("<a><?php x?></a>", "/a")],
    "parse.xml-comment": [("<a><user>admin<!-- x -->.evil</user></a>", "/a/user")],
    "parse.xml-limit": [
        ("<a>" * 65 + "</a>" * 65, "/a" * 65),
        ("<a" + "".join(f" b{n}=''" for n in range(65)) + "/>", ""),
    ],
    "parse.prototype-key": [("<a><__proto__>1</__proto__></a>", "/a/__proto__")],
}  # fmt: skip

PET = "<pet><name>rex</name>{}</pet>"
PETS_BAD = [
    # Mass assignment: what only the API sets, what nobody declared, and both by another way in.
    ("<number>1</number>", "inspect.body-schema", "/id"),
    ("<id>1</id>", "inspect.xml-unmapped", "/id"),
    ("<role>admin</role>", "inspect.body-schema", "/role"),
    ("<owner admin='1'/>", "inspect.body-schema", "/owner/admin"),
    ("<e:age xmlns:e='evil'>1</e:age>", "inspect.xml-unmapped", "/age"),
    ("<kind>cat</kind>", "inspect.xml-unmapped", "/kind"),
    ("<age>old</age>", "inspect.body-schema", "/age"),
    ("<age>1</age><age>2</age>", "inspect.xml-unmapped", "/age"),
    ("<tags><tag>a</tag><evil/></tags>", "inspect.xml-unmapped", "/tags/1"),
    ("<tags><tag>a</tag><tag>bcdefghijk</tag></tags>", "inspect.body-schema", "/tags/1"),
    ("text", "inspect.xml-unmapped", ""),
]
PETS_GOOD = [
    PET.format(""),
    PET.format(
        "<age>3</age><tags><tag>a</tag>\n<tag><![CDATA[<b>]]></tag></tags><owner><name>o</name></owner>"
    ),
    "<pet kind='dog'><name>r&#x65;x</name><tags/></pet>",
]
GOOD = [
    "<a>b</a>",
    "<?xml version='1.0' encoding='UTF-8'?>\r\n<!-- head --><a b='1'>&lt;&#65;<![CDATA[&x;]]></a>\n",
    "\ufeff<p:a xmlns:p='u' p:b='1' b='2'><include/></p:a>",
    "<a>" * 64 + "</a>" * 64,
]


def rows(make: Maker) -> Iterator[Row]:
    """Every row of XML."""

    def post(
        body: str | bytes, path: str = "/feed", kind: str = "application/xml"
    ) -> dict[str, object]:
        return make.request("POST", path, ("content-type", kind), body=body)

    for number, text in enumerate(GOOD):
        yield Row(f"good xml {number}", post(text), PASS)
    yield Row("good xml: suffix", post("<svg/>", kind="image/svg+xml"), PASS)
    for code, texts in BAD.items():
        for number, (text, pointer) in enumerate(texts):
            told = refused(400, found(code, "body", "", pointer))
            yield Row(f"{code} xml {number}", post(text), told)
    for number, text in enumerate(PETS_GOOD):
        yield Row(f"good xml: pet {number}", post(text, "/pets"), PASS)
    for inner, code, pointer in PETS_BAD:
        told = refused(422, found(code, "body", "", pointer))
        yield Row(f"{code} xml {inner}", post(PET.format(inner), "/pets"), told)
    closed = refused(422, found("inspect.body-undeclared", "body", "", "/owner/is_admin"))
    yield Row(
        "inspect.body-undeclared xml",
        post("<a><owner is_admin='1'><name>a</name></owner></a>", "/closed-xml", "text/xml"),
        closed,
    )
    yield Row(
        "good xml: closed",
        post("<a><owner><name>a</name></owner></a>", "/closed-xml", "text/xml"),
        PASS,
    )
    missing = refused(422, found("inspect.body-schema", "body"))
    yield Row("inspect.body-schema xml: missing", post("<pet/>", "/pets"), missing)
    unmapped = refused(422, found("inspect.xml-unmapped", "body"))
    yield Row(
        "inspect.xml-unmapped: another root", post("<cat><name>a</name></cat>", "/pets"), unmapped
    )
    yield Row(
        "inspect.xml-unmapped: a schema that XML cannot follow",
        post("<a/>", "/pets", "text/xml"),
        unmapped,
    )
    charset = refused(415, found("parse.unsupported-charset", "body"))
    declared = b"<?xml version='1.0' encoding='UTF-7'?><a/>"
    for name, body in (("utf-16", "<a/>".encode("utf-16")), ("declared", declared)):
        yield Row(f"parse.unsupported-charset xml {name}", post(body), charset)
    relaxed = "<!DOCTYPE plist PUBLIC '-//A//EN' 'http://a.test/p.dtd'><plist/>"
    yield Row("good xml: a doctype where it is relaxed", post(relaxed, "/plist"), PASS)
    entity = "<!DOCTYPE plist [<!ENTITY a 'b'>]><plist>&a;</plist>"
    yield Row(
        "parse.xml-doctype: never entities",
        post(entity, "/plist"),
        refused(400, found("parse.xml-doctype", "body")),
    )
    any_type = "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>"
    yield Row(
        "parse.xml-doctype: under `*/*`",
        post(any_type, "/anything"),
        refused(400, found("parse.xml-doctype", "body")),
    )
    yield Row("good xml: under `*/*`", post("<a/>", "/anything", "text/xml"), PASS)
