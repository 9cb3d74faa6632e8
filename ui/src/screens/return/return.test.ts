import { screen, waitFor } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import { FakeCore, failure } from "../../fakes/core";
import { byId, click, openMember, press, textOf, type } from "../../fakes/desk";
import { aCard, aLine, aPaid, aReturnPreview, dong } from "../../fakes/things";

async function openReturn(core: FakeCore): Promise<HTMLElement> {
  core.answers.open_member = () => aCard({ history: [aLine({ can_return: true })] });
  await openMember(core);
  await press("ArrowDown");
  await click("line-return");
  return byId("return-amount");
}

describe("something that comes back", () => {
  it("says what becomes of each part while one types", async () => {
    const core = new FakeCore();
    const amount = await openReturn(core);
    await screen.findByText("Of this bill 475,000 can be given back.");
    await type(amount, "300000");
    await screen.findByText("To the credit that paid");
    expect(screen.getByText("+120,000 ₫")).toBeTruthy();
    expect(screen.getByText("+180,000 ₫")).toBeTruthy();
    expect(screen.getByText("−6,000 ₫")).toBeTruthy();
    expect(textOf("return-balance-after")).toBe("1,544,000 ₫");
    expect(textOf("return-save")).toMatch(/^Give back 300,000/);
  });

  it("says when less is given back than was typed", async () => {
    await type(
      await openReturn(
        new FakeCore({
          preview_return: ({ amount_minor }) => aReturnPreview(amount_minor, { amount: dong(298_000) }),
        }),
      ),
      "300000",
    );
    await waitFor(() => expect(textOf("return-say")).toMatch(/^Less than was typed/));
    expect(textOf("return-save")).toMatch(/^Give back 298,000/);
  });

  it("is saved with Ctrl+Enter and not with Enter, once, with one id", async () => {
    let tries = 0;
    const core = new FakeCore({
      give_back: () => {
        tries += 1;
        if (tries === 1) throw failure("internal", null);
        return aPaid();
      },
    });
    await type(await openReturn(core), "100000");
    await press("Enter");
    expect(core.payloadsOf("give_back")).toEqual([]);
    await press("Enter", { ctrlKey: true });
    await screen.findByText(/Something went wrong in the program/);
    await press("Enter", { ctrlKey: true });
    await screen.findByText(/^100,000.₫ given back to the credit/);
    expect(core.payloadsOf("give_back")).toEqual([
      { return_id: "visit-1", visit_id: "visit-9", amount: dong(100_000) },
      { return_id: "visit-1", visit_id: "visit-9", amount: dong(100_000) },
    ]);
  });

  it("takes all of it with one press", async () => {
    await openReturn(new FakeCore());
    await waitFor(() => expect(document.getElementById("return-all")).not.toBeNull());
    await click("return-all");
    expect(byId<HTMLInputElement>("return-amount").value).toBe("475,000");
  });

  it("says at the amount what is wrong with it", async () => {
    const core = new FakeCore({
      preview_return: () => {
        throw failure("return_too_large", "amount", { amount: dong(475_000) });
      },
    });
    await type(await openReturn(core), "900000");
    await waitFor(() =>
      expect(textOf("return-amount-error")).toMatch(/475,000 ₫ of that bill can be given back/),
    );
  });
});
