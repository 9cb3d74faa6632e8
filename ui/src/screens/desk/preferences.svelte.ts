import { call, type Failure, failureOf, type Preferences as Saved } from "../../api";
import { keyMapOf } from "../../components/key-map";
import { useKeys } from "../../components/keys-in-force.svelte";
import { DEFAULT_SCANNER } from "../../components/scanner";
import { useTextSize, useTheme } from "../../theme";

const AT_FIRST: Saved = {
  theme: "system",
  text_size: 100,
  keys: {},
  scanner: DEFAULT_SCANNER,
  hides_served: false,
};

/** How this till wants its desk: in force as soon as they are changed, and kept by the core. */
export class Preferences {
  #now = $state.raw<Saved>(AT_FIRST);
  /** What the core has, as far as it said. */
  #kept = AT_FIRST;
  #saving = 0;
  #lastSaving: Promise<unknown> = Promise.resolve();

  /** In force now. */
  get now(): Saved {
    return this.#now;
  }

  /** As the core says. While a change is on its way there, what the core said before is older. */
  take(said: Saved | undefined): void {
    if (this.#saving > 0) return;
    this.#kept = { ...AT_FIRST, ...said, scanner: { ...AT_FIRST.scanner, ...said?.scanner } };
    this.#use(this.#kept);
  }

  /** Changes some of them at once, and saves. Where that fails they are as before, and the reason is answered. */
  async save(changes: Partial<Saved>): Promise<Failure | null> {
    const wanted = { ...this.#now, ...changes };
    this.#use(wanted);
    this.#saving += 1;
    // One after the other, so that the last change is the one that is kept.
    const saved = this.#lastSaving.then(() => call("save_preferences", wanted));
    this.#lastSaving = saved.catch(() => {});
    try {
      await saved;
      this.#kept = wanted;
      return null;
    } catch (thrown) {
      if (this.#now === wanted) this.#use(this.#kept);
      return failureOf(thrown);
    } finally {
      this.#saving -= 1;
    }
  }

  #use(preferences: Saved): void {
    this.#now = preferences;
    useTheme(preferences.theme);
    useTextSize(preferences.text_size);
    useKeys(keyMapOf(preferences.keys));
  }
}
