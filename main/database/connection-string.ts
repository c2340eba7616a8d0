/** A database address with its password, which comes from a secret. */

/** `pg` lets the address win over a password given beside it, even if the address has none: it must be put in. */
export function withPassword(connectionString: string, password: string | undefined): string {
  if (password === undefined || password === '') return connectionString;
  const address = new URL(connectionString);
  address.password = encodeURIComponent(password);
  return address.href;
}
