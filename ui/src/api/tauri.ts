import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { Changed } from "./generated";
import type { Transport } from "./transport";

/** The desktop window: one command that hands name and payload to the core. */
export function tauriTransport(): Transport {
  return {
    call: (name, payload) => invoke("call", { name, payload }),
    listen(heard) {
      const listening = listen<Changed>("changed", (event) => heard(event.payload));
      return () => void listening.then((stop) => stop());
    },
  };
}
