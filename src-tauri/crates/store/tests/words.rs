//! The words of names: found at each shop of a member, and nowhere else, whatever becomes of the member.

use regulars_domain::allowance::Allowance;
use regulars_domain::change::Change;
use regulars_domain::edit::{Document, Edit};
use regulars_domain::location::Location;
use regulars_domain::{ChangeId, Incarnation, LocationId, MemberId, TillId, Timestamp};
use regulars_store::locations::StoredLocation;
use regulars_store::outbox::Stamp;
use regulars_store::{KeystoreKind, NewTill, Priority, Store, Transaction, locations, members, record};
use serde_json::json;
use tempfile::TempDir;

const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

/// A till that serves two shops.
struct TwoShops {
    store: Store,
    here: LocationId,
    there: LocationId,
    _folder: TempDir,
}

impl TwoShops {
    fn open() -> Self {
        let folder = TempDir::new().expect("a folder");
        let new = NewTill {
            id: TillId::mint(NOW, rand::random()),
            incarnation: Incarnation::mint(NOW, rand::random()),
            name: "Till 1".to_owned(),
            at: NOW,
            keystore: KeystoreKind::File,
            has_test_clock: false,
        };
        let store = Store::create(folder.path(), &new).expect("a till");
        let [here, there] = ["KM", "LY"].map(|code| {
            let shop = shop(code);
            let id = shop.id;
            store.write(Priority::Cashier, move |tx| locations::insert(tx, &shop)).expect("a shop");
            id
        });
        Self { store, here, there, _folder: folder }
    }

    fn does(&self, change: Change) {
        let stamp = Stamp { at: NOW, staff_id: None };
        let mut new_id = || ChangeId::mint(NOW, rand::random());
        let work = move |tx: &Transaction<'_>| record::record(tx, &change, stamp, &mut new_id);
        self.store.write(Priority::Cashier, work).expect("recorded");
    }

    fn find(&self, shop: LocationId, typed: &str) -> Vec<MemberId> {
        let hits = self.store.read(|tx| members::find_by_words(tx, shop, typed, 9)).expect("read");
        hits.iter().map(|hit| hit.id).collect()
    }
}

fn shop(code: &str) -> StoredLocation {
    let location = Location {
        code: code.to_owned(),
        name: code.to_owned(),
        country: "VN".to_owned(),
        currency: "VND".parse().expect("a currency"),
        time_zone: "Asia/Ho_Chi_Minh".to_owned(),
        issuer: "default".to_owned(),
    };
    StoredLocation {
        id: LocationId::mint(NOW, rand::random()),
        location,
        remote_id: None,
        pos_id: code.to_owned(),
        is_ours: true,
        allowance: Allowance::NONE,
    }
}

fn named(full: &str) -> Document {
    json!({ "name": { "full": full } }).as_object().cloned().expect("an object")
}

#[test]
fn a_name_is_found_at_the_members_shops_and_at_no_other() {
    let till = TwoShops::open();
    let member_id = MemberId::mint(NOW, rand::random());
    let member_since = "2026-11-24".parse().expect("a day");
    till.does(Change::MemberAdded {
        member_id,
        document: named("Lý Tú Quang Thắng"),
        location_id: till.here,
        member_since,
        terms: Document::new(),
    });
    assert_eq!(till.find(till.here, "ly tu"), [member_id]);
    assert_eq!(till.find(till.there, "ly tu"), []);

    till.does(Change::MembershipAdded { member_id, location_id: till.there, member_since, terms: Document::new() });
    assert_eq!(till.find(till.here, "thang l"), [member_id]);
    assert_eq!(till.find(till.there, "thang l"), [member_id]);

    till.does(Change::MemberEdited {
        member_id, edit: Edit::between(&named("Lý Tú Quang Thắng"), &named("Mai Hoa"))
    });
    for shop in [till.here, till.there] {
        assert_eq!(till.find(shop, "ly"), []);
        assert_eq!(till.find(shop, "m h"), [member_id], "beginnings of one letter are found");
    }

    till.does(Change::MemberRemoved { member_id, reason: "asked to".to_owned(), seen_version: None });
    assert_eq!(till.find(till.here, "mai"), []);
    assert_eq!(till.find(till.there, "mai"), []);
}

#[test]
fn what_stands_for_a_shop_among_the_words_cannot_be_typed() {
    let till = TwoShops::open();
    till.does(Change::MemberAdded {
        member_id: MemberId::mint(NOW, rand::random()),
        document: named("Mai Hoa"),
        location_id: till.here,
        member_since: "2026-11-24".parse().expect("a day"),
        terms: Document::new(),
    });
    let id = till.here.uuid().simple().to_string();
    for typed in [id.clone(), format!("\u{e000}{id}"), format!("\"\u{e001}{id}\""), "\u{e000}".to_owned()] {
        assert_eq!(till.find(till.here, &typed), [], "{typed}");
    }
}
