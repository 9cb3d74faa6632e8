//! Pictures: taken in small, given out in three sizes.

use super::super::call::Call;
use super::super::desk::Seen;
use super::{Failure, Valomnia};
use crate::error::HeadOfficeError;
use crate::storage::MemberKey;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageFormat, ImageReader, Limits};
use regulars_domain::Timestamp;
use regulars_domain::edit::Document;
use regulars_domain::text::MAX_PICTURE_MB;
use serde_json::json;
use std::io::Cursor;

/// In meta: the name of the file, as it was sent.
pub(super) const LOGO: &str = "valomnia:logo";
/// Pixels a side of what is kept, and of the two smaller sizes.
const SIDE: u32 = 256;
const MEDIUM: u32 = 128;
const SMALL: u32 = 64;
/// What is read at all: a phone's camera has fewer pixels a side, a bomb of a file has more; and bytes while it is read,
/// since several may be read at once.
const MAX_SIDE: u32 = 12_000;
const MAX_MEMORY: u64 = 64 * 1024 * 1024;
/// Out of 100.
const QUALITY: u8 = 82;

/// A picture that was sent, and its file's name, as a patch of picture and meta.
pub(super) async fn read(file_name: String, file: Vec<u8>, at: Timestamp) -> Result<Document, Failure> {
    let read = tokio::task::spawn_blocking(move || make_small(&file_name, &file, at));
    read.await.unwrap_or_else(|_| Err(HeadOfficeError::Internal.into()))
}

fn make_small(file_name: &str, file: &[u8], at: Timestamp) -> Result<Document, Failure> {
    if file.len() > MAX_PICTURE_MB * 1024 * 1024 {
        return Err(HeadOfficeError::TooLarge.into());
    }
    let unsupported = || Failure::bad("unsupported_file_type", "image format not supported.");
    let picture = decode(file).ok_or_else(unsupported)?;
    let small = jpeg(&picture, SIDE).ok_or_else(unsupported)?;
    let name: String =
        file_name.chars().filter(|letter| letter.is_ascii_alphanumeric() || "._-".contains(*letter)).collect();
    let name = format!("{}_{}", at.as_millis(), if name.is_empty() { "logo.jpg" } else { &name });
    let picture = json!({ "url": null, "media_type": "image/jpeg", "data": STANDARD.encode(small) });
    Ok(Document::from_iter([("picture".to_owned(), picture), ("meta".to_owned(), json!({ LOGO: name }))]))
}

fn decode(file: &[u8]) -> Option<DynamicImage> {
    let mut reader = ImageReader::new(Cursor::new(file)).with_guessed_format().ok()?;
    let is_known =
        |format| matches!(format, ImageFormat::Jpeg | ImageFormat::Gif | ImageFormat::Png | ImageFormat::Bmp);
    reader.format().filter(|format| is_known(*format))?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    reader.decode().ok()
}

fn jpeg(picture: &DynamicImage, side: u32) -> Option<Vec<u8>> {
    let small = picture.thumbnail(side, side).to_rgb8();
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(&mut file, QUALITY).encode_image(&small).ok()?;
    Some(file)
}

/// Where a customer's picture is: on this server, or wherever the member has it.
pub(super) fn link(seen: &Seen) -> Option<String> {
    let picture = seen.member.picture.as_ref()?;
    if picture.data.is_none() {
        return picture.url.clone();
    }
    let file = seen.member.meta.get(LOGO).map_or("picture.jpg", String::as_str);
    Some(format!("/valomnia/{}-{}/photoCustomer/{file}", seen.place.issuer, MemberKey::number(seen.id)))
}

pub(super) async fn show(
    Path((organization, file)): Path<(String, String)>,
    Valomnia(call): Valomnia,
) -> Result<Response, Failure> {
    let (side, file) = match (file.strip_prefix("small_"), file.strip_prefix("medium_")) {
        (Some(file), _) => (Some(SMALL), file.to_owned()),
        (_, Some(file)) => (Some(MEDIUM), file.to_owned()),
        (None, None) => (None, file),
    };
    let stored = picture(call, organization, file).await?;
    let (media_type, bytes) = match side {
        None => stored,
        Some(side) => {
            let resized = decode(&stored.1).and_then(|picture| jpeg(&picture, side));
            ("image/jpeg".to_owned(), resized.ok_or(HeadOfficeError::NotFound)?)
        }
    };
    Ok(([(header::CONTENT_TYPE, media_type)], bytes).into_response())
}

async fn picture(call: Call, organization: String, file: String) -> Result<(String, Vec<u8>), Failure> {
    call.ask(move |desk| {
        let number = organization.rsplit_once('-').and_then(|(_, number)| number.parse().ok());
        let number: i64 = number.ok_or(HeadOfficeError::NotFound)?;
        for seen in desk.find_by(&MemberKey::Number(number))? {
            let is_it =
                link(&seen).is_some_and(|link| link.ends_with(&format!("/{organization}/photoCustomer/{file}")));
            let picture = seen.member.picture.filter(|_| is_it);
            if let Some((media_type, data)) = picture.and_then(|picture| picture.media_type.zip(picture.data)) {
                let bytes = STANDARD.decode(data).map_err(|_| HeadOfficeError::NotFound)?;
                return Ok((media_type, bytes));
            }
        }
        Err(HeadOfficeError::NotFound.into())
    })
    .await
}
