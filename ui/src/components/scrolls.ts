// A part of the page that scrolls by itself must be reached with the keyboard, or what is below its edge is only for a
// mouse. Where all of it is in sight it is no stop: nobody Tabs through boxes.

/** Makes what it is attached to a stop for Tab while it scrolls, named by the element with that id. */
export function reachedWhereItScrolls(labelId: string): (box: HTMLElement) => () => void {
  return (box) => {
    const look = () => setStop(box, labelId, scrolls(box));
    // Its own size changes with the window, and what is in it grows within it.
    const watching = new ResizeObserver(look);
    for (const each of [box, ...box.children]) watching.observe(each);
    look();
    return () => watching.disconnect();
  };
}

function scrolls(box: HTMLElement): boolean {
  return ["auto", "scroll"].includes(getComputedStyle(box).overflowY) && box.scrollHeight > box.clientHeight;
}

function setStop(box: HTMLElement, labelId: string, isStop: boolean): void {
  if (isStop) {
    box.tabIndex = 0;
    box.setAttribute("role", "group");
    box.setAttribute("aria-labelledby", labelId);
  } else if (document.activeElement !== box) {
    // Whoever is on it stays there until they go on.
    for (const name of ["tabindex", "role", "aria-labelledby"]) box.removeAttribute(name);
  }
}
