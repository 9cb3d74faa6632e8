import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DEFAULT_KEYS, keyMapOf } from "../../components/key-map";
import { useKeys } from "../../components/keys-in-force.svelte";
import { attachScanner } from "../../components/scanner";
import { FakeCore, failure } from "../../fakes/core";
import { scan } from "../../fakes/scan";
import { someSettings } from "../../fakes/settings";
import { aDesk, dong } from "../../fakes/things";
import { useTextSize, useTheme } from "../../theme";
import { Preferences } from "../desk/preferences.svelte";
import { code39 } from "./code39";
import SettingsScreen from "./SettingsScreen.svelte";
import { settingsFor } from "./scan-test.svelte";
import { Settings } from "./settings.svelte";

type Answers = ConstructorParameters<typeof FakeCore>[0];

function aCore(answers: Answers = {}): FakeCore {
  return new FakeCore({
    settings: () => someSettings(),
    worst_case: ({ allowance, tills }) => ({ overspend: dong(allowance.per_till_minor * (tills - 1)) }),
    ...answers,
  });
}

async function open(group: string, desk = aDesk()) {
  const preferences = new Preferences();
  const settings = new Settings(preferences);
  const onback = vi.fn();
  const { unmount } = render(SettingsScreen, { props: { desk, preferences, onback, settings } });
  await waitFor(() => expect(at("settings-name")).not.toBeNull());
  await go(group);
  return { preferences, settings, onback, unmount };
}

const at = (id: string) => document.getElementById(id);
const input = (id: string) => at(id) as HTMLInputElement;
const go = (group: string) => fireEvent.click(at(`settings-group-${group}`) as HTMLElement);
const type = (id: string, value: string) => fireEvent.input(input(id), { target: { value } });
const press = (key: string, more: KeyboardEventInit = {}) =>
  fireEvent.keyDown(document.activeElement ?? document.body, { key, ...more });
const save = () => press("Enter", { ctrlKey: true });
const alertWords = () => screen.getByRole("alert").textContent?.trim();

afterEach(() => {
  useKeys(DEFAULT_KEYS);
  useTheme("system");
  useTextSize(100);
});

describe("the settings", () => {
  it("show the shop as it is, and where this till’s data lies", async () => {
    aCore({ settings: () => someSettings({ is_key_in_file: true }) });
    await open("shop", aDesk({}, { is_key_in_file: true }));
    expect(at("settings-shop-currency")?.textContent).toBe("VND ₫");
    expect(at("settings-shop-country")?.textContent).toBe("Vietnam");
    expect(input("settings-issuer").value).toBe("");
    expect(at("settings-shop-others")?.textContent).toBe("West Lake");
    expect(at("settings-key-in-file")?.textContent).toMatch(/Whoever can copy that folder can read it/);
    await go("about");
    expect(at("settings-data-folder")?.textContent).toBe("/home/linh/.local/share/regulars");
    expect(at("settings-version")?.textContent).toBe("0.2.0");
  });

  it.each([
    [{ is_same: true, told_again: 0, not_ours: 0 }, /both have the same\.$/],
    [{ is_same: false, told_again: 0, not_ours: 0 }, /: a part differed and was fetched again\.$/],
    [
      { is_same: false, told_again: 2, not_ours: 0 },
      /fetched again\. 2 changes that head office had lost are sent again\.$/,
    ],
    [
      { is_same: false, told_again: 0, not_ours: 3 },
      /: a part differed, and not all of it could be put right\. Head office does not know 3 things that are here/,
    ],
  ])("say how the comparison with head office came out: %o", async (outcome, words) => {
    aCore({ settings: () => someSettings({ compared: { at: "2026-11-24T06:58:00Z", ...outcome } }) });
    await open("about");
    expect(at("settings-compared")?.textContent).toMatch(words);
  });

  it("say anew what the shop is, all of it at once", async () => {
    const shop = someSettings().location;
    const core = aCore({
      save_shop: ({ name, time_zone }) =>
        someSettings({ location: { ...shop, name: name.trim(), time_zone, issuer: "KM" } }),
    });
    await open("shop");
    expect(screen.getByText(/Head office is told/)).toBeTruthy();
    await save();
    expect(core.payloadsOf("save_shop")).toEqual([]);
    await type("settings-name", "Kim Ma 2 ");
    await fireEvent.change(input("settings-time-zone"), { target: { value: "Asia/Bangkok" } });
    await type("settings-issuer", " KM");
    await save();
    await screen.findByText("Saved.");
    expect(core.payloadsOf("save_shop")).toEqual([
      { name: "Kim Ma 2 ", time_zone: "Asia/Bangkok", issuer: "KM" },
    ]);
    expect([input("settings-name").value, input("settings-issuer").value]).toEqual(["Kim Ma 2", "KM"]);
  });

  it("have a refused name of the shop at its field", async () => {
    aCore({
      save_shop: () => {
        throw failure("required", "name");
      },
    });
    await open("shop");
    await type("settings-name", "");
    await save();
    await waitFor(() => expect(document.activeElement).toBe(input("settings-name")));
    expect(alertWords()).toBe("This is needed.");
  });

  it("leave the issuer as it is once credit is booked, and say so", async () => {
    const shop = someSettings().location;
    const location = { ...shop, issuer: "KIM", issuer_stays: "issuer_booked", is_told: false };
    const core = aCore({
      settings: () => someSettings({ location }),
      save_shop: () => someSettings({ location }),
    });
    await open("shop");
    expect(at("settings-issuer")).toBeNull();
    expect(at("settings-shop-issuer")?.textContent).toBe("KIM");
    expect(screen.getByText(/^It stays as it is: credit is booked/)).toBeTruthy();
    await type("settings-name", "Kim Mã");
    await save();
    await waitFor(() => expect(core.payloadsOf("save_shop")[0]).toMatchObject({ issuer: null }));
  });

  it("drop what was typed about a shop that the counter does not serve any more", async () => {
    const core = aCore();
    await open("shop");
    await type("settings-name", "Half a na");
    const shop = someSettings().location;
    core.answers.settings = () => someSettings({ location: { ...shop, code: "TH", name: "West Lake" } });
    core.tell("desk");
    await waitFor(() => expect(input("settings-name").value).toBe("West Lake"));
  });

  it("say why they cannot be shown, and ask again", async () => {
    const core = aCore({
      settings: () => {
        throw failure("disk_failed", null);
      },
    });
    const preferences = new Preferences();
    render(SettingsScreen, {
      props: { desk: aDesk(), preferences, onback: vi.fn(), settings: new Settings(preferences) },
    });
    await screen.findByText(/^The disk cannot be written/);
    core.answers.settings = () => someSettings();
    await fireEvent.click(screen.getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(input("settings-name")?.value).toBe("Kim Ma"));
  });

  it("are saved per group with Ctrl+Enter", async () => {
    const core = aCore({ save_till: () => ({}) });
    await open("till");
    await save();
    expect(core.payloadsOf("save_till")).toEqual([]);
    await type("settings-till-name", "Bar");
    await save();
    await screen.findByText("Saved.");
    expect(core.payloadsOf("save_till")).toEqual([{ till_name: "Bar", language: "en" }]);
  });

  it("have a failure at its field, and nothing typed is lost", async () => {
    aCore({
      save_till: () => {
        throw failure("required", "till_name");
      },
    });
    await open("till");
    await type("settings-till-name", " ");
    await save();
    await waitFor(() => expect(document.activeElement).toBe(input("settings-till-name")));
    expect(input("settings-till-name").getAttribute("aria-invalid")).toBe("true");
    expect(alertWords()).toBe("This is needed.");
    await type("settings-till-name", "Bar");
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("say which groups are not saved, keep what was typed, and follow the core elsewhere", async () => {
    const core = aCore();
    const { unmount, settings, preferences } = await open("till");
    await type("settings-till-name", "Bar");
    await go("printer");
    expect(at("settings-group-till")?.textContent).toContain("not saved yet");
    core.answers.settings = () =>
      someSettings({ till_name: "Till 7", printer: { address: "", code_page: "pc437", columns: 32 } });
    core.tell("desk");
    await waitFor(() => expect(input("settings-address").value).toBe(""));
    unmount();
    render(SettingsScreen, { props: { desk: aDesk(), preferences, onback: vi.fn(), settings } });
    await go("till");
    expect(input("settings-till-name").value).toBe("Bar");
  });

  it("are left with Esc", async () => {
    aCore();
    const { onback } = await open("till");
    await press("Escape");
    expect(onback).toHaveBeenCalledOnce();
  });
});

describe("credit without the line", () => {
  it("shows the worst case as it is typed, and saves it", async () => {
    const core = aCore();
    core.answers.save_allowance = ({ allowance, tills }) => someSettings({ allowance, tills });
    await open("allowance");
    expect(at("settings-worst-case")?.textContent?.trim()).toBe("5,000,000\u00a0₫");
    await type("settings-tills", "4");
    await waitFor(() => expect(at("settings-worst-case")?.textContent?.trim()).toBe("15,000,000\u00a0₫"));
    await type("settings-per-till-minor", "");
    await waitFor(() => expect(at("settings-worst-case")?.textContent?.trim()).toBe("0\u00a0₫"));
    await save();
    await screen.findByText("Saved.");
    expect(core.payloadsOf("save_allowance")).toEqual([
      {
        allowance: {
          per_member_minor: 500_000,
          per_transaction_minor: 500_000,
          per_till_minor: 0,
          max_age_hours: 24,
        },
        tills: 4,
      },
    ]);
  });

  it("is for one till at least", async () => {
    const core = aCore();
    await open("allowance");
    await type("settings-tills", "");
    await save();
    expect(alertWords()).toBe("This is needed.");
    expect(core.payloadsOf("save_allowance")).toEqual([]);
  });
});

describe("credit rules", () => {
  const cases: Array<[proof: string, above: number | null]> = [
    ["never", null],
    ["always", 0],
    ["above", 300_000],
  ];

  it.each(cases)("a card that is asked %s", async (proof, proof_above_minor) => {
    const core = aCore();
    core.answers.save_credit_rules = (credit_rules) => someSettings({ credit_rules });
    await open("rules");
    await type("settings-reward-valid-days", "365");
    await fireEvent.click(input(`settings-proof-${proof}`));
    await save();
    await screen.findByText("Saved.");
    expect(core.payloadsOf("save_credit_rules")).toEqual([
      { void_minutes: 10, earn_percent: "2.5", reward_valid_days: 365, proof_above_minor },
    ]);
  });

  it("say at the rate what is wrong with it", async () => {
    aCore({
      save_credit_rules: () => {
        throw failure("percent_invalid", "earn_percent");
      },
    });
    await open("rules");
    await type("settings-earn-percent", "250");
    await save();
    await waitFor(() => expect(document.activeElement).toBe(input("settings-earn-percent")));
    expect(alertWords()).toMatch(/^A percentage is 0 to 100/);
  });
});

describe("the receipt printer", () => {
  it("prints a test once it is saved, and says how that went", async () => {
    const core = aCore({ test_printer: () => ({}) });
    core.answers.save_printer = (printer) => someSettings({ printer });
    await open("printer");
    await type("settings-address", "10.0.0.9");
    expect((at("settings-test-print") as HTMLButtonElement).disabled).toBe(true);
    screen.getByText("Save first, then print a test.");
    await fireEvent.click(input("settings-columns-32"));
    await save();
    await waitFor(() => expect((at("settings-test-print") as HTMLButtonElement).disabled).toBe(false));
    expect(core.payloadsOf("save_printer")).toEqual([
      { address: "10.0.0.9", code_page: "tcvn3", columns: 32 },
    ]);
    await fireEvent.click(at("settings-test-print") as HTMLElement);
    await screen.findByText(/^Sent to the printer/);
    core.answers.test_printer = () => {
      throw failure("printer_unreachable", null);
    };
    await fireEvent.click(at("settings-test-print") as HTMLElement);
    await screen.findByText(/^The printer cannot be reached/);
  });
});

describe("the window", () => {
  it("takes its colours and the size of text at once", async () => {
    const core = aCore();
    await open("window");
    await fireEvent.click(input("settings-theme-dark"));
    expect(document.documentElement.dataset.theme).toBe("dark");
    const slider = input("settings-text-size");
    await fireEvent.input(slider, { target: { value: "150" } });
    expect(at("settings-text-size-shown")?.textContent).toBe("150 %");
    expect(document.documentElement.style.fontSize).toBe("");
    await fireEvent.change(slider, { target: { value: "150" } });
    expect(document.documentElement.style.fontSize).toBe("150%");
    await fireEvent.click(input("settings-hides-served"));
    await waitFor(() =>
      expect(core.payloadsOf("save_preferences").at(-1)).toMatchObject({
        theme: "dark",
        text_size: 150,
        hides_served: true,
      }),
    );
  });

  it("is as before where a change cannot be saved, and says why", async () => {
    aCore({
      save_preferences: () => {
        throw failure("disk_full", null);
      },
    });
    await open("window");
    await fireEvent.click(input("settings-theme-dark"));
    await screen.findByText(/^The disk is full/);
    expect(document.documentElement.dataset.theme).toBe("light");
    expect(input("settings-theme-system").checked).toBe(true);
  });
});

describe("keys", () => {
  const change = async (action: string) => {
    const button = at(`settings-key-change-${action}`) as HTMLElement;
    button.focus();
    await fireEvent.click(button);
  };

  it("are given by pressing them, and the map in force follows", async () => {
    const core = aCore();
    const { preferences } = await open("keys");
    await change("pay");
    screen.getByText("Press the new key for Pay. Esc leaves it as it is.");
    await press("F10");
    await screen.findByText("Pay is F10 now.");
    expect(at("settings-key-pay")?.textContent).toBe("F10");
    expect(keyMapOf(preferences.now.keys).pay).toBe("F10");
    expect(core.payloadsOf("save_preferences").at(-1)?.keys).toEqual({ pay: "F10" });

    await fireEvent.click(screen.getByRole("button", { name: "Back to the usual key of Pay" }));
    await waitFor(() => expect(at("settings-key-pay")?.textContent).toBe("F5"));
    expect(core.payloadsOf("save_preferences").at(-1)?.keys).toEqual({});
  });

  const refused: Array<[event: KeyboardEventInit, sentence: string]> = [
    [{ key: "F4" }, "F4 is Top up already. Give that another key first."],
    [{ key: "F8" }, "F8 is kept for something else."],
    [{ key: "ö" }, "ö is kept for something else."],
  ];

  it.each(refused)("that cannot be had are refused in words", async (event, sentence) => {
    const core = aCore();
    const { onback } = await open("keys");
    await change("pay");
    await press(event.key ?? "", event);
    expect(at("settings-key-refused")?.textContent?.trim()).toBe(sentence);
    // It still waits for one that can be had; Esc leaves that, and not the screen.
    await press("Escape");
    expect(at("settings-key-waits")).toBeNull();
    expect(onback).not.toHaveBeenCalled();
    expect(core.payloadsOf("save_preferences")).toEqual([]);
  });

  it("let somebody go on with Tab", async () => {
    aCore();
    await open("keys");
    await change("pay");
    const isLeft = await press("Tab");
    expect(isLeft).toBe(true);
    expect(at("settings-key-waits")).toBeNull();
  });

  it("are all as usual again", async () => {
    const core = aCore();
    await open("keys");
    await change("pay");
    await press("F10");
    await screen.findByText("Pay is F10 now.");
    await fireEvent.click(at("settings-keys-usual") as HTMLElement);
    await waitFor(() => expect(core.payloadsOf("save_preferences").at(-1)?.keys).toEqual({}));
    expect((at("settings-keys-usual") as HTMLButtonElement).disabled).toBe(true);
  });
});

describe("the scanner", () => {
  let detach = () => {};
  beforeEach(() => {
    detach = attachScanner(() => ({ prefix: "", suffix: "enter", max_gap_ms: 30, min_length: 6 }));
  });
  afterEach(() => detach());

  async function startTest() {
    const button = at("settings-scan-test") as HTMLElement;
    button.focus();
    await fireEvent.click(button);
    await screen.findByText("Waiting for a scan…");
  }

  it("is tested with the bars on the screen, and says what came", async () => {
    aCore();
    await open("scanner");
    screen.getByRole("img", { name: "Bars that say REGULARS" });
    await startTest();
    await scan("REGULARS");
    await screen.findByText("The settings fit this scanner.");
    expect(at("settings-scan-came")?.textContent).toBe("REGULARS");
    expect(at("settings-scan-gap")?.textContent).toBe("10 ms apart");
    expect(at("settings-scan-ended")?.textContent).toBe("Enter");
  });

  it("has settings suggested that fit it, which are saved when they are taken", async () => {
    const core = aCore();
    await open("scanner");
    await startTest();
    await scan("]C1REGULARS");
    await screen.findByText("In front: ]C1");
    await fireEvent.click(at("settings-scan-use") as HTMLElement);
    await screen.findByText("Saved.");
    expect(core.payloadsOf("save_preferences").at(-1)?.scanner).toEqual({
      prefix: "]C1",
      suffix: "enter",
      max_gap_ms: 30,
      min_length: 6,
    });
    expect(input("settings-prefix").value).toBe("]C1");
  });

  it("is not waited for any more after Esc, which stays on the screen", async () => {
    aCore();
    const { onback } = await open("scanner");
    await startTest();
    await press("Escape");
    expect(screen.queryByText("Waiting for a scan…")).toBeNull();
    expect(onback).not.toHaveBeenCalled();
  });

  it("cannot be set to what nobody can scan with", async () => {
    const core = aCore();
    await open("scanner");
    await type("settings-max-gap-ms", "500");
    await save();
    expect(alertWords()).toBe("From 10 to 120.");
    expect(core.payloadsOf("save_preferences")).toEqual([]);
  });

  const now = { prefix: "", suffix: "enter", max_gap_ms: 30, min_length: 6 } as const;
  it.each([
    [{ raw: "REGULARS", endedBy: "enter", longestGapMs: 12 }, now],
    [
      { raw: "REGULARS", endedBy: "tab", longestGapMs: 12 },
      { ...now, suffix: "tab" },
    ],
    [
      { raw: "REGULARS", endedBy: "pause", longestGapMs: 40 },
      { ...now, suffix: "none", max_gap_ms: 60 },
    ],
    [
      { raw: "X8400", endedBy: "enter", longestGapMs: 119 },
      { ...now, max_gap_ms: 120 },
    ],
  ] as const)("%j is a scan with other settings", (scanned, settings) => {
    expect(settingsFor({ ...scanned, text: scanned.raw }, now)).toEqual(settings);
  });
});

describe("the bars", () => {
  it("are Code 39: five bars for each character, and three of its nine elements wide", () => {
    const { bars, width } = code39("REGULARS");
    expect(bars).toHaveLength(10 * 5);
    // Nine elements of which three are twice as wide, and a gap after each character but the last.
    expect(width).toBe(10 * 12 + 9);
  });
});
