import {
  type AliasView,
  call,
  type Failure,
  type FindAnswer,
  failureOf,
  type HistoryLine,
  Latest,
  type MemberCard,
  type MemberHit,
  oneAtATime,
  type SlipAsked,
} from "../../api";
import { ServedList } from "./served.svelte";

/** What can be done for the member who is open, and for two who are one. */
export type Doing =
  | { what: "top_up" | "pay" | "card" | "edit" | "cash_out" | "adjust" }
  | { what: "return"; line: HistoryLine & { visit_id: string } }
  | { what: "void"; line: HistoryLine & { entry_id: string } }
  | { what: "slip"; of: SlipOf }
  | { what: "unmerge"; alias: AliasView }
  | { what: "merge"; winnerId: string; loserId: string };

/** Of a visit, or of an entry that belongs to none. */
export type SlipOf = Pick<SlipAsked, "visit_id" | "entry_id">;

/** What somebody looks for, as far as its look tells: a name has letters alone. */
export type Sought = "number" | "card" | "name";

/** A sentence about what was just done, until the next thing is done, and what can be done about it. */
export type Said = {
  tone: "good" | "warn" | "bad";
  words: string;
  slip?: SlipOf | undefined;
  undo?: HistoryLine | undefined;
};

/**
 * A number may be complete before somebody has typed all of it (some countries have numbers of several lengths). Within
 * this time the next key still belongs to it; after that it begins the next member's number. Slower than anybody types.
 */
const STILL_TYPING_MS = 400;

/** The counter: what is searched for, what was answered, and the member who is open. */
export class Counter {
  query = $state("");
  answer = $state.raw<FindAnswer | null>(null);
  /** What the answer is about. Somebody may have typed on since. */
  answered = $state("");
  /** The same as it is read out and shown: a whole number in groups, everything else as typed. */
  shown = $state("");
  member = $state.raw<MemberCard | null>(null);
  failure = $state.raw<Failure | null>(null);
  said = $state.raw<Said | null>(null);
  /** Counts how often the focus was sent back to the search. */
  returns = $state(0);
  isDoneWith = true;
  readonly served = new ServedList();
  /** The shop’s remote was asked for what is not here, and has not answered yet. */
  isAsking = $state(false);
  /** What stands in the search came from a scanner: it is no beginning of anything that is typed. */
  isScanned = $state(false);

  #chosenId = $state<string | null>(null);
  #latest = new Latest();
  #opening: string | null = null;
  #whenOpen: (() => void) | null = null;
  #opensWhenFound = false;
  #isTakingIn = false;
  /** Slips that went to paper since the program started: another one of the same is a copy. */
  #printed = new Set<string>();
  #settling: ReturnType<typeof setTimeout> | undefined;

  /** The one in the list whom Enter would open. */
  get chosen(): MemberHit | null {
    const hits = this.answer?.members ?? [];
    return hits.find((hit) => hit.id === this.#chosenId) ?? hits[0] ?? null;
  }

  /** What a new member starts with: nothing, once somebody else is open, and no card or name. */
  get typedNumber(): string {
    return this.member || this.sought !== "number" ? "" : this.query.trim();
  }

  /** The name that a new member starts with, where the search was for one. */
  get typedName(): string {
    return this.member || this.sought !== "name" ? "" : this.query.trim();
  }

  /** The scanned card that a new member starts with, where nobody has it. */
  get typedCard(): string {
    const isFree = this.answer !== null && isNobody(this.answer);
    return this.isScanned && isFree && !this.member ? this.query.trim() : "";
  }

  get sought(): Sought {
    if (this.isScanned) return "card";
    if (!/\p{L}/u.test(this.query)) return "number";
    return /\d/.test(this.query) ? "card" : "name";
  }

  /** A card was scanned: it is found at once, and whom it belongs to opens. */
  scan(scanned: string): void {
    this.type(scanned);
    this.isScanned = true;
    this.#opensWhenFound = true;
    this.returnToSearch();
  }

  type(query: string): void {
    this.query = query;
    this.isScanned = false;
    this.#leaveWhatIsShown();
    if (query.trim() === "") this.answer = null;
    else void this.#find();
  }

  /** Another key of the pad. After a member was served, or a card was scanned, it begins the next one's number. */
  press(characters: string): void {
    const isServed = this.member !== null && this.#settling === undefined;
    this.type(isServed || this.isScanned ? characters : this.query + characters);
  }

  deleteLast(): void {
    this.type(this.query.slice(0, -1));
  }

  /** Enter: opens whom the list has chosen, or the only one found as soon as the answer is here. */
  enter(): void {
    if (this.member) return;
    if (this.failure) this.ask();
    else if (this.answered !== this.query) this.#opensWhenFound = true;
    else if (this.#isList && this.chosen) this.open(this.chosen.id);
  }

  choose(id: string): void {
    this.#chosenId = id;
  }

  /** Up or down the list, and no further than its ends. */
  step(by: 1 | -1): void {
    const hits = this.answer?.members ?? [];
    const place = hits.findIndex((hit) => hit.id === this.chosen?.id) + by;
    this.#chosenId = hits[place]?.id ?? this.#chosenId;
  }

  open(id: string): void {
    this.#open(id, () => this.returnToSearch());
  }

  /** The member as an action left them. */
  show(member: MemberCard, said: Said): void {
    this.#latest.forget();
    this.#shown(member);
    this.said = said;
  }

  /** Makes somebody from another shop a member of this one. A second press while that goes on is none. */
  async takeIn(id: string, words: string): Promise<void> {
    if (this.#isTakingIn) return;
    this.#isTakingIn = true;
    try {
      this.show(await call("bring_here", { member_id: id }), { tone: "good", words });
    } catch (thrown) {
      this.failure = failureOf(thrown);
    } finally {
      this.#isTakingIn = false;
    }
  }

  /** Makes the value that a decision left out an edit of its own. */
  async bringBack(decision: number, words: string): Promise<void> {
    if (this.#isTakingIn) return;
    this.#isTakingIn = true;
    try {
      this.show(await call("bring_back", { decision }), { tone: "good", words });
    } catch (thrown) {
      this.failure = failureOf(thrown);
    } finally {
      this.#isTakingIn = false;
    }
  }

  /** How to ask for that slip. One that was not made just now may have been handed out before: it is a copy. */
  slipAsked(of: SlipOf): SlipAsked {
    const isOfNow = sameSlip(this.said?.slip, of);
    return { ...of, is_copy: !isOfNow || this.#printed.has(nameOf(of)) };
  }

  printed(of: SlipOf): void {
    this.#printed.add(nameOf(of));
  }

  clear(): void {
    this.type("");
    this.returnToSearch();
  }

  /** Something else takes the focus now: it is not called back to the search any more. */
  rest(): void {
    clearTimeout(this.#settling);
    this.#settling = undefined;
  }

  /** An action ended. What stands in the search is done with: the next key begins the next number. */
  returnToSearch(): void {
    this.isDoneWith = true;
    this.returns += 1;
  }

  /** Somebody types while the focus is elsewhere: they go on with the number, unless its member is open already. */
  returnToType(): void {
    this.isDoneWith = this.member !== null;
    this.returns += 1;
  }

  /** The same question once more: somebody asked for it. */
  ask(): void {
    this.failure = null;
    this.refresh();
  }

  /** The same question once more: something changed. Whatever is under way is asked anew, and nothing is lost. */
  readonly refresh = oneAtATime(() => this.#askAgain());

  async #askAgain(): Promise<void> {
    // What the remote brings tells of a change too; its answer is on its way.
    if (this.isAsking) return;
    const id = this.#opening ?? this.member?.id;
    if (id !== undefined) await this.#take(id);
    else if (this.query.trim() !== "") await this.#find();
  }

  /**
   * Nobody here is what was typed: the shop’s remote is asked, and whoever has it opens. Whom it found by something else,
   * a name or a note, is only offered.
   */
  async askRemote(): Promise<void> {
    if (this.isAsking) return;
    const query = this.query;
    this.isAsking = true;
    try {
      const found = await this.#latest.of(call("ask_remote", { query: query.trim() }));
      if (!found) return;
      this.isAsking = false;
      this.#opensWhenFound = found.is_complete;
      this.#found(found, query, this.shown);
    } catch (thrown) {
      this.isAsking = false;
      this.failure = failureOf(thrown);
    }
  }

  /** Whether asking the remote may find what is not here. */
  get canAsk(): boolean {
    return this.member === null && this.failure === null && (this.answer?.can_ask ?? false);
  }

  get #isRemoteSaid(): boolean {
    if (this.answer === null || this.answer.answer === "not_in_copy") return false;
    return this.answer.answer === "remote_found" || isNobody(this.answer);
  }

  get #isList(): boolean {
    const answer = this.answer?.answer;
    return answer === "found" || answer === "several" || answer === "remote_found";
  }

  #open(id: string, then: () => void): void {
    this.said = null;
    this.#opening = id;
    this.#whenOpen = then;
    void this.#take(id);
  }

  #leaveWhatIsShown(): void {
    this.rest();
    this.#latest.forget();
    this.member = null;
    this.failure = null;
    this.said = null;
    this.isAsking = false;
    this.#opening = null;
    this.#opensWhenFound = false;
  }

  async #find(): Promise<void> {
    const query = this.query;
    try {
      const found = await this.#latest.of(this.#ask(query.trim()));
      if (found) this.#found(found.answer, query, found.shown);
    } catch (thrown) {
      this.failure = failureOf(thrown);
    }
  }

  /** The answer and the number that it is about come together: a heading that changed would be read out twice. */
  async #ask(query: string): Promise<{ answer: FindAnswer; shown: string }> {
    const answer = await call("find", { query });
    const isNamed = answer.is_complete && this.sought === "number" && onlyOne(answer) === null;
    if (!isNamed) return { answer, shown: query };
    const read = await call("read_phone", { phone: query }).catch(() => null);
    return { answer, shown: read?.display ?? query };
  }

  #found(answer: FindAnswer, query: string, shown: string): void {
    const isAsked = this.#opensWhenFound;
    // What the remote said of it is not taken back by looking here once more.
    const isSaid = answer.answer === "not_in_copy" && this.answered === query && this.#isRemoteSaid;
    if (!isSaid) this.answer = answer;
    this.answered = query;
    this.shown = shown;
    this.failure = null;
    this.#opensWhenFound = false;
    const only = onlyOne(answer);
    if (only === null) return;
    if (isAsked) this.open(only.id);
    else if (answer.is_complete) this.#open(only.id, () => this.#settle());
  }

  /** It opened by itself while somebody typed: the field is left alone until they have stopped. */
  #settle(): void {
    this.#settling = setTimeout(() => {
      this.#settling = undefined;
      this.returnToSearch();
    }, STILL_TYPING_MS);
  }

  async #take(id: string): Promise<void> {
    try {
      const member = await this.#latest.of(call("open_member", { member_id: id }));
      if (!member) return;
      this.#shown(member);
      this.#whenOpen?.();
      this.#whenOpen = null;
    } catch (thrown) {
      this.#opening = null;
      this.member = null;
      this.failure = failureOf(thrown);
    }
  }

  #shown(member: MemberCard): void {
    this.#opening = null;
    this.failure = null;
    this.member = member;
  }
}

/** Nobody here is what was typed, whatever the remote says. */
export function isNobody({ answer }: FindAnswer): boolean {
  return (
    answer === "not_in_copy" ||
    answer === "remote_none" ||
    answer === "remote_cannot_tell" ||
    answer === "remote_unreachable"
  );
}

/** Who opens without being chosen. */
function onlyOne({ answer, members }: FindAnswer): MemberHit | null {
  const isFound = answer === "found" || answer === "remote_found";
  return isFound && members.length === 1 ? (members[0] ?? null) : null;
}

function nameOf({ visit_id, entry_id }: SlipOf): string {
  return visit_id ?? entry_id ?? "";
}

function sameSlip(one: SlipOf | undefined, other: SlipOf): boolean {
  return one !== undefined && nameOf(one) === nameOf(other);
}
