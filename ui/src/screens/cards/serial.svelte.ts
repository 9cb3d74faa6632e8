import { type CardCheck, call, type Failure, failureOf, Latest } from "../../api";
import { text } from "../../text";

/** Fewer characters are no card's number yet: nothing is said about them while somebody types on. */
const FEWEST = 4;
/** So many digits are written in groups, as they are printed on a card. */
const MANY_DIGITS = 12;

/** The number of a card that is to be given out: typed, scanned or made, and looked up while one watches. */
export class SerialEntry {
  typed = $state("");
  /** Made by the till: no plastic. */
  isVirtual = $state(false);
  scannedAt = $state<string | null>(null);
  check = $state.raw<CardCheck | null>(null);
  failure = $state.raw<Failure | null>(null);

  #latest = new Latest();

  /** As it is sent. */
  get serial(): string {
    return this.typed.replaceAll(/\s/g, "");
  }

  get ending(): string {
    return this.serial.slice(-4);
  }

  type(typed: string): void {
    this.#take(typed, false, null);
  }

  scan(scanned: string): void {
    this.#take(writtenSerial(scanned.trim()), false, new Date().toISOString());
  }

  /** A number of the till's own making, for a card in a phone. */
  async make(): Promise<void> {
    try {
      const made = await this.#latest.of(call("new_serial", {}));
      if (made) this.#take(made.serial_number, true, null);
    } catch (thrown) {
      this.failure = failureOf(thrown);
    }
  }

  refuse(failure: Failure): void {
    this.failure = failure;
  }

  /** What stands below it: that nobody has it. */
  get hint(): string | undefined {
    const words = text().cardCheck;
    if (this.check === null || this.check.in_use_by) return undefined;
    if (this.isVirtual) return words.madeFree;
    return this.scannedAt ? words.scannedAt(this.scannedAt) : words.free;
  }

  /** Whose card it is already, where it is somebody's. `memberId` is the one who would get it. */
  takenWords(memberId: string | null): string | null {
    const holder = this.check?.in_use_by;
    if (!holder) return null;
    const words = text().cardCheck;
    return holder.member_id === memberId ? words.isTheirs : words.inUseBy(holder.full_name);
  }

  #take(typed: string, isVirtual: boolean, scannedAt: string | null): void {
    this.typed = typed;
    this.isVirtual = isVirtual;
    this.scannedAt = scannedAt;
    this.failure = null;
    void this.#look();
  }

  async #look(): Promise<void> {
    const serial_number = this.serial;
    this.check = null;
    if (serial_number.length < FEWEST) return this.#latest.forget();
    try {
      const check = await this.#latest.of(call("check_card", { serial_number }));
      if (check) this.check = check;
    } catch (thrown) {
      this.failure = failureOf(thrown);
    }
  }
}

/** As it is printed on a card: "8400 1745 0416 5209". */
export function writtenSerial(serial: string): string {
  const isLong = serial.length >= MANY_DIGITS && /^\d+$/.test(serial);
  return isLong ? (serial.match(/.{1,4}/g) ?? []).join(" ") : serial;
}
