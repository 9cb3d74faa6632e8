import { call, Latest, type PhoneRead } from "../../api";

/** How the core reads a phone number while somebody types it. Only a preview: saving says what is wrong with one. */
export class PhoneReading {
  read = $state.raw<PhoneRead | null>(null);
  #latest = new Latest();

  async of(typed: string): Promise<void> {
    const phone = typed.trim();
    if (phone === "") {
      this.#latest.forget();
      this.read = null;
      return;
    }
    try {
      const read = await this.#latest.of(call("read_phone", { phone }));
      if (read) this.read = read;
    } catch {
      this.read = null;
    }
  }
}
