/**
 * A short-lived process for one question that must be answered before, or without, the services: tests of the setup, the
 * configuration file, the report for a helper. Main has no drivers and no parsers of its own.
 */
import { dataFolderPath } from '../embedded/data-folder.ts';
import { writeDiagnostics } from '../main/diagnostics/diagnostics-zip.ts';
import { checkFolder } from '../main/setup/check-folder.ts';
import { testDatabase } from '../main/setup/test-database.ts';
import { testNats } from '../main/setup/test-nats.ts';
import { readSite, writeSite } from '../main/setup/write-site.ts';
import { messageOf } from '../shared/errors.ts';
import type { FromTools, ToolAnswers, ToolQuestion } from './channels.ts';

const { env } = process;

async function answer(question: ToolQuestion): Promise<ToolAnswers[ToolQuestion['ask']]> {
  switch (question.ask) {
    case 'defaults':
      return { dataFolder: dataFolderPath(env) };
    case 'check-folder':
      return checkFolder(question.folder);
    case 'test-nats':
      return testNats(question.url, question.credentials);
    case 'test-database':
      return testDatabase(question.url, question.password);
    case 'read-site':
      return readSite(question.dataFolder);
    case 'write-site':
      writeSite(question.plan);
      return null;
    case 'diagnostics': {
      const { file, dataFolder, resourcesBin, logFolders, more } = question;
      return writeDiagnostics(file, { env, dataFolder: dataFolder ?? dataFolderPath(env), resourcesBin: resourcesBin ?? undefined, logFolders, more });
    }
  }
}

process.parentPort.once('message', ({ data }) => {
  void answer(data as ToolQuestion)
    .then((found): FromTools => ({ ok: true, answer: found }), (error: unknown): FromTools => ({ ok: false, message: messageOf(error) }))
    .then(async (message) => {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- the other end is main, not a window
      process.parentPort.postMessage(message);
      // What was posted leaves the process with the next turns of the loop.
      await new Promise((resolve) => setTimeout(resolve, 50));
      process.exit(0);
    });
});
