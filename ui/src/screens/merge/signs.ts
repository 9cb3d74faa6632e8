// By what two people look alike, in words: as near to what one sees in front of oneself as what is known allows.

import type { Twin, TwinSign } from "../../api";
import { text } from "../../text";

export type Compared = { phone: string; name: string };

/** "last two digits swapped, same birthday" */
export function signWords(twin: Twin, typed: Compared): string {
  return twin.signs.map((sign) => wordsOf(sign, twin, typed)).join(", ");
}

function wordsOf(sign: TwinSign, { member }: Twin, typed: Compared): string {
  const words = text().twins;
  switch (sign) {
    case "near_phone":
      return nearPhone(member.phone ?? "", typed.phone);
    case "near_name":
      return nearName(member.full_name, typed.name);
    default:
      return words.signs[sign];
  }
}

/** Compared from the end: the beginning may have a country code on one side and a zero on the other. */
export function nearPhone(known: string, typed: string): string {
  const words = text().twins;
  const [one, other] = [fromTheEnd(known), fromTheEnd(typed)];
  // The last digits that both have; what differs before them is the way of writing.
  const length = Math.min(one.length, other.length) - 1;
  const places = Array.from({ length }, (_, place) => place).filter((place) => one[place] !== other[place]);
  const [first, second] = places;
  if (places.length === 1) return first === 0 ? words.lastDigitDiffers : words.digitDiffers;
  if (places.length === 2 && first !== undefined && second === first + 1) {
    const isSwapped = one[first] === other[second] && one[second] === other[first];
    if (isSwapped) return first === 0 ? words.lastDigitsSwapped : words.digitsSwapped;
  }
  return words.signs.near_phone;
}

export function nearName(known: string, typed: string): string {
  const words = text().twins;
  const [one, other] = [withoutMarks(known), withoutMarks(typed)];
  // Somebody may still be typing.
  if (one.join(" ").startsWith(other.join(" "))) return words.nameWithoutMarks;
  return one.toSorted().join(" ") === other.toSorted().join(" ")
    ? words.nameInAnotherOrder
    : words.signs.near_name;
}

const fromTheEnd = (phone: string): string[] => [...phone.replace(/\D/g, "")].reverse();

function withoutMarks(name: string): string[] {
  const plain = name.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replaceAll("đ", "d");
  return plain.split(/\s+/).filter((word) => word !== "");
}
