//! Where secrets are kept: the keystore of the operating system, or a file that only its owner may read.
//!
//! A till has one keystore for its whole life. Falling back from one to the other at a write would leave two halves.

use crate::error::StoreError;
use keyring_core::{CredentialStore, Entry, Error};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// The name under which the operating system lists our secrets.
const SERVICE: &str = "Regulars";
/// The file that stands in for a keystore.
const FILE_NAME: &str = "till.secrets.json";

/// Which keystore a till has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeystoreKind {
    /// The keychain of the operating system.
    System,
    /// A file in the till's folder, readable by its owner: weak, and shown as such.
    File,
}

impl KeystoreKind {
    /// `REGULARS_KEYSTORE=file` asks for the file; without it the operating system's is used.
    pub fn from_environment() -> Self {
        match std::env::var("REGULARS_KEYSTORE") {
            Ok(value) if value == "file" => Self::File,
            Ok(_) | Err(_) => Self::System,
        }
    }
}

/// A place for secrets, by name.
#[derive(Clone)]
pub enum Keystore {
    /// The operating system's.
    System(Arc<CredentialStore>),
    /// A file in this folder.
    File(PathBuf),
}

impl Keystore {
    /// Connects to the keystore of that kind.
    ///
    /// # Errors
    /// `keystore_unavailable` where the operating system has none that answers.
    pub fn open(kind: KeystoreKind, folder: &Path) -> Result<Self, StoreError> {
        match kind {
            KeystoreKind::File => Ok(Self::File(folder.join(FILE_NAME))),
            KeystoreKind::System => system_keystore().map(Self::System).map_err(unavailable),
        }
    }

    /// Whether the operating system has a keystore that answers.
    pub fn has_system_keystore() -> bool {
        system_keystore().is_ok()
    }

    /// Whether secrets are merely in a file.
    pub const fn is_file(&self) -> bool {
        matches!(self, Self::File(_))
    }

    /// The secret of that name, or `None` where there is none.
    ///
    /// # Errors
    /// `keystore_unavailable`; `disk_failed` for the file.
    pub fn find(&self, name: &str) -> Result<Option<Zeroizing<String>>, StoreError> {
        match self {
            Self::System(store) => match entry(store, name)?.get_password() {
                Ok(secret) => Ok(Some(Zeroizing::new(secret))),
                Err(Error::NoEntry) => Ok(None),
                Err(error) => Err(unavailable(error)),
            },
            Self::File(path) => Ok(read_file(path)?.remove(name).map(Zeroizing::new)),
        }
    }

    /// Stores a secret, in place of the one of that name.
    ///
    /// # Errors
    /// `keystore_unavailable`; `disk_full` or `disk_failed` for the file.
    pub fn put(&self, name: &str, secret: &str) -> Result<(), StoreError> {
        match self {
            Self::System(store) => entry(store, name)?.set_password(secret).map_err(unavailable),
            Self::File(path) => {
                let mut secrets = read_file(path)?;
                secrets.insert(name.to_owned(), secret.to_owned());
                write_private(path, &serde_json::to_vec_pretty(&secrets).map_err(std::io::Error::from)?)
            }
        }
    }

    /// Forgets one, where it is there.
    ///
    /// # Errors
    /// `keystore_unavailable`, `disk_full`, `disk_failed`.
    pub fn remove(&self, name: &str) -> Result<(), StoreError> {
        match self {
            Self::System(store) => match entry(store, name)?.delete_credential() {
                Ok(()) | Err(Error::NoEntry) => Ok(()),
                Err(error) => Err(unavailable(error)),
            },
            Self::File(path) => {
                let mut secrets = read_file(path)?;
                secrets.remove(name);
                write_private(path, &serde_json::to_vec_pretty(&secrets).map_err(std::io::Error::from)?)
            }
        }
    }
}

fn unavailable(error: Error) -> StoreError {
    StoreError::KeystoreUnavailable(error.to_string())
}

fn entry(store: &Arc<CredentialStore>, name: &str) -> Result<Entry, StoreError> {
    Entry::new_in_store(store, SERVICE, name).map_err(unavailable)
}

#[cfg(target_os = "linux")]
fn system_keystore() -> Result<Arc<CredentialStore>, Error> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

#[cfg(target_os = "macos")]
fn system_keystore() -> Result<Arc<CredentialStore>, Error> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(windows)]
fn system_keystore() -> Result<Arc<CredentialStore>, Error> {
    Ok(windows_native_keyring_store::Store::new()?)
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn system_keystore() -> Result<Arc<CredentialStore>, Error> {
    Err(Error::NoDefaultStore)
}

fn read_file(path: &Path) -> Result<BTreeMap<String, String>, StoreError> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|_| StoreError::Unreadable("file of secrets")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(error.into()),
    }
}

/// Writes a file whole or not at all, readable by its owner only.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let draft = path.with_extension("new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    sync_folder(path)
}

/// Makes a rename in a folder outlive a power cut. Windows does that by itself.
pub(crate) fn sync_folder(path: &Path) -> Result<(), StoreError> {
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        fs::File::open(folder)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
