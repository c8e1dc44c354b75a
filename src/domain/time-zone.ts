/** An IANA time zone, such as "Europe/Berlin". Checked by `isTimeZone`. */
export type TimeZone = string;

/** Zones that this machine knows: each answer costs a formatter. */
const known = new Set<string>();
/** There are about 600 names, which anybody may write in any case. */
const maxKnown = 1_000;

/** Whether this machine knows the zone. Accepts any text. */
export function isTimeZone(text: string): text is TimeZone {
  if (known.has(text)) return true;
  if (!hasTimeZone(text)) return false;
  if (known.size < maxKnown) known.add(text);
  return true;
}

function hasTimeZone(text: string): boolean {
  if (!/^[A-Za-z][\w+/-]{0,63}$/u.test(text)) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** The time zone of this machine; UTC if it is unknown. */
export function ownTimeZone(): TimeZone {
  const zone = new Intl.DateTimeFormat("en").resolvedOptions().timeZone;
  return isTimeZone(zone) ? zone : "UTC";
}
