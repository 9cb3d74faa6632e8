import {
  call,
  type Failure,
  failureOf,
  Latest,
  type MemberCard,
  type MergeField,
  type MergePreview,
} from "../../api";

/** Two members who are one person: who stays, and what is taken over from the other. */
export class Joining {
  winnerId = $state("");
  loserId = $state("");
  preview = $state.raw<MergePreview | null>(null);
  failure = $state.raw<Failure | null>(null);
  /** The fields where somebody chose the other one's. */
  chosen = $state<string[]>([]);

  #latest = new Latest();
  #isBusy = false;
  #isDone = false;

  constructor(winnerId: string, loserId: string) {
    this.winnerId = winnerId;
    this.loserId = loserId;
    void this.compare();
  }

  async compare(): Promise<void> {
    this.failure = null;
    try {
      const asked = { winner_id: this.winnerId, loser_id: this.loserId };
      const preview = await this.#latest.of(call("preview_merge", asked));
      if (!preview) return;
      this.preview = preview;
      // A consent that the other withdrew is proposed: nobody is written to because it was overlooked.
      this.chosen = this.differing.filter(({ is_taken }) => is_taken).map(({ field }) => field);
    } catch (thrown) {
      this.preview = null;
      this.failure = failureOf(thrown);
    }
  }

  /** The other one stays. What was chosen was chosen for the first: it is asked anew. */
  swap(): void {
    [this.winnerId, this.loserId] = [this.loserId, this.winnerId];
    this.chosen = [];
    this.preview = null;
    void this.compare();
  }

  /** What both have, and have differently. */
  get differing(): MergeField[] {
    return (this.preview?.fields ?? []).filter(({ differs }) => differs);
  }

  /** What only the other one has. */
  get added(): MergeField[] {
    return (this.preview?.fields ?? []).filter(({ differs, is_taken }) => !differs && is_taken);
  }

  isTaken({ field, differs, is_taken }: MergeField): boolean {
    return differs ? this.chosen.includes(field) : is_taken;
  }

  choose(field: string, isOthers: boolean): void {
    const rest = this.chosen.filter((each) => each !== field);
    this.chosen = isOthers ? [...rest, field] : rest;
  }

  /** Joins them. Answers the one that stays, or nothing where it was refused or goes on already. */
  async join(): Promise<MemberCard | null> {
    if (this.#isBusy || this.#isDone || this.preview === null) return null;
    this.#isBusy = true;
    this.failure = null;
    try {
      const take = this.preview.fields.filter((field) => this.isTaken(field)).map(({ field }) => field);
      const member = await call("merge", { winner_id: this.winnerId, loser_id: this.loserId, take });
      this.#isDone = true;
      return member;
    } catch (thrown) {
      this.failure = failureOf(thrown);
      return null;
    } finally {
      this.#isBusy = false;
    }
  }
}
