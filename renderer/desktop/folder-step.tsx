/** The one folder that holds the site. */
import { Button, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import { desktop } from './desktop-client.ts';
import type { StepProps } from './setup-wizard.tsx';
import { VerdictNotice } from './verdict-notice.tsx';

export function FolderStep({ plan, change, verdicts, judged }: StepProps): ReactElement {
  const choose = async (): Promise<void> => {
    const { folder } = await desktop().setup.chooseFolder({ current: plan.dataFolder });
    if (folder === null) return;
    change({ dataFolder: folder });
    judged({ folder: await desktop().setup.checkFolder({ folder }) });
  };
  return (
    <>
      <h1>{t('Where does the site keep its data?')}</h1>
      <p className="quiet">{t('Events, database, logs and secrets lie in this one folder. It needs a disk of this machine with room to grow; back up the whole of it.')}</p>
      <div className="setup-folder">
        <TextInput label={t('Data folder')} required value={plan.dataFolder} classNames={{ input: 'mono' }} onChange={(event) => change({ dataFolder: event.currentTarget.value })} />
        <Button variant="default" onClick={() => void choose()}>
          {t('Choose…')}
        </Button>
      </div>
      <VerdictNotice verdict={verdicts.folder} />
    </>
  );
}
