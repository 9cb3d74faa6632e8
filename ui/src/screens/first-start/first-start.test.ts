import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import App from "../../App.svelte";
import type { FirstStartDefaults, StartState } from "../../api";
import { FakeCore, failure } from "../../fakes/core";

const defaults: FirstStartDefaults = {
  language: "en",
  till_name: "Till 1",
  country: "VN",
  currency: "VND",
  time_zone: "Asia/Ho_Chi_Minh",
  has_keychain: true,
  countries: [
    { code: "VN", currency: "VND" },
    { code: "FR", currency: "EUR" },
  ],
  currencies: [
    { code: "VND", decimals: 0 },
    { code: "EUR", decimals: 2 },
  ],
};

function aCore(changes: Partial<FirstStartDefaults> = {}): FakeCore {
  let state: StartState = { stage: "first_start", defaults: { ...defaults, ...changes } };
  return new FakeCore({
    start_state: () => state,
    allowance_advice: ({ currency }) => ({
      allowance:
        currency === "VND"
          ? {
              per_member_minor: 500_000,
              per_transaction_minor: 500_000,
              per_till_minor: 5_000_000,
              max_age_hours: 24,
            }
          : {
              per_member_minor: 2_000,
              per_transaction_minor: 2_000,
              per_till_minor: 20_000,
              max_age_hours: 24,
            },
    }),
    worst_case: ({ allowance, currency }) => ({ overspend: { minor: allowance.per_till_minor, currency } }),
    set_up: () => {
      state = { stage: "ready" };
      return {};
    },
  });
}

const field = (id: string) => document.getElementById(`setup-${id}`) as HTMLInputElement;
const type = (id: string, value: string) => fireEvent.input(field(id), { target: { value } });
const open = () => fireEvent.keyDown(document.body, { key: "Enter", ctrlKey: true });

async function openFirstStart() {
  render(App);
  await screen.findByRole("heading", { name: "Set up this till" });
  await waitFor(() => expect(field("per-member").value).not.toBe(""));
}

describe("the first start", () => {
  it("sets the till up with what was answered, and opens the counter", async () => {
    const core = aCore();
    await openFirstStart();
    await type("shop", "Kim Ma");
    await type("code", "KM");
    await open();
    await screen.findByLabelText("Phone, card or name");
    expect(core.payloadsOf("set_up")).toEqual([
      {
        language: "en",
        till_name: "Till 1",
        location: {
          code: "KM",
          name: "Kim Ma",
          country: "VN",
          currency: "VND",
          time_zone: "Asia/Ho_Chi_Minh",
        },
        head_office: null,
        allowance: {
          per_member_minor: 500_000,
          per_transaction_minor: 500_000,
          per_till_minor: 5_000_000,
          max_age_hours: 24,
        },
        key_in_file: false,
      },
    ]);
  });

  it("shows the worst case of the allowance as it is typed", async () => {
    aCore();
    await openFirstStart();
    await type("per-till", "1000000");
    await screen.findByText(/With 2 tills, at worst 1,000,000.₫ too much\./);
  });

  it("opens on a computer that tells no country, and takes the currency from the one that is chosen", async () => {
    aCore({ country: "", currency: "" });
    render(App);
    await screen.findByRole("heading", { name: "Set up this till" });
    expect(field("currency").value).toBe("");
    await fireEvent.change(field("country"), { target: { value: "FR" } });
    expect(field("currency").value).toBe("EUR");
    await waitFor(() => expect(field("per-member").value).toBe("20.00"));
  });

  it("starts the allowance anew in another currency", async () => {
    aCore();
    await openFirstStart();
    await fireEvent.change(field("currency"), { target: { value: "EUR" } });
    await waitFor(() => expect(field("per-member").value).toBe("20.00"));
  });

  it("asks before the key goes into a file", async () => {
    const core = aCore({ has_keychain: false });
    await openFirstStart();
    await open();
    await screen.findByText(/^Tick this to go on/);
    expect(core.payloadsOf("set_up")).toEqual([]);

    await fireEvent.click(field("key-in-file"));
    await open();
    await waitFor(() => expect(core.payloadsOf("set_up")[0]?.key_in_file).toBe(true));
  });

  it("has a failure at its field, and nothing typed is lost", async () => {
    const core = aCore();
    core.answers.set_up = () => {
      throw failure("join_code_invalid", "head_office.join_code");
    };
    await openFirstStart();
    await type("head-office", "office.example.com");
    await type("join-code", "WRONG");
    await open();
    await screen.findByText(/^Head office does not know this code/);
    await waitFor(() => expect(document.activeElement).toBe(field("join-code")));
    expect(field("head-office").value).toBe("office.example.com");
  });

  it("speaks the chosen language at once", async () => {
    aCore();
    await openFirstStart();
    await fireEvent.change(field("language"), { target: { value: "vi" } });
    await screen.findByRole("heading", { name: "Cài đặt quầy này" });
    expect(document.documentElement.lang).toBe("vi");
  });
});

describe("a till that cannot open", () => {
  it("says why, and tries again", async () => {
    let isOpen = false;
    new FakeCore({
      start_state: () =>
        isOpen
          ? { stage: "ready" }
          : { stage: "failed", failure: { code: "till_in_use", message: "", field: null, facts: {} } },
    });
    render(App);
    await screen.findByText(/^Regulars is already open/);
    isOpen = true;
    await fireEvent.click(screen.getByRole("button", { name: "Try again" }));
    await screen.findByLabelText("Phone, card or name");
  });
});
