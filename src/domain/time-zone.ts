/** An IANA time zone, such as "Europe/Berlin". Checked by `isTimeZone`. */
export type TimeZone = string;

/** Whether this machine knows the zone. Accepts any text. */
export function isTimeZone(text: string): text is TimeZone {
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
