//! A card is scanned while something else stands there: nothing that was typed is lost, nothing is confirmed, and the
//! page says what becomes of the scan.

use super::hands::*;
use super::lists::old_list;
use crate::shop::Shop;
use fantoccini::key::Key;
use regulars_testkit::folder::is_quick;
use regulars_testkit::page::Page;
use regulars_testkit::window::Window;
use serde_json::{Value, json};

/// What a dialog says that has no use for a card.
pub const HELD: &str = "Card scanned. Finish or leave this first, then scan it again.";

/// How a dialog is opened over the member.
enum Opens {
    Key(Key),
    Button(&'static str),
    /// What can be done with a line of the history.
    Line(&'static str),
}

/// A dialog over the counter, what is typed into it before, and what a scan of somebody else's card does.
struct Dialog {
    opens: Opens,
    typed: &'static [(&'static str, &'static str)],
    /// The field that the scan is meant for, if any.
    takes: Option<&'static str>,
    says: &'static str,
}

const NOT_THEIRS: &str = "Card …0017 is not one of this member’s.";
const IN_USE: &str = "This is the card of Phạm Thùy Dương. Take another one.";

const DIALOGS: [Dialog; 8] = [
    Dialog { opens: Opens::Key(Key::F4), typed: &[("topup-amount", "20,000")], takes: None, says: HELD },
    Dialog { opens: Opens::Key(Key::F5), typed: &[("pay-bill", "250,000")], takes: Some("pay-card"), says: NOT_THEIRS },
    Dialog { opens: Opens::Key(Key::F6), typed: &[], takes: Some("card-serial"), says: IN_USE },
    Dialog { opens: Opens::Line("line-return"), typed: &[("return-amount", "1,000")], takes: None, says: HELD },
    Dialog { opens: Opens::Line("line-void"), typed: &[("void-reason", "Wrong bill")], takes: None, says: HELD },
    Dialog { opens: Opens::Line("line-slip"), typed: &[], takes: None, says: HELD },
    Dialog {
        opens: Opens::Button("do-cash-out"),
        typed: &[("cash-out-amount", "1,000")],
        takes: Some("cash-out-card"),
        says: NOT_THEIRS,
    },
    Dialog {
        opens: Opens::Button("do-adjust"),
        typed: &[("adjust-amount", "1,000"), ("adjust-reason", "Counted twice")],
        takes: None,
        says: HELD,
    },
];

/// All fields of what stands on top, as they are filled: ids with values, choices with whether they are taken.
async fn filled(page: &Page) -> Vec<(String, Value)> {
    const FIELDS: &str = "[...(document.querySelector('dialog[open]') ?? document.querySelector('main'))
        .querySelectorAll('input, textarea, select')]
        .map((field) => [field.id, ['radio', 'checkbox'].includes(field.type) ? field.checked : field.value])";
    serde_json::from_value(page.get(FIELDS).await).expect("ids and values")
}

/// Scans somebody else's card, and waits for what is said; all fields but the one that takes it are as they were.
async fn scan_over(page: &Page, takes: Option<&str>, says: &str) {
    let others = |fields: Vec<(String, Value)>| -> Vec<(String, Value)> {
        fields.into_iter().filter(|(id, _)| Some(id.as_str()) != takes).collect()
    };
    let heading = "document.querySelector('dialog[open] h1, main h1')?.innerText";
    let (stands, before) = (page.get(heading).await, others(filled(page).await));
    page.scan(OTHERS_CARD).await;
    page.until_text(says).await;
    assert_eq!(page.get(heading).await, stands, "it still stands");
    assert_eq!(others(filled(page).await), before, "as it was typed in {stands}");
}

async fn open(page: &Page, opens: &Opens) {
    match opens {
        Opens::Key(key) => press(page, *key).await,
        Opens::Button(id) => enter_at(page, id).await,
        Opens::Line(id) => do_with_line(page, id).await,
    }
    page.until("document.querySelector('dialog[open]')?.contains(document.activeElement)").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_over_a_dialog_loses_nothing_confirms_nothing_and_says_so() {
    if is_quick() {
        return;
    }
    let shop = Shop::open();
    let till = shop.till("A");
    let member = stock(&till);
    till.cli.done(&["sale", &member, "200000", "--location", "KM", "--redeem", "50000"]);
    till.sync();
    let before = shop.head_office.amounts(&member);
    let window = window_on(&shop, "A").await;
    open_member(&window).await;
    let history = "document.querySelectorAll('#history .line').length";
    let (lines, figure) = (window.get(history).await, window.get("document.getElementById('figure').innerText").await);
    for dialog in &DIALOGS {
        open(&window, &dialog.opens).await;
        for (id, typed) in dialog.typed {
            window.tab_to(id).await;
            window.type_slowly(&typed.replace(',', "")).await;
            until_value(&window, id, typed).await;
        }
        scan_over(&window, dialog.takes, dialog.says).await;
        leave(&window).await;
        until_focused(&window, "search").await;
        assert_eq!(window.get(history).await, lines, "nothing is booked");
    }
    assert_eq!(window.get("document.getElementById('figure').innerText").await, figure);
    window.close().await;
    till.sync();
    assert_eq!(shop.head_office.amounts(&member), before);
    assert_eq!(till.show(&member)["cards"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_over_two_who_are_being_joined_or_separated_does_neither() {
    if is_quick() {
        return;
    }
    let shop = Shop::open();
    let till = shop.till("A");
    stock(&till);
    let [one, other] = ["Trần Minh Anh", "Tran Minh Anh"]
        .map(|name| till.add("KM", &json!({ "name": { "full": name }, "phone": "0912000418" })));
    let window = window_on(&shop, "A").await;
    window.type_slowly("0912000418").await;
    window.element("#join").await;
    enter_at(&window, "join").await;
    window.element("#merge-save").await;
    scan_over(&window, None, HELD).await;
    press_with_ctrl(&window, Key::Enter).await;
    let unmerge = id_of(&window, "[id^=unmerge-]").await;
    enter_at(&window, &unmerge).await;
    window.element("#unmerge-save").await;
    scan_over(&window, None, HELD).await;
    leave(&window).await;
    window.until_text("was joined into this member").await;
    window.close().await;
    let whom = [&one, &other].map(|id| till.show(id)["id"].clone());
    assert_eq!(whom[0], whom[1], "joined by whoever pressed, and not separated");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_over_a_page_that_is_being_filled_in_loses_nothing_of_it() {
    if is_quick() {
        return;
    }
    let shop = Shop::open();
    let (window, till, member) = desk_of(&shop).await;
    register(&window).await;
    edit(&window).await;
    settings(&window).await;
    import(&window, &shop).await;
    window.close().await;
    assert_eq!(till.show(&member)["name"]["full"], "Lê Thu Hà");
    assert_eq!(till.find("0936111222"), Vec::<String>::new());
    assert_eq!(till.find("0936000117"), Vec::<String>::new());
}

/// The new member's card is meant, and it is somebody's already.
async fn register(window: &Window) {
    press(window, Key::F2).await;
    until_focused(window, "register-phone").await;
    window.type_slowly("0936111222").await;
    window.tab_to("register-name").await;
    window.type_slowly("Mai").await;
    scan_over(window, Some("register-card"), IN_USE).await;
    press(window, Key::Escape).await;
    // What would be lost is asked about, and the question takes no scan for an answer.
    window.element("#leave-no").await;
    scan_over(window, None, HELD).await;
    leave(window).await;
    until_value(window, "register-name", "Mai").await;
    press(window, Key::Escape).await;
    enter_at(window, "leave-yes").await;
    until_focused(window, "search").await;
}

/// Whoever holds the card wants to be served: whether the page may be left is asked first.
async fn edit(window: &Window) {
    open_member(window).await;
    press(window, Key::F7).await;
    until_focused(window, "edit-name").await;
    press(window, Key::End).await;
    window.type_slowly(" Anh").await;
    window.scan(OTHERS_CARD).await;
    window.element("#leave-no").await;
    scan_over(window, None, HELD).await;
    leave(window).await;
    until_value(window, "edit-name", "Lê Thu Hà Anh").await;
    window.scan(OTHERS_CARD).await;
    enter_at(window, "leave-yes").await;
    until_named(window, "Phạm Thùy Dương").await;
}

/// They are served at once, and what was typed waits.
async fn settings(window: &Window) {
    press_with_alt(window, "g").await;
    enter_at(window, "settings-group-rules").await;
    window.tab_to("settings-void-minutes").await;
    press_with_ctrl(window, "a").await;
    window.type_slowly("25").await;
    window.scan(OTHERS_CARD).await;
    until_named(window, "Phạm Thùy Dương").await;
    press_with_alt(window, "g").await;
    until_value(window, "settings-void-minutes", "25").await;
    window.until_text("not saved yet").await;
    press(window, Key::Escape).await;
}

/// A file that was looked through is still there, and not taken in.
async fn import(window: &Window, shop: &Shop) {
    press_with_alt(window, "m").await;
    until_focused(window, "members-filter").await;
    enter_at(window, "members-import").await;
    window.type_into("#import-file", &old_list(shop).display().to_string()).await;
    until_in(window, "import-file-facts", "old-list.csv").await;
    enter_at(window, "import-check").await;
    until_in(window, "import-report-new", "20").await;
    window.scan(OTHERS_CARD).await;
    until_named(window, "Phạm Thùy Dương").await;
    press_with_alt(window, "m").await;
    until_in(window, "import-report-new", "20").await;
    press(window, Key::Escape).await;
    until_in(window, "members-count", "2").await;
}
