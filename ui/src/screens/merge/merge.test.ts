import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { describe, expect, it, vi } from "vitest";
import type { MergeField, MergePreview } from "../../api";
import { FakeCore, failure, later } from "../../fakes/core";
import { aCard, aDesk, aHit, dong } from "../../fakes/things";
import MergeDialog from "./MergeDialog.svelte";
import { nearName, nearPhone, signWords } from "./signs";
import { valueWords } from "./value-words";

const both = (field: string, winner: unknown, loser: unknown): MergeField => ({
  field,
  winner,
  loser,
  is_taken: false,
  differs: true,
});
const added = (field: string, loser: unknown): MergeField => ({
  field,
  winner: null,
  loser,
  is_taken: true,
  differs: false,
});

function aMerge(changes: Partial<MergePreview> = {}): MergePreview {
  return {
    winner: aHit(),
    loser: aHit({ id: "other", full_name: "Ly Tu Quang Thang" }),
    fields: [
      both("email", "thang@example.com", "t@example.com"),
      both("note", "Nuts", "Likes tea"),
      added("home_town", "Huế"),
      added("cards/84000398", { is_virtual: false }),
    ],
    winner_balance: dong(1_250_000),
    loser_balance: dong(80_000),
    balance_after: dong(1_330_000),
    cards_after: 2,
    joins: ["West Lake"],
    ...changes,
  };
}

async function open(core: FakeCore) {
  core.answers.preview_merge ??= () => aMerge();
  const onDone = vi.fn();
  render(MergeDialog, { winnerId: "thang", loserId: "other", desk: aDesk(), onDone });
  await screen.findByRole("button", { name: "Let the other one stay" });
  return onDone;
}

const save = () => fireEvent.keyDown(document.body, { key: "Enter", ctrlKey: true });

describe("joining two members", () => {
  it("proposes that a consent stays withdrawn which the other withdrew", async () => {
    const no = { is_given: false, at: "2026-06-01T08:00:00Z" };
    const yes = { is_given: true, at: "2026-05-01T08:00:00Z" };
    const withdrawn = { ...both("consents/offers/sms", yes, no), is_taken: true };
    const core = new FakeCore({ merge: () => aCard(), preview_merge: () => aMerge({ fields: [withdrawn] }) });
    const onDone = await open(core);
    await save();
    await waitFor(() => expect(onDone).toHaveBeenCalled());
    const take = ["consents/offers/sms"];
    expect(core.payloadsOf("merge")).toEqual([{ winner_id: "thang", loser_id: "other", take }]);
  });

  it("keeps what stays where both differ, takes over what only the other has, and says so", async () => {
    const core = new FakeCore({ merge: () => aCard() });
    const onDone = await open(core);
    expect(screen.getByText(/^Both have something. What stays is kept unless you choose/)).toBeTruthy();
    expect(screen.getByRole<HTMLInputElement>("radio", { name: /thang@example.com/ }).checked).toBe(true);
    expect(screen.getByText("Huế")).toBeTruthy();
    expect(document.getElementById("merge-balance-after")?.textContent).toBe("1,330,000\u00a0₫");
    expect(screen.getByText("Also becomes a member at West Lake.")).toBeTruthy();
    expect(screen.getByText(/^It can be undone/)).toBeTruthy();
    await save();
    await waitFor(() => expect(onDone).toHaveBeenCalled());
    expect(core.payloadsOf("merge")).toEqual([
      { winner_id: "thang", loser_id: "other", take: ["home_town", "cards/84000398"] },
    ]);
  });

  it("takes the other's where somebody chose it", async () => {
    const core = new FakeCore({ merge: () => aCard() });
    await open(core);
    await fireEvent.click(screen.getByRole("radio", { name: /Likes tea/ }));
    await save();
    await waitFor(() =>
      expect(core.payloadsOf("merge")[0]?.take).toEqual(["note", "home_town", "cards/84000398"]),
    );
  });

  it("asks anew when the other one is to stay, and forgets what was chosen for the first", async () => {
    const core = new FakeCore({ merge: () => aCard() });
    await open(core);
    await fireEvent.click(screen.getByRole("radio", { name: /Likes tea/ }));
    await fireEvent.click(screen.getByRole("button", { name: "Let the other one stay" }));
    await waitFor(() => expect(core.payloadsOf("preview_merge")).toHaveLength(2));
    expect(core.payloadsOf("preview_merge")[1]).toEqual({ winner_id: "other", loser_id: "thang" });
    await screen.findByRole("button", { name: "Let the other one stay" });
    await save();
    await waitFor(() =>
      expect(core.payloadsOf("merge")).toEqual([
        { winner_id: "other", loser_id: "thang", take: ["home_town", "cards/84000398"] },
      ]),
    );
  });

  it("says what is in the way, and stays open", async () => {
    const core = new FakeCore({
      merge: () => {
        throw failure("currency_differs", "currency", { expected: "VND" });
      },
    });
    const onDone = await open(core);
    await save();
    expect((await screen.findByRole("alert")).textContent).toBe("This account is kept in VND.");
    expect(onDone).not.toHaveBeenCalled();
  });
});

describe("the focus while two are joined", () => {
  const focused = () => document.activeElement?.id;

  /** The dialog as it opens, before both were looked at. */
  function opening(core: FakeCore) {
    const slow = later<MergePreview>();
    core.answers.preview_merge = () => slow.promise;
    render(MergeDialog, { winnerId: "thang", loserId: "other", desk: aDesk(), onDone: vi.fn() });
    expect(focused()).toBe("merge-back");
    return slow;
  }

  it("is on the first choice, once there is one", async () => {
    opening(new FakeCore()).answer(aMerge());
    await waitFor(() => expect(focused()).toBe("merge-email-stays"));
  });

  it("is on the swap where nothing is to be chosen", async () => {
    opening(new FakeCore()).answer(aMerge({ fields: [] }));
    await waitFor(() => expect(focused()).toBe("merge-swap"));
  });

  it("stays where somebody has gone meanwhile", async () => {
    const slow = opening(new FakeCore());
    const elsewhere = document.createElement("button");
    document.querySelector("dialog footer")?.append(elsewhere);
    elsewhere.focus();
    slow.answer(aMerge());
    await screen.findByRole("button", { name: "Let the other one stay" });
    expect(document.activeElement).toBe(elsewhere);
  });

  it("is on the swap again after it", async () => {
    await open(new FakeCore());
    const swap = screen.getByRole("button", { name: "Let the other one stay" });
    swap.focus();
    await fireEvent.click(swap);
    await waitFor(() => expect(focused()).toBe("merge-swap"));
  });
});

describe("what makes two people alike", () => {
  it.each([
    ["+84 987 654 312", "0987 654 321", "last two digits swapped"],
    ["+84 987 645 321", "0987 654 321", "two digits swapped"],
    ["+84 987 654 320", "0987 654 321", "last digit differs"],
    ["+84 987 154 321", "0987654321", "one digit differs"],
    ["0987 654 312", "0987 654 321", "last two digits swapped"],
    ["+84 911 111 111", "0987 654 321", "almost the same phone"],
  ])("%s beside %s: %s", (known, typed, words) => expect(nearPhone(known, typed)).toBe(words));

  it.each([
    ["Pham Thuy Duong", "Phạm Thùy Dương", "same name without marks"],
    ["Pham Thuy Duong", "Phạm Thùy D", "same name without marks"],
    ["Đặng Văn An", "Dang Van An", "same name without marks"],
    ["Dương Phạm Thùy", "Phạm Thùy Dương", "same name in another order"],
    ["Phạm Thùy Dung", "Phạm Thùy Dương", "almost the same name"],
  ])("%s beside %s: %s", (known, typed, words) => expect(nearName(known, typed)).toBe(words));

  it("is said in one line", () => {
    const twin = { member: aHit(), signs: ["same_phone", "same_birthday"] as const };
    expect(signWords({ ...twin, signs: [...twin.signs] }, { phone: "", name: "" })).toBe(
      "same phone, same birthday",
    );
  });
});

describe("a field's value in words", () => {
  const values: Array<[field: string, value: unknown, words: string]> = [
    ["name", { full: "Lý Tú", given: "Tú" }, "Lý Tú"],
    ["mobile", { typed: "0945 350 398", e164: "+84945350398" }, "0945 350 398"],
    ["birthday", { day: 30, month: 5, year: null }, "30 May"],
    ["gender", "female", "Female"],
    ["consents/offers/sms", { is_given: false, source: "paper" }, "no"],
    ["labels/VIP", true, "yes"],
    ["addresses", [{ text: "12 Kim Ma", city: "Hà Nội" }], "12 Kim Ma, Hà Nội"],
    ["company", { name: "Bếp Nhà Hà", tax_id: "0108" }, "Bếp Nhà Hà, 0108"],
    ["on_account", { limit: { minor: 500_000, currency: "VND" } }, "up to 500,000\u00a0₫"],
    ["hold", { reason: "unpaid" }, "on hold: unpaid"],
    ["picture", { media_type: "image/jpeg", data: "aaaa" }, "a picture"],
    ["discount_percent", "5", "5 %"],
    ["from_a_newer_version", { a: 1, b: [true] }, "1, yes"],
    ["email", null, "nothing"],
  ];

  it.each(values)("%s", (field, value, words) => expect(valueWords(field, value)).toBe(words));
});
