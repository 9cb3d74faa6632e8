//! The shops of the demo, and what people there are called, pay and write down.

use crate::error::HeadOfficeError;
use regulars_domain::location::{DEFAULT_ISSUER, Location};
use regulars_domain::phone::Country;

/// A shop and its neighbourhood.
pub(super) struct Place {
    pub(super) location: Location,
    pub(super) country: Country,
    /// How many members, apart from those of the samples.
    pub(super) members: u32,
    pub(super) customs: &'static Customs,
}

/// What is usual around a shop.
pub(super) struct Customs {
    /// Family names with their weight, for men and for women.
    pub(super) families: &'static [(u32, &'static str, &'static str)],
    /// What stands between family and given name; empty where nothing does.
    pub(super) middle_men: &'static [&'static str],
    pub(super) middle_women: &'static [&'static str],
    pub(super) men: &'static [&'static str],
    pub(super) women: &'static [&'static str],
    /// Whether the family name comes first.
    pub(super) family_first: bool,
    /// Beginnings of mobile numbers, without the trunk prefix, and how many digits follow.
    pub(super) mobile: &'static [&'static str],
    pub(super) mobile_digits: u32,
    pub(super) calling_code: &'static str,
    /// What cashiers noted.
    pub(super) notes: &'static [&'static str],
    /// Usual top-ups, in minor units.
    pub(super) top_ups: &'static [i64],
    /// The smallest step of a bill, in minor units, and how many of them a bill has at most.
    pub(super) bill_step: i64,
    pub(super) bill_steps: i64,
}

/// Kim Ma comes first; 4,994 members and the six samples make 5,000.
pub(super) fn places() -> Result<Vec<Place>, HeadOfficeError> {
    Ok(vec![
        place("KM", "Kim Ma", "VN", "VND", "Asia/Ho_Chi_Minh", 2_997, &KIM_MA)?,
        place("BA", "Bratislava", "SK", "EUR", "Europe/Bratislava", 999, &BRATISLAVA)?,
        place("LY", "Lyon", "FR", "EUR", "Europe/Paris", 998, &LYON)?,
    ])
}

fn place(
    code: &str,
    name: &str,
    country: &str,
    currency: &str,
    time_zone: &str,
    members: u32,
    customs: &'static Customs,
) -> Result<Place, HeadOfficeError> {
    let location = Location {
        code: code.to_owned(),
        name: name.to_owned(),
        country: country.to_owned(),
        currency: currency.parse()?,
        time_zone: time_zone.to_owned(),
        issuer: DEFAULT_ISSUER.to_owned(),
    };
    Ok(Place { country: location.phone_country()?, location, members, customs })
}

static KIM_MA: Customs = Customs {
    families: &[
        (384, "Nguyễn", "Nguyễn"),
        (110, "Trần", "Trần"),
        (95, "Lê", "Lê"),
        (70, "Phạm", "Phạm"),
        (51, "Hoàng", "Hoàng"),
        (45, "Phan", "Phan"),
        (39, "Vũ", "Vũ"),
        (21, "Đặng", "Đặng"),
        (20, "Bùi", "Bùi"),
        (14, "Đỗ", "Đỗ"),
        (13, "Hồ", "Hồ"),
        (13, "Ngô", "Ngô"),
        (10, "Dương", "Dương"),
        (9, "Đinh", "Đinh"),
        (8, "Lý", "Lý"),
        (8, "Đào", "Đào"),
        (7, "Trịnh", "Trịnh"),
        (7, "Mai", "Mai"),
        (6, "Cao", "Cao"),
    ],
    middle_men: &["Văn", "Đức", "Hữu", "Quang", "Minh", "Xuân", "Ngọc", "Thanh", "Gia", "Công", "Tuấn", "Hoàng"],
    middle_women: &[
        "Thị",
        "Thị",
        "Thị",
        "Thị Thu",
        "Thị Kim",
        "Ngọc",
        "Thanh",
        "Thùy",
        "Phương",
        "Bảo",
        "Khánh",
        "Minh",
    ],
    men: &[
        "Anh", "Bình", "Cường", "Dũng", "Đạt", "Hải", "Hiếu", "Hùng", "Huy", "Khoa", "Long", "Minh", "Nam", "Phong",
        "Phúc", "Quân", "Sơn", "Tâm", "Thắng", "Toàn", "Trung", "Tuấn", "Tùng", "Việt", "Vinh",
    ],
    women: &[
        "An", "Anh", "Châu", "Chi", "Dung", "Giang", "Hà", "Hằng", "Hạnh", "Hiền", "Hoa", "Hồng", "Hương", "Lan",
        "Linh", "Loan", "Mai", "My", "Nga", "Ngân", "Nhung", "Oanh", "Phương", "Quỳnh", "Thảo", "Trang", "Vân", "Yến",
    ],
    family_first: true,
    mobile: &[
        "32", "33", "34", "35", "36", "37", "38", "39", "70", "76", "77", "78", "79", "81", "82", "83", "84", "85",
        "86", "88", "90", "91", "93", "94", "96", "97", "98",
    ],
    mobile_digits: 7,
    calling_code: "+84",
    notes: &[
        "Thích ngồi gần cửa sổ",
        "Không uống đá",
        "Khách quen, hay mua buổi sáng",
        "Dị ứng đậu phộng",
        "Gọi trước khi giao hàng",
        "Thanh toán bằng chuyển khoản",
        "Con gái hay đến nhận hộ",
    ],
    top_ups: &[100_000, 200_000, 200_000, 300_000, 500_000, 500_000, 1_000_000, 2_000_000],
    bill_step: 5_000,
    bill_steps: 120,
};

static BRATISLAVA: Customs = Customs {
    families: &[
        (60, "Horváth", "Horváthová"),
        (55, "Kováč", "Kováčová"),
        (50, "Varga", "Vargová"),
        (45, "Tóth", "Tóthová"),
        (42, "Nagy", "Nagyová"),
        (38, "Baláž", "Balážová"),
        (36, "Molnár", "Molnárová"),
        (30, "Balog", "Balogová"),
        (28, "Novák", "Nováková"),
        (26, "Lukáč", "Lukáčová"),
        (24, "Polák", "Poláková"),
        (22, "Kollár", "Kollárová"),
        (20, "Hudák", "Hudáková"),
        (18, "Gajdoš", "Gajdošová"),
        (16, "Oravec", "Oravcová"),
        (15, "Šimko", "Šimková"),
        (14, "Žák", "Žáková"),
        (12, "Krajčír", "Krajčírová"),
        (10, "Ďurica", "Ďuricová"),
        (8, "Ľupták", "Ľuptáková"),
    ],
    middle_men: &[""],
    middle_women: &[""],
    men: &[
        "Peter",
        "Ján",
        "Jozef",
        "Martin",
        "Michal",
        "Tomáš",
        "Milan",
        "Marek",
        "Ľubomír",
        "Štefan",
        "Juraj",
        "Matej",
        "Jakub",
        "Samuel",
        "Filip",
        "Rastislav",
    ],
    women: &[
        "Mária",
        "Anna",
        "Zuzana",
        "Katarína",
        "Eva",
        "Jana",
        "Monika",
        "Lucia",
        "Ľudmila",
        "Viera",
        "Kristína",
        "Michaela",
        "Veronika",
        "Simona",
        "Nina",
        "Žofia",
    ],
    family_first: false,
    mobile: &["905", "907", "908", "910", "911", "915", "917", "918", "940", "944", "948", "949", "950", "951"],
    mobile_digits: 6,
    calling_code: "+421",
    notes: &[
        "Bez lepku",
        "Chodí s deťmi v sobotu",
        "Chce papierový blok",
        "Alergia na orechy",
        "Volať až po 16:00",
        "Faktúru na firmu",
    ],
    top_ups: &[1_000, 2_000, 2_000, 3_000, 5_000, 5_000, 10_000],
    bill_step: 10,
    bill_steps: 600,
};

static LYON: Customs = Customs {
    families: &[
        (50, "Martin", "Martin"),
        (42, "Bernard", "Bernard"),
        (38, "Thomas", "Thomas"),
        (36, "Petit", "Petit"),
        (34, "Robert", "Robert"),
        (34, "Richard", "Richard"),
        (32, "Durand", "Durand"),
        (30, "Dubois", "Dubois"),
        (28, "Moreau", "Moreau"),
        (26, "Laurent", "Laurent"),
        (24, "Lefèvre", "Lefèvre"),
        (22, "Roux", "Roux"),
        (20, "Fournier", "Fournier"),
        (18, "Bonnet", "Bonnet"),
        (17, "François", "François"),
        (16, "Guérin", "Guérin"),
        (15, "Mercier", "Mercier"),
        (14, "Nguyen", "Nguyen"),
        (12, "Benali", "Benali"),
        (10, "Brélaz", "Brélaz"),
        (8, "de La Tour", "de La Tour"),
    ],
    middle_men: &[""],
    middle_women: &[""],
    men: &[
        "Jean",
        "Pierre",
        "Lucas",
        "Hugo",
        "Théo",
        "Julien",
        "Nicolas",
        "Benoît",
        "Jérôme",
        "Loïc",
        "Karim",
        "Étienne",
        "Jean-Marc",
        "Gaël",
    ],
    women: &[
        "Marie",
        "Camille",
        "Léa",
        "Chloé",
        "Manon",
        "Inès",
        "Jeanne",
        "Élodie",
        "Aurélie",
        "Nathalie",
        "Anaïs",
        "Anne-Sophie",
        "Françoise",
        "Zoé",
    ],
    family_first: false,
    mobile: &["60", "61", "62", "64", "65", "66", "67", "68", "73", "74", "75", "76", "77", "78"],
    mobile_digits: 7,
    calling_code: "+33",
    notes: &[
        "Préfère le comptoir du fond",
        "Allergie aux noix",
        "Ticket par courriel",
        "Vient le jeudi avec son chien",
        "Appeler plutôt le matin",
        "Facture au nom de la société",
    ],
    top_ups: &[1_000, 2_000, 2_500, 3_000, 5_000, 5_000, 10_000, 15_000],
    bill_step: 10,
    bill_steps: 700,
};
