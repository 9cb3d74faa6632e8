// Which key does which action: the map as it is by default, and which keys somebody may give instead. What a key
// means on a screen is in `keys.ts`; which map is in force now is in `keys-in-force.svelte.ts`.

/** In key order, as they stand in the foot. */
export const ACTIONS = [
  "new",
  "top_up",
  "pay",
  "card",
  "edit",
  "sync",
  "clear",
  "members",
  "settings",
] as const;
export type Action = (typeof ACTIONS)[number];

/** A key as it is written in the preferences and read by assistive technology: "F5", "Alt+P", "Escape". */
export type Key = string;
export type KeyMap = Record<Action, Key>;

export const DEFAULT_KEYS: KeyMap = {
  new: "F2",
  top_up: "F4",
  pay: "F5",
  card: "F6",
  edit: "F7",
  sync: "F9",
  clear: "Escape",
  members: "Alt+M",
  settings: "Alt+G",
};

/**
 * The second binding, for keyboards and desktops that keep the F-keys to themselves. It is fixed, and by place on the
 * keyboard: with Alt held down some layouts write another letter.
 */
export const SECOND_KEYS: Partial<KeyMap> = {
  new: "Alt+N",
  top_up: "Alt+T",
  pay: "Alt+P",
  card: "Alt+C",
  edit: "Alt+E",
  sync: "Alt+S",
};

/** Why a key cannot be had: it is none, it is kept for something else, or an action has it already. */
export type Refusal = { why: "not_a_key" | "reserved" } | { why: "taken"; by: Action };

/** F8 is Table in Reports, F12 locks, and closing a window is the desktop's. */
const RESERVED: ReadonlySet<Key> = new Set(["F8", "F12", "Alt+F4", "Alt+Tab", "Alt+Escape"]);

/** F-keys write nothing, and neither does a letter or digit with Alt: such a key is never missing in a field. */
const GIVABLE = /^(F([1-9]|1[0-2])|Alt\+[A-Z0-9])$/;

/**
 * What the till's preferences ask for, taken together, so that two actions can change keys. What cannot be had stays at
 * its default, so that every action has a key and no key has two.
 */
export function keyMapOf(asked: Readonly<Record<string, string>>): KeyMap {
  const map = { ...DEFAULT_KEYS };
  for (const action of ACTIONS) map[action] = asked[action] ?? DEFAULT_KEYS[action];
  const isWrong = (action: Action) =>
    map[action] !== DEFAULT_KEYS[action] && refusalOf(action, map[action], map) !== null;
  for (let wrong = ACTIONS.find(isWrong); wrong !== undefined; wrong = ACTIONS.find(isWrong)) {
    map[wrong] = DEFAULT_KEYS[wrong];
  }
  return map;
}

/** Whether an action may have that key beside the other actions of the map. */
export function refusalOf(action: Action, key: Key, map: KeyMap): Refusal | null {
  // Esc leaves every dialog and every page: it can be taken away from Clear, and given to nothing else.
  const isOwnEscape = action === "clear" && key === "Escape";
  if (!isOwnEscape) {
    if (RESERVED.has(key) || isKept(key)) return { why: "reserved" };
    if (!GIVABLE.test(key)) return { why: "not_a_key" };
  }
  const holder = ACTIONS.find((other) => other !== action && keysOf(other, map).includes(key));
  return holder === undefined ? null : { why: "taken", by: holder };
}

/** All keys that do an action, the printed one first. */
export function keysOf(action: Action, map: KeyMap): Key[] {
  const first = map[action];
  const second = SECOND_KEYS[action];
  return second === undefined || second === first ? [first] : [first, second];
}

/** The action that a key does. */
export function actionOf(key: Key, map: KeyMap): Action | null {
  return ACTIONS.find((action) => keysOf(action, map).includes(key)) ?? null;
}

/** The key that was pressed; `null` for a modifier alone. For a field that asks "press the new key", too. */
export function keyOf(event: KeyboardEvent): Key | null {
  if (["Shift", "Control", "Alt", "AltGraph", "Meta"].includes(event.key)) return null;
  const isAlone = !event.ctrlKey && !event.metaKey && !event.shiftKey;
  const place = /^(?:Key([A-Z])|Digit([0-9]))$/.exec(event.code);
  const letter = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  const named = event.altKey ? (place?.[1] ?? place?.[2] ?? letter) : isAlone ? event.key : letter;
  if (isAlone) return event.altKey ? `Alt+${named}` : named;
  const held = [
    event.ctrlKey && "Control",
    event.altKey && "Alt",
    event.shiftKey && "Shift",
    event.metaKey && "Meta",
  ];
  return [...held.filter((each) => each !== false), named].join("+");
}

/** As it is printed on a button: "F5", "Alt P", "Esc", "Ctrl Enter". */
export function printedKey(key: Key): string {
  return key.replace("Escape", "Esc").replace("Control", "Ctrl").replaceAll("+", " ");
}

/** Keys that already mean something everywhere: they move, write, confirm, leave, copy. */
function isKept(key: Key): boolean {
  const moves = /^(Enter|Tab|Escape|Backspace|Delete|Insert|Home|End|PageUp|PageDown|Arrow\w+| )$/;
  return moves.test(key) || /^(Control|Meta|Shift)\+/.test(key) || [...key].length === 1;
}
