import { screen, waitFor } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import { FakeCore, failure } from "../../fakes/core";
import { byId, click, openMember, press, textOf, type } from "../../fakes/desk";
import { aCard, aLine } from "../../fakes/things";

async function openVoid(core: FakeCore): Promise<void> {
  core.answers.open_member = () => aCard({ history: [aLine({ can_void: true })] });
  await openMember(core);
  await press("ArrowDown");
  await click("line-void");
}

describe("undoing", () => {
  it("needs a reason, which may be one of the usual ones", async () => {
    const core = new FakeCore({ void: () => aCard() });
    await openVoid(core);
    await press("Enter", { ctrlKey: true });
    await waitFor(() => expect(textOf("void-reason-error")).toBe("This is needed."));
    expect(core.payloadsOf("void")).toEqual([]);
    await type(byId("void-reason"), " ");
    screen.getByRole("button", { name: "Wrong member" }).click();
    await press("Enter", { ctrlKey: true });
    await screen.findByText(/^Undone: Paid with credit\./);
    expect(core.payloadsOf("void")).toEqual([{ entry_id: "entry-9", reason: "Wrong member" }]);
  });

  it("says what to do instead where it is too late", async () => {
    await openVoid(
      new FakeCore({
        void: () => {
          throw failure("void_too_late", null, { minutes: 10 });
        },
      }),
    );
    await type(byId("void-reason"), "Late");
    await click("void-save");
    await screen.findByText("This could be undone for 10 minutes. Correct it with a reason instead.");
  });
});
