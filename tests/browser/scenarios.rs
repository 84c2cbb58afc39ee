//! The scenarios, as the scripts name them.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, anyhow, ensure};
use intake_service::forms;

use crate::world::folder;

/// What a scenario is played on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum On {
    /// The stack that all share.
    Shared,
    /// A stack whose services may be killed and changed: one scenario at a time.
    Rough,
}

#[derive(Debug, Clone)]
pub(crate) struct Scenario {
    /// Script, two colons, and its name in it.
    pub(crate) name: Cow<'static, str>,
    pub(crate) on: On,
    pub(crate) limit: Duration,
}

const fn shared(name: &'static str) -> Scenario {
    Scenario { name: Cow::Borrowed(name), on: On::Shared, limit: Duration::from_mins(2) }
}

const fn rough(name: &'static str) -> Scenario {
    Scenario { name: Cow::Borrowed(name), on: On::Rough, limit: Duration::from_mins(2) }
}

/// Each kind of report is played in each of these ways.
const OF_A_KIND: [&str; 3] = ["with_scripts", "without_scripts", "with_other_choices"];

/// All of them.
pub(crate) fn all() -> Result<Vec<Scenario>> {
    let forms = forms::load(&forms::sample_words()).map_err(|refused| anyhow!("{refused}"))?;
    let of_kinds = forms.newest().flat_map(|form| {
        let name = |way| format!("every_kind::{}_{way}", form.kind);
        let limit = Duration::from_mins(2);
        OF_A_KIND.map(|way| Scenario { name: name(way).into(), on: On::Shared, limit })
    });
    Ok(of_kinds.chain(SCENARIOS.iter().cloned()).collect())
}

/// The long ones come first, so that none runs alone at the end.
const SCENARIOS: &[Scenario] = &[
    shared("pages::burglary"),
    shared("pages::someone_watched"),
    shared("trust::every_form_is_refused_from_another_site"),
    rough("pages::away_for_hours"),
    rough("interruptions::hours_away"),
    rough("interruptions::server_restarted"),
    rough("interruptions::database_away"),
    shared("pages::coming_back"),
    shared("pages::emergency"),
    shared("pages::worrying_words"),
    shared("pages::told_to_wait"),
    shared("pages::two_forms"),
    shared("pages::around"),
    shared("pages::sign_posted"),
    shared("pages::something_else"),
    shared("pages::no_template_is_forgotten"),
    shared("keyboard::at_320_without_scripts"),
    shared("keyboard::at_320_with_scripts"),
    shared("keyboard::at_1280_without_scripts"),
    shared("keyboard::at_1280_with_scripts"),
    shared("keyboard::at_400_percent_without_scripts"),
    shared("keyboard::at_400_percent_with_scripts"),
    shared("odd::narrow_and_spaced"),
    shared("odd::narrow_and_spaced_coming_back"),
    shared("odd::own_colours"),
    shared("odd::without_pictures"),
    shared("odd::without_style"),
    shared("odd::without_style_and_scripts"),
    shared("drafts::on_two_devices_sent_at_once"),
    shared("drafts::wrong_codes_wait_and_the_right_one_does_not"),
    shared("drafts::are_nowhere_in_the_clear"),
    shared("interruptions::back_button"),
    shared("interruptions::refresh"),
    shared("interruptions::double_click_with_scripts"),
    shared("interruptions::double_click_without_scripts"),
    shared("interruptions::two_tabs"),
    shared("interruptions::cookie_lost"),
    shared("trust::a_wrong_token_changes_no_draft"),
    shared("trust::a_wrong_token_changes_no_report"),
    shared("trust::leaving_ends_the_session"),
    shared("cannot_call::one_press_and_staff_see_it"),
    shared("cannot_call::by_keyboard_without_scripts"),
    shared("files::without_scripts"),
    shared("files::with_scripts"),
    shared("files::line_is_cut"),
    shared("files::sent_twice_is_sent_once"),
    shared("files::session_lost"),
    shared("burden::of_a_home_burglary"),
    shared("first_view::is_small_and_soon_readable"),
    Scenario { name: Cow::Borrowed(SCREENSHOTS), on: On::Rough, limit: Duration::from_mins(10) },
];

/// Pictures for people: only where they are asked for.
pub(crate) const SCREENSHOTS: &str = "screenshots::all";

/// No script has a scenario that is never played.
pub(crate) fn match_the_scripts(all: &[Scenario]) -> Result<()> {
    let listed = Command::new("node").arg("run.mjs").current_dir(folder()).output()?;
    let listed = String::from_utf8(listed.stdout)?;
    let there: BTreeSet<&str> = listed.lines().collect();
    let played: BTreeSet<&str> = all.iter().map(|scenario| &*scenario.name).collect();
    ensure!(there == played, "not on both sides: {:?}", &there ^ &played);
    Ok(())
}
