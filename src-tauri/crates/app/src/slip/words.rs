//! The slip's words on paper, per language: one table that the compiler keeps whole.
//!
//! Paper has no web view, so these words live here and not in `ui/src/text`; where both have a word for one thing, it is
//! the same. Figures and days are in [`super::forms`].

use super::{SlipKind, SlipLabel};
use serde::{Deserialize, Serialize};

/// A language that a slip can be in. A new variant asks for its words at each `match` here and in [`super::forms`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub enum Language {
    /// English.
    #[default]
    #[serde(rename = "en")]
    English,
    /// Vietnamese.
    #[serde(rename = "vi")]
    Vietnamese,
}

impl Language {
    /// The language of a tag as `vi-VN`; English where it is not known, as on the page.
    pub fn of(tag: &str) -> Self {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("vi") { Self::Vietnamese } else { Self::English }
    }
}

impl Language {
    /// Its tag, as `vi`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Vietnamese => "vi",
        }
    }
}

/// Letters of a language that a page has only if it has all of them: whether a slip can be written as it is spelt.
pub const fn letters(language: Language) -> &'static str {
    match language {
        Language::English => "",
        Language::Vietnamese => "ạđơưĐẢ",
    }
}

/// What else is named on a slip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// Above a slip that was printed before.
    Copy,
    /// Before the member's name.
    Member,
    /// Before the last digits of a phone.
    PhoneEnding,
    /// Before the receipt number of the cash register.
    Receipt,
    /// Before the slip's own short id.
    Reference,
}

/// The heading for what happened.
pub const fn title(kind: SlipKind, language: Language) -> &'static str {
    match language {
        Language::English => match kind {
            SlipKind::Sale => "Sale",
            SlipKind::TopUp => "Top-up",
            SlipKind::Return => "Return",
            SlipKind::CashOut => "Paid out",
            SlipKind::Adjustment => "Correction",
            SlipKind::Void => "VOID",
        },
        Language::Vietnamese => match kind {
            SlipKind::Sale => "Bán hàng",
            SlipKind::TopUp => "Nạp tiền",
            SlipKind::Return => "Trả hàng",
            SlipKind::CashOut => "Rút tiền",
            SlipKind::Adjustment => "Điều chỉnh",
            SlipKind::Void => "ĐÃ HỦY",
        },
    }
}

/// The word for a figure, to the member who reads it: what the shop has left to collect, the member has left to pay.
pub const fn label(label: SlipLabel, language: Language) -> &'static str {
    match language {
        Language::English => english(label),
        Language::Vietnamese => vietnamese(label),
    }
}

/// The other words.
pub const fn word(word: Word, language: Language) -> &'static str {
    match language {
        Language::English => match word {
            Word::Copy => "COPY",
            Word::Member => "Member",
            Word::PhoneEnding => "Phone ending",
            Word::Receipt => "Receipt",
            Word::Reference => "Reference",
        },
        Language::Vietnamese => match word {
            Word::Copy => "BẢN SAO",
            Word::Member => "Hội viên",
            Word::PhoneEnding => "Số cuối điện thoại",
            Word::Receipt => "Số hóa đơn",
            Word::Reference => "Mã phiếu",
        },
    }
}

const fn english(label: SlipLabel) -> &'static str {
    match label {
        SlipLabel::Bill => "Bill",
        SlipLabel::Discount => "Discount",
        SlipLabel::CreditUsed => "Paid with credit",
        SlipLabel::LeftToCollect => "Left to pay",
        SlipLabel::Earned => "Earned",
        SlipLabel::PaidInCash => "Paid in, cash",
        SlipLabel::PaidInCard => "Paid in, card",
        SlipLabel::PaidInTransfer => "Paid in, transfer",
        SlipLabel::PaidInOther => "Paid in, other",
        SlipLabel::PaidOutCash => "Paid out, cash",
        SlipLabel::PaidOutCard => "Paid out, card",
        SlipLabel::PaidOutTransfer => "Paid out, transfer",
        SlipLabel::PaidOutOther => "Paid out, other",
        SlipLabel::GivenBack => "Returned to credit",
        SlipLabel::TakenBack => "Earned, taken back",
        SlipLabel::Corrected => "Correction",
        SlipLabel::BalanceAfter => "Balance after",
        SlipLabel::WaitingToBeConfirmed => "of it waiting to be confirmed",
    }
}

const fn vietnamese(label: SlipLabel) -> &'static str {
    match label {
        SlipLabel::Bill => "Tiền hàng",
        SlipLabel::Discount => "Giảm giá",
        SlipLabel::CreditUsed => "Trả bằng số dư",
        SlipLabel::LeftToCollect => "Còn phải trả",
        SlipLabel::Earned => "Tích lũy",
        SlipLabel::PaidInCash => "Nạp bằng tiền mặt",
        SlipLabel::PaidInCard => "Nạp bằng thẻ",
        SlipLabel::PaidInTransfer => "Nạp bằng chuyển khoản",
        SlipLabel::PaidInOther => "Nạp bằng cách khác",
        SlipLabel::PaidOutCash => "Rút bằng tiền mặt",
        SlipLabel::PaidOutCard => "Rút về thẻ",
        SlipLabel::PaidOutTransfer => "Rút bằng chuyển khoản",
        SlipLabel::PaidOutOther => "Rút bằng cách khác",
        SlipLabel::GivenBack => "Hoàn vào số dư",
        SlipLabel::TakenBack => "Thu lại phần tích lũy",
        SlipLabel::Corrected => "Điều chỉnh",
        SlipLabel::BalanceAfter => "Số dư sau đó",
        SlipLabel::WaitingToBeConfirmed => "trong đó đang chờ xác nhận",
    }
}
