/** Demo traffic: started by hand, always marked as such. */
import { Button } from '@mantine/core';
import { IconFlask } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import { Trans } from '../i18n/trans.tsx';
import { tellError } from '../kit/toasts.tsx';
import { api } from './connection/client.ts';

/** Start and stop, with errors told. */
export function useDemoTraffic(): { start(): void; stop(): void; busy: boolean } {
  const start = useMutation(api.demo.start.mutationOptions({ onError: (error) => tellError(t('Demo traffic did not start'), error) }));
  const stop = useMutation(api.demo.stop.mutationOptions({ onError: (error) => tellError(t('Demo traffic did not stop'), error) }));
  return { start: () => start.mutate(undefined), stop: () => stop.mutate(undefined), busy: start.isPending || stop.isPending };
}

/** Above every page while demo traffic runs. */
export function DemoBanner({ published }: { published: number }): ReactElement {
  const demo = useDemoTraffic();
  return (
    <output className="banner banner-demo">
      <IconFlask size={16} />
      <span>
        <Trans
          message="Demo traffic is running (source: <source>demo.*</source>) · <count>{n, plural, one {# event} other {# events}}</count> published"
          values={{ n: published }}
          parts={{ source: <span className="mono" />, count: <span className="num" /> }}
        />
      </span>
      <Button variant="default" onClick={demo.stop} loading={demo.busy}>
        {t('Stop demo traffic')}
      </Button>
    </output>
  );
}
