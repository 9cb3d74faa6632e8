import { call, type Failure, failureOf, type MemberCard } from "../../api";

/** One line of the history that is undone. */
export class Voiding {
  readonly entryId: string;
  reason = $state("");
  failure = $state.raw<Failure | null>(null);

  #isBooking = false;
  #isBooked = false;

  constructor(entryId: string) {
    this.entryId = entryId;
  }

  explain(reason: string): void {
    this.reason = reason;
    this.failure = null;
  }

  async save(): Promise<MemberCard | null> {
    if (this.#isBooking || this.#isBooked) return null;
    const reason = this.reason.trim();
    if (reason === "") {
      this.failure = { code: "required", message: "", field: "reason", facts: {} };
      return null;
    }
    this.#isBooking = true;
    this.failure = null;
    try {
      const member = await call("void", { entry_id: this.entryId, reason });
      this.#isBooked = true;
      return member;
    } catch (thrown) {
      this.failure = failureOf(thrown);
      return null;
    } finally {
      this.#isBooking = false;
    }
  }
}
