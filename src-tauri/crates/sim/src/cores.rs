//! Runs side by side, each with its threads on one core: a run hands its work to and fro between threads that wait for
//! each other, and waking one on another core takes longer than most of what it then does.

use std::thread::scope;

/// Does the work on every core at once, and waits for all.
pub fn on_all(work: impl Fn() + Sync) {
    let cores = core_affinity::get_core_ids().unwrap_or_default();
    scope(|scope| {
        for core in &cores {
            scope.spawn(|| {
                // Where this is not allowed it is merely slower.
                core_affinity::set_for_current(*core);
                work();
            });
        }
        if cores.is_empty() {
            work();
        }
    });
}

/// Does the work on one core.
pub fn on_one<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let pinned = || {
        if let Some(core) = core_affinity::get_core_ids().and_then(|cores| cores.first().copied()) {
            core_affinity::set_for_current(core);
        }
        work()
    };
    // In a thread of its own, so that whoever calls stays on all cores.
    scope(|scope| match scope.spawn(pinned).join() {
        Ok(done) => done,
        Err(panic) => std::panic::resume_unwind(panic),
    })
}
