// A core for tests: it answers what a test told it to, remembers what it was asked, and can keep an answer back.

import {
  type Answer,
  CallError,
  type Changed,
  type Commands,
  type Failure,
  type Payload,
  useTransport,
} from "../api";
import { aCard, aDesk, aPayPreview, aPreview, aReturnPreview, aSlip, dong } from "./things";

type Name = keyof Commands;
type Answers = { [K in Name]?: (payload: Payload<K>) => Answer<K> | Promise<Answer<K>> };

export class FakeCore {
  readonly asked: Array<{ name: Name; payload: unknown }> = [];
  answers: Answers = {
    start_state: () => ({ stage: "ready" }),
    desk: () => aDesk(),
    save_preferences: () => ({}),
    served_recently: () => ({ members: [] }),
    waiting: () => ({ changes: [], total: 0 }),
    questions: () => ({ questions: [] }),
    unsettled: () => ({ accounts: [], total: 0 }),
    open_member: ({ member_id }) => aCard({ id: member_id }),
    read_phone: () => ({ display: "0987 654 321", is_valid: true }),
    labels: () => ({ labels: [] }),
    find_twins: () => ({ twins: [] }),
    check_card: ({ serial_number }) => ({ serial_number, in_use_by: null }),
    new_serial: () => ({ serial_number: "V-77FQ-20KD" }),
    new_entry_id: () => ({ entry_id: "entry-1" }),
    new_visit_id: () => ({ visit_id: "visit-1" }),
    hold_credit: () => ({ is_held: true }),
    release_credit: () => ({}),
    preview_pay: ({ bill_minor, credit_minor }) => aPayPreview(bill_minor, credit_minor ?? 0),
    preview_return: ({ amount_minor }) => aReturnPreview(amount_minor),
    preview_cash_out: ({ amount_minor }) => ({
      proof_above: null,
      cashable: dong(1_230_000),
      balance_after: dong(1_250_000 - amount_minor),
    }),
    slip: ({ is_copy }) => ({ slip: aSlip({ is_copy }), has_printer: false }),
    print_slip: () => ({}),
    preview_top_up: ({ amount_minor }) => aPreview(amount_minor),
  };
  #listeners = new Set<(changed: Changed) => void>();

  constructor(answers: Answers = {}) {
    Object.assign(this.answers, answers);
    useTransport({
      call: async (name, payload) => {
        this.asked.push({ name: name as Name, payload });
        const answer = this.answers[name as Name] as ((payload: unknown) => unknown) | undefined;
        if (!answer) throw failure("internal", null);
        return answer(payload);
      },
      listen: (heard) => {
        this.#listeners.add(heard);
        return () => this.#listeners.delete(heard);
      },
    });
  }

  /** What was asked under that name, in order. */
  payloadsOf<K extends Name>(name: K): Array<Payload<K>> {
    return this.asked.filter((each) => each.name === name).map((each) => each.payload as Payload<K>);
  }

  tell(topic: Changed["topic"]): void {
    for (const heard of this.#listeners) heard({ topic });
  }
}

export function failure(code: string, field: string | null, facts: Failure["facts"] = {}): CallError {
  return new CallError({ code, message: code, field, facts });
}

/** An answer that comes when the test says so. */
export function later<T>(): { promise: Promise<T>; answer: (value: T) => void } {
  let answer: (value: T) => void = () => {};
  const promise = new Promise<T>((resolve) => {
    answer = resolve;
  });
  return { promise, answer };
}
