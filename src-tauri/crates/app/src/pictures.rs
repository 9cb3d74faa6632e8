//! Pictures of members: whatever a camera makes is made small enough to travel with the member.

use crate::error::AppError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::codecs::jpeg::JpegEncoder;
use image::{ImageFormat, ImageReader, Limits};
use regulars_domain::Refusal;
use regulars_domain::member::{MAX_PICTURE, Picture};
use regulars_domain::text::MAX_PICTURE_MB;
use serde_json::{Value, json};
use std::io::Cursor;

/// Pixels a side: a face is told on the screen, and on the next till.
const SIDE: u32 = 256;
/// Pixels a side of what is read at all: a phone's camera has fewer, a bomb of a file has more.
const MAX_SIDE: u32 = 12_000;
/// Bytes while it is read.
const MAX_MEMORY: u64 = 256 * 1024 * 1024;
/// Out of 100: the eye sees no difference on a desk.
const QUALITY: u8 = 82;

/// Reads a JPEG, PNG, GIF or BMP file and makes it small.
///
/// # Errors
/// `picture_too_large`, `picture_invalid`.
pub fn read(file: &[u8]) -> Result<Picture, AppError> {
    if file.len() > MAX_PICTURE_MB * 1024 * 1024 {
        return Err(Refusal::PictureTooLarge.into());
    }
    let small = shrink(file).ok_or(Refusal::PictureInvalid)?;
    Ok(Picture { url: None, media_type: Some("image/jpeg".to_owned()), data: Some(STANDARD.encode(small)) })
}

/// The same for a file as base64.
///
/// # Errors
/// As [`read`].
pub fn read_base64(data: &str) -> Result<Picture, AppError> {
    if data.len() > MAX_PICTURE_MB * 1024 * 1024 * 4 / 3 + 4 {
        return Err(Refusal::PictureTooLarge.into());
    }
    read(&STANDARD.decode(data.trim()).map_err(|_| Refusal::PictureInvalid)?)
}

/// Makes the picture in a typed member small, where one is there. One that is small already stays as it is, so that what
/// was shown can be typed again without a change. In a patch it takes the place of one that a remote keeps: of that only
/// the address is here, which would stay.
///
/// # Errors
/// As [`read`].
pub fn make_small(typed: &mut Value) -> Result<(), AppError> {
    let Some(data) = typed.pointer("/picture/data").and_then(Value::as_str).filter(|data| !data.is_empty()) else {
        return Ok(());
    };
    let is_small = data.len() <= MAX_PICTURE && STANDARD.decode(data).is_ok_and(|file| is_small_jpeg(&file));
    if !is_small {
        let Picture { media_type, data, .. } = read_base64(data)?;
        typed["picture"]["media_type"] = json!(media_type);
        typed["picture"]["data"] = json!(data);
    }
    if typed["picture"].get("url").is_none() {
        typed["picture"]["url"] = Value::Null;
    }
    Ok(())
}

fn is_small_jpeg(file: &[u8]) -> bool {
    let reader = ImageReader::with_format(Cursor::new(file), ImageFormat::Jpeg);
    reader.into_dimensions().is_ok_and(|(width, height)| width <= SIDE && height <= SIDE)
}

fn shrink(file: &[u8]) -> Option<Vec<u8>> {
    let mut reader = ImageReader::new(Cursor::new(file)).with_guessed_format().ok()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    let picture = reader.decode().ok()?.thumbnail(SIDE, SIDE).to_rgb8();
    let mut small = Vec::new();
    JpegEncoder::new_with_quality(&mut small, QUALITY).encode_image(&picture).ok()?;
    Some(small)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::RgbImage;

    #[test]
    fn a_picture_is_made_small_and_what_is_none_is_refused() {
        let mut png = Vec::new();
        RgbImage::new(1_200, 800).write_to(&mut Cursor::new(&mut png), ImageFormat::Png).expect("written");
        let small = STANDARD.decode(read(&png).expect("a picture").data.expect("data")).expect("base64");
        let small = image::load_from_memory(&small).expect("a picture");
        assert_eq!((small.width(), small.height()), (256, 171));
        let code = |file: &[u8]| read(file).expect_err("refused").code().to_owned();
        assert_eq!(code(b"MZ this is no picture"), "picture_invalid");
        assert_eq!(code(&png[..png.len() / 2]), "picture_invalid");
        assert_eq!(code(&vec![0xff; 50 * 1024 * 1024]), "picture_too_large");
    }

    #[test]
    fn a_picture_takes_the_place_of_one_that_a_remote_keeps() {
        let mut png = Vec::new();
        RgbImage::new(8, 8).write_to(&mut Cursor::new(&mut png), ImageFormat::Png).expect("written");
        let small = read(&png).expect("a picture").data.expect("data");
        for data in [STANDARD.encode(&png), small.clone()] {
            let mut typed = json!({ "picture": { "media_type": "image/jpeg", "data": data } });
            make_small(&mut typed).expect("a picture");
            assert_eq!(typed["picture"].get("url"), Some(&Value::Null));
        }
        let address = "https://example.com/p.jpg";
        for picture in [json!({ "url": address, "media_type": "image/jpeg", "data": small }), json!({ "url": address })]
        {
            let mut typed = json!({ "picture": picture.clone() });
            make_small(&mut typed).expect("a picture");
            assert_eq!(typed["picture"], picture, "what was shown is no change");
        }
    }
}
