// How the whole page looks: light or dark, and how large its text is.

export type Theme = "system" | "light" | "dark";

const system = window.matchMedia("(prefers-color-scheme: dark)");
let chosen: Theme = "system";

/** Light or dark as the computer has it, and at once when it changes, until a theme is chosen. */
export function followTheme(): void {
  system.addEventListener("change", paint);
  paint();
}

export function useTheme(theme: Theme): void {
  chosen = theme;
  paint();
}

/** Everything is measured in rem, widths at which columns stack too: it all follows the root's size. */
export function useTextSize(percent: number): void {
  const root = document.documentElement;
  const size = percent === 100 ? "" : `${percent}%`;
  if (root.style.fontSize === size) return;
  root.style.fontSize = size;
  askWidthsAgain();
}

/** Chromium keeps the answers of container queries in rem when the root's size changes: it is made to ask anew. */
function askWidthsAgain(): void {
  const { body } = document;
  body.style.containerType = "normal";
  body.getBoundingClientRect();
  body.style.containerType = "";
}

function paint(): void {
  const isDark = chosen === "system" ? system.matches : chosen === "dark";
  document.documentElement.dataset.theme = isDark ? "dark" : "light";
}
