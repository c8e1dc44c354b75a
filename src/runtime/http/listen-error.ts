const notOurs =
  "HOST: can't listen on HERE: that is not an address of this machine. Use 0.0.0.0 for all of its addresses.";
const listenAdvice: Readonly<Record<string, string>> = {
  EADDRINUSE: "PORT: HERE is in use by another program. Choose another PORT, or stop that program.",
  EACCES: "PORT: this user may not listen on HERE. Choose a PORT from 1024 on, and let a proxy lead there.",
  EADDRNOTAVAIL: notOurs,
  ENOTFOUND: notOurs,
  EAFNOSUPPORT: notOurs,
};

/** What the operator can do about it: the message names the setting. */
export function listenError(host: string, port: number, cause: NodeJS.ErrnoException): Error {
  const code = cause.code ?? cause.message;
  const advice = listenAdvice[code] ?? `HOST: can't listen on ${host}:${port} (${code}).`;
  return new Error(advice.replace("HERE", `${host}:${port}`), { cause });
}
