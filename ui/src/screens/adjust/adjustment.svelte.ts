import { call, type Failure, failureOf, type MemberCard, type Money } from "../../api";
import { numberOf } from "../../components/digits";

/** A correction of the credit, from the opened dialog to the booked entry. */
export class Adjustment {
  readonly member: MemberCard;
  readonly currency: string;
  /** Nothing is chosen beforehand: a correction the wrong way is a mistake twice as large. */
  direction = $state<"more" | "less" | "">("");
  digits = $state("");
  reason = $state("");
  /** What the page itself sees missing, by field. */
  isDirectionMissing = $state(false);
  failure = $state.raw<Failure | null>(null);
  isBooking = $state(false);

  #entryId: Promise<string> | null = null;
  #isBooked = false;

  constructor(member: MemberCard, currency: string) {
    this.member = member;
    this.currency = currency;
  }

  /** Signed. Nothing while something is missing. */
  get amount(): Money | null {
    if (this.digits === "" || this.direction === "") return null;
    const minor = numberOf(this.digits);
    return { minor: this.direction === "more" ? minor : -minor, currency: this.currency };
  }

  choose(direction: "more" | "less"): void {
    this.direction = direction;
    this.isDirectionMissing = false;
  }

  type(digits: string): void {
    this.digits = digits;
    this.#forget("amount");
  }

  explain(reason: string): void {
    this.reason = reason;
    this.#forget("reason");
  }

  /** The field that somebody should look at. */
  get failedField(): "direction" | "amount" | "reason" | null {
    if (this.isDirectionMissing) return "direction";
    const field = this.failure?.field;
    return field === "amount" || field === "reason" ? field : null;
  }

  async save(): Promise<MemberCard | null> {
    if (this.isBooking || this.#isBooked) return null;
    const amount = this.#checked();
    if (amount === null) return null;
    this.isBooking = true;
    try {
      const entry_id = await this.#madeEntryId();
      const reason = this.reason.trim();
      const member = await call("adjust", { member_id: this.member.id, entry_id, amount, reason });
      this.#isBooked = true;
      return member;
    } catch (thrown) {
      this.failure = failureOf(thrown);
      return null;
    } finally {
      this.isBooking = false;
    }
  }

  /** The amount where nothing is missing; else the first that is, is said. */
  #checked(): Money | null {
    const missing = (code: string, field: string) => ({ code, message: "", field, facts: {} });
    this.failure = null;
    this.isDirectionMissing = this.direction === "";
    if (this.isDirectionMissing) return null;
    if (this.digits === "") this.failure = missing("amount_not_positive", "amount");
    else if (this.reason.trim() === "") this.failure = missing("required", "reason");
    return this.failure === null ? this.amount : null;
  }

  #forget(field: string): void {
    if (this.failure?.field === field) this.failure = null;
  }

  /** One id for as long as the dialog stands: however often it is saved, the core books that entry once. */
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
}
