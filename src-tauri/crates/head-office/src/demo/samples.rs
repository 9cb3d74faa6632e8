//! The members that stand as samples in the documents of the five remotes, with the fields that are known here.

use regulars_domain::Refusal;
use regulars_domain::member::{Birthday, Member, Name};
use regulars_domain::phone::{Country, Phone};

/// A member as printed.
pub(super) struct Sample {
    location: &'static str,
    name: &'static str,
    phone: Option<&'static str>,
    email: Option<&'static str>,
    birthday: Option<Birthday>,
    note: Option<&'static str>,
    /// How many entries they have.
    pub(super) entries: u32,
}

static SAMPLES: [Sample; 6] = [
    // CRMX, "Lấy thông tin thành viên".
    Sample {
        location: "KM",
        name: "Ly Tu Quang Thang",
        phone: Some("0945350398"),
        email: Some("phundk59uet@gmail.com"),
        birthday: Some(Birthday { month: 5, day: 30, year: Some(1996) }),
        note: None,
        entries: 5,
    },
    // Lumyri, "Create an customer".
    Sample {
        location: "KM",
        name: "customer first",
        phone: Some("+83497898519"),
        email: Some("customer1@example.com"),
        birthday: None,
        note: None,
        entries: 0,
    },
    // Lumyri, "Update customer": another customer with the same number.
    Sample {
        location: "KM",
        name: "Phan Son 15",
        phone: Some("+83497898519"),
        email: Some("home_address@lumyri.com"),
        birthday: None,
        note: None,
        entries: 2,
    },
    // Portos.
    Sample {
        location: "BA",
        name: "John Doe",
        phone: None,
        email: Some("john.doe@portos.sk"),
        birthday: None,
        note: None,
        entries: 0,
    },
    // Stancer.
    Sample {
        location: "LY",
        name: "David Coaster",
        phone: Some("+33639980102"),
        email: Some("david@example.net"),
        birthday: None,
        note: None,
        entries: 3,
    },
    // Valomnia: a company in Nice, with no contact of its own.
    Sample {
        location: "LY",
        name: "Marie's Jewelry",
        phone: None,
        email: None,
        birthday: None,
        note: None,
        entries: 0,
    },
];

/// The samples that belong to a shop.
pub(super) fn of(location: &str) -> impl Iterator<Item = &'static Sample> {
    SAMPLES.iter().filter(move |sample| sample.location == location)
}

impl Sample {
    /// The member, with the phone read as in the shop's country.
    pub(super) fn member(&self, country: Country) -> Result<Member, Refusal> {
        Ok(Member {
            name: Name { full: self.name.to_owned() },
            phone: self.phone.map(|typed| Phone::parse(typed, country)).transpose()?,
            email: self.email.map(str::to_owned),
            birthday: self.birthday,
            note: self.note.map(str::to_owned),
        })
    }
}
