/** One rule: what it says, what it did, what it was, and what can be done with it. */
import { Button, Textarea } from '@mantine/core';
import { IconEdit, IconFlask, IconPower, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { message, say, t } from '../../shared/i18n/translate.ts';
import type { RuleRow, RuleVersion } from '../../shared/operator-api/index.ts';
import { api, queryClient } from '../app/connection/client.ts';
import { formatCount, formatMoment } from '../kit/format.ts';
import { EventType, JobType } from '../kit/ids.tsx';
import { JsonTree } from '../kit/json-tree.tsx';
import { ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Facts, Section, SidePanel } from '../kit/page.tsx';
import { Ago } from '../kit/time.tsx';
import { tellDone, tellError } from '../kit/toasts.tsx';

type Action = 'on' | 'off' | 'remove';

/** Panel beside the list. */
export function RulePanel({ rule, onEdit, onClose }: { rule: RuleRow; onEdit(): void; onClose(): void }): ReactElement {
  const [action, setAction] = useState<Action | null>(null);
  const { definition, on, origin, switched, lastMatched } = rule;
  return (
    <SidePanel label={t('Rule')} title={definition.name} onClose={onClose}>
      {action === null ? (
        <div className="button-row">
          <Button leftSection={origin === 'config' ? <IconFlask size={14} /> : <IconEdit size={14} />} onClick={onEdit}>{origin === 'config' ? t('Try a change…') : t('Change…')}</Button>
          <Button variant="default" leftSection={<IconPower size={14} />} onClick={() => setAction(on ? 'off' : 'on')}>{on ? t('Switch off…') : t('Switch on…')}</Button>
          {origin === 'operator' ? <Button variant="default" leftSection={<IconTrash size={14} />} onClick={() => setAction('remove')}>{t('Remove…')}</Button> : null}
        </div>
      ) : (
        <ActionForm key={action} action={action} rule={rule} close={() => setAction(null)} onRemoved={onClose} />
      )}
      {rule.problem === null ? null : <ErrorNotice what={t('This rule can’t do its work')} error={new Error(say(rule.problem))} />}
      <Section title={t('What it did')}>
        <Facts
          facts={[
            [t('Held last'), lastMatched === null ? t('never, as far back as the view goes') : lastMatched.correlationId === null ? <Ago key="last" at={lastMatched.atMs} says="ago" /> : <Link key="last" to="/traces/$correlationId" params={{ correlationId: lastMatched.correlationId }}><Ago at={lastMatched.atMs} says="ago" /></Link>],
            [t('In the last 24 h'), t('{n, plural, one {# match} other {# matches}}', { n: rule.lately.matches })],
            [t('In all'), t('{n, plural, one {# match} other {# matches}}', { n: rule.matches })],
          ]}
        />
      </Section>
      <Section title={t('Rule')}>
        <Facts
          facts={[
            [t('Id'), <span key="id" className="mono">{definition.id}</span>],
            [t('State'), switched ? <span key="on">{on ? t('on') : t('off')}, {t('switched by {operator}: {reason}', { operator: switched.operator, reason: switched.reason })} (<Ago at={switched.sinceMs} says="ago" />)</span> : on ? t('on') : t('off, by its definition')],
            [t('Comes from'), origin === 'config' ? t('the configuration file: it is changed there') : t('an operator')],
            [t('Version'), <span key="version">{formatCount(rule.version)}, <Ago at={rule.updatedMs} says="ago" />, {byWords(rule.updatedBy)}</span>],
          ]}
        />
      </Section>
      <Section title={t('Looks at')}>
        {definition.events === undefined ? <p className="quiet">{t('All that reach the rules, but not what its own actions bring about.')}</p> : <ul className="effects">{definition.events.map((type) => <li key={type}><EventType type={type} /></li>)}</ul>}
      </Section>
      <Section title={t('Conditions')}>
        <JsonTree value={definition.conditions} label={t('conditions')} />
      </Section>
      <Section title={t('Actions')}>
        {definition.actions.map((each, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- actions have no other key
          <div key={index} className="rules-action-shown">
            <JobType type={each.jobType} />
            <JsonTree value={each.input} label={t('input')} />
          </div>
        ))}
      </Section>
      <Versions id={definition.id} />
    </SidePanel>
  );
}

const byWords = (operator: string): string => (operator === 'configuration' ? t('by the configuration file') : t('by {operator}', { operator }));

function Versions({ id }: { id: string }): ReactElement {
  const versions = useQuery(api.rules.versions.queryOptions({ input: { id }, refetchInterval: 5_000 }));
  return (
    <Section title={t('Versions')}>
      {versions.error ? <ErrorNotice what={t('The versions could not be read')} error={versions.error} retry={() => void versions.refetch()} /> : null}
      {versions.data === undefined ? versions.error ? null : <SkeletonRows rows={2} /> : versions.data.versions.map((version, index, all) => <Version key={version.version} version={version} before={all[index + 1]} />)}
    </Section>
  );
}

function Version({ version, before }: { version: RuleVersion; before: RuleVersion | undefined }): ReactElement {
  return (
    <details className="fold rules-version">
      <summary>
        <span className="num">{t('Version {version}', { version: version.version })}</span> <span title={formatMoment(version.atMs)}><Ago at={version.atMs} says="ago" /></span>, {byWords(version.operator)}
        {version.definition === null ? `, ${t('removed')}` : ''}
        {version.reason === '' ? '' : `: ${version.reason}`}
      </summary>
      {version.definition === null ? null : before?.definition ? <Changes from={before.definition} to={version.definition} /> : <JsonTree value={version.definition} label={t('definition')} />}
    </details>
  );
}

/** The parts of a rule that differ, old above new. */
function Changes({ from, to }: { from: Record<string, unknown>; to: Record<string, unknown> }): ReactElement {
  const changed = [...new Set([...Object.keys(from), ...Object.keys(to)])].filter((key) => JSON.stringify(from[key]) !== JSON.stringify(to[key]));
  return (
    <>
      {changed.map((key) => (
        <div key={key} className="rules-change">
          <span className="mono">{key}</span>
          <pre className="stack rules-was">{JSON.stringify(from[key], null, 2) ?? '—'}</pre>
          <pre className="stack rules-is">{JSON.stringify(to[key], null, 2) ?? '—'}</pre>
        </div>
      ))}
    </>
  );
}

const WORDS: Record<Action, { title: string; verb: string; consequence: string; color?: string }> = {
  on: { title: message('What switching it on does'), verb: message('Switch 1 rule on'), consequence: message('It is evaluated for each event that comes from now on. What came while it was off is not made up for; a replay does that.') },
  off: { title: message('What switching it off does'), verb: message('Switch 1 rule off'), consequence: message('It is evaluated no more, also after a restart. Jobs that it has asked for run on.'), color: 'orange.8' },
  remove: { title: message('What removing it does'), verb: message('Remove 1 rule'), consequence: message('It is evaluated no more. Jobs that it has asked for run on. Its versions are kept: a rule of the same id goes on counting.'), color: 'red.8' },
};

function ActionForm({ action, rule, close, onRemoved }: { action: Action; rule: RuleRow; close(): void; onRemoved(): void }): ReactElement {
  const [reason, setReason] = useState('');
  const { title, verb, consequence, color } = WORDS[action];
  const { id } = rule.definition;
  const handlers = {
    onSuccess: () => {
      tellDone(action === 'on' ? t('{rule} is on', { rule: id }) : action === 'off' ? t('{rule} is off', { rule: id }) : t('{rule} is removed', { rule: id }));
      void queryClient.invalidateQueries({ queryKey: api.rules.key() });
      close();
      if (action === 'remove') onRemoved();
    },
    onError: (error: unknown) => tellError(t('{rule} was not changed', { rule: id }), error),
  };
  const change = useMutation(api.rules.switch.mutationOptions(handlers));
  const remove = useMutation(api.rules.remove.mutationOptions(handlers));
  return (
    <form
      className="action-panel"
      onSubmit={(event) => {
        event.preventDefault();
        if (action === 'remove') remove.mutate({ id, reason: reason.trim() });
        else change.mutate({ id, on: action === 'on', reason: reason.trim() });
      }}
    >
      <strong>{t(title)}</strong>
      <p className="consequence">{t(consequence)}</p>
      <Textarea label={t('Reason')} description={t('Kept with the audit event')} required value={reason} onChange={(event) => setReason(event.currentTarget.value)} maxLength={500} autosize minRows={2} />
      <div className="button-row">
        <Button type="submit" {...(color === undefined ? {} : { color })} loading={change.isPending || remove.isPending} disabled={reason.trim() === ''}>{t(verb)}</Button>
        <Button variant="default" onClick={close}>{t('Cancel')}</Button>
      </div>
    </form>
  );
}
