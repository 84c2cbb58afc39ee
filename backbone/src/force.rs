//! Whether a force uses a service, or somebody tries it.
//!
//! Until a force has said all that makes it reachable, everything is a demonstration. One wrong word
//! in an environment must not be enough to let the public believe that somebody reads them.

use crate::config::{Reader, Setting};

pub const FORCE_NAME: Setting = Setting::optional(
    "FORCE_NAME",
    "Leicestershire Police",
    "the force, as pages and messages say",
);
pub const BUREAU_HOURS: Setting =
    Setting::optional("BUREAU_HOURS", "", "when staff read reports; needed with FORCE_LIVE=yes");
/// Read by the notifier, which sends there, and by intake, which offers no way to a control room that
/// there is not.
pub const CONTROL_ROOM_WEBHOOK: Setting = Setting::optional(
    "CONTROL_ROOM_WEBHOOK",
    "",
    "where the control room's system takes reports of somebody who cannot call 999: an https address, \
     or off",
);
pub const CONTROL_ROOM_EMAIL: Setting = Setting::optional(
    "CONTROL_ROOM_EMAIL",
    "",
    "where the control room reads email at any hour, or off; this or CONTROL_ROOM_WEBHOOK is needed \
     with FORCE_LIVE=yes",
);
pub const FORCE_LIVE: Setting = Setting::optional(
    "FORCE_LIVE",
    "no",
    "yes: reports are read; else every page and message says that nobody does. Needs everything set \
     by which a force is known and reached",
);

/// What every service reads, as `--help` lists it.
pub const SETTINGS: [Setting; 5] =
    [FORCE_NAME, BUREAU_HOURS, CONTROL_ROOM_WEBHOOK, CONTROL_ROOM_EMAIL, FORCE_LIVE];

/// Whether a force uses this service. If so, the settings above and `also` have to be set: the defaults
/// are those of a sample force, and each one that is missing is a fault.
pub fn is_live(reader: &mut Reader, also: &[Setting]) -> bool {
    let is_live = reader.yes(&FORCE_LIVE);
    if is_live {
        let mut missing = vec![];
        missing.extend([FORCE_NAME, BUREAU_HOURS].iter().filter(|setting| !reader.is_set(setting)));
        if !has_control_room(reader) {
            missing.push(&CONTROL_ROOM_EMAIL);
        }
        missing.extend(also.iter().filter(|setting| !reader.is_set(setting)));
        for setting in missing {
            let Setting { name, help, .. } = setting;
            reader.fault(format!("{name} is not set, and FORCE_LIVE=yes: {help}"));
        }
    }
    is_live
}

/// Whether somebody is told at once of a report by somebody who cannot call 999. If not, that way is
/// not offered.
pub fn has_control_room(reader: &mut Reader) -> bool {
    [CONTROL_ROOM_WEBHOOK, CONTROL_ROOM_EMAIL]
        .iter()
        .any(|setting| control_room(reader, setting).is_some())
}

/// A way to the control room; None where it is not set, or off.
pub fn control_room(reader: &mut Reader, setting: &Setting) -> Option<String> {
    Some(reader.text(setting).trim().to_owned()).filter(|text| !text.is_empty() && text != "off")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [(&str, &str); 5] = [
        ("FORCE_LIVE", "yes"),
        ("FORCE_NAME", "A Force"),
        ("BUREAU_HOURS", "every day, 7am to 10pm"),
        ("CONTROL_ROOM_EMAIL", "control@force.example"),
        ("SERVICE_NAME", "Report to A Force"),
    ];

    /// Reads `ALL` without `missing`: live or not, and which settings are at fault.
    fn read(missing: &[&str]) -> (bool, Vec<String>) {
        let mut reader = Reader::new(ALL.into_iter().filter(|(name, _)| !missing.contains(name)));
        let also = Setting::optional("SERVICE_NAME", "Report to a sample", "what it is called");
        let is_live = is_live(&mut reader, &[also]);
        let faults = reader.finish(()).err().map_or(vec![], |faults| faults.0);
        let name = |fault: String| fault.split(' ').next().unwrap_or_default().to_owned();
        (is_live, faults.into_iter().map(name).collect())
    }

    #[test]
    fn no_single_setting_makes_a_service_live() {
        assert_eq!(read(&[]), (true, vec![]));
        for (name, _) in &ALL[1..] {
            assert_eq!(read(&[name]).1, [*name]);
        }
        let alone = ["FORCE_NAME", "BUREAU_HOURS", "CONTROL_ROOM_EMAIL", "SERVICE_NAME"];
        assert_eq!(read(&alone).1, alone);
    }

    #[test]
    fn one_way_to_the_control_room_is_enough_and_off_is_none() {
        let has = |name: &str, value: &str| {
            has_control_room(&mut Reader::new([(name.to_owned(), value.to_owned())]))
        };
        assert!(has("CONTROL_ROOM_WEBHOOK", "https://control.force.example/reports"));
        assert!(has("CONTROL_ROOM_EMAIL", "control@force.example"));
        assert!(!has("CONTROL_ROOM_EMAIL", "off") && !has("CONTROL_ROOM_EMAIL", " "));
        assert!(!has("CONTROL_ROOM", "control@force.example"));
    }

    #[test]
    fn a_demonstration_needs_nothing() {
        assert_eq!(read(&["FORCE_LIVE"]), (false, vec![]));
        assert_eq!(read(&ALL.map(|(name, _)| name)), (false, vec![]));
    }
}
