/**
 * The short form of `npm run package:check`: packs with a stand-in for the runtime, looks inside, spoils the package to see that
 * it is noticed, and runs what was packed on the double, with the servers of the package alone.
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extractAll } from '@electron/asar';
import { flipFuses, FuseV1Options, FuseVersion } from '@electron/fuses';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packWithStandIn } from '../../scripts/package-check.ts';
import { inspectPackage } from '../../scripts/packaged-app.ts';
import { eventually } from '../support/site-process.ts';
import { complaintsOf } from './desktop-driver.ts';
import { DoubleDriver } from './double-driver.ts';

const noChromium = process.env.SPINE_CHROMIUM_MISSING;
const isHere = process.platform === 'linux' && process.arch === 'x64';

// The servers of other systems do not come with npm.
describe.skipIf(!isHere)('the package', () => {
  const output = mkdtempSync(join(tmpdir(), 'spine-package-'));
  let unpacked: string;
  beforeAll(async () => {
    chmodSync(output, 0o755);
    unpacked = await packWithStandIn(output);
  });
  afterAll(() => rmSync(output, { recursive: true, force: true }));

  test('holds what it must, nothing else, with its modes and all nine fuses', async () => {
    const problems = (await inspectPackage(unpacked)).flatMap(({ what, problems: found }) => found.map((problem) => `${what}: ${problem}`));
    expect(problems).toEqual([]);
  });

  /** A folder as a release has it. */
  const updates = (version: string): string => {
    const folder = join(output, `updates-${version}`);
    mkdirSync(folder);
    writeFileSync(join(folder, 'latest-linux.yml'), `version: ${version}\nfiles:\n  - url: spine.AppImage\n    sha512: c2hhNTEy\n    size: 6\npath: spine.AppImage\nsha512: c2hhNTEy\nreleaseDate: '2026-11-24T00:00:00.000Z'\n`);
    writeFileSync(join(folder, 'spine.AppImage'), 'AppImage');
    return folder;
  };

  test.skipIf(noChromium !== undefined)('runs, with the servers that it brought along, and finds updates in a folder', async () => {
    const extracted = join(output, 'app');
    const resources = join(unpacked, 'resources');
    extractAll(join(resources, 'app.asar'), extracted);
    const app = new DoubleDriver({ env: { DOUBLE_APP: extracted, DOUBLE_RESOURCES: resources, PATH: '/usr/bin:/bin', APPIMAGE: join(output, 'spine.AppImage') } });
    try {
      const page = await app.page();
      const complaints = complaintsOf(page);
      await page.locator('.connection.tone-ok').waitFor({ timeout: 30_000 });
      expect(app.servers()).toHaveLength(2);
      expect(complaints).toEqual([]);

      // Updates from a folder, by the updater itself. Nothing is installed: the person says no.
      await app.answer('open', updates('9.9.9'));
      await app.answer('message', 1);
      await app.clickMenu('Help', 'Update from a folder…');
      await eventually('the offer', async () => (await app.dialogs('message')).some(({ message }) => message === 'Install version 9.9.9?'));
      await app.answer('open', updates('0.0.1'));
      await app.clickMenu('Help', 'Update from a folder…');
      await eventually('the answer', async () => (await app.dialogs('message')).some(({ message }) => String(message).endsWith('is the newest')));
      await app.answer('open', output);
      await app.clickMenu('Help', 'Update from a folder…');
      await eventually('the refusal', async () => (await app.dialogs('message')).some(({ message }) => message === 'There is no update in this folder'));
    } finally {
      await app.dispose();
    }
  });

  test('that is spoilt is noticed', async () => {
    const nats = join(unpacked, 'resources/bin/nats-server');
    // A file of its own: electron-builder links what it can, and the cache of servers must not be spoilt too.
    rmSync(nats);
    writeFileSync(nats, '', { mode: 0o644 });
    await flipFuses(join(unpacked, 'spine-console'), { version: FuseVersion.V1, [FuseV1Options.RunAsNode]: true });
    rmSync(join(unpacked, 'resources/bin/postgres/lib/libpq.so.5'), { force: true });
    rmSync(join(unpacked, 'resources/app-update.yml'));
    const problems = (await inspectPackage(unpacked)).flatMap(({ problems: found }) => found);
    expect(problems).toEqual(expect.arrayContaining(['resources/app-update.yml is missing', 'resources/bin/nats-server has the mode 644, not 755', 'RunAsNode is ENABLE, wanted DISABLE']));
  });
});
