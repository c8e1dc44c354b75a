/** How a user and a password are written in an address, where people forget it. */
export const addressEscapes =
  "In the user and the password # is written %23, / is %2F, ? is %3F, @ is %40, : is %3A and % is %25";

/** Whether the user and the password of an address can be decoded: no % stands in them by itself. */
export function isDecodable({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}
