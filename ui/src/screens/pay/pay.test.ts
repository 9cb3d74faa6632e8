import { screen, waitFor } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import type { Paid } from "../../api";
import { FakeCore, failure, later } from "../../fakes/core";
import { byId, click, openMember, press, textOf, type } from "../../fakes/desk";
import { scan } from "../../fakes/scan";
import { aCard, aDesk, aLine, aPaid, aPayPreview, dong } from "../../fakes/things";

async function openPay(core: FakeCore): Promise<HTMLInputElement> {
  await openMember(core);
  await press("F5");
  await screen.findByRole("heading", { name: "Pay" });
  return byId<HTMLInputElement>("pay-bill");
}

const CARD = "8400174504165209";
const theirs = { member_id: "thang", full_name: "Lý Tú Quang Thắng", state: "active" as const };
const say = () => textOf("pay-say");

describe("a bill", () => {
  it("is reckoned up while one types", async () => {
    const core = new FakeCore();
    await type(await openPay(core), "500000");
    await waitFor(() => expect(textOf("pay-left")).toBe("475,000 ₫"));
    expect([textOf("pay-discount"), textOf("pay-earned")]).toEqual(["−25,000 ₫", "+9,500 ₫"]);
    expect(screen.getByText("Discount 5 %")).toBeTruthy();
    expect(screen.getByText("on 475,000")).toBeTruthy();
    expect(core.payloadsOf("preview_pay")).toEqual([
      { member_id: "thang", bill_minor: 500_000, credit_minor: null },
    ]);
    expect(textOf("pay-take")).toMatch(/^Collect 475,000/);
  });

  it("keeps what is left to collect and the button that takes it out of what scrolls", async () => {
    await type(await openPay(new FakeCore()), "500000");
    const foot = byId("pay-take").closest("footer");
    await waitFor(() =>
      expect(foot?.querySelector(".sum")?.textContent).toMatch(/^Left to collect\s*475,000\u00a0₫$/),
    );
    expect(foot?.contains(byId("pay-bill"))).toBe(false);
  });

  it("shows the answer to what was typed last, whichever comes first", async () => {
    const older = later<ReturnType<typeof aPayPreview>>();
    const core = new FakeCore({
      preview_pay: ({ bill_minor, credit_minor }) =>
        bill_minor === 5 ? older.promise : aPayPreview(bill_minor, credit_minor ?? 0),
    });
    const bill = await openPay(core);
    await type(bill, "5");
    await type(bill, "500000");
    await waitFor(() => expect(textOf("pay-left")).toBe("475,000 ₫"));
    older.answer(aPayPreview(5, 0));
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(textOf("pay-left")).toBe("475,000 ₫");
  });

  it("is paid with all the credit that can be used, which follows the bill until another amount is typed", async () => {
    const core = new FakeCore();
    const bill = await openPay(core);
    await type(bill, "100000");
    await screen.findByText("Credit used, 95,000 max");
    await click("pay-use-max");
    await waitFor(() => expect(textOf("pay-left")).toBe("0 ₫"));
    await type(bill, "500000");
    await waitFor(() => expect(byId<HTMLInputElement>("pay-credit").value).toBe("475,000"));
    expect(textOf("pay-take")).toMatch(/^Take 475,000 from the credit/);
    expect(screen.getByText("on 473,000; the 2,000 paid with a reward earns nothing")).toBeTruthy();
    expect(say()).toContain("This is paid. The rest of your credit is safe");

    await type(byId("pay-credit"), "300000");
    await type(bill, "600000");
    await waitFor(() => expect(textOf("pay-left")).toBe("270,000 ₫"));
    expect(byId<HTMLInputElement>("pay-credit").value).toBe("300,000");
    expect(textOf("pay-take")).toMatch(/^Take 300,000 and collect 270,000/);
  });

  it("says how much can be used while offline, and that nothing can where nothing is usable", async () => {
    await openPay(new FakeCore());
    expect(say()).toContain("Up to 500,000 can be used while offline.");
  });

  it("says with what balance head office is known while connected", async () => {
    await openPay(new FakeCore({ desk: () => aDesk({ link: "online" }) }));
    expect(screen.getByText(/^Head office’s balance at/)).toBeTruthy();
  });

  it("is typed without a decimal point", async () => {
    const euro = (minor: number) => ({ minor, currency: "EUR" });
    const credit = {
      ...aCard().credit,
      balance: euro(5_000),
      pending: euro(0),
      usable: euro(5_000),
      rewards: euro(0),
    };
    const core = new FakeCore({
      desk: () =>
        aDesk(
          {},
          {
            location: {
              code: "P",
              name: "Paris",
              country: "FR",
              currency: "EUR",
              decimals: 2,
              time_zone: "Europe/Paris",
            },
          },
        ),
      open_member: () => aCard({ credit }),
      pay: () => aPaid(),
    });
    const bill = await openPay(core);
    await type(bill, "1234");
    expect(bill.value).toBe("12.34");
    await press("Enter");
    await waitFor(() =>
      expect(core.payloadsOf("pay")[0]).toMatchObject({ bill: euro(1_234), credit: euro(0) }),
    );
  });
});

describe("paying", () => {
  it("is booked once by a double Enter, with the receipt number, and says what is left to collect", async () => {
    const slow = later<Paid>();
    const core = new FakeCore({ pay: () => slow.promise });
    await type(await openPay(core), "500000");
    await click("pay-use-max");
    await type(byId("pay-receipt"), " 10261 ");
    await waitFor(() => expect(textOf("pay-left")).toBe("0 ₫"));
    await press("Enter");
    await press("Enter");
    slow.answer(aPaid());
    await screen.findByText(
      /^0.₫ left to collect\. 475,000.₫ taken from the credit\. \+9,460.₫ earned\. Saved here/,
    );
    expect(core.payloadsOf("pay")).toEqual([
      {
        member_id: "thang",
        visit_id: "visit-1",
        bill: dong(500_000),
        credit: dong(475_000),
        receipt: "10261",
        card: null,
      },
    ]);
    await waitFor(() => expect(document.activeElement?.id).toBe("search"));
  });

  it("keeps its visit when it is confirmed again after a failure, and loses nothing that was typed", async () => {
    let tries = 0;
    const core = new FakeCore({
      pay: () => {
        tries += 1;
        if (tries === 1) throw failure("internal", null);
        return aPaid();
      },
    });
    const bill = await openPay(core);
    await type(bill, "500000");
    await press("Enter");
    await screen.findByText(/Something went wrong in the program/);
    expect(bill.value).toBe("500,000");
    await press("Enter");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(core.payloadsOf("pay").map(({ visit_id }) => visit_id)).toEqual(["visit-1", "visit-1"]);
    expect(core.payloadsOf("new_visit_id")).toHaveLength(1);
  });

  it("is not confirmed without a bill, and says so at the bill", async () => {
    const core = new FakeCore();
    await openPay(core);
    await press("Enter");
    await waitFor(() => expect(textOf("pay-bill-error")).toBe("The amount must be more than zero."));
    expect(document.activeElement?.id).toBe("pay-bill");
    expect(core.payloadsOf("pay")).toEqual([]);
  });

  it("says at the credit that so much cannot be used, and how much can", async () => {
    const core = new FakeCore({
      preview_pay: ({ bill_minor, credit_minor }) => {
        if ((credit_minor ?? 0) > 500_000)
          throw failure("offline_allowance", "amount", { amount: dong(500_000) });
        return aPayPreview(bill_minor, credit_minor ?? 0);
      },
    });
    await type(await openPay(core), "900000");
    const credit = byId<HTMLInputElement>("pay-credit");
    await type(credit, "600000");
    await waitFor(() => expect(textOf("pay-credit-error")).toMatch(/^Up to 500,000 ₫ can be used now/));
    expect(credit.value).toBe("600,000");
    expect(screen.getByText("Credit used, 500,000 max")).toBeTruthy();
    await press("Enter");
    expect(core.payloadsOf("pay")).toEqual([]);
  });

  it("is left with Esc, and nothing is booked", async () => {
    const core = new FakeCore();
    await type(await openPay(core), "500000");
    await press("Escape");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(core.payloadsOf("pay")).toEqual([]);
  });
});

describe("above the sum for which a card is asked", () => {
  const proved = {
    preview_pay: ({ bill_minor, credit_minor }: { bill_minor: number; credit_minor: number | null }) =>
      aPayPreview(bill_minor, credit_minor ?? 0, {
        proof_above: (credit_minor ?? 0) > 300_000 ? dong(300_000) : null,
      }),
    pay: () => aPaid(),
  };

  async function payWithCredit(core: FakeCore) {
    await type(await openPay(core), "500000");
    await click("pay-use-max");
    await waitFor(() => expect(document.getElementById("pay-card")).not.toBeNull());
  }

  it("is not booked without one, and says where to put it", async () => {
    const core = new FakeCore(proved);
    await payWithCredit(core);
    expect(textOf("pay-card-proof")).toContain("Over 300,000 of credit needs the member’s card");
    expect(say()).toContain("May I have your card for this?");
    await press("Enter");
    await waitFor(() => expect(document.activeElement?.id).toBe("pay-card"));
    expect(textOf("pay-card-error")).toBe("Scan the member’s card, or type its number.");
    expect(core.payloadsOf("pay")).toEqual([]);
  });

  it("takes a scan of the member’s own card, which confirms nothing by itself", async () => {
    const core = new FakeCore({
      ...proved,
      check_card: ({ serial_number }) => ({ serial_number, in_use_by: theirs }),
    });
    await payWithCredit(core);
    await scan(CARD);
    await screen.findByText("✓ Card …5209 is theirs");
    expect(byId<HTMLInputElement>("pay-bill").value).toBe("500,000");
    expect(core.payloadsOf("pay")).toEqual([]);
    await press("Enter");
    await waitFor(() => expect(core.payloadsOf("pay")[0]).toMatchObject({ card: CARD }));
  });

  it.each([
    [{ ...theirs, member_id: "other" }, "Card …5209 is not one of this member’s."],
    [null, "This till does not know card …5209."],
    [{ ...theirs, state: "blocked" as const }, "Card …5209 is theirs, but it may not be used."],
  ])("refuses a card of %o", async (in_use_by, words) => {
    const core = new FakeCore({
      ...proved,
      check_card: ({ serial_number }) => ({ serial_number, in_use_by }),
    });
    await payWithCredit(core);
    await scan(CARD);
    await waitFor(() => expect(textOf("pay-card-error")).toBe(words));
    await press("Enter");
    expect(core.payloadsOf("pay")).toEqual([]);
  });

  it("takes a number that was typed by hand", async () => {
    const core = new FakeCore({
      ...proved,
      check_card: ({ serial_number }) => ({ serial_number, in_use_by: theirs }),
    });
    await payWithCredit(core);
    await type(byId("pay-card"), CARD);
    await press("Enter");
    await waitFor(() => expect(core.payloadsOf("pay")[0]).toMatchObject({ card: CARD }));
  });
});

describe("after paying", () => {
  const line = aLine({ id: "new", visit_id: "visit-1", entry_id: "entry-new", can_void: true });

  async function pay(core: FakeCore) {
    await type(await openPay(core), "500000");
    await press("Enter");
    await waitFor(() => expect(document.getElementById("said-slip")).not.toBeNull());
  }

  it("shows the slip with Ctrl+P, and it is no copy until it was printed", async () => {
    const core = new FakeCore({ pay: () => aPaid({ member: aCard({ history: [line] }) }) });
    await pay(core);
    await press("p", { ctrlKey: true });
    await waitFor(() => expect(document.getElementById("slip")).not.toBeNull());
    expect(core.payloadsOf("slip")).toEqual([{ visit_id: "visit-1", entry_id: null, is_copy: false }]);
  });

  it("can be undone at once", async () => {
    const core = new FakeCore({
      pay: () => aPaid({ member: aCard({ history: [line] }) }),
      void: () => aCard(),
    });
    await pay(core);
    await click("said-undo");
    await type(byId("void-reason"), "Wrong amount");
    await press("Enter", { ctrlKey: true });
    await waitFor(() =>
      expect(core.payloadsOf("void")).toEqual([{ entry_id: "entry-new", reason: "Wrong amount" }]),
    );
  });
});
