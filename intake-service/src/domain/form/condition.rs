//! When a page or question is asked: a small language over earlier answers, as data.

use serde_json::Value;

use super::Flag;
use super::walk::Given;

#[derive(Debug, Clone)]
pub enum Condition {
    /// One of these values was answered; of a list of values: at least one of them.
    Is(Test),
    /// Anything was answered.
    Answered(Test),
    /// Some answer so far raised the flag.
    Raised {
        flag: Flag,
        line: usize,
    },
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
}

/// Looks at the answer to one earlier question.
#[derive(Debug, Clone)]
pub struct Test {
    pub question: String,
    pub values: Vec<String>,
    pub line: usize,
    /// Number of the question, given by [`super::Form::try_new`].
    pub(crate) at: usize,
}

impl Condition {
    /// Holds over the answers that are on the path so far. An answer off the path counts as none.
    pub(super) fn holds(&self, given: &Given<'_>) -> bool {
        match self {
            Self::Is(test) => given.get(test.at).is_some_and(|answer| is_any(answer, &test.values)),
            Self::Answered(test) => given.get(test.at).is_some(),
            Self::Raised { flag, .. } => given.raised().has(*flag),
            Self::All(conditions) => conditions.iter().all(|condition| condition.holds(given)),
            Self::Any(conditions) => conditions.iter().any(|condition| condition.holds(given)),
            Self::Not(condition) => !condition.holds(given),
        }
    }

    /// The one choice of one question that the condition asks for, if it is as plain as that: a page may
    /// then show what hangs on it right under the choice.
    #[must_use]
    pub fn single_choice(&self) -> Option<(&str, &str)> {
        match self {
            Self::Is(test) => match test.values.as_slice() {
                [value] => Some((&test.question, value)),
                _ => None,
            },
            Self::Answered(_)
            | Self::Raised { .. }
            | Self::All(_)
            | Self::Any(_)
            | Self::Not(_) => None,
        }
    }

    /// The same where only the looks that are `known` by now can find anything; `None` where it cannot
    /// hold.
    #[must_use]
    pub fn so_far(&self, known: &impl Fn(&Self) -> bool) -> Option<Self> {
        match self {
            Self::Is(_) | Self::Answered(_) | Self::Raised { .. } => {
                known(self).then(|| self.clone())
            }
            Self::All(conditions) => {
                let all = conditions.iter().map(|condition| condition.so_far(known));
                all.collect::<Option<_>>().map(Self::All)
            }
            Self::Any(conditions) => {
                let any = conditions.iter().filter_map(|condition| condition.so_far(known));
                let any: Vec<_> = any.collect();
                (!any.is_empty()).then_some(Self::Any(any))
            }
            Self::Not(condition) => Some(match condition.so_far(known) {
                Some(condition) => Self::Not(Box::new(condition)),
                None => Self::All(vec![]),
            }),
        }
    }

    /// Every look that the condition takes: the parts of it that have no parts.
    pub(super) fn looks<'a>(&'a self, found: &mut Vec<&'a Self>) {
        match self {
            Self::Is(_) | Self::Answered(_) | Self::Raised { .. } => found.push(self),
            Self::All(conditions) | Self::Any(conditions) => {
                for condition in conditions {
                    condition.looks(found);
                }
            }
            Self::Not(condition) => condition.looks(found),
        }
    }

    pub(super) fn looks_mut(&mut self, visit: &mut impl FnMut(&mut Self)) {
        match self {
            Self::Is(_) | Self::Answered(_) | Self::Raised { .. } => visit(self),
            Self::All(conditions) | Self::Any(conditions) => {
                for condition in conditions {
                    condition.looks_mut(visit);
                }
            }
            Self::Not(condition) => condition.looks_mut(visit),
        }
    }
}

/// `None` holds always: most pages have no condition.
pub(super) fn holds(condition: Option<&Condition>, given: &Given<'_>) -> bool {
    condition.is_none_or(|condition| condition.holds(given))
}

/// Whether `answer` is one of `values`, or lists one of them.
pub(super) fn is_any(answer: &Value, values: &[String]) -> bool {
    let listed = |answer: &Value| {
        answer.as_str().is_some_and(|answer| values.iter().any(|value| value == answer))
    };
    listed(answer) || answer.as_array().is_some_and(|list| list.iter().any(listed))
}
