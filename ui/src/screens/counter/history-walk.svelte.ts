import type { HistoryLine } from "../../api";
import type { SlipOf } from "./counter.svelte";

/** So many lines are shown at first: the last visits, and the cards below them still in sight. */
const SHOWN_AT_FIRST = 8;

/** The lines of the member who is open, and the one that was walked to or picked. */
export class HistoryWalk {
  isWhole = $state(false);
  /** Moves when the focus should follow. */
  moves = $state(0);

  readonly #all: () => HistoryLine[];
  #chosenId = $state<string | null>(null);

  constructor(all: () => HistoryLine[]) {
    this.#all = all;
  }

  get lines(): HistoryLine[] {
    return this.isWhole ? this.#all() : this.#all().slice(0, SHOWN_AT_FIRST);
  }

  get total(): number {
    return this.#all().length;
  }

  get hasMore(): boolean {
    return this.lines.length < this.total;
  }

  get chosen(): HistoryLine | null {
    return this.#all().find(({ id }) => id === this.#chosenId) ?? null;
  }

  /** Picks a line, or puts it down again. */
  pick(id: string): void {
    this.#chosenId = this.#chosenId === id ? null : id;
  }

  leave(): void {
    this.#chosenId = null;
  }

  /** Down into the lines, or up and out of them. Answers whether a line is chosen still. */
  step(by: 1 | -1): boolean {
    const all = this.#all();
    const from = all.findIndex(({ id }) => id === this.#chosenId);
    const to = from + by;
    if (to < 0) {
      this.leave();
      return false;
    }
    const line = all[to];
    if (line === undefined) return true;
    if (to >= SHOWN_AT_FIRST) this.isWhole = true;
    this.#chosenId = line.id;
    this.moves += 1;
    return true;
  }
}

/** The slip of a line: of its visit where it belongs to one. */
export function slipOf({ has_slip, visit_id, entry_id }: HistoryLine): SlipOf | null {
  if (!has_slip) return null;
  return visit_id === null ? { visit_id: null, entry_id } : { visit_id, entry_id: null };
}

export function returnable(line: HistoryLine): (HistoryLine & { visit_id: string }) | null {
  return line.can_return && line.visit_id !== null ? { ...line, visit_id: line.visit_id } : null;
}

export function voidable(line: HistoryLine): (HistoryLine & { entry_id: string }) | null {
  return line.can_void && line.entry_id !== null ? { ...line, entry_id: line.entry_id } : null;
}
