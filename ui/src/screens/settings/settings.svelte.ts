import {
  type Allowance,
  type CodePage,
  type CreditRules,
  call,
  type Failure,
  failureOf,
  Latest,
  type Money,
  oneAtATime,
  type SettingsView,
  type TypedRules,
} from "../../api";
import { digitsIn, numberOf } from "../../components/digits";
import type { Preferences } from "../desk/preferences.svelte";
import { Fields } from "./fields.svelte";
import { Systems } from "./systems/systems.svelte";

export const GROUPS = [
  "shop",
  "till",
  "systems",
  "allowance",
  "rules",
  "printer",
  "window",
  "keys",
  "scanner",
  "about",
] as const;
export type GroupName = (typeof GROUPS)[number];

/** Groups that are saved as a whole. The others show something, or are saved as soon as they are changed. */
export type SavedGroup = "shop" | "till" | "allowance" | "rules" | "printer" | "scanner";

/** Slower than any hand is no scanner any more, and faster than a key can be pressed at all none either. */
export const GAP_MS = { min: 10, max: 120 };
/** Shorter, and a word that is typed fast is a scan; longer, and no card is. */
const LENGTH = { min: 4, max: 40 };

/** The settings of this till and its shop: as the core has them, and what was typed and not saved yet. */
export class Settings {
  view = $state.raw<SettingsView | null>(null);
  failure = $state.raw<Failure | null>(null);
  group = $state<GroupName>("shop");

  readonly shop = new Fields("name", "time_zone", "issuer");
  readonly till = new Fields("till_name", "language");
  readonly allowance = new Fields(
    "per_member_minor",
    "per_transaction_minor",
    "per_till_minor",
    "max_age_hours",
    "tills",
  );
  readonly rules = new Fields(
    "void_minutes",
    "earn_percent",
    "reward_valid_days",
    "proof",
    "proof_above_minor",
  );
  readonly printer = new Fields("address", "code_page", "columns");
  readonly scanner = new Fields("prefix", "suffix", "max_gap_ms", "min_length");

  /** The most that can be used too much, with the allowance as typed. */
  worstCase = $state.raw<Money | null>(null);
  /** The member systems, which are a screen of their own. */
  readonly systems = new Systems();
  printed = $state<"running" | "done" | null>(null);
  printFailure = $state.raw<Failure | null>(null);

  readonly #preferences: Preferences;
  #latest = new Latest();
  #latestWorstCase = new Latest();

  constructor(preferences: Preferences) {
    this.#preferences = preferences;
  }

  readonly ask = oneAtATime(() => this.#ask());

  fieldsOf(group: GroupName): Pick<Fields<string>, "isChanged" | "isSaving" | "isSaved" | "failure"> | null {
    return this.#isSavedGroup(group) ? this.#fields(group) : null;
  }

  /** What is typed in the group, by field. */
  valuesOf(group: GroupName): Readonly<Record<string, string>> {
    return this.#isSavedGroup(group) ? this.#fields(group).values : {};
  }

  /** Saves the group. Answers the field that is wrong, `null` where it is about none or nothing is wrong. */
  async save(group: GroupName): Promise<string | null> {
    if (!this.#isSavedGroup(group) || !this.#fields(group).isChanged) return null;
    if (group === "shop") await this.#saveShop();
    else if (group === "till") await this.#saveTill();
    else if (group === "allowance") await this.#saveAllowance();
    else if (group === "rules") await this.#saveRules();
    else if (group === "printer") await this.#savePrinter();
    else await this.#saveScanner();
    return this.#fields(group).failedField;
  }

  async askWorstCase(): Promise<void> {
    const { view } = this;
    if (!view) return;
    const tills = Math.max(numberOf(this.allowance.values.tills), 1);
    const { currency } = view.location;
    try {
      const answer = await this.#latestWorstCase.of(
        call("worst_case", { allowance: this.#allowanceTyped(), currency, tills }),
      );
      if (answer) this.worstCase = answer.overspend;
    } catch {
      // A figure to think with: saving says what is wrong with an allowance.
      this.worstCase = null;
    }
  }

  async testPrinter(): Promise<void> {
    if (this.printed === "running") return;
    this.printed = "running";
    this.printFailure = null;
    try {
      await call("test_printer", {});
      this.printed = "done";
    } catch (thrown) {
      this.printed = null;
      this.printFailure = failureOf(thrown);
    }
  }

  async #ask(): Promise<void> {
    try {
      const view = await this.#latest.of(call("settings", {}));
      if (view) this.#take(view);
    } catch (thrown) {
      this.failure = failureOf(thrown);
    }
  }

  #take(view: SettingsView): void {
    const isFirst = this.view === null;
    const before = this.view?.location.code;
    this.view = view;
    this.failure = null;
    // What was typed for another shop is nothing for this one.
    if (before !== undefined && before !== view.location.code) this.shop.put(shopFields(view));
    this.shop.fill(shopFields(view));
    this.till.fill({ till_name: view.till_name, language: view.language });
    this.allowance.fill(allowanceFields(view));
    this.rules.fill(ruleFields(view.credit_rules));
    this.printer.fill({ ...view.printer, columns: String(view.printer.columns) });
    this.#fillScanner();
    if (isFirst || !this.allowance.isChanged) this.worstCase = view.worst_case;
  }

  /** What listens now is what this page put in force, which the core may not have heard of yet. */
  #fillScanner(): void {
    const { prefix, suffix, max_gap_ms, min_length } = this.#preferences.now.scanner;
    this.scanner.fill({ prefix, suffix, max_gap_ms: digitsOf(max_gap_ms), min_length: digitsOf(min_length) });
  }

  async #saveShop(): Promise<void> {
    const stays = this.view?.location.issuer_stays ?? null;
    await this.shop.save(async ({ name, time_zone, issuer }) => {
      const shop = { name, time_zone, issuer: stays === null ? issuer.trim() : null };
      this.#answered(await call("save_shop", shop));
    });
  }

  async #saveTill(): Promise<void> {
    await this.till.save(async ({ till_name, language }) => {
      await call("save_till", { till_name, language });
      this.till.fill({ till_name: till_name.trim(), language });
    });
    this.ask();
  }

  async #saveAllowance(): Promise<void> {
    if (numberOf(this.allowance.values.tills) < 1) return this.allowance.refuse("tills", "required");
    await this.allowance.save(async ({ tills }) => {
      const allowance = this.#allowanceTyped();
      this.#answered(await call("save_allowance", { allowance, tills: numberOf(tills) }));
    });
  }

  async #saveRules(): Promise<void> {
    await this.rules.save(async (values) => {
      const { void_minutes, earn_percent, reward_valid_days: days, proof, proof_above_minor: above } = values;
      const rules: TypedRules = {
        void_minutes: numberOf(void_minutes),
        earn_percent: earn_percent.trim() === "" ? "0" : earn_percent.trim(),
        reward_valid_days: days === "" ? null : numberOf(days),
        proof_above_minor: proof === "never" ? null : proof === "always" ? 0 : numberOf(above),
      };
      this.#answered(await call("save_credit_rules", rules));
    });
  }

  async #savePrinter(): Promise<void> {
    this.printed = null;
    this.printFailure = null;
    await this.printer.save(async ({ address, code_page, columns }) => {
      this.#answered(
        await call("save_printer", {
          address: address.trim(),
          // One of those that the core offered.
          code_page: code_page as CodePage,
          columns: Number(columns),
        }),
      );
    });
  }

  async #saveScanner(): Promise<void> {
    const { max_gap_ms, min_length } = this.scanner.values;
    if (!isWithin(numberOf(max_gap_ms), GAP_MS)) {
      return this.scanner.refuse("max_gap_ms", "number_out_of_range", GAP_MS);
    }
    if (!isWithin(numberOf(min_length), LENGTH)) {
      return this.scanner.refuse("min_length", "number_out_of_range", LENGTH);
    }
    await this.scanner.save(async ({ prefix, suffix, max_gap_ms: gap, min_length: length }) => {
      const failure = await this.#preferences.save({
        scanner: {
          prefix,
          suffix: suffix === "tab" || suffix === "none" ? suffix : "enter",
          max_gap_ms: numberOf(gap),
          min_length: numberOf(length),
        },
      });
      if (failure) throw failure;
      this.#fillScanner();
    });
  }

  #answered(view: SettingsView): void {
    // Whatever was asked before that knows less.
    this.#latest.forget();
    this.#take(view);
  }

  #allowanceTyped(): Allowance {
    const { per_member_minor, per_transaction_minor, per_till_minor, max_age_hours } = this.allowance.values;
    return {
      per_member_minor: numberOf(per_member_minor),
      per_transaction_minor: numberOf(per_transaction_minor),
      per_till_minor: numberOf(per_till_minor),
      max_age_hours: numberOf(max_age_hours),
    };
  }

  #isSavedGroup(group: GroupName): group is SavedGroup {
    return !["systems", "window", "keys", "about"].includes(group);
  }

  #fields(group: SavedGroup): Fields<string> {
    const fields = {
      shop: this.shop,
      till: this.till,
      allowance: this.allowance,
      rules: this.rules,
      printer: this.printer,
      scanner: this.scanner,
    };
    return fields[group] as unknown as Fields<string>;
  }
}

function shopFields({ location: { name, time_zone, issuer } }: SettingsView) {
  return { name, time_zone, issuer: issuer ?? "" };
}

function allowanceFields({ allowance, tills }: SettingsView) {
  return {
    per_member_minor: digitsOf(allowance.per_member_minor),
    per_transaction_minor: digitsOf(allowance.per_transaction_minor),
    per_till_minor: digitsOf(allowance.per_till_minor),
    max_age_hours: digitsOf(allowance.max_age_hours),
    tills: digitsOf(tills),
  };
}

function ruleFields(rules: CreditRules) {
  const above = rules.proof_above_minor;
  return {
    void_minutes: digitsOf(rules.void_minutes),
    earn_percent: rules.earn_percent,
    reward_valid_days: rules.reward_valid_days === null ? "" : digitsOf(rules.reward_valid_days),
    proof: above === null ? "never" : above === 0 ? "always" : "above",
    proof_above_minor: above === null ? "" : digitsOf(above),
  };
}

/** As a field of digits has it: nothing for zero. */
function digitsOf(whole: number): string {
  return digitsIn(String(whole));
}

function isWithin(number: number, { min, max }: { min: number; max: number }): boolean {
  return number >= min && number <= max;
}
