/** Demo traffic: started by hand, always marked as such. */
import { Button } from '@mantine/core';
import { IconFlask } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { countOf } from '../kit/format.ts';
import { tellError } from '../kit/toasts.tsx';
import { api } from './connection/client.ts';

/** Start and stop, with errors told. */
export function useDemoTraffic(): { start(): void; stop(): void; busy: boolean } {
  const start = useMutation(api.demo.start.mutationOptions({ onError: (error) => tellError('Demo traffic did not start', error) }));
  const stop = useMutation(api.demo.stop.mutationOptions({ onError: (error) => tellError('Demo traffic did not stop', error) }));
  return { start: () => start.mutate(undefined), stop: () => stop.mutate(undefined), busy: start.isPending || stop.isPending };
}

/** Above every page while demo traffic runs. */
export function DemoBanner({ published }: { published: number }): ReactElement {
  const demo = useDemoTraffic();
  return (
    <output className="banner banner-demo">
      <IconFlask size={16} />
      <span>
        Demo traffic is running (source: <span className="mono">demo.*</span>) ·{' '}
        <span className="num">{countOf(published, 'event')}</span> published
      </span>
      <Button variant="default" onClick={demo.stop} loading={demo.busy}>
        Stop demo traffic
      </Button>
    </output>
  );
}
