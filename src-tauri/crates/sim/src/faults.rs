//! What can go wrong in a run, and how often. Each seed switches each fault on or off, and draws its rate.

use rand::RngExt;
use rand::rngs::StdRng;

/// Declares the faults: the name, how many of a hundred seeds have it, and its highest rate.
macro_rules! faults {
    ($($(#[$doc:meta])* $fault:ident: $seeds:literal, $most:literal;)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Fault {
            $($(#[$doc])* $fault),*
        }

        impl Fault {
            pub const ALL: &[Self] = &[$(Self::$fault),*];
        }

        /// Per fault: in so many of a hundred seeds, and at most so often.
        const DRAWN: &[(u32, f64)] = &[$(($seeds, $most)),*];
    };
}

faults! {
    // Per request.
    RequestLost: 50, 0.3;
    AnswerLost: 60, 0.3;
    StatusBefore: 40, 0.2;
    StatusAfter: 40, 0.2;
    Nonsense: 30, 0.1;
    Truncated: 30, 0.1;
    DeliveredTwice: 40, 0.5;
    DeliveredLate: 30, 0.2;
    Unauthorised: 20, 0.05;
    /// A page holds a few rows only, so that rows move behind the cursor while the others are fetched.
    ShortPages: 40, 1.0;
    // Per step.
    Partition: 50, 0.03;
    Kill: 50, 0.02;
    PowerCut: 30, 0.01;
    DiskDies: 30, 0.01;
    DiskFull: 20, 0.01;
    ClockJump: 30, 0.02;
    ServerKill: 30, 0.01;
    /// Head office is stopped and started, as for a new version.
    ServerRestart: 20, 0.01;
    /// Something else than a till writes at head office.
    SecondWriter: 40, 0.1;
    /// Head office cannot deal with a change.
    Poison: 15, 0.01;
    /// An older copy of a till's file is put back, with or without the note beside it.
    TillPutBack: 10, 0.006;
    /// A till's folder is copied and both go on.
    TillCopied: 6, 0.005;
    /// A till's file is destroyed; what lies beside it is not.
    FileLost: 12, 0.006;
    /// A page of a till's file is damaged while it is off.
    PageDamaged: 6, 0.005;
    /// An older copy of head office's database is put back, with or without the note beside it.
    ServerPutBack: 12, 0.006;
}

/// The rates of one run; a fault that is off has none.
#[derive(Clone, Copy, Debug)]
pub struct Faults {
    rates: [f64; DRAWN.len()],
    /// The longest a partition takes, in seconds.
    pub longest_partition_s: f64,
    /// The longest that nothing happens, in seconds.
    pub longest_pause_s: f64,
}

impl Faults {
    pub const NONE: Self = Self { rates: [0.0; DRAWN.len()], longest_partition_s: 60.0, longest_pause_s: 60.0 };

    /// What the seed has, without those that are to be left out.
    pub fn draw(random: &mut StdRng, without: &[Fault]) -> Self {
        let mut faults = Self::NONE;
        for fault in Fault::ALL {
            let (seeds, most) = DRAWN[*fault as usize];
            // Both are drawn, so that a fault that is off changes nothing about the others.
            let (is_on, share) = (random.random_ratio(seeds, 100), random.random::<f64>());
            faults.rates[*fault as usize] = if is_on && !without.contains(fault) { most * share } else { 0.0 };
        }
        // The longest are three weeks.
        let spans = [60.0, 3_600.0, 86_400.0, 1_814_400.0];
        faults.longest_partition_s = spans[random.random_range(0..spans.len())];
        faults.longest_pause_s = spans[random.random_range(0..3)];
        faults
    }

    pub fn rate(&self, fault: Fault) -> f64 {
        self.rates[fault as usize]
    }

    pub fn has(&self, fault: Fault) -> bool {
        self.rate(fault) > 0.0
    }

    /// Whether it happens now.
    pub fn happens(&self, fault: Fault, random: &mut StdRng) -> bool {
        self.has(fault) && random.random_bool(self.rate(fault))
    }
}

/// A length of time between a moment and the longest, short ones far more often than long ones.
pub fn span_ms(random: &mut StdRng, longest_s: f64) -> i64 {
    let exponent = random.random::<f64>() * (longest_s * 1000.0).max(2.0).ln();
    exponent.exp() as i64
}
