import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import type { ChangeState, SyncState } from "../../api";
import { FakeCore, failure, later } from "../../fakes/core";
import { aChange, aDesk, aSync, dong } from "../../fakes/things";
import DeskScreen from "../desk/DeskScreen.svelte";
import { stateWords } from "./changes";

async function openSync() {
  render(DeskScreen);
  await screen.findByLabelText("Phone, card or name");
  const tab = document.getElementById("tab-sync");
  if (tab) await fireEvent.click(tab);
}

const needsYou: ChangeState = {
  state: "needs_you",
  failure: { code: "location_not_allowed", message: "", field: null, facts: {} },
  can_retry: true,
  can_discard: true,
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
    await fireEvent.click(await screen.findByRole("button", { name: "Try again" }));
    await waitFor(() => expect(core.payloadsOf("retry_change")).toEqual([{ change_id: "change-1" }]));
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
    await screen.findByRole("button", { name: "Try again" });
    expect(screen.queryByRole("button", { name: "Discard…" })).toBeNull();
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
