import { call, type Failure, failureOf, Latest, type Waiting, type WaitingChange } from "../../api";

/** What waits, and what was decided about what cannot go on by itself. */
export class WaitingList {
  waiting = $state.raw<Waiting | null>(null);
  failure = $state.raw<Failure | null>(null);

  #latest = new Latest();

  get needsYou(): WaitingChange[] {
    return this.#changes.filter(({ state }) => state.state === "needs_you");
  }

  get others(): WaitingChange[] {
    return this.#changes.filter(({ state }) => state.state !== "needs_you");
  }

  async ask(): Promise<void> {
    try {
      const waiting = await this.#latest.of(call("waiting", {}));
      if (!waiting) return;
      this.waiting = waiting;
      this.failure = null;
    } catch (thrown) {
      this.failure = failureOf(thrown);
    }
  }

  get #changes(): WaitingChange[] {
    return this.waiting?.changes ?? [];
  }
}
