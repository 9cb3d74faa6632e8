import {
  call,
  type Failure,
  failureOf,
  Latest,
  type OwingMember,
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

/** Who owes. Asked by itself: in a large shop it takes a moment to find them, and what waits is shown meanwhile. */
export class OwingMembers {
  /** The first of them. */
  all = $state.raw<OwingMember[]>([]);
  total = $state(0);
  failure = $state.raw<Failure | null>(null);

  async ask(): Promise<void> {
    try {
      const { owing, total } = await call("owing", {});
      this.all = owing;
      this.total = total;
      this.failure = null;
    } catch (thrown) {
      this.failure = failureOf(thrown);
    }
  }
}
