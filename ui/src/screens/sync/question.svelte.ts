import { call, type Failure, failureOf, type Question, type QuestionField } from "../../api";

export type Side = "till" | "remote";

/** One question: whose value stands in each field. Nothing is chosen beforehand. */
export class Deciding {
  failure = $state.raw<Failure | null>(null);
  isBusy = $state(false);

  readonly #question: () => Question;
  /** A choice holds for the value that somebody saw: where the other side's changed since, they choose anew. */
  #chosen = $state<Record<string, { side: Side; saw: string }>>({});

  constructor(question: () => Question) {
    this.#question = question;
  }

  chosen(field: QuestionField): Side | null {
    const choice = this.#chosen[keyOf(this.#question(), field)];
    return choice?.saw === JSON.stringify(field.remote) ? choice.side : null;
  }

  choose(field: QuestionField, side: Side): void {
    this.failure = null;
    this.#chosen[keyOf(this.#question(), field)] = { side, saw: JSON.stringify(field.remote) };
  }

  chooseAll(side: Side): void {
    for (const field of this.#question().fields) this.choose(field, side);
  }

  get missing(): string[] {
    return this.#question()
      .fields.filter((field) => this.chosen(field) === null)
      .map(({ field }) => field);
  }

  /** Answers whether it was saved. */
  async save(): Promise<boolean> {
    if (this.isBusy || this.missing.length > 0) return false;
    this.isBusy = true;
    const { change_id, fields } = this.#question();
    const choices = Object.fromEntries(fields.map((field) => [field.field, this.chosen(field) ?? "till"]));
    try {
      await call("resolve_question", { change_id, choices });
      return true;
    } catch (thrown) {
      this.failure = failureOf(thrown);
      return false;
    } finally {
      this.isBusy = false;
    }
  }
}

const keyOf = ({ change_id }: Question, { field }: QuestionField) => `${change_id} ${field}`;
