// The only door to the core. Screens ask by name, with the types that the core itself made.

import { CallError, failureOf } from "./failure";
import type { Changed, Commands } from "./generated";
import { chosenTransport, type Transport } from "./transport";

export { oneAtATime } from "./again";
export { CallError, failureOf } from "./failure";
export type * from "./generated";
export { Latest } from "./latest";

type Name = keyof Commands;
export type Payload<K extends Name> = Commands[K][0];
export type Answer<K extends Name> = Commands[K][1];

let transport: Transport | undefined;

/** Another way to the core, for tests. */
export function useTransport(other: Transport): void {
  transport = other;
}

/** Asks the core. Throws a `CallError`, and nothing else. */
export async function call<K extends Name>(name: K, payload: Payload<K>): Promise<Answer<K>> {
  transport ??= chosenTransport();
  try {
    return (await transport.call(name, payload)) as Answer<K>;
  } catch (thrown) {
    throw new CallError(failureOf(thrown));
  }
}

/** Hears that something changed. Answers how to stop hearing it. */
export function listen(heard: (changed: Changed) => void): () => void {
  transport ??= chosenTransport();
  return transport.listen(heard);
}
