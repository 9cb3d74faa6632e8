//! Two tills and head office that changed the same: what is merged, what waits for a person, and what wins over a deletion.

mod fields;
mod persons;
mod questions;
mod removing;

use crate::in_process::{HeadOfficeInProcess, TillInProcess};
use regulars_domain::MemberId;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);

/// Two tills that both know a member, and head office.
struct Two {
    head_office: HeadOfficeInProcess,
    a: TillInProcess,
    b: TillInProcess,
    member: MemberId,
}

impl Two {
    fn new() -> Self {
        let head_office = HeadOfficeInProcess::new();
        let (a, b) = (TillInProcess::seeded(&head_office, 1), TillInProcess::seeded(&head_office, 2));
        let member = a.register("Trần Minh Anh", 417);
        let two = Self { head_office, a, b, member };
        two.agree();
        two
    }

    /// Time passes for all three.
    fn pass(&self, time: Duration) {
        self.head_office.forward(time);
        self.a.clock.forward(time);
        self.b.clock.forward(time);
    }

    /// What A sends after B's turn reaches B in the next.
    fn agree(&self) {
        for till in [&self.a, &self.b, &self.a, &self.b] {
            till.exchange();
        }
    }

    /// All three have the same of the member, nothing waits, and both files are as they must be.
    fn check_agreed(&self) {
        let there = self.head_office.document(self.member);
        for till in [&self.a, &self.b] {
            assert_eq!(serde_json::Value::Object(till.document(self.member)), there);
            assert_eq!((till.waiting(), till.questions().len()), (0, 0));
            assert_eq!(till.findings(), 0);
        }
    }
}
