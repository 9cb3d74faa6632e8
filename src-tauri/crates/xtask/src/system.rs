//! What must be installed on the machine: by us on Debian and its relatives, by hand elsewhere.

use crate::Result;
use crate::child::{find, output, run};
use std::process::{Command, Stdio};

/// What building needs: the web view's headers, and Perl for OpenSSL, which SQLCipher is built with.
const BUILD: [&str; 4] = ["build-essential", "pkg-config", "perl", "libwebkit2gtk-4.1-dev"];

/// What driving a window without a screen needs. Without fonts every letter is a box.
pub const WINDOW: [&str; 4] = ["xvfb", "webkit2gtk-driver", "procps", "fonts-noto-core"];

/// What the tests need besides: a browser for the page, and what writes pictures.
pub const TEST: [&str; 3] = ["chromium", "chromium-driver", "imagemagick"];

/// What the tests with another system's own client need: an environment to install it into, and a certificate for it.
pub const CLIENT: [&str; 2] = ["python3-venv", "openssl"];

/// What the simulation is built with: the library that reads SQLite's headers for it.
pub const SIM: [&str; 1] = ["libclang-dev"];

/// The oldest that builds the page; see `engines` in ui/package.json.
const NODE: (u32, u32) = (20, 19);

/// Installs what is missing of the build's needs and of these.
pub fn install(more: &[&str]) -> Result {
    if cfg!(target_os = "linux") {
        packages(&[&BUILD, more].concat())?;
    } else if cfg!(windows) && find("perl").is_none() {
        return Err("install Strawberry Perl, NASM and the Visual Studio Build Tools with C++, then try again".into());
    } else if cfg!(target_os = "macos") && find("cc").is_none() {
        return Err("install the command line tools with `xcode-select --install`, then try again".into());
    }
    node()
}

fn packages(wanted: &[&str]) -> Result {
    if find("dpkg-query").is_none() || find("apt-get").is_none() {
        println!("this is not Debian or Ubuntu; if something is missing, install the likes of {}", wanted.join(", "));
        return Ok(());
    }
    let missing: Vec<&str> = wanted.iter().copied().filter(|package| !is_installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("installing {}", missing.join(", "));
    run(as_root()?.args(["apt-get", "update", "-qq"]))?;
    let options = ["install", "-y", "-qq", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300"];
    run(as_root()?.arg("apt-get").args(options).args(missing))
}

fn is_installed(package: &str) -> bool {
    let mut query = Command::new("dpkg-query");
    query.args(["--show", "--showformat=${db:Status-Status}", package]).stderr(Stdio::null());
    query.output().is_ok_and(|output| output.status.success() && output.stdout == b"installed")
}

/// Both `env` and `sudo` take variables before the command. Without the variable apt may stop to ask.
fn as_root() -> Result<Command> {
    let is_root = output(Command::new("id").arg("-u"))?.trim() == "0";
    if !is_root && find("sudo").is_none() {
        return Err("packages must be installed by root, and there is no sudo".into());
    }
    let mut command = Command::new(if is_root { "env" } else { "sudo" });
    command.arg("DEBIAN_FRONTEND=noninteractive");
    Ok(command)
}

fn node() -> Result {
    let wanted =
        format!("install Node.js {}.{} or newer with npm (https://nodejs.org), then try again", NODE.0, NODE.1);
    if find("node").is_none() || find("npm").is_none() && !cfg!(windows) {
        return Err(wanted.into());
    }
    let version = output(Command::new("node").arg("--version"))?;
    let mut numbers = version.trim().trim_start_matches('v').split('.').map(|number| number.parse().unwrap_or(0));
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if found < NODE { Err(format!("Node.js here is {}: {wanted}", version.trim()).into()) } else { Ok(()) }
}
