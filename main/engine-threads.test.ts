import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

test.runIf(process.platform === 'linux')('the engine’s helpers step back, and nobody else', () => {
  const script = `
    import { readdirSync, readFileSync } from 'node:fs';
    import { getPriority } from 'node:os';
    import { compileInSecondPlace } from '${new URL('./engine-threads.ts', import.meta.url).href}';
    const before = getPriority(process.pid);
    const stepped = compileInSecondPlace();
    const lower = readdirSync('/proc/self/task').filter((task) => getPriority(Number(task)) === 10).map((task) => readFileSync('/proc/self/task/' + task + '/comm', 'utf8').trim());
    console.log(JSON.stringify({ stepped, lower: [...new Set(lower)], count: lower.length, mainMoved: getPriority(process.pid) !== before }));
  `;
  const told = JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })) as { stepped: number; lower: string[]; count: number; mainMoved: boolean };
  expect(told.lower).toEqual(['V8Worker']);
  expect(told.stepped).toBe(told.count);
  expect(told.mainMoved).toBe(false);
});
