//! What a remote says, and what of that is older than what is known.

use regulars_domain::{Incarnation, MemberId, RemoteId, TillId, Timestamp};
use regulars_store::mirror::{self, Incoming};
use regulars_store::{KeystoreKind, NewTill, Priority, Store, StoreError};
use tempfile::TempDir;

const HOUR: i64 = 3_600_000;

fn at(hour: i64) -> Timestamp {
    Timestamp::from_millis(1_795_000_000_000 + hour * HOUR)
}

/// When a push was acknowledged, when a later answer was asked for and came, by the till's clock, and whether it counts.
#[test]
fn an_answer_that_was_asked_for_before_the_last_acknowledgement_is_stale_unless_that_is_still_to_come() {
    for (acked, asked, now, counts) in [(5, 4, 6, false), (5, 6, 6, true), (500, 6, 6, true), (500, 501, 501, true)] {
        let folder = TempDir::new().expect("a folder");
        let new = NewTill {
            id: TillId::mint(at(0), [1; 10]),
            incarnation: Incarnation::mint(at(0), [1; 10]),
            name: "Till 1".to_owned(),
            at: at(0),
            keystore: KeystoreKind::File,
            has_test_clock: false,
        };
        let store = Store::create(folder.path(), &new).expect("a till");
        let say = move |content: &'static str, asked: i64, now: i64, acked: Option<i64>| Incoming {
            remote_id: RemoteId::mint(at(0), [2; 10]),
            remote_key: b"7",
            member_id: MemberId::mint(at(0), [3; 10]),
            version: None,
            content,
            is_deleted: false,
            asked_at: at(asked),
            at: at(now),
            acked_at: acked.map(at),
        };
        let taken = store.write(Priority::Background, move |tx| {
            mirror::write(tx, &say(r#"{"document":{"note":"ours"}}"#, acked, acked, Some(acked)))?;
            mirror::write(tx, &say(r#"{"document":{"note":"theirs"}}"#, asked, now, None))
        });
        assert_eq!(taken.map_err(|error: StoreError| error.to_string()), Ok(counts), "{acked} {asked} {now}");
    }
}
