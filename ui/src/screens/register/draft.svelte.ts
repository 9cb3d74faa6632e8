import { call, type Failure, failureOf, type MemberCard, type TwinsAsked } from "../../api";
import { SerialEntry } from "../cards/serial.svelte";
import { MemberForm, type Needed, type Place } from "../form/form.svelte";
import { TwinSearch } from "../merge/twins.svelte";

/** What a new member starts with: what was searched for, as far as its look tells what it is. */
export type Start = { phone?: string; name?: string; card?: string };

/** A shop of no country in particular, until the desk has said which it is. */
const NOWHERE: Place = { country: "", currency: "EUR" };

const NEEDED: readonly Needed[] = ["phone", "name.full"];
/** As they stand on the page, with the card between the birthday and the note. */
const BEFORE_THE_CARD = ["phone", "name.full", "email", "birthday"];
const STANDS_FIRST = [...BEFORE_THE_CARD, "note"];

/** The refusals that are about the card. */
const ABOUT_THE_CARD = ["card", "cards", "serial_number"];

/** A new member as far as typed. It stays as it is until it is saved or left, whatever goes wrong meanwhile. */
export class Draft {
  readonly form: MemberForm;
  readonly card = new SerialEntry();
  readonly twins = new TwinSearch();
  isSaving = $state(false);

  readonly #cardAtFirst: string;

  /** A number that came from the search still stands there: it is no change. */
  constructor(start: Start | string = {}, place: Place = NOWHERE) {
    const { phone = "", name = "", card = "" } = typeof start === "string" ? { phone: start } : start;
    this.form = new MemberForm("register", { phone, name: { full: name } }, place);
    this.form.standsFirst = STANDS_FIRST;
    this.#cardAtFirst = card;
    if (card !== "") this.card.type(card);
  }

  /** Something would be lost. */
  get isTyped(): boolean {
    return this.form.isChanged || this.card.serial !== this.#cardAtFirst.replaceAll(/\s/g, "");
  }

  /** What is typed so far of what tells people apart. */
  get alike(): TwinsAsked {
    const { name, phone, email, birthday } = this.form.member;
    const input = { name: { full: name?.full ?? "" }, ...(phone && { phone }), ...(email && { email }) };
    const card = this.card.serial === "" ? null : this.card.serial;
    return { input: { ...input, ...(birthday && { birthday }) }, card, except: null };
  }

  /** The field to put right first: its own id, however the core names it. */
  get failedField(): string | null {
    const field = this.form.firstWrong;
    const isBeforeTheCard = field !== null && BEFORE_THE_CARD.includes(field);
    return this.card.failure && !isBeforeTheCard ? "card" : field;
  }

  /** Saves it. Answers the new member, or nothing where it could not be saved or is being saved already. */
  async save(): Promise<MemberCard | null> {
    if (this.isSaving || !this.form.check(NEEDED)) return null;
    this.isSaving = true;
    try {
      const card = this.card.serial === "" ? null : this.card.serial;
      return await call("register", { input: { ...this.form.member }, card });
    } catch (thrown) {
      this.#refuse(failureOf(thrown));
      return null;
    } finally {
      this.isSaving = false;
    }
  }

  #refuse(failure: Failure): void {
    if (failure.field !== null && ABOUT_THE_CARD.includes(failure.field)) this.card.refuse(failure);
    else this.form.refuse(failure);
  }
}
