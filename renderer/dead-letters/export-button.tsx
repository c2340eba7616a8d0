/** Dead letters of a filter as an NDJSON file, read as a stream with credits: the same in the browser and in the desktop app. */
import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { type ReactElement, useRef, useState } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import type { DeadLetterFilter } from '../../shared/operator-api/index.ts';
import { client } from '../app/connection/client.ts';
import { credited } from '../../shared/credited.ts';
import { saveFile } from '../kit/save-file.ts';
import { tellDone, tellError } from '../kit/toasts.tsx';

type Status = 'waiting' | 'redriven' | 'discarded' | 'all';

/** Pressed again while it runs, it stops. */
export function ExportButton({ status, filter }: { status: Status; filter: DeadLetterFilter }): ReactElement {
  const [lines, setLines] = useState<number | null>(null);
  const running = useRef<AbortController | null>(null);
  const download = async (): Promise<void> => {
    const stop = new AbortController();
    running.current = stop;
    setLines(0);
    const chunks: string[] = [];
    let count = 0;
    try {
      for await (const chunk of credited((opening, signal) => client.deadLetters.export({ ...opening, status, filter }, { signal }), (grant) => client.streams.grant(grant), stop.signal)) {
        chunks.push(chunk.ndjson);
        count += chunk.lines;
        setLines(count);
      }
      if (stop.signal.aborted) return;
      saveFile(`dead-letters-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}.ndjson`, chunks, 'application/x-ndjson');
      tellDone(t('{n, plural, one {# dead letter} other {# dead letters}} exported', { n: count }), t('One JSON object a line, newest first.'));
    } catch (error) {
      if (!stop.signal.aborted) tellError(t('The export did not finish'), error);
    } finally {
      running.current = null;
      setLines(null);
    }
  };
  return (
    <Button variant="default" leftSection={<IconDownload size={14} />} onClick={() => (running.current ? running.current.abort() : void download())}>
      {lines === null ? t('Export') : t('Stop export ({n, number})', { n: lines })}
    </Button>
  );
}
