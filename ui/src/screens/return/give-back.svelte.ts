import { call, type Failure, failureOf, Latest, type Money, type Paid, type ReturnPreview } from "../../api";
import { numberOf } from "../../components/digits";

/** Something of one sale that comes back, from the opened dialog to the booked return. */
export class GiveBack {
  /** The sale. */
  readonly visitId: string;
  readonly currency: string;
  digits = $state("");
  preview = $state.raw<ReturnPreview | null>(null);
  /** What of the sale can still be given back, as far as it is known. */
  returnable = $state.raw<Money | null>(null);
  failure = $state.raw<Failure | null>(null);
  isBooking = $state(false);

  #latest = new Latest();
  #returnId: Promise<string> | null = null;
  #isBooked = false;

  constructor(visitId: string, currency: string) {
    this.visitId = visitId;
    this.currency = currency;
    void this.#learnReturnable();
    this.#madeReturnId().catch(() => {
      // Asked for again when it is saved, which then says what is wrong.
    });
  }

  get amount(): Money {
    return { minor: numberOf(this.digits), currency: this.currency };
  }

  /** Less is given back than was typed: some of it is not there any more. */
  get isLess(): boolean {
    return this.preview !== null && this.digits !== "" && this.preview.amount.minor < this.amount.minor;
  }

  type(digits: string): void {
    this.digits = digits;
    this.failure = null;
    void this.#ask();
  }

  /** Books it. Answers what became of it, or nothing where it could not be booked or goes on already. */
  async save(): Promise<Paid | null> {
    if (this.isBooking || this.#isBooked) return null;
    if (this.digits === "") {
      this.failure = { code: "amount_not_positive", message: "", field: "amount", facts: {} };
      return null;
    }
    this.isBooking = true;
    this.failure = null;
    try {
      const return_id = await this.#madeReturnId();
      const paid = await call("give_back", { return_id, visit_id: this.visitId, amount: this.amount });
      this.#isBooked = true;
      return paid;
    } catch (thrown) {
      this.failure = failureOf(thrown);
      return null;
    } finally {
      this.isBooking = false;
    }
  }

  #madeReturnId(): Promise<string> {
    this.#returnId ??= call("new_visit_id", {}).then(
      ({ visit_id }) => visit_id,
      (thrown) => {
        this.#returnId = null;
        throw thrown;
      },
    );
    return this.#returnId;
  }

  /** Before anything is typed: every preview tells it, so the one of the smallest amount does. */
  async #learnReturnable(): Promise<void> {
    try {
      const preview = await call("preview_return", { visit_id: this.visitId, amount_minor: 1 });
      this.returnable ??= preview.returnable;
    } catch {
      // The first amount that is typed asks again, and says what is wrong.
    }
  }

  async #ask(): Promise<void> {
    if (this.digits === "") {
      this.#latest.forget();
      this.preview = null;
      return;
    }
    try {
      const asked = { visit_id: this.visitId, amount_minor: this.amount.minor };
      const preview = await this.#latest.of(call("preview_return", asked));
      if (!preview) return;
      this.preview = preview;
      this.returnable = preview.returnable;
    } catch (thrown) {
      this.preview = null;
      this.failure = failureOf(thrown);
    }
  }
}
