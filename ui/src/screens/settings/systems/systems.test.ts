import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { describe, expect, it, vi } from "vitest";
import type { RemotesView } from "../../../api";
import { FakeCore, failure } from "../../../fakes/core";
import { click, textOf } from "../../../fakes/desk";
import { someSettings } from "../../../fakes/settings";
import { aShop, aSystem, someSystems } from "../../../fakes/systems";
import { aDesk } from "../../../fakes/things";
import { Preferences } from "../../desk/preferences.svelte";
import SettingsScreen from "../SettingsScreen.svelte";
import { Settings } from "../settings.svelte";

const SEEN = { members: 48_210, locations: null, clock_ahead_seconds: null, lacks: null };

type Answers = ConstructorParameters<typeof FakeCore>[0];

async function open(view: RemotesView, answers: Answers = {}, onback = vi.fn()) {
  const core = new FakeCore({
    settings: () => someSettings(),
    remotes: () => view,
    check_remote: () => SEEN,
    save_remote: () => view,
    connect_shop: () => view,
    ...answers,
  });
  const preferences = new Preferences();
  const settings = new Settings(preferences);
  render(SettingsScreen, { props: { desk: aDesk(), preferences, onback, settings } });
  await waitFor(() => expect(at("settings-name")).not.toBeNull());
  await click("settings-group-systems");
  await waitFor(() => expect(document.querySelector("p.lead")).not.toBeNull());
  return core;
}

const at = (id: string) => document.getElementById(id);
const input = (id: string) => at(id) as HTMLInputElement;
const type = (id: string, value: string) => fireEvent.input(input(id), { target: { value } });
const choose = (id: string, value: string) => fireEvent.change(input(id), { target: { value } });
const press = (key: string, more: KeyboardEventInit = {}) =>
  fireEvent.keyDown(document.activeElement ?? document.body, { key, ...more });
const save = () => press("Enter", { ctrlKey: true });

describe("the member systems", () => {
  it("say what the account there may not do", async () => {
    const lacks = ["change", "set_discount"];
    await open(someSystems(), { check_remote: () => ({ ...SEEN, lacks }) });
    await click("system-1-check");
    await screen.findByText(/The account there may not change members, or set discounts\./);
  });

  it("stand with how they are, and what never leaves this till", async () => {
    const problem = { code: "token_refused", message: "Unauthorized", field: null, facts: {} };
    await open(
      someSystems({
        remotes: [
          aSystem({ waiting: 3, needs_you: 1 }),
          aSystem({
            name: "Stancer",
            kind: "stancer",
            mode: "test",
            state: { state: "problem", failure: problem },
          }),
        ],
      }),
    );
    expect(textOf("system-1-state")).toBe("Reached");
    expect(textOf("system-1-told")).toMatch(/Last exchange .* · 3 waiting · 1 needs you/);
    expect(textOf("system-1-credit")).toMatch(/^Credit stays on this till/);
    expect(textOf("system-2-state")).toBe("Not working");
    expect(textOf("system-2")).toMatch(/Test members/);
    expect(textOf("system-2")).toMatch(/Stancer answers, but does not accept the secret/);
    expect(textOf("system-2")).toMatch(/A second till never hears of them by itself/);
  });

  it("keep credit at Portos after a trial, whose doubts are said at the field", async () => {
    const proved = { is_on: true, currency: "EUR", proved_at: "2026-11-20T07:00:00Z" };
    const core = await open(someSystems(), {
      switch_credit: ({ currency, is_on }) => {
        if (is_on && currency === null) throw failure("currency_unconfirmed", "currency");
        const credit = { ...proved, is_on };
        return { remotes: someSystems({ remotes: [aSystem({ credit })] }), left_behind: "a1b2" };
      },
    });
    await click("system-1-switch-credit");
    expect(screen.getByRole("dialog").textContent).toMatch(/No real member is touched/);
    await save();
    await screen.findByText(/does not say in which currency/);
    expect(document.activeElement).toBe(input("credit-currency"));
    await type("credit-currency", "EUR");
    await save();
    await waitFor(() => expect(textOf("system-1-credit")).toMatch(/^Credit is kept at Portos, in EUR/));
    expect(textOf("system-1")).toMatch(/\(a1b2\) could not be deleted/);
    expect(core.payloadsOf("switch_credit")).toEqual([
      { name: "Portos", is_on: true, currency: null },
      { name: "Portos", is_on: true, currency: "EUR" },
    ]);
    await click("system-1-switch-credit");
    expect(at("credit-currency")).toBeNull();
    await save();
    await waitFor(() => expect(textOf("system-1-credit")).toMatch(/^Credit stays on this till/));
  });

  it("are checked, and what a check saw is said in words", async () => {
    await open(someSystems());
    await click("system-1-check");
    await screen.findByText("This till may read its members: 48,210 of them.");
  });

  it("say in their own words why a check failed", async () => {
    await open(someSystems(), {
      check_remote: () => {
        throw failure("unreachable", null);
      },
    });
    await click("system-1-check");
    await screen.findByText(/^Portos cannot be reached/);
  });

  it("are added with what their kind asks for, and checked at once", async () => {
    const core = await open(someSystems({ remotes: [] }));
    await click("system-add");
    await choose("system-kind", "portos");
    expect(input("system-name").value).toBe("Portos");
    expect(at("system-user-name")).toBeNull();
    await click("system-auth-jwt");
    await type("system-user-name", "till");
    await type("system-device-name", "till-1");
    await type("system-url", " https://192.168.1.20 ");
    await type("system-secret", "hush");
    expect(input("system-secret").type).toBe("password");
    expect(textOf("system-fields")).toMatch(/^Stays on this till Labels/);
    await save();
    await waitFor(() => expect(at("system-save")).toBeNull());
    expect(core.payloadsOf("save_remote")).toEqual([
      {
        name: "Portos",
        is_new: true,
        new_name: null,
        kind: "portos",
        url: "https://192.168.1.20",
        settings: { auth: "jwt", user_name: "till", device_name: "till-1", path_prefix: "" },
        secret: "hush",
        certificate: null,
        may_be_plain: false,
        members_of: null,
      },
    ]);
    expect(core.payloadsOf("check_remote")).toEqual([{ name: "Portos" }]);
  });

  it("have a failure at its field, and nothing typed is lost", async () => {
    await open(someSystems(), {
      save_remote: () => {
        throw failure("required", "app_id");
      },
    });
    await click("system-add");
    await choose("system-kind", "lumyri");
    await type("system-url", "lumyri.example.com");
    await save();
    await waitFor(() => expect(document.activeElement).toBe(input("system-app-id")));
    expect(textOf("system-app-id-error")).toBe("This is needed.");
    expect(input("system-url").value).toBe("lumyri.example.com");
    await type("system-app-id", "1");
    expect(at("system-app-id-error")).toBeNull();
  });

  it("are sent in clear only where somebody ticks that", async () => {
    const core = await open(someSystems(), {
      save_remote: ({ may_be_plain }) => {
        if (!may_be_plain) throw failure("plain_http_refused", "url");
        return someSystems();
      },
    });
    await click("system-add");
    expect(at("system-plain")).toBeNull();
    await type("system-url", "http://office.example.com");
    await save();
    await waitFor(() => expect(at("system-plain")).not.toBeNull());
    await click("system-plain");
    await save();
    await waitFor(() => expect(at("system-save")).toBeNull());
    expect(core.payloadsOf("save_remote").map(({ may_be_plain }) => may_be_plain)).toEqual([false, true]);
  });

  it("keep the secret, the certificate and who is whose unless they are typed or ticked anew", async () => {
    const shops = [aShop(), aShop({ code: "TH", name: "West Lake", pos_id: "TH", is_counter: false })];
    const core = await open(someSystems({ remotes: [aSystem({ has_certificate: true })], shops }));
    await click("system-1-change");
    expect(input("system-secret").value).toBe("");
    expect(textOf("system-secret-hint")).toMatch(/^One is kept/);
    expect(textOf("system-ca-hint")).toMatch(/^One is trusted/);
    expect(input("system-user-name").value).toBe("till");
    await click("system-shop-TH");
    await save();
    await waitFor(() => expect(at("system-save")).toBeNull());
    expect(core.payloadsOf("save_remote")[0]).toMatchObject({
      is_new: false,
      new_name: "Portos",
      secret: null,
      certificate: null,
      members_of: ["KM"],
    });
  });

  it("are called something else, and a name that another has is said at its field", async () => {
    const renamed = someSystems({ remotes: [aSystem({ name: "Counter Portos" })] });
    const core = await open(someSystems(), {
      save_remote: ({ new_name }) => {
        if (new_name === "Lumyri") throw failure("remote_exists", "name");
        return renamed;
      },
    });
    await click("system-1-change");
    expect(at("system-kind")).toBeNull();
    expect(document.activeElement).toBe(input("system-name"));
    await type("system-name", "Lumyri");
    await save();
    await waitFor(() => expect(at("system-name-error")).not.toBeNull());
    expect(document.activeElement).toBe(input("system-name"));
    await type("system-name", "Counter Portos");
    await save();
    await waitFor(() => expect(textOf("system-1-name")).toBe("Counter Portos"));
    expect(core.payloadsOf("save_remote").at(-1)).toMatchObject({
      name: "Portos",
      is_new: false,
      new_name: "Counter Portos",
    });
    expect(core.payloadsOf("check_remote")).toEqual([{ name: "Counter Portos" }]);
  });

  it("are taken away again where nothing is kept there", async () => {
    const core = await open(someSystems({ remotes: [aSystem({ can_remove: true })] }), {
      remove_remote: () => someSystems({ remotes: [] }),
    });
    await click("system-1-remove");
    await waitFor(() => expect(at("system-1")).toBeNull());
    expect(core.payloadsOf("remove_remote")).toEqual([{ name: "Portos" }]);
    expect(document.activeElement?.id).toBe("system-add");
  });

  it("are left with Esc one by one: the dialog, then the settings", async () => {
    const onback = vi.fn();
    await open(someSystems(), {}, onback);
    for (const [opener, dialog] of [
      ["system-add", "system-save"],
      ["system-1-change", "system-save"],
      ["system-1-keeps", "keeps-back"],
      ["shop-connect-KM", "shop-save"],
    ] as const) {
      await click(opener);
      expect(at(dialog)).not.toBeNull();
      await press("Escape");
      expect(at(dialog)).toBeNull();
      await waitFor(() => expect(document.activeElement?.id).toBe(opener));
    }
    expect(onback).not.toHaveBeenCalled();
    await press("Escape");
    expect(onback).toHaveBeenCalledOnce();
  });

  it("take a shop in, under its id there", async () => {
    const core = await open(someSystems(), {
      connect_shop: ({ pos_id }) => {
        if (pos_id === "KM") throw failure("pos_id_taken", "pos_id");
        return someSystems();
      },
    });
    await click("shop-connect-TH");
    await type("shop-pos-id", "KM");
    await save();
    await waitFor(() => expect(at("shop-pos-id-error")).not.toBeNull());
    await type("shop-pos-id", "2");
    await save();
    await waitFor(() => expect(at("shop-save")).toBeNull());
    expect(core.payloadsOf("connect_shop").at(-1)).toEqual({ code: "TH", remote: "Portos", pos_id: "2" });
    expect(document.activeElement?.id).toBe("shop-connect-TH");
  });

  it("keep a shop whose members are there", async () => {
    await open(someSystems({ shops: [aShop({ is_settled: true })] }));
    expect(at("shop-connect-KM")).toBeNull();
    expect(textOf("shop-KM")).toMatch(/Its members are there/);
  });
});
