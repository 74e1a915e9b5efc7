//! The style table of OpenAPI 3.1 ("Style Values", after RFC 6570): one decoded text to a tape.

use super::emit::{Tree, array, scalar};
use super::shape::Shape;
use crate::parse::json::TapeBuilder;
use crate::policy::form::Style;

/// How one text is cut.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cut<'n> {
    pub(super) style: Style,
    pub(super) explode: bool,
    pub(super) name: &'n str,
    /// Blanks around pieces are dropped (headers).
    pub(super) trims: bool,
}

impl Cut<'_> {
    /// Writes `text` as its shape wants it; `false` when the style's own marks are missing, and
    /// the whole text is written as it is.
    pub(super) fn write(&self, text: &str, shape: &Shape, out: &mut TapeBuilder) -> bool {
        let is_written = match self.style {
            Style::Label => match text.strip_prefix('.') {
                Some(rest) => self.marked(rest, '.', shape, out),
                None => false,
            },
            Style::Matrix => self.matrix(text, shape, out).is_some(),
            _ => self.marked(text, ',', shape, out),
        };
        if !is_written {
            out.string(text);
        }
        is_written
    }

    /// The text between pieces.
    fn delimiter(&self, spread: char) -> char {
        match self.style {
            Style::PipeDelimited => '|',
            Style::SpaceDelimited => ' ',
            Style::TabDelimited => '\t',
            Style::Label if self.explode => spread,
            _ => ',',
        }
    }

    fn marked(&self, text: &str, spread: char, shape: &Shape, out: &mut TapeBuilder) -> bool {
        let delimiter = self.delimiter(spread);
        let pieces = text.split(delimiter).map(|piece| self.trim(piece));
        if shape.is_list() {
            array(pieces, shape, out);
        } else if shape.is_object() {
            write_object(pieces, self.explode, text, shape, out);
        } else {
            scalar(text, shape, out);
        }
        true
    }

    fn trim<'t>(&self, piece: &'t str) -> &'t str {
        if self.trims {
            piece.trim_matches([' ', '\t'])
        } else {
            piece
        }
    }

    /// `;name=value`, `;name=a;name=b` or `;key=value;key=value`.
    fn matrix(&self, text: &str, shape: &Shape, out: &mut TapeBuilder) -> Option<()> {
        let rest = text.strip_prefix(';')?;
        if shape.is_object() && self.explode {
            write_object(rest.split(';'), true, rest, shape, out);
            return Some(());
        }
        if shape.is_list() && self.explode {
            let values: Option<Vec<&str>> =
                rest.split(';').map(|piece| self.named(piece)).collect();
            array(values?.into_iter(), shape, out);
            return Some(());
        }
        self.marked(self.named(rest)?, ',', shape, out);
        Some(())
    }

    fn named<'t>(&self, piece: &'t str) -> Option<&'t str> {
        let rest = piece.strip_prefix(self.name)?;
        if rest.is_empty() {
            Some("")
        } else {
            rest.strip_prefix('=')
        }
    }
}

/// `key=value` pieces, or keys and values in turn. What is neither stays text.
fn write_object<'t>(
    pieces: impl Iterator<Item = &'t str>,
    is_spread: bool,
    whole: &str,
    shape: &Shape,
    out: &mut TapeBuilder,
) {
    let mut tree = Tree::object();
    let fits = if is_spread {
        let mut pieces = pieces.filter(|piece| !piece.is_empty());
        pieces.all(|piece| {
            piece
                .split_once('=')
                .is_some_and(|(key, value)| tree.add(&[key.to_owned()], value))
        })
    } else {
        in_turn(pieces, whole, &mut tree)
    };
    let mut repeated = Vec::new();
    if fits {
        tree.write(shape, "", out, &mut repeated);
    } else {
        out.string(whole);
    }
}

fn in_turn<'t>(
    mut pieces: impl Iterator<Item = &'t str>,
    whole: &str,
    tree: &mut Tree<'t>,
) -> bool {
    if whole.is_empty() {
        return true;
    }
    while let Some(key) = pieces.next() {
        let Some(value) = pieces.next() else {
            return false;
        };
        if !tree.add(&[key.to_owned()], value) {
            return false;
        }
    }
    true
}
