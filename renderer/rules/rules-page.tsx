/** Rules: which there are, what they did, and what an edited one would have done. */
import { Button } from '@mantine/core';
import { IconCircleCheck, IconPlus, IconPower } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { message, say, t } from '../../shared/i18n/translate.ts';
import type { RuleRow } from '../../shared/operator-api/index.ts';
import { api } from '../app/connection/client.ts';
import { formatCount } from '../kit/format.ts';
import { Empty, ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Page } from '../kit/page.tsx';
import { Ago } from '../kit/time.tsx';
import { type GridColumn, VirtualGrid } from '../kit/virtual-grid.tsx';
import { RuleForm } from './rule-form.tsx';
import { RulePanel } from './rule-panel.tsx';

const route = getRouteApi('/rules');

const COLUMNS: readonly GridColumn<RuleRow>[] = [
  { id: 'on', header: message('State'), width: '96px', cell: (row) => <OnSign row={row} /> },
  { id: 'name', header: message('Rule'), width: 'minmax(150px, 1fr)', cell: (row) => <span className="clip" title={row.definition.id}>{row.definition.name} <span className="quiet mono">{row.definition.id}</span></span> },
  { id: 'events', header: message('Looks at'), wideOnly: true, width: 'minmax(150px, 240px)', cell: (row) => <span className="clip mono quiet" title={row.definition.events?.join(', ')}>{row.definition.events?.join(', ') ?? t('all')}</span> },
  { id: 'jobs', header: message('Asks for'), width: 'minmax(130px, 220px)', cell: (row) => <span className="clip mono quiet">{[...new Set(row.definition.actions.map(({ jobType }) => jobType))].join(', ')}</span> },
  { id: 'last', header: message('Held last'), width: '100px', cell: (row) => (row.lastMatched === null ? <span className="missing">{t('never')}</span> : <Ago at={row.lastMatched.atMs} says="ago" />) },
  { id: 'lately', header: message('In 24 h'), width: '80px', align: 'right', cell: (row) => <span className="num">{formatCount(row.lately.matches)}</span> },
  { id: 'origin', header: message('From'), wideOnly: true, width: '84px', cell: (row) => <span className="quiet">{row.origin === 'config' ? t('file') : t('operator')}</span> },
];

function OnSign({ row }: { row: RuleRow }): ReactElement {
  if (row.on && row.problem !== null) return <span className="status tone-failed" title={say(row.problem)}><IconCircleCheck size={14} /> {t('on, can’t')}</span>;
  return row.on ? <span className="status tone-ok"><IconCircleCheck size={14} /> {t('on')}</span> : <span className="status tone-quiet" title={row.switched?.reason}><IconPower size={14} /> {t('off')}</span>;
}

/** The page. */
export function RulesPage(): ReactElement {
  const { rule: openId } = route.useSearch();
  const navigate = route.useNavigate();
  const list = useQuery(api.rules.list.queryOptions({ refetchInterval: 2_000 }));
  const [form, setForm] = useState<'new' | 'change' | null>(null);
  const rows = list.data?.rules ?? [];
  const open = rows.find(({ definition }) => definition.id === openId);
  const show = (id: string | undefined): void => void navigate({ search: { rule: id }, replace: openId !== undefined && id !== undefined });
  return (
    <Page
      title={t('Rules')}
      fixed
      answer={list.data ? answerOf(rows) : ''}
      tools={<Button leftSection={<IconPlus size={14} />} onClick={() => setForm('new')}>{t('New rule')}</Button>}
      panel={open ? <RulePanel key={open.definition.id} rule={open} onEdit={() => setForm('change')} onClose={() => show(undefined)} /> : null}
    >
      {list.error ? <ErrorNotice what={t('The rules could not be read')} error={list.error} retry={() => void list.refetch()} /> : null}
      <VirtualGrid
        label={t('Rules')}
        columns={COLUMNS}
        count={rows.length}
        rowAt={(index) => rows[index]}
        keyOf={(row) => row.definition.id}
        selected={openId}
        onOpen={(row) => show(row.definition.id)}
        empty={list.isPending ? <SkeletonRows rows={6} /> : <Empty title={t('No rules')}>{t('A rule looks at events as they come, and asks for jobs when its conditions hold: tell somebody when a VIP calls. Make one here, and try it against past events first.')}</Empty>}
        footer={list.data ? <span>{t('{n, plural, one {# rule} other {# rules}}; these reach the rules: {events}', { n: rows.length, events: list.data.reaching.join(', ') })}</span> : null}
      />
      {form === null || !list.data ? null : (
        <RuleForm
          rule={form === 'change' ? (open ?? null) : null}
          reaching={list.data.reaching}
          close={() => setForm(null)}
          saved={(id) => {
            setForm(null);
            show(id);
          }}
        />
      )}
    </Page>
  );
}

function answerOf(rows: readonly RuleRow[]): string {
  if (rows.length === 0) return t('No rule looks at events.');
  const off = rows.filter(({ on }) => !on).length;
  const broken = rows.filter(({ on, problem }) => on && problem !== null).length;
  const matches = rows.reduce((sum, { lately }) => sum + lately.matches, 0);
  return [
    t('{n, plural, one {# match} other {# matches}} in the last 24 h.', { n: matches }),
    ...(off > 0 ? [t('{n, plural, one {# rule is} other {# rules are}} off.', { n: off })] : []),
    ...(broken > 0 ? [t('{n, plural, one {# rule} other {# rules}} can’t do their work.', { n: broken })] : []),
  ].join(' ');
}
