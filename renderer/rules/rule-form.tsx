/** Make a rule, change one, or only try a change: what it would have done stands beside it. */
import { Alert, Button, Checkbox, Modal, SegmentedControl, Select, TagsInput, Textarea, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactElement, useMemo, useState } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import type { RuleRow } from '../../shared/operator-api/index.ts';
import { api, queryClient } from '../app/connection/client.ts';
import { sayError } from '../kit/say-error.ts';
import { tellDone } from '../kit/toasts.tsx';
import { ConditionFields } from './condition-fields.tsx';
import { DryRunView } from './dry-run-view.tsx';
import { definitionOf, type DraftErrors, draftOf, errorsOf, fitsFields, type RuleDraft, switchConditions } from './rule-draft.ts';

interface RuleFormProps {
  /** The one to change or to try; null makes a new one. */
  readonly rule: RuleRow | null;
  /** Event types, or `domain.*`, that reach the rules. */
  readonly reaching: readonly string[];
  close(): void;
  saved(id: string): void;
}

/** A dialog with the rule to the left, and its dry run to the right. */
export function RuleForm({ rule, reaching, close, saved }: RuleFormProps): ReactElement {
  const title = rule === null ? t('New rule') : rule.origin === 'config' ? t('Try a change of {rule}', { rule: rule.definition.id }) : t('Change {rule}', { rule: rule.definition.id });
  return (
    <Modal opened onClose={close} title={title} size="min(1240px, 96vw)" closeButtonProps={{ 'aria-label': t('Close') }}>
      <Fields rule={rule} reaching={reaching} close={close} saved={saved} />
    </Modal>
  );
}

function Fields({ rule, reaching, close, saved }: RuleFormProps): ReactElement {
  const catalogue = useQuery(api.catalogue.events.queryOptions({ staleTime: 60_000 }));
  const jobs = useQuery(api.catalogue.jobs.queryOptions({ staleTime: 60_000 }));
  const [draft, setDraft] = useState<RuleDraft>(() => draftOf(rule?.definition ?? null));
  const [errors, setErrors] = useState<DraftErrors>({});
  const [problem, setProblem] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const fromFile = rule?.origin === 'config';
  const edit = (part: Partial<RuleDraft>): void => setDraft((before) => ({ ...before, ...part }));

  const suggested = useMemo(() => [...new Set([...reaching, ...(catalogue.data ?? []).map(({ type }) => type).filter((type) => reaching.some((known) => known === type || known === `${type.split('.')[0]}.*`))])], [catalogue.data, reaching]);
  const paths = useMemo(() => [...new Set((catalogue.data ?? []).filter(({ type }) => draft.events.length === 0 || draft.events.includes(type)).flatMap(({ example }) => pathsOf(example, 'data')))], [catalogue.data, draft.events]);

  /** The rule as it stands; null once its mistakes are shown. */
  const definition = (): unknown => {
    const read = definitionOf(draft);
    setProblem(null);
    if ('errors' in read) {
      setErrors(read.errors);
      return null;
    }
    setErrors({});
    return read.definition;
  };
  const refused = (words: string): boolean => {
    const sorted = errorsOf(words);
    setErrors(sorted.errors);
    return sorted.rest === null;
  };
  const options = {
    onSuccess: ({ id, version }: { id: string; version: number }) => {
      tellDone(rule === null ? t('The rule {rule} is made', { rule: id }) : t('The rule {rule} is changed', { rule: id }), t('Version {version}. It counts from the next event on.', { version }));
      void queryClient.invalidateQueries({ queryKey: api.rules.key() });
      saved(id);
    },
    onError: (error: unknown) => {
      if (!refused(sayError(error))) setProblem(sayError(error));
    },
  };
  const create = useMutation(api.rules.create.mutationOptions(options));
  const change = useMutation(api.rules.change.mutationOptions(options));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const read = definition();
    if (read === null) return;
    if (rule === null) create.mutate({ definition: read, reason: reason.trim() });
    else change.mutate({ id: rule.definition.id, version: rule.version, definition: read, reason: reason.trim() });
  };
  const action = (index: number, part: Partial<RuleDraft['actions'][number]>): void => edit({ actions: draft.actions.map((each, at) => (at === index ? { ...each, ...part } : each)) });

  return (
    <div className="rules-form">
      <form className="publish" onSubmit={submit} aria-label={t('Rule')}>
        <div className="publish-two">
          <TextInput label={t('Id')} description={t('Lower-case letters, digits and dashes')} required disabled={rule !== null} data-autofocus={rule === null ? true : undefined} value={draft.id} onChange={(event) => edit({ id: event.currentTarget.value })} error={errors.id} classNames={{ input: 'mono' }} />
          <TextInput label={t('Name')} description={t('What it is for, in a few words')} required value={draft.name} onChange={(event) => edit({ name: event.currentTarget.value })} error={errors.name} />
        </div>
        <TagsInput label={t('Looks at')} description={t('Event types; none: all that reach the rules, but not what its own actions bring about')} data={suggested} value={[...draft.events]} onChange={(events) => edit({ events })} error={errors.events} clearable />
        <fieldset className="rules-part">
          <legend>{t('Conditions')}</legend>
          <SegmentedControl
            size="xs"
            aria-label={t('How to write the conditions')}
            data={[{ value: 'fields', label: t('Fields'), disabled: !fitsFields(draft) }, { value: 'json', label: 'JSON' }]}
            value={draft.conditionsAs}
            onChange={(to) => setDraft(switchConditions(draft, to === 'json' ? 'json' : 'fields'))}
          />
          {draft.conditionsAs === 'fields' ? (
            <ConditionFields value={draft.simple} paths={paths} onChange={(simple) => edit({ simple })} />
          ) : (
            <Textarea spellCheck={false} aria-label={t('Conditions as JSON')} value={draft.conditionsJson} onChange={(event) => edit({ conditionsJson: event.currentTarget.value })} autosize minRows={6} maxRows={18} classNames={{ input: 'mono' }} error={errors.conditions} />
          )}
          {draft.conditionsAs === 'fields' && errors.conditions !== undefined ? <p className="rules-error" role="alert">{errors.conditions}</p> : null}
        </fieldset>
        <fieldset className="rules-part">
          <legend>{t('Actions')}</legend>
          {draft.actions.map((each, index) => (
            // oxlint-disable-next-line react/no-array-index-key -- actions have no other key, and only the last is added
            <div key={index} className="rules-action">
              <div className="rules-action-head">
                <Select aria-label={t('Job type of action {n}', { n: index + 1 })} searchable allowDeselect={false} data={(jobs.data ?? []).map(({ type }) => type)} value={each.jobType} onChange={(jobType) => action(index, { jobType: jobType ?? each.jobType })} error={errors[`actions.${index}.jobType`]} />
                {draft.actions.length > 1 ? <button type="button" className="icon-button" aria-label={t('Take action {n} away', { n: index + 1 })} onClick={() => edit({ actions: draft.actions.filter((_, at) => at !== index) })}><IconX size={14} /></button> : null}
              </div>
              <Textarea spellCheck={false} aria-label={t('Input of action {n} as JSON', { n: index + 1 })} value={each.inputJson} onChange={(event) => action(index, { inputJson: event.currentTarget.value })} autosize minRows={3} maxRows={14} classNames={{ input: 'mono' }} error={errors[`actions.${index}.input`]} />
            </div>
          ))}
          <div>
            <Button variant="subtle" leftSection={<IconPlus size={14} />} onClick={() => edit({ actions: [...draft.actions, { jobType: 'SendOutgoingMessageJob', inputJson: '{}' }] })}>{t('Action')}</Button>
          </div>
          <p className="quiet">{t('Texts may hold a path into the event in double braces, such as {example}.', { example: '{{ data.from }}' })}</p>
          {errors.actions === undefined ? null : <p className="rules-error" role="alert">{errors.actions}</p>}
        </fieldset>
        {fromFile ? (
          <Alert color="gray" title={t('This rule comes from the configuration file')}>{t('It is changed there. Here a change can be tried against past events, and the rule be switched on or off.')}</Alert>
        ) : (
          <>
            <Checkbox label={t('On: it is evaluated for each event from now on')} checked={draft.enabled} onChange={(event) => edit({ enabled: event.currentTarget.checked })} />
            <Textarea label={t('Reason')} description={t('Kept with the audit event')} required value={reason} onChange={(event) => setReason(event.currentTarget.value)} maxLength={500} autosize minRows={1} />
          </>
        )}
        {problem === null ? null : <Alert color="red" title={t('The rule was not saved')}>{problem}</Alert>}
        <div className="publish-foot">
          <span className="quiet" />
          <Button variant="default" onClick={close}>{fromFile ? t('Close') : t('Cancel')}</Button>
          {fromFile ? null : <Button type="submit" loading={create.isPending || change.isPending} disabled={reason.trim() === ''}>{rule === null ? t('Make 1 rule') : t('Change 1 rule')}</Button>}
        </div>
      </form>
      <DryRunView definition={definition} refused={refused} />
    </div>
  );
}

/** Paths to the values of an example: `data.customer.tier`. */
function pathsOf(value: unknown, at: string): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [at];
  return Object.entries(value).flatMap(([key, inner]) => (/^[\p{L}_][\p{L}\p{N}_-]*$/u.test(key) ? pathsOf(inner, `${at}.${key}`) : []));
}
