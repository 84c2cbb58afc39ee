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
pub const CONTROL_ROOM: Setting = Setting::optional(
    "CONTROL_ROOM",
    "",
    "where the control room is reached at any hour; needed with FORCE_LIVE=yes",
);
pub const FORCE_LIVE: Setting = Setting::optional(
    "FORCE_LIVE",
    "no",
    "yes: reports are read; else every page and message says that nobody does. Needs everything set \
     by which a force is known and reached",
);

/// What every service reads, as `--help` lists it.
pub const SETTINGS: [Setting; 4] = [FORCE_NAME, BUREAU_HOURS, CONTROL_ROOM, FORCE_LIVE];

/// Whether a force uses this service. If so, the settings above and `also` have to be set: the defaults
/// are those of a sample force, and each one that is missing is a fault.
pub fn is_live(reader: &mut Reader, also: &[Setting]) -> bool {
    let is_live = reader.yes(&FORCE_LIVE);
    if is_live {
        for setting in [FORCE_NAME, BUREAU_HOURS, CONTROL_ROOM].iter().chain(also) {
            if !reader.is_set(setting) {
                reader.fault(format!(
                    "{} is not set, and FORCE_LIVE=yes: {}",
                    setting.name, setting.help
                ));
            }
        }
    }
    is_live
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [(&str, &str); 5] = [
        ("FORCE_LIVE", "yes"),
        ("FORCE_NAME", "A Force"),
        ("BUREAU_HOURS", "every day, 7am to 10pm"),
        ("CONTROL_ROOM", "control@force.example"),
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
        let alone = ["FORCE_NAME", "BUREAU_HOURS", "CONTROL_ROOM", "SERVICE_NAME"];
        assert_eq!(read(&alone).1, alone);
    }

    #[test]
    fn a_demonstration_needs_nothing() {
        assert_eq!(read(&["FORCE_LIVE"]), (false, vec![]));
        assert_eq!(read(&ALL.map(|(name, _)| name)), (false, vec![]));
    }
}
