/**
 * What a person may do in a place. `read`: see its message history. `write`: post there. `moderate`: delete messages of
 * others there.
 */
export type Right = "read" | "write" | "moderate";
