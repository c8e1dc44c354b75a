/** Advice for addresses whose user or password is not escaped. */
export const addressEscapes =
  "In the user and the password # is written %23, / is %2F, ? is %3F, @ is %40, : is %3A and % is %25";

/** Whether the user and password of an address can be decoded: every % is an escape. */
export function isDecodable({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}
