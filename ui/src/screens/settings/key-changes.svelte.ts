import type { Failure } from "../../api";
import {
  type Action,
  DEFAULT_KEYS,
  type Key,
  type KeyMap,
  keyMapOf,
  keyOf,
  type Refusal,
  refusalOf,
} from "../../components/key-map";
import type { Preferences } from "../desk/preferences.svelte";

/** Which key does what: waits for the next key that is pressed, and gives it to an action if it can be had. */
export class KeyChanges {
  /** The action that waits for its key. */
  waiting = $state<Action | null>(null);
  refused = $state.raw<{ action: Action; key: Key; refusal: Refusal } | null>(null);
  changed = $state.raw<{ action: Action; key: Key } | null>(null);
  failure = $state.raw<Failure | null>(null);

  readonly #preferences: Preferences;

  constructor(preferences: Preferences) {
    this.#preferences = preferences;
  }

  get map(): KeyMap {
    return keyMapOf(this.#preferences.now.keys);
  }

  get isUsual(): boolean {
    return Object.keys(this.#preferences.now.keys).length === 0;
  }

  isUsualOf(action: Action): boolean {
    return this.map[action] === DEFAULT_KEYS[action];
  }

  wait(action: Action): void {
    this.waiting = action;
    this.refused = null;
    this.changed = null;
  }

  leave(): void {
    this.waiting = null;
    this.refused = null;
  }

  /** Takes a key that was pressed while an action waits. It means nothing else then. */
  press(event: KeyboardEvent): void {
    const action = this.waiting;
    const key = keyOf(event);
    if (action === null || event.isComposing) return;
    // Tab goes on, as everywhere: nobody is caught here.
    const goesOn = key === "Tab" || key === "Shift+Tab";
    if (!goesOn) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
    if (goesOn || key === "Escape") this.leave();
    else if (key !== null && !event.repeat) void this.#give(action, key);
  }

  /** Back to the usual key, of one action or of all. */
  async restore(action?: Action): Promise<void> {
    const others = Object.entries(this.#preferences.now.keys).filter(([name]) => name !== action);
    this.leave();
    await this.#save(action === undefined ? {} : Object.fromEntries(others));
    if (action !== undefined && this.failure === null) this.changed = { action, key: this.map[action] };
  }

  async #give(action: Action, key: Key): Promise<void> {
    const refusal = refusalOf(action, key, this.map);
    if (refusal) {
      this.refused = { action, key, refusal };
      return;
    }
    this.waiting = null;
    this.refused = null;
    const { [action]: _, ...others } = this.#preferences.now.keys;
    await this.#save(key === DEFAULT_KEYS[action] ? others : { ...others, [action]: key });
    if (this.failure === null) this.changed = { action, key };
  }

  async #save(keys: Record<string, string>): Promise<void> {
    this.changed = null;
    this.failure = await this.#preferences.save({ keys });
  }
}
