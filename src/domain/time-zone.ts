/** A name of the IANA's list, "Europe/Berlin"; `isTimeZone` tells whether it is one. */
export type TimeZone = string;

/** Whether this machine knows the zone. Takes any text. */
export function isTimeZone(text: string): text is TimeZone {
  if (!/^[A-Za-z][\w+/-]{0,63}$/u.test(text)) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** The zone that this machine is set to. */
export function ownTimeZone(): TimeZone {
  const zone = new Intl.DateTimeFormat("en").resolvedOptions().timeZone;
  return isTimeZone(zone) ? zone : "UTC";
}
