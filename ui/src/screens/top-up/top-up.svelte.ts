import {
  call,
  type Failure,
  failureOf,
  Latest,
  type MemberCard,
  type Money,
  type Tender,
  type TopUpPreview,
} from "../../api";
import { numberOf } from "../../components/digits";

/** One top-up, from the opened dialog to the booked entry. */
export class TopUp {
  readonly member: MemberCard;
  readonly currency: string;
  digits = $state("");
  tender = $state<Tender>("cash");
  preview = $state.raw<TopUpPreview | null>(null);
  failure = $state.raw<Failure | null>(null);
  isBooking = $state(false);

  #latest = new Latest();
  #entryId: Promise<string> | null = null;
  #isBooked = false;

  constructor(member: MemberCard, currency: string) {
    this.member = member;
    this.currency = currency;
    // One id for as long as the dialog stands: however often it is confirmed, the core books that entry once.
    this.#madeEntryId().catch(() => {
      // Asked for again at the confirmation, which then says what is wrong.
    });
  }

  get amount(): Money {
    return { minor: numberOf(this.digits), currency: this.currency };
  }

  get hasAmount(): boolean {
    return this.digits !== "";
  }

  type(digits: string): void {
    this.digits = digits;
    this.failure = null;
    void this.#ask();
  }

  /** Books it. Answers the member as they are then, or nothing where it could not be booked or goes on already. */
  async confirm(): Promise<MemberCard | null> {
    if (this.isBooking || this.#isBooked) return null;
    if (!this.hasAmount) {
      this.failure = { code: "amount_not_positive", message: "", field: "amount", facts: {} };
      return null;
    }
    this.isBooking = true;
    this.failure = null;
    try {
      const member = await this.#book();
      this.#isBooked = true;
      return member;
    } catch (thrown) {
      this.failure = failureOf(thrown);
      return null;
    } finally {
      this.isBooking = false;
    }
  }

  async #book(): Promise<MemberCard> {
    const { amount, tender } = this;
    const entry_id = await this.#madeEntryId();
    return call("top_up", { member_id: this.member.id, entry_id, amount, tender });
  }

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
    if (!this.hasAmount) {
      this.#latest.forget();
      this.preview = null;
      return;
    }
    try {
      const amount_minor = this.amount.minor;
      const preview = await this.#latest.of(
        call("preview_top_up", { member_id: this.member.id, amount_minor }),
      );
      if (preview) this.preview = preview;
    } catch (thrown) {
      this.preview = null;
      this.failure = failureOf(thrown);
    }
  }
}
