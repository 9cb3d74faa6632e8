import { fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import type { ChangeState, SyncState, UnsettledAccount } from "../../api";
import { FakeCore, failure, later } from "../../fakes/core";
import { aCard, aChange, aDesk, aQuestion, aSync, dong } from "../../fakes/things";
import DeskScreen from "../desk/DeskScreen.svelte";
import { stateWords } from "./changes";

async function openSync() {
  render(DeskScreen);
  await screen.findByLabelText("Phone, card or name");
  const tab = document.getElementById("tab-sync");
  if (tab) await fireEvent.click(tab);
}

const needsYou: ChangeState & { state: "needs_you" } = {
  state: "needs_you",
  failure: { code: "location_not_allowed", message: "", field: null, facts: {} },
  can_retry: true,
  can_discard: true,
  can_confirm: false,
  edited: [],
};

describe("what waits", () => {
  it("is listed with its state", async () => {
    const topUp = aChange({
      change_id: "change-2",
      what: { what: "entry", kind: "top_up", tender: "cash" },
      amount: dong(350_000),
      state: { state: "sending" },
    });
    new FakeCore({ waiting: () => ({ changes: [aChange(), topUp], total: 2 }) });
    await openSync();
    await screen.findByRole("table", { name: "Waiting to be sent to Head office" });
    expect(screen.getByRole("row", { name: /Quang Thắng Phone Waiting 0/ })).toBeTruthy();
    expect(screen.getByRole("row", { name: /Top-up, cash \+350,000.₫ Being sent/ })).toBeTruthy();
  });

  it("is asked for again after each change", async () => {
    const core = new FakeCore({ waiting: () => ({ changes: [aChange()], total: 1 }) });
    await openSync();
    await screen.findByRole("table");
    core.answers.waiting = () => ({ changes: [], total: 0 });
    core.answers.desk = () => aDesk({ link: "online", waiting: 0 });
    core.tell("sync");
    await screen.findByRole("heading", { name: "Nothing waits" });
    await waitFor(() => expect(screen.queryByRole("table")).toBeNull());
  });

  it("counts down to the next try, and names the time of a far one", () => {
    const now = Date.parse("2026-11-24T07:00:00Z");
    const inSeconds = (at: string) => stateWords({ state: "next_try", at }, now);
    expect(inSeconds("2026-11-24T07:00:24Z")).toBe("Next try in 24 s");
    expect(inSeconds("2026-11-24T06:59:00Z")).toBe("Next try now");
    expect(inSeconds("2026-11-24T09:00:00Z")).toMatch(/^Next try (at|on) /);
  });
});

describe("a change that needs somebody", () => {
  it("can be tried again", async () => {
    const core = new FakeCore({
      waiting: () => ({ changes: [aChange({ state: needsYou })], total: 1 }),
      retry_change: () => ({}),
    });
    await openSync();
    await fireEvent.click(await screen.findByRole("button", { name: /Try again/ }));
    await waitFor(() => expect(core.payloadsOf("retry_change")).toEqual([{ change_id: "change-1" }]));
  });

  it("asks whether money is there that nobody can tell of", async () => {
    const state: ChangeState = {
      ...needsYou,
      failure: {
        code: "credit_in_doubt",
        message: "",
        field: null,
        facts: { before: dong(100_000), after: dong(150_000) },
      },
      can_discard: false,
      can_confirm: true,
    };
    const core = new FakeCore({
      waiting: () => ({ changes: [aChange({ state })], total: 1 }),
      confirm_change: () => ({}),
      retry_change: () => ({}),
    });
    await openSync();
    await screen.findByText(/was 100,000.₫ before it, and would be 150,000.₫ with it/);
    // The key that saves decides nothing here: it would be one of the two.
    await fireEvent.keyDown(document.body, { key: "Enter", ctrlKey: true });
    await fireEvent.click(screen.getByRole("button", { name: "It is there" }));
    await waitFor(() => expect(core.payloadsOf("confirm_change")).toEqual([{ change_id: "change-1" }]));
    expect(core.payloadsOf("retry_change")).toEqual([]);
    await fireEvent.click(screen.getByRole("button", { name: "It is not there: send it again" }));
    await waitFor(() => expect(core.payloadsOf("retry_change")).toEqual([{ change_id: "change-1" }]));
  });

  it("shows what was before and what this till made of it, field by field", async () => {
    const refused = {
      ...needsYou,
      edited: [
        { field: "name", before: { full: "Trần Minh Anh" }, after: { full: "Trần Thị Minh Anh" } },
        { field: "email", before: null, after: "anh@example.com" },
        { field: "cards/8400174504165209", before: null, after: null },
      ],
    };
    new FakeCore({ waiting: () => ({ changes: [aChange({ state: refused })], total: 1 }) });
    await openSync();
    await screen.findByRole("button", { name: /Try again/ });
    const lines = [...document.querySelectorAll(".edited li")];
    expect(lines.map((line) => line.textContent?.replaceAll(/\s+/g, " ").trim())).toEqual([
      "Name: Before Trần Minh Anh → This till Trần Thị Minh Anh",
      "Email: Before nothing → This till anh@example.com",
      "Card …5209: Before nothing → This till nothing",
    ]);
  });

  it("shows no fields where it is no edit", async () => {
    const what = { what: "entry" as const, kind: "top_up" as const, tender: "cash" as const };
    const topUp = aChange({ what, amount: dong(350_000), state: needsYou });
    new FakeCore({ waiting: () => ({ changes: [topUp], total: 1 }) });
    await openSync();
    await screen.findByRole("button", { name: /Try again/ });
    expect(document.querySelector(".edited")).toBeNull();
  });

  it("is put right with one key: the form opens at what was refused, and what is saved there goes out", async () => {
    const refused = {
      ...needsYou,
      failure: { code: "name_too_short", message: "Too short there.", field: "name.full", facts: {} },
    };
    const core = new FakeCore({
      waiting: () => ({ changes: [aChange({ state: refused })], total: 1 }),
      member_form: () => ({
        member_id: "thang",
        input: { name: { full: "Li" }, phone: "0945 350 398" },
        catalogue: [],
      }),
      edit_member: () => aCard(),
    });
    await openSync();
    await screen.findByRole("button", { name: /Put it right/ });
    await fireEvent.keyDown(document.body, { key: "F7" });
    const name = await screen.findByLabelText<HTMLInputElement>(/^Name/);
    await waitFor(() => expect(document.activeElement).toBe(name));
    expect(name.getAttribute("aria-invalid")).toBe("true");
    await fireEvent.input(name, { target: { value: "Li Wei" } });
    await fireEvent.keyDown(name, { key: "Enter", ctrlKey: true });
    await waitFor(() => expect(core.payloadsOf("edit_member")).toHaveLength(1));
    await screen.findByRole("heading", { name: "3 changes wait" });
  });

  it("is tried again with the key that saves, and given up with it once a reason is asked for", async () => {
    const core = new FakeCore({
      waiting: () => ({ changes: [aChange({ state: needsYou })], total: 1 }),
      retry_change: () => ({}),
      discard_change: () => ({}),
    });
    await openSync();
    await screen.findByRole("button", { name: /Try again/ });
    await fireEvent.keyDown(document.body, { key: "Enter", ctrlKey: true });
    await waitFor(() => expect(core.payloadsOf("retry_change")).toHaveLength(1));
    await fireEvent.click(screen.getByRole("button", { name: "Discard…" }));
    const reason = screen.getByLabelText("Why is it discarded?");
    await fireEvent.input(reason, { target: { value: "typed twice" } });
    await fireEvent.keyDown(reason, { key: "Enter", ctrlKey: true });
    await waitFor(() => expect(core.payloadsOf("discard_change")).toHaveLength(1));
    expect(core.payloadsOf("retry_change")).toHaveLength(1);
  });

  it("leads to the member", async () => {
    const core = new FakeCore({ waiting: () => ({ changes: [aChange({ state: needsYou })], total: 1 }) });
    await openSync();
    await fireEvent.click(await screen.findByRole("button", { name: "Open the member" }));
    await waitFor(() => expect(core.payloadsOf("open_member")).toHaveLength(1));
    await screen.findByLabelText("Phone, card or name");
  });

  it("is discarded with a reason, and the failure stands at the reason", async () => {
    const core = new FakeCore({
      waiting: () => ({ changes: [aChange({ state: needsYou })], total: 1 }),
      discard_change: ({ reason }) => {
        if (reason === "") throw failure("required", "reason");
        return {};
      },
    });
    await openSync();
    await fireEvent.click(await screen.findByRole("button", { name: "Discard…" }));
    await fireEvent.click(screen.getByRole("button", { name: "Discard for good" }));
    const reason = screen.getByLabelText("Why is it discarded?");
    await waitFor(() => expect(reason.getAttribute("aria-invalid")).toBe("true"));

    await fireEvent.input(reason, { target: { value: "typed twice" } });
    await fireEvent.click(screen.getByRole("button", { name: "Discard for good" }));
    await waitFor(() =>
      expect(core.payloadsOf("discard_change").at(-1)).toEqual({
        change_id: "change-1",
        reason: "typed twice",
      }),
    );
  });

  it("offers only what the core allows", async () => {
    const state: ChangeState = { ...needsYou, can_discard: false };
    new FakeCore({ waiting: () => ({ changes: [aChange({ state })], total: 1 }) });
    await openSync();
    await screen.findByRole("button", { name: /Try again/ });
    expect(screen.queryByRole("button", { name: "Discard…" })).toBeNull();
  });
});

describe("a field that was changed on two sides", () => {
  const asks = () => ({ questions: [aQuestion()] });
  const group = (name: string) => screen.findByRole("radiogroup", { name: new RegExp(`^${name}`) });

  it("stands with before, this till and head office, and nothing is chosen beforehand", async () => {
    new FakeCore({ questions: asks });
    await openSync();
    const phone = await group("Phone");
    expect(within(phone).getByText("+84 912 000 417")).toBeTruthy();
    expect(within(phone).getByRole("radio", { name: "This till +84 912 000 471" })).toBeTruthy();
    expect(within(phone).getByRole("radio", { name: "Head office +84 912 000 714" })).toBeTruthy();
    const radios = screen.getAllByRole<HTMLInputElement>("radio");
    expect(radios.map(({ checked }) => checked)).toEqual([false, false, false, false]);
    expect(screen.getByText("Still to choose: phone and name")).toBeTruthy();
    expect(screen.getByText("minhanh@example.com", { exact: false }).textContent).toContain("taken");
  });

  it("names the system that this change goes to, whichever the desk’s own shop is at", async () => {
    new FakeCore({ questions: () => ({ questions: [aQuestion({ remote_name: "Portos" })] }) });
    await openSync();
    const phone = await group("Phone");
    expect(within(phone).getByRole("radio", { name: "Portos +84 912 000 714" })).toBeTruthy();
    expect(screen.getByRole("button", { name: "Choose all of Portos" })).toBeTruthy();
    expect(screen.queryByRole("radio", { name: /Head office/ })).toBeNull();
  });

  it("goes to the first one without a choice instead of being saved", async () => {
    const core = new FakeCore({ questions: asks, resolve_question: () => ({}) });
    await openSync();
    await fireEvent.click(within(await group("Phone")).getByRole("radio", { name: /^This till/ }));
    await fireEvent.keyDown(document.body, { key: "Enter", ctrlKey: true });
    expect(document.activeElement).toBe(
      within(await group("Name")).getByRole("radio", { name: /^This till/ }),
    );
    expect(core.payloadsOf("resolve_question")).toEqual([]);
  });

  it("is saved with the keys, each field for itself", async () => {
    const core = new FakeCore({ questions: asks, resolve_question: () => ({}) });
    await openSync();
    await fireEvent.click(within(await group("Phone")).getByRole("radio", { name: /^This till/ }));
    await fireEvent.click(within(await group("Name")).getByRole("radio", { name: /^Head office/ }));
    core.answers.questions = () => ({ questions: [] });
    await fireEvent.keyDown(document.body, { key: "Enter", ctrlKey: true });
    await waitFor(() =>
      expect(core.payloadsOf("resolve_question")).toEqual([
        { change_id: "change-7", choices: { phone: "till", name: "remote" } },
      ]),
    );
    await waitFor(() => expect(screen.queryByRole("radiogroup")).toBeNull());
  });

  it("can be chosen for one side at once", async () => {
    const core = new FakeCore({ questions: asks, resolve_question: () => ({}) });
    await openSync();
    await fireEvent.click(await screen.findByRole("button", { name: "Choose all of Head office" }));
    await fireEvent.click(screen.getByRole("button", { name: /^Save/ }));
    await waitFor(() =>
      expect(core.payloadsOf("resolve_question")[0]?.choices).toEqual({ phone: "remote", name: "remote" }),
    );
  });

  it("is chosen anew where the other side changed it once more meanwhile", async () => {
    const core = new FakeCore({ questions: asks });
    await openSync();
    await fireEvent.click(await screen.findByRole("button", { name: "Choose all of this till" }));
    const [phone, name] = aQuestion().fields;
    const changed = phone && name ? [{ ...phone, remote: { typed: "+84 999" } }, name] : [];
    core.answers.questions = () => ({
      questions: [aQuestion({ fields: changed })],
    });
    core.tell("sync");
    await screen.findByText("Still to choose: phone");
  });
});

describe("credit to be settled", () => {
  const owes: UnsettledAccount = {
    member_id: "david",
    member_name: "David Coaster",
    issuer: null,
    amount: dong(60_000),
    too_much_back_of: null,
  };
  const listed = async () => {
    const heading = await screen.findByRole("heading", { name: "Credit to settle" });
    return within(heading.closest("section") ?? document.body);
  };

  it("is listed below what needs somebody, and is counted with it in the head", async () => {
    new FakeCore({
      desk: () => aDesk({ needs_you: 2, unsettled: 1 }),
      waiting: () => ({ changes: [aChange({ state: needsYou })], total: 1 }),
      unsettled: () => ({ accounts: [owes], total: 1 }),
    });
    await openSync();
    const section = await listed();
    expect(section.getByText("David Coaster")).toBeTruthy();
    expect(section.getByText(/^Owes 60,000.₫$/)).toBeTruthy();
    expect(screen.getByRole("heading", { name: "1 change needs you, 1 account to settle" })).toBeTruthy();
    expect(document.getElementById("needs-you")?.textContent?.trim()).toBe("2 need you");
    const decision = document.getElementById("decision-change-1");
    const list = document.getElementById("unsettled");
    expect(decision && list && decision.compareDocumentPosition(list)).toBe(Node.DOCUMENT_POSITION_FOLLOWING);
  });

  it("leads to the member by a button that Tab comes to", async () => {
    const core = new FakeCore({
      desk: () => aDesk({ needs_you: 1, unsettled: 1 }),
      unsettled: () => ({ accounts: [owes], total: 1 }),
    });
    await openSync();
    const button = (await listed()).getByRole("button", { name: "Open the member" });
    expect(button.tabIndex).toBe(0);
    const about = document.getElementById(button.getAttribute("aria-describedby") ?? "");
    expect(about?.textContent).toContain("David Coaster");
    await fireEvent.click(button);
    await waitFor(() => expect(core.payloadsOf("open_member")).toEqual([{ member_id: "david" }]));
    await screen.findByLabelText("Phone, card or name");
  });

  it("says whose it is where that has a name, and how much more there is", async () => {
    const many = [
      { ...owes, issuer: "Kim Ma Ltd" },
      { ...owes, issuer: "West Lake Ltd", amount: dong(5_000) },
      { ...owes, member_id: "gone", member_name: null },
    ];
    new FakeCore({ unsettled: () => ({ accounts: many, total: 240 }) });
    await openSync();
    const section = await listed();
    expect(section.getByText("with Kim Ma Ltd")).toBeTruthy();
    expect(section.getByText("with West Lake Ltd")).toBeTruthy();
    expect(section.getByText("A member who was erased")).toBeTruthy();
    expect(section.getAllByRole("button")).toHaveLength(2);
    expect(section.getByText("The first 3 of 240.")).toBeTruthy();
  });

  it("says of which bill too much came back, and what to do", async () => {
    const bill = { visit_id: "bill-1", receipt: "R-17", on: "2026-11-21" };
    const twice = { ...owes, amount: dong(200_000), too_much_back_of: bill };
    const nameless = { ...twice, too_much_back_of: { ...bill, visit_id: "bill-2", receipt: null } };
    new FakeCore({ unsettled: () => ({ accounts: [owes, twice, nameless], total: 3 }) });
    await openSync();
    const section = await listed();
    expect(section.getAllByText(/^200,000.₫ too much came back$/)).toHaveLength(2);
    section.getByText(/^More came back of receipt R-17 of .*21 Nov.* than was paid\. Undo one return/);
    section.getByText(/^More came back of a bill of .*21 Nov.* than was paid\./);
  });

  it("is gone from the list once it is settled", async () => {
    const core = new FakeCore({ unsettled: () => ({ accounts: [owes], total: 1 }) });
    await openSync();
    await listed();
    core.answers.unsettled = () => ({ accounts: [], total: 0 });
    core.tell("members");
    await waitFor(() => expect(document.getElementById("unsettled")).toBeNull());
  });

  it("does not keep back what waits where looking for it fails, and that is said", async () => {
    new FakeCore({
      waiting: () => ({ changes: [aChange()], total: 1 }),
      unsettled: () => {
        throw failure("internal", null);
      },
    });
    await openSync();
    await screen.findByRole("table");
    await screen.findByRole("alert");
  });
});

describe("an exchange that is asked for", () => {
  it("is asked once while it runs, and says at the counter how it went", async () => {
    const slow = later<SyncState>();
    const core = new FakeCore({ sync_now: () => slow.promise });
    render(DeskScreen);
    const search = await screen.findByLabelText("Phone, card or name");
    await fireEvent.keyDown(search, { key: "F9" });
    await fireEvent.keyDown(search, { key: "s", code: "KeyS", altKey: true });
    slow.answer(aSync({ problem: { code: "unreachable", message: "", field: null, facts: {} } }));
    await screen.findByText(/^Head office cannot be reached. Check the network/);
    expect(core.payloadsOf("sync_now")).toHaveLength(1);
  });

  it("has no key on a till that works alone", async () => {
    const core = new FakeCore({ desk: () => aDesk({ link: "none", remote_name: null, waiting: 0 }) });
    render(DeskScreen);
    const search = await screen.findByLabelText("Phone, card or name");
    await fireEvent.keyDown(search, { key: "F9" });
    expect(core.payloadsOf("sync_now")).toEqual([]);
    expect(document.getElementById("link-state")?.textContent?.trim()).toBe("This till only");
  });
});
