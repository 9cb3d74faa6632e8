//! Mistakes planted on purpose: the test of the tests. The simulation switches one on and has to find it.
//!
//! Each stands where the right thing is done, as one line. No build that a shop gets has any: without debug assertions
//! [`is_planted`] is a constant no, and the lines go with it.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Declares the mistakes, and what each does in words.
macro_rules! mistakes {
    ($($name:ident: $words:literal),* $(,)?) => {
        /// A mistake that can be planted.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Mistake {
            $(#[doc = $words] $name),*
        }

        impl Mistake {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// What it does.
            pub const fn words(self) -> &'static str {
                match self {
                    $(Self::$name => $words),*
                }
            }
        }
    };
}

mistakes! {
    AcknowledgedByMemberAlone: "an acknowledged change takes the later ones of its member with it",
    CursorBeforeRows: "the cursor moves before the rows of its page are there",
    HalfPageApplied: "half of a page is applied, and the cursor moved behind all of it",
    BaseMovedOnConflict: "a change that met another is made as if the other had been seen",
    LoserNotKept: "the value that lost a conflict is not kept",
    FoldedEditDropped: "an edit that travels with another is left out of it",
    UnauthorisedIsFinal: "401 is taken as the last word about a change",
    PortalTakenAsAnswer: "a page with status 200 is taken as an answer to a push",
    NoEpoch: "a remote in another life is not noticed",
    VersionsReused: "a new life of head office gives out versions of the one before again",
    GiveBackForgotten: "what a remote in a new life lacks is not given back",
    DedupeForgottenAfterRestart: "head office forgets the changes that it knows when it is started anew",
    RetryNotRearmed: "a change that was sent without an answer is never sent again",
    StrandedForgotten: "what a crash left in flight is not taken up again",
    LostTakenAsNotSent: "an answer that was lost is taken as a request that never left",
    FrozenRebuilt: "the bytes of a change are made anew each time it is sent",
    RetryAfterIgnored: "a remote that asks to wait is asked again at once",
    PoisonBlocksQueue: "a batch with a change at fault is never halved",
    MoneyGivenUp: "money is given up after some tries too",
    BalancePushedAsAbsolute: "a top-up says what the balance is, not what was added",
    EntryTakenTwice: "an entry that is pulled is booked twice",
    OverdrawnRefused: "head office refuses a redemption that overdraws",
    VoidTwice: "what was undone can be undone again",
    HoldNeverExpires: "a hold that has run out still counts at the till",
    CaptureForgotten: "a redemption does not use up the hold that it names",
    AllowancePerAction: "the allowance counts for each action anew, not per outage",
    NewestLotsFirst: "a redemption takes the lot that came in last",
    ExpiryIgnoresRedemption: "all of a lot runs out, whatever was used of it",
    MergedEntriesDropped: "credit of those who turned out to be a member is not counted",
    TombstoneIgnored: "a tombstone that is pulled takes nobody away",
    UnseenEditDeleted: "a deletion takes away what it had not seen",
    ErasedStays: "somebody who was erased elsewhere stays readable here",
    ConsentWithdrawnLoses: "a withdrawn consent loses to a yes",
    BlockLoses: "the block of a card loses to what unblocks it",
    LabelsAsOneValue: "labels are one value",
    PullOverwritesPending: "a pull overwrites what is still to be sent",
    OlderAnswerWins: "an older answer overwrites a newer one",
    CommitBeforeOutbox: "what a cashier did is committed before it is queued",
    NotSynced: "a commit is not forced to the disk",
    JournalNotSynced: "what is written into the journal is not forced to the disk",
    DependenciesForgotten: "a change does not wait for what it needs",
    IncarnationNotRenewed: "a file that was put back goes on in its old life",
    RenumberingForgetsInFlight: "a new life of the file forgets what was in flight",
    TillClockTrusted: "head office's clock is not listened to",
}

/// The planted one, counted from 1; 0 for none.
static PLANTED: AtomicUsize = AtomicUsize::new(0);
static IS_REACHED: AtomicBool = AtomicBool::new(false);

/// Whether a mistake is to be made here. In a build for a shop, never.
#[inline(always)]
pub fn is_planted(mistake: Mistake) -> bool {
    cfg!(debug_assertions) && is_switched_on(mistake)
}

fn is_switched_on(mistake: Mistake) -> bool {
    let is_on = PLANTED.load(Ordering::Relaxed) == mistake as usize + 1;
    if is_on {
        IS_REACHED.store(true, Ordering::Relaxed);
    }
    is_on
}

/// Plants a mistake in this process, or none.
pub fn plant(mistake: Option<Mistake>) {
    PLANTED.store(mistake.map_or(0, |mistake| mistake as usize + 1), Ordering::Relaxed);
    IS_REACHED.store(false, Ordering::Relaxed);
}

/// Whether the place of the planted mistake was come to since it was planted.
pub fn was_reached() -> bool {
    IS_REACHED.load(Ordering::Relaxed)
}
