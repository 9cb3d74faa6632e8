import { call, type Desk, type Failure, failureOf, listen, oneAtATime, type SyncState } from "../../api";
import { learnDecimals, learnTimeZone, sentenceOf, speak, text } from "../../text";
import type { Said } from "../counter/counter.svelte";
import type { Preferences } from "./preferences.svelte";

/** The till as the core sees it: asked for once, and again after each change. */
export class Till {
  desk = $state.raw<Desk | null>(null);
  failure = $state.raw<Failure | null>(null);
  /** Somebody asked for an exchange and has not heard yet how it went. */
  isExchanging = $state(false);

  readonly ask = oneAtATime(() => this.#ask());
  readonly #preferences: Preferences;
  readonly #onexchanged: (said: Said) => void;

  constructor(preferences: Preferences, onexchanged: (said: Said) => void) {
    this.#preferences = preferences;
    this.#onexchanged = onexchanged;
  }

  /** Keeps itself true. Answers how to stop. */
  follow(): () => void {
    this.ask();
    return listen(this.ask);
  }

  /** An exchange with head office now. The counter stays usable, and is told how it went. */
  async exchange(): Promise<void> {
    if (this.isExchanging) return;
    this.isExchanging = true;
    try {
      this.#learn(await call("sync_now", {}));
    } catch (thrown) {
      this.isExchanging = false;
      this.#onexchanged({ tone: "bad", words: sentenceOf(failureOf(thrown)) });
    }
  }

  async #ask(): Promise<void> {
    try {
      const desk = await call("desk", {});
      learnTimeZone(desk.location.time_zone);
      learnDecimals(desk.location.currency, desk.location.decimals);
      speak(desk.language);
      this.#preferences.take(desk.preferences);
      this.desk = desk;
      this.failure = null;
      this.#learn(desk.sync);
    } catch (thrown) {
      this.failure = failureOf(thrown);
    }
  }

  #learn(sync: SyncState): void {
    if (this.desk) this.desk = { ...this.desk, sync };
    if (!this.isExchanging || sync.is_running) return;
    this.isExchanging = false;
    this.#onexchanged(howItWent(sync));
  }
}

function howItWent(sync: SyncState): Said {
  if (sync.problem) return { tone: "warn", words: sentenceOf(sync.problem) };
  return { tone: sync.link === "online" ? "good" : "warn", words: text().sync.last(sync) };
}
