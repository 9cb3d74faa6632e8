import {
  type CashOutPreview,
  call,
  type Failure,
  failureOf,
  Latest,
  type MemberCard,
  type Money,
  type Tender,
} from "../../api";
import { numberOf } from "../../components/digits";
import { Proof } from "../pay/proof.svelte";

/** Credit that is paid out as money, from the opened dialog to the booked entry. */
export class CashOut {
  readonly member: MemberCard;
  readonly currency: string;
  readonly proof: Proof;
  digits = $state("");
  tender = $state<Tender>("cash");
  preview = $state.raw<CashOutPreview | null>(null);
  failure = $state.raw<Failure | null>(null);
  isBooking = $state(false);

  #latest = new Latest();
  #isBooked = false;
  #entryId: Promise<string> | null = null;

  constructor(member: MemberCard, currency: string) {
    this.member = member;
    this.currency = currency;
    this.proof = new Proof(member.id);
  }

  get amount(): Money {
    return { minor: numberOf(this.digits), currency: this.currency };
  }

  type(digits: string): void {
    this.digits = digits;
    this.failure = null;
    void this.#ask();
  }

  /** Books it. Answers the member as they are then, or nothing where it could not be booked or goes on already. */
  async save(): Promise<MemberCard | null> {
    if (this.isBooking || this.#isBooked) return null;
    if (this.digits === "") {
      this.failure = { code: "amount_not_positive", message: "", field: "amount", facts: {} };
      return null;
    }
    this.isBooking = true;
    this.failure = null;
    try {
      await this.proof.settle();
      const { amount, tender } = this;
      const card = this.proof.serial;
      const entry_id = await this.#madeEntryId();
      const member = await call("cash_out", { member_id: this.member.id, entry_id, amount, tender, card });
      this.#isBooked = true;
      return member;
    } catch (thrown) {
      this.failure = failureOf(thrown);
      return null;
    } finally {
      this.isBooking = false;
    }
  }

  /** One id for as long as the dialog stands: however often it is saved, the core pays that out once. */
  #madeEntryId(): Promise<string> {
    this.#entryId ??= call("new_entry_id", {}).then(
      ({ entry_id }) => entry_id,
      (thrown) => {
        this.#entryId = null;
        throw thrown;
      },
    );
    return this.#entryId;
  }

  async #ask(): Promise<void> {
    if (this.digits === "") {
      this.#latest.forget();
      this.preview = null;
      return;
    }
    try {
      const asked = { member_id: this.member.id, amount_minor: this.amount.minor };
      const preview = await this.#latest.of(call("preview_cash_out", asked));
      if (preview) this.preview = preview;
    } catch (thrown) {
      this.preview = null;
      this.failure = failureOf(thrown);
    }
  }
}
