//! Lists at the desk, by keyboard: a spreadsheet comes in, is looked through, goes out again, and is taken back.

use super::hands::*;
use super::scans::HELD;
use crate::shop::Shop;
use fantoccini::key::Key;
use regulars_testkit::folder::is_quick;
use std::path::PathBuf;

/// Twenty members, a row that cannot be taken in, and a member whom the till knows.
pub fn old_list(shop: &Shop) -> PathBuf {
    let list = shop.folder.join("old-list.csv");
    let rows: String = (10..30).map(|n| format!("Tran Van So {n},09360001{n},{n}000\n")).collect();
    std::fs::write(&list, format!("Name,Phone,Balance\n{rows}Nobody,12,5000\nLe Thu Ha,{PHONE},1000\n"))
        .expect("written");
    list
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_taken_in_filtered_opened_written_out_and_taken_back() {
    if is_quick() {
        return;
    }
    let shop = Shop::open();
    let (window, till, _) = desk_of(&shop).await;
    press_with_alt(&window, "m").await;
    until_focused(&window, "members-filter").await;
    enter_at(&window, "members-import").await;
    window.type_into("#import-file", &old_list(&shop).display().to_string()).await;
    until_in(&window, "import-file-facts", "old-list.csv").await;
    enter_at(&window, "import-check").await;
    until_in(&window, "import-report-new", "20").await;
    press_with_ctrl(&window, Key::Enter).await;
    window.element("#import-undo").await;

    press(&window, Key::Escape).await;
    window.element("#members-filter").await;
    window.tab_to("members-filter").await;
    until_in(&window, "members-count", "22").await;
    window.type_slowly("van so 17").await;
    window.until("!document.getElementById('members-row-2')").await;
    until_in(&window, "members-row-1", "Tran Van So 17").await;
    press(&window, Key::Enter).await;
    until_named(&window, "Tran Van So 17").await;
    until_balance(&window, "17,000").await;

    press_with_alt(&window, "m").await;
    window.element("#members-import").await;
    press(&window, Key::Escape).await;
    until_in(&window, "members-count", "22").await;
    enter_at(&window, "members-export").await;
    until_in(&window, "members-exported", "22 members written to").await;
    enter_at(&window, "members-export-ledger").await;
    until_in(&window, "members-exported", "bookings written to").await;

    enter_at(&window, "members-import").await;
    enter_at(&window, "import-undo-1").await;
    window.element("#import-undo-yes").await;
    // A scan answers no question, not even with the answer under the focus.
    window.scan(OTHERS_CARD).await;
    window.until_text(HELD).await;
    enter_at(&window, "import-undo-yes").await;
    until_in(&window, "import-batches", "Undone").await;
    press(&window, Key::Escape).await;
    until_in(&window, "members-count", "2").await;
    window.close().await;
    assert_eq!(till.find("0936000117"), Vec::<String>::new(), "whoever was taken in is gone");
    assert_eq!(till.find(PHONE), ["Lê Thu Hà"]);

    let exports = std::fs::read_dir(shop.folder.join("A").join("exports")).expect("the files are there");
    let mut written: Vec<String> = exports
        .map(|file| std::fs::read_to_string(file.expect("a file").path()).expect("it is text"))
        .filter(|file| file.contains("Tran Van So 17") || file.contains("17000"))
        .collect();
    written.sort_by_key(|file| file.lines().count());
    assert_eq!(written.len(), 2, "members and ledger");
    assert!(written.iter().any(|file| file.lines().count() == 23 && file.contains("Lê Thu Hà")), "{written:?}");
}
