import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import type { MemberCard } from "../../api";
import { FakeCore, failure, later } from "../../fakes/core";
import { aCard, aDesk, anAnswer, aPreview, dong } from "../../fakes/things";
import DeskScreen from "../desk/DeskScreen.svelte";
import { sayAboutTopUp } from "./told";

async function openTopUp(): Promise<HTMLInputElement> {
  render(DeskScreen);
  const search = await screen.findByLabelText("Phone, card or name");
  await fireEvent.input(search, { target: { value: "0945350398" } });
  await waitFor(() => expect(document.getElementById("member-name")).not.toBeNull());
  await fireEvent.keyDown(search, { key: "F4" });
  return screen.findByLabelText<HTMLInputElement>("Amount");
}

const found = { find: () => anAnswer() };
const type = (field: HTMLInputElement, value: string) => fireEvent.input(field, { target: { value } });
const enter = (more: KeyboardEventInit = {}) => fireEvent.keyDown(document.body, { key: "Enter", ...more });

describe("a top-up", () => {
  it("shows the balance after, and what to say, while one types", async () => {
    const core = new FakeCore(found);
    await type(await openTopUp(), "500000");
    await waitFor(() =>
      expect(document.getElementById("topup-balance-after")?.textContent).toBe("1,750,000\u00a0₫"),
    );
    expect(screen.getByRole("button", { name: "Top up 500,000 in cash" })).toBeTruthy();
    expect(core.payloadsOf("preview_top_up")).toEqual([{ member_id: "thang", amount_minor: 500_000 }]);
  });

  it("is booked once by a double Enter", async () => {
    const slow = later<MemberCard>();
    const core = new FakeCore({ ...found, top_up: () => slow.promise });
    await type(await openTopUp(), "500000");
    await enter();
    await enter();
    slow.answer(aCard());
    await screen.findByText(/^Topped up 500,000.₫\. Saved here\. Sent when connected\.$/);
    await enter();
    expect(core.payloadsOf("top_up")).toEqual([
      { member_id: "thang", entry_id: "entry-1", amount: dong(500_000), tender: "cash" },
    ]);
    await waitFor(() => expect(document.activeElement?.id).toBe("search"));
  });

  it("keeps its entry id when it is confirmed again after a failure", async () => {
    let tries = 0;
    const core = new FakeCore({
      ...found,
      top_up: () => {
        tries += 1;
        if (tries === 1) throw failure("internal", null);
        return aCard();
      },
    });
    await type(await openTopUp(), "500000");
    await enter();
    await screen.findByText(/Something went wrong in the program/);
    await enter();
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(core.payloadsOf("top_up").map(({ entry_id }) => entry_id)).toEqual(["entry-1", "entry-1"]);
    expect(core.payloadsOf("new_entry_id")).toHaveLength(1);
  });

  it("is not confirmed by an Enter that is still held down, nor by one that an input method uses", async () => {
    const core = new FakeCore({ ...found, top_up: () => aCard() });
    await type(await openTopUp(), "500000");
    await enter({ repeat: true });
    await enter({ isComposing: true });
    expect(core.payloadsOf("top_up")).toEqual([]);
  });

  it("says at the amount what is wrong with it, and keeps what was typed", async () => {
    const core = new FakeCore({
      ...found,
      top_up: () => {
        throw failure("amount_too_large", "amount");
      },
    });
    const amount = await openTopUp();
    await enter();
    expect(screen.getByRole("alert").textContent).toBe("The amount must be more than zero.");
    expect(core.payloadsOf("top_up")).toEqual([]);

    await type(amount, "999999999999999");
    await enter();
    await waitFor(() =>
      expect(screen.getByRole("alert").textContent).toBe("This is more than an account can hold."),
    );
    expect(amount.value).toBe("999,999,999,999,999");
    expect(amount.getAttribute("aria-invalid")).toBe("true");
  });

  it("takes the chosen tender and the usual amounts", async () => {
    const core = new FakeCore({ ...found, top_up: () => aCard() });
    await openTopUp();
    await fireEvent.click(screen.getByRole("button", { name: "200,000" }));
    await fireEvent.click(screen.getByLabelText("Transfer"));
    await fireEvent.click(screen.getByRole("button", { name: "Top up 200,000 by transfer" }));
    await waitFor(() =>
      expect(core.payloadsOf("top_up")[0]).toMatchObject({ amount: dong(200_000), tender: "transfer" }),
    );
  });

  it("cannot be opened for nobody", async () => {
    new FakeCore();
    render(DeskScreen);
    const search = await screen.findByLabelText("Phone, card or name");
    await fireEvent.keyDown(search, { key: "F4" });
    expect(screen.queryByRole("dialog")).toBeNull();
  });
});

describe("an amount", () => {
  const cases: Array<[currency: string, decimals: number, typed: string, shown: string]> = [
    ["VND", 0, "1234", "1,234"],
    ["EUR", 2, "1234", "12.34"],
    ["EUR", 2, "5", "0.05"],
    ["KWD", 3, "1234", "1.234"],
  ];

  it.each(cases)("in %s with %i decimals: %s is %s", async (currency, decimals, typed, shown) => {
    const balance = { minor: 0, currency };
    const credit = { ...aCard().credit, balance, pending: balance, usable: balance };
    const core = new FakeCore({
      ...found,
      desk: () =>
        aDesk(
          {},
          {
            location: {
              code: "KM",
              name: "Kim Ma",
              country: "VN",
              currency,
              decimals,
              time_zone: "Asia/Ho_Chi_Minh",
            },
          },
        ),
      open_member: () => aCard({ credit }),
      top_up: () => aCard(),
    });
    const amount = await openTopUp();
    await type(amount, typed);
    expect(amount.value).toBe(shown);
    await enter();
    await waitFor(() =>
      expect(core.payloadsOf("top_up")[0]?.amount).toEqual({ minor: Number(typed), currency }),
    );
  });

  it("takes digits alone, from the right", async () => {
    new FakeCore(found);
    const amount = await openTopUp();
    await type(amount, "12a34");
    expect(amount.value).toBe("1,234");
    await type(amount, "1,23");
    expect(amount.value).toBe("123");
    await type(amount, "x");
    expect(amount.value).toBe("");
  });
});

describe("what to say about a top-up", () => {
  const amount = dong(500_000);

  it("promises it for later while offline", () => {
    expect(sayAboutTopUp(amount, aPreview(500_000), "cutOff")).toMatch(/as soon as we are connected again/);
  });

  it("names the part that can be used now", () => {
    const preview = { ...aPreview(500_000), usable_after: dong(800_000) };
    expect(sayAboutTopUp(amount, preview, "cutOff")).toBe(
      "Your 500,000 is saved. You can use up to 800,000 now.",
    );
  });

  it("names the balance while connected", () => {
    expect(sayAboutTopUp(amount, aPreview(500_000), "connected")).toBe("Your balance is 1,750,000 now.");
  });
});

describe("a top-up of somebody who owes", () => {
  it("says honestly what of it goes to what is owed", async () => {
    const credit = { ...aCard().credit, balance: dong(-20_000), pending: dong(0), usable: dong(0) };
    new FakeCore({
      ...found,
      desk: () => aDesk({ link: "online" }),
      open_member: () => aCard({ credit }),
      preview_top_up: ({ amount_minor }) => ({
        balance: dong(-20_000),
        pending: dong(0),
        balance_after: dong(amount_minor - 20_000),
        usable: dong(0),
        usable_after: dong(0),
        repays: dong(20_000),
      }),
    });
    await type(await openTopUp(), "500000");
    await screen.findByText("20,000 of it goes to what is owed");
    expect(document.getElementById("topup-balance-after")?.textContent).toBe("480,000\u00a0₫");
    expect(screen.getByText(/^20,000 of it goes to what was open, so your balance is 480,000/)).toBeTruthy();
  });
});
