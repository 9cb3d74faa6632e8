/** A figure in a column of figures that are reckoned up. */
export type SumRow = {
  label: string;
  amount: string;
  /** Nothing is known yet: a dash stands there. */
  isEmpty?: boolean | undefined;
  /** Below it, at reading size. */
  note?: string | null | undefined;
  tone?: "plus" | "debt" | undefined;
  size?: "big" | "middle" | undefined;
  id?: string | undefined;
};
