/** A sentence in parts, where one of them is the figure that the eye looks for or must stay on one line. */
export type Rich = Array<string | { strong: string } | { together: string }>;
