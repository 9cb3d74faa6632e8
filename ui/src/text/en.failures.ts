// One sentence per code of the core: what is so, and what to do about it.

import { blockedWords } from "./en.cards";
import { forms, plural } from "./en.forms";
import { remoteFailures } from "./en.remotes";
import { countIn, type Facts, moneyIn, wordIn } from "./facts";

export const failures = {
  required: "This is needed.",
  too_long: (facts: Facts) => {
    const max = countIn(facts, "max");
    return max === null ? "This is too long." : `At most ${forms.count(max)} characters fit here.`;
  },
  invalid_character: "One character in here cannot be shown. Type it again by hand.",
  member_invalid: "These details cannot be saved as they are. Check each field.",
  phone_invalid: "A phone number has 5 to 18 digits, with spaces, + or - between them.",
  email_invalid: "An email address looks like name@example.com.",
  birthday_invalid: "There is no such day. Write day and month, as 30 5, or with the year, as 30 5 1996.",
  amount_invalid: "This is not an amount.",
  amount_not_positive: "The amount must be more than zero.",
  amount_too_large: "This is more than an account can hold.",
  amount_too_precise: "This currency has fewer decimals.",
  currency_differs: (facts: Facts) => {
    const expected = wordIn(facts, "expected");
    return expected ? `This account is kept in ${expected}.` : "This account is kept in another currency.";
  },
  currency_unknown: "This currency is not in use.",
  country_unknown: "This country is not known.",
  time_zone_unknown:
    "This time zone is not known. Choose another one, or set that of this computer, then try again.",
  issuer_booked: "It stays as it is: credit is booked in this shop.",
  issuer_shared: "It stays as it is: the member system of this shop keeps one balance for all its shops.",
  location_code_invalid: "A code has 1 to 16 letters, digits or dashes.",
  tender_invalid: "Choose how it is paid.",
  insufficient_credit: (facts: Facts) => {
    const amount = moneyIn(facts, "amount");
    return amount ? `Only ${forms.money(amount)} is there.` : "There is not enough credit.";
  },
  offline_allowance: (facts: Facts) => {
    const amount = moneyIn(facts, "amount");
    return amount
      ? `Up to ${forms.money(amount)} can be used now, the rest when we are connected.`
      : "This can be used when we are connected.";
  },
  member_not_found: "This member is not on this till any more. Search again.",
  location_not_found: "This till does not know that shop.",
  till_in_use: "Regulars is already open with this till’s data. Close the other window, then try again.",
  key_lost:
    "The key to this till’s data is not in this computer’s keychain any more. Nothing is deleted. Sign in as the person who set the till up, or put the key back, then try again.",
  key_wrong:
    "The key in this computer’s keychain does not fit this till’s data. Nothing is deleted. Put the right key back, then try again.",
  keystore_unavailable:
    "This computer’s keychain does not answer. Unlock it, or sign in to the computer again, then try again.",
  key_in_file_needed: "Tick this to go on, or set up a keychain on this computer and start Regulars again.",
  file_plain:
    "This till’s data is not encrypted, so this program did not make it. Nothing was changed. Move that file away, then try again.",
  file_damaged:
    "This till’s data is damaged. Close Regulars and start it again: what can be read is saved, what was done here comes back from the journal, and the damaged file is kept.",
  file_missing: "This till’s data is not where it was. Put the folder back, then try again.",
  file_newer: "A newer Regulars has used this data. Install the newest Regulars, then try again.",
  disk_full: "The disk is full, so nothing was saved. Free some space, then try again.",
  url_invalid: "This is not an address, as office.example.com.",
  plain_http_refused: "This address is not encrypted. Use the one that begins with https://.",
  join_code_invalid: "Head office does not know this code. Check it, or ask for a new one.",
  token_refused: "Head office does not accept this till’s token. Ask head office for a new one.",
  unreachable: "Head office cannot be reached. Check the network; this till goes on trying.",
  not_head_office: "There is no head office at this address. Check the address.",
  server_error: "Head office has a fault of its own. This till tries again by itself.",
  rate_limited: "Head office asks to wait a little. This till tries again by itself.",
  conflict: "Somebody else changed the same thing at head office.",
  member_unknown: "Head office does not know this member.",
  location_unknown: "Head office does not know this shop.",
  location_not_allowed: "Head office does not let this till work for this shop. Ask head office to allow it.",
  money_cannot_be_discarded: "Money that was taken in cannot be discarded. Try again, or call head office.",
  has_dependents: "Other changes build on this one. Settle those first.",
  change_not_found: "This change is settled already.",
  not_a_member_here: "This person is not a member of this shop yet. Take them in first.",
  answer_incomplete: "Head office’s answer broke off. This till asks again by itself.",
  answer_invalid:
    "Head office’s answer cannot be read. This till asks again by itself; call head office if it goes on.",
  timeout: "Head office is too busy to answer. This till tries again by itself.",
  too_large: "Head office does not take so much at once. Shorten what was typed, or call head office.",
  not_allowed: "Head office does not let this till do that. Ask head office to allow it.",
  member_deleted: "This member was deleted at head office. Call head office before going on.",
  account_invalid: "Head office keeps this account for another member. Call head office.",
  entry_differs: "Head office has this booking with another amount. Call head office.",
  change_id_reused: "Head office has another change under this number. Try again.",
  number_reused: "Head office has another change under this number. Try again.",
  protocol_unsupported: "Head office speaks another version. Install the newest Regulars here or there.",
  already_set_up: "This till is set up already. Start Regulars again.",
  not_set_up: "This till is not set up yet. Start Regulars again.",
  disk_failed: "The disk cannot be written, so nothing was saved. Check the disk, then try again.",
  sidecar_missing:
    "A file that belongs to this till’s data is missing or unreadable. Nothing is deleted. Put till.key.json back, then try again.",
  certificate_invalid: "This certificate cannot be read. It begins with -----BEGIN CERTIFICATE-----.",
  secret_missing: "This till has no token for head office. Ask head office for one.",
  change_state: "This change does not wait for anybody any more.",
  too_many: (facts: Facts) => {
    const max = countIn(facts, "max");
    return max === null ? "These are too many." : `At most ${forms.count(max)} fit here.`;
  },
  instant_invalid: "This is not a moment. Write the day, as 30 5 2027.",
  date_invalid: "There is no such day. Write day, month and year, as 30 5 2027.",
  days_invalid: "This is no number of days. Write it in digits, as 30.",
  label_not_added: "Add the new label, or empty its field.",
  key_twice: "This stands here already. Give it another name.",
  percent_invalid: "A percentage is 0 to 100, with at most two decimals, as 2.5.",
  not_cashable: (facts: Facts) => {
    const amount = moneyIn(facts, "amount");
    return amount
      ? `Up to ${forms.money(amount)} can be paid out. Rewards are for buying only.`
      : "This cannot be paid out: rewards are for buying only.";
  },
  more_than_bill: (facts: Facts) => {
    const amount = moneyIn(facts, "amount");
    return amount
      ? `The bill comes to ${forms.money(amount)}. Use that much credit or less.`
      : "This is more than the bill. Use less credit.";
  },
  return_too_large: (facts: Facts) => {
    const amount = moneyIn(facts, "amount");
    return amount
      ? `Up to ${forms.money(amount)} of that bill can be given back.`
      : "This is more than can be given back of that bill.";
  },
  entry_not_found: "This booking is not in the account. Open the member again.",
  sold_by_another: "Another company owes that credit. Give it back in one of its shops.",
  already_voided: "This was undone already.",
  void_not_latest: "Only the latest booking can be undone. Correct it with a reason instead.",
  void_other_till: "Only who booked it can undo it, at the same till. Correct it with a reason instead.",
  void_too_late: (facts: Facts) => {
    const minutes = countIn(facts, "minutes");
    return minutes === null
      ? "It is too late to undo this. Correct it with a reason instead."
      : `This could be undone for ${plural(minutes, "minute", "minutes")}. Correct it with a reason instead.`;
  },
  void_spent: "This credit is not all there any more. Correct it with a reason instead.",
  void_not_possible: "A booking of this kind cannot be undone. Correct it with a reason instead.",
  position_invalid: "A latitude is −90 to 90, a longitude −180 to 180, as 21.0313 and 105.8141.",
  picture_too_large: (facts: Facts) => {
    const max = countIn(facts, "max");
    return max === null
      ? "This picture is too large. Choose a smaller one."
      : `This picture is too large: at most ${forms.count(max)} MB. Choose a smaller one.`;
  },
  picture_invalid: "This is not a picture that can be read. Choose a JPEG, PNG, GIF or BMP file.",
  consent_invalid: "This consent cannot be read. Untick it, then tick it again.",
  validity_invalid: "The last day is before the first.",
  color_invalid: "This is not a colour, as #205d3b. Choose one of those shown.",
  member_on_hold: (facts: Facts) => {
    const reason = wordIn(facts, "reason");
    return reason
      ? `This member is on hold: ${reason}`
      : "This member is on hold. Somebody must lift that first.";
  },
  card_needed: "Choose which card.",
  card_check: "This number was mistyped: its last character does not fit. Type it again, or scan the card.",
  card_taken: "This card belongs to another member. Take another card.",
  card_not_found: "This till does not know that card. Check its number.",
  card_refused: (facts: Facts) => cardRefused(wordIn(facts, "state"), wordIn(facts, "reason")),
  card_not_blocked: "This card is not blocked.",
  card_blocked_already: "This card is blocked already.",
  block_reason_invalid: "Choose why.",
  choice_missing: "Something is still to be chosen.",
  choice_invalid: "This is not asked any more. Look at what stands here now.",
  decision_not_found: "There is no such decision any more.",
  merge_with_itself: "These two are the same member already.",
  not_merged: "This member was not joined with another.",
  balance_not_settled: (facts: Facts) => {
    const amount = moneyIn(facts, "amount");
    if (amount === null) return "There is still credit on this account. Settle it first.";
    return amount.minor < 0
      ? `The member still owes ${forms.withoutSign(amount)}. Settle that first.`
      : `${forms.money(amount)} is still on this account. Use it or pay it out first.`;
  },
  remote_not_found: "This till does not know that head office any more. Open the settings.",
  call_invalid: "Something went wrong in the program. Nothing was lost; try again.",
  printer_address_invalid: "This is not a printer’s address, as 192.168.1.50 or 192.168.1.50:9100.",
  printer_unreachable: "The printer cannot be reached. Check that it is on, and its cable or network.",
  printer_timeout: "The printer does not take the slip. Check its paper and its cover.",
  number_out_of_range: (facts: Facts) => {
    const [min, max] = [countIn(facts, "min"), countIn(facts, "max")];
    return min === null || max === null
      ? "This number is too small or too large."
      : `From ${forms.count(min)} to ${forms.count(max)}.`;
  },
  limit_out_of_range: (facts: Facts) => {
    const amount = moneyIn(facts, "amount");
    return amount ? `At most ${forms.money(amount)}.` : "This is more than an account can hold.";
  },
  import_runs: "A list is being taken in already. Wait until that is done, or stop it.",
  twin: (facts: Facts) => {
    const name = wordIn(facts, "name");
    return name
      ? `${name} has the same ${wordIn(facts, "sign") ?? "number"}. Taken in as new: join the two if it is one person.`
      : "Somebody here may be the same person. Taken in as new: join the two if it is one person.";
  },
  opening_exists: "This member has an opening balance already. It is not booked twice.",
  receipt_not_found: "This till knows no sale of this member with that receipt.",
  total_differs: (facts: Facts) => {
    const amount = moneyIn(facts, "amount");
    return amount
      ? `The opening balances come to ${forms.money(amount)}, not to what you typed.`
      : "The opening balances come to another sum than you typed.";
  },
  batch_not_found: "This till has taken in no such list. Open the imports again.",
  proof_needed: (facts: Facts) => {
    const amount = moneyIn(facts, "amount");
    return amount
      ? `Above ${forms.money(amount)} the member’s card is needed. Scan it.`
      : "The member’s card is needed for this. Scan it.";
  },
  file_empty: "This file is empty. Choose another one.",
  file_failed: "This file cannot be read. Close it in other programs, then choose it again.",
  file_too_large: (facts: Facts) => {
    const max = countIn(facts, "max_bytes");
    return max === null
      ? "This file is too large. Split it into smaller ones."
      : `This file is larger than ${forms.count(Math.floor(max / 1_000_000))} MB. Split it into smaller ones.`;
  },
  not_a_spreadsheet_text:
    "This is not a CSV file. In the spreadsheet program, save it as CSV (UTF-8), then choose that file.",
  too_many_columns: (facts: Facts) => {
    const max = countIn(facts, "max");
    return max === null
      ? "This file has too many columns. Keep those that are needed."
      : `This file has more than ${plural(max, "column", "columns")}. Keep those that are needed.`;
  },
  too_many_rows: (facts: Facts) => {
    const max = countIn(facts, "max");
    return max === null
      ? "This file has too many rows. Split it into smaller ones."
      : `This file has more than ${plural(max, "row", "rows")}. Split it into smaller ones.`;
  },
  quote_unclosed: (facts: Facts) => {
    const row = countIn(facts, "row");
    return row === null
      ? "A quote is opened and never closed. Close it in the file."
      : `Row ${forms.count(row)} opens a quote that is never closed. Close it in the file.`;
  },
  row_too_wide:
    "This row has more cells than there are columns. A cell with a separator in it needs quotes around it.",
  mapping_invalid: "It is not clear which column is which field. Choose the fields again.",
  column_unknown: "There is no such column in this file. Choose the columns again.",
  column_ambiguous: "Several columns have this name. Name them differently in the file.",
  column_missing: "No column holds this, and it is needed. Say which one does.",
  field_unknown: "There is no such field. Choose one from the list.",
  field_twice: "Two columns are given for the same field. Choose one of them.",
  phone_rounded:
    "The spreadsheet program rounded this phone number, and its last digits are lost. Format the column as text and save it again.",
  card_rounded:
    "The spreadsheet program rounded this card number, and its last digits are lost. Format the column as text and save it again.",
  amount_rounded: "The spreadsheet program rounded this amount. Format the column as text and save it again.",
  number_rounded:
    "The spreadsheet program rounded this number, and its last digits are lost. Format the column as text and save it again.",
  amount_ambiguous: "This amount can be read in two ways. Write it without anything between the thousands.",
  text_unreadable:
    "A character in this cell cannot be read. Save the file as CSV (UTF-8), then choose it again.",
  internal: "Something went wrong in the program. Nothing was lost; try again.",
  ...remoteFailures,
};

/** "This card is blocked (lost). Ask for another one." */
function cardRefused(state: string | null, reason: string | null): string {
  switch (state) {
    case "blocked":
      return `This card is ${blockedWords(reason).toLowerCase()}. Ask for another card, or the phone number.`;
    case "expired":
      return "This card has run out. Ask for another card, or the phone number.";
    case "not_yet_valid":
      return "This card is not valid yet. Ask for another card, or the phone number.";
    default:
      return "This card cannot be used. Ask for another card, or the phone number.";
  }
}
