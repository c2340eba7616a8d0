/** Launches the desktop app for a spec: on the real runtime when `npm run test:electron` names one, else on the double. */
import type { DesktopDriver, LaunchOptions } from './desktop-driver.ts';
import { DoubleDriver } from './double-driver.ts';
import { RealDriver } from './real-driver.ts';

/** Path of the Electron program; unset for the double. */
const runtime = process.env.SPINE_TEST_ELECTRON;

export const isReal = runtime !== undefined;
/** Why no spec can run at all; undefined if they can. */
export const whyNot = isReal ? undefined : process.env.SPINE_CHROMIUM_MISSING;

export async function launchDesktop(options: LaunchOptions = {}): Promise<DesktopDriver> {
  return runtime === undefined ? new DoubleDriver(options) : RealDriver.launch(runtime, options);
}
