import { tick } from "svelte";
import type { MemberForm } from "./form.svelte";
import { groupOf } from "./groups";

/** Sends the focus to a field of the form, and opens its group before. */
export async function focusField(form: MemberForm, field: string): Promise<void> {
  const group = groupOf(field);
  const isShown = document.getElementById(form.id(field)) !== null;
  if (group && !isShown) form.openGroup(group);
  await tick();
  focusIn(document.getElementById(form.id(field)));
}

/** The control itself, or the first one in it. */
export function focusIn(element: HTMLElement | null): void {
  const isControl = element?.matches("input, select, textarea, button") ?? false;
  const control = isControl
    ? element
    : element?.querySelector<HTMLElement>("input, select, textarea, button");
  control?.focus();
}
