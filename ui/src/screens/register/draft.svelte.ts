import {
  call,
  type Failure,
  failureOf,
  Latest,
  type MemberCard,
  type MemberInput,
  type PhoneRead,
} from "../../api";
import { readBirthday } from "./birthday";

export type FieldName = "phone" | "name" | "email" | "birthday" | "note";

/** A new member as far as typed. It stays as it is until it is saved or left, whatever goes wrong meanwhile. */
export class Draft {
  phone = $state("");
  name = $state("");
  email = $state("");
  birthday = $state("");
  note = $state("");
  phoneRead = $state.raw<PhoneRead | null>(null);
  failure = $state.raw<Failure | null>(null);
  isSaving = $state(false);

  readonly #phoneAtFirst: string;
  #latest = new Latest();

  constructor(phone: string) {
    this.#phoneAtFirst = phone;
    this.phone = phone;
    void this.readPhone();
  }

  /** Something would be lost. A number that came from the search still stands there. */
  get isTyped(): boolean {
    const others = [this.name, this.email, this.birthday, this.note];
    return this.phone !== this.#phoneAtFirst || others.some((text) => text.trim() !== "");
  }

  /** The field that the failure is about, if it is one of these. */
  get failedField(): FieldName | null {
    switch (this.failure?.field) {
      case "name.full":
      case "name":
        return "name";
      case "phone":
      case "email":
      case "birthday":
      case "note":
        return this.failure.field;
      default:
        return null;
    }
  }

  /** Somebody is putting it right: what was said about that field is said no more. */
  edited(field: FieldName): void {
    if (this.failedField === field) this.failure = null;
    if (field === "phone") void this.readPhone();
  }

  async readPhone(): Promise<void> {
    const phone = this.phone.trim();
    if (phone === "") {
      this.#latest.forget();
      this.phoneRead = null;
      return;
    }
    try {
      const read = await this.#latest.of(call("read_phone", { phone }));
      if (read) this.phoneRead = read;
    } catch {
      // Only a preview: saving says what is wrong with a number.
      this.phoneRead = null;
    }
  }

  /** Saves it. Answers the new member, or nothing where it could not be saved or is being saved already. */
  async save(): Promise<MemberCard | null> {
    if (this.isSaving) return null;
    const input = this.#input();
    if (input === null) return null;
    this.isSaving = true;
    this.failure = null;
    try {
      return await call("register", { input });
    } catch (thrown) {
      this.failure = failureOf(thrown);
      return null;
    } finally {
      this.isSaving = false;
    }
  }

  #input(): MemberInput | null {
    const birthday = readBirthday(this.birthday);
    if (birthday === undefined) {
      this.failure = { code: "birthday_invalid", message: "", field: "birthday", facts: {} };
      return null;
    }
    return {
      name: { full: typed(this.name) },
      phone: typed(this.phone),
      email: typed(this.email),
      birthday,
      note: typed(this.note),
    };
  }
}

function typed(text: string): string | null {
  return text.trim() === "" ? null : text;
}
