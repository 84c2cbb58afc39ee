//! Receipts: what we had, and when, signed so that anybody can check it. `docs/receipts.md` says how.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest::{Context, SHA256, digest};
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, ParsedPublicKey};
use backbone::config::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

const SEED_BYTES: usize = 32;
const ISSUER_CHARS_MAX: usize = 100;
/// More than any receipt has, line breaks of an email included.
pub const CHARS_MAX: usize = 2_000;
const BEGIN: &str = "-----BEGIN PUBLIC KEY-----\n";
const END: &str = "\n-----END PUBLIC KEY-----\n";

/// A report as its receipt names it.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    pub reference: &'a str,
    pub report_id: Uuid,
    pub kind: &'a str,
    pub submitted_at: Timestamp,
    /// Of what was sent.
    pub content: Content,
}

/// The salted hash of what was sent. The salt keeps two reports with the same answers apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content {
    pub salt: [u8; 16],
    pub hash: [u8; 32],
}

impl Content {
    /// Hashes the salt's hexadecimal digits and then the submission.
    #[must_use]
    pub fn of(salt: [u8; 16], submission: &[u8]) -> Self {
        let mut context = Context::new(&SHA256);
        context.update(hex::encode(salt).as_bytes());
        context.update(submission);
        let mut hash = [0; 32];
        hash.copy_from_slice(context.finish().as_ref());
        Self { salt, hash }
    }
}

/// A submission in the one spelling that is hashed: no spaces, the names in each object in order.
#[must_use]
pub fn canonical(kind: &str, answers: &Map<String, Value>) -> Vec<u8> {
    #[derive(Serialize)]
    struct Submission<'a> {
        answers: &'a Map<String, Value>,
        kind: &'a str,
    }
    serde_json::to_vec(&Submission { answers, kind }).unwrap_or_default()
}

/// A public key, as it is served and as it is set again once it signs no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKey {
    /// The first 16 hexadecimal digits of the SHA-256 of the key in DER.
    #[serde(skip_deserializing)]
    pub id: String,
    pub pem: String,
    /// From when on it signed, where that was said.
    pub since: Option<Timestamp>,
}

/// All public keys, the one that signs first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PublicKeys {
    pub items: Vec<PublicKey>,
}

/// What we tell of a receipt that we signed. Of what kind the report is stands in the receipt itself: whoever
/// holds it can read that, and we do not say it once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    pub reference: String,
    pub report_id: String,
    pub submitted_at: Timestamp,
    pub issuer: String,
    pub key_id: String,
}

/// Signs receipts, and knows those that it signed. Cheap to clone.
#[derive(Clone)]
pub struct Receipts(Arc<Parts>);

struct Parts {
    signs: Option<Ed25519KeyPair>,
    issuer: String,
    verifies: Vec<(PublicKey, ParsedPublicKey)>,
}

impl fmt::Debug for Receipts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Receipts(..)")
    }
}

impl Receipts {
    /// Signs with the key that `seed` makes; knows the keys of before as well.
    pub fn new(
        seed: &Secret,
        issuer: String,
        since: Option<Timestamp>,
        before: PublicKeys,
    ) -> Result<Self, &'static str> {
        let is_name = |c: char| c.is_ascii_graphic() || c == ' ';
        if issuer.trim().is_empty()
            || issuer.len() > ISSUER_CHARS_MAX
            || !issuer.chars().all(is_name)
        {
            return Err("the issuer must be 1 to 100 plain characters on one line");
        }
        let not_a_seed = "the key must be exactly 32 bytes";
        if seed.bytes().len() != SEED_BYTES {
            return Err(not_a_seed);
        }
        let signs = Ed25519KeyPair::from_seed_unchecked(seed.bytes()).map_err(|_| not_a_seed)?;
        let der = signs.public_key().as_der().map_err(|_| not_a_seed)?;
        let mut verifies = vec![known(der.as_ref(), since)?];
        for key in before.items {
            let der = der_of(&key.pem).ok_or("an old key is no public key in PEM")?;
            let known = known(&der, key.since)?;
            if verifies.iter().all(|(other, _)| other.id != known.0.id) {
                verifies.push(known);
            }
        }
        Ok(Self(Arc::new(Parts { signs: Some(signs), issuer, verifies })))
    }

    /// Signs nothing: what settings are read into that are refused in the end.
    #[must_use]
    pub fn none() -> Self {
        Self(Arc::new(Parts { signs: None, issuer: String::new(), verifies: vec![] }))
    }

    /// The receipt of a report: the same one whenever it is asked for.
    #[must_use]
    pub fn sign(&self, of: &Subject<'_>) -> String {
        let (Some(signs), Some((key, _))) = (&self.0.signs, self.0.verifies.first()) else {
            return String::new();
        };
        let message = self.message(of);
        let signature = URL_SAFE_NO_PAD.encode(signs.sign(message.as_bytes()));
        format!("{}.{}.{signature}", URL_SAFE_NO_PAD.encode(message), key.id)
    }

    fn message(&self, of: &Subject<'_>) -> String {
        format!(
            "receipt 1\nissuer {}\nreference {}\nreport {}\nkind {}\nsubmitted {}\ncontent sha256 {} {}\n",
            self.0.issuer,
            of.reference,
            of.report_id,
            of.kind,
            of.submitted_at,
            hex::encode(of.content.salt),
            hex::encode(of.content.hash),
        )
    }

    /// What a receipt says, if one of our keys signed it. However its line was broken on the way.
    #[must_use]
    pub fn verify(&self, receipt: &str) -> Option<Issued> {
        if receipt.len() > CHARS_MAX {
            return None;
        }
        let receipt: String = receipt.split_ascii_whitespace().collect();
        let mut parts = receipt.split('.');
        let (message, id, signature) = (parts.next()?, parts.next()?, parts.next()?);
        let (key, verifies) = self.0.verifies.iter().find(|(key, _)| key.id == id)?;
        let message = URL_SAFE_NO_PAD.decode(message).ok()?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        if parts.next().is_some() || verifies.verify_sig(&message, &signature).is_err() {
            return None;
        }
        issued(std::str::from_utf8(&message).ok()?, &key.id)
    }

    #[must_use]
    pub fn keys(&self) -> PublicKeys {
        PublicKeys { items: self.0.verifies.iter().map(|(key, _)| key.clone()).collect() }
    }
}

/// Reads a message that a key of ours signed.
fn issued(message: &str, key_id: &str) -> Option<Issued> {
    let mut lines = message.lines();
    let mut line = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(' ');
    if line("receipt")? != "1" {
        return None;
    }
    let (issuer, reference, report_id) = (line("issuer")?, line("reference")?, line("report")?);
    line("kind")?;
    Some(Issued {
        submitted_at: line("submitted")?.parse().ok()?,
        issuer: issuer.to_owned(),
        reference: reference.to_owned(),
        report_id: report_id.to_owned(),
        key_id: key_id.to_owned(),
    })
}

fn known(
    der: &[u8],
    since: Option<Timestamp>,
) -> Result<(PublicKey, ParsedPublicKey), &'static str> {
    let verifies = ParsedPublicKey::new(&ED25519, der).map_err(|_| "a key is not of Ed25519")?;
    let id = hex::encode(digest(&SHA256, der).as_ref().split_at(8).0);
    let pem = format!("{BEGIN}{}{END}", STANDARD.encode(der));
    Ok((PublicKey { id, pem, since }, verifies))
}

fn der_of(pem: &str) -> Option<Vec<u8>> {
    let body = pem.trim().strip_prefix(BEGIN.trim())?.strip_suffix(END.trim())?;
    STANDARD.decode(body.trim()).ok()
}

#[cfg(test)]
mod tests;
