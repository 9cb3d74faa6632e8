// What a member can agree to, by which way. A consent is kept by `purpose/channel`.

import { text } from "../../text";

export const PURPOSES = ["receipts", "offers", "birthday"] as const;
export const CHANNELS = ["sms", "email", "zalo", "call"] as const;
export type Channel = (typeof CHANNELS)[number];

/** Zalo is asked for where people have it. */
export function channelsIn(country: string): Channel[] {
  return CHANNELS.filter((channel) => channel !== "zalo" || country === "VN");
}

export function consentKey(purpose: string, channel: string): string {
  return `${purpose}/${channel}`;
}

/** "Offers and news by SMS" */
export function consentWords(key: string): string {
  const [purpose = "", channel = ""] = key.split("/");
  return text().consents.named(purpose, channel);
}

/** Those that other systems brought, and that have no place in the table. */
export function otherConsents(known: string[], country: string): string[] {
  const inTable = PURPOSES.flatMap((purpose) => channelsIn(country).map((way) => consentKey(purpose, way)));
  return known.filter((key) => !inTable.includes(key)).sort();
}
