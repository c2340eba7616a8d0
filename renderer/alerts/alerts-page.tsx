/** Alerts: what is wrong now, what was, and what a person wants to be told. */
import { Button } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { ALERT_WORDS } from '../../shared/alert-rule.ts';
import { say, t } from '../../shared/i18n/translate.ts';
import type { Alert } from '../../shared/operator-api/index.ts';
import { api, queryClient } from '../app/connection/client.ts';
import { useSiteStatus } from '../app/connection/connection-store.ts';
import { formatDuration } from '../kit/format.ts';
import { Empty, ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Page, Section } from '../kit/page.tsx';
import { AlertSign } from '../kit/status.tsx';
import { Ago } from '../kit/time.tsx';
import { tellDone, tellError } from '../kit/toasts.tsx';
import { RulePanel } from './rule-panel.tsx';
import { RuleTable } from './rule-table.tsx';

const route = getRouteApi('/alerts');
const PAGE = 50;

/** The page. */
export function AlertsPage(): ReactElement {
  const { rule: openKind } = route.useSearch();
  const navigate = route.useNavigate();
  const open = useSiteStatus()?.alerts;
  const rules = useQuery(api.alerts.rules.queryOptions({ refetchInterval: 5_000 }));
  const openRule = rules.data?.rules.find(({ kind }) => kind === openKind);
  const history = useInfiniteQuery(
    api.alerts.list.infiniteOptions({
      input: (before: number | undefined) => ({ limit: PAGE, ...(before === undefined ? {} : { beforeId: before }) }),
      initialPageParam: undefined as number | undefined,
      getNextPageParam: (last) => (last.more ? last.alerts.at(-1)?.id : undefined),
      refetchInterval: 3_000,
    }),
  );
  const over = (history.data?.pages.flatMap(({ alerts }) => alerts) ?? []).filter(({ clearedMs }) => clearedMs !== null);

  return (
    <Page
      title={t('Alerts')}
      answer={open === undefined ? '' : t('{n, plural, =0 {Nothing is wrong that you wanted to know of.} one {# alert lasts.} other {# alerts last.}}', { n: open.length })}
      panel={openRule && rules.data ? <RulePanel key={openRule.kind} rule={openRule} channels={rules.data.channels} onClose={() => void navigate({ search: {} })} /> : null}
    >
      {open !== undefined && open.length > 0 ? (
        <Section title={t('Now')}>
          <ul className="alert-list">
            {open.map((alert) => (
              <OpenAlert key={alert.id} alert={alert} />
            ))}
          </ul>
        </Section>
      ) : null}
      <Section title={t('What is watched')}>
        {rules.error && !rules.data ? <ErrorNotice what={t('The rules could not be read')} error={rules.error} retry={() => void rules.refetch()} /> : null}
        {rules.data ? <RuleTable rules={rules.data.rules} onOpen={(kind) => void navigate({ search: { rule: kind } })} /> : <SkeletonRows rows={5} />}
      </Section>
      <Section title={t('Over')}>
        {history.error && !history.data ? <ErrorNotice what={t('Past alerts could not be read')} error={history.error} retry={() => void history.refetch()} /> : null}
        {history.data && over.length === 0 ? <Empty title={t('None so far')}>{t('An alert that is over stands here, with how long it lasted and who looked after it, for 180 days.')}</Empty> : null}
        {over.length > 0 ? <PastAlerts alerts={over} /> : null}
        {history.hasNextPage ? (
          <Button variant="default" size="compact-xs" loading={history.isFetchingNextPage} onClick={() => void history.fetchNextPage()}>
            {t('Show older ones')}
          </Button>
        ) : null}
      </Section>
    </Page>
  );
}

function OpenAlert({ alert }: { alert: Alert }): ReactElement {
  const acknowledge = useMutation(
    api.alerts.acknowledge.mutationOptions({
      onSuccess: () => {
        tellDone(t('The others see that you look after it'));
        void queryClient.invalidateQueries({ queryKey: api.alerts.key() });
      },
      onError: (error) => tellError(t('It was not noted'), error),
    }),
  );
  return (
    <li>
      <AlertSign severity={alert.severity} />
      <span className="alert-words">{say(alert.words)}</span>
      <span className="quiet">
        <Ago at={alert.raisedMs} says="ago" />
      </span>
      <Link to={alert.link}>{t('Show')}</Link>
      {alert.acknowledgedBy === null ? (
        <Button variant="default" size="compact-xs" loading={acknowledge.isPending} onClick={() => acknowledge.mutate({ id: alert.id })}>
          {t('I look after it')}
        </Button>
      ) : (
        <span className="quiet">{t('{who} looks after it', { who: alert.acknowledgedBy })}</span>
      )}
    </li>
  );
}

function PastAlerts({ alerts }: { alerts: readonly Alert[] }): ReactElement {
  return (
    <div className="table-scroll">
      <table className="table">
        <thead>
          <tr><th>{t('Raised')}</th><th>{t('About')}</th><th>{t('What')}</th><th className="right">{t('Lasted')}</th><th>{t('Looked after by')}</th></tr>
        </thead>
        <tbody>
          {alerts.map(({ id, kind, words, raisedMs, clearedMs, acknowledgedBy }) => (
            <tr key={id}>
              <td><Ago at={raisedMs} says="ago" /></td>
              <td>{t(ALERT_WORDS[kind].title)}</td>
              <td className="table-words">{say(words)}</td>
              <td className="right">{formatDuration((clearedMs ?? raisedMs) - raisedMs)}</td>
              <td>{acknowledgedBy ?? <span className="quiet">—</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
