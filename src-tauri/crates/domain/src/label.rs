//! A label of the catalogue: a name with a colour. Members carry the name.

use crate::membership::is_color;
use crate::refusal::Refusal;
use crate::text;
use serde::{Deserialize, Serialize};

/// Longest name of a label, in characters: it stands in a small frame beside a name.
const MAX_LABEL: usize = 40;

/// A label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Label {
    /// Its name: there is one label of a name.
    pub name: String,
    /// `#RRGGBB`, where it has a colour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
    /// Its id in another system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
}

impl Label {
    /// Cleaned and checked.
    ///
    /// # Errors
    /// `required`, `too_long`, `invalid_character` for the name; `color_invalid`.
    pub fn checked(self) -> Result<Self, Refusal> {
        let name = text::line("name", &self.name, MAX_LABEL)?.ok_or(Refusal::Required { field: "name" })?;
        let color = self.color.filter(|color| !color.trim().is_empty());
        if color.as_ref().is_some_and(|color| !is_color(color)) {
            return Err(Refusal::ColorInvalid { field: "color" });
        }
        Ok(Self { name, color, external_id: self.external_id })
    }
}
