//! Money at the desk, by keyboard: each amount is looked for on the screen, and at the end at head office.

use super::hands::*;
use crate::shop::Shop;
use fantoccini::key::Key;
use regulars_testkit::folder::is_quick;
use regulars_testkit::page::Page;

/// Pays a bill, as whoever is open.
async fn pay(page: &Page, bill: &str, credit: &str, receipt: &str) {
    press(page, Key::F5).await;
    until_focused(page, "pay-bill").await;
    page.type_slowly(bill).await;
    if !credit.is_empty() {
        page.tab_to("pay-credit").await;
        page.type_slowly(credit).await;
    }
    if !receipt.is_empty() {
        page.tab_to("pay-receipt").await;
        page.type_slowly(receipt).await;
    }
    page.until("!document.getElementById('pay-left').innerText.includes('–')").await;
    press(page, Key::Enter).await;
    until_gone(page, "pay-bill").await;
    page.element("#said-slip").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bill_is_paid_with_credit_its_slip_is_shown_and_it_is_undone() {
    if is_quick() {
        return;
    }
    let shop = Shop::open();
    let (window, till, member) = desk_of(&shop).await;
    open_member(&window).await;
    until_balance(&window, "500,000").await;
    press(&window, Key::F5).await;
    until_focused(&window, "pay-bill").await;
    window.type_slowly("250000").await;
    window.tab_to("pay-credit").await;
    window.type_slowly("100000").await;
    // 10 % off, 100,000 of the rest by credit that was paid for, and so 2 % earned on all of it.
    until_in(&window, "pay-left", "125,000").await;
    until_in(&window, "pay-earned", "4,500").await;
    press(&window, Key::Enter).await;
    window.element("#said-slip").await;
    until_in(&window, "history", "100,000").await;
    until_balance(&window, "404,500").await;

    press_with_ctrl(&window, "p").await;
    until_in(&window, "slip", "125,000").await;
    leave(&window).await;

    do_with_line(&window, "line-void").await;
    until_focused(&window, "void-reason").await;
    press_with_ctrl(&window, Key::Enter).await;
    window.until("document.getElementById('void-reason').ariaInvalid === 'true'").await;
    until_focused(&window, "void-reason").await;
    window.type_slowly("The wrong bill").await;
    press_with_ctrl(&window, Key::Enter).await;
    until_gone(&window, "void-reason").await;
    // All of it: what was taken is back, and what was earned is gone.
    until_balance(&window, "500,000").await;
    until_in(&window, "history", "undone").await;
    window.close().await;
    till.sync();
    assert_eq!((till.balance(&member), shop.head_office.balance(&member)), (500_000, 500_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bill_is_given_back_by_its_receipt_credit_is_paid_out_and_a_mistake_corrected() {
    if is_quick() {
        return;
    }
    let shop = Shop::open();
    let (window, till, member) = desk_of(&shop).await;
    open_member(&window).await;
    pay(&window, "200000", "100000", "A-1042").await;
    pay(&window, "30000", "", "A-1043").await;
    // 10 % off 200,000 and 30,000: 100,000 used, and 2 % of 180,000 and 27,000 earned.
    until_balance(&window, "404,140").await;

    let has_receipt = "document.querySelector('.does')?.innerText.includes('receipt A-1042')";
    walk_until(&window, &format!("{has_receipt} && document.getElementById('line-return')")).await;
    enter_at(&window, "line-return").await;
    until_focused(&window, "return-amount").await;
    until_in(&window, "return-heading", "Give back").await;
    window.until_text("Receipt A-1042").await;
    press_with_ctrl(&window, Key::Enter).await;
    // Nothing was typed: it stays, and says so at the field.
    window.until("document.getElementById('return-amount').ariaInvalid === 'true'").await;
    window.type_slowly("180000").await;
    until_in(&window, "return-balance-after", "580,540").await;
    press_with_ctrl(&window, Key::Enter).await;
    until_gone(&window, "return-amount").await;
    // 180,000 were to be collected or taken, and the 3,600 that they earned go.
    until_balance(&window, "580,540").await;

    enter_at(&window, "do-cash-out").await;
    until_focused(&window, "cash-out-amount").await;
    window.type_slowly("50000").await;
    until_in(&window, "cash-out-balance-after", "530,540").await;
    press_with_ctrl(&window, Key::Enter).await;
    until_gone(&window, "cash-out-amount").await;
    until_balance(&window, "530,540").await;
    until_in(&window, "history", "Paid out, cash").await;

    enter_at(&window, "do-adjust").await;
    window.element("#adjust-amount").await;
    walk_choices(&window, "adjust-direction-more", Key::Right, "adjust-direction-less").await;
    window.tab_to("adjust-amount").await;
    window.type_slowly("540").await;
    press_with_ctrl(&window, Key::Enter).await;
    // Without a reason nothing is corrected.
    window.until("document.getElementById('adjust-reason').ariaInvalid === 'true'").await;
    until_focused(&window, "adjust-reason").await;
    window.type_slowly("Counted twice").await;
    press_with_ctrl(&window, Key::Enter).await;
    until_gone(&window, "adjust-amount").await;
    until_balance(&window, "530,000").await;
    walk_until(&window, "document.querySelector('.does')?.innerText.includes('“Counted twice”')").await;
    window.close().await;
    till.sync();
    assert_eq!((till.balance(&member), shop.head_office.balance(&member)), (530_000, 530_000));
}
