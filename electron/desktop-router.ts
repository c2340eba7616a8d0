/** The desktop API, answered by the shell. Whoever holds the port is the console's top frame: main gives it to nobody else. */
import { implement, ORPCError } from '@orpc/server';
import { RPCHandler } from '@orpc/server/message-port';
import type { MessagePortMain } from 'electron';
import { desktopApi } from '../shared/desktop-api.ts';
import { SpineError } from '../shared/errors.ts';
import type { NewsDesk } from './news-desk.ts';
import type { SetupSteps } from './setup-steps.ts';

export interface DesktopActions {
  readonly retry: () => void;
  readonly changeSetup: () => void;
  readonly copyDiagnostics: () => Promise<string | null>;
  readonly quit: () => void;
}

export interface DesktopServices {
  readonly desk: NewsDesk;
  readonly setup: SetupSteps;
  readonly actions: DesktopActions;
}

/** A stream without a signal is never aborted. */
const never = new AbortController().signal;

const os = implement(desktopApi).$context<DesktopServices>().use(async ({ next }) => {
  try {
    return await next();
  } catch (error) {
    // Our errors keep their words on the way to the page; anything else is a fault of ours and says so.
    throw error instanceof SpineError ? new ORPCError('CONFLICT', { message: error.message, data: { code: error.code }, cause: error }) : error;
  }
});

const router = os.router({
  shell: {
    watch: os.shell.watch.handler(({ context, signal = never }) => context.desk.watch(signal)),
    retry: os.shell.retry.handler(({ context }) => context.actions.retry()),
    changeSetup: os.shell.changeSetup.handler(({ context }) => context.actions.changeSetup()),
    copyDiagnostics: os.shell.copyDiagnostics.handler(async ({ context }) => ({ file: await context.actions.copyDiagnostics() })),
    quit: os.shell.quit.handler(({ context }) => context.actions.quit()),
  },
  setup: {
    begin: os.setup.begin.handler(({ context }) => context.setup.begin()),
    chooseFolder: os.setup.chooseFolder.handler(async ({ context, input }) => ({ folder: await context.setup.chooseFolder(input.current) })),
    checkFolder: os.setup.checkFolder.handler(({ context, input }) => context.setup.checkFolder(input.folder)),
    testNats: os.setup.testNats.handler(({ context, input }) => context.setup.testNats(input.url, input.credentials)),
    testDatabase: os.setup.testDatabase.handler(({ context, input }) => context.setup.testDatabase(input.url, input.password)),
    finish: os.setup.finish.handler(async ({ context, input }) => ({ problem: await context.setup.finish(input) })),
  },
});
const rpc = new RPCHandler(router);

/** Answer on one port, until it is closed. */
export function serveDesktop(port: MessagePortMain, services: DesktopServices): void {
  rpc.upgrade(port, { context: services });
  port.start();
}
