//! What a file is, found by its first bytes and never by its name.

/// So many bytes at the beginning of a file tell what it is.
pub const HEAD_BYTES: usize = 8 * 1024;

words! {
    /// What a file is to the limits, and to whoever looks at it.
    pub enum Class {
        Picture = "picture",
        Document = "document",
        Audio = "audio",
        Video = "video",
    }
}

/// A type that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileType {
    pub media_type: &'static str,
    pub class: Class,
}

type Look = fn(&[u8]) -> bool;

/// All that is taken: what telephones, their messengers and offices make. Programs, archives and pages that run
/// something are in no row. The first row that fits counts; text, which has no mark, comes last.
const TYPES: &[(&str, Class, Look)] = &[
    ("image/jpeg", Class::Picture, |head| head.starts_with(b"\xff\xd8\xff")),
    ("image/png", Class::Picture, |head| head.starts_with(b"\x89PNG\r\n\x1a\n")),
    ("image/gif", Class::Picture, |head| {
        head.starts_with(b"GIF87a") || head.starts_with(b"GIF89a")
    }),
    ("image/webp", Class::Picture, |head| riff(head, b"WEBP")),
    ("image/heic", Class::Picture, |head| {
        brand(head, &[b"heic", b"heix", b"hevc", b"heim", b"heis"])
    }),
    ("image/heif", Class::Picture, |head| brand(head, &[b"mif1", b"msf1"])),
    ("audio/mp4", Class::Audio, |head| brand(head, &[b"M4A ", b"M4B "])),
    ("video/3gpp", Class::Video, |head| {
        brand(head, &[b"3gp4", b"3gp5", b"3gp6", b"3gp7", b"3g2a"])
    }),
    ("video/quicktime", Class::Video, |head| brand(head, &[b"qt  "]) || old_movie(head)),
    ("video/mp4", Class::Video, |head| {
        brand(
            head,
            &[
                b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ",
                b"MSNV", b"dash",
            ],
        )
    }),
    ("video/webm", Class::Video, |head| {
        head.starts_with(b"\x1a\x45\xdf\xa3") && has(head, 64, b"webm")
    }),
    ("audio/mpeg", Class::Audio, |head| head.starts_with(b"ID3") || mpeg_layer_3(head)),
    ("audio/aac", Class::Audio, |head| {
        head.starts_with(b"\xff\xf1") || head.starts_with(b"\xff\xf9")
    }),
    ("audio/wav", Class::Audio, |head| riff(head, b"WAVE")),
    ("audio/ogg", Class::Audio, |head| {
        head.starts_with(b"OggS") && (has(head, 64, b"OpusHead") || has(head, 64, b"\x01vorbis"))
    }),
    ("audio/amr", Class::Audio, |head| head.starts_with(b"#!AMR")),
    ("application/pdf", Class::Document, |head| head.starts_with(b"%PDF-")),
    (DOCX, Class::Document, |head| head.starts_with(ENTRY) && has(head, HEAD_BYTES, b"word/")),
    (TEXT, Class::Document, |head| !head.is_empty() && is_text(head) && reads(head) && !runs(head)),
];

const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const TEXT: &str = "text/plain";
/// Begins each entry of the archive that a .docx is. Nothing of it is ever unpacked.
const ENTRY: &[u8] = b"PK\x03\x04";

impl FileType {
    /// What a file is that begins like this; None where it is nothing that is taken.
    #[must_use]
    pub fn of(head: &[u8]) -> Option<Self> {
        let found = TYPES.iter().find(|(.., look)| look(head));
        found.map(|(media_type, class, _)| Self { media_type, class: *class })
    }

    #[must_use]
    pub fn called(media_type: &str) -> Option<Self> {
        let found = TYPES.iter().find(|(name, ..)| *name == media_type);
        found.map(|(media_type, class, _)| Self { media_type, class: *class })
    }

    /// Whether `more` can stand further on in such a file. Text says so of every byte, or a program could stand
    /// behind a page of words; a letter has no part that is a program. (The name of such a part stands in it twice:
    /// one of them is seen, wherever `more` is cut.)
    #[must_use]
    pub fn goes_on_with(self, more: &[u8]) -> bool {
        match self.media_type {
            TEXT => is_text(more),
            DOCX => !has(more, more.len(), b"vbaProject"),
            _ => true,
        }
    }
}

fn riff(head: &[u8], form: &[u8]) -> bool {
    head.starts_with(b"RIFF") && head.get(8..12) == Some(form)
}

/// The first box of an MP4 and its relatives names what it is.
fn brand(head: &[u8], brands: &[&[u8; 4]]) -> bool {
    let major = head.get(8..12);
    head.get(4..8) == Some(b"ftyp") && brands.iter().any(|brand| major == Some(brand.as_slice()))
}

/// Cameras of long ago begin a film without saying what it is.
fn old_movie(head: &[u8]) -> bool {
    matches!(head.get(4..8), Some(b"moov" | b"mdat" | b"wide"))
}

/// The four bytes before each frame of an MP3 without tags: a bit rate and a frequency that there are.
fn mpeg_layer_3(head: &[u8]) -> bool {
    let [0xff, second, third, ..] = head else { return false };
    let is_layer_3 = second & 0b1110_0110 == 0b1110_0010 && second & 0b0001_1000 != 0b0000_1000;
    is_layer_3 && third >> 4 != 0xf && third >> 4 != 0 && third & 0b1100 != 0b1100
}

fn has(head: &[u8], within: usize, what: &[u8]) -> bool {
    let head = head.get(..within).unwrap_or(head);
    head.windows(what.len()).any(|window| window == what)
}

/// No byte that only something else than text has.
fn is_text(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| {
        matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c) || (*byte >= 0x20 && *byte != 0x7f)
    })
}

/// Text in any language, or in one of the old ways of writing ours.
fn reads(head: &[u8]) -> bool {
    // The head may end within a character.
    let is_utf8 =
        std::str::from_utf8(head).map_or_else(|wrong| wrong.error_len().is_none(), |_| true);
    is_utf8 || head.iter().filter(|byte| byte.is_ascii()).count() * 4 >= head.len() * 3
}

/// Text that a computer would do something with: scripts and pages.
fn runs(head: &[u8]) -> bool {
    let start = head.trim_ascii_start();
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    start.starts_with(b"#!") || start.starts_with(b"<") || start.starts_with(b"%!")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(head: &[u8], then: Option<&str>) {
        assert_eq!(FileType::of(head).map(|found| found.media_type), then, "{head:?}");
    }

    fn ftyp(brand: &str) -> Vec<u8> {
        [b"\0\0\0\x18ftyp", brand.as_bytes(), b"\0\0\0\0isomiso2"].concat()
    }

    #[test]
    fn what_telephones_make_is_known_by_its_first_bytes() {
        check(b"\xff\xd8\xff\xe1\0\x18Exif", Some("image/jpeg"));
        check(b"\x89PNG\r\n\x1a\n\0\0", Some("image/png"));
        check(b"GIF89a\x01\0", Some("image/gif"));
        check(b"RIFF\0\0\0\0WEBPVP8 ", Some("image/webp"));
        check(b"RIFF\0\0\0\0WAVEfmt ", Some("audio/wav"));
        check(&ftyp("heic"), Some("image/heic"));
        check(&ftyp("mif1"), Some("image/heif"));
        check(&ftyp("isom"), Some("video/mp4"));
        check(&ftyp("3gp5"), Some("video/3gpp"));
        check(&ftyp("qt  "), Some("video/quicktime"));
        check(b"\0\0\0\x08wide\0\0\0\0mdat", Some("video/quicktime"));
        check(&ftyp("M4A "), Some("audio/mp4"));
        check(b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm", Some("video/webm"));
        check(b"ID3\x04\0", Some("audio/mpeg"));
        check(b"\xff\xfb\x90\x64", Some("audio/mpeg"));
        check(b"\xff\xf1\x50\x80", Some("audio/aac"));
        check(b"OggS\0\x02............OpusHead", Some("audio/ogg"));
        check(b"#!AMR\n", Some("audio/amr"));
        check(b"%PDF-1.7\n", Some("application/pdf"));
        check(
            b"PK\x03\x04\x14\0\x06\0[Content_Types].xml..PK\x03\x04word/document.xml",
            Some(DOCX),
        );
        check("He said he’d come back.\r\n".as_bytes(), Some(TEXT));
        check(b"caf\xe9", Some(TEXT));
    }

    #[test]
    fn programs_archives_and_pages_are_nothing_that_is_taken() {
        for bytes in [
            &b"MZ\x90\0\x03\0\0\0"[..],
            b"\x7fELF\x02\x01\x01\0",
            b"PK\x03\x04\x14\0\0\0holiday.jpg",
            b"PK\x03\x04\x14\0\0\0META-INF/MANIFEST.MF",
            b"\x1f\x8b\x08\0",
            b"Rar!\x1a\x07\x01\0",
            b"7z\xbc\xaf\x27\x1c",
            b"#!/bin/sh\nrm -r /\n",
            b"\xef\xbb\xbf <html><script>",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            b"\xca\xfe\xba\xbe\0\0\0\x34",
            b"\xff\xff\xff\xff",
            b"",
        ] {
            check(bytes, None);
        }
        check(&ftyp("zzzz"), None);
    }

    #[test]
    fn a_program_behind_words_is_no_text() {
        let text = FileType::of(b"Dear all,\n").unwrap();
        assert!(text.goes_on_with(b"yours\n") && !text.goes_on_with(b"MZ\0"));
        assert!(FileType::of(b"%PDF-1.7").unwrap().goes_on_with(b"\0"));
        let letter = FileType::called(DOCX).unwrap();
        assert!(letter.goes_on_with(b"word/x") && !letter.goes_on_with(b"word/vbaProject.bin"));
    }

    #[test]
    fn each_row_is_found_by_its_name_again() {
        for (media_type, class, _) in TYPES {
            let found = FileType::called(media_type);
            assert_eq!(found.map(|found| found.class), Some(*class), "{media_type}");
        }
    }
}
