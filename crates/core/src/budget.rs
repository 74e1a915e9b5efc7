//! Every bound of one Exchange, with its default and where it comes from. No limit stands elsewhere.

use serde::Deserialize;

/// Sizes and counts that one Exchange may use. All are settings under `budget:`; the defaults are
/// those of mainstream gateways (Envoy's edge guide, HAProxy's guide, nginx).
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
pub struct Bounds {
    /// Request line, bytes.
    pub request_line_max_bytes: u32,
    /// Whole head, bytes.
    pub head_max_bytes: u32,
    /// One header value, bytes.
    pub field_max_bytes: u32,
    /// Header fields.
    pub fields_max: u32,
    /// Cookies in all `Cookie` headers.
    pub cookies_max: u32,
    /// Bytes of all `Cookie` headers.
    pub cookies_max_bytes: u32,
    /// Pairs in a query or form.
    pub pairs_max: u32,
    /// JSON, form, text and XML bodies, bytes, decoded.
    pub body_max_bytes: u64,
    /// Multipart and other bodies, bytes.
    pub upload_max_bytes: u64,
    /// Decoded bytes per encoded byte, beyond the first 64 KiB.
    pub inflate_ratio_max: u32,
    /// Nesting of JSON.
    pub json_depth_max: u32,
    /// Keys of one JSON object.
    pub json_keys_max: u32,
    /// Nodes of one JSON text.
    pub json_nodes_max: u32,
    /// One JSON string, bytes.
    pub json_string_max_bytes: u32,
    /// Digits of one JSON number.
    pub json_digits_max: u32,
    /// Nesting of XML.
    pub xml_depth_max: u32,
    /// Elements, attributes, texts and comments of one XML document.
    pub xml_nodes_max: u32,
    /// Attributes of one XML element, and namespaces in one scope.
    pub xml_attributes_max: u32,
    /// Parts of a multipart body.
    pub parts_max: u32,
    /// Head of one part, bytes.
    pub part_head_max_bytes: u32,
    /// Response head, bytes.
    pub response_head_max_bytes: u32,
    /// Interim (1xx) responses before the final one.
    pub interim_max: u32,
    /// Response body that is held to be shaped, bytes, decoded.
    pub shape_max_bytes: u64,
    /// One item of a streamed response that is looked at: an event, a line, a record, bytes.
    pub item_max_bytes: u64,
    /// Schema errors kept for one message.
    pub errors_max: u32,
    /// Work units of one Exchange: bytes looked at by a stage, schema nodes, rule steps.
    pub steps_max: u64,
    /// Look-ups of one Exchange.
    pub asks_max: u32,
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds {
            request_line_max_bytes: 8 << 10,
            head_max_bytes: 16 << 10,
            field_max_bytes: 8 << 10,
            fields_max: 100,
            cookies_max: 64,
            cookies_max_bytes: 8 << 10,
            pairs_max: 256,
            body_max_bytes: 1 << 20,
            upload_max_bytes: 10 << 20,
            inflate_ratio_max: 100,
            json_depth_max: 32,
            json_keys_max: 1_000,
            json_nodes_max: 100_000,
            json_string_max_bytes: 256 << 10,
            json_digits_max: 64,
            xml_depth_max: 64,
            xml_nodes_max: 10_000,
            xml_attributes_max: 64,
            parts_max: 64,
            part_head_max_bytes: 4 << 10,
            response_head_max_bytes: 32 << 10,
            interim_max: 8,
            shape_max_bytes: 4 << 20,
            item_max_bytes: 64 << 10,
            errors_max: 32,
            steps_max: 64 << 20,
            asks_max: 4,
        }
    }
}

/// What is left of one Exchange's work. Spent = a named deny (`internal.budget`).
#[derive(Debug)]
pub struct Budget {
    steps: u64,
    asks: u32,
}

/// The Budget is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spent;

impl Budget {
    /// A full Budget.
    #[must_use]
    pub fn new(bounds: &Bounds) -> Self {
        Budget {
            steps: bounds.steps_max,
            asks: bounds.asks_max,
        }
    }

    /// Takes `steps` work units.
    ///
    /// # Errors
    /// `Spent` when fewer are left; nothing is left afterwards.
    pub fn take(&mut self, steps: usize) -> Result<(), Spent> {
        match self
            .steps
            .checked_sub(u64::try_from(steps).unwrap_or(u64::MAX))
        {
            Some(left) => {
                self.steps = left;
                Ok(())
            }
            None => {
                self.steps = 0;
                Err(Spent)
            }
        }
    }

    /// Takes one look-up.
    ///
    /// # Errors
    /// `Spent` when none is left.
    pub fn ask(&mut self) -> Result<(), Spent> {
        self.asks = self.asks.checked_sub(1).ok_or(Spent)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spent_budget_stays_spent() {
        let mut budget = Budget::new(&Bounds {
            steps_max: 3,
            ..Bounds::default()
        });
        assert_eq!(budget.take(2), Ok(()));
        assert_eq!(budget.take(2), Err(Spent));
        assert_eq!(budget.take(1), Err(Spent));
    }
}
