import {
  type Allowance,
  call,
  type Failure,
  type FirstStartDefaults,
  failureOf,
  Latest,
  type SetUp,
  type WorstCase,
} from "../../api";
import { numberOf } from "../../components/digits";
import { learnDecimals } from "../../text";

export type FieldName =
  | "till-name"
  | "shop"
  | "code"
  | "country"
  | "currency"
  | "head-office"
  | "join-code"
  | "per-member"
  | "per-till"
  | "max-age"
  | "key-in-file";

/** The core names a field by its place in the payload, or by the last part of that. */
const FIELDS: Record<string, FieldName> = {
  till_name: "till-name",
  "location.name": "shop",
  name: "shop",
  "location.code": "code",
  code: "code",
  "location.country": "country",
  country: "country",
  "location.currency": "currency",
  currency: "currency",
  head_office: "head-office",
  allowance: "per-member",
  "head_office.url": "head-office",
  url: "head-office",
  "head_office.join_code": "join-code",
  join_code: "join-code",
  "allowance.per_member_minor": "per-member",
  per_member_minor: "per-member",
  "allowance.per_transaction_minor": "per-member",
  per_transaction_minor: "per-member",
  "allowance.per_till_minor": "per-till",
  per_till_minor: "per-till",
  "allowance.max_age_hours": "max-age",
  max_age_hours: "max-age",
  key_in_file: "key-in-file",
};

/** A chain is rarely one till, and with one alone nothing can go wrong: the worst case is shown for two. */
export const TILLS_FOR_WORST_CASE = 2;

/** The answers to the first start's questions, as far as given. */
export class Draft {
  readonly defaults: FirstStartDefaults;
  language = $state("");
  tillName = $state("");
  shop = $state("");
  code = $state("");
  country = $state("");
  currency = $state("");
  headOffice = $state("");
  joinCode = $state("");
  perMember = $state("");
  perTill = $state("");
  maxAge = $state("");
  keyInFile = $state(false);
  worstCase = $state.raw<WorstCase | null>(null);
  failure = $state.raw<Failure | null>(null);
  isOpening = $state(false);

  #advice: Allowance | null = null;
  #latestAdvice = new Latest();
  #latestWorstCase = new Latest();

  constructor(defaults: FirstStartDefaults) {
    this.defaults = defaults;
    this.language = defaults.language;
    this.tillName = defaults.till_name;
    this.country = defaults.country;
    this.currency = defaults.currency;
    for (const { code, decimals } of defaults.currencies) learnDecimals(code, decimals);
    void this.adviseAllowance();
  }

  get failedField(): FieldName | null {
    const field = this.failure?.field;
    return field ? (FIELDS[field] ?? null) : null;
  }

  edited(field: FieldName): void {
    if (this.failedField === field) this.failure = null;
  }

  /** The currency follows the country: it is fixed by the first booking, so nobody should have to think of it. */
  chooseCountry(): void {
    this.edited("country");
    const currency = this.defaults.countries.find(({ code }) => code === this.country)?.currency;
    if (!currency || currency === this.currency) return;
    this.currency = currency;
    this.edited("currency");
    void this.adviseAllowance();
  }

  /** A sum in another currency means nothing: the allowance starts anew with what suits this one. */
  async adviseAllowance(): Promise<void> {
    if (this.currency === "") return;
    try {
      const answer = await this.#latestAdvice.of(call("allowance_advice", { currency: this.currency }));
      if (!answer) return;
      this.#advice = answer.allowance;
      this.perMember = digitsOf(answer.allowance.per_member_minor);
      this.perTill = digitsOf(answer.allowance.per_till_minor);
      this.maxAge = digitsOf(answer.allowance.max_age_hours);
      await this.askWorstCase();
    } catch (thrown) {
      this.failure = failureOf(thrown);
    }
  }

  async askWorstCase(): Promise<void> {
    const { allowance, currency } = this;
    if (currency === "") return;
    const question = call("worst_case", { allowance, currency, tills: TILLS_FOR_WORST_CASE });
    try {
      const answer = await this.#latestWorstCase.of(question);
      if (answer) this.worstCase = answer;
    } catch {
      // A figure to think with. Without it, the answers can still be given and are checked when they are.
      this.worstCase = null;
    }
  }

  /** Opens the till. Answers whether it is open. */
  async open(): Promise<boolean> {
    if (this.isOpening) return false;
    if (!this.defaults.has_keychain && !this.keyInFile) {
      this.failure = { code: "key_in_file_needed", message: "", field: "key_in_file", facts: {} };
      return false;
    }
    this.isOpening = true;
    this.failure = null;
    try {
      await call("set_up", this.#setUp());
      return true;
    } catch (thrown) {
      this.failure = failureOf(thrown);
      return false;
    } finally {
      this.isOpening = false;
    }
  }

  get allowance(): Allowance {
    const per_member_minor = numberOf(this.perMember);
    const advice = this.#advice;
    const isAsAdvised = advice !== null && per_member_minor === advice.per_member_minor;
    return {
      per_member_minor,
      // Not asked here. Somebody who sets their own sum per member means all of it in one sale, too.
      per_transaction_minor: isAsAdvised ? advice.per_transaction_minor : per_member_minor,
      per_till_minor: numberOf(this.perTill),
      max_age_hours: numberOf(this.maxAge),
    };
  }

  #setUp(): SetUp {
    const hasHeadOffice = this.headOffice.trim() !== "" || this.joinCode.trim() !== "";
    return {
      language: this.language,
      till_name: this.tillName,
      location: {
        code: this.code,
        name: this.shop,
        country: this.country,
        currency: this.currency,
        time_zone: this.defaults.time_zone,
      },
      head_office: hasHeadOffice ? { url: this.headOffice.trim(), join_code: this.joinCode.trim() } : null,
      allowance: this.allowance,
      key_in_file: this.keyInFile,
    };
  }
}

function digitsOf(whole: number): string {
  return whole === 0 ? "" : String(whole);
}
