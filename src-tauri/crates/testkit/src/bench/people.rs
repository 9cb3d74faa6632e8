//! Invented members, as those of a chain in Viet Nam are: 38 of 100 share one family name, numbers are spread over the
//! ranges of all networks, and shops are of very different sizes. The same number is always the same person.

use regulars_domain::member::LoyaltyCard;
use regulars_domain::{MemberId, Timestamp};
use regulars_store::mirror::MirroredMembership;
use regulars_store::pull::PulledMember;
use serde_json::{Map, Value, json};

/// The shops' ids at the remote, and how many of 100 members each has.
pub const SHOPS: [(&str, u64); 8] =
    [("KM", 40), ("HD", 20), ("TX", 15), ("LB", 10), ("HP", 8), ("ND", 4), ("SP", 2), ("CB", 1)];

/// How many of 1,000 have it.
const FAMILIES: [(&str, u64); 20] = [
    ("Nguyễn", 380),
    ("Trần", 110),
    ("Lê", 95),
    ("Phạm", 70),
    ("Hoàng", 51),
    ("Phan", 45),
    ("Vũ", 39),
    ("Đặng", 21),
    ("Bùi", 20),
    ("Đỗ", 14),
    ("Hồ", 13),
    ("Ngô", 13),
    ("Dương", 10),
    ("Lý", 5),
    ("Đào", 18),
    ("Đinh", 18),
    ("Mai", 18),
    ("Trịnh", 20),
    ("Võ", 20),
    ("Trương", 20),
];
const MIDDLES: [&str; 16] = [
    "Thị", "Thị", "Thị", "Thị", "Thị", "Văn", "Văn", "Văn", "Minh", "Đức", "Hữu", "Thanh", "Ngọc", "Tú", "Quang", "Thu",
];
const GIVEN: [&str; 40] = [
    "An", "Anh", "Bình", "Châu", "Chi", "Cường", "Dung", "Dũng", "Duy", "Giang", "Hà", "Hải", "Hằng", "Hạnh", "Hiền",
    "Hòa", "Hùng", "Hương", "Huy", "Khai", "Khánh", "Lan", "Linh", "Long", "Mai", "Nam", "Nga", "Nguyệt", "Nhung",
    "Phúc", "Phương", "Quân", "Sơn", "Tâm", "Thảo", "Thắng", "Thủy", "Trang", "Tuấn", "Yến",
];
/// What the numbers of the mobile networks begin with.
const RANGES: [&str; 28] = [
    "032", "033", "034", "035", "036", "037", "038", "039", "056", "058", "070", "076", "077", "078", "079", "081",
    "082", "083", "084", "085", "086", "088", "090", "091", "093", "094", "097", "098",
];
/// The first of them was registered then, and every ten seconds another.
const FIRST_AT: i64 = 1_770_000_000_000;

/// Somebody.
pub struct Person {
    number: u32,
    /// The full name.
    pub name: String,
    /// The number as it is typed, with its leading zero.
    pub phone: String,
    /// The serial number of their card, which two of three have.
    pub card: Option<String>,
    /// Where they are a member, as an index of [`SHOPS`]; one of ten at a second shop too.
    pub shops: Vec<usize>,
}

impl Person {
    /// The person of that number.
    pub fn invent(number: u32) -> Self {
        let mut dice = Dice(u64::from(number));
        let names = [pick(&FAMILIES, dice.roll(1_000)), one_of(&MIDDLES, &mut dice), one_of(&GIVEN, &mut dice)];
        let mut shops = vec![shop(dice.roll(100))];
        if dice.roll(10) == 0 {
            shops.push(shop(dice.roll(100)));
            shops.dedup();
        }
        Self {
            number,
            name: names.join(" "),
            phone: format!("{}{:07}", one_of(&RANGES, &mut dice), scattered(number)),
            card: (dice.roll(3) > 0).then(|| format!("8400{:012}", 417_000_000_000 + scattered(number) * 7)),
            shops,
        }
    }

    /// What the index has for the number.
    pub fn digits(&self) -> String {
        format!("84{}", &self.phone[1..])
    }

    /// The last four digits of the number.
    pub fn ending(&self) -> &str {
        &self.phone[self.phone.len() - 4..]
    }

    /// As a remote tells of them.
    pub fn pulled(&self) -> PulledMember {
        let at = Timestamp::from_millis(FIRST_AT + i64::from(self.number) * 10_000);
        let mut dice = Dice(!u64::from(self.number));
        let member_id = MemberId::mint(at, std::array::from_fn(|_| dice.roll(256) as u8));
        let membership = |shop: &usize| MirroredMembership {
            pos_id: SHOPS[*shop].0.to_owned(),
            member_since: "2024-01-01".parse().expect("a day"),
            terms: Map::new(),
        };
        PulledMember {
            remote_key: member_id.as_bytes().to_vec(),
            member_id,
            version: Some(i64::from(self.number)),
            document: self.document(at, &mut dice).to_string(),
            memberships: self.shops.iter().map(membership).collect(),
            is_deleted: false,
        }
    }

    /// What a counter asks for; not everybody tells everything.
    fn document(&self, at: Timestamp, dice: &mut Dice) -> Value {
        let mut document = json!({
            "name": { "full": self.name },
            "phone": { "typed": self.phone, "e164": format!("+{}", self.digits()) },
            "reference": format!("C-{:07}", self.number),
        });
        if let Some(serial) = &self.card {
            document["cards"] = json!({ serial: LoyaltyCard::issued(false, at) });
        }
        if dice.roll(10) < 6 {
            document["email"] = json!(format!("member.{}@example.com", self.number));
        }
        if dice.roll(10) < 5 {
            document["birthday"] =
                json!({ "month": dice.roll(12) + 1, "day": dice.roll(28) + 1, "year": 1950 + dice.roll(60) });
        }
        if dice.roll(10) < 2 {
            document["note"] = json!("Comes on Fridays with two children, likes the table at the window.");
        }
        document
    }
}

/// Seven digits that no other number has: 7,654,321 shares no divisor with ten million.
fn scattered(number: u32) -> u64 {
    u64::from(number) * 7_654_321 % 10_000_000
}

fn shop(roll: u64) -> usize {
    let code = pick(&SHOPS, roll);
    SHOPS.iter().position(|(shop, _)| *shop == code).expect("one of them")
}

fn pick(weighted: &[(&'static str, u64)], mut roll: u64) -> &'static str {
    for (name, weight) in weighted {
        match roll.checked_sub(*weight) {
            Some(rest) => roll = rest,
            None => return name,
        }
    }
    unreachable!("the weights add up to what is rolled for")
}

fn one_of(words: &[&'static str], dice: &mut Dice) -> &'static str {
    words[dice.roll(words.len() as u64) as usize]
}

/// Chance that is the same in every run (SplitMix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }
}
