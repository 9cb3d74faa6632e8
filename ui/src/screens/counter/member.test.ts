import { screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import type { MemberCard } from "../../api";
import { FakeCore, failure } from "../../fakes/core";
import { byId, click, openDesk, openMember, press, textOf, type } from "../../fakes/desk";
import { aCard, aDesk, aHit, aLine, aLoyaltyCard, anAnswer, aStatus, dong } from "../../fakes/things";

const open = (card: Partial<MemberCard>, core = new FakeCore()) => {
  core.answers.open_member = () => aCard(card);
  return openMember(core);
};
const say = () => document.querySelector("main q")?.textContent;

describe("who somebody is", () => {
  it("says how they stand, what they are labelled, since when and under which reference", async () => {
    await open({ labels: [{ name: "Wholesale", color: "#205d3b" }] });
    expect(textOf("member-status")).toBe("Active");
    expect(screen.getByText("Wholesale")).toBeTruthy();
    expect(textOf("member-about")).toBe("0945 350 398 · M-004217 · member since 26 Sep 2019");
  });

  it("shows a company as one", async () => {
    await open({ is_company: true, tax_id: "0108 555 201" });
    expect(textOf("member-about")).toContain("company, tax 0108 555 201");
  });

  it("shows the note, and the staff note with who wrote it and when", async () => {
    await open({
      note: "Prefers the window",
      staff_note: { text: "Allergic to nuts", author: "Mai", on: "2019-11-12" },
    });
    expect(textOf("member-note")).toBe("Note: Prefers the window Allergic to nuts — Mai, 12 Nov 2019");
  });

  it.each([
    [
      aStatus({ state: "expired", on: "2025-12-31" }),
      "Expired, valid until 31 Dec 2025",
      /No discount any more/,
    ],
    [aStatus({ state: "not_yet_valid", on: "2027-01-01" }), "Not valid before 1 Jan 2027", /No discount yet/],
    [aStatus({ state: "inactive" }), "Inactive", /Their credit stays theirs/],
    [
      aStatus({ state: "on_hold", reason: "unpaid invoice" }),
      "On hold: unpaid invoice",
      /until somebody lifts/,
    ],
  ])("says what it means at the counter: %o", async (status, words, means) => {
    await open({ status, discount_percent: "5" });
    expect(textOf("member-status")).toBe(words);
    expect(textOf("member-stands")).toMatch(means);
    expect(document.getElementById("figure-discount")).toBeNull();
  });

  it("promises no credit to somebody on hold, and says what to say", async () => {
    await open({ status: aStatus({ state: "on_hold" }) });
    expect([textOf("figure-label"), textOf("figure")]).toEqual(["Balance", "1,250,000 ₫"]);
    expect(say()).toMatch(/^I cannot use your credit today/);
    expect(document.getElementById("do-cash-out")).toBeNull();
  });

  it("marks what to look out for", async () => {
    await open({ risk: { name: "Pays late", color: null } });
    expect(textOf("member-risk")).toBe("Look out: Pays late");
  });

  it("lists the cards, and why one cannot be used and since when", async () => {
    await open({
      cards: [
        aLoyaltyCard(),
        aLoyaltyCard({
          serial_number: "8400174503981177",
          state: "blocked",
          status_reason: "lost",
          status_at: "2025-03-02T03:00:00Z",
        }),
      ],
    });
    const [active, blocked] = within(byId("cards")).getAllByRole("listitem");
    expect(active?.textContent).toMatch(/8400 1745 0416 5209\s*Active\s*Plastic, since 1 Nov 2022/);
    expect(blocked?.textContent).toMatch(/…0398 1177\s*Blocked \(lost\)\s*Plastic, since 2 Mar 2025/);
  });
});

describe("what somebody has", () => {
  it("shows discount, earning and what is owed on account, which is no credit", async () => {
    await open({
      discount_percent: "5",
      valid_until: "2026-12-31",
      earn_percent: "2.5",
      on_account: { limit: dong(5_000_000), balance: dong(1_200_000) },
    });
    expect(textOf("figure-discount")).toBe("Discount 5 % until 31 Dec 2026");
    expect(textOf("figure-earns")).toBe("Earns 2.5 % credit on a sale");
    expect(textOf("figure-on-account")).toBe("On account 1,200,000 ₫ owed, of 5,000,000 at most");
  });

  it("shows rewards and what runs out next", async () => {
    const credit = {
      ...aCard().credit,
      rewards: dong(20_000),
      next_expiry: { amount: dong(5_000), on: `${new Date().getFullYear()}-12-31` },
    };
    await open({ credit });
    expect(screen.getByText("20,000 ₫")).toBeTruthy();
    expect(screen.getByText("5,000 until 31 Dec")).toBeTruthy();
  });
});

describe("the history", () => {
  const lines = [
    aLine({
      id: "a",
      what: { ...entryOf("top_up"), tender: "cash" },
      amount: dong(350_000),
      visit_id: null,
      can_void: true,
    }),
    aLine({ id: "b", what: { ...entryOf("earn"), percent: "2" }, amount: dong(2_000) }),
    aLine({ id: "c", can_return: true }),
    aLine({
      id: "d",
      what: { ...entryOf("top_up"), tender: "card" },
      is_void: true,
      has_slip: false,
      visit_id: null,
    }),
  ];

  it("says of a line that it was undone, in words", async () => {
    await open({ history: lines });
    const row = screen.getByText("Top-up, card").closest("tr");
    expect(row?.textContent).toContain("undone");
  });

  it("says of a void what it undid", async () => {
    const undid = { kind: "top_up" as const, tender: "cash" as const, amount: dong(50_000) };
    const what = { ...entryOf("top_up"), kind: "void" as const, undid };
    await open({ history: [aLine({ what, amount: dong(-50_000) })] });
    expect(screen.getByText("Void of top-up, cash, 50,000 ₫")).toBeTruthy();
  });

  it("is walked with the arrow keys, out of the search and back into it", async () => {
    const search = await open({ history: lines });
    search.focus();
    await press("ArrowDown");
    await press("ArrowDown");
    const chosen = () => document.querySelector('#history [aria-selected="true"]');
    expect(chosen()?.textContent).toMatch(/Earned 2/);
    await waitFor(() => expect(document.activeElement).toBe(chosen()));
    await press("ArrowUp");
    await press("ArrowUp");
    expect(chosen()).toBeNull();
    await waitFor(() => expect(document.activeElement).toBe(search));
  });

  it("is left with Esc first, and the member with the next one", async () => {
    await open({ history: lines });
    await press("ArrowDown");
    await press("Escape");
    expect(document.querySelector('#history [aria-selected="true"]')).toBeNull();
    expect(byId("member-name")).toBeTruthy();
    await press("Escape");
    await screen.findByRole("heading", { name: "Who is next?" });
  });

  it("offers for a line what the core allows, and its slip with Ctrl+P as a copy", async () => {
    const core = new FakeCore();
    await open({ history: lines }, core);
    await press("ArrowDown");
    expect(
      ["line-slip", "line-void", "line-return"].map((id) => document.getElementById(id) !== null),
    ).toEqual([true, true, false]);
    await press("p", { ctrlKey: true });
    await waitFor(() =>
      expect(core.payloadsOf("slip")).toEqual([{ visit_id: null, entry_id: "entry-9", is_copy: true }]),
    );
    await press("Escape");

    await press("ArrowDown");
    await press("ArrowDown");
    await press("ArrowDown");
    expect(document.getElementById("line-return")).not.toBeNull();
    await press("ArrowDown");
    expect(document.getElementById("line-slip")).toBeNull();
    expect(screen.getByText(/Nothing can be done with this line/)).toBeTruthy();
  });

  it("brings back with Ctrl+Enter what an automatic choice left out, and says so", async () => {
    const decided = (id: string, bring_back: number | null) =>
      aLine({
        id,
        what: {
          what: "decided",
          field: "email",
          kept: "theirs",
          is_by_person: false,
          lost: "thang@example.com",
        },
        amount: null,
        balance: null,
        place: "this_till",
        receipt: null,
        entry_id: null,
        visit_id: null,
        has_slip: false,
        bring_back,
      });
    const core = new FakeCore({ bring_back: () => aCard({ history: [decided("back", null)] }) });
    const search = await open({ history: [decided("lost", 7)] }, core);
    await press("ArrowDown");
    expect(screen.getByText(/the other one: thang@example.com/)).toBeTruthy();
    expect(document.getElementById("line-bring-back")).not.toBeNull();
    await press("Enter", { ctrlKey: true });
    await waitFor(() => expect(core.payloadsOf("bring_back")).toEqual([{ decision: 7 }]));
    await screen.findByText("Brought back. Saved here first.");
    await waitFor(() => expect(document.activeElement).toBe(search));

    // What was brought back once is not offered again, and the key does nothing.
    await press("ArrowDown");
    expect(document.getElementById("line-bring-back")).toBeNull();
    await press("Enter", { ctrlKey: true });
    expect(core.payloadsOf("bring_back")).toHaveLength(1);
  });

  it("shows the last lines, and all of them when somebody walks on", async () => {
    const many = Array.from({ length: 30 }, (_, place) => aLine({ id: `line-${place}` }));
    await open({ history: many });
    const shown = () => document.querySelectorAll("#history tbody .line").length;
    expect(shown()).toBe(8);
    expect(textOf("history-all")).toBe("Show all 30 lines");
    for (let each = 0; each < 9; each += 1) await press("ArrowDown");
    expect(shown()).toBe(30);
  });

  it("keeps the line that is chosen when the member is asked for again", async () => {
    const core = new FakeCore();
    await open({ history: lines }, core);
    await press("ArrowDown");
    core.tell("members");
    await waitFor(() => expect(core.payloadsOf("open_member").length).toBeGreaterThan(1));
    expect(document.querySelector('#history [aria-selected="true"]')?.textContent).toContain("Top-up, cash");
  });
});

describe("two who were joined", () => {
  const aliases = [{ member_id: "alias", full_name: "Thắng Lý", merged_at: "2019-11-01T02:00:00Z" }];

  it("can be separated again, after a question", async () => {
    const core = new FakeCore({ unmerge: () => aCard({ id: "alias" }) });
    await open({ aliases }, core);
    expect(screen.getByText("Thắng Lý was joined into this member on 1 Nov 2019.")).toBeTruthy();
    await click("unmerge-alias");
    expect(core.payloadsOf("unmerge")).toEqual([]);
    expect(document.activeElement?.id).toBe("unmerge-back");
    await press("Enter", { ctrlKey: true });
    await screen.findByText("Thắng Lý is a member of their own again.");
    expect(core.payloadsOf("unmerge")).toEqual([{ member_id: "alias" }]);
    expect(textOf("member-name")).toBe("Lý Tú Quang Thắng");
  });

  it("stay as they are where that fails, and it is said why", async () => {
    const core = new FakeCore({
      unmerge: () => {
        throw failure("not_merged", null);
      },
    });
    await open({ aliases }, core);
    await click("unmerge-alias");
    await click("unmerge-save");
    await screen.findByText("This member was not joined with another.");
  });
});

describe("several with one number", () => {
  const members = [
    aHit({
      id: "ha",
      full_name: "Nguyễn Thu Hà",
      birth_year: 1986,
      card_ending: "8812",
      labels: [{ name: "Retail", color: null }],
    }),
    aHit({ id: "bep", full_name: "Bếp Nhà Hà", is_company: true, tax_id: "0108 555 201", last_visit: null }),
  ];
  const found = () => anAnswer({ answer: "several", members, as_of: "2019-11-24T06:58:00Z" });

  it("are told apart by birth year or tax number, last visit, card and label", async () => {
    const core = new FakeCore({ find: found });
    await type(await openDesk(), "0912345678");
    const [first, second] = await screen.findAllByRole("option");
    expect(core.payloadsOf("find")).toHaveLength(1);
    expect(first?.textContent?.replace(/\s+/g, " ")).toMatch(
      /Nguyễn Thu Hà Label: Retail born 1986, member since 2019, M-004217 Last visit 18 Nov.*, Kim Ma Card …8812/,
    );
    expect(second?.textContent?.replace(/\s+/g, " ")).toMatch(
      /company, tax 0108 555 201, since 2019.*Last visit never Card none/,
    );
    expect(say()).toBe("Two people use this number. May I have your name, or your card?");
  });

  it("can be joined where they are the same person", async () => {
    const core = new FakeCore({ find: found });
    await type(await openDesk(), "0912345678");
    await screen.findAllByRole("option");
    await click("join");
    await waitFor(() =>
      expect(core.payloadsOf("preview_merge")[0]).toEqual({ winner_id: "ha", loser_id: "bep" }),
    );
  });

  it("asks which of them it is, where they are more than two", async () => {
    const core = new FakeCore({
      find: () =>
        anAnswer({ answer: "several", members: [...members, aHit({ id: "nam", full_name: "Nam" })] }),
    });
    await type(await openDesk(), "0912345678");
    await screen.findAllByRole("option");
    await click("join");
    expect(core.payloadsOf("preview_merge")).toEqual([]);
    await click("join-nam");
    await waitFor(() =>
      expect(core.payloadsOf("preview_merge")[0]).toEqual({ winner_id: "ha", loser_id: "nam" }),
    );
  });
});

describe("a card that may not be used", () => {
  const refused = () =>
    anAnswer({
      answer: "card_refused",
      members: [aHit({ id: "ha", full_name: "Nguyễn Thu Hà" })],
      refused_card: {
        card: aLoyaltyCard({ state: "blocked", status_reason: "lost", status_at: "2025-03-02T03:00:00Z" }),
        member_name: "Nguyễn Thu Hà",
      },
    });

  it("says whose it is, why and since when, and what to say", async () => {
    new FakeCore({ find: refused });
    await type(await openDesk(), "8400174504165209");
    await screen.findByRole("heading", { name: /^This card cannot be used/ });
    expect(
      screen.getByText(/Card …5209 of Nguyễn Thu Hà\.\s+Blocked \(lost\) since 2 Mar 2025/),
    ).toBeTruthy();
    expect(say()).toBe("This card does not work any more. May I have your phone number?");
  });

  it("opens its member with no Enter, and only after the phone was asked", async () => {
    const core = new FakeCore({ find: refused, open_member: () => aCard({ id: "ha" }) });
    await type(await openDesk(), "8400174504165209");
    await screen.findByRole("heading", { name: /^This card cannot be used/ });
    await press("Enter");
    expect(core.payloadsOf("open_member")).toEqual([]);
    await click("refused-anyway");
    expect(core.payloadsOf("open_member")).toEqual([]);
    expect(textOf("refused-step")).toContain("It must end with 0398");
    await click("refused-open");
    await waitFor(() => expect(core.payloadsOf("open_member")).toEqual([{ member_id: "ha" }]));
  });
});

describe("a member of no shop here", () => {
  it("has nothing booked", async () => {
    new FakeCore();
    await open({ is_here: false, elsewhere: ["West Lake"], status: aStatus({ state: "not_a_member" }) });
    expect(document.getElementById("do-adjust")).toBeNull();
    expect(byId<HTMLButtonElement>("do-pay").disabled).toBe(true);
    expect(aDesk().location.name).toBe("Kim Ma");
  });
});

function entryOf(kind: "top_up" | "earn") {
  return {
    what: "entry" as const,
    kind,
    tender: null,
    location: "Kim Ma",
    percent: null,
    reason: null,
    undid: null,
  };
}
