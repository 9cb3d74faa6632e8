//! The catalogue of labels.

use super::SqliteRows;
use crate::error::HeadOfficeError;
use crate::storage::Labels;
use regulars_domain::label::Label;
use rusqlite::named_params;

impl Labels for SqliteRows<'_> {
    fn find_label(&mut self, name: &str) -> Result<Option<Label>, HeadOfficeError> {
        let found: Option<String> =
            self.find("SELECT content FROM labels WHERE name = :name", named_params! { ":name": name }, |row| {
                row.get("content")
            })?;
        Ok(found.map(|content| serde_json::from_str(&content)).transpose()?)
    }

    fn put_label(&mut self, label: &Label, version: i64) -> Result<(), HeadOfficeError> {
        self.execute(
            "INSERT INTO labels (name, content, version) VALUES (:name, :content, :version)
             ON CONFLICT (name) DO UPDATE SET content = excluded.content, version = excluded.version",
            named_params! { ":name": label.name, ":content": serde_json::to_string(label)?, ":version": version },
        )
        .map(|_| ())
    }

    fn list_labels(&mut self, after: i64) -> Result<Vec<Label>, HeadOfficeError> {
        let found: Vec<String> = self.list(
            "SELECT content FROM labels WHERE version > :after ORDER BY version",
            named_params! { ":after": after },
            |row| row.get("content"),
        )?;
        Ok(found.iter().map(|content| serde_json::from_str(content)).collect::<Result<_, _>>()?)
    }
}
