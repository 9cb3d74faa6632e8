import type { Preferences } from "../desk/preferences.svelte";
import { Settings } from "./settings.svelte";

let kept: { preferences: Preferences; settings: Settings } | undefined;

/** What was typed and not saved is still there when somebody comes back: a scan can call them to the counter. */
export function keptSettings(preferences: Preferences): Settings {
  if (kept?.preferences !== preferences) kept = { preferences, settings: new Settings(preferences) };
  return kept.settings;
}
