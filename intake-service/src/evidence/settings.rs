use std::time::Duration;

use backbone::config::{Reader, Setting};
use backbone::evidence::settings as place;

use crate::domain::file_type::Class;

const PICTURE: Setting =
    Setting::optional("EVIDENCE_PICTURE_MB", "25", "size of a picture, at most");
const DOCUMENT: Setting =
    Setting::optional("EVIDENCE_DOCUMENT_MB", "25", "size of a document, at most");
const AUDIO: Setting =
    Setting::optional("EVIDENCE_AUDIO_MB", "50", "size of a sound file, at most");
const VIDEO: Setting = Setting::optional("EVIDENCE_VIDEO_MB", "500", "size of a video, at most");
const TOTAL: Setting =
    Setting::optional("EVIDENCE_REPORT_MB", "1000", "size of all files of a report, at most");
const WAITING: Setting = Setting::optional(
    "EVIDENCE_WAITING_MB",
    "50000",
    "size of all files that wait for a report: beyond it no more begin",
);
const KEPT: Setting =
    Setting::optional("EVIDENCE_KEPT", "168h", "a file that no report took ends after this time");
const AT_ONCE: Setting =
    Setting::optional("EVIDENCE_UPLOADS_AT_ONCE", "32", "files that may come at the same time");
const CLAMD: Setting = Setting::optional(
    "CLAMD_ADDRESS",
    "",
    "ClamAV daemon that scans files: host:port, or the path of its socket; none where not set",
);

/// So many files a report may have.
pub const FILES_MAX: usize = 10;

/// What is allowed, and where the scanner is.
#[derive(Debug, Clone)]
pub struct Settings {
    pub place: place::Settings,
    picture_max: u64,
    document_max: u64,
    audio_max: u64,
    video_max: u64,
    /// All files of a report together.
    pub report_max: u64,
    pub waiting_max: u64,
    pub kept: Duration,
    pub at_once: usize,
    /// Empty: nothing is scanned.
    pub clamd: String,
}

pub const MIB: u64 = 1024 * 1024;

impl Settings {
    /// As `--help` lists them.
    pub fn all() -> impl Iterator<Item = Setting> {
        let own = [PICTURE, DOCUMENT, AUDIO, VIDEO, TOTAL, WAITING, KEPT, AT_ONCE, CLAMD];
        place::SETTINGS.into_iter().chain(own)
    }

    pub fn read(reader: &mut Reader) -> Self {
        let mut bytes = |setting: &Setting| reader.parsed::<u64>(setting).saturating_mul(MIB);
        let [picture_max, document_max, audio_max, video_max, report_max, waiting_max] =
            [PICTURE, DOCUMENT, AUDIO, VIDEO, TOTAL, WAITING].map(|setting| bytes(&setting));
        let settings = Self {
            picture_max,
            document_max,
            audio_max,
            video_max,
            report_max,
            waiting_max,
            place: place::Settings::read(reader),
            kept: reader.duration(&KEPT),
            at_once: reader.parsed(&AT_ONCE),
            clamd: reader.text(&CLAMD),
        };
        if settings.at_once == 0 || settings.kept < Duration::from_secs(1) {
            reader.fault("EVIDENCE_UPLOADS_AT_ONCE must be above 0, EVIDENCE_KEPT at least 1s");
        }
        settings
    }

    /// How large a file of this class may be.
    #[must_use]
    pub fn max(&self, class: Class) -> u64 {
        match class {
            Class::Picture => self.picture_max,
            Class::Document => self.document_max,
            Class::Audio => self.audio_max,
            Class::Video => self.video_max,
        }
    }

    /// How large any file may be.
    #[must_use]
    pub fn largest(&self) -> u64 {
        let each = [self.picture_max, self.document_max, self.audio_max, self.video_max];
        each.into_iter().max().unwrap_or(0)
    }
}
