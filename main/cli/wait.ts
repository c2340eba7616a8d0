/** Wait for something to come about: look, pause, look again. */

const PAUSE_MS = 300;

/** Calls `look` until it gives something. @returns null once `withinMs` have passed. */
export async function until<Found>(look: () => Promise<Found | null>, withinMs = Infinity): Promise<Found | null> {
  const end = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (performance.now() > end) return null;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
