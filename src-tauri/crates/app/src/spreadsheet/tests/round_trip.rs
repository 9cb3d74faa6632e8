use super::*;
use crate::spreadsheet::{amounts, cells, phones};
use proptest::prelude::*;

fn written(rows: &[Vec<String>], separator: Separator) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new(), separator).expect("begun");
    for row in rows {
        writer.row(row).expect("written");
    }
    writer.finish().expect("ended")
}

fn line(cells: &[&str]) -> String {
    let row = cells.iter().map(|cell| (*cell).to_owned()).collect();
    let bytes = written(&[row], Separator::Comma);
    let text = String::from_utf8(bytes).expect("UTF-8");
    text.strip_prefix('\u{feff}').and_then(|text| text.strip_suffix("\r\n")).expect("marked and ended").to_owned()
}

/// Everything that an import does with bytes, errors and all.
fn use_all_of(bytes: &[u8], code: &str) {
    let Ok(sheet) = read(bytes, country(code)) else { return };
    let columns = Columns::guess(&sheet.table);
    for row in sheet.table.rows() {
        let _read_or_refused = columns.full_name(row, country(code));
    }
    for column in 0..sheet.table.headers().len().min(20) {
        let order = DateOrder::guess(sheet.table.column(column), country(code));
        let mark = DecimalMark::guess(sheet.table.column(column), currency("EUR"));
        for cell in sheet.table.column(column) {
            use_cell(cell, order, mark, code);
        }
    }
}

fn use_cell(cell: &str, order: DateOrder, mark: Option<DecimalMark>, code: &str) {
    let dates = Dates { order, this_year: 2026 };
    let _read_or_refused = (
        phones::phone(cell, country(code)),
        dates.birthday(cell),
        dates.member_since(cell),
        amounts::amount(cell, mark, currency("EUR")),
        amounts::amount(cell, mark, currency("VND")),
        cells::identifier(cell, ImportField::Card),
        cells::labels(cell),
    );
}

#[test]
fn a_cell_that_would_be_a_formula_is_defused_and_a_number_is_not() {
    for (cell, in_file) in [
        ("=1+1", "\"'=1+1\""),
        ("=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\""),
        ("+84945350398", "\"'+84945350398\""),
        ("-cmd", "\"'-cmd\""),
        ("@SUM(A1)", "\"'@SUM(A1)\""),
        ("\t=1", "\"'\t=1\""),
        ("\r=1", "\"'\r=1\""),
        ("＝1", "\"'＝1\""),
        ("'=1", "\"''=1\""),
        ("-", "\"'-\""),
        ("-1-1", "\"'-1-1\""),
        ("-500", "-500"),
        ("-500.25", "-500.25"),
        ("-1,250.50", "\"-1,250.50\""),
        ("0945350398", "0945350398"),
        ("'twas", "\"'twas\""),
        ("Lý Tú", "\"Lý Tú\""),
    ] {
        assert_eq!(line(&[cell]), in_file);
    }
}

#[test]
fn an_export_is_what_excel_opens() {
    let row = ["full_name", "note"].map(str::to_owned).to_vec();
    let bytes = written(&[row, vec!["Lý \"Tú\"".to_owned(), "a\nb".to_owned()]], Separator::Semicolon);
    assert_eq!(bytes, "\u{feff}\"full_name\";\"note\"\r\n\"Lý \"\"Tú\"\"\";\"a\nb\"\r\n".as_bytes());
}

#[test]
fn a_list_of_twenty_thousand_is_read_to_its_last_cell() {
    let header = "Họ và tên;SĐT;Email;Ngày sinh;Thẻ;Số dư;Nhóm;Ghi chú;Mã KH;Ngày tham gia;Địa chỉ;Khác\n";
    let rows = (0..20_000).map(|n| {
        format!("Nguyễn Văn {n};9{n:08};m{n}@example.net;{}/5/1996;V{n};1.250.000 ₫;VIP, sỉ;\"x; y\";KH{n};26/9/2019;Hà Nội;\n", n % 28 + 1)
    });
    let bytes = format!("{header}{}", rows.collect::<String>()).into_bytes();
    let sheet = read(&bytes, country("VN")).expect("read");
    let columns = Columns::guess(&sheet.table);
    let cells = |field| sheet.table.rows().map(move |row| columns.cell(row, field));
    let dates = Dates { order: DateOrder::guess(cells(ImportField::Birthday), country("VN")), this_year: 2026 };
    let mark = DecimalMark::guess(cells(ImportField::OpeningBalance), currency("VND"));
    for row in sheet.table.rows() {
        dates.birthday(columns.cell(row, ImportField::Birthday)).expect("a day");
        dates.member_since(columns.cell(row, ImportField::MemberSince)).expect("a day");
        amounts::amount(columns.cell(row, ImportField::OpeningBalance), mark, currency("VND")).expect("an amount");
        phones::phone_candidates(columns.cell(row, ImportField::Phone)).expect("numbers");
    }
    assert_eq!(sheet.table.len(), 20_000);
}

/// Cells as bad as they come: every character that means something to someone, often.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof!["[\"',;|=+@\t\r\n\\-0-9a ＝＋－＠.]{0,8}", ".{0,12}", any::<String>(),]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_is_written_is_read_back_whatever_it_is(
        cells in prop::collection::vec(prop::collection::vec(cell(), 3), 0..8),
        place in 0..4_usize,
    ) {
        let separator = Separator::ALL[place];
        let header: Vec<String> = ["key", "a", "b", "c"].map(str::to_owned).to_vec();
        let keyed = cells.iter().enumerate().map(|(n, row)| [vec![format!("k{n}")], row.clone()].concat());
        let rows: Vec<Vec<String>> = std::iter::once(header).chain(keyed).collect();
        let sheet = read(&written(&rows, separator), country("VN")).expect("read");
        prop_assert_eq!(sheet.encoding, Encoding::Utf8);
        prop_assert_eq!(sheet.table.separator(), separator);
        let back: Vec<Vec<String>> = sheet.table.rows()
            .map(|row| (0..4).map(|column| row.cell(column).to_owned()).collect())
            .collect();
        prop_assert_eq!(&back[..], &rows[1..]);
        let numbers: Vec<usize> = sheet.table.rows().map(Row::number).collect();
        prop_assert_eq!(numbers, (2..rows.len() + 1).collect::<Vec<_>>());
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400), code in "(VN|SK|US)") {
        use_all_of(&bytes, &code);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "([\"',;|=\r\n.\\-/:0-9EA ₫€$()đ＝]|.){0,120}", code in "(VN|FR|US)") {
        use_all_of(text.as_bytes(), &code);
        use_all_of(&[b"\xef\xbb\xbf", text.as_bytes()].concat(), &code);
    }

    #[test]
    fn any_cell_is_read_or_refused(cell in "([0-9.,/ \\-:E+()'TZ]|thg|May|.){0,14}") {
        for mark in [None, Some(DecimalMark::Point), Some(DecimalMark::Comma)] {
            use_cell(&cell, DateOrder::DayFirst, mark, "VN");
            use_cell(&cell, DateOrder::MonthFirst, mark, "US");
        }
    }
}
