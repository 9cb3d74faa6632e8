import {
  type CreditSwitched,
  call,
  type Failure,
  failureOf,
  Latest,
  oneAtATime,
  type RemoteSeen,
  type RemoteShop,
  type RemotesView,
  type RemoteView,
} from "../../../api";

/** What a check came to, or that it is under way. */
export type Checked =
  | { state: "asking" }
  | { state: "seen"; seen: RemoteSeen }
  | { state: "failed"; failure: Failure };

/** The dialog that stands over them. */
export type Opened =
  | { what: "adding" }
  | { what: "changing"; remote: RemoteView }
  | { what: "keeping"; remote: RemoteView }
  | { what: "crediting"; remote: RemoteView }
  | { what: "connecting"; shop: RemoteShop }
  | { what: "opening" };

/** The member systems of this till: as the core has them, and what checks of them saw. */
export class Systems {
  view = $state.raw<RemotesView | null>(null);
  failure = $state.raw<Failure | null>(null);
  /** By name. */
  checked = $state.raw<Readonly<Record<string, Checked>>>({});

  /** The key of a test member that could not be deleted, by name. */
  leftBehind = $state.raw<Readonly<Record<string, string | null>>>({});

  opened = $state.raw<Opened | null>(null);

  #latest = new Latest();

  readonly ask = oneAtATime(() => this.#ask());

  /** What the core answered to a change of them. */
  answered(view: RemotesView): void {
    // Whatever was asked before that knows less.
    this.#latest.forget();
    this.view = view;
    this.failure = null;
  }

  switchedCredit({ remotes, left_behind }: CreditSwitched, name: string): void {
    this.answered(remotes);
    this.leftBehind = { ...this.leftBehind, [name]: left_behind };
  }

  async check(name: string): Promise<void> {
    if (this.checked[name]?.state === "asking") return;
    this.#note(name, { state: "asking" });
    try {
      this.#note(name, { state: "seen", seen: await call("check_remote", { name }) });
    } catch (thrown) {
      this.#note(name, { state: "failed", failure: failureOf(thrown) });
    }
  }

  /** The counter serves that shop from now on. */
  async serve(code: string): Promise<void> {
    try {
      this.answered(await call("serve_shop", { code }));
    } catch (thrown) {
      this.failure = failureOf(thrown);
    }
  }

  async remove(name: string): Promise<void> {
    try {
      this.answered(await call("remove_remote", { name }));
    } catch (thrown) {
      this.failure = failureOf(thrown);
    }
  }

  async #ask(): Promise<void> {
    try {
      const view = await this.#latest.of(call("remotes", {}));
      if (view) this.answered(view);
    } catch (thrown) {
      this.failure = failureOf(thrown);
    }
  }

  #note(name: string, checked: Checked): void {
    this.checked = { ...this.checked, [name]: checked };
  }
}
