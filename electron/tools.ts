/** Ask a question of the tools process. Each question has a process of its own, so none can wear another out. */
import { utilityProcess } from 'electron';
import { UnavailableError } from '../shared/errors.ts';
import type { FromTools, ToolAnswers, ToolQuestion } from './channels.ts';
import type { ShellLog } from './shell-log.ts';

/** A test of a server waits for that server; beyond this something hangs, ms. */
const ANSWER_MS = 30_000;

export type AskTools = <Ask extends ToolQuestion['ask']>(question: Extract<ToolQuestion, { ask: Ask }>) => Promise<ToolAnswers[Ask]>;

/** @throws UnavailableError with the tool's own words. */
export function toolsOf(entry: string, log: ShellLog): AskTools {
  return (question) =>
    new Promise((resolve, reject) => {
      const child = utilityProcess.fork(entry, [], { serviceName: 'Spine tools', stdio: 'pipe' });
      for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => log.output(chunk));
      const fail = (problem: string): void => reject(new UnavailableError('this step', problem, 'Try again; the log of the app (Help, Open the logs) says more.'));
      const limit = setTimeout(() => {
        child.kill();
        fail('no answer came in time');
      }, ANSWER_MS);
      child.once('message', (message: FromTools) => {
        clearTimeout(limit);
        if (message.ok) resolve(message.answer as never);
        else fail(message.message);
      });
      child.once('exit', (code) => {
        clearTimeout(limit);
        fail(`its process ended with code ${code}`); // heard by nobody if the answer came first
      });
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a process, not a window
      child.postMessage(question);
    });
}
