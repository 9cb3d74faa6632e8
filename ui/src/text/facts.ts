// Facts come with a failure as plain JSON. A sentence asks for the one that it needs and has words for its absence.

import type { Failure, Money } from "../api";

export type Facts = Failure["facts"];

export function countIn(facts: Facts, name: string): number | null {
  const value = facts[name];
  return typeof value === "number" ? value : null;
}

export function wordIn(facts: Facts, name: string): string | null {
  const value = facts[name];
  return typeof value === "string" ? value : null;
}

export function moneyIn(facts: Facts, name: string): Money | null {
  const value = facts[name];
  const isMoney = typeof value === "object" && value !== null && "minor" in value && "currency" in value;
  return isMoney ? (value as Money) : null;
}
