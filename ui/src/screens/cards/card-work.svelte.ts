import {
  type BlockReason,
  type CardView,
  call,
  type Failure,
  failureOf,
  type Link,
  type MemberCard,
} from "../../api";
import { CardFacts } from "./card-facts.svelte";
import { SerialEntry } from "./serial.svelte";

export const DOINGS = ["issue", "block", "replace", "unblock", "describe"] as const;
export type Doing = (typeof DOINGS)[number];
export const REASONS: BlockReason[] = ["lost", "stolen", "damaged", "other"];

/** How far it reaches: head office at once, later, or never. */
export type Reach = "connected" | "cutOff" | "alone";

export function reachOf(link: Link): Reach {
  if (link === "none") return "alone";
  return link === "online" ? "connected" : "cutOff";
}

/** What is said about the first thing that is missing. */
const MISSING = { card: "card_needed", reason: "block_reason_invalid", serial: "required" };

/** What is being done about a member's cards, from the opened dialog until it is saved. */
export class CardWork {
  readonly member: MemberCard;
  readonly entry = new SerialEntry();
  readonly facts = new CardFacts();
  doing = $state<Doing>("issue");
  /** The serial number of the card that it is about; none while nobody has chosen one. */
  chosen = $state("");
  /** Never chosen beforehand: what is said about a card is what the member said. */
  reason = $state<BlockReason | "">("");
  failure = $state.raw<Failure | null>(null);
  /** What was scanned and is none of this member's cards. */
  strange = $state<string | null>(null);
  isSaving = $state(false);

  #isSaved = false;

  constructor(member: MemberCard) {
    this.member = member;
    this.do(this.blockable.length > 0 ? "replace" : "issue");
  }

  /** Those that still open an account somewhere. */
  get blockable(): CardView[] {
    return this.member.cards.filter(({ state }) => state !== "blocked");
  }

  /** Those that were blocked and have not been replaced. */
  get unblockable(): CardView[] {
    return this.member.cards.filter(({ state, replaced_by }) => state === "blocked" && replaced_by === null);
  }

  /** What can be done with the cards that there are. */
  get doings(): Doing[] {
    const isPossible: Record<Doing, boolean> = {
      issue: true,
      block: this.blockable.length > 0,
      replace: this.blockable.length + this.unblockable.length > 0,
      unblock: this.unblockable.length > 0,
      describe: this.member.cards.length > 0,
    };
    return DOINGS.filter((doing) => isPossible[doing]);
  }

  /** Which cards it can be about. A blocked card can still be replaced: it was lost first, and a new one comes later. */
  get choices(): CardView[] {
    const choices: Record<Doing, CardView[]> = {
      issue: [],
      block: this.blockable,
      replace: [...this.blockable, ...this.unblockable],
      unblock: this.unblockable,
      describe: this.member.cards,
    };
    return choices[this.doing];
  }

  get card(): CardView | null {
    return this.choices.find(({ serial_number }) => serial_number === this.chosen) ?? null;
  }

  get needsSerial(): boolean {
    return this.doing === "issue" || this.doing === "replace";
  }

  /** A card that is blocked already keeps the reason that it has. */
  get needsReason(): boolean {
    return this.doing === "block" || (this.doing === "replace" && this.card?.state !== "blocked");
  }

  get reasonInForce(): BlockReason | "" {
    if (this.needsReason) return this.reason;
    const known = REASONS.find((each) => each === this.card?.status_reason);
    return known ?? "other";
  }

  do(doing: Doing): void {
    this.doing = doing;
    this.failure = null;
    this.strange = null;
    const [only, ...others] = this.choices;
    // What needs no choice is not asked; what was chosen stays where it still can be.
    if (this.card === null) this.chosen = only && others.length === 0 ? only.serial_number : "";
    if (this.card) this.facts.fill(this.card);
  }

  choose(serial: string): void {
    if (serial === this.chosen) return;
    this.chosen = serial;
    this.failure = null;
    if (this.card) this.facts.fill(this.card);
  }

  edited(field: string): void {
    if (this.failure?.field === field) this.failure = null;
  }

  /** A scan is the new card where one is asked for, and else says which card it is about. */
  scan(scanned: string): void {
    this.failure = null;
    this.strange = null;
    if (this.needsSerial) {
      this.entry.scan(scanned);
      return;
    }
    const key = keyOf(scanned);
    const card = this.choices.find(({ serial_number }) => keyOf(serial_number) === key);
    if (card) this.choose(card.serial_number);
    else this.strange = scanned.trim().slice(-4);
  }

  /** The first thing that is missing, in the order in which it is asked. */
  get missing(): "card" | "reason" | "serial" | null {
    if (this.doing !== "issue" && this.card === null) return "card";
    if (this.needsReason && this.reason === "") return "reason";
    return this.needsSerial && this.entry.serial === "" ? "serial" : null;
  }

  /** Saves it. Answers the member as they are then, or nothing where something is missing, refused, or goes on already. */
  async save(): Promise<MemberCard | null> {
    if (this.isSaving || this.#isSaved) return null;
    const { missing } = this;
    if (missing) return this.#refuse(MISSING[missing], missing);
    const noDay = this.doing === "describe" ? this.facts.noDay : null;
    if (noDay) return this.#refuse("date_invalid", noDay);
    this.isSaving = true;
    this.failure = null;
    try {
      const member = await this.#done();
      this.#isSaved = true;
      return member;
    } catch (thrown) {
      this.#place(failureOf(thrown));
      return null;
    } finally {
      this.isSaving = false;
    }
  }

  #done(): Promise<MemberCard> {
    const { serial, isVirtual: is_virtual } = this.entry;
    const reason = this.reasonInForce || "other";
    switch (this.doing) {
      case "issue":
        return call("issue_card", { member_id: this.member.id, serial_number: serial, is_virtual });
      case "block":
        return call("block_card", { serial_number: this.chosen, reason });
      case "replace":
        return call("replace_card", { old: this.chosen, new: serial, reason, is_virtual });
      case "unblock":
        return call("unblock_card", { serial_number: this.chosen });
      case "describe":
        return call("describe_card", this.facts.sent(this.chosen));
    }
  }

  #refuse(code: string, field: string): null {
    this.#place({ code, message: code, field, facts: {} });
    return null;
  }

  /** At the field that it is about: a number that was typed, or the card that was chosen. */
  #place(failure: Failure): void {
    const isAboutSerial = failure.field === "serial_number" || failure.field === "serial";
    if (!isAboutSerial) this.failure = failure;
    else if (this.needsSerial) this.entry.refuse(failure);
    else this.failure = { ...failure, field: "card" };
  }
}

/** What two spellings of one number have in common. */
function keyOf(serial: string): string {
  return serial.replace(/[^\p{L}\p{N}]/gu, "").toUpperCase();
}
