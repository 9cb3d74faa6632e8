import { tick } from "svelte";

/** Sends the focus to the first field of the open dialog that says what is wrong with it. */
export async function focusWrongField(): Promise<void> {
  await tick();
  document.querySelector<HTMLElement>('dialog[open] [aria-invalid="true"]')?.focus();
}
