import { screen, waitFor } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import { FakeCore, failure } from "../../fakes/core";
import { byId, click, openMember, press, textOf, type } from "../../fakes/desk";
import { scan } from "../../fakes/scan";
import { aCard, dong } from "../../fakes/things";

const CARD = "8400174504165209";

async function openCashOut(core: FakeCore): Promise<HTMLElement> {
  await openMember(core);
  await click("do-cash-out");
  return byId("cash-out-amount");
}

describe("paying out", () => {
  it("says how much can be paid out and what is left, and is saved with Ctrl+Enter", async () => {
    const core = new FakeCore({ cash_out: () => aCard() });
    const amount = await openCashOut(core);
    expect(screen.getByText("Up to 1,250,000. Rewards are for buying only.")).toBeTruthy();
    await type(amount, "200000");
    await waitFor(() => expect(textOf("cash-out-balance-after")).toBe("1,050,000 ₫"));
    await press("Enter");
    expect(core.payloadsOf("cash_out")).toEqual([]);
    await press("Enter", { ctrlKey: true });
    await screen.findByText(/^200,000.₫ paid out/);
    expect(core.payloadsOf("cash_out")).toEqual([
      { member_id: "thang", entry_id: "entry-1", amount: dong(200_000), tender: "cash", card: null },
    ]);
  });

  it("is not offered where nothing can be paid out", async () => {
    const credit = { ...aCard().credit, cashable: dong(0) };
    await openMember(new FakeCore({ open_member: () => aCard({ credit }) }));
    expect(document.getElementById("do-cash-out")).toBeNull();
    expect(document.getElementById("do-adjust")).not.toBeNull();
  });

  it("asks for the card where the core does, and goes with the one that is scanned", async () => {
    const core = new FakeCore({
      cash_out: ({ card }) => {
        if (card === null) throw failure("proof_needed", "card", { amount: dong(100_000) });
        return aCard();
      },
      check_card: ({ serial_number }) => ({
        serial_number,
        in_use_by: { member_id: "thang", full_name: "Lý Tú Quang Thắng", state: "active" },
      }),
    });
    await type(await openCashOut(core), "200000");
    expect(document.getElementById("cash-out-card")).toBeNull();
    await press("Enter", { ctrlKey: true });
    await waitFor(() => expect(document.activeElement?.id).toBe("cash-out-card"));
    await scan(CARD);
    await screen.findByText("✓ Card …5209 is theirs");
    await press("Enter", { ctrlKey: true });
    await waitFor(() => expect(core.payloadsOf("cash_out").at(-1)).toMatchObject({ card: CARD }));
  });
});
