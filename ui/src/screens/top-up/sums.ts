// What a top-up makes of the balance: the column of figures on the right.

import type { Money } from "../../api";
import type { SumRow } from "../../components/sums";
import { text } from "../../text";
import type { Reach } from "./told";
import type { TopUp } from "./top-up.svelte";

const NOTHING = "–";

export function sumsOf({ member, preview, tender, amount, hasAmount }: TopUp, reach: Reach): SumRow[] {
  const { topUp: words, forms } = text();
  const { credit } = member;
  const balance = preview?.balance ?? credit.balance;
  const after = preview?.balance_after ?? null;
  const asOf = reach === "cutOff" ? credit.as_of : null;
  const isUnchanged = preview !== null && preview.usable_after.minor === preview.usable.minor;
  const rows: SumRow[] = [
    {
      label: balance.minor < 0 ? words.owesNow(asOf) : words.balanceNow(asOf),
      amount: inWords(balance),
      note: words.pending(preview?.pending ?? credit.pending),
      tone: balance.minor < 0 ? "debt" : undefined,
    },
    {
      label: words.toppedUp(tender),
      amount: hasAmount ? forms.changeOfMoney(amount) : NOTHING,
      isEmpty: !hasAmount,
      note: preview?.repays ? words.repays(preview.repays) : null,
      tone: hasAmount ? "plus" : undefined,
    },
    {
      label: after && after.minor < 0 ? words.owesAfter : words.balanceAfter,
      amount: after ? inWords(after) : NOTHING,
      isEmpty: after === null,
      tone: after && after.minor < 0 ? "debt" : undefined,
      size: "big",
      id: "topup-balance-after",
    },
  ];
  if (reach === "cutOff") {
    rows.push({
      label: isUnchanged ? words.usableUnchanged : words.usableAfter,
      amount: forms.money(preview?.usable_after ?? credit.usable),
      size: "middle",
    });
  }
  return rows;
}

/** A debt has its own word before it, and no sign. */
function inWords(money: Money): string {
  const { forms } = text();
  return money.minor < 0 ? forms.withoutSign(money) : forms.money(money);
}
