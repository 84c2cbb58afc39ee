//! Where evidence rests: the same for who writes it and who reads it.

use std::path::PathBuf;

use crate::config::{Reader, Secret, Setting};

pub const EVIDENCE_DIR: Setting = Setting::optional(
    "EVIDENCE_DIR",
    "",
    "folder for evidence, sealed; this or EVIDENCE_S3_BUCKET is needed",
);
pub const BUCKET: Setting =
    Setting::optional("EVIDENCE_S3_BUCKET", "", "bucket for evidence, instead of EVIDENCE_DIR");
pub const ENDPOINT: Setting = Setting::optional(
    "EVIDENCE_S3_ENDPOINT",
    "",
    "address of an S3-compatible service; Amazon's where not set",
);
pub const REGION: Setting =
    Setting::optional("EVIDENCE_S3_REGION", "eu-west-2", "region of the bucket");
pub const ACCESS_KEY: Setting =
    Setting::optional("EVIDENCE_S3_ACCESS_KEY_ID", "", "who reads and writes the bucket");
pub const SECRET_KEY_FILE: Setting =
    Setting::optional("EVIDENCE_S3_SECRET_KEY_FILE", "", "file with the secret key of that");
pub const PLAIN_HTTP: Setting = Setting::optional(
    "EVIDENCE_S3_PLAIN_HTTP",
    "no",
    "whether EVIDENCE_S3_ENDPOINT may be spoken to without TLS",
);

/// As `--help` lists them.
pub const SETTINGS: [Setting; 7] =
    [EVIDENCE_DIR, BUCKET, ENDPOINT, REGION, ACCESS_KEY, SECRET_KEY_FILE, PLAIN_HTTP];

/// Where evidence rests.
#[derive(Debug, Clone)]
pub struct Settings {
    pub(super) place: Where,
}

#[derive(Debug, Clone)]
pub(super) enum Where {
    Folder(PathBuf),
    S3(S3),
}

/// A bucket, and who may use it.
#[derive(Debug, Clone)]
pub(super) struct S3 {
    pub(super) bucket: String,
    pub(super) endpoint: String,
    pub(super) region: String,
    pub(super) access_key: String,
    pub(super) secret_key: Secret,
    pub(super) plain_http: bool,
}

impl Settings {
    /// A folder of this machine.
    #[must_use]
    pub fn folder(folder: impl Into<PathBuf>) -> Self {
        Self { place: Where::Folder(folder.into()) }
    }

    pub fn read(reader: &mut Reader) -> Self {
        let s3 = S3 {
            bucket: reader.text(&BUCKET),
            endpoint: reader.text(&ENDPOINT),
            region: reader.text(&REGION),
            access_key: reader.text(&ACCESS_KEY),
            secret_key: reader.text_file(&SECRET_KEY_FILE),
            plain_http: reader.yes(&PLAIN_HTTP),
        };
        let folder = reader.text(&EVIDENCE_DIR);
        let place = match (folder.is_empty(), s3.bucket.is_empty()) {
            (false, true) => Where::Folder(PathBuf::from(folder)),
            (true, false) => {
                if s3.access_key.is_empty() || s3.secret_key.bytes().is_empty() {
                    reader.fault(
                        "EVIDENCE_S3_BUCKET needs EVIDENCE_S3_ACCESS_KEY_ID and \
                         EVIDENCE_S3_SECRET_KEY_FILE",
                    );
                }
                Where::S3(s3)
            }
            (both_missing, _) => {
                let why = if both_missing { "one of them is needed" } else { "choose one of them" };
                reader.fault(format!("EVIDENCE_DIR and EVIDENCE_S3_BUCKET: {why}"));
                Where::Folder(PathBuf::new())
            }
        };
        Self { place }
    }
}
