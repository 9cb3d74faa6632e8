import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { describe, expect, it, vi } from "vitest";
import type { MemberCard } from "../../api";
import { FakeCore, failure, later } from "../../fakes/core";
import { aCard, aDesk, aHit, dong } from "../../fakes/things";
import EditScreen from "./EditScreen.svelte";

const field = (name: string) => screen.getByLabelText<HTMLInputElement>(name);
const type = (name: string, value: string) => fireEvent.input(field(name), { target: { value } });
const press = (key: string, more: KeyboardEventInit = {}) =>
  fireEvent.keyDown(document.body, { key, ...more });
const save = () => press("Enter", { ctrlKey: true });
const group = (name: RegExp) => screen.getByRole("button", { name, expanded: false });

const THANG = {
  name: { full: "Lý Tú Quang Thắng" },
  phone: "0945350398",
  email: "thang@example.com",
  labels: ["Wholesale"],
  consents: { "offers/sms": { is_given: true, at: "2025-03-02T08:00:00Z", source: "paper" } },
  meta: { table: "by the window" },
};

async function openEdit(core: FakeCore, input: Record<string, unknown> = THANG) {
  core.answers.member_form = ({ member_id }) => ({
    member_id,
    input,
    catalogue: [
      { name: "VIP", color: "#6a3fa0" },
      { name: "Wholesale", color: null },
    ],
  });
  const onDone = vi.fn();
  render(EditScreen, { memberId: "thang", desk: aDesk(), onDone });
  await screen.findByLabelText("Name");
  return onDone;
}

describe("an edit", () => {
  it("saves only what changed", async () => {
    const core = new FakeCore({ edit_member: () => aCard() });
    const onDone = await openEdit(core);
    expect(document.activeElement).toBe(field("Name"));
    await type("Email", "");
    await fireEvent.click(group(/^At this shop/));
    await fireEvent.click(field("VIP"));
    expect(screen.getByText("Changed: Email and Labels")).toBeTruthy();
    await save();
    await waitFor(() => expect(onDone).toHaveBeenCalled());
    expect(core.payloadsOf("edit_member")).toEqual([
      { member_id: "thang", patch: { email: null, labels: ["VIP", "Wholesale"] } },
    ]);
    expect(onDone.mock.calls[0]?.[1]).toEqual({ tone: "good", words: "Saved here. Sent when connected." });
  });

  it("says so when nothing was changed, and sends nothing", async () => {
    const core = new FakeCore();
    const onDone = await openEdit(core);
    await save();
    await waitFor(() => expect(screen.getAllByText("Nothing was changed yet.")).toHaveLength(2));
    expect(core.payloadsOf("edit_member")).toEqual([]);
    expect(onDone).not.toHaveBeenCalled();
  });

  it("is saved once by a double Ctrl+Enter", async () => {
    const slow = later<MemberCard>();
    const core = new FakeCore({ edit_member: () => slow.promise });
    const onDone = await openEdit(core);
    await type("Email", "new@example.com");
    await save();
    await save();
    slow.answer(aCard());
    await waitFor(() => expect(onDone).toHaveBeenCalledTimes(1));
    expect(core.payloadsOf("edit_member")).toHaveLength(1);
  });

  const refusals: Array<[field: string, code: string, label: string]> = [
    ["email", "email_invalid", "Email"],
    ["company.tax_id", "too_long", "Tax number"],
    ["valid_until", "validity_invalid", "Valid until"],
    ["staff_note", "too_long", "Staff note"],
    ["reference", "invalid_character", "Reference"],
  ];

  it.each(refusals)(
    "has the refusal of %s at its field, opens its group, and nothing is lost",
    async (name, code, label) => {
      const core = new FakeCore({
        edit_member: () => {
          throw failure(code, name);
        },
      });
      const onDone = await openEdit(core);
      await type("Name", "Lý Tú Thắng");
      await save();
      await screen.findByRole("alert");
      await waitFor(() => expect(document.activeElement).toBe(field(label)));
      expect(field(label).getAttribute("aria-invalid")).toBe("true");
      expect(field("Name").value).toBe("Lý Tú Thắng");
      expect(onDone).not.toHaveBeenCalled();
    },
  );

  it("keeps what was typed in a group that is closed again", async () => {
    const core = new FakeCore({ edit_member: () => aCard() });
    await openEdit(core);
    await fireEvent.click(group(/Company/));
    await type("Tax number", "0108");
    await fireEvent.click(screen.getByRole("button", { name: /Company/, expanded: true }));
    expect(group(/Company.*changed.*0108/)).toBeTruthy();
    await save();
    await waitFor(() => expect(core.payloadsOf("edit_member")).toHaveLength(1));
    expect(core.payloadsOf("edit_member")[0]?.patch).toEqual({ company: { tax_id: "0108" } });
  });

  it("is left at once while nothing is changed, and only after a question when something is", async () => {
    const core = new FakeCore();
    const onDone = await openEdit(core);
    await type("Email", "new@example.com");
    await press("Escape");
    await screen.findByRole("heading", { name: "Leave without saving?" });
    await press("Escape");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(field("Email").value).toBe("new@example.com");
    expect(onDone).not.toHaveBeenCalled();

    await type("Email", "thang@example.com");
    await press("Escape");
    expect(onDone).toHaveBeenCalledWith(null, null);
  });

  it("walks from heading to heading, and jumps to a group", async () => {
    await openEdit(new FakeCore());
    const addresses = group(/Addresses/);
    addresses.focus();
    await fireEvent.keyDown(addresses, { key: "ArrowDown" });
    expect(document.activeElement).toBe(group(/Company/));
    await fireEvent.click(screen.getByRole("button", { name: "Numbers" }));
    await waitFor(() => expect(document.activeElement?.id).toBe("edit-group-numbers"));
    expect(field("Reference")).toBeTruthy();
  });

  it("makes a new label for the shop, and sticks it on", async () => {
    const core = new FakeCore({
      put_label: ({ name, color }) => ({ labels: [{ name, color }] }),
      edit_member: () => aCard(),
    });
    await openEdit(core);
    await fireEvent.click(group(/^At this shop/));
    await type("New label", " Regular ");
    await fireEvent.change(field("Its colour"), { target: { value: "#24558f" } });
    await fireEvent.click(screen.getByRole("button", { name: "Add the label" }));
    await waitFor(() => expect(field("Regular").checked).toBe(true));
    expect(core.payloadsOf("put_label")).toEqual([{ name: "Regular", color: "#24558f" }]);
    expect(field("Wholesale").checked).toBe(true);
  });

  it("does not lose a label that was typed and not added", async () => {
    const core = new FakeCore();
    await openEdit(core);
    await fireEvent.click(group(/^At this shop/));
    await type("New label", "Regular");
    await save();
    await waitFor(() => expect(document.activeElement).toBe(field("New label")));
    expect(screen.getByRole("alert").textContent).toBe("Add the new label, or empty its field.");
    expect(core.payloadsOf("edit_member")).toEqual([]);
  });

  it("adds and removes addresses", async () => {
    const core = new FakeCore({ edit_member: () => aCard() });
    await openEdit(core);
    await fireEvent.click(group(/Addresses/));
    await fireEvent.click(screen.getByRole("button", { name: "Add an address" }));
    await fireEvent.change(field("What for"), { target: { value: "billing" } });
    await type("City", "Hà Nội");
    await fireEvent.click(screen.getByRole("button", { name: "Add an address" }));
    await fireEvent.click(screen.getAllByRole("button", { name: "Remove this address" })[1] as HTMLElement);
    await save();
    await waitFor(() => expect(core.payloadsOf("edit_member")).toHaveLength(1));
    expect(core.payloadsOf("edit_member")[0]?.patch).toEqual({
      addresses: [{ role: "billing", city: "Hà Nội" }],
    });
  });
});

describe("a picture", () => {
  const choose = (file: File) => {
    const chooser = document.getElementById("edit-picture-file") as HTMLInputElement;
    Object.defineProperty(chooser, "files", { configurable: true, value: [file] });
    return fireEvent.change(chooser);
  };

  it("is shown as the core made it, and sent", async () => {
    const core = new FakeCore({
      read_picture: () => ({ media_type: "image/jpeg", data: "c21hbGw=" }),
      edit_member: () => aCard(),
    });
    await openEdit(core);
    await choose(new File(["picture"], "face.png", { type: "image/png" }));
    const shown = await screen.findByAltText<HTMLImageElement>("Picture of the member");
    expect(shown.src).toBe("data:image/jpeg;base64,c21hbGw=");
    expect(core.payloadsOf("read_picture")).toEqual([{ data: btoa("picture") }]);
    await save();
    await waitFor(() =>
      expect(core.payloadsOf("edit_member")[0]?.patch).toEqual({
        picture: { media_type: "image/jpeg", data: "c21hbGw=" },
      }),
    );
  });

  it("that is far too large is not even read", async () => {
    const core = new FakeCore();
    await openEdit(core);
    const huge = new File(["x"], "huge.png");
    Object.defineProperty(huge, "size", { value: 50_000_000 });
    await choose(huge);
    expect((await screen.findByRole("alert")).textContent).toMatch(/at most 2 MB/);
    expect(core.payloadsOf("read_picture")).toEqual([]);
  });

  it("that is none says so at the field", async () => {
    const core = new FakeCore({
      read_picture: () => {
        throw failure("picture_invalid", "picture");
      },
    });
    await openEdit(core);
    await choose(new File(["x"], "letter.txt"));
    const alert = await screen.findByRole("alert");
    expect(screen.getByRole("button", { name: "Choose a picture…" }).getAttribute("aria-describedby")).toBe(
      alert.id,
    );
  });
});

describe("deleting a member", () => {
  it("asks why in a second step, and says what is in the way", async () => {
    const core = new FakeCore({
      remove_member: ({ reason }) => {
        if (reason === "") throw failure("required", "reason");
        throw failure("balance_not_settled", null, { amount: dong(1_250_000) });
      },
    });
    const onDone = await openEdit(core);
    expect(screen.queryByLabelText("Why are they deleted?")).toBeNull();
    await fireEvent.click(screen.getByRole("button", { name: "Delete this member…" }));
    await fireEvent.click(screen.getByRole("button", { name: "Delete for good" }));
    await waitFor(() => expect(field("Why are they deleted?").getAttribute("aria-invalid")).toBe("true"));
    await type("Why are they deleted?", "asked for it");
    await fireEvent.click(screen.getByRole("button", { name: "Delete for good" }));
    expect((await screen.findByRole("alert")).textContent).toMatch(/1,250,000.₫ is still on this account/);

    core.answers.remove_member = () => ({});
    await fireEvent.click(screen.getByRole("button", { name: "Delete for good" }));
    await waitFor(() =>
      expect(onDone).toHaveBeenCalledWith(null, { tone: "good", words: "Lý Tú Quang Thắng was deleted." }),
    );
  });
});

describe("the same person twice", () => {
  it("is looked for without the member that is edited, and joined only when all is saved", async () => {
    const core = new FakeCore({
      find_twins: () => ({
        twins: [{ member: aHit({ id: "other", full_name: "Ly Tu Quang Thang" }), signs: ["near_name"] }],
      }),
      preview_merge: () => new Promise(() => {}),
    });
    await openEdit(core);
    const join = await screen.findByRole<HTMLButtonElement>("button", { name: /^This is the same person/ });
    expect(core.payloadsOf("find_twins")[0]).toMatchObject({ except: "thang" });
    await type("Email", "new@example.com");
    expect(join.disabled).toBe(true);
    await type("Email", "thang@example.com");
    await fireEvent.click(join);
    await screen.findByRole("dialog");
    expect(core.payloadsOf("preview_merge")).toEqual([{ winner_id: "thang", loser_id: "other" }]);
  });
});
