//! The remembered place of the window, kept inside the monitors that there are now.
//!
//! The window-state plugin writes and reads the file. It knows when a window lies outside every monitor, but not when it is
//! larger than its monitor or hangs over the edge, and once it has placed a hidden window nothing tells where that is: so
//! the place is put right in the file, before the plugin reads it.

use serde_json::{Map, Value};
use std::error::Error;
use std::path::Path;
use tauri::{AppHandle, Monitor};

/// Puts the remembered place right: a monitor may have gone or shrunk since. A file that cannot be read or written is no
/// reason not to open; the window then appears where it would on the first day.
pub fn keep_on_monitor(app: &AppHandle, file: &Path) {
    if file.exists() {
        put_right(app, file).unwrap_or_else(|error| tracing::warn!(%error, "the window's place is not known"));
    }
}

fn put_right(app: &AppHandle, file: &Path) -> Result<(), Box<dyn Error>> {
    let monitors: Vec<Area> = app.available_monitors()?.iter().map(Area::of).collect();
    let mut windows: Map<String, Value> = serde_json::from_slice(&std::fs::read(file)?)?;
    for window in windows.values_mut() {
        // `prev_` is where it goes back to when it is no longer maximized.
        for (x, y) in [("x", "y"), ("prev_x", "prev_y")] {
            let fitted = Area::read(window, x, y).and_then(|area| area.fitted(&monitors));
            if let Some(area) = fitted {
                (window[x], window[y]) = (area.x.into(), area.y.into());
                (window["width"], window["height"]) = (area.width.into(), area.height.into());
            }
        }
    }
    Ok(std::fs::write(file, serde_json::to_vec_pretty(&windows)?)?)
}

/// A rectangle of the desktop, in physical pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Area {
    x: i32,
    y: i32,
    width: u32,
    height: u32,
}

impl Area {
    fn read(window: &Value, x: &str, y: &str) -> Option<Self> {
        let number = |name: &str| window.get(name).and_then(Value::as_i64);
        Some(Self {
            x: number(x)?.try_into().ok()?,
            y: number(y)?.try_into().ok()?,
            width: number("width")?.try_into().ok()?,
            height: number("height")?.try_into().ok()?,
        })
    }

    fn of(monitor: &Monitor) -> Self {
        let free = monitor.work_area();
        Self { x: free.position.x, y: free.position.y, width: free.size.width, height: free.size.height }
    }

    /// This area shrunk and moved into the monitor that shows most of it. `None` where there is no monitor.
    fn fitted(self, monitors: &[Self]) -> Option<Self> {
        let best = (0..monitors.len()).rev().max_by_key(|&index| self.overlap(monitors[index]))?;
        let monitor = monitors[best];
        let (width, height) = (self.width.min(monitor.width), self.height.min(monitor.height));
        Some(Self {
            x: self.x.clamp(monitor.x, monitor.x + (monitor.width - width) as i32),
            y: self.y.clamp(monitor.y, monitor.y + (monitor.height - height) as i32),
            width,
            height,
        })
    }

    fn overlap(self, other: Self) -> i64 {
        let shared = |a: i32, a_len: u32, b: i32, b_len: u32| {
            let end = (i64::from(a) + i64::from(a_len)).min(i64::from(b) + i64::from(b_len));
            (end - i64::from(a.max(b))).max(0)
        };
        shared(self.x, self.width, other.x, other.width) * shared(self.y, self.height, other.y, other.height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEFT: Area = Area { x: 0, y: 0, width: 1366, height: 768 };
    const RIGHT: Area = Area { x: 1366, y: 0, width: 1920, height: 1080 };

    fn area(x: i32, y: i32, width: u32, height: u32) -> Area {
        Area { x, y, width, height }
    }

    #[test]
    fn a_window_inside_a_monitor_stays_where_it_is() {
        assert_eq!(area(1400, 20, 1280, 720).fitted(&[LEFT, RIGHT]), Some(area(1400, 20, 1280, 720)));
    }

    #[test]
    fn a_window_over_the_edge_is_moved_back() {
        assert_eq!(area(900, -50, 800, 600).fitted(&[LEFT]), Some(area(566, 0, 800, 600)));
    }

    #[test]
    fn a_window_of_a_monitor_that_is_gone_comes_to_the_first() {
        assert_eq!(area(5000, 300, 1280, 720).fitted(&[LEFT, RIGHT]), Some(area(86, 48, 1280, 720)));
    }

    #[test]
    fn a_window_larger_than_the_monitor_is_shrunk() {
        assert_eq!(area(0, 0, 2560, 1440).fitted(&[LEFT]), Some(LEFT));
    }

    #[test]
    fn without_a_monitor_nothing_is_known() {
        assert_eq!(area(0, 0, 800, 600).fitted(&[]), None);
    }
}
