import { screen, waitFor } from "@testing-library/svelte";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { FakeCore, failure } from "../../fakes/core";
import { byId, click, openMember, press, textOf } from "../../fakes/desk";
import { aCard, aLine, aSlip } from "../../fakes/things";

const print = vi.fn();

beforeEach(() => {
  print.mockReset();
  vi.stubGlobal("print", print);
});

async function openSlip(core: FakeCore) {
  core.answers.open_member = () => aCard({ history: [aLine()] });
  await openMember(core);
  await press("ArrowDown");
  await press("p", { ctrlKey: true });
  await waitFor(() => expect(document.getElementById("slip")).not.toBeNull());
}

describe("a slip", () => {
  it("shows what the core put on it, rates at their words and figures in the form of the language", async () => {
    await openSlip(new FakeCore());
    const slip = textOf("slip");
    expect(slip).toMatch(
      /^Kim Ma Till 2 24 Nov 2026, 14:06 Sale COPY Member Lý Tú Quang Thắng Phone ending …0398/,
    );
    expect(slip).toContain("Discount 5 % −25,000 ₫");
    expect(slip).toContain("Balance after 784,460 ₫");
    expect(slip).toContain("Reference 5B7E5E00");
  });

  it("shouts what was undone", async () => {
    await openSlip(new FakeCore({ slip: () => ({ slip: aSlip({ kind: "void" }), has_printer: false }) }));
    expect(textOf("slip")).toContain("VOID");
  });

  it("goes to the computer’s printer with Ctrl+P", async () => {
    await openSlip(new FakeCore());
    expect(document.getElementById("slip-to-printer")).toBeNull();
    await press("p", { ctrlKey: true });
    expect(print).toHaveBeenCalledOnce();
  });

  it("goes to the receipt printer where there is one, and says where that fails", async () => {
    let isOn = false;
    const core = new FakeCore({
      slip: ({ is_copy }) => ({ slip: aSlip({ is_copy }), has_printer: true }),
      print_slip: () => {
        if (!isOn) throw failure("printer_unreachable", null);
        return {};
      },
    });
    await openSlip(core);
    await click("slip-to-printer");
    await screen.findByText(/^The printer cannot be reached/);
    isOn = true;
    await click("slip-to-printer");
    await screen.findByText("The printer has it.");
    expect(core.payloadsOf("print_slip").at(-1)).toEqual({
      visit_id: "visit-9",
      entry_id: null,
      is_copy: true,
    });
  });

  it("is closed with Esc, and the focus is back in the search", async () => {
    await openSlip(new FakeCore());
    await press("Escape");
    await waitFor(() => expect(document.activeElement).toBe(byId("search")));
  });
});
