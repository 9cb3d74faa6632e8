import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { describe, expect, it, vi } from "vitest";
import type { ExportState, MemberRows, MembersAsked } from "../../api";
import { FakeCore, failure, later } from "../../fakes/core";
import { aRow, rowsOf } from "../../fakes/members";
import { aDesk } from "../../fakes/things";
import { askedOf, NO_FILTERS } from "./filters";
import { MembersDesk } from "./kept.svelte";
import MembersScreen from "./MembersScreen.svelte";

type List = (asked: MembersAsked) => MemberRows | Promise<MemberRows>;

function aCore(list: List = (asked) => rowsOf(100_000, asked)): FakeCore {
  return new FakeCore({
    list_members: list,
    labels: () => ({ labels: [{ name: "Wholesale", color: null }] }),
    import_state: () => ({ stage: "idle", done: 0, total: 0, report: null, problem: null }),
    import_batches: () => ({ batches: [] }),
    export_state: () => anExport({ stage: "idle" }),
  });
}

function anExport(parts: Partial<ExportState>): ExportState {
  return { stage: "writing", what: "members", done: 0, total: 0, path: "", rows: 0, problem: null, ...parts };
}

function open(kept = new MembersDesk()) {
  const desk = aDesk({}, { members_here: 100_000 });
  const onopen = vi.fn();
  const onback = vi.fn();
  const { unmount } = render(MembersScreen, { props: { desk, onopen, onback, kept } });
  return { onopen, onback, unmount };
}

const field = () => document.getElementById("members-filter") as HTMLInputElement;
const count = () => document.getElementById("members-count")?.textContent;
const row = (number: number) => document.getElementById(`members-row-${number}`);
const active = () => document.querySelector('[role="grid"] [aria-selected="true"]')?.id;
const rowsDrawn = () => document.querySelectorAll('[id^="members-row-"]').length;
const press = (key: string, more: KeyboardEventInit = {}) =>
  fireEvent.keyDown(document.activeElement ?? document.body, { key, ...more });
const type = (value: string) => fireEvent.input(field(), { target: { value } });
const choose = (id: string, value: string) =>
  fireEvent.change(document.getElementById(id) as HTMLElement, { target: { value } });
const shown = (number: number) => waitFor(() => expect(row(number)?.textContent).toContain("Member"));

describe("the table of members", () => {
  it("says how many there are, and draws only those in sight", async () => {
    aCore();
    open();
    await shown(1);
    expect(count()).toBe("100,000 members");
    expect(document.querySelector('[role="status"]')?.textContent).toBe("100,000 members");
    expect(document.getElementById("members-table")?.getAttribute("aria-rowcount")).toBe("100001");
    expect(rowsDrawn()).toBeLessThan(40);
    const words = row(2)?.textContent?.replace(/\s+/g, " ") ?? "";
    for (const part of ["Member 1", "0900 1", "Wholesale", "…5209", "Active", "West Lake", "1,000"]) {
      expect(words).toContain(part);
    }
  });

  it("is walked with the keys, and opens the chosen one on Enter", async () => {
    aCore();
    const { onopen } = open();
    await shown(1);
    await press("ArrowDown");
    await press("ArrowDown");
    await press("ArrowUp");
    expect(active()).toBe("members-row-2");
    expect(field().getAttribute("aria-activedescendant")).toBe("members-row-2");
    await press("PageDown");
    expect(Number(active()?.split("-").at(-1))).toBeGreaterThan(5);
    await press("PageUp");
    await press("Enter");
    expect(onopen).toHaveBeenCalledExactlyOnceWith("member-1");
  });

  it("goes to its end at once, and asks for nothing in between", async () => {
    const core = aCore();
    const { onopen } = open();
    await shown(1);
    document.getElementById("members-table")?.focus();
    await press("End");
    await shown(100_000);
    expect(active()).toBe("members-row-100000");
    const pages = core.payloadsOf("list_members").map(({ offset }) => offset);
    expect(pages.length).toBeLessThan(6);
    expect(Math.max(...pages)).toBe(99_900);
    await press("Home");
    expect(active()).toBe("members-row-1");
    await press("Enter");
    expect(onopen).toHaveBeenCalledWith("member-0");
  });

  it("keeps a bounded part of itself, and asks again for what it let go", async () => {
    const core = aCore();
    const { members } = new MembersDesk();
    const settled = () => new Promise((resolve) => setTimeout(resolve, 0));
    members.refresh();
    await settled();
    for (let page = 0; page < 60; page += 1) {
      members.see(page * 100, page * 100 + 10);
      await settled();
    }
    expect(members.row(0)).toBeNull();
    expect(members.row(5_905)?.id).toBe("member-5905");
    const before = core.payloadsOf("list_members").length;
    members.see(0, 10);
    await settled();
    expect(core.payloadsOf("list_members").length).toBeGreaterThan(before);
    expect(members.row(0)?.id).toBe("member-0");
  });

  it("is asked for again when members change, and nothing flickers meanwhile", async () => {
    let name = "before";
    const core = aCore((asked) => {
      const rows = rowsOf(3, asked);
      return { ...rows, rows: rows.rows.map((each) => ({ ...each, full_name: `Member ${name}` })) };
    });
    open();
    await waitFor(() => expect(row(1)?.textContent).toContain("Member before"));
    name = "after";
    core.tell("members");
    expect(row(1)?.textContent).toContain("Member before");
    await waitFor(() => expect(row(1)?.textContent).toContain("Member after"));
  });

  it("sorts by a column, and the other way round the second time", async () => {
    const core = aCore();
    open();
    await shown(1);
    const header = () => screen.getByRole("columnheader", { name: /Balance/ });
    expect(header().getAttribute("aria-sort")).toBe("none");
    await fireEvent.click(document.getElementById("members-sort-balance") as HTMLElement);
    expect(header().getAttribute("aria-sort")).toBe("descending");
    await fireEvent.click(document.getElementById("members-sort-balance") as HTMLElement);
    expect(header().getAttribute("aria-sort")).toBe("ascending");
    await waitFor(() =>
      expect(core.payloadsOf("list_members").at(-1)).toMatchObject({ sort: "balance", descending: false }),
    );
  });

  it("says what needs somebody, and what a member owes", async () => {
    aCore(() => ({
      total: 1,
      offset: 0,
      rows: [aRow(0, { needs_you: true, balance: { minor: -20_000, currency: "VND" }, last_visit: null })],
    }));
    open();
    await shown(1);
    expect(row(1)?.textContent).toMatch(/never[\s\S]*−20,000[\s\S]*! needs you/);
  });

  it("says that there is nobody yet", async () => {
    aCore((asked) => rowsOf(0, asked));
    open();
    await screen.findByRole("heading", { name: "No members yet" });
    expect(screen.getByRole<HTMLButtonElement>("button", { name: "Open at the counter" }).disabled).toBe(
      true,
    );
  });

  it("says why it cannot be shown, and tries again", async () => {
    let isBroken = true;
    aCore((asked) => {
      if (isBroken) throw failure("disk_failed", null);
      return rowsOf(3, asked);
    });
    open();
    await screen.findByText(/^The disk cannot be written/);
    isBroken = false;
    await fireEvent.click(screen.getByRole("button", { name: "Try again" }));
    await shown(1);
  });
});

describe("filters", () => {
  it("take what is typed anywhere on the screen", async () => {
    const core = aCore((asked) => rowsOf(asked.text === "" ? 100_000 : 312, asked));
    open();
    await shown(1);
    (document.activeElement as HTMLElement).blur();
    await press("t");
    expect(document.activeElement).toBe(field());
    await type("thắng");
    await waitFor(() => expect(count()).toBe("312 of 100,000 members fit"));
    expect(core.payloadsOf("list_members").at(-1)?.text).toBe("thắng");
  });

  it("show the answer to what was typed last", async () => {
    const older = later<MemberRows>();
    aCore((asked) => (asked.text === "ly" ? older.promise : rowsOf(asked.text === "" ? 100_000 : 7, asked)));
    open();
    await shown(1);
    await type("ly");
    await type("ly tu");
    older.answer(rowsOf(999, { offset: 0, limit: 100 }));
    await waitFor(() => expect(count()).toBe("7 of 100,000 members fit"));
  });

  it("open the only one that is left on an Enter that came before the answer", async () => {
    const slow = later<MemberRows>();
    aCore((asked) => (asked.text === "" ? rowsOf(100_000, asked) : slow.promise));
    const { onopen } = open();
    await shown(1);
    await type("0398");
    await press("Enter");
    expect(onopen).not.toHaveBeenCalled();
    slow.answer({ total: 1, offset: 0, rows: [aRow(7)] });
    await waitFor(() => expect(onopen).toHaveBeenCalledExactlyOnceWith("member-7"));
  });

  it("stand as words above the table, and Esc clears them before it leaves", async () => {
    const core = aCore((asked) => rowsOf(asked.status || asked.birthday_month ? 5 : 100_000, asked));
    const { onback } = open();
    await shown(1);
    await fireEvent.click(screen.getByRole("button", { name: "Filters" }));
    await choose("members-by-status", "on_hold");
    await choose("members-by-birthday_month", "5");
    await choose("members-by-waits", "yes");
    await waitFor(() => expect(count()).toBe("5 of 100,000 members fit"));
    expect(core.payloadsOf("list_members").at(-1)).toMatchObject({
      status: "on_hold",
      birthday_month: 5,
      waits: true,
      needs_you: null,
    });
    await fireEvent.click(screen.getByRole("button", { name: "Remove the filter: On hold" }));
    await waitFor(() => expect(core.payloadsOf("list_members").at(-1)?.status).toBeNull());
    expect(document.activeElement?.textContent).toContain("Birthday in May");

    await press("Escape");
    await waitFor(() => expect(count()).toBe("100,000 members"));
    expect(onback).not.toHaveBeenCalled();
    await press("Escape");
    expect(onback).toHaveBeenCalledOnce();
  });

  it("say that nobody fits", async () => {
    aCore((asked) => rowsOf(asked.text === "" ? 3 : 0, asked));
    open();
    await shown(1);
    await type("nobody");
    await screen.findByRole("heading", { name: "No member fits" });
  });

  it("leave the arrow keys to a list of choices", async () => {
    aCore();
    open();
    await shown(1);
    await fireEvent.click(screen.getByRole("button", { name: "Filters" }));
    document.getElementById("members-by-status")?.focus();
    await press("ArrowDown");
    expect(active()).toBe("members-row-1");
  });

  it("are still there when somebody comes back from the counter", async () => {
    aCore((asked) => rowsOf(asked.text === "" ? 100_000 : 312, asked));
    const kept = new MembersDesk();
    const { unmount } = open(kept);
    await shown(1);
    await type("thắng");
    await waitFor(() => expect(count()).toMatch(/^312/));
    await press("ArrowDown");
    unmount();
    open(kept);
    expect(field().value).toBe("thắng");
    expect(active()).toBe("members-row-2");
  });

  it("leave it to the shop’s calendar which day is so many months ago", () => {
    expect(askedOf("", { ...NO_FILTERS, not_seen: "3" }).not_seen_months).toBe(3);
  });
});

describe("an export", () => {
  it("says where the file is", async () => {
    const core = aCore();
    core.answers.export = ({ what }) => {
      const path = `/data/exports/${what}.csv`;
      const state = anExport({ stage: "written", what, rows: 48_210, path });
      core.answers.export_state = () => state;
      return anExport({ what });
    };
    open();
    await shown(1);
    await fireEvent.click(screen.getByRole("button", { name: "Export members" }));
    await screen.findByText("48,210 members written to /data/exports/members.csv");
    await fireEvent.click(screen.getByRole("button", { name: "Export ledger" }));
    await screen.findByText("48,210 bookings written to /data/exports/ledger.csv");
  });

  it("says how far it is, and is stopped without a mouse", async () => {
    const core = aCore();
    const begin = () => anExport({ done: 12_000, total: 48_210 });
    core.answers.export = begin;
    core.answers.export_state = begin;
    core.answers.stop_export = () => {
      core.answers.export_state = () => anExport({ stage: "stopped" });
      return begin();
    };
    open();
    await shown(1);
    await fireEvent.click(screen.getByRole("button", { name: "Export members" }));
    const bar = await screen.findByLabelText("Writing members: 12,000 of 48,210");
    expect((bar as HTMLProgressElement).value).toBe(12_000);
    const stop = screen.getByRole("button", { name: "Stop" });
    stop.focus();
    await fireEvent.click(stop);
    core.tell("export");
    await screen.findByText("Stopped. No file was written.");
    expect(document.activeElement?.id).toBe("members-export");
  });

  it("is still told of when the screen is opened again", async () => {
    const core = aCore();
    core.answers.export_state = () => anExport({ what: "ledger", done: 500, total: 1 });
    open();
    await screen.findByLabelText("Writing the ledger: 500 of 1 member");
  });

  it("says why there is none", async () => {
    const core = aCore();
    core.answers.export = () => {
      throw failure("disk_full", null);
    };
    open();
    await shown(1);
    await fireEvent.click(screen.getByRole("button", { name: "Export members" }));
    await screen.findByText(/^The disk is full/);
    core.answers.export = () => anExport({});
    core.answers.export_state = () =>
      anExport({ stage: "failed", problem: failure("file_failed", null).failure });
    await fireEvent.click(screen.getByRole("button", { name: "Export members" }));
    await screen.findByText(/^This file cannot be read/);
  });
});
