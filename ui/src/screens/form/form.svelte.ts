import type { Failure, LabelView } from "../../api";
import { sentenceOf } from "../../text";
import { GROUPS, type GroupName, groupOf, idOf, shownField } from "./groups";
import { type JsonObject, patchBetween } from "./patch";
import type { TypedMember } from "./typed";
import { type Values, valuesOf } from "./values";
import { type Written, written } from "./written";

/** Where the form stands: its shop, and what it was filled with. */
export type Place = { country: string; currency: string };

const LABEL_NOT_ADDED: Failure = { code: "label_not_added", message: "", field: "new_label", facts: {} };
const missing = (field: string): Failure => ({ code: "required", message: "required", field, facts: {} });

/** What may be needed before anything is saved. */
export type Needed = "phone" | "name.full";

/** A member as far as typed. It stays as it is until it is saved or left, whatever goes wrong meanwhile. */
export class MemberForm {
  readonly seen: TypedMember;
  readonly place: Place;
  values = $state() as Values;
  catalogue = $state.raw<LabelView[]>([]);
  /** A label that is typed, and not yet one of the shop's. */
  newLabel = $state({ name: "", color: "" });
  /** What was refused and is not put right yet. */
  failures = $state.raw<Failure[]>([]);
  open = $state<Record<GroupName, boolean>>(closed());
  /** Fields that stand above the groups, in the order in which they stand there. */
  standsFirst: readonly string[] = [];

  readonly #prefix: string;
  readonly #before: JsonObject;
  readonly #written: Written = $derived.by(() => written(this.values, this.seen, this.place.currency));
  readonly #patch: JsonObject = $derived.by(() =>
    patchBetween(this.#before, this.#written.member as JsonObject),
  );

  /** `prefix` begins the ids of its fields. */
  constructor(prefix: string, seen: TypedMember, place: Place, catalogue: LabelView[] = []) {
    this.#prefix = prefix;
    this.seen = seen;
    this.place = place;
    this.catalogue = catalogue;
    this.values = valuesOf(seen);
    this.#before = written(valuesOf(seen), seen, place.currency).member as JsonObject;
  }

  /** The member as typed so far. */
  get member(): TypedMember {
    return this.#written.member;
  }

  /** What was changed, as a merge patch (RFC 7396). */
  get patch(): JsonObject {
    return this.#patch;
  }

  /** The fields that were changed, or cannot be read as they stand. */
  get changedFields(): string[] {
    const unread = this.#written.failures.map(({ field }) => (field ?? "").split(".")[0] ?? "");
    const typed = this.#isLabelTyped ? ["labels"] : [];
    return [...new Set([...Object.keys(this.#patch), ...typed, ...unread])].filter((field) => field !== "");
  }

  get isChanged(): boolean {
    return this.changedFields.length > 0;
  }

  isGroupChanged(group: GroupName): boolean {
    return this.changedFields.some((field) => groupOf(field) === group);
  }

  isGroupWrong(group: GroupName): boolean {
    return this.failures.some(({ field }) => field !== null && groupOf(shownField(field)) === group);
  }

  /**
   * Looks at what the core could not say at its field, and at what is needed and not there: the core would name the first
   * of that alone. Answers whether all of it is well.
   */
  check(needed: readonly Needed[] = []): boolean {
    const { phone, full } = this.values;
    const isEmpty = { phone: phone.trim() === "", "name.full": full.trim() === "" };
    const absent = needed.filter((field) => isEmpty[field]).map(missing);
    const unread = [...absent, ...this.#written.failures];
    this.failures = this.#isLabelTyped ? [...unread, LABEL_NOT_ADDED] : unread;
    return this.failures.length === 0;
  }

  /** The core refused it. */
  refuse(failure: Failure): void {
    this.failures = [failure];
  }

  #placeOf(field: string): number {
    const place = this.standsFirst.indexOf(field);
    return place < 0 ? this.standsFirst.length + placeAmongGroups(field) : place;
  }

  get #isLabelTyped(): boolean {
    return this.newLabel.name.trim() !== "";
  }

  id(field: string): string {
    return idOf(this.#prefix, field);
  }

  errorAt(field: string): string | null {
    const failure = this.failures.find((each) => each.field !== null && shownField(each.field) === field);
    return failure ? sentenceOf(failure) : null;
  }

  /** The first field that something is wrong with, if it is one of these. */
  get firstWrong(): string | null {
    const wrong = this.failures.flatMap(({ field }) => (field === null ? [] : shownField(field)));
    const known = wrong.filter((field) => groupOf(field) !== null);
    return known.sort((one, other) => this.#placeOf(one) - this.#placeOf(other))[0] ?? null;
  }

  /** What was refused, and no field of the form is about it. */
  get otherFailure(): Failure | null {
    return this.failures.find(({ field }) => field === null || groupOf(shownField(field)) === null) ?? null;
  }

  /** Somebody is putting it right: what was said about that field is said no more. */
  edited(field: string): void {
    const isAbout = (named: string) => named === field || field.startsWith(`${named}.`);
    if (this.failures.length > 0) {
      this.failures = this.failures.filter((each) => each.field === null || !isAbout(shownField(each.field)));
    }
  }

  openGroup(group: GroupName): void {
    this.open[group] = true;
  }

  setAll(isOpen: boolean): void {
    for (const group of GROUPS) this.open[group] = isOpen;
  }
}

function placeAmongGroups(field: string): number {
  const group = groupOf(field);
  return group === null ? GROUPS.length : GROUPS.indexOf(group);
}

function closed(): Record<GroupName, boolean> {
  return Object.fromEntries(GROUPS.map((group) => [group, false])) as Record<GroupName, boolean>;
}
