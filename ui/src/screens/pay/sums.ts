// The bill reckoned up, as the core has it: the column of figures on the right.

import type { MemberCard, PayPreview } from "../../api";
import type { SumRow } from "../../components/sums";
import { text } from "../../text";
import { isRate } from "../counter/figures";
import type { Reach } from "../top-up/told";
import type { Payment } from "./payment.svelte";

const NOTHING = "–";
/** Keeps the place of a line that comes with the first figure, so that nothing moves while one types. */
const SPACE = "\u00a0";

export function sumsOf(payment: Payment, reach: Reach): SumRow[] {
  const { preview } = payment;
  return preview === null ? emptyRows(payment.member) : [...billRows(preview), ...creditRows(preview, reach)];
}

function emptyRows({ status, discount_percent, earn_percent }: MemberCard): SumRow[] {
  const { pay } = text();
  const empty = { amount: NOTHING, isEmpty: true };
  const hasRates = status.state === "active";
  const rows: SumRow[] = [{ label: pay.bill, ...empty }];
  if (hasRates && isRate(discount_percent)) rows.push({ label: pay.discount(discount_percent), ...empty });
  rows.push(
    { label: pay.creditUsed, ...empty },
    { label: pay.leftToCollect, ...empty, size: "big", id: "pay-left" },
  );
  if (hasRates && isRate(earn_percent)) rows.push({ label: pay.earns(earn_percent), ...empty, note: SPACE });
  rows.push({ label: pay.balanceAfter, ...empty, note: SPACE, size: "middle", id: "pay-balance-after" });
  return rows;
}

function billRows({ bill, discount, discount_percent, credit_used, left_to_collect }: PayPreview): SumRow[] {
  const { forms, pay } = text();
  const rows: SumRow[] = [{ label: pay.bill, amount: forms.money(bill) }];
  if (isRate(discount_percent)) {
    rows.push({
      label: pay.discount(discount_percent),
      amount: forms.takenAway(discount),
      id: "pay-discount",
    });
  }
  rows.push(
    { label: pay.creditUsed, amount: forms.takenAway(credit_used), id: "pay-credit-used" },
    { label: pay.leftToCollect, amount: forms.money(left_to_collect), size: "big", id: "pay-left" },
  );
  return rows;
}

function creditRows(preview: PayPreview, reach: Reach): SumRow[] {
  const { forms, pay } = text();
  const { earned, earn_percent, balance_after } = preview;
  const rows: SumRow[] = [];
  if (isRate(earn_percent)) {
    rows.push({
      label: pay.earns(earn_percent),
      amount: forms.changeOfMoney(earned),
      note: pay.earnsOn(preview),
      tone: "plus",
      id: "pay-earned",
    });
  }
  const isDebt = balance_after.minor < 0;
  rows.push({
    label: isDebt ? pay.owesAfter : pay.balanceAfter,
    amount: isDebt ? forms.withoutSign(balance_after) : forms.money(balance_after),
    note: (balance_after.minor > 0 && usableWords(preview, reach)) || SPACE,
    tone: isDebt ? "debt" : undefined,
    size: "middle",
    id: "pay-balance-after",
  });
  return rows;
}

function usableWords(preview: PayPreview, reach: Reach): string | null {
  const words = text().pay.usableAfter;
  if (preview.usable_after.minor === preview.balance_after.minor) return words.all;
  return reach === "cutOff" ? words.cutOff(preview) : null;
}
