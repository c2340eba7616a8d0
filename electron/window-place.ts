/** Where the window goes: where it was, if that is still on a screen. Free of Electron, so that it can be tested alone. */
import type { Bounds } from './desktop-settings.ts';

/** So much of the window must be on a screen for a hand to grab it, px. */
const GRIP = { width: 160, height: 60 };

/** @returns the remembered bounds, or null if they lie where no screen is any more. */
export function placeOnScreens(bounds: Bounds, workAreas: readonly Bounds[]): Bounds | null {
  const seen = workAreas.some((area) => {
    const width = Math.min(bounds.x + bounds.width, area.x + area.width) - Math.max(bounds.x, area.x);
    // The title bar is what one grabs.
    const top = bounds.y >= area.y && bounds.y + GRIP.height <= area.y + area.height;
    return width >= GRIP.width && top;
  });
  return seen ? bounds : null;
}
