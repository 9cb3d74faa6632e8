// One sentence per code of the core: what is so, and what to do about it.

import { forms } from "./en.forms";
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
    "This computer’s time zone is not known. Set it in the computer’s settings, then try again.",
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
    "This till’s data is damaged. Nothing is deleted: it is kept aside. Call whoever looks after this till before going on.",
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
  certificate_invalid: "This certificate cannot be read. Ask head office for it again.",
  secret_missing: "This till has no token for head office. Ask head office for one.",
  change_state: "This change does not wait for anybody any more.",
  internal: "Something went wrong in the program. Nothing was lost; try again.",
};
