import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import type { MemberCard } from "../../api";
import { FakeCore, failure, later } from "../../fakes/core";
import { aCard } from "../../fakes/things";
import DeskScreen from "../desk/DeskScreen.svelte";
import { readBirthday } from "./birthday";

const field = (name: string) => screen.getByLabelText<HTMLInputElement>(name);
const type = (name: string, value: string) => fireEvent.input(field(name), { target: { value } });
const press = (key: string, more: KeyboardEventInit = {}) =>
  fireEvent.keyDown(document.body, { key, ...more });
const save = () => press("Enter", { ctrlKey: true });

async function openRegister() {
  render(DeskScreen);
  await screen.findByLabelText("Phone number");
  await press("F2");
  await screen.findByRole("heading", { name: "New member" });
}

describe("a new member", () => {
  it("is saved with what was typed, and opened", async () => {
    const core = new FakeCore({ register: () => aCard({ full_name: "Phạm Thùy Dương" }) });
    await openRegister();
    await type("Phone, needed", "0987 654 321");
    await screen.findByText("From what you typed. +84 987 654 321");
    await type("Name, needed", "Phạm Thùy Dương");
    await type("Birthday", "30 5");
    await save();
    await waitFor(() => expect(document.getElementById("member-name")?.textContent).toBe("Phạm Thùy Dương"));
    expect(core.payloadsOf("register")).toEqual([
      {
        input: {
          name: { full: "Phạm Thùy Dương" },
          phone: "0987 654 321",
          email: null,
          birthday: { day: 30, month: 5, year: null },
          note: null,
        },
      },
    ]);
    expect(screen.getByText("Saved here. Sent when connected.")).toBeTruthy();
  });

  it("is saved once by a double Ctrl+Enter", async () => {
    const slow = later<MemberCard>();
    const core = new FakeCore({ register: () => slow.promise });
    await openRegister();
    await save();
    await save();
    slow.answer(aCard());
    await waitFor(() => expect(document.getElementById("member-name")).not.toBeNull());
    expect(core.payloadsOf("register")).toHaveLength(1);
  });

  const failures: Array<[field: string, code: string, label: string]> = [
    ["phone", "phone_invalid", "Phone, needed"],
    ["name.full", "required", "Name, needed"],
    ["email", "email_invalid", "Email"],
    ["birthday", "birthday_invalid", "Birthday"],
    ["note", "too_long", "Note for the counter"],
  ];

  it.each(failures)(
    "has the failure of %s at its field, and nothing typed is lost",
    async (name, code, label) => {
      new FakeCore({
        register: () => {
          throw failure(code, name);
        },
      });
      await openRegister();
      await type("Name, needed", "Phạm Thùy Dương");
      await save();
      const alert = await screen.findByRole("alert");
      const input = field(label);
      expect(input.getAttribute("aria-describedby")).toBe(alert.id);
      expect(input.getAttribute("aria-invalid")).toBe("true");
      await waitFor(() => expect(document.activeElement).toBe(input));
      expect(field("Name, needed").value).toBe("Phạm Thùy Dương");
    },
  );

  it("says what no field is about below the fields", async () => {
    new FakeCore({
      register: () => {
        throw failure("disk_full", null);
      },
    });
    await openRegister();
    await save();
    expect((await screen.findByRole("alert")).textContent).toMatch(/^The disk is full/);
  });

  it("is left at once while nothing is typed, and only after a question when something is", async () => {
    new FakeCore();
    await openRegister();
    await press("Escape");
    await screen.findByLabelText("Phone number");

    await press("F2");
    await screen.findByRole("heading", { name: "New member" });
    await type("Name, needed", "Phạm");
    await press("Escape");
    await screen.findByRole("heading", { name: "Leave without saving?" });
    await press("Escape");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(field("Name, needed").value).toBe("Phạm");

    await fireEvent.click(screen.getByRole("button", { name: "Sync" }));
    await fireEvent.click(await screen.findByRole("button", { name: "Leave" }));
    await screen.findByRole("heading", { name: "3 changes wait" });
  });
});

describe("a birthday as typed", () => {
  it.each([
    ["30 5", { day: 30, month: 5, year: null }],
    ["30/05/1996", { day: 30, month: 5, year: 1996 }],
    [" 3.5.1996 ", { day: 3, month: 5, year: 1996 }],
    ["30. 5. 1996", { day: 30, month: 5, year: 1996 }],
    ["1996-05-30", { day: 30, month: 5, year: 1996 }],
    ["", null],
  ])("%j is read", (typed, read) => expect(readBirthday(typed)).toEqual(read));

  it.each(["30", "30 5 96", "May 30", "30 5 1996 1"])("%j is refused", (typed) =>
    expect(readBirthday(typed)).toBeUndefined(),
  );
});
