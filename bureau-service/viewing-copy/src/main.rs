//! `viewing-copy jpeg|png`: a picture from standard input, drawn anew to standard output: small enough
//! for a screen, upright, and without anything hidden in it.
//!
//! It reads what strangers sent, so it is a process of its own with nothing to lose: before the first
//! byte it gives up opening files and connections, starting others, and more memory and time than a picture
//! needs. Whoever starts it passes no environment on.

use std::io::{self, Cursor, Read as _, Write as _};
use std::process::ExitCode;

use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{
    DynamicImage, ExtendedColorType, GenericImageView as _, ImageDecoder, ImageEncoder as _,
    ImageFormat, ImageReader, Limits,
};
use rustix::process::{Resource, Rlimit, setrlimit};

/// More than the largest picture that is taken as evidence.
const INPUT_MAX: u64 = 64 * 1024 * 1024;
/// The longer side of what is shown.
const SIDE_MAX: u32 = 2_048;
/// The largest picture that is drawn: 200 million points. Cameras of phones stay below.
const POINTS_MAX: u64 = 200_000_000;
const WIDTH_MAX: u32 = 32_768;
const MEMORY_MAX: u64 = 2 * 1024 * 1024 * 1024;
const SECONDS_MAX: u64 = 20;
const QUALITY: u8 = 85;

/// Why there is no viewing copy. Each is told by one word on standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refused {
    Usage,
    Limits,
    TooLarge,
    NotAPicture,
    Output,
}

impl Refused {
    fn word(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Limits => "limits",
            Self::TooLarge => "too_large",
            Self::NotAPicture => "not_a_picture",
            Self::Output => "output",
        }
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(refused) => {
            // Nobody may be listening any more.
            writeln!(io::stderr(), "{}", refused.word()).ok();
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), Refused> {
    let format = match std::env::args().nth(1).as_deref() {
        Some("jpeg") => ImageFormat::Jpeg,
        Some("png") => ImageFormat::Png,
        Some(_) | None => return Err(Refused::Usage),
    };
    give_up_all_else().map_err(|_| Refused::Limits)?;
    let mut original = vec![];
    let read = io::stdin().lock().take(INPUT_MAX + 1).read_to_end(&mut original);
    read.map_err(|_| Refused::NotAPicture)?;
    if original.len() as u64 > INPUT_MAX {
        return Err(Refused::TooLarge);
    }
    let drawn = draw(&original, format)?;
    let mut out = io::stdout().lock();
    out.write_all(&drawn).and_then(|()| out.flush()).map_err(|_| Refused::Output)
}

/// Hard limits, set by the process on itself: one without privileges, as it is to run, cannot raise them again.
fn give_up_all_else() -> rustix::io::Result<()> {
    let limits = [
        // Standard input, output and error are open already and go on working; nothing is ever opened again,
        // not even in the place of one that was closed.
        (Resource::Nofile, 0),
        (Resource::Nproc, 0),
        (Resource::Fsize, 0),
        (Resource::Core, 0),
        (Resource::As, MEMORY_MAX),
        (Resource::Cpu, SECONDS_MAX),
    ];
    for (resource, most) in limits {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })?;
    }
    Ok(())
}

/// The picture anew, in its own format. Nothing but its points is carried over.
fn draw(original: &[u8], format: ImageFormat) -> Result<Vec<u8>, Refused> {
    let mut reader = ImageReader::with_format(Cursor::new(original), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(WIDTH_MAX);
    limits.max_image_height = Some(WIDTH_MAX);
    limits.max_alloc = Some(MEMORY_MAX / 2);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| refused(&error))?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > POINTS_MAX {
        return Err(Refused::TooLarge);
    }
    // Which way up it was held stands in what is left out.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(|error| refused(&error))?;
    let mut picture = small(picture);
    picture.apply_orientation(orientation);
    encode(&picture, format).ok_or(Refused::Output)
}

fn small(picture: DynamicImage) -> DynamicImage {
    let (width, height) = picture.dimensions();
    if width.max(height) <= SIDE_MAX { picture } else { picture.thumbnail(SIDE_MAX, SIDE_MAX) }
}

fn encode(picture: &DynamicImage, format: ImageFormat) -> Option<Vec<u8>> {
    let mut out = vec![];
    if format == ImageFormat::Png {
        let points = picture.to_rgba8();
        let (width, height) = points.dimensions();
        let encoder = image::codecs::png::PngEncoder::new(&mut out);
        encoder.write_image(&points, width, height, ExtendedColorType::Rgba8).ok()?;
    } else {
        let points = picture.to_rgb8();
        JpegEncoder::new_with_quality(&mut out, QUALITY).encode_image(&points).ok()?;
    }
    Some(out)
}

fn refused(error: &image::ImageError) -> Refused {
    if let image::ImageError::Limits(_) = error { Refused::TooLarge } else { Refused::NotAPicture }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HIDDEN: &[u8] = b"Exif\0\0hidden place 52.6 -1.1";

    fn jpeg(width: u32, height: u32) -> Vec<u8> {
        encode(&DynamicImage::new_rgb8(width, height), ImageFormat::Jpeg).unwrap()
    }

    /// The same with a segment behind its beginning that no eye sees.
    fn with_hidden(picture: &[u8], payload: &[u8]) -> Vec<u8> {
        let (start, rest) = picture.split_at(2);
        let length = u16::try_from(payload.len() + 2).unwrap().to_be_bytes();
        [start, &[0xff, 0xe1], &length, payload, rest].concat()
    }

    fn holds(bytes: &[u8], words: &[u8]) -> bool {
        bytes.windows(words.len()).any(|window| window == words)
    }

    #[test]
    fn what_is_hidden_in_a_picture_is_left_out() {
        let original = with_hidden(&jpeg(40, 30), HIDDEN);
        assert!(holds(&original, b"hidden place"));
        let drawn = draw(&original, ImageFormat::Jpeg).unwrap();
        assert!(!holds(&drawn, b"hidden place") && !holds(&drawn, b"Exif"));
        assert_eq!(image::load_from_memory(&drawn).unwrap().dimensions(), (40, 30));
    }

    #[test]
    fn a_picture_that_was_held_sideways_stands_upright() {
        // One entry: orientation, a short, 6: a quarter to the right.
        let turned = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        let drawn = draw(&with_hidden(&jpeg(40, 30), turned), ImageFormat::Jpeg).unwrap();
        assert_eq!(image::load_from_memory(&drawn).unwrap().dimensions(), (30, 40));
    }

    #[test]
    fn a_large_picture_fits_a_screen() {
        let drawn = draw(&jpeg(4_000, 1_000), ImageFormat::Jpeg).unwrap();
        assert_eq!(image::load_from_memory(&drawn).unwrap().dimensions(), (2_048, 512));
    }

    #[test]
    fn a_picture_that_says_it_is_enormous_is_refused_before_it_is_drawn() {
        let mut png = encode(&DynamicImage::new_rgb8(10, 10), ImageFormat::Png).unwrap();
        let size = 50_000_u32.to_be_bytes();
        // Width, height and the check over them, in the first chunk.
        png[16..20].copy_from_slice(&size);
        png[20..24].copy_from_slice(&size);
        let check = crc(&png[12..29]);
        png[29..33].copy_from_slice(&check.to_be_bytes());
        assert_eq!(draw(&png, ImageFormat::Png), Err(Refused::TooLarge));
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        for (bytes, format) in [
            (&b""[..], ImageFormat::Jpeg),
            (b"MZ\x90\0 a program", ImageFormat::Jpeg),
            (b"\x89PNG\r\n\x1a\n and then nothing", ImageFormat::Png),
        ] {
            assert_eq!(draw(bytes, format), Err(Refused::NotAPicture));
        }
        let half = jpeg(400, 300);
        assert!(draw(&half[..half.len() / 4], ImageFormat::Png).is_err());
    }

    /// The check of a chunk of a PNG, bit by bit.
    fn crc(bytes: &[u8]) -> u32 {
        let step = |sum: u32, byte: &u8| {
            (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
                if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 }
            })
        };
        !bytes.iter().fold(!0, step)
    }
}
