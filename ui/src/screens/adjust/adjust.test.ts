import { screen, waitFor } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import { FakeCore } from "../../fakes/core";
import { byId, click, openMember, press, textOf, type } from "../../fakes/desk";
import { aCard, dong } from "../../fakes/things";

async function openAdjust(core: FakeCore): Promise<void> {
  await openMember(core);
  await click("do-adjust");
}

const save = () => press("Enter", { ctrlKey: true });

describe("a correction", () => {
  it("chooses no way by itself, and asks for each thing that is missing in turn", async () => {
    const core = new FakeCore({ adjust: () => aCard() });
    await openAdjust(core);
    await save();
    await screen.findByText("Choose more or less.");
    await click("adjust-direction-less");
    await save();
    await waitFor(() => expect(document.activeElement?.id).toBe("adjust-amount"));
    await type(byId("adjust-amount"), "50000");
    await save();
    await waitFor(() => expect(document.activeElement?.id).toBe("adjust-reason"));
    expect(textOf("adjust-reason-error")).toBe("This is needed.");
    expect(core.payloadsOf("adjust")).toEqual([]);

    await type(byId("adjust-reason"), "Typed twice ");
    expect(textOf("adjust-save")).toMatch(/^Correct by −50,000/);
    await save();
    await screen.findByText(/^Corrected by −50,000.₫\./);
    expect(core.payloadsOf("adjust")).toEqual([
      { member_id: "thang", entry_id: "entry-1", amount: dong(-50_000), reason: "Typed twice" },
    ]);
  });

  it("adds where more is chosen", async () => {
    const core = new FakeCore({ adjust: () => aCard() });
    await openAdjust(core);
    await click("adjust-direction-more");
    await type(byId("adjust-amount"), "1000");
    await type(byId("adjust-reason"), "Forgotten");
    await save();
    await waitFor(() => expect(core.payloadsOf("adjust")[0]?.amount).toEqual(dong(1_000)));
  });
});
