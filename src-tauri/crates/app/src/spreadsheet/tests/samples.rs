use super::*;
use crate::spreadsheet::{amounts, cells, phones};
use encoding_rs::WINDOWS_1252;

/// A list as a shop keeps it: a blank row, a note over two lines, a phone that was a number, a row cut short.
const MESSY: [&[&str]; 6] = [
    &["Nom complet", "Téléphone", "Né le", "Solde (€)", "Groupe", "Remarque"],
    &["Élodie Garçon", "612345678", "30/5/1996", "1.250", "VIP | gros", "appelle\n\"le soir\", svp; merci"],
    &["", "", "", "", "", ""],
    &["Anaïs Lefèvre", "'0612345679", "1/2", "12,50 €", "", "=déjà vue"],
    &["Noël", "6.12E+08", "31/2/1990", "(5,00)", ""],
    &["Zoë", "", "", "", "", ""],
];

fn as_csv(separator: Separator, end: &str) -> String {
    let quoted = |cell: &&str| format!("\"{}\"", cell.replace('"', "\"\""));
    let line = |row: &&[&str]| {
        let cells: Vec<String> = row.iter().map(quoted).collect();
        cells.join(&char::from(separator.byte()).to_string()) + end
    };
    MESSY.iter().map(line).collect()
}

fn encodings_of(text: &str) -> Vec<Vec<u8>> {
    let wide = |to_bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(to_bytes).collect::<Vec<u8>>();
    vec![
        text.as_bytes().to_vec(),
        [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        [b"\xff\xfe".to_vec(), wide(u16::to_le_bytes)].concat(),
        wide(u16::to_be_bytes),
        WINDOWS_1252.encode(text).0.into_owned(),
    ]
}

/// What an import gets out of the list: a value, or the code of what is wrong with it.
fn read_messy(bytes: &[u8]) -> Vec<[String; 6]> {
    let (france, euro) = (country("FR"), currency("EUR"));
    let sheet = read(bytes, france).expect("read");
    let columns = Columns::guess(&sheet.table);
    let cells_of = |field| sheet.table.rows().map(move |row| columns.cell(row, field));
    let dates = Dates { order: DateOrder::guess(cells_of(ImportField::Birthday), france), this_year: 2026 };
    let mark = DecimalMark::guess(cells_of(ImportField::OpeningBalance), euro);
    let read_row = |row: Row<'_>| {
        let phone = phones::phone(columns.cell(row, ImportField::Phone), france);
        let birthday = dates.birthday(columns.cell(row, ImportField::Birthday));
        let balance = amounts::amount(columns.cell(row, ImportField::OpeningBalance), mark, euro);
        [
            row.number().to_string(),
            shown(columns.full_name(row, france), |name| name.into_owned()),
            shown(phone, |phone| phone.e164.unwrap_or(phone.typed)),
            shown(birthday, |day| format!("{}-{}", day.month, day.day)),
            shown(balance, |money| money.to_string()),
            cells::labels(columns.cell(row, ImportField::Label)).join("+") + columns.cell(row, ImportField::Note),
        ]
    };
    sheet.table.rows().map(read_row).collect()
}

fn shown<T>(read: Result<Option<T>, SheetError>, show: impl Fn(T) -> String) -> String {
    match read {
        Ok(value) => value.map(show).unwrap_or_default(),
        Err(error) => error.code().to_owned(),
    }
}

#[test]
fn one_messy_list_is_read_alike_in_every_encoding_and_with_every_separator() {
    let expected = [
        ["2", "Élodie Garçon", "+33612345678", "5-30", "1250.00 EUR", "VIP+grosappelle\n\"le soir\", svp; merci"],
        ["4", "Anaïs Lefèvre", "+33612345679", "2-1", "12.50 EUR", "=déjà vue"],
        ["5", "Noël", "phone_rounded", "birthday_invalid", "-5.00 EUR", ""],
        ["6", "Zoë", "", "", "", ""],
    ]
    .map(|row| row.map(str::to_owned));
    for separator in Separator::ALL {
        for bytes in encodings_of(&as_csv(separator, "\r\n")) {
            assert_eq!(read_messy(&bytes), expected, "{separator:?} {:?}", &bytes[..8]);
        }
    }
}
