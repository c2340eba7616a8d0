/** Choose the trace to compare with: others that began the same way, or any by its id. */
import { Button, Modal, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, type ReactElement, useState } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import { api } from '../app/connection/client.ts';
import { formatDuration, shortId } from '../kit/format.ts';
import { SkeletonRows } from '../kit/notices.tsx';
import { TraceSign } from '../kit/status.tsx';
import { Ago } from '../kit/time.tsx';

interface CompareDialogProps {
  correlationId: string;
  rootType: string | null;
  opened: boolean;
  onClose(): void;
}

/** The dialog. */
export function CompareDialog({ correlationId, rootType, opened, onClose }: CompareDialogProps): ReactElement {
  const navigate = useNavigate();
  const [id, setId] = useState('');
  const alike = useQuery(api.traces.search.queryOptions({ input: { query: `type:${rootType ?? ''}`, limit: 40 }, enabled: opened && rootType !== null }));
  const others = alike.data?.traces.filter((trace) => trace.correlationId !== correlationId && trace.rootType === rootType).slice(0, 12);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (id.trim() !== '') void navigate({ to: '/compare', search: { a: correlationId, b: id.trim() } });
  };
  return (
    <Modal opened={opened} onClose={onClose} title={t('Compare with another trace')} size="lg" closeButtonProps={{ 'aria-label': t('Close') }}>
      <form className="why-form" onSubmit={submit}>
        <TextInput className="toolbar-grow" aria-label={t('Correlation id of the other trace')} placeholder={t('Correlation id of the other trace')} value={id} onChange={(event) => setId(event.currentTarget.value)} classNames={{ input: 'mono' }} />
        <Button type="submit" disabled={id.trim() === ''}>
          {t('Compare')}
        </Button>
      </form>
      {rootType === null ? null : <h3 className="dialog-head">{t('The latest that began with {eventType}', { eventType: rootType })}</h3>}
      {alike.isPending && rootType !== null ? <SkeletonRows rows={4} /> : null}
      {others?.length === 0 ? <p className="quiet">{t('There is no other.')}</p> : null}
      <ul className="alike">
        {others?.map((trace) => (
          <li key={trace.correlationId}>
            <Link to="/compare" search={{ a: correlationId, b: trace.correlationId }} className="effect">
              <span className="mono">{shortId(trace.correlationId)}</span>
              <span className="num">{formatDuration(trace.lastMs - trace.startedMs)}</span>
              <span className="quiet num">{t('{events, number} events, {jobs, number} jobs', { events: trace.events, jobs: trace.jobs })}</span>
              <TraceSign open={trace.open} dead={trace.dead} />
              <span className="quiet"><Ago at={trace.lastMs} says="ago" /></span>
            </Link>
          </li>
        ))}
      </ul>
    </Modal>
  );
}
