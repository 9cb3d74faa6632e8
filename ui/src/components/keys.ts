// Which key means what. Screens say what each does; keys that a screen does not name keep their own meaning.

export type Press = "new" | "topUp" | "sync" | "escape" | "enter" | "save" | "up" | "down";

const PLAIN: Record<string, Press> = {
  F2: "new",
  F4: "topUp",
  F9: "sync",
  Escape: "escape",
  Enter: "enter",
  ArrowUp: "up",
  ArrowDown: "down",
};

/** The second binding, for keyboards and desktops that keep the F-keys to themselves. By place, not by letter. */
const WITH_ALT: Record<string, Press> = { KeyN: "new", KeyT: "topUp", KeyS: "sync" };

/** As assistive technology reads them. */
export const SHORTCUTS = {
  new: "F2 Alt+N",
  topUp: "F4 Alt+T",
  sync: "F9 Alt+S",
  escape: "Escape",
  enter: "Enter",
  save: "Control+Enter",
} as const;

/** As they are printed on a button. */
export const PRINTED = {
  new: "F2",
  topUp: "F4",
  sync: "F9",
  escape: "Esc",
  enter: "Enter",
  save: "Ctrl Enter",
} as const;

/**
 * Does what the pressed key means here. The event ends with it: else the same Enter would go on to whatever has the
 * focus by then, and press that too. A key that is held down does its work once, except for walking through a list.
 */
export function handle(event: KeyboardEvent, does: Partial<Record<Press, () => void>>): void {
  if (event.defaultPrevented || isComposing(event)) return;
  const press = pressOf(event);
  const act = press === null ? undefined : does[press];
  if (press === null || act === undefined) return;
  if (press === "enter" && isPressable(event.target)) return;
  event.preventDefault();
  const isWalking = press === "up" || press === "down";
  if (!event.repeat || isWalking) act();
}

/** A printable character that was typed while no field and no list of choices had the focus. */
export function strayCharacter(event: KeyboardEvent): string | null {
  const isCommand = event.ctrlKey || event.altKey || event.metaKey;
  if (event.defaultPrevented || isComposing(event) || isCommand || event.key.length !== 1) return null;
  if (isField(event.target)) return null;
  // The space bar presses a button.
  return event.key === " " ? null : event.key;
}

/** An input method is at work: its keys belong to it. WebKit tells so by the number 229 only. */
export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}

function pressOf(event: KeyboardEvent): Press | null {
  if (event.altKey) return event.ctrlKey || event.metaKey ? null : (WITH_ALT[event.code] ?? null);
  if (event.ctrlKey || event.metaKey) return event.key === "Enter" ? "save" : null;
  if (event.shiftKey) return null;
  return PLAIN[event.key] ?? null;
}

function isPressable(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("button, a, select, textarea") !== null;
}

function isField(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, select, textarea") !== null;
}
