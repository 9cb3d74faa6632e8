// Which key means what. Screens say what each does; keys that a screen does not name keep their own meaning.

import { ACTIONS, type Action, actionOf, type Key, keyOf, printedKey } from "./key-map";
import { keysInForce, printed, shortcuts } from "./keys-in-force.svelte";

/** An action of the key map, which can be given another key, or what a key means on every screen. */
export type Press = Action | Fixed;
type Fixed = "escape" | "enter" | "save" | "print" | "up" | "down";

const FIXED: Record<Fixed, Key> = {
  escape: "Escape",
  enter: "Enter",
  save: "Control+Enter",
  print: "Control+P",
  up: "ArrowUp",
  down: "ArrowDown",
};

/** As they are printed on a button: `PRINTED.pay` is "F5", or the key that was given instead. */
export const PRINTED = readOff(printed, printedKey);

/** As assistive technology reads them, for `aria-keyshortcuts`. */
export const SHORTCUTS = readOff(shortcuts, (key) => key);

/**
 * Does what the pressed key means here. The event ends with it: else the same Enter would go on to whatever has the
 * focus by then, and press that too. A key that is held down does its work once, except for walking through a list.
 */
export function handle(event: KeyboardEvent, does: Partial<Record<Press, () => void>>): void {
  if (isDealtWith(event) || isComposing(event)) return;
  const press = pressesOf(event).find((each) => does[each] !== undefined);
  const act = press && does[press];
  if (!press || !act) return;
  if (press === "enter" && isPressable(event.target)) return;
  event.preventDefault();
  takenOver.delete(event);
  const isWalking = press === "up" || press === "down";
  if (!event.repeat || isWalking) act();
}

/** A printable character that was typed while no field and no list of choices had the focus. */
export function strayCharacter(event: KeyboardEvent): string | null {
  const isCommand = event.ctrlKey || event.altKey || event.metaKey;
  if (isDealtWith(event) || isComposing(event) || isCommand || event.key.length !== 1) return null;
  if (isField(event.target)) return null;
  // The space bar presses a button.
  return event.key === " " ? null : event.key;
}

/** An input method is at work: its keys belong to it. WebKit tells so by the number 229 only. */
export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}

/**
 * Keys that a web view keeps for itself (reload, find, print, zoom, caret, tools): none of that is wanted at a desk, and
 * some of them are the desk's own. They are taken before anything else, and may be handled all the same.
 */
export function takeOverKeys(): () => void {
  const onkeydown = (event: KeyboardEvent) => {
    if (!isWebViews(event)) return;
    event.preventDefault();
    takenOver.add(event);
  };
  const onwheel = (event: WheelEvent) => {
    if (event.ctrlKey) event.preventDefault();
  };
  window.addEventListener("keydown", onkeydown, { capture: true });
  window.addEventListener("wheel", onwheel, { capture: true, passive: false });
  return () => {
    window.removeEventListener("keydown", onkeydown, { capture: true });
    window.removeEventListener("wheel", onwheel, { capture: true });
  };
}

/** Their own meaning was taken from them, and no screen has handled them yet. */
const takenOver = new WeakSet<Event>();

const WEB_VIEWS_F_KEYS: readonly string[] = ["F3", "F5", "F7", "F12"];
/** Reload, print, find, and find the next one; bigger, smaller and as before, on either row of digits. */
const WEB_VIEWS_WITH_CTRL: readonly string[] = ["r", "p", "f", "g", "+", "=", "-", "_", "0"];

function isWebViews(event: KeyboardEvent): boolean {
  if (isComposing(event) || event.altKey) return false;
  const isCommand = event.ctrlKey || event.metaKey;
  return (
    WEB_VIEWS_F_KEYS.includes(event.key) ||
    (isCommand && WEB_VIEWS_WITH_CTRL.includes(event.key.toLowerCase()))
  );
}

function isDealtWith(event: KeyboardEvent): boolean {
  return event.defaultPrevented && !takenOver.has(event);
}

/** What the key means, the action before what it means everywhere: Esc is Clear where a screen has that. */
function pressesOf(event: KeyboardEvent): Press[] {
  // A Mac's command key confirms as Ctrl does.
  const key = keyOf(event)?.replace("Meta+", "Control+") ?? null;
  if (key === null) return [];
  const action = actionOf(key, keysInForce());
  const fixed = (Object.keys(FIXED) as Fixed[]).filter((each) => FIXED[each] === key);
  return action === null ? fixed : [action, ...fixed];
}

/** Read each time anew, so that what is drawn from it follows the key map in force. */
function readOff(
  ofAction: (action: Action) => string,
  ofKey: (key: Key) => string,
): Readonly<Record<Press, string>> {
  const words = {} as Record<Press, string>;
  for (const action of ACTIONS)
    Object.defineProperty(words, action, { get: () => ofAction(action), enumerable: true });
  for (const fixed of Object.keys(FIXED) as Fixed[]) words[fixed] = ofKey(FIXED[fixed]);
  return words;
}

function isPressable(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("button, a, select, textarea") !== null;
}

function isField(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, select, textarea") !== null;
}
