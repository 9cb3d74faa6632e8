// The desk as a cashier uses it in a test: by its search and its keys. Its scanner is in `scan.ts`.

import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { expect } from "vitest";
import DeskScreen from "../screens/desk/DeskScreen.svelte";
import type { FakeCore } from "./core";
import { anAnswer } from "./things";

export async function openDesk(): Promise<HTMLInputElement> {
  render(DeskScreen);
  return screen.findByLabelText<HTMLInputElement>("Phone, card or name");
}

/** The desk with the member open that the core answers. */
export async function openMember(core: FakeCore): Promise<HTMLInputElement> {
  core.answers.find ??= () => anAnswer();
  const search = await openDesk();
  await type(search, "0945350398");
  await waitFor(() => expect(document.getElementById("member-name")).not.toBeNull());
  return search;
}

export const type = (field: HTMLElement, value: string) => fireEvent.input(field, { target: { value } });

export const press = (key: string, more: KeyboardEventInit = {}) =>
  fireEvent.keyDown(document.activeElement ?? document.body, { key, ...more });

export const byId = <T extends HTMLElement = HTMLElement>(id: string): T => {
  const found = document.getElementById(id);
  if (!found) throw new Error(`there is no #${id}`);
  return found as T;
};

export const click = (id: string) => fireEvent.click(byId(id));

/** What stands there, with spaces as one reads them. */
export const textOf = (id: string): string => byId(id).textContent?.replace(/\s+/g, " ").trim() ?? "";
