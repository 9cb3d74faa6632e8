//! What differs between operating systems, and the only unsafe code of the shell.

use tauri::AppHandle;

/// Works around the machine. To be called first, while the process has one thread.
pub fn prepare() {
    #[cfg(target_os = "linux")]
    linux::spare_nvidia();
}

/// The language of the desktop, as `vi-VN`.
pub fn locale() -> Option<String> {
    // Without a setting Unix says `C` or `POSIX`, which names no language.
    sys_locale::get_locale().filter(|locale| !locale.starts_with("C") && !locale.starts_with("POSIX"))
}

/// Ends the program in order when the system asks for it, as at the end of a desktop session.
#[cfg(unix)]
pub fn exit_when_asked(app: &AppHandle) {
    use tokio::signal::unix::{SignalKind, signal};
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
        else {
            return;
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        app.exit(0);
    });
}

/// Windows closes the window instead, which ends the program in order.
#[cfg(not(unix))]
pub fn exit_when_asked(_app: &AppHandle) {}

#[cfg(target_os = "linux")]
mod linux {
    use std::path::Path;

    /// WebKitGTK's way of sharing buffers with the graphics card.
    const DISABLE_DMABUF: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";

    /// With NVIDIA's own driver the web view stays blank or crashes (tauri#9304). Whoever set the variable knows better.
    pub fn spare_nvidia() {
        if std::env::var_os(DISABLE_DMABUF).is_none() && Path::new("/proc/driver/nvidia/version").exists() {
            #[expect(unsafe_code, reason = "WebKitGTK is told through its environment only")]
            // SAFETY: `prepare` runs before any other thread exists, so nobody reads the environment meanwhile.
            unsafe {
                std::env::set_var(DISABLE_DMABUF, "1");
            }
        }
    }
}
