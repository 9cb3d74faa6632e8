use super::*;

fn rows(table: &Table) -> Vec<(usize, Vec<&str>)> {
    let columns = table.headers().len();
    table.rows().map(|row| (row.number(), (0..columns).map(|column| row.cell(column)).collect())).collect()
}

fn refused(text: &str) -> &'static str {
    Table::parse(text).expect_err("refused").code()
}

#[test]
fn the_separator_is_the_one_that_divides_the_rows_evenly() {
    for (text, separator) in [
        ("name,phone\nMai,1\n", Separator::Comma),
        ("name;phone;sum\nMai;1;1,50\nAn;2;2,50\n", Separator::Semicolon),
        ("name\tnote\nMai\ta, b, c; d\n", Separator::Tab),
        ("name|note\nMai|a,b\nAn|c,d\n", Separator::Pipe),
        ("name;city, country\nMai;Ha Noi, Viet Nam\n", Separator::Semicolon),
        ("name;city, country;phone\nMai;Ha Noi, Viet Nam;1\nAn;Hue, Viet Nam;2\n", Separator::Semicolon),
        ("\"name, first; last\",phone\n\"Mai; An\",1\n", Separator::Comma),
        ("\"a;b\";c\n\"1,2,3\";\"4,5,6\"\n", Separator::Semicolon),
        ("size,note\n5\" pipe,long\n6\" pipe,short\n", Separator::Comma),
        ("name\nMai\nAn\n", Separator::Comma),
        ("name,note\nMai,\"two\nlines; with, everything\"\nAn,\n", Separator::Comma),
        ("a;b;c\n1;2\n1;2;3\n1;2;3;4\n", Separator::Semicolon),
    ] {
        assert_eq!(table(text).separator(), separator, "{text}");
    }
}

#[test]
fn excels_own_first_line_names_the_separator_and_is_no_row() {
    for text in ["sep=|\r\na,b|c\r\n1|2\r\n", "sep=|\na,b|c\n1|2", "\"sep=|\"\ra,b|c\r1|2\r"] {
        let table = table(text);
        assert_eq!(table.separator(), Separator::Pipe);
        assert_eq!(table.headers(), ["a,b", "c"]);
        assert_eq!(rows(&table), [(2, vec!["1", "2"])]);
    }
    assert_eq!(table("sep=\t\na,b\tc\n1\t2\n").headers(), ["a,b", "c"]);
}

#[test]
fn rows_are_numbered_as_at_the_edge_of_the_spreadsheet() {
    for end in ["\n", "\r\n", "\r"] {
        let text = ["name,note", "", "Mai,\"two", "", "lines\"", ",", "", "", "An,x", "  ,  ", "Bo,y", ""].join(end);
        let table = table(&text);
        let numbers: Vec<(usize, &str)> = table.rows().map(|row| (row.number(), row.cell(0))).collect();
        assert_eq!(numbers, [(3, "Mai"), (7, "An"), (9, "Bo")], "{end:?}");
        assert_eq!(table.rows().next().map(|row| row.cell(1)), Some(["two", "", "lines"].join(end).as_str()));
    }
    let late: Vec<usize> = table("\n\nname\n\nMai").rows().map(Row::number).collect();
    assert_eq!(late, [5], "blank rows above the headers count, too");
}

#[test]
fn ragged_rows_are_taken_and_wide_ones_can_be_refused() {
    let table = table("a,b,c\n1\n1,2,3\n1,2,3,,\n1,2,3,4\n");
    let short = vec!["1", "", ""];
    let full = vec!["1", "2", "3"];
    assert_eq!(rows(&table), [(2, short), (3, full.clone()), (4, full.clone()), (5, full)]);
    let widths: Vec<_> = table.rows().map(|row| row.check_width().map_err(|error| error.code())).collect();
    assert_eq!(widths, [Ok(()), Ok(()), Ok(()), Err("row_too_wide")]);
}

#[test]
fn quotes_are_read_as_rfc_4180_has_them_and_loosely_elsewhere() {
    let table = table("a,b\n\"x \"\"y\"\" z\",\" 1 \"\n5\" pipe,'q'\n\"a\"b,c\n");
    let cells: Vec<_> = table.rows().map(|row| (row.cell(0), row.cell(1))).collect();
    assert_eq!(cells, [("x \"y\" z", " 1 "), ("5\" pipe", "'q'"), ("ab", "c")]);
}

#[test]
fn a_quote_that_never_closes_is_refused_with_its_row() {
    let error = Table::parse("a,b\n1,2\n\n3,\"four\n5,6\n7,8\n").expect_err("refused");
    assert_eq!((error.code(), error.facts()["row"].as_u64()), ("quote_unclosed", Some(4)));
    assert_eq!(refused("\"a,b\n1,2"), "quote_unclosed");
    for whole in ["a\n\"1\"", "a\n\"\"\"1\"", "a\n\"1\"\"\"", "a\n\"\"", "a\nx\"y", "a,b\n1,\"\"\n\n"] {
        assert!(Table::parse(whole).is_ok(), "{whole}");
    }
}

#[test]
fn a_file_of_nothing_but_separators_is_bounded() {
    assert_eq!(refused(&",".repeat(5_000)), "file_empty");
    assert_eq!(refused(&format!("a{}", ",".repeat(5_000))), "too_many_columns");
    assert_eq!(refused(&format!("a\n{}", "x\n".repeat(MAX_ROWS + 1))), "too_many_rows");
    assert_eq!(refused("\n \n,,\n"), "file_empty");
    assert!(table("name,phone\n").is_empty());
}

#[test]
fn headers_are_trimmed_and_cells_are_freed_of_what_keeps_them_text() {
    let table = table(" name , phone \n'=SUM(A1),=\"0945350398\"\n'quoted',='x'\n");
    assert_eq!(table.headers(), ["name", "phone"]);
    let cells: Vec<_> = table.rows().map(|row| (row.cell(0), row.cell(1))).collect();
    assert_eq!(cells, [("=SUM(A1)", "0945350398"), ("'quoted'", "='x'")]);
}

#[test]
fn no_two_columns_have_one_name() {
    for (headers, names) in [
        ("name,phone", vec!["name", "phone"]),
        ("Name,Phone,Phone,Phone", vec!["Name", "Phone (1)", "Phone (2)", "Phone (3)"]),
        ("Phone,Phone (1),Phone", vec!["Phone (2)", "Phone (1)", "Phone (3)"]),
        ("Phone,phone", vec!["Phone", "phone"]),
        ("Name,,x,", vec!["Name", "B", "x", "D"]),
        ("Name,,B,", vec!["Name", "B (1)", "B (2)", "D"]),
    ] {
        assert_eq!(table(headers).names(), names, "{headers}");
    }
    let wide: String = (0..703).map(|column| if column == 0 { "Name" } else { "," }).collect();
    let names = table(&wide).names();
    assert_eq!([&names[25], &names[26], &names[701], &names[702]], ["Z", "AA", "ZZ", "AAA"]);
}

#[test]
fn a_title_above_the_headers_is_no_header() {
    let titled = table("DANH SÁCH KHÁCH HÀNG;;;\n;;;\nNgày 25/11/2026;;;\nTên;SĐT;Nhóm;Ghi chú\nMai;1;VIP;\nAn;;;\n");
    assert_eq!(titled.headers(), ["Tên", "SĐT", "Nhóm", "Ghi chú"]);
    assert_eq!(titled.rows().map(Row::number).collect::<Vec<_>>(), [5, 6]);
    for (text, header) in [("name,\nMai,x\n", "name"), ("name\nNguyen, Mai, An\n", "name"), ("name,,\nMai,,\n", "name")]
    {
        assert_eq!(table(text).headers()[0], header, "{text}");
    }
}
