/** Ways out: channels, gateways, the model. Those that are not configured are listed, too, with what they lack. */
import { IconAlertTriangle, IconCircleCheck, IconCircleDashed } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { message, say, t } from '../../shared/i18n/translate.ts';
import type { ChannelKind, ChannelRow } from '../../shared/operator-api/index.ts';
import { JobType } from '../kit/ids.tsx';
import { ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { type GridColumn, VirtualGrid } from '../kit/virtual-grid.tsx';

const KINDS: Readonly<Record<ChannelKind, string>> = { webhook: message('webhook'), smtp: message('mail (SMTP)'), telephony: message('telephone'), fax: message('fax'), llm: message('language model') };
/** A channel that is not configured has no setting of its own. */
export const keyOf = ({ setting, kind }: ChannelRow): string => `${setting} ${kind}`;
export const kindWords = (kind: ChannelKind): string => t(KINDS[kind]);

const COLUMNS: readonly GridColumn<ChannelRow>[] = [
  { id: 'state', header: message('State'), width: '150px', cell: (row) => <ChannelSign channel={row} /> },
  { id: 'kind', header: message('Kind'), width: '130px', cell: (row) => kindWords(row.kind) },
  { id: 'setting', header: message('Setting'), width: 'minmax(130px, 200px)', cell: (row) => <span className="clip mono">{row.setting}</span> },
  { id: 'target', header: message('Leads to'), width: 'minmax(180px, 1fr)', cell: (row) => <span className="clip quiet" title={row.missing ? say(row.missing) : undefined}>{row.target ?? (row.missing ? say(row.missing) : '')}</span> },
  { id: 'job', header: message('Used by'), wideOnly: true, width: '220px', cell: (row) => <JobType type={row.jobType} /> },
];

/** Can it be used? */
export function ChannelSign({ channel }: { channel: ChannelRow }): ReactElement {
  if (!channel.configured) return <span className="status tone-quiet"><IconCircleDashed size={14} /> {t('not configured')}</span>;
  if (channel.missing !== null) return <span className="status tone-failed"><IconAlertTriangle size={14} /> {t('secret missing')}</span>;
  return <span className="status tone-ok"><IconCircleCheck size={14} /> {t('configured')}</span>;
}

export function ChannelsView({ list, open, onOpen }: { list: UseQueryResult<{ channels: ChannelRow[] }>; open: string | undefined; onOpen(key: string): void }): ReactElement {
  const rows = list.data?.channels ?? [];
  return (
    <>
      {list.error ? <ErrorNotice what={t('Channels could not be read')} error={list.error} retry={() => void list.refetch()} /> : null}
      <VirtualGrid label={t('Channels')} columns={COLUMNS} count={rows.length} rowAt={(index) => rows[index]} keyOf={keyOf} selected={open} onOpen={(row) => onOpen(keyOf(row))} empty={<SkeletonRows rows={5} />} />
    </>
  );
}
