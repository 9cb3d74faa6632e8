import { type CardCheck, call, type Failure, failureOf, Latest } from "../../api";

export type ProofState =
  | { state: "none" }
  | { state: "checking" }
  | { state: "given"; serial: string }
  | { state: "not_theirs" | "unknown" | "refused"; ending: string }
  | { state: "missing" }
  | { state: "failed"; failure: Failure };

/** The card that shows who somebody is, scanned or typed: looked up at once, so that the wrong one is seen before it matters. */
export class Proof {
  readonly memberId: string;
  typed = $state("");
  now = $state.raw<ProofState>({ state: "none" });

  #latest = new Latest();

  constructor(memberId: string) {
    this.memberId = memberId;
  }

  /** The card to be named when it is booked. */
  get serial(): string | null {
    return this.now.state === "given" ? this.now.serial : null;
  }

  get isGiven(): boolean {
    return this.now.state === "given";
  }

  /** Another character was typed: what was known is about another number. */
  change(typed: string): void {
    this.typed = typed;
    this.#latest.forget();
    this.now = { state: "none" };
  }

  async take(serial: string): Promise<void> {
    this.typed = serial;
    if (serial.trim() === "") {
      this.change("");
      return;
    }
    this.now = { state: "checking" };
    try {
      const check = await this.#latest.of(call("check_card", { serial_number: serial }));
      if (check) this.now = this.#judged(check);
    } catch (thrown) {
      this.now = { state: "failed", failure: failureOf(thrown) };
    }
  }

  /** What was typed and not looked up yet is looked up now. */
  async settle(): Promise<void> {
    if (this.now.state === "none" && this.typed.trim() !== "") await this.take(this.typed);
  }

  /** It is asked for, and was not given. */
  miss(): void {
    if (this.now.state === "none") this.now = { state: "missing" };
  }

  #judged({ serial_number, in_use_by }: CardCheck): ProofState {
    const ending = serial_number.slice(-4);
    if (in_use_by === null) return { state: "unknown", ending };
    if (in_use_by.member_id !== this.memberId) return { state: "not_theirs", ending };
    if (in_use_by.state !== "active") return { state: "refused", ending };
    return { state: "given", serial: serial_number };
  }
}
