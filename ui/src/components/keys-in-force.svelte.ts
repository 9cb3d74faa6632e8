// The key map that is in force now. Buttons that print their key are drawn anew when it changes.

import { type Action, DEFAULT_KEYS, type Key, type KeyMap, keysOf, printedKey } from "./key-map";

let inForce = $state.raw<KeyMap>(DEFAULT_KEYS);

export const keysInForce = (): KeyMap => inForce;

export function useKeys(map: KeyMap): void {
  inForce = map;
}

/** The key as it is printed on the button of an action. */
export function printed(action: Action): string {
  return printedKey(inForce[action]);
}

/** All keys of an action, as `aria-keyshortcuts` names them. */
export function shortcuts(action: Action): Key {
  return keysOf(action, inForce).join(" ");
}
