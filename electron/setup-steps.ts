/** The wizard's steps, as far as main takes part: dialogs, vault, what is remembered. Drivers and files are the tools' business. */
import { dialog } from 'electron';
import { t, verbatim, type Words, words } from '../shared/i18n/translate.ts';
import { messageOf } from '../shared/errors.ts';
import { SECRET_VARIABLES, type SecretKeeping, type SetupPlan, type SetupVerdict } from '../shared/desktop-api.ts';
import type { SettingsStore } from './desktop-settings.ts';
import { withoutPasswordsInAddresses } from './setup-plan.ts';
import type { SecretVault } from './secret-vault.ts';
import type { AskTools } from './tools.ts';

export interface SetupStepsOptions {
  readonly ask: AskTools;
  readonly settings: SettingsStore;
  readonly vault: SecretVault;
  /** Was demo traffic asked for on the command line? */
  readonly demo: boolean;
  /** The plan is written: start the site. */
  readonly onFinished: (plan: Pick<SetupPlan, 'dataFolder' | 'demo'>) => void;
}

export class SetupSteps {
  readonly #options: SetupStepsOptions;

  constructor(options: SetupStepsOptions) {
    this.#options = options;
  }

  async begin(): Promise<{ plan: SetupPlan; keeping: SecretKeeping; isFirst: boolean }> {
    const { ask, settings, vault, demo } = this.#options;
    const known = settings.now.dataFolder;
    const dataFolder = known ?? (await ask({ ask: 'defaults' })).dataFolder;
    // A file that can't be read is found by the start, in full words; the wizard then begins with the defaults.
    const site = await ask({ ask: 'read-site', dataFolder }).catch(() => null);
    return {
      isFirst: known === null,
      keeping: await vault.keeping(),
      plan: {
        dataFolder,
        nats: site?.nats ? { kind: 'outside', url: site.nats.url, credentials: '' } : { kind: 'embedded' },
        database: site?.database ? { kind: 'outside', url: site.database.url, password: '' } : { kind: 'embedded' },
        workers: site?.workers ?? true,
        demo,
      },
    };
  }

  async chooseFolder(current: string): Promise<string | null> {
    const { canceled, filePaths } = await dialog.showOpenDialog({ title: t('Where the site keeps its data'), defaultPath: current, properties: ['openDirectory', 'createDirectory'] });
    return canceled ? null : (filePaths[0] ?? null);
  }

  checkFolder(folder: string): Promise<SetupVerdict> {
    return this.#options.ask({ ask: 'check-folder', folder });
  }
  testNats(url: string, credentials: string): Promise<SetupVerdict> {
    return this.#options.ask({ ask: 'test-nats', url, credentials });
  }
  testDatabase(url: string, password: string): Promise<SetupVerdict> {
    return this.#options.ask({ ask: 'test-database', url, password });
  }

  /** Secrets first: a configuration that names what the vault does not hold would not start. @returns what is wrong, or null. */
  async finish(asked: SetupPlan): Promise<Words | null> {
    const { ask, settings, vault, onFinished } = this.#options;
    const plan = withoutPasswordsInAddresses(asked);
    const folder = await this.checkFolder(plan.dataFolder);
    if (!folder.ok) return words('{title}. {detail}', { title: folder.title, detail: folder.detail.text });
    const nats = plan.nats.kind === 'outside' ? { url: plan.nats.url, hasSecret: plan.nats.credentials.trim() !== '' } : null;
    const database = plan.database.kind === 'outside' ? { url: plan.database.url, hasSecret: plan.database.password !== '' } : null;
    const before = await vault.open().catch(() => ({}));
    try {
      await vault.keep({
        ...(plan.nats.kind === 'outside' && nats?.hasSecret ? { [SECRET_VARIABLES.nats]: plan.nats.credentials.trim() } : {}),
        ...(plan.database.kind === 'outside' && database?.hasSecret ? { [SECRET_VARIABLES.database]: plan.database.password } : {}),
      });
      await ask({ ask: 'write-site', plan: { dataFolder: plan.dataFolder, workers: plan.workers, nats, database } });
    } catch (error) {
      await vault.keep(before).catch(() => undefined);
      return verbatim(messageOf(error));
    }
    settings.change({ dataFolder: plan.dataFolder });
    onFinished(plan);
    return null;
  }
}
