// What to send of an edit: a JSON merge patch (RFC 7396), which holds what changed and nothing else.

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json | undefined };
export type JsonObject = { [key: string]: Json | undefined };

/** The patch that leads from one object to another: `null` takes a field away, and a list is replaced whole. */
export function patchBetween(before: JsonObject, after: JsonObject): JsonObject {
  const patch: JsonObject = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const change = changeBetween(before[key] ?? null, after[key] ?? null);
    if (change !== undefined) patch[key] = change;
  }
  return patch;
}

function changeBetween(before: Json, after: Json): Json | undefined {
  if (isSame(before, after)) return undefined;
  return isObject(before) && isObject(after) ? patchBetween(before, after) : after;
}

/** Absent is the same as `null`, and the order of keys does not matter. */
export function isSame(one: Json, other: Json): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((each, place) => isSame(each, other[place] ?? null));
  }
  if (!isObject(one) || !isObject(other)) return one === other;
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys].every((key) => isSame(one[key] ?? null, other[key] ?? null));
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
