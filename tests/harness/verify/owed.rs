//! What proves that a promise ended in time: what was done about that very promise, and not what was
//! done about an earlier one. All times are in microseconds.

/// Something that was owed to a reporter by a time.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Owed {
    /// It waits for a decision, so that a word that there is none yet answers it for now.
    pub(super) undecided: bool,
    pub(super) opened: i64,
    pub(super) due: i64,
    pub(super) kept: Option<i64>,
}

/// A person's task.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Task {
    pub(super) due: i64,
    pub(super) opened: i64,
    pub(super) done: Option<i64>,
}

/// A holding message that was accepted.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Holding {
    pub(super) accepted: i64,
    pub(super) again_by: i64,
}

/// How a promise stood when its time was over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    Kept,
    ByPerson,
    /// The reporter was told that nothing is decided, and the time that was named is owed.
    Undecided,
    Broken,
}

/// What one report's tasks, holding messages and times that are owed say of one of those.
pub(super) fn ended(one: &Owed, tasks: &[Task], told: &[Holding], all: &[Owed]) -> Ended {
    if one.kept.is_some_and(|kept| kept <= one.due) {
        return Ended::Kept;
    }
    let has_it = |task: &Task| {
        let is_open = task.done.is_none_or(|done| one.due < done);
        task.opened <= one.due && (task.due == one.due || is_open)
    };
    if tasks.iter().any(has_it) {
        return Ended::ByPerson;
    }
    let answers = |holding: &Holding| {
        let since = one.opened < holding.accepted && holding.accepted <= one.due;
        since && all.iter().any(|other| other.due == holding.again_by)
    };
    if one.undecided && told.iter().any(answers) { Ended::Undecided } else { Ended::Broken }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Owed = Owed { undecided: true, opened: 0, due: 24, kept: None };
    const NAMED: Owed = Owed { undecided: false, opened: 20, due: 48, kept: None };
    const TOLD: Holding = Holding { accepted: 20, again_by: 48 };

    #[track_caller]
    fn check(one: Owed, tasks: &[Task], told: &[Holding], then: Ended) {
        assert_eq!(ended(&one, tasks, told, &[FIRST, NAMED]), then);
    }

    #[test]
    fn what_is_kept_too_late_is_broken() {
        check(Owed { kept: Some(24), ..FIRST }, &[], &[], Ended::Kept);
        check(Owed { kept: Some(25), ..FIRST }, &[], &[], Ended::Broken);
    }

    #[test]
    fn a_holding_message_answers_what_was_owed_before_it_and_not_what_it_named() {
        check(FIRST, &[], &[TOLD], Ended::Undecided);
        check(FIRST, &[], &[Holding { accepted: 25, ..TOLD }], Ended::Broken);
        check(NAMED, &[], &[TOLD], Ended::Broken);
        let later_reply = Owed { undecided: true, opened: 21, due: 45, kept: None };
        check(later_reply, &[], &[TOLD], Ended::Broken);
        // A time that was named and that nobody owes is no answer.
        check(FIRST, &[], &[Holding { again_by: 49, ..TOLD }], Ended::Broken);
    }

    #[test]
    fn a_task_is_a_persons_for_its_own_time_or_while_it_is_open() {
        let task = Task { due: 24, opened: 22, done: Some(23) };
        check(FIRST, &[task], &[], Ended::ByPerson);
        check(NAMED, &[task], &[], Ended::Broken);
        check(NAMED, &[Task { done: None, ..task }], &[], Ended::ByPerson);
        check(NAMED, &[Task { due: 48, opened: 49, done: None }], &[], Ended::Broken);
    }
}
