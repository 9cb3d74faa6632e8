//! A till that has the invented members, as many as a benchmark wants: made through the code that applies a pull, without
//! the line. It grows from size to size, so that a million are made once in a run.

use super::people::{Person, SHOPS};
use super::top_up;
use crate::folder::Folder;
use regulars_app::till::Till;
use regulars_domain::location::Location;
use regulars_domain::{LocationId, Timestamp};
use regulars_store::locations::StoredLocation;
use regulars_store::pull::{self, PulledLocation, PulledRow, Source};
use regulars_store::{Priority, Store, remotes};
use std::path::Path;

/// As the engine applies a page.
const SLICE: usize = 500;
const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

/// A till's folder, and how many members the till has.
pub struct Crowd {
    folder: Folder,
    members: u32,
}

impl Crowd {
    /// Nobody yet, and no till.
    #[expect(clippy::new_without_default, reason = "it makes something on the disk, which a default should not")]
    pub fn new() -> Self {
        Self { folder: Folder::new(), members: 0 }
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Until there are so many.
    pub(super) fn grow_to(&mut self, members: u32) {
        if self.members == 0 {
            drop(top_up::till(self.folder(), "http://127.0.0.1:1"));
        }
        if self.members >= members {
            return;
        }
        let (store, _) = Store::open(self.folder(), NOW).expect("a till");
        let remote_id = store.read(|tx| remotes::list(tx)).expect("read").remove(0).id;
        let source = Source { remote_id, asked_at: NOW, at: NOW };
        let shops: Vec<PulledLocation> = SHOPS.iter().map(|(code, _)| shop(code)).collect();
        let mut new_id = || LocationId::mint(NOW, rand::random());
        let told = store.write(Priority::Background, move |tx| pull::apply_locations(tx, source, &shops, &mut new_id));
        told.expect("shops");
        let numbers: Vec<u32> = (self.members..members).collect();
        for slice in numbers.chunks(SLICE) {
            let row = |number: &u32| PulledRow::Member(Person::invent(*number).pulled());
            let rows: Vec<PulledRow> = slice.iter().map(row).collect();
            let applied = store.write(Priority::Background, move |tx| {
                pull::apply_rows(tx, source, &rows, &mut || unreachable!("all shops are told of"))
            });
            applied.expect("members");
        }
        store.optimize().expect("statistics");
        store.note_closed().expect("closed");
        self.members = members;
    }

    /// The till, and its shops in the order of [`SHOPS`].
    pub(super) fn open(&self) -> (Till, Vec<StoredLocation>) {
        let (till, _) = Till::open(self.folder(), None).expect("a till");
        let known = regulars_app::locations::list(&till).expect("shops");
        let of = |code: &str| known.iter().find(|shop| shop.location.code == code).expect("a shop").clone();
        (till, SHOPS.map(|(code, _)| of(code)).into())
    }
}

fn shop(code: &str) -> PulledLocation {
    let location = Location {
        code: code.to_owned(),
        name: format!("Shop {code}"),
        country: "VN".to_owned(),
        currency: "VND".parse().expect("a currency"),
        time_zone: "Asia/Ho_Chi_Minh".to_owned(),
        issuer: "default".to_owned(),
    };
    PulledLocation { pos_id: code.to_owned(), location }
}
