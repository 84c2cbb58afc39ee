//! Everything for which a form is refused.

use thiserror::Error;

/// What is wrong with a form, and on which line of its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub line: usize,
    pub problem: Problem,
}

impl Fault {
    pub(super) fn at(line: usize, problem: Problem) -> Self {
        Self { line, problem }
    }
}

/// One sentence each, for the person who writes the form.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Problem {
    #[error("\"{id}\" is not a word: small letters and digits, up to 40")]
    NotAWord { id: String },
    #[error("\"{page}\" is the address of another page of the site")]
    TakenAddress { page: String },
    #[error("there is a page \"{page}\" already")]
    RepeatedPage { page: String },
    #[error("the question \"{question}\" is asked in more than one place")]
    RepeatedQuestion { question: String },
    #[error("the page \"{page}\" asks nothing")]
    EmptyPage { page: String },
    #[error(
        "the stop \"{page}\" must say truly whether a required question on it lets people pass"
    )]
    StopWithoutWay { page: String },
    #[error("the condition looks at \"{question}\", which the form does not ask")]
    UnknownTarget { question: String },
    #[error("the condition looks at \"{question}\", which is only asked later")]
    LaterTarget { question: String },
    #[error("the condition looks at \"{flag}\", which no answer before it raises")]
    NotRaisedBefore { flag: &'static str },
    #[error("\"{value}\" is not a choice of \"{question}\"")]
    NotAChoiceOf { question: String, value: String },
    #[error("\"{question}\" has no choices: a condition can only look whether it is answered")]
    NoChoicesToLookAt { question: String },
    #[error("no answers lead to the page \"{page}\"")]
    UnreachablePage { page: String },
    #[error("no answers lead to the question \"{question}\"")]
    UnreachableQuestion { question: String },
    #[error("\"{question}\" has no words to ask it with")]
    NoLabel { question: String },
    #[error("\"{question}\" is for {purpose}: such a question is asked in an extra")]
    NotForTheCore { question: String, purpose: &'static str },
    #[error("\"{question}\" is required and does not say what to do when it is missing")]
    MissingErrorText { question: String },
    #[error(
        "\"{question}\" may end a report only as a stop's required question, whose example goes on"
    )]
    EndsNowhere { question: String },
    #[error("there is an extra \"{extra}\" already")]
    RepeatedExtra { extra: String },
    #[error("the extra \"{extra}\" has no name to offer it by")]
    NamelessExtra { extra: String },
    #[error("the extra \"{extra}\" asks nothing")]
    EmptyExtra { extra: String },
    #[error("\"{question}\" is required in an extra: nothing is, once a report is sent")]
    RequiredInExtra { question: String },
    #[error("\"{question}\" raises a flag in an extra: what cannot wait is asked before")]
    RaisesInExtra { question: String },
    #[error("the page \"{page}\" of an extra stops people, who have sent their report already")]
    StopInExtra { page: String },
    #[error("\"{question}\" is what a question of staff is called")]
    StaffsName { question: String },
    #[error("\"{question}\" needs choices, and each of them once")]
    WrongChoices { question: String },
    #[error("\"{question}\" is no kind of question that has this: {what}")]
    NotForKind { question: String, what: &'static str },
    #[error("the limits of \"{question}\" leave no room between them")]
    CrossedLimits { question: String },
    #[error("within a group, \"{question}\" can have no {what}")]
    NotInGroup { question: String, what: &'static str },
    #[error("the example of \"{question}\" would be refused at \"{pointer}\": {detail}")]
    BadExample { question: String, pointer: String, detail: String },
    #[error("\"{question}\" would take the bad example {example}")]
    BadExamplePasses { question: String, example: String },
}
