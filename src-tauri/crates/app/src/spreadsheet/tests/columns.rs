use super::*;
use crate::spreadsheet::ImportField as Field;

fn guessed(text: &str) -> Vec<Option<&'static str>> {
    let table = table(text);
    let columns = Columns::guess(&table);
    (0..table.headers().len()).map(|column| columns.field(column).map(Field::name)).collect()
}

fn mapped(text: &str, mappings: &[&str]) -> Result<Columns, SheetError> {
    let mappings = mappings.iter().map(|mapping| mapping.parse()).collect::<Result<Vec<Mapping>, _>>()?;
    Columns::mapped(&table(text), &mappings)
}

#[test]
fn one_header_in_any_language_says_which_field_it_is() {
    for (field, headers) in [
        (
            Field::FullName,
            "Họ và tên|HỌ TÊN|Tên|Tên khách hàng|Tên KH|name|Full Name|full_name|Customer name|Nom complet|Meno|Meno a priezvisko|Jméno|Kundenname|Khách hàng",
        ),
        (
            Field::Phone,
            "SĐT|Điện thoại|Số điện thoại|sdt khách hàng|SĐT 1|Phone|Phone (mobile)|Mobile No.|Téléphone|N° de téléphone|Telefón|Telefon|Handynummer|Tel.|phone_number|Customer phone",
        ),
        (Field::Email, "Email|E-mail|E-Mail-Adresse|Thư điện tử|Email KH|Courriel|e-mailová adresa|EMAIL ADDRESS"),
        (
            Field::Birthday,
            "Ngày sinh|Sinh nhật|Ngày sinh (dd/mm/yyyy)|Birthday|Date of birth|DOB|Date de naissance|Dátum narodenia|Datum narození|Geburtsdatum",
        ),
        (
            Field::Card,
            "Thẻ|Mã thẻ|Số thẻ|Card|Card no.|Loyalty card|Numéro de carte|Číslo karty|Kartennummer|Mã thẻ thành viên",
        ),
        (
            Field::OpeningBalance,
            "Số dư|Số dư (VND)|Số dư VND|SỐ DƯ ĐẦU KỲ|Balance|Balance EUR|Opening balance|opening_balance|Store credit|Solde|Zostatok|Zůstatek|Guthaben",
        ),
        (Field::Label, "Nhóm|Nhóm khách hàng|Label|labels|Tags|Customer group|Groupe|Skupina|Štítky|Gruppe"),
        (Field::Note, "Ghi chú|Ghi chú nội bộ|Note|Notes|Comments|Remarque|Poznámka|Bemerkung"),
        (
            Field::Reference,
            "Mã KH|Mã khách hàng|Mã số|Customer ID|Customer number|Member No|Reference|Code|Numéro client|Kundennummer|Číslo zákazníka",
        ),
        (
            Field::MemberSince,
            "Member since|member_since|Ngày tham gia|Ngày đăng ký|Ngày tạo|Created at|Date d’inscription|Člen od|Mitglied seit",
        ),
        (Field::Given, "Given name|First name|Prénom|Krstné meno|Vorname"),
        (Field::Family, "Family name|Surname|Nom de famille|Priezvisko|Nachname|Họ|Họ đệm"),
    ] {
        for header in headers.split('|') {
            assert_eq!(guessed(&format!("x;{header}\n;\n")), [None, Some(field.name())], "{header}");
        }
    }
}

#[test]
fn headers_that_mean_something_else_are_left_alone() {
    for header in [
        "Địa chỉ",
        "Địa chỉ khách hàng",
        "Customer address",
        "STT",
        "No.",
        "#",
        "Số dư điểm",
        "Loyalty points balance",
        "Công nợ",
        "Member type",
        "Hạng thẻ",
        "Fax",
        "Mã số thuế",
        "Mã số thuế công ty",
        "Last purchase",
        "Gender",
        "Numéro",
        "Số tài khoản ngân hàng",
        "",
        "Debt",
        "Ngày mua cuối",
    ] {
        assert_eq!(guessed(&format!("x;{header}\n;\n")), [None, None], "{header}");
    }
}

#[test]
fn a_word_for_name_is_what_the_other_columns_leave_over() {
    for (text, fields) in [
        ("Nom;Prénom\na;b\n", ["family", "given"]),
        ("Meno;Priezvisko\na;b\n", ["given", "family"]),
        ("Họ;Tên\na;b\n", ["family", "given"]),
        ("Name;Vorname\na;b\n", ["family", "given"]),
        ("First name;Name\na;b\n", ["given", "family"]),
        ("Tên;SĐT\na;b\n", ["full_name", "phone"]),
    ] {
        assert_eq!(guessed(text), fields.map(Some), "{text}");
    }
    assert_eq!(guessed("Name;First name;Last name\na;b;c\n"), ["full_name", "given", "family"].map(Some));
}

#[test]
fn each_field_is_taken_once_by_the_surest_column() {
    assert_eq!(guessed("Phone 2;Phone;Mobile\n1;2;3\n"), [None, Some("phone"), None]);
    assert_eq!(guessed("Email;Email 2\na@b.c;d@e.f\n"), [Some("email"), None]);
    assert_eq!(guessed("Name;Name\na;b\n"), [Some("full_name"), None]);
}

#[test]
fn a_word_within_a_header_counts_only_where_the_cells_agree() {
    assert_eq!(guessed("Name;Email marketing allowed\nA;yes\nB;no\n"), [Some("full_name"), None]);
    assert_eq!(guessed("Name;Private email now\nA;a@example.net\n"), [Some("full_name"), Some("email")]);
    assert_eq!(guessed("Name;Loyalty card type\nA;gold\nB;silver\n"), [Some("full_name"), None]);
    assert_eq!(guessed("Name;Contact telephone home\nA;0945350398\n"), [Some("full_name"), Some("phone")]);
}

#[test]
fn cells_tell_what_a_header_does_not() {
    for (cells, field) in [
        ("0945350398\n+84 912 345 678\n(024) 3825 1234", Some("phone")),
        ("a@example.net\nb@example.net", Some("email")),
        ("30/5/1996\n1/12/1980\n", Some("birthday")),
        ("30/5\n1/12\n", Some("birthday")),
        ("2024-05-30\n2023-01-01\n", None),
        // Serial numbers, national identity numbers, amounts and row numbers are told by nothing.
        ("35215\n35216\n", None),
        ("001096012345\n001096012346\n", None),
        ("123456789\n987654321\n", None),
        ("1\n2\n3\n", None),
        ("1250000\n500000\n", None),
        ("", None),
    ] {
        let rows: String = cells.lines().map(|cell| format!("x;{cell}\n")).collect();
        assert_eq!(guessed(&format!("Name;Cột X\n{rows}")), [Some("full_name"), field], "{cells}");
    }
    assert_eq!(guessed("Name;MST\nA;0101234567\n"), [Some("full_name"), None], "a tax number is no phone number");
    assert_eq!(guessed("Meno;Numéro\nA;0945350398\n"), [Some("full_name"), Some("phone")]);
}

#[test]
fn what_a_person_says_goes_before_any_guess() {
    let text = "Name,Phone,Old,Email\nA,1,2,3\n";
    for mapping in ["Old=phone", "old=phone", " Old =phone", "3=phone", "C=phone", "c=phone"] {
        let columns = mapped(text, &[mapping]).expect("mapped");
        assert_eq!(columns.column(Field::Phone), Some(2), "{mapping}");
        assert_eq!((columns.column(Field::FullName), columns.column(Field::Email)), (Some(0), Some(3)));
        assert_eq!(columns.field(1), None, "the guess gives way");
    }
    let without = mapped(text, &["Email="]).expect("mapped");
    assert_eq!(without.column(Field::Email), None, "a column can be left out");
    let both = mapped(text, &["Name=full_name", "Name=reference"]).expect("mapped");
    assert_eq!((both.column(Field::FullName), both.column(Field::Reference)), (Some(0), Some(0)));
}

#[test]
fn a_header_goes_before_a_letter_and_a_number() {
    assert_eq!(mapped("x,A,1\n1,2,3\n", &["A=phone"]).map(|c| c.column(Field::Phone)), Ok(Some(1)));
    assert_eq!(mapped("x,A,1\n1,2,3\n", &["1=phone"]).map(|c| c.column(Field::Phone)), Ok(Some(2)));
    let wide: String = (0..30).map(|column| format!("h{column},")).collect();
    assert_eq!(mapped(&wide, &["AA=phone"]).map(|c| c.column(Field::Phone)), Ok(Some(26)));
    assert_eq!(mapped("a=b,c\n1,2\n", &["a=b=phone"]).map(|c| c.column(Field::Phone)), Ok(Some(0)));
}

#[test]
fn each_of_several_columns_with_one_header_can_be_named() {
    let text = "Name,Phone,Phone,\nA,1,2,3\n";
    for (mapping, column) in [("Phone (1)=phone", 1), ("Phone (2)=phone", 2), ("3=phone", 2), ("D=phone", 3)] {
        assert_eq!(mapped(text, &[mapping]).map(|c| c.column(Field::Phone)), Ok(Some(column)), "{mapping}");
    }
}

#[test]
fn an_unknown_column_or_field_is_named() {
    let text = "Name,Phone,Phone\nA,1,2\n";
    for (mappings, code, named) in [
        (["Nobody=phone"].as_slice(), "column_unknown", "Nobody"),
        (&["4=phone"], "column_unknown", "4"),
        (&["0=phone"], "column_unknown", "0"),
        (&["ZZZ=phone"], "column_unknown", "ZZZ"),
        (&["=phone"], "column_unknown", ""),
        (&["Phone=phone"], "column_ambiguous", "Phone"),
        (&["Name=surname"], "field_unknown", "surname"),
        (&["Name"], "mapping_invalid", "Name"),
        (&["1=phone", "2=phone"], "field_twice", "phone"),
        (&["99999999999999999999999=phone"], "column_unknown", "99999999999999999999999"),
    ] {
        let error = mapped(text, mappings).expect_err("refused");
        assert_eq!(error.code(), code, "{mappings:?}");
        assert!(error.to_string().contains(named), "{error}");
    }
}

#[test]
fn a_name_is_whole_or_put_together_in_the_order_of_the_country() {
    let table = table("full_name,given,family\nMai Anh,,\n,Thắng,Lý\n,Thắng,\n,,\n");
    let columns = Columns::guess(&table);
    let names = |code| -> Vec<Option<String>> {
        let name = |row| columns.full_name(row, country(code)).expect("readable");
        table.rows().map(|row| name(row).map(std::borrow::Cow::into_owned)).collect()
    };
    let some = |name: &str| Some(name.to_owned());
    assert_eq!(names("VN"), [some("Mai Anh"), some("Lý Thắng"), some("Thắng")]);
    assert_eq!(names("FR"), [some("Mai Anh"), some("Thắng Lý"), some("Thắng")]);
    assert_eq!(columns.check_name(), Ok(()));
    let nameless = mapped("phone\n1\n", &[]).expect("mapped").check_name().expect_err("refused");
    assert_eq!((nameless.code(), nameless.field()), ("column_missing", Some("full_name")));
}

#[test]
fn an_export_is_taken_back_by_its_own_headers() {
    let names = ImportField::ALL.map(ImportField::name);
    assert_eq!(guessed(&format!("{}\n", names.join(","))), names.map(Some));
}
