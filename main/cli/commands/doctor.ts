/** spine doctor: what is wrong here, and what helps. */
import { dataFolderPath } from '../../../embedded/data-folder.ts';
import { fault, type Finding, warning } from '../../doctor/finding.ts';
import { messageOf } from '../../../shared/errors.ts';
import { command, onSite } from '../command-line.ts';
import { answer, paint, say } from '../output.ts';
import { runningSite } from '../site-client.ts';

const SIGN = { ok: ['green', '✓'], warning: ['yellow', '!'], fault: ['red', '✗'] } as const;

export const doctorCommand = command({
  command: 'doctor',
  describe: 'Look the site over: each fault with its cure (exit code 4 if there is one)',
  builder: (argv) => argv.option('quiet', { alias: 'q', type: 'boolean', default: false, describe: 'Only what is not well' }),
  async handler(given) {
    const { examineSite } = await import('../../doctor/examine-site.ts');
    const running = runningSite(process.env) !== null;
    const findings = [...(await examineSite({ root: dataFolderPath(process.env), env: process.env, running })), ...(running ? await askTheSite() : [])];
    answer(given.json, findings, () => {
      for (const { verdict, id, words, cure } of findings) {
        if (given.quiet && verdict === 'ok') continue;
        const [colour, sign] = SIGN[verdict];
        say(`${paint(colour, sign)} ${paint('dim', id.padEnd(18))} ${words}`);
        if (cure !== null) say(`  ${' '.repeat(18)} ${paint('cyan', '→')} ${cure}`);
      }
      const faults = findings.filter(({ verdict }) => verdict === 'fault').length;
      say();
      say(faults === 0 ? `No faults${running ? '' : '; the site does not run'}.` : `${faults} ${faults === 1 ? 'fault' : 'faults'}.`);
    });
    if (findings.some(({ verdict }) => verdict === 'fault')) process.exitCode = 4;
  },
});

/** What the running site says of itself. */
async function askTheSite(): Promise<Finding[]> {
  try {
    const { attention } = await onSite({ url: undefined }, (client) => client.site.status());
    return attention.filter(({ severity }) => severity !== 'info').map(({ severity, text, link }) => (severity === 'error' ? fault : warning)('site', text, link === null ? 'See the Overview, and logs/ in the data folder.' : `Open ${link} in the console.`));
  } catch (error) {
    return [fault('site', `a process of the site lives but does not answer (${messageOf(error)})`, 'See logs/ in the data folder; if it hangs, spine stop and spine start.')];
  }
}
