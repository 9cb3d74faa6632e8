import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import type { FindAnswer } from "../../api";
import { FakeCore, failure, later } from "../../fakes/core";
import { aCard, aDesk, aHit, anAnswer, dong } from "../../fakes/things";
import DeskScreen from "../desk/DeskScreen.svelte";

async function openDesk(core: FakeCore): Promise<HTMLInputElement> {
  render(DeskScreen);
  const search = await screen.findByLabelText<HTMLInputElement>("Phone, card or name");
  expect(core.payloadsOf("desk").length).toBeGreaterThan(0);
  return search;
}

const type = (field: HTMLInputElement, value: string) => fireEvent.input(field, { target: { value } });
const press = (key: string, more: KeyboardEventInit = {}) =>
  fireEvent.keyDown(document.activeElement ?? document.body, { key, ...more });
const nameShown = () => document.getElementById("member-name")?.textContent;

describe("the search", () => {
  it("opens a member by itself when the number is complete", async () => {
    const core = new FakeCore({ find: () => anAnswer() });
    const search = await openDesk(core);
    await type(search, "0945350398");
    await waitFor(() => expect(nameShown()).toBe("Lý Tú Quang Thắng"));
  });

  it("lists the only match of some digits, and opens it on Enter", async () => {
    const core = new FakeCore({ find: () => anAnswer({ is_complete: false }) });
    const search = await openDesk(core);
    await type(search, "0398");
    await screen.findByRole("option", { name: /Quang Thắng/ });
    expect(core.payloadsOf("open_member")).toEqual([]);

    await press("Enter");
    await waitFor(() => expect(nameShown()).toBe("Lý Tú Quang Thắng"));
  });

  it("opens on an Enter that came before the answer, as soon as one is found", async () => {
    const slow = later<FindAnswer>();
    const core = new FakeCore({ find: () => slow.promise });
    const search = await openDesk(core);
    await type(search, "0398");
    await press("Enter");
    slow.answer(anAnswer({ is_complete: false }));
    await waitFor(() => expect(nameShown()).toBe("Lý Tú Quang Thắng"));
  });

  it("drops the answer to an older question", async () => {
    const older = later<FindAnswer>();
    const core = new FakeCore({
      find: ({ query }) => (query === "0912" ? older.promise : anAnswer({ is_complete: false })),
    });
    const search = await openDesk(core);
    await type(search, "0912");
    await type(search, "09123");
    await screen.findByRole("heading", { name: "1 member matches 09123" });
    older.answer(anAnswer({ members: [aHit({ id: "other", full_name: "Somebody Else" })] }));
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(screen.queryByText("Somebody Else")).toBeNull();
    expect(core.payloadsOf("open_member")).toEqual([]);
  });

  it("walks the list with the arrow keys, and Enter opens the chosen one", async () => {
    const members = [
      aHit({ id: "ha", full_name: "Nguyễn Thu Hà" }),
      aHit({ id: "nam", full_name: "Nguyễn Hoàng Nam" }),
    ];
    const core = new FakeCore({ find: () => anAnswer({ answer: "several", members }) });
    const search = await openDesk(core);
    await type(search, "0912345678");
    await screen.findByRole("heading", { name: /^2 members share/ });
    await press("ArrowDown");
    await press("ArrowDown");
    await press("Enter");
    await waitFor(() => expect(core.payloadsOf("open_member")).toEqual([{ member_id: "nam" }]));
  });

  it("leaves Enter to an input method that is composing", async () => {
    const core = new FakeCore({ find: () => anAnswer({ is_complete: false }) });
    const search = await openDesk(core);
    await type(search, "0398");
    await screen.findByRole("option");
    await press("Enter", { isComposing: true });
    expect(core.payloadsOf("open_member")).toEqual([]);
  });

  it("never takes a failed search for an unknown number", async () => {
    const core = new FakeCore({
      find: () => {
        throw failure("disk_full", null);
      },
    });
    const search = await openDesk(core);
    await type(search, "0945350398");
    await screen.findByRole("heading", { name: "The search did not work" });
    expect(screen.queryByText(/Not in this till/)).toBeNull();
  });

  it("goes on with a number that was complete before all of it was typed", async () => {
    const core = new FakeCore({ find: ({ query }) => anAnswer({ is_complete: query.length >= 9 }) });
    const search = await openDesk(core);
    await type(search, "094535039");
    await waitFor(() => expect(nameShown()).toBeDefined());
    await fireEvent.click(screen.getByRole("button", { name: "8" }));
    expect(search.value).toBe("0945350398");
  });
});

describe("a number in a heading", () => {
  const several = (is_complete: boolean) =>
    anAnswer({ answer: "several", is_complete, members: [aHit(), aHit({ id: "other" })] });
  const grouped = () => ({ display: "0912 000 417", is_valid: true });

  it("is in groups where it is whole, and stays as typed in the field", async () => {
    const search = await openDesk(new FakeCore({ find: () => several(true), read_phone: grouped }));
    await type(search, "0912000417");
    await screen.findByRole("heading", { name: "2 members share 0912 000 417" });
    expect(search.value).toBe("0912000417");
  });

  it("is in groups where nobody has it", async () => {
    const find = () => anAnswer({ answer: "not_in_copy", members: [] });
    const search = await openDesk(new FakeCore({ find, read_phone: grouped }));
    await type(search, "0912000417");
    await screen.findByRole("button", { name: "New member with 0912 000 417" });
    expect(screen.getByText(/^0912 000 417 may be a member/)).toBeTruthy();
    await press("F2");
    expect((await screen.findByLabelText<HTMLInputElement>("Phone, needed")).value).toBe("0912000417");
  });

  it("is as typed while it is a part of one, or cannot be read", async () => {
    const core = new FakeCore({ find: () => several(false), read_phone: grouped });
    const search = await openDesk(core);
    await type(search, "09120");
    await screen.findByRole("heading", { name: "2 members match 09120" });
    expect(core.payloadsOf("read_phone")).toEqual([]);

    core.answers = { ...core.answers, find: () => several(true) };
    core.answers.read_phone = () => {
      throw failure("internal", null);
    };
    await type(search, "0912000417");
    await screen.findByRole("heading", { name: "2 members share 0912000417" });
  });
});

describe("a character that is typed outside a field", () => {
  it("sends the focus to the search, with the number of whoever is open to be replaced", async () => {
    const search = await openDesk(new FakeCore({ find: () => anAnswer({ is_complete: false }) }));
    await type(search, "0398");
    search.blur();
    await press("7");
    expect(document.activeElement).toBe(search);
    expect(search.selectionStart).toBe(4);

    await press("Enter");
    await waitFor(() => expect(nameShown()).toBeDefined());
    search.blur();
    await press("7");
    await waitFor(() => expect([search.selectionStart, search.selectionEnd]).toEqual([0, 4]));
  });

  it("goes from the sync screen to the counter's search", async () => {
    await openDesk(new FakeCore({ find: () => anAnswer({ answer: "too_short", members: [] }) }));
    document.getElementById("tab-sync")?.click();
    await screen.findByRole("heading", { name: "3 changes wait" });
    await press("7");
    expect((await screen.findByLabelText<HTMLInputElement>("Phone, card or name")).value).toBe("7");
  });
});

describe("a number that is in nobody's copy", () => {
  const notInCopy = () => anAnswer({ answer: "not_in_copy", members: [], as_of: "2026-11-24T06:58:00Z" });

  it("is not called unknown while head office cannot be reached", async () => {
    const search = await openDesk(new FakeCore({ find: notInCopy }));
    await type(search, "0987654321");
    await screen.findByRole("heading", { name: /^Not in this till’s copy as of/ });
    expect(screen.getByText("Head office cannot be reached.")).toBeTruthy();
    expect(screen.getByText(/I cannot see you from here just now/)).toBeTruthy();
  });

  it("has other words while head office is connected", async () => {
    const search = await openDesk(new FakeCore({ find: notInCopy, desk: () => aDesk({ link: "online" }) }));
    await type(search, "0987654321");
    await screen.findByText(/^Head office is connected/);
    expect(screen.getByText(/I do not find this number/)).toBeTruthy();
  });

  it("says how far the first pull is", async () => {
    const pull = { done: 12_400, total: 48_210, is_first: true };
    const search = await openDesk(
      new FakeCore({ find: notInCopy, desk: () => aDesk({ link: "connecting", pull }) }),
    );
    expect(screen.getByRole("progressbar", { name: "12,400 of 48,210 members fetched" })).toBeTruthy();
    await type(search, "0987654321");
    await screen.findByText("Members are still being fetched. 12,400 of 48,210 members fetched so far.");
  });

  const canAsk = () => ({ ...notInCopy(), can_ask: true });

  it("is asked of head office with the key that says so, which finds whom it has", async () => {
    const asked = later<FindAnswer>();
    const core = new FakeCore({ find: canAsk, ask_remote: () => asked.promise });
    const search = await openDesk(core);
    await type(search, "0987654321");
    await screen.findByRole("button", { name: /Ask head office again/ });
    await press("F9");
    const button = await screen.findByRole<HTMLButtonElement>("button", { name: /Asking head office/ });
    expect(button.disabled).toBe(true);
    // What came in meanwhile tells of a change. The question goes on.
    core.tell("members");
    await press("F9");
    asked.answer(anAnswer({ answer: "remote_found" }));
    await waitFor(() => expect(nameShown()).toBe("Lý Tú Quang Thắng"));
    expect(core.payloadsOf("ask_remote")).toEqual([{ query: "0987654321" }]);
    expect(core.payloadsOf("sync_now")).toEqual([]);
  });

  for (const [answer, heading] of [
    ["remote_none", "Nobody here, and nobody at head office."],
    ["remote_cannot_tell", "Nobody here. Head office found nobody either, but cannot be sure."],
    ["remote_unreachable", "Nobody here, and head office did not answer in time."],
  ] as const) {
    it(`keeps what head office said of it: ${answer}`, async () => {
      const core = new FakeCore({ find: canAsk, ask_remote: () => ({ ...canAsk(), answer }) });
      const search = await openDesk(core);
      await type(search, "0987654321");
      await screen.findByRole("button", { name: /Ask head office again/ });
      await press("F9");
      await screen.findByRole("heading", { name: heading });
      const before = core.payloadsOf("find").length;
      core.tell("members");
      await waitFor(() => expect(core.payloadsOf("find").length).toBe(before + 1));
      await screen.findByRole("heading", { name: heading });
      await type(search, "098765432");
      await screen.findByRole("heading", { name: /^Not in this till’s copy/ });
    });
  }

  it("only offers whom head office found by something else, and goes on offering them", async () => {
    const ada = anAnswer({
      answer: "remote_found",
      is_complete: false,
      members: [aHit({ full_name: "Ada" })],
    });
    const core = new FakeCore({ find: canAsk, ask_remote: () => ada });
    const search = await openDesk(core);
    await type(search, "0987654321");
    await screen.findByRole("button", { name: /Ask head office again/ });
    await press("F9");
    await screen.findByRole("option", { name: /Ada/ });
    expect(core.payloadsOf("open_member")).toEqual([]);
    // They came into the copy: that tells of a change, and looking here once more finds nobody by the number.
    const before = core.payloadsOf("find").length;
    core.tell("members");
    await waitFor(() => expect(core.payloadsOf("find").length).toBe(before + 1));
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(screen.getByRole("option", { name: /Ada/ })).toBeTruthy();
    await press("Enter");
    await waitFor(() => expect(nameShown()).toBe("Lý Tú Quang Thắng"));
  });

  it("is no longer asked about once somebody types on", async () => {
    const asked = later<FindAnswer>();
    const core = new FakeCore({ find: canAsk, ask_remote: () => asked.promise });
    const search = await openDesk(core);
    await type(search, "0987654321");
    await screen.findByRole("button", { name: /Ask head office again/ });
    await press("F9");
    await type(search, "0987654322");
    await screen.findByRole("button", { name: /Ask head office again/ });
    asked.answer(anAnswer({ answer: "remote_found" }));
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(core.payloadsOf("open_member")).toEqual([]);
  });

  it("fills the new member's phone", async () => {
    const search = await openDesk(new FakeCore({ find: notInCopy }));
    await type(search, "0987654321");
    await screen.findByRole("heading", { name: /^Not in this till’s copy/ });
    await press("F2");
    expect((await screen.findByLabelText<HTMLInputElement>("Phone, needed")).value).toBe("0987654321");
  });
});

describe("a member of another shop", () => {
  const elsewhere = () => anAnswer({ answer: "elsewhere", members: [aHit({ elsewhere: ["West Lake"] })] });

  it("is taken in with Ctrl+Enter, and not with the Enter after a number", async () => {
    const core = new FakeCore({ find: elsewhere, bring_here: () => aCard() });
    const search = await openDesk(core);
    await type(search, "0945350398");
    await screen.findByRole("heading", { name: "Member at West Lake, not yet here." });
    await press("Enter");
    expect(core.payloadsOf("bring_here")).toEqual([]);

    await press("Enter", { ctrlKey: true });
    await waitFor(() => expect(nameShown()).toBe("Lý Tú Quang Thắng"));
    expect(core.payloadsOf("bring_here")).toEqual([{ member_id: "thang" }]);
    expect(screen.getByText("Taken in at Kim Ma. Saved here. Sent when connected.")).toBeTruthy();
  });
});

describe("a list that is longer than the screen", () => {
  const people = Array.from({ length: 50 }, (_, number) =>
    aHit({ id: `m${number}`, full_name: `Nguyễn ${number}` }),
  );
  const rows = () => document.querySelectorAll("#hits [role=option]").length;

  it("says that there are more, shows the first at once and then all it has", async () => {
    const core = new FakeCore({
      find: () => anAnswer({ answer: "several", is_complete: false, members: people, has_more: true }),
    });
    await type(await openDesk(core), "nguyen");
    await waitFor(() => expect(rows()).toBeGreaterThan(0));
    expect(screen.getByRole("heading", { name: "More than 50 members match nguyen" })).toBeTruthy();
    expect(screen.getByText(/These are the first 50\. Type more/)).toBeTruthy();
    await waitFor(() => expect(rows()).toBe(50));
  });
});

describe("the open member", () => {
  const figure = () => document.getElementById("figure")?.textContent;
  const label = () => document.getElementById("figure-label")?.textContent;

  async function open(core: FakeCore) {
    core.answers.find = () => anAnswer();
    await type(await openDesk(core), "0945350398");
    await waitFor(() => expect(nameShown()).toBeTruthy());
  }

  it("shows what is usable first while offline, and what to say", async () => {
    await open(new FakeCore());
    expect([label(), figure()]).toEqual(["Usable now", "500,000\u00a0₫"]);
    expect(screen.getByText("You can use up to 500,000 now, the rest when we are connected.")).toBeTruthy();
  });

  it("shows the balance first while connected", async () => {
    await open(new FakeCore({ desk: () => aDesk({ link: "online" }) }));
    expect([label(), figure()]).toEqual(["Balance", "1,250,000\u00a0₫"]);
  });

  it("shows a debt as a debt, once", async () => {
    const credit = { ...aCard().credit, balance: dong(-20_000), pending: dong(0), usable: dong(0) };
    await open(new FakeCore({ open_member: () => aCard({ credit }) }));
    expect([label(), figure()]).toEqual(["Owes", "20,000\u00a0₫"]);
  });

  it("is asked for again when members changed", async () => {
    const core = new FakeCore();
    await open(core);
    core.answers.open_member = () => aCard({ full_name: "Lý Tú Quang Thắng Mới" });
    core.tell("members");
    await waitFor(() => expect(nameShown()).toBe("Lý Tú Quang Thắng Mới"));
  });

  it("is cleared with Esc, and the focus is back in the search", async () => {
    await open(new FakeCore());
    await press("Escape");
    await screen.findByRole("heading", { name: "Who is next?" });
    await waitFor(() => expect(document.activeElement?.id).toBe("search"));
  });
});
