/** Backups: what a restore would bring back, and one button that makes another. */
import { Button } from '@mantine/core';
import { IconArchive } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { message, say, t } from '../../shared/i18n/translate.ts';
import type { BackupList, BackupRow } from '../../shared/operator-api/index.ts';
import { api, queryClient } from '../app/connection/client.ts';
import { Trans, Verbatim } from '../i18n/trans.tsx';
import { useNow } from '../kit/clock.ts';
import { cronWords } from '../kit/cron-words.ts';
import { formatBytes, formatCount, formatDuration, formatMoment } from '../kit/format.ts';
import { Empty, ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Page } from '../kit/page.tsx';
import { Ago } from '../kit/time.tsx';
import { tellDone, tellError } from '../kit/toasts.tsx';
import { type GridColumn, VirtualGrid } from '../kit/virtual-grid.tsx';
import { backupAnswer } from './backup-words.ts';
import './backups.css';

const route = getRouteApi('/backups');

const COLUMNS: readonly GridColumn<BackupRow>[] = [
  { id: 'mark', header: message('As of'), width: '150px', cell: (row) => (row.markMs === null ? <span className="status tone-failed" title={row.problem ?? ''}>{t('can’t be read')}</span> : <span title={formatMoment(row.markMs)}><Ago at={row.markMs} says="ago" /></span>) },
  { id: 'name', header: message('Backup'), width: 'minmax(200px, 1fr)', cell: (row) => <span className="clip mono" title={row.problem ?? row.name}>{row.name}</span> },
  { id: 'events', header: message('Events'), width: '110px', align: 'right', cell: (row) => <span className="num">{formatCount(row.events)}</span> },
  { id: 'bytes', header: message('Size'), width: '100px', align: 'right', cell: (row) => <span className="num">{formatBytes(row.bytes)}</span> },
  { id: 'took', header: message('Took'), wideOnly: true, width: '90px', align: 'right', cell: (row) => <span className="num">{formatDuration(row.tookMs)}</span> },
  { id: 'secrets', header: message('Secrets'), wideOnly: true, width: '110px', cell: (row) => (row.secrets ? t('encrypted') : <span className="quiet" title={row.notIncluded.map(say).join('\n')}>{t('left out')}</span>) },
  { id: 'version', header: message('Version'), wideOnly: true, width: '90px', cell: (row) => <span className="quiet">{row.version ?? '—'}</span> },
];

/** The page. */
export function BackupsPage(): ReactElement {
  const now = useNow();
  const { backup: chosen } = route.useSearch();
  const navigate = route.useNavigate();
  const list = useQuery(api.backups.list.queryOptions({ refetchInterval: 1_000 }));
  const make = useMutation(
    api.backups.make.mutationOptions({
      onSuccess: () => {
        tellDone(t('A backup is under way'), t('The site goes on working meanwhile.'));
        void queryClient.invalidateQueries({ queryKey: api.backups.key() });
      },
      onError: (error) => tellError(t('No backup was started'), error),
    }),
  );
  const { data } = list;
  const rows = data?.backups ?? [];
  return (
    <Page
      title={t('Backups')}
      fixed
      answer={data ? backupAnswer(data, now) : ''}
      tools={
        <Button leftSection={<IconArchive size={14} />} loading={make.isPending} disabled={data?.running != null} onClick={() => make.mutate({ reason: 'asked for in the console' })}>
          {t('Back up now')}
        </Button>
      }
    >
      {list.error ? <ErrorNotice what={t('Backups could not be read')} error={list.error} retry={() => void list.refetch()} /> : null}
      {data?.running ? <Running running={data.running} /> : null}
      <VirtualGrid
        label={t('Backups')}
        columns={COLUMNS}
        count={rows.length}
        rowAt={(index) => rows[index]}
        keyOf={(row) => row.name}
        selected={chosen}
        onOpen={(row) => void navigate({ search: { backup: chosen === row.name ? undefined : row.name }, replace: true })}
        empty={list.isPending ? <SkeletonRows rows={5} /> : <Empty title={t('No backup yet')}>{t('A backup holds the streams, the database and the configuration as of one moment, and is verified after it is written. Make one now; in the configuration, backup.schedule makes them by themselves.')}</Empty>}
        footer={data ? <Footer list={data} /> : null}
      />
      {data && chosen !== undefined ? <HowToRestore folder={data.folder} row={rows.find(({ name }) => name === chosen)} /> : null}
    </Page>
  );
}

function Running({ running }: { running: NonNullable<BackupList['running']> }): ReactElement {
  const { state, note, lastError, correlationId } = running;
  return (
    <div className="notice backup-running" role="status">
      <progress aria-label={t('Backup under way')} />
      <div>
        <strong>{state === 'running' ? (note === null ? t('Being made') : say(note)) : state === 'waiting' ? t('Waits for a free worker') : t('Failed, and will be tried again')}</strong>
        {lastError ? <p>{lastError}</p> : null}
      </div>
      <Link to="/traces/$correlationId" params={{ correlationId }}>
        {t('Follow it')}
      </Link>
    </div>
  );
}

function Footer({ list }: { list: BackupList }): ReactElement {
  const { folder, keep, passphrase, schedule, backups } = list;
  return (
    <span>
      <Trans
        message="{n, plural, one {# backup} other {# backups}} in <folder/>, {keep, plural, =-1 {all are kept} other {the newest # are kept}}, {secrets, select, yes {secrets go along encrypted} other {secrets are left out (backup.passphrase is not set)}}; {scheduled, select, yes {made by itself <when/>} other {made only when asked (backup.schedule is not set)}}"
        values={{ n: backups.length, keep: keep ?? -1, secrets: passphrase ? 'yes' : 'no', scheduled: schedule ? 'yes' : 'no' }}
        parts={{ folder: <Verbatim className="mono" text={folder} />, when: <Verbatim text={schedule ? `${cronWords(schedule.cron)}, ${schedule.timeZone}` : ''} /> }}
      />
    </span>
  );
}

/** Restoring is for a terminal: it needs an empty data folder, and this console is part of the one that is in use. */
function HowToRestore({ folder, row }: { folder: string; row: BackupRow | undefined }): ReactElement | null {
  if (!row) return null;
  return (
    <section className="backup-restore" aria-label={t('How to restore this backup')}>
      <h2>{t('Restore it')}</h2>
      <p>{t('Into an empty data folder, with the site of that folder stopped. No job runs and nothing is sent until the restored site is started; its books are checked first.')}</p>
      <pre>{`spine restore ${folder}/${row.name} --data-dir <an empty folder>${row.secrets ? ' --passphrase-file <file>' : ''}`}</pre>
      {row.notIncluded.length > 0 ? (
        <>
          <p>{t('It needs beside:')}</p>
          <ul>{row.notIncluded.map((what) => <li key={what.text}>{say(what)}</li>)}</ul>
        </>
      ) : null}
    </section>
  );
}
