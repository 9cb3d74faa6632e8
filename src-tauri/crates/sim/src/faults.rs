//! What can go wrong in a run, and how often. Each seed switches each fault on or off, and draws its rate.

use rand::RngExt;
use rand::rngs::StdRng;

/// The rates of one run; a fault that is off has none.
#[derive(Clone, Copy, Debug)]
pub struct Faults {
    /// Per request.
    pub request_lost: f64,
    pub answer_lost: f64,
    pub status_before: f64,
    pub status_after: f64,
    pub nonsense: f64,
    pub truncated: f64,
    pub delivered_twice: f64,
    pub delivered_late: f64,
    pub unauthorised: f64,
    /// Per step.
    pub partition: f64,
    pub kill: f64,
    pub power_cut: f64,
    pub disk_dies: f64,
    pub disk_full: f64,
    pub clock_jump: f64,
    pub server_kill: f64,
    /// The till's file is destroyed.
    pub file_lost: f64,
    /// The longest a partition takes, in seconds.
    pub longest_partition_s: f64,
    /// The longest that nothing happens, in seconds.
    pub longest_pause_s: f64,
}

impl Faults {
    pub const NONE: Self = Self {
        request_lost: 0.0,
        answer_lost: 0.0,
        status_before: 0.0,
        status_after: 0.0,
        nonsense: 0.0,
        truncated: 0.0,
        delivered_twice: 0.0,
        delivered_late: 0.0,
        unauthorised: 0.0,
        partition: 0.0,
        kill: 0.0,
        power_cut: 0.0,
        disk_dies: 0.0,
        disk_full: 0.0,
        clock_jump: 0.0,
        server_kill: 0.0,
        file_lost: 0.0,
        longest_partition_s: 60.0,
        longest_pause_s: 60.0,
    };

    pub fn draw(random: &mut StdRng) -> Self {
        let mut rate = |on: f64, most: f64| {
            let (is_on, share) = (random.random_bool(on), random.random::<f64>());
            if is_on { most * share } else { 0.0 }
        };
        let mut faults = Self {
            request_lost: rate(0.5, 0.3),
            answer_lost: rate(0.6, 0.3),
            status_before: rate(0.4, 0.2),
            status_after: rate(0.4, 0.2),
            nonsense: rate(0.3, 0.1),
            truncated: rate(0.3, 0.1),
            delivered_twice: rate(0.4, 0.5),
            delivered_late: rate(0.3, 0.2),
            unauthorised: rate(0.2, 0.05),
            partition: rate(0.5, 0.03),
            kill: rate(0.5, 0.03),
            power_cut: rate(0.3, 0.02),
            disk_dies: rate(0.3, 0.02),
            disk_full: rate(0.2, 0.01),
            clock_jump: rate(0.3, 0.02),
            server_kill: rate(0.3, 0.02),
            file_lost: 0.0,
            longest_partition_s: 0.0,
            longest_pause_s: 0.0,
        };
        let spans = [60.0, 3_600.0, 86_400.0, 864_000.0];
        faults.longest_partition_s = spans[random.random_range(0..spans.len())];
        faults.longest_pause_s = spans[random.random_range(0..3)];
        faults.file_lost = if random.random_bool(0.3) { 0.01 * random.random::<f64>() } else { 0.0 };
        faults
    }
}

/// A length of time between a moment and the longest, short ones far more often than long ones.
pub fn span_ms(random: &mut StdRng, longest_s: f64) -> i64 {
    let exponent = random.random::<f64>() * (longest_s * 1000.0).max(2.0).ln();
    exponent.exp() as i64
}
