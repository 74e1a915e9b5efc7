//! One server-sent event as OpenAPI 3.2 describes it: an object of `data`, `event`, `id` and
//! `retry` (WHATWG HTML, section 9.2.6).

use crate::json_out::Object;

/// The fields of one event.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Fields<'e> {
    data: Option<String>,
    event: Option<&'e str>,
    id: Option<&'e str>,
    retry: Option<u64>,
}

impl<'e> Fields<'e> {
    /// Reads the lines. `None`: not UTF-8.
    pub(super) fn read(raw: &'e [u8]) -> Option<Self> {
        let text = std::str::from_utf8(raw).ok()?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut fields = Fields::default();
        for line in text.split(['\n', '\r']) {
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match name {
                "data" => fields.add(value),
                "event" => fields.event = Some(value),
                "id" if !value.contains('\0') => fields.id = Some(value),
                "retry" => fields.retry = value.parse().ok().or(fields.retry),
                _ => {}
            }
        }
        Some(fields)
    }

    fn add(&mut self, value: &str) {
        match &mut self.data {
            Some(data) => {
                data.push('\n');
                data.push_str(value);
            }
            None => self.data = Some(value.to_owned()),
        }
    }

    /// What a client gets as data; without any it gets no event.
    pub(super) fn data(&self) -> Option<&str> {
        self.data.as_deref()
    }

    /// The object that `itemSchema` describes.
    pub(super) fn to_json(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut object = Object::open(&mut out);
        for (name, value) in [
            ("data", self.data.as_deref()),
            ("event", self.event),
            ("id", self.id),
        ] {
            if let Some(value) = value {
                object.string(name, value);
            }
        }
        if let Some(retry) = self.retry {
            object.number("retry", retry);
        }
        object.close();
        out
    }

    /// The event with other data, as lines.
    pub(super) fn with_data(&self, data: &str) -> Vec<u8> {
        let mut out = String::new();
        let mut line = |name: &str, value: &str| {
            out.push_str(name);
            out.push_str(": ");
            out.push_str(value);
            out.push('\n');
        };
        if let Some(event) = self.event {
            line("event", event);
        }
        if let Some(id) = self.id {
            line("id", id);
        }
        if let Some(retry) = self.retry {
            line("retry", &retry.to_string());
        }
        for piece in data.split('\n') {
            line("data", piece);
        }
        out.push('\n');
        out.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_an_object_of_its_fields() {
        let raw = b": hello\nid: 7\nevent:add\r\ndata: {\"a\":\ndata: 1}\nretry: 10\nother: x\n\n";
        let fields = Fields::read(raw).unwrap();
        assert_eq!(fields.data(), Some("{\"a\":\n1}"));
        let json = String::from_utf8(fields.to_json()).unwrap();
        assert_eq!(
            json,
            r#"{"data":"{\"a\":\n1}","event":"add","id":"7","retry":10}"#
        );
        let lines = String::from_utf8(fields.with_data("{}\n")).unwrap();
        assert_eq!(lines, "event: add\nid: 7\nretry: 10\ndata: {}\ndata: \n\n");
        assert_eq!(Fields::read(lines.as_bytes()).unwrap().data(), Some("{}\n"));
    }

    #[test]
    fn a_comment_alone_has_no_data_and_what_is_not_text_is_no_event() {
        assert_eq!(Fields::read(b":\n\n").unwrap(), Fields::default());
        assert_eq!(Fields::read(b"data: \xff\n\n"), None);
    }
}
