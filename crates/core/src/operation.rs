//! Path-template matching: which declared Operation a Request belongs to.
//!
//! Concrete segments come before templated ones (OpenAPI 3.1, "Path Templating Matching"); among
//! equally concrete templates the one that declares the method wins.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::budget::{Budget, Spent};

/// Index of an Operation in its Policy.
pub type OperationIndex = u32;

/// One piece of a templated segment.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Parameter(u16),
}

/// One segment of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Literal(String),
    /// The whole segment is one parameter.
    Parameter(u16),
    /// Text and parameters mixed, as in `{name}.json`.
    Mixed(Vec<Piece>),
}

/// A parsed path template.
#[derive(Clone, Debug)]
pub struct Template {
    segments: Vec<Segment>,
    names: Vec<String>,
}

/// Why a template cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TemplateFault {
    /// Two parameters touch, so that their border cannot be found.
    AdjacentParameters,
    /// A brace is not closed, or a parameter has no name.
    BadBraces,
    /// One parameter is named twice.
    DuplicateParameter,
    /// It does not begin with a slash.
    NotAbsolute,
}

impl Template {
    /// Parses `/users/{id}`. Literals must already be in decoded form. Cost: O(length).
    ///
    /// # Errors
    /// The `TemplateFault` found first.
    pub fn parse(text: &str) -> Result<Self, TemplateFault> {
        let path = text.strip_prefix('/').ok_or(TemplateFault::NotAbsolute)?;
        let mut names = Vec::new();
        let segments = path
            .split('/')
            .map(|part| segment(part, &mut names))
            .collect::<Result<_, _>>()?;
        Ok(Template { segments, names })
    }

    /// Parameter names in order of appearance.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The path parameters in decoded segments; None where they do not fit. A closing slash more or
    /// less is no difference: frameworks answer it with a redirect. Cost: O(path).
    #[must_use]
    pub fn captures(&self, segments: &[&str]) -> Option<Vec<Capture>> {
        let bare = without_closing_slash(segments, |last| last.is_empty());
        let wanted = without_closing_slash(
            &self.segments,
            |last| matches!(last, Segment::Literal(text) if text.is_empty()),
        );
        if bare.len() != wanted.len() {
            return None;
        }
        let mut captures = Vec::new();
        for (depth, (segment, text)) in wanted.iter().zip(bare).enumerate() {
            let mut spans = Vec::new();
            let (fits, parameters) = match segment {
                Segment::Literal(literal) => (literal == text, Vec::new()),
                Segment::Parameter(index) => {
                    spans.push((depth, 0..text.len()));
                    (!text.is_empty(), vec![*index])
                }
                Segment::Mixed(pieces) => (
                    capture_mixed(pieces, text, depth, &mut spans),
                    parameters_of(pieces).collect(),
                ),
            };
            if !fits {
                return None;
            }
            let found = parameters.into_iter().zip(spans);
            captures.extend(found.map(|(parameter, (segment, range))| Capture {
                parameter,
                segment,
                range,
            }));
        }
        Some(captures)
    }
}

fn without_closing_slash<T>(segments: &[T], is_empty: impl Fn(&T) -> bool) -> &[T] {
    match segments.split_last() {
        Some((last, rest)) if is_empty(last) => rest,
        _ => segments,
    }
}

fn parameters_of(pieces: &[Piece]) -> impl Iterator<Item = u16> {
    pieces.iter().filter_map(|piece| match piece {
        Piece::Parameter(index) => Some(*index),
        Piece::Literal(_) => None,
    })
}

fn segment(text: &str, names: &mut Vec<String>) -> Result<Segment, TemplateFault> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((literal, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}').ok_or(TemplateFault::BadBraces)?;
        if literal.contains('}') || name.is_empty() || name.contains('{') {
            return Err(TemplateFault::BadBraces);
        }
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal.to_owned()));
        } else if matches!(pieces.last(), Some(Piece::Parameter(_))) {
            return Err(TemplateFault::AdjacentParameters);
        }
        if names.iter().any(|known| known == name) {
            return Err(TemplateFault::DuplicateParameter);
        }
        pieces.push(Piece::Parameter(
            u16::try_from(names.len()).unwrap_or(u16::MAX),
        ));
        names.push(name.to_owned());
        rest = behind;
    }
    if rest.contains('}') {
        return Err(TemplateFault::BadBraces);
    }
    if !rest.is_empty() {
        pieces.push(Piece::Literal(rest.to_owned()));
    }
    Ok(match pieces.as_slice() {
        [] => Segment::Literal(String::new()),
        [Piece::Literal(text)] => Segment::Literal(text.clone()),
        [Piece::Parameter(index)] => Segment::Parameter(*index),
        _ => Segment::Mixed(pieces),
    })
}

/// One captured path parameter: which segment of the path, and which bytes of its decoded text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capture {
    /// Index into the template's names.
    pub parameter: u16,
    /// Index of the path segment.
    pub segment: usize,
    /// Byte range in the decoded segment.
    pub range: Range<usize>,
}

/// What matching found.
#[derive(Debug, PartialEq, Eq)]
pub enum Match {
    /// This Operation, with its path parameters.
    Found(OperationIndex, Vec<Capture>),
    /// The path is declared, with other methods: those, sorted.
    Methods(Vec<String>),
    /// No template fits.
    Nothing,
}

#[derive(Debug, Default)]
struct Node {
    literals: BTreeMap<String, usize>,
    mixed: Vec<(Vec<Piece>, usize)>,
    parameter: Option<usize>,
    operations: Vec<(String, OperationIndex, Vec<u16>)>,
}

/// All templates of one Policy as a trie over segments.
#[derive(Debug)]
pub struct Matcher {
    nodes: Vec<Node>,
}

impl Default for Matcher {
    fn default() -> Self {
        Matcher {
            nodes: vec![Node::default()],
        }
    }
}

/// The same method and an equal template stand there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ambiguous(pub OperationIndex);

impl Matcher {
    /// Adds one Operation. Cost: O(segments).
    ///
    /// # Errors
    /// `Ambiguous` when an equal template (names aside) with this method is there already.
    pub fn add(
        &mut self,
        method: &str,
        template: &Template,
        operation: OperationIndex,
    ) -> Result<(), Ambiguous> {
        let mut at = 0;
        let mut captured = Vec::new();
        for segment in &template.segments {
            at = self.step(at, segment, &mut captured);
        }
        let Some(node) = self.nodes.get_mut(at) else {
            return Ok(());
        };
        if let Some(other) = node.operations.iter().find(|known| known.0 == method) {
            return Err(Ambiguous(other.1));
        }
        node.operations
            .push((method.to_owned(), operation, captured));
        node.operations.sort();
        Ok(())
    }

    fn step(&mut self, at: usize, segment: &Segment, captured: &mut Vec<u16>) -> usize {
        let next = self.nodes.len();
        let Some(node) = self.nodes.get_mut(at) else {
            return at;
        };
        let found = match segment {
            Segment::Literal(text) => *node.literals.entry(text.clone()).or_insert(next),
            Segment::Parameter(index) => {
                captured.push(*index);
                *node.parameter.get_or_insert(next)
            }
            Segment::Mixed(pieces) => {
                captured.extend(parameters_of(pieces));
                let same = node
                    .mixed
                    .iter()
                    .find(|(known, _)| same_shape(known, pieces));
                match same.map(|(_, child)| *child) {
                    Some(child) => child,
                    None => {
                        node.mixed.push((pieces.clone(), next));
                        node.mixed
                            .sort_by_key(|(pieces, _)| std::cmp::Reverse(literal_len(pieces)));
                        next
                    }
                }
            }
        };
        if found == next {
            self.nodes.push(Node::default());
        }
        found
    }

    /// Finds the Operation for `method` and decoded path segments. `HEAD` falls back to `GET`.
    /// Cost: O(segments) for trees without overlaps, in any case drawn from `budget`.
    ///
    /// # Errors
    /// `Spent`: overlapping templates cost more than the Budget holds.
    pub fn find(
        &self,
        method: &str,
        segments: &[&str],
        budget: &mut Budget,
    ) -> Result<Match, Spent> {
        let mut walk = Walk {
            matcher: self,
            method,
            segments,
            budget,
            spans: Vec::new(),
            methods: None,
        };
        if let Some((operation, captures)) = walk.visit(0, 0)? {
            return Ok(Match::Found(operation, captures));
        }
        Ok(match walk.methods {
            Some(mut methods) => {
                if methods.iter().any(|known| known == "GET") {
                    methods.push("HEAD".to_owned());
                }
                methods.sort();
                methods.dedup();
                Match::Methods(methods)
            }
            None => Match::Nothing,
        })
    }
}

fn literal_len(pieces: &[Piece]) -> usize {
    pieces
        .iter()
        .map(|piece| {
            if let Piece::Literal(text) = piece {
                text.len()
            } else {
                0
            }
        })
        .sum()
}

fn same_shape(left: &[Piece], right: &[Piece]) -> bool {
    left.len() == right.len()
        && left.iter().zip(right).all(|pair| match pair {
            (Piece::Literal(a), Piece::Literal(b)) => a == b,
            (Piece::Parameter(_), Piece::Parameter(_)) => true,
            _ => false,
        })
}

struct Walk<'w, 'a> {
    matcher: &'w Matcher,
    method: &'w str,
    segments: &'w [&'a str],
    budget: &'w mut Budget,
    spans: Vec<(usize, Range<usize>)>,
    methods: Option<Vec<String>>,
}

type Hit = Option<(OperationIndex, Vec<Capture>)>;

impl Walk<'_, '_> {
    fn visit(&mut self, at: usize, depth: usize) -> Result<Hit, Spent> {
        self.budget.take(1)?;
        let matcher = self.matcher;
        let Some(node) = matcher.nodes.get(at) else {
            return Ok(None);
        };
        let Some(text) = self.segments.get(depth).copied() else {
            return Ok(self.arrive(node));
        };
        let below = depth.saturating_add(1);
        if let Some(child) = node.literals.get(text)
            && let Some(hit) = self.visit(*child, below)?
        {
            return Ok(Some(hit));
        }
        for (pieces, child) in &node.mixed {
            self.budget.take(pieces.len())?;
            let kept = self.spans.len();
            if capture_mixed(pieces, text, depth, &mut self.spans)
                && let Some(hit) = self.visit(*child, below)?
            {
                return Ok(Some(hit));
            }
            self.spans.truncate(kept);
        }
        if let Some(child) = node.parameter.filter(|_| !text.is_empty()) {
            let kept = self.spans.len();
            self.spans.push((depth, 0..text.len()));
            if let Some(hit) = self.visit(child, below)? {
                return Ok(Some(hit));
            }
            self.spans.truncate(kept);
        }
        Ok(None)
    }

    fn arrive(&mut self, node: &Node) -> Hit {
        let by = |method: &str| node.operations.iter().find(|known| known.0 == method);
        let found = by(self.method).or_else(|| by("GET").filter(|_| self.method == "HEAD"));
        let Some((_, operation, parameters)) = found else {
            if self.methods.is_none() && !node.operations.is_empty() {
                self.methods = Some(
                    node.operations
                        .iter()
                        .map(|known| known.0.clone())
                        .collect(),
                );
            }
            return None;
        };
        let captures = parameters
            .iter()
            .zip(&self.spans)
            .map(|(parameter, (segment, range))| Capture {
                parameter: *parameter,
                segment: *segment,
                range: range.clone(),
            })
            .collect();
        Some((*operation, captures))
    }
}

/// Matches text against mixed pieces: each parameter takes the shortest non-empty text before the
/// literal that follows it; the last one takes the rest.
fn capture_mixed(
    pieces: &[Piece],
    text: &str,
    depth: usize,
    spans: &mut Vec<(usize, Range<usize>)>,
) -> bool {
    let mut at = 0_usize;
    let mut open: Option<usize> = None;
    let last = pieces.len().saturating_sub(1);
    for (index, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Parameter(_) => open = Some(at),
            Piece::Literal(literal) => {
                let from = if open.is_some() {
                    next_char(text, at)
                } else {
                    at
                };
                let Some(rest) = text.get(from..) else {
                    return false;
                };
                let found = match open {
                    Some(_) if index == last => rest.strip_suffix(literal.as_str()).map(str::len),
                    Some(_) => rest.find(literal.as_str()),
                    None => rest.starts_with(literal.as_str()).then_some(0),
                };
                let Some(found) = found.map(|offset| from.saturating_add(offset)) else {
                    return false;
                };
                if let Some(start) = open.take() {
                    spans.push((depth, start..found));
                }
                at = found.saturating_add(literal.len());
            }
        }
    }
    match open {
        Some(start) if start < text.len() => spans.push((depth, start..text.len())),
        Some(_) => return false,
        None => return at == text.len(),
    }
    true
}

fn next_char(text: &str, at: usize) -> usize {
    let width = text
        .get(at..)
        .and_then(|rest| rest.chars().next())
        .map_or(1, char::len_utf8);
    at.saturating_add(width)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Bounds;

    fn matcher(operations: &[(&str, &str)]) -> Matcher {
        let mut matcher = Matcher::default();
        for (index, (method, template)) in operations.iter().enumerate() {
            let template = Template::parse(template).unwrap();
            matcher
                .add(method, &template, u32::try_from(index).unwrap())
                .unwrap();
        }
        matcher
    }

    fn find(matcher: &Matcher, method: &str, path: &str) -> Match {
        let segments: Vec<&str> = path.strip_prefix('/').unwrap().split('/').collect();
        matcher
            .find(method, &segments, &mut Budget::new(&Bounds::default()))
            .unwrap()
    }

    fn found(result: &Match) -> u32 {
        let Match::Found(index, _) = result else {
            panic!("{result:?}")
        };
        *index
    }

    #[test]
    fn a_concrete_path_comes_before_a_templated_one() {
        let matcher = matcher(&[("GET", "/users/{id}"), ("GET", "/users/me")]);
        assert_eq!(found(&find(&matcher, "GET", "/users/me")), 1);
        assert_eq!(found(&find(&matcher, "GET", "/users/7")), 0);
    }

    #[test]
    fn a_method_that_only_the_templated_path_declares_is_found_there() {
        let matcher = matcher(&[("GET", "/users/me"), ("DELETE", "/users/{id}")]);
        assert_eq!(found(&find(&matcher, "DELETE", "/users/me")), 1);
    }

    #[test]
    fn head_falls_back_to_get() {
        let matcher = matcher(&[("GET", "/a")]);
        assert_eq!(found(&find(&matcher, "HEAD", "/a")), 0);
        assert_eq!(
            find(&matcher, "PUT", "/a"),
            Match::Methods(vec!["GET".to_owned(), "HEAD".to_owned()])
        );
    }

    #[test]
    fn an_unknown_path_and_a_trailing_slash_match_nothing() {
        let matcher = matcher(&[("GET", "/a/{b}")]);
        for path in ["/a", "/a/", "/a/x/", "/b", "/"] {
            assert_eq!(find(&matcher, "GET", path), Match::Nothing, "{path}");
        }
    }

    #[test]
    fn mixed_segments_capture_the_text_between_literals() {
        let matcher = matcher(&[
            ("GET", "/f/{name}.{ext}"),
            ("GET", "/f/{id}"),
            ("GET", "/r/v{n}"),
        ]);
        let Match::Found(0, captures) = find(&matcher, "GET", "/f/a.b.c") else {
            panic!()
        };
        assert_eq!(captures[0].range, 0..1);
        assert_eq!(captures[1].range, 2..5);
        assert_eq!(found(&find(&matcher, "GET", "/f/plain")), 1);
        assert_eq!(found(&find(&matcher, "GET", "/f/.json")), 1);
        assert_eq!(find(&matcher, "GET", "/r/v"), Match::Nothing);
        assert_eq!(found(&find(&matcher, "GET", "/r/v2")), 2);
    }

    #[test]
    fn a_last_literal_must_stand_at_the_end() {
        let matcher = matcher(&[("GET", "/{name}.json")]);
        let Match::Found(0, captures) = find(&matcher, "GET", "/a.json.json") else {
            panic!()
        };
        assert_eq!(captures[0].range, 0..6);
        assert_eq!(find(&matcher, "GET", "/.json"), Match::Nothing);
        assert_eq!(find(&matcher, "GET", "/a.jsonx"), Match::Nothing);
    }

    #[test]
    fn captures_follow_the_names_of_their_own_template() {
        let matcher = matcher(&[("GET", "/{a}/x/{b}"), ("GET", "/{c}/{d}/y")]);
        let Match::Found(1, captures) = find(&matcher, "GET", "/p/q/y") else {
            panic!()
        };
        assert_eq!((captures[0].parameter, captures[0].segment), (0, 0));
        assert_eq!((captures[1].parameter, captures[1].segment), (1, 1));
    }

    #[test]
    fn equal_templates_with_one_method_are_ambiguous() {
        let mut matcher = matcher(&[("GET", "/a/{x}")]);
        let again = Template::parse("/a/{y}").unwrap();
        assert_eq!(matcher.add("GET", &again, 9), Err(Ambiguous(0)));
        assert_eq!(matcher.add("PUT", &again, 9), Ok(()));
    }

    #[test]
    fn bad_templates_are_told_apart() {
        for (text, fault) in [
            ("a", TemplateFault::NotAbsolute),
            ("/{a", TemplateFault::BadBraces),
            ("/a}", TemplateFault::BadBraces),
            ("/{}", TemplateFault::BadBraces),
            ("/{a}{b}", TemplateFault::AdjacentParameters),
            ("/{a}/{a}", TemplateFault::DuplicateParameter),
        ] {
            assert_eq!(Template::parse(text).unwrap_err(), fault, "{text}");
        }
    }

    #[test]
    fn overlapping_templates_cannot_cost_more_than_the_budget() {
        let mut matcher = Matcher::default();
        for bits in 0..256_u32 {
            let path: String = (0..8)
                .map(|bit| if bits >> bit & 1 == 1 { "/a" } else { "/{p}" })
                .collect::<String>();
            let path = path
                .split("{p}")
                .enumerate()
                .fold(String::new(), |text, (n, part)| {
                    if n == 0 {
                        part.to_owned()
                    } else {
                        format!("{text}{{p{n}}}{part}")
                    }
                });
            matcher
                .add("GET", &Template::parse(&path).unwrap(), bits)
                .unwrap();
        }
        let segments = ["a", "a", "a", "a", "a", "a", "a", "a", "zz"];
        let mut budget = Budget::new(&Bounds {
            steps_max: 100,
            ..Bounds::default()
        });
        assert_eq!(matcher.find("GET", &segments, &mut budget), Err(Spent));
    }
}
