/**
 * What a person may do in a place. `read`: see what was said there earlier. `write`: say something there.
 * `moderate`: delete what others said there.
 */
export type Right = "read" | "write" | "moderate";
