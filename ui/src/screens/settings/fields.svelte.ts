import { type Failure, failureOf } from "../../api";

/**
 * One group of settings as far as typed. What nobody touched follows the core; what somebody typed stays until it is
 * saved, whatever goes wrong meanwhile. Fields are named as the core names them.
 */
export class Fields<F extends string> {
  values = $state() as Record<F, string>;
  failure = $state.raw<Failure | null>(null);
  isSaving = $state(false);
  /** It was saved, and nothing was typed since. */
  isSaved = $state(false);

  #kept = $state.raw() as Readonly<Record<F, string>>;
  readonly #names: readonly F[];

  constructor(...names: F[]) {
    this.#names = names;
    const empty = Object.fromEntries(names.map((name) => [name, ""])) as Record<F, string>;
    this.values = { ...empty };
    this.#kept = empty;
  }

  get isChanged(): boolean {
    return this.#names.some((name) => this.#isTouched(name));
  }

  /** The field that the failure is about, if it is one of these. */
  get failedField(): F | null {
    const last = this.failure?.field?.split(".").at(-1);
    return this.#names.find((name) => name === last) ?? null;
  }

  /** As the core has them now. */
  fill(saved: Readonly<Record<F, string>>): void {
    for (const name of this.#names) if (!this.#isTouched(name)) this.values[name] = saved[name];
    this.#kept = saved;
  }

  /** Something else than what somebody typed is right: it is there to be saved. */
  put(values: Partial<Record<F, string>>): void {
    Object.assign(this.values, values);
    this.failure = null;
    this.isSaved = false;
  }

  /** Somebody is putting it right: what was said about that field is said no more. */
  edited(field: F): void {
    this.isSaved = false;
    if (this.failedField === field) this.failure = null;
  }

  failureAt(field: F): Failure | null {
    return this.failedField === field ? this.failure : null;
  }

  refuse(field: F, code: string, facts: Failure["facts"] = {}): void {
    this.failure = { code, message: "", field, facts };
  }

  /** Sends them. Answers whether they are saved. */
  async save(send: (values: Readonly<Record<F, string>>) => Promise<unknown>): Promise<boolean> {
    if (this.isSaving) return false;
    const sent = { ...this.values };
    this.isSaving = true;
    this.isSaved = false;
    this.failure = null;
    try {
      await send(sent);
      // In the form that the core gave them, unless somebody typed on meanwhile.
      for (const name of this.#names)
        if (this.values[name] === sent[name]) this.values[name] = this.#kept[name];
      this.isSaved = true;
      return true;
    } catch (thrown) {
      this.failure = failureOf(thrown);
      return false;
    } finally {
      this.isSaving = false;
    }
  }

  #isTouched(name: F): boolean {
    return this.values[name] !== this.#kept[name];
  }
}
