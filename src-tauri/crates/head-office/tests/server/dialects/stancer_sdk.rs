//! Stancer's own SDK for Python, as anybody installs it from PyPI, over TLS: unmodified, told nothing but host and key.

use crate::command_line::{Serving, last_word, run};
use regulars_head_office::SqliteStorage;
use regulars_head_office::storage::{MemberQuery, Scope, Storage};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The version that this was written against.
const SDK: &str = "stancer==2.0.0";

/// What a client does: `sys.argv` has the address and a key.
const SCRIPT: &str = r#"
import sys
import stancer
from stancer import exceptions

config = stancer.Config()
config.host, config.keys, config.timeout = f'{sys.argv[1]}/stancer', [sys.argv[2]], 30

def refused(kind, work):
    try:
        work()
    except kind as error:
        return str(error)
    raise SystemExit(f'{kind.__name__} was expected')

def david():
    customer = stancer.Customer()
    customer.name, customer.email, customer.mobile = 'David Coaster', 'david@example.net', '+33639980102'
    customer.external_id = '019400c8-6b2e-7000-8000-0123456789ab'
    return customer

customer = david()
customer.send()
assert customer.id.startswith('cust_') and len(customer.id) == 29, customer.id

read = stancer.Customer(customer.id)
assert (read.name, read.email, read.mobile) == ('David Coaster', 'david@example.net', '+33639980102'), read
assert read.external_id == '019400c8-6b2e-7000-8000-0123456789ab', read
assert read.created.year >= 2026, read.created

read.name = 'David B. Coaster'
read.send()
assert stancer.Customer(customer.id).name == 'David B. Coaster'
assert stancer.Customer(customer.id).email == 'david@example.net'

twin = david()
twin.send()
message = refused(exceptions.ConflictError, david().send)
assert message.endswith(f'creating a new one ({twin.id})'), message
twin.delete()

gone = customer.id
customer.delete()
assert customer.id is None
message = refused(exceptions.NotFoundError, lambda: stancer.Customer(gone).email)
assert message == f'No such customer {gone}', message

config.keys = ['stest_' + 'a' * 24]
message = refused(exceptions.UnauthorizedError, lambda: stancer.Customer(gone).email)
assert message.startswith('You are not authorized'), message

config.keys = [sys.argv[2]]
last = stancer.Customer(name='Mai Coaster', mobile='+84945350398')
last.send()
print(last.id)
"#;

#[cfg(unix)]
#[test]
fn stancer_s_own_sdk_makes_reads_changes_and_deletes_customers() {
    let python = python_with_sdk();
    let directory = tempfile::tempdir().unwrap();
    let (certificate, key) = certificate(directory.path());
    let path = directory.path().join("hq.db");
    let database = path.to_str().unwrap();
    let shop = ["location", "add", "--code", "LY", "--name", "Lyon", "--country", "FR", "--currency", "EUR"];
    assert!(run(&[&shop[..], &["--database", database]].concat()).status.success());
    let serving =
        Serving::start(&path, &["--tls-cert", certificate.to_str().unwrap(), "--tls-key", key.to_str().unwrap()]);
    let token = |kind| last_word(&run(&["token", "add", "--kind", kind, "--database", database]));
    let host = serving.base.strip_prefix("https://").unwrap();
    let mut script = Command::new(python);
    script.args(["-c", SCRIPT, host, &token("stancer")]).env("REQUESTS_CA_BUNDLE", &certificate);
    let done = script.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(last_word(&done).starts_with("cust_"));
    serving.end();
    let mut names = Vec::new();
    let read = SqliteStorage::open(&path).unwrap().read(&mut |rows| {
        let members = rows.list_members(&MemberQuery::of(Scope::All, 10))?;
        names.extend(members.iter().map(|member| crate::till::name_in(&member.document)));
        Ok(())
    });
    read.unwrap();
    assert_eq!(names, ["Mai Coaster"]);
}

/// A Python of its own with the SDK in it, made once per target directory.
fn python_with_sdk() -> PathBuf {
    let environment = Path::new(env!("CARGO_TARGET_TMPDIR")).join("stancer-sdk");
    let python = environment.join("bin/python");
    let has_sdk =
        Command::new(&python).args(["-c", "import stancer"]).output().is_ok_and(|output| output.status.success());
    if !has_sdk {
        succeed(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment));
        succeed(Command::new(&python).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", SDK]));
    }
    python
}

/// A certificate for this machine, signed by itself, and its key.
fn certificate(directory: &Path) -> (PathBuf, PathBuf) {
    let (certificate, key) = (directory.join("cert.pem"), directory.join("key.pem"));
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]);
    openssl.args(["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]);
    succeed(openssl.arg("-keyout").arg(&key).arg("-out").arg(&certificate));
    (certificate, key)
}

fn succeed(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
