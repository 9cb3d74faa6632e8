import {
  call,
  type Failure,
  failureOf,
  Latest,
  type MemberCard,
  type Money,
  type Paid,
  type PayPreview,
} from "../../api";
import { numberOf } from "../../components/digits";
import { Proof } from "./proof.svelte";

export type PayField = "bill" | "credit" | "receipt" | "card";

/** Typing rests for so long before head office is asked to hold the credit: not for each digit. */
const REST_MS = 700;

/** One bill, from the opened dialog to the booked visit. */
export class Payment {
  readonly member: MemberCard;
  readonly currency: string;
  readonly proof: Proof;
  bill = $state("");
  credit = $state("");
  receipt = $state("");
  preview = $state.raw<PayPreview | null>(null);
  /** The most credit that this bill can be paid with, as far as it is known. */
  max = $state.raw<Money | null>(null);
  failure = $state.raw<Failure | null>(null);
  isBooking = $state(false);

  #latest = new Latest();
  #asking: Promise<void> = Promise.resolve();
  /** As much credit as can be: it follows the bill until somebody types another amount. */
  #usesMax = false;
  #visitId: Promise<string> | null = null;
  #isBooked = false;
  #isLeft = false;
  #resting: ReturnType<typeof setTimeout> | undefined;
  #holding: Promise<void> = Promise.resolve();
  /** What head office was last asked to hold, in minor units. */
  #asked = 0;

  constructor(member: MemberCard, currency: string) {
    this.member = member;
    this.currency = currency;
    this.proof = new Proof(member.id);
    // One id for as long as the dialog stands: however often it is confirmed, the core books that visit once.
    this.#madeVisitId().catch(() => {
      // Asked for again at the confirmation, which then says what is wrong.
    });
  }

  typeBill(digits: string): void {
    this.bill = digits;
    this.#askAgain();
  }

  typeCredit(digits: string): void {
    this.credit = digits;
    this.#usesMax = false;
    this.#askAgain();
  }

  useMax(): void {
    this.#usesMax = true;
    this.#askAgain();
  }

  /** Whether the till asks for the member's card before that much credit is used. */
  get needsProof(): boolean {
    return (this.preview?.proof_above ?? null) !== null;
  }

  get failedField(): PayField | null {
    return this.failure && fieldOf(this.failure);
  }

  /** The dialog is gone: what is held for a bill that was not booked is given back. */
  leave(): void {
    this.#isLeft = true;
    clearTimeout(this.#resting);
    if (!this.#isBooked && !this.isBooking && this.#asked > 0) void this.#release();
  }

  /** Books it. Answers what became of it, or nothing where it could not be booked or goes on already. */
  async confirm(): Promise<Paid | null> {
    if (this.isBooking || this.#isBooked) return null;
    if (this.bill === "") {
      this.failure = { code: "amount_not_positive", message: "", field: "amount", facts: {} };
      return null;
    }
    this.isBooking = true;
    try {
      // What was typed last may still be on its way: it decides how much credit is used.
      await this.#asking;
      clearTimeout(this.#resting);
      await this.#holding;
      if (this.failure !== null && this.failedField !== null) return null;
      await this.proof.settle();
      if (this.needsProof && !this.proof.isGiven) {
        this.proof.miss();
        return null;
      }
      this.failure = null;
      const paid = await this.#book();
      this.#isBooked = true;
      return paid;
    } catch (thrown) {
      this.failure = failureOf(thrown);
      return null;
    } finally {
      this.isBooking = false;
    }
  }

  async #book(): Promise<Paid> {
    const visit_id = await this.#madeVisitId();
    return call("pay", {
      member_id: this.member.id,
      visit_id,
      bill: this.#money(this.bill),
      credit: this.#money(this.credit),
      receipt: this.receipt.trim() || null,
      card: this.proof.serial,
    });
  }

  #money(digits: string): Money {
    return { minor: numberOf(digits), currency: this.currency };
  }

  #madeVisitId(): Promise<string> {
    this.#visitId ??= call("new_visit_id", {}).then(
      ({ visit_id }) => visit_id,
      (thrown) => {
        this.#visitId = null;
        throw thrown;
      },
    );
    return this.#visitId;
  }

  #askAgain(): void {
    this.failure = null;
    this.#asking = this.#ask();
  }

  async #ask(): Promise<void> {
    if (this.bill === "") {
      this.#latest.forget();
      this.preview = null;
      this.max = null;
      return;
    }
    try {
      const preview = this.#usesMax
        ? await this.#previewWithMax()
        : await this.#previewWith(numberOf(this.credit));
      if (preview) this.#take(preview);
    } catch (thrown) {
      this.preview = null;
      this.failure = failureOf(thrown);
      if (this.failedField === "credit") await this.#learnMax();
    }
  }

  async #previewWithMax(): Promise<PayPreview | null> {
    const without = await this.#previewWith(0);
    if (without === null) return null;
    const { minor } = without.max_credit;
    const preview = minor > 0 ? await this.#previewWith(minor) : without;
    // Together with the figures that belong to it.
    if (preview) this.credit = minor > 0 ? String(minor) : "";
    return preview;
  }

  /** So much is not there: how much is, is said at the field all the same. */
  async #learnMax(): Promise<void> {
    try {
      const without = await this.#previewWith(0);
      if (without) this.max = without.max_credit;
    } catch {
      // What is wrong is said already.
    }
  }

  #previewWith(credit: number): Promise<PayPreview | null> {
    return this.#latest.of(
      call("preview_pay", {
        member_id: this.member.id,
        bill_minor: numberOf(this.bill),
        credit_minor: credit === 0 ? null : credit,
      }),
    );
  }

  #take(preview: PayPreview): void {
    this.preview = preview;
    this.max = preview.max_credit;
    this.#holdSoon(preview.credit_used.minor);
  }

  /** Head office keeps what is about to be used, so that no other till gives it out while the bill is being paid. */
  #holdSoon(minor: number): void {
    clearTimeout(this.#resting);
    if (minor === this.#asked || this.#isLeft) return;
    this.#resting = setTimeout(() => {
      this.#holding = this.#hold(minor);
    }, REST_MS);
  }

  async #hold(minor: number): Promise<void> {
    this.#asked = minor;
    try {
      const visit_id = await this.#madeVisitId();
      const credit = { minor, currency: this.currency };
      await call("hold_credit", { member_id: this.member.id, visit_id, credit });
    } catch {
      // What can be used is decided at the confirmation, which then says what is wrong.
    }
    if (this.#isLeft && !this.#isBooked && !this.isBooking) await this.#release();
  }

  async #release(): Promise<void> {
    this.#asked = 0;
    try {
      await call("release_credit", { visit_id: await this.#madeVisitId() });
    } catch {
      // It runs out by itself.
    }
  }
}

/** The core names what is wrong with an amount; which of the two it is, its code says. */
function fieldOf({ code, field }: Failure): PayField | null {
  const CREDIT = ["more_than_bill", "insufficient_credit", "offline_allowance", "member_on_hold"];
  if (CREDIT.includes(code)) return "credit";
  if (field === "serial_number" || field === "card") return "card";
  if (field === "receipt") return "receipt";
  return field === "amount" || field === "bill" ? "bill" : null;
}
