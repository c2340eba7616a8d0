/** spine diagnostics: versions, settings without secrets, recent logs and the doctor's findings, as one zip for whoever helps. */
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { dataFolderPath } from '../../../embedded/data-folder.ts';
import { command } from '../command-line.ts';
import { answer, bytes, say } from '../output.ts';
import { runningSite } from '../site-client.ts';

export const diagnosticsCommand = command({
  command: 'diagnostics [file]',
  describe: 'Versions, settings without secrets and recent logs as one zip',
  builder: (argv) => argv.positional('file', { type: 'string', describe: 'Where to write it; default: here' }),
  async handler({ file, json }) {
    const [{ diagnosticsName, writeDiagnostics }, { examineSite }] = await Promise.all([import('../../diagnostics/diagnostics-zip.ts'), import('../../doctor/examine-site.ts')]);
    const { env } = process;
    const root = dataFolderPath(env);
    const findings = await examineSite({ root, env, running: runningSite(env) !== null });
    const written = await writeDiagnostics(resolve(file ?? diagnosticsName(Date.now(), hostname())), { env, dataFolder: root, more: { 'doctor.json': JSON.stringify(findings, null, 2) } });
    answer(json, written, () => say(`${written.file}: ${written.entries.length} files, ${bytes(written.bytes)}. Secrets are left out; look through it before you send it.`));
  },
});
