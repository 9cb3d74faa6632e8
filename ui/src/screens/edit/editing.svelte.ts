import { call, type Failure, failureOf, type MemberCard, type TwinsAsked } from "../../api";
import { MemberForm, type Place } from "../form/form.svelte";
import type { TypedMember } from "../form/typed";
import { TwinSearch } from "../merge/twins.svelte";

/** What came of saving: the member as they are then, nothing to save, or a refusal that stands at its field. */
export type Saved = { member: MemberCard } | "unchanged" | "refused";

/** A member who is being edited: from the moment their form is fetched to the patch that is sent. */
export class Editing {
  readonly memberId: string;
  readonly twins = new TwinSearch();
  form = $state.raw<MemberForm | null>(null);
  /** The form could not be fetched, or the member not removed. */
  failure = $state.raw<Failure | null>(null);

  readonly #place: Place;
  readonly #refused: Failure | null;
  #isBusy = false;

  /** `refused` is what head office said of an edit that is to be put right. */
  constructor(memberId: string, place: Place, refused: Failure | null = null) {
    this.memberId = memberId;
    this.#place = place;
    this.#refused = refused;
    void this.fetch();
  }

  async fetch(): Promise<void> {
    this.failure = null;
    try {
      const { input, catalogue } = await call("member_form", { member_id: this.memberId });
      const form = new MemberForm("edit", input as TypedMember, this.#place, catalogue);
      form.openGroup("who");
      form.openGroup("reach");
      if (this.#refused) form.refuse(this.#refused);
      this.form = form;
    } catch (thrown) {
      this.failure = failureOf(thrown);
    }
  }

  get isChanged(): boolean {
    return this.form?.isChanged ?? false;
  }

  /** What tells this person apart from others, as it stands in the form. */
  get alike(): TwinsAsked | null {
    if (this.form === null) return null;
    const { name, phone, email, birthday } = this.form.member;
    const input = {
      name: { full: name?.full ?? "" },
      ...(phone && { phone }),
      ...(email && { email }),
      ...(birthday && { birthday }),
    };
    return { input, card: null, except: this.memberId };
  }

  /** Sends what was changed, and only that. A second press while that goes on is none. */
  async save(): Promise<Saved> {
    const { form } = this;
    if (form === null || this.#isBusy || !form.check()) return "refused";
    if (!form.isChanged) return "unchanged";
    this.#isBusy = true;
    try {
      return { member: await call("edit_member", { member_id: this.memberId, patch: form.patch }) };
    } catch (thrown) {
      form.refuse(failureOf(thrown));
      return "refused";
    } finally {
      this.#isBusy = false;
    }
  }

  /** Deletes the member. Answers whether they are gone. */
  async remove(reason: string): Promise<boolean> {
    if (this.#isBusy) return false;
    this.#isBusy = true;
    this.failure = null;
    try {
      await call("remove_member", { member_id: this.memberId, reason });
      return true;
    } catch (thrown) {
      this.failure = failureOf(thrown);
      return false;
    } finally {
      this.#isBusy = false;
    }
  }
}
