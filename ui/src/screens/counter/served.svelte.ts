import { call, Latest, oneAtATime, type ServedMember } from "../../api";

/** So long a name is shown where the till hides names: somebody who comes back to the desk at once is still known. */
const NAME_SHOWN_MS = 60_000;

/** Who was served just now. It knows since when each stands there, for tills that hide names after a while. */
export class ServedList {
  members = $state.raw<ServedMember[]>([]);
  /** Moves when another name has stood there long enough. */
  #now = $state(performance.now());
  #since = new Map<string, number>();
  #isKnown = false;
  #latest = new Latest();
  #next: ReturnType<typeof setTimeout> | undefined;

  readonly ask = oneAtATime(() => this.#ask());

  /** Whether a name has stood there for more than its time. */
  isOld(id: string): boolean {
    return this.#now - (this.#since.get(id) ?? Number.NEGATIVE_INFINITY) >= NAME_SHOWN_MS;
  }

  async #ask(): Promise<void> {
    try {
      const answer = await this.#latest.of(call("served_recently", {}));
      if (answer) this.#take(answer.members);
    } catch {
      // The list is a shortcut: without it everything can still be done, and the next change asks again.
    }
  }

  /** Whoever is first now and was not before was served this moment; nobody knows when those at the start were. */
  #take(members: ServedMember[]): void {
    this.#now = performance.now();
    const [first] = members;
    if (this.#isKnown && first && first.id !== this.members[0]?.id) this.#since.set(first.id, this.#now);
    this.#isKnown = true;
    this.members = members;
    this.#waitForNext();
  }

  #waitForNext(): void {
    clearTimeout(this.#next);
    const ages = this.members.map(({ id }) => this.#now - (this.#since.get(id) ?? Number.NEGATIVE_INFINITY));
    const youngest = ages.filter((age) => age < NAME_SHOWN_MS);
    if (youngest.length === 0) return;
    this.#next = setTimeout(
      () => {
        this.#now = performance.now();
        this.#waitForNext();
      },
      NAME_SHOWN_MS - Math.max(...youngest),
    );
  }
}
