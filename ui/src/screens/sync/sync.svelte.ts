import {
  call,
  type Failure,
  failureOf,
  Latest,
  type Question,
  type Questions,
  type Waiting,
  type WaitingChange,
} from "../../api";

/** What waits, and what was decided about what cannot go on by itself. */
export class WaitingList {
  waiting = $state.raw<Waiting | null>(null);
  failure = $state.raw<Failure | null>(null);

  #asked = $state.raw<Questions | null>(null);
  #latest = new Latest();

  get questions(): Question[] {
    return this.#asked?.questions ?? [];
  }

  get remote(): string | null {
    return this.#asked?.remote_name ?? null;
  }

  get needsYou(): WaitingChange[] {
    return this.#changes.filter(({ state }) => state.state === "needs_you");
  }

  get others(): WaitingChange[] {
    return this.#changes.filter(({ state }) => state.state !== "needs_you");
  }

  async ask(): Promise<void> {
    try {
      const answers = await this.#latest.of(Promise.all([call("waiting", {}), call("questions", {})]));
      if (!answers) return;
      [this.waiting, this.#asked] = answers;
      this.failure = null;
    } catch (thrown) {
      this.failure = failureOf(thrown);
    }
  }

  get #changes(): WaitingChange[] {
    return this.waiting?.changes ?? [];
  }
}
