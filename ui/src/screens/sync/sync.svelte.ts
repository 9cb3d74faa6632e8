import {
  call,
  type Failure,
  failureOf,
  Latest,
  type Question,
  type Questions,
  type UnsettledAccount,
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

/** What of credit is to be settled. Asked by itself: in a large shop it takes a moment to find it, and what waits is shown
 * meanwhile. */
export class UnsettledCredit {
  /** The first of it. */
  all = $state.raw<UnsettledAccount[]>([]);
  total = $state(0);
  failure = $state.raw<Failure | null>(null);

  async ask(): Promise<void> {
    try {
      const { accounts, total } = await call("unsettled", {});
      this.all = accounts;
      this.total = total;
      this.failure = null;
    } catch (thrown) {
      this.failure = failureOf(thrown);
    }
  }
}
