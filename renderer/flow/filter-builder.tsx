/** The filter of Flow as a form: for who does not know, or does not want to write, the words of the query box. */
import { Button, Popover, Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconAdjustmentsHorizontal, IconPlus, IconX } from '@tabler/icons-react';
import { type ReactElement, useState } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import { payloadPath, quotedIfNeeded, queryWords, quotesAreClosed } from '../../shared/query-words.ts';
import type { FlowQuery } from './flow-query.ts';

/** A field of a payload. */
const EXAMPLE = 'customer.id';

interface BuilderValues {
  type: string;
  source: string;
  text: string;
  since: string;
  fields: { path: string; value: string }[];
}

interface FilterBuilderProps {
  query: FlowQuery;
  known: { types: readonly string[]; sources: readonly string[] };
  /** The query as the box would hold it. */
  onApply(written: string): void;
}

/** A button and the form that it opens. */
export function FilterBuilder({ query, known, onApply }: FilterBuilderProps): ReactElement {
  const [open, setOpen] = useState(false);
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" trapFocus withinPortal transitionProps={{ duration: 0 }} width={460}>
      <Popover.Target>
        <Button variant="default" leftSection={<IconAdjustmentsHorizontal size={14} />} onClick={() => setOpen(!open)} aria-expanded={open}>
          {t('Build a filter')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('Build a filter')}>
        {open ? <BuilderForm query={query} known={known} onApply={(written) => (setOpen(false), onApply(written))} /> : null}
      </Popover.Dropdown>
    </Popover>
  );
}

function BuilderForm({ query, known, onApply }: FilterBuilderProps): ReactElement {
  const form = useForm<BuilderValues>({ initialValues: valuesOf(query) });
  const withDomains = [...new Set(known.types.map((type) => `${type.slice(0, type.indexOf('.'))}.*`)), ...known.types];
  return (
    <form className="filter-builder" onSubmit={form.onSubmit((values) => onApply(written(values, query)))}>
      <Select label={t('Type')} placeholder={t('Any type')} searchable clearable data={options(withDomains, form.values.type)} comboboxProps={{ withinPortal: false }} value={form.values.type || null} onChange={(value) => form.setFieldValue('type', value ?? '')} />
      <Select label={t('Source')} placeholder={t('Any source')} searchable clearable data={options(known.sources, form.values.source)} comboboxProps={{ withinPortal: false }} value={form.values.source || null} onChange={(value) => form.setFieldValue('source', value ?? '')} />
      <TextInput label={t('Words in the payload')} data-autofocus placeholder={t('vip "on the line"')} {...form.getInputProps('text')} />
      {form.values.fields.map((field, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- rows have no name of their own; they are only added at the end and taken out by their place
        <div key={index} className="filter-field">
          <TextInput label={t('Field')} placeholder={EXAMPLE} classNames={{ input: 'mono' }} {...form.getInputProps(`fields.${index}.path`)} />
          <TextInput label={t('Value')} placeholder="42" classNames={{ input: 'mono' }} {...form.getInputProps(`fields.${index}.value`)} />
          <button type="button" className="icon-button" aria-label={t('Remove the field')} onClick={() => form.removeListItem('fields', index)}>
            <IconX size={14} />
          </button>
        </div>
      ))}
      <div>
        <Button variant="subtle" size="compact-xs" leftSection={<IconPlus size={12} />} onClick={() => form.insertListItem('fields', { path: '', value: '' })}>
          {t('Add a field')}
        </Button>
      </div>
      <TextInput label={t('Since')} description={t('An age such as 15min, or a date such as 2026-11-24T12:00')} {...form.getInputProps('since')} />
      <div className="button-row">
        <Button type="submit">{t('Apply')}</Button>
        <Button variant="default" onClick={() => onApply('')}>{t('Clear the filter')}</Button>
      </div>
    </form>
  );
}

const options = (known: readonly string[], chosen: string): string[] => [...new Set([...known, ...(chosen === '' ? [] : [chosen])])];

function valuesOf(query: FlowQuery): BuilderValues {
  const words = queryWords(query.where ?? '');
  return {
    type: query.type ?? '',
    source: query.source ?? '',
    since: query.since ?? '',
    text: words.filter(({ key }) => key === null).map(({ value }) => quotedIfNeeded(value)).join(' '),
    fields: words.flatMap(({ key, value }) => {
      const path = key === null ? null : payloadPath(key);
      return path ? [{ path: path.join('.'), value }] : [];
    }),
  };
}

/** As the query box would hold it; what the form does not show is kept. */
function written({ type, source, text, since, fields }: BuilderValues, { domain, correlation, until }: FlowQuery): string {
  const named = Object.entries({ type, source, since: since.trim(), domain, correlation, until }).flatMap(([name, value]) => (value ? [`${name}:${/\s/.test(value) ? quotedIfNeeded(value) : value}`] : []));
  const where = fields.filter(({ path, value }) => path.trim() !== '' && value !== '').map(({ path, value }) => `data.${path.trim().replace(/^data\./, '')}:${quotedIfNeeded(value)}`);
  return [...named, ...where, ...(text.trim() === '' ? [] : [quotesAreClosed(text) ? text.trim() : quotedIfNeeded(text.trim())])].join(' ');
}
