const LIMIT_MS = 240_000;
const LOOK_MS = 50;

/** Look again and again until it holds. @throws Error after four minutes. */
export async function untilTrue(what: string, holds: () => Promise<boolean>): Promise<void> {
  const until = Date.now() + LIMIT_MS;
  while (!(await holds())) {
    if (Date.now() > until) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
