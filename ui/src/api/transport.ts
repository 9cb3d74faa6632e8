// How the page reaches the core. There are two ways: inside the desktop window, and over HTTP where the
// core runs behind a test bridge. Everything else in the page sees only this.

import type { Changed } from "./generated";
import { httpTransport } from "./http";
import { tauriTransport } from "./tauri";

export type Transport = {
  /** Asks the core. Rejects with the core's Failure, or with whatever the way itself broke with. */
  call(name: string, payload: unknown): Promise<unknown>;
  /** Hears what the core tells unasked. Answers how to stop hearing it. */
  listen(heard: (changed: Changed) => void): () => void;
};

/** The way that this page was opened with. */
export function chosenTransport(): Transport {
  return "__TAURI_INTERNALS__" in window ? tauriTransport() : httpTransport();
}
