// What a member system that is not ours says, one sentence per code. Some say more than a code can: their own words follow.

import { forms } from "./en.forms";
import { type Facts, moneyIn } from "./facts";

export const remoteFailures = {
  another_member_there:
    "Head office has this member already, as somebody else of this till. Join the two, then try again.",
  cannot_be_empty: "Head office keeps this filled. Write something else, or put back what was there.",
  cannot_delete:
    "Nobody can be deleted at head office from here: they stay there until somebody takes them away by hand.",
  changed_meanwhile: "Somebody else keeps changing this member. It is tried again by itself.",
  characters: said("Head office takes no such characters here"),
  credit_in_doubt: (facts: Facts) => {
    const [before, after] = [moneyIn(facts, "before"), moneyIn(facts, "after")];
    const balances =
      before && after
        ? ` The balance there was ${forms.money(before)} before it, and would be ${forms.money(after)} with it.`
        : "";
    return `No answer came, and it cannot be seen whether this is in the balance there.${balances} Look there before you decide.`;
  },
  credit_unreadable: said("The balance there cannot be read as an amount of this currency"),
  gone_there: "This member was deleted at head office meanwhile. Register them there again, or give this up.",
  held_back: said("Head office cannot take this as it is"),
  issuer_differs: "The balances there are of another issuer than this shop’s.",
  key_invalid: "This is not the secret key. The one that begins with ptest_ or pprod_ is the public one.",
  key_mode: "This key is of the other mode: test and live members are never mixed.",
  key_taken: "Somebody else has this number at head office already.",
  kind_unknown: "This version of Regulars has no connection to such a system.",
  label_unknown: said("Head office has no such label"),
  length: said("This is too short or too long for head office"),
  merged_there:
    "Head office has joined this member with another one. Change or erase that one, and give this up; credit is put right there by hand.",
  no_home_for_money: "Head office keeps no credit. It is kept on this till alone.",
  not_at_the_remote: said("Head office does not have what this names"),
  not_supported: "Head office cannot do this.",
  not_the_remote:
    "What answered at this address is not head office. Does this network ask somebody to log in first?",
  not_there: "Head office does not have this member. Register them there first, or give this up.",
  own_parent: "Nobody can belong to themselves.",
  password_refused: "Head office does not accept this name and password. Type them again in Settings.",
  perhaps_sent:
    "An older copy of this till’s file was put back, so head office may have this already. Look there before it is tried again.",
  reference_taken: "Somebody else has this number at head office. Give this member another one.",
  refused: said("Head office refused this"),
  rejected: said("Head office refused this"),
  remote_needs: said("Head office needs more about this member"),
  right_missing: "The account there may not do this. Give it the right there, then try again.",
  setting_invalid: said("This setting cannot be used"),
  secret_needed:
    "This is another server than before. Type the secret again, so that the old one does not go there.",
  remote_in_use: "Members or shops of this till are kept there. It stays.",
  remote_exists: "Another system has this name. Choose another one.",
  pos_id_taken: "Another shop has this id there. Each shop has its own.",
  shop_exists: "This till serves a shop with this code already.",
  shop_has_members:
    "The members of this shop are kept in another system already. It stays there: they would belong to no shop.",
  no_shop_yet: "This system is asked per shop. Connect a shop with it first.",
  several_members:
    "This undoes credit of two members who were joined, and there they are still two. Correct both there by hand.",
  several_there: "Several members at head office may be this one. Look there who it is, then try again.",
};

/** With the system's own words, which are English whatever the page speaks. */
function said(what: string) {
  return (_: Facts, message: string) => (message ? `${what}: “${message}”.` : `${what}.`);
}
