import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Preferences as Saved } from "../../api";
import { FakeCore, failure, later } from "../../fakes/core";
import { scan } from "../../fakes/scan";
import { aCard, aDesk, aHit, aLoyaltyCard, anAnswer, somePreferences } from "../../fakes/things";
import { text } from "../../text";
import DeskScreen from "./DeskScreen.svelte";
import { Preferences } from "./preferences.svelte";

const CARD = "8400174504165209";

async function openDesk(core: FakeCore): Promise<HTMLInputElement> {
  render(DeskScreen);
  const search = await screen.findByLabelText<HTMLInputElement>("Phone, card or name");
  expect(core.payloadsOf("desk").length).toBeGreaterThan(0);
  return search;
}

async function openMember(core: FakeCore): Promise<HTMLInputElement> {
  core.answers.find = () => anAnswer();
  const search = await openDesk(core);
  await fireEvent.input(search, { target: { value: "0945350398" } });
  await waitFor(() => expect(nameShown()).toBeTruthy());
  return search;
}

const press = (key: string, more: KeyboardEventInit = {}) =>
  fireEvent.keyDown(document.activeElement ?? document.body, { key, ...more });
const nameShown = () => document.getElementById("member-name")?.textContent;
const goTo = (tab: string) => fireEvent.click(document.getElementById(`tab-${tab}`) ?? document.body);
const foot = () => [...document.querySelectorAll<HTMLButtonElement>("footer button")];

afterEach(() => vi.useRealTimers());

describe("a computer whose clock is off", () => {
  it.each([
    [null, undefined],
    [180_000, "Clock 3 min slow"],
    [-7_200_000, "Clock 120 min fast"],
  ])("by %s ms is told beside the connection", async (clock_off_ms, said) => {
    await openDesk(new FakeCore({ desk: () => aDesk({ clock_off_ms }) }));
    await waitFor(() => expect(document.getElementById("clock-off")?.textContent?.trim()).toBe(said));
  });
});

describe("a scanned card", () => {
  it.each(["counter", "members", "sync", "settings"])("opens its member from %s", async (tab) => {
    const core = new FakeCore({ find: () => anAnswer({ is_complete: false }) });
    await openDesk(core);
    await goTo(tab);
    await scan(CARD);
    await waitFor(() => expect(nameShown()).toBe("Lý Tú Quang Thắng"));
    expect(core.payloadsOf("find").at(-1)).toEqual({ query: CARD });
    expect((await screen.findByLabelText<HTMLInputElement>("Phone, card or name")).value).toBe(CARD);
  });

  it("takes the place of the member who is open", async () => {
    const core = new FakeCore();
    await openMember(core);
    core.answers.find = ({ query }) =>
      anAnswer({ members: [query === CARD ? aHit({ id: "ha", full_name: "Nguyễn Thu Hà" }) : aHit()] });
    core.answers.open_member = ({ member_id }) =>
      member_id === "ha" ? aCard({ id: "ha", full_name: "Nguyễn Thu Hà" }) : aCard();
    await scan(CARD);
    await waitFor(() => expect(nameShown()).toBe("Nguyễn Thu Hà"));
  });

  it("lists whom it fits, where it fits several, and opens none of them", async () => {
    const members = [aHit({ id: "a" }), aHit({ id: "b" })];
    const core = new FakeCore({ find: () => anAnswer({ answer: "several", members }) });
    await openDesk(core);
    await scan(CARD);
    await scan(CARD);
    await screen.findByRole("heading", { name: /^2 members share/ });
    expect(core.payloadsOf("open_member")).toEqual([]);
  });

  it("that nobody has is the card of a new member, and not the phone number", async () => {
    await openDesk(new FakeCore({ find: () => anAnswer({ answer: "not_in_copy", members: [] }) }));
    await scan(CARD);
    await screen.findByText(/May I have your phone number/);
    expect(
      screen.getByText(
        `Card ${CARD} may have been issued lately, or belong to a shop that this till does not keep.`,
      ),
    ).toBeTruthy();
    await fireEvent.click(screen.getByRole("button", { name: "New member" }));
    await waitFor(() => expect(document.querySelector<HTMLInputElement>("#register-phone")?.value).toBe(""));
    expect(document.querySelector<HTMLInputElement>("#register-card")?.value.replaceAll(" ", "")).toBe(CARD);
  });

  it("that is blocked says so, and whose it was", async () => {
    const refused_card = {
      card: aLoyaltyCard({ state: "blocked", status_reason: "lost" }),
      member_name: "Lý Tú Quang Thắng",
    };
    await openDesk(
      new FakeCore({ find: () => anAnswer({ answer: "card_refused", members: [], refused_card }) }),
    );
    await scan(CARD);
    await screen.findByText("Card …5209 of Lý Tú Quang Thắng.");
    expect(screen.getByText(/This card is blocked \(lost\)/)).toBeTruthy();
  });

  it("neither lands in the amount of a top-up nor confirms it, and is said to wait", async () => {
    const core = new FakeCore({ top_up: () => aCard() });
    await openMember(core);
    const asked = core.payloadsOf("find").length;
    await press("F4");
    const amount = await screen.findByLabelText<HTMLInputElement>("Amount");
    amount.focus();
    await fireEvent.input(amount, { target: { value: "500000" } });
    await scan(CARD);
    await screen.findByText("Card scanned. Finish or leave this first, then scan it again.");
    expect(amount.value).toBe("500,000");
    expect(core.payloadsOf("top_up")).toEqual([]);
    expect(core.payloadsOf("find")).toHaveLength(asked);

    await press("Enter");
    await waitFor(() => expect(core.payloadsOf("top_up")).toHaveLength(1));
  });

  it("asks first where something is typed and not saved, and then goes on to its member", async () => {
    const input = { phone: "+84945350398", name: { full: "Lý Tú Quang Thắng" } };
    const core = new FakeCore({ member_form: ({ member_id }) => ({ member_id, input, catalogue: [] }) });
    await openMember(core);
    await press("F7");
    await waitFor(() => expect(document.getElementById("edit-name")).toBeTruthy());
    const name = document.querySelector<HTMLInputElement>("#edit-name");
    name?.focus();
    await fireEvent.input(name ?? document.body, { target: { value: "Lý Tú Quang Thắng Mới" } });
    const asked = core.payloadsOf("find").length;
    await scan(CARD);
    await screen.findByRole("dialog");
    expect(name?.value).toBe("Lý Tú Quang Thắng Mới");
    expect(core.payloadsOf("find")).toHaveLength(asked);

    await fireEvent.click(document.getElementById("leave-yes") ?? document.body);
    await waitFor(() => expect(core.payloadsOf("find").at(-1)).toEqual({ query: CARD }));
    await waitFor(() => expect(nameShown()).toBeTruthy());
  });

  it("follows the till's settings", async () => {
    const scanner = { prefix: "~", suffix: "enter" as const, max_gap_ms: 5, min_length: 6 };
    const core = new FakeCore({
      find: () => anAnswer({ is_complete: false }),
      desk: () => aDesk({}, { preferences: somePreferences({ scanner }) }),
    });
    const search = await openDesk(core);
    await scan(CARD);
    expect(search.value).toBe(CARD);

    core.answers.desk = () =>
      aDesk({}, { preferences: somePreferences({ scanner: { ...scanner, max_gap_ms: 20 } }) });
    core.tell("desk");
    await new Promise((resolve) => setTimeout(resolve, 0));
    await scan(`~${CARD}`);
    await waitFor(() => expect(core.payloadsOf("find").at(-1)).toEqual({ query: CARD }));
  });
});

describe("the foot", () => {
  it("is in key order, each with its key", async () => {
    await openMember(new FakeCore());
    expect(foot().map((button) => button.textContent?.replace(/\s+/g, " ").trim())).toEqual([
      "F2 New",
      "F4 Top up",
      "F5 Pay",
      "F6 Card issue, edit, block, replace",
      "F7 Edit",
      "F9 Sync",
      "Esc Clear",
    ]);
  });

  it("fills one button at most: Pay, when somebody is open", async () => {
    const filled = () => [...document.querySelectorAll("button.primary")].map((button) => button.id);
    const search = await openDesk(new FakeCore({ find: () => anAnswer() }));
    expect(filled()).toEqual([]);
    await fireEvent.input(search, { target: { value: "0945350398" } });
    await waitFor(() => expect(nameShown()).toBeTruthy());
    expect(filled()).toEqual(["do-pay"]);
    await press("F4");
    await screen.findByLabelText("Amount");
    expect(filled()).toEqual(["topup-confirm"]);
  });

  it("prints the key in force, and that key does it", async () => {
    const core = new FakeCore({
      desk: () => aDesk({}, { preferences: somePreferences({ keys: { top_up: "F10" } }) }),
    });
    await openMember(core);
    const button = document.getElementById("do-top_up");
    expect(button?.textContent).toContain("F10");
    expect(button?.getAttribute("aria-keyshortcuts")).toBe("F10 Alt+T");
    await press("F4");
    expect(screen.queryByRole("dialog")).toBeNull();
    await press("F10");
    await screen.findByLabelText("Amount");
  });

  it("takes the keys that a web view keeps for itself", async () => {
    await openDesk(new FakeCore());
    const isTaken = (init: KeyboardEventInit) => {
      const event = new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...init });
      document.body.dispatchEvent(event);
      return event.defaultPrevented;
    };
    const taken = ["F3", "F5", "F7", "F12"].map((key) => ({ key }));
    const withCtrl = ["r", "R", "p", "+", "-", "0"].map((key) => ({ key, ctrlKey: true }));
    expect([...taken, ...withCtrl].map(isTaken)).not.toContain(false);
    expect([{ key: "c", ctrlKey: true }, { key: "F1" }, { key: "a" }].map(isTaken)).not.toContain(true);
  });
});

describe("the tabs", () => {
  it("are four, and two have a key of their own", async () => {
    await openDesk(new FakeCore());
    const tabs = [...document.querySelectorAll("nav button")].map((tab) => tab.textContent?.trim());
    expect(tabs).toEqual(["Counter", "Members", "Sync", "Settings"]);
    const current = () => document.querySelector("nav [aria-current]")?.id;
    await press("m", { altKey: true, code: "KeyM" });
    await waitFor(() => expect(current()).toBe("tab-members"));
    await press("g", { altKey: true, code: "KeyG" });
    await waitFor(() => expect(current()).toBe("tab-settings"));
  });
});

describe("the letters of the pad", () => {
  it("open for touch, and go back to the digits", async () => {
    const core = new FakeCore({ find: () => anAnswer({ is_complete: false }) });
    const search = await openDesk(core);
    await fireEvent.click(screen.getByRole("button", { name: "Letters for a name" }));
    for (const name of ["H", "A", "Space", "L", "Delete the last letter"]) {
      await fireEvent.click(screen.getByRole("button", { name }));
    }
    expect(search.value).toBe("HA ");
    expect(core.payloadsOf("find").at(-1)).toEqual({ query: "HA" });
    await fireEvent.click(screen.getByRole("button", { name: "Digits" }));
    expect(screen.getByRole("button", { name: "000" })).toBeTruthy();
  });
});

describe("served just now", () => {
  const member = (id: string) => ({
    id,
    full_name: `Member ${id}`,
    initials: id,
    phone_ending: `${id}${id}${id}${id}`,
  });
  const names = () =>
    [...document.querySelectorAll(".served li")].map((line) => line.textContent?.replace(/\s+/g, " ").trim());

  it("shows a name for a minute, and the end of the phone after that", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    const core = new FakeCore({
      served_recently: () => ({ members: [member("1")] }),
      desk: () => aDesk({}, { preferences: somePreferences({ hides_served: true }) }),
    });
    render(DeskScreen);
    await vi.waitFor(() => expect(names()).toEqual(["Name hidden …1111"]));

    core.answers.served_recently = () => ({ members: [member("2"), member("1")] });
    core.tell("members");
    await vi.waitFor(() => expect(names()).toEqual(["2 Member 2 …2222", "Name hidden …1111"]));
    await vi.advanceTimersByTimeAsync(61_000);
    expect(names()).toEqual(["Name hidden …2222", "Name hidden …1111"]);
  });

  it("keeps its names where nothing says otherwise", async () => {
    await openDesk(new FakeCore({ served_recently: () => ({ members: [member("1")] }) }));
    await waitFor(() => expect(names()).toEqual(["1 Member 1 …1111"]));
  });
});

describe("the preferences", () => {
  const root = document.documentElement;

  it("are in force as soon as the till says them", async () => {
    const core = new FakeCore({
      desk: () => aDesk({}, { preferences: somePreferences({ theme: "dark", text_size: 150 }) }),
    });
    await openDesk(core);
    expect([root.dataset.theme, root.style.fontSize]).toEqual(["dark", "150%"]);
    core.answers.desk = () => aDesk({}, { preferences: somePreferences({ theme: "light" }) });
    core.tell("desk");
    await waitFor(() => expect([root.dataset.theme, root.style.fontSize]).toEqual(["light", ""]));
  });

  it("are in force before they are saved, whatever the core said meanwhile", async () => {
    const slow = later<Record<string, never>>();
    const core = new FakeCore({ save_preferences: () => slow.promise });
    const preferences = new Preferences();
    const saving = preferences.save({ theme: "dark" });
    preferences.take(somePreferences());
    expect([preferences.now.theme, root.dataset.theme]).toEqual(["dark", "dark"]);
    slow.answer({});
    expect(await saving).toBeNull();
    expect(core.payloadsOf("save_preferences")).toEqual([somePreferences({ theme: "dark" })]);
  });

  it("are as before where they cannot be saved, and the reason is answered", async () => {
    new FakeCore({
      save_preferences: () => {
        throw failure("disk_full", null);
      },
    });
    const preferences = new Preferences();
    preferences.take(somePreferences({ text_size: 125 }));
    expect(await preferences.save({ text_size: 200 })).toMatchObject({ code: "disk_full" });
    expect([preferences.now.text_size, root.style.fontSize]).toEqual([125, "125%"]);
  });

  it("are whole, whatever is missing in what the core said", () => {
    const preferences = new Preferences();
    preferences.take(undefined);
    preferences.take({ theme: "dark", scanner: { prefix: "~" } } as Saved);
    expect(preferences.now).toEqual(
      somePreferences({ theme: "dark", scanner: { ...somePreferences().scanner, prefix: "~" } }),
    );
  });
});

it("writes a card's number smaller, so that all of its digits are read", async () => {
  const search = await openDesk(
    new FakeCore({ find: () => anAnswer({ answer: "not_in_copy", members: [] }) }),
  );
  await fireEvent.input(search, { target: { value: "0945350398" } });
  expect(search.classList.contains("long")).toBe(false);
  await fireEvent.input(search, { target: { value: CARD } });
  expect(search.classList.contains("long")).toBe(true);
});

it("shows moments by the shop's clock, wherever the computer believes to be", async () => {
  const location = { ...aDesk().location, time_zone: "Pacific/Kiritimati" };
  await openDesk(new FakeCore({ desk: () => aDesk({}, { location }) }));
  expect(text().forms.time("2026-11-24T06:58:00Z")).toBe("20:58");
});
