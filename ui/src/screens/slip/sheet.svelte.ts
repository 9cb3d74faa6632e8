import { call, type Failure, failureOf, type Slip, type SlipAsked } from "../../api";

/** A slip that is shown, and goes to paper. What was printed once is a copy from then on. */
export class Sheet {
  slip = $state.raw<Slip | null>(null);
  hasPrinter = $state(false);
  failure = $state.raw<Failure | null>(null);
  printing = $state<"none" | "sending" | "sent">("none");

  #asked: SlipAsked;
  readonly #onprinted: () => void;

  constructor(asked: SlipAsked, onprinted: () => void) {
    this.#asked = asked;
    this.#onprinted = onprinted;
    void this.load();
  }

  async load(): Promise<void> {
    try {
      const shown = await call("slip", this.#asked);
      this.slip = shown.slip;
      this.hasPrinter = shown.has_printer;
    } catch (thrown) {
      this.failure = failureOf(thrown);
    }
  }

  /** On whatever printer the computer has. Whether somebody went through with it is not told: it counts as printed. */
  async printPage(): Promise<void> {
    if (this.slip === null) return;
    window.print();
    await this.#becomeCopy();
  }

  async toPrinter(): Promise<void> {
    if (this.slip === null || !this.hasPrinter || this.printing === "sending") return;
    this.printing = "sending";
    this.failure = null;
    try {
      await call("print_slip", this.#asked);
      this.printing = "sent";
      await this.#becomeCopy();
    } catch (thrown) {
      this.printing = "none";
      this.failure = failureOf(thrown);
    }
  }

  async #becomeCopy(): Promise<void> {
    this.#onprinted();
    if (this.#asked.is_copy) return;
    this.#asked = { ...this.#asked, is_copy: true };
    await this.load();
  }
}
