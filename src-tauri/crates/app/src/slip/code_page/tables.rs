//! The upper halves of the pages, as printers have them: sixteen characters a row from byte 0x80 on, a space where there
//! is nothing to print.

/// One page.
pub(super) struct Table {
    /// What selects it (ESC t).
    pub(super) number: u8,
    rows: [&'static str; 8],
}

impl Table {
    /// The byte that prints a character.
    pub(super) fn byte(&self, character: char) -> Option<u8> {
        let letters = self.rows.iter().flat_map(|row| row.chars());
        let place = letters.zip(0x80..=u8::MAX).find(|(letter, _)| *letter == character && character != ' ');
        place.map(|(_, byte)| byte)
    }
}

/// The first page of the IBM PC.
pub(super) const PC437: Table = Table {
    number: 0,
    rows: [
        "ÇüéâäàåçêëèïîìÄÅ",
        "ÉæÆôöòûùÿÖÜ¢£¥₧ƒ",
        "áíóúñÑªº¿⌐¬½¼¡«»",
        "░▒▓│┤╡╢╖╕╣║╗╝╜╛┐",
        "└┴┬├─┼╞╟╚╔╩╦╠═╬╧",
        "╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀",
        "αßΓπΣσµτΦΘΩδ∞φε∩",
        "≡±≥≤⌠⌡÷≈°∙·√ⁿ²■ ",
    ],
};

/// PC850 with the euro.
pub(super) const PC858: Table = Table {
    number: 19,
    rows: [
        "ÇüéâäàåçêëèïîìÄÅ",
        "ÉæÆôöòûùÿÖÜø£Ø×ƒ",
        "áíóúñÑªº¿®¬½¼¡«»",
        "░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐",
        "└┴┬├─┼ãÃ╚╔╩╦╠═╬¤",
        "ðÐÊËÈ€ÍÎÏ┘┌█▄¦Ì▀",
        "ÓßÔÒõÕµþÞÚÛÙýÝ¯´",
        " ±‗¾¶§÷¸°¨·¹³²■ ",
    ],
};

/// Windows for Western Europe.
pub(super) const WPC1252: Table = Table {
    number: 16,
    rows: [
        "€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž ",
        " ‘’“”•–—˜™š›œ žŸ",
        " ¡¢£¤¥¦§¨©ª«¬ ®¯",
        "°±²³´µ¶·¸¹º»¼½¾¿",
        "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏ",
        "ÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞß",
        "àáâãäåæçèéêëìíîï",
        "ðñòóôõö÷øùúûüýþÿ",
    ],
};

/// TCVN 5712-3, small letters.
pub(super) const TCVN3_SMALL: Table = Table {
    number: 30,
    rows: [
        "                ",
        "                ",
        "        ăâêôơưđ ",
        "     àảãáạ ằẳẵắ ",
        "      ặầẩẫấậè ẻẽ",
        "éẹềểễếệìỉ   ĩíịò",
        " ỏõóọồổỗốộờởỡớợù",
        " ủũúụừửữứựỳỷỹýỵ ",
    ],
};

/// TCVN 5712-3, capitals.
pub(super) const TCVN3_CAPITAL: Table = Table {
    number: 31,
    rows: [
        "                ",
        "                ",
        " ĂÂ    Đ  ÊÔƠƯ  ",
        "     ÀẢÃÁẠ ẰẲẴẮ ",
        "      ẶẦẨẪẤẬÈ ẺẼ",
        "ÉẸỀỂỄẾỆÌỈ   ĨÍỊÒ",
        " ỎÕÓỌỒỔỖỐỘỜỞỠỚỢÙ",
        " ỦŨÚỤỪỬỮỨỰỲỶỸÝỴ ",
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_whole_and_has_no_character_twice() {
        for table in [PC437, PC858, WPC1252, TCVN3_SMALL, TCVN3_CAPITAL] {
            let mut letters: Vec<char> = table.rows.concat().chars().collect();
            assert_eq!(letters.len(), 128, "page {}", table.number);
            letters.retain(|letter| *letter != ' ');
            let count = letters.len();
            letters.sort_unstable();
            letters.dedup();
            assert_eq!(letters.len(), count, "page {}", table.number);
        }
    }

    /// Bytes from the makers' own tables.
    #[test]
    fn letters_are_where_printers_have_them() {
        let table: [(Table, char, u8); 8] = [
            (PC437, 'é', 0x82),
            (PC437, 'ñ', 0xa4),
            (PC858, '€', 0xd5),
            (PC858, 'Ô', 0xe2),
            (WPC1252, '€', 0x80),
            (WPC1252, 'ÿ', 0xff),
            (TCVN3_SMALL, 'ế', 0xd5),
            (TCVN3_CAPITAL, 'Đ', 0xa7),
        ];
        for (page, letter, byte) in table {
            assert_eq!(page.byte(letter), Some(byte), "{letter} on page {}", page.number);
        }
        assert_eq!(PC437.byte(' '), None);
    }

    #[test]
    fn every_vietnamese_letter_has_its_place() {
        let small = "àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵ";
        for letter in small.chars() {
            assert!(TCVN3_SMALL.byte(letter).is_some(), "{letter}");
            let capital = letter.to_uppercase().next().expect("a capital");
            assert!(TCVN3_CAPITAL.byte(capital).is_some(), "{capital}");
        }
    }
}
