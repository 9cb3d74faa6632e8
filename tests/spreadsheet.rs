//! Spreadsheets as shops have them: taken in to the last row and amount, undone, and written so that nothing runs.

use crate::shop::{Alone, Till};
use regulars_testkit::folder::is_quick;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What a long spreadsheet must come to, known to whoever made it up.
#[derive(Default)]
struct Known {
    csv: String,
    new: u64,
    updated: u64,
    twins: u64,
    /// Row and code.
    errors: BTreeMap<u64, &'static str>,
    total: i64,
    /// Phone, card and credit of everybody who is taken in, by name and number.
    people: Vec<Person>,
}

#[derive(Clone)]
struct Person {
    name: String,
    number: usize,
    card: String,
    credit: i64,
    shares_number: bool,
}

/// Numbers that are the same for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below as u64) as usize
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.roll(all.len())]
    }
}

const FAMILIES: [&str; 8] = ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Đặng", "Lý", "Võ"];
const MIDDLES: [&str; 6] = ["Thị", "Văn", "Quang", "Minh", "Thùy", "Đức"];
const GIVENS: [&str; 8] = ["Mai", "Thắng", "Dương", "Anh", "Hương", "Tú", "Ngọc", "Bảo"];

fn phone(number: usize) -> String {
    format!("0945{number:06}")
}

/// One number as people and Excel write it.
fn spelled(dice: &mut Dice, number: usize) -> String {
    let plain = phone(number);
    match dice.roll(5) {
        0 => plain,
        1 => format!("{} {} {}", &plain[..4], &plain[4..7], &plain[7..]),
        2 => format!("+84 {}", &plain[1..]),
        3 => plain[1..].to_owned(),
        _ => format!("{}.{}E+08", &plain[1..2], &plain[2..]),
    }
}

fn with_points(amount: i64) -> String {
    let digits = amount.to_string();
    let mut written = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            written.push('.');
        }
        written.push(digit);
    }
    written
}

fn make_up(rows: u64, seed: u64) -> Known {
    let mut dice = Dice(seed);
    let mut known = Known::default();
    known.csv.push_str("\u{feff}Họ và tên;SĐT;Ngày sinh;Email;Số thẻ;Số dư;Nhóm;Ghi chú;Ngày tham gia\r\n");
    for row in 2..rows + 2 {
        let number = known.people.len();
        let mut name = format!("{} {} {}", dice.of(&FAMILIES), dice.of(&MIDDLES), dice.of(&GIVENS));
        let mut typed_phone = spelled(&mut dice, number);
        let mut birthday = dice.of(&["30/5/1996", "1996-05-30", "30/5", "35215", ""]);
        let mut email = String::new();
        let mut card = if dice.roll(3) == 0 { format!("84{row:014}") } else { String::new() };
        let credit = if dice.roll(2) == 0 { 1_000 * dice.roll(2_500) as i64 } else { 0 };
        let mut written_credit = match dice.roll(3) {
            0 => with_points(credit),
            1 => format!("{} ₫", with_points(credit)),
            _ => credit.to_string(),
        };
        let earlier = (number > 0).then(|| dice.roll(number));
        let what = match (dice.roll(100), earlier) {
            (0 | 1, _) => {
                birthday = "31/02/1990";
                "birthday_invalid"
            }
            (2, _) => {
                typed_phone = "9.45E+08".to_owned();
                "phone_rounded"
            }
            (3, _) => {
                name.clear();
                "required"
            }
            (4, _) => {
                written_credit = "a lot".to_owned();
                "amount_invalid"
            }
            (5, Some(earlier)) if !known.people[earlier].card.is_empty() => {
                card.clone_from(&known.people[earlier].card);
                "card_taken"
            }
            (6..=9, Some(earlier)) => {
                // The same person once more, in another spelling and with something new.
                let person = &mut known.people[earlier];
                name.clone_from(&person.name);
                typed_phone = spelled(&mut dice, person.number);
                email = format!("m{}@example.com", person.number);
                card.clear();
                person.credit += credit;
                "updated"
            }
            (10 | 11, Some(earlier)) if !known.people[earlier].shares_number => {
                // A family that shares a number.
                known.people[earlier].shares_number = true;
                name = format!("Cháu {}", known.people[earlier].name);
                typed_phone = spelled(&mut dice, known.people[earlier].number);
                "twin"
            }
            _ => "new",
        };
        match what {
            "new" => {
                known.new += 1;
                known.people.push(Person {
                    name: name.clone(),
                    number,
                    card: card.clone(),
                    credit,
                    shares_number: false,
                });
            }
            "twin" => {
                known.new += 1;
                known.twins += 1;
            }
            "updated" => known.updated += 1,
            code => drop(known.errors.insert(row, code)),
        }
        if ["new", "twin", "updated"].contains(&what) {
            known.total += credit;
        }
        let group = dice.of(&["", "VIP", "VIP, sỉ"]);
        let note = dice.of(&["", "\"hay đến; thích \"\"phở\"\"\"", "\"hai\ndòng\"", "=1+1"]);
        writeln!(
            known.csv,
            "{name};{typed_phone};{birthday};{email};{card};{written_credit};{group};{note};26/9/2019\r"
        )
        .expect("written");
    }
    known
}

fn check_report(report: &Value, known: &Known) {
    let told = ["new", "updated", "twins"].map(|key| report[key].as_u64().expect("a count"));
    assert_eq!(told, [known.new, known.updated, known.twins], "{:.2000}", report["errors"].to_string());
    assert_eq!(report["opening_total"], json!({ "minor": known.total, "currency": "VND" }));
    let errors = report["errors"].as_array().expect("a list").iter();
    let errors: BTreeMap<u64, &str> =
        errors.map(|error| (error["row"].as_u64().expect("a row"), error["code"].as_str().expect("a code"))).collect();
    assert_eq!(errors, known.errors.iter().map(|(row, code)| (*row, *code)).collect());
    assert!(report["errors"].as_array().expect("a list").iter().all(|error| error["field"].is_string()));
}

fn write(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, bytes).expect("written");
    path
}

fn import(till: &Till, file: &Path, location: &str, more: &[&str]) -> (i32, Value) {
    let path = file.to_str().expect("a path");
    let ended = till.cli.run(&[&["import", "members", path, "--location", location], more].concat());
    (ended.code, ended.json)
}

#[test]
fn twenty_thousand_messy_rows_come_to_what_they_say_before_anything_is_written() {
    let till = Alone::open();
    let known = make_up(20_000, 0x5eed);
    assert!(known.errors.len() > 800 && known.twins > 200 && known.updated > 500, "the dice are loaded");
    let file = write(till.folder.path(), "khách hàng.csv", &known.csv);
    let began = Instant::now();
    let (code, report) = import(&till, &file, "KM", &["--dry-run"]);
    assert!(began.elapsed() < Duration::from_secs(60), "looking took {:?}", began.elapsed());
    assert_eq!((code, &report["batch"]), (3, &Value::Null), "{report:.300}");
    check_report(&report, &known);
    assert_eq!(till.look("KM", &phone(0)).1, "not_in_copy");
}

#[test]
fn hundreds_of_messy_rows_are_taken_in_to_the_last_and_can_be_undone() {
    take_in_and_undo(800);
}

#[test]
fn twenty_thousand_messy_rows_are_taken_in_to_the_last_and_can_be_undone() {
    if is_quick() {
        return;
    }
    take_in_and_undo(20_000);
}

fn take_in_and_undo(rows: u64) {
    let till = Alone::open_at("2026-10-01T08:00:00+07:00");
    let known = make_up(rows, rows);
    let file = write(till.folder.path(), "in.csv", &known.csv);
    let nothing = |till: &Till| (till.count_of_changes(), till.look("KM", &phone(0)).1);
    let before = nothing(&till);
    // Where the total is another one than the owner says, nothing happens.
    let (code, error) = import(&till, &file, "KM", &["--expect-total", &(known.total + 1).to_string()]);
    let told = (code, error["code"].as_str(), error["field"].as_str());
    assert_eq!(told, (6, Some("total_differs"), Some("expect_total")), "{error:.300}");
    assert_eq!(nothing(&till), before);
    let began = Instant::now();
    let (code, report) = import(&till, &file, "KM", &["--expect-total", &known.total.to_string()]);
    println!("{rows} rows were taken in within {:?}", began.elapsed());
    assert_eq!(code, 3, "{report:.300}");
    check_report(&report, &known);
    // Whoever is in it is found, with the credit of all their rows.
    for place in [0, 1, 77, known.people.len() / 2, known.people.len() - 1] {
        let person = &known.people[place];
        let query = if person.card.is_empty() { phone(person.number) } else { person.card.clone() };
        let found = till.cli.done(&["member", "find", "--location", "KM", &query]);
        let mut members = found["members"].as_array().expect("a list").iter();
        let same = members.find(|member| member["name"]["full"] == person.name);
        let member = same.unwrap_or_else(|| panic!("{} is not found by {query}", person.name));
        let told = (&member["credit"]["balance"]["minor"], &member["member_since"]);
        assert_eq!(told, (&json!(person.credit), &json!("2019-09-26")));
    }
    till.at("2026-10-01T08:05:00+07:00");
    let began = Instant::now();
    let undone = till.does(&format!("import undo {}", report["batch"].as_str().expect("a batch")));
    println!("{rows} rows were undone within {:?}", began.elapsed());
    assert_eq!((&undone["undone"], &undone["kept"]), (&json!(known.new + known.updated), &json!(0)));
    for person in [&known.people[0], &known.people[77]] {
        assert_eq!(till.look("KM", &phone(person.number)), (5, "not_in_copy".to_owned(), vec![]));
    }
    let out = till.folder.join("out.csv");
    for what in ["members", "ledger"] {
        assert_eq!(till.cli.done(&["export", what, out.to_str().expect("a path")])["rows"], 0, "{what}");
    }
    assert_eq!(till.refuses(5, "import undo 01a0f4f9-b280-7154-a0f2-6c849361d963").0, "batch_not_found");
    assert_eq!(till.does("doctor")["findings"], json!([]));
}

/// The same three members in the encodings and dialects that spreadsheet programs write.
#[test]
fn a_file_is_read_in_whatever_excel_saved_it_as() {
    let text = "Họ tên\tSĐT\tSố dư\r\nTrần Thị Đào\t0945350398\t1.250.000\r\nLý Tú\t+84 912 000 417\t\r\nÉlodie\t987654321\t350.000\r\n";
    let utf16 = |to_bytes: fn(u16) -> [u8; 2], mark: [u8; 2]| {
        let mut bytes = mark.to_vec();
        bytes.extend(text.encode_utf16().flat_map(to_bytes));
        bytes
    };
    // Windows-1258: marks that it lacks letters for follow them.
    let mut windows = Vec::new();
    for piece in [
        &b"H\x6f\xf2 t\xean;S\xd0T;S\xf4\xec d\xfd\r\n"[..],
        b"Tr\xe2\xccn Thi\xf2 \xd0\xe0o;0945350398;1.250.000\r\n",
        b"L\x79\xec T\xfa;+84 912 000 417;\r\n\xc9lodie;987654321;350.000\r\n",
    ] {
        windows.extend_from_slice(piece);
    }
    for (name, bytes) in [
        ("UTF-8", text.as_bytes().to_vec()),
        ("UTF-8 with mark and semicolons", format!("\u{feff}{}", text.replace('\t', ";")).into_bytes()),
        ("commas and lone line feeds", text.replace('\t', ",").replace("\r\n", "\n").into_bytes()),
        ("UTF-16 little endian", utf16(u16::to_le_bytes, [0xff, 0xfe])),
        ("UTF-16 big endian", utf16(u16::to_be_bytes, [0xfe, 0xff])),
        ("Windows-1258", windows),
    ] {
        let till = Alone::open();
        let (code, report) =
            import(&till, &write(till.folder.path(), "in.csv", bytes), "KM", &["--expect-total", "1600000"]);
        assert_eq!((code, &report["new"], &report["errors"]), (0, &json!(3), &json!([])), "{name}: {report}");
        for (query, member) in [("0945350398", "Trần Thị Đào"), ("0912000417", "Lý Tú"), ("0987654321", "Élodie")]
        {
            assert_eq!(till.find(query), [member], "{name}");
        }
    }
}

#[test]
fn a_second_time_adds_what_is_new_and_books_no_credit_twice() {
    let till = Alone::open();
    let id = till.add(
        "KM",
        &json!({ "name": { "full": "Mai" }, "phone": "0912000417", "note": "here before", "labels": ["VIP"] }),
    );
    let csv = "Tên,SĐT,Email,Số dư\nMai,0912 000 417,mai@example.com,50000\nLan,0987654321,,20000\n";
    let file = write(till.folder.path(), "in.csv", csv);
    let (code, report) = import(&till, &file, "KM", &[]);
    assert_eq!((code, &report["new"], &report["updated"]), (0, &json!(1), &json!(1)), "{report}");
    let shown = till.show(&id);
    assert_eq!(
        (&shown["email"], &shown["note"], &shown["labels"]),
        (&json!("mai@example.com"), &json!("here before"), &json!(["VIP"]))
    );
    assert_eq!(shown["credit"]["balance"]["minor"], 50_000);
    // The same file again: the balances are here already.
    let (code, again) = import(&till, &file, "KM", &[]);
    let codes: Vec<_> = again["errors"].as_array().expect("a list").iter().map(|error| &error["code"]).collect();
    assert_eq!((code, codes), (3, vec![&json!("opening_exists"); 2]), "{again}");
    assert_eq!((till.balance(&id), &again["new"]), (50_000, &json!(0)));
    // Without them it says nothing new.
    let bare = write(till.folder.path(), "bare.csv", csv.replace(",Số dư", ",Điểm"));
    let (code, same) = import(&till, &bare, "KM", &[]);
    assert_eq!((code, &same["unchanged"], &same["updated"]), (0, &json!(2), &json!(0)), "{same}");
    // Undoing the first leaves who was here before, as they were.
    till.does(&format!("import undo {}", report["batch"].as_str().expect("a batch")));
    let shown = till.show(&id);
    assert_eq!(
        (&shown["email"], &shown["note"], &shown["credit"]["balance"]["minor"]),
        (&Value::Null, &json!("here before"), &json!(0))
    );
    assert_eq!(till.find("0987654321"), Vec::<String>::new());
}

#[test]
fn who_was_merged_since_has_no_opening_balance_twice() {
    let till = Alone::open();
    let file = write(till.folder.path(), "in.csv", "Tên,SĐT,Số dư\nMai,0912000417,50000\n");
    assert_eq!(import(&till, &file, "KM", &[]).0, 0);
    let mai = till.does("member find --location KM 0912000417")["members"][0]["id"].as_str().expect("an id").to_owned();
    let other = till.register("Mai", "0987654321");
    till.does(&format!("member merge {other} {mai}"));
    let (code, again) = import(&till, &file, "KM", &[]);
    assert_eq!((code, &again["errors"][0]["code"]), (3, &json!("opening_exists")), "{again}");
    assert_eq!(till.balance(&other), 50_000);
}

#[test]
fn whose_opening_balance_was_used_stays_when_the_batch_is_undone() {
    let till = Alone::open();
    let file = write(till.folder.path(), "in.csv", "Tên,SĐT,Số dư\nMai,0912000417,50000\nLan,0987654321,20000\n");
    let batch = import(&till, &file, "KM", &[]).1["batch"].as_str().expect("a batch").to_owned();
    let mai = till.does("member find --location KM 0912000417")["members"][0]["id"].as_str().expect("an id").to_owned();
    till.does(&format!("credit redeem {mai} 1000 --location KM"));
    let undone = till.ends(3, &format!("import undo {batch}"));
    assert_eq!((&undone["undone"], &undone["kept"]), (&json!(1), &json!(1)));
    assert_eq!((till.balance(&mai), till.find("0987654321").len()), (49_000, 0));
}

/// A file, words about its columns, and what is told: the code and the field of the file, or of its only row.
#[test]
fn what_cannot_be_read_is_told_by_row_and_field() {
    let till = Alone::open();
    till.does(&format!("card issue {} --serial 1111", till.register("An", "0900000001")));
    type Case<'a> = (&'a [u8], &'a [&'a str], i32, &'a str, Option<&'a str>);
    let table: &[Case<'_>] = &[
        (b"", &[], 2, "file_empty", None),
        (b"PK\x03\x04 a workbook", &[], 2, "not_a_spreadsheet_text", None),
        (b"SDT\n0912000417\n", &[], 2, "column_missing", Some("full_name")),
        (b"Ten,SDT\nMai,0912000417\n", &["--map", "Age=phone"], 2, "column_unknown", None),
        (b"Ten,SDT\nMai,0912000417\n", &["--map", "SDT=age"], 2, "field_unknown", None),
        (b"Ten,SDT\nMai,0912000417\n", &["--map", "SDT"], 2, "mapping_invalid", None),
        (b"Ten,SDT\nMai,0912000417\n", &["--expect-total", "a lot"], 2, "amount_invalid", Some("amount")),
        (b"Ten,SDT\nMai,call me\n", &[], 3, "phone_invalid", Some("phone")),
        (b"Ten,SDT\nMai,\n", &[], 3, "required", Some("phone")),
        (b"Ten,SDT,Email\nMai,0912000417,mai\n", &[], 3, "email_invalid", Some("email")),
        (b"Ten,SDT,So the\nMai,0912000417,1111\n", &[], 3, "card_taken", Some("serial_number")),
        (b"Ten,SDT,So the\nMai,0912000417,V-AENB-GWT4\n", &[], 3, "card_check", Some("serial_number")),
        (b"Ten,SDT,So the\nMai,0912000417,8.40E+15\n", &[], 3, "card_rounded", Some("card")),
        (b"Ten,SDT,So du\nMai,0912000417,-5000\n", &[], 3, "amount_not_positive", Some("amount")),
        (b"Ten,SDT,Ngay tham gia\nMai,0912000417,31/4/2020\n", &[], 3, "date_invalid", Some("member_since")),
    ];
    for (bytes, words, exit, code, field) in table {
        let file = write(till.folder.path(), "in.csv", bytes);
        let (ended, told) = import(&till, &file, "KM", words);
        let told = if *exit == 3 { &told["errors"][0] } else { &told };
        let text = String::from_utf8_lossy(bytes);
        assert_eq!((ended, told["code"].as_str()), (*exit, Some(*code)), "{text} {words:?}: {told}");
        if field.is_some() {
            assert_eq!(told["field"].as_str(), *field, "{text} {words:?}: {told}");
        }
        assert_eq!(till.find("0912000417"), Vec::<String>::new(), "{text} {words:?}");
    }
    let missing = till.folder.join("missing.csv");
    assert_eq!(import(&till, &missing, "KM", &[]).1["code"], "file_failed");
    // Said by a person, a column is what they say.
    let file = write(till.folder.path(), "in.csv", "A;B;C;D\nMai;0912000417;7,5;0987654321\n");
    let (code, report) = import(
        &till,
        &file,
        "LY",
        &["--map", "A=full_name", "--map", "D=phone", "--map", "3=opening_balance", "--map", "B="],
    );
    assert_eq!((code, &report["opening_total"]["minor"]), (0, &json!(750)), "{report}");
    assert_eq!((till.look("LY", "0987654321").2, till.look("LY", "0912000417").0), (vec!["Mai".to_owned()], 5));
}

/// The cells of a CSV file that quotes its text (RFC 4180).
fn cells(bytes: &[u8]) -> Vec<Vec<String>> {
    let text = std::str::from_utf8(bytes).expect("UTF-8").strip_prefix('\u{feff}').expect("Excel needs the mark");
    let (mut rows, mut row, mut cell, mut is_quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if is_quoted && characters.peek() == Some(&'"') => cell.extend(characters.next()),
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !is_quoted => {}
            '\n' if !is_quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            other => cell.push(other),
        }
    }
    rows
}

#[test]
fn an_export_runs_nothing_and_comes_back_without_a_change() {
    let till = Alone::open_at("2026-10-01T08:00:00+07:00");
    for (number, name) in
        ["=HYPERLINK(\"http://evil\",\"x\")", "+84 Mai", "-Lan", "@SUM(A1)", "'=1+1", "Lý \"Tú\", Quang", "＝cmd"]
            .iter()
            .enumerate()
    {
        let phone = format!("+84 912 000 {number:03}");
        let member = json!({ "name": { "full": name }, "phone": phone, "note": "=1+1\n-2+3", "labels": ["@x", "VIP"],
                             "birthday": { "month": 5, "day": 9 }, "email": format!("m{number}@example.com"),
                             "reference": format!("={number}"), "discount_percent": "2.5" });
        let id = till.add("KM", &member);
        till.does(&format!("card issue {id} --serial =11{number}"));
        till.top_up(&id, "50000");
        till.cli.done(&["credit", "adjust", &id, "-5000", "--location", "KM", "--reason", "=cmd|' /C calc'!A0"]);
    }
    till.at("2026-11-01T08:00:00+07:00");
    let export = |what: &str| {
        let file = till.folder.join(&format!("{what}.csv"));
        let told = till.cli.done(&["export", what, file.to_str().expect("a path")]);
        let rows = cells(&fs::read(&file).expect("a file"));
        assert_eq!(told["rows"], json!(rows.len() - 1), "{what}");
        for cell in rows.iter().flatten() {
            let is_number = cell.trim_start_matches('-').parse::<f64>().is_ok() && !cell.starts_with('+');
            let is_armed = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
            assert!(!is_armed || is_number, "{cell} would run");
        }
        (file, rows)
    };
    let (file, rows) = export("members");
    assert_eq!(rows.len(), 8);
    let before = till.does("member find --location KM 0912000");
    assert_eq!(before["members"].as_array().map(Vec::len), Some(7));
    let (code, report) = import(&till, &file, "KM", &[]);
    let told = ["new", "updated", "unchanged", "twins"].map(|key| report[key].as_u64().expect("a count"));
    assert_eq!((code, told, &report["errors"]), (0, [0, 0, 7, 0], &json!([])), "{report}");
    assert_eq!(till.does("member find --location KM 0912000"), before);
    let (_, rows) = export("ledger");
    let amount = rows[0].iter().position(|heading| heading == "amount").expect("a column");
    let amounts: Vec<i64> = rows[1..].iter().map(|row| row[amount].parse().expect("a number")).collect();
    assert_eq!((amounts.len(), amounts.iter().sum::<i64>()), (14, 7 * 45_000));
    // Another till has them all from it, under the same references and cards.
    let other = Alone::open_at("2026-11-01T08:00:00+07:00");
    let (code, report) = import(&other, &file, "KM", &["--map", "balance_now=opening_balance"]);
    assert_eq!((code, &report["new"], &report["opening_total"]["minor"]), (0, &json!(7), &json!(315_000)), "{report}");
    let known = |till: &Till| {
        let found = till.does("member find --location KM =113")["members"][0].clone();
        ["name", "phone", "email", "birthday", "note", "labels", "reference", "member_since"]
            .map(|field| found[field].clone())
    };
    assert_eq!(known(&other), known(&till));
}
