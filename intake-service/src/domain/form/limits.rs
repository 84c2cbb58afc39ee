//! A limit on everything: what a form does not say, its kinds of question say.

use super::model::{Choice, Day, Kind, Limits};

impl Choice {
    /// The choices of a question that says nothing about them: yes and no need none of their own.
    #[must_use]
    pub fn of_kind(kind: Kind) -> Vec<Self> {
        let words: &[(&str, &str)] = if kind == Kind::YesNo {
            &[("yes", "Yes"), ("no", "No")]
        } else if kind == Kind::YesNoUnsure {
            &[("yes", "Yes"), ("no", "No"), ("unsure", "I am not sure")]
        } else {
            &[]
        };
        let choice = |(value, label): &(&str, &str)| Self {
            value: (*value).to_owned(),
            label: (*label).to_owned(),
            alone: false,
            ends: false,
            goes_to: None,
        };
        words.iter().map(choice).collect()
    }
}

impl Limits {
    /// The limits of a question that says nothing about them.
    ///
    /// What is not set here does not apply to the kind, and the loader refuses it.
    pub(super) fn of_kind(kind: Kind, choices: usize) -> Self {
        let none = Self::default();
        let length = |most| Self { max_length: Some(most), ..Self::default() };
        let items = |most| Self { items_max: Some(most), ..Self::default() };
        // No living person saw anything before this day.
        let first = jiff::civil::date(1900, 1, 1);
        let since = Self { not_before: Some(Day::On(first)), ..Self::default() };
        match kind {
            Kind::Text => length(200),
            Kind::LongText => length(5_000),
            Kind::Email => length(254),
            Kind::Phone => length(30),
            Kind::Number => Self { min: Some(0), max: Some(1_000_000), ..none },
            Kind::Money => Self { min: Some(0), max: Some(100_000_000), ..none },
            Kind::Date => since,
            // What is reported has begun.
            Kind::ApproximateDate => Self { not_after: Some(Day::Today), ..since },
            Kind::Many => items(choices),
            Kind::Files | Kind::Group => items(10),
            Kind::YesNo
            | Kind::YesNoUnsure
            | Kind::One
            | Kind::Time
            | Kind::Place
            | Kind::Person
            | Kind::VehicleRegistration
            | Kind::Declaration => none,
        }
    }

    /// Fills in what the form does not say.
    pub(super) fn fill(&mut self, kind: Kind, choices: usize) {
        let of_kind = Self::of_kind(kind, choices);
        self.max_length = self.max_length.or(of_kind.max_length);
        self.min = self.min.or(of_kind.min);
        self.max = self.max.or(of_kind.max);
        self.not_before = self.not_before.or(of_kind.not_before);
        self.not_after = self.not_after.or(of_kind.not_after);
        self.items_max = self.items_max.or(of_kind.items_max);
    }
}
