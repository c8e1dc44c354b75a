/**
 * The lists of conversations by time are written once in each span. Within it, they are in the order of `lastAtMs` of their
 * records, which is exact.
 */
export const listedSpanMs = 60_000;

/** In Lua: the span that a time lies in. */
export const listedSpanLua = `
local function spanOf(ms) return math.floor(ms / ${listedSpanMs}) end
`;
