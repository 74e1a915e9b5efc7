//! XML bodies of Requests: read strictly, then held against their schema as the value that its `xml`
//! objects say they stand for.

mod flat;
mod naming;
mod plan;
mod tape;
pub use plan::{Unmapped, XmlPlan};

use super::request_body::{BodyTask, validate};
use crate::budget::Budget;
use crate::codes::Code;
use crate::decision::{Location, Place, Reason};
use crate::parse::CodeSet;
use crate::parse::xml::{Xml, XmlFault, XmlRules, read_xml};

/// What stands against an XML body. Cost: O(bytes + elements x declared members) from `budget`.
pub(super) fn xml(task: &BodyTask<'_>, body: &[u8], budget: &mut Budget) -> Vec<Reason> {
    let read = match read(task, body, budget) {
        Ok(read) => read,
        Err(fault) => return vec![unreadable(task, fault)],
    };
    match &task.media.xml {
        None => Vec::new(),
        Some(Err(unmapped)) => {
            let reason = Reason::new(Code::InspectXmlUnmapped, Place::of(Location::Body));
            let expected = format!("a schema that XML can be held against: {}", unmapped.why);
            vec![reason.expected(expected).source(&unmapped.source)]
        }
        Some(Ok(plan)) => {
            let errors_max = task.policy.bounds.errors_max;
            let (tape, mut reasons) = tape::tape(plan, read.root(), errors_max, budget);
            reasons.extend(validate(task, &tape, budget));
            reasons
        }
    }
}

fn read<'b>(task: &BodyTask<'_>, body: &'b [u8], budget: &mut Budget) -> Result<Xml<'b>, XmlFault> {
    read_xml(body, xml_rules(task.relaxed), &task.policy.bounds, budget)
}

fn unreadable(task: &BodyTask<'_>, fault: XmlFault) -> Reason {
    let (start, end) = fault.span;
    Reason::new(fault.code, Place::at(Location::Body, fault.pointer))
        .span(start, end)
        .expected(fault.expected)
        .source(&task.media.source)
}

/// The relaxations that the XML reader knows.
fn xml_rules(relaxed: &CodeSet) -> XmlRules {
    [
        Code::ParsePrototypeKey,
        Code::ParseXmlComment,
        Code::ParseXmlDoctype,
        Code::ParseXmlInclude,
        Code::ParseXmlInstruction,
    ]
    .into_iter()
    .filter(|code| relaxed.contains(*code))
    .fold(XmlRules::STRICT, XmlRules::relax)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_reader_can_relax_is_what_an_operation_may_relax() {
        let relaxed: CodeSet = [Code::ParseXmlDoctype, Code::ParseXmlLimit]
            .into_iter()
            .collect();
        let wanted = XmlRules::STRICT.relax(Code::ParseXmlDoctype);
        assert_eq!(xml_rules(&relaxed), wanted);
        assert_eq!(xml_rules(&CodeSet::new()), XmlRules::STRICT);
    }
}
