/** Separates an answer from its list of sources. */
export const sourcesMark = "\n\n*Sources:* ";
