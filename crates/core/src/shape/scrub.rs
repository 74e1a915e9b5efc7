//! Error bodies that tell internals: stack traces, database errors, banners, paths.

use std::sync::LazyLock;

use regex::bytes::{RegexBuilder, RegexSet, RegexSetBuilder};

use crate::parse::MediaType;

/// What an error body gave away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Internals {
    /// A stack trace of a language run time.
    StackTrace,
    /// The text of a database error.
    DatabaseError,
    /// Name and version of a framework or server.
    Banner,
    /// An absolute path on the server.
    FilePath,
}

impl Internals {
    /// Words for the owner.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Internals::StackTrace => "stack trace",
            Internals::DatabaseError => "database error",
            Internals::Banner => "software version",
            Internals::FilePath => "file path",
        }
    }
}

/// One sign: what it gives away, from which status on it counts, and its pattern. What a page about
/// software may honestly hold (versions, paths) counts in server errors alone.
type Sign = (Internals, u16, &'static str);

use Internals::{Banner, DatabaseError, FilePath, StackTrace};

/// `\n` may stand raw or as the escape of a JSON string.
const SIGNS: &[Sign] = &[
    // Python
    (StackTrace, 400, r"Traceback \(most recent call last\)"),
    (
        StackTrace,
        400,
        r#"File \\?"[^"\n]{1,200}\.py\\?", line [0-9]+"#,
    ),
    // Java, Kotlin, Scala
    (
        StackTrace,
        400,
        r"\bat [a-zA-Z_$][\w$]*(?:\.[\w$<>]+)+\((?:[\w$]+\.(?:java|kt|scala|groovy):[0-9]+|Native Method|Unknown Source)\)",
    ),
    (
        StackTrace,
        400,
        r"\b(?:java|javax|jakarta|kotlin|scala|org\.(?:springframework|hibernate|apache))(?:\.[\w$]+)+(?:Exception|Error)\b",
    ),
    // Node
    (
        StackTrace,
        400,
        r"\bat (?:[\w.<>$ \[\]]{1,100} )?\(?(?:file://|node:|/|[A-Za-z]:\\)[^\s()\x22]{0,200}:[0-9]+:[0-9]+\)?",
    ),
    (StackTrace, 400, r"node_modules[/\\]"),
    // .NET
    (
        StackTrace,
        400,
        r"\bat [\w.`<>\[\],]+\([^)\n]{0,200}\) in [^\n]{1,200}:line [0-9]+",
    ),
    (
        StackTrace,
        400,
        r"\b(?:System|Microsoft)(?:\.\w+)+Exception\b",
    ),
    // PHP
    (
        StackTrace,
        400,
        r"(?:Fatal error|Parse error|Warning|Notice|Uncaught \w+)\b[^\n]{0,200} in (?:<b>)?[^\n<]{1,200}\.php(?:</b>)?(?: on line |:)",
    ),
    (StackTrace, 400, r"#[0-9]+ [^\n]{1,200}\.php\([0-9]+\):"),
    // Go
    (StackTrace, 400, r"\bgoroutine [0-9]+ \[[a-z ,0-9]+\]:"),
    (
        StackTrace,
        400,
        r"\bpanic: runtime error:|runtime error: (?:invalid memory address|index out of range|slice bounds)",
    ),
    // Ruby
    (StackTrace, 400, r"[\w/.-]+\.rb:[0-9]+:in [`']"),
    // Rust
    (
        StackTrace,
        400,
        r"thread '[^'\n]{1,80}' (?:\([0-9]+\) )?panicked at ",
    ),
    // PostgreSQL
    (
        DatabaseError,
        400,
        r#"(?:syntax error at or near|unterminated quoted string at or near|duplicate key value violates unique constraint|violates (?:foreign key|not-null|check) constraint|relation \\?"[\w.]+\\?" does not exist|column \\?"?[\w.]+\\?"? does not exist)"#,
    ),
    (
        DatabaseError,
        400,
        r"\b(?:psycopg2?|asyncpg|PG::|pq: |org\.postgresql|PSQLException|Npgsql)\S*",
    ),
    // MySQL, MariaDB
    (
        DatabaseError,
        400,
        r"You have an error in your SQL syntax|\bSQLSTATE\[?[0-9A-Z]{5}|\b(?:mysqli?|MySQL|MariaDB)(?:_\w+\(\)| server version for the right syntax)|ER_(?:DUP_ENTRY|PARSE_ERROR|NO_SUCH_TABLE|BAD_FIELD_ERROR)",
    ),
    // SQLite
    (
        DatabaseError,
        400,
        r#"\bsqlite3?\.\w*Error|SQLITE_(?:ERROR|CONSTRAINT|BUSY|MISUSE)|\bUNIQUE constraint failed: |\bno such (?:table|column): \w|near \\?"[^"\n]{1,60}\\?": syntax error|unrecognized token: "#,
    ),
    // Oracle, SQL Server, DB2
    (DatabaseError, 400, r"\bORA-[0-9]{5}\b|\bPLS-[0-9]{5}\b"),
    (
        DatabaseError,
        400,
        r"Unclosed quotation mark after the character string|Incorrect syntax near |Msg [0-9]+, Level [0-9]+, State|\bSqlException\b|ODBC (?:SQL Server )?Driver",
    ),
    (DatabaseError, 400, r"\bDB2 SQL error\b|SQLCODE=-?[0-9]+"),
    // Mongo, Redis, object mappers
    (
        DatabaseError,
        400,
        r"\bMongo(?:Server|Network|Bulk\w*)?Error\b|\bE11000 duplicate key|\bWRONGTYPE Operation against|sqlalchemy\.exc\.|\bSequelize\w*Error\b|PrismaClient\w+Error|ActiveRecord::\w+",
    ),
    // Banners
    (
        Banner,
        400,
        r"<address>Apache/[0-9.]+|<center>nginx/[0-9.]+</center>|Apache Tomcat/[0-9.]+|Werkzeug/[0-9.]+|Powered by (?:PHP|Express|Jetty)\b|Microsoft-IIS/[0-9.]+",
    ),
    (
        Banner,
        400,
        r"You're seeing this error because you have <code>DEBUG = True|Whitelabel Error Page|Werkzeug Debugger|Whoops, looks like something went wrong|Laravel v[0-9]+\.[0-9]+|ASP\.NET Version:[0-9.]+",
    ),
    (
        Banner,
        500,
        r"\b(?:nginx|Apache|PHP|Python|Django|Flask|FastAPI|uvicorn|gunicorn|Express|Rails|Ruby|Jetty|Tomcat|OpenSSL|Node\.js|PostgreSQL|MySQL|MariaDB|Redis|MongoDB)[ /]v?[0-9]+\.[0-9]+(?:\.[0-9]+)?\b",
    ),
    // Paths
    (
        FilePath,
        500,
        r"(?:^|[\s\x22'(=:])/(?:home|root|usr|var|opt|srv|app|etc|tmp|Users|code|workspace)/[\w.@-]+(?:/[\w.@-]+)+",
    ),
    (
        FilePath,
        500,
        r"\b[A-Za-z]:\\{1,2}(?:[\w .-]+\\{1,2}){1,16}[\w.-]+",
    ),
];

/// Memory of all signs together, bytes.
const SET_MAX_BYTES: usize = 32 << 20;

static SET: LazyLock<Option<RegexSet>> = LazyLock::new(|| {
    let patterns = SIGNS.iter().map(|(_, _, pattern)| *pattern);
    RegexSetBuilder::new(patterns)
        .size_limit(SET_MAX_BYTES)
        .unicode(false)
        .build()
        .ok()
});

/// One thing that an error body told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its kind.
    pub internals: Internals,
    /// Words for the owner: `Internals::name`.
    pub what: &'static str,
    /// Bytes of the body that told it.
    pub span: (usize, usize),
}

/// What an error body tells of internals, the gravest kind first; `None` where it tells nothing, is
/// no error, or is not text.
///
/// `status`: of the response; below 400 nothing is looked at. `sent`: its content type, `None` where
/// none was sent. Cost: linear in `body`, one pass; one more where something is found.
#[must_use]
pub fn scrub(status: u16, sent: Option<&MediaType>, body: &[u8]) -> Option<Told> {
    if status < 400 || !sent.is_none_or(|media| is_text(media.essence())) {
        return None;
    }
    let found = SET.as_ref()?.matches(body);
    let signs = found.iter().filter_map(|place| SIGNS.get(place));
    let (internals, _, pattern) = signs
        .filter(|(_, from, _)| status >= *from)
        .min_by_key(|sign| sign.0)?;
    Some(Told {
        internals: *internals,
        what: internals.name(),
        span: place(pattern, body),
    })
}

/// Where the pattern holds. Compiled anew: error bodies that tell internals are rare.
fn place(pattern: &str, body: &[u8]) -> (usize, usize) {
    let regex = RegexBuilder::new(pattern).unicode(false).build().ok();
    regex
        .and_then(|regex| regex.find(body))
        .map_or((0, body.len()), |found| (found.start(), found.end()))
}

fn is_text(essence: &str) -> bool {
    essence.starts_with("text/")
        || essence.ends_with("json")
        || essence.ends_with("xml")
        || essence == "application/octet-stream"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: u16, content_type: &str, body: &[u8]) -> Option<Internals> {
        let media = crate::parse::media::read_media(content_type.as_bytes()).ok();
        scrub(status, media.as_ref(), body).map(|told| told.internals)
    }

    #[test]
    fn the_signs_compile() {
        assert!(SET.is_some());
    }

    #[test]
    fn error_bodies_that_tell_internals_are_found() {
        for (internals, body) in [
            (
                StackTrace,
                "Traceback (most recent call last):\n  File \"/app/main.py\", line 3, in f\nKeyError: 'x'",
            ),
            (
                StackTrace,
                r#"{"detail":"  File \"/srv/api/views.py\", line 12, in get\n"}"#,
            ),
            (
                StackTrace,
                "java.lang.NullPointerException\n\tat com.shop.Orders.find(Orders.java:42)",
            ),
            (StackTrace, "at com.shop.Orders.find(Orders.java:42)"),
            (
                StackTrace,
                r#"{"trace":"org.springframework.dao.DataIntegrityViolationException: x"}"#,
            ),
            (
                StackTrace,
                "TypeError: x is undefined\n    at Object.<anonymous> (/app/index.js:10:15)\n    at node:internal/main:1:2",
            ),
            (
                StackTrace,
                "Error at /usr/src/app/node_modules/express/lib/router.js",
            ),
            (
                StackTrace,
                "System.InvalidOperationException: x\n   at Shop.Api.Get(Int32 id) in C:\\src\\Api.cs:line 12",
            ),
            (
                StackTrace,
                "<b>Fatal error</b>: Uncaught Error: x in <b>/var/www/html/index.php</b> on line <b>3</b>",
            ),
            (StackTrace, "#0 /var/www/app/Http/Kernel.php(12): handle()"),
            (
                StackTrace,
                "panic: runtime error: index out of range [5]\n\ngoroutine 1 [running]:\nmain.main()",
            ),
            (
                StackTrace,
                "app/controllers/users_controller.rb:7:in `show'",
            ),
            (StackTrace, "thread 'main' panicked at src/main.rs:2:5"),
            (
                DatabaseError,
                r#"{"error":"syntax error at or near \"'\" at character 31"}"#,
            ),
            (
                DatabaseError,
                "duplicate key value violates unique constraint \"users_email_key\"",
            ),
            (
                DatabaseError,
                "You have an error in your SQL syntax; check the manual that corresponds to your MySQL",
            ),
            (DatabaseError, "SQLSTATE[42S22]: Column not found"),
            (
                DatabaseError,
                "sqlite3.OperationalError: near \"OR\": syntax error",
            ),
            (DatabaseError, "SQLITE_ERROR: no such table: users"),
            (DatabaseError, "ORA-00933: SQL command not properly ended"),
            (
                DatabaseError,
                "Unclosed quotation mark after the character string 'x'.",
            ),
            (
                DatabaseError,
                "MongoServerError: E11000 duplicate key error collection",
            ),
            (Banner, "<hr><center>nginx/1.25.3</center>"),
            (
                Banner,
                "<address>Apache/2.4.57 (Debian) Server at x Port 80</address>",
            ),
            (Banner, "<h1>Whitelabel Error Page</h1>"),
            (Banner, r#"{"error":"upstream","server":"PostgreSQL 15.4"}"#),
            (
                FilePath,
                r#"{"error":"cannot open /srv/shop/config/keys.pem"}"#,
            ),
            (
                FilePath,
                r#"{"error":"cannot open C:\\inetpub\\wwwroot\\web.config"}"#,
            ),
        ] {
            assert_eq!(
                told(500, "application/json", body.as_bytes()),
                Some(internals),
                "{body}"
            );
        }
    }

    #[test]
    fn the_span_holds_what_was_told() {
        let body = b"{\"error\":\"ORA-00933: no\"}";
        let found = scrub(500, None, body).unwrap();
        assert_eq!((found.what, found.span), ("database error", (10, 19)));
    }

    #[test]
    fn honest_errors_pass() {
        for body in [
            r#"{"type":"about:blank","title":"Not Found","status":404,"detail":"no order 17"}"#,
            r#"{"detail":[{"loc":["body","email"],"msg":"value is not a valid email address","type":"value_error"}]}"#,
            r#"{"errors":[{"message":"Cannot query field at line 3","locations":[{"line":3,"column":5}]}]}"#,
            r#"{"error":"invalid_request","error_description":"the file name must end in .py, .js or .java"}"#,
            r#"{"message":"API rate limit exceeded","documentation_url":"https://docs.example.com/rest/overview/v1.2/limits"}"#,
            r#"{"message":"Select at least one item at the table"}"#,
            r#"{"error":"path must start with /api/v1/users"}"#,
            r#"{"error":"at 10:15:30 the sale starts"}"#,
            r#"{"error":"unique name required; duplicate key in list"}"#,
            "<html><body><h1>502 Bad Gateway</h1></body></html>",
            "",
        ] {
            for status in [400, 404, 422, 500, 503] {
                assert_eq!(
                    told(status, "application/json", body.as_bytes()),
                    None,
                    "{status} {body}"
                );
            }
        }
    }

    #[test]
    fn what_is_no_error_or_no_text_is_left_alone() {
        let trace = b"Traceback (most recent call last)";
        assert_eq!(told(200, "text/plain", trace), None);
        assert_eq!(told(500, "image/png", trace), None);
        assert_eq!(told(404, "", trace), Some(StackTrace));
        // A client error about a version or path of the client's own is no leak.
        assert_eq!(told(400, "application/json", b"needs Python 3.11"), None);
        assert_eq!(
            told(422, "application/json", b"/home/me/file is no URL"),
            None
        );
        assert_eq!(
            told(
                500,
                "text/plain",
                b"\xff\xfe Traceback (most recent call last)"
            ),
            Some(StackTrace)
        );
    }
}
