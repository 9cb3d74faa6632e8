import { call, oneAtATime, type Twin, type TwinsAsked } from "../../api";

/** From so many digits of a number, or letters of a name, on: less fits half the shop. */
const FEWEST_DIGITS = 4;
const FEWEST_LETTERS = 2;

/**
 * Who may be the same person as the one in the form. It is asked for each time something that tells people apart was
 * typed: one question at a time, so that what is typed meanwhile is one more question, and the last one counts.
 */
export class TwinSearch {
  /** Those whom nobody has said to be somebody else. */
  found = $state.raw<Twin[]>([]);
  /** Those of whom somebody said that they are not this person. */
  dismissed = $state.raw<Twin[]>([]);

  #asked: TwinsAsked | null = null;
  #key = "";
  readonly #strangers = new Set<string>();
  readonly #ask = oneAtATime(() => this.#run());

  /** What is in the form now. The same as before is no new question. */
  follow(asked: TwinsAsked): void {
    const key = JSON.stringify(asked);
    if (key === this.#key) return;
    this.#key = key;
    this.#asked = isEnough(asked) ? asked : null;
    this.#ask();
  }

  /** None of these: whoever turns up later is shown all the same. */
  dismiss(): void {
    for (const { member } of this.found) this.#strangers.add(member.id);
    this.#show([...this.found, ...this.dismissed]);
  }

  /** Somebody wants to see them again. */
  look(): void {
    this.#strangers.clear();
    this.#show([...this.found, ...this.dismissed]);
  }

  async #run(): Promise<void> {
    const key = this.#key;
    const twins = await this.#answer();
    // What was typed since is asked next; until then these stay, rather than ones that do not fit any more.
    if (key === this.#key && twins) this.#show(twins);
  }

  async #answer(): Promise<Twin[] | null> {
    if (this.#asked === null) return [];
    try {
      return (await call("find_twins", this.#asked)).twins;
    } catch {
      // Only a help: whoever saves the member is told what is wrong.
      return null;
    }
  }

  #show(twins: Twin[]): void {
    this.found = twins.filter(({ member }) => !this.#strangers.has(member.id));
    this.dismissed = twins.filter(({ member }) => this.#strangers.has(member.id));
  }
}

function isEnough({ input, card }: TwinsAsked): boolean {
  const digits = String(input.phone ?? "").replace(/\D/g, "");
  const name = (input.name as { full?: string | null } | undefined)?.full ?? "";
  const letters = name.replace(/[^\p{L}]/gu, "");
  const isWhole = Boolean(input.email) || Boolean(card);
  return isWhole || digits.length >= FEWEST_DIGITS || letters.length >= FEWEST_LETTERS;
}
