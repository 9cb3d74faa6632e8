//! Slips that the tests print.

use crate::slip::{ClockTime, Slip, SlipKind, SlipLabel, SlipLine};
use regulars_domain::Money;
use regulars_domain::ledger::Tender;

pub fn money(minor: i64, currency: &str) -> Money {
    Money::new(minor, currency.parse().expect("a currency"))
}

fn line(label: SlipLabel, minor: i64, currency: &str) -> SlipLine {
    SlipLine { label, detail: None, amount: Some(money(minor, currency)), is_total: false }
}

fn detailed(label: SlipLabel, detail: &str, minor: i64, currency: &str) -> SlipLine {
    SlipLine { detail: Some(detail.to_owned()), ..line(label, minor, currency) }
}

fn total(label: SlipLabel, minor: i64, currency: &str) -> SlipLine {
    SlipLine { is_total: true, ..line(label, minor, currency) }
}

pub fn slip(kind: SlipKind, lines: Vec<SlipLine>) -> Slip {
    Slip {
        shop: "Cà phê Kim Mã".to_owned(),
        till: "Quầy 1".to_owned(),
        printed_on: "2026-11-24".parse().expect("a day"),
        printed_time: ClockTime::new(13, 58).expect("a time"),
        kind,
        is_copy: false,
        member: "Lý Tú Quang Thắng".to_owned(),
        phone_ending: Some("6789".to_owned()),
        receipt: Some("KM-1042".to_owned()),
        lines,
        reference: "9F2C41AB".to_owned(),
    }
}

pub fn sale() -> Slip {
    let lines = vec![
        line(SlipLabel::Bill, 1_250_000, "VND"),
        detailed(SlipLabel::Discount, "2.5", -31_250, "VND"),
        line(SlipLabel::CreditUsed, -350_000, "VND"),
        total(SlipLabel::LeftToCollect, 868_750, "VND"),
        detailed(SlipLabel::Earned, "5", 43_437, "VND"),
        line(SlipLabel::BalanceAfter, 1_193_437, "VND"),
        line(SlipLabel::WaitingToBeConfirmed, 393_437, "VND"),
    ];
    slip(SlipKind::Sale, lines)
}

pub fn top_up() -> Slip {
    let lines = vec![
        total(SlipLabel::paid_in(Tender::Card), 5_000, "EUR"),
        line(SlipLabel::BalanceAfter, 123_434, "EUR"),
        line(SlipLabel::WaitingToBeConfirmed, 5_000, "EUR"),
    ];
    let shop = "Café Zoë".to_owned();
    Slip { shop, till: "Till 2".to_owned(), member: "Jürgen Weiß".to_owned(), ..slip(SlipKind::TopUp, lines) }
}

/// The known theft: paid in, then voided.
pub fn void() -> Slip {
    let lines =
        vec![total(SlipLabel::paid_in(Tender::Cash), -500_000, "VND"), line(SlipLabel::BalanceAfter, 750_000, "VND")];
    Slip { receipt: None, ..slip(SlipKind::Void, lines) }
}

/// Among the longest names that Vietnamese newspapers have found in registers.
pub fn longest_name() -> Slip {
    let lines = vec![
        detailed(SlipLabel::Corrected, "hai lần nạp tiền cùng một hóa đơn, quản lý đã xem", -50_000, "VND"),
        total(SlipLabel::BalanceAfter, 700_000, "VND"),
    ];
    let member = "Công Tằng Tôn Nữ Hoàng Phương Thảo Nguyễn Thị Đặng Quỳnh Ánh Dương Ngọc".to_owned();
    Slip { member, is_copy: true, ..slip(SlipKind::Adjustment, lines) }
}

pub fn dinars() -> Slip {
    let lines = vec![
        line(SlipLabel::GivenBack, 12_345, "KWD"),
        line(SlipLabel::TakenBack, -617, "KWD"),
        line(SlipLabel::paid_out(Tender::Transfer), -1_000, "KWD"),
        total(SlipLabel::BalanceAfter, 1_234_005, "KWD"),
    ];
    let (shop, till) = ("Salmiya".to_owned(), "Till 1".to_owned());
    Slip { shop, till, member: "Fatima Al-Sabah".to_owned(), ..slip(SlipKind::Return, lines) }
}
