import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { describe, expect, it, vi } from "vitest";
import type { MemberCard, Twin, Twins } from "../../api";
import { FakeCore, failure, later } from "../../fakes/core";
import { scan } from "../../fakes/scan";
import { aCard, aDesk, aHit } from "../../fakes/things";
import DeskScreen from "../desk/DeskScreen.svelte";

const field = (name: string) => screen.getByLabelText<HTMLInputElement>(name);
const type = (name: string, value: string) => fireEvent.input(field(name), { target: { value } });
const press = (key: string, more: KeyboardEventInit = {}) =>
  fireEvent.keyDown(document.body, { key, ...more });
const save = () => press("Enter", { ctrlKey: true });
const nameShown = () => document.getElementById("member-name")?.textContent;
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

const duong = (changes: Partial<Twin> = {}): Twin => ({
  member: aHit({ id: "duong", full_name: "Phạm Thùy Dương", phone: "0987 654 312" }),
  signs: ["near_phone"],
  ...changes,
});

async function fillIn() {
  await type("Phone, needed", "0987 654 321");
  await type("Name, needed", "Phạm Thùy Dương");
}

async function openRegister() {
  render(DeskScreen);
  await screen.findByLabelText("Phone, card or name");
  await press("F2");
  await screen.findByRole("heading", { name: "New member" });
}

describe("a new member", () => {
  it("is saved with what was typed and nothing else, and opened", async () => {
    const core = new FakeCore({ register: () => aCard({ full_name: "Phạm Thùy Dương" }) });
    await openRegister();
    await type("Phone, needed", "0987 654 321");
    await screen.findByText("From what you typed. 0987 654 321");
    await type("Name, needed", "Phạm Thùy Dương");
    await type("Birthday", "30/5");
    await save();
    await waitFor(() => expect(nameShown()).toBe("Phạm Thùy Dương"));
    const sent = JSON.parse(JSON.stringify(core.payloadsOf("register")));
    expect(sent).toEqual([
      {
        input: {
          name: { full: "Phạm Thùy Dương" },
          phone: "0987 654 321",
          birthday: { day: 30, month: 5, year: null },
        },
        card: null,
      },
    ]);
    expect(screen.getByText("Saved here. Sent when connected.")).toBeTruthy();
  });

  it.each([
    ["offline", "Is saved here, and sent when connected"],
    ["online", "Is saved here, and goes to head office now"],
    ["none", "Is saved on this till"],
  ] as const)("says where it is saved while the line is %s", async (link, words) => {
    new FakeCore({ desk: () => aDesk({ link }) });
    await openRegister();
    expect(screen.getByText(words)).toBeTruthy();
  });

  it("takes a number, a name and one key", async () => {
    const core = new FakeCore({ register: () => aCard() });
    await openRegister();
    expect(document.activeElement).toBe(field("Phone, needed"));
    await type("Phone, needed", "0987654321");
    await type("Name, needed", "Phạm Thùy Dương");
    await save();
    await waitFor(() => expect(core.payloadsOf("register")).toHaveLength(1));
  });

  it("is saved once by a double Ctrl+Enter", async () => {
    const slow = later<MemberCard>();
    const core = new FakeCore({ register: () => slow.promise });
    await openRegister();
    await fillIn();
    await save();
    await save();
    slow.answer(aCard());
    await waitFor(() => expect(nameShown()).toBeDefined());
    expect(core.payloadsOf("register")).toHaveLength(1);
  });

  const failures: Array<[field: string, code: string, label: string]> = [
    ["phone", "phone_invalid", "Phone, needed"],
    ["name.full", "required", "Name, needed"],
    ["email", "email_invalid", "Email"],
    ["birthday", "birthday_invalid", "Birthday"],
    ["note", "too_long", "Note for the counter"],
    ["serial_number", "card_taken", "Card"],
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
      await fillIn();
      await save();
      const alert = await screen.findByRole("alert");
      const input = field(label);
      expect(input.getAttribute("aria-describedby")).toBe(alert.id);
      expect(input.getAttribute("aria-invalid")).toBe("true");
      await waitFor(() => expect(document.activeElement).toBe(input));
      expect(field("Name, needed").value).toBe("Phạm Thùy Dương");
    },
  );

  it("says of all that is needed that it is missing, and goes to the first of it", async () => {
    const core = new FakeCore();
    await openRegister();
    field("Name, needed").focus();
    await save();
    await waitFor(() => expect(document.activeElement).toBe(field("Phone, needed")));
    expect(screen.getAllByText("This is needed.")).toHaveLength(2);

    await type("Phone, needed", "0987 654 321");
    await type("Birthday", "May");
    await save();
    await waitFor(() => expect(document.activeElement).toBe(field("Name, needed")));
    expect(screen.getAllByText("This is needed.")).toHaveLength(1);
    expect(core.payloadsOf("register")).toEqual([]);
  });

  it("says what no field is about below the fields", async () => {
    new FakeCore({
      register: () => {
        throw failure("disk_full", null);
      },
    });
    await openRegister();
    await fillIn();
    await save();
    expect((await screen.findByRole("alert")).textContent).toMatch(/^The disk is full/);
  });

  it("is left at once while nothing is typed, and only after a question when something is", async () => {
    new FakeCore();
    await openRegister();
    await press("Escape");
    await screen.findByLabelText("Phone, card or name");

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

  it("agrees to nothing until it is ticked, and then at the counter", async () => {
    const core = new FakeCore({ register: () => aCard() });
    await openRegister();
    const ticks = screen.getAllByRole<HTMLInputElement>("checkbox");
    expect(ticks).toHaveLength(12);
    expect(ticks.filter(({ checked }) => checked)).toEqual([]);

    await fillIn();
    await fireEvent.click(field("Offers and news by Zalo"));
    await save();
    await waitFor(() => expect(core.payloadsOf("register")).toHaveLength(1));
    expect(core.payloadsOf("register")[0]?.input.consents).toEqual({
      "offers/zalo": { is_given: true, source: "counter" },
    });
  });

  it("is not asked about Zalo where nobody has it", async () => {
    const location = {
      code: "BA",
      name: "Bratislava",
      country: "SK",
      currency: "EUR",
      decimals: 2,
      time_zone: "Europe/Bratislava",
    };
    new FakeCore({ desk: () => aDesk({}, { location }) });
    await openRegister();
    expect(screen.queryByLabelText(/by Zalo$/)).toBeNull();
    expect(screen.getByLabelText("Receipts and balance by SMS")).toBeTruthy();
  });

  it("can be told more about, group by group", async () => {
    const core = new FakeCore({ register: () => aCard() });
    await openRegister();
    const more = screen.getByRole("button", { name: "More about this member" });
    const scrolled = vi.spyOn(HTMLElement.prototype, "scrollIntoView");
    await fireEvent.click(more);
    await waitFor(() => expect(document.activeElement?.id).toBe("register-group-who"));
    expect(scrolled.mock.contexts).toEqual([more.closest("section")]);
    await fireEvent.click(screen.getByRole("button", { name: /Company/ }));
    await type("Tax number", "0108 555 201");
    await fillIn();
    await save();
    await waitFor(() => expect(core.payloadsOf("register")).toHaveLength(1));
    expect(core.payloadsOf("register")[0]?.input.company).toEqual({ tax_id: "0108 555 201" });
  });
});

describe("the card of a new member", () => {
  it("is scanned from whichever field has the focus, and that field stays as it was", async () => {
    const core = new FakeCore({ register: () => aCard() });
    await openRegister();
    await type("Name, needed", "Phạm Thùy");
    field("Name, needed").focus();
    await scan("8400174504206613");
    await waitFor(() => expect(field("Card").value).toBe("8400 1745 0420 6613"));
    expect(field("Name, needed").value).toBe("Phạm Thùy");
    await screen.findByText(/^Scanned at .*, not in use by anyone\.$/);
    expect(core.payloadsOf("register")).toEqual([]);

    await type("Phone, needed", "0987 654 321");
    await save();
    await waitFor(() => expect(core.payloadsOf("register")[0]?.card).toBe("8400174504206613"));
  });

  it("says whose it is when it is somebody's", async () => {
    new FakeCore({
      check_card: ({ serial_number }) => ({
        serial_number,
        in_use_by: { member_id: "anh", full_name: "Trần Minh Anh", state: "active" },
      }),
    });
    await openRegister();
    await type("Card", "84001745");
    expect((await screen.findByRole("alert")).textContent).toMatch(/^This is the card of Trần Minh Anh/);
  });
});

describe("likely twins", () => {
  it("are listed with what makes them alike, right after the name in Tab order", async () => {
    const core = new FakeCore({ find_twins: () => ({ twins: [duong()] }) });
    await openRegister();
    await type("Phone, needed", "0987 654 321");
    const use = await screen.findByRole("button", { name: "Use this one: Phạm Thùy Dương" });
    expect(screen.getByRole("heading", { name: "1 may be the same person" })).toBeTruthy();
    expect(screen.getByText("0987 654 312, last two digits swapped")).toBeTruthy();
    expect(screen.getByText("last visit 18 Nov, Kim Ma")).toBeTruthy();
    expect(core.payloadsOf("find_twins")).toEqual([
      { input: { name: { full: "" }, phone: "0987 654 321" }, card: null, except: null },
    ]);
    const order = [field("Name, needed"), use, field("Email")];
    for (const [place, element] of order.slice(1).entries()) {
      const isAfter = order[place]?.compareDocumentPosition(element) ?? 0;
      expect(isAfter & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy();
    }
  });

  it("are not asked for while so little is typed that half the shop fits", async () => {
    const core = new FakeCore();
    await openRegister();
    await type("Phone, needed", "098");
    await type("Name, needed", "P");
    await settled();
    expect(core.payloadsOf("find_twins")).toEqual([]);
  });

  it("are asked for one question at a time, and the last one counts", async () => {
    const answers = [later<Twins>(), later<Twins>()];
    let asked = 0;
    const core = new FakeCore({
      find_twins: () => answers[asked++]?.promise ?? { twins: [] },
    });
    await openRegister();
    await type("Name, needed", "Phạm");
    await type("Name, needed", "Phạm T");
    await type("Name, needed", "Phạm Thùy");
    expect(core.payloadsOf("find_twins")).toHaveLength(1);
    answers[0]?.answer({ twins: [duong({ member: aHit({ full_name: "Phạm Văn Sai" }) })] });
    await waitFor(() => expect(core.payloadsOf("find_twins")).toHaveLength(2));
    expect(core.payloadsOf("find_twins")[1]?.input.name).toEqual({ full: "Phạm Thùy" });
    answers[1]?.answer({ twins: [duong()] });
    await screen.findByText("Phạm Thùy Dương");
    expect(screen.queryByText("Phạm Văn Sai")).toBeNull();
  });

  it("can be used instead: that member is opened", async () => {
    const core = new FakeCore({
      find_twins: () => ({ twins: [duong()] }),
      open_member: () => aCard({ id: "duong", full_name: "Phạm Thùy Dương" }),
    });
    await openRegister();
    await type("Phone, needed", "0987 654 321");
    await fireEvent.click(await screen.findByRole("button", { name: /^Use this one/ }));
    await waitFor(() => expect(nameShown()).toBe("Phạm Thùy Dương"));
    expect(core.payloadsOf("open_member")).toEqual([{ member_id: "duong" }]);
  });

  it("can be sent away, and only somebody new comes back", async () => {
    let twins = [duong()];
    new FakeCore({ find_twins: () => ({ twins }) });
    await openRegister();
    await type("Phone, needed", "0987 654 321");
    await fireEvent.click(await screen.findByRole("button", { name: "New person, none of these" }));
    await waitFor(() => expect(document.activeElement).toBe(field("Email")));
    await type("Name, needed", "Phạm");
    await settled();
    expect(screen.queryByText("Phạm Thùy Dương")).toBeNull();

    twins = [duong(), duong({ member: aHit({ id: "other", full_name: "Phạm Thùy Linh" }) })];
    await type("Name, needed", "Phạm Thùy");
    await screen.findByText("Phạm Thùy Linh");
    expect(screen.queryByText("Phạm Thùy Dương")).toBeNull();
    await fireEvent.click(screen.getByRole("button", { name: "New person, none of these" }));
    await fireEvent.click(await screen.findByRole("button", { name: "Look again" }));
    await screen.findByText("Phạm Thùy Dương");
  });
});
