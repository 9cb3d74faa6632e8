//! One connector per kind of remote, and what each needs to be set up.

pub mod head_office;

use crate::connector::Connector;
use crate::http::{HttpTransport, checked_url};
use crate::trouble::problem;
use regulars_domain::TillId;
use regulars_store::remotes::{Problem, Remote};
use std::sync::Arc;
use std::time::Duration;

/// The kinds of remotes that there are connectors for.
pub const KINDS: [&str; 1] = [head_office::KIND];

/// Setting of a remote: whether plain `http` to another machine was consented to.
pub const PLAIN_HTTP: &str = "plain_http";
/// Setting of a remote: a certificate in PEM to trust beside the system's.
pub const CA: &str = "ca";

/// Who talks.
#[derive(Clone, Debug)]
pub struct Speaker {
    /// The till.
    pub till_id: TillId,
    /// Its name, for people at the other end.
    pub till_name: String,
}

/// Makes the connector for a remote. `timeout` is how long one request may take.
///
/// # Errors
/// `kind_unknown`, `url_invalid`, `plain_http_refused`, `certificate_invalid`, `secret_missing`.
pub fn connect(
    remote: &Remote,
    secret: Option<&str>,
    speaker: Speaker,
    timeout: Duration,
) -> Result<Arc<dyn Connector>, Problem> {
    if remote.kind != head_office::KIND {
        return Err(problem("kind_unknown", format!("there is no connector for {}", remote.kind)));
    }
    let secret = secret.ok_or_else(|| problem("secret_missing", "this remote has no token yet"))?;
    let transport = Arc::new(transport(remote)?);
    Ok(Arc::new(head_office::HeadOffice::new(remote.id, transport, secret.to_owned(), speaker, timeout)))
}

/// The line to a remote, as its settings say.
///
/// # Errors
/// `url_invalid`, `plain_http_refused`, `certificate_invalid`.
pub fn transport(remote: &Remote) -> Result<HttpTransport, Problem> {
    let may_be_plain = remote.settings.get(PLAIN_HTTP).and_then(serde_json::Value::as_bool).unwrap_or(false);
    let ca = remote.settings.get(CA).and_then(serde_json::Value::as_str);
    HttpTransport::new(checked_url(&remote.url, may_be_plain)?, ca.map(str::as_bytes))
}
