import type { CardView, Payload } from "../../api";
import { readDay, writtenDay } from "../form/day";

export const FACTS = ["note", "valid_from", "valid_until", "processor"] as const;
export type Fact = (typeof FACTS)[number];

/** What is said about one card, as somebody types it. */
export class CardFacts {
  values = $state<Record<Fact, string>>({ note: "", valid_from: "", valid_until: "", processor: "" });

  fill({ note, valid_from, valid_until, processor }: CardView): void {
    this.values = {
      note: note ?? "",
      valid_from: valid_from ? writtenDay(valid_from) : "",
      valid_until: valid_until ? writtenDay(valid_until) : "",
      processor: processor ?? "",
    };
  }

  /** The first field that holds no day, where one should be. */
  get noDay(): Fact | null {
    return (["valid_from", "valid_until"] as const).find((fact) => this.#day(fact) === undefined) ?? null;
  }

  sent(serial_number: string): Payload<"describe_card"> {
    const { note, processor } = this.values;
    const [valid_from, valid_until] = [this.#day("valid_from") ?? null, this.#day("valid_until") ?? null];
    return { serial_number, note, processor, valid_from, valid_until };
  }

  #day(fact: "valid_from" | "valid_until"): string | null | undefined {
    return readDay(this.values[fact]);
  }
}
