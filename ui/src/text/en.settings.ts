// Settings: what the owner and the cashier choose for this till.

import type { CodePage, Theme } from "../api";
import type { ScannerSettings } from "../components/scanner";
import { forms, plural } from "./en.forms";
import { systems } from "./en.systems";

const suffixes: Record<ScannerSettings["suffix"], string> = {
  enter: "Enter",
  tab: "Tab",
  none: "Nothing",
};

export const settings = {
  groups: {
    shop: "This shop",
    till: "Till",
    systems: "Member systems",
    allowance: "Credit without the line",
    rules: "Credit rules",
    printer: "Receipt printer",
    window: "Window",
    keys: "Keys",
    scanner: "Scanner",
    about: "About",
  },
  groupsName: "Groups of settings",
  unsaved: "not saved yet",
  save: "Save",
  saving: "Saving",
  saved: "Saved.",
  atOnce: "Saved as soon as it is changed",
  nothingToSave: "Nothing to change here",
  back: "Back to the counter",
  again: "Try again",
  keyInFile:
    "The key to this till’s data lies in a file in the till’s folder. Whoever can copy that folder can read it.",
  shop: {
    lead: "What this shop is, here and on its slips. Other tills and member systems are not told.",
    leadTold: "What this shop is, here and on its slips. Head office is told, and tells the other tills.",
    name: "Name",
    nameHint: "Stands at the top of the window and on each slip.",
    code: "Code",
    country: "Country",
    currency: "Currency",
    timeZone: "Time zone",
    timeZoneHint: "Decides to which day a booking belongs. What is booked keeps its day.",
    issuer: "Who owes the credit",
    issuerHint: "The company. Shops of one company share a member’s credit. It stays once credit is booked.",
    issuerDefault: "This shop",
    others: "Other shops this till knows",
    noOthers: "none",
  },
  till: {
    lead: "How this till is called, and the language it speaks.",
    name: "Till name",
    nameHint: "Stands at the top of the window and on each booking.",
    language: "Language",
  },
  systems,
  allowance: {
    lead: "How much credit may be used while head office cannot be reached. 0 means none.",
    perMember: "Per member",
    perMemberHint: "Until the line is back.",
    perTransaction: "Per payment",
    perTill: "Per till",
    perTillHint: "All members together, until the line is back.",
    maxAge: "Balance no older than",
    hours: (count: number): string => (count === 1 ? "hour" : "hours"),
    tills: "Tills of the shop",
    tillsUnit: (count: number): string => (count === 1 ? "till" : "tills"),
    worst: "At worst too much",
    worstAbout: (tills: number) =>
      tills > 1
        ? `If the line is cut for all ${plural(tills, "till", "tills")}, and the same members use their credit at each of them.`
        : "With one till no credit can be used twice.",
    worstUnknown: "Not known yet",
  },
  rules: {
    lead: "For the whole shop. What was booked before stays as it was.",
    voidMinutes: "The latest booking can be undone for",
    minutes: (count: number): string => (count === 1 ? "minute" : "minutes"),
    earn: "Members earn, unless they have a rate of their own",
    earnHint: "Of what is paid otherwise than with rewards. 2.5 is 2.5 %.",
    rewardDays: "A reward can be used for",
    days: (count: number): string => (count === 1 ? "day" : "days"),
    rewardDaysHint: "Empty: for ever.",
    forEver: "for ever",
    proof: "A card is asked before credit is used",
    proofs: { never: "Never", above: "Above a sum", always: "Always" },
    proofAbove: "Above",
    proofHint: "A phone number says who somebody is. It does not prove it.",
  },
  printer: {
    lead: "A network printer that speaks ESC/POS.",
    address: "Address",
    addressExample: "192.168.1.50:9100",
    addressHint: "Empty: slips are shown, not printed.",
    codePage: "Letters",
    codePages: {
      pc437: "Plain letters (PC437)",
      pc858: "Western Europe (PC858)",
      wpc1252: "Western Europe (Windows-1252)",
      tcvn3: "Vietnamese (TCVN-3)",
      utf8: "All letters (UTF-8)",
    } satisfies Record<CodePage, string>,
    codePageHint: "If letters come out wrong, choose another one and print again.",
    columns: "Width",
    columnsOf: (columns: number) => `${forms.count(columns)} characters`,
    test: "Print a test",
    testing: "Printing",
    tested: "Sent to the printer. Look whether every letter is right.",
    testNeedsSaving: "Save first, then print a test.",
  },
  window: {
    theme: "Colours",
    themes: { system: "As the computer", light: "Light", dark: "Dark" } satisfies Record<Theme, string>,
    size: "Text size",
    percent: (size: number) => `${forms.count(size)} %`,
    preview: "Lý Tú Quang Thắng, 1,250,000",
    previewLabel: "The text is this large then",
    hidesServed: "Hide names in “Served just now” after a minute",
    hidesServedHint: "The end of the phone number stays.",
  },
  keys: {
    lead: "Press Change, then the key that shall do it.",
    action: "Does",
    key: "Key",
    second: "Also",
    change: "Change",
    changeOf: (action: string) => `Change the key of ${action}`,
    press: (action: string) => `Press the new key for ${action}. Esc leaves it as it is.`,
    usual: "Back to the usual keys",
    usualOf: (action: string) => `Back to the usual key of ${action}`,
    usualShort: "Usual",
    refused: {
      not_a_key: (key: string) => `${key} cannot be used: take an F-key, or Alt with a letter or digit.`,
      reserved: (key: string) => `${key} is kept for something else.`,
      taken: (key: string, action: string) => `${key} is ${action} already. Give that another key first.`,
    },
    changed: (action: string, key: string) => `${action} is ${key} now.`,
    fixed: "Enter, Ctrl Enter and the arrow keys stay as they are.",
  },
  scanner: {
    lead: "How a scanner is told from somebody’s fingers.",
    test: "Scan this",
    testLead: "Press the button, then scan the bars, or any card. Some scanners read from paper only.",
    barsName: "Bars that say REGULARS",
    waiting: "Waiting for a scan…",
    stop: "Stop waiting",
    came: "What came",
    gap: "Slowest two keys",
    ms: (ms: number) => `${forms.count(ms)} ms apart`,
    ended: "Ended with",
    before: "In front of it",
    nothing: "nothing",
    right: "That is what the bars say.",
    other: "That is not what the bars say: another card, or letters that the scanner swaps.",
    fits: "The settings fit this scanner.",
    suggested: "Better for this scanner",
    suggestion: ({ prefix, suffix, max_gap_ms }: ScannerSettings): string[] => [
      prefix === "" ? "Nothing in front" : `In front: ${prefix}`,
      `Ends with: ${suffixes[suffix]}`,
      `At most ${forms.count(max_gap_ms)} ms between keys`,
    ],
    use: "Use these",
    prefix: "Writes in front",
    prefixHint: "Left out of the number.",
    suffix: "Ends with",
    suffixes,
    maxGap: "At most between two keys",
    msUnit: "ms",
    minLength: "At least",
    characters: (count: number): string => (count === 1 ? "character" : "characters"),
  },
  about: {
    folder: "Data folder",
    version: "Version",
    compared: "Compared with head office",
    isSame: (at: string) => `${forms.date(at)}, ${forms.time(at)}: both have the same.`,
    differed: (at: string, toldAgain: number, notOurs: number) =>
      [
        notOurs > 0
          ? `${forms.date(at)}, ${forms.time(at)}: a part differed, and not all of it could be put right.`
          : `${forms.date(at)}, ${forms.time(at)}: a part differed and was fetched again.`,
        toldAgain > 0
          ? `${plural(toldAgain, "change", "changes")} that head office had lost ${toldAgain === 1 ? "is" : "are"} sent again.`
          : null,
        notOurs > 0
          ? `Head office does not know ${plural(notOurs, "thing that is", "things that are")} here and that this till cannot send: tell somebody who knows this program.`
          : null,
      ]
        .filter((sentence) => sentence !== null)
        .join(" "),
    checkup: "After the last unexpected stop",
    checkupFound: (repaired: number, left: number, unfinished: number) =>
      [
        repaired + left + unfinished === 0 ? "Everything was in order." : null,
        repaired > 0 ? `${plural(repaired, "thing was", "things were")} put right.` : null,
        left > 0 ? `${plural(left, "thing needs", "things need")} somebody who knows this program.` : null,
        unfinished > 0
          ? `${plural(unfinished, "action was", "actions were")} cut off before being saved: look whether they are to be done again.`
          : null,
      ]
        .filter((sentence) => sentence !== null)
        .join(" "),
  },
};
