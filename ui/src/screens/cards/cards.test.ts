import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { CardView, MemberCard } from "../../api";
import { attachScanner, DEFAULT_SCANNER } from "../../components/scanner";
import { FakeCore, failure, later } from "../../fakes/core";
import { scan } from "../../fakes/scan";
import { aCard, aDesk, aLoyaltyCard } from "../../fakes/things";
import CardsDialog from "./CardsDialog.svelte";
import { writtenSerial } from "./serial.svelte";

const PLASTIC = aLoyaltyCard();
const VIRTUAL = aLoyaltyCard({
  serial_number: "V-77FQ-20KD",
  ending: "20KD",
  is_virtual: true,
  issued_at: null,
});
const LOST = aLoyaltyCard({
  serial_number: "84000398",
  ending: "0398",
  state: "blocked",
  status_reason: "lost",
});
const NEW = "8400174504206613";

const press = (key: string, more: KeyboardEventInit = {}) =>
  fireEvent.keyDown(document.body, { key, ...more });
const save = () => press("Enter", { ctrlKey: true });
const serial = () => screen.getByLabelText<HTMLInputElement>("New card");
const choose = (name: string | RegExp) => fireEvent.click(screen.getByRole("radio", { name }));
const shown = (id: string) => document.getElementById(id)?.textContent;

beforeEach(() => attachScanner(() => DEFAULT_SCANNER));

function open(cards: CardView[]) {
  const onDone = vi.fn();
  render(CardsDialog, { card: aCard({ cards }), desk: aDesk(), onDone });
  return onDone;
}

it("has the focus where the number goes", () => {
  new FakeCore();
  open([]);
  expect(document.activeElement).toBe(serial());
});

describe("replacing a card", () => {
  it("takes the scan from anywhere, and says what becomes of both", async () => {
    const core = new FakeCore({ replace_card: () => aCard() });
    const onDone = open([PLASTIC, VIRTUAL]);
    await choose(/8400 1745 0416 5209/);
    await choose("Lost");
    screen.getByRole("button", { name: "Back" }).focus();
    await scan(NEW);
    await waitFor(() => expect(serial().value).toBe("8400 1745 0420 6613"));
    await screen.findAllByText(/not in use by anyone/);
    expect(shown("card-old-state")).toBe("Blocked (lost)");
    expect(shown("card-new-state")).toBe("Active, plastic");
    expect(screen.getByText("Other tills learn of it when connected.")).toBeTruthy();
    expect(onDone).not.toHaveBeenCalled();

    await save();
    await waitFor(() => expect(onDone).toHaveBeenCalled());
    expect(core.payloadsOf("replace_card")).toEqual([
      { old: PLASTIC.serial_number, new: NEW, reason: "lost", is_virtual: false },
    ]);
    expect(onDone.mock.calls[0]?.[1].words).toBe(
      "Card …6613 took the old one’s place. Other tills learn of it when connected.",
    );
  });

  it("says one thing after the other that is missing, and keeps the rest", async () => {
    const core = new FakeCore();
    open([PLASTIC, VIRTUAL]);
    await save();
    await waitFor(() => expect(document.activeElement?.getAttribute("name")).toBe("card-which"));
    await choose(/V-77FQ-20KD/);
    await save();
    await waitFor(() => expect(document.activeElement?.getAttribute("name")).toBe("card-why"));
    await choose("Damaged");
    await save();
    await waitFor(() => expect(document.activeElement).toBe(serial()));
    expect(screen.getByRole<HTMLInputElement>("radio", { name: "Damaged" }).checked).toBe(true);
    expect(core.payloadsOf("replace_card")).toEqual([]);
  });

  it("needs no reason for a card that is blocked already", async () => {
    const core = new FakeCore({ replace_card: () => aCard() });
    open([LOST, PLASTIC]);
    await choose(/84000398/);
    expect(screen.queryByRole("radio", { name: "Stolen" })).toBeNull();
    await scan(NEW);
    await save();
    await waitFor(() => expect(core.payloadsOf("replace_card")[0]).toMatchObject({ reason: "lost" }));
  });
});

describe("issuing a card", () => {
  it("is what is offered to a member without one, with a number of the till's own if wanted", async () => {
    const core = new FakeCore({ issue_card: () => aCard() });
    const onDone = open([]);
    expect(screen.getAllByRole("radio")).toHaveLength(1);
    await fireEvent.click(screen.getByRole("button", { name: "Make a virtual one" }));
    await waitFor(() => expect(serial().value).toBe("V-77FQ-20KD"));
    expect(shown("card-new-state")).toBe("Active, virtual");
    await save();
    await waitFor(() => expect(onDone).toHaveBeenCalled());
    expect(core.payloadsOf("issue_card")).toEqual([
      { member_id: "thang", serial_number: "V-77FQ-20KD", is_virtual: true },
    ]);
  });

  it("of a number that was made and then typed over is of plastic", async () => {
    const core = new FakeCore({ issue_card: () => aCard() });
    open([]);
    await fireEvent.click(screen.getByRole("button", { name: "Make a virtual one" }));
    await waitFor(() => expect(serial().value).toBe("V-77FQ-20KD"));
    await fireEvent.input(serial(), { target: { value: "84001745" } });
    await save();
    await waitFor(() =>
      expect(core.payloadsOf("issue_card")[0]).toMatchObject({
        serial_number: "84001745",
        is_virtual: false,
      }),
    );
  });

  it("is told whose card that is", async () => {
    new FakeCore({
      check_card: ({ serial_number }) => ({
        serial_number,
        in_use_by: { member_id: "anh", full_name: "Trần Minh Anh", state: "active" },
      }),
    });
    open([]);
    await scan(NEW);
    expect((await screen.findByRole("alert")).textContent).toMatch(/^This is the card of Trần Minh Anh/);
    expect(serial().getAttribute("aria-invalid")).toBe("true");
  });

  it("drops what is known of an older number", async () => {
    const slow = later<{
      serial_number: string;
      in_use_by: { member_id: string; full_name: string; state: "active" };
    }>();
    new FakeCore({
      check_card: ({ serial_number }) =>
        serial_number === "84001" ? slow.promise : { serial_number, in_use_by: null },
    });
    open([]);
    await fireEvent.input(serial(), { target: { value: "84001" } });
    await fireEvent.input(serial(), { target: { value: "840017" } });
    await screen.findByText(/Not in use by anyone\.$/, { selector: "small" });
    slow.answer({
      serial_number: "84001",
      in_use_by: { member_id: "a", full_name: "Somebody", state: "active" },
    });
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(screen.queryByText(/Somebody/)).toBeNull();
  });

  it("has a refusal at the number, and nothing typed is lost", async () => {
    new FakeCore({
      issue_card: () => {
        throw failure("card_taken", "serial_number");
      },
    });
    const onDone = open([]);
    await scan(NEW);
    await save();
    expect((await screen.findByRole("alert")).textContent).toMatch(/belongs to another member/);
    expect(serial().value).toBe("8400 1745 0420 6613");
    await waitFor(() => expect(document.activeElement).toBe(serial()));
    expect(onDone).not.toHaveBeenCalled();
  });

  it("happens once by a double Ctrl+Enter", async () => {
    const slow = later<MemberCard>();
    const core = new FakeCore({ issue_card: () => slow.promise });
    const onDone = open([]);
    await scan(NEW);
    await save();
    await save();
    slow.answer(aCard());
    await waitFor(() => expect(onDone).toHaveBeenCalledTimes(1));
    expect(core.payloadsOf("issue_card")).toHaveLength(1);
  });
});

describe("blocking a card", () => {
  it("takes which and why, and says what to tell the member", async () => {
    const core = new FakeCore({ block_card: () => aCard() });
    open([PLASTIC]);
    await choose("Block");
    await choose("Stolen");
    expect(screen.getByText(/^Your card is blocked here now, and everywhere else/)).toBeTruthy();
    await save();
    await waitFor(() =>
      expect(core.payloadsOf("block_card")).toEqual([
        { serial_number: PLASTIC.serial_number, reason: "stolen" },
      ]),
    );
  });

  it("knows a scanned card of this member, and says so of any other", async () => {
    new FakeCore();
    open([PLASTIC, VIRTUAL]);
    await choose("Block");
    await scan("V77FQ20KD");
    await waitFor(() =>
      expect(screen.getByRole<HTMLInputElement>("radio", { name: /V-77FQ-20KD/ }).checked).toBe(true),
    );
    await scan(NEW);
    expect((await screen.findByRole("alert")).textContent).toMatch(/…6613 is not one of this member’s/);
  });
});

describe("unblocking a card", () => {
  it("is there for a blocked card alone", async () => {
    const core = new FakeCore({ unblock_card: () => aCard() });
    open([LOST]);
    await choose("Unblock");
    expect(shown("card-old-state")).toBe("Active");
    await save();
    await waitFor(() => expect(core.payloadsOf("unblock_card")).toEqual([{ serial_number: "84000398" }]));
  });

  it("is not offered while nothing is blocked", () => {
    new FakeCore();
    open([PLASTIC]);
    expect(screen.queryByRole("radio", { name: "Unblock" })).toBeNull();
  });
});

describe("what is said about a card", () => {
  const KNOWN = aLoyaltyCard({ note: "bent", processor: "GW", valid_until: "2026-12-31" });
  const field = (label: string) => screen.getByLabelText<HTMLInputElement>(label);
  const type = (label: string, value: string) => fireEvent.input(field(label), { target: { value } });

  it("stands as it is, and is saved whole", async () => {
    const core = new FakeCore({ describe_card: () => aCard() });
    const onDone = open([KNOWN]);
    await choose("Edit");
    expect([field("Note").value, field("Processor").value]).toEqual(["bent", "GW"]);
    expect([field("Valid from").value, field("Valid until").value]).toEqual(["", "31/12/2026"]);
    expect(screen.queryByText("Say")).toBeNull();
    await type("Note", "");
    await type("Valid from", "1 12 2026");
    await type("Valid until", "30.6.2027");
    await save();
    await waitFor(() => expect(onDone).toHaveBeenCalled());
    expect(core.payloadsOf("describe_card")).toEqual([
      {
        serial_number: KNOWN.serial_number,
        note: "",
        processor: "GW",
        valid_from: "2026-12-01",
        valid_until: "2027-06-30",
      },
    ]);
    expect(onDone.mock.calls[0]?.[1].words).toMatch(/^Card …5209 is saved\./);
  });

  it("is of the card that is chosen, blocked ones too", async () => {
    new FakeCore();
    open([KNOWN, LOST]);
    await choose("Edit");
    expect(screen.queryByLabelText("Note")).toBeNull();
    await save();
    await waitFor(() => expect(document.activeElement?.getAttribute("name")).toBe("card-which"));
    await choose(/84000398/);
    expect(field("Note").value).toBe("");
    await scan(KNOWN.serial_number);
    await waitFor(() => expect(field("Note").value).toBe("bent"));
  });

  it("has what is wrong at its field, and nothing typed is lost", async () => {
    const core = new FakeCore({
      describe_card: ({ processor }) => {
        throw processor === ""
          ? failure("validity_invalid", "valid_until")
          : failure("too_long", "processor");
      },
    });
    open([KNOWN]);
    await choose("Edit");
    await type("Valid from", "31 2 2027");
    await save();
    await waitFor(() => expect(document.activeElement).toBe(field("Valid from")));
    expect((await screen.findByRole("alert")).textContent).toMatch(/^There is no such day/);
    expect(core.payloadsOf("describe_card")).toEqual([]);
    await type("Valid from", "1 1 2027");
    await save();
    await waitFor(() => expect(document.activeElement).toBe(field("Processor")));
    await type("Processor", "");
    await save();
    await waitFor(() => expect(document.activeElement).toBe(field("Valid until")));
    expect(screen.getByRole("alert").textContent).toBe("The last day is before the first.");
    expect([field("Note").value, field("Valid from").value]).toEqual(["bent", "1 1 2027"]);
  });

  it("is not asked where there is no card", () => {
    new FakeCore();
    open([]);
    expect(screen.queryByRole("radio", { name: "Edit" })).toBeNull();
  });
});

describe("a card's number", () => {
  it.each([
    ["8400174504165209", "8400 1745 0416 5209"],
    ["V-77FQ-20KD", "V-77FQ-20KD"],
    ["84001745", "84001745"],
  ])("%s is written %s", (number, written) => expect(writtenSerial(number)).toBe(written));
});
