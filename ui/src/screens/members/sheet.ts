// Which rows of a very long table are in sight, and where they are drawn. Only those are in the page; a box as tall as
// all of them gives the scrollbar its span.

/** A table as it is scrolled, in px. */
export type Sheet = {
  /** How far it is scrolled down. */
  top: number;
  /** How much of it is in sight. */
  height: number;
  /** The height of a row. */
  row: number;
  /** How many rows it has. */
  total: number;
};

/**
 * No web view can draw a taller box: lengths are kept in 64ths of a px in 32 bits (33.5 million px). A table beyond that
 * is scrolled in a shorter box, in steps that are larger by as much.
 */
const TALLEST_PX = 32_000_000;

/** Rows drawn above and below what is in sight, so that a turn of the wheel shows no empty ones. */
const BEYOND = 6;

/** The height of the box. */
export function boxHeight({ row, total }: Sheet): number {
  return Math.min(row * total, TALLEST_PX);
}

/** Rows to draw: from the first to before the last. */
export function drawn(sheet: Sheet): { first: number; last: number } {
  const offset = offsetOf(sheet);
  const first = Math.max(Math.floor(offset / sheet.row) - BEYOND, 0);
  const last = Math.min(Math.ceil((offset + sheet.height) / sheet.row) + BEYOND, sheet.total);
  return { first, last: Math.max(last, first) };
}

/** Where a row is drawn in the box. */
export function placeOf(row: number, sheet: Sheet): number {
  return row * sheet.row - offsetOf(sheet) + sheet.top;
}

/** How far to scroll so that the row is in sight: as little as possible. */
export function topShowing(row: number, sheet: Sheet): number {
  const offset = offsetOf(sheet);
  const above = row * sheet.row;
  const below = above + sheet.row - sheet.height;
  if (above < offset) return topOf(above, sheet);
  return below > offset ? topOf(below, sheet) : sheet.top;
}

/** How many whole rows are in sight, for a page up or down. */
export function rowsInSight({ height, row }: Sheet): number {
  return Math.max(Math.floor(height / row), 1);
}

/** How far down the rows are scrolled: as the box is, unless the box is shorter than all of them. */
function offsetOf(sheet: Sheet): number {
  return sheet.top * stretch(sheet);
}

function topOf(offset: number, sheet: Sheet): number {
  return offset / stretch(sheet);
}

function stretch(sheet: Sheet): number {
  const way = boxHeight(sheet) - sheet.height;
  return way > 0 ? (sheet.row * sheet.total - sheet.height) / way : 1;
}
